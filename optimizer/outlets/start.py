"""A first network that obeys the rules, or the smallest set of rules that cannot hold together."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix, vstack

from optimizer.outlets.caps import Cap
from optimizer.outlets.compact import solve_compact
from optimizer.outlets.interchange import improve
from optimizer.outlets.model import Flags, Floats, PlacementModel, Rules, SiteModel
from optimizer.run import Stop
from territory.errors import Infeasible


def first_network(model: SiteModel, stop: Stop | None = None) -> Flags:
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
        is_late = best is not None and stop is not None and stop.now() is not None
        if is_late or (begin.all() and model.only_counts):
            continue
        found = improve(model, begin, stop)
        if model.rules.allow(found) and (best is None or model.worth(found) > model.worth(best)):
            best = found
    if best is None:
        sound = _by_rules_alone(model)
        best = improve(model, sound, stop)
        if not model.rules.allow(best):  # its moves know nothing of caps
            best = sound
    return best


def _by_rules_alone(model: SiteModel) -> Flags:
    """A network that obeys the rules, best by what each site captures alone."""
    alone = np.bincount(model.site, weights=model.value, minlength=model.columns)
    rules = model.rules
    while True:
        try:
            solved = solve_compact(_bare(model, rules, alone), gap=0.05)
        except Infeasible:
            names = conflict(replace(model, rules=rules))
            raise Infeasible(
                "No network can obey the rules.",
                [f"These cannot hold together: {', '.join(names)}."],
                fix="Relax one of them.",
            ) from None
        if solved.is_open is None:
            raise Infeasible("No network was found that obeys the rules.", list(rules.names))
        broken = [cap for cap in rules.caps if cap.excess(solved.is_open) > 0]
        if not broken or model.rules.allow(solved.is_open):
            return solved.is_open
        for cap in broken:
            rules = with_row(rules, cap.steps_at(solved.is_open.astype(float)), cap)


def with_row(rules: Rules, weight: Floats, cap: Cap) -> Rules:
    """The rules and one linear rule more, under the name of the cap it stands for."""
    return replace(
        rules,
        matrix=csr_matrix(vstack([rules.matrix, csr_matrix(weight)])),
        lower=np.append(rules.lower, -np.inf),
        upper=np.append(rules.upper, cap.limit),
        names=(*rules.names, cap.name),
    )


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
    """A smallest set of rules that no network obeys together (QuickXplain, Junker 2004)."""
    if not _holds(model, []):
        return ()
    needed = _explained(model, [], False, list(range(len(model.rules))))
    return tuple(dict.fromkeys(model.rules.names[rule] for rule in sorted(needed)))


def _explained(
    model: SiteModel, given: list[int], has_grown: bool, doubted: list[int]
) -> list[int]:
    """The fewest of ``doubted`` that contradict each other and what is ``given``."""
    if has_grown and not _holds(model, given):
        return []
    if len(doubted) == 1:
        return doubted
    half = len(doubted) // 2
    left, right = doubted[:half], doubted[half:]
    late = _explained(model, [*given, *left], True, right)
    early = _explained(model, [*given, *late], bool(late), left)
    return [*early, *late]


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
