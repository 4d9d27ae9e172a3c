"""A first network that obeys the rules, or the smallest set of rules that cannot hold together."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from optimizer.outlets.compact import solve_compact
from optimizer.outlets.interchange import improve
from optimizer.outlets.model import Flags, PlacementModel, Rules, SiteModel
from territory.errors import Infeasible


def first_network(model: SiteModel) -> Flags:
    """A locally best network within the rules.

    Raises
    ------
    Infeasible
        If there is none; ``reasons`` name a smallest set of rules in conflict: without any one of
        them the others could hold.
    """
    closed = np.zeros(model.columns, dtype=np.bool_)
    best: Flags | None = None
    for begin in (closed, ~closed):
        if begin.all() and model.only_counts:
            continue
        found = improve(model, begin)
        if model.rules.allow(found) and (best is None or model.worth(found) > model.worth(best)):
            best = found
    if best is None:
        best = improve(model, _by_rules_alone(model))
    return best


def _by_rules_alone(model: SiteModel) -> Flags:
    """A network that obeys the rules, best by what each site captures alone."""
    alone = np.bincount(model.site, weights=model.value, minlength=model.columns)
    try:
        solved = solve_compact(_bare(model, model.rules, alone), gap=0.05)
    except Infeasible:
        names = conflict(model)
        raise Infeasible(
            "No network can obey the rules.",
            [f"These cannot hold together: {', '.join(names)}."],
            fix="Relax one of them.",
        ) from None
    if solved.is_open is None:
        raise Infeasible("No network was found that obeys the rules.", list(model.rules.names))
    return solved.is_open


def _bare(model: SiteModel, rules: Rules, income: np.ndarray) -> PlacementModel:
    return PlacementModel(
        columns=model.columns,
        indptr=np.zeros(1, np.int64),
        site=np.zeros(0, np.int32),
        value=np.zeros(0),
        income=income,
        offset=0.0,
        rules=rules,
    )


def conflict(model: SiteModel) -> tuple[str, ...]:
    """A smallest set of rules that no network obeys together (deletion filter)."""
    needed = list(range(len(model.rules)))
    for rule in list(needed):
        rest = [other for other in needed if other != rule]
        if not _holds(model, rest):
            needed = rest
    return tuple(dict.fromkeys(model.rules.names[rule] for rule in needed))


def _holds(model: SiteModel, rows: Sequence[int]) -> bool:
    picked = list(rows)
    rules = Rules(
        matrix=csr_matrix(model.rules.matrix[picked]),
        lower=model.rules.lower[picked],
        upper=model.rules.upper[picked],
        names=tuple(model.rules.names[row] for row in picked),
    )
    try:
        solve_compact(_bare(model, rules, np.zeros(model.columns)))
    except Infeasible:
        return False
    return True
