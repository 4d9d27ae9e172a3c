"""The living day over HTTP: replan a running visit plan, and offer slots for one more visit."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.deps import WorkspaceDep
from api.replan_schemas import OfferRequest, ReplanRequest
from api.routers.plans import PlanInfo
from api.usecases import listing

router = APIRouter(prefix="/v1", tags=["replans"])


class ChangeFound(BaseModel):
    """One visit that differs from the version before."""

    visit_id: str
    account_id: str
    executive_id: str
    kind: str
    before_date: date | None
    before_seconds: int | None
    after_date: date | None
    after_seconds: int | None
    before_executive_id: str | None


class ReplanResult(BaseModel):
    """The new version and every change in it."""

    plan: PlanInfo
    summary: list[str]
    changes: list[ChangeFound]
    kernel_milliseconds: float


class OfferFound(BaseModel):
    """A slot: the visit may start from ``start`` to ``latest_start`` (HH:MM)."""

    executive_id: str
    date: date
    start: str
    latest_start: str
    extra_travel_minutes: float
    position: int
    is_preferred_day: bool


class OffersFound(BaseModel):
    """Slots, the best first."""

    offers: list[OfferFound]
    kernel_milliseconds: float


@router.post("/plans/{plan_id}/replans", status_code=201)
def post_replan(
    workspace: WorkspaceDep,
    plan_id: str,
    body: ReplanRequest,
    response: Response,
    branch: Annotated[bool, Query(description="Begin a second line from a version.")] = False,
) -> ReplanResult:
    """Plan the rest anew after a delay, an illness, a visit called off or one more."""
    from api.usecases.replanning import replan
    from api.usecases.summary import summarise

    done = replan(workspace, plan_id, body, branch=branch)
    plan: Any = done.stored.plan
    response.headers["Location"] = f"/v1/plans/{done.stored.plan_id}"
    return ReplanResult(
        plan=PlanInfo(**listing.facts_of_plan(done.stored)),
        summary=list(summarise(plan)),
        changes=[ChangeFound(**_fields(change)) for change in plan.changes],
        kernel_milliseconds=round(done.kernel_milliseconds, 3),
    )


@router.post("/plans/{plan_id}/offers")
def post_offers(workspace: WorkspaceDep, plan_id: str, body: OfferRequest) -> OffersFound:
    """The best slots for one more visit; nothing is saved."""
    from api.usecases.replanning import offers
    from territory.hours import format_time

    found = offers(workspace, plan_id, body)
    return OffersFound(
        offers=[
            OfferFound(
                executive_id=one.executive_id,
                date=one.date,
                start=format_time(one.start_seconds),
                latest_start=format_time(one.latest_start_seconds),
                extra_travel_minutes=round(one.extra_travel_seconds / 60, 1),
                position=one.position + 1,
                is_preferred_day=one.is_preferred,
            )
            for one in found.offers
        ],
        kernel_milliseconds=round(found.kernel_milliseconds, 3),
    )


class DayFound(BaseModel):
    """What stands for or against one date of a visit."""

    date: date
    verdict: str
    extra_travel_seconds: int | None
    late_minutes: int | None
    is_preferred: bool


class WhyFound(BaseModel):
    """Why a visit is made then and by this executive, or not at all."""

    visit_id: str
    account_id: str
    executive_id: str
    sentences: list[str]
    days: list[DayFound]


@router.get("/plans/{plan_id}/why")
def get_why(
    workspace: WorkspaceDep,
    plan_id: str,
    visit: Annotated[str, Query(min_length=1, max_length=400)],
) -> WhyFound:
    """Every day of a visit tried, and whose it is by what."""
    from api.usecases.why import why_visit

    found = why_visit(workspace, plan_id, visit)
    days = [
        DayFound(**{name: getattr(one, name) for name in DayFound.model_fields})
        for one in found.days
    ]
    return WhyFound(
        visit_id=found.visit_id,
        account_id=found.account_id,
        executive_id=found.executive_id,
        sentences=list(found.sentences),
        days=days,
    )


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in ChangeFound.model_fields}
