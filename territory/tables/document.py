"""The written description of every market table, made from the specifications alone."""

from territory.tables import TABLES
from territory.tables.model import Column, TableSpec

_HEAD = """\
# Market tables

This page is generated from `territory/tables` (`fieldwright tables --markdown` prints it).

A market is a set of tables. To start, give `companies` (or `accounts`) and `executives`; every
other table adds to what the plans can say. Files may be CSV, XLSX, GeoJSON, GeoPackage or
GeoParquet. Ids and texts are kept letter for letter. An empty cell means unknown. Coordinates are
WGS84 degrees, longitude and latitude. Money is in the market's currency.

Kinds of column:

| kind | what it holds |
|---|---|
| id | text kept letter for letter: `00123` stays `00123` |
| ids | several ids joined by `;` |
| text | any text |
| number, integer | a finite number; a decimal comma is read where the file uses one |
| boolean | `true` or `false` (also `yes`/`no`, `1`/`0`) |
| date | a local day, `2026-03-31` |
| category | one of the words listed |
| longitude, latitude | degrees, WGS84 |
| time | a clock time, `08:30` |
| weekdays | `Mo-Fr` or `Mo,We,Fr` |
| hours | opening hours: `Mo-Fr 09:00-17:00; Sa 10:00-14:00`, `24/7` |
| geometry | a shape as WKT, WGS84 |
"""


def document() -> str:
    """All tables and columns as Markdown, ending in one newline."""
    return "\n".join([_HEAD, *(_table(spec) for spec in TABLES.values())])


def _table(spec: TableSpec) -> str:
    key = ", ".join(f"`{name}`" for name in spec.key)
    head = [
        f"## {spec.name}",
        "",
        spec.sentence,
        f"Key: {key}.",
        "",
        "| column | kind | needed | unit | values | meaning |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(column) for column in spec.columns), ""])


def _row(column: Column) -> str:
    needed = "yes" if column.required else ""
    cells = (f"`{column.name}`", column.kind, needed, column.unit, values_of(column))
    meaning = column.sentence
    if column.references:
        meaning += f" Refers to `{column.references}`."
    if column.aliases:
        meaning += " Also read as " + ", ".join(f"`{alias}`" for alias in column.aliases) + "."
    return "| " + " | ".join([*cells, meaning]) + " |"


def values_of(column: Column) -> str:
    """The values a column takes, in words: its allowed words or its range."""
    if column.allowed:
        return ", ".join(f"`{word}`" for word in column.allowed)
    if column.minimum is None and column.maximum is None:
        return ""
    low = "" if column.minimum is None else f"{column.minimum:g}"
    high = "" if column.maximum is None else f"{column.maximum:g}"
    if not high:
        return f"{low} or more"
    return f"{low} to {high}" if low else f"{high} or less"
