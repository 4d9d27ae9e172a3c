"""OR-Tools routing makes the routes of one executive's week.

One vehicle is one shift. A need may go to any of its shifts of the week that keep its distance to
the other visits of its series; where its windows differ from date to date it has one node for each
set of windows, of which at most one is used. Lunch is a break of the time dimension. Travel comes
from a registered matrix (Python callbacks cost a fifth of the objective), the search is iterated
local search with string removals, limited by the number of plans looked at, so that it repeats.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from optimizer.visits.case import NO_WAY_SECONDS, Case
from optimizer.visits.timing import time_day

GENEROUS_SECONDS = 60.0  # wall limit of one week's model, far above what its work limit takes
MAX_PENALTY = 10**9


def route_weeks(
    case: Case, shift_of: Sequence[int], *, solutions: int, seconds: float | None = None
) -> tuple[tuple[tuple[int, ...], ...], bool]:
    """The needs of every shift in visiting order, and whether a wall limit cut the search short.

    Needs that do not fit fall out.

    ``shift_of`` is the date chosen for each need, as its shift, -1 for none; ``solutions`` is the
    work for each week, ``seconds`` a wall limit for all of them.
    """
    days: list[tuple[int, ...]] = [() for _ in case.start]
    placed = dict(enumerate(shift_of))
    weeks = list(_weeks(case))
    limit = GENEROUS_SECONDS
    if seconds is not None and weeks:
        limit = min(limit, seconds / len(weeks))
    was_cut = False
    for week in weeks:
        began = time.monotonic()
        candidates = _week_domains(case, week, placed)
        if not candidates:
            continue
        for s, stops in _route_week(case, week, candidates, solutions, limit).items():
            days[s] = stops
        was_cut = was_cut or time.monotonic() - began >= limit
        for need in candidates:
            placed[need] = -1
        for s in week:
            placed.update(dict.fromkeys(days[s], s))
    kept = tuple(_without_misfits(case, s, stops) for s, stops in enumerate(days))
    return kept, was_cut


def _weeks(case: Case) -> Iterable[list[int]]:
    weeks: dict[int, list[int]] = defaultdict(list)
    for s, day in enumerate(case.day):
        weeks[(int(day) - 1) // 7].append(s)
    return weeks.values()


def _week_domains(
    case: Case, week: Sequence[int], placed: Mapping[int, int]
) -> dict[int, list[int]]:
    """The shifts of this week that each need to be routed may go to."""
    inside = set(week)
    domains: dict[int, list[int]] = {}
    for need in range(len(case.point)):
        if placed[need] >= 0 and placed[need] not in inside:
            continue
        kin = [
            other
            for other in range(len(case.point))
            if case.series[need] >= 0 and case.series[other] == case.series[need] and other != need
        ]
        has_sibling_here = any(placed[other] in inside for other in kin)
        if has_sibling_here:
            shifts = [placed[need]] if placed[need] >= 0 else []
        else:
            shifts = [s for s in week if case.window_count[need, s] > 0]
        shifts = [s for s in shifts if _keeps_distance(case, need, s, kin, placed)]
        if shifts:
            domains[need] = shifts
    return _without_new_twins(case, domains, placed)


def _keeps_distance(
    case: Case, need: int, s: int, kin: Iterable[int], placed: Mapping[int, int]
) -> bool:
    return all(
        placed[other] < 0
        or abs(int(case.day[s] - case.day[placed[other]]))
        >= max(int(case.spacing[need]), int(case.spacing[other]))
        for other in kin
    )


def _without_new_twins(
    case: Case, domains: dict[int, list[int]], placed: Mapping[int, int]
) -> dict[int, list[int]]:
    # Two undated visits of a series could land side by side: only the first is tried this week.
    taken: set[int] = set()
    kept: dict[int, list[int]] = {}
    for need, shifts in domains.items():
        series = int(case.series[need])
        if placed[need] < 0 and series >= 0:
            if series in taken:
                continue
            taken.add(series)
        kept[need] = shifts
    return kept


def _route_week(
    case: Case,
    week: Sequence[int],
    domains: Mapping[int, Sequence[int]],
    solutions: int,
    limit_seconds: float,
) -> dict[int, tuple[int, ...]]:
    from ortools.constraint_solver import pywrapcp

    nodes = _nodes(case, domains)
    shifts, count = list(week), len(nodes)
    starts = [count + v for v in range(len(shifts))]
    ends = [count + len(shifts) + v for v in range(len(shifts))]
    manager = pywrapcp.RoutingIndexManager(count + 2 * len(shifts), len(shifts), starts, ends)
    routing = pywrapcp.RoutingModel(manager)
    seconds = [int(case.seconds[need]) for need, _ in nodes] + [0] * (2 * len(shifts))
    legs = _leg_matrix(case, nodes, shifts)
    travel = routing.RegisterTransitMatrix(legs)
    routing.SetArcCostEvaluatorOfAllVehicles(travel)
    clock = _add_clock(routing, legs, seconds)
    _add_shifts(case, routing, clock, shifts, seconds, manager)
    _add_driving_and_load(case, routing, travel, nodes, shifts)
    _add_needs(case, routing, manager, clock, nodes, shifts)
    solution = routing.SolveWithIteratedLocalSearch(_parameters(solutions, limit_seconds))
    if solution is None:
        return {}
    return {s: tuple(_stops(routing, manager, solution, v, nodes)) for v, s in enumerate(shifts)}


Node = tuple[int, tuple[int, ...]]
"""A need and the shifts on which this copy of it may be made."""


def _nodes(case: Case, domains: Mapping[int, Sequence[int]]) -> list[Node]:
    nodes: list[Node] = []
    for need, shifts in domains.items():
        alike: dict[tuple[int, int], list[int]] = defaultdict(list)
        for s in shifts:
            alike[int(case.window_first[need, s]), int(case.window_count[need, s])].append(s)
        nodes.extend((need, tuple(group)) for group in alike.values())
    return nodes


def _leg_matrix(case: Case, nodes: Sequence[Node], shifts: Sequence[int]) -> list[list[int]]:
    points = [
        *(int(case.point[need]) for need, _ in nodes),
        *(int(case.start_point[s]) for s in shifts),
        *(int(case.end_point[s]) for s in shifts),
    ]
    between = case.travel[points][:, points]
    if case.traffic.shape[1]:
        between = between * 1000 // _usual_speed(case, shifts)
    legs: list[list[int]] = between.tolist()
    return legs


def _usual_speed(case: Case, shifts: Sequence[int]) -> int:
    """The mean speed of the working hours, in thousandths; our own clock tells the rest."""
    spans = case.traffic[list(shifts)]
    start, end = case.start[list(shifts), None], case.end[list(shifts), None]
    inside = np.clip(np.minimum(spans[..., 1], end) - np.maximum(spans[..., 0], start), 0, None)
    return max(1, int((inside * spans[..., 2]).sum() / max(1, inside.sum())))


def _add_clock(routing: Any, legs: Sequence[Sequence[int]], seconds: Sequence[int]) -> Any:
    timed = [[leg + stay for leg in row] for row, stay in zip(legs, seconds, strict=True)]
    routing.AddDimension(routing.RegisterTransitMatrix(timed), 86_400, 86_400, False, "clock")
    return routing.GetDimensionOrDie("clock")


def _add_shifts(
    case: Case,
    routing: Any,
    clock: Any,
    shifts: Sequence[int],
    seconds: Sequence[int],
    manager: Any,
) -> None:
    stays = [seconds[manager.IndexToNode(index)] for index in range(routing.Size())]
    for v, s in enumerate(shifts):
        span = int(case.start[s]), int(case.end[s])
        clock.CumulVar(routing.Start(v)).SetRange(*span)
        clock.CumulVar(routing.End(v)).SetRange(*span)
        earliest, latest, length = (int(value) for value in case.lunch[s, :3])
        if length and latest + length <= span[1]:
            lunch = routing.solver().FixedDurationIntervalVar(
                earliest, latest, length, False, f"lunch {v}"
            )
            clock.SetBreakIntervalsOfVehicle([lunch], v, stays)


def _add_driving_and_load(
    case: Case, routing: Any, travel: int, nodes: Sequence[Node], shifts: Sequence[int]
) -> None:
    limits = [int(case.max_driving[s]) for s in shifts]
    routing.AddDimensionWithVehicleCapacity(travel, 0, limits, True, "driving")
    if case.load.any():
        loads = [int(case.load[need]) for need, _ in nodes] + [0] * (2 * len(shifts))
        carried = routing.RegisterUnaryTransitVector(loads)
        capacities = [int(case.capacity[s]) for s in shifts]
        routing.AddDimensionWithVehicleCapacity(carried, 0, capacities, True, "load")


def _add_needs(
    case: Case, routing: Any, manager: Any, clock: Any, nodes: Sequence[Node], shifts: Sequence[int]
) -> None:
    vehicle_of = {s: v for v, s in enumerate(shifts)}
    copies: dict[int, list[int]] = defaultdict(list)
    for node, (need, allowed) in enumerate(nodes):
        index = manager.NodeToIndex(node)
        copies[need].append(index)
        routing.VehicleVar(index).SetValues([-1, *(vehicle_of[s] for s in allowed)])
        first = int(case.window_first[need, allowed[0]])
        windows = case.windows[first : first + int(case.window_count[need, allowed[0]])]
        stay = int(case.seconds[need])
        begin = clock.CumulVar(index)
        begin.SetRange(int(windows[0, 0]), int(windows[-1, 1]) - stay)
        for before, after in pairwise(windows):
            if before[1] - stay + 1 <= after[0] - 1:
                begin.RemoveInterval(int(before[1]) - stay + 1, int(after[0]) - 1)
    for need, indices in copies.items():
        routing.AddDisjunction(indices, min(int(case.penalty[need]), MAX_PENALTY), 1)


def _parameters(solutions: int, limit_seconds: float) -> Any:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    parameters.solution_limit = solutions
    parameters.time_limit.FromMilliseconds(max(1, int(1000 * limit_seconds)))
    parameters.use_iterated_local_search = True
    search = parameters.iterated_local_search_parameters
    search.improve_perturbed_solution = False
    strings = search.ruin_recreate_parameters.ruin_strategies.add().sisr
    strings.max_removed_sequence_size = 10
    strings.avg_num_removed_visits = 10
    strings.bypass_factor = 0.01
    search.reference_solution_acceptance_strategy.simulated_annealing.automatic_temperatures = True
    return parameters


def _stops(
    routing: Any, manager: Any, solution: Any, vehicle: int, nodes: Sequence[Node]
) -> Iterable[int]:
    index = solution.Value(routing.NextVar(routing.Start(vehicle)))
    while not routing.IsEnd(index):
        yield nodes[manager.IndexToNode(index)][0]
        index = solution.Value(routing.NextVar(index))


def _without_misfits(case: Case, shift: int, stops: tuple[int, ...]) -> tuple[int, ...]:
    """The longest beginning of a route that our own clock accepts, and what fits behind it."""
    kept: tuple[int, ...] = ()
    for need in stops:
        if case.travel[case.point[need]].min() >= NO_WAY_SECONDS:
            continue
        if time_day(case, shift, (*kept, need)) is not None:
            kept = (*kept, need)
    return kept
