"""Why a visit is made when it is: what every other day on which it could be made would cost.

The visit is taken out of its day and tried on each of its dates with everything else in place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from optimizer.visits.annealing import series_rows
from optimizer.visits.case import ExecutiveCase, make_cases
from optimizer.visits.problem import VisitProblem

Verdict = Literal["planned", "possible", "not_working", "closed", "too_close", "full"]

Planned = Mapping[tuple[str, date], Sequence[str]]
"""Visit ids in order, by executive and date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayVerdict:
    """One date of a visit. ``extra_travel_seconds`` is what the visit adds to driving that day.

    ``late_minutes`` is by how much longer a full day would have to last, None if three hours more
    would not do. ``is_preferred`` is false where the account prefers other days.
    """

    date: date
    verdict: Verdict
    extra_travel_seconds: int | None = None
    late_minutes: int | None = None
    is_preferred: bool = True


def day_verdicts(problem: VisitProblem, planned: Planned, visit_id: str) -> tuple[DayVerdict, ...]:
    """What stands for or against each date of a visit, in order of date."""
    need = next(need for need in problem.needs if need.visit_id == visit_id)
    case = next(one for one in make_cases(problem) if one.executive_id == need.executive_id)
    return tuple(_verdicts(problem, case, planned, visit_id))


def _verdicts(
    problem: VisitProblem, case: ExecutiveCase, planned: Planned, visit_id: str
) -> list[DayVerdict]:
    from optimizer.visits.slots import best_positions
    from optimizer.visits.what_if import distance_kept, load_routes, overtime_minutes

    needs = [problem.needs[row] for row in case.need_rows]
    shifts = [problem.shifts[row] for row in case.shift_rows]
    row_of = {need.visit_id: row for row, need in enumerate(needs)}
    row = row_of[visit_id]
    orders = [planned.get((shift.executive_id, shift.date), ()) for shift in shifts]
    days = tuple(
        tuple(row_of[one] for one in order if one in row_of and one != visit_id) for order in orders
    )
    arrays = case.arrays._replace(end=case.arrays.end.copy())
    routes = load_routes(arrays, days)
    kin, kin_of = series_rows(arrays.series)
    extra, at = best_positions(arrays, routes, row, kin, kin_of)
    apart = distance_kept(arrays, routes, row, kin, kin_of)
    shift_on = {shift.date: s for s, shift in enumerate(shifts)}
    made_on = {s for s, order in enumerate(orders) if visit_id in order}
    found = []
    for day in needs[row].dates:
        s = shift_on.get(day)
        liked = needs[row].preferred_dates
        is_preferred = not liked or day in liked
        if s is None:
            found.append(DayVerdict(date=day, verdict="not_working", is_preferred=is_preferred))
            continue
        verdict: Verdict = "possible"
        late: int | None = None
        if s in made_on:
            verdict = "planned"
        elif arrays.window_count[row, s] == 0:
            verdict = "closed"
        elif not apart[s]:
            verdict = "too_close"
        elif at[s] < 0:
            verdict = "full"
            minutes = int(overtime_minutes(arrays, routes, s, row))
            late = minutes if minutes >= 0 else None
        found.append(
            DayVerdict(
                date=day,
                verdict=verdict,
                extra_travel_seconds=int(extra[s]) if at[s] >= 0 else None,
                late_minutes=late,
                is_preferred=is_preferred,
            )
        )
    return found


def other_dates(
    case: ExecutiveCase, days: Sequence[Sequence[int]], row: int
) -> list[tuple[int, int]]:
    """Shifts outside a need's dates on which it would fit: shift and extra driving.

    Only weekdays on which it can be made are tried, at the hours it keeps on that weekday.
    """
    from optimizer.visits.slots import best_positions
    from optimizer.visits.what_if import load_routes

    arrays = case.arrays
    own = np.flatnonzero(arrays.window_count[row] > 0)
    hours_on = {int(arrays.day[s]) % 7: int(s) for s in own}
    others = [
        int(s)
        for s in np.flatnonzero(arrays.window_count[row] == 0)
        if int(arrays.day[s]) % 7 in hours_on
    ]
    if not others:
        return []
    first, count = arrays.window_first.copy(), arrays.window_count.copy()
    for s in others:
        like = hours_on[int(arrays.day[s]) % 7]
        first[row, s], count[row, s] = first[row, like], count[row, like]
    tried = arrays._replace(window_first=first, window_count=count)
    kin, kin_of = series_rows(arrays.series)
    routes = load_routes(tried, tuple(tuple(stops) for stops in days))
    extra, at = best_positions(tried, routes, row, kin, kin_of)
    return [(s, int(extra[s])) for s in others if at[s] >= 0]
