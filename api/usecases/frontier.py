"""The frontier as a job's last step: trials about the plan, each judged, the best of them kept."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from optimizer.run import Progress, Report, Stop
from territory.alignment import AlignmentPlan

if TYPE_CHECKING:
    from optimizer.redraw import RedrawParams, RedrawProblem
    from territory.checks import AlignmentFacts, Violation


def with_frontier(
    plan: AlignmentPlan,
    problem: "RedrawProblem",
    facts: "AlignmentFacts",
    *,
    params: "RedrawParams",
    stop: Stop,
    progress: Progress[Any],
) -> "tuple[AlignmentPlan, tuple[Violation, ...]]":
    """The plan with the frontier about it, and all that the judge holds against its points."""
    from optimizer.redraw import non_dominated, trials
    from territory.checks import check_alignment

    def tell(word: Report[Any]) -> None:
        progress(Report(message=word.message, fraction=0.9 + 0.09 * word.fraction))

    plain = replace(plan, driven=())  # a trial is not driven
    made = trials(problem, plain, params=params, stop=stop, progress=tell)
    wrong: list[Violation] = []
    for trial in made[1:]:
        asked = replace(
            facts,
            tolerance_percent=trial.tolerance_percent,
            drives=None,
            is_on_road=False,
            levels=(),
        )
        wrong += check_alignment(replace(trial.plan, key_accounts=plan.key_accounts), asked)
    kept = non_dominated(made)
    points = tuple(trial.point(is_this=is_this) for trial, is_this in kept)
    note = _said(len(made), points)
    return replace(plan, frontier=points, notes=(*plan.notes, note)), tuple(wrong)


def _said(tried: int, points: Sequence[Any]) -> str:
    """What the frontier spans, in words."""
    worst = [point.worst_percent for point in points]
    inertia = [point.moment_of_inertia for point in points]
    moved = [point.moved_percent for point in points]
    least = min(inertia)
    text = (
        f"Frontier: of {tried} plans tried, {len(points)} are not beaten in worst deviation, "
        f"compactness and workload moved at once. They span ±{min(worst):.1f} to "
        f"±{max(worst):.1f} % in deviation, up to {100 * (max(inertia) / least - 1):.0f} % in "
        f"inertia"
    )
    text += f", {min(moved):.1f} to {max(moved):.1f} % in workload moved." if max(moved) else "."
    if not any(point.is_this for point in points):
        text += " This plan is beaten by one of them."
    return text
