"""The judge of one route: legs, clock, windows, breaks, shift and sums."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from territory.checks.drives import Drives, check_drives, detours_of
from territory.checks.violation import Violation, miscopied, misstated
from territory.routes import Break, Route, Stop
from territory.travel import UNREACHABLE, TravelMatrix
from territory.visits import Shift, VisitNeed

Point = tuple[float, float]


def check_route(
    route: Route,
    *,
    shift: Shift | None,
    needs: Mapping[str, VisitNeed],
    travel: TravelMatrix,
    point_index: Mapping[Point, int],
) -> tuple[Violation, ...]:
    """Everything wrong with one executive's day; ``shift`` None means there is none that day."""
    subject = f"route {route.executive_id} {route.date}"
    stops = [
        violation
        for number, stop in enumerate(route.stops, 1)
        for violation in _stop(
            stop, route, shift, needs.get(stop.visit_id), f"{subject}, stop {number}"
        )
    ]
    return (
        *stops,
        *_legs(route, shift, travel, point_index, subject),
        *_clock(route, subject),
        *_sums(route, subject),
        *(_shift(route, shift, subject) if shift else _no_shift(subject)),
    )


def _no_shift(subject: str) -> Iterator[Violation]:
    yield Violation(
        code="unknown_shift", subject=subject, message="the executive does not work that day"
    )


def _stop(
    stop: Stop, route: Route, shift: Shift | None, need: VisitNeed | None, subject: str
) -> Iterator[Violation]:
    if need is None:
        return  # the plan's check has said unknown_visit
    yield from miscopied(subject, "account_id", stated=stop.account_id, found=need.account_id)
    yield from miscopied(subject, "kind", stated=stop.kind, found=need.kind)
    yield from miscopied(
        subject, "with_account_ids", stated=stop.with_account_ids, found=need.with_account_ids
    )
    yield from miscopied(
        subject, "lon, lat", stated=(stop.lon, stop.lat), found=(need.lon, need.lat)
    )
    if need.executive_id != route.executive_id:
        yield Violation(
            code="wrong_executive",
            subject=subject,
            message=f"{stop.visit_id!r} belongs to {need.executive_id!r}",
            stated=route.executive_id,
            found=need.executive_id,
        )
    if need.required_skill and shift is not None and need.required_skill not in shift.skills:
        yield Violation(
            code="missing_skill",
            subject=subject,
            message=f"{stop.visit_id!r} requires {need.required_skill!r}",
            found=need.required_skill,
        )
    yield from _day(stop, route, need, subject)
    yield from _hours(stop, route, need, subject)


def _day(stop: Stop, route: Route, need: VisitNeed, subject: str) -> Iterator[Violation]:
    if route.date not in need.dates:
        yield Violation(
            code="wrong_date",
            subject=subject,
            message=f"{stop.visit_id!r} may not be made on {route.date}",
            stated=str(route.date),
        )
    if need.deadline is not None and route.date > need.deadline:
        yield Violation(
            code="after_deadline",
            subject=subject,
            message=f"{stop.visit_id!r} was due by {need.deadline}",
            stated=str(route.date),
            found=str(need.deadline),
        )


def _hours(stop: Stop, route: Route, need: VisitNeed, subject: str) -> Iterator[Violation]:
    lasted = stop.end_seconds - stop.start_seconds
    if lasted != need.visit_seconds:
        yield Violation(
            code="wrong_duration",
            subject=subject,
            message=f"lasts {lasted} s, needs {need.visit_seconds} s",
            stated=lasted,
            found=need.visit_seconds,
        )
    if need.pinned_start_seconds is not None:
        if stop.start_seconds != need.pinned_start_seconds:
            yield Violation(
                code="moved_appointment",
                subject=subject,
                message=f"starts at {clock(stop.start_seconds)}, "
                f"agreed was {clock(need.pinned_start_seconds)}",
                stated=stop.start_seconds,
                found=need.pinned_start_seconds,
            )
        return
    if route.date not in need.dates:
        return
    windows = need.windows[need.dates.index(route.date)]
    opening = [opens for opens, _ in windows]
    allowed = [
        (opens, max(shuts, min([shuts + need.late_seconds, *(o for o in opening if o > opens)])))
        for opens, shuts in windows
    ]
    if not any(
        opens <= stop.start_seconds and stop.end_seconds <= shuts for opens, shuts in allowed
    ):
        hours = ", ".join(f"{clock(opens)}-{clock(shuts)}" for opens, shuts in windows) or "none"
        yield Violation(
            code="outside_window",
            subject=subject,
            message=f"{clock(stop.start_seconds)}-{clock(stop.end_seconds)} is not within {hours}",
            stated=stop.start_seconds,
        )


def _legs(
    route: Route,
    shift: Shift | None,
    travel: TravelMatrix,
    point_index: Mapping[Point, int],
    subject: str,
) -> Iterator[Violation]:
    places = [
        route.start_lonlat,
        *((stop.lon, stop.lat) for stop in route.stops),
        route.end_lonlat,
    ]
    pairs = list(pairwise(places))
    if route.resume is not None and route.resume.after_stops < len(pairs):
        number = route.resume.after_stops
        pairs[number] = (route.resume.lonlat, pairs[number][1])
        places.append(route.resume.lonlat)
    detours = detours_of(route)
    places += detours.values()
    for place in dict.fromkeys(places):
        if place not in point_index:
            yield Violation(
                code="unknown_point", subject=subject, message=f"{place} has no travel times"
            )
    said = [(stop.travel_seconds, stop.travel_meters) for stop in route.stops]
    said.append((route.home_travel_seconds, route.home_travel_meters))
    is_in_traffic = shift is not None and bool(shift.traffic)
    matrix: list[Drives] = []
    for number, ((here, there), stated) in enumerate(zip(pairs, said, strict=True), 1):
        leg = f"{subject}, leg {number}"
        way = (here, *((detours[number - 1],) if number - 1 in detours else ()), there)
        if shift is not None and shift.is_open_end and number == len(pairs):
            matrix.append((0,))
            yield from _no_way_home(stated, leg)
        elif all(place in point_index for place in way):
            rows = [point_index[place] for place in way]
            drives = tuple(int(travel.seconds[..., a, b].min()) for a, b in pairwise(rows))
            matrix.append(() if max(drives) >= UNREACHABLE else drives)
            told = (sum(drives), stated[1]) if is_in_traffic else stated
            yield from _leg(told, travel, rows, leg)
        else:
            matrix.append(())
    if shift is not None and (is_in_traffic or (shift.lunch and shift.lunch.place != "anywhere")):
        yield from check_drives(route, shift, matrix, subject)


def _no_way_home(stated: tuple[int, int], subject: str) -> Iterator[Violation]:
    if stated != (0, 0):
        yield Violation(
            code="wrong_leg",
            subject=subject,
            message=f"stated as {stated[0]} s, {stated[1]} m; the day ends at its last stop",
            stated=stated[0],
            found=0,
        )


def _leg(
    stated: tuple[int, int], travel: TravelMatrix, way: Sequence[int], subject: str
) -> Iterator[Violation]:
    drives = [
        [
            *zip(
                travel.seconds[..., a, b].reshape(-1).tolist(),
                travel.meters[..., a, b].reshape(-1).tolist(),
                strict=True,
            )
        ]
        for a, b in pairwise(way)
    ]
    found = [(sum(s for s, _ in one), sum(m for _, m in one)) for one in product(*drives)]
    seconds = [s for s, _ in found]
    if any(min(one)[0] == UNREACHABLE for one in drives):
        yield Violation(
            code="unreachable_leg", subject=subject, message="there is no way between these points"
        )
    elif stated not in found:
        yield Violation(
            code="wrong_leg",
            subject=subject,
            message=f"stated as {stated[0]} s, {stated[1]} m; the matrix has "
            + " or ".join(f"{s} s, {m} m" for s, m in found),
            stated=stated[0],
            found=seconds[0],
        )


@dataclass(frozen=True, slots=True)
class _Away:
    """A time between two places: from when, to when, and how long the drive is."""

    start: int
    end: int
    drive: int
    subject: str


def _clock(route: Route, subject: str) -> Iterator[Violation]:
    for away in _drives(route, subject):
        paused = sum(_overlap(pause, away.start, away.end) for pause in route.breaks)
        earliest = away.start + away.drive + paused
        if away.end < earliest:
            yield Violation(
                code="too_early",
                subject=away.subject,
                message=f"arrives at {clock(away.end)}; {away.drive} s of driving and {paused} s "
                f"of break after {clock(away.start)} end at {clock(earliest)}",
                stated=away.end,
                found=earliest,
            )
    for number, stop in enumerate(route.stops, 1):
        if stop.start_seconds < stop.arrive_seconds:
            yield Violation(
                code="starts_before_arrival",
                subject=f"{subject}, stop {number}",
                message=f"starts at {clock(stop.start_seconds)}, "
                f"arrives at {clock(stop.arrive_seconds)}",
                stated=stop.start_seconds,
                found=stop.arrive_seconds,
            )
    yield from _breaks_apart(route, subject)


def _drives(route: Route, subject: str) -> Iterator[_Away]:
    left = route.leave_seconds
    for number, stop in enumerate(route.stops, 1):
        left = _ready(route, number - 1, left)
        yield _Away(left, stop.arrive_seconds, stop.travel_seconds, f"{subject}, stop {number}")
        left = stop.end_seconds
    left = _ready(route, len(route.stops), left)
    yield _Away(left, route.return_seconds, route.home_travel_seconds, f"{subject}, return")


def _ready(route: Route, stops_made: int, left: int) -> int:
    """When the next leg begins: on a resumed route not before the executive is ready again."""
    resume = route.resume
    return left if resume is None or resume.after_stops != stops_made else max(left, resume.seconds)


def _overlap(pause: Break, start: int, end: int) -> int:
    return max(0, min(pause.end_seconds, end) - max(pause.start_seconds, start))


def _breaks_apart(route: Route, subject: str) -> Iterator[Violation]:
    for pause in route.breaks:
        for number, stop in enumerate(route.stops, 1):
            shared = _overlap(pause, stop.start_seconds, stop.end_seconds)
            if shared > 0:
                yield Violation(
                    code="break_overlaps_visit",
                    subject=f"{subject}, stop {number}",
                    message=f"the break {clock(pause.start_seconds)}-{clock(pause.end_seconds)} "
                    f"lies {shared} s in the visit",
                    stated=shared,
                    found=0,
                )


def _sums(route: Route, subject: str) -> Iterator[Violation]:
    legs = [(stop.travel_seconds, stop.travel_meters) for stop in route.stops]
    legs.append((route.home_travel_seconds, route.home_travel_meters))
    visits = sum(stop.end_seconds - stop.start_seconds for stop in route.stops)
    for what, stated, found in (
        ("travel_seconds", route.travel_seconds, sum(seconds for seconds, _ in legs)),
        ("travel_meters", route.travel_meters, sum(meters for _, meters in legs)),
        ("visit_seconds", route.visit_seconds, visits),
    ):
        yield from misstated("wrong_total", subject, what, stated=stated, found=found)


def _shift(route: Route, shift: Shift, subject: str) -> Iterator[Violation]:
    yield from miscopied(
        subject, "start_lonlat", stated=route.start_lonlat, found=shift.start_lonlat
    )
    end_lonlat = _last_place(route) if shift.is_open_end else shift.end_lonlat
    yield from miscopied(subject, "end_lonlat", stated=route.end_lonlat, found=end_lonlat)
    may_be_late = route.resume is not None and route.resume.after_stops == len(route.stops)
    end = min(24 * 3600, shift.end_seconds + shift.overtime_seconds)
    is_late = route.return_seconds > end and not may_be_late
    if route.leave_seconds < shift.start_seconds or is_late:
        yield Violation(
            code="outside_shift",
            subject=subject,
            message=f"away {clock(route.leave_seconds)}-{clock(route.return_seconds)}, the shift "
            f"is {clock(shift.start_seconds)}-{clock(end)}, overtime included",
            stated=route.return_seconds,
            found=end,
        )
    driving = sum(stop.travel_seconds for stop in route.stops) + route.home_travel_seconds
    if shift.max_driving_seconds is not None and driving > shift.max_driving_seconds:
        yield Violation(
            code="too_much_driving",
            subject=subject,
            message=f"{driving} s of driving, at most {shift.max_driving_seconds} s are allowed",
            stated=driving,
            found=shift.max_driving_seconds,
        )
    yield from _lunch_place(route, shift, subject)
    yield from _lunch(route, shift, subject)


def _last_place(route: Route) -> Point:
    """Where a day with an open end is over."""
    if route.resume is not None and route.resume.after_stops == len(route.stops):
        return route.resume.lonlat
    return (route.stops[-1].lon, route.stops[-1].lat) if route.stops else route.start_lonlat


def _lunch_place(route: Route, shift: Shift, subject: str) -> Iterator[Violation]:
    """A day planned anew after it has begun may have lunch at home elsewhere."""
    asked = None if shift.lunch is None else shift.lunch.lonlat
    for pause in route.breaks:
        if pause.lonlat is None and route.resume is not None:
            continue
        if pause.lonlat is None and asked is not None:
            yield Violation(
                code="lunch_on_the_way",
                subject=subject,
                message=f"lunch at {clock(pause.start_seconds)} is not had at home",
                stated=pause.start_seconds,
            )
        else:
            yield from miscopied(subject, "place of lunch", stated=pause.lonlat, found=asked)


def _lunch(route: Route, shift: Shift, subject: str) -> Iterator[Violation]:
    """The rule of ``territory.visits.Lunch``."""
    lunch = shift.lunch
    if route.resume is not None and lunch is not None:
        since = route.resume.seconds
        if since > lunch.latest_start_seconds or any(b.start_seconds < since for b in route.breaks):
            return  # had before, or its time was over: history
    if lunch is None or lunch.seconds == 0:
        yield from _no_break(route.breaks, subject, "the shift has no lunch")
        return
    is_due = (
        route.leave_seconds <= lunch.latest_start_seconds
        and route.return_seconds >= lunch.latest_start_seconds + lunch.seconds
    )
    if not is_due:
        yield from _no_break(route.breaks, subject, "lunch is not due on this route")
        return
    if not route.breaks:
        yield Violation(
            code="missing_break",
            subject=subject,
            message=f"lunch of {lunch.seconds} s is due by {clock(lunch.latest_start_seconds)}",
            stated=0,
            found=1,
        )
    yield from _no_break(route.breaks[1:], subject, "one lunch is enough")
    for pause in route.breaks[:1]:
        lasted = pause.end_seconds - pause.start_seconds
        in_hours = lunch.earliest_start_seconds <= pause.start_seconds <= lunch.latest_start_seconds
        is_away = (
            route.leave_seconds <= pause.start_seconds and pause.end_seconds <= route.return_seconds
        )
        if lasted != lunch.seconds or not in_hours or not is_away:
            yield Violation(
                code="wrong_break",
                subject=subject,
                message=f"break {clock(pause.start_seconds)} for {lasted} s; asked is "
                f"{lunch.seconds} s from {clock(lunch.earliest_start_seconds)} to "
                f"{clock(lunch.latest_start_seconds)} while away",
                stated=lasted,
                found=lunch.seconds,
            )


def _no_break(breaks: Sequence[Break], subject: str, why: str) -> Iterator[Violation]:
    for pause in breaks:
        yield Violation(
            code="extra_break",
            subject=subject,
            message=f"break at {clock(pause.start_seconds)}: {why}",
        )


def clock(seconds: int) -> str:
    """Seconds after midnight as HH:MM:SS, so that one second shows."""
    sign = "-" if seconds < 0 else ""
    hours, rest = divmod(abs(int(seconds)), 3600)
    return f"{sign}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
