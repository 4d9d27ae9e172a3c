"""A file becomes rows of a market table: sniffed, parsed, matched, checked."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from data.readers.columns import match_columns, table_of_columns, table_of_name
from data.readers.limits import MAX_FILE_BYTES
from data.readers.raw import RawTable
from data.readers.sniff import sniff
from territory.errors import Fault, InputError
from territory.geo import LonLat
from territory.tables.check import Checked, check_table
from territory.tables.convert import DecimalMark, as_text
from territory.tables.coordinates import pairs_of
from territory.tables.model import TableSpec

_NUMBER_KINDS = ("number", "integer", "longitude", "latitude")
_SAMPLE_ROWS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadResult:
    """A file after reading. ``name`` stands for it in messages; ``raw`` keeps its own cells."""

    spec: TableSpec
    name: str
    checked: Checked
    raw: RawTable
    notes: tuple[str, ...] = ()

    @property
    def bad_count(self) -> int:
        return len(self.checked.bad_rows) + len(self.raw.broken)


def read_table(
    path: Path,
    spec: TableSpec,
    *,
    mapping: Mapping[str, str] | None = None,
    skip_bad_rows: bool = False,
    market_points: LonLat | None = None,
    name: str = "",
    max_bytes: int = MAX_FILE_BYTES,
) -> ReadResult:
    """Read one file as one table.

    ``mapping`` gives our column for theirs. ``market_points`` (n, 2) tell where the market is, to
    recognise coordinates that are elsewhere. ``name`` is what messages call the file.

    Raises
    ------
    InputError
        If the file cannot be read at all; or if a row is bad and ``skip_bad_rows`` is not set: all
        faults are listed.
    """
    shown = name or path.name
    raw = read_raw(path, name=shown, table=spec.name, max_bytes=max_bytes)
    matched = match_columns(raw.frame.columns, spec, mapping or {}, name=shown)
    ours = raw.frame[list(matched.ours_of)].rename(columns=dict(matched.ours_of))
    ours, shape_notes = _fill_from_shapes(ours, raw, spec)
    decimal = raw.decimal or _guess_decimal(ours, spec)
    checked = check_table(
        ours,
        spec,
        file=shown,
        decimal=decimal,
        market_points=market_points,
        rows=[int(row) for row in raw.rows],
    )
    checked = replace(checked, faults=(*_broken_faults(raw, spec, shown), *checked.faults))
    notes = [*raw.notes, *shape_notes, *checked.notes]
    if decimal == ",":
        notes.append("numbers read with a decimal comma")
    if matched.unused:
        notes.append("columns not used: " + ", ".join(matched.unused))
    result = ReadResult(spec=spec, name=shown, checked=checked, raw=raw, notes=tuple(notes))
    if checked.faults and not (skip_bad_rows and _has_all_columns(checked, ours, spec)):
        raise InputError(
            f"{shown}: {result.bad_count:,} of {len(raw.frame) + len(raw.broken):,} rows "
            f"cannot go into {spec.name}.",
            checked.faults,
            fix="Correct them, or pass --skip-bad-rows to keep the others.",
        )
    return result


def guess_table(path: Path, *, name: str = "") -> TableSpec:
    """The table a file is for, by its name or else by its columns.

    Raises
    ------
    InputError
        If the file cannot be read, or neither tells.
    """
    shown = name or path.name
    told = table_of_name(shown)
    if told is not None:
        return told
    raw = read_raw(path, name=shown, table="")
    return table_of_columns(raw.frame.columns, has_shapes=raw.shapes is not None, name=shown)


def read_raw(path: Path, *, name: str, table: str, max_bytes: int = MAX_FILE_BYTES) -> RawTable:
    """A file's rows as they are, by the parser its content calls for."""
    found = sniff(path, name=name, max_bytes=max_bytes)
    if found == "csv":
        from data.readers.delimited import read_csv

        return read_csv(path, name=name)
    if found == "xlsx":
        from data.readers.workbook import read_xlsx

        return read_xlsx(path, name=name, table=table)
    if found == "geopackage":
        from data.readers.geopackage import read_geopackage

        return read_geopackage(path, name=name, table=table)
    from data.readers.shapes import read_geojson, read_geoparquet

    return (read_geojson if found == "geojson" else read_geoparquet)(path, name=name)


def _has_all_columns(checked: Checked, ours: pd.DataFrame, spec: TableSpec) -> bool:
    return all(column.name in ours for column in spec.columns if column.required)


def _broken_faults(raw: RawTable, spec: TableSpec, name: str) -> tuple[Fault, ...]:
    return tuple(
        Fault(file=name, table=spec.name, row=item.row, expected=f"has {item.reason}")
        for item in raw.broken
    )


def _fill_from_shapes(
    ours: pd.DataFrame, raw: RawTable, spec: TableSpec
) -> tuple[pd.DataFrame, list[str]]:
    """Geometry as WKT, or points as longitude and latitude, where no column gives them."""
    if raw.shapes is None:
        return ours, []
    filled = ours.copy()
    geometry = [c.name for c in spec.columns if c.kind == "geometry" and c.name not in ours]
    for column in geometry:
        texts = shapely.to_wkt(raw.shapes, rounding_precision=-1)
        filled[column] = pd.Series(texts, dtype="object", index=ours.index)
    pairs = pairs_of(spec)
    if not pairs or pairs[0].lon in ours or pairs[0].lat in ours:
        return filled, []
    filled[pairs[0].lon], filled[pairs[0].lat] = (
        shapely.get_x(raw.shapes),
        shapely.get_y(raw.shapes),
    )
    others = int((~np.isin(shapely.get_type_id(raw.shapes), (-1, 0))).sum())
    notes = [f"{others:,} shapes are no points and give no place"] if others else []
    return filled, notes


_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_COMMA_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+")
_POINT = re.compile(r"[+-]?[0-9]+\.[0-9]+")
_POINT_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+")
_BOTH = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+")


def _guess_decimal(ours: pd.DataFrame, spec: TableSpec) -> DecimalMark:
    """The decimal mark that the clear cells of the number columns use; the point if none is."""
    commas = points = 0
    for column in spec.columns:
        if column.kind not in _NUMBER_KINDS or column.name not in ours:
            continue
        for cell in as_text(ours[column.name].head(_SAMPLE_ROWS)):
            is_comma = _COMMA.fullmatch(cell) and not _COMMA_GROUPS.fullmatch(cell)
            commas += bool(is_comma or _BOTH.fullmatch(cell))
            points += bool(_POINT.fullmatch(cell) and not _POINT_GROUPS.fullmatch(cell))
    return "," if commas > points else "."


def write_rejects(folder: Path, result: ReadResult) -> Path:
    """Write the bad rows of a file as CSV, with their row numbers and reasons; where it lies.

    The cells stand as they were, so that they can be corrected and imported again; the columns
    ``rejected_row`` and ``rejected_because`` are then not used.
    """
    stem = re.sub(r"[^\w-]+", "_", Path(result.name).stem)[:80] or "file"
    path = folder / f"{stem}.rejects.csv"
    checked, raw = result.checked, result.raw
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        names = [str(column) for column in raw.frame.columns]
        shapes = [] if raw.shapes is None else ["geometry"]
        writer.writerow(["rejected_row", "rejected_because", *names, *shapes])
        cells = raw.frame.iloc[checked.bad_rows]
        texts = [as_text(cells[column]).tolist() for column in raw.frame.columns]
        if raw.shapes is not None:
            wkt = shapely.to_wkt(raw.shapes[checked.bad_rows], rounding_precision=-1)
            texts.append(["" if text is None else str(text) for text in wkt])
        numbers = [int(row) for row in raw.rows[checked.bad_rows]]
        for number, reason, *row in zip(numbers, checked.bad_reasons, *texts, strict=True):
            writer.writerow([number, _harmless(reason), *row])
        for item in raw.broken:
            writer.writerow([item.row, _harmless(item.reason), item.text])
    return path


def _harmless(reason: str) -> str:
    return f"'{reason}" if reason.startswith(("=", "+", "-", "@", "\t", "\r")) else reason
