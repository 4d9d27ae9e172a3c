"""What a market table is: columns with type, unit, range and one sentence each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "id",  # text kept letter for letter: 00123 stays 00123
    "text",
    "number",
    "integer",
    "boolean",
    "date",  # a local day, ISO 8601
    "category",  # one of ``allowed``
    "longitude",
    "latitude",
    "hours",  # opening hours: "Mo-Fr 09:00-17:00; Sa 10:00-14:00", "24/7", "" for unknown
    "weekdays",  # "Mo,We,Fr" or "Mo-Fr"
    "time",  # a clock time, HH:MM
    "ids",  # several ids joined by ";"
    "geometry",  # WGS84 polygon or line, as WKT
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. ``minimum`` and ``maximum`` are inclusive. ``references`` is "table.column".

    ``allowed`` are the words of a category, or the geometry types of a geometry.
    """

    name: str
    kind: Kind
    sentence: str
    unit: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()
    references: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """One market table. ``key`` columns together name a row; the order of columns is fixed."""

    name: str
    sentence: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of this name."""
        return self.by_name()[name]

    def by_name(self) -> Mapping[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}


SYNTHETIC = Column(
    name="synthetic",
    kind="text",
    sentence='Cells of this row that a model drew, joined by ";" ("*" for all); empty if observed.',
)
