"""Why each visit that was left out was left out, and what would make it fit.

The counterfactuals are checked: the change named in ``fits_if`` was tried on the final plan.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from optimizer.visits.annealing import Days, series_rows
from optimizer.visits.case import NO_WAY_SECONDS, Case, ExecutiveCase
from optimizer.visits.problem import VisitProblem
from optimizer.visits.timing import time_day
from territory.hours import format_time
from territory.routes import Unserved, UnservedReason
from territory.visits import Shift, VisitNeed

if TYPE_CHECKING:
    from optimizer.visits.clock import Routes

Why = tuple[UnservedReason, str, str]
"""Code, words with numbers, and what would make it fit ('' if nothing cheap does)."""


def explain_unserved(problem: VisitProblem, case: ExecutiveCase, days: Days) -> list[Unserved]:
    """One entry for each need of the executive that is on none of the days."""
    served = {need for stops in days for need in stops}
    absent = [need for need in range(case.needs) if need not in served]
    if not absent:
        return []
    teller = _Teller(problem, case, days)
    return [teller.tell(need) for need in absent]


def not_yet_planned(problem: VisitProblem, case: ExecutiveCase, days: Days) -> list[Unserved]:
    """The same in few words, for a plan reported while the search goes on."""
    served = {need for stops in days for need in stops}
    return [
        _unserved(
            problem.needs[case.need_rows[need]],
            ("solver_time_limit", "Not placed when the search was stopped.", ""),
        )
        for need in range(case.needs)
        if need not in served
    ]


def _unserved(need: VisitNeed, why: Why) -> Unserved:
    code, detail, fits_if = why
    return Unserved(
        visit_id=need.visit_id,
        account_id=need.account_id,
        executive_id=need.executive_id,
        reason=code,
        detail=detail,
        value=need.value,
        fits_if=fits_if,
    )


class _Teller:
    """Answers for one executive; holds the plan in the kernel's form."""

    def __init__(self, problem: VisitProblem, case: ExecutiveCase, days: Days) -> None:
        from optimizer.visits.what_if import load_routes

        self.problem = problem
        self.case = case
        self.days = days
        # What-if questions move a shift's end for a moment: on an own copy.
        self.arrays: Case = case.arrays._replace(end=case.arrays.end.copy())
        self.routes: Routes = load_routes(self.arrays, days)
        self.kin, self.kin_of = series_rows(self.arrays.series)
        self.shifts = [problem.shifts[row] for row in case.shift_rows]
        self.needs = [problem.needs[row] for row in case.need_rows]

    def tell(self, need: int) -> Unserved:
        """The first rule, from hardest to softest, that keeps the need out."""
        why = self._no_shift(need) or self._no_window(need) or self._too_far(need)
        why = why or self._spacing(need) or self._full(need)
        return _unserved(self.needs[need], why)

    def _no_shift(self, row: int) -> Why | None:
        need = self.needs[row]
        if not self.shifts:
            return "no_executive", f"{need.executive_id} works on no day of the horizon.", ""
        working = [shift for shift in self.shifts if shift.date in need.dates]
        if not working:
            span = _span(need.dates)
            return (
                "no_executive",
                f"{need.executive_id} works on none of the days on which it can be made ({span}).",
                "",
            )
        if need.required_skill and all(need.required_skill not in s.skills for s in working):
            return (
                "skill_mismatch",
                f"It needs the skill {need.required_skill!r}, which {need.executive_id} lacks.",
                f"{need.executive_id} has the skill {need.required_skill!r}",
            )
        return None

    def _no_window(self, row: int) -> Why | None:
        need = self.needs[row]
        if self.arrays.window_count[row].any():
            return None
        shift = next(shift for shift in self.shifts if shift.date in need.dates)
        return (
            "no_opening_hours_in_window",
            f"A visit of {need.visit_seconds // 60} min fits no opening hours between "
            f"{format_time(shift.start_seconds)} and {format_time(shift.end_seconds)} on any of "
            f"its {len(need.dates)} days.",
            _longer_hours(need, self.shifts),
        )

    def _too_far(self, row: int) -> Why | None:
        open_shifts = np.flatnonzero(self.arrays.window_count[row])
        if any(time_day(self.arrays, int(s), (row,)) is not None for s in open_shifts):
            return None
        there, back = self._alone(row, int(open_shifts[0]))
        if max(there, back) >= NO_WAY_SECONDS:
            return "unreachable_island", "No road leads there from the day's start and back.", ""
        need, shift = self.needs[row], self.shifts[int(open_shifts[0])]
        length = (shift.end_seconds - shift.start_seconds) // 60
        return (
            "too_far_for_day",
            f"{(there + back) // 60} min of driving and {need.visit_seconds // 60} min of visit do "
            f"not fit a day of {length} min with its opening hours, lunch and driving limit, "
            "even alone.",
            "",
        )

    def _alone(self, row: int, s: int) -> tuple[int, int]:
        point = self.arrays.point[row]
        there = self.arrays.travel[self.arrays.start_point[s], point]
        return int(there), int(self.arrays.travel[point, self.arrays.end_point[s]])

    def _usable(self, row: int) -> list[int]:
        from optimizer.visits.what_if import distance_kept

        apart = distance_kept(self.arrays, self.routes, row, self.kin, self.kin_of)
        return [int(s) for s in np.flatnonzero((self.arrays.window_count[row] > 0) & apart)]

    def _spacing(self, row: int) -> Why | None:
        if self._usable(row):
            return None
        need = self.needs[row]
        near = [
            self.shifts[int(self.routes.shift_of[other])].date
            for other in self.kin[
                self.kin_of[self.arrays.series[row]] : self.kin_of[self.arrays.series[row] + 1]
            ]
            if other != row and self.routes.shift_of[other] >= 0
        ]
        dates = ", ".join(str(day) for day in sorted(near))
        return (
            "blocked_until",
            f"Its days ({_span(need.dates)}) lie less than {need.min_spacing_days} days from the "
            f"other visits of the same account ({dates}).",
            self._on_another_date(row),
        )

    def _on_another_date(self, row: int) -> str:
        """The nearest date outside its own on which it would fit, "" if there is none."""
        from optimizer.visits.why import other_dates

        need = self.needs[row]
        if need.kind == "appointment" or need.pinned_start_seconds is not None:
            return ""
        far = [
            (min(abs((self.shifts[s].date - day).days) for day in need.dates), s)
            for s, _ in other_dates(self.case, self.days, row)
            if need.deadline is None or self.shifts[s].date <= need.deadline
        ]
        if not far:
            return ""
        days, s = min(far)
        return f"fits on {self.shifts[s].date}, {days} days off its own dates"

    def _full(self, row: int) -> Why:
        usable = self._usable(row)
        later = self._overtime(row, usable)
        drop = self._drop(row, usable)
        if later is not None and later[0] == 0:
            return self._not_worth(row)
        by_overtime = (
            f"fits on {self.shifts[later[1]].date} if the day ends {later[0]} min later"
            if later
            else ""
        )
        by_date = self._on_another_date(row)
        if drop is None:
            return (
                "capacity_day_full",
                f"Each of the {len(usable)} days on which it can be made is full; no single stop "
                "dropped would make room.",
                "; ".join(filter(None, (by_overtime, by_date))),
            )
        kept = self.needs[drop[0]]
        day = self.shifts[drop[1]].date
        by_drop = f"fits on {day} if {kept.visit_id} is dropped"
        return (
            "lower_value_than_kept",
            f"The days are full; it is worth {self.needs[row].value:.0f}, the stop it would take "
            f"the place of, {kept.visit_id} on {day}, is worth {kept.value:.0f}.",
            "; ".join(filter(None, (by_overtime, by_drop, by_date))),
        )

    def _not_worth(self, row: int) -> Why:
        need = self.needs[row]
        return (
            "too_far_for_day",
            f"It would fit, but the driving costs more than its value of {need.value:.0f} at the "
            "given price of time.",
            "the price of time is lower or the visit is worth more",
        )

    def _overtime(self, row: int, usable: Sequence[int]) -> tuple[int, int] | None:
        from optimizer.visits.what_if import overtime_minutes

        found = [(int(overtime_minutes(self.arrays, self.routes, s, row)), s) for s in usable]
        return min((entry for entry in found if entry[0] >= 0), default=None)

    def _drop(self, row: int, usable: Iterable[int]) -> tuple[int, int] | None:
        from optimizer.visits.what_if import cheapest_drop

        found = [(int(cheapest_drop(self.arrays, self.routes, s, row)), s) for s in usable]
        priced = [(int(self.arrays.penalty[k]), k, s) for k, s in found if k >= 0]
        return min(priced)[1:] if priced else None


def _span(dates: Sequence[object]) -> str:
    if len(dates) <= 1:
        return ", ".join(str(day) for day in dates) or "none"
    return f"{dates[0]} to {dates[-1]}"


def _longer_hours(need: VisitNeed, shifts: Sequence[Shift]) -> str:
    """The smallest extension of an opening window that would let the visit in."""
    options: list[tuple[int, str]] = []
    windows_on = dict(zip(need.dates, need.windows, strict=True))
    for shift in shifts:
        for start, end in windows_on.get(shift.date, ()):
            overlap = min(end, shift.end_seconds) - max(start, shift.start_seconds)
            short = need.visit_seconds - overlap
            if need.pinned_start_seconds is None and short > 0 and end < shift.end_seconds:
                text = f"it stays open {-(-short // 60)} min longer on {shift.date}"
                options.append((short, text))
    return min(options, default=(0, ""))[1]
