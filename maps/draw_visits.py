"""The visits page: weeks of routes by executive and day, numbered stops, and what was left out."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import shapely

from maps.columns import Cell, packed
from maps.context import AccountCard, KeyFigure, PageContext
from maps.layers import PRECISION, Steps, bounds, encode_line, encode_points
from maps.page import Page, map_page
from maps.preview import Frame, dots_part, line_part, picture
from maps.style import OKABE_ITO, hours, money, short_number
from territory.basemap import Line
from territory.geo import LonLat
from territory.prices import PartName
from territory.routes import Route, UnservedReason, VisitPlan

MOST_ROAD_POINTS = 150_000
COST_PARTS = 2  # named under the cost; the table has all

REASON_WORDS: Mapping[UnservedReason, str] = {
    "no_coordinates": "no coordinates",
    "out_of_range": "out of range",
    "unreachable_island": "no road leads there",
    "no_opening_hours_in_window": "not open on any possible day",
    "not_due_yet": "not due yet",
    "blocked_until": "blocked until a later day",
    "capacity_day_full": "all possible days are full",
    "too_far_for_day": "too far for one day",
    "skill_mismatch": "needs a skill nobody has",
    "lower_value_than_kept": "worth less than what was kept",
    "manual_exclude": "left out by hand",
    "solver_time_limit": "search ended before it was placed",
    "no_executive": "no executive looks after it",
}

PART_WORDS: Mapping[PartName, str] = {
    "value_lost": "value left out",
    "driving": "driving",
    "waiting": "waiting",
    "overtime": "overtime",
    "lateness": "lateness",
    "imbalance": "imbalance",
    "changes": "changes",
    "off_preferred": "off preferred weekdays",
}

MODE_WORDS = {"car": "by car", "foot": "on foot", "bicycle": "by bicycle"}


def draw_visits(
    plan: VisitPlan,
    context: PageContext,
    *,
    cards: Mapping[str, AccountCard],
    lines: Mapping[tuple[str, date], Sequence[Line]],
    names: Mapping[str, str],
    whole: VisitPlan | None = None,
) -> Page:
    """Routes on the map with a day's timeline, stop by stop, and tables of stops and unserved.

    ``whole`` is the plan that the lead and the head figures speak of, if ``plan`` is part of it.
    ``lines`` has the road of each leg of a route, the one home included; a route without them is
    drawn as straight dashes and the page says so.
    """
    executives = list(dict.fromkeys(route.executive_id for route in plan.routes))
    place = {executive: k for k, executive in enumerate(executives)}
    routes = sorted(plan.routes, key=lambda route: (place[route.executive_id], route.date))
    roads = _roads(routes, lines)
    data = {
        "bounds": bounds(_all_points(routes)),
        "executives": [{"id": item, "name": names.get(item) or item} for item in executives],
        "palette": list(OKABE_ITO),
        "routes": [
            _route(route, place[route.executive_id], legs)
            for route, legs in zip(routes, roads, strict=True)
        ],
        "stops": _stops(routes, cards),
        "unserved": _unserved(plan, cards, names),
        "costs": _costs(whole or plan),
        "cards": _cards(routes, cards),
        "straight": sum(1 for legs in roads if not legs),
    }
    return map_page(
        "visits",
        context,
        data=data,
        lead=_lead(whole or plan),
        figures=visits_figures(whole or plan, context),
        notes=plan.notes,
        preview=_preview(routes, roads, place),
    )


def _lead(plan: VisitPlan) -> str:
    how = {"road": "road times", "road+time-of-day": "road times by time of day"}
    times = how.get(plan.travel_source, "estimated times")
    return (
        f"{plan.served:,} visits in {len(plan.routes):,} routes from {plan.first_date.isoformat()} "
        f"to {plan.last_date.isoformat()}, {MODE_WORDS[plan.mode]}, on {times}."
    )


def visits_figures(plan: VisitPlan, context: PageContext) -> tuple[KeyFigure, ...]:
    """The head figures of a visit plan."""
    wanted = plan.served + len(plan.unserved)
    share = 100 * plan.served / wanted if wanted else 100.0
    stops = max(plan.served, 1)
    return (
        KeyFigure(
            label="Planned visits", value=f"{plan.served:,}", note=f"{share:.1f} % of {wanted:,}"
        ),
        KeyFigure(label="Unserved", value=f"{len(plan.unserved):,}", note="each with its reason"),
        KeyFigure(label="Value kept", value=money(plan.value_kept, context.currency)),
        KeyFigure(label="Time in visits", value=hours(plan.visit_seconds)),
        KeyFigure(
            label="Time on the way",
            value=hours(plan.travel_seconds),
            note=f"{plan.travel_seconds / stops / 60:.0f} min a visit",
        ),
        KeyFigure(label="Distance", value=f"{short_number(plan.travel_meters / 1000)} km"),
        *_cost(plan, context),
    )


def _cost(plan: VisitPlan, context: PageContext) -> tuple[KeyFigure, ...]:
    """What the plan costs beside the value it leaves out; the table of costs has all parts."""
    parts = [part for part in plan.costs if part.name != "value_lost"]
    if not parts:
        return ()
    paid = sorted((part for part in parts if part.amount), key=lambda part: -part.amount)
    note = ", ".join(
        f"{PART_WORDS[part.name]} {short_number(part.amount)}" for part in paid[:COST_PARTS]
    )
    if len(paid) > COST_PARTS:
        note += f", {len(paid) - COST_PARTS} more"
    total = money(sum(part.amount for part in parts), context.currency)
    return (KeyFigure(label="Cost", value=total, note=note),)


def _costs(plan: VisitPlan) -> dict[str, list[Cell]]:
    """Every part of the cost, with what was counted and its price."""
    parts = plan.costs
    return {
        "part": [PART_WORDS[part.name] for part in parts],
        "quantity": [round(part.quantity, 2) for part in parts],
        "unit": [part.unit for part in parts],
        "price": [None if part.name == "value_lost" else round(part.price, 2) for part in parts],
        "amount": [round(part.amount, 2) for part in parts],
    }


def _all_points(routes: Sequence[Route]) -> LonLat:
    points = [point for route in routes for point in (route.start_lonlat, route.end_lonlat)]
    points += [(stop.lon, stop.lat) for route in routes for stop in route.stops]
    return np.asarray(points, dtype=np.float64).reshape(-1, 2)


def _roads(
    routes: Sequence[Route], lines: Mapping[tuple[str, date], Sequence[Line]]
) -> list[list[Steps]]:
    """The legs of each route, all simplified alike if together they are too much to send."""
    legs = [lines.get((route.executive_id, route.date), ()) for route in routes]
    points = sum(len(line) for route in legs for line in route)
    tolerance = 0.5 / PRECISION
    thin = legs
    while points > MOST_ROAD_POINTS and tolerance < 2e-3:
        tolerance *= 2
        thin = [[_thin(line, tolerance) for line in route] for route in legs]
        points = sum(len(line) for route in thin for line in route)
    return [[encode_line(line) for line in route] for route in thin]


def _thin(line: Line, tolerance: float) -> Line:
    if len(line) < 3:
        return line
    coordinates = shapely.get_coordinates(shapely.simplify(shapely.LineString(line), tolerance))
    return tuple((float(lon), float(lat)) for lon, lat in coordinates)


def _route(route: Route, executive: int, legs: list[Steps]) -> dict[str, object]:
    places = [route.start_lonlat, *((s.lon, s.lat) for s in route.stops), route.end_lonlat]
    return {
        "executive": executive,
        "date": route.date.isoformat(),
        "places": encode_points(np.asarray(places, dtype=np.float64)),
        "legs": legs,
        "leave": route.leave_seconds,
        "back": route.return_seconds,
        "breaks": [
            [pause.start_seconds, pause.end_seconds, int(pause.lonlat is not None)]
            for pause in route.breaks
        ],
        "home_seconds": route.home_travel_seconds,
        "home_meters": route.home_travel_meters,
        "travel_seconds": route.travel_seconds,
        "travel_meters": route.travel_meters,
        "visit_seconds": route.visit_seconds,
    }


def _stops(routes: Sequence[Route], cards: Mapping[str, AccountCard]) -> dict[str, object]:
    """All stops as columns, in the order of routes and of stops in each."""
    columns: dict[str, list[Cell]] = {
        name: []
        for name in (
            "route", "number", "account_id", "name", "tier", "kind", "travel_seconds",
            "travel_meters", "arrive", "start", "end", "reason",
        )
    }  # fmt: skip
    for place, route in enumerate(routes):
        for number, stop in enumerate(route.stops, 1):
            card = cards.get(stop.account_id)
            seen = (stop.account_id, *stop.with_account_ids)
            values: tuple[Cell, ...] = (
                place, number, stop.account_id,
                ", ".join(cards[one].name if one in cards else one for one in seen),
                card.tier if card else "", stop.kind, stop.travel_seconds, stop.travel_meters,
                stop.arrive_seconds, stop.start_seconds, stop.end_seconds, stop.reason,
            )  # fmt: skip
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
    return {name: packed(values) for name, values in columns.items()}


def _unserved(
    plan: VisitPlan, cards: Mapping[str, AccountCard], names: Mapping[str, str]
) -> dict[str, list[object]]:
    def name(account: str) -> str:
        return cards[account].name if account in cards else account

    return {
        "name": [name(item.account_id) for item in plan.unserved],
        "account_id": [item.account_id for item in plan.unserved],
        "visit_id": [item.visit_id for item in plan.unserved],
        "executive": [names.get(item.executive_id) or item.executive_id for item in plan.unserved],
        "reason": [REASON_WORDS[item.reason] for item in plan.unserved],
        "code": [item.reason for item in plan.unserved],
        "detail": [item.detail for item in plan.unserved],
        "fits_if": [item.fits_if for item in plan.unserved],
        "value": [round(item.value, 2) for item in plan.unserved],
    }


def _cards(routes: Sequence[Route], cards: Mapping[str, AccountCard]) -> dict[str, list[object]]:
    """The cards of the accounts on the routes, each as a row: contacts, address and so on."""
    wanted = {stop.account_id for route in routes for stop in route.stops}
    return {
        account: [
            [[contact.role, contact.name, contact.phone] for contact in card.contacts],
            card.address,
            card.phone,
            card.opening_hours,
            card.notes,
            [[label, value] for label, value in card.facts.items()],
        ]
        for account, card in cards.items()
        if account in wanted
    }


def _preview(
    routes: Sequence[Route], roads: Sequence[Sequence[Steps]], place: Mapping[str, int]
) -> str:
    """The first day's routes."""
    if not routes:
        return ""
    first = min(route.date for route in routes)
    today = [(r, legs) for r, legs in zip(routes, roads, strict=True) if r.date == first]
    frame = Frame(_all_points([route for route, _ in today]))
    parts = []
    for route, legs in today:
        colour = OKABE_ITO[place[route.executive_id] % len(OKABE_ITO)]
        if legs:
            points = np.concatenate(
                [np.cumsum(np.reshape(leg, (-1, 2)), axis=0) for leg in legs if leg]
            )
            line = shapely.simplify(shapely.LineString(points / PRECISION), 0.8 / frame.scale)
            parts.append(line_part(frame, shapely.get_coordinates(line), colour))
        else:
            parts.append(
                line_part(
                    frame, _all_points([route])[[0, *range(2, 2 + len(route.stops)), 1]], colour
                )
            )
        parts.append(dots_part(frame, _all_points([route])[2:], colour))
    return picture(parts)
