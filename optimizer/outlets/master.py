"""The linear program of sites and blocks, tightened by cuts: HiGHS behind four verbs.

Variables are x (share of each site) and theta (what each block of rows captures). A cut says
theta <= right + sum of weight x and holds for every network, whatever the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import reverse_cuthill_mckee

from optimizer.outlets.model import Flags, Floats, Ints, SiteModel

Model = TypeVar("Model", bound=SiteModel)

_TRIAL_STEPS = 60
_SIMPLEX_STEPS = 40_000  # a degenerate basis can make the simplex crawl: start afresh then


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Point:
    """A solved relaxation: an upper bound proven by its duals, the shares and the reduced costs.

    ``group`` holds how many are open of each group of sites. ``is_solved`` is False when the
    simplex was cut short: the bound is infinite, x of no use.
    """

    bound: float
    x: Floats
    theta: Floats
    reduced: Floats
    group: Floats
    is_solved: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cuts:
    """Cuts as CSR rows over sites, one for each of ``block``."""

    block: NDArray[np.int64]
    indptr: NDArray[np.int64]
    site: Ints
    weight: Floats
    right: Floats

    def value_at(self, x: Floats) -> Floats:
        """The right-hand sides at a point: what each block is allowed there."""
        sums = np.concatenate([[0.0], np.cumsum(self.weight * x[self.site])])
        return np.asarray(self.right + sums[self.indptr[1:]] - sums[self.indptr[:-1]])

    def take(self, chosen: NDArray[np.int64]) -> "Cuts":
        """Only these cuts."""
        sizes = np.diff(self.indptr)[chosen]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        place = np.repeat(self.indptr[chosen] - starts[:-1], sizes) + np.arange(starts[-1])
        return Cuts(
            block=self.block[chosen],
            indptr=starts,
            site=self.site[place],
            weight=self.weight[place],
            right=self.right[chosen],
        )


class Master:
    """A model in blocks (rows side by side, ``block_ptr``) with its growing relaxation."""

    def __init__(self, model: SiteModel, block_ptr: NDArray[np.int64]) -> None:
        self.model, self.block_ptr = model, block_ptr
        self.blocks = len(block_ptr) - 1
        self._scale = _scale(model)
        self._highs = _empty_highs()
        self._start()

    @property
    def cut_count(self) -> int:
        return int((~self._is_rule).sum())

    def _start(self) -> None:
        import highspy

        model, rules = self.model, self.model.rules
        program = highspy.HighsLp()
        program.num_col_ = model.columns + self.blocks
        program.num_row_ = len(rules)
        ceiling = np.add.reduceat(model.top, self.block_ptr[:-1]) / self._scale
        program.col_cost_ = np.concatenate([-model.income / self._scale, -np.ones(self.blocks)])
        program.col_lower_ = np.zeros(program.num_col_)
        program.col_upper_ = np.concatenate([np.ones(model.columns), ceiling])
        program.row_lower_, program.row_upper_ = rules.lower, rules.upper
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = rules.matrix.indptr
        program.a_matrix_.index_ = rules.matrix.indices
        program.a_matrix_.value_ = rules.matrix.data
        self._col_lower = np.zeros(program.num_col_)
        self._col_upper = np.asarray(program.col_upper_, dtype=np.float64)
        self._row_upper = rules.upper.copy()
        self._row_lower = rules.lower.copy()
        self._is_rule = np.ones(len(rules), dtype=np.bool_)
        self._highs.passModel(program)

    def count_groups(self, groups: Sequence[NDArray[np.int64]]) -> None:
        """Give every group of sites a whole number to branch on: how many of it are open."""
        for group in groups:
            place = int(self._highs.getNumCol())
            self._highs.addVar(0.0, float(len(group)))
            index = np.append(group, place).astype(np.int32)
            self._highs.addRow(0.0, 0.0, len(index), index, np.append(np.ones(len(group)), -1.0))
            self._col_lower = np.append(self._col_lower, 0.0)
            self._col_upper = np.append(self._col_upper, float(len(group)))
            self._grow_rows(0.0, 0.0, is_rule=True)

    def _grow_rows(self, lower: float | Floats, upper: float | Floats, *, is_rule: bool) -> None:
        self._row_lower = np.append(self._row_lower, lower)
        self._row_upper = np.append(self._row_upper, upper)
        self._is_rule = np.append(self._is_rule, np.full(np.size(upper), is_rule))

    def _place(self, choice: NDArray[np.int64]) -> NDArray[np.int32]:
        """Where a choice (a site, or past the sites a group) stands among the columns."""
        count = self.model.columns
        return np.where(choice < count, choice, choice + self.blocks).astype(np.int32)

    def fix(self, lower: Floats, upper: Floats) -> None:
        """Set the range of each site's share and of each group's number."""
        places = self._place(np.arange(len(lower)))
        self._col_lower[places], self._col_upper[places] = lower, upper
        self._highs.changeColsBounds(len(places), places, lower, upper)

    def solve(self, seconds_left: float | None = None) -> Point | None:
        """The relaxation's best point; None if nothing is allowed."""
        import highspy

        ends = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        if seconds_left is not None:  # the library's clock runs on from solve to solve
            until = self._highs.getRunTime() + seconds_left
            self._highs.setOptionValue("time_limit", until)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status not in ends and status != highspy.HighsModelStatus.kTimeLimit:
            self._highs.clearSolver()
            self._highs.run()
            status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        return self._point(is_solved=status == highspy.HighsModelStatus.kOptimal)

    def trial(self, choice: int, amount: float) -> tuple[float, float]:
        """About what the bound would be with a choice rounded down and rounded up, in few steps.

        An estimate for the choice of a branch; minus infinity where nothing is allowed.
        """
        basis = self._highs.getBasis()
        place = int(self._place(np.array([choice]))[0])
        lower, upper = self._col_lower[place], self._col_upper[place]
        self._highs.setOptionValue("simplex_iteration_limit", _TRIAL_STEPS)
        bounds = []
        for least, most in ((lower, np.floor(amount)), (np.ceil(amount), upper)):
            self._highs.changeColBounds(place, least, most)
            bounds.append(self._trial_bound())
            self._highs.changeColBounds(place, lower, upper)
            self._highs.setBasis(basis)
        self._highs.setOptionValue("simplex_iteration_limit", _SIMPLEX_STEPS)
        return bounds[0], bounds[1]

    def _trial_bound(self) -> float:
        import highspy

        self._highs.run()
        if self._highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return -np.inf
        amount = self._highs.getInfo().objective_function_value
        return float(self.model.offset - amount * self._scale)

    def _point(self, *, is_solved: bool) -> Point:
        found = self._highs.getSolution()
        values = np.array(found.col_value)
        reduced = np.array(found.col_dual)
        count = self.model.columns
        return Point(
            bound=self._proven(np.array(found.row_dual), reduced) if is_solved else np.inf,
            x=np.clip(values[:count], 0.0, 1.0),
            theta=values[count : count + self.blocks] * self._scale,
            group=values[count + self.blocks :],
            reduced=-reduced[:count] * self._scale,
            is_solved=is_solved,
        )

    def _proven(self, dual: Floats, reduced: Floats) -> float:
        """What these duals prove by weak duality, whatever the tolerances of the simplex."""
        with np.errstate(invalid="ignore"):
            ends = np.where(dual > 0, self._row_lower, self._row_upper)
        is_usable = np.isfinite(ends)
        rows = float((dual[is_usable] * ends[is_usable]).sum())
        ends = np.where(reduced > 0, self._col_lower, self._col_upper)
        columns = float((reduced * ends).sum())
        return self.model.offset - (rows + columns) * self._scale

    def add(self, cuts: Cuts) -> None:
        """Add cuts to the relaxation."""
        count = len(cuts.block)
        if not count:
            return
        sizes = np.diff(cuts.indptr) + 1
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        index = np.empty(starts[-1], dtype=np.int32)
        value = np.empty(starts[-1])
        head = starts[:-1]
        is_head = np.zeros(starts[-1], dtype=np.bool_)
        is_head[head] = True
        index[head], value[head] = self.model.columns + cuts.block, 1.0
        index[~is_head], value[~is_head] = cuts.site, -cuts.weight / self._scale
        right = cuts.right / self._scale
        lower = np.full(count, -np.inf)
        self._highs.addRows(count, lower, right, len(index), head, index, value)
        self._grow_rows(lower, right, is_rule=False)

    def hold(self, weight: Floats, upper: float) -> None:
        """Add the rule sum of weight x <= upper, as a cut that may be dropped again."""
        site = np.flatnonzero(weight).astype(np.int32)
        scale = max(1e-9, float(np.abs(weight).max(initial=0.0)))
        self._highs.addRow(-np.inf, upper / scale, len(site), site, weight[site] / scale)
        self._grow_rows(-np.inf, upper / scale, is_rule=False)

    def cuts_at(self, level: Floats) -> Cuts:
        """The cut of every block at this level."""
        size = max(1024, 8 * self.model.columns)
        while True:
            needed, indptr, site, weight, right = self.model.block_cuts(level, self.block_ptr, size)
            if needed <= size:
                break
            size = needed
        return Cuts(
            block=np.arange(self.blocks),
            indptr=indptr,
            site=site[:needed],
            weight=weight[:needed],
            right=right,
        )

    def purge(self) -> None:
        """Drop the cuts that do not bind at the last solution, keeping the basis."""
        import highspy

        basis = self._highs.getBasis()
        rows_status = basis.row_status  # a copy each time it is asked for
        status = np.array([int(one) for one in rows_status])
        is_loose = (status == int(highspy.HighsBasisStatus.kBasic)) & ~self._is_rule
        if not is_loose.any():
            return
        kept = np.flatnonzero(~is_loose)
        rows = np.flatnonzero(is_loose).astype(np.int32)
        self._highs.deleteRows(len(rows), rows)
        rest = highspy.HighsBasis()
        rest.col_status = basis.col_status
        rest.row_status = [rows_status[row] for row in kept]
        rest.valid = True
        self._highs.setBasis(rest)
        self._row_lower, self._row_upper = self._row_lower[kept], self._row_upper[kept]
        self._is_rule = self._is_rule[kept]


def _empty_highs() -> Any:
    import highspy

    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("parallel", "off"),
        ("presolve", "off"),
        ("solver", "simplex"),
        ("simplex_iteration_limit", _SIMPLEX_STEPS),
        ("random_seed", 0),
    ):
        highs.setOptionValue(option, value)
    return highs


def _scale(model: SiteModel) -> float:
    """Units in which all that can be captured is about 100,000: HiGHS's tolerances are absolute."""
    return max(1e-9, float(model.top.sum()) / 1e5)


def in_blocks(model: Model) -> tuple[Model, NDArray[np.int64]]:
    """The model with its rows in blocks, side by side, and where each block starts.

    Few rows are a block each. Else rows whose best site is the same stay together, and sites that
    serve the same rows lie in neighbouring blocks (Cuthill-McKee order): short cuts, few columns.
    """
    if model.rows <= model.each_row_below:
        return model, np.arange(model.rows + 1, dtype=np.int64)
    head = model.site[model.indptr[:-1]]
    rank = np.empty(model.columns, dtype=np.int64)
    rank[_neighbourly(model)] = np.arange(model.columns)
    moved = model.reordered(np.argsort(rank[head], kind="stable"))
    return moved, _cut_evenly(moved.top, model.most_blocks)


def _neighbourly(model: SiteModel) -> NDArray[np.int64]:
    """Sites ordered so that those which are first and second for some row stand close."""
    both = np.flatnonzero(np.diff(model.indptr) > 1)
    first, second = model.site[model.indptr[both]], model.site[model.indptr[both] + 1]
    shape = (model.columns, model.columns)
    graph = csr_matrix((np.ones(len(both)), (first, second)), shape=shape)
    return np.asarray(reverse_cuthill_mckee(csr_matrix(graph + graph.T), symmetric_mode=True))


def _cut_evenly(worth: Floats, blocks: int) -> NDArray[np.int64]:
    """Where to cut rows into at most this many blocks of like worth."""
    block = np.floor(np.cumsum(worth) / worth.sum() * blocks * (1 - 1e-12))
    inner = np.flatnonzero(np.diff(block)) + 1
    return np.concatenate([[0], inner, [len(worth)]]).astype(np.int64)


def is_flag(x: Floats) -> Flags:
    """Which shares are neither nothing nor all."""
    return np.asarray((x > 1e-6) & (x < 1 - 1e-6))
