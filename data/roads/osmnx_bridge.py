"""The way to and from OSMnx: its graphs and its GraphML files.

OSMnx takes seconds to import, so every import of it is inside the function that needs it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.roads.connect import connect
from data.roads.draft import Draft, step_meters
from data.roads.network import DECISECONDS_LIMIT, RoadNetwork
from data.roads.osm import ATTRIBUTION
from data.roads.profile import Profile, profile_for
from data.roads.rules import ROUND, Passage, passage
from territory.errors import Fault, InputError
from territory.geo import LonLat
from territory.travel import Mode

if TYPE_CHECKING:
    import networkx


def from_osmnx(
    graph: "networkx.MultiDiGraph[Any]",
    mode: Mode,
    *,
    name: str = "",
    attribution: str = ATTRIBUTION,
    profile: Profile | None = None,
) -> RoadNetwork:
    """The network of an OSMnx graph in WGS84.

    ``travel_time`` (seconds) and ``length`` (metres) of an edge are taken where given; else the
    length is measured and the time follows from the edge's tags by our own speeds. Edges that the
    tags close to ``mode`` are left out.

    Raises
    ------
    InputError
        If the graph is projected, its nodes lie nowhere on the globe, it has no edge for the mode,
        or nothing in it connects.
    """
    if str(graph.graph.get("crs", "epsg:4326")).lower() not in ("epsg:4326", "ogc:crs84"):
        raise InputError(
            f"This graph has the CRS {graph.graph['crs']!r}, not WGS84.",
            fix="Project it with osmnx.project_graph(graph, to_latlong=True).",
        )
    _refuse_strange_nodes(graph, name or "the graph")
    chosen = profile or profile_for(mode)
    packed = _Packed(graph, chosen)
    if packed.faults:
        raise InputError(
            f"{len(packed.faults):,} edges of {name or 'the graph'} have no usable geometry.",
            packed.faults,
        )
    if not packed.tail:
        raise InputError(
            f"This graph holds no road for {mode}.",
            [Fault(file=name, expected=f"it needs at least one edge open to {mode}")],
        )
    return connect(packed.draft(), profile=chosen, name=name or "osmnx", attribution=attribution)


def _refuse_strange_nodes(graph: "networkx.MultiDiGraph[Any]", name: str) -> None:
    faults = [
        Fault(
            file=name,
            column=f"node {node}",
            value=f"{data.get('x')}, {data.get('y')}",
            expected="x, y as longitude and latitude in degrees",
        )
        for node, data in graph.nodes(data=True)
        if not _is_on_globe(data.get("x"), data.get("y"))
    ]
    if faults:
        raise InputError(f"{len(faults):,} nodes of {name} lie nowhere on the globe.", faults)


def _is_on_globe(x: Any, y: Any) -> bool:
    is_number = isinstance(x, float | int | np.number) and isinstance(y, float | int | np.number)
    return is_number and bool(abs(x) <= 180 and abs(y) <= 90)


class _Packed:
    """A graph's edges, packed one by one; the two directions of a street share their line."""

    def __init__(self, graph: "networkx.MultiDiGraph[Any]", profile: Profile) -> None:
        self.profile = profile
        self.keys = {key: number for number, key in enumerate(graph.nodes)}
        nodes = [data for _, data in graph.nodes(data=True)]
        self.place_lonlat = np.asarray(
            [(data["x"], data["y"]) for data in nodes], dtype=np.float64
        ).reshape(-1, 2)
        self.is_signal = [data.get("highway") == "traffic_signals" for data in nodes]
        self.tail: list[int] = []
        self.head: list[int] = []
        self.seconds: list[float] = []
        self.meters: list[float] = []
        self.arc_line: list[int] = []
        self.arc_reversed: list[bool] = []
        self.lines: list[LonLat] = []
        self.line_class: list[int] = []
        self.line_name: list[int] = []
        self.way_id: list[int] = []
        self.is_roundabout: list[bool] = []
        self.is_local: list[bool] = []
        self.alone: dict[tuple[int, int, bytes], int] = {}
        self.classes: dict[str, int] = {}
        self.names: dict[str, int] = {"": 0}
        self.faults: list[Fault] = []
        for start, end, data in graph.edges(data=True):
            self._edge(f"{start} to {end}", self.keys[start], self.keys[end], data)

    def _edge(self, edge: str, tail: int, head: int, data: Mapping[str, Any]) -> None:
        tags = {key: _text(value) for key, value in data.items() if key != "geometry"}
        tags["oneway"] = "yes"  # an OSMnx edge is one direction already
        tags.pop("oneway:bicycle", None)
        use = passage(tags, self.profile)
        if use is None or tail == head:
            return
        points = self._points(tail, head, data)
        if not (np.isfinite(points).all() and len(points) > 1):
            expected = "a line of longitudes and latitudes"
            self.faults.append(Fault(column=f"edge {edge}, geometry", expected=expected))
            return
        meters = _positive(data.get("length")) or float(step_meters(points).sum())
        kmh = use.forward_kmh or use.backward_kmh
        self.tail.append(tail)
        self.head.append(head)
        self.meters.append(meters)
        self.seconds.append(_positive(data.get("travel_time")) or meters / (kmh / 3.6))
        twin = self.alone.pop((head, tail, points[::-1].tobytes()), None)
        self.arc_reversed.append(twin is not None)
        self.arc_line.append(len(self.lines) if twin is None else twin)
        if twin is None:
            self.alone[tail, head, points.tobytes()] = len(self.lines)
            self._line(points, _way_number(data.get("osmid", 0)), tags, use)

    def _line(self, points: LonLat, way: int, tags: Mapping[str, str], use: Passage) -> None:
        self.lines.append(points)
        self.line_class.append(self.classes.setdefault(use.road_class, len(self.classes)))
        self.line_name.append(self.names.setdefault(tags.get("name", ""), len(self.names)))
        self.way_id.append(way)
        self.is_roundabout.append(tags.get("junction") in ROUND)
        self.is_local.append(use.is_local)

    def _points(self, tail: int, head: int, data: Mapping[str, Any]) -> LonLat:
        from shapely import get_coordinates

        geometry = data.get("geometry")
        if geometry is None:
            return self.place_lonlat[[tail, head]]
        return np.asarray(get_coordinates(geometry), dtype=np.float64)

    def draft(self) -> Draft:
        ids = [
            key if isinstance(key, int) and abs(key) < 2**63 else -1 - number
            for key, number in self.keys.items()
        ]
        lengths = [len(line) for line in self.lines]
        tenths = np.rint(np.asarray(self.seconds) * 10)
        return Draft(
            place_lonlat=self.place_lonlat,
            place_id=np.asarray(ids, dtype=np.int64),
            place_is_signal=np.asarray(self.is_signal, dtype=np.bool_),
            tail=np.asarray(self.tail, dtype=np.int64),
            head=np.asarray(self.head, dtype=np.int64),
            deciseconds=np.clip(tenths, 1, DECISECONDS_LIMIT - 1).astype(np.int32),
            decimeters=np.clip(np.rint(np.asarray(self.meters) * 10), 1, 2**30).astype(np.int32),
            arc_line=np.asarray(self.arc_line, dtype=np.int64),
            arc_reversed=np.asarray(self.arc_reversed, dtype=np.bool_),
            line_lonlat=np.concatenate(self.lines),
            line_offset=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            line_class=np.asarray(self.line_class, dtype=np.int16),
            line_name=np.asarray(self.line_name, dtype=np.int32),
            line_way_id=np.asarray(self.way_id, dtype=np.int64),
            line_is_roundabout=np.asarray(self.is_roundabout, dtype=np.bool_),
            line_is_local=np.asarray(self.is_local, dtype=np.bool_),
            classes=tuple(self.classes),
            names=tuple(self.names),
        )


def _positive(value: Any) -> float:
    """A number above 0; 0 for anything else, among it what is not finite."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return number if 0 < number < np.inf else 0.0


def _text(value: object) -> str:
    """A tag as text; of several, as OSMnx lists them after simplifying, the first."""
    return str(value[0] if isinstance(value, list) and value else value)


def _way_number(value: Any) -> int:
    first: Any = value[0] if isinstance(value, list) and value else value
    return int(first) if isinstance(first, int | np.integer) and -(2**63) <= first < 2**63 else 0


def to_osmnx(network: RoadNetwork) -> "networkx.MultiDiGraph[Any]":
    """The network as OSMnx's MultiDiGraph: x, y; osmid, highway, junction, name, length,
    travel_time, speed_kph, geometry; graph CRS EPSG:4326. Node keys are the OpenStreetMap ids.

    The graph cannot say what turning costs or forbids: whoever reads it back gets turns by their
    angles, and no restrictions.
    """
    import networkx
    from shapely.geometry import LineString

    graph: networkx.MultiDiGraph[Any] = networkx.MultiDiGraph(
        crs="epsg:4326", simplified=True, name=network.name
    )
    ids = network.node_osm_id.tolist()
    for node, (lon, lat) in zip(ids, network.lonlat.tolist(), strict=True):
        graph.add_node(node, x=lon, y=lat)
    arcs_of = network.arc_line[~network.arc_is_copy]
    has_both = np.bincount(arcs_of, minlength=network.line_count) > 1
    for arc in np.flatnonzero(~network.arc_is_copy).tolist():
        number = int(network.arc_line[arc])
        meters, seconds = network.decimeters[arc] / 10, network.deciseconds[arc] / 10
        graph.add_edge(
            ids[network.tail[arc]],
            ids[network.head[arc]],
            osmid=int(network.line_way_id[number]),
            highway=network.classes[network.line_class[number]],
            name=network.names[network.line_name[number]],
            junction="roundabout" if network.line_is_roundabout[number] else "",
            oneway=not bool(has_both[number]),
            reversed=bool(network.arc_reversed[arc]),
            length=float(meters),
            travel_time=float(seconds),
            speed_kph=float(meters / seconds * 3.6),
            geometry=LineString(network.line(arc)),
        )
    return graph


def read_graphml(path: Path, mode: Mode, *, profile: Profile | None = None) -> RoadNetwork:
    """The network of a GraphML file that OSMnx saved.

    Raises
    ------
    InputError
        If the file cannot be read as such.
    """
    import osmnx

    try:
        graph = osmnx.load_graphml(path)
    except (OSError, ValueError, LookupError, TypeError, SyntaxError, RecursionError) as error:
        # Broken XML is a SyntaxError; hostile values break Python's own literal reader.
        fault = Fault(value=path.name, expected="a GraphML file saved by OSMnx")
        raise InputError(f"{path.name} cannot be read: {error}.", [fault]) from error
    return from_osmnx(graph, mode, name=path.stem, profile=profile)
