"""Companies in parts: a frame, or as many files as there are, read block by block.

Whoever surveys reads every part several times and keeps sums only, so memory does not grow with
the rows. Work on parts goes through a ``Runner``: one after the other, in threads, or on other
machines; the survey's figures do not depend on it (``territory.survey.exact``).
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import pandas as pd

BLOCK_ROWS = 131_072

Answer = TypeVar("Answer")


class Part(Protocol):
    """Some rows of the companies table, numbered from ``first_row`` through all parts.

    It must be picklable to be surveyed on other machines.
    """

    @property
    def first_row(self) -> int: ...

    @property
    def rows(self) -> int: ...

    def blocks(self, columns: Sequence[str]) -> Iterator[tuple[int, pd.DataFrame]]:
        """The number of the first row and the rows, of each block in turn.

        Frames hold those of ``columns`` that there are; lon and lat are always there.
        """

    def names(self, rows: Sequence[int]) -> list[str]:
        """The company_id of rows by their number; "row 7" where there is none."""


Work = Callable[[Sequence[Part]], Answer]
"""What is done to neighbouring parts; picklable for other machines."""


class Runner(Protocol):
    """Does the same work on every group of parts and gives the answers in their order."""

    def __call__(
        self, work: Callable[[Sequence[Part]], Answer], parts: Sequence[Part], /
    ) -> Iterable[Answer]: ...


@dataclass(frozen=True, slots=True, eq=False)
class FramePart:
    """Rows of a frame in memory."""

    frame: pd.DataFrame
    first_row: int = 0

    @property
    def rows(self) -> int:
        return len(self.frame)

    def blocks(self, columns: Sequence[str]) -> Iterator[tuple[int, pd.DataFrame]]:
        held = self.frame[[name for name in columns if name in self.frame]]
        for start in range(0, len(held), BLOCK_ROWS):
            yield self.first_row + start, held.iloc[start : start + BLOCK_ROWS]

    def names(self, rows: Sequence[int]) -> list[str]:
        places = np.asarray(rows, dtype=np.int64) - self.first_row
        if "company_id" not in self.frame:
            return [f"row {place + 1}" for place in rows]
        return [str(name) for name in self.frame["company_id"].iloc[places].tolist()]


def frame_parts(frame: pd.DataFrame, *, rows: int = 0) -> tuple[FramePart, ...]:
    """A frame as parts of ``rows``; one part if 0."""
    step = rows or max(1, len(frame))
    return tuple(
        FramePart(frame.iloc[start : start + step], start)
        for start in range(0, max(1, len(frame)), step)
    )


def one_by_one(work: Callable[[Sequence[Part]], Answer], parts: Sequence[Part]) -> list[Answer]:
    """All parts at once, here."""
    return [work(parts)]


@dataclass(frozen=True, slots=True)
class InThreads:
    """Groups of parts in threads of this process: reading and sums leave the others room."""

    threads: int = 2

    def __call__(
        self, work: Callable[[Sequence[Part]], Answer], parts: Sequence[Part]
    ) -> list[Answer]:
        groups = grouped(parts, self.threads)
        if len(groups) == 1:
            return [work(groups[0])]
        with ThreadPoolExecutor(max_workers=self.threads) as pool:
            return list(pool.map(work, groups))


def grouped(parts: Sequence[Part], groups: int) -> list[Sequence[Part]]:
    """Neighbouring parts together, in at most so many groups of about as many rows."""
    ends = np.cumsum([part.rows for part in parts])
    total = int(ends[-1]) if len(ends) else 0
    cuts = [
        int(np.searchsorted(ends, total * k / groups, side="left")) + 1 for k in range(1, groups)
    ]
    edges = sorted({0, *(cut for cut in cuts if cut < len(parts)), len(parts)})
    return [parts[low:high] for low, high in itertools.pairwise(edges)] or [parts]


def names_of(parts: Sequence[Part], rows: Sequence[int]) -> list[str]:
    """The company_id of rows, given in ascending order, wherever they lie."""
    named: list[str] = []
    for part in parts:
        mine = [row for row in rows if part.first_row <= row < part.first_row + part.rows]
        if mine:
            named += part.names(mine)
    return named
