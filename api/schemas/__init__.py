"""What callers may ask for: one request per job, checked alike for CLI, worker and HTTP."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field

from api.schemas.base import Request
from api.schemas.outlets import OutletScenario, OutletsRequest, SiteRuleWish
from api.schemas.redraw import LoadWish, Measure, RedrawRequest, WithinWish
from api.schemas.visits import VisitsRequest

__all__ = [
    "REQUESTS",
    "GapsRequest",
    "JobKind",
    "LoadWish",
    "Measure",
    "OutletScenario",
    "OutletsRequest",
    "RedrawRequest",
    "ReportRequest",
    "Request",
    "ScoreRequest",
    "SiteRuleWish",
    "VisitsRequest",
    "WithinWish",
]


class ScoreRequest(Request):
    """Score every unit of the market."""

    company_files: tuple[str, ...] = Field(
        default=(),
        description="Parquet files or folders that hold the companies instead of the market's "
        "table; from the command line only.",
    )


class GapsRequest(Request):
    """Find where the network falls short."""


class ReportRequest(Request):
    """Report one week."""

    week_of: date | None = Field(
        default=None, description="A day of the week; the last full week if empty."
    )
    visit_plan: str | None = Field(
        default=None,
        max_length=200,
        description="Visit plan that says what was planned; the newest with a route in the week if "
        'left out, the visits table alone if "".',
    )


JobKind = Literal["score", "redraw", "visits", "outlets", "gaps", "report"]

REQUESTS: Mapping[str, type[Request]] = {
    "score": ScoreRequest,
    "redraw": RedrawRequest,
    "visits": VisitsRequest,
    "outlets": OutletsRequest,
    "gaps": GapsRequest,
    "report": ReportRequest,
}
