"""Redraw within a level that is given: each group is shared among its own executives.

A group is a problem of its own, balanced about the means of the whole market, so that tolerances
say the same everywhere. A load of which the group's own mean lies beyond tolerance cannot be met
there; it is balanced about that mean, which is as fair as the group allows.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.problem import RedrawParams, RedrawProblem
from optimizer.redraw.sealed import CUT_OFF
from optimizer.redraw.seats import GroupPart, group_parts
from optimizer.run import Progress, Report, Result, Stop, silent
from territory.alignment import AlignmentPlan
from territory.measures import owner_positions
from territory.plans import StoppedBy, WorkDone

Longs = NDArray[np.int64]
WORST_FIRST: tuple[StoppedBy, ...] = ("cancelled", "clock", "work", "finished")


def solve_within(
    problem: RedrawProblem,
    *,
    params: RedrawParams,
    stop: Stop | None = None,
    progress: Progress[AlignmentPlan] = silent,
    owners: Longs | None = None,
) -> Result[AlignmentPlan]:
    """The best alignment found in which every jurisdiction lies within one group.

    Carries on from ``owners`` in each group whose units all belong to its own executives there.
    Work and time are shared by units.

    Raises
    ------
    Infeasible
        If a group's executives cannot share its units.
    """
    from optimizer.redraw.field import arena
    from optimizer.redraw.method import result_of

    stop = stop or Stop()
    stop.restart()
    whole = np.full(len(problem.unit_ids), -1, dtype=np.int32)
    works: list[WorkDone] = []
    notes: list[str] = []
    done = 0
    for group in group_parts(problem, problem.executive_groups):
        progress(Report(message=f"redraw within {group.name}", fraction=done / len(whole)))
        mine = _share(stop, len(group.units), done, len(whole))
        result = _solved(group, params, mine, owners)
        whole[group.units] = group.seats[owner_positions(result.plan.alignment)]
        cut_off = [note for note in result.plan.notes if note.startswith(CUT_OFF)]
        notes += [f"Within {group.name}: {note}" for note in cut_off]
        works.append(result.work)
        done += len(group.units)
    work = WorkDone(
        stopped_by=min((each.stopped_by for each in works), key=WORST_FIRST.index),
        iterations=sum(each.iterations for each in works),
        wall_seconds=stop.elapsed_seconds,
    )
    made = result_of(whole, arena(problem), work)
    return replace(made, plan=replace(made.plan, notes=(*notes, *made.plan.notes)))


def _solved(
    group: GroupPart, params: RedrawParams, stop: Stop, owners: Longs | None
) -> Result[AlignmentPlan]:
    """The plan of one group."""
    from optimizer.redraw.again import improve
    from optimizer.redraw.method import solve

    asked = _fair(group.problem)
    if owners is not None:
        begun = np.searchsorted(group.seats, owners[group.units])
        begun = np.minimum(begun, len(group.seats) - 1)
        if (group.seats[begun] == owners[group.units]).all():
            return improve(asked, begun, params=params, stop=stop)
    return solve(asked, params=params, stop=stop)


def _fair(problem: RedrawProblem) -> RedrawProblem:
    """The group's problem about its own mean in each load whose tolerance that mean exceeds."""
    own = (problem.loads.sum(axis=1) + problem.carried.sum(axis=1)) / problem.executives
    mean = problem.mean_loads
    off = 100 * np.abs(own - mean) / np.where(mean > 0, mean, 1.0)
    beyond = off > problem.limits_percent + 1e-9
    if not beyond.any():
        return problem
    return replace(problem, target_loads=np.where(beyond, own, mean))


def _share(stop: Stop, units: int, done: int, total: int) -> Stop:
    """A group's part of the work and of the time that is left."""
    left = stop.seconds_left
    return Stop(
        iterations=None if stop.iterations is None else math.ceil(stop.iterations * units / total),
        seconds=None if left is None else left * units / (total - done),
        cancel=stop.cancel,
    )
