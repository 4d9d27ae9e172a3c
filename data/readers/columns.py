"""Whose column is whose: the file's names against a table's, and which table a file is for."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from territory.errors import Fault, InputError
from territory.tables import TABLES
from territory.tables.model import TableSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """``ours_of`` names the table's column of each file column that has one."""

    ours_of: Mapping[str, str]
    unused: tuple[str, ...]


def match_columns(
    theirs: Iterable[str], spec: TableSpec, mapping: Mapping[str, str], *, name: str = ""
) -> Matched:
    """Match a file's columns: by mapping, then exact, then aliases, all but the first in any case.

    Blanks, hyphens and underscores count as equal. A column of ours takes one of theirs.

    Raises
    ------
    InputError
        If the mapping names a column that the file or the table does not have.
    """
    names = list(theirs)
    _refuse_wrong_mapping(names, spec, mapping, name)
    ours_of = {their: ours for their, ours in mapping.items() if their in names}
    folded = {their: fold(their) for their in names}
    wanted = [(c.name, c.name) for c in spec.columns]
    wanted += [(alias, c.name) for c in spec.columns for alias in c.aliases]
    for word, ours in wanted:
        if ours in ours_of.values():
            continue
        free = [their for their in names if their not in ours_of and folded[their] == fold(word)]
        exact = [their for their in free if their == word]
        for their in (exact or free)[:1]:
            ours_of[their] = ours
    return Matched(ours_of=ours_of, unused=tuple(n for n in names if n not in ours_of))


def _refuse_wrong_mapping(
    names: list[str], spec: TableSpec, mapping: Mapping[str, str], name: str
) -> None:
    faults = [
        Fault(file=name, column=their, expected=f"not a column of this file ({', '.join(names)})")
        for their in mapping
        if their not in names
    ]
    faults += [
        Fault(table=spec.name, column=ours, expected=f"not a column of {spec.name}")
        for ours in mapping.values()
        if ours not in spec.by_name()
    ]
    faults += [
        Fault(table=spec.name, column=ours, expected="mapped from several columns")
        for ours in {o for o in mapping.values() if list(mapping.values()).count(o) > 1}
    ]
    if faults:
        raise InputError("The column mapping does not fit.", faults, fix="Write theirs=ours.")


def fold(name: str) -> str:
    """A name without case, blanks, hyphens and underscores."""
    return re.sub(r"[\s_-]+", "", unicodedata.normalize("NFKC", name)).casefold()


def table_of_name(name: str) -> TableSpec | None:
    """The table that a file name tells: "my-accounts-2026.csv" is for accounts."""
    stem = PurePath(name).name.split(".")[0].lower()
    told = [spec for spec in TABLES.values() if re.search(_as_words(spec.name), stem)]
    longest = max((len(spec.name) for spec in told), default=0)
    best = [spec for spec in told if len(spec.name) == longest]
    return best[0] if len(best) == 1 else None


def _as_words(table: str) -> str:
    word = table.replace("_", "[-_ ]?")
    singular = re.sub("ies$", "y", table) if table.endswith("ies") else table.removesuffix("s")
    return rf"(?<![a-z])(?:{word}|{singular.replace('_', '[-_ ]?')})(?![a-z])"


def table_of_columns(names: Iterable[str], *, has_shapes: bool, name: str) -> TableSpec:
    """The only table whose needed columns a file has, the one it fills best.

    Raises
    ------
    InputError
        If none or several could be meant.
    """
    theirs = list(names)
    scores = {spec.name: _fit(theirs, spec, has_shapes) for spec in TABLES.values()}
    best = max(scores.values())
    meant = [table for table, score in scores.items() if score == best and score > 0]
    if len(meant) != 1:
        could = f" It could be {' or '.join(meant)}." if meant else ""
        raise InputError(
            f"{name} does not tell which table it is for.{could}", fix="Name it with --table."
        )
    return TABLES[meant[0]]


def _fit(theirs: list[str], spec: TableSpec, has_shapes: bool) -> int:
    """How many columns of a table a file has; 0 if a needed one is missing."""
    exact = {fold(their) for their in theirs}
    matched = set(match_columns(theirs, spec, {}).ours_of.values())
    if has_shapes:
        matched |= {c.name for c in spec.columns if c.kind in ("longitude", "latitude", "geometry")}
    if any(c.required and c.name not in matched for c in spec.columns):
        return 0
    # An id under its own name tells the table; "id", "lon" and "lat" fit many.
    keys = sum(fold(key) in exact for key in spec.key)
    return 10 * keys + len(matched)
