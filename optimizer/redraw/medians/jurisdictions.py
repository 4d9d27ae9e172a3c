"""Jurisdictions redrawn around medians: a redraw problem answered by least distance.

The shape is the sum of workload x distance to each jurisdiction's best unit, where ``redraw.solve``
takes the moment of inertia about the centre: outliers count less, and the centre is a place.
"""

from dataclasses import replace

import numpy as np

from optimizer.redraw.medians.problem import MedianParams, MedianProblem
from optimizer.redraw.medians.solve import solve
from optimizer.redraw.problem import RedrawProblem
from optimizer.run import Progress, Report, Result, Stop, silent
from territory.alignment import AlignmentPlan
from territory.errors import Fault, InputError
from territory.medians import MedianPlan

Owners = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def redraw_around_medians(
    problem: RedrawProblem,
    *,
    params: MedianParams = MedianParams(),
    stop: Stop | None = None,
    progress: Progress[AlignmentPlan] = silent,
) -> Result[AlignmentPlan]:
    """Whole jurisdictions within tolerance, least workload x metres to each one's best unit.

    ``objective`` and ``bound`` are in load x metres; the plan's figures are those of any redraw.
    Executives keep as much of the alignment before as they can, else live near (Hungarian method).

    Raises
    ------
    InputError
        If the problem has rules this method does not know: locks, pins, fixed homes, groups
        together or apart, a price for moving, soft or carried loads, shape on the road.
    Infeasible
        As ``MedianProblem``.
    """
    from optimizer.redraw.again import measured
    from optimizer.redraw.field import arena
    from optimizer.redraw.labels import labelled

    _refuse_rules(problem)
    ready = arena(problem)
    asked = median_problem(problem)

    def plan_of(found: MedianPlan) -> AlignmentPlan:
        seat = {unit: k for k, unit in enumerate(found.districts)}
        owner = np.array([seat[unit] for unit in found.centers], dtype=np.int32)
        plan = measured(problem, labelled(owner, ready).astype(np.int64))
        return replace(plan, notes=(*plan.notes, *found.notes))

    def tell(report: Report[MedianPlan]) -> None:
        best = None if report.best is None else plan_of(report.best)
        progress(
            Report(
                message=report.message,
                fraction=report.fraction,
                objective=report.objective,
                best=best,
            )
        )

    made = solve(asked, params=params, stop=stop, progress=tell)
    return Result(
        plan=plan_of(made.plan),
        objective=made.objective,
        cost=made.cost,
        bound=made.bound,
        work=made.work,
    )


def median_problem(problem: RedrawProblem) -> MedianProblem:
    """The same units and tolerances; distance weighs the last load, workload."""
    mean = problem.loads.sum(axis=1) / problem.executives
    tolerance = np.array(problem.tolerance_percent) / 100
    return MedianProblem(
        unit_ids=problem.unit_ids,
        xy_meters=problem.xy_meters,
        load_names=problem.load_names,
        loads=problem.loads,
        least=mean * np.maximum(0, 1 - tolerance),
        most=mean * (1 + tolerance),
        districts=problem.executives,
        neighbours=problem.neighbours,
        weight=problem.loads[-1],
    )


def _refuse_rules(problem: RedrawProblem) -> None:
    asked = {
        "locked_units": bool(problem.locked_units),
        "pinned": bool(problem.pinned),
        "homes_fixed": problem.homes_fixed,
        "together": bool(problem.together),
        "apart": bool(problem.apart),
        "move_price": problem.move_price > 0,
        "sealed": bool(problem.sealed),
        "soft_price": any(problem.soft_price),
        "carried_loads": problem.carried_loads is not None,
        "center_seconds": problem.center_seconds is not None,
    }
    faults = [
        Fault(column=name, expected="none, where jurisdictions are drawn around medians")
        for name, is_asked in asked.items()
        if is_asked
    ]
    if faults:
        raise InputError("Medians know balance, pieces and distance only.", faults)
