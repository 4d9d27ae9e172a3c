"""Editing an alignment by hand: a new version with live numbers, and what the edit broke."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.usecases.judging import judge_alignment
from api.usecases.listing import plan_id_of
from api.usecases.run import parse_request
from api.usecases.workspace import TOOL_VERSION, Workspace, survey
from territory.alignment import AlignmentPlan
from territory.errors import CheckFailed, NotFound
from territory.plans import Provenance

if TYPE_CHECKING:
    from data.store import StoredPlan


def move_units(
    workspace: Workspace, plan: str, units: Sequence[str], *, to: str
) -> "tuple[StoredPlan, tuple[str, ...]]":
    """Move units to another executive. The old plan stays; warnings say what the edit broke.

    Raises
    ------
    InputError
        If a unit or the executive is unknown.
    NotFound
        If the plan is no alignment plan.
    """
    from api.usecases.redraw_job import edited_plan, request_of_edit

    stored = workspace.store.load_plan(plan_id_of(workspace, plan))
    if not isinstance(stored.plan, AlignmentPlan):
        raise NotFound(f"Plan {stored.plan_id} is no alignment plan.")
    market = workspace.store.market(stored.provenance.market)
    surveyed = survey(workspace, market)
    moved = stored.plan.alignment.move(units, to=to)
    request = request_of_edit(parse_request("redraw", stored.provenance.params))
    made, warnings = edited_plan(surveyed, stored.plan, moved)
    violations = judge_alignment(workspace, market, made, request, surveyed=surveyed, by_hand=True)
    if violations:
        raise CheckFailed("The judge does not agree with this edit's figures.", violations)
    provenance = Provenance(
        market=market.name,
        kind="alignment",
        seed=request.seed,
        params=request.model_dump(mode="json"),
        input_hash=workspace.input_hash(market),
        tool_version=TOOL_VERSION,
        parents=(stored.plan_id,),
    )
    return workspace.store.save_plan(made, provenance), warnings
