"""The judge on a stored plan: the facts are made from the market anew, never from the solver."""

from typing import TYPE_CHECKING, cast

from api.usecases.edits import judged_again
from api.usecases.judging import BROKEN_BY_HAND, judge
from api.usecases.listing import plan_id_of
from api.usecases.run import files_of, request_of
from api.usecases.versions import edit_of
from api.usecases.workspace import Workspace
from territory.alignment import AlignmentPlan
from territory.errors import Conflict

if TYPE_CHECKING:
    from data.store import StoredPlan
    from territory.checks import Violation


def check_plan(workspace: Workspace, plan: str) -> "tuple[StoredPlan, tuple[Violation, ...]]":
    """A stored plan and all that is wrong with it.

    Raises
    ------
    Conflict
        If the tables or roads changed since the plan was made: it can no longer be judged.
    """
    stored = workspace.store.load_plan(plan_id_of(workspace, plan))
    origin = stored.provenance
    market = workspace.store.market(origin.market)
    files = files_of(request_of(origin))
    if workspace.input_hash(market, company_files=files) != origin.input_hash:
        raise Conflict(
            f"The tables or roads of {origin.market!r} changed since this plan was made, so it "
            "cannot be judged against them.",
            fix="Make a new plan.",
        )
    if "replans" in origin.params:
        from api.usecases.replanning import judged_replan

        return stored, judged_replan(workspace, stored)
    if edit_of(origin) is None:
        return stored, judge(workspace, market, origin.kind, stored.plan, request_of(origin))
    found = judged_again(workspace, stored, cast(AlignmentPlan, stored.plan))
    return stored, tuple(item for item in found if item.code not in BROKEN_BY_HAND)
