"""Markets and their tables over HTTP."""

import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from api.deps import WorkspaceDep
from api.usecases import listing
from api.usecases.explain import explain_unit
from territory.errors import InputError

router = APIRouter(prefix="/v1/markets", tags=["markets"])


class MarketInfo(BaseModel):
    """A market and how many rows each of its tables holds."""

    name: str
    title: str
    currency: str
    timezone: str
    today: str
    has_synthetic: bool
    rows: dict[str, int]
    roads: list[str]


class NewMarket(BaseModel):
    """What a new market is made of."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    title: str = ""
    currency: str = Field(default="EUR", max_length=8)
    timezone: str = "UTC"
    country: str = Field(default="", max_length=2)


class TablePage(BaseModel):
    """Rows of a table. ``next`` is the offset of the following page, None on the last."""

    table: str
    total: int
    offset: int
    rows: list[dict[str, Any]]
    next: int | None


class Imported(BaseModel):
    """What became of an upload, in sentences."""

    lines: list[str]


class Explanation(BaseModel):
    """A unit's score in sentences with money."""

    unit_id: str
    lines: list[str]


@router.get("")
def list_markets(workspace: WorkspaceDep) -> list[MarketInfo]:
    """All markets."""
    return [MarketInfo(**facts) for facts in listing.market_facts(workspace)]


@router.post("", status_code=201)
def create_market(workspace: WorkspaceDep, body: NewMarket, response: Response) -> MarketInfo:
    """Make an empty market."""
    from api.usecases.imports import create_market as create

    create(workspace, body.name, given=body.model_dump(exclude={"name"}))
    response.headers["Location"] = f"/v1/markets/{body.name}"
    return MarketInfo(**listing.facts_of(workspace, body.name))


@router.get("/{market}")
def get_market(workspace: WorkspaceDep, market: str) -> MarketInfo:
    """One market."""
    return MarketInfo(**listing.facts_of(workspace, market))


@router.delete("/{market}", status_code=204)
def delete_market(workspace: WorkspaceDep, market: str) -> None:
    """Forget a market with its plans and roads."""
    workspace.delete_market(market)


@router.get("/{market}/tables/{table}")
def get_table(
    workspace: WorkspaceDep,
    market: str,
    table: str,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> TablePage:
    """A page of a table's rows."""
    return TablePage(**listing.table_page(workspace, market, table, limit=limit, offset=offset))


@router.post("/{market}/tables/{table}", status_code=201)
def upload_table(
    workspace: WorkspaceDep,
    market: str,
    table: str,
    file: Annotated[UploadFile, File()],
    mode: Annotated[Literal["upsert", "replace"], Form()] = "upsert",
    skip_bad_rows: Annotated[bool, Form()] = False,
    mapping: Annotated[list[str] | None, Form()] = None,
) -> Imported:
    """Read an uploaded file into a table; all faults come back at once."""
    from api.usecases.imports import import_files

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{_safe_suffix(file.filename or '')}"
        with path.open("wb") as target:
            while chunk := file.file.read(1 << 20):
                target.write(chunk)
        lines = import_files(
            workspace,
            market,
            [path],
            table=table,
            mapping=mapping or (),
            skip_bad_rows=skip_bad_rows,
            replace=mode == "replace",
            shown_name=file.filename or "upload",
        )
    return Imported(lines=list(lines))


@router.get("/{market}/units/{unit:path}/explanation")
def get_explanation(workspace: WorkspaceDep, market: str, unit: str) -> Explanation:
    """What a unit's potential is made of."""
    return Explanation(unit_id=unit, lines=list(explain_unit(workspace, market, unit)))


def _safe_suffix(name: str) -> str:
    """The ending of an uploaded file if it is one we read; the content is sniffed anyway."""
    known = (".csv", ".tsv", ".txt", ".xlsx", ".geojson", ".json", ".gpkg", ".parquet")
    suffix = Path(name).suffix.lower()
    if suffix not in known:
        raise InputError(
            f"A file ending in {suffix or 'nothing'!r} is not read here.",
            fix=f"Send one of {', '.join(known)}.",
        )
    return suffix
