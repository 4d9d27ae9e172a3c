"""Times for routes that are given: the fewest seconds beside windows, then the shortest span.

Each route is a system of differences (a step begins no earlier than the one before allows) with one
choice of a window for each step, put to CP-SAT three times: for the seconds beside windows, for the
span from start to end, for the sum of begins. The rules are those of ``territory.given_routes``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.fleet.breaches import told_route
from optimizer.fleet.timing import RouteClock, cost_of
from territory.errors import Infeasible
from territory.fleet import ALWAYS, FleetProblem, FleetRoute, FleetStep, Span
from territory.given_routes import GivenRoute, GivenStep, TimedRoute
from territory.travel import UNREACHABLE

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar

MOST_DETERMINISTIC_SECONDS = 30.0  # of each of the three questions
WITHOUT_LIMIT = ALWAYS[1]


def time_given(problem: FleetProblem, routes: Sequence[GivenRoute]) -> tuple[TimedRoute, ...]:
    """The routes with begins chosen and what they break.

    Raises
    ------
    Infeasible
        If no times keep what is wished of a route's begins, or a leg of it has no way.
    """
    return tuple(_timed(problem, route) for route in routes)


@dataclass(frozen=True, slots=True)
class _Stay:
    """What one step needs: how long it holds, the drive to it, its windows and its wish.

    ``leg`` is the drive from the last step that is no break.
    """

    step: GivenStep
    holds: int
    leg: int
    windows: tuple[Span, ...]


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
    begins = _chosen(stays, is_open=(clock.vehicle.start is None, clock.vehicle.end is None))
    if begins is None:
        raise Infeasible(
            f"No times keep what is wished of the route given for {name}.",
            ["service_at, service_after and service_before leave too little time for its drives."],
            fix="Drop one of them or set it apart.",
        )
    steps = _steps(clock, stays, begins)
    route = FleetRoute(vehicle=given.vehicle, steps=steps, cost=cost_of(clock))
    return told_route(problem, route)


def _stays(clock: RouteClock, given: GivenRoute) -> list[_Stay]:
    vehicle, found, position = clock.vehicle, [], 0
    for step in given.steps:
        if step.kind == "start":
            found.append(_Stay(step, 0, 0, (vehicle.window,)))
        elif step.kind == "end":
            found.append(_Stay(step, 0, clock.legs[-1], (vehicle.window,)))
        elif step.kind == "break":
            pause = vehicle.breaks[step.row]
            found.append(_Stay(step, pause.service_seconds, 0, pause.windows))
        else:
            holds = clock.setups[position] + clock.services[position]
            windows = clock.tasks[position].windows
            found.append(_Stay(step, holds, clock.legs[position], windows))
            position += 1
    if given.steps[0].kind != "start":
        found.insert(0, _Stay(GivenStep(kind="start"), 0, 0, (vehicle.window,)))
    if given.steps[-1].kind != "end":
        found.append(_Stay(GivenStep(kind="end"), 0, 0, (vehicle.window,)))
    return found


def _chosen(stays: Sequence[_Stay], *, is_open: tuple[bool, bool]) -> list[int] | None:
    """The begin of every stay; None if the wishes cannot be kept.

    Where the start or the end is open, it is one with the step beside it.
    """
    from ortools.sat.python import cp_model

    first, last = _horizon(stays)
    model = cp_model.CpModel()
    begins = [_begin(model, stay.step, first, last) for stay in stays]  # seconds after the first
    if any(begin is None for begin in begins):
        return None
    times = [begin for begin in begins if begin is not None]
    _follow(model, stays, times)
    if is_open[0]:
        model.add(times[0] == times[1])
    if is_open[1]:
        model.add(times[-1] == times[-2] + stays[-2].holds)
    beside = [
        _beside(model, stay.windows, at, first, last) for stay, at in zip(stays, times, strict=True)
    ]
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = MOST_DETERMINISTIC_SECONDS
    values: list[int] | None = None
    for goal in (sum(beside), times[-1] - times[0], sum(times)):
        model.minimize(goal)
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return values
        found = [solver.value(at) for at in times]
        values = [first + at for at in found]
        model.add(goal <= round(solver.objective_value))
        model.clear_hints()  # type: ignore[no-untyped-call]
        for at, value in zip(times, found, strict=True):
            model.add_hint(at, value)
    return values


def _horizon(stays: Sequence[_Stay]) -> Span:
    """Best begins lie between these: about all windows and wishes, a whole route to spare."""
    named = [end for stay in stays for span in stay.windows for end in span]
    for stay in stays:
        wish = stay.step
        named += [
            at
            for at in (wish.at_seconds, wish.after_seconds, wish.before_seconds)
            if at is not None
        ]
    finite = [at for at in named if at < WITHOUT_LIMIT] or [0]
    whole = sum(stay.holds + stay.leg for stay in stays)
    return max(0, min(finite) - whole), max(finite) + whole


def _begin(model: "CpModel", wish: GivenStep, first: int, last: int) -> "IntVar | None":
    low = max(first, wish.after_seconds or 0)
    high = last if wish.before_seconds is None else min(last, wish.before_seconds)
    if wish.at_seconds is not None:
        low, high = max(low, wish.at_seconds), min(high, wish.at_seconds)
    return model.new_int_var(low - first, high - first, "") if low <= high else None


def _follow(model: "CpModel", stays: Sequence[_Stay], times: Sequence["IntVar"]) -> None:
    """Each begins when the one before is over; a drive has its time beside the breaks in it."""
    left, held = 0, stays[0].holds  # the last step that is no break, and what was held since
    for place in range(1, len(stays)):
        model.add(times[place] >= times[place - 1] + stays[place - 1].holds)
        if stays[place].step.kind == "break":
            held += stays[place].holds
            continue
        model.add(times[place] >= times[left] + held + stays[place].leg)
        left, held = place, stays[place].holds


def _beside(
    model: "CpModel", windows: Sequence[Span], at: "IntVar", first: int, last: int
) -> "IntVar":
    """The seconds by which a begin misses the window that is chosen for it."""
    beside = model.new_int_var(0, last - first, "")
    chosen = [model.new_bool_var("") for _ in windows]
    model.add_exactly_one(chosen)
    for (low, high), is_chosen in zip(windows, chosen, strict=True):
        model.add(beside >= low - first - at).only_enforce_if(is_chosen)
        if high < WITHOUT_LIMIT:
            model.add(beside >= at - (high - first)).only_enforce_if(is_chosen)
    return beside


def _steps(
    clock: RouteClock, stays: Sequence[_Stay], begins: Sequence[int]
) -> tuple[FleetStep, ...]:
    """The steps, driving as soon as can be and waiting where time is left; no open ends."""
    drive = _Drive(clock, begins[0])
    steps = []
    for stay, begin in zip(stays, begins, strict=True):
        if stay.step.kind == "break":
            steps.append(drive.pause(stay, begin))
        else:
            steps.append(drive.arrive(stay, begin))
    is_kept = {"start": clock.vehicle.start is not None, "end": clock.vehicle.end is not None}
    return tuple(step for step in steps if is_kept.get(step.kind, True))


class _Drive:
    """Goes along a route, leg by leg."""

    def __init__(self, clock: RouteClock, begin: int) -> None:
        self.clock = clock
        self.now = begin
        self.leg = 0  # the one that is being driven; tasks done, too
        self.ahead = 0  # seconds of it that lie behind
        self.seconds = self.meters = 0  # of the legs before it

    def pause(self, stay: _Stay, begin: int) -> FleetStep:
        """A break: the drive goes on until it begins."""
        whole, meters = self.clock.legs[self.leg], self.clock.meters[self.leg]
        driven = min(whole - self.ahead, begin - self.now)
        self.ahead += driven
        step = self._step(
            stay, self.now + driven, begin, meters=round(meters * self.ahead / max(1, whole))
        )
        self.now = begin + stay.holds
        return step

    def arrive(self, stay: _Stay, begin: int) -> FleetStep:
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
        stay: _Stay,
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
