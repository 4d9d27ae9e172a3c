"""Redraw as a job: loads per unit in, jurisdictions with their figures out."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from api.schemas import RedrawRequest
from api.usecases.driven import redrawn_on_the_road
from api.usecases.frontier import with_frontier
from api.usecases.judging import alignment_facts, judge_alignment
from api.usecases.market_jobs import score_of
from api.usecases.redraw_problem import asked_of, counts_of, settled
from api.usecases.redraw_steps import (
    Drawing,
    Drawn,
    best_of_counts,
    completed,
    solved,
    without_key_accounts,
)
from api.usecases.run import Computed
from api.usecases.workspace import Workspace, survey
from optimizer.run import Progress, Report, Stop
from territory.alignment import AlignmentPlan
from territory.errors import Fault, InputError
from territory.market import Market

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
    """Jurisdictions balanced on their loads, contiguous, compact, with few changes."""
    from optimizer.redraw import RedrawParams

    refuse_odd_pairs(request)
    progress(Report(message="survey the market", fraction=0.02))
    surveyed = survey(workspace, market)
    drawing = Drawing(
        surveyed=surveyed,
        scored=score_of(surveyed),
        params=RedrawParams(
            seed=request.seed,
            keep="no" if request.from_scratch else "auto",
            moves="fewest" if request.fewest_moves and not request.from_scratch else "priced",
        ),
        stop=stop,
        progress=progress,
    )
    request = request.model_copy(update={"chosen_executives": None})
    wanted, relaxed = settled(surveyed, drawing.scored, request)
    progress(Report(message=f"redraw {len(surveyed.units):,} units", fraction=0.1))
    drawn = _drawn(workspace, drawing, wanted)
    if drawn.tried:
        request = request.model_copy(update={"chosen_executives": drawn.asked.problem.executives})
    plan = diagnosed(drawn.result.plan, drawn.asked.problem)
    plan = completed(drawing, plan, drawn, wanted)
    plan = replace(plan, notes=(*relaxed, *plan.notes))
    wrong: tuple[Violation, ...] = ()
    if request.frontier:
        facts = alignment_facts(workspace, market, plan, request, surveyed)
        plan, wrong = with_frontier(
            plan, drawn.asked.problem, facts, params=drawing.params, stop=stop, progress=progress
        )
    work = drawn.result.work
    return Computed(
        plan=plan,
        violations=(*wrong, *judge_alignment(workspace, market, plan, request, surveyed=surveyed)),
        work=replace(work, stopped_by="cancelled") if stop.cancel.is_set() else work,
        request=request,
    )


def refuse_odd_pairs(request: RedrawRequest) -> None:
    """Raise InputError where two wishes are not drawn together."""
    names = [level.name for level in request.levels]
    names += [request.within.name] if request.within else []
    faults = [
        Fault(column="levels", value=name, expected="each level once")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if faults:
        raise InputError("These wishes do not go together.", faults)


def _drawn(workspace: Workspace, drawing: Drawing, request: RedrawRequest) -> Drawn:
    """The plan of the number of executives asked for, or of the best of a range, driven."""

    def drive(drawn: Drawn) -> Drawn:
        return _driven(workspace, drawing, drawn, request)

    if len(counts_of(drawing.surveyed.market, request)) > 1:
        drawn = best_of_counts(drawing, request, drive)
    else:
        asked = asked_of(drawing.surveyed, drawing.scored, request)
        drawn = solved(drawing, asked, request, None)
    return drawn if drawn.result.plan.driven else drive(drawn)


def _driven(workspace: Workspace, drawing: Drawing, drawn: Drawn, request: RedrawRequest) -> Drawn:
    """The plan with the hours of its area on the road, redrawn on these if asked for."""
    drawing.progress(Report(message="drive the plan", fraction=0.95, best=drawn.result.plan))
    problem = drawn.asked.problem

    def carried_on(asked: "RedrawProblem", owners: NDArray[np.int64]) -> AlignmentPlan:
        again = replace(drawn.asked, problem=asked)
        return solved(drawing, again, request, owners).result.plan

    plan = redrawn_on_the_road(
        workspace,
        without_key_accounts(drawing.surveyed, problem.executive_ids),
        problem,
        drawn.result.plan,
        carried_on,
        rounds=request.driven,
    )
    return replace(drawn, result=replace(drawn.result, plan=plan))


def diagnosed(plan: AlignmentPlan, problem: "RedrawProblem") -> AlignmentPlan:
    """The plan with what is proved to stand against its tolerances, or against its shape.

    Where tolerances are met and jurisdictions are long (mean Polsby-Popper below ``LONG_SHAPE``),
    the proof that balance makes them so, if there is one.
    """
    from optimizer.redraw import diagnose, ratio_floors

    pairs = zip(plan.worst_percent, problem.limits_percent.tolist(), strict=True)
    is_met = all(worst <= limit + 1e-9 for worst, limit in pairs)
    shape = float(np.mean([one.polsby_popper for one in plan.jurisdictions]))
    if is_met and shape >= LONG_SHAPE:
        return plan
    hard = replace(
        problem,
        tolerance_percent=tuple(
            limit if is_hard else BOUNDLESS_PERCENT
            for limit, is_hard in zip(
                problem.tolerance_percent, problem.is_hard.tolist(), strict=True
            )
        ),
    )
    found = ratio_floors(hard) if is_met else diagnose(hard)
    why = f"Mean Polsby-Popper is {shape:.2f}. " if is_met else ""
    words = tuple(f"{why}{one.text}" for one in found if one.kind != "largest_unit")
    return replace(plan, diagnosis=found, notes=(*plan.notes, *words))


LONG_SHAPE = 0.4
"""Mean Polsby-Popper below which a plan that meets its tolerances is asked why."""
BOUNDLESS_PERCENT = 1e9
"""Tolerance of a soft load in a proof: nothing stands against it."""
