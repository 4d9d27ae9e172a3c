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
            soft_price=problem.soft_prices,
            carried=problem.carried,
            move_shares=problem.move_shares,
            road_shares=problem.road_shares,
            means=problem.target_loads,
        )

    def to_place(self, xy_meters: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres to the kernel's lengths."""
        return np.ascontiguousarray((xy_meters - self.middle_meters) / self.radius_meters)


def arena(problem: RedrawProblem) -> Arena:
    """The problem made ready for the kernel."""
    n, p = len(problem.unit_ids), problem.executives
    radius = 1000 * math.sqrt(mean_square_km(problem.ground, p))
    middle = problem.xy_meters.mean(axis=0)
    tolerance = np.asarray(problem.tolerance_percent, dtype=np.float64) / 100
    hard = problem.is_hard & (problem.mean_loads > 0)
    soft = ~problem.is_hard & (problem.mean_loads > 0)
    loads, carried = _in_means(problem, hard)
    priced, soft_carried = _in_means(problem, soft)
    room = tolerance[hard]
    if not hard.any():  # the kernel wants a load: units alike, and any number of them will do
        loads, carried, room = np.full((n, 1), p / n), np.zeros((p, 1)), np.array([10.0])
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
        load=loads,
        scale=1 / np.maximum(room, LEAST_TOLERANCE),
        free=problem.locked < 0,
        before=before.astype(np.int32),
        move_cost=problem.move_price * p * problem.move_shares,
        homes=(
            np.ascontiguousarray((homes - middle) / radius)
            if problem.homes_fixed and homes is not None
            else np.zeros((p, 2))
        ),
        at_home=problem.homes_fixed,
        carried=carried,
        priced=priced,
        soft_carried=soft_carried,
        room=tolerance[soft],
        excess_price=problem.soft_prices[soft],
        road=_road(problem),
    )
    return Arena(
        problem=problem,
        field=field,
        radius_meters=radius,
        middle_meters=middle,
        before=None if problem.before is None else before,
    )


def _in_means(
    problem: RedrawProblem, rows: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """These loads of the units (n, rows) and of the executives besides (p, rows), in means."""
    mean = problem.mean_loads[rows, None]
    units, besides = problem.loads[rows] / mean, problem.carried[rows] / mean
    return np.ascontiguousarray(units.T), np.ascontiguousarray(besides.T)


def _road(problem: RedrawProblem) -> NDArray[np.float64]:
    """Energy of shape of each unit in each jurisdiction, (n, p); no rows for straight lines."""
    shares = problem.road_shares
    if shares is None:
        return np.zeros((0, 0))
    return np.ascontiguousarray(problem.executives * shares.T)
