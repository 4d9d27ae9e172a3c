"""Plans over HTTP: the plan itself, its map, its exports, its judge."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import WorkspaceDep
from api.usecases import listing
from api.usecases.check import check_plan

router = APIRouter(prefix="/v1", tags=["plans"])


class PlanInfo(BaseModel):
    """A plan without its body."""

    plan_id: str
    plan_hash: str
    kind: str
    market: str
    version: int
    created: str
    seed: int
    params: dict[str, Any]
    input_hash: str
    tool_version: str
    stopped_by: str
    iterations: int
    wall_seconds: float
    is_repeatable: bool


class PlanDocument(PlanInfo):
    """A plan with its body."""

    plan: dict[str, Any]
    summary: list[str]


class Judgement(BaseModel):
    """What the judge says of a plan."""

    plan_id: str
    is_clean: bool
    violations: list[dict[str, Any]]


class Acceptance(BaseModel):
    """Which of a report's things to do are taken; all if none is named."""

    model_config = ConfigDict(extra="forbid")

    actions: list[str] = Field(default_factory=list, max_length=10_000)


class AcceptedTasks(BaseModel):
    """The tasks a report asks for: those added now, and those that were there before."""

    plan_id: str
    market: str
    added: list[str]
    already: list[str]


@router.get("/markets/{market}/plans")
def list_plans(workspace: WorkspaceDep, market: str, kind: str | None = None) -> list[PlanInfo]:
    """The plans of a market, newest first."""
    return [PlanInfo(**facts) for facts in listing.plan_facts(workspace, market, kind)]


@router.get("/plans/{plan_id}")
def get_plan(workspace: WorkspaceDep, plan_id: str, response: Response) -> PlanDocument:
    """A plan, whole."""
    facts = listing.plan_document(workspace, plan_id)
    response.headers["ETag"] = f'"{facts["plan_hash"]}"'
    return PlanDocument(**facts)


@router.get("/plans/{plan_id}/map")
def get_map(
    workspace: WorkspaceDep, plan_id: str, executive: Annotated[tuple[str, ...], Query()] = ()
) -> Response:
    """The plan as one self-contained page; of a visit plan the executives asked for."""
    from api.usecases.pictures import draw_plan

    page = draw_plan(workspace, plan_id, executives=executive)
    return Response(page.html, media_type="text/html; charset=utf-8")


@router.get("/plans/{plan_id}/exports/{format}")
def get_export(workspace: WorkspaceDep, plan_id: str, format: str) -> Response:
    """The plan as a file; several files come as a ZIP."""
    from api.usecases.pictures import export_bytes

    name, body, media_type = export_bytes(workspace, plan_id, format)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=media_type, headers=headers)


@router.get("/plans/{plan_id}/check")
def get_check(workspace: WorkspaceDep, plan_id: str) -> Judgement:
    """The independent judge's list of violations, with numbers."""
    stored, violations = check_plan(workspace, plan_id)
    return Judgement(
        plan_id=stored.plan_id,
        is_clean=not violations,
        violations=[listing.violation_facts(violation) for violation in violations],
    )


@router.post("/plans/{plan_id}/tasks", status_code=201)
def post_tasks(
    workspace: WorkspaceDep, plan_id: str, body: Acceptance | None = None
) -> AcceptedTasks:
    """Add the visits a weekly report asks for to the tasks table; taken twice it adds nothing."""
    from api.usecases.report_tasks import accept_tasks

    accepted = accept_tasks(workspace, plan_id, tuple(body.actions) if body else ())
    return AcceptedTasks(
        plan_id=accepted.plan_id,
        market=accepted.market,
        added=list(accepted.added),
        already=list(accepted.already),
    )
