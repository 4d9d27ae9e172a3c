"""From the planner's question to the engine's model: fix what is certain, merge what is alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets.choice import ChoiceModel, choice_model
from optimizer.outlets.compact import Whole
from optimizer.outlets.model import Flags, Floats, PlacementModel, Rules, placement_model
from optimizer.outlets.problem import OutletProblem, cost_if_closed, cost_if_opened
from optimizer.outlets.rules import rules_of, too_near
from territory.errors import Infeasible


@dataclass(frozen=True, kw_only=True, eq=False)
class Reduced:
    """The model and the way back: column c is site ``columns[c]``.

    ``is_open_anyway`` marks sites that no plan closes, ``left_out`` says why a candidate is not
    free (by position).
    """

    model: Whole
    columns: NDArray[np.int64]
    is_open_anyway: Flags
    left_out: dict[int, str]

    def open_sites(self, is_open: Flags) -> Flags:
        """All sites of the problem that are open when these columns are."""
        sites = self.is_open_anyway.copy()
        sites[self.columns[is_open]] = True
        return sites


def reduce(problem: OutletProblem) -> Reduced:
    """The engine's model of this problem.

    Raises
    ------
    Infeasible
        If forced sites, separation or budget leave no network, before any search.
    """
    is_open_anyway = np.array(
        [site.is_forced or (site.role == "own" and not site.may_close) for site in problem.sites],
        dtype=np.bool_,
    )
    left_out = {i: "forbidden" for i, site in enumerate(problem.sites) if site.is_forbidden}
    left_out |= _too_near_to_fixed(problem, is_open_anyway, left_out)
    columns = [i for i in range(len(problem.sites)) if not is_open_anyway[i] and i not in left_out]
    _refuse_small_budget(problem, columns)
    rules = rules_of(problem, columns, is_open_anyway)
    build = _maxima if problem.against is None else _choices
    return Reduced(
        model=build(problem, columns, is_open_anyway, rules),
        columns=np.array(columns, dtype=np.int64),
        is_open_anyway=is_open_anyway,
        left_out=left_out,
    )


def _maxima(
    problem: OutletProblem, columns: list[int], is_open_anyway: Flags, rules: Rules
) -> PlacementModel:
    base = problem.cover.best([int(i) for i in np.flatnonzero(is_open_anyway)])
    row, site, gain = _gains(problem, columns, base)
    return placement_model(
        row,
        site,
        gain,
        rows=len(problem.unit_ids),
        columns=len(columns),
        rules=rules,
        offset=float(problem.demand @ base),
    )


def _choices(
    problem: OutletProblem, columns: list[int], is_open_anyway: Flags, rules: Rules
) -> ChoiceModel:
    """Pulls in units of all that stands against the free sites in a cell.

    With A open anyway and C against, (A + U) / (A + U + C) is A / (A + C) plus C / (A + C) times
    the share of U / (A + C) beside 1.
    """
    assert problem.against is not None
    anyway = problem.pull_of(is_open_anyway)
    total = anyway + problem.against
    column = np.full(problem.cover.site_count, -1, dtype=np.int64)
    column[columns] = np.arange(len(columns))
    site = column[problem.cover.owner]
    keep = site >= 0
    cell = problem.cover.cells[keep].astype(np.int64)
    return choice_model(
        cell,
        site[keep],
        problem.pulls[keep] / total[cell],
        problem.demand * problem.against / total,
        columns=len(columns),
        rules=rules,
        offset=float(problem.demand @ (anyway / total)),
    )


def _gains(
    problem: OutletProblem, columns: list[int], base: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Money each free site captures of each cell beyond what stands anyway."""
    cover = problem.cover
    sizes = np.diff(cover.indptr)
    column = np.full(cover.site_count, -1, dtype=np.int64)
    column[columns] = np.arange(len(columns))
    site = np.repeat(column, sizes)
    keep = site >= 0
    cell = cover.cells[keep].astype(np.int64)
    gain = problem.demand[cell] * (cover.weights[keep] - base[cell])
    return cell, site[keep], gain


def _too_near_to_fixed(
    problem: OutletProblem, is_open_anyway: Flags, left_out: dict[int, str]
) -> dict[int, str]:
    """Free sites that a site fixed open rules out; two existing outlets do not rule each other out.

    Raises Infeasible if two sites fixed open stand too near.
    """
    if problem.minimum_separation_meters <= 0:
        return {}
    fixed = [int(i) for i in np.flatnonzero(is_open_anyway)]
    free = [i for i in range(len(problem.sites)) if not is_open_anyway[i] and i not in left_out]
    _refuse_fixed_pairs(problem, fixed)
    own = np.array([site.role == "own" for site in problem.sites], dtype=np.bool_)
    near = too_near(problem, free, fixed) & ~(own[free][:, None] & own[fixed][None, :])
    return {
        site: f"nearer than {problem.minimum_separation_meters:g} m to "
        f"{problem.sites[fixed[int(near[place].argmax())]].site_id!r}, open anyway"
        for place, site in enumerate(free)
        if near[place].any()
    }


def _refuse_fixed_pairs(problem: OutletProblem, fixed: list[int]) -> None:
    near = too_near(problem, fixed, fixed)
    sites = [problem.sites[i] for i in fixed]
    reasons = [
        f"{sites[a].site_id!r} and {sites[b].site_id!r} are both fixed open and nearer than "
        f"{problem.minimum_separation_meters:g} m."
        for a, b in np.argwhere(np.triu(near, 1))
        if "candidate" in (sites[a].role, sites[b].role)
    ]
    if reasons:
        raise Infeasible(
            "Forced sites break the minimum separation.",
            reasons,
            fix="Lower minimum_separation_meters or do not force both.",
        )


def _refuse_small_budget(problem: OutletProblem, columns: list[int]) -> None:
    """A budget that can open nothing although new sites are asked for is said at once."""
    if problem.budget is None or problem.new_sites == 0:
        return
    sites = problem.sites
    fresh = [i for i in columns if sites[i].role == "candidate"]
    forced = sum(
        cost_if_opened(sites[i]) for i in problem.with_role("candidate") if sites[i].is_forced
    )
    must_close = [site for site in sites if site.role == "own" and site.is_forbidden]
    closing = sum(cost_if_closed(site) for site in must_close)
    may_close = [i for i in columns if sites[i].role == "own"]
    saving = sum(min(0.0, cost_if_closed(sites[i])) for i in may_close)
    cheapest = min((cost_if_opened(sites[i]) for i in fresh), default=0.0)
    need = forced + closing + saving + (0.0 if forced else cheapest)
    if need > problem.budget + 1e-9:
        raise Infeasible(
            "The budget opens nothing.",
            [
                f"Budget {problem.budget:g} a year; forced sites cost {forced:g}, the cheapest "
                f"candidate {cheapest:g}, closures that must be {closing:g}, closures that may be "
                f"save at most {abs(saving):g}."
            ],
            fix=f"Raise the budget to {need:g} or more.",
        )
