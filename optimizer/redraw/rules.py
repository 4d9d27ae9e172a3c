"""Units that must stay together or apart, and pins: what of it cannot be, and its groups."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from territory.errors import Fault, Infeasible

if TYPE_CHECKING:
    from optimizer.redraw.problem import RedrawProblem

Groups = NDArray[np.int64]
MOST_TRIES = 5_000  # of giving rivals an executive; what is not proved by then is let pass
MOST_RIVALS = 200  # the search goes as deep as these
SHOWN = 8


def unknown_in_rules(problem: "RedrawProblem") -> list[Fault]:
    """A fault for every unit or executive that a rule names and the market does not have."""
    units, executives = set(problem.unit_ids), set(problem.executive_ids)
    named = [("together", unit) for group in problem.together for unit in group]
    named += [("apart", unit) for pair in problem.apart for unit in pair]
    named += [("pinned", unit) for unit, _ in problem.pinned]
    faults = [
        Fault(column=column, value=unit, expected="a unit of the market")
        for column, unit in dict.fromkeys(named)
        if unit not in units
    ]
    faults += [
        Fault(column="pinned", value=executive, expected="one of these executives")
        for executive in dict.fromkeys(executive for _, executive in problem.pinned)
        if executive not in executives
    ]
    return faults


def refuse_broken_rules(problem: "RedrawProblem") -> None:
    """Raise Infeasible with every pair of rules that no plan can obey at once."""
    if not (problem.together or problem.apart or problem.pinned):
        return
    reasons = [*_pins_at_odds(problem), *_groups_at_odds(problem), *_pairs_at_odds(problem)]
    if reasons:
        raise Infeasible(
            "These rules contradict each other.", reasons, fix="Give up one rule of each."
        )
    crowd = crowd_apart(problem)
    if crowd:
        units = ", ".join(problem.unit_ids[unit] for unit in crowd[:SHOWN])
        raise Infeasible(
            f"Units {units}{' ...' if len(crowd) > SHOWN else ''} cannot all be apart as asked: "
            f"{problem.executives} executives are too few for these pairs.",
            fix="Give up a pair, or add executives.",
        )


def crowd_apart(problem: "RedrawProblem") -> list[int]:
    """Units whose pairs apart no choice of executives can obey, [] if one can or none was proved.

    Colours the graph of pairs by the most hemmed in first (Brelaz, 1979), with a way back; land is
    left aside.
    """
    place = {unit: at for at, unit in enumerate(problem.unit_ids)}
    groups, locked = groups_of(problem), problem.locked
    rivals: dict[int, set[int]] = {}
    for one, other in problem.apart:
        a, b = int(groups[place[one]]), int(groups[place[other]])
        rivals.setdefault(a, set()).add(b)
        rivals.setdefault(b, set()).add(a)
    seat = {int(groups[unit]): int(locked[unit]) for unit in np.flatnonzero(locked >= 0).tolist()}
    seat = {group: held for group, held in seat.items() if group in rivals}
    while easy := [
        one for one in rivals if one not in seat and len(rivals[one]) < problem.executives
    ]:
        for group in easy:  # always finds an executive whom no rival has
            for rival in rivals.pop(group):
                rivals[rival].discard(group)
    tries = [MOST_TRIES]
    if len(rivals) > MOST_RIVALS or _colored(rivals, seat, problem.executives, tries):
        return []
    first = np.unique(groups, return_index=True)[1]
    return sorted(int(first[group]) for group in rivals) if tries[0] > 0 else []


def _colored(
    rivals: dict[int, set[int]], seat: dict[int, int], executives: int, tries: list[int]
) -> bool:
    """Whether the groups left can be given executives so that no rivals share one."""
    left = [group for group in rivals if group not in seat]
    if not left:
        return True
    tries[0] -= 1
    if tries[0] <= 0:
        return False
    taken = {group: {seat[other] for other in rivals[group] if other in seat} for group in left}
    group = max(left, key=lambda one: (len(taken[one]), len(rivals[one]), -one))
    used = sorted(set(seat.values()))
    fresh = next((one for one in range(executives) if one not in used), None)
    options = [
        one for one in (*used, *(() if fresh is None else (fresh,))) if one not in taken[group]
    ]
    return any(_colored(rivals, {**seat, group: each}, executives, tries) for each in options)


def _pins_at_odds(problem: "RedrawProblem") -> Iterator[str]:
    """Units locked or pinned to two executives."""
    ids, before = problem.executive_ids, problem.owners_before
    place = {unit: at for at, unit in enumerate(problem.unit_ids)}
    wanted = {unit: {ids[before[place[unit]]]} for unit in problem.locked_units}
    for unit, executive in problem.pinned:
        wanted.setdefault(unit, set()).add(executive)
    for unit, owners in sorted(wanted.items()):
        if len(owners) > 1:
            yield f"Unit {unit} is locked to {' and to '.join(sorted(owners))}."


def _groups_at_odds(problem: "RedrawProblem") -> Iterator[str]:
    """Groups that hold units locked to two executives."""
    groups, locked = groups_of(problem), problem.locked
    for group in _large(groups):
        mine = np.flatnonzero((groups == group) & (locked >= 0))
        owners = sorted({problem.executive_ids[locked[unit]] for unit in mine.tolist()})
        if len(owners) > 1:
            units = ", ".join(problem.unit_ids[unit] for unit in mine[:5].tolist())
            yield f"Units {units} must stay together and are locked to {' and to '.join(owners)}."


def _pairs_at_odds(problem: "RedrawProblem") -> Iterator[str]:
    """Pairs apart that are one group, or locked to one executive, or have only one executive."""
    groups, locked = groups_of(problem), problem.locked
    place = {unit: at for at, unit in enumerate(problem.unit_ids)}
    held: dict[int, int] = {}
    for unit in np.flatnonzero(locked >= 0).tolist():
        held[int(groups[unit])] = int(locked[unit])
    for one, other in problem.apart:
        first, second = int(groups[place[one]]), int(groups[place[other]])
        if first == second:
            yield f"Units {one} and {other} must stay together and apart."
        elif first in held and held[first] == held.get(second, -1):
            owner = problem.executive_ids[held[first]]
            yield f"Units {one} and {other} must be apart and are both locked to {owner}."
        elif problem.executives == 1:
            yield f"Units {one} and {other} must be apart, but there is only one executive."


def groups_of(problem: "RedrawProblem") -> Groups:
    """A label per unit (n,), 0 to groups - 1: units share it when rules keep them together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    place = {unit: at for at, unit in enumerate(problem.unit_ids)}
    chains = [(place[a], place[b]) for group in problem.together for a, b in _chain(group)]
    pairs = np.array(chains, dtype=np.int64).reshape(-1, 2)
    n = len(place)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels, dtype=np.int64)


def _chain(group: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from pairwise(group)


def _large(groups: Groups) -> list[int]:
    """Labels of groups of more than one unit."""
    return np.flatnonzero(np.bincount(groups) > 1).tolist()
