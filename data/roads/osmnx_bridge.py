"""The way to and from OSMnx: its graphs, its GraphML files and its downloads.

OSMnx takes seconds to import, so every import of it is inside the function that needs it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from data.roads.connect import connect
from data.roads.draft import Draft, step_meters
from data.roads.network import DECISECONDS_LIMIT, RoadNetwork
from data.roads.osm import ATTRIBUTION
from data.roads.profile import profile_for
from data.roads.rules import passage
from territory.errors import Fault, InputError, MissingPart
from territory.geo import LonLat
from territory.travel import Mode

if TYPE_CHECKING:
    import networkx

NETWORK_TYPES: Final[Mapping[Mode, str]] = {
    "car": "drive_service",
    "foot": "walk",
    "bicycle": "bike",
}


def from_osmnx(
    graph: "networkx.MultiDiGraph[Any]",
    mode: Mode,
    *,
    name: str = "",
    attribution: str = ATTRIBUTION,
) -> RoadNetwork:
    """The network of an OSMnx graph in WGS84.

    ``travel_time`` (seconds) and ``length`` (metres) of an edge are taken where given; else the
    length is measured and the time follows from the edge's tags by our own speeds. Edges that the
    tags close to ``mode`` are left out.

    Raises
    ------
    InputError
        If the graph is projected, has no edge for the mode, or nothing in it connects.
    """
    if str(graph.graph.get("crs", "epsg:4326")).lower() not in ("epsg:4326", "ogc:crs84"):
        raise InputError(
            f"This graph has the CRS {graph.graph['crs']!r}, not WGS84.",
            fix="Project it with osmnx.project_graph(graph, to_latlong=True).",
        )
    packed = _Packed(graph, mode)
    if not packed.tail:
        raise InputError(
            f"This graph holds no road for {mode}.",
            [Fault(file=name, expected=f"it needs at least one edge open to {mode}")],
        )
    return connect(
        packed.draft(), profile=profile_for(mode), name=name or "osmnx", attribution=attribution
    )


class _Packed:
    """A graph's edges, packed one by one; each edge is a line of its own."""

    def __init__(self, graph: "networkx.MultiDiGraph[Any]", mode: Mode) -> None:
        self.profile = profile_for(mode)
        self.keys = {key: number for number, key in enumerate(graph.nodes)}
        self.place_lonlat = np.asarray(
            [(data["x"], data["y"]) for _, data in graph.nodes(data=True)], dtype=np.float64
        ).reshape(-1, 2)
        self.tail: list[int] = []
        self.head: list[int] = []
        self.seconds: list[float] = []
        self.meters: list[float] = []
        self.lines: list[LonLat] = []
        self.line_class: list[int] = []
        self.line_name: list[int] = []
        self.way_id: list[int] = []
        self.classes: dict[str, int] = {}
        self.names: dict[str, int] = {"": 0}
        for start, end, data in graph.edges(data=True):
            self._edge(self.keys[start], self.keys[end], data, mode)

    def _edge(self, tail: int, head: int, data: Mapping[str, Any], mode: Mode) -> None:
        tags = {key: _text(value) for key, value in data.items() if key != "geometry"}
        tags["oneway"] = "yes"  # an OSMnx edge is one direction already
        tags.pop("oneway:bicycle", None)
        use = passage(tags, self.profile)
        if use is None or tail == head:
            return
        line = self._line(tail, head, data)
        meters = float(data.get("length") or step_meters(line).sum())
        kmh = use.forward_kmh or use.backward_kmh
        self.tail.append(tail)
        self.head.append(head)
        self.meters.append(meters)
        self.seconds.append(float(data.get("travel_time") or meters / (kmh / 3.6)))
        self.lines.append(line)
        self.line_class.append(self.classes.setdefault(tags["highway"], len(self.classes)))
        self.line_name.append(self.names.setdefault(tags.get("name", ""), len(self.names)))
        self.way_id.append(_way_number(data.get("osmid", 0)))

    def _line(self, tail: int, head: int, data: Mapping[str, Any]) -> LonLat:
        if "geometry" in data:
            return np.asarray(data["geometry"].coords, dtype=np.float64)[:, :2]
        return self.place_lonlat[[tail, head]]

    def draft(self) -> Draft:
        numbers = np.arange(len(self.tail))
        ids = [key if isinstance(key, int) else -1 - number for key, number in self.keys.items()]
        lengths = [len(line) for line in self.lines]
        tenths = np.rint(np.asarray(self.seconds) * 10)
        return Draft(
            place_lonlat=self.place_lonlat,
            place_id=np.asarray(ids, dtype=np.int64),
            place_is_signal=np.zeros(len(ids), dtype=np.bool_),
            tail=np.asarray(self.tail, dtype=np.int64),
            head=np.asarray(self.head, dtype=np.int64),
            deciseconds=np.clip(tenths, 1, DECISECONDS_LIMIT - 1).astype(np.int32),
            decimeters=np.maximum(1, np.rint(np.asarray(self.meters) * 10)).astype(np.int32),
            arc_line=numbers,
            arc_reversed=np.zeros(len(numbers), dtype=np.bool_),
            line_lonlat=np.concatenate(self.lines),
            line_offset=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            line_class=np.asarray(self.line_class, dtype=np.int16),
            line_name=np.asarray(self.line_name, dtype=np.int32),
            line_way_id=np.asarray(self.way_id, dtype=np.int64),
            line_is_roundabout=np.zeros(len(lengths), dtype=np.bool_),
            classes=tuple(self.classes),
            names=tuple(self.names),
        )


def _text(value: object) -> str:
    """A tag as text; of several, as OSMnx lists them after simplifying, the first."""
    return str(value[0] if isinstance(value, list) and value else value)


def _way_number(value: object) -> int:
    first = value[0] if isinstance(value, list) and value else value
    return int(first) if isinstance(first, int | np.integer) else 0


def to_osmnx(network: RoadNetwork) -> "networkx.MultiDiGraph[Any]":
    """The network as OSMnx's MultiDiGraph: x, y; osmid, highway, name, length, travel_time,
    speed_kph, geometry; graph CRS EPSG:4326. Node keys are the OpenStreetMap ids."""
    import networkx
    from shapely.geometry import LineString

    graph: networkx.MultiDiGraph[Any] = networkx.MultiDiGraph(
        crs="epsg:4326", simplified=True, name=network.name
    )
    ids = network.node_osm_id.tolist()
    for node, (lon, lat) in zip(ids, network.lonlat.tolist(), strict=True):
        graph.add_node(node, x=lon, y=lat)
    for arc in range(network.arc_count):
        number = int(network.arc_line[arc])
        meters, seconds = network.decimeters[arc] / 10, network.deciseconds[arc] / 10
        graph.add_edge(
            ids[network.tail[arc]],
            ids[network.head[arc]],
            osmid=int(network.line_way_id[number]),
            highway=network.classes[network.line_class[number]],
            name=network.names[network.line_name[number]],
            oneway=False,
            reversed=bool(network.arc_reversed[arc]),
            length=float(meters),
            travel_time=float(seconds),
            speed_kph=float(meters / seconds * 3.6),
            geometry=LineString(network.line(arc)),
        )
    return graph


def read_graphml(path: Path, mode: Mode) -> RoadNetwork:
    """The network of a GraphML file that OSMnx saved.

    Raises
    ------
    InputError
        If the file cannot be read as such.
    """
    import osmnx

    try:
        graph = osmnx.load_graphml(path)
    except (OSError, ValueError, KeyError, SyntaxError) as error:  # SyntaxError: broken XML
        fault = Fault(value=path.name, expected="a GraphML file saved by OSMnx")
        raise InputError(f"{path.name} cannot be read: {error}.", [fault]) from error
    return from_osmnx(graph, mode, name=path.stem)


def download(
    mode: Mode,
    *,
    cache_folder: Path | None,
    place: str = "",
    box: tuple[float, float, float, float] | None = None,
    polygon: Any = None,
) -> RoadNetwork:
    """The network of a named place, a box (west, south, east, north) or a polygon, online.

    What is fetched is kept in ``cache_folder``, by default under ``var/``.

    Raises
    ------
    MissingPart
        If OpenStreetMap's servers cannot be reached.
    InputError
        If they know no such place or no road there.
    """
    import osmnx
    from requests.exceptions import RequestException

    folder = cache_folder or Path("var") / "osmnx"  # never OSMnx's own ./cache and ./data
    osmnx.settings.cache_folder = folder / "cache"
    osmnx.settings.data_folder = folder / "data"
    kind = NETWORK_TYPES[mode]
    name = place or "box" if polygon is None else "polygon"
    try:
        if place:
            graph = osmnx.graph_from_place(place, network_type=kind, retain_all=True)
        elif box is not None:
            graph = osmnx.graph_from_bbox(box, network_type=kind, retain_all=True)
        else:
            graph = osmnx.graph_from_polygon(polygon, network_type=kind, retain_all=True)
    except (RequestException, OSError) as error:
        raise MissingPart(
            "OpenStreetMap's servers cannot be reached.",
            fix="Check the connection, or give a local extract with --pbf.",
        ) from error
    except (ValueError, TypeError) as error:
        raise InputError(f"OpenStreetMap gives no roads for {name!r}: {error}.") from error
    return from_osmnx(graph, mode, name=name)
