"""What a unit's score is made of, in sentences with money."""

from api.usecases.workspace import Workspace
from territory.errors import NotFound
from territory.scores import ScorePlan


def explain_unit(workspace: Workspace, market_name: str, unit_id: str) -> tuple[str, ...]:
    """Sentences about one unit from the latest score plan.

    Raises
    ------
    NotFound
        If the market has no score yet, or no such unit.
    """
    from territory.potential import explain

    settings = workspace.store.settings(market_name)
    stored = workspace.store.latest_plan(market_name, "score")
    if stored is None:
        raise NotFound(
            f"Market {market_name!r} has no score plan yet.",
            fix=f"Run `fieldwright score {market_name}` first.",
        )
    plan = stored.plan
    if not isinstance(plan, ScorePlan):
        raise TypeError(f"plan {stored.plan_id} is no score plan")
    if unit_id not in plan.unit_ids:
        raise NotFound(
            f"There is no unit {unit_id!r} in {market_name!r}.",
            fix="The table under the potential map lists them all.",
        )
    return tuple(explain(plan, unit_id, currency=settings.currency))
