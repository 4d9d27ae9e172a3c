"""Plans as files others can open: csv, xlsx, geojson, gpkg, ics, gpx.

No user text names a file, runs as a formula or breaks a document; the same plan and context give
the same bytes. HTML pages are drawn by ``maps``.
"""

import io
import os
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.exports.context import FORMATS, ExportContext, ExportFormat, ExportKind
from data.exports.days import calendar_owners, executives_of, gpx_bytes, ics_bytes
from data.exports.layers import geojson_bytes, gpkg_bytes, layers_of
from data.exports.report_book import report_bytes
from data.exports.sheets import AnyPlan, about, sheets_of
from data.exports.tables import csv_bytes, xlsx_bytes
from data.exports.text import slug, unique
from territory.errors import InputError
from territory.routes import VisitPlan
from territory.weekly import WeeklyReport


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """One file: a safe name and its bytes."""

    name: str
    content: bytes


def render(
    plan: AnyPlan, kind: ExportKind, format: ExportFormat, *, context: ExportContext
) -> tuple[ExportedFile, ...]:
    """The plan in one format as files in memory: one, or one per sheet, layer or executive.

    Raises
    ------
    InputError
        If this kind has no such format, the plan is of another kind, or units are to be drawn
        and the context has none.
    """
    if kind not in FORMATS or format not in FORMATS[kind]:
        known = ", ".join(FORMATS.get(kind, ()))
        raise InputError(f"{kind!r} cannot be exported as {format!r}.", fix=f"Formats: {known}.")
    parts = list(_parts(plan, kind, format, context))
    stem = f"{slug(context.market)}-{slug(context.plan_id)}-{kind}"
    names = unique(f"{stem}-{name}" if name else stem for name, _ in parts)
    return tuple(
        ExportedFile(name=f"{name}.{format}", content=content)
        for name, (_, content) in zip(names, parts, strict=True)
    )


def _parts(
    plan: AnyPlan, kind: ExportKind, format: ExportFormat, context: ExportContext
) -> Iterable[tuple[str, bytes]]:
    if format == "csv":
        for sheet in sheets_of(plan, kind, context):
            yield sheet.name, csv_bytes(sheet, has_bom=context.has_bom)
    elif format == "xlsx" and isinstance(plan, WeeklyReport):
        yield "", report_bytes(plan, context)
    elif format == "xlsx":
        sheets = (*sheets_of(plan, kind, context), about(plan, kind, context))
        yield "", xlsx_bytes(sheets, context)
    elif format == "geojson":
        for layer in layers_of(plan, kind, context):
            yield layer.sheet.name, geojson_bytes(layer, context)
    elif format == "gpkg":
        yield "", gpkg_bytes(layers_of(plan, kind, context), context)
    elif isinstance(plan, VisitPlan):
        is_calendar = format == "ics"
        write = ics_bytes if is_calendar else gpx_bytes
        for executive_id in (calendar_owners if is_calendar else executives_of)(plan):
            yield slug(executive_id), write(plan, executive_id, context)
    else:
        raise InputError(f"A {type(plan).__name__} is not a plan of kind {kind!r}.")


def export(
    plan: AnyPlan,
    kind: ExportKind,
    format: ExportFormat,
    *,
    folder: Path,
    context: ExportContext,
) -> list[Path]:
    """Write the plan into a folder; each file appears whole or not at all. Returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in render(plan, kind, format, context=context):
        path = folder / file.name
        partial = folder / f".{file.name}.{os.getpid()}.part"
        try:
            partial.write_bytes(file.content)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        paths.append(path)
    return paths


def bundle(files: Sequence[Path | ExportedFile]) -> bytes:
    """Several files as one zip archive, flat and without the clock's time, for a single download.

    Raises
    ------
    InputError
        If two files have the same name.
    """
    stream = io.BytesIO()
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        raise InputError("Two files of the bundle have the same name.")
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            content = file.content if isinstance(file, ExportedFile) else file.read_bytes()
            entry = zipfile.ZipInfo(file.name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()
