"""OR-Tools CP-SAT chooses a date for every need: spacing, full days, geographic days.

Each executive's accounts are parted into as many areas as there are working weekdays, and a
weekday is for one area, so that days are compact and stable from week to week. The model then
maximises the value placed, less the way from each need to its day's area, under

- at most one date a need, on which it has an open window;
- visits of one series at least their spacing apart;
- visits plus estimated driving within each day.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.visits.case import Case, Ints

DRIVING_NEIGHBOURS = 3
AREA_ROUNDS = 12
Made = Mapping[tuple[int, int], Any]
"""The CP-SAT literal of every need and shift that may meet."""

DETOUR_SHARE = 0.5  # part of the way to an area's middle that a strange stop costs a day


def choose_dates(
    case: Case, *, seed: int, deterministic_seconds: float, seconds: float | None = None
) -> tuple[tuple[int, ...], float]:
    """The shift of each need (-1 for none) and the deterministic seconds spent.

    ``seconds`` limits the wall time as well.
    """
    from ortools.sat.python import cp_model

    needs, shifts = case.window_count.shape
    if needs == 0 or shifts == 0:
        return (-1,) * needs, 0.0
    model = cp_model.CpModel()
    pairs = [(int(i), int(s)) for i, s in zip(*np.nonzero(case.window_count), strict=True)]
    made = {pair: model.new_bool_var("") for pair in pairs}
    _one_date_each(model, made)
    _keep_distance(model, made, case)
    _fill_no_day_over(model, made, case)
    cost = _day_costs(case, seed)
    worth = case.penalty
    model.maximize(sum((int(worth[i]) - int(cost[i, s])) * made[i, s] for i, s in pairs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_deterministic_time = deterministic_seconds
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return (-1,) * needs, float(solver.response_proto.deterministic_time)
    chosen = [-1] * needs
    for (i, s), variable in made.items():
        if solver.boolean_value(variable):
            chosen[i] = s
    return tuple(chosen), float(solver.response_proto.deterministic_time)


def _one_date_each(model: Any, made: Made) -> None:
    of_need: dict[int, list[Any]] = defaultdict(list)
    for (i, _), variable in made.items():
        of_need[i].append(variable)
    for variables in of_need.values():
        model.add_at_most_one(variables)


def _keep_distance(model: Any, made: Made, case: Case) -> None:
    # For one shift of one visit, every shift of a sibling that is too near is ruled out at once.
    of_series: dict[int, list[int]] = defaultdict(list)
    for i, number in enumerate(case.series):
        if number >= 0:
            of_series[int(number)].append(i)
    for members in of_series.values():
        for position, i in enumerate(members):
            for j in members[position + 1 :]:
                spacing = max(int(case.spacing[i]), int(case.spacing[j]))
                for s in range(len(case.start)):
                    near = [
                        made[j, t]
                        for t in range(len(case.start))
                        if (j, t) in made and abs(int(case.day[s] - case.day[t])) < spacing
                    ]
                    if (i, s) in made and near:
                        model.add_at_most_one([made[i, s], *near])


def _fill_no_day_over(model: Any, made: Made, case: Case) -> None:
    hop = _typical_hops(case)
    on_shift: dict[int, list[tuple[int, Any]]] = defaultdict(list)
    for (i, s), variable in made.items():
        on_shift[s].append((i, variable))
    for s, entries in on_shift.items():
        room = int(case.end[s] - case.start[s] - case.lunch[s, 2])
        model.add(sum(int(case.seconds[i] + hop[i]) * variable for i, variable in entries) <= room)
        if case.capacity[s] < int(case.load.sum()):
            model.add(
                sum(int(case.load[i]) * variable for i, variable in entries)
                <= int(case.capacity[s])
            )


def _typical_hops(case: Case) -> Ints:
    """The driving one visit adds to a day: to its nearest neighbours at other places."""
    between = case.travel[np.ix_(case.point, case.point)].astype(np.float64)
    between[between == 0] = np.inf
    np.fill_diagonal(between, np.inf)
    nearest = np.sort(between, axis=1)[:, :DRIVING_NEIGHBOURS]
    finite = np.where(np.isfinite(nearest), nearest, 0.0)
    counts = np.maximum(1, np.isfinite(nearest).sum(axis=1))
    hops: Ints = (finite.sum(axis=1) / counts).astype(np.int64)
    return hops


def _day_costs(case: Case, seed: int) -> Ints:
    """Seconds that making a need on a shift costs for being far from the day's area."""
    weekday = (case.day - 1) % 7  # ordinal 1 was a Monday
    weekdays = sorted(set(weekday.tolist()))
    middles = _area_middles(case, min(len(weekdays), len(case.point)), seed)
    area = {day: middles[position % len(middles)] for position, day in enumerate(weekdays)}
    middle_of_shift = np.array([area[day] for day in weekday.tolist()], dtype=np.intp)
    way = case.travel[np.ix_(case.point, middle_of_shift)]
    costs: Ints = (DETOUR_SHARE * way).astype(np.int64) + case.off_preferred
    return costs


def _area_middles(case: Case, count: int, seed: int) -> NDArray[np.intp]:
    """Points in the middle of areas of like workload: k-medoids on travel, spread by farthest."""
    random = np.random.default_rng([seed, len(case.point)])
    travel = (
        case.travel[np.ix_(case.point, case.point)] + case.travel[np.ix_(case.point, case.point)].T
    )
    middles = [int(random.integers(len(case.point)))]
    while len(middles) < count:
        middles.append(int(travel[:, middles].min(axis=1).argmax()))
    for _ in range(AREA_ROUNDS):
        nearest = travel[:, middles].argmin(axis=1)
        moved = [
            int(members[travel[np.ix_(members, members)].sum(axis=1).argmin()])
            if len(members := np.flatnonzero(nearest == area))
            else middles[area]
            for area in range(count)
        ]
        if moved == middles:
            break
        middles = moved
    return case.point[np.array(sorted(middles), dtype=np.intp)].astype(np.intp)
