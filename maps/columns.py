"""Columns of a page's tables and figures: what each is called, its kind, its unit, how rounded."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from territory.plans import Table

Kind = Literal[
    "text", "date", "long", "number", "whole", "index", "money", "ratio", "percent", "signed",
    "minutes", "seconds", "meters", "hours", "clock", "flag", "degrees",
]  # fmt: skip

Cell = str | float | int | bool | None

_PLACES: Mapping[str, int] = {
    "whole": 0, "number": 2, "index": 4, "money": 2, "ratio": 4, "percent": 2, "signed": 2,
    "minutes": 2, "seconds": 0, "meters": 0, "hours": 2, "clock": 0, "degrees": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One column as a page shows it. ``text`` says what it means where there is room."""

    key: str
    label: str
    kind: Kind
    unit: str = ""
    text: str = ""

    def spec(self, currency: str = "") -> dict[str, str]:
        """What the page's script needs to know of it."""
        unit = currency if self.kind == "money" and not self.unit else self.unit
        return {
            "key": self.key,
            "label": self.label,
            "kind": self.kind,
            "unit": unit,
            "text": self.text,
        }


def tidy(values: Iterable[Cell], kind: Kind) -> list[Cell]:
    """Values fit to be sent: rounded as their kind deserves, nan and infinity as None."""
    if kind == "flag":
        return [None if value is None else bool(value) for value in values]
    if kind not in _PLACES:
        return ["" if value is None else str(value) for value in values]
    return [_rounded(value, _PLACES[kind]) for value in values]


def _rounded(value: Cell, places: int) -> Cell:
    if value is None or value == "":
        return None
    number = float(value)
    if not math.isfinite(number):
        return None
    # Four figures and more carry every class and every bar without decimals.
    if places and abs(number) >= 1_000:
        places = 0
    rounded = round(number, places)
    return int(rounded) if rounded == int(rounded) else rounded


def rows_of(table: Table, columns: Sequence[Shown]) -> dict[str, list[Cell]]:
    """The columns a table has of those asked for, tidied."""
    return {
        column.key: tidy(table.columns[column.key], column.kind)
        for column in columns
        if column.key in table.columns
    }


def present(table: Table, columns: Sequence[Shown]) -> list[Shown]:
    """Those of the columns that the table has."""
    return [column for column in columns if column.key in table.columns]


def packed(values: Sequence[Cell]) -> list[Cell] | dict[str, list[Cell]]:
    """Texts that repeat much as their few words and the place of each; else as they are."""
    known = {value: place for place, value in enumerate(dict.fromkeys(values))}
    if (
        not values
        or len(known) * 3 > len(values)
        or not all(isinstance(value, str) for value in known)
    ):
        return list(values)
    return {"words": list(known), "at": [known[value] for value in values]}


def words(key: str) -> str:
    """A column's name as words: ``competitor_outlets`` becomes "Competitor outlets"."""
    text = key.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
