"""Day sheets: an executive's days on paper or a phone, whole in one file, needing no network."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from maps.context import AccountCard, PageContext
from maps.directions import StepLine, step_lines
from maps.navigation import NavigationLink, navigation_links
from maps.page import Page, document
from maps.preview import Frame
from maps.style import clock, hours
from territory.basemap import Line
from territory.errors import NotFound
from territory.routes import Route, Stop, VisitPlan
from territory.travel import Mode, Step

KIND_WORDS = {"visit": "Visit", "task": "Task", "appointment": "Appointment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One line of a day: a stop, or a pause between stops."""

    stop: Stop | None
    number: int = 0
    card: AccountCard | None = None
    title: str = ""
    geo: str = ""
    tel: str = ""
    from_clock: str = ""
    to_clock: str = ""
    leg: str = ""
    steps: tuple[StepLine, ...] = ()
    waiting: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDay:
    """One day: its head line, its lines in order, its sketch as SVG numbers."""

    date: date
    heading: str
    leave: str
    back: str
    home_leg: str
    home_steps: tuple[StepLine, ...]
    summary: str
    lines: tuple[SheetLine, ...]
    drives: tuple[NavigationLink, ...]
    sketch_roads: str
    sketch_route: str
    sketch_stops: tuple[tuple[int, float, float], ...]
    sketch_home: tuple[float, float]


def draw_day_sheets(
    plan: VisitPlan,
    context: PageContext,
    cards: Mapping[str, AccountCard],
    names: Mapping[str, str],
    *,
    executive_id: str,
    lines: Mapping[tuple[str, date], Sequence[Line]] | None = None,
    steps: Mapping[tuple[str, date], Sequence[Sequence[Step]]] | None = None,
) -> Page:
    """One executive's days: stops in order with times, legs, profile cards, reasons and notes.

    ``lines`` and ``steps`` hold one entry for each leg of a route, the one home last; a leg whose
    steps are known can be opened to its directions.

    A stop's link is ``geo:``, which a phone hands to its own map; a day's drive is split into links
    of a map app, followed only when tapped. Notes and ticks typed on the page stay in that browser
    until they are saved as a file, which the visits table takes.

    Raises
    ------
    NotFound
        If the plan has no route of this executive.
    """
    routes = sorted(
        (route for route in plan.routes if route.executive_id == executive_id),
        key=lambda route: route.date,
    )
    if not routes:
        raise NotFound(f"The plan has no route of executive {executive_id!r}.")
    roads, ways = lines or {}, steps or {}
    name = names.get(executive_id) or executive_id
    days = [
        _day(
            route,
            cards,
            context,
            roads.get((executive_id, route.date), ()),
            [step_lines(leg) for leg in ways.get((executive_id, route.date), ())],
            plan.mode,
        )
        for route in routes
    ]
    unserved = [item for item in plan.unserved if item.executive_id == executive_id]
    return document(
        "day_sheets.html",
        context,
        scripts=("day_sheets.js",),
        lead=f"{name}, {plan.first_date.isoformat()} to {plan.last_date.isoformat()}",
        name=name,
        executive_id=executive_id,
        days=days,
        has_directions=any(ways.values()),
        unserved=[(_name(item.account_id, cards), item) for item in unserved],
        notes=plan.notes,
    )


def _day(
    route: Route,
    cards: Mapping[str, AccountCard],
    context: PageContext,
    roads: Sequence[Line],
    ways: Sequence[tuple[StepLine, ...]],
    mode: Mode,
) -> SheetDay:
    frame, route_path = _route_path(route, roads)
    places = frame.places(np.asarray([(s.lon, s.lat) for s in route.stops], dtype=float))
    home = frame.places(np.asarray([route.start_lonlat], dtype=float))[0]
    count = len(route.stops)
    return SheetDay(
        date=route.date,
        heading=f"{route.date:%A} {route.date.isoformat()}",
        leave=clock(route.leave_seconds),
        back=clock(route.return_seconds),
        home_leg=_leg(route.home_travel_seconds, route.home_travel_meters),
        home_steps=ways[count] if len(ways) > count else (),
        summary=(
            f"{count} stop{'' if count == 1 else 's'}, {hours(route.visit_seconds)} in visits, "
            f"{hours(route.travel_seconds)} and {route.travel_meters / 1000:.1f} km on the way"
        ),
        lines=tuple(_lines(route, cards, ways)),
        drives=navigation_links(route, mode),
        sketch_roads=_road_path(context, frame),
        sketch_route=route_path,
        sketch_stops=tuple(
            (n, round(float(x), 1), round(float(y), 1)) for n, (x, y) in enumerate(places, 1)
        ),
        sketch_home=(round(float(home[0]), 1), round(float(home[1]), 1)),
    )


def _lines(
    route: Route, cards: Mapping[str, AccountCard], ways: Sequence[tuple[StepLine, ...]]
) -> list[SheetLine]:
    """Stops and pauses by their start."""
    found = [
        (stop.start_seconds, 1, _stop_line(n, stop, cards, ways[n - 1] if len(ways) >= n else ()))
        for n, stop in enumerate(route.stops, 1)
    ]
    for pause in route.breaks:
        line = SheetLine(
            stop=None,
            title="Lunch" if pause.lonlat is None else "Lunch at home",
            from_clock=clock(pause.start_seconds),
            to_clock=clock(pause.end_seconds),
        )
        found.append((pause.start_seconds, 0, line))
    return [line for _, _, line in sorted(found, key=lambda item: item[:2])]


def _stop_line(
    number: int, stop: Stop, cards: Mapping[str, AccountCard], steps: tuple[StepLine, ...]
) -> SheetLine:
    card = cards.get(stop.account_id)
    waiting = stop.waiting_seconds
    return SheetLine(
        stop=stop,
        number=number,
        card=card,
        title=", ".join(_name(one, cards) for one in (stop.account_id, *stop.with_account_ids)),
        geo=f"geo:{stop.lat:.6f},{stop.lon:.6f}",
        tel=dialled(card.phone) if card else "",
        from_clock=clock(stop.start_seconds),
        to_clock=clock(stop.end_seconds),
        leg=_leg(stop.travel_seconds, stop.travel_meters),
        steps=steps,
        waiting=f"arrive {clock(stop.arrive_seconds)}" if waiting >= 60 else "",
        kind=KIND_WORDS[stop.kind],
    )


def _name(account_id: str, cards: Mapping[str, AccountCard]) -> str:
    return (cards[account_id].name if account_id in cards else "") or account_id


def dialled(phone: str) -> str:
    """A ``tel:`` link, or "" if the text is not a telephone number."""
    if not re.fullmatch(r"\+?[0-9][0-9 ()./-]{3,24}", phone.strip()):
        return ""
    return "tel:" + re.sub(r"[^0-9+]", "", phone)


def _leg(seconds: int, meters: int) -> str:
    distance = f"{meters / 1000:.1f} km" if meters >= 950 else f"{meters} m"
    return f"{round(seconds / 60)} min, {distance}"


def _route_path(route: Route, roads: Sequence[Line]) -> tuple[Frame, str]:
    straight = route.places
    points = np.asarray([p for line in roads for p in line] or straight, dtype=np.float64)
    frame = Frame(np.concatenate([points, np.asarray(straight)]), margin=14)
    if len(points) > 2:
        points = shapely.get_coordinates(
            shapely.simplify(shapely.LineString(points), 0.6 / frame.scale)
        )
    return frame, frame.path(points)


def _road_path(context: PageContext, frame: Frame) -> str:
    """The bigger roads that cross the sketch."""
    if context.base_map is None:
        return ""
    paths: list[str] = []
    for kind in ("major", "middle"):
        for line in context.base_map.roads.get(kind, ()):
            if len(line) < 2:
                continue
            thin = shapely.simplify(shapely.LineString(line), 0.8 / frame.scale)
            clipped = shapely.clip_by_rect(thin, *frame.box())
            paths.extend(
                frame.path(shapely.get_coordinates(part))
                for part in shapely.get_parts(clipped)
                if part.geom_type == "LineString" and not part.is_empty
            )
    return "".join(paths)
