"""The whole model handed to OR-Tools MathOpt (HiGHS or SCIP): for proof, rules and cross-checks.

Radius form: z_it says whether row i gets at least its t-th largest value,
z_it <= z_i,t-1 + sum of x over the sites that give it exactly that value. As tight as the
assignment form, with far fewer numbers (Cornuejols, Nemhauser, Wolsey 1980; Elloumi 2010). Choices
are handed over as shares.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.choice import ChoiceModel
from optimizer.outlets.model import Flags, Floats, PlacementModel
from territory.errors import Infeasible, InputError
from territory.plans import StoppedBy

Engine = Literal["highs", "gscip", "cp_sat"]
Whole = PlacementModel | ChoiceModel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solved:
    """What an engine found: open columns (None: nothing), a proven upper bound, work done."""

    is_open: Flags | None
    bound: float
    nodes: int
    stopped_by: StoppedBy


def solve_compact(
    model: Whole,
    *,
    engine: Engine = "highs",
    nodes: int | None = None,
    seconds: float | None = None,
    gap: float = 1e-9,
    start: Flags | None = None,
    seed: int = 0,
) -> Solved:
    """Solve through MathOpt, single-threaded, stopping at a number of nodes or at the clock.

    Raises
    ------
    InputError
        If the engine does not take such a model.
    Infeasible
        If the rules leave no network.
    """
    from ortools.math_opt.python import mathopt

    optimisation = mathopt.Model.from_model_proto(_proto(model))
    solver = {
        "highs": mathopt.SolverType.HIGHS,
        "gscip": mathopt.SolverType.GSCIP,
        "cp_sat": mathopt.SolverType.CP_SAT,
    }[engine]
    params = mathopt.SolveParameters(
        time_limit=None if seconds is None else timedelta(seconds=max(seconds, 0.01)),
        node_limit=nodes,
        threads=None if engine == "highs" else 1,  # MathOpt refuses threads for HiGHS
        random_seed=seed,
        relative_gap_tolerance=gap,
        absolute_gap_tolerance=0.0,
    )
    hints = mathopt.ModelSolveParameters()
    if start is not None:
        variables = list(optimisation.variables())[: model.columns]
        values = dict(zip(variables, start.astype(float), strict=True))
        hints.solution_hints.append(mathopt.SolutionHint(variable_values=values))
    try:
        answer = mathopt.solve(optimisation, solver, params=params, model_params=hints)
    except (AttributeError, RuntimeError, ValueError) as error:
        # OR-Tools 9.15 stumbles over the status it wants to tell, so the attribute is missing
        raise InputError(
            f"The engine {engine!r} does not take this question.",
            fix="Use the engine 'cuts', or 'highs'.",
        ) from error
    reason = answer.termination.reason
    if reason in (mathopt.TerminationReason.INFEASIBLE,):
        raise Infeasible("No network can obey the rules.", list(model.rules.names))
    is_open = None
    if answer.has_primal_feasible_solution():
        values = answer.variable_values(list(optimisation.variables())[: model.columns])
        is_open = np.array(values) > 0.5
    limit = answer.termination.limit
    stopped: StoppedBy = "finished"
    if reason != mathopt.TerminationReason.OPTIMAL:
        stopped = "clock" if limit == mathopt.Limit.TIME else "work"
    bound = min(model.ceiling, float(answer.termination.objective_bounds.dual_bound))
    return Solved(
        is_open=is_open,
        bound=bound,
        nodes=int(answer.solve_stats.node_count),
        stopped_by=stopped,
    )


@dataclass(frozen=True, slots=True)
class _Levels:
    """Runs of equal values within rows: run r of row ``row[r]`` is worth ``step[r]`` more."""

    row: NDArray[np.int64]
    entry_run: NDArray[np.int64]
    step: Floats
    is_first: Flags


def _levels(model: PlacementModel) -> _Levels:
    lengths = np.diff(model.indptr)
    row = np.repeat(np.arange(model.rows), lengths)
    starts = np.ones(len(row), dtype=np.bool_)
    starts[1:] = (row[1:] != row[:-1]) | (model.value[1:] != model.value[:-1])
    run_row, run_value = row[starts], model.value[starts]
    lower = np.zeros(len(run_row))
    same = run_row[1:] == run_row[:-1]
    lower[:-1] = np.where(same, run_value[1:], 0.0)
    is_first = np.ones(len(run_row), dtype=np.bool_)
    is_first[1:] = ~same
    return _Levels(run_row, np.cumsum(starts) - 1, run_value - lower, is_first)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linear:
    """Continuous variables beside the sites', each at most one, and the rows that tie them to x.

    Entries (row, column, entry) count columns from the sites on; ``lower`` and ``upper`` hold the
    ends of the rows.
    """

    gain: Floats
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    entry: Floats
    lower: Floats
    upper: Floats


def _radius_form(model: PlacementModel) -> _Linear:
    levels, columns = _levels(model), model.columns
    runs = len(levels.step)
    later = np.flatnonzero(~levels.is_first)
    return _Linear(
        gain=levels.step,
        row=np.concatenate([levels.entry_run, np.arange(runs), later]),
        column=np.concatenate([model.site, columns + np.arange(runs), columns + later - 1]),
        entry=np.concatenate([np.full(len(model.site), -1.0), np.ones(runs), -np.ones(len(later))]),
        lower=np.full(runs, -np.inf),
        upper=np.zeros(runs),
    )


def _share_form(model: ChoiceModel) -> _Linear:
    """Shares s_ij of open sites and y_i of what stands against them (Haase and Mueller 2014).

    y_i + sum s_ij = 1, s_ij <= e_ij y_i, s_ij <= e_ij / (1 + e_ij) x_j; the pulls do the rest.
    """
    size, rows, columns = len(model.site), model.rows, model.columns
    owner = np.repeat(np.arange(rows), np.diff(model.indptr))
    share, stay = columns + np.arange(size), columns + size + np.arange(rows)
    whole, by_pull = np.arange(rows), rows + np.arange(size)
    by_site = rows + size + np.arange(size)
    ones = np.ones(size)
    most = model.value / (1 + model.value)
    return _Linear(
        gain=np.concatenate([model.weight[owner], np.zeros(rows)]),
        row=np.concatenate([whole, owner, by_pull, by_pull, by_site, by_site]),
        column=np.concatenate([stay, share, share, stay[owner], share, model.site]),
        entry=np.concatenate([np.ones(rows), ones, ones / (1 + model.value), -most, ones, -most]),
        lower=np.concatenate([np.ones(rows), np.full(2 * size, -np.inf)]),
        upper=np.concatenate([np.ones(rows), np.zeros(2 * size)]),
    )


def _proto(model: Whole) -> object:
    """The model as a MathOpt proto, filled from arrays (a Python object per term would be slow)."""
    from ortools.math_opt import model_pb2

    linear = _share_form(model) if isinstance(model, ChoiceModel) else _radius_form(model)
    columns, others, ties = model.columns, len(linear.gain), len(linear.lower)
    proto = model_pb2.ModelProto()
    variables = proto.variables
    variables.ids.extend(range(columns + others))
    variables.lower_bounds.extend([0.0] * (columns + others))
    variables.upper_bounds.extend([1.0] * (columns + others))
    variables.integers.extend([True] * columns + [False] * others)
    proto.objective.maximize = True
    proto.objective.offset = model.offset
    weights = np.concatenate([model.income, linear.gain])
    filled = np.flatnonzero(weights)
    proto.objective.linear_coefficients.ids.extend(filled.tolist())
    proto.objective.linear_coefficients.values.extend(weights[filled].tolist())
    rules = model.rules.matrix.tocoo()
    row = np.concatenate([linear.row, ties + rules.row])
    column = np.concatenate([linear.column, rules.col])
    entry = np.concatenate([linear.entry, rules.data])
    order = np.lexsort((column, row))
    constraints, matrix = proto.linear_constraints, proto.linear_constraint_matrix
    constraints.ids.extend(range(ties + len(model.rules)))
    constraints.lower_bounds.extend(np.concatenate([linear.lower, model.rules.lower]).tolist())
    constraints.upper_bounds.extend(np.concatenate([linear.upper, model.rules.upper]).tolist())
    matrix.row_ids.extend(row[order].tolist())
    matrix.column_ids.extend(column[order].tolist())
    matrix.coefficients.extend(entry[order].tolist())
    return proto
