"""Hand-made networks for travel: streets on a grid at the equator, driven at about 10 m/s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.roads import RoadNetwork
from territory.geo import LonLat

STEP = 0.001
"""One step of the grid in degrees; 1112 decimetres, driven in 112 tenths of a second."""
STEP_DECIMETERS = 1112
STEP_TENTHS = 112
SIDE_TENTHS = 50
"""What a turn by a corner costs; straight on is free."""
U_TENTHS = 200

Spot = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Street:
    """A line of road from junction to junction through ``over`` (grid spots)."""

    ends: tuple[int, int]
    over: tuple[Spot, ...] = ()
    name: str = ""
    road_class: str = "residential"
    is_oneway: bool = False
    is_roundabout: bool = False
    seconds_factor: float = 1.0


def grid(*spots: Spot) -> LonLat:
    """Grid spots as degrees (n, 2)."""
    return np.asarray(spots, dtype=np.float64).reshape(-1, 2) * STEP


def network_of(
    spots: Mapping[int, Spot],
    streets: Sequence[Street],
    *,
    banned: Sequence[tuple[int, int]] = (),
    closed: Sequence[tuple[Spot, Spot]] = (),
    closed_why: int = 1,
    turns_cost: bool = True,
) -> RoadNetwork:
    """A network; ``banned`` are turns from one street (by number) into another."""
    ids = list(spots)
    place = {node: number for number, node in enumerate(ids)}
    lines = [grid(spots[street.ends[0]], *street.over, spots[street.ends[1]]) for street in streets]
    rows = []
    for number, street in enumerate(streets):
        tail, head = place[street.ends[0]], place[street.ends[1]]
        rows.append((tail, head, number, False))
        if not street.is_oneway:
            rows.append((head, tail, number, True))
    rows.sort()
    tail, head, line, back = (np.asarray(column) for column in zip(*rows, strict=True))
    steps = [np.hypot(*np.diff(shape, axis=0).T).sum() / STEP for shape in lines]
    factor = np.asarray([street.seconds_factor for street in streets])
    tenths = np.rint(np.asarray(steps) * STEP_TENTHS * factor)
    turns = _turns(rows, lines, set(banned), turns_cost=turns_cost)
    names = tuple(sorted({street.name for street in streets}))
    classes = tuple(sorted({street.road_class for street in streets}))
    shut = [grid(*pair) for pair in closed]
    return RoadNetwork(
        mode="car",
        name="world",
        attribution="hand-made",
        lonlat=grid(*(spots[node] for node in ids)),
        node_osm_id=np.asarray(ids, dtype=np.int64),
        component=_components(len(ids), rows),
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        deciseconds=tenths[line].astype(np.int32),
        decimeters=np.rint(np.asarray(steps) * STEP_DECIMETERS)[line].astype(np.int32),
        arc_line=line.astype(np.int32),
        arc_reversed=back.astype(np.bool_),
        arc_is_copy=np.zeros(len(rows), dtype=np.bool_),
        turn_first=np.cumsum([0, *(len(after) for after in turns)]).astype(np.int64),
        turn_arc=np.asarray([arc for after in turns for arc, _ in after], dtype=np.int32),
        turn_deciseconds=np.asarray([cost for after in turns for _, cost in after], dtype=np.int32),
        line_lonlat=np.concatenate(lines),
        line_offset=np.cumsum([0, *(len(shape) for shape in lines)]).astype(np.int64),
        line_class=np.asarray([classes.index(s.road_class) for s in streets], dtype=np.int16),
        line_name=np.asarray([names.index(s.name) for s in streets], dtype=np.int32),
        line_way_id=np.arange(100, 100 + len(streets), dtype=np.int64),
        line_is_roundabout=np.asarray([s.is_roundabout for s in streets], dtype=np.bool_),
        closed_lonlat=np.concatenate([np.empty((0, 2)), *shut]),
        closed_offset=np.arange(0, 2 * len(shut) + 1, 2, dtype=np.int64),
        closed_why=np.full(len(shut), closed_why, dtype=np.int8),
        classes=classes,
        names=names,
    )


def _turns(
    rows: Sequence[tuple[int, int, int, bool]],
    lines: Sequence[LonLat],
    banned: set[tuple[int, int]],
    *,
    turns_cost: bool,
) -> list[list[tuple[int, int]]]:
    """After each arc: the arcs one may drive and the tenths their turns cost."""
    turns = []
    for _, head, line, back in rows:
        onward = [(arc, row) for arc, row in enumerate(rows) if row[0] == head and row[2] != line]
        onward = [(arc, row) for arc, row in onward if (line, row[2]) not in banned]
        if not onward:
            turns.append(
                [(a, U_TENTHS) for a, row in enumerate(rows) if row[0] == head and row[2] == line]
            )
            continue
        turns.append(
            [
                (arc, _cost(lines, (line, back), (row[2], row[3])) if turns_cost else 0)
                for arc, row in onward
            ]
        )
    return turns


def _cost(lines: Sequence[LonLat], before: tuple[int, bool], after: tuple[int, bool]) -> int:
    coming = lines[before[0]][:: -1 if before[1] else 1][-2:]
    going = lines[after[0]][:: -1 if after[1] else 1][:2]
    one, two = np.diff(coming, axis=0)[0], np.diff(going, axis=0)[0]
    is_straight = one @ two > 0.8 * np.hypot(*one) * np.hypot(*two)
    return 0 if is_straight else SIDE_TENTHS


def _components(nodes: int, rows: Sequence[tuple[int, int, int, bool]]) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = np.asarray([row[:2] for row in rows]).T
    graph = coo_array((np.ones(len(rows)), (ends[0], ends[1])), shape=(nodes, nodes))
    _, label = connected_components(graph, directed=False)
    order = np.argsort(-np.bincount(label), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order))
    return rank[label]


def random_town(seed: int, *, side: int = 5, is_symmetric: bool = False) -> RoadNetwork:
    """A grid town of ``side`` x ``side`` junctions, strongly connected, with streets of random
    speed, and one-way cross streets unless it is to be symmetric (then turns are free, too)."""
    draw = np.random.default_rng(seed)
    spots = {
        row * side + column: (column + draw.uniform(-0.2, 0.2), row + draw.uniform(-0.2, 0.2))
        for row in range(side)
        for column in range(side)
    }
    streets = []
    for row in range(side):
        for column in range(side):
            for other in (row * side + column + 1, (row + 1) * side + column):
                is_edge = (
                    column == side - 1 if other == row * side + column + 1 else row == side - 1
                )
                if is_edge:
                    continue
                inner = 0 < row < side - 1 and 0 < column < side - 1
                streets.append(
                    Street(
                        ends=(row * side + column, other),
                        is_oneway=bool(inner and not is_symmetric and draw.random() < 0.4),
                        road_class=str(draw.choice(["residential", "primary"])),
                        seconds_factor=float(draw.uniform(0.5, 2.0)),
                    )
                )
    return network_of(spots, streets, turns_cost=not is_symmetric)


def relabelled(network: RoadNetwork, seed: int) -> RoadNetwork:
    """The same network with nodes, arcs (within the order of their tails) and lines renumbered."""
    draw = np.random.default_rng(seed)
    node = draw.permutation(network.node_count)
    line = draw.permutation(network.line_count)
    tail, head = node[network.tail], node[network.head]
    order = np.lexsort((draw.permutation(network.arc_count), tail))
    arc = np.argsort(order)
    spans = [
        network.line_lonlat[network.line_offset[k] : network.line_offset[k + 1]]
        for k in np.argsort(line)
    ]
    turns = [np.arange(network.turn_first[a], network.turn_first[a + 1])[::-1] for a in order]
    edges = np.concatenate([np.empty(0, dtype=np.int64), *turns])
    old_node, old_line = np.argsort(node), np.argsort(line)
    return replace(
        network,
        lonlat=network.lonlat[old_node],
        node_osm_id=network.node_osm_id[old_node],
        component=network.component[old_node],
        tail=tail[order].astype(np.int32),
        head=head[order].astype(np.int32),
        deciseconds=network.deciseconds[order],
        decimeters=network.decimeters[order],
        arc_line=line[network.arc_line[order]].astype(np.int32),
        arc_reversed=network.arc_reversed[order],
        arc_is_copy=network.arc_is_copy[order],
        turn_first=np.cumsum([0, *(len(after) for after in turns)]).astype(np.int64),
        turn_arc=arc[network.turn_arc[edges]].astype(np.int32),
        turn_deciseconds=network.turn_deciseconds[edges],
        line_lonlat=np.concatenate(spans),
        line_offset=np.cumsum([0, *(len(shape) for shape in spans)]).astype(np.int64),
        line_class=network.line_class[old_line],
        line_name=network.line_name[old_line],
        line_way_id=network.line_way_id[old_line],
        line_is_roundabout=network.line_is_roundabout[old_line],
    )
