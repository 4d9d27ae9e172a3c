"""Where roads come from: one function for every source, so that a reader can be exchanged."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.roads.build import build_network
from data.roads.files import load_network, save_network, source_hash
from data.roads.network import RoadNetwork
from data.roads.osm import Progress, quiet, read_ways
from territory.errors import InputError, NotFound
from territory.travel import Mode

if TYPE_CHECKING:
    import networkx


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """A file on disk: ``.osm.pbf``, OSM XML (``.osm``, also packed) or OSMnx's ``.graphml``."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place by name, fetched online through OSMnx: "Porto, Portugal"."""

    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box in degrees, fetched online through OSMnx."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not (-180 <= self.west < self.east <= 180 and -90 <= self.south < self.north <= 90):
            raise ValueError(f"{self!r} is not a box of west < east and south < north in degrees")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A polygon in WGS84 as WKT, fetched online through OSMnx."""

    wkt: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """An OSMnx graph already in hand."""

    graph: "networkx.MultiDiGraph[Any]"
    name: str = "osmnx"


RoadSource = LocalFile | Place | Box | Outline | Graph


def read_network(
    source: RoadSource | Path,
    mode: Mode,
    *,
    cache_folder: Path | None = None,
    state_folder: Path = Path("var"),
    progress: Progress = quiet,
) -> RoadNetwork:
    """The road network of a source for one mode.

    With ``cache_folder`` a file's network is kept there under the hash of its bytes and read back
    next time. Online sources keep what they fetch in ``state_folder``.

    Raises
    ------
    NotFound
        If a file is absent.
    InputError
        If the source is damaged, of another kind, or holds no connected road for the mode.
    MissingPart
        If an online source cannot be reached.
    """
    if isinstance(source, Path):
        source = LocalFile(path=source)
    if isinstance(source, LocalFile):
        return _from_file(source.path, mode, cache_folder, progress)
    from data.roads import osmnx_bridge as bridge

    if isinstance(source, Graph):
        return bridge.from_osmnx(source.graph, mode, name=source.name)
    if isinstance(source, Place):
        return bridge.download(mode, state_folder=state_folder, place=source.query)
    if isinstance(source, Box):
        box = (source.west, source.south, source.east, source.north)
        return bridge.download(mode, state_folder=state_folder, box=box)
    import shapely

    try:
        polygon = shapely.from_wkt(source.wkt)
    except shapely.errors.GEOSException as error:
        raise InputError(f"The outline is not WKT: {error}.") from error
    return bridge.download(mode, state_folder=state_folder, polygon=polygon)


def _from_file(
    path: Path, mode: Mode, cache_folder: Path | None, progress: Progress
) -> RoadNetwork:
    if not path.is_file():
        raise NotFound(f"There is no file {path.name!r}.", fix="Give the path of an OSM extract.")
    kept = None if cache_folder is None else cache_folder / source_hash(path)
    if kept is not None and (kept / f"{mode}.npz").is_file():
        progress("Read the kept network", 0.5)
        return load_network(kept, mode)
    if path.suffix == ".graphml":
        from data.roads.osmnx_bridge import read_graphml

        network = read_graphml(path, mode)
    else:
        ways = read_ways(path, mode, progress=progress)
        progress(f"Build the network of {len(ways.way_id):,} ways", 0.7)
        name = path.name.removesuffix(".pbf").removesuffix(".osm")
        network = build_network(ways, mode=mode, name=name)
    if kept is not None:
        save_network(network, kept)
    progress(f"{network.node_count:,} nodes and {network.arc_count:,} arcs", 1.0)
    return network
