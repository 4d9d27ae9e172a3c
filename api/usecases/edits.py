"""Editing an alignment by hand: a new version with live numbers, and what the edit broke."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel, ConfigDict

from api.schemas import RedrawRequest
from api.usecases.judging import BROKEN_BY_HAND, judge_alignment
from api.usecases.listing import plan_id_of
from api.usecases.workspace import TOOL_VERSION, Workspace, survey
from territory.alignment import AlignmentPlan
from territory.errors import CheckFailed, NotFound
from territory.market import Market
from territory.plans import Json, Provenance

if TYPE_CHECKING:
    from data.store import StoredPlan


class Edit(BaseModel):
    """One edit by hand: these units go to this executive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    units: tuple[str, ...]
    to: str


def edit_of(origin: Provenance) -> Edit | None:
    """The edit a plan was made by, None if a solver made it."""
    found = origin.params.get("edit")
    return None if found is None else Edit.model_validate(found)


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
    stored = workspace.store.load_plan(plan_id_of(workspace, plan))
    market = workspace.store.market(stored.provenance.market)
    edit = Edit(units=tuple(units), to=to)
    made, warnings = made_by_hand(workspace, market, edit, stored.plan_id)
    params: dict[str, Json] = {
        **stored.provenance.params,
        "edit": cast(Json, edit.model_dump(mode="json")),
    }
    provenance = Provenance(
        market=market.name,
        kind="alignment",
        seed=stored.provenance.seed,
        params=params,
        input_hash=workspace.input_hash(market),
        tool_version=TOOL_VERSION,
        parents=(stored.plan_id,),
    )
    return workspace.store.save_plan(made, provenance), warnings


def made_by_hand(
    workspace: Workspace, market: Market, edit: Edit, parent_id: str
) -> tuple[AlignmentPlan, tuple[str, ...]]:
    """The parent plan with an edit applied, every figure measured anew, and warnings."""
    from api.usecases.market_jobs import score_of
    from api.usecases.redraw_job import problem_of
    from api.usecases.run import request_of
    from territory.measures import alignment_plan

    parent = workspace.store.load_plan(parent_id)
    if not isinstance(parent.plan, AlignmentPlan):
        raise NotFound(f"Plan {parent_id} is no alignment plan.")
    request = cast(RedrawRequest, request_of(parent.provenance))
    surveyed = survey(workspace, market)
    problem = problem_of(surveyed, score_of(surveyed), request)
    made = alignment_plan(
        parent.plan.alignment.move(edit.units, to=edit.to),
        problem.ground,
        tolerance_percent=problem.tolerance_percent,
        before=parent.plan.before,
        names=problem.names,
        locked_units=parent.plan.locked_units,
        moved_bound=0.0,
    )
    found = judge_alignment(workspace, market, made, request, surveyed=surveyed)
    wrong = tuple(item for item in found if item.code not in BROKEN_BY_HAND)
    if wrong:
        raise CheckFailed("The judge does not agree with this edit's figures.", wrong)
    return made, tuple(item.message for item in found)
