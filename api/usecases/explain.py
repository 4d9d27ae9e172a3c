"""What a unit's score is made of, in sentences with money."""

from api.usecases.workspace import Workspace
from territory.errors import InputError, NotFound
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


def market_of_unit(workspace: Workspace, unit_id: str) -> str:
    """The one market whose latest score knows this unit.

    Raises
    ------
    NotFound
        If no market has it.
    InputError
        If several have it: name one.
    """
    found = []
    for market in workspace.store.list_markets():
        stored = workspace.store.latest_plan(market, "score")
        plan = None if stored is None else stored.plan
        if isinstance(plan, ScorePlan) and unit_id in plan.unit_ids:
            found.append(market)
    if not found:
        raise NotFound(f"No scored market has a unit {unit_id!r}.", fix="Score the market first.")
    if len(found) > 1:
        raise InputError(
            f"Unit {unit_id!r} is in {', '.join(found)}.", fix="Name the market before the unit."
        )
    return found[0]
