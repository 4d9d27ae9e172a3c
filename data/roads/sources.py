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
    import shapely


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadSource:
    """One source of roads; exactly one of the first five is given.

    ``path`` is a file: ``.osm.pbf``, OSM XML (``.osm``, also packed) or OSMnx's ``.graphml``.
    ``place`` ("Porto, Portugal"), ``bbox`` (west, south, east, north in degrees) and ``wkt`` (a
    polygon in WGS84) are fetched online through OSMnx. ``graph`` is an OSMnx graph in hand. In
    ``cache_folder`` a file's network is kept under the hash of its bytes, and OSMnx keeps what it
    fetched.
    """

    path: Path | None = None
    place: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    wkt: str | None = None
    graph: "networkx.MultiDiGraph[Any] | None" = None
    cache_folder: Path | None = None

    def __post_init__(self) -> None:
        given = (self.path, self.place, self.bbox, self.wkt, self.graph)
        if sum(item is not None for item in given) != 1:
            raise ValueError("a road source is exactly one of path, place, bbox, wkt and graph")
        if self.bbox is not None:
            west, south, east, north = self.bbox
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError(f"{self.bbox!r} is not west < east, south < north in degrees")


def read_network(
    source: RoadSource | Path, mode: Mode, *, progress: Progress = quiet
) -> RoadNetwork:
    """The road network of a source (a path stands for that file) for one mode.

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
        source = RoadSource(path=source)
    if source.path is not None:
        return _from_file(source.path, mode, source.cache_folder, progress)
    from data.roads import osmnx_bridge as bridge

    if source.graph is not None:
        return bridge.from_osmnx(source.graph, mode)
    return bridge.download(
        mode,
        cache_folder=source.cache_folder,
        place=source.place or "",
        box=source.bbox,
        polygon=None if source.wkt is None else _polygon(source.wkt),
    )


def _polygon(wkt: str) -> "shapely.Geometry":
    import shapely

    try:
        return shapely.from_wkt(wkt)
    except shapely.errors.GEOSException as error:
        raise InputError(f"The outline is not WKT: {error}.") from error


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
