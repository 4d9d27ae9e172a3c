"""The drives of a visit plan on the market's travel, leg by leg."""

from collections.abc import Mapping, Sequence
from datetime import date

from api.usecases.workspace import Workspace
from territory.basemap import Line
from territory.geo import as_lonlat
from territory.market import Market
from territory.routes import Route, VisitPlan
from territory.travel import Leg, Step

RouteKey = tuple[str, date]
"""An executive's id and a date."""


def route_legs(
    workspace: Workspace, market: Market, plan: VisitPlan
) -> dict[RouteKey, tuple[Leg, ...]]:
    """Every leg of every route as it is driven, the one home last."""
    travel = workspace.travel(market.name, market.settings.mode)
    legs = {}
    for route in plan.routes:
        driven = travel.legs(as_lonlat(route.places))
        legs[(route.executive_id, route.date)] = _by_stops(route, driven)
    return legs


def _by_stops(route: Route, driven: Sequence[Leg]) -> tuple[Leg, ...]:
    """One leg to each stop and one home; a way by where lunch is had is one with the way on."""
    stops = [stop.start_seconds for stop in route.stops]
    tables = [pause.start_seconds for pause in route.breaks if pause.lonlat is not None]
    legs: list[Leg] = []
    way: list[Leg] = []
    for leg, arrived in zip(driven, (*sorted([*stops, *tables]), None), strict=True):
        way.append(leg)
        if arrived not in tables:
            legs.append(_joined(way))
            way = []
    return tuple(legs)


def _joined(way: Sequence[Leg]) -> Leg:
    if len(way) == 1:
        return way[0]
    line = [point for leg in way for point in leg.lonlat]
    return Leg(
        seconds=sum(leg.seconds for leg in way),
        meters=sum(leg.meters for leg in way),
        lonlat=tuple(point for k, point in enumerate(line) if k == 0 or point != line[k - 1]),
        steps=tuple(step for leg in way for step in leg.steps),
    )


def lines_of(legs: Mapping[RouteKey, tuple[Leg, ...]]) -> dict[RouteKey, tuple[Line, ...]]:
    """The line of each leg of each route."""
    return {key: tuple(leg.lonlat for leg in route) for key, route in legs.items()}


def steps_of(
    legs: Mapping[RouteKey, tuple[Leg, ...]],
) -> dict[RouteKey, tuple[tuple[Step, ...], ...]]:
    """The steps of each leg of each route."""
    return {key: tuple(leg.steps for leg in route) for key, route in legs.items()}
