"""The drives of a visit plan on the market's travel, leg by leg."""

from collections.abc import Mapping
from datetime import date

from api.usecases.workspace import Workspace
from territory.basemap import Line
from territory.geo import as_lonlat
from territory.market import Market
from territory.routes import VisitPlan
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
        points = [
            route.start_lonlat,
            *((stop.lon, stop.lat) for stop in route.stops),
            route.end_lonlat,
        ]
        legs[(route.executive_id, route.date)] = travel.legs(as_lonlat(points))
    return legs


def lines_of(legs: Mapping[RouteKey, tuple[Leg, ...]]) -> dict[RouteKey, tuple[Line, ...]]:
    """The line of each leg of each route."""
    return {key: tuple(leg.lonlat for leg in route) for key, route in legs.items()}


def steps_of(
    legs: Mapping[RouteKey, tuple[Leg, ...]],
) -> dict[RouteKey, tuple[tuple[Step, ...], ...]]:
    """The steps of each leg of each route."""
    return {key: tuple(leg.steps for leg in route) for key, route in legs.items()}
