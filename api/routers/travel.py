"""Questions of travel over HTTP: tables, ways, reach, the nearest, what is cut off."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import WorkspaceDep
from territory.travel import UNREACHABLE, Mode, Source

router = APIRouter(prefix="/v1/markets/{market}/travel", tags=["travel"])

MAX_CELLS = 250_000
"""Pairs in one table asked for over HTTP; more are for the command line, which writes files."""

MAX_PLACES = 10_000
MAX_WAY_PLACES = 200

Period = Literal["peak", "offpeak", "night"]
PlaceText = Annotated[str, Field(min_length=1, max_length=120)]
Manoeuvres = Literal[
    "depart", "continue", "slight left", "left", "sharp left", "slight right", "right",
    "sharp right", "U-turn", "roundabout", "ferry", "arrive",
]  # fmt: skip


class Question(BaseModel):
    """What all questions share. A place is "lon,lat" or the id of one of the market's places."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode | None = Field(default=None, description="The market's own if empty.")
    period: Period | None = Field(default=None, description="The network's own times if empty.")


class MatrixQuestion(Question):
    """Seconds and metres from sources to targets."""

    sources: list[PlaceText] = Field(min_length=1, max_length=MAX_PLACES)
    targets: list[PlaceText] | None = Field(
        default=None, min_length=1, max_length=MAX_PLACES, description="The sources if empty."
    )


class NearestQuestion(MatrixQuestion):
    """The quickest targets of each source."""

    count: int = Field(default=1, ge=1, le=100)
    limit_minutes: float | None = Field(default=None, gt=0, le=24 * 60)


class RouteQuestion(Question):
    """A drive through places in this order."""

    places: list[PlaceText] = Field(min_length=2, max_length=MAX_WAY_PLACES)


class ReachQuestion(Question):
    """The areas reached within some minutes of the nearest of some places."""

    places: list[PlaceText] = Field(min_length=1, max_length=1000)
    minutes: list[Annotated[int, Field(ge=1, le=24 * 60)]] = Field(
        default=[5, 10, 15, 30], min_length=1, max_length=12
    )


class MatrixAnswer(BaseModel):
    """Row i, column j: from source i to target j; null where there is no way."""

    source: Source
    seconds: list[list[int | None]]
    meters: list[list[int | None]]


class NearPlace(BaseModel):
    """One of the quickest targets: its place in the targets, its seconds and metres."""

    target: int
    seconds: int
    meters: int


class NearestAnswer(BaseModel):
    """For each source its quickest targets, the quickest first; fewer if there are fewer."""

    source: Source
    nearest: list[list[NearPlace]]


class StepAnswer(BaseModel):
    """What to do at a place, in words, then how far."""

    manoeuvre: Manoeuvres
    instruction: str
    street: str
    seconds: int
    meters: int
    lonlat: tuple[float, float]
    exit_number: int | None


class LegAnswer(BaseModel):
    """One drive between two places, with its line and steps."""

    seconds: int
    meters: int
    geometry: dict[str, Any]
    steps: list[StepAnswer]


class RouteAnswer(BaseModel):
    """A drive, leg by leg."""

    source: Source
    seconds: int
    meters: int
    legs: list[LegAnswer]


class ReachAnswer(BaseModel):
    """A GeoJSON feature collection, the longest time first; places left out join no road."""

    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]
    left_out: list[dict[str, str]]


class CutOffPlace(BaseModel):
    """A place cut off: a stable reason, words with numbers, metres to the nearest open road."""

    kind: str
    id: str
    name: str
    lon: float
    lat: float
    reason: Literal["beyond_limit", "closed_road", "island"]
    detail: str
    meters: float


class RoadsAnswer(BaseModel):
    """What was looked at, and what of it is cut off."""

    mode: Mode
    looked_at: int
    cut_off: list[CutOffPlace]


@router.post("/matrix")
def post_matrix(workspace: WorkspaceDep, market: str, body: MatrixQuestion) -> MatrixAnswer:
    """Seconds and metres between places, at most 250,000 pairs."""
    from api.usecases.places import find_places, lonlat_of
    from api.usecases.travel_questions import travel_of

    targets = body.targets if body.targets is not None else body.sources
    _refuse_large(len(body.sources), len(targets))
    _, travel = travel_of(workspace, market, body.mode or "")
    stored = workspace.store.market(market)
    block = travel.block(
        lonlat_of(find_places(stored, body.sources)),
        lonlat_of(find_places(stored, targets)),
        period=body.period,
    )
    return MatrixAnswer(
        source=block.source,
        seconds=_nulled(block.seconds.tolist()),
        meters=_nulled(block.meters.tolist()),
    )


@router.post("/nearest")
def post_nearest(workspace: WorkspaceDep, market: str, body: NearestQuestion) -> NearestAnswer:
    """The quickest targets of each source; the market's own outlets if no targets are named."""
    from api.usecases.places import find_places, own_outlets
    from api.usecases.travel_questions import nearest_of, travel_of

    _, travel = travel_of(workspace, market, body.mode or "")
    stored = workspace.store.market(market)
    targets = own_outlets(stored) if body.targets is None else find_places(stored, body.targets)
    found = nearest_of(
        travel,
        find_places(stored, body.sources),
        targets,
        body.count,
        limit_seconds=None if body.limit_minutes is None else body.limit_minutes * 60,
        period=body.period,
    )
    rows = zip(found.index.tolist(), found.seconds.tolist(), found.meters.tolist(), strict=True)
    return NearestAnswer(
        source=found.source,
        nearest=[
            [
                NearPlace(target=target, seconds=took, meters=went)
                for target, took, went in zip(*row, strict=True)
                if target >= 0
            ]
            for row in rows
        ],
    )


@router.post("/route")
def post_route(workspace: WorkspaceDep, market: str, body: RouteQuestion) -> RouteAnswer:
    """The fastest drive through places, with lines and steps."""
    from api.usecases.travel_questions import way
    from territory.directions import instruction

    found = way(workspace, market, body.places, mode=body.mode or "", period=body.period)
    return RouteAnswer(
        source=found.source,
        seconds=found.seconds,
        meters=found.meters,
        legs=[
            LegAnswer(
                seconds=leg.seconds,
                meters=leg.meters,
                geometry={"type": "LineString", "coordinates": [list(p) for p in leg.lonlat]},
                steps=[
                    StepAnswer(
                        manoeuvre=step.manoeuvre,
                        instruction=instruction(step),
                        street=step.street,
                        seconds=step.seconds,
                        meters=step.meters,
                        lonlat=step.lonlat,
                        exit_number=step.exit_number,
                    )
                    for step in leg.steps
                ],
            )
            for leg in found.legs
        ],
    )


@router.post("/isochrones")
def post_isochrones(workspace: WorkspaceDep, market: str, body: ReachQuestion) -> ReachAnswer:
    """What is within reach, as GeoJSON: each area holds all shorter ones."""
    from api.usecases.travel_questions import reach_geojson, within_reach

    found = within_reach(
        workspace,
        market,
        body.places,
        minutes=body.minutes,
        mode=body.mode or "",
        period=body.period,
    )
    return ReachAnswer(**reach_geojson(found))


@router.get("/isochrones/map")
def get_reach_map(
    workspace: WorkspaceDep,
    market: str,
    at: Annotated[list[PlaceText], Query(min_length=1, max_length=100)],
    minutes: Annotated[list[Annotated[int, Field(ge=1, le=24 * 60)]] | None, Query()] = None,
    mode: Mode | None = None,
    period: Period | None = None,
) -> Response:
    """What is within reach as one self-contained page."""
    from api.usecases.travel_questions import MINUTES, reach_page, within_reach

    found = within_reach(
        workspace, market, at, minutes=minutes or MINUTES, mode=mode or "", period=period
    )
    page = reach_page(workspace, found, home_href="/")
    return Response(page.html, media_type="text/html; charset=utf-8")


@router.get("/check")
def get_roads_check(workspace: WorkspaceDep, market: str, mode: Mode | None = None) -> RoadsAnswer:
    """Which accounts, outlets, sites and homes no road joins to the others, and why."""
    from api.usecases.travel_check import check_roads

    found = check_roads(workspace, market, mode=mode or "")
    return RoadsAnswer(
        mode=found.mode,
        looked_at=found.looked_at,
        cut_off=[
            CutOffPlace(
                kind=item.place.kind,
                id=item.place.place_id,
                name=item.place.name,
                lon=item.place.lon,
                lat=item.place.lat,
                reason=item.reason,
                detail=item.detail,
                meters=round(item.meters, 1),
            )
            for item in found.cut_off
        ],
    )


def _refuse_large(sources: int, targets: int) -> None:
    from territory.errors import Fault, InputError

    if sources * targets > MAX_CELLS:
        fault = Fault(
            column="sources",
            value=f"{sources:,} x {targets:,}",
            expected=f"at most {MAX_CELLS:,} pairs",
            fix="Ask in parts, or write a file with `fieldwright travel matrix`.",
        )
        raise InputError("This table is too large for one answer.", [fault])


def _nulled(rows: list[list[int]]) -> list[list[int | None]]:
    return [[None if value == UNREACHABLE else value for value in row] for row in rows]
