"""Editing an alignment by hand: a new version with live numbers, and what the edit broke."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from api.edit_schemas import (
    Edit,
    EditRecord,
    HireEdit,
    MergeEdit,
    MoveEdit,
    RebalanceEdit,
    RedoEdit,
    SplitEdit,
    SwapEdit,
    UndoEdit,
    VacateEdit,
)
from api.schemas import RedrawRequest
from api.usecases.desk import Desk, desk_of
from api.usecases.judging import BROKEN_BY_HAND, judge_alignment
from api.usecases.listing import plan_id_of
from api.usecases.versions import edit_of, redone, refuse_stale, undone
from api.usecases.workspace import TOOL_VERSION, Workspace
from territory.alignment import Alignment, AlignmentPlan
from territory.edits import EditAnswer
from territory.errors import CheckFailed, Conflict, NotFound
from territory.plans import Json, Provenance
from territory.redrawn import RoadShape

if TYPE_CHECKING:
    from data.store import StoredPlan
    from optimizer.redraw.live import LiveAlignment
    from territory.checks import Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A plan made by hand, before it is kept. ``warnings`` are what the judge says of it."""

    plan: AlignmentPlan
    answer: EditAnswer
    record: EditRecord
    warnings: tuple[str, ...]
    input_hash: str
    kernel_milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A new version, the kernel's answer, and how long the kernel and the whole edit took."""

    stored: "StoredPlan"
    answer: EditAnswer
    warnings: tuple[str, ...]
    kernel_milliseconds: float
    milliseconds: float


def edit_plan(workspace: Workspace, plan: str, edit: Edit, *, branch: bool = False) -> Edited:
    """Edit an alignment. The old version stays; ``branch`` begins a second line from it.

    Raises
    ------
    InputError
        If the edit names units or executives that do not exist, or locked units.
    Conflict
        If the alignment does not allow it, or the version was edited already and no ``branch`` is
        asked for: both heads are named.
    NotFound
        If the plan is no alignment plan.
    """
    started = time.perf_counter()
    parent = _alignment(workspace, plan_id_of(workspace, plan))
    restores = _restored(workspace, parent, edit)
    made = _made(workspace, edit, parent, restores)
    if not branch:
        refuse_stale(workspace, parent)
    params: dict[str, Json] = {
        **parent.provenance.params,
        "edit": cast(Json, made.record.model_dump(mode="json")),
    }
    provenance = Provenance(
        market=parent.market,
        kind="alignment",
        seed=parent.provenance.seed,
        params=params,
        input_hash=made.input_hash,
        tool_version=TOOL_VERSION,
        parents=(parent.plan_id,),
    )
    stored = workspace.store.save_plan(made.plan, provenance, is_only_child=not branch)
    return Edited(
        stored=stored,
        answer=made.answer,
        warnings=made.warnings,
        kernel_milliseconds=made.kernel_milliseconds,
        milliseconds=1000 * (time.perf_counter() - started),
    )


def move_units(
    workspace: Workspace, plan: str, units: Sequence[str], *, to: str
) -> "tuple[StoredPlan, tuple[str, ...]]":
    """Move units to another executive: ``edit_plan`` with a move, and its warnings."""
    edit = MoveEdit.model_construct(kind="move", units=tuple(units), to=to)
    edited = edit_plan(workspace, plan, edit)
    return edited.stored, edited.warnings


def made_again(workspace: Workspace, stored: "StoredPlan") -> AlignmentPlan:
    """The plan that the edit of a stored version makes now."""
    record = edit_of(stored.provenance)
    if record is None:
        raise NotFound(f"Plan {stored.plan_id} was not made by an edit.")
    parent = _alignment(workspace, stored.provenance.parents[0])
    restored = _alignment(workspace, record.restores) if record.restores else None
    return _made(workspace, record.edit, parent, restored).plan


def judged_again(
    workspace: Workspace, stored: "StoredPlan", plan: AlignmentPlan
) -> "tuple[Violation, ...]":
    """What the judge says of a version made by hand, for the team it was made for."""
    record = edit_of(stored.provenance)
    team = record.team if record else ()
    return _judged(workspace, stored.market, _desk(workspace, stored), plan, team)


def _judged(
    workspace: Workspace, name: str, desk: Desk, plan: AlignmentPlan, team: tuple[str, ...]
) -> "tuple[Violation, ...]":
    """The judge's findings; a solver's plan that an undo brought back is judged as one."""
    if plan.driven:
        return judge_alignment(workspace, workspace.store.market(name), plan, desk.request)
    return desk.judged(plan, team)


def _alignment(workspace: Workspace, plan_id: str) -> "StoredPlan":
    stored = workspace.store.load_plan(plan_id)
    if stored.kind != "alignment":
        raise NotFound(f"Plan {plan_id} is no alignment plan.")
    return stored


def _desk(workspace: Workspace, stored: "StoredPlan") -> Desk:
    """The desk of the request that a version goes back to."""
    from api.usecases.run import request_of

    request = cast(RedrawRequest, request_of(stored.provenance))
    return desk_of(workspace, stored.market, request, cast(AlignmentPlan, stored.plan))


def _restored(workspace: Workspace, parent: "StoredPlan", edit: Edit) -> "StoredPlan | None":
    """The version an undo or redo goes to, None for any other edit."""
    if isinstance(edit, UndoEdit):
        return undone(workspace, parent)
    if isinstance(edit, RedoEdit):
        return redone(workspace, parent)
    return None


def _made(
    workspace: Workspace,
    edit: Edit,
    parent: "StoredPlan",
    restored: "StoredPlan | None",
) -> Made:
    """The parent with the edit applied, every figure measured anew, and judged."""
    from optimizer.redraw.live import LiveAlignment

    desk = _desk(workspace, parent)
    begun = cast(AlignmentPlan, parent.plan)
    if begun.alignment.unit_ids != desk.problem.unit_ids:
        raise Conflict(
            f"The units of {parent.market!r} changed since this plan was made.",
            fix="Make a new plan.",
        )
    live = LiveAlignment(desk.problem, begun.alignment)
    target = None if restored is None else cast(AlignmentPlan, restored.plan)
    started = time.perf_counter()
    answer = _applied(live, edit, None if target is None else target.alignment)
    kernel_milliseconds = 1000 * (time.perf_counter() - started)
    plan = _measured(desk, live.alignment(), answer, begun)
    if restored is not None and restored.provenance.input_hash == desk.input_hash:
        plan = cast(AlignmentPlan, target)
    team = live.executive_ids
    found = _judged(workspace, parent.market, desk, plan, team)
    wrong = tuple(item for item in found if item.code not in BROKEN_BY_HAND)
    if wrong:
        raise CheckFailed("The judge does not agree with this edit's figures.", wrong)
    return Made(
        plan=plan,
        answer=answer,
        record=EditRecord(
            edit=edit, team=team, restores="" if restored is None else restored.plan_id
        ),
        warnings=tuple(item.message for item in found),
        input_hash=desk.input_hash,
        kernel_milliseconds=kernel_milliseconds,
    )


def _applied(live: "LiveAlignment", edit: Edit, target: Alignment | None) -> EditAnswer:
    """The kernel's answer to an edit."""
    match edit:
        case MoveEdit():
            return live.move(edit.units, to=edit.to)
        case MergeEdit():
            return live.merge(edit.executive, into=edit.into)
        case SplitEdit():
            return live.split(edit.executive, to=edit.to)
        case SwapEdit():
            return live.swap(edit.executive, edit.other)
        case VacateEdit():
            return live.vacate(edit.executive)
        case HireEdit():
            return live.hire(edit.executive, at=edit.at)
        case RebalanceEdit():
            return live.rebalance(
                executives=edit.executives, units=edit.units, rings=edit.rings, seed=edit.seed
            )
    assert target is not None
    return live.become(target, edit=edit.kind)


def _measured(
    desk: Desk, alignment: Alignment, answer: EditAnswer, begun: AlignmentPlan
) -> AlignmentPlan:
    """The plan of an alignment made by hand; its notes say what it breaks.

    Executives stay in their districts and regions, key accounts with their executives.
    """
    from api.usecases.redraw_road import road_shape_of
    from api.usecases.redraw_steps import moved_by
    from territory.hierarchy import kept_levels, level_notes
    from territory.measures import alignment_plan

    problem = desk.problem
    levels = kept_levels(begun.levels, alignment, problem.ground, begun.alignment)
    plan = alignment_plan(
        alignment,
        problem.ground,
        tolerance_percent=problem.tolerance_percent,
        before=_before(problem.alignment_before, alignment.executive_ids),
        names=problem.names,
        locked_units=problem.locked_units,
        notes=(
            f"Made by hand: {answer.edit}.",
            "Not driven: an edit answers at once, hours on the road are told by redraw.",
            *(each.message for each in answer.breaches),
            *level_notes(levels, problem.load_names, problem.soft_price),
            *_orphans(begun, alignment),
        ),
        soft_price=problem.soft_price,
    )
    road: tuple[RoadShape, ...] = ()
    if desk.request.shape == "road":
        road = road_shape_of(desk.surveyed, problem, plan, begun=begun)
    return replace(
        plan,
        road_shape=road,
        key_accounts=begun.key_accounts,
        levels=levels,
        moved_by=moved_by(plan, desk.asked, desk.request),
    )


def _orphans(begun: AlignmentPlan, alignment: Alignment) -> tuple[str, ...]:
    """A note on key accounts whose executive is no longer in the alignment."""
    team = set(alignment.executive_ids)
    lost = [one.account_id for one in begun.key_accounts if one.executive_id not in team]
    if not lost:
        return ()
    return (f"{len(lost)} key accounts have no executive now: {', '.join(lost[:5])}.",)


def _before(before: Alignment | None, team: tuple[str, ...]) -> Alignment | None:
    """Today's alignment without those who have left and had no unit in it."""
    if before is None:
        return None
    here = {*team, *before.owners}
    return Alignment(
        unit_ids=before.unit_ids,
        executive_ids=tuple(each for each in before.executive_ids if each in here),
        owners=before.owners,
    )
