"""Redraw as a job: potential and workload per unit in, jurisdictions with their figures out."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from api.schemas import RedrawRequest
from api.usecases.driven import redrawn_on_the_road
from api.usecases.frontier import with_frontier
from api.usecases.judging import LOADS, alignment_facts, judge_alignment, loads_of
from api.usecases.market_jobs import score_of
from api.usecases.owners import current_alignment, executive_ids
from api.usecases.run import Computed
from api.usecases.workspace import Surveyed, Workspace, survey
from optimizer.run import Progress, Report, Stop
from territory.alignment import AlignmentPlan
from territory.errors import InputError
from territory.geo import local_crs, to_meters
from territory.market import Market
from territory.scores import ScorePlan
from territory.units import perimeters_meters

if TYPE_CHECKING:
    from optimizer.redraw import RedrawProblem
    from territory.checks import Violation


def redraw(
    workspace: Workspace,
    market: Market,
    request: RedrawRequest,
    stop: Stop,
    progress: Progress[Any],
) -> Computed:
    """Jurisdictions balanced on potential and workload, contiguous, compact, with few changes."""
    from optimizer.redraw import RedrawParams, improve, solve

    progress(Report(message="survey the market", fraction=0.02))
    surveyed = survey(workspace, market)
    scored = score_of(surveyed)
    asked, relaxed = settled(surveyed, scored, request)
    problem = problem_of(surveyed, scored, asked)
    progress(Report(message=f"redraw {len(problem.unit_ids):,} units", fraction=0.1))
    params = RedrawParams(seed=request.seed, keep="no" if request.from_scratch else "auto")
    result = solve(problem, params=params, stop=stop, progress=progress)
    again = Stop(cancel=stop.cancel, iterations=stop.iterations)
    progress(Report(message="drive the plan", fraction=0.95, best=result.plan))
    plan = redrawn_on_the_road(
        workspace,
        surveyed,
        problem,
        result.plan,
        lambda asked, owners: improve(asked, owners, params=params, stop=again).plan,
        rounds=request.driven,
    )
    plan = diagnosed(replace(plan, notes=(*relaxed, *plan.notes)), problem)
    wrong: tuple[Violation, ...] = ()
    if request.frontier:
        facts = alignment_facts(workspace, market, plan, request, surveyed)
        plan, wrong = with_frontier(
            plan, problem, facts, params=params, stop=stop, progress=progress
        )
    return Computed(
        plan=plan,
        violations=(*wrong, *judge_alignment(workspace, market, plan, request, surveyed=surveyed)),
        work=replace(result.work, stopped_by="cancelled") if stop.cancel.is_set() else result.work,
        request=request,
    )


def diagnosed(plan: AlignmentPlan, problem: "RedrawProblem") -> AlignmentPlan:
    """The plan with what is proved to stand against its tolerances, if it does not meet them."""
    from optimizer.redraw import diagnose

    pairs = zip(plan.worst_percent, plan.tolerance_percent, strict=True)
    if all(worst <= limit + 1e-9 for worst, limit in pairs):
        return plan
    found = diagnose(problem)
    words = tuple(one.text for one in found if one.kind != "largest_unit")
    return replace(plan, diagnosis=found, notes=(*plan.notes, *words))


def settled(
    surveyed: Surveyed, scored: ScorePlan, request: RedrawRequest
) -> tuple[RedrawRequest, tuple[str, ...]]:
    """The request with what contradicts left out, if it allows that; a note on each rule left."""
    if not request.relax:
        return request, ()
    from optimizer.redraw import RedrawProblem, Rules, nearest_rules

    def asking(rules: Rules) -> RedrawRequest:
        return request.model_copy(
            update={
                "executives": rules.executives,
                "locked_units": rules.locked_units,
                "together": rules.together,
                "apart": rules.apart,
            }
        )

    def make(rules: Rules) -> RedrawProblem:
        return problem_of(surveyed, scored, asking(rules))

    wanted = Rules(
        executives=request.executives or len(executive_ids(surveyed.market)),
        locked_units=request.locked_units,
        together=request.together,
        apart=request.apart,
    )
    kept, notes = nearest_rules(wanted, make, units=len(surveyed.units))
    return (asking(kept), notes) if notes else (request, ())


def problem_of(surveyed: Surveyed, scored: ScorePlan, request: RedrawRequest) -> "RedrawProblem":
    """The redraw problem of a surveyed and scored market."""
    from optimizer.redraw import RedrawProblem

    market, units = surveyed.market, surveyed.units
    chosen = _executives(market, request.executives)
    before = current_alignment(market, units)
    names = market.table("executives").set_index("executive_id")["name"].to_dict()
    return RedrawProblem(
        unit_ids=units.ids,
        xy_meters=to_meters(units.lonlat),
        area_square_meters=units.area_square_meters,
        neighbours=units.neighbours,
        load_names=LOADS,
        loads=loads_of(scored),
        tolerance_percent=(request.tolerance_percent,) * len(LOADS),
        executive_ids=chosen,
        executive_names=tuple(str(names.get(item) or item) for item in chosen),
        homes_meters=_homes(market, chosen, crs=local_crs(units.lonlat)),
        homes_fixed=request.homes_fixed,
        before=before,
        locked_units=request.locked_units,
        together=request.together,
        apart=request.apart,
        move_price=0.0 if request.from_scratch or before is None else request.move_price,
        perimeter_meters=perimeters_meters(units),
    )


def _executives(market: Market, count: int | None) -> tuple[str, ...]:
    """The executives to share among: all, the first ones, or with unnamed new ones added."""
    known = executive_ids(market)
    if count is None or count == len(known):
        return known
    if count < len(known):
        return known[:count]
    fresh = tuple(f"new-{number}" for number in range(1, count - len(known) + 1))
    clash = sorted(set(fresh) & set(known))
    if clash:
        raise InputError(
            f"New executives would be named {', '.join(clash)}, which exist already.",
            fix="Add the new executives to the table instead.",
        )
    return (*known, *fresh)


def _homes(market: Market, executives: tuple[str, ...], *, crs: str) -> Any:
    """Homes in metres, nan for an executive who has none yet."""
    frame = market.table("executives").set_index("executive_id")[["home_lon", "home_lat"]]
    found = frame.reindex(list(executives)).to_numpy(dtype=np.float64)
    homes = np.full((len(executives), 2), np.nan)
    has = np.isfinite(found).all(axis=1)
    if has.any():
        homes[has] = to_meters(found[has], crs=crs)
    return homes
