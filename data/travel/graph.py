"""The turn-expanded graph: its states are arcs about to be driven, so turns can cost or be banned.

One weight holds both time and length: deciseconds x 2^28 + decimetres. Its sums stay below 2^53
(paths under 932 hours and 26,000 km), so they are exact in floating point too, and the least sum
is the fastest path and, of equally fast ones, the shortest. Hence every engine must give the same
seconds and the same metres, and metres always belong to the same path as the seconds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork

LENGTH_BITS = 28
NEVER = np.int64(2**62)
"""The packed weight of a pair without a way."""

Packed = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class TurnGraph:
    """States 0 to m - 1, one per arc of a network: at its tail, about to drive it.

    From state a edges lead to the states ``head[first[a]:first[a + 1]]``: drive arc a, then turn.
    ``weight`` (t,) is packed; ``arc_weight`` (m,) is that of driving an arc without a turn.
    """

    first: NDArray[np.int64]
    head: NDArray[np.int32]
    weight: Packed
    arc_weight: Packed

    @property
    def state_count(self) -> int:
        return len(self.arc_weight)

    def edges(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> NDArray[np.int64]:
        """The edge from each state ``before`` to the state ``after`` beside it.

        Raises
        ------
        ValueError
            If there is no such turn.
        """
        choices = self.first[before + 1] - self.first[before]
        begin = np.cumsum(choices) - choices
        row = np.repeat(np.arange(len(before)), choices)
        edge = np.arange(len(row)) + np.repeat(self.first[before] - begin, choices)
        taken = np.flatnonzero(self.head[edge] == after[row])
        if len(taken) != len(before):
            raise ValueError("a path takes a turn that is not there")
        return np.asarray(edge[taken], dtype=np.int64)


def turn_graph(
    network: RoadNetwork, *, factor: NDArray[np.float64], turn_factor: float = 1.0
) -> TurnGraph:
    """The turn-expanded graph of a network; ``factor`` (m,) multiplies the times of its arcs,
    ``turn_factor`` what its turns cost."""
    tenths = np.maximum(1, np.rint(network.deciseconds * factor)).astype(np.int64)
    arc_weight = (tenths << LENGTH_BITS) + network.decimeters
    turning = network.turn_deciseconds.astype(np.int64)
    if turn_factor != 1:
        turning = np.rint(network.turn_deciseconds * turn_factor).astype(np.int64)
    return TurnGraph(
        first=network.turn_first,
        head=network.turn_arc,
        weight=np.repeat(arc_weight, np.diff(network.turn_first)) + (turning << LENGTH_BITS),
        arc_weight=arc_weight,
    )


def unpack(packed: Packed) -> tuple[Packed, Packed]:
    """Deciseconds and decimetres of packed weights."""
    return packed >> LENGTH_BITS, packed & ((1 << LENGTH_BITS) - 1)
