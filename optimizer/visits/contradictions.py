"""Rules of a visit problem that cannot all be met, found by counting, before any search."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from optimizer.visits.problem import VisitProblem
from territory.hours import format_time
from territory.visits import Shift, VisitNeed

NAMED = 3
"""So many visits are named in a sentence; the rest are counted."""


def contradictions(problem: VisitProblem) -> tuple[str, ...]:
    """One sentence with its numbers for each rule that some visits must break.

    Found are: more hours of visits than of work, by executive and by executive and day for visits
    with one day only; visits longer than every shift of their executive; visits whose hours never
    meet a shift; skills their executive lacks; two pinned appointments at once; and series with
    more visits than their days and spacing hold.
    """
    shifts: dict[str, list[Shift]] = defaultdict(list)
    needs: dict[str, list[VisitNeed]] = defaultdict(list)
    for shift in problem.shifts:
        shifts[shift.executive_id].append(shift)
    for need in problem.needs:
        needs[need.executive_id].append(need)
    return tuple(
        sentence
        for who in sorted(needs)
        for sentence in (
            *_hours(who, needs[who], shifts[who]),
            *_days(who, needs[who], shifts[who]),
            *_never(who, needs[who], shifts[who]),
            *_pinned(problem, who, needs[who]),
            *_rhythm(who, needs[who], shifts[who]),
        )
    )


def _worked(shift: Shift) -> int:
    return shift.end_seconds - shift.start_seconds - (shift.lunch.seconds if shift.lunch else 0)


def _hours(who: str, needs: Sequence[VisitNeed], shifts: Sequence[Shift]) -> Iterator[str]:
    offered = sum(_worked(shift) for shift in shifts)
    needed = sum(need.visit_seconds for need in needs)
    if needed > offered:
        yield (
            f"{who}: {offered / 3600:.0f} h of working time offered, {needed / 3600:.0f} h of "
            "visits needed before any driving: not all fit."
        )


def _days(who: str, needs: Sequence[VisitNeed], shifts: Sequence[Shift]) -> Iterator[str]:
    if len(shifts) < 2:
        return  # the hours of the whole say it
    offered = {shift.date: shift.end_seconds - shift.start_seconds for shift in shifts}
    needed: Counter[date] = Counter()
    for need in needs:
        if len(need.dates) == 1:
            needed[need.dates[0]] += need.visit_seconds
    for day in sorted(needed):
        if day in offered and needed[day] > offered[day]:
            yield (
                f"{who} on {day}: {offered[day] / 3600:.1f} h of work offered, "
                f"{needed[day] / 3600:.1f} h of visits that can be made on no other day."
            )


def _never(who: str, needs: Sequence[VisitNeed], shifts: Sequence[Shift]) -> Iterator[str]:
    if not shifts:
        return
    skills = frozenset[str]().union(*(shift.skills for shift in shifts))
    longest = max(shift.end_seconds - shift.start_seconds for shift in shifts)
    unskilled = [n for n in needs if n.required_skill and n.required_skill not in skills]
    long = [need for need in needs if need.visit_seconds > longest]
    by_date = {shift.date: shift for shift in shifts}
    shut = [
        need
        for need in needs
        if need.visit_seconds <= longest
        and any(day in by_date for day in need.dates)
        and not any(_meets(need, day, by_date[day]) for day in need.dates if day in by_date)
    ]
    if unskilled:
        wanted = ", ".join(sorted({repr(need.required_skill) for need in unskilled}))
        yield f"{who} lacks {wanted}, which {_named(unskilled)} require."
    if long:
        yield f"{who}: the longest day is {longest // 60} min, longer are {_named(long)}."
    if shut:
        yield f"{who}: no opening hours meet a shift long enough for {_named(shut)}."


def _meets(need: VisitNeed, day: date, shift: Shift) -> bool:
    return any(
        min(end, shift.end_seconds) - max(start, shift.start_seconds) >= need.visit_seconds
        for start, end in need.windows[need.dates.index(day)]
    )


def _pinned(problem: VisitProblem, who: str, needs: Sequence[VisitNeed]) -> Iterator[str]:
    row_of = {need.visit_id: row for row, need in enumerate(problem.needs)}
    pinned: dict[date, list[VisitNeed]] = defaultdict(list)
    for need in needs:
        if need.pinned_start_seconds is not None and need.dates:
            pinned[need.dates[0]].append(need)
    for day in sorted(pinned):
        ordered = sorted(pinned[day], key=lambda need: need.pinned_start_seconds or 0)
        for one, other in combinations(ordered, 2):
            start, then = one.pinned_start_seconds or 0, other.pinned_start_seconds or 0
            here, there = (problem.points.of_need[row_of[need.visit_id]] for need in (one, other))
            drive = int(problem.travel.seconds[..., here, there].min())
            if start + one.visit_seconds + drive > then:
                yield (
                    f"{who} on {day}: {one.visit_id} is pinned at {format_time(start)} and "
                    f"{other.visit_id} at {format_time(then)}, with {one.visit_seconds // 60} min "
                    f"of visit and {min(drive, 86_400) // 60} min of driving between: both cannot "
                    "be kept."
                )


def _rhythm(who: str, needs: Sequence[VisitNeed], shifts: Sequence[Shift]) -> Iterator[str]:
    worked = {shift.date for shift in shifts}
    series: dict[str, list[VisitNeed]] = defaultdict(list)
    for need in needs:
        if need.series and need.kind != "task":
            series[need.series].append(need)
    for name in sorted(series):
        visits = series[name]
        days = sorted({day for need in visits for day in need.dates if day in worked})
        apart = max(need.min_spacing_days for need in visits)
        room = _most_apart(days, max(1, apart))
        if len(visits) > 1 and days and len(visits) > room:
            yield (
                f"{who}: {len(visits)} visits of {name} are due, {room} fit on the days worked "
                f"that are {apart} days apart."
            )


def _most_apart(days: Sequence[date], apart: int) -> int:
    """The most of some ascending days that lie so many days apart: the earliest, then the next."""
    count, last = 0, None
    for day in days:
        if last is None or (day - last).days >= apart:
            count, last = count + 1, day
    return count


def _named(needs: Sequence[VisitNeed]) -> str:
    names = [need.visit_id for need in needs[:NAMED]]
    rest = len(needs) - len(names)
    return ", ".join(names) + (f" and {rest} more" if rest else "")
