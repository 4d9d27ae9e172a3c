"""Driving an alignment: each unit's way from its executive's base, and redraws that heed it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from api.usecases.workspace import Surveyed, Workspace
from territory.alignment import AlignmentPlan
from territory.driving import (
    Drives,
    driven_hours,
    driven_notes,
    road_factors,
    unit_hours,
    with_routes,
    worst_driven_percent,
)
from territory.geo import local_crs, to_meters
from territory.travel import UNREACHABLE, TravelTimes

if TYPE_CHECKING:
    from optimizer.redraw import RedrawProblem

Owners = NDArray[np.int64]
Floats = NDArray[np.float64]
Improve = Callable[["RedrawProblem", Owners], AlignmentPlan]


def visits_of_units(surveyed: Surveyed) -> tuple[Floats, Floats]:
    """Visits in four weeks and visit hours a year of each unit's accounts (or companies)."""
    from territory.survey.workload import CYCLES_PER_YEAR, visit_load
    from territory.units import locate
    from territory.units.totals import sum_per_unit

    tables = surveyed.market.tables
    accounts = tables["accounts"]
    if len(accounts) == 0:
        accounts = tables["companies"][["lon", "lat"]].assign(
            tier="C", visits_per_4_weeks=np.nan, visit_minutes=np.nan
        )
    unit = locate(surveyed.units, accounts[["lon", "lat"]].to_numpy(dtype=np.float64))
    visits, minutes = visit_load(accounts)
    n = len(surveyed.units)
    spent = sum_per_unit(unit, visits * minutes, n)
    return sum_per_unit(unit, visits, n), spent / 60 * CYCLES_PER_YEAR


def drives_of(
    workspace: Workspace, surveyed: Surveyed, executives: tuple[str, ...], owners: Owners
) -> Drives:
    """Each unit as its owner drives to it, on the market's own travel times."""
    from territory.survey.workload import STRAIGHT_SPEED_KMH

    market, units = surveyed.market, surveyed.units
    travel = workspace.travel(market.name, market.settings.mode)
    usual = 3600 / STRAIGHT_SPEED_KMH[market.settings.mode]
    crs = local_crs(units.lonlat)
    xy = to_meters(units.lonlat, crs=crs)
    visits, hours = visits_of_units(surveyed)
    frame = market.table("executives").set_index("executive_id")[["home_lon", "home_lat"]]
    homes = frame.reindex(list(executives)).to_numpy(dtype=np.float64)
    road, straight = np.zeros(len(units)), np.zeros(len(units))
    for executive, home in enumerate(homes):
        mine = np.flatnonzero(owners == executive)
        if len(mine) == 0:
            continue
        base = home if np.isfinite(home).all() else units.lonlat[_middle(mine, xy, hours)]
        at = to_meters(base[None, :], crs=crs)[0]
        straight[mine] = np.hypot(*(xy[mine] - at).T)
        road[mine] = _seconds(travel, base, units.lonlat[mine], straight[mine] / 1000 * usual)
    return Drives(
        area_square_meters=units.area_square_meters,
        visits_per_cycle=visits,
        visit_hours=hours,
        road_seconds=road,
        straight_meters=straight,
        usual_pace=usual,
    )


def _middle(mine: Owners, xy: Floats, weight: Floats) -> int:
    """The unit nearest to the weighted middle of these."""
    used = weight[mine] if weight[mine].sum() > 0 else np.ones(len(mine))
    middle = (xy[mine] * used[:, None]).sum(axis=0) / used.sum()
    return int(mine[np.hypot(*(xy[mine] - middle).T).argmin()])


def _seconds(travel: TravelTimes, base: Floats, places: Floats, usual: Floats) -> Floats:
    """Seconds from the base to each place, the usual pace where there is no way."""
    found = travel.block(base[None, :], places).seconds
    seconds = found.reshape(-1, len(places))[0].astype(np.float64)
    return np.where(seconds >= UNREACHABLE, usual, seconds)


def positions(plan: AlignmentPlan) -> Owners:
    """Position of each unit's executive in the plan."""
    from territory.measures import owner_positions

    return owner_positions(plan.alignment)


def driven(workspace: Workspace, surveyed: Surveyed, plan: AlignmentPlan) -> AlignmentPlan:
    """The plan with the hours of each jurisdiction as it is driven."""
    owners, ids = positions(plan), plan.alignment.executive_ids
    drives = drives_of(workspace, surveyed, ids, owners)
    hours = driven_hours(owners, np.array(plan.unit_loads[-1]), drives, ids)
    return replace(plan, driven=hours)


def with_driven_notes(plan: AlignmentPlan, rounds: int) -> AlignmentPlan:
    """The plan with what its drive says; after rounds, which hours it was balanced on."""
    tolerance = plan.tolerance_percent[-1]
    notes = driven_notes(plan.driven, tolerance)
    if rounds:
        name = plan.load_names[-1]
        notes = (
            *notes,
            f"Balanced in {rounds} rounds on {name} as it is driven, so the tolerance of "
            f"±{tolerance:g} % on {name} is aimed at driven hours; as surveyed, {name} lies up to "
            f"±{plan.worst_percent[-1]:.1f} % from its mean.",
        )
    return replace(plan, notes=(*plan.notes, *notes))


def redrawn_on_the_road(
    workspace: Workspace,
    surveyed: Surveyed,
    problem: "RedrawProblem",
    plan: AlignmentPlan,
    improve: Improve,
    *,
    rounds: int,
) -> AlignmentPlan:
    """The plan redrawn on its own driven hours until they lie within tolerance, or rounds end.

    With rounds, the visit engine routes four weeks of every plan looked at, and its hours count;
    without, or where it cannot, the formula's do. Each round takes every unit's hours as its
    executive of the round before drives them, half of the way from what they were, and carries the
    plan on. The best by worst driven deviation is returned, figures measured on the loads as
    surveyed.
    """
    from optimizer.redraw import measured

    if not rounds:
        return with_driven_notes(driven(workspace, surveyed, plan), 0)
    now, unrouted = routed(workspace, surveyed, plan)
    best, used = now, 0
    hours: Floats | None = None
    for turn in range(1, rounds + 1):
        if worst_driven_percent(best.driven) <= problem.tolerance_percent[-1] + 1e-9:
            break
        owners = positions(now)
        drives = drives_of(workspace, surveyed, problem.executive_ids, owners)
        tours, stems = unit_hours(owners, drives, problem.executives)
        found = drives.visit_hours + road_factors(now.driven)[owners] * (tours + stems)
        hours = found if hours is None else (hours + found) / 2
        asked = replace(problem, loads=np.vstack([problem.loads[:-1], hours]))
        made = improve(asked, owners)
        now, unrouted = routed(workspace, surveyed, measured(problem, positions(made)))
        used = turn
        if _rank(now) < _rank(best):
            best = now
    best = with_driven_notes(best, used)
    return replace(best, notes=(*best.notes, *unrouted))


def routed(
    workspace: Workspace, surveyed: Surveyed, plan: AlignmentPlan
) -> tuple[AlignmentPlan, tuple[str, ...]]:
    """The plan with hours by formula and by routes of four weeks; a note where not routed."""
    from api.usecases.routed import routed_hours

    formula = driven(workspace, surveyed, plan)
    hours, notes = routed_hours(workspace, surveyed, plan.alignment)
    full = with_routes(formula.driven, hours)
    if hours and full == formula.driven:
        lost = [one.executive_id for one in formula.driven if one.executive_id not in hours]
        notes = (f"Not routed: nothing was routed for {', '.join(lost[:5])}.",)
    return replace(formula, driven=full), notes


def _rank(plan: AlignmentPlan) -> tuple[float, float]:
    """Driven hours beyond tolerance first, with the other loads; then their worst."""
    pairs = zip(plan.worst_percent[:-1], plan.tolerance_percent[:-1], strict=True)
    over = sum(max(0.0, worst - limit) for worst, limit in pairs)
    worst = worst_driven_percent(plan.driven)
    return round(over + max(0.0, worst - plan.tolerance_percent[-1]), 6), worst
