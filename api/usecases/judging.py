"""The judge's facts, made from the market; one function per kind of plan.

What a job has surveyed may be handed in so that it is not measured twice; it is the market's own
data either way, never a solver's figure.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from api.schemas import (
    OutletsRequest,
    RedrawRequest,
    ReportRequest,
    Request,
    ScoreRequest,
    VisitsRequest,
)
from api.usecases.owners import current_alignment
from api.usecases.workspace import Surveyed, Workspace, survey
from territory.alignment import AlignmentPlan
from territory.calendar import Calendar
from territory.geo import to_meters
from territory.market import Market
from territory.outlets import GapPlan, OutletPlan
from territory.plans import PlanKind
from territory.prices import VisitPrices
from territory.routes import VisitPlan
from territory.scores import ScorePlan
from territory.travel import TravelMatrix, TravelTimes
from territory.weekly import WeeklyReport

if TYPE_CHECKING:
    from territory.checks import AlignmentFacts, DriveFacts, Violation, VisitFacts

KNOWN_FACTS = (
    "companies",
    "income",
    "consumption",
    "captured",
    "workload_hours",
    "own_outlets",
    "competitor_outlets",
)
"""What a score repeats of the survey as it stands."""

BROKEN_BY_HAND = frozenset(
    {
        "island",
        "over_tolerance",
        "broken_lock",
        "unowned_unit",
        "torn_group",
        "shared_pair",
        "across_level",
    }
)
"""What an edit by hand may break: said as a warning, not refused."""


def judge(
    workspace: Workspace, market: Market, kind: PlanKind, plan: Any, request: Request
) -> "tuple[Violation, ...]":
    """All that is wrong with a plan of this kind."""
    if kind == "score":
        return judge_score(workspace, market, plan, request)
    if kind == "gaps":
        return judge_gaps(workspace, market, plan, request)
    if kind == "report":
        return judge_report(workspace, market, plan, _as(ReportRequest, request))
    if kind == "alignment":
        return judge_alignment(workspace, market, plan, _as(RedrawRequest, request))
    if kind == "visits":
        return judge_visits(workspace, market, plan, _as(VisitsRequest, request))
    return judge_outlets(workspace, market, plan, _as(OutletsRequest, request))


def _as(kind: type[Any], request: Request) -> Any:
    if not isinstance(request, kind):
        raise TypeError(f"{type(request).__name__} is not {kind.__name__}")
    return request


def judge_score(
    workspace: Workspace,
    market: Market,
    plan: ScorePlan,
    request: Request,
    *,
    surveyed: Surveyed | None = None,
) -> "tuple[Violation, ...]":
    """A score against the units and facts of the market."""
    from territory.checks import ScoreFacts, check_score

    files = request.company_files if isinstance(request, ScoreRequest) else ()
    surveyed = surveyed or survey(workspace, market, company_files=files)
    known = {
        name: surveyed.facts[name].to_numpy(dtype=np.float64)
        for name in KNOWN_FACTS
        if name in plan.table.columns
    }
    return check_score(
        plan,
        ScoreFacts(
            unit_ids=surveyed.units.ids,
            known=known,
            total_market=market.settings.total_market,
        ),
    )


def judge_gaps(
    workspace: Workspace,
    market: Market,
    plan: GapPlan,
    _: Request,
    *,
    surveyed: Surveyed | None = None,
) -> "tuple[Violation, ...]":
    """Gaps against potential and minutes to every outlet."""
    from api.usecases.market_jobs import score_of
    from territory.checks import GapFacts, check_gaps

    surveyed = surveyed or survey(workspace, market)
    return check_gaps(
        plan,
        GapFacts(
            cell_ids=surveyed.units.ids,
            potential=np.array(score_of(surveyed).table.numbers("potential")),
            own=surveyed.own,
            own_minutes=_minutes(surveyed.to_own, len(surveyed.units)),
            competitor_minutes=_minutes(surveyed.to_competitors, len(surveyed.units)),
            competitors=surveyed.competitors,
            reach_minutes=market.settings.reach_minutes,
            neighbours=(surveyed.units.neighbours.indptr, surveyed.units.neighbours.indices),
        ),
    )


def _minutes(matrix: Any, units: int) -> NDArray[np.float64]:
    """Minutes with a row per outlet and a column per unit."""
    from territory.coverage import matrix_minutes

    return np.empty((0, units)) if matrix is None else matrix_minutes(matrix).T


def judge_report(
    workspace: Workspace, market: Market, plan: WeeklyReport, request: ReportRequest
) -> "tuple[Violation, ...]":
    """A report's own arithmetic, and every figure of it against the market's rows."""
    from api.usecases.owners import owners_of_accounts
    from api.usecases.report_job import holidays_round, units_of_accounts, visit_plan_of
    from territory.checks.report import check_report, facts_of

    day = request.week_of or plan.first_date
    stored = visit_plan_of(workspace, market, day, request.visit_plan)
    visits = None if stored is None else stored.plan
    return check_report(
        plan,
        facts_of(
            market.tables,
            week_of=day,
            today=market.settings.today,
            currency=market.settings.currency,
            owner_of_account=owners_of_accounts(workspace, market),
            unit_of_account=units_of_accounts(market),
            holidays=frozenset(holidays_round(market, day)),
            stops=tuple(
                (route.executive_id, route.date, account_id)
                for route in (visits.routes if isinstance(visits, VisitPlan) else ())
                for stop in route.stops
                for account_id in (stop.account_id, *stop.with_account_ids)
            ),
        ),
    )


def judge_alignment(
    workspace: Workspace,
    market: Market,
    plan: AlignmentPlan,
    request: RedrawRequest,
    *,
    surveyed: Surveyed | None = None,
) -> "tuple[Violation, ...]":
    """An alignment against units, loads, locks and today's alignment."""
    from territory.checks import check_alignment

    surveyed = surveyed or survey(workspace, market)
    return check_alignment(plan, alignment_facts(workspace, market, plan, request, surveyed))


def alignment_facts(
    workspace: Workspace,
    market: Market,
    plan: AlignmentPlan,
    request: RedrawRequest,
    surveyed: Surveyed,
) -> "AlignmentFacts":
    """What the market says of its units, for the judge."""
    from api.usecases.market_jobs import score_of
    from api.usecases.redraw_problem import (
        asked_of,
        counts_of,
        home_lonlat,
        levels_asked,
        move_weights,
        sealed_units,
        settled,
    )
    from api.usecases.redraw_road import seconds_from_centers
    from territory.checks import AlignmentFacts

    scored = score_of(surveyed)
    ranged = request.model_copy(update={"chosen_executives": None})
    counts = counts_of(market, settled(surveyed, scored, ranged)[0])
    request, _ = settled(surveyed, scored, request)
    asked = asked_of(surveyed, scored, request)
    problem, burden = asked.problem, asked.burden
    before = current_alignment(market, surveyed.units)
    homes = home_lonlat(market, problem.executive_ids).tolist() if request.homes_fixed else []
    return AlignmentFacts(
        unit_ids=surveyed.units.ids,
        executive_ids=problem.executive_ids,
        neighbours=problem.neighbours,
        xy_meters=to_meters(surveyed.units.lonlat),
        area_square_meters=surveyed.units.area_square_meters,
        load_names=burden.names,
        loads=burden.loads,
        tolerance_percent=burden.tolerance_percent,
        soft_price=burden.soft_price,
        perimeter_meters=problem.perimeter_meters,
        locked=_locks(request, None if before is None else before.owner_of()),
        before=before,
        drives=_drive_facts(workspace, surveyed, plan),
        together=request.together,
        apart=request.apart,
        sealed=sealed_units(request, before),
        key_accounts=burden.key_accounts,
        measures=burden.measures,
        move_weights=move_weights(request, before),
        is_on_road=request.shape == "road",
        road_seconds=seconds_from_centers(surveyed, plan) if plan.road_shape else None,
        homes={
            executive: (float(lon), float(lat))
            for executive, (lon, lat) in zip(problem.executive_ids, homes, strict=False)
        },
        unit_lonlat=surveyed.units.lonlat,
        levels=levels_asked(asked, request),
        within=asked.given.unit_groups,
        within_name=asked.given.name,
        seated=asked.given.seated,
        counts=counts if len(counts) > 1 else (),
        full_hours=request.full_hours,
        choose=request.choose,
        is_redriven=request.driven > 0,
    )


def _drive_facts(
    workspace: Workspace, surveyed: Surveyed, plan: AlignmentPlan
) -> "DriveFacts | None":
    """The market's drives to each unit, if the plan says what they come to."""
    from api.usecases.driven import drives_of, positions
    from api.usecases.redraw_steps import without_key_accounts
    from territory.checks import DriveFacts

    if not plan.driven or plan.alignment.unit_ids != surveyed.units.ids:
        return None
    ids = plan.alignment.executive_ids
    area = without_key_accounts(surveyed, ids)
    drives = drives_of(workspace, area, ids, positions(plan))
    return DriveFacts(
        visits_per_cycle=drives.visits_per_cycle,
        visit_hours=drives.visit_hours,
        road_seconds=drives.road_seconds,
        straight_meters=drives.straight_meters,
        usual_pace=drives.usual_pace,
    )


def _locks(request: RedrawRequest, owners: Mapping[str, str] | None) -> dict[str, str]:
    return {} if owners is None else {unit: owners[unit] for unit in request.locked_units}


def judge_visits(
    workspace: Workspace,
    market: Market,
    plan: VisitPlan,
    request: VisitsRequest,
    *,
    calendar: Calendar | None = None,
) -> "tuple[Violation, ...]":
    """A visit plan against needs, shifts and travel times."""
    from api.usecases.visits_job import calendar_of
    from territory.checks import check_visits

    calendar = calendar or calendar_of(workspace, market, request)
    travel = workspace.travel(market.name, market.settings.mode)
    prices = request.visit_prices() if request.prices else None
    return check_visits(plan, visit_facts(market, plan, calendar, travel, prices=prices))


def visit_facts(
    market: Market,
    plan: VisitPlan,
    calendar: Calendar,
    travel: TravelTimes,
    *,
    prices: VisitPrices | None,
) -> "VisitFacts":
    """What the judge knows of a visit plan, travel asked for one executive at a time."""
    from territory.checks import VisitFacts
    from territory.checks.areas import areas_of

    def block(points: NDArray[np.float64]) -> TravelMatrix:
        return travel.block(points, points)

    nowhere = np.empty((0, 2))
    return VisitFacts(
        needs=calendar.needs,
        shifts=calendar.shifts,
        points=nowhere,
        travel=block(nowhere),
        areas=areas_of(calendar.needs, calendar.shifts, plan.routes, block=block),
        mode=market.settings.mode,
        unplannable=calendar.unserved,
        prices=prices,
    )


def judge_outlets(
    workspace: Workspace,
    market: Market,
    plan: OutletPlan,
    request: OutletsRequest,
    *,
    surveyed: Surveyed | None = None,
    scored: ScorePlan | None = None,
) -> "tuple[Violation, ...]":
    """An outlet plan against demand, minutes and the planner's rules."""
    from api.usecases.market_jobs import score_of
    from api.usecases.outlet_answers import against, judge_answers, rivals_of
    from api.usecases.outlet_fits import pulling
    from api.usecases.outlets_job import demand_of, minutes_of, sites_of
    from api.usecases.site_quotas import site_rules
    from territory.checks import OutletFacts, check_outlets

    surveyed = surveyed or survey(workspace, market)
    scored = scored or score_of(surveyed)
    surveyed = pulling(surveyed, request)
    sites = sites_of(surveyed, scored, request)
    facts = OutletFacts(
        cell_ids=surveyed.units.ids,
        demand=demand_of(surveyed, scored, request.sharing),
        sites=sites,
        minutes=minutes_of(surveyed, sites),
        reach_minutes=market.settings.reach_minutes,
        new_sites=request.new_sites,
        budget=request.budget,
        minimum_separation_meters=request.minimum_separation_meters,
        travel_source=surveyed.reach.source,
        capture=request.sharing,
        against=against(rivals_of(surveyed), surveyed, request.sharing),
        moves=request.moves,
        rules=site_rules(workspace, surveyed, sites, request),
        most_cannibalised=request.most_cannibalised,
        phases=request.in_turn,
    )
    if request.goal == "fewest":  # there the number of new sites is the answer
        facts = replace(facts, new_sites=max(plan.new_sites, 0))
    return (
        *check_outlets(plan, facts),
        *judge_answers(plan, request, facts, surveyed, scored),
    )
