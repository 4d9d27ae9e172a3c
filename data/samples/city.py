"""A city that does not exist: streets, avenues, a ring, a river with few bridges, a lake.

The street grid is bent by slow waves, loses streets towards its edge, and is crossed by a river
that only avenues and the ring may bridge. Metres east and north of the centre inside; WGS84
outside, on open ocean where no real street lies beneath.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from data.roads.connect import connect
from data.roads.draft import Draft
from data.roads.network import RoadNetwork
from data.roads.profile import profile_for
from data.samples.sample import Draws
from data.samples.words import streets
from territory.geo import LonLat

if TYPE_CHECKING:
    import shapely

CENTRE: Final = (-30.0, 45.0)
DEGREE_METERS: Final = 111_195.0
STREET_METERS: Final = 330.0
AVENUE_EVERY: Final = 6
ARTERIAL_EVERY: Final = 18
RING_SHARE: Final = 0.58
RIVER_HALF_METERS: Final = 110.0
BRIDGE_EVERY: Final = 12
NODES_PER_COMPANY: Final = 0.85
FEWEST_NODES: Final = 900

Metric = NDArray[np.float64]
Numbers = NDArray[np.intp]

_RANK: Final[Mapping[str, int]] = MappingProxyType(
    {"residential": 0, "secondary": 1, "primary": 2, "trunk_link": 2, "trunk": 3}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class City:
    """A city in metres round its centre, with its road network.

    ``nodes`` (n, 2) are street corners in metres; ``edges`` (e, 2) pairs of them. ``bridges`` are
    pairs of points on the two banks. ``radius_meters`` is its mean radius.
    """

    radius_meters: float
    nodes: Metric
    edges: Numbers
    edge_class: NDArray[np.str_]
    outline: "shapely.Polygon"
    river: Metric
    lake: Metric
    bridges: tuple[Metric, ...]
    network: RoadNetwork


def to_lonlat(meters: Metric) -> LonLat:
    """WGS84 of points (n, 2) in metres east and north of the city's centre."""
    scale = DEGREE_METERS * np.array([np.cos(np.radians(CENTRE[1])), 1.0])
    return np.asarray(np.round(np.asarray(meters) / scale + CENTRE, 6), dtype=np.float64)


def build_city(draws: Draws, companies: int) -> City:
    """A city big enough for so many companies: its area grows with them."""
    wanted = max(FEWEST_NODES, round(companies * NODES_PER_COMPANY))
    radius = STREET_METERS * np.sqrt(wanted / np.pi)
    outline = _outline(draws.of("outline"), radius)
    river, lake = _river(radius), _lake(radius)
    grid = _grid(draws.of("grid"), radius)
    keep = _on_land(grid, outline, river, lake)
    edges, classes, names = _grid_edges(draws.of("edges"), grid, keep, radius)
    is_wet = _crosses_river(grid.points, edges, river)
    is_bridge = is_wet & _may_bridge(grid, edges, classes)
    stays = ~is_wet | is_bridge
    edges, classes, names = edges[stays], classes[stays], names[stays]
    bridges = tuple(grid.points[pair] for pair in edges[is_bridge[stays]])
    nodes, edges, classes, names, more = _with_ring(
        grid.points, edges, classes, names, radius, river, lake
    )
    network = _network(draws.of("one-ways"), nodes, edges, classes, names, radius)
    return City(
        radius_meters=float(radius),
        nodes=nodes,
        edges=edges,
        edge_class=classes,
        outline=outline,
        river=river,
        lake=lake,
        bridges=bridges + more,
        network=network,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Grid:
    """Corner k stands at row ``row[k]`` and column ``column[k]``, both from -half to half."""

    half: int
    row: Numbers
    column: Numbers
    points: Metric


def _outline(draw: np.random.Generator, radius: float) -> "shapely.Polygon":
    import shapely

    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    phase = draw.uniform(0, 2 * np.pi, 4)
    waves = sum(
        share * np.sin(number * angle + phase[number - 2])
        for number, share in ((2, 0.07), (3, 0.06), (5, 0.04))
    )
    reach = radius * (1.02 + waves)
    return shapely.Polygon(np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))


def _river(radius: float) -> Metric:
    """The river's middle line, from beyond the western to beyond the eastern edge."""
    east = np.linspace(-1.35, 1.35, 240)
    north = -0.14 + 0.10 * np.sin(2.4 * east + 0.5) + 0.035 * np.sin(7 * east)
    return np.asarray(radius * np.column_stack([east, north]), dtype=np.float64)


def _lake(radius: float) -> Metric:
    """The shore of a lake in the north-east, first point repeated at the end."""
    angle = np.linspace(0, 2 * np.pi, 60)
    reach = radius * 0.13 * (1 + 0.18 * np.sin(3 * angle) + 0.08 * np.sin(7 * angle + 1))
    shore = np.column_stack([1.35 * reach * np.cos(angle), reach * np.sin(angle)])
    shore[-1] = shore[0]
    return np.asarray(shore + radius * np.array([0.5, 0.52]), dtype=np.float64)


def _grid(draw: np.random.Generator, radius: float) -> _Grid:
    half = int(np.ceil(1.3 * radius / STREET_METERS))
    side = np.arange(-half, half + 1)
    row, column = (axis.ravel() for axis in np.meshgrid(side, side, indexing="ij"))
    points = STREET_METERS * np.column_stack([column, row]).astype(np.float64)
    points += draw.normal(0, 0.09 * STREET_METERS, points.shape)
    east, north = (points / radius).T
    points += (
        radius
        * 0.07
        * np.column_stack(
            [np.sin(2.1 * north + 0.4) + 0.3 * np.sin(5 * north), np.sin(1.7 * east + 1.1)]
        )
    )
    return _Grid(half=half, row=row, column=column, points=points)


def _on_land(
    grid: _Grid, outline: "shapely.Polygon", river: Metric, lake: Metric
) -> NDArray[np.bool_]:
    import shapely

    water = shapely.union(
        shapely.LineString(river).buffer(RIVER_HALF_METERS), shapely.Polygon(lake).buffer(60)
    )
    land = shapely.difference(outline, water)
    shapely.prepare(land)
    return np.asarray(shapely.contains_xy(land, grid.points), dtype=np.bool_)


def _grid_edges(
    draw: np.random.Generator, grid: _Grid, keep: NDArray[np.bool_], radius: float
) -> tuple[Numbers, NDArray[np.str_], NDArray[np.str_]]:
    """Streets between neighbouring corners, avenues among them, and two diagonal avenues.

    Where a corner fell into the river its avenue leaps over: corners up to three steps apart are
    joined along avenues, and those leaps are its bridges.
    """
    side = 2 * grid.half + 1
    number = np.arange(side * side).reshape(side, side)
    kept = keep.reshape(side, side)
    parts: list[tuple[int, int, str, str]] = []
    named = streets(2 * side + 2)
    for line in range(side):
        for lines, grid_kept, offset in ((number, kept, 0), (number.T, kept.T, side)):
            name, road = named[line + offset], _class_of(line - grid.half)
            parts += _along(lines[line], grid_kept[line], road, name)
    parts += _along(number.diagonal(), kept.diagonal(), "primary", named[-1])
    parts += _along(number[:, ::-1].diagonal(), kept[:, ::-1].diagonal(), "primary", named[-2])
    tails, heads, classes, names = zip(*parts, strict=True)
    edges, roads = np.array([tails, heads]).T, np.array(classes)
    middle = np.hypot(*grid.points[edges].mean(axis=1).T) / radius
    is_lost = (roads == "residential") & (draw.random(len(roads)) < 0.06 + 0.28 * middle)
    return edges[~is_lost], roads[~is_lost], np.array(names)[~is_lost]


def _class_of(line: int) -> str:
    if line % ARTERIAL_EVERY == 0:
        return "primary"
    return "secondary" if line % AVENUE_EVERY == 0 else "residential"


def _along(
    corners: Numbers, kept: NDArray[np.bool_], road: str, name: str
) -> list[tuple[int, int, str, str]]:
    """Edges between successive kept corners; only avenues leap over missing ones."""
    there = np.flatnonzero(kept)
    leap = 1 if road == "residential" else 4
    return [
        (int(corners[one]), int(corners[other]), road, name)
        for one, other in pairwise(there)
        if other - one <= leap
    ]


def _crosses_river(points: Metric, edges: Numbers, river: Metric) -> NDArray[np.bool_]:
    import shapely

    water = shapely.LineString(river)
    shapely.prepare(water)
    return np.asarray(shapely.intersects(water, shapely.linestrings(points[edges])))


def _may_bridge(grid: _Grid, edges: Numbers, classes: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Bridges stand on few avenues that run north and south."""
    first, second = grid.column[edges[:, 0]], grid.column[edges[:, 1]]
    is_chosen = (first == second) & (first % BRIDGE_EVERY == 0)
    return np.asarray(is_chosen & (classes != "residential"), dtype=np.bool_)


def _with_ring(
    points: Metric,
    edges: Numbers,
    classes: NDArray[np.str_],
    names: NDArray[np.str_],
    radius: float,
    river: Metric,
    lake: Metric,
) -> tuple[Metric, Numbers, NDArray[np.str_], NDArray[np.str_], tuple[Metric, ...]]:
    """Add the ring motorway, its slip roads to avenues, and tell its bridges."""
    import shapely

    count = max(24, round(2 * np.pi * RING_SHARE * radius / 700))
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = RING_SHARE * radius * np.column_stack([np.cos(angle), np.sin(angle)])
    own = len(points) + np.arange(count)
    around = np.column_stack([own, np.roll(own, -1)])
    shores = shapely.union(shapely.LineString(river).buffer(260), shapely.Polygon(lake).buffer(150))
    is_wet = np.asarray(shapely.contains_xy(shores, ring), dtype=np.bool_)
    ramps = _ramps(points, edges, classes, ring, own, is_wet)
    nodes = np.concatenate([points, ring])
    is_bridge = _crosses_river(nodes, around, river)
    new_classes = ["trunk"] * len(around) + ["trunk_link"] * len(ramps)
    new_names = ["Ring Road"] * len(around) + [""] * len(ramps)
    return (
        nodes,
        np.concatenate([edges, around, ramps]),
        np.concatenate([classes, new_classes]),
        np.concatenate([names, new_names]),
        tuple(nodes[pair] for pair in around[is_bridge]),
    )


def _ramps(
    points: Metric,
    edges: Numbers,
    classes: NDArray[np.str_],
    ring: Metric,
    own: Numbers,
    is_wet: NDArray[np.bool_],
) -> Numbers:
    """A slip road from every third ring node to the nearest corner of an avenue, if near."""
    from scipy.spatial import KDTree

    avenue = np.unique(edges[classes != "residential"])
    meters, nearest = KDTree(points[avenue]).query(ring)
    near = np.asarray(meters) < 2.5 * STREET_METERS
    third = np.flatnonzero((np.arange(len(ring)) % 3 == 0) & ~is_wet & near)
    return np.column_stack([own[third], avenue[np.asarray(nearest)[third]]])


def _network(
    draw: np.random.Generator,
    nodes: Metric,
    edges: Numbers,
    classes: NDArray[np.str_],
    names: NDArray[np.str_],
    radius: float,
) -> RoadNetwork:
    """Arcs both ways, but a tenth of the small streets in the middle are one-way."""
    lonlat = to_lonlat(nodes)
    kinds, line_class = np.unique(classes, return_inverse=True)
    words, line_name = np.unique(np.append(names, ""), return_inverse=True)
    meters = np.hypot(*(nodes[edges[:, 0]] - nodes[edges[:, 1]]).T)
    profile = profile_for("car")
    kmh = np.array([profile.class_kmh[str(kind)] for kind in kinds])[line_class]
    tenths = np.maximum(1, np.rint(meters / kmh * 36)).astype(np.int32)
    is_inner = np.hypot(*nodes[edges].mean(axis=1).T) < 0.3 * radius
    is_oneway = (classes == "residential") & is_inner & (draw.random(len(edges)) < 0.1)
    number = np.arange(len(edges))
    back = number[~is_oneway]
    both = np.concatenate([number, back])
    draft = Draft(
        place_lonlat=lonlat,
        place_id=np.arange(1, len(nodes) + 1),
        place_is_signal=np.zeros(len(nodes), dtype=np.bool_),
        tail=np.concatenate([edges[:, 0], edges[back, 1]]),
        head=np.concatenate([edges[:, 1], edges[back, 0]]),
        deciseconds=tenths[both],
        decimeters=np.maximum(1, np.rint(meters * 10)).astype(np.int32)[both],
        arc_line=both,
        arc_reversed=np.repeat([False, True], [len(number), len(back)]),
        line_lonlat=lonlat[edges].reshape(-1, 2),
        line_offset=2 * np.arange(len(edges) + 1),
        line_class=line_class.astype(np.int16),
        line_name=line_name[:-1].astype(np.int32),
        line_way_id=number + 1,
        line_is_roundabout=np.zeros(len(edges), dtype=np.bool_),
        classes=tuple(str(kind) for kind in kinds),
        names=tuple(str(word) for word in words),
    )
    return connect(draft, profile=profile, name="metropolis", attribution="Invented city")
