"""How demand splits among open sites that serve only so much: the best split and its proof.

    maximise   sum of money f_ij  over open sites j
    such that  sum_j f_ij / weight_ij <= demand_i,   sum_i f_ij <= capacity_j,   f >= 0

Among the best splits the one with the fewest minutes is taken. The prices of the capacities (the
dual values) prove it: no split captures more than
sum_i demand_i max_j weight_ij (1 - price_j) + sum_j price_j capacity_j (weak duality).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.figures import Figures, summed
from optimizer.outlets.model import Flags, Floats
from optimizer.outlets.problem import OutletProblem
from territory.plans import Table

_DUST = 1e-9  # of a cell's demand: less is not a serving


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Money per entry of the cover and per site the price of its capacity (0 to 1).

    ``without`` is, per open site that was asked for, what the rest captures when it is shut.
    """

    money: Floats
    prices: Floats
    without: dict[int, float]

    @property
    def captured(self) -> float:
        """Money of the whole network."""
        return float(self.money.sum())


def split(problem: OutletProblem, is_open: Flags, *, shut_each: bool = False) -> Split:
    """The best split of all demand among these sites; with each of them shut, too, if asked."""
    cover = problem.cover
    kept = np.flatnonzero(is_open[cover.owner] & (problem.demand[cover.cells] > 0))
    money, prices = np.zeros(len(cover.cells)), np.zeros(len(problem.sites))
    opened = np.flatnonzero(is_open).tolist()
    if not len(kept):
        return Split(money=money, prices=prices, without=dict.fromkeys(opened, 0.0))
    program = _Transport(problem, kept)
    program.solve()
    prices[:] = program.prices()
    without = {site: program.without(site) for site in opened} if shut_each else {}
    money[kept] = program.with_fewest_minutes()
    return Split(money=money, prices=prices, without=without)


class _Transport:
    """The linear program over the entries ``kept``, in units of the mean demand."""

    def __init__(self, problem: OutletProblem, kept: NDArray[np.int64]) -> None:
        import highspy

        cover = problem.cover
        self.site, self.cell = cover.owner[kept], cover.cells[kept].astype(np.int64)
        self.weight, self.minutes = cover.weights[kept], cover.minutes[kept]
        self.unit = float(problem.demand[problem.demand > 0].mean())
        self.demand = problem.demand / self.unit
        self.limit = problem.capacities / self.unit
        self.most = self.demand[self.cell] * self.weight
        self.limited = np.flatnonzero(np.isfinite(self.limit))
        row = np.full(len(self.limit), -1, dtype=np.int64)
        row[self.limited] = len(self.demand) + np.arange(len(self.limited))
        has_row = row[self.site] >= 0
        self.highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1)):
            self.highs.setOptionValue(option, value)
        program = highspy.HighsLp()
        size = len(kept)
        program.num_col_, program.num_row_ = size, len(self.demand) + len(self.limited)
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = np.ones(size)
        program.col_lower_, program.col_upper_ = np.zeros(size), self.most
        program.row_lower_ = np.full(program.num_row_, -np.inf)
        program.row_upper_ = np.concatenate([self.demand, self.limit[self.limited]])
        counts = 1 + has_row
        start = np.concatenate([[0], np.cumsum(counts)])
        index, data = np.empty(start[-1], dtype=np.int64), np.ones(start[-1])
        index[start[:-1]], data[start[:-1]] = self.cell, 1 / self.weight
        index[start[:-1][has_row] + 1] = row[self.site[has_row]]
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_, program.a_matrix_.index_ = start, index
        program.a_matrix_.value_ = data
        self.highs.passModel(program)

    def solve(self) -> float:
        """The most that can be captured, money a year."""
        import highspy

        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError("HiGHS did not solve a transport program, which always has a split.")
        return float(self.highs.getInfo().objective_function_value) * self.unit

    def prices(self) -> Floats:
        """Per site, what one more of capacity would add to what is captured."""
        found = np.zeros(len(self.limit))
        duals = np.asarray(self.highs.getSolution().row_dual, dtype=np.float64)
        found[self.limited] = np.clip(duals[len(self.demand) :], 0.0, 1.0)
        return found

    def without(self, site: int) -> float:
        """What the others capture when this site is shut, from the basis at hand."""
        entries = np.flatnonzero(self.site == site)
        if not len(entries):
            return self.solve()
        zeros = np.zeros(len(entries))
        self._bound(entries, zeros)
        worth = self.solve()
        self._bound(entries, self.most[entries])
        return worth

    def with_fewest_minutes(self) -> Floats:
        """Money per entry of the best split that travels least, cleaned of rounding."""
        best = self.solve() / self.unit
        size = len(self.site)
        columns = np.arange(size, dtype=np.int32)
        self.highs.addRow(best * (1 - 1e-9), np.inf, size, columns, np.ones(size))
        self.highs.changeColsCost(size, columns, -(1 + self.minutes) / self.weight)
        self.solve()
        money = np.maximum(np.asarray(self.highs.getSolution().col_value), 0.0)
        money[money < _DUST * self.most] = 0.0
        given = summed(self.cell, money / self.weight, len(self.demand))
        money *= np.minimum(1.0, self.demand / np.maximum(given, 1e-300))[self.cell]
        load = summed(self.site, money, len(self.limit))
        money *= np.minimum(1.0, self.limit / np.maximum(load, 1e-300))[self.site]
        return np.asarray(money * self.unit)

    def _bound(self, entries: NDArray[np.int64], upper: Floats) -> None:
        zeros = np.zeros(len(entries))
        self.highs.changeColsBounds(len(entries), entries.astype(np.int32), zeros, upper)


def split_figures(
    problem: OutletProblem, is_open: Flags, before: Split, after: Split
) -> tuple[Figures, Table, Table]:
    """The figures of the network, its splits and its loads.

    In a cell own outlets lose what they served before and serve no more; sites that gain there
    share that loss by their gains. The split has a row per cell and site: unit_id, site_id,
    before, after. The loads have a row per site: site_id, capacity (nan: no limit), load_before,
    load, price_before, price.
    """
    cover, size, cells = problem.cover, len(problem.sites), len(problem.demand)
    site, cell = cover.owner, cover.cells.astype(np.int64)
    change = after.money - before.money
    grown, fallen = np.maximum(change, 0.0), np.maximum(-change, 0.0)
    gained = summed(cell, grown, cells)
    lost = np.minimum(summed(cell, fallen, cells), gained)
    share = np.divide(lost, gained, out=np.zeros(cells), where=gained > 0)
    from_own = summed(site, grown * share[cell], size)
    load = summed(site, after.money, size)
    marginal = np.zeros(size)
    for one, rest in after.without.items():
        marginal[one] = min(max(0.0, after.captured - rest), load[one])
    server = np.full(cells, -1, dtype=np.int64)
    order = np.lexsort((-site, after.money))
    order = order[after.money[order] > 0]
    server[cell[order]] = site[order]
    figures = Figures(
        before=summed(cell, before.money, cells),
        after=summed(cell, after.money, cells),
        server=server,
        captured=load,
        from_own=from_own,
        from_unmet=summed(site, grown, size) - from_own,
        marginal=marginal,
        would_add=np.zeros(size),
    )
    shown = np.flatnonzero((before.money > 0) | (after.money > 0))
    shown = shown[np.lexsort((site[shown], cell[shown]))]
    names = [one.site_id for one in problem.sites]
    splits = Table(
        columns={
            "unit_id": tuple(problem.unit_ids[one] for one in cell[shown].tolist()),
            "site_id": tuple(names[one] for one in site[shown].tolist()),
            "before": tuple(before.money[shown].tolist()),
            "after": tuple(after.money[shown].tolist()),
        }
    )
    return figures, splits, _loads(problem, is_open, before, after)


def _loads(problem: OutletProblem, is_open: Flags, before: Split, after: Split) -> Table:
    """A row per site that serves today or in the plan, the dearest capacity first."""
    is_own = np.array([site.role == "own" for site in problem.sites], dtype=np.bool_)
    rows = np.flatnonzero(is_open | is_own)
    rows = rows[np.argsort(-after.prices[rows], kind="stable")]
    size, owner = len(problem.sites), problem.cover.owner
    limit = np.where(np.isfinite(problem.capacities), problem.capacities, np.nan)
    columns: dict[str, Floats] = {
        "capacity": limit,
        "load_before": summed(owner, before.money, size),
        "load": summed(owner, after.money, size),
        "price_before": before.prices,
        "price": after.prices,
    }
    names = tuple(problem.sites[row].site_id for row in rows.tolist())
    told = {name: tuple(values[rows].tolist()) for name, values in columns.items()}
    return Table(columns={"site_id": names, **told})
