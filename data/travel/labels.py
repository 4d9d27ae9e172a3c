"""Labels: how places on the middle of roads enter and leave the turn-expanded graph."""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from data.travel.graph import LENGTH_BITS, NEVER, Packed, TurnGraph, unpack
from data.travel.snap import Snapped

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labels:
    """For each of n places some states, in CSR order, and the packed weight between both.

    Of a source it is the weight from the place to the state; of a target from the state to the
    place. ``arc`` is the arc the place lies on there: of a source it is driven to its end before
    the state, of a target it is the state itself.
    """

    first: Integers
    state: NDArray[np.int32]
    weight: Packed
    arc: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.first) - 1

    def rows(self, begin: int, end: int) -> "Labels":
        """The places from ``begin`` up to ``end``."""
        part = slice(int(self.first[begin]), int(self.first[end]))
        return Labels(
            first=self.first[begin : end + 1] - self.first[begin],
            state=self.state[part],
            weight=self.weight[part],
            arc=self.arc[part],
        )


def driven(graph: TurnGraph, arc: Integers, fraction: NDArray[np.float64]) -> Packed:
    """The packed weight of the first part of arcs, up to a fraction of their length."""
    tenths, lengths = unpack(graph.arc_weight[arc])
    part = np.rint(tenths * fraction).astype(np.int64) << LENGTH_BITS
    return np.asarray(part + np.rint(lengths * fraction).astype(np.int64), dtype=np.int64)


def source_labels(graph: TurnGraph, snapped: Snapped) -> Labels:
    """To the end of the road the place lies on, either way it may be driven, and round the turn."""
    place, arc, fraction = _sides(snapped)
    rest = graph.arc_weight[arc] - driven(graph, arc, fraction)
    turns = graph.first[arc + 1] - graph.first[arc]
    row = np.repeat(np.arange(len(arc)), turns)
    within = np.arange(len(row)) - np.repeat(np.cumsum(turns) - turns, turns)
    edge = graph.first[arc][row] + within
    turning = graph.weight[edge] - graph.arc_weight[arc][row]
    return _labels(len(snapped), place[row], graph.head[edge], rest[row] + turning, arc[row])


def target_labels(network: RoadNetwork, graph: TurnGraph, snapped: Snapped) -> Labels:
    """From the beginning of the road the place lies on, or of a copy of it, to the place."""
    place, arc, fraction = _sides(snapped)
    part = driven(graph, arc, fraction)
    copies, key = copies_by_side(network)
    if not len(copies):
        return _labels(len(snapped), place, arc, part, arc)
    wanted = _side_key(network, arc)
    begin = np.searchsorted(key, wanted, side="left")
    end = np.searchsorted(key, wanted, side="right")
    row = np.repeat(np.arange(len(arc)), end - begin)
    within = np.arange(len(row)) - np.repeat(np.cumsum(end - begin) - (end - begin), end - begin)
    copy = copies[begin[row] + within]
    return _labels(
        len(snapped),
        np.concatenate([place, place[row]]),
        np.concatenate([arc, copy]),
        np.concatenate([part, part[row]]),
        np.concatenate([arc, copy]),
    )


def pair_labels(
    network: RoadNetwork, graph: TurnGraph, snapped: Snapped
) -> tuple[Labels, Labels, int, int]:
    """From the first of two joined places, to the second, and the way along one road.

    That is the arc that leads from place to place without a turn, -1 if there is none, and its
    packed weight. The compiled twin of ``source_labels``, ``target_labels``, ``along_one_road``.
    """
    from data.travel.ends import pair_labels as compiled

    source, target, arc, weight = compiled(
        snapped.line,
        snapped.arc_forward,
        snapped.arc_backward,
        snapped.fraction,
        graph.first,
        graph.head,
        graph.weight,
        graph.arc_weight,
        *copies_by_side(network),
    )
    return _of_one(source), _of_one(target), arc, weight


def _of_one(labels: Integers) -> Labels:
    state, weight, arc = labels.copy()
    return Labels(
        first=np.array([0, len(state)]),
        state=state.astype(np.int32),
        weight=weight,
        arc=arc.astype(np.int32),
    )


_COPIES: WeakKeyDictionary[RoadNetwork, tuple[Integers, Integers]] = WeakKeyDictionary()


def copies_by_side(network: RoadNetwork) -> tuple[Integers, Integers]:
    """The arcs that are copies, by the side of the road they lie on, and that side's number."""
    known = _COPIES.get(network)
    if known is None:
        copies = np.flatnonzero(network.arc_is_copy).astype(np.int64)
        key = _side_key(network, copies)
        order = np.argsort(key, kind="stable")
        known = _COPIES[network] = copies[order], key[order]
    return known


def along_one_road(graph: TurnGraph, start: Snapped, end: Snapped) -> tuple[Integers, ...]:
    """Pairs of places of which the second lies ahead on the road of the first, without a turn.

    Gives rows, columns, arcs and packed weights; a pair may come twice, once for each direction.
    """
    row, column = equal_pairs(start.line, end.line)
    joined = start.is_joined[row]
    row, column = row[joined], column[joined]
    parts = []
    for arcs, back in ((start.arc_forward, False), (start.arc_backward, True)):
        begin, stop = start.fraction[row], end.fraction[column]
        ahead = stop <= begin if back else stop >= begin
        pick = np.flatnonzero(ahead & (arcs[row] >= 0))
        rows, columns = row[pick], column[pick]
        arc = arcs[rows]
        begin, stop = (1 - begin, 1 - stop) if back else (begin, stop)
        weight = driven(graph, arc, stop[pick]) - driven(graph, arc, begin[pick])
        parts.append((rows, columns, arc, weight))
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def equal_pairs(one: NDArray[Any], other: NDArray[Any]) -> tuple[Integers, Integers]:
    """All places (row, column) at which ``one[row] == other[column]``."""
    order = np.argsort(other, kind="stable")
    begin = np.searchsorted(other, one, side="left", sorter=order)
    count = np.searchsorted(other, one, side="right", sorter=order) - begin
    row = np.repeat(np.arange(len(one)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, order[begin[row] + within].astype(np.int64)


def _sides(snapped: Snapped) -> tuple[Integers, Integers, NDArray[np.float64]]:
    """Place, arc and fraction along that arc, for each side of each place that joins a road."""
    forward = np.flatnonzero(snapped.arc_forward >= 0)
    backward = np.flatnonzero(snapped.arc_backward >= 0)
    return (
        np.concatenate([forward, backward]),
        np.concatenate([snapped.arc_forward[forward], snapped.arc_backward[backward]]),
        np.concatenate([snapped.fraction[forward], 1 - snapped.fraction[backward]]),
    )


def _side_key(network: RoadNetwork, arc: Integers) -> Integers:
    return network.arc_line[arc].astype(np.int64) * 2 + network.arc_reversed[arc]


def _labels(
    count: int,
    place: Integers,
    state: NDArray[np.int32] | Integers,
    weight: Packed,
    arc: Integers,
) -> Labels:
    """Labels in order of place, then state, the least only of those between equal ones."""
    order = np.lexsort((weight, state, place))
    place, state = place[order], state[order]
    is_least = np.ones(len(order), dtype=np.bool_)
    is_least[1:] = (place[1:] != place[:-1]) | (state[1:] != state[:-1])
    order, place = order[is_least], place[is_least]
    return Labels(
        first=np.searchsorted(place, np.arange(count + 1)).astype(np.int64),
        state=state[is_least].astype(np.int32),
        weight=weight[order],
        arc=arc[order].astype(np.int32),
    )


def least_over_labels(states: Packed, targets: Labels, column: Integers) -> Packed:
    """From weights to states (n, s) to those to targets (n, k); label i uses ``column[i]``.

    The compiled twin is ``kernel.least``.
    """
    answer = np.full((len(states), len(targets)), NEVER, dtype=np.int64)
    if len(column):
        filled = np.flatnonzero(np.diff(targets.first))
        total = states[:, column] + targets.weight
        answer[:, filled] = np.minimum.reduceat(total, targets.first[filled], axis=1)
    return np.minimum(answer, NEVER)
