"""Whole drives as packed weights: walks off the road, ways over turns, and all straight drives."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.travel.engines import Engines
from data.travel.graph import LENGTH_BITS, NEVER, Packed, TurnGraph, unpack
from data.travel.labels import (
    Integers,
    Labels,
    along_one_road,
    equal_pairs,
    source_labels,
    target_labels,
)
from data.travel.snap import Snapped, Snapper
from territory.geo import LonLat
from territory.travel import UNREACHABLE

CELLS_AT_ONCE = 1_000_000
"""Cells of a matrix worked on at once: 8 MB for each array of them."""
COMPILED_FROM = 100_000
"""From so many cells on, rounding them is worth the compiled twin of the same arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Places, where they join the roads, and the coordinates of each as one number."""

    snapped: Snapped
    spot: NDArray[np.complex128]

    @classmethod
    def of(cls, snapper: Snapper, lonlat: LonLat) -> "Places":
        """Places at points (n, 2)."""
        return cls(snapped=snapper.snap(lonlat), spot=lonlat[:, 0] + 1j * lonlat[:, 1])

    def __len__(self) -> int:
        return len(self.spot)

    def take(self, rows: slice) -> "Places":
        """Some of these places."""
        return Places(snapped=self.snapped.take(rows), spot=self.spot[rows])

    @property
    def stub(self) -> Packed:
        """The packed weights of the walks between places and roads."""
        return (self.snapped.stub_deciseconds << LENGTH_BITS) + self.snapped.stub_decimeters


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shortcuts:
    """Pairs of places (row, column) that need no turn between them, and their packed weights."""

    row: Integers
    column: Integers
    weight: Packed


def totals(
    engines: Engines, start: Places, end: Places, *, rows: int | None, period: str | None
) -> Iterator[Packed]:
    """Packed weights of whole drives in parts of ``rows`` sources, ``NEVER`` without a way."""
    graph, engine = engines.ready(period, work=len(start))
    labels = with_stubs(source_labels(graph, start.snapped), start)
    targets = with_stubs(target_labels(engines.network, graph, end.snapped), end)
    search = engine.towards(graph, targets)
    step = rows or max(1, CELLS_AT_ONCE // max(1, len(end)))
    for begin in range(0, len(start), step):
        part = start.take(slice(begin, begin + step))
        packed = search(labels.rows(begin, min(begin + step, len(start))))
        near = shortcuts(graph, part, end)
        np.minimum.at(packed, (near.row, near.column), near.weight)
        yield packed


def shortcuts(graph: TurnGraph, start: Places, end: Places) -> Shortcuts:
    """The drives along one road, whole, and nothing at all between equal coordinates."""
    row, column, _, weight = along_one_road(graph, start.snapped, end.snapped)
    same_row, same_column = equal_pairs(start.spot, end.spot)
    return Shortcuts(
        row=np.concatenate([row, same_row]),
        column=np.concatenate([column, same_column]),
        weight=np.concatenate(
            [weight + start.stub[row] + end.stub[column], np.zeros(len(same_row), dtype=np.int64)]
        ),
    )


def whole(packed: Packed) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Seconds and metres rounded up, ``UNREACHABLE`` for ``NEVER``."""
    if packed.size >= COMPILED_FROM:
        return _whole_compiled(packed)
    is_never = packed >= NEVER
    tenths, lengths = unpack(packed)
    return _rounded(tenths, is_never), _rounded(lengths, is_never)


def _whole_compiled(packed: Packed) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    from data.travel.kernel import rounded

    seconds, meters = np.empty(packed.shape, np.int32), np.empty(packed.shape, np.int32)
    rounded(packed, seconds, meters)
    return seconds, meters


def _rounded(tenths: Integers, is_never: NDArray[np.bool_]) -> NDArray[np.int32]:
    up = np.minimum((tenths + 9) // 10, UNREACHABLE - 1)
    up[is_never] = UNREACHABLE
    return up.astype(np.int32)


def with_stubs(labels: Labels, places: Places) -> Labels:
    """The labels of places with the walk to or from the road added."""
    return Labels(
        first=labels.first,
        state=labels.state,
        weight=labels.weight + np.repeat(places.stub, np.diff(labels.first)),
        arc=labels.arc,
    )
