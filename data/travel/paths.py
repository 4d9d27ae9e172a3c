"""One fastest drive, as the arcs it follows."""

from dataclasses import dataclass

import numpy as np

from data.roads import RoadNetwork
from data.travel.engine import Engine, States
from data.travel.graph import TurnGraph
from data.travel.labels import Integers, Labels, pair_labels
from data.travel.snap import Snapped


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
    """The best drive from the first to the second of two joined places; None if there is none."""
    if snapped.component[0] != snapped.component[1]:
        return None
    sources, targets, arc, weight = pair_labels(network, graph, snapped)
    straight = _along_one_road(network, snapped, arc, weight) if arc >= 0 else None
    states = engine.path(graph, sources, targets)
    if states is None:
        return straight
    drive = _over_turns(network, graph, snapped, sources, states)
    if straight is not None and weight <= drive.weight.sum():
        return straight
    return drive


def _over_turns(
    network: RoadNetwork, graph: TurnGraph, snapped: Snapped, sources: Labels, states: States
) -> Drive:
    from data.travel.ends import along_path

    arcs, weight, begin, end = along_path(
        states,
        sources.state,
        sources.arc,
        snapped.fraction,
        network.arc_reversed,
        graph.first,
        graph.head,
        graph.weight,
        graph.arc_weight,
    )
    if not len(arcs):
        raise ValueError("a path takes a turn that is not there")
    return Drive(arcs=arcs, begin=begin, end=end, weight=weight)


def _along_one_road(network: RoadNetwork, snapped: Snapped, arc: int, weight: int) -> Drive:
    begin, end = snapped.fraction.tolist()
    if network.arc_reversed[arc]:
        begin, end = 1 - begin, 1 - end
    return Drive(arcs=np.array([arc]), begin=begin, end=end, weight=np.array([weight]))
