"""Starts side by side, each annealed from its own seeds; the best assignment and all districts met.

Pieces and limits are priced while it is hot and must hold in what is kept: in sparse graphs a
district can pass through another only in pieces.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from optimizer.redraw.medians.problem import MedianParams, MedianProblem
from optimizer.redraw.medians.start import case_of, grown, spread_seeds
from optimizer.redraw.medians.values import Case, Ints, Pool, State
from optimizer.run import Stop

HOT, COLD = 0.5, 0.02  # of the usual distance of a unit to its centre
CHEAP, DEAR = 0.5, 30.0  # the same, a broken limit of one district
SWAPS = 0.4
PARTS = 100  # steps of the cooling, between which a start looks at the clock
MENDING = 300  # proposals a unit to join pieces where no whole assignment was met
POOL_DISTRICTS, POOL_MEMBERS = 40_000, 4_000_000
WHOLE = 1e6

Rank = tuple[int, float, float]
Tell = Callable[[str, float, "Found"], None]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """An assignment, and how it ranks: torn pieces, excess of limits, cost."""

    owner: Ints
    rank: Rank
    pools: tuple[Pool, ...]
    proposals: int
    is_clocked: bool


def search(
    problem: MedianProblem, params: MedianParams, stop: Stop, tell: Tell, case: Case | None = None
) -> Found:
    """The best of all starts with the districts they met; the pools are in the order of starts."""
    case = case or case_of(problem)
    plan = _shares(problem, params, stop)
    best: Found | None = None
    pools: list[Pool] = []
    proposals, is_clocked = 0, False
    with ThreadPoolExecutor(max_workers=params.threads) as threads:
        for first in range(0, len(plan), params.threads):
            batch = range(first, min(first + params.threads, len(plan)))
            deadline = None
            if stop.seconds is not None:
                deadline = stop.seconds * SEARCH_SHARE * (batch.stop / len(plan))
            made = list(
                threads.map(
                    lambda at, d=deadline: _start(case, problem, params, at, plan[at], stop, d),
                    batch,
                )
            )
            for one in made:
                pools += one.pools
                proposals += one.proposals
                is_clocked |= one.is_clocked
                best = one if best is None or one.rank < best.rank else best
            assert best is not None
            tell("anneal districts", batch.stop / len(plan), best)
            if stop.now(proposals):
                break
    assert best is not None
    return Found(best.owner, best.rank, tuple(pools), proposals, is_clocked)


SEARCH_SHARE = 0.7
"""Of a clock's seconds; the rest is for putting districts together and for the bound."""


def _shares(problem: MedianProblem, params: MedianParams, stop: Stop) -> list[int]:
    """Proposals of each start."""
    each = min(params.proposals_per_unit * len(problem.unit_ids), params.most_proposals)
    if stop.iterations is None:
        return [each] * params.starts
    starts = max(1, min(params.starts, stop.iterations // max(each, 1)))
    return [max(1, min(each, stop.iterations // starts))] * starts


def _start(
    case: Case,
    problem: MedianProblem,
    params: MedianParams,
    number: int,
    proposals: int,
    stop: Stop,
    deadline: float | None,
) -> Found:
    """One annealing from seeds of its own."""
    from optimizer.redraw.medians.kernels import anneal, set_up

    n, p = len(problem.unit_ids), problem.districts
    random = np.random.default_rng((params.seed, number))
    owner = grown(case, spread_seeds(case, p, random))
    state = set_up(owner, p, case)
    pool = empty_pool(n)
    key = random.integers(1, 2**63, n, dtype=np.uint64)
    word = random.integers(1, 2**63, 1, dtype=np.uint64)
    unit = max(float(state.cost.sum() / max(case.weight.sum(), 1e-300)), 1e-9)
    unit *= float(case.weight.mean())
    prices = np.array([CHEAP, CHEAP, DEAR]) * unit * n / p
    best, least = owner.copy(), np.inf
    done, began, is_clocked = 0, stop.elapsed_seconds, False
    while done < proposals:
        fraction = done / proposals
        if deadline is not None and deadline > began:
            spent = (stop.elapsed_seconds - began) / (deadline - began)
            is_clocked |= spent > fraction
            fraction = max(fraction, spent)
        if fraction >= 1 or stop.cancel.is_set():
            break
        some = max(1, min(-(-proposals // PARTS), proposals - done))
        heats = unit * HOT * (COLD / HOT) ** np.minimum([fraction, fraction + 1 / PARTS], 1.0)
        least = anneal(
            case, state, best, least, heats, prices, some, SWAPS, key, pool, word
        )  # fmt: skip
        done += some
    if not np.isfinite(least):
        best = _mended(case, state, owner, unit, prices, key, word)
    return Found(best, rank(best, p, case), (pool,), done, is_clocked)


def _mended(
    case: Case,
    state: State,
    owner: Ints,
    unit: float,
    prices: np.ndarray,
    key: np.ndarray,
    word: np.ndarray,
) -> Ints:
    """Where the search ended, its pieces joined before anything else."""
    from optimizer.redraw.medians.kernels import anneal

    n = len(owner)
    heats = np.array([COLD, COLD]) * unit
    anneal(
        case._replace(tear=WHOLE), state, owner.copy(), 0.0, heats, prices, MENDING * n,
        SWAPS, key, empty_pool(0), word,
    )  # fmt: skip
    return owner


def empty_pool(units: int) -> Pool:
    """Room for districts; none for 0 units."""
    districts = POOL_DISTRICTS if units else 0
    return Pool(
        np.zeros(1 << 18 if units else 1, np.uint64),
        np.zeros(districts),
        np.zeros(districts + 1, np.int64),
        np.zeros(POOL_MEMBERS if units else 0, np.int32),
        np.zeros(2, np.int64),
    )


def rank(owner: Ints, districts: int, case: Case) -> Rank:
    """Torn pieces, excess of limits, cost: less is better, in this order."""
    from optimizer.redraw.medians.kernels import excess, set_up

    state = set_up(owner.copy(), districts, case)
    torn = int(state.torn.sum())
    return torn, round(max(0.0, excess(case, state) - case.tear * torn), 9), float(state.cost.sum())
