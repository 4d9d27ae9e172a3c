"""Score and gaps as jobs: both read the market as it is and search nothing."""

from typing import TYPE_CHECKING, Any

from api.schemas import GapsRequest, ScoreRequest
from api.usecases.judging import judge_gaps, judge_score
from api.usecases.run import Computed
from api.usecases.workspace import Surveyed, Workspace, survey
from optimizer.run import Progress, Report, Stop
from territory.market import Market
from territory.outlets import GapPlan
from territory.plans import WorkDone
from territory.scores import ScorePlan

if TYPE_CHECKING:
    from territory.potential import PotentialParams


def score(
    workspace: Workspace, market: Market, request: ScoreRequest, stop: Stop, progress: Progress[Any]
) -> Computed:
    """Potential of every unit, with its parts, penetration and gap."""
    progress(Report(message="survey the market", fraction=0.1))
    surveyed = survey(workspace, market, company_files=request.company_files)
    progress(Report(message=f"score {len(surveyed.units):,} units", fraction=0.6))
    plan = score_of(surveyed)
    return Computed(
        plan=plan,
        violations=judge_score(workspace, market, plan, request, surveyed=surveyed),
        work=WorkDone(wall_seconds=stop.elapsed_seconds),
        request=request,
    )


def score_of(surveyed: Surveyed) -> ScorePlan:
    """The score of a surveyed market: what redraw, gaps and outlets stand on too."""
    from dataclasses import replace

    from territory.potential import PotentialParams
    from territory.potential import score as potential_score

    settings = surveyed.market.settings
    params = PotentialParams(
        total_market=settings.total_market, elsewhere_minutes=settings.reach_minutes[-1]
    )
    params, notes = fit_reach(surveyed, params)
    plan = potential_score(
        surveyed.facts,
        to_own=surveyed.to_own,
        to_competitors=surveyed.to_competitors,
        own=surveyed.own,
        competitors=surveyed.competitors,
        params=params,
    )
    return replace(plan, notes=(*plan.notes, *notes))


def fit_reach(
    surveyed: Surveyed, params: "PotentialParams"
) -> "tuple[PotentialParams, tuple[str, ...]]":
    """Huff's exponents as the market's own flows say, and a note; the defaults without flows."""
    from territory.potential import with_fitted_reach
    from territory.survey.flows import flows_per_unit

    market = surveyed.market
    if len(market.table("flows")) == 0:
        return params, ()
    sites = (*surveyed.own, *surveyed.competitors)
    flows, lost = flows_per_unit(market.tables, surveyed.units, [site.site_id for site in sites])
    fitted, note = with_fitted_reach(
        params,
        flows,
        [matrix for matrix in (surveyed.to_own, surveyed.to_competitors) if matrix is not None],
        sites,
    )
    return fitted, (*lost, note)


def gaps(
    workspace: Workspace, market: Market, request: GapsRequest, stop: Stop, progress: Progress[Any]
) -> Computed:
    """Coverage, white space, under-served cells and overlap of own outlets."""
    progress(Report(message="survey the market", fraction=0.1))
    surveyed = survey(workspace, market)
    progress(Report(message="measure the reach of every outlet", fraction=0.6))
    plan = gaps_of(surveyed, score_of(surveyed))
    return Computed(
        plan=plan,
        violations=judge_gaps(workspace, market, plan, request, surveyed=surveyed),
        work=WorkDone(wall_seconds=stop.elapsed_seconds),
        request=request,
    )


def gaps_of(surveyed: Surveyed, scored: ScorePlan) -> GapPlan:
    """The gaps of a surveyed and scored market."""
    from territory.gaps import find_gaps

    return find_gaps(
        surveyed.units,
        scored,
        surveyed.to_own,
        surveyed.to_competitors,
        surveyed.own,
        surveyed.competitors,
        reach_minutes=surveyed.market.settings.reach_minutes,
    )
