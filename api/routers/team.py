"""How many executives a market needs, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.deps import WorkspaceDep

router = APIRouter(prefix="/v1/markets", tags=["markets"])


class Size(BaseModel):
    """One method's answer and the sentence behind it."""

    method: str
    executives: int
    reason: str


class TeamSizeAnswer(BaseModel):
    """Three methods side by side, on the score plan named."""

    sizes: list[Size]
    executives_today: int
    selling_hours_per_executive: float
    verdict: str
    score_plan: str


@router.get("/{market}/team-size")
def get_team_size(
    workspace: WorkspaceDep,
    market: str,
    margin_share: Annotated[float, Query(gt=0, le=1)] = 0.25,
    cost_per_executive: Annotated[float, Query(gt=0, le=1e12)] = 80_000.0,
    turnover_rate: Annotated[float, Query(ge=0, le=5)] = 0.0,
    carryover_share: Annotated[float, Query(ge=0, le=1)] = 0.4,
) -> TeamSizeAnswer:
    """Executives needed by workload, by sales potential and by increment."""
    from api.usecases.team_size import size_team

    found = size_team(
        workspace,
        market,
        margin_share=margin_share,
        cost_per_executive=cost_per_executive,
        turnover_rate=turnover_rate,
        carryover_share=carryover_share,
    )
    return TeamSizeAnswer(
        sizes=[
            Size(method=size.method, executives=size.executives, reason=size.reason)
            for size in found.sizes
        ],
        executives_today=found.today,
        selling_hours_per_executive=round(found.selling_hours_per_executive, 1),
        verdict=found.verdict,
        score_plan=found.plan_id,
    )
