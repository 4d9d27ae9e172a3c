"""The steps of a fleet route with their times: home as early as can be, then begun as late as can.

The end of a route is the earliest there is; the start is then the latest that keeps this end, so
that waiting for the first window is done before the vehicle is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from optimizer.fleet.arrays import COST_UNIT
from territory.fleet import FleetProblem, FleetRoute, FleetStep, Span, StepKind

NEVER = 1 << 52


@dataclass(frozen=True, slots=True)
class _Pause:
    """A break within a drive: begun at ``begin`` after ``driven`` seconds of the leg."""

    row: int
    reached: int
    begin: int
    driven: int


@dataclass(frozen=True, slots=True)
class _State:
    """Standing ready to leave after a step, with the arrival there and the breaks on the way."""

    leave: int
    arrive: int
    begin: int
    pauses: tuple[_Pause, ...]
    before: int  # breaks had when leaving the step before


class RouteClock:
    """The legs, stays and loads of one route; answers when it ends for a given start."""

    def __init__(self, problem: FleetProblem, vehicle: int, tasks: Sequence[int]) -> None:
        self.vehicle = problem.vehicles[vehicle]
        self.rows = tuple(tasks)
        self.tasks = [problem.tasks[row] for row in tasks]
        travel = problem.travel_of(self.vehicle)
        seconds = travel.seconds_at(self.vehicle.speed_factor)
        places = [self.vehicle.start, *(task.place for task in self.tasks), self.vehicle.end]
        pairs = list(pairwise(places))
        self.legs = [_entry(seconds, here, there) for here, there in pairs]
        self.meters = [_entry(travel.meters, here, there) for here, there in pairs]
        self.leg_costs = [_entry(travel.costs, here, there) for here, there in pairs]
        self.has_costs = travel.costs is not None
        kind = self.vehicle.vehicle_type
        self.setups = [
            0 if here == task.place else task.setup_for(kind)
            for (here, _), task in zip(pairs[:-1], self.tasks, strict=True)
        ]
        self.services = [task.service_for(kind) for task in self.tasks]
        self.loads = self._loads(problem.dimensions)

    def _loads(self, dimensions: int) -> list[tuple[int, ...]]:
        load = np.zeros(dimensions, dtype=np.int64)
        for task in self.tasks:
            if task.kind == "job" and task.delivery:
                load += task.delivery
        loads = [tuple(load.tolist())]
        for task in self.tasks:
            load = load + (task.pickup or 0) - (task.delivery or 0)
            loads.append(tuple(load.tolist()))
        return loads

    def walk(self, start: int) -> list[list[_State | None]]:
        """The earliest states after every step, by breaks had; the last row is the end."""
        breaks = len(self.vehicle.breaks)
        first: list[_State | None] = [_State(start, start, start, (), 0), *[None] * breaks]
        rows = [first]
        for position, leg in enumerate(self.legs):
            arrived = self._drive(rows[-1], leg, self.loads[position])
            if position < len(self.tasks):
                arrived = [self._serve(state, position) for state in arrived]
            rows.append(arrived)
        return rows

    def end(self, start: int) -> int:
        """When the route ends that begins at ``start``; NEVER if a rule of time breaks."""
        last = self.walk(start)[-1][len(self.vehicle.breaks)]
        if last is None or last.leave > self.vehicle.window[1]:
            return NEVER
        return last.leave

    def _drive(
        self, left: Sequence[_State | None], leg: int, load: tuple[int, ...]
    ) -> list[_State | None]:
        breaks = self.vehicle.breaks
        found: list[_State | None] = [None] * len(left)
        for had, state in enumerate(left):
            if state is None:
                continue
            now, rest = state.leave, leg
            pauses: tuple[_Pause, ...] = ()
            _keep(found, had, now + rest, (), had)
            for row in range(had, len(breaks)):
                pause = breaks[row]
                begin = _begin(pause.windows, now)
                if begin >= NEVER or any(
                    on > most for on, most in zip(load, pause.max_load, strict=False)
                ):
                    break
                driven = min(rest, begin - now)
                rest -= driven
                pauses = (*pauses, _Pause(row, now + driven, begin, leg - rest))
                now = begin + pause.service_seconds
                _keep(found, row + 1, now + rest, pauses, had)
        return found

    def _serve(self, state: _State | None, position: int) -> _State | None:
        if state is None:
            return None
        begin = _begin(self.tasks[position].windows, state.arrive)
        if begin >= NEVER:
            return None
        leave = begin + self.setups[position] + self.services[position]
        return _State(leave, state.arrive, begin, state.pauses, state.before)


def _entry(matrix: NDArray[np.int64] | None, here: int | None, there: int | None) -> int:
    if matrix is None or here is None or there is None:
        return 0
    return int(matrix[here, there])


def _begin(windows: Sequence[Span], at: int) -> int:
    return min((max(at, low) for low, high in windows if at <= high), default=NEVER)


def _keep(
    found: list[_State | None], had: int, arrive: int, pauses: tuple[_Pause, ...], before: int
) -> None:
    known = found[had]
    if known is None or arrive < known.arrive:
        found[had] = _State(arrive, arrive, arrive, pauses, before)


def time_route(problem: FleetProblem, vehicle: int, tasks: Sequence[int]) -> FleetRoute | None:
    """The steps of a vehicle's tasks in this order; None if they break a rule of time.

    Checks windows, breaks and the vehicle's hours, not loads, skills or limits.
    """
    clock = RouteClock(problem, vehicle, tasks)
    earliest = clock.vehicle.window[0]
    end = clock.end(earliest)
    if end >= NEVER:
        return None
    return _route(clock, vehicle, _latest_start(clock, earliest, end))


def _latest_start(clock: RouteClock, earliest: int, end: int) -> int:
    low, high = earliest, max(earliest, end)
    while low < high:
        middle = (low + high + 1) // 2
        if clock.end(middle) == end:
            low = middle
        else:
            high = middle - 1
    return low


def _route(clock: RouteClock, vehicle: int, start: int) -> FleetRoute:
    rows = clock.walk(start)
    path: list[_State] = []
    had = len(clock.vehicle.breaks)
    for row in reversed(rows[1:]):
        state = row[had]
        assert state is not None
        path.append(state)
        had = state.before
    path.reverse()
    steps: list[FleetStep] = []
    if clock.vehicle.start is not None:
        steps.append(_step("start", 0, start, clock.loads[0]))
    seconds = meters = 0
    for position, state in enumerate(path):
        load = clock.loads[min(position, len(clock.tasks))]
        share = clock.meters[position] / max(1, clock.legs[position])
        steps += [
            FleetStep(
                kind="break",
                row=pause.row,
                arrive_seconds=pause.reached,
                waiting_seconds=pause.begin - pause.reached,
                service_seconds=clock.vehicle.breaks[pause.row].service_seconds,
                travelled_seconds=seconds + pause.driven,
                travelled_meters=meters + round(share * pause.driven),
                load=load,
            )
            for pause in state.pauses
        ]
        seconds += clock.legs[position]
        meters += clock.meters[position]
        if position < len(clock.tasks):
            steps.append(_task_step(clock, position, state, seconds, meters))
        elif clock.vehicle.end is not None:
            steps.append(_step("end", 0, state.arrive, load, seconds, meters))
    return FleetRoute(vehicle=vehicle, steps=tuple(steps), cost=cost_of(clock))


def _step(
    kind: StepKind, row: int, at: int, load: tuple[int, ...], seconds: int = 0, meters: int = 0
) -> FleetStep:
    return FleetStep(
        kind=kind,
        row=row,
        arrive_seconds=at,
        travelled_seconds=seconds,
        travelled_meters=meters,
        load=load,
    )


def _task_step(
    clock: RouteClock, position: int, state: _State, seconds: int, meters: int
) -> FleetStep:
    return FleetStep(
        kind=clock.tasks[position].kind,
        row=clock.rows[position],
        arrive_seconds=state.arrive,
        waiting_seconds=state.begin - state.arrive,
        setup_seconds=clock.setups[position],
        service_seconds=clock.services[position],
        travelled_seconds=seconds,
        travelled_meters=meters,
        load=clock.loads[position + 1],
    )


def cost_of(clock: RouteClock) -> int:
    """The rounded cost of a route by its vehicle's prices."""
    prices = clock.vehicle.costs
    worked = sum(clock.setups) + sum(clock.services)
    exact = COST_UNIT * prices.fixed + 5 * prices.per_task_hour * worked
    if clock.has_costs:
        exact += COST_UNIT * sum(clock.leg_costs)
    else:
        exact += 5 * prices.per_hour * sum(clock.legs) + 18 * prices.per_km * sum(clock.meters)
    return (exact + COST_UNIT // 2) // COST_UNIT
