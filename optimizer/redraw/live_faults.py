"""Which rules jurisdictions under edit break: tolerance, islands, holes, locks, empty, unowned."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.kernel_live import enclosed_by, pieces_among
from territory.edits import BreachCode
from territory.measures import perimeters_meters

if TYPE_CHECKING:
    from optimizer.redraw.live import LiveAlignment
    from optimizer.redraw.problem import RedrawProblem

OPEN_SHARE = 0.02  # of its perimeter that a unit shares with nobody when it lies at the rim


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shortfall:
    """One broken rule. ``seat`` -1 is nobody; ``row`` is the load, group or pair, -1 for none.

    ``units`` are those concerned: the loose units of an island, what a hole encloses, locked ones.
    ``pieces`` is how many pieces the jurisdiction has, where that is known.
    """

    code: BreachCode
    seat: int
    row: int = -1
    units: NDArray[np.int64]
    pieces: int = 0

    @property
    def key(self) -> tuple[str, int, int]:
        """The rule and whose it is: equal before and after an edit if it was broken already."""
        return self.code, self.seat, self.row


NONE = np.empty(0, dtype=np.int64)


def rim_of(problem: "RedrawProblem") -> NDArray[np.bool_]:
    """Which units lie at the rim of the market: part of their border is shared with nobody."""
    ground = problem.ground
    around = perimeters_meters(ground)
    ends = np.repeat(np.arange(len(problem.unit_ids)), np.diff(problem.neighbours.indptr))
    shared = np.bincount(
        ends, weights=problem.neighbours.border_meters, minlength=len(problem.unit_ids)
    )
    return np.asarray(around - shared > OPEN_SHARE * around)


def faults_of(live: "LiveAlignment", seats: list[int]) -> list[Shortfall]:
    """Everything that these jurisdictions break now, and units of nobody anywhere."""
    faults = [*_over_tolerance(live, seats), *_islands(live, seats), *_holes(live, seats)]
    astray = np.flatnonzero((live.locked >= 0) & (live.owner != live.locked))
    for seat in sorted({int(live.owner[unit]) for unit in astray.tolist()} & set(seats)):
        here = astray[live.owner[astray] == seat]
        faults.append(Shortfall(code="lock", seat=seat, units=here))
    faults += [
        Shortfall(code="empty", seat=seat, units=NONE) for seat in seats if live.tally[seat] == 0
    ]
    faults += _broken_rules(live, set(seats))
    lost = np.flatnonzero(live.owner < 0)
    if len(lost):
        faults.append(Shortfall(code="unowned", seat=-1, units=lost))
    return faults


def _over_tolerance(live: "LiveAlignment", seats: list[int]) -> list[Shortfall]:
    off = np.abs(live.deviations())
    return [
        Shortfall(code="over_tolerance", seat=seat, row=row, units=NONE)
        for seat in seats
        if live.tally[seat]
        for row, limit in enumerate(live.problem.limits_percent.tolist())
        if off[row, seat] > limit + 1e-9
    ]


def _islands(live: "LiveAlignment", seats: list[int]) -> list[Shortfall]:
    """Pieces beyond the largest of each jurisdiction on each part of the market."""
    wanted = np.zeros(len(live.ids), dtype=np.bool_)
    wanted[seats] = True
    field = live.arena.field
    piece, whose, sizes = pieces_among(live.owner, wanted, field.indptr, field.indices)
    if len(whose) == len(set(whose.tolist())):
        return []
    first = np.full(len(whose), len(piece))
    placed = np.flatnonzero(piece >= 0)
    np.minimum.at(first, piece[placed], placed)
    part = live.problem.seating.part[first]
    faults = []
    for seat in sorted({k for k in whose.tolist() if (whose == k).sum() > 1}):
        mine = np.flatnonzero(whose == seat)
        main = {max(mine[part[mine] == p], key=lambda c: int(sizes[c])) for p in set(part[mine])}
        loose = [c for c in mine.tolist() if c not in main]
        faults += [
            Shortfall(code="island", seat=seat, units=np.flatnonzero(piece == c), pieces=len(mine))
            for c in sorted(loose, key=lambda c: (-int(sizes[c]), c))
        ]
        if not loose:
            faults.append(Shortfall(code="island", seat=seat, units=NONE, pieces=len(mine)))
    return faults


def _holes(live: "LiveAlignment", seats: list[int]) -> list[Shortfall]:
    field = live.arena.field
    faults = []
    for seat in seats:
        limit = int(live.tally[seat])
        found = enclosed_by(seat, limit, live.owner, live.rim, field.indptr, field.indices)
        if len(found):
            units = np.sort(found).astype(np.int64)
            faults.append(Shortfall(code="hole", seat=seat, units=units))
    return faults


def _broken_rules(live: "LiveAlignment", seats: set[int]) -> list[Shortfall]:
    """Groups that touched jurisdictions tear, each under who has most of it, and pairs they share.

    ``units`` of a torn group are those that somebody else has.
    """
    faults = []
    for row, units in enumerate(live.groups):
        owners, counts = np.unique(live.owner[units], return_counts=True)
        if len(owners) > 1 and seats & set(owners.tolist()):
            keeper = int(owners[counts.argmax()])
            away = units[live.owner[units] != keeper]
            faults.append(Shortfall(code="torn_group", seat=keeper, row=row, units=away))
    for row, pair in enumerate(live.pairs):
        one, other = live.owner[pair].tolist()
        if one == other and one in seats:
            faults.append(Shortfall(code="shared_pair", seat=one, row=row, units=pair))
    return faults
