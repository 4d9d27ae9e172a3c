"""Engine "ruin": anneals one executive's dates and routes with the compiled kernel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.case import Case, ExecutiveCase, Ints
from optimizer.visits.timing import day_legs, day_price

if TYPE_CHECKING:
    from optimizer.visits.clock import Routes

Days = tuple[tuple[int, ...], ...]
"""The needs of each shift in visiting order."""

CHUNK_TURNS = 500  # turns between two looks at the stop
SOFT_LEGS = 4.0


@dataclass(slots=True, eq=False)
class Annealing:
    """A search in progress: ``advance`` it as far as you like, ``days`` is its best plan so far."""

    case: Case
    best_cost: int
    best_stop: NDArray[np.int64]
    best_size: Ints
    random: NDArray[np.uint64]
    kin: Ints
    kin_of: Ints
    routes: "Routes"
    mean_leg: float

    @property
    def leaves_out(self) -> bool:
        """Whether the best plan leaves a need out."""
        return int(self.best_size.sum()) < len(self.case.point)

    @property
    def days(self) -> Days:
        """The best plan so far."""
        return tuple(
            tuple(int(need) for need in self.best_stop[s, 1 : size + 1])
            for s, size in enumerate(self.best_size)
        )

    def advance(self, turns: int, hot: float, cold: float, hardness: float = 1.0) -> None:
        """Anneal ``turns`` more, from ``hot`` to ``cold`` as parts of the mean leg.

        ``hardness`` from 0 to 1 says how dear a visit left out is: at 0 the least valued is worth
        ``SOFT_LEGS`` mean legs, at 1 its penalty.
        """
        from optimizer.visits.kernel import search

        true_penalty = self.case.penalty
        soft = min(1.0, SOFT_LEGS * self.mean_leg / float(true_penalty.min()))
        penalty = np.ceil(true_penalty * soft ** (1.0 - hardness)).astype(np.int64)
        self.best_cost = int(
            search(
                self.case._replace(penalty=penalty),
                self.routes,
                self.best_stop,
                self.best_size,
                self.kin,
                self.kin_of,
                turns,
                hot * self.mean_leg,
                cold * self.mean_leg,
                self.best_cost,
                true_penalty,
                np.zeros_like(self.routes.stop),
                np.full(len(self.case.start), -1, dtype=np.int64),
                np.empty(len(self.case.point), dtype=np.int64),
                self.random,
            )
        )


def start_annealing(executive: ExecutiveCase, days: Days | None, *, seed: int) -> Annealing:
    """A search that starts from given days, completed by cheapest insertion of what they lack."""
    from optimizer.visits.clock import empty_routes, refresh
    from optimizer.visits.kernel import copy_stops, drop_misplaced, plan_cost, recreate

    case = executive.arrays
    shifts = len(case.start)
    routes = empty_routes(case)
    for s, stops in enumerate(days or ()):
        routes.stop[s, 1 : len(stops) + 1] = stops
        routes.size[s] = len(stops)
        routes.shift_of[list(stops)] = s
    for s in range(shifts):
        refresh(case, routes, s)
    kin, kin_of = series_rows(case.series)
    drop_misplaced(case, routes, kin, kin_of)
    random = np.array([_seed_state(seed, executive.executive_id)], dtype=np.uint64)
    absent = np.flatnonzero(routes.shift_of < 0).astype(np.int64)
    saved = np.zeros_like(routes.stop)
    kept = np.zeros(shifts, dtype=np.int64)
    if shifts:
        recreate(case, routes, absent, len(absent), kin, kin_of, saved, kept, 0.0, random)
    best_stop, best_size = np.zeros_like(routes.stop), np.zeros_like(routes.size)
    copy_stops(routes, best_stop, best_size)
    return Annealing(
        case=case,
        best_cost=int(plan_cost(case, routes)),
        best_stop=best_stop,
        best_size=best_size,
        random=random,
        kin=kin,
        kin_of=kin_of,
        routes=routes,
        mean_leg=_mean_leg(routes.driving, routes.size),
    )


def series_rows(series: Ints) -> tuple[Ints, Ints]:
    """The needs of each series, one after another, and where each series begins."""
    count = int(series.max(initial=-1)) + 1
    members = [np.flatnonzero(series == number) for number in range(count)]
    kin = np.concatenate([*members, np.empty(0, dtype=np.int64)]).astype(np.int64)
    return kin, np.cumsum([0, *(len(group) for group in members)]).astype(np.int64)


def _mean_leg(driving: Ints, size: Ints) -> float:
    used = size > 0
    legs = float((size[used] + 1).sum())
    return max(1.0, float(driving[used].sum()) / legs) if legs else 1.0


def _seed_state(seed: int, executive_id: str) -> int:
    # Every executive has an own stream, so that plans do not depend on who is solved first.
    sequence = np.random.SeedSequence([seed, *executive_id.encode("utf-8", "surrogatepass")])
    return int(sequence.generate_state(1, dtype=np.uint64)[0]) | 1


def complete(executive: ExecutiveCase, days: Sequence[Sequence[int]], *, seed: int) -> Days:
    """The given days with every need put in that still fits somewhere."""
    started = start_annealing(executive, tuple(tuple(day) for day in days), seed=seed)
    return started.days


def imbalance_cost(case: Case, days: Days) -> int:
    """What work above the even share of each week (or day) costs, in seconds."""
    if not case.rates[2]:
        return 0
    work = np.zeros_like(case.span_offered)
    for s, stops in enumerate(days):
        if stops:
            stay = sum(int(case.seconds[need]) for need in stops)
            work[case.span[s]] += sum(day_legs(case, s, stops)) + stay
    share = int(work.sum()) * case.span_offered // max(1, int(case.span_offered.sum()))
    return int(np.maximum(0, work - share).sum() * case.rates[2] // 1000)


def days_cost(case: Case, days: Days) -> int:
    """The objective of one executive's days, in seconds."""
    cost = 0
    served: set[int] = set()
    for s, stops in enumerate(days):
        cost += sum(day_legs(case, s, stops)) if stops else 0
        cost += sum(int(case.off_preferred[need, s]) for need in stops)
        cost += day_price(case, s, stops)
        served.update(stops)
    cost += imbalance_cost(case, days)
    return cost + sum(int(p) for need, p in enumerate(case.penalty) if need not in served)
