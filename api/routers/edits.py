"""Editing alignments over HTTP, and what changes hands between any two versions."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import WorkspaceDep
from api.edit_schemas import Edit, MoveEdit
from api.routers.plans import PlanInfo
from api.usecases import listing
from api.usecases.edits import Edited
from territory.errors import Conflict

router = APIRouter(prefix="/v1", tags=["edits"])


class Move(BaseModel):
    """Units that change hands."""

    model_config = ConfigDict(extra="forbid")

    units: list[str] = Field(min_length=1, max_length=100_000)
    to: str


class Moved(BaseModel):
    """The new version after an edit, and what it broke."""

    plan: PlanInfo
    summary: list[str]
    warnings: list[str]


class StandingNow(BaseModel):
    """A jurisdiction that the edit touched, as it stands now."""

    executive_id: str
    name: str
    units: int
    loads: dict[str, float]
    deviation_percent: dict[str, float]
    pieces: int
    is_contiguous: bool


class FurtherMove(BaseModel):
    """A single move that would help."""

    units: list[str]
    to: str


class BreachFound(BaseModel):
    """A rule that a touched jurisdiction breaks now, and how to mend it."""

    code: str
    executive_id: str
    message: str
    mend: str
    is_new: bool
    move: FurtherMove | None


class EditResult(Moved):
    """The new version with the kernel's answer. ``milliseconds`` is the whole edit at this door.

    ``kernel_milliseconds`` is the edit alone, new loads, contiguity and mends included; the rest
    is reading, measuring every figure anew, the judge and keeping the version.
    """

    edit: str
    moved_units: list[str]
    mean_loads: dict[str, float]
    standings: list[StandingNow]
    breaches: list[BreachFound]
    notes: list[str]
    kernel_milliseconds: float
    milliseconds: float


class ExchangeFound(BaseModel):
    """What goes from one executive to another; "" is nobody."""

    from_executive: str
    to_executive: str
    units: list[str]
    accounts: list[str]
    loads: dict[str, float]


class DiffFound(BaseModel):
    """What changes hands between two versions; ``percent`` is each load's share of all."""

    before: str
    after: str
    units: int
    accounts: int
    loads: dict[str, float]
    percent: dict[str, float]
    joined: list[str]
    left: list[str]
    exchanges: list[ExchangeFound]


@router.post("/plans/{plan_id}/edits", status_code=201)
def post_edit(
    workspace: WorkspaceDep,
    plan_id: str,
    body: Annotated[Edit, Body()],
    response: Response,
    branch: Annotated[bool, Query(description="Begin a second line from an edited version.")] = (
        False
    ),
    if_match: Annotated[str | None, Header()] = None,
) -> EditResult:
    """Edit an alignment by hand: a new version, its live numbers, what broke, how to mend it."""
    edited = _edited(workspace, plan_id, body, response, if_match=if_match, branch=branch)
    return _result(edited)


@router.post("/plans/{plan_id}/moves", status_code=201)
def post_move(
    workspace: WorkspaceDep,
    plan_id: str,
    body: Move,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> Moved:
    """Move units to another executive: the plain form of an edit of kind "move"."""
    edit = MoveEdit.model_construct(kind="move", units=tuple(body.units), to=body.to)
    result = _result(_edited(workspace, plan_id, edit, response, if_match=if_match, branch=False))
    return Moved(plan=result.plan, summary=result.summary, warnings=result.warnings)


@router.get("/plans/{plan_id}/diff/{other_id}")
def get_diff(workspace: WorkspaceDep, plan_id: str, other_id: str) -> DiffFound:
    """Units, accounts, money and hours that change hands from one version to another."""
    from api.usecases.differences import diff_of

    found = diff_of(workspace, plan_id, other_id)
    return DiffFound(
        before=found.before_plan,
        after=found.after_plan,
        units=found.units,
        accounts=found.accounts,
        loads=_named(found.load_names, found.moved_loads),
        percent=_named(found.load_names, found.moved_percent),
        joined=list(found.joined),
        left=list(found.left),
        exchanges=[
            ExchangeFound(
                from_executive=one.from_executive,
                to_executive=one.to_executive,
                units=list(one.unit_ids),
                accounts=list(one.account_ids),
                loads=_named(found.load_names, one.loads),
            )
            for one in found.exchanges
        ],
    )


@router.get("/plans/{plan_id}/diff/{other_id}/map")
def get_diff_map(workspace: WorkspaceDep, plan_id: str, other_id: str) -> Response:
    """The diff as one self-contained page."""
    from api.usecases.differences import diff_page

    page = diff_page(workspace, plan_id, other_id)
    return Response(page.html, media_type="text/html; charset=utf-8")


@router.get("/plans/{plan_id}/diff/{other_id}/exports/xlsx")
def get_diff_workbook(workspace: WorkspaceDep, plan_id: str, other_id: str) -> Response:
    """The diff as a workbook: handovers per pair of executives, units, accounts."""
    from api.usecases.differences import diff_workbook
    from data.exports import MEDIA_TYPES

    name, body = diff_workbook(workspace, plan_id, other_id)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=MEDIA_TYPES["xlsx"], headers=headers)


def _edited(
    workspace: WorkspaceDep,
    plan_id: str,
    edit: Edit,
    response: Response,
    *,
    if_match: str | None,
    branch: bool,
) -> Edited:
    """The edit made, unless the version is not the one the caller saw."""
    from api.usecases.edits import edit_plan

    if if_match is not None:
        stored = workspace.store.load_plan(plan_id)
        if if_match.strip('"') != stored.plan_hash:
            raise Conflict("This plan is not the one you saw.", fix="Read it again, then edit.")
    edited = edit_plan(workspace, plan_id, edit, branch=branch)
    response.headers["Location"] = f"/v1/plans/{edited.stored.plan_id}"
    return edited


def _result(edited: Edited) -> EditResult:
    from api.usecases.summary import summarise

    answer = edited.answer
    return EditResult(
        plan=PlanInfo(**listing.facts_of_plan(edited.stored)),
        summary=list(summarise(edited.stored.plan)),
        warnings=list(edited.warnings),
        edit=answer.edit,
        moved_units=list(answer.moved_units),
        mean_loads=_named(answer.load_names, answer.mean_loads),
        standings=[
            StandingNow(
                executive_id=one.executive_id,
                name=one.name,
                units=one.units,
                loads=_named(answer.load_names, one.loads),
                deviation_percent=_named(answer.load_names, one.deviation_percent),
                pieces=one.pieces,
                is_contiguous=one.pieces <= 1,
            )
            for one in answer.standings
        ],
        breaches=[
            BreachFound(
                code=each.code,
                executive_id=each.executive_id,
                message=each.message,
                mend=each.mend,
                is_new=each.is_new,
                move=None
                if each.move is None
                else FurtherMove(units=list(each.move.unit_ids), to=each.move.to),
            )
            for each in answer.breaches
        ],
        notes=list(answer.notes),
        kernel_milliseconds=round(edited.kernel_milliseconds, 3),
        milliseconds=round(edited.milliseconds, 1),
    )


def _named(names: tuple[str, ...], values: tuple[float, ...]) -> dict[str, float]:
    figures: dict[str, Any] = dict(zip(names, values, strict=True))
    return figures
