"""A visit plan for pocket and car: calendars (iCalendar) and routes (GPX), one per executive."""

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from data.exports.context import ExportContext
from data.exports.sheets import clock
from data.exports.text import clean
from territory.routes import Break, Route, Stop, VisitChange, VisitPlan

if TYPE_CHECKING:
    from icalendar import Event

_NAMESPACE = uuid.UUID("5b6f3f0e-8f0a-5b8e-9b0e-3a3c1d1f7a10")


def executives_of(plan: VisitPlan) -> tuple[str, ...]:
    """The executives who have a route, in the order of their first."""
    return tuple(dict.fromkeys(route.executive_id for route in plan.routes))


def calendar_owners(plan: VisitPlan) -> tuple[str, ...]:
    """Whoever has a route, then whoever has only lost visits of the version before."""
    lost = (change.before_executive_id or change.executive_id for change in _withdrawn(plan))
    return tuple(dict.fromkeys((*executives_of(plan), *lost)))


def _withdrawn(plan: VisitPlan) -> tuple[VisitChange, ...]:
    """Visits that the version before made and this one does not, or by a colleague."""
    return tuple(
        change
        for change in plan.changes
        if change.before_date is not None
        and (change.after_date is None or change.before_executive_id is not None)
    )


def ics_bytes(plan: VisitPlan, executive_id: str, context: ExportContext) -> bytes:
    """One executive's visits as an iCalendar file (RFC 5545) in the market's time zone.

    An event per stop, from its start to its end; travel, waiting and lunch are no events. The UID
    of a visit stays the same when it is planned anew, so that calendars move it instead of
    doubling it. What the version before made, and this one does not or by a colleague, is an event
    of the same UID and a higher SEQUENCE with STATUS:CANCELLED.
    """
    from icalendar import Calendar, vText

    calendar = Calendar()
    calendar.add("prodid", "-//Fieldwright//Visit plan//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    # a name outside the standard is not escaped by the library unless it is marked as text
    calendar.add("x-wr-calname", vText(_title(executive_id, context)))
    calendar.add("x-wr-timezone", context.timezone)
    for route in _routes_of(plan, executive_id):
        for stop in route.stops:
            calendar.add_component(_event(route, stop, context))
    for change in _withdrawn(plan):
        if executive_id == (change.before_executive_id or change.executive_id):
            calendar.add_component(_cancelled(change, context))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _title(executive_id: str, context: ExportContext) -> str:
    return clean(f"{context.title}: {context.executive(executive_id)}")


def _routes_of(plan: VisitPlan, executive_id: str) -> Iterable[Route]:
    return sorted(
        (route for route in plan.routes if route.executive_id == executive_id),
        key=lambda route: route.date,
    )


def _identified(visit_id: str, context: ExportContext) -> "Event":
    from icalendar import Event

    event = Event()
    name = f"{context.market}/{visit_id}"
    stamp = datetime.combine(context.date, time(), tzinfo=UTC)
    event.add("uid", f"{uuid.uuid5(_NAMESPACE, clean(name))}@fieldwright")
    event.add("dtstamp", stamp)
    event.add("sequence", context.version)  # a later version of the plan replaces an earlier one
    return event


def _cancelled(change: VisitChange, context: ExportContext) -> "Event":
    event = _identified(change.visit_id, context)
    assert change.before_date is not None
    assert change.before_seconds is not None
    event.add("dtstart", local_time(change.before_date, change.before_seconds, context.timezone))
    event.add("summary", clean(context.account(change.account_id)))
    event.add("status", "CANCELLED")
    return event


def _event(route: Route, stop: Stop, context: ExportContext) -> "Event":
    event = _identified(stop.visit_id, context)
    event.add("dtstart", local_time(route.date, stop.start_seconds, context.timezone))
    event.add("dtend", local_time(route.date, stop.end_seconds, context.timezone))
    seen = (stop.account_id, *stop.with_account_ids)
    event.add("summary", clean(", ".join(context.account(one) for one in seen)))
    event.add("categories", [stop.kind])
    event.add("geo", (round(stop.lat, 6), round(stop.lon, 6)))
    address = context.account_addresses.get(stop.account_id, "")
    if address:
        event.add("location", clean(address))
    event.add("description", clean(_description(stop)))
    return event


def _description(stop: Stop) -> str:
    drive = f"{stop.travel_seconds / 60:.0f} min, {stop.travel_meters / 1000:.1f} km to get there."
    return f"{stop.account_id}. {stop.reason} {drive}".strip()


def local_time(day: date, seconds: int, timezone: str) -> datetime:
    """A clock time of a local day: what the wall clock shows, also when clocks change that day."""
    wall = datetime.combine(day, time()) + timedelta(seconds=seconds)
    return wall.replace(tzinfo=ZoneInfo(timezone))


def gpx_bytes(plan: VisitPlan, executive_id: str, context: ExportContext) -> bytes:
    """One executive's routes as GPX 1.1: a route per day, its points from home to home in order."""
    from gpxpy.gpx import GPX, GPXRoute, GPXRoutePoint

    document = GPX()
    document.creator = "Fieldwright"
    document.name = _title(executive_id, context)
    for number, route in enumerate(_routes_of(plan, executive_id), start=1):
        way = GPXRoute(name=f"{route.date.isoformat()}", number=number)
        for lon, lat, name, words in _points(route, context):
            way.points.append(
                GPXRoutePoint(
                    latitude=round(lat, 6), longitude=round(lon, 6), name=name, description=words
                )
            )
        document.routes.append(way)
    return str(document.to_xml(version="1.1")).encode("utf-8")


def _points(route: Route, context: ExportContext) -> Iterable[tuple[float, float, str, str]]:
    yield (*route.start_lonlat, "Start", f"leave {clock(route.leave_seconds)}")
    timed = []
    for number, stop in enumerate(route.stops, start=1):
        name = clean(f"{number}. {context.account(stop.account_id)}")
        words = clean(f"{_times(stop)} {stop.reason}".strip())
        timed.append((stop.start_seconds, (stop.lon, stop.lat, name, words)))
    timed += [
        (pause.start_seconds, (*pause.lonlat, "Lunch", _times(pause)))
        for pause in route.breaks
        if pause.lonlat is not None
    ]
    yield from (point for _, point in sorted(timed))
    yield (*route.end_lonlat, "End", f"return {clock(route.return_seconds)}")


def _times(span: Stop | Break) -> str:
    return f"{clock(span.start_seconds)} to {clock(span.end_seconds)}"
