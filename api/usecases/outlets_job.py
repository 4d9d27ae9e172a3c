"""Outlets as a job: gaps give candidates, roads give reach, the solver gives sites and a bound."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from api.schemas import OutletsRequest
from api.usecases.judging import judge_outlets
from api.usecases.market_jobs import gaps_of, score_of
from api.usecases.outlet_answers import against, answered, demand_among, refuse_unknown, rivals_of
from api.usecases.outlet_fits import fitted, pulling, refuse_unknown_pulls
from api.usecases.run import Computed
from api.usecases.site_quotas import site_rules
from api.usecases.workspace import (
    Surveyed,
    Workspace,
    candidate_rows,
    site_points,
    survey,
)
from optimizer.run import Progress, Report, Stop
from territory.errors import Fault, InputError
from territory.market import Market
from territory.outlets import Capture, Goal, Site
from territory.scores import ScorePlan

if TYPE_CHECKING:
    from optimizer.outlets import OutletProblem


def outlets(
    workspace: Workspace,
    market: Market,
    request: OutletsRequest,
    stop: Stop,
    progress: Progress[Any],
) -> Computed:
    """New sites by demand captured, own outlets and competitors respected, with a proven bound."""
    from optimizer.outlets import OutletParams, OutletProblem, cover_from_minutes, solve
    from optimizer.outlets.phases import phased
    from optimizer.outlets.warnings import refuse_hopeless
    from territory.coverage import reach_weights

    progress(Report(message="survey the market", fraction=0.02))
    request = _filled_in(workspace, request)
    surveyed = survey(workspace, market)
    scored = score_of(surveyed)
    request, fit = fitted(surveyed, scored, request)
    surveyed = pulling(surveyed, request)
    sites = sites_of(surveyed, scored, request)
    refuse_unknown(request, surveyed, sites)
    refuse_unknown_pulls(request, (*sites, *surveyed.competitors))
    progress(Report(message=f"measure the reach of {len(sites)} sites", fraction=0.1))
    steps = market.settings.reach_minutes
    minutes = minutes_of(surveyed, sites)
    problem = OutletProblem(
        unit_ids=surveyed.units.ids,
        demand=demand_of(surveyed, scored, request.sharing),
        sites=sites,
        cover=cover_from_minutes(minutes, reach_minutes=steps, capture=request.sharing),
        reach_minutes=steps,
        reach_weights=request.reach_weights or reach_weights(steps),
        travel_source=surveyed.reach.source,
        new_sites=min(request.new_sites, _openable(sites)),
        budget=request.budget,
        minimum_separation_meters=request.minimum_separation_meters,
        capture=request.sharing,
        against=against(rivals_of(surveyed), surveyed, request.sharing),
        rules=site_rules(workspace, surveyed, sites, request),
        moves=request.moves,
        most_cannibalised=request.most_cannibalised,
    )
    refuse_hopeless(problem)
    for note in _too_few(sites, request):
        progress(Report(message=note, fraction=0.12))
    problem, goal = _aimed(problem, minutes, request, stop)
    # with another goal every number of new sites below the plan's is refused by its rules
    params = OutletParams(
        engine=request.engine, seed=request.seed, has_frontier=request.goal == "capture"
    )
    result = solve(problem, params=params, stop=stop, progress=progress)
    progress(Report(message="answer what a planner asks next", fraction=0.9))
    noted = replace(
        result.plan, goal=goal, notes=(*fit, *result.plan.notes, *_too_few(sites, request))
    )
    if request.phases:
        progress(Report(message="open in phases", fraction=0.85))
        noted = phased(problem, noted, request.in_turn, params=params, stop=stop)
    plan = answered(noted, problem, request, surveyed, scored, minutes, stop)
    return Computed(
        plan=plan,
        violations=judge_outlets(
            workspace, market, plan, request, surveyed=surveyed, scored=scored
        ),
        work=result.work,
        request=request,
        parents=tuple(filter(None, (request.alignment_plan,))),
    )


def _filled_in(workspace: Workspace, request: OutletsRequest) -> OutletsRequest:
    """The request with its alignment plan by id, so that a rerun asks for the same.

    Where there are phases, its limits are their sums.
    """
    from api.usecases.listing import plan_id_of

    if request.phases:
        budgets = [phase.budget for phase in request.phases]
        known = [budget for budget in budgets if budget is not None]
        sums = {
            "new_sites": sum(phase.new_sites for phase in request.phases),
            "budget": sum(known) if len(known) == len(budgets) else None,
        }
        request = request.model_copy(update=sums)
    if request.alignment_plan is None:
        return request
    found = plan_id_of(workspace, request.alignment_plan)
    return request.model_copy(update={"alignment_plan": found})


def _aimed(
    problem: "OutletProblem", minutes: NDArray[np.float64], request: OutletsRequest, stop: Stop
) -> "tuple[OutletProblem, Goal]":
    """The problem held to its goal: fewest sites or least farthest way first, capture second."""
    from optimizer.outlets.goals import fewest_new_sites, least_farthest_minutes

    if request.goal == "capture":
        return problem, Goal()
    if request.goal == "fewest":
        within = float(problem.reach_minutes[-1])
        aim = fewest_new_sites(problem, minutes, within_minutes=within, stop=stop)
        problem = replace(problem, new_sites=round(aim.amount), new_sites_at_least=0)
    else:
        aim = least_farthest_minutes(problem, minutes, stop=stop)
        within = aim.amount
    held = replace(problem, rules=(*problem.rules, *aim.rules))
    return held, Goal(kind=request.goal, within_minutes=within, bound=aim.bound, beyond=aim.beyond)


def sites_of(surveyed: Surveyed, scored: ScorePlan, request: OutletsRequest) -> tuple[Site, ...]:
    """Own outlets, then candidates: the market's own, or white-space cells when it names none."""
    from territory.gaps import candidate_sites

    own = tuple(
        replace(site, may_close=site.may_close and request.may_close) for site in surveyed.own
    )
    named = candidate_rows(surveyed.market)
    if named:
        return limited((*own, *named), request)
    found = candidate_sites(
        surveyed.units,
        gaps_of(surveyed, scored),
        surveyed.market.table("companies"),
        limit=request.candidates,
        minimum_separation_meters=request.minimum_separation_meters,
    )
    return limited((*own, *found), request)


def limited(sites: tuple[Site, ...], request: OutletsRequest) -> tuple[Site, ...]:
    """The sites with the capacities and the attractiveness that the request gives them.

    Raises
    ------
    InputError
        If a capacity is of no own outlet or candidate, or the request asks besides for what
        capacities do not go with; all are listed.
    """
    unknown = sorted(request.capacities.keys() - {site.site_id for site in sites})
    faults = [
        Fault(column="capacities", value=site, expected="the id of an own outlet or a candidate")
        for site in unknown
    ]
    if request.capacities or request.new_capacity is not None:
        faults += [
            Fault(column=name, expected=f"no {name} beside capacities", fix="Ask for them apart.")
            for name, is_asked in (
                ("what_if", bool(request.what_if)),
                ("goal", request.goal != "capture"),
                ("phases", bool(request.phases)),
            )
            if is_asked
        ]
    if request.phases and request.goal != "capture":
        faults.append(Fault(column="phases", expected="the goal capture, or no phases"))
    if faults:
        raise InputError("Capacities or phases cannot be used as they stand.", faults)
    return tuple(
        replace(
            site,
            attractiveness=request.attractiveness.get(site.site_id, site.attractiveness),
            capacity=request.capacities.get(
                site.site_id, request.new_capacity if site.role == "candidate" else None
            ),
        )
        for site in sites
    )


def demand_of(
    surveyed: Surveyed, scored: ScorePlan, capture: Capture | None = None
) -> NDArray[np.float64]:
    """Potential that competitors leave to an own outlet at the door, per unit; all where shared."""
    return demand_among(rivals_of(surveyed), surveyed, scored, capture)


def minutes_of(surveyed: Surveyed, sites: tuple[Site, ...]) -> NDArray[np.float64]:
    """Minutes from every unit to every site, shape (sites, units); inf where there is no way."""
    from territory.travel import UNREACHABLE

    matrix = surveyed.reach.block(surveyed.units.lonlat, site_points(sites))
    seconds = matrix.seconds.T.astype(np.float64)
    return np.where(matrix.seconds.T == UNREACHABLE, np.inf, seconds / 60)


def _too_few(sites: tuple[Site, ...], request: OutletsRequest) -> tuple[str, ...]:
    """That there are fewer candidates than new sites were asked for, and what to do."""
    there_are = _openable(sites)
    if request.goal == "fewest" or request.new_sites <= there_are:
        return ()
    return (
        f"{request.new_sites} new sites were asked for; only {there_are} candidates may open. Ask "
        "for fewer or add candidates.",
    )


def _openable(sites: tuple[Site, ...]) -> int:
    return sum(site.role == "candidate" and not site.is_forbidden for site in sites)
