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

        ways = read_ways(intake.path, profile.mode, progress=progress, profile=profile)
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
        return read_graphml(intake.path, profile.mode)


READ_SHARE: Final = 0.6
"""How much of reading and building is reading, for the progress told."""


def reader_for(intake: Intake) -> RoadReader:
    """The reader of choice for a file."""
    return GraphmlReader() if intake.kind == "graphml" else OsmiumReader()


def network_name(path: Path) -> str:
    """What a file's network is called: the file without its endings."""
    name = path.name
    for ending in (".gz", ".bz2", ".pbf", ".osm", ".graphml"):
        name = name.removesuffix(ending)
    return name
