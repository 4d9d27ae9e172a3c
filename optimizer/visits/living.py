"""Mends the rest of a plan with few changes, and offers slots for one more visit.

What is planned stays on its day and in its order as long as it holds. A day that no longer holds is
put into its quickest order if it is short, else it gives up the stops worth least. What was given
up, and what is new, goes in where it costs least driving; it may take the place of one stop worth
less.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from optimizer.visits.annealing import Days, series_rows
from optimizer.visits.assemble import assemble_plan, timed_route
from optimizer.visits.case import ExecutiveCase, make_cases
from optimizer.visits.explain import explain_unserved
from optimizer.visits.problem import VisitProblem
from optimizer.visits.timing import DayTimes, day_legs, time_day
from territory.routes import Route, VisitPlan

if TYPE_CHECKING:
    from optimizer.visits.clock import Routes

MOST_REORDERED = 6
"""A day of so many stops is tried in every order."""

Planned = Mapping[tuple[str, date], Sequence[str]]
"""Visit ids in order, by executive and date."""

Away = Collection[tuple[str, date]]
"""Days whose executive has left home already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A slot for one more visit: who, when, what it adds, and how late it may start."""

    executive_id: str
    date: date
    start_seconds: int
    latest_start_seconds: int
    extra_travel_seconds: int
    position: int
    is_preferred: bool


def mend(problem: VisitProblem, planned: Planned, *, away: Away = frozenset()) -> VisitPlan:
    """The plan of a problem that keeps to ``planned`` wherever that still holds."""
    cases = make_cases(problem)
    menders = [Mender(problem, case, planned, away) for case in cases]
    days = [mender.days() for mender in menders]
    left_out = [
        item
        for case, kept in zip(cases, days, strict=True)
        for item in explain_unserved(problem, case, kept)
    ]
    plan = assemble_plan(problem, cases, days, [*problem.unserved, *left_out])
    begun = {(r.executive_id, r.date): r for mender in menders for r in mender.routes_away()}
    routes = tuple(begun.get((r.executive_id, r.date), r) for r in plan.routes)
    return replace(plan, routes=routes)


def offer_slots(
    problem: VisitProblem,
    planned: Planned,
    visit_id: str,
    *,
    count: int = 5,
    away: Away = frozenset(),
) -> tuple[Offer, ...]:
    """The best slots for a need of the problem that is in none of its days, the best first.

    One slot for each executive and date; ranked by preferred date, then added driving, then date.
    The problem may hold the need once for each executive who could make it, as ``visit_id`` and
    any suffix after a tab.
    """
    menders = [Mender(problem, case, planned, away) for case in make_cases(problem)]
    slots = [
        (mender.rank(row, s, extra), number, row, (s, extra, p))
        for number, mender in enumerate(menders)
        for row, need in enumerate(mender.needs)
        if need.visit_id.split("\t")[0] == visit_id
        for s, extra, p in mender.slots(row)
    ]
    # How late each may start is asked of the best only.
    return tuple(
        menders[number].offer(row, *slot) for _, number, row, slot in sorted(slots)[:count]
    )


class Mender:
    """One executive's days, by need rows of the case."""

    def __init__(
        self, problem: VisitProblem, case: ExecutiveCase, planned: Planned, away: Away
    ) -> None:
        self.problem = problem
        self.case = case
        self.arrays = case.arrays
        self.shifts = [problem.shifts[row] for row in case.shift_rows]
        self.needs = [problem.needs[row] for row in case.need_rows]
        self.is_away = [(shift.executive_id, shift.date) in away for shift in self.shifts]
        row_of = {need.visit_id: row for row, need in enumerate(self.needs)}
        self.stops: list[tuple[int, ...]] = [
            tuple(
                row_of[visit]
                for visit in planned.get((shift.executive_id, shift.date), ())
                if visit in row_of
            )
            for shift in self.shifts
        ]
        self.kin, self.kin_of = series_rows(self.arrays.series)

    def days(self) -> Days:
        """The days after mending."""
        self.hold()
        self._put_back()
        return tuple(self.stops)

    def hold(self) -> None:
        """Give up what no longer holds on each day."""
        for s in range(len(self.shifts)):
            self.stops[s] = self._held(s, self.stops[s])

    def _held(self, s: int, stops: tuple[int, ...]) -> tuple[int, ...]:
        """As many of a day's stops as hold, in their order where that can be."""
        while stops and not self._fits(s, stops):
            other = self._reordered(s, stops)
            if other is not None:
                return other
            shorter = [stops[:p] + stops[p + 1 :] for p in range(len(stops))]
            penalty = self.arrays.penalty
            order = sorted(range(len(stops)), key=lambda p: int(penalty[stops[p]]))
            holds = next((p for p in order if self._fits(s, shorter[p])), order[0])
            stops = shorter[holds]
        return stops

    def _fits(self, s: int, stops: Sequence[int]) -> bool:
        return not stops or (
            bool((self.arrays.window_count[list(stops), s] > 0).all())
            and self._timed(s, stops) is not None
        )

    def _timed(self, s: int, stops: Sequence[int]) -> DayTimes | None:
        return time_day(self.arrays, s, stops, is_away=self.is_away[s])

    def routes_away(self) -> list[Route]:
        """The routes of days that are begun, timed as such."""
        routes = []
        for s, stops in enumerate(self.stops):
            times = self._timed(s, stops) if self.is_away[s] and stops else None
            if times is not None:
                routes.append(timed_route(self.problem, self.case, s, stops, times))
        return routes

    def _reordered(self, s: int, stops: tuple[int, ...]) -> tuple[int, ...] | None:
        if len(stops) > MOST_REORDERED or not (self.arrays.window_count[list(stops), s] > 0).all():
            return None
        found = [
            (sum(day_legs(self.arrays, s, order)), order)
            for order in permutations(stops)
            if self._timed(s, order) is not None
        ]
        return min(found, default=(0, None))[1]

    def _put_back(self) -> None:
        """Everything without a day, the dearest first; each may push out one worth less, once."""
        served = {need for stops in self.stops for need in stops}
        waiting = [need for need in range(self.case.needs) if need not in served]
        waiting.sort(key=lambda need: (-int(self.arrays.penalty[need]), need))
        pushed: set[int] = set()
        while waiting:
            need = waiting.pop(0)
            slot = self._best_slot(need)
            if slot is not None:
                self.put(need, *slot)
                continue
            out = self._cheapest_swap(need, pushed)
            if out is not None:
                pushed.add(out)
                waiting.append(out)

    def put(self, need: int, s: int, p: int) -> None:
        """Make a need the stop after position p of a shift."""
        self.stops[s] = (*self.stops[s][:p], need, *self.stops[s][p:])

    def _best_slot(self, need: int) -> tuple[int, int] | None:
        found = [
            (int(extra) + int(self.arrays.off_preferred[need, s]), int(self.arrays.day[s]), s, p)
            for s, extra, p in self.slots(need)
        ]
        return min(found)[2:] if found else None

    def slots(self, need: int) -> list[tuple[int, int, int]]:
        """The best position on every shift that can take the need: shift, extra driving, place."""
        from optimizer.visits.slots import best_positions

        extra, at = best_positions(self.arrays, self._routes(), need, self.kin, self.kin_of)
        found = [(int(s), int(extra[s]), int(at[s])) for s in np.flatnonzero(at >= 0)]
        return [slot for slot in (self._for_one_away(need, *slot) for slot in found) if slot]

    def _for_one_away(self, need: int, s: int, extra: int, p: int) -> tuple[int, int, int] | None:
        """The same slot, or on a day that is begun the first one that holds there, if any."""
        kept = self.stops[s]
        places = (p, *(q for q in range(len(kept) + 1) if q != p)) if self.is_away[s] else ()
        if not places or self._timed(s, (*kept[:p], need, *kept[p:])) is not None:
            return s, extra, p
        for q in places[1:]:
            stops = (*kept[:q], need, *kept[q:])
            if self._timed(s, stops) is not None:
                before = sum(day_legs(self.arrays, s, kept)) if kept else 0
                return s, sum(day_legs(self.arrays, s, stops)) - before, q
        return None

    def _routes(self) -> "Routes":
        from optimizer.visits.what_if import load_routes

        return load_routes(self.arrays, tuple(self.stops))

    def _cheapest_swap(self, need: int, pushed: set[int]) -> int | None:
        """Let the need take the place of the stop worth least that is worth less; which one."""
        penalty = self.arrays.penalty
        found = []
        for s in map(int, np.flatnonzero(self.arrays.window_count[need] > 0)):
            kept = self.stops[s]
            for p, out in enumerate(kept):
                if penalty[out] >= penalty[need] or out in pushed:
                    continue
                self.stops[s] = kept[:p] + kept[p + 1 :]
                slot = next((slot for slot in self.slots(need) if slot[0] == s), None)
                if slot is not None:
                    found.append((int(penalty[out]), slot[1], s, p, slot[2]))
            self.stops[s] = kept
        if not found:
            return None
        _, _, s, p, at = min(found)
        out = self.stops[s][p]
        self.stops[s] = self.stops[s][:p] + self.stops[s][p + 1 :]
        self.put(need, s, at)
        return out

    def rank(self, need: int, s: int, extra: int) -> tuple[bool, int, date, str]:
        """What slots are sorted by: preferred date, added driving, date, executive."""
        shift = self.shifts[s]
        is_off = int(self.arrays.off_preferred[need, s]) > 0
        return is_off, extra, shift.date, shift.executive_id

    def offer(self, need: int, s: int, extra: int, p: int) -> Offer:
        """The slot after position p of a shift, with its times."""
        stops = (*self.stops[s][:p], need, *self.stops[s][p:])
        times = self._timed(s, stops)
        assert times is not None
        shift = self.shifts[s]
        return Offer(
            executive_id=shift.executive_id,
            date=shift.date,
            start_seconds=times.starts[p],
            latest_start_seconds=self._latest(s, stops, p, times.starts[p]),
            extra_travel_seconds=extra,
            position=p,
            is_preferred=int(self.arrays.off_preferred[need, s]) == 0,
        )

    def _latest(self, s: int, stops: tuple[int, ...], p: int, start: int) -> int:
        """The latest whole quarter hour after ``start`` at which the day still holds."""
        from optimizer.visits.slots import holds_when_started

        last = start
        for later in range(start - start % 900 + 900, int(self.arrays.end[s]), 900):
            if not holds_when_started(self.arrays, s, stops, p, later, is_away=self.is_away[s]):
                break
            last = later
        return last
