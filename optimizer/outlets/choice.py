"""Choice-type capture (Huff, multinomial logit) for the same engine as maxima.

    maximise   offset + sum_j income_j x_j + sum_i weight_i U_i / (1 + U_i),  U_i = sum_j e_ij x_j
    such that  lower <= A x <= upper,  x binary

With h(u) = u / (1 + u), any set J of sites taken for sure with pull B = e(J), and any level t >= 0,

    h(U(S)) <= c + sum of a_j x_j over j not in J,    c = h(B + t) - t h'(B + t),
    a_j = h'(B + t) e_j if e_j <= t, else h(B + e_j) - c

holds for every network S. Sites weaker than t count by the tangent, stronger ones whole. Why: h is
rising, so U(S) may be replaced by B + U(S \\ J). With no strong site in S it is the tangent at
B + t. With one strong site of pull e, h(B + e + u) <= h(B + e) + h'(B + t) u by concavity. Each
further strong site adds h(B + e) - c on the right and less than that on the left, because
h(B + e) + h(B + f) - h(B + e + f) rises in e and f and at e = f = t is at least
h(B + t) - t h'(B + t) = c. J empty and t = U gives the outer approximation (Mai and Lodi 2020),
t = 0 the submodular cut (Ljubic and Moreno 2018); the family in between is tighter than both.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.merging import alike, row_order
from optimizer.outlets.model import Flags, Floats, Ints, Rules, SiteModel


@dataclass(frozen=True, kw_only=True, eq=False)
class ChoiceModel(SiteModel):
    """A model of choices: a row is worth weight x U / (1 + U), U the sum of its open values.

    A level is a share per column: the point at which the cut is tightest.
    """

    weight: Floats

    most_blocks = 60
    each_row_below = 60

    @cached_property
    def top(self) -> Floats:
        """The most each row can give: all its sites open."""
        return self.rows_worth(np.ones(self.columns, dtype=np.bool_))

    @property
    def is_whole(self) -> bool:
        """Never: shares are fractions."""
        return False

    def rows_worth(self, is_open: Flags) -> Floats:
        """What each row's choosers bring to the open columns."""
        held = np.where(is_open[self.site], self.value, 0.0)
        total = np.zeros(self.rows)
        filled = np.diff(self.indptr) > 0
        if filled.any():
            total[filled] = np.add.reduceat(held, self.indptr[:-1][filled])
        return np.asarray(self.weight * (total / (1 + total)))

    def climb(self, is_open: Flags, activity: Floats, most_moves: int) -> int:
        """Interchange: every add, drop and swap priced in one look at a column's rows."""
        from optimizer.outlets import choice_kernels

        made = choice_kernels.improve(
            self.indptr,
            self.site,
            self.value,
            self.weight,
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
        """The point itself."""
        return np.where(x > 1e-9, x, 0.0)

    def block_cuts(
        self, level: Floats, block_ptr: NDArray[np.int64], size: int, *, is_deep: bool = True
    ) -> tuple[int, NDArray[np.int64], Ints, Floats, Floats]:
        """A cut per block, as tight as the family allows; without sure sites if not ``is_deep``."""
        from optimizer.outlets import choice_kernels

        blocks = len(block_ptr) - 1
        indptr, right = np.zeros(blocks + 1, dtype=np.int64), np.zeros(blocks)
        site, weight = np.empty(size, np.int32), np.empty(size)
        needed = choice_kernels.block_cuts(
            self.indptr, self.site, self.value, self.weight, level, is_deep, block_ptr,
            self.columns, indptr, site, weight, right,
        )  # fmt: skip
        return int(needed), indptr, site, weight, right

    def narrowed(self, level: Floats, kept: NDArray[np.int64]) -> Floats:
        """The shares of the kept columns."""
        return np.asarray(level[kept])

    def widened(self, level: Floats, kept: NDArray[np.int64], columns: int) -> Floats:
        """The shares among all columns, nothing for the others."""
        wide = np.zeros(columns)
        wide[kept] = level
        return wide

    def reordered(self, order: NDArray[np.int64]) -> Self:
        """The same model with its rows in another order."""
        moved = SiteModel.reordered(self, order)
        return replace(moved, weight=self.weight[order])


def choice_model(
    row: NDArray[np.int64],
    site: NDArray[np.int64],
    pull: Floats,
    weight: Floats,
    *,
    columns: int,
    rules: Rules,
    income: Floats | None = None,
    offset: float = 0.0,
) -> ChoiceModel:
    """A model from triplets (row, site, pull) and a weight per row.

    Pulls are in units of what stands against them (competitors, staying at home). Rows with the
    same pulls are added up, which is exact; rows without pull or weight are dropped.
    """
    keep = (pull > 0) & (weight[row] > 0)
    row, site, pull = row[keep], site[keep], pull[keep]
    order = row_order(row, site, pull)
    row, column, pull = row[order], site[order].astype(np.int32), pull[order]
    indptr = np.searchsorted(row, np.arange(len(weight) + 1)).astype(np.int64)
    filled = np.flatnonzero(np.diff(indptr))
    heads, group = alike(indptr, column, pull)
    merged = ChoiceModel(
        columns=columns,
        indptr=indptr,
        site=column,
        value=pull,
        income=np.zeros(columns) if income is None else income,
        offset=offset,
        rules=rules,
        weight=weight,
    ).reordered(heads)
    sums = np.bincount(group, weights=weight[filled], minlength=len(heads))
    return replace(merged, weight=np.asarray(sums, dtype=np.float64))


def logit_model(
    weight: Floats,
    pull: Floats,
    against: Floats,
    *,
    rules: Rules,
) -> ChoiceModel:
    """The textbook maximum capture problem: ``pull`` (n, m) beside ``against`` (n,) > 0."""
    row, site = np.indices(pull.shape)
    return choice_model(
        row.ravel(),
        site.ravel(),
        (pull / against[:, None]).ravel(),
        weight,
        columns=pull.shape[1],
        rules=rules,
    )


def sum_cut(model: ChoiceModel, x: Floats) -> tuple[float, Floats]:
    """One cut over all rows at once, without sure sites: (right, weight per column)."""
    ends = np.array([0, model.rows], dtype=np.int64)
    _, indptr, site, weight, right = model.block_cuts(x, ends, model.columns, is_deep=False)
    slope = np.zeros(model.columns)
    slope[site[: indptr[1]]] = weight[: indptr[1]]
    return float(right[0]), slope
