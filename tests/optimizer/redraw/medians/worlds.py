"""Small worlds of medians: a grid of unit squares, solved by trying every way to share it."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from optimizer.redraw.medians import MedianProblem
from territory.checks.medians import MedianFacts
from territory.units import Neighbours
from territory.units.graph import neighbours_from_pairs


def grid(columns: int, rows: int) -> tuple[np.ndarray, Neighbours]:
    """Places one apart, and who borders whom."""
    xy = np.array([(x, y) for y in range(rows) for x in range(columns)], dtype=np.float64)
    pairs = [
        (one, other)
        for one in range(len(xy))
        for other in range(one + 1, len(xy))
        if abs(xy[one] - xy[other]).sum() == 1
    ]
    ends = np.array(pairs, dtype=np.int32)
    return xy, neighbours_from_pairs(len(xy), ends, np.ones(len(ends)))


def ask(xy: np.ndarray, districts: int, **given: Any) -> MedianProblem:
    """Units that each weigh 1 in one load, up to two more than the mean to a district."""
    n = len(xy)
    usual: dict[str, Any] = {
        "unit_ids": tuple(f"u{unit}" for unit in range(n)),
        "xy_meters": xy,
        "load_names": ("work",),
        "loads": np.ones((1, n)),
        "least": np.zeros(1),
        "most": np.array([n / districts + 2]),
        "districts": districts,
    }
    return MedianProblem(**{**usual, **given})


def facts_of(problem: MedianProblem) -> MedianFacts:
    """The same question as the judge takes it."""
    xy = problem.xy_meters
    straight = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    return MedianFacts(
        unit_ids=problem.unit_ids,
        distances=straight if problem.distances is None else problem.distances,
        weight=np.ones(len(xy)) if problem.weight is None else problem.weight,
        load_names=problem.load_names,
        loads=problem.loads,
        least=problem.least,
        most=problem.most,
        districts=problem.districts,
        neighbours=problem.neighbours,
    )


def least_distance(problem: MedianProblem) -> float:
    """The optimum, by every way to share the units."""
    return min(_costs(facts_of(problem)))


def _costs(facts: MedianFacts) -> Iterator[float]:
    n = len(facts.unit_ids)
    for tail in product(range(facts.districts), repeat=n - 1):
        owners = np.array((0, *tail))
        if len(set(owners.tolist())) < facts.districts:
            continue
        cost = 0.0
        for k in range(facts.districts):
            inside = np.flatnonzero(owners == k)
            held = facts.loads[:, inside].sum(axis=1)
            if (held > facts.most + 1e-9).any() or (held < facts.least - 1e-9).any():
                break
            if facts.neighbours is not None and not _whole(inside.tolist(), facts.neighbours):
                break
            spent = facts.distances[np.ix_(inside, inside)] * facts.weight[inside]
            cost += float(spent.sum(axis=1).min())
        else:
            yield cost


def _whole(inside: list[int], neighbours: Neighbours) -> bool:
    seen, left = {inside[0]}, [inside[0]]
    while left:
        for other in neighbours.of(left.pop()).tolist():
            if other in inside and other not in seen:
                seen.add(other)
                left.append(other)
    return len(seen) == len(inside)
