"""What is left of a plan at a moment: history cut off, the rest as needs, shifts and an order."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from territory.calendar import Calendar
from territory.geo import LonLat
from territory.living import Delay, Happening, frozen_stops
from territory.routes import Break, Resume, Route, Stop, Unserved, VisitPlan
from territory.travel import UNREACHABLE, TravelMatrix
from territory.visits import Lunch, Shift, VisitNeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is history of a running day, and from where and when it goes on."""

    shift: Shift
    route: Route | None
    stops: tuple[Stop, ...]
    resume: Resume
    breaks: tuple[Break, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unfinished:
    """The rest of a plan. ``untouched`` and ``told`` stay in the plan as they are."""

    needs: tuple[VisitNeed, ...]
    shifts: tuple[Shift, ...]
    planned: Mapping[tuple[str, date], tuple[str, ...]]
    untouched: tuple[Route, ...]
    told: tuple[Unserved, ...]
    today: tuple[Head, ...]

    @property
    def away(self) -> frozenset[tuple[str, date]]:
        """The running days whose executive has left home."""
        return frozenset(
            (head.shift.executive_id, head.shift.date) for head in self.today if _has_left(head)
        )

    @property
    def places(self) -> LonLat:
        """Where each running day goes on from."""
        return np.array([head.resume.lonlat for head in self.today], dtype=np.float64).reshape(
            -1, 2
        )

    @property
    def homes(self) -> LonLat:
        """Where each running day ends."""
        rows = [head.shift.end_lonlat for head in self.today]
        return np.array(rows, dtype=np.float64).reshape(-1, 2)

    def heads(self, rest: VisitPlan, home: TravelMatrix | None) -> tuple[Route, ...]:
        """The mended routes with the history of running days before them."""
        mended = {(route.executive_id, route.date): route for route in rest.routes}
        routes = []
        for row, head in enumerate(self.today):
            key = (head.shift.executive_id, head.shift.date)
            tail = mended.pop(key, None)
            if tail is not None:
                routes.append(_continued(head, tail))
            elif head.stops and home is not None:
                routes.append(_gone_home(head, home, row))
        return (*routes, *mended.values())


def unfinished(
    plan: VisitPlan,
    calendar: Calendar,
    happening: Happening,
    affected: Collection[str],
    *,
    handed: Collection[str] = (),
) -> Unfinished:
    """The rest of a plan for the executives it is planned anew for.

    Visits ``handed`` to a colleague stay on their planned date, and others of their series keep
    their distance to it: no two executives' days are searched together.
    """
    ours = [route for route in plan.routes if route.executive_id in affected]
    frozen = {
        stop.visit_id: route.date for route in ours for stop in frozen_stops(route, happening)
    }
    frozen |= {
        stop.visit_id: route.date
        for route in plan.routes
        for stop in route.stops
        if stop.visit_id in handed
    }
    done = {stop.visit_id for route in ours for stop in frozen_stops(route, happening)}
    ill = {one.executive_id: one.until for one in happening.ill}
    today = tuple(
        _head(shift, plan, happening)
        for shift in calendar.shifts
        if shift.executive_id in affected and shift.date == happening.today
    )
    series = _by_series(calendar.needs)
    needs = [
        _to_come(_kept_on_its_date(need, frozen, handed), series, frozen, happening)
        for need in calendar.needs
        if need.executive_id in affected
        and need.visit_id not in done
        and need.visit_id not in happening.cancelled
    ]
    open_ids = {need.visit_id for need in needs if need.dates}
    gone = {*open_ids, *happening.cancelled}
    listed = {one.visit_id for one in plan.unserved}
    return Unfinished(
        needs=tuple(need for need in needs if need.dates),
        shifts=tuple(_shifts(calendar, today, happening, affected, ill)),
        planned={
            (route.executive_id, route.date): tuple(
                stop.visit_id for stop in route.stops if stop.visit_id in open_ids
            )
            for route in ours
        },
        untouched=tuple(
            route
            for route in plan.routes
            if route.executive_id not in affected or route.date < happening.today
        ),
        told=(
            *(one for one in plan.unserved if one.visit_id not in gone),
            *(_too_late(need) for need in needs if not need.dates and need.visit_id not in listed),
        ),
        today=today,
    )


def _kept_on_its_date(
    need: VisitNeed, frozen: Mapping[str, date], handed: Collection[str]
) -> VisitNeed:
    if need.visit_id not in handed:
        return need
    pairs = zip(need.dates, need.windows, strict=True)
    kept = [pair for pair in pairs if pair[0] == frozen.get(need.visit_id)]
    return replace(
        need,
        dates=tuple(day for day, _ in kept),
        windows=tuple(windows for _, windows in kept),
        preferred_dates=(),
        series="",
        min_spacing_days=0,
        max_spacing_days=0,
    )


def _too_late(need: VisitNeed) -> Unserved:
    return Unserved(
        visit_id=need.visit_id,
        account_id=need.account_id,
        executive_id=need.executive_id,
        reason="no_opening_hours_in_window",
        detail="No day on which it can be made is still to come.",
        value=need.value,
    )


_Series = Mapping[str, Sequence[VisitNeed]]


def _by_series(needs: Iterable[VisitNeed]) -> _Series:
    """The needs of each series, in order."""
    series: dict[str, list[VisitNeed]] = defaultdict(list)
    for need in needs:
        if need.series:
            series[need.series].append(need)
    return series


def _to_come(
    need: VisitNeed, series: _Series, frozen: Mapping[str, date], happening: Happening
) -> VisitNeed:
    """The need on days still to come that keep their distance to what is history."""
    whole = series.get(need.series, ())
    kin = [
        (frozen[other.visit_id], max(need.min_spacing_days, other.min_spacing_days))
        for other in whole
        if other.visit_id in frozen and other.visit_id != need.visit_id
    ]
    earliest, latest = _limits_by_kin(need, whole, frozen)
    kept = [
        (day, windows)
        for day, windows in zip(need.dates, need.windows, strict=True)
        if day >= happening.today
        and all(abs((day - other).days) >= apart for other, apart in kin)
        and earliest <= day <= latest
    ]
    return replace(
        need,
        dates=tuple(day for day, _ in kept),
        windows=tuple(windows for _, windows in kept),
        preferred_dates=tuple(d for d in need.preferred_dates if any(d == day for day, _ in kept)),
    )


def _limits_by_kin(
    need: VisitNeed, whole: Sequence[VisitNeed], frozen: Mapping[str, date]
) -> tuple[date, date]:
    """The first and last day allowed by the fixed visits beside it in its series."""
    earliest, latest = date.min, date.max
    series = sorted((n for n in whole if n.kind != "task" and n.dates), key=lambda n: n.dates[0])
    at = next((row for row, one in enumerate(series) if one.visit_id == need.visit_id), None)
    if at is None:
        return earliest, latest
    before = frozen.get(series[at - 1].visit_id) if at > 0 else None
    if need.max_spacing_days and before is not None:
        latest = date.fromordinal(before.toordinal() + need.max_spacing_days)
    after = series[at + 1] if at + 1 < len(series) else None
    if after is not None and after.max_spacing_days and after.visit_id in frozen:
        day = frozen[after.visit_id].toordinal() - after.max_spacing_days
        earliest = date.fromordinal(max(1, day))
    return earliest, latest


def _shifts(
    calendar: Calendar,
    today: Sequence[Head],
    happening: Happening,
    affected: Collection[str],
    ill: Mapping[str, date],
) -> list[Shift]:
    """The shifts to come, that of today from where its executive goes on."""
    shifts = []
    for head in today:
        shift, resume = head.shift, head.resume
        is_ill = shift.executive_id in ill
        if is_ill or resume.seconds >= shift.end_seconds:
            continue
        driven = sum(stop.travel_seconds for stop in head.stops)
        limit = shift.max_driving_seconds
        shifts.append(
            replace(
                shift,
                start_seconds=max(shift.start_seconds, resume.seconds),
                start_lonlat=resume.lonlat,
                lunch=_lunch_to_come(head),
                max_driving_seconds=None if limit is None else max(0, limit - driven),
            )
        )
    later = [
        shift
        for shift in calendar.shifts
        if shift.executive_id in affected
        and shift.date > happening.today
        and not shift.date <= ill.get(shift.executive_id, happening.today)
    ]
    return [*shifts, *later]


def _lunch_to_come(head: Head) -> Lunch | None:
    """Lunch of the rest of a day; who has left home need not come back for it."""
    lunch = None if _lunch_is_history(head) else head.shift.lunch
    if lunch is None or lunch.place != "home" or not _has_left(head):
        return lunch
    return replace(lunch, place="anywhere", lonlat=None)


def _has_left(head: Head) -> bool:
    return bool(head.stops) or head.resume.lonlat != head.shift.start_lonlat


def _lunch_is_history(head: Head) -> bool:
    lunch = head.shift.lunch
    return lunch is None or bool(head.breaks) or head.resume.seconds > lunch.latest_start_seconds


def _head(shift: Shift, plan: VisitPlan, happening: Happening) -> Head:
    route = next(
        (r for r in plan.routes if (r.executive_id, r.date) == (shift.executive_id, shift.date)),
        None,
    )
    stops = () if route is None else frozen_stops(route, happening)
    delay = next((one for one in happening.delays if one.executive_id == shift.executive_id), None)
    resume = _resume(shift, stops, delay, happening)
    breaks = () if route is None else route.breaks
    had = tuple(
        pause
        for pause in breaks
        if pause.start_seconds < (stops[-1].start_seconds if stops else 0)
        or pause.start_seconds <= happening.seconds
    )
    after = max([resume.seconds, *(pause.end_seconds for pause in had)])
    is_told = delay is not None and delay.lonlat is not None
    last = stops[-1].end_seconds if stops else 0
    table = next((p.lonlat for p in had if p.lonlat and p.start_seconds >= last), None)
    if table is not None and not is_told:
        resume = replace(resume, lonlat=table)
    return Head(
        shift=shift,
        route=route,
        stops=stops,
        resume=replace(resume, seconds=after),
        breaks=had if stops or resume.lonlat != shift.start_lonlat else (),
    )


def _resume(
    shift: Shift, stops: Sequence[Stop], delay: Delay | None, happening: Happening
) -> Resume:
    last = stops[-1] if stops else None
    place = shift.start_lonlat if last is None else (last.lon, last.lat)
    seconds = max(happening.seconds, 0 if last is None else last.end_seconds)
    if delay is not None:
        place, seconds = delay.lonlat or place, max(seconds, delay.ready_seconds)
    return Resume(after_stops=len(stops), lonlat=place, seconds=seconds)


def _continued(head: Head, tail: Route) -> Route:
    """History and the mended rest of a day as one route."""
    if not _has_left(head):
        return tail  # still at home: a plain day that begins later
    leave = tail.leave_seconds if head.route is None else head.route.leave_seconds
    stops = (*head.stops, *tail.stops)
    legs = [(stop.travel_seconds, stop.travel_meters) for stop in stops]
    return replace(
        tail,
        start_lonlat=head.shift.start_lonlat,
        leave_seconds=min(leave, tail.leave_seconds),
        stops=stops,
        breaks=(*head.breaks, *tail.breaks),
        travel_seconds=sum(s for s, _ in legs) + tail.home_travel_seconds,
        travel_meters=sum(m for _, m in legs) + tail.home_travel_meters,
        visit_seconds=sum(stop.end_seconds - stop.start_seconds for stop in stops),
        resume=head.resume,
    )


def _gone_home(head: Head, home: TravelMatrix, row: int) -> Route:
    """A day without a stop to come: home from where the executive is."""
    route = head.route
    assert route is not None
    seconds, meters = int(home.seconds[row, row]), int(home.meters[row, row])
    end = head.shift.end_lonlat
    if head.shift.is_open_end:
        seconds, meters, end = 0, 0, head.resume.lonlat
    if seconds >= UNREACHABLE:
        seconds, meters = route.home_travel_seconds, route.home_travel_meters
    back = head.resume.seconds + seconds
    breaks = head.breaks
    lunch = head.shift.lunch
    if lunch is not None and not _lunch_is_history(head):
        begin = max(head.resume.seconds, lunch.earliest_start_seconds)
        if back >= lunch.latest_start_seconds + lunch.seconds:
            breaks = (Break(start_seconds=begin, end_seconds=begin + lunch.seconds),)
            back = max(back, begin) + lunch.seconds
    return replace(
        route,
        stops=head.stops,
        end_lonlat=end,
        breaks=breaks,
        return_seconds=back,
        home_travel_seconds=seconds,
        home_travel_meters=meters,
        travel_seconds=sum(stop.travel_seconds for stop in head.stops) + seconds,
        travel_meters=sum(stop.travel_meters for stop in head.stops) + meters,
        visit_seconds=sum(stop.end_seconds - stop.start_seconds for stop in head.stops),
        resume=head.resume,
    )
