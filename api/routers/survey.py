"""The survey over HTTP: sources in, companies out, the review list, decisions and origins."""

import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from api.deps import WorkspaceDep
from api.routers.markets import _safe_suffix
from api.usecases import surveys

router = APIRouter(prefix="/v1/markets/{market}/survey", tags=["survey"])

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ResolutionSummary(BaseModel):
    """What became of the records, in numbers and sentences."""

    records: int
    companies: int
    doubtful_pairs: int
    flagged_records: int
    lines: list[str]


class ReviewPage(BaseModel):
    """Doubtful pairs, the most doubtful first. ``next`` is the following page's offset."""

    total: int
    offset: int
    rows: list[dict[str, Any]]
    next: int | None


class DecisionBody(BaseModel):
    """Two records, each as SOURCE:ID, and whether they are one company."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["same", "different"]
    left: str = Field(min_length=1, max_length=300)
    right: str = Field(min_length=1, max_length=300)


class Flag(BaseModel):
    """A record of a source and what is doubtful in it."""

    source: str
    source_record_id: str
    column: str
    reason: str


class FieldOrigin(BaseModel):
    """The record a field was taken from."""

    field: str
    source: str
    source_record_id: str
    source_date: str


@router.post("/resolution", status_code=201)
def resolve(
    workspace: WorkspaceDep,
    market: str,
    yellow_pages: Annotated[UploadFile | None, File()] = None,
    visit: Annotated[UploadFile | None, File()] = None,
    history: Annotated[UploadFile | None, File()] = None,
    mapping: Annotated[list[str] | None, Form()] = None,
    skip_bad_rows: Annotated[bool, Form()] = False,
    dry_run: Annotated[bool, Form()] = False,
) -> ResolutionSummary:
    """Resolve uploaded sources, with those kept before, into the companies table."""
    workspace.store.settings(market)
    uploads = {"yellow_pages": yellow_pages, "visit": visit, "history": history}
    with tempfile.TemporaryDirectory() as folder:
        files = {
            source: [_stored(Path(folder), source, upload)]
            for source, upload in uploads.items()
            if upload is not None
        }
        shown = {
            str(paths[0]): (uploads[source].filename or source)  # type: ignore[union-attr]
            for source, paths in files.items()
        }
        found = surveys.resolve_survey(
            workspace,
            market,
            files,
            mapping=mapping or (),
            skip_bad_rows=skip_bad_rows,
            dry_run=dry_run,
            shown_names=shown,
        )
    return _summary(found)


def _stored(folder: Path, source: str, upload: UploadFile) -> Path:
    path = folder / f"{source}{_safe_suffix(upload.filename or '')}"
    with path.open("wb") as target:
        while chunk := upload.file.read(1 << 20):
            target.write(chunk)
    return path


@router.get("/review")
def get_review(
    workspace: WorkspaceDep,
    market: str,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> ReviewPage:
    """A page of the review list."""
    return ReviewPage(**surveys.review_page(workspace, market, limit=limit, offset=offset))


@router.get("/review/{format}")
def export_review(workspace: WorkspaceDep, market: str, format: str) -> Response:
    """The whole review list as a file."""
    name, body = surveys.export_review(workspace, market, format)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=MEDIA_TYPES[format], headers=headers)


@router.get("/decisions")
def get_decisions(workspace: WorkspaceDep, market: str) -> list[DecisionBody]:
    """The decisions, oldest first."""
    return [
        DecisionBody(verdict=item.verdict, left=":".join(item.left), right=":".join(item.right))
        for item in surveys.decisions_of(workspace, market)
    ]


@router.post("/decisions", status_code=201)
def post_decision(workspace: WorkspaceDep, market: str, body: DecisionBody) -> ResolutionSummary:
    """Decide about two records and resolve anew; "different" splits what was joined."""
    found = surveys.decide(workspace, market, body.verdict, body.left, body.right)
    return _summary(found)


@router.delete("/decisions/last")
def undo_decision(workspace: WorkspaceDep, market: str) -> ResolutionSummary:
    """Take back the last decision and resolve anew."""
    return _summary(surveys.undo(workspace, market))


@router.get("/flags")
def get_flags(workspace: WorkspaceDep, market: str) -> list[Flag]:
    """Records whose place or income is in doubt."""
    return [Flag(**flag) for flag in surveys.flags_of(workspace, market)]


@router.get("/companies/{company:path}/origins")
def get_origins(workspace: WorkspaceDep, market: str, company: str) -> list[FieldOrigin]:
    """Where each field of a company comes from."""
    return [
        FieldOrigin(
            field=item.field,
            source=item.source,
            source_record_id=item.source_record_id,
            source_date=item.source_date,
        )
        for item in surveys.origins_of(workspace, market, company)
    ]


def _summary(found: surveys.Resolved) -> ResolutionSummary:
    resolution = found.resolution
    return ResolutionSummary(
        records=len(resolution.records),
        companies=len(resolution.companies),
        doubtful_pairs=len(resolution.review),
        flagged_records=len(resolution.flags),
        lines=list(found.lines),
    )
