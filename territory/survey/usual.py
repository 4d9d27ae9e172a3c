"""The usual amount of each kind of company, and which amounts are a thousand times off it.

A median is no sum; it is found in two looks. The first counts amounts per kind in bins of 1.6 %,
which tells nearly always that no amount is near a thousandth or the thousandfold. Where one might
be, a second look gathers the bins around the middle and gives the median itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.parts import Part, Runner

ABSURD_FACTOR = 1_000.0
"""Times the median of its category beyond which (or below whose inverse) an amount is a slip."""

FEWEST_LIKE = 5
"""Amounts of a category below which the median of all stands for it."""

AMOUNTS = ("income", "consumption")
_DROPPED_BITS = 46  # of a number's 64: 6 bits of fraction stay, 64 bins from 1 to 2
_BINS = 1 << (64 - _DROPPED_BITS)
ALL = "\0all"  # every category together; no text of a table holds this character

Bins = dict[tuple[str, int], int]
"""(category, bin) to how many amounts."""


@dataclass(frozen=True, slots=True, eq=False)
class UsualAmounts:
    """Medians (exact where it matters) per column and category; others are beyond doubt."""

    medians: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def doubtful(self, column: str, values: NDArray[np.float64], kind: pd.Series) -> "Doubtful":
        """Amounts that are negative, infinite, or a thousand times off."""
        with np.errstate(invalid="ignore"):
            is_bad = (values < 0) | np.isinf(values)
        usual = np.full(len(values), np.nan)
        medians = self.medians.get(column)
        if medians:
            codes, kinds = pd.factorize(kind)
            usual = np.array([medians.get(str(one), np.nan) for one in kinds])[codes]
            with np.errstate(invalid="ignore"):
                is_bad |= values > usual * ABSURD_FACTOR
                is_bad |= (values > 0) & (values < usual / ABSURD_FACTOR)
        places = np.flatnonzero(is_bad)
        return Doubtful(places=places, values=values[places], usual=usual[places])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doubtful:
    """Rows of one column that cannot be right, and what would be usual (NaN if no matter)."""

    places: NDArray[np.intp]
    values: NDArray[np.float64]
    usual: NDArray[np.float64]


def usual_amounts(parts: Sequence[Part], run: Runner) -> UsualAmounts:
    """Medians of income and consumption of the categories in which an amount may be absurd."""
    counted: dict[str, Bins] = {column: {} for column in AMOUNTS}
    for found in run(count_bins, parts):
        for column, bins in found.items():
            for key, number in bins.items():
                counted[column][key] = counted[column].get(key, 0) + number
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    looked: dict[tuple[str, str], list[str]] = {}
    for column, bins in counted.items():
        for category, span, stands_for in _suspects(bins):
            spans[column, category] = span
            looked[column, category] = stands_for
    if not spans:
        return UsualAmounts()
    gathered: dict[tuple[str, str], list[NDArray[np.float64]]] = {key: [] for key in spans}
    for middles in run(partial(gather_middles, spans), parts):
        for name, values in middles.items():
            gathered[name].append(values)
    medians: dict[str, dict[str, float]] = {column: {} for column in AMOUNTS}
    for (column, category), pieces in gathered.items():
        median = _median(counted[column], category, spans[column, category], np.concatenate(pieces))
        medians[column] |= dict.fromkeys(looked[column, category], median)
    return UsualAmounts(medians)


def count_bins(parts: Sequence[Part]) -> dict[str, Bins]:
    """How many positive amounts each bin of each category holds, per column."""
    counted: dict[str, Bins] = {column: {} for column in AMOUNTS}
    for part in parts:
        for _, frame in part.blocks(("category", *AMOUNTS)):
            codes, kinds = _kinds(frame)
            for column in AMOUNTS:
                values = _amounts(frame, column)
                known = (values > 0) & np.isfinite(values)
                keys = codes[known] * _BINS + _bin(values[known])
                place, found = pd.factorize(keys)
                bins = counted[column]
                for key, number in zip(found.tolist(), np.bincount(place).tolist(), strict=True):
                    name = kinds[key // _BINS], key % _BINS
                    bins[name] = bins.get(name, 0) + number
    return counted


def gather_middles(
    spans: Mapping[tuple[str, str], tuple[int, int]], parts: Sequence[Part]
) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Amounts in the bins that hold the middle of each (column, category)."""
    gathered: dict[tuple[str, str], list[NDArray[np.float64]]] = {key: [] for key in spans}
    for part in parts:
        for _, frame in part.blocks(("category", *AMOUNTS)):
            codes, kinds = _kinds(frame)
            for column in AMOUNTS:
                values = _amounts(frame, column)
                known = np.flatnonzero((values > 0) & np.isfinite(values))
                place = _bin(values[known])
                for (wanted, category), (low, high) in spans.items():
                    if wanted != column:
                        continue
                    inside = (place >= low) & (place <= high)
                    if category != ALL:
                        number = kinds.index(category) if category in kinds else -1
                        inside &= codes[known] == number
                    gathered[wanted, category].append(values[known[inside]])
    return {key: np.concatenate(pieces or [np.empty(0)]) for key, pieces in gathered.items()}


def _kinds(frame: pd.DataFrame) -> tuple[NDArray[np.int64], list[str]]:
    if "category" not in frame:
        return np.zeros(len(frame), dtype=np.int64), [""]
    codes, kinds = pd.factorize(frame["category"].fillna(""))
    return codes.astype(np.int64), [str(kind) for kind in kinds]


def _amounts(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    if column not in frame:
        return np.full(len(frame), np.nan)
    return frame[column].to_numpy(dtype=np.float64)


def _bin(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Positive numbers rise with their bits."""
    return np.ascontiguousarray(values).view(np.int64) >> _DROPPED_BITS


def _edge(place: int) -> float:
    return float(np.array(place << _DROPPED_BITS, dtype=np.int64).view(np.float64))


def _suspects(bins: Bins) -> list[tuple[str, tuple[int, int], list[str]]]:
    """Categories in which an amount may be absurd: whose median, its bins, for whom it stands."""
    by_kind: dict[str, dict[int, int]] = {}
    overall: dict[int, int] = {}
    for (category, place), number in bins.items():
        by_kind.setdefault(category, {})[place] = number + by_kind.get(category, {}).get(place, 0)
        overall[place] = overall.get(place, 0) + number
    found = []
    few = []
    for category, counts in by_kind.items():
        if sum(counts.values()) < FEWEST_LIKE:
            few.append(category)
        elif _may_be_absurd(counts, _middle(counts)):
            found.append((category, _middle(counts), [category]))
    middle = _middle(overall) if overall else (0, 0)
    rare = [category for category in few if _may_be_absurd(by_kind[category], middle)]
    if rare:
        found.append((ALL, middle, rare))
    return found


def _middle(counts: Mapping[int, int]) -> tuple[int, int]:
    """The bins of the two middle amounts; one and the same for an odd number."""
    places = np.array(sorted(counts))
    ends = np.cumsum([counts[place] for place in places.tolist()])
    total = int(ends[-1])
    low, high = np.searchsorted(ends, [(total - 1) // 2 + 1, total // 2 + 1])
    return int(places[low]), int(places[high])


def _may_be_absurd(counts: Mapping[int, int], middle: tuple[int, int]) -> bool:
    least, most = _edge(middle[0]), _edge(middle[1] + 1)
    return (
        _edge(max(counts) + 1) > least * ABSURD_FACTOR or _edge(min(counts)) < most / ABSURD_FACTOR
    )


def _median(
    bins: Bins, category: str, span: tuple[int, int], middles: NDArray[np.float64]
) -> float:
    """The mean of the two middle amounts, of which ``middles`` holds those of the span's bins."""
    of_kind = [(place, number) for (kind, place), number in bins.items() if category in (ALL, kind)]
    total = sum(number for _, number in of_kind)
    before = sum(number for place, number in of_kind if place < span[0])
    ordered = np.sort(middles)
    low, high = ordered[(total - 1) // 2 - before], ordered[total // 2 - before]
    return float((low + high) / 2)
