"""A problem as the kernel sees it: no units of measure, everything about 1."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.kernel_values import Field, Ints
from optimizer.redraw.problem import RedrawProblem
from territory.measures import Objective, border_weights, mean_square_km, objective

LEAST_TOLERANCE = 0.001  # the penalty is in tolerances; a tolerance of 0 counts as 0.1 %


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arena:
    """A problem with its compiled field and the lengths that lead back to metres."""

    problem: RedrawProblem
    field: Field
    radius_meters: float
    middle_meters: NDArray[np.float64]
    before: NDArray[np.int64] | None

    def objective(self, owners: Ints) -> Objective:
        """The true objective of an assignment, from ``territory.measures``."""
        problem = self.problem
        return objective(
            owners.astype(np.int64),
            problem.ground,
            executives=problem.executives,
            tolerance_percent=problem.tolerance_percent,
            border_price=problem.border_price,
            before=self.before,
            move_price=problem.move_price,
            homes_meters=problem.homes_meters if problem.homes_fixed else None,
        )

    def to_place(self, xy_meters: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres to the kernel's lengths."""
        return np.ascontiguousarray((xy_meters - self.middle_meters) / self.radius_meters)


def arena(problem: RedrawProblem) -> Arena:
    """The problem made ready for the kernel."""
    n, p = len(problem.unit_ids), problem.executives
    radius = 1000 * math.sqrt(mean_square_km(problem.ground, p))
    middle = problem.xy_meters.mean(axis=0)
    means = problem.loads.sum(axis=1) / p
    used = means > 0
    loads = np.ones((1, n)) * p / n if not used.any() else problem.loads[used] / means[used, None]
    tolerance = np.asarray(problem.tolerance_percent, dtype=np.float64)[used] / 100
    tolerance = tolerance if used.any() else np.array([10.0])
    workload = problem.loads[-1]
    total = float(workload.sum())
    homes = problem.homes_meters
    before = problem.owners_before
    field = Field(
        indptr=np.ascontiguousarray(problem.neighbours.indptr, dtype=np.int32),
        indices=np.ascontiguousarray(problem.neighbours.indices, dtype=np.int32),
        edge_cost=border_weights(problem.neighbours)
        * (problem.border_price * p / (3 * math.sqrt(n * p))),
        place=np.ascontiguousarray((problem.xy_meters - middle) / radius),
        weight=np.ascontiguousarray(workload * p / total if total > 0 else np.zeros(n)),
        load=np.ascontiguousarray(loads.T),
        scale=1 / np.maximum(tolerance, LEAST_TOLERANCE),
        free=problem.locked < 0,
        before=before.astype(np.int32),
        move_price=float(problem.move_price),
        homes=(
            np.ascontiguousarray((homes - middle) / radius)
            if problem.homes_fixed and homes is not None
            else np.zeros((p, 2))
        ),
        at_home=problem.homes_fixed,
    )
    return Arena(
        problem=problem,
        field=field,
        radius_meters=radius,
        middle_meters=middle,
        before=None if problem.before is None else before,
    )
