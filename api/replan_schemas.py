"""What happened on a running day, as every door takes it and as a version keeps it."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=200)]


class _Word(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DelayIn(_Word):
    """An executive is ready to go on only at a time of the day, from a place if given."""

    executive: Id
    minutes: float | None = Field(
        default=None, ge=0, le=1440, description="Behind the plan: after the stop being made."
    )
    until: str | None = Field(default=None, description="Or a clock time, HH:MM.")
    at: tuple[float, float] | None = Field(
        default=None, description="Where the executive is: lon, lat; the last stop if empty."
    )


class IllnessIn(_Word):
    """An executive makes no visit up to and with a day."""

    executive: Id
    until: date | None = Field(default=None, description="Last day; today if empty.")


class AddedIn(_Word):
    """A visit in addition to those planned."""

    account: Id
    executive: Id | None = Field(default=None, description="The account's own if empty.")
    minutes: float | None = Field(default=None, gt=0, le=480)
    last_date: date | None = Field(default=None, description="Last day; the plan's if empty.")
    on: date | None = Field(default=None, description="Only on this day.")
    value: float | None = Field(default=None, ge=0, le=1e12)


class ReplanRequest(_Word):
    """What is known at a moment. ``now`` is local to the market."""

    now: datetime
    delays: tuple[DelayIn, ...] = Field(default=(), max_length=2000)
    ill: tuple[IllnessIn, ...] = Field(default=(), max_length=2000)
    cancelled: tuple[Id, ...] = Field(default=(), max_length=10_000)
    added: tuple[AddedIn, ...] = Field(default=(), max_length=1000)
    cover: bool = Field(
        default=False,
        description="Colleagues may take over visits of those who are ill, on the same date.",
    )
    cover_minutes: float = Field(
        default=30,
        ge=0,
        le=1440,
        description="What handing a visit over is worth avoiding, in minutes of driving; moving "
        "one to another date is 60.",
    )


class OfferRequest(_Word):
    """One more visit to find slots for."""

    now: datetime
    visit: AddedIn
    any_executive: bool = Field(
        default=False, description="Ask everybody with the skill, of many the 20 nearest."
    )
    count: int = Field(default=5, ge=1, le=50)


def replans_of(params: Any) -> tuple[ReplanRequest, ...]:
    """All that happened to a version's plan, the oldest first."""
    return tuple(ReplanRequest.model_validate(one) for one in params.get("replans", ()))
