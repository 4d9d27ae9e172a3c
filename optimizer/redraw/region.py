"""Some jurisdictions cut out of a problem, whole, so that the kernel can work on them alone.

Every unit of a jurisdiction is in the region or none is: a contiguity test inside it is a test on
the whole map, and the deltas of loads, shape and borders are the same.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel import set_up
from optimizer.redraw.kernel_live import cut_out, worth_of
from optimizer.redraw.kernel_values import Field, Floats, Ints, State

Flags = NDArray[np.bool_]
KEEP_PRICE = 0.5  # of workload that changes hands in a rebalance, where the problem names none


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """Units ``members`` of the jurisdictions ``seats`` (positions), with the kernel's values.

    Seat number s of the kernel is ``seats[s]``; ``start`` is the owner of each member at first.
    """

    seats: tuple[int, ...]
    members: Ints
    field: Field
    state: State
    start: Ints

    def changed(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Units (positions on the whole map) that changed hands, and whose they are now."""
        moved = np.flatnonzero(self.state.owner != self.start)
        seats = np.array(self.seats, dtype=np.int64)
        return self.members[moved].astype(np.int64), seats[self.state.owner[moved]]

    def key(self) -> tuple[float, float]:
        """What is beyond tolerance, then the cost: smaller is better."""
        unfit, cost = worth_of(self.start, self.field, self.state)
        return round(unfit, 9), cost

    def with_owners(self, owner: Ints) -> "Region":
        """The same region with other owners of its members."""
        state = set_up(self.field, np.ascontiguousarray(owner, dtype=np.int32))
        return Region(
            seats=self.seats, members=self.members, field=self.field, state=state, start=self.start
        )


def _price_of_moving(whole: Field) -> Floats:
    """The energy of each unit that changes hands, also where the problem names no price."""
    return whole.move_cost if whole.move_cost.any() else KEEP_PRICE * whole.weight


def _columns(rows: Floats, seats: tuple[int, ...]) -> Floats:
    """The rows of these seats; zeros for seats beyond, who are new."""
    found = np.zeros((len(seats), rows.shape[1]))
    for place, seat in enumerate(seats):
        if seat < len(rows):
            found[place] = rows[seat]
    return found


def region_of(
    seats: tuple[int, ...], owner: Ints, arena: Arena, *, team: int, free: Flags
) -> Region:
    """The region of these jurisdictions, loads in means over a ``team`` of so many executives.

    ``free`` (n,) marks the units that may move.
    """
    whole = arena.field
    place = np.full(int(max(owner.max(), max(seats))) + 2, -1, dtype=np.int32)
    place[list(seats)] = np.arange(len(seats))
    inside = place[owner] >= 0  # a unit of nobody, -1, looks up the last entry, which is -1
    members, indptr, indices, cost = cut_out(whole.indptr, whole.indices, whole.edge_cost, inside)
    start = place[owner[members]].astype(np.int32)
    share = team / arena.problem.executives
    at_home = whole.at_home and max(seats) < len(whole.homes)
    field = whole._replace(
        indptr=indptr,
        indices=indices,
        edge_cost=cost,
        place=np.ascontiguousarray(whole.place[members]),
        weight=np.ascontiguousarray(whole.weight[members] * share),
        load=np.ascontiguousarray(whole.load[members] * share),
        free=np.ascontiguousarray(free[members]),
        before=start.copy(),
        move_cost=np.ascontiguousarray(_price_of_moving(whole)[members] * share),
        homes=(
            np.ascontiguousarray(whole.homes[list(seats)]) if at_home else np.zeros((len(seats), 2))
        ),
        at_home=at_home,
        carried=_columns(whole.carried, seats) * share,
        soft_carried=_columns(whole.soft_carried, seats) * share,
        priced=np.ascontiguousarray(whole.priced[members] * share),
        road=np.zeros((0, 0)),
    )
    return Region(
        seats=seats,
        members=members,
        field=field,
        state=set_up(field, start.copy()),
        start=start,
    )
