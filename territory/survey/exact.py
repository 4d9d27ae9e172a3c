"""Sums that are the same whatever the order of the rows and however they are split.

Floating-point addition depends on its order, so two splits of the same rows would differ in the
last digits. Here each amount is cut into pieces of 26 bits at fixed places; pieces of one place add
up without rounding in 53 bits, and the pieces' sums are integers (pre-rounded, or binned,
summation: Demmel and Nguyen 2015). An amount counts to 2^-52, below any coin.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BITS = 26
_HALF = 1 << (_BITS - 1)
_LOWEST = -2  # the lowest place counts pieces of 2^-52
_PLACES = 8  # amounts below 2^156
_MOST_ROWS = 1 << 26  # that add up without rounding at once


@dataclass(frozen=True, slots=True, eq=False)
class ExactSums:
    """Sums of ``count`` groups as integer ``pieces`` (places, count), the lowest place first."""

    pieces: NDArray[np.int64]

    @classmethod
    def zeros(cls, count: int) -> "ExactSums":
        return cls(np.zeros((_PLACES, count), dtype=np.int64))

    @classmethod
    def of(cls, group: NDArray[np.integer], values: NDArray[np.generic], count: int) -> "ExactSums":
        """Sums of finite ``values`` by ``group``, 0 to count - 1."""
        sums = cls.zeros(count)
        sums.add(group, values)
        return sums

    def add(self, group: NDArray[np.integer], values: NDArray[np.generic]) -> None:
        """Add more rows to these sums."""
        for start in range(0, len(group), _MOST_ROWS):
            part = slice(start, start + _MOST_ROWS)
            self._add(group[part], values[part].astype(np.float64))

    def _add(self, group: NDArray[np.integer], rest: NDArray[np.float64]) -> None:
        largest = float(np.abs(rest).max(initial=0.0))
        if not largest < 2.0 ** (_BITS * (_PLACES + _LOWEST)):
            raise OverflowError(f"an amount of {largest:g} cannot be summed")
        count = self.pieces.shape[1]
        for place in range(_PLACES - 1, -1, -1):
            unit = 2.0 ** (_BITS * (place + _LOWEST))
            if largest < unit / 4 and place > 0:
                continue
            piece = np.rint(rest / unit)
            self.pieces[place] += np.bincount(group, weights=piece, minlength=count).astype(
                np.int64
            )
            rest = rest - piece * unit
            largest = float(np.abs(rest).max(initial=0.0))
            if largest == 0:
                return

    def __add__(self, other: "ExactSums") -> "ExactSums":
        return ExactSums(self.pieces + other.pieces)

    def at(self, place: NDArray[np.integer], count: int) -> "ExactSums":
        """The same sums at other places, all different, of ``count`` groups."""
        pieces = np.zeros((_PLACES, count), dtype=np.int64)
        pieces[:, place] = self.pieces
        return ExactSums(pieces)

    def floats(self) -> NDArray[np.float64]:
        """The sums as nearest numbers; equal sums give equal numbers."""
        carried = self.pieces.copy()
        for place in range(_PLACES - 1):
            over = (carried[place] + _HALF) >> _BITS  # to nearest: high places of small sums stay 0
            carried[place] -= over << _BITS
            carried[place + 1] += over
        total = np.zeros(carried.shape[1])
        for place in range(_PLACES):  # from the smallest
            total += carried[place] * 2.0 ** (_BITS * (place + _LOWEST))
        return total

    def __reduce__(self) -> tuple[object, ...]:
        used = np.flatnonzero(self.pieces.any(axis=1))
        return _grown, (used, self.pieces[used], self.pieces.shape[1])


def _grown(used: NDArray[np.intp], pieces: NDArray[np.int64], count: int) -> ExactSums:
    sums = ExactSums.zeros(count)
    sums.pieces[used] = pieces
    return sums


def exact_total(values: NDArray[np.float64]) -> ExactSums:
    """The sum of all values, as one group."""
    return ExactSums.of(np.zeros(len(values), dtype=np.int64), values, 1)


def total_of(sums: ExactSums) -> float:
    """The sum over all groups."""
    return float(ExactSums(sums.pieces.sum(axis=1, keepdims=True)).floats()[0])
