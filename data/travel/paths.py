"""One fastest drive, as the arcs it follows and the line it draws."""

from dataclasses import dataclass

import numpy as np

from data.roads import RoadNetwork
from data.travel.engine import Engine
from data.travel.graph import TurnGraph
from data.travel.labels import Integers, along_one_road, driven, source_labels, target_labels
from data.travel.snap import Snapped, Snapper
from territory.geo import LonLat


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drive:
    """The arcs of a drive in order: the first from the fraction ``begin``, the last to ``end``.

    ``weight`` is packed, per arc: the turn into it and the part of it that is driven.
    """

    arcs: Integers
    begin: float
    end: float
    weight: Integers


def fastest_drive(
    network: RoadNetwork, graph: TurnGraph, engine: Engine, snapped: Snapped
) -> Drive | None:
    """The best drive from the first to the second of two places; None if there is none."""
    start, end = snapped.take(slice(0, 1)), snapped.take(slice(1, 2))
    if start.component[0] != end.component[0]:
        return None
    is_one_road = start.line[0] == end.line[0]
    straight = _along_one_road(graph, start, end) if is_one_road else None
    sources, targets = source_labels(graph, start), target_labels(network, graph, end)
    states = engine.path(graph, sources, targets)
    if states is None:
        return straight
    first = int(sources.arc[sources.state == states[0]][0])
    arcs = np.concatenate([[first], states.astype(np.int64)])
    begin, stop = _along(network, start, first), _along(network, end, int(arcs[-1]))
    parts = driven(graph, arcs[[0, -1]], np.asarray([begin, stop]))
    weight = _turns(graph, arcs) + graph.arc_weight[arcs]
    weight[0] -= parts[0]
    weight[-1] += parts[1] - graph.arc_weight[arcs[-1]]
    if straight is not None and straight.weight.sum() <= weight.sum():
        return straight
    return Drive(arcs=arcs, begin=begin, end=stop, weight=weight)


def _along_one_road(graph: TurnGraph, start: Snapped, end: Snapped) -> Drive | None:
    _, _, arcs, weight = along_one_road(graph, start, end)
    if not len(arcs):
        return None
    best = int(weight.argmin())
    begin, stop = float(start.fraction[0]), float(end.fraction[0])
    if arcs[best] == start.arc_backward[0]:
        begin, stop = 1 - begin, 1 - stop
    return Drive(arcs=arcs[[best]], begin=begin, end=stop, weight=weight[[best]])


def _along(network: RoadNetwork, place: Snapped, arc: int) -> float:
    """How far along an arc of its line, or a copy of one, the place lies."""
    fraction = float(place.fraction[0])
    return 1 - fraction if network.arc_reversed[arc] else fraction


def _turns(graph: TurnGraph, arcs: Integers) -> Integers:
    """The packed cost of the turn into each arc; none into the first."""
    cost = np.zeros(len(arcs), dtype=np.int64)
    cost[1:] = graph.weight[graph.edges(arcs[:-1], arcs[1:])] - graph.arc_weight[arcs[:-1]]
    return cost


def drawn(snapper: Snapper, drive: Drive) -> tuple[LonLat, Integers]:
    """The line of a drive (p, 2), and the number of the point at which each arc begins."""
    arcs = drive.arcs
    if len(arcs) == 1:
        return _cut(snapper, int(arcs[0]), drive.begin, drive.end), np.zeros(1, dtype=np.int64)
    first = _cut(snapper, int(arcs[0]), drive.begin, 1.0)[:-1]
    last = _cut(snapper, int(arcs[-1]), 0.0, drive.end)
    middle, counts = _without_ends(snapper.network, arcs[1:-1])
    begins = np.cumsum(np.concatenate([[0, len(first)], counts]))
    return np.concatenate([first, middle, last]), begins


def _without_ends(network: RoadNetwork, arcs: Integers) -> tuple[LonLat, Integers]:
    """The points of arcs one after another, each without its last; how many each has."""
    line, back = network.arc_line[arcs], network.arc_reversed[arcs]
    begin, end = network.line_offset[line], network.line_offset[line + 1]
    counts = end - begin - 1
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    start = np.repeat(np.where(back, end - 1, begin), counts)
    points = network.line_lonlat[start + within * np.repeat(np.where(back, -1, 1), counts)]
    return points, counts


def _cut(snapper: Snapper, arc: int, begin: float, end: float) -> LonLat:
    """The points of an arc between two fractions of its length, the ends included."""
    network = snapper.network
    line, step = network.arc_line[arc], -1 if network.arc_reversed[arc] else 1
    span = slice(int(network.line_offset[line]), int(network.line_offset[line + 1]))
    lonlat, meters = network.line_lonlat[span][::step], snapper.line_meters[span][::step]
    pieces = np.hypot(*np.diff(meters, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(pieces)])
    low, high = begin * along[-1], end * along[-1]
    inside = lonlat[(along > low) & (along < high)]
    tips = np.column_stack([np.interp([low, high], along, axis) for axis in lonlat.T])
    return np.concatenate([tips[:1], inside, tips[1:]])
