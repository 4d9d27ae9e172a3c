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
    straight = _along_one_road(graph, start, end)
    sources, targets = source_labels(graph, start), target_labels(network, graph, end)
    is_cut = start.component[0] != end.component[0] or not len(sources.state)
    states = None if is_cut else engine.path(graph, sources, targets)
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
    last = len(drive.arcs) - 1
    lines = []
    for number, arc in enumerate(drive.arcs.tolist()):
        if 0 < number < last:
            line = snapper.network.line(arc)
        else:
            begin = drive.begin if number == 0 else 0.0
            line = _cut(snapper, arc, begin, drive.end if number == last else 1.0)
        lines.append(line if number == last else line[:-1])
    begins = np.cumsum([0, *(len(line) for line in lines[:-1])])
    return np.concatenate(lines), begins


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
