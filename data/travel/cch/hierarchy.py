"""The values of a customizable contraction hierarchy: its shape, and the weights of one metric.

Dibbelt, Strasser & Wagner (2016). The shape depends on the roads and turns alone; a metric fills it
with weights in a few hundredths of a second, so every time of day may have its own.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from territory.errors import FieldwrightError

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

FAR = np.int64(2**60)
"""Inside the hierarchy: no way. Two of them can still be added."""


class HierarchyTooLarge(FieldwrightError, RuntimeError):
    """The hierarchy of this network would not fit into memory; search it by Dijkstra instead."""

    code = "infeasible"


@dataclass(frozen=True, kw_only=True, eq=False)
class Lower:
    """Arcs by their higher end: row x lists its lower ends v ascending, in CSR over ``first``.

    ``arc`` is the arc between x and v; ``above`` is where, among the arcs of v that lead the other
    way, those to states beyond x begin.
    """

    first: Int64
    state: Int32
    arc: Int32
    above: Int32


@dataclass(frozen=True, kw_only=True, eq=False)
class Hierarchy:
    """The shape of the hierarchy of m states and t turns.

    States are numbered by rank inside: state s of the graph is ``rank[s]``. ``parent`` (m,) is the
    elimination tree, in postorder; -1 marks roots. Arc k of row v of ``up`` leads from v up to
    ``up_head[k]``, of ``down`` from ``down_tail[k]`` down to v; rows ascend. Only arcs that some
    metric could use are there. ``turn_arc`` (t,) is the arc each turn lies on: upward k as k,
    downward k as -2 - k, and -1 for a turn from a state to itself.
    """

    rank: Int32
    parent: Int32
    up_first: Int64
    up_head: Int32
    down_first: Int64
    down_tail: Int32
    turn_arc: Int32

    @property
    def state_count(self) -> int:
        return len(self.rank)

    @property
    def arc_count(self) -> int:
        return len(self.up_head) + len(self.down_tail)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that must be kept to make this hierarchy again."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """The hierarchy of which these are the ``arrays()``."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.require(arrays[name], requirements=["C", "W"]) for name in names})

    @cached_property
    def _depth_and_size(self) -> tuple[Int32, Int32]:
        from data.travel.cch.topology import depths_and_sizes

        depth, size = depths_and_sizes(self.parent)
        return depth, size

    @property
    def depth(self) -> Int32:
        """How many states stand above each in its tree, (m,)."""
        return self._depth_and_size[0]

    @property
    def subtree_size(self) -> Int32:
        """How many states each state's subtree holds, itself included, (m,)."""
        return self._depth_and_size[1]

    @cached_property
    def state_of_rank(self) -> Int32:
        """The state of each rank, (m,)."""
        state = np.empty(self.state_count, dtype=np.int32)
        state[self.rank] = np.arange(self.state_count, dtype=np.int32)
        return state

    @cached_property
    def height(self) -> int:
        """States on the longest way from a root down."""
        return int(self.depth.max(initial=-1)) + 1

    @cached_property
    def up_lower(self) -> Lower:
        """Upward arcs v -> x by x; ``above`` points into the downward arcs of v."""
        return _lower(self.up_first, self.up_head, self.down_first, self.down_tail)

    @cached_property
    def down_lower(self) -> Lower:
        """Downward arcs x -> v by x; ``above`` points into the upward arcs of v."""
        return _lower(self.down_first, self.down_tail, self.up_first, self.up_head)


def _lower(first: Int64, head: Int32, other_first: Int64, other_head: Int32) -> Lower:
    from data.travel.cch.topology import first_above, transpose

    lower_first, state, arc = transpose(first, head)
    above = first_above(lower_first, state, other_first, other_head)
    return Lower(first=lower_first, state=state, arc=arc, above=above)


@dataclass(frozen=True, kw_only=True, eq=False)
class Metric:
    """The packed weights of a hierarchy's arcs, upward and downward; ``FAR`` where none leads.

    An arc is a turn where no way through lower states is better than one turn.
    """

    up_weight: Int64
    down_weight: Int64
    up_is_turn: NDArray[np.bool_]
    down_is_turn: NDArray[np.bool_]
