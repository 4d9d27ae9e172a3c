"""Generated road networks of any size: towns joined as real ones are, or a plain grid.

``towns`` has what makes real roads easy to part: towns of Zipf sizes (few large, many small),
inside them streets that mostly end at a T, quarters and districts whose local streets seldom
cross the border (a park, a railway, a river), arterial roads that do, and between towns a few
regional roads and motorways. So a balanced cut of a million junctions takes some hundred roads,
where ``grid``, the hard case, takes a thousand. Both are deterministic by seed, made with numpy
alone and belong to no real place. About one node in ten has just two neighbours, where a real
extract would have none.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from territory.geo import LonLat

if TYPE_CHECKING:
    from data.roads import RoadNetwork
    from data.roads.draft import Draft

Kind = Literal["towns", "grid"]
Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]

CLASS_KMH: Final = {
    "residential": 25.0,
    "tertiary": 38.0,
    "secondary": 48.0,
    "primary": 58.0,
    "motorway": 95.0,
    "motorway_link": 45.0,
}
CLASSES: Final = tuple(CLASS_KMH)
RESIDENTIAL, TERTIARY, SECONDARY, PRIMARY, MOTORWAY, LINK = range(len(CLASSES))

SPARE: Final = 1.06
"""Nodes made for each node wanted; the rest is cut off by one-ways and missing streets."""

BLOCK_METERS: Final = 95.0
SMALLEST_TOWN: Final = 36
NODES_PER_TOWN: Final = 330
LAND_METERS_PER_NODE: Final = 380.0
ARTERIAL_EVERY: Final = 8
PRIMARY_EVERY: Final = 32
ONE_WAY_SHARE: Final = 0.2
TRIES: Final = 12
CITIES: Final = 60
"""The towns that motorways join."""

INTERCHANGE_METERS: Final = 9_000.0
DEGREE_METERS: Final = 111_195.0
NAMES: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Streets:
    """Streets between nodes: their ends, class, and whether they may be driven back."""

    tail: Integers
    head: Integers
    road_class: Integers
    is_one_way: NDArray[np.bool_]
    detour: Numbers
    """Length over the straight distance, at least 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Towns:
    """Square towns of ``side`` by ``side`` blocks round ``centre``, turned by ``angle``."""

    side: Integers
    first_node: Integers
    centre: Numbers
    angle: Numbers

    def gate(self, town: Integers, towards: Numbers) -> Integers:
        """The node where an arterial leaves each town towards a point (k, 2)."""
        away = towards - self.centre[town]
        turn = -self.angle[town]
        east = away[:, 0] * np.cos(turn) - away[:, 1] * np.sin(turn)
        north = away[:, 0] * np.sin(turn) + away[:, 1] * np.cos(turn)
        most = np.maximum(np.maximum(np.abs(east), np.abs(north)), 1e-9)
        last = self.side[town] - 1
        column, row = (
            np.clip(np.rint((share / most + 1) / 2 * last), 0, last).astype(np.int64)
            for share in (east, north)
        )
        is_sideways = np.abs(east) >= np.abs(north)
        column = np.where(is_sideways, column, column // ARTERIAL_EVERY * ARTERIAL_EVERY)
        row = np.where(is_sideways, row // ARTERIAL_EVERY * ARTERIAL_EVERY, row)
        return np.asarray(self.first_node[town] + row * self.side[town] + column)


def generated_network(
    nodes: int = 1_000_000, *, seed: int = 1, kind: Kind = "towns"
) -> "RoadNetwork":
    """A network of about ``nodes`` nodes (within some percent, fewer never under 0.99)."""
    from data.roads.connect import connect
    from data.roads.profile import profile_for

    rng = np.random.default_rng([seed, nodes])
    points, streets = _towns(nodes, rng) if kind == "towns" else _grid(nodes, rng)
    draft = _draft(points, streets, rng)
    return connect(
        draft, profile=profile_for("car"), name=f"{kind}-{nodes}", attribution="generated"
    )


def _towns(nodes: int, rng: np.random.Generator) -> tuple[Numbers, _Streets]:
    towns = _placed(_sides(int(nodes * SPARE)), rng)
    points, inside = _inside(towns, rng)
    regional = _regional(towns, points)
    beside, motorways = _motorways(towns, first_node=len(points))
    return np.concatenate([points, beside]), _joined([inside, regional, motorways])


def _sides(nodes: int) -> Integers:
    """Sides of square towns whose sizes follow Zipf's law, the largest first."""
    count = max(2, nodes // NODES_PER_TOWN)
    sizes = 1 / np.arange(1, count + 1)
    sizes *= nodes / sizes.sum()
    return np.rint(np.sqrt(np.maximum(sizes, SMALLEST_TOWN))).astype(np.int64)


def _placed(side: Integers, rng: np.random.Generator) -> _Towns:
    """Towns laid out at random, the largest first, none over another."""
    radius = side * BLOCK_METERS * 0.75
    land = float(np.sqrt((side**2).sum()) * LAND_METERS_PER_NODE)
    centre = np.empty((len(side), 2))
    for number in range(len(side)):
        tries = rng.uniform(0, land, (TRIES, 2))
        east, north = (tries[:, None, :] - centre[None, :number, :]).transpose(2, 0, 1)
        away = np.sqrt(east * east + north * north)
        gap = (away - radius[:number] - radius[number]).min(axis=1, initial=np.inf)
        centre[number] = tries[np.argmax(gap > 0) if (gap > 0).any() else np.argmax(gap)]
    first_node = np.concatenate([[0], np.cumsum(side**2)[:-1]])
    angle = rng.uniform(0, np.pi / 2, len(side))
    return _Towns(side=side, first_node=first_node, centre=centre, angle=angle)


def _inside(towns: _Towns, rng: np.random.Generator) -> tuple[Numbers, _Streets]:
    """The nodes of all towns and the streets within them."""
    sizes = towns.side**2
    town = np.repeat(np.arange(len(sizes)), sizes)
    side = towns.side[town]
    row, column = np.divmod(np.arange(len(town)) - towns.first_node[town], side)
    middle = (side - 1) / 2
    east, north = (
        (place - middle) * BLOCK_METERS + rng.normal(0, 9, len(town)) for place in (column, row)
    )
    turn = towns.angle[town]
    points = towns.centre[town] + np.column_stack(
        [east * np.cos(turn) - north * np.sin(turn), east * np.sin(turn) + north * np.cos(turn)]
    )
    is_rung = (row + column) % 2 == 0
    parts = [
        _rows(np.flatnonzero(column < side - 1), 1, row, column, None, rng),
        _rows(np.flatnonzero(row < side - 1), side, column, row, is_rung, rng),
    ]
    return points, _joined(parts)


def _rows(
    tail: Integers,
    step: int | Integers,
    line: Integers,
    along: Integers,
    is_rung: NDArray[np.bool_] | None,
    rng: np.random.Generator,
) -> _Streets:
    """The streets that leave ``tail`` by ``step`` nodes, along ``line`` at place ``along``.

    Of local streets one in fourteen is missing; across borders of quarters, districts and
    rivers most are, and so is every other rung between two rows, which makes T-junctions.
    """
    head = tail + (step if isinstance(step, int) else step[tail])
    line, border = line[tail], along[tail] + ARTERIAL_EVERY // 2 + 1
    is_arterial, is_primary = line % ARTERIAL_EVERY == 0, line % PRIMARY_EVERY == 0
    share = np.full(len(tail), 0.93)
    for every, crossing in ((8, 0.4), (32, 0.15), (128, 0.06)):
        share[border % every == 0] = crossing
    if is_rung is not None:
        share[~is_rung[tail]] *= 0.1
    share[is_arterial] = np.where(border % 128 == 0, 0.5, 1.0)[is_arterial]
    share[is_primary] = 1.0
    kept = np.flatnonzero(rng.random(len(tail)) < share)
    road_class = np.where(is_primary, PRIMARY, np.where(is_arterial, SECONDARY, RESIDENTIAL))
    one_way = (rng.random(len(tail)) < ONE_WAY_SHARE) & ~is_arterial
    back = rng.random(len(tail)) < 0.5
    return _Streets(
        tail=np.where(one_way & back, head, tail)[kept],
        head=np.where(one_way & back, tail, head)[kept],
        road_class=road_class[kept],
        is_one_way=one_way[kept],
        detour=1 + rng.exponential(0.04, len(kept)),
    )


def _regional(towns: _Towns, points: Numbers) -> _Streets:
    """Two-way roads between neighbouring towns: the relative neighbours of a triangulation."""
    first, second = _neighbours(towns.centre)
    tail = towns.gate(first, towns.centre[second])
    head = towns.gate(second, towns.centre[first])
    smaller = np.minimum(towns.side[first], towns.side[second])
    road_class = np.where(smaller > 60, PRIMARY, np.where(smaller > 20, SECONDARY, TERTIARY))
    return _two_way(tail, head, road_class, detour=1.18)


def _neighbours(centre: Numbers) -> tuple[Integers, Integers]:
    """Pairs of the Delaunay triangulation with no third near the middle (Gabriel, loosened)."""
    from scipy.spatial import Delaunay, KDTree

    corners = Delaunay(centre).simplices.astype(np.int64)
    pairs = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]))
    pairs = np.unique(pairs, axis=0)
    ends = centre[pairs]
    radius = np.hypot(*(ends[:, 0] - ends[:, 1]).T) / 2
    nearest, _ = KDTree(centre).query(ends.mean(axis=1))
    kept = nearest >= 0.75 * radius
    return pairs[kept, 0], pairs[kept, 1]


def _motorways(towns: _Towns, *, first_node: int) -> tuple[Numbers, _Streets]:
    """Motorways between the cities, with an interchange every few kilometres to the next town."""
    from scipy.spatial import KDTree

    count = min(CITIES, len(towns.side))
    if count < 4:
        nothing = np.empty(0, dtype=np.int64)
        return np.empty((0, 2)), _two_way(nothing, nothing, nothing, detour=1.0)
    first, second = _neighbours(towns.centre[:count])
    start, end = towns.centre[first], towns.centre[second]
    pieces = np.maximum(2, np.hypot(*(end - start).T) // INTERCHANGE_METERS).astype(np.int64)
    route = np.repeat(np.arange(len(first)), pieces - 1)
    before = np.concatenate([[0], np.cumsum(pieces - 1)[:-1]])
    place = np.arange(len(route)) - before[route] + 1
    share = (place / pieces[route])[:, None]
    interchange = start[route] * (1 - share) + end[route] * share
    number = np.arange(first_node, first_node + len(route))
    _, nearest = KDTree(towns.centre).query(interchange)
    gate = towns.gate(np.asarray(nearest, dtype=np.int64), interchange)
    links = _two_way(number, gate, np.full(len(number), LINK), detour=1.1)
    is_last = place == pieces[route] - 1
    tail = np.concatenate([towns.gate(first, end), number])
    onward = np.where(is_last, towns.gate(second, start)[route], number + 1)
    head = np.concatenate([first_node + before, onward])
    both = (np.concatenate([tail, head]), np.concatenate([head, tail]))
    ways = _Streets(
        tail=both[0],
        head=both[1],
        road_class=np.full(2 * len(tail), MOTORWAY),
        is_one_way=np.ones(2 * len(tail), dtype=np.bool_),
        detour=np.full(2 * len(tail), 1.04),
    )
    return interchange, _joined([links, ways])


def _two_way(tail: Integers, head: Integers, road_class: Integers, *, detour: float) -> _Streets:
    return _Streets(
        tail=tail,
        head=head,
        road_class=road_class,
        is_one_way=np.zeros(len(tail), dtype=np.bool_),
        detour=np.full(len(tail), detour),
    )


def _grid(nodes: int, rng: np.random.Generator) -> tuple[Numbers, _Streets]:
    """A square of streets, all there, all two-way and alike: no way to part it but across."""
    side = int(np.ceil(np.sqrt(nodes)))
    row, column = np.divmod(np.arange(side * side), side)
    points = np.column_stack([column, row]) * BLOCK_METERS + rng.normal(0, 9, (side * side, 2))
    east, north = np.flatnonzero(column < side - 1), np.flatnonzero(row < side - 1)
    tail, head = np.concatenate([east, north]), np.concatenate([east + 1, north + side])
    streets = _two_way(tail, head, np.full(len(tail), RESIDENTIAL), detour=1.02)
    return points, streets


def _joined(parts: list[_Streets]) -> _Streets:
    tail, head, road_class, is_one_way, detour = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("tail", "head", "road_class", "is_one_way", "detour")
    )
    return _Streets(
        tail=tail, head=head, road_class=road_class, is_one_way=is_one_way, detour=detour
    )


def _draft(points: Numbers, streets: _Streets, rng: np.random.Generator) -> "Draft":
    """The streets as arcs and lines; a line has three points, bent at the middle by its detour."""
    from data.roads.draft import Draft

    count = len(streets.tail)
    step = points[streets.head] - points[streets.tail]
    straight = np.maximum(np.hypot(*step.T), 1.0)
    meters = straight * streets.detour
    across = np.column_stack([-step[:, 1], step[:, 0]]) / straight[:, None]
    bend = np.sqrt(meters**2 - straight**2) / 2 * rng.choice([-1.0, 1.0], count)
    middle = (points[streets.tail] + points[streets.head]) / 2 + across * bend[:, None]
    corners = np.stack([points[streets.tail], middle, points[streets.head]], axis=1)
    seconds = meters / (np.asarray(list(CLASS_KMH.values()))[streets.road_class] / 3.6)
    back = np.flatnonzero(~streets.is_one_way)
    line = np.concatenate([np.arange(count), back])
    return Draft(
        place_lonlat=_lonlat(points),
        place_id=-np.arange(1, len(points) + 1),
        place_is_signal=_signals(len(points), streets),
        tail=np.concatenate([streets.tail, streets.head[back]]),
        head=np.concatenate([streets.head, streets.tail[back]]),
        deciseconds=np.maximum(1, np.rint(seconds * 10)).astype(np.int32)[line],
        decimeters=np.maximum(1, np.rint(meters * 10)).astype(np.int32)[line],
        arc_line=line,
        arc_reversed=np.arange(len(line)) >= count,
        line_lonlat=_lonlat(corners.reshape(-1, 2)),
        line_offset=3 * np.arange(count + 1),
        line_class=streets.road_class.astype(np.int16),
        line_name=rng.integers(0, NAMES, count).astype(np.int32),
        line_way_id=np.arange(1, count + 1),
        line_is_roundabout=np.zeros(count, dtype=np.bool_),
        classes=CLASSES,
        names=("", *(f"Street {number}" for number in range(1, NAMES))),
    )


def _signals(nodes: int, streets: _Streets) -> NDArray[np.bool_]:
    """Lights stand where at least three ends of arterial roads meet."""
    is_large = np.isin(streets.road_class, (SECONDARY, PRIMARY))
    ends = np.concatenate([streets.tail[is_large], streets.head[is_large]])
    return np.bincount(ends, minlength=nodes) >= 3


def _lonlat(points: Numbers) -> LonLat:
    """Metres as degrees round 45 north, 5 east."""
    shift = points - points.mean(axis=0)
    north = 45.0 + shift[:, 1] / DEGREE_METERS
    east = 5.0 + shift[:, 0] / (DEGREE_METERS * np.cos(np.radians(45.0)))
    return np.column_stack([east, north])
