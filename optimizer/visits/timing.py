"""The exact clock times of one day's route: when each visit starts, where lunch lies.

Three schedules are tried, each as early as it can be: home before lunch is due, leaving home after
lunch, or with one break in the gap from which the day ends soonest (see
``territory.visits.Lunch``). A day fits if one of them does; this is exact, since arriving earlier
never makes a later visit start later. Where waiting, overtime, lateness or traffic cost something
the cheapest schedule is taken (``optimizer.visits.clock_price``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from optimizer.visits.case import NO_WAY_SECONDS, Case


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTimes:
    """One timed day. ``arrivals`` and ``starts`` are per stop; ``lunch_start`` None for none.

    ``lunch_gap`` is the number of stops before lunch.
    """

    leave: int
    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    back: int
    legs: tuple[int, ...]
    lunch_start: int | None = None
    lunch_gap: int | None = None


def time_day(
    case: Case, shift: int, stops: Sequence[int], *, is_away: bool = False
) -> DayTimes | None:
    """The times of the needs ``stops`` in this order on a shift; None if they do not fit it.

    Checks windows, lunch, the shift's span, driving and load; not the spacing between dates. Who
    ``is_away`` from home already cannot have lunch there before leaving.
    """
    legs = day_legs(case, shift, stops)
    if not stops:
        return None
    if sum(legs) > case.max_driving[shift] or max(legs) >= NO_WAY_SECONDS:
        return None
    if sum(int(case.load[need]) for need in stops) > case.capacity[shift]:
        return None
    if case.slow is not None:
        return _cheapest(case, shift, stops, legs, is_away=is_away)
    start, end = int(case.start[shift]), int(case.end[shift])
    earliest, latest, lunch = (int(value) for value in case.lunch[shift, :3])
    if lunch == 0:
        return _run(case, shift, stops, legs, leave=start, back_by=end)
    return (
        _run(case, shift, stops, legs, leave=start, back_by=min(end, latest + lunch - 1))
        or (
            None
            if is_away
            else _run(case, shift, stops, legs, leave=max(start, latest + 1), back_by=end)
        )
        or _with_lunch(case, shift, stops, legs, (earliest, latest, lunch))
    )


def day_legs(case: Case, shift: int, stops: Sequence[int]) -> tuple[int, ...]:
    """The driving seconds from home through the stops and home again."""
    return tuple(int(case.travel[a, b]) for a, b in pairwise(_places(case, shift, stops)))


def _places(case: Case, shift: int, stops: Sequence[int]) -> list[int]:
    start, end = int(case.start_point[shift]), int(case.end_point[shift])
    return [start, *(int(case.point[need]) for need in stops), end]


def earliest_start(case: Case, need: int, shift: int, arrival: int) -> int | None:
    """When a visit reached at ``arrival`` starts; None if that is too late on this shift."""
    first = int(case.window_first[need, shift])
    for row in range(first, first + int(case.window_count[need, shift])):
        begin = max(arrival, int(case.windows[row, 0]))
        if begin + int(case.seconds[need]) <= case.windows[row, 1]:
            return begin
    return None


def _run(
    case: Case,
    shift: int,
    stops: Sequence[int],
    legs: Sequence[int],
    *,
    leave: int,
    back_by: int,
    lunch_gap: int = -1,
    lunch: tuple[int, ...] = (0, 0, 0),
    is_final: bool = False,
) -> DayTimes | None:
    # Walks the day; in the gap before stop ``lunch_gap`` (or before home) lunch is taken.
    arrivals: list[int] = []
    starts: list[int] = []
    lunch_start: int | None = None
    now = leave
    driven: list[int] = []
    places = _places(case, shift, stops)
    for gap, leg in enumerate(legs):
        arrival = _arrive(case, shift, now, leg)
        driven.append(arrival - now)
        if gap == lunch_gap:
            way = places[gap], places[gap + 1]
            meal = _meal(case, shift, now, way, gap == 0, gap == len(stops))
            if meal is None:
                return None
            arrival, lunch_start, driven[-1] = meal
        if gap == len(stops):
            now = arrival
            break
        begin = earliest_start(case, stops[gap], shift, arrival)
        if begin is None:
            return None
        arrivals.append(arrival)
        starts.append(begin)
        now = begin + int(case.seconds[stops[gap]])
    if now > back_by:
        return None
    day = DayTimes(
        leave=leave,
        arrivals=tuple(arrivals),
        starts=tuple(starts),
        back=now,
        legs=tuple(driven),
        lunch_start=lunch_start,
        lunch_gap=None if lunch_start is None else lunch_gap,
    )
    return day if is_final else _leave_late(day, lunch if lunch_gap == 0 else (0, 0, 0))


def _arrive(case: Case, shift: int, left: int, leg: int) -> int:
    if case.traffic.shape[1] == 0:
        return left + leg
    from optimizer.visits.clock_steps import slow_arrival

    return int(slow_arrival(case.traffic, shift, left, leg))


def _meal(
    case: Case, shift: int, left: int, way: tuple[int, int], is_first: bool, is_last: bool
) -> tuple[int, int, int] | None:
    """Arrival after lunch in a gap, when lunch begins, and the driving; None if it is too late."""
    earliest, latest, length, where = (int(value) for value in case.lunch[shift, :4])
    if left > latest:
        return None
    leg = int(case.travel[way])
    if where == 0:
        return max(left + leg, earliest) + length, max(left, earliest), leg
    from optimizer.visits.clock_steps import NEVER, careful_lunch

    ready, begun, driven = careful_lunch(
        case.lunch, case.travel, case.traffic, shift, left, *way, is_first, is_last
    )
    return None if ready >= NEVER else (int(ready), int(begun), int(driven))


def _cheapest(
    case: Case, shift: int, stops: Sequence[int], legs: Sequence[int], *, is_away: bool
) -> DayTimes | None:
    import numpy as np

    from optimizer.visits.clock_price import best_schedule
    from optimizer.visits.clock_steps import NEVER

    row = np.zeros((shift + 1, len(stops) + 2), dtype=np.int64)
    row[shift, 1:-1] = stops
    price, gap, leave = best_schedule(case, shift, row, len(stops), is_away)
    if price >= NEVER:
        return None
    return _run(
        case,
        shift,
        stops,
        legs,
        leave=int(leave),
        back_by=int(case.end[shift]),
        lunch_gap=int(gap),
        lunch=tuple(int(value) for value in case.lunch[shift, :3]),
        is_final=True,
    )


def day_price(case: Case, shift: int, stops: Sequence[int]) -> int:
    """What a day costs beside its driving by the matrix, in seconds; 0 where nothing does."""
    if case.slow is None or not stops:
        return 0
    import numpy as np

    from optimizer.visits.clock_price import route_price

    row = np.zeros((shift + 1, len(stops) + 2), dtype=np.int64)
    row[shift, 1:-1] = stops
    return int(route_price(case, shift, row, len(stops)))


def _leave_late(day: DayTimes, lunch: tuple[int, ...]) -> DayTimes:
    # Waiting for the first door to open is better done at home. Lunch before the first stop keeps
    # the departure at or before the latest lunch, or it would not be due.
    _, latest, length = lunch
    leave = day.starts[0] - day.legs[0] - length
    leave = max(day.leave, min(leave, latest) if length else leave)
    lunch_start = max(leave, lunch[0]) if length else day.lunch_start
    arrival = max(leave + day.legs[0], lunch[0]) + length if length else leave + day.legs[0]
    return DayTimes(
        leave=leave,
        arrivals=(arrival, *day.arrivals[1:]),
        starts=day.starts,
        back=day.back,
        legs=day.legs,
        lunch_start=lunch_start,
        lunch_gap=day.lunch_gap,
    )


def _with_lunch(
    case: Case,
    shift: int,
    stops: Sequence[int],
    legs: Sequence[int],
    lunch: tuple[int, int, int],
) -> DayTimes | None:
    end = int(case.end[shift])
    found = [
        day
        for gap in range(len(legs))
        if (
            day := _run(
                case,
                shift,
                stops,
                legs,
                leave=int(case.start[shift]),
                back_by=end,
                lunch_gap=gap,
                lunch=lunch,
            )
        )
    ]
    middle = (lunch[0] + lunch[1]) / 2
    return min(
        found, key=lambda day: (day.back, abs((day.lunch_start or 0) - middle)), default=None
    )
