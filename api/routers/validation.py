"""Whether a market's score is to be trusted, over HTTP."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.deps import WorkspaceDep

router = APIRouter(prefix="/v1/markets", tags=["markets"])


class ForecastAnswer(BaseModel):
    """One forecast and how good it was; shares are 0 to 1, money in the market's currency."""

    name: str
    lift: float
    best_lift: float
    explained: float
    order: float
    mean_error: float
    covered: float | None
    forecast_by_tenth: list[float]
    came_by_tenth: list[float]


class TrialAnswer(BaseModel):
    """One trial; ``why_not`` says why there was none."""

    name: str
    held_out: str
    forecasts: list[ForecastAnswer]
    morans_i: float
    morans_p: float
    why_not: str


class ValidationAnswer(BaseModel):
    """The score tried on places and on days it had not seen."""

    trials: list[TrialAnswer]
    sentences: list[str]


@router.get("/{market}/validation")
def get_validation(workspace: WorkspaceDep, market: str) -> ValidationAnswer:
    """Score the market anew and try it on sales held out."""
    from dataclasses import asdict

    from api.usecases.validation import validate_market

    found = validate_market(workspace, market).validation
    return ValidationAnswer(
        trials=[
            TrialAnswer(
                name=trial.name,
                held_out=trial.held_out,
                forecasts=[
                    ForecastAnswer(name=one.name, **asdict(one.accuracy)) for one in trial.forecasts
                ],
                morans_i=trial.morans_i,
                morans_p=trial.morans_p,
                why_not=trial.why_not,
            )
            for trial in found.trials
        ],
        sentences=list(found.sentences),
    )


@router.get("/{market}/validation/page", response_class=HTMLResponse)
def get_validation_page(workspace: WorkspaceDep, market: str) -> HTMLResponse:
    """The trials as a page with plots."""
    from api.usecases.validation import validate_market, validation_page

    found = validate_market(workspace, market)
    return HTMLResponse(validation_page(workspace, found, home_href="/").html)
