"""Outlets with capacities: demand splits among open sites as far as each can serve.

    maximise   sum of money f_ij
    such that  sum_j f_ij / weight_ij <= demand_i   a cell gives no more than it has
               sum_i f_ij <= capacity_j x_j,        f_ij <= demand_i weight_ij x_j,  rules on x

Cells with the same weights from the same sites are added up first, which is exact as demand splits
(outlets with unlimited capacity do not need this: ``optimizer.outlets.solve`` is far faster).
HiGHS solves the whole, beginning at the network that is best without capacities.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, hstack, vstack

from optimizer.outlets.merging import alike, row_order
from optimizer.outlets.model import Flags, Floats, Rules
from optimizer.outlets.presolve import reduce
from optimizer.outlets.problem import OutletProblem
from optimizer.run import Stop
from territory.errors import Fault, Infeasible, InputError
from territory.plans import Table

_GAP = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Capacitated:
    """Open sites, what they capture, a proven upper bound, and who serves whom.

    ``flows`` has a row per cell and serving site: unit_id, site_id, captured (money a year).
    """

    is_open: Flags
    captured: float
    bound: float
    is_proven: bool
    flows: Table


def place_with_capacity(
    problem: OutletProblem,
    capacities: Mapping[str, float],
    *,
    stop: Stop | None = None,
    nodes: int | None = None,
    start: Flags | None = None,
) -> Capacitated:
    """The network that captures most when a site serves at most its capacity, money a year.

    Sites that ``capacities`` does not name have no limit. All rules of the problem hold; capture
    is "best". ``nodes`` limits the search tree; ``start`` is a network to begin at.

    Raises
    ------
    InputError
        If a capacity is negative or names no site, or capture is by choice.
    Infeasible
        If the rules leave no network.
    """
    _refuse(problem, capacities)
    reduced = reduce(problem)
    indptr, site, weight, group, heads = _grouped(problem)
    summed = np.bincount(group[group >= 0], problem.demand[group >= 0], minlength=len(heads))
    worth = np.asarray(summed, dtype=np.float64)
    row = np.repeat(np.arange(len(heads)), np.diff(indptr))
    limit = np.array([capacities.get(one.site_id, np.inf) for one in problem.sites])
    limit = np.minimum(limit, _reachable(row, site, weight, worth, len(problem.sites)))
    program = _Program(reduced.columns, reduced.is_open_anyway, row, site, weight, worth, limit)
    first = None if start is None else start[reduced.columns]
    values, bound = program.solve(reduced.model.rules, stop or Stop(), nodes, first)
    money = values[len(reduced.columns) :]
    captured = float(money.sum())
    return Capacitated(
        is_open=reduced.open_sites(values[: len(reduced.columns)] > 0.5),
        captured=captured,
        bound=max(bound, captured),
        is_proven=bound - captured <= 10 * _GAP * max(1.0, bound),
        flows=_flows(problem, group, worth, row[program.kept], site[program.kept], money),
    )


def _refuse(problem: OutletProblem, capacities: Mapping[str, float]) -> None:
    known = {site.site_id for site in problem.sites}
    faults = [
        Fault(column="capacity", value=name, expected="a known site")
        for name in capacities.keys() - known
    ]
    faults += [
        Fault(column="capacity", value=str(amount), expected=f"0 or more at site {name!r}")
        for name, amount in capacities.items()
        if not amount >= 0
    ]
    if problem.capture.is_choice:
        faults.append(Fault(column="capture", value=problem.capture.kind, expected="'best'"))
    if problem.most_cannibalised is not None:
        faults.append(Fault(column="most_cannibalised", expected="no cap beside capacities"))
    if faults:
        raise InputError("The capacities cannot be used.", faults)


def _grouped(
    problem: OutletProblem,
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Cells alike as rows (indptr, site, weight), each cell's group (-1: none), first cells."""
    cover = problem.cover
    cell, site = cover.cells.astype(np.int64), cover.owner
    keep = problem.demand[cell] > 0
    cell, site, weight = cell[keep], site[keep], cover.weights[keep]
    order = row_order(cell, site, weight)
    cell, site, weight = cell[order], site[order], weight[order]
    indptr = np.searchsorted(cell, np.arange(cover.cell_count + 1)).astype(np.int64)
    heads, group = alike(indptr, site.astype(np.int32), weight)
    group_of = np.full(cover.cell_count, -1, dtype=np.int64)
    group_of[np.diff(indptr) > 0] = group
    sizes = np.diff(indptr)[heads]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    place = np.repeat(indptr[heads] - starts[:-1], sizes) + np.arange(starts[-1])
    return starts, site[place], weight[place], group_of, heads


def _reachable(
    row: NDArray[np.int64], site: NDArray[np.int64], weight: Floats, worth: Floats, sites: int
) -> Floats:
    """The most each site could capture alone, which is as good as no limit."""
    return np.bincount(site, worth[row] * weight, minlength=sites).astype(np.float64)


class _Program:
    """The integer program over free sites and money per entry ``kept`` (its site may open)."""

    def __init__(
        self,
        columns: NDArray[np.int64],
        is_open_anyway: Flags,
        row: NDArray[np.int64],
        site: NDArray[np.int64],
        weight: Floats,
        worth: Floats,
        limit: Floats,
    ) -> None:
        column = np.full(len(limit), -1, dtype=np.int64)
        column[columns] = np.arange(len(columns))
        self.kept = np.flatnonzero((column[site] >= 0) | is_open_anyway[site])
        row, site, weight = row[self.kept], site[self.kept], weight[self.kept]
        self.free, self.size = len(columns), len(self.kept)
        money = self.free + np.arange(self.size)
        most = worth[row] * weight
        tied = np.flatnonzero(column[site] >= 0)
        total = self.free + self.size
        cells = coo_matrix((1 / weight, (row, money)), shape=(len(worth), total))
        used = np.concatenate([site, columns])
        capacity = coo_matrix(
            (
                np.concatenate([np.ones(self.size), -limit[columns]]),
                (used, np.concatenate([money, np.arange(self.free)])),
            ),
            shape=(len(limit), total),
        )
        ties = coo_matrix(
            (
                np.concatenate([np.ones(len(tied)), -most[tied]]),
                (
                    np.tile(np.arange(len(tied)), 2),
                    np.concatenate([money[tied], column[site[tied]]]),
                ),
            ),
            shape=(len(tied), total),
        )
        self.matrix = csr_matrix(vstack([cells, capacity, ties]))
        ends = np.where(is_open_anyway, limit, 0.0)
        self.upper = np.concatenate([worth, ends, np.zeros(len(tied))])
        self.most = np.concatenate([np.ones(self.free), most])

    def solve(
        self, rules: Rules, stop: Stop, nodes: int | None, first: Flags | None
    ) -> tuple[Floats, float]:
        """The best values (sites, then money) and the bound."""
        import highspy

        extra = csr_matrix((len(rules), self.size))
        matrix = csr_matrix(vstack([self.matrix, hstack([rules.matrix, extra])]))
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = matrix.shape[1], matrix.shape[0]
        program.col_cost_ = np.concatenate([np.zeros(self.free), -np.ones(self.size)])
        program.col_lower_, program.col_upper_ = np.zeros(matrix.shape[1]), self.most
        program.row_lower_ = np.concatenate([np.full(len(self.upper), -np.inf), rules.lower])
        program.row_upper_ = np.concatenate([self.upper, rules.upper])
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = matrix.indptr
        program.a_matrix_.index_ = matrix.indices
        program.a_matrix_.value_ = matrix.data
        whole, part = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        program.integrality_ = [whole] * self.free + [part] * self.size
        highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", _GAP)):
            highs.setOptionValue(option, value)
        if stop.seconds_left is not None:
            highs.setOptionValue("time_limit", stop.seconds_left)
        if nodes is not None:
            highs.setOptionValue("mip_max_nodes", nodes)
        highs.passModel(program)
        if first is not None and self.free:
            places = np.arange(self.free, dtype=np.int32)
            highs.setSolution(self.free, places, first.astype(np.float64))
        highs.run()
        if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            raise Infeasible("No network can obey the rules.", list(dict.fromkeys(rules.names)))
        info = highs.getInfo()
        if info.primal_solution_status != 2:  # no network in the time: all closed would break rules
            raise Infeasible("No network was found in the time.", fix="Allow more seconds.")
        bound = -info.mip_dual_bound if self.free else -info.objective_function_value
        return np.array(highs.getSolution().col_value), float(bound)


def _flows(
    problem: OutletProblem,
    group: NDArray[np.int64],
    worth: Floats,
    row: NDArray[np.int64],
    site: NDArray[np.int64],
    money: Floats,
) -> Table:
    """Money by cell and site: cells alike split alike, each in proportion to its demand."""
    by_row: dict[int, list[int]] = {}
    for entry in np.flatnonzero(money > 1e-9 * max(1.0, float(worth.max(initial=0.0)))).tolist():
        by_row.setdefault(int(row[entry]), []).append(entry)
    rows = [
        (
            problem.unit_ids[cell],
            problem.sites[int(site[entry])].site_id,
            float(money[entry] * problem.demand[cell] / worth[group[cell]]),
        )
        for cell in np.flatnonzero(group >= 0).tolist()
        for entry in by_row.get(int(group[cell]), ())
    ]
    names = ("unit_id", "site_id", "captured")
    return Table(columns={name: tuple(row[k] for row in rows) for k, name in enumerate(names)})
