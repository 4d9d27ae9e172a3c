"""Who takes over the visits of one who is ill: a colleague on the same day, if that is the cheaper.

A visit handed to a colleague stays on its date and costs the driving it adds and a price in seconds
of driving; one that stays with its executive costs the driving it adds on another date and a price
for that. The visits worth most choose first. Nobody's planned stop gives way to one handed over.
What is handed over of one account goes to one colleague: the first to take any of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from optimizer.visits.case import make_cases
from optimizer.visits.living import Away, Mender, Planned
from optimizer.visits.problem import VisitProblem
from territory.visits import VisitNeed

TWIN = "\t"
"""Between a visit and the colleague who may take it over, in the id of a need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverPrices:
    """What a change is worth avoiding, in seconds of driving."""

    handed_seconds: int = 1800
    moved_seconds: int = 3600

    def __post_init__(self) -> None:
        if self.handed_seconds < 0 or self.moved_seconds < 0:
            raise ValueError("the price of a change is 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """Who makes each visit that was handed over, and the stops in order of the days it changed."""

    executive_of: Mapping[str, str]
    planned: Mapping[tuple[str, date], tuple[str, ...]]


def cover(
    problem: VisitProblem,
    planned: Planned,
    visits: Sequence[str],
    *,
    prices: CoverPrices | None = None,
    away: Away = frozenset(),
) -> Covered:
    """Decide for each of ``visits``, which are in none of the days, who makes it.

    The problem holds each with its own executive and once more for every colleague who could make
    it, as the visit's id, a tab and the colleague's, on the date it was planned.
    """
    price = prices or CoverPrices()
    menders = [Mender(problem, case, planned, away) for case in make_cases(problem)]
    for mender in menders:
        mender.hold()
    rows: dict[str, list[tuple[Mender, int]]] = {}
    worth: dict[str, int] = {}
    for mender in menders:
        for row, need in enumerate(mender.needs):
            visit = need.visit_id.split(TWIN)[0]
            rows.setdefault(visit, []).append((mender, row))
            worth[visit] = max(worth.get(visit, 0), int(mender.arrays.penalty[row]))
    taken: dict[str, str] = {}
    colleague_of: dict[str, str] = {}
    for visit in sorted(set(visits) & rows.keys(), key=lambda one: (-worth[one], one)):
        found = min(
            (
                (_cost(mender, row, s, extra, price), number, s, p)
                for number, (mender, row) in enumerate(rows[visit])
                if _may_take(mender.needs[row], colleague_of)
                for s, extra, p in mender.slots(row)
            ),
            default=None,
        )
        if found is None:
            continue
        mender, row = rows[visit][found[1]]
        mender.put(row, *found[2:])
        need = mender.needs[row]
        if TWIN in need.visit_id:
            taken[visit] = colleague_of[need.account_id] = need.executive_id
    return Covered(executive_of=taken, planned=_changed(menders, set(taken.values())))


def _may_take(need: VisitNeed, colleague_of: Mapping[str, str]) -> bool:
    """Whether it is the visit of one's own, or of an account that nobody else took over."""
    known = colleague_of.get(need.account_id, need.executive_id)
    return TWIN not in need.visit_id or known == need.executive_id


def _cost(mender: Mender, row: int, s: int, extra: int, price: CoverPrices) -> int:
    is_handed = TWIN in mender.needs[row].visit_id
    change = price.handed_seconds if is_handed else price.moved_seconds
    return extra + change + int(mender.arrays.off_preferred[row, s])


def _changed(
    menders: Sequence[Mender], colleagues: set[str]
) -> Mapping[tuple[str, date], tuple[str, ...]]:
    return {
        (shift.executive_id, shift.date): tuple(
            mender.needs[row].visit_id.split(TWIN)[0] for row in stops
        )
        for mender in menders
        for shift, stops in zip(mender.shifts, mender.stops, strict=True)
        if shift.executive_id in colleagues
    }
