"""What the engine solves: maximise a sum of row maxima over open columns, under linear rules.

    maximise   offset + sum_j income_j x_j + sum_i max(0, max over open j of value_ij)
    such that  lower <= A x <= upper,  x binary

Gradual cover (value = demand x weight gained over what stands anyway), maximal cover (weights 0 or
1) and p-median (value = largest distance - distance) are all of this form.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from optimizer.outlets.merging import merged_rows, row_order

if TYPE_CHECKING:
    from optimizer.outlets.caps import Cap

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rules:
    """Linear rules over columns, one row each; ``names`` tell the planner which rule a row is.

    ``caps`` are limits on sums that are not linear.
    """

    matrix: csr_matrix
    lower: Floats
    upper: Floats
    names: tuple[str, ...]
    caps: tuple["Cap", ...] = ()

    def __len__(self) -> int:
        return len(self.lower)

    @cached_property
    def by_column(self) -> csc_matrix:
        """The same coefficients column by column."""
        return self.matrix.tocsc()

    @cached_property
    def columns(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """(indptr, rule, weight): the same as plain arrays for compiled loops."""
        by_column = self.by_column
        rule, weight = by_column.indices.astype(np.int64), by_column.data.astype(np.float64)
        return by_column.indptr.astype(np.int64), rule, weight

    def slack(self, is_open: Flags) -> float:
        """By how much the worst broken rule is broken (0: none)."""
        if not len(self):
            return 0.0
        sums = self.matrix @ is_open.astype(np.float64)
        return float(max(0.0, (self.lower - sums).max(), (sums - self.upper).max()))

    def allow(self, is_open: Flags) -> bool:
        """Whether these open columns break no rule."""
        if self.slack(is_open) > TOLERANCE:
            return False
        return all(cap.excess(is_open) <= TOLERANCE * max(1.0, cap.limit) for cap in self.caps)


TOLERANCE = 1e-7
"""By how much a rule may be missed through rounding."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteModel(ABC):
    """Rows (cells, or cells alike taken together) and columns (sites that are free to choose).

    Row i holds ``site[indptr[i]:indptr[i + 1]]`` with positive ``value`` in descending order; what
    the open ones are worth to the row is the subclass's to say. A "level" is what a cut is made
    from.
    """

    columns: int
    indptr: NDArray[np.int64]
    site: Ints
    value: Floats
    income: Floats
    offset: float
    rules: Rules

    most_blocks: ClassVar[int]
    each_row_below: ClassVar[int]

    @property
    def rows(self) -> int:
        return len(self.indptr) - 1

    @cached_property
    def by_column(self) -> tuple[NDArray[np.int64], Ints, Floats]:
        """(indptr, row, value): the same values column by column."""
        row = np.repeat(np.arange(self.rows, dtype=np.int32), np.diff(self.indptr))
        order = np.argsort(self.site, kind="stable")
        counts = np.bincount(self.site, minlength=self.columns)
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return indptr, row[order], self.value[order]

    @property
    @abstractmethod
    def top(self) -> Floats:
        """The most each row can give."""

    @property
    @abstractmethod
    def is_whole(self) -> bool:
        """Whether every worth is a whole number, so that a bound may be rounded down."""

    @abstractmethod
    def rows_worth(self, is_open: Flags) -> Floats:
        """What each row gives with these open columns, from the definition."""

    @abstractmethod
    def climb(self, is_open: Flags, activity: Floats, most_moves: int) -> int:
        """Best moves until none gains, in place; how many. ``activity`` is each rule's sum."""

    @abstractmethod
    def level_at(self, x: Floats) -> Floats:
        """The level whose cuts are tightest at the shares ``x``."""

    @abstractmethod
    def block_cuts(
        self, level: Floats, block_ptr: NDArray[np.int64], size: int
    ) -> tuple[int, NDArray[np.int64], Ints, Floats, Floats]:
        """A cut per block: (entries needed, indptr, site, weight, right); entries cut at size."""

    @abstractmethod
    def narrowed(self, level: Floats, kept: NDArray[np.int64]) -> Floats:
        """A level of the whole model as one of the model with these columns only."""

    @abstractmethod
    def widened(self, level: Floats, kept: NDArray[np.int64], columns: int) -> Floats:
        """The reverse of ``narrowed``."""

    @property
    def ceiling(self) -> float:
        """A bound that needs no search: every row at its best, every income taken."""
        return self.offset + float(self.top.sum()) + float(np.maximum(self.income, 0).sum())

    def worth(self, is_open: Flags) -> float:
        """The objective of these open columns, from the definition."""
        rows = float(self.rows_worth(is_open).sum())
        return self.offset + float(self.income[is_open].sum()) + rows

    def reordered(self, order: NDArray[np.int64]) -> Self:
        """The same model with its rows in another order."""
        sizes = np.diff(self.indptr)[order]
        indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        place = np.repeat(self.indptr[:-1][order] - indptr[:-1], sizes) + np.arange(indptr[-1])
        return replace(self, indptr=indptr, site=self.site[place], value=self.value[place])

    def without(self, shut: Flags) -> Self:
        """The model without these columns, which stay closed; rows keep their places."""
        column = np.cumsum(~shut) - 1
        keep = ~shut[self.site]
        kept = np.concatenate([[0], np.cumsum(keep)])
        return replace(
            self,
            columns=int((~shut).sum()),
            indptr=kept[self.indptr].astype(np.int64),
            site=column[self.site[keep]].astype(np.int32),
            value=self.value[keep],
            income=self.income[~shut],
            rules=Rules(
                matrix=csr_matrix(self.rules.matrix[:, np.flatnonzero(~shut)]),
                lower=self.rules.lower,
                upper=self.rules.upper,
                names=self.rules.names,
                caps=tuple(cap.without(shut) for cap in self.rules.caps),
            ),
        )

    def merged(self) -> Self:
        """The same question in as few rows as can be; rows do not keep their places."""
        return self

    def opened_between(self) -> tuple[int, int]:
        """A valid range for the number of open columns, read off rules with weights of one."""
        least, most = 0.0, float(self.columns)
        for rule in range(len(self.rules)):
            weights = self.rules.matrix.getrow(rule)
            if not (weights.data == 1).all():
                continue
            outside = self.columns - weights.nnz
            most = min(most, self.rules.upper[rule] + outside)
            least = max(least, self.rules.lower[rule])
        return int(np.ceil(least - TOLERANCE)), int(np.floor(most + TOLERANCE))

    @cached_property
    def only_counts(self) -> bool:
        """Whether the rules say no more than how many columns may open."""
        return not self.rules.caps and all(
            self.rules.matrix.getrow(rule).nnz == self.columns
            and bool((self.rules.matrix.getrow(rule).data == 1).all())
            for rule in range(len(self.rules))
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class PlacementModel(SiteModel):
    """A model of maxima: a row is worth the largest value of an open column.

    A level is an amount per row, and the cut: theta <= level + sum of (value - level)+ x.
    """

    most_blocks = 100
    each_row_below = 1_600

    @cached_property
    def top(self) -> Floats:
        """The most each row can give."""
        heads = np.zeros(self.rows)
        filled = np.diff(self.indptr) > 0
        heads[filled] = self.value[self.indptr[:-1][filled]]
        return heads

    @cached_property
    def is_whole(self) -> bool:
        """Whether every value is a whole number, so that a bound may be rounded down."""
        numbers = (self.value, self.income, np.array([self.offset]))
        return all(bool((part == np.rint(part)).all()) for part in numbers)

    @cached_property
    def is_flat(self) -> bool:
        """Whether each row has one value, as in plain cover: a step of prices reads it whole."""
        lengths = np.diff(self.indptr)
        return bool((self.value == np.repeat(self.top, lengths)).all())

    def merged(self) -> Self:
        """Rows that now rank the same sites alike become one."""
        indptr, site, value = merged_rows(self.indptr, self.site, self.value)
        return replace(self, indptr=indptr, site=site, value=value)

    def rows_worth(self, is_open: Flags) -> Floats:
        """The largest open value of each row, 0 without."""
        open_value = np.where(is_open[self.site], self.value, 0.0)
        filled = np.diff(self.indptr) > 0
        best = np.zeros(self.rows)
        if filled.any():
            best[filled] = np.maximum.reduceat(open_value, self.indptr[:-1][filled])
        return best

    def climb(self, is_open: Flags, activity: Floats, most_moves: int) -> int:
        """Fast interchange."""
        from optimizer.outlets import kernels

        made = kernels.improve(
            self.indptr,
            self.site,
            self.value,
            *self.by_column,
            self.income,
            is_open,
            *self.rules.columns,
            activity,
            self.rules.lower,
            self.rules.upper,
            most_moves,
        )
        return int(made)

    def level_at(self, x: Floats) -> Floats:
        """Per row the value at which the sites, best first, add up to one."""
        from optimizer.outlets import kernels

        level = np.zeros(self.rows)
        kernels.levels_at(self.indptr, self.site, self.value, x, level)
        return level

    def block_cuts(
        self, level: Floats, block_ptr: NDArray[np.int64], size: int
    ) -> tuple[int, NDArray[np.int64], Ints, Floats, Floats]:
        """The cut of every block at these levels."""
        from optimizer.outlets import kernels

        blocks = len(block_ptr) - 1
        indptr, right = np.zeros(blocks + 1, dtype=np.int64), np.zeros(blocks)
        site, weight = np.empty(size, np.int32), np.empty(size)
        needed = kernels.block_cuts(
            self.indptr, self.site, self.value, level, block_ptr, self.columns,
            indptr, site, weight, right,
        )  # fmt: skip
        return int(needed), indptr, site, weight, right

    def narrowed(self, level: Floats, kept: NDArray[np.int64]) -> Floats:
        """The same: rows keep their places."""
        return level

    def widened(self, level: Floats, kept: NDArray[np.int64], columns: int) -> Floats:
        """The same: rows keep their places."""
        return level


def count_rules(columns: int, *, at_least: int, at_most: int) -> Rules:
    """The one rule of the classic problems: how many columns open."""
    return Rules(
        matrix=csr_matrix(np.ones((1, columns))),
        lower=np.array([float(at_least)]),
        upper=np.array([float(at_most)]),
        names=("number of sites",),
    )


def placement_model(
    row: NDArray[np.int64],
    site: NDArray[np.int64],
    value: Floats,
    *,
    rows: int,
    columns: int,
    rules: Rules,
    income: Floats | None = None,
    offset: float = 0.0,
    merge: bool = True,
) -> PlacementModel:
    """A model from triplets (row, site, value); values of 0 or less are dropped.

    Rows that rank the same sites in the same order are added up, which is exact: the maximum of a
    sum is the sum of maxima when all terms have the same order.
    """
    keep = value > 0
    row, site, value = row[keep], site[keep], value[keep]
    order = row_order(row, site, value)
    row, column, value = row[order], site[order].astype(np.int32), value[order]
    indptr = np.searchsorted(row, np.arange(rows + 1)).astype(np.int64)
    if merge:
        indptr, column, value = merged_rows(indptr, column, value)
    return PlacementModel(
        columns=columns,
        indptr=indptr,
        site=column,
        value=value,
        income=np.zeros(columns) if income is None else income,
        offset=offset,
        rules=rules,
    )
