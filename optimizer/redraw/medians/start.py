"""The question as the kernel takes it, and where a search begins."""

import heapq

import numpy as np

from optimizer.redraw.medians.problem import MedianProblem
from optimizer.redraw.medians.values import Case, Ints

NEAREST = 3  # as many districts' worth of nearest units may be taken over from
LEAST_NEAREST, MOST_NEAREST = 8, 60
TEAR = 0.5  # of a mean unit's loads: what a broken-off piece weighs beside a broken limit


def case_of(problem: MedianProblem) -> Case:
    """Arrays of the kernel; loads are scaled by their upper limits."""
    scale = np.where(problem.most > 0, 1 / np.where(problem.most > 0, problem.most, 1), 1.0)
    n, m = len(problem.unit_ids), len(problem.load_names)
    table = problem.table()
    indptr, indices = _near(problem, table)
    return Case(
        place=np.ascontiguousarray(problem.xy_meters, dtype=np.float64),
        table=table,
        weight=np.ascontiguousarray(problem.weights, dtype=np.float64),
        load=np.ascontiguousarray((problem.loads * scale[:, None]).T),
        least=problem.least * scale,
        most=problem.most * scale,
        indptr=indptr,
        indices=indices,
        whole=problem.neighbours is not None,
        tear=TEAR * m * problem.districts / n,
    )


def _near(problem: MedianProblem, table: np.ndarray) -> tuple[Ints, Ints]:
    """Neighbours, or the nearest units of each where districts need not be whole."""
    if problem.neighbours is not None:
        near = problem.neighbours
        return near.indptr.astype(np.int32), near.indices.astype(np.int32)
    n = len(problem.unit_ids)
    count = min(n - 1, MOST_NEAREST, max(LEAST_NEAREST, NEAREST * n // problem.districts))
    if len(table):
        order = np.argsort(table - np.eye(n), axis=1, kind="stable")[:, 1 : count + 1]
    else:
        from scipy.spatial import KDTree

        found = KDTree(problem.xy_meters).query(problem.xy_meters, k=count + 1)[1]
        order = np.asarray(found, dtype=np.int64)[:, 1:]
    indptr = np.arange(n + 1, dtype=np.int32) * np.int32(count)
    return indptr, np.ascontiguousarray(order, dtype=np.int32).ravel()


def spread_seeds(case: Case, districts: int, random: np.random.Generator) -> Ints:
    """Seeds drawn one by one with the square of the way to the nearest seed (k-means++).

    Where districts must be whole, every piece of the graph has one.
    """
    n = len(case.weight)
    seeds = [int(random.choice(piece)) for piece in _pieces(case)]
    least = np.min([_away(case, seed) for seed in seeds], axis=0)
    taken = np.zeros(n, dtype=np.bool_)
    taken[seeds] = True
    while len(seeds) < districts:
        chance = np.where(taken, 0.0, least**2 * case.weight)
        if chance.sum() <= 0:
            chance = np.where(taken, 0.0, 1.0)
        seed = int(random.choice(n, p=chance / chance.sum()))
        seeds.append(seed)
        taken[seed] = True
        least = np.minimum(least, _away(case, seed))
    return np.array(seeds, dtype=np.int32)


def _pieces(case: Case) -> list[np.ndarray]:
    """Units of each piece of the graph; all of them where districts need not be whole."""
    n = len(case.weight)
    if not case.whole:
        return [np.arange(n)]
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    graph = csr_array((np.ones(len(case.indices)), case.indices, case.indptr), shape=(n, n))
    count, label = connected_components(graph, directed=False)
    return [np.flatnonzero(label == piece) for piece in range(count)]


def _away(case: Case, unit: int) -> np.ndarray:
    if len(case.table):
        return np.asarray(case.table[unit])
    return np.asarray(np.hypot(*(case.place - case.place[unit]).T))


def grown(case: Case, seeds: Ints) -> Ints:
    """Districts grown from their seeds: the lightest takes its nearest free unit, in turn.

    Units that no district reaches go to the nearest seed.
    """
    n = len(case.weight)
    size = (case.load / np.where(case.most > 0, case.most, 1)).sum(axis=1).tolist()
    owner = np.full(n, -1, dtype=np.int32)
    owner[seeds] = np.arange(len(seeds), dtype=np.int32)
    away = [_away(case, seed) for seed in seeds.tolist()]
    fringe: list[list[tuple[float, int]]] = [[] for _ in seeds]
    turn = [(size[seed], k) for k, seed in enumerate(seeds.tolist())]
    for k, seed in enumerate(seeds.tolist()):
        _look(seed, k, case, away[k], fringe)
    heapq.heapify(turn)
    while turn:
        full, k = heapq.heappop(turn)
        while fringe[k]:
            _, unit = heapq.heappop(fringe[k])
            if owner[unit] < 0:
                owner[unit] = k
                _look(unit, k, case, away[k], fringe)
                heapq.heappush(turn, (full + size[unit], k))
                break
    for unit in np.flatnonzero(owner < 0).tolist():
        owner[unit] = int(np.argmin([one[unit] for one in away]))
    return owner


def _look(
    unit: int, k: int, case: Case, away: np.ndarray, fringe: list[list[tuple[float, int]]]
) -> None:
    for other in case.indices[case.indptr[unit] : case.indptr[unit + 1]].tolist():
        heapq.heappush(fringe[k], (float(away[other]), other))
