"""Readers of files behind one door, so that one can be exchanged for another."""

from pathlib import Path
from typing import Final, Protocol

from data.roads.intake import Intake
from data.roads.network import RoadNetwork
from data.roads.osm import Progress
from data.roads.profile import Profile


class RoadReader(Protocol):
    """Reads a file whole. Bad content is an ``InputError`` that names the file."""

    @property
    def name(self) -> str:
        """What the cache knows it by; another name where its networks are others."""

    def read(self, intake: Intake, profile: Profile, *, progress: Progress) -> RoadNetwork:
        """The network of the roads that ``profile`` may use."""


class OsmiumReader:
    """Reads PBF and XML through osmium, with turn restrictions: the reader of choice."""

    name: Final = "osmium"

    def read(self, intake: Intake, profile: Profile, *, progress: Progress) -> RoadNetwork:
        from data.roads.build import build_network
        from data.roads.ways import read_ways

        heard = _closing_in(progress, OBJECTS_PER_RAW * intake.raw_bytes / 1e6 / OBJECTS_TOLD)
        ways = read_ways(intake.path, profile.mode, progress=heard, profile=profile)
        progress(f"Build the network of {len(ways.way_id):,} ways", READ_SHARE)
        return build_network(
            ways, mode=profile.mode, name=network_name(intake.path), profile=profile
        )


class GraphmlReader:
    """Reads OSMnx's own GraphML."""

    name: Final = "graphml"

    def read(self, intake: Intake, profile: Profile, *, progress: Progress) -> RoadNetwork:
        from data.roads.osmnx_bridge import read_graphml

        progress(f"Read {intake.path.name}", 0.0)
        return read_graphml(intake.path, profile.mode, profile=profile)


READ_SHARE: Final = 0.6
"""How much of reading and building is reading, for the progress told."""


OBJECTS_TOLD: Final = 20_000
OBJECTS_PER_RAW: Final = 12_000.0
"""Roads and the like per unpacked megabyte; the reader tells its progress once in so many."""


def _closing_in(progress: Progress, expected: float) -> Progress:
    """Gives a count whose end is not known a share that grows ever more slowly."""
    heard = 0

    def tell(message: str, fraction: float) -> None:
        nonlocal heard
        heard += 1
        progress(message, max(fraction, READ_SHARE * (1 - 0.25 ** (heard / max(1.0, expected)))))

    return tell


def reader_for(intake: Intake) -> RoadReader:
    """The reader of choice for a file."""
    return GraphmlReader() if intake.kind == "graphml" else OsmiumReader()


def network_name(path: Path) -> str:
    """What a file's network is called: the file without its endings."""
    name = path.name
    for ending in (".gz", ".bz2", ".pbf", ".osm", ".graphml"):
        name = name.removesuffix(ending)
    return name
