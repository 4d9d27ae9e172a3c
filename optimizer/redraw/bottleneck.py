"""Bottlenecks: what can leave a part of the market only through one unit.

A jurisdiction without that unit lies whole in one of the branches the unit holds together. So of a
branch with load L (in means) k whole jurisdictions take k (1 - t) to k (1 + t), and what is left
of every branch falls to the one jurisdiction that has the unit. If even the least left of all
branches and the unit itself are more than 1 + t, no plan meets the tolerance. Articulation units
by depth-first search (Hopcroft and Tarjan, 1973).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.islands import parts
from optimizer.redraw.problem import RedrawProblem
from territory.diagnosis import Finding
from territory.units.values import Neighbours

HALVINGS = 40
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joint:
    """A unit that holds ``branches`` together; each a list of units, the largest last."""

    unit: int
    branches: tuple[NDArray[np.int64], ...]


def bottlenecks(problem: RedrawProblem) -> tuple[Finding, ...]:
    """The tightest bottleneck of each load that no plan can pass within tolerance; often none."""
    found = []
    tree = _search_tree(problem.neighbours)
    for row, load in enumerate(problem.loads):
        total = float(load.sum())
        if total <= 0:
            continue
        in_means = load * problem.executives / total
        tolerance = problem.tolerance_percent[row] / 100
        worst: tuple[float, Joint] | None = None
        for joint, weights in _joints(tree, in_means, parts(problem.neighbours)):
            if fits(float(in_means[joint]), weights, tolerance, problem.executives):
                continue
            least = least_tolerance(float(in_means[joint]), weights, tolerance, problem.executives)
            if worst is None or least > worst[0]:
                worst = least, _branches(tree, joint, problem.neighbours, in_means)
        if worst is not None:
            found.append(_finding(problem, row, worst[1], worst[0]))
    return tuple(found)


def fits(own: float, branches: list[float], tolerance: float, executives: int) -> bool:
    """Whether one jurisdiction can take the unit and the least left of each branch."""
    left = own + sum(least_left(weight, tolerance, executives) for weight in branches)
    return left <= (1 + tolerance) * (1 + 1e-9)


def least_left(weight: float, tolerance: float, executives: int) -> float:
    """What whole jurisdictions of a branch must leave over, all loads in means."""
    if tolerance >= 1:
        return max(0.0, weight - executives * (1 + tolerance))
    whole = math.floor(weight / (1 - tolerance) + 1e-9)
    return max(0.0, weight - min(whole, executives) * (1 + tolerance))


def least_tolerance(own: float, branches: list[float], tolerance: float, executives: int) -> float:
    """The tolerance, as a share, below which the unit cannot be passed."""
    low, high = tolerance, float(executives)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if fits(own, branches, middle, executives):
            high = middle
        else:
            low = middle
    return low


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tree:
    """Depth-first search of every part: ``order`` of units, their parents and how far up they see.

    ``parent`` is -1 at a root; ``low`` is the earliest place in the order reached from below.
    """

    order: NDArray[np.int64]
    place: NDArray[np.int64]
    parent: NDArray[np.int64]
    low: NDArray[np.int64]


def _search_tree(neighbours: Neighbours) -> _Tree:
    n = len(neighbours.indptr) - 1
    indptr, indices = neighbours.indptr.tolist(), neighbours.indices.tolist()
    place, parent, low = [-1] * n, [-1] * n, [0] * n
    order: list[int] = []
    following = list(indptr[:-1])
    for root in range(n):
        if place[root] >= 0:
            continue
        stack = [root]
        place[root] = low[root] = len(order)
        order.append(root)
        while stack:
            unit = stack[-1]
            if following[unit] < indptr[unit + 1]:
                other = indices[following[unit]]
                following[unit] += 1
                if place[other] < 0:
                    parent[other] = unit
                    place[other] = low[other] = len(order)
                    order.append(other)
                    stack.append(other)
                elif other != parent[unit]:
                    low[unit] = min(low[unit], place[other])
                continue
            stack.pop()
            if stack:
                low[stack[-1]] = min(low[stack[-1]], low[unit])
    return _Tree(
        order=np.array(order, dtype=np.int64),
        place=np.array(place, dtype=np.int64),
        parent=np.array(parent, dtype=np.int64),
        low=np.array(low, dtype=np.int64),
    )


def _joints(
    tree: _Tree, load: Floats, part: NDArray[np.int64]
) -> Iterator[tuple[int, list[float]]]:
    """Every unit that holds branches together, with the load of each branch."""
    below = load.copy()
    for unit in tree.order[::-1].tolist():
        if tree.parent[unit] >= 0:
            below[tree.parent[unit]] += below[unit]
    whole = np.bincount(part, weights=load)
    hanging: dict[int, list[float]] = {}
    for unit in tree.order.tolist():
        above = int(tree.parent[unit])
        if above >= 0 and tree.low[unit] >= tree.place[above]:
            hanging.setdefault(above, []).append(float(below[unit]))
    for unit, weights in hanging.items():
        rest = float(whole[part[unit]]) - sum(weights) - float(load[unit])
        if tree.parent[unit] >= 0:
            yield unit, [*weights, max(rest, 0.0)]
        elif len(weights) > 1:
            yield unit, weights


def _branches(tree: _Tree, unit: int, neighbours: Neighbours, load: Floats) -> Joint:
    """What falls apart without the unit, on its own part of the market."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n = len(load)
    ones = np.ones(len(neighbours.indices))
    graph = csr_array((ones, neighbours.indices, neighbours.indptr), shape=(n, n))
    others = np.delete(np.arange(n), unit)
    _, label = connected_components(graph[others][:, others], directed=False)
    around = np.searchsorted(others, neighbours.of(unit))
    pieces = [others[label == each] for each in np.unique(label[around]).tolist()]
    return Joint(unit=unit, branches=tuple(sorted(pieces, key=lambda p: float(load[p].sum()))))


def _finding(problem: RedrawProblem, row: int, joint: Joint, least: float) -> Finding:
    load, name = problem.loads[row], problem.load_names[row]
    total, p = float(load.sum()), problem.executives
    hanging = np.concatenate([np.array([joint.unit]), *joint.branches[:-1]])
    worth = ", ".join(f"{float(load[piece].sum()) * p / total:.2f}" for piece in joint.branches)
    tolerance = problem.tolerance_percent[row]
    return Finding(
        kind="bottleneck",
        load_names=(name,),
        tolerance_percent=(tolerance,),
        unit_ids=tuple(problem.unit_ids[unit] for unit in hanging.tolist()),
        share_percent=(100 * float(load[hanging].sum()) / total,),
        least_percent=100 * least * (1 - 1e-9),
        text=(
            f"Unit {problem.unit_ids[joint.unit]} is the only way between parts worth {worth} "
            f"jurisdictions in {name}. Whole jurisdictions leave over more than the one with this "
            f"unit may hold, so no plan meets a tolerance of ±{tolerance:g} % on {name}; "
            f"±{100 * least:.2f} % is the least. A bridge or a ferry would change that."
        ),
    )
