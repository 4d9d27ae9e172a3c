"""How two records compare, field by field, as a few levels each."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.resolve.candidates import Index, distance_meters
from territory.survey.resolve.names import Names
from territory.survey.resolve.records import Records

Levels = NDArray[np.int8]

NAME = ("missing", "exact", "close", "contained", "vague", "different")
DISTANCE = ("unknown", "5 m", "15 m", "40 m", "80 m", "160 m", "radius", "far")
PHONE = ("missing", "same", "other")
BRAND = ("missing", "same", "other")
CATEGORY = ("missing", "same", "other")
ADDRESS = ("missing", "same", "street", "other")
LEVELS = {
    "name": NAME,
    "distance": DISTANCE,
    "phone": PHONE,
    "brand": BRAND,
    "category": CATEGORY,
    "address": ADDRESS,
}
"""Levels of each comparison by name; level 0 tells nothing."""

DISTANCE_STEPS = (5.0, 15.0, 40.0, 80.0, 160.0)

CLOSE = 86.0
ALIKE_CORE = 50.0
VAGUE = 62.0
PART = 92.0
LEAST_PART = 6
PART_LETTERS = 0.7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Pairs and their levels; ``levels`` has a row per pair, a column per name of ``LEVELS``."""

    left: Index
    right: Index
    levels: Levels
    meters: NDArray[np.float64]

    def level(self, name: str) -> Levels:
        """The levels of one comparison."""
        return self.levels[:, [*LEVELS].index(name)]

    def __len__(self) -> int:
        return len(self.left)


def compare(
    records: Records, left: Index, right: Index, *, radius_meters: float, workers: int = 2
) -> Comparison:
    """Compare pairs of records in every field. ``workers`` threads compare names."""
    meters = distance_meters(records, left, right)
    columns = [
        _names(records, left, right, workers),
        _distances(meters, radius_meters),
        _equality(records.phone, left, right, missing=0),
        _equality(records.brand, left, right, missing=-1),
        _equality(records.category, left, right, missing=-1),
        _addresses(records, left, right),
    ]
    return Comparison(left=left, right=right, levels=np.column_stack(columns), meters=meters)


def _names(records: Records, left: Index, right: Index, workers: int) -> Levels:
    names = records.names
    one, other = names.code[left], names.code[right]
    is_missing = (names.key[one] < 0) | (names.key[other] < 0)
    is_exact = (names.key[one] == names.key[other]) & ~is_missing
    level = np.where(is_missing, 0, 1).astype(np.int8)
    rest = np.flatnonzero(~is_missing & ~is_exact)
    if len(rest):
        level[rest] = _unequal_names(records, one[rest], other[rest], workers)
    return level


def _unequal_names(
    records: Records, one: NDArray[np.int32], other: NDArray[np.int32], workers: int
) -> Levels:
    """Levels of distinct names: each distinct pair of them is compared once.

    Whole names by edits in any order of words and by Winkler's favour for equal beginnings (which
    abbreviations have); their cores likewise, so that a common word alone makes no two names close.
    """
    from rapidfuzz import fuzz

    names = records.names
    code = np.minimum(one, other).astype(np.int64) * len(names.plain) + np.maximum(one, other)
    inverse, distinct = pd.factorize(code)
    first, second = distinct // len(names.plain), distinct % len(names.plain)
    core_one, core_two = names.core[first].tolist(), names.core[second].tolist()
    core = _likeness(core_one, core_two, workers)
    whole = _whole_likeness(names, first, second, core, workers)
    subset = _scores(fuzz.token_set_ratio, core_one, core_two, workers)
    level = np.full(len(distinct), NAME.index("different"), dtype=np.int8)
    level[(core >= VAGUE) | (whole >= VAGUE + 8)] = NAME.index("vague")
    level[subset >= 95] = NAME.index("contained")
    level[((whole >= CLOSE) & (core >= ALIKE_CORE)) | (core >= CLOSE)] = NAME.index("close")
    rest = np.flatnonzero(level >= NAME.index("vague"))
    rest = rest[_may_hold(names, first[rest], second[rest])]
    level[rest[_is_part(core_one, core_two, rest, workers)]] = NAME.index("contained")
    return level[inverse]


def _whole_likeness(
    names: Names, first: Index, second: Index, core: NDArray[np.float64], workers: int
) -> NDArray[np.float64]:
    """Likeness of whole names, worked out where it is not the core's and may still matter."""
    is_more = names.core != names.plain
    whole = core.copy()
    rest = np.flatnonzero((is_more[first] | is_more[second]) & (core < CLOSE))
    one, other = names.plain[first[rest]].tolist(), names.plain[second[rest]].tolist()
    whole[rest] = np.maximum(whole[rest], _likeness(one, other, workers))
    is_mixed = names.tokens != names.plain  # words in another order, so that order may matter
    rest = np.flatnonzero((is_mixed[first] | is_mixed[second]) & (whole < CLOSE))
    one, other = names.tokens[first[rest]].tolist(), names.tokens[second[rest]].tolist()
    whole[rest] = np.maximum(whole[rest], _ratio(one, other, workers))
    return whole


def _may_hold(names: Names, first: Index, second: Index) -> NDArray[np.bool_]:
    """Whether most letter pairs of the shorter name are in the other one."""
    shared = np.bitwise_count(names.signature[first] & names.signature[second]).sum(axis=1)
    fewest = np.minimum(names.bits[first], names.bits[second])
    return np.asarray(shared >= PART_LETTERS * fewest)


def _ratio(one: list[str], other: list[str], workers: int) -> NDArray[np.float64]:
    from rapidfuzz import fuzz

    return _scores(fuzz.ratio, one, other, workers)


def _is_part(
    one: list[str], other: list[str], rows: NDArray[np.intp], workers: int
) -> NDArray[np.bool_]:
    """Whether the shorter text stands in the longer one but for a slip; short ones never do."""
    from rapidfuzz import fuzz

    chosen = rows.tolist()
    first, second = [one[row] for row in chosen], [other[row] for row in chosen]
    is_long = np.array(
        [min(len(a), len(b)) >= LEAST_PART for a, b in zip(first, second, strict=True)], dtype=bool
    )
    return is_long & (_scores(fuzz.partial_ratio, first, second, workers) >= PART)


def _likeness(one: list[str], other: list[str], workers: int) -> NDArray[np.float64]:
    """The better of edits (indel ratio) and Jaro-Winkler, which is the milder and pays for it."""
    from rapidfuzz.distance import JaroWinkler

    winkler = 100 * _scores(JaroWinkler.similarity, one, other, workers)
    return np.maximum(_ratio(one, other, workers), winkler - 6)


def _scores(scorer: Any, one: list[str], other: list[str], workers: int) -> NDArray[np.float64]:
    from rapidfuzz import process

    found = process.cpdist(one, other, scorer=scorer, workers=workers, dtype=np.float32)
    return np.asarray(found, dtype=np.float64)


def _distances(meters: NDArray[np.float64], radius: float) -> Levels:
    steps = np.array([*DISTANCE_STEPS, max(radius, DISTANCE_STEPS[-1] + 1)])
    level = 1 + np.searchsorted(steps, np.nan_to_num(meters, nan=np.inf))
    return np.where(np.isfinite(meters), level, 0).astype(np.int8)


def _equality(values: NDArray[np.integer], left: Index, right: Index, *, missing: int) -> Levels:
    one, other = values[left], values[right]
    level = np.where(one == other, 1, 2)
    return np.where((one == missing) | (other == missing), 0, level).astype(np.int8)


def _addresses(records: Records, left: Index, right: Index) -> Levels:
    street, number = records.street, records.number
    is_same_street = street[left] == street[right]
    has_numbers = (number[left] >= 0) & (number[right] >= 0)
    is_same_number = number[left] == number[right]
    level = np.where(is_same_street & has_numbers & is_same_number, 1, 3)
    level = np.where(is_same_street & ~has_numbers, 2, level)
    is_missing = (street[left] < 0) | (street[right] < 0)
    return np.where(is_missing, 0, level).astype(np.int8)
