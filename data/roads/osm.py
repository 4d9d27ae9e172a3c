"""Reads OpenStreetMap files (PBF or XML) through osmium; the only module that knows it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from territory.errors import Fault, InputError, NotFound

if TYPE_CHECKING:
    import osmium
    from osmium import FileProcessor

ATTRIBUTION = "© OpenStreetMap contributors"
Progress = Callable[[str, float], None]
"""Told what is being done and which share (0 to 1) of all is behind."""


def quiet(_message: str, _fraction: float) -> None:
    """A progress callback that tells nobody."""


def objects(path: Path, *, keys: tuple[str, ...], with_relations: bool = False) -> Iterator[Any]:
    """The nodes and ways (with locations) of a file that carry one of ``keys``; relations too if
    asked for.

    Raises
    ------
    NotFound
        If there is no such file.
    InputError
        If it is neither PBF nor XML by its first bytes, breaks off or holds nonsense.
    """
    import osmium

    kinds = osmium.osm.NODE | osmium.osm.WAY
    if with_relations:
        kinds |= osmium.osm.RELATION
    processor = osmium.FileProcessor(_source(path), kinds).with_locations()
    return _all_of(path, processor.with_filter(osmium.filter.KeyFilter(*keys)))


def area_objects(path: Path, *, keys: tuple[str, ...]) -> Iterator[Any]:
    """As ``objects``, with areas put together from closed ways and relations.

    An extract that is not sorted, or whose relations lack members, gives the areas it can.
    """
    import osmium

    wanted = osmium.filter.KeyFilter(*keys)
    processor = osmium.FileProcessor(_source(path)).with_areas(wanted)
    return _all_of(path, processor.with_filter(wanted))


def _source(path: Path) -> "osmium.io.File":
    import osmium

    return osmium.io.File(str(path), _format_of(path))


def _all_of(path: Path, processor: "FileProcessor") -> Iterator[Any]:
    """Everything a processor yields; what it chokes on becomes an InputError with the name."""
    import osmium

    try:
        yield from processor
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        fault = Fault(value=path.name, expected="a whole, undamaged OpenStreetMap file")
        raise InputError(
            f"{path.name} cannot be read to its end: {error}.",
            [fault],
            fix="Download the extract again.",
        ) from error


def _format_of(path: Path) -> str:
    if not path.is_file():
        raise NotFound(f"There is no file {path.name!r}.", fix="Give the path of an OSM extract.")
    with path.open("rb") as stream:
        start = stream.read(64)
    if start[4:15] == b"\n\tOSMHeader":
        return "pbf"
    if start.startswith(b"\x1f\x8b"):
        return "osm.gz"
    if start.startswith(b"BZh"):
        return "osm.bz2"
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<?xml", b"<osm")):
        return "osm"
    fault = Fault(value=path.name, expected="OpenStreetMap data (.osm.pbf or .osm)")
    raise InputError(f"{path.name} is not an OpenStreetMap file.", [fault])
