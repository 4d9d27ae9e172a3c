"""Good plans of one search and how two of them are crossed: a region of one with days of another.

The genetic part of Vidal et al. 2012 in a form that suits ruin and recreate: a child is one parent
whose customers near a random place take the days they have in the other, the days renamed so that
the two agree best; annealing then mends the seam.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from optimizer.visits.rhythm.problem import RhythmProblem

Ints = NDArray[np.int64]
MOST_ELITE = 10
SAME_LENGTH = 1e-6
REGION = (0.15, 0.6)  # part of the customers that a child takes from its second parent
LEAST_CHANGED = 2
TRIES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Elite:
    """A plan within the limits: stops and sizes of its routes, and each customer's days."""

    seq: NDArray[np.int32]
    size: Ints
    length: float
    days_of: Ints  # (n + 1,): bit d for day d


def make_elite(seq: NDArray[np.int32], size: Ints, length: float, fleet: int, nodes: int) -> Elite:
    """A copy of a plan with the days of its customers."""
    days_of = np.zeros(nodes, dtype=np.int64)
    for row, count in enumerate(size):
        days_of[seq[row, 1 : count + 1]] |= 1 << (row // fleet)
    return Elite(seq.copy(), size.copy(), length, days_of)


@dataclass(slots=True)
class Pool:
    """The best plans seen, no two of the same length."""

    members: list[Elite] = field(default_factory=list)

    @property
    def best(self) -> Elite:
        return self.members[0]

    def add(self, elite: Elite) -> None:
        """Keep a plan if it is new and good enough."""
        if any(abs(elite.length - one.length) < SAME_LENGTH for one in self.members):
            return
        self.members.append(elite)
        self.members.sort(key=lambda one: one.length)
        del self.members[MOST_ELITE:]

    def parents(self, random: np.random.Generator) -> tuple[Elite, Elite]:
        """Two different plans, the first by a tournament of two; twice the only one if alone."""
        count = len(self.members)
        first = int(min(random.integers(count, size=2)))
        others = [row for row in range(count) if row != first] or [first]
        return self.members[first], self.members[int(random.choice(others))]


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """Customers that take other days in a child, and which; -1 for the cheapest pattern."""

    customers: Ints
    masks: Ints


def cross(
    problem: RhythmProblem,
    near: NDArray[np.int64],
    first: Elite,
    second: Elite,
    random: np.random.Generator,
) -> Crossing:
    """What a child of two plans changes in the first: a region that the two serve otherwise."""
    wanted = _renamed(problem, first.days_of, second.days_of)
    low, high = REGION
    for _ in range(TRIES):
        size = int(random.uniform(low, high) * problem.customers) + 1
        region = near[int(random.integers(problem.customers)), :size]
        changed = region[wanted[region] != first.days_of[region]]
        if len(changed) >= LEAST_CHANGED:
            return Crossing(changed, wanted[changed])
    # The two are alike: the child lets a region choose afresh.
    size = max(2, problem.customers // 5)
    region = near[int(random.integers(problem.customers)), :size]
    return Crossing(region, _any_days(problem, region))


def _renamed(problem: RhythmProblem, kept: Ints, other: Ints) -> Ints:
    """The days of ``other`` renamed to agree with ``kept``, where a customer may have them."""
    days = problem.days
    has = (kept[1:, None] >> np.arange(days)) & 1
    takes = (other[1:, None] >> np.arange(days)) & 1
    rows, columns = linear_sum_assignment(takes.T @ has, maximize=True)
    name = np.zeros(days, dtype=np.int64)
    name[rows] = columns
    renamed = np.zeros_like(kept)
    renamed[1:] = (takes << name[None, :]).sum(axis=1)
    for customer in range(1, len(kept)):
        options = problem.patterns[customer]
        if int(renamed[customer]) not in options:
            renamed[customer] = other[customer] if int(other[customer]) in options else -1
    return renamed


def _any_days(problem: RhythmProblem, customers: Sequence[int] | Ints) -> Ints:
    return np.array(
        [-1 if len(problem.patterns[c]) > 1 else problem.patterns[c][0] for c in customers],
        dtype=np.int64,
    )
