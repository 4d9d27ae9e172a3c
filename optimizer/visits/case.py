"""One executive's problem as arrays: what the kernel, the routing model and the timing all read.

Rows are the executive's needs (n) and shifts (m), in the order of the problem. Times are int64
seconds after midnight, points are rows of ``travel``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.problem import DAY_SECONDS, VisitProblem, Weights
from territory.costs import span_of
from territory.travel import UNREACHABLE
from territory.visits import Lunch, Shift, VisitNeed, late_windows

Ints = NDArray[np.int64]
NO_WAY_SECONDS = 10_000_000  # longer than any day, small enough that sums stay exact
NEAREST_KEPT = 300
ROUNDED_SECONDS = 60  # legs in traffic are rounded up to whole seconds, one each
NO_LONGEST_DAYS = 1_000_000


class Case(NamedTuple):
    """Arrays of one executive's problem.

    ``windows[window_first[i, s] : window_first[i, s] + window_count[i, s]]`` are the spans in which
    need i can be made on shift s, ascending, as start, latest end and the end from which it is
    late; no windows means not on that shift. ``lunch`` rows are (earliest, latest, seconds, where),
    seconds 0 for none, where as in ``clock_steps``; for lunch at home also its point and the most
    driving of the day, the way by home included. ``end`` includes overtime, which begins at
    ``regular_end``. A day with an open end goes to a point that is no way from anywhere.
    ``traffic[s]`` are spans with a speed in thousandths, no spans where every shift is at 1,000.
    ``rates`` are thousandths of the weights of waiting, lateness and imbalance, ``overtime_rate``
    the same of overtime per shift. ``slow`` is 1 if anything beside the matrix's driving costs or
    traffic or lunch asks for the slow clock, else None: of another type, so that the kernels are
    compiled for either and the plain ones hold nothing of the other rules. ``span[s]`` is the week
    (or day) of a shift over which work is balanced, ``span_offered`` its working seconds.
    ``nearest[i]`` are other needs by travel. ``before[i]`` and ``after[i]`` are the visits next to
    i in its series (-1 for none), ``longest[i]`` the most days after the one before. ``twin[s]`` is
    the first shift that is like s in all but its date, for needs that do not care.
    """

    travel: NDArray[np.int64]  # (points, points)
    point: Ints
    seconds: Ints
    penalty: Ints
    load: Ints
    series: Ints
    spacing: Ints
    before: Ints
    after: Ints
    longest: Ints
    window_first: NDArray[np.int64]
    window_count: NDArray[np.int64]
    windows: NDArray[np.int64]
    room: Ints  # seconds in which a visit may start, over all shifts
    off_preferred: NDArray[np.int64]  # with what leaving a published date costs
    start: Ints
    end: Ints
    regular_end: Ints
    start_point: Ints
    end_point: Ints
    lunch: NDArray[np.int64]
    max_driving: Ints
    capacity: Ints
    day: Ints
    twin: Ints
    nearest: NDArray[np.int64]
    traffic: NDArray[np.int64]
    rates: Ints
    slow: int | None
    overtime_rate: Ints
    span: Ints
    span_offered: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExecutiveCase:
    """A case and the rows of the problem it was made from."""

    executive_id: str
    need_rows: tuple[int, ...]
    shift_rows: tuple[int, ...]
    arrays: Case

    @property
    def needs(self) -> int:
        return len(self.need_rows)


def make_cases(problem: VisitProblem) -> tuple[ExecutiveCase, ...]:
    """One case for each executive, in order of id; shifts in order of date."""
    needs: dict[str, list[int]] = {who: [] for who in problem.executive_ids}
    shifts: dict[str, list[int]] = {who: [] for who in problem.executive_ids}
    for row, need in enumerate(problem.needs):
        needs[need.executive_id].append(row)
    for row in sorted(range(len(problem.shifts)), key=lambda row: problem.shifts[row].date):
        shifts[problem.shifts[row].executive_id].append(row)
    penalty = problem.penalty_seconds
    return tuple(
        ExecutiveCase(
            executive_id=who,
            need_rows=tuple(needs[who]),
            shift_rows=tuple(shifts[who]),
            arrays=_arrays(problem, needs[who], shifts[who], penalty[needs[who]]),
        )
        for who in problem.executive_ids
    )


def _arrays(
    problem: VisitProblem, need_rows: Sequence[int], shift_rows: Sequence[int], penalty: Ints
) -> Case:
    needs = [problem.needs[row] for row in need_rows]
    shifts = [problem.shifts[row] for row in shift_rows]
    of_need = [problem.points.of_need[row] for row in need_rows]
    of_shift = [problem.points.of_shift[row] for row in shift_rows]
    tables = [problem.points.of_lunch[row] for row in shift_rows if problem.points.of_lunch]
    places = (point for pair in of_shift for point in pair)
    used = sorted({*of_need, *places, *(point for point in tables if point >= 0)})
    local = {point: position for position, point in enumerate(used)}
    travel = _travel(problem, used)
    if any(shift.is_open_end for shift in shifts):
        travel = np.pad(travel, ((0, 1), (0, 1)))
    point = _ints([local[one] for one in of_need])
    window_first, window_count, windows = _windows(needs, shifts)
    before, after = _neighbours(needs)
    span = _spans(shifts, problem.weights)
    loads = problem.loads or (0,) * len(problem.needs)
    capacities = problem.capacities or (0,) * len(problem.shifts)
    return Case(
        travel=travel,
        point=point,
        seconds=_ints([need.visit_seconds for need in needs]),
        penalty=penalty,
        load=_ints([loads[row] for row in need_rows]),
        series=_series(needs),
        spacing=_ints([need.min_spacing_days for need in needs]),
        before=before,
        after=after,
        longest=_ints([need.max_spacing_days or NO_LONGEST_DAYS for need in needs]),
        window_first=window_first,
        window_count=window_count,
        windows=windows,
        room=_room(needs, window_first, window_count, windows),
        off_preferred=_off_preferred(needs, shifts, problem.weights),
        start=_ints([shift.start_seconds for shift in shifts]),
        end=_ints([shift.latest_end_seconds for shift in shifts]),
        regular_end=_ints([shift.end_seconds for shift in shifts]),
        start_point=_ints([local[pair[0]] for pair in of_shift]),
        end_point=_ints(
            [
                len(used) if shift.is_open_end else local[pair[1]]
                for shift, pair in zip(shifts, of_shift, strict=True)
            ]
        ),
        lunch=_lunches(shifts, [local.get(point, -1) for point in tables]),
        max_driving=_ints([_driving_limit(shift) for shift in shifts]),
        capacity=_ints([capacities[row] for row in shift_rows]),
        day=_ints([shift.date.toordinal() for shift in shifts]),
        twin=_twins(shifts),
        nearest=_nearest(travel, point),
        traffic=_traffic(shifts),
        rates=_rates(problem.weights),
        slow=_slow(needs, shifts, problem.weights),
        overtime_rate=_ints([_thousandths(problem.weights.overtime_of(s)) for s in shifts]),
        span=span,
        span_offered=np.bincount(
            span, weights=[shift.end_seconds - shift.start_seconds for shift in shifts]
        ).astype(np.int64),
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _travel(problem: VisitProblem, used: Sequence[int]) -> Ints:
    rows = np.array(used, dtype=np.intp)
    seconds = problem.travel.seconds[np.ix_(rows, rows)].astype(np.int64)
    seconds[seconds == UNREACHABLE] = NO_WAY_SECONDS
    return seconds


def _series(needs: Sequence[VisitNeed]) -> Ints:
    numbers: dict[str, int] = {}
    return _ints([numbers.setdefault(n.series, len(numbers)) if n.series else -1 for n in needs])


def _neighbours(needs: Sequence[VisitNeed]) -> tuple[Ints, Ints]:
    """The visits before and after each in its series by first date; tasks ride outside of it."""
    members: dict[str, list[int]] = {}
    for row, need in enumerate(needs):
        if need.series and need.kind != "task" and need.dates:
            members.setdefault(need.series, []).append(row)
    before, after = np.full((2, len(needs)), -1, dtype=np.int64)
    for rows in members.values():
        rows.sort(key=lambda row: needs[row].dates[0])
        for one, other in pairwise(rows):
            after[one], before[other] = other, one
    return before, after


def usable_windows(need: VisitNeed, shift: Shift) -> tuple[tuple[int, int, int], ...]:
    """The spans of a shift's date in which this need can be made by its executive; () for none.

    They are whole windows, with the end that costs nothing, of which enough lies in the shift; the
    shift's own span is kept by the clock, so that a longer day can be asked about.
    """
    if shift.date not in need.dates:
        return ()
    if need.required_skill and need.required_skill not in shift.skills:
        return ()
    windows = late_windows(need, shift.date)
    return tuple(sorted(w for w in windows if _overlap_seconds(w, shift) >= need.visit_seconds))


def _overlap_seconds(window: tuple[int, int, int], shift: Shift) -> int:
    return min(window[1], shift.latest_end_seconds) - max(window[0], shift.start_seconds)


def _windows(needs: Sequence[VisitNeed], shifts: Sequence[Shift]) -> tuple[Ints, Ints, Ints]:
    # Equal sets of windows are stored once, so that equal numbers mean equal windows.
    first = np.zeros((len(needs), len(shifts)), dtype=np.int64)
    count = np.zeros((len(needs), len(shifts)), dtype=np.int64)
    known: dict[tuple[tuple[int, int, int], ...], int] = {}
    rows: list[tuple[int, int, int]] = []
    for i, need in enumerate(needs):
        for s, shift in enumerate(shifts):
            windows = usable_windows(need, shift)
            if windows and windows not in known:
                known[windows] = len(rows)
                rows.extend(windows)
            first[i, s] = known.get(windows, 0)
            count[i, s] = len(windows)
    return first, count, np.array(rows or [(0, 0, 0)], dtype=np.int64)


def _room(needs: Sequence[VisitNeed], first: Ints, count: Ints, windows: Ints) -> Ints:
    until = np.concatenate([[0], np.cumsum(windows[:, 1] - windows[:, 0] + 1)])
    seconds = _ints([need.visit_seconds for need in needs])
    room: Ints = (until[first + count] - until[first]).sum(axis=1) - seconds * count.sum(axis=1)
    return room


def _off_preferred(needs: Sequence[VisitNeed], shifts: Sequence[Shift], weights: Weights) -> Ints:
    off = np.zeros((len(needs), len(shifts)), dtype=np.int64)
    for i, need in enumerate(needs):
        if need.preferred_dates:
            liked = set(need.preferred_dates)
            cost = weights.off_preferred_seconds
            off[i] = [0 if shift.date in liked else cost for shift in shifts]
        if need.published_date is not None:
            cost = weights.change_seconds
            off[i] += [0 if shift.date == need.published_date else cost for shift in shifts]
    return off


def _thousandths(weight: float) -> int:
    return round(1000 * weight)


def _rates(weights: Weights) -> Ints:
    return _ints([*map(_thousandths, (weights.waiting, weights.lateness, weights.imbalance))])


def _slow(needs: Sequence[VisitNeed], shifts: Sequence[Shift], weights: Weights) -> int | None:
    is_slow = (
        weights.waiting > 0
        or weights.imbalance > 0
        or any(need.late_seconds for need in needs)
        or any(shift.overtime_seconds or shift.traffic for shift in shifts)
        or any(shift.lunch and shift.lunch.place != "anywhere" for shift in shifts)
    )
    return 1 if is_slow else None


def _spans(shifts: Sequence[Shift], weights: Weights) -> Ints:
    numbers: dict[date, int] = {}
    days = [span_of(shift.date, weights.balance) for shift in shifts]
    return _ints([numbers.setdefault(day, len(numbers)) for day in days])


def _lunches(shifts: Sequence[Shift], tables: Sequence[int]) -> Ints:
    rows = np.zeros((len(shifts), 6), dtype=np.int64)
    for s, shift in enumerate(shifts):
        lunch = shift.lunch
        if lunch is not None:
            span = lunch.earliest_start_seconds, lunch.latest_start_seconds, lunch.seconds
            rows[s, :4] = *span, _lunch_place(shift, lunch)
            if lunch.place == "home":
                limit = shift.max_driving_seconds
                rows[s, 4:] = tables[s], DAY_SECONDS if limit is None else limit
    return rows


def _lunch_place(shift: Shift, lunch: Lunch) -> int:
    if lunch.place == "home":
        return 4 if shift.is_open_end else 3
    return 2 if lunch.place == "account" else int(bool(shift.traffic))


def _driving_limit(shift: Shift) -> int:
    """The longest driving by the matrix; with traffic what keeps the limit even when slowest."""
    limit = shift.max_driving_seconds
    speeds = [speed for _, _, speed in shift.traffic] or [1000]
    if limit is None:
        return (shift.latest_end_seconds - shift.start_seconds) * max(1000, *speeds) // 1000
    return limit if not shift.traffic else max(0, limit - ROUNDED_SECONDS) * min(speeds) // 1000


def _traffic(shifts: Sequence[Shift]) -> Ints:
    longest = max((len(shift.traffic) for shift in shifts), default=0)
    spans = np.zeros((len(shifts), longest, 3), dtype=np.int64)
    spans[:, :] = DAY_SECONDS, DAY_SECONDS, 1000
    for s, shift in enumerate(shifts):
        given = shift.traffic or ((0, DAY_SECONDS, 1000),)
        if longest:
            spans[s, : len(given)] = given
    return spans


def _twins(shifts: Sequence[Shift]) -> Ints:
    seen: dict[tuple[object, ...], int] = {}
    return _ints([seen.setdefault(_likeness(s), row) for row, s in enumerate(shifts)])


def _likeness(shift: Shift) -> tuple[object, ...]:
    return (
        shift.start_seconds,
        shift.end_seconds,
        shift.start_lonlat,
        shift.end_lonlat,
        shift.lunch,
        shift.max_driving_seconds,
        shift.skills,
        shift.overtime_seconds,
        shift.overtime_price,
        shift.is_open_end,
        shift.traffic,
    )


def _nearest(travel: Ints, point: Ints) -> Ints:
    if len(point) < 2:
        return np.zeros((len(point), 0), dtype=np.int64)
    between = travel[np.ix_(point, point)]
    closeness = (between + between.T).astype(np.float64)
    np.fill_diagonal(closeness, np.inf)
    order = np.argsort(closeness, axis=1, kind="stable")
    return np.ascontiguousarray(order[:, : min(len(point) - 1, NEAREST_KEPT)])
