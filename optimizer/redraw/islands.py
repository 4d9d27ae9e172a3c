"""Islands: how many executives each part of the graph takes, and where a ferry edge is needed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from territory.units.values import Neighbours

if TYPE_CHECKING:
    from optimizer.redraw.problem import RedrawProblem


SHOWN = 5  # ferry edges told one by one


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seating:
    """``part`` labels each unit with its part of the graph, ``seats`` counts executives of each."""

    part: NDArray[np.int64]
    seats: tuple[int, ...]
    links: tuple[tuple[int, int], ...]
    notes: tuple[str, ...]


def seat_islands(problem: "RedrawProblem") -> tuple[Neighbours, Seating]:
    """Join parts until each can hold a whole number of jurisdictions, and seat the executives.

    The smallest part that cannot is joined to its nearest other part by one edge, and so on; at
    worst everything is one part. Parts that hold locked units of one executive are joined first.
    """
    neighbours = problem.neighbours
    links: list[tuple[int, int]] = []
    notes: list[str] = []
    part = parts(neighbours)
    while True:
        seats, misfit = _seats(problem, part)
        if misfit is None:
            break
        pair = _nearest_pair(problem.xy_meters, part == misfit)
        notes.append(_said(problem, part == misfit, pair))
        links.append(pair)
        neighbours = joined(neighbours, [pair])
        part = parts(neighbours)
    return neighbours, Seating(part=part, seats=seats, links=tuple(links), notes=_few(notes))


def _few(notes: Sequence[str]) -> tuple[str, ...]:
    """The last joins, which are the largest, and how many more there were."""
    if len(notes) <= SHOWN:
        return tuple(notes)
    return (
        f"{len(notes)} ferry edges join parts of the market that no whole number of executives "
        f"fits; the {SHOWN} of the largest parts are:",
        *notes[-SHOWN:],
    )


def parts(neighbours: Neighbours) -> NDArray[np.int64]:
    """Label of the connected part of each unit."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(neighbours.indptr) - 1
    ones = np.ones(len(neighbours.indices))
    graph = csr_matrix((ones, neighbours.indices, neighbours.indptr), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels, dtype=np.int64)


def joined(neighbours: Neighbours, links: Sequence[tuple[int, int]]) -> Neighbours:
    """The graph with these pairs as neighbours too, without a shared border."""
    n = len(neighbours.indptr) - 1
    ends = np.repeat(np.arange(n), np.diff(neighbours.indptr))
    pairs = np.array([*links, *((b, a) for a, b in links)], dtype=np.int64).reshape(-1, 2)
    ends = np.concatenate([ends, pairs[:, 0]])
    others = np.concatenate([neighbours.indices, pairs[:, 1]])
    border = np.concatenate([neighbours.border_meters, np.zeros(len(pairs))])
    order = np.lexsort((others, ends))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=n))])
    return Neighbours(
        indptr=indptr.astype(np.int32),
        indices=others[order].astype(np.int32),
        border_meters=border[order],
    )


def _seats(problem: "RedrawProblem", part: NDArray[np.int64]) -> tuple[tuple[int, ...], int | None]:
    """Executives of each part, or the part to be joined next."""
    count = int(part.max()) + 1
    p = problem.executives
    if count == 1:
        return (p,), None
    size = np.bincount(part, weights=importance_of(problem), minlength=count).astype(np.float64)
    asunder = _torn_lock(problem, part, size)
    if asunder is not None:
        return (), asunder
    options = [seat_options(problem, part == label) for label in range(count)]
    misfits = [label for label in range(count) if not options[label]]
    if misfits:
        return (), min(misfits, key=lambda label: (size[label], label))
    ideal = size * p / size.sum()
    seats = summing_to(p, options, ideal)
    if seats is None:
        return (), int(size.argmin())
    return seats, None


def importance_of(problem: "RedrawProblem") -> NDArray[np.float64]:
    """Mean share of each unit over the loads; its area where there is no load at all."""
    totals = problem.loads.sum(axis=1)
    if not (totals > 0).any():
        return problem.area_square_meters
    return np.asarray((problem.loads[totals > 0] / totals[totals > 0, None]).mean(axis=0))


def _torn_lock(
    problem: "RedrawProblem", part: NDArray[np.int64], size: NDArray[np.float64]
) -> int | None:
    """The smallest part that holds some, not all, of one executive's locked units."""
    locked = problem.locked
    torn: set[int] = set()
    for executive in np.unique(locked[locked >= 0]).tolist():
        held = set(part[locked == executive].tolist())
        if len(held) > 1:
            torn |= held
    return min(torn, key=lambda label: (size[label], label)) if torn else None


def seat_options(problem: "RedrawProblem", inside: NDArray[np.bool_]) -> list[int]:
    """Whole numbers of executives this part can take within every tolerance."""
    p = problem.executives
    low, high = 1.0, float(min(int(inside.sum()), p))
    for load, percent, mean in zip(
        problem.loads, problem.limits_percent, problem.mean_loads, strict=True
    ):
        if mean <= 0 or math.isinf(percent):
            continue
        share, tolerance = float(load[inside].sum()) / float(mean), float(percent) / 100
        low = max(low, share / (1 + tolerance) - 1e-9)
        if tolerance < 1:
            high = min(high, share / (1 - tolerance) + 1e-9)
    locked = problem.locked[inside]
    low = max(low, len(set(locked[locked >= 0].tolist())))
    if problem.homes_fixed:
        here = _homes_inside(problem, inside)
        low, high = max(low, here), min(high, here)
    return list(range(math.ceil(low), math.floor(high) + 1))


def _homes_inside(problem: "RedrawProblem", inside: NDArray[np.bool_]) -> int:
    from scipy.spatial import cKDTree

    assert problem.homes_meters is not None
    _, nearest = cKDTree(problem.xy_meters).query(problem.homes_meters)
    return int(inside[nearest].sum())


def summing_to(
    p: int, options: Sequence[Sequence[int]], ideal: NDArray[np.float64]
) -> tuple[int, ...] | None:
    """One option of each part so that they sum to p, nearest to ``ideal``; None if none do."""
    best: Mapping[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for choice, wish in zip(options, ideal.tolist(), strict=True):
        grown: dict[int, tuple[float, tuple[int, ...]]] = {}
        for total, (miss, chosen) in best.items():
            for seats in choice:
                entry = (miss + (seats - wish) ** 2, (*chosen, seats))
                if total + seats <= p and entry < grown.get(total + seats, (math.inf, ())):
                    grown[total + seats] = entry
        best = grown
    return best[p][1] if p in best else None


def _nearest_pair(xy_meters: NDArray[np.float64], inside: NDArray[np.bool_]) -> tuple[int, int]:
    """The closest two units, one inside and one outside."""
    from scipy.spatial import cKDTree

    ins, outs = np.flatnonzero(inside), np.flatnonzero(~inside)
    distance, nearest = cKDTree(xy_meters[outs]).query(xy_meters[ins])
    one = int(np.argmin(distance))
    return int(ins[one]), int(outs[np.asarray(nearest)[one]])


def _said(problem: "RedrawProblem", inside: NDArray[np.bool_], pair: tuple[int, int]) -> str:
    worth = " and ".join(
        f"{float(load[inside].sum()) * problem.executives / float(load.sum()):.2f} in {name}"
        for name, load in zip(problem.load_names, problem.loads, strict=True)
        if load.sum() > 0
    )
    one, other = (problem.unit_ids[unit] for unit in pair)
    size = int(inside.sum())
    said = worth.replace(" in ", " jurisdictions in ", 1) or "nothing"
    return (
        f"An island of {size} unit{'s' if size > 1 else ''} is worth {said}, which no whole number "
        f"of executives fits: a ferry edge joins unit {one} to unit {other}."
    )
