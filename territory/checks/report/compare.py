"""A table of a report against the rows the facts give, cell by cell."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from territory.checks.violation import Violation, agree, shown
from territory.plans import Table

Cells = Mapping[str, Any]
Expected = Mapping[tuple[Any, ...], Cells]
"""Rows by their key; each with the cells that the facts give."""

AT_MOST = 20
"""Violations of one table that are spelled out."""


def rows_of(table: Table) -> list[dict[str, Any]]:
    """The rows of a table."""
    return [
        dict(zip(table.columns, values, strict=True))
        for values in zip(*table.columns.values(), strict=True)
    ]


def compare(
    name: str, table: Table | None, key: Sequence[str], expected: Expected
) -> Iterator[Violation]:
    """Rows that are missing, not known or twice there, and cells that are not what facts give."""
    if table is None:
        yield Violation(code="wrong_facts", subject=f"list {name}", message="is not there")
        return
    wanted = {*key, *(column for cells in expected.values() for column in cells)}
    if len(table) and not wanted <= set(table.columns):
        lost = ", ".join(sorted(wanted - set(table.columns)))
        yield Violation(code="wrong_facts", subject=f"list {name}", message=f"has no column {lost}")
        return
    for count, violation in enumerate(_compare(name, table, key, expected)):
        if count == AT_MOST:
            return
        yield violation


def _compare(
    name: str, table: Table, key: Sequence[str], expected: Expected
) -> Iterator[Violation]:
    told = {tuple(plain(row[column]) for column in key): row for row in rows_of(table)}
    facts = {tuple(plain(value) for value in place): cells for place, cells in expected.items()}
    times = Counter(tuple(plain(row[column]) for column in key) for row in rows_of(table))
    for place, count in times.items():
        if count > 1:
            yield _said("wrong_facts", name, place, f"stands {count} times")
    for place in facts.keys() - told.keys():
        yield _said("missing_row", name, place, "is not there, the facts give it")
    for place in told.keys() - facts.keys():
        yield _said("unknown_row", name, place, "is there, the facts do not give it")
    for place in sorted(facts.keys() & told.keys(), key=str):
        for column, found in facts[place].items():
            stated = told[place][column]
            if not same(stated, found):
                yield Violation(
                    code="wrong_figure",
                    subject=f"list {name}, {_place(place)}",
                    message=f"{column} is stated as {_shown(stated)}, "
                    f"the facts give {_shown(plain(found))}",
                    stated=stated,
                    found=plain(found),
                )


def same(stated: Any, found: Any) -> bool:
    """Whether a cell is what the facts give, numbers but for rounding."""
    found = plain(found)
    if isinstance(stated, bool) or isinstance(found, bool):
        return stated is found
    if isinstance(stated, int | float) and isinstance(found, int | float):
        return agree(stated, found)
    return bool(stated == found)


def plain(value: Any) -> Any:
    """Days as a report writes them."""
    return value.isoformat() if isinstance(value, date) else value


def _said(code: str, name: str, place: tuple[Any, ...], message: str) -> Violation:
    return Violation(code=code, subject=f"list {name}, {_place(place)}", message=message)


def _place(place: tuple[Any, ...]) -> str:
    return " / ".join(str(part) for part in place)


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value)
    return shown(value) if isinstance(value, int | float) else repr(value)
