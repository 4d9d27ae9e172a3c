"""The check every row from outside passes: all faults at once, good rows kept, nothing guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.errors import Fault
from territory.geo import LonLat
from territory.tables import TABLES
from territory.tables.convert import (
    DecimalMark,
    as_text,
    convert,
    is_blank,
    missing_column,
)
from territory.tables.coordinates import Pair, judge_points, pairs_of
from territory.tables.findings import Finding, Mask
from territory.tables.model import TableSpec

MAX_FAULTS = 20_000
"""Faults spelled out for one table; beyond it the last one counts the rest."""

FIRST_ROW = 2
"""The first row of data as a person counts it: the header is row 1."""

MAX_VALUE_CHARACTERS = 120
"""A value is quoted in a fault up to this length."""

IN_ORDER = (
    ("first_date", "last_date"),
    ("valid_from", "valid_to"),
    ("ordered_on", "delivered_on"),
    ("signed_on", "due_on"),
    ("created", "done"),
    ("lunch_earliest", "lunch_latest"),
    ("shift_start", "shift_end"),
    ("profit_band_low_percent", "profit_band_high_percent"),
)
"""Columns of one row of which the first may not come after the second."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checked:
    """A table after the check.

    ``good`` is a typed frame (see ``territory.tables.frames``) of the rows without a fault, its
    index 0, 1, 2 ...; ``bad_rows`` are the positions, from 0, of the other rows in what was given.
    ``bad_reasons`` has one text per bad row. ``notes`` say what was mended.
    """

    good: pd.DataFrame
    faults: tuple[Fault, ...] = ()
    bad_rows: NDArray[np.intp]
    bad_reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not self.faults


def check_table(
    frame: pd.DataFrame,
    spec: TableSpec,
    *,
    file: str = "",
    decimal: DecimalMark = ".",
    market_points: LonLat | None = None,
    rows: Sequence[int] | None = None,
) -> Checked:
    """Rows of text (or typed) cells, under the names of ``spec``, as typed rows and faults.

    Ids and texts stay letter for letter but for outer blanks (``00123``, ``NA``, ``1E5``); a blank
    cell is a missing value. Checked are kind, range, allowed words, filled required cells, finite
    numbers, shapes, a key that names one row only (the first one stands), dates in order, and
    coordinates that are zero, swapped or projected (``market_points``, (n, 2) lon lat, tell where
    the market is). ``rows`` are the row numbers to quote, by default counted from row 2. Columns
    that the table does not have are ignored.
    """
    given = frame.reset_index(drop=True)
    numbers = np.asarray(rows if rows is not None else np.arange(len(given)) + FIRST_ROW)
    absent = [c.name for c in spec.columns if c.required and c.name not in given]
    if absent:
        return _without_columns(given, spec, absent, file)
    typed, findings, notes = _converted(given, spec, decimal)
    findings = _placed(findings, typed, spec, market_points)
    findings += _unfilled(given, typed, spec)
    findings += _out_of_order(typed)
    findings += _repeated(typed, spec, numbers)
    is_bad = np.zeros(len(given), dtype=bool)
    for finding in findings:
        is_bad |= finding.is_bad
    return Checked(
        good=typed[~is_bad].reset_index(drop=True),
        faults=_faults(findings, given, spec, file, numbers),
        bad_rows=np.flatnonzero(is_bad),
        bad_reasons=_reasons(findings, given, is_bad),
        notes=tuple(notes),
    )


def _without_columns(given: pd.DataFrame, spec: TableSpec, absent: list[str], file: str) -> Checked:
    faults = tuple(
        Fault(
            file=file,
            table=spec.name,
            column=name,
            expected="missing, and the table needs it",
            fix=f"Add the column, or map one of yours to it: --map yours={name}.",
        )
        for name in absent
    )
    empty = pd.DataFrame({c.name: missing_column(c, 0) for c in spec.columns})
    reason = "columns missing: " + ", ".join(absent)
    return Checked(
        good=empty,
        faults=faults,
        bad_rows=np.arange(len(given)),
        bad_reasons=(reason,) * len(given),
    )


def _converted(
    given: pd.DataFrame, spec: TableSpec, decimal: DecimalMark
) -> tuple[pd.DataFrame, list[Finding], list[str]]:
    columns: dict[str, pd.Series] = {}
    findings: list[Finding] = []
    notes: list[str] = []
    for column in spec.columns:
        if column.name not in given:
            columns[column.name] = missing_column(column, len(given))
            continue
        result = convert(given[column.name], column, decimal=decimal)
        columns[column.name] = result.values
        findings += result.findings
        notes += result.notes
    return pd.DataFrame(columns, index=given.index), findings, notes


def _unfilled(given: pd.DataFrame, typed: pd.DataFrame, spec: TableSpec) -> list[Finding]:
    """Required cells that were blank; a cell that could not be read has its own finding."""
    findings = []
    for column in spec.columns:
        if not column.required:
            continue
        blank = is_blank(typed[column.name])
        if blank.any():
            blank = blank & (as_text(given[column.name]) == "").to_numpy(dtype=bool)
        findings.append(Finding(column=column.name, is_bad=blank, expected="empty, and is needed"))
    return findings


def _placed(
    findings: list[Finding], typed: pd.DataFrame, spec: TableSpec, market_points: LonLat | None
) -> list[Finding]:
    """The findings with those on coordinate pairs; swapped or projected replaces "out of range"."""
    for pair in pairs_of(spec):
        lon, lat = (typed[name].to_numpy(dtype=np.float64) for name in (pair.lon, pair.lat))
        judged = judge_points(lon, lat, pair, market_points=market_points)
        is_judged = np.logical_or.reduce([np.zeros(len(lon), dtype=bool), *_masks(judged)])
        own = [f for f in findings if f.column in (pair.lon, pair.lat)]
        unread = np.logical_or.reduce([is_judged, *_masks(own)])
        findings = [replace(f, is_bad=f.is_bad & ~is_judged) if f in own else f for f in findings]
        findings += judged
        if not spec.column(pair.lon).required:
            findings += _half_missing(lon, lat, pair, unread)
    return findings


def _masks(findings: Sequence[Finding]) -> list[Mask]:
    return [finding.is_bad for finding in findings]


def _half_missing(
    lon: NDArray[np.float64], lat: NDArray[np.float64], pair: Pair, unread: Mask
) -> list[Finding]:
    return [
        Finding(
            column=name,
            is_bad=np.isnan(values) & ~np.isnan(others) & ~unread,
            expected=f"empty while {other!r} is filled",
        )
        for name, values, other, others in (
            (pair.lon, lon, pair.lat, lat),
            (pair.lat, lat, pair.lon, lon),
        )
    ]


def _out_of_order(typed: pd.DataFrame) -> list[Finding]:
    findings = []
    for first, second in IN_ORDER:
        if first not in typed or second not in typed:
            continue
        both = ~is_blank(typed[first]) & ~is_blank(typed[second])
        is_bad = np.zeros(len(typed), dtype=bool)
        left, right = typed[first].to_numpy()[both], typed[second].to_numpy()[both]
        is_bad[both] = left > right
        findings.append(
            Finding(column=second, is_bad=is_bad, expected=f"on or after {first!r} of the same row")
        )
    return findings


def _repeated(typed: pd.DataFrame, spec: TableSpec, numbers: NDArray[np.intp]) -> list[Finding]:
    key = list(spec.key)
    filled = ~np.logical_or.reduce([is_blank(typed[name]) for name in key])
    is_repeated = typed.duplicated(subset=key, keep="first").to_numpy() & filled
    if not is_repeated.any():
        return []
    first_seen = int(numbers[_first_of_repeats(typed, key, is_repeated)])
    words = " and ".join(key)
    return [
        Finding(
            column=key[-1],
            is_bad=is_repeated,
            expected=f"unique as {words} (the first one repeated stands in row {first_seen})",
            fix="Keep one row for it.",
        )
    ]


def _first_of_repeats(typed: pd.DataFrame, key: list[str], is_repeated: NDArray[np.bool_]) -> int:
    again = typed.loc[is_repeated, key].iloc[0]
    same = np.logical_and.reduce(
        [(typed[name] == again[name]).to_numpy(dtype=bool) for name in key]
    )
    return int(np.flatnonzero(same)[0])


def _faults(
    findings: Sequence[Finding],
    given: pd.DataFrame,
    spec: TableSpec,
    file: str,
    numbers: NDArray[np.intp],
) -> tuple[Fault, ...]:
    total = sum(int(finding.is_bad.sum()) for finding in findings)
    placed: list[tuple[int, Fault]] = []
    for finding in findings:
        values = given.get(finding.column)
        for position in np.flatnonzero(finding.is_bad)[: MAX_FAULTS - len(placed)]:
            fault = Fault(
                file=file,
                table=spec.name,
                row=int(numbers[position]),
                column=finding.column,
                value="" if values is None else _quoted(values.iloc[position]),
                expected=finding.expected,
                fix=finding.fix,
            )
            placed.append((int(position), fault))
    placed.sort(key=lambda item: item[0])
    faults = [fault for _, fault in placed]
    if total > len(faults):
        more = f"{total - len(faults)} more faults are not listed"
        faults.append(Fault(file=file, table=spec.name, expected=more))
    return tuple(faults)


def _quoted(value: object) -> str:
    text = "" if value is None or value is pd.NA or value != value else str(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= MAX_VALUE_CHARACTERS else text[:MAX_VALUE_CHARACTERS] + "…"


def _reasons(findings: Sequence[Finding], given: pd.DataFrame, is_bad: Mask) -> tuple[str, ...]:
    reasons: dict[int, list[str]] = {int(position): [] for position in np.flatnonzero(is_bad)}
    for finding in findings:
        values = given.get(finding.column)
        for position in np.flatnonzero(finding.is_bad):
            value = "" if values is None else _quoted(values.iloc[position])
            said = f"{value!r} is not {finding.expected}" if value else finding.expected
            reasons[int(position)].append(f"{finding.column}: {said}")
    return tuple("; ".join(parts) for parts in reasons.values())


def check_references(tables: Mapping[str, pd.DataFrame]) -> tuple[Fault, ...]:
    """Ids that name a row of another table which is not there, over all tables of a market.

    A table without rows refuses nothing: what it would list is simply not known. ``row`` is the
    position in its frame, counted from 1.
    """
    faults: list[Fault] = []
    for name, frame in tables.items():
        for column in TABLES[name].columns:
            other, _, key = column.references.partition(".")
            if not other or column.name not in frame or not len(tables.get(other, ())):
                continue
            faults += _dangling(frame, column.name, tables[other][key], name, column.references)
    return tuple(faults[:MAX_FAULTS])


def _dangling(
    frame: pd.DataFrame, column: str, known: pd.Series, table: str, references: str
) -> list[Fault]:
    values = frame[column]
    is_bad = ~values.isin(known).to_numpy(dtype=bool) & (values != "").to_numpy(dtype=bool)
    return [
        Fault(
            table=table,
            row=int(position) + 1,
            column=column,
            value=_quoted(values.iloc[position]),
            expected=f"an id of {references}",
            fix=f"Import it into {references.partition('.')[0]}, or correct the id.",
        )
        for position in np.flatnonzero(is_bad)
    ]
