"""Routes that are given, timed: begins by ``begins``, drives as soon as can be, breaches told."""

from collections.abc import Sequence
from dataclasses import replace

from optimizer.fleet.begins import Stay, best_begins
from optimizer.fleet.breaches import told_route
from optimizer.fleet.timing import RouteClock, cost_of
from territory.errors import Infeasible
from territory.fleet import FleetProblem, FleetRoute, FleetStep
from territory.given_routes import GivenRoute, TimedRoute
from territory.travel import UNREACHABLE


def time_given(problem: FleetProblem, routes: Sequence[GivenRoute]) -> tuple[TimedRoute, ...]:
    """The routes with begins chosen and what they break.

    Raises
    ------
    Infeasible
        If no times keep what is wished of a route's begins, or a leg of it has no way.
    """
    return tuple(_timed(problem, route) for route in routes)


def _timed(problem: FleetProblem, given: GivenRoute) -> TimedRoute:
    rows = [step.row for step in given.steps if step.kind in ("job", "pickup", "delivery")]
    clock = RouteClock(problem, given.vehicle, rows)
    name = f"vehicle {clock.vehicle.vehicle_id}"
    if any(leg >= UNREACHABLE for leg in clock.legs):
        raise Infeasible(
            f"The route given for {name} has a leg with no way.",
            ["Two of its places, one after the other, are not joined."],
            fix="Leave one of them out, or give other matrices.",
        )
    stays = _stays(clock, given)
    begins = best_begins(stays)
    if begins is None:
        raise Infeasible(
            f"No times keep what is wished of the route given for {name}.",
            ["service_at, service_after and service_before leave too little time for its drives."],
            fix="Drop one of them or set it apart.",
        )
    steps = _steps(clock, stays, begins)
    route = FleetRoute(vehicle=given.vehicle, steps=steps, cost=cost_of(clock))
    return told_route(problem, route)


def _stays(clock: RouteClock, given: GivenRoute) -> list[Stay]:
    vehicle, found, position = clock.vehicle, [], 0
    for step in given.steps:
        if step.kind == "start":
            found.append(Stay(step=step, windows=(vehicle.window,)))
        elif step.kind == "end":
            found.append(Stay(step=step, leg=clock.legs[-1], windows=(vehicle.window,)))
        elif step.kind == "break":
            pause = vehicle.breaks[step.row]
            found.append(Stay(step=step, holds=pause.service_seconds, windows=pause.windows))
        else:
            holds = clock.setups[position] + clock.services[position]
            windows, leg = clock.tasks[position].windows, clock.legs[position]
            found.append(Stay(step=step, holds=holds, leg=leg, windows=windows))
            position += 1
    if vehicle.start is None:
        found[0] = replace(found[0], opens=(vehicle.window,))
    if vehicle.end is None:
        found[-1] = replace(found[-1], ends=(vehicle.window,))
    return found


def _steps(
    clock: RouteClock, stays: Sequence[Stay], begins: Sequence[int]
) -> tuple[FleetStep, ...]:
    """The steps, driving as soon as can be and waiting where time is left."""
    drive = _Drive(clock, begins[0])
    steps = []
    for stay, begin in zip(stays, begins, strict=True):
        if stay.step.kind == "break":
            steps.append(drive.pause(stay, begin))
        else:
            steps.append(drive.arrive(stay, begin))
    return tuple(steps)


class _Drive:
    """Goes along a route, leg by leg."""

    def __init__(self, clock: RouteClock, begin: int) -> None:
        self.clock = clock
        self.now = begin
        self.leg = 0  # the one that is being driven; tasks done, too
        self.ahead = 0  # seconds of it that lie behind
        self.seconds = self.meters = 0  # of the legs before it

    def pause(self, stay: Stay, begin: int) -> FleetStep:
        """A break: the drive goes on until it begins."""
        whole, meters = self.clock.legs[self.leg], self.clock.meters[self.leg]
        driven = min(whole - self.ahead, begin - self.now)
        self.ahead += driven
        step = self._step(
            stay, self.now + driven, begin, meters=round(meters * self.ahead / max(1, whole))
        )
        self.now = begin + stay.holds
        return step

    def arrive(self, stay: Stay, begin: int) -> FleetStep:
        """The start, the end or a task: the rest of the drive comes first."""
        kind, setup, service = stay.step.kind, 0, 0
        reached = begin if kind == "start" else self.now + stay.leg - self.ahead
        if kind != "start":
            self.seconds += stay.leg
            self.meters += self.clock.meters[self.leg]
            self.ahead = 0
        if kind not in ("start", "end"):
            setup, service = self.clock.setups[self.leg], self.clock.services[self.leg]
            self.leg += 1
        self.now = begin + stay.holds
        return self._step(stay, reached, begin, setup=setup, service=service)

    def _step(
        self,
        stay: Stay,
        reached: int,
        begin: int,
        *,
        setup: int = 0,
        service: int = 0,
        meters: int = 0,
    ) -> FleetStep:
        return FleetStep(
            kind=stay.step.kind,
            row=stay.step.row,
            arrive_seconds=reached,
            waiting_seconds=begin - reached,
            setup_seconds=setup,
            service_seconds=stay.holds if stay.step.kind == "break" else service,
            travelled_seconds=self.seconds + self.ahead,
            travelled_meters=self.meters + meters,
            load=self.clock.loads[self.leg],
        )
