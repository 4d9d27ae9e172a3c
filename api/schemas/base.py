"""What the requests of all jobs share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Request(BaseModel):
    """What all jobs share. Unknown fields are refused: a misspelt option must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: Seed = Field(default=0, description="Seed of every random draw.")
    iterations: int | None = Field(
        default=None, ge=1, le=10**9, description="Work limit; the job's own default if empty."
    )
    seconds: float | None = Field(
        default=None,
        gt=0,
        le=86_400,
        description="Wall-clock limit; a run stopped by it may differ when rerun.",
    )

    def refuse_contradictions(self) -> None:
        """Raise InputError where fields contradict each other, before the job is queued."""
