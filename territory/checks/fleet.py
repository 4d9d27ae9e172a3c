"""The judge of fleet plans: every rule of ``territory.fleet`` walked through step by step."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from territory.checks.violation import Violation
from territory.fleet import (
    FleetBreak,
    FleetPlan,
    FleetProblem,
    FleetRoute,
    FleetStep,
    FleetTask,
    FleetTravel,
    FleetVehicle,
    Span,
)
from territory.travel import UNREACHABLE

TASKS = ("job", "pickup", "delivery")


def check_fleet(plan: FleetPlan, problem: FleetProblem) -> tuple[Violation, ...]:
    """Everything wrong with a fleet plan; empty if it is clean."""
    return (
        *_each_once(plan, problem),
        *(violation for route in plan.routes for violation in Walk(problem, route).violations()),
    )


def _each_once(plan: FleetPlan, problem: FleetProblem) -> Iterator[Violation]:
    served = Counter(
        step.row for route in plan.routes for step in route.steps if step.kind in TASKS
    )
    listed = Counter(one.task for one in plan.unserved)
    for row, task in enumerate(problem.tasks):
        name = f"{task.kind} {task.task_id}"
        times = served[row] + listed[row]
        if times == 0:
            yield _wrong("lost_visit", name, "neither on a route nor listed as left out")
        if times > 1:
            yield _wrong("repeated_visit", name, f"stands {times} times in the plan")
    used = Counter(route.vehicle for route in plan.routes)
    for vehicle, times in used.items():
        if times > 1:
            name = f"vehicle {problem.vehicles[vehicle].vehicle_id}"
            yield _wrong("repeated_route", name, f"{times} routes")


def _wrong(code: str, subject: str, message: str) -> Violation:
    return Violation(code=code, subject=subject, message=message)


@dataclass(slots=True)
class _At:
    """Where the walk stands: place, clock, what is on board, what was driven."""

    place: int | None
    clock: int
    load: list[int]
    seconds: int = 0
    meters: int = 0
    driven_ahead: int = 0  # of the leg that a break interrupts


class Walk:
    """One route, walked from its first step to its last."""

    def __init__(self, problem: FleetProblem, route: FleetRoute) -> None:
        self.problem = problem
        self.route = route
        self.vehicle: FleetVehicle = problem.vehicles[route.vehicle]
        self.travel: FleetTravel = next(
            one for one in problem.travel if one.profile == self.vehicle.profile
        )
        self.subject = f"route of vehicle {self.vehicle.vehicle_id}"
        self.found: list[Violation] = []
        self.cost = Fraction(self.vehicle.costs.fixed)

    def violations(self) -> list[Violation]:
        steps = self.route.steps
        tasks = [self.problem.tasks[step.row] for step in steps if step.kind in TASKS]
        if not tasks:
            self._say("unused_vehicle", "a route without a task")
            return self.found
        self._ends(steps)
        self._order(steps)
        self._crew(tasks)
        self._breaks(steps)
        here = self._start(steps, tasks)
        for number, step in enumerate(steps):
            if step.kind == "break":
                self._pause(here, step)
            elif step.kind != "start":
                self._arrive(here, step, self._place_of(step), number)
        self._limits(here)
        self._price()
        return self.found

    def _say(self, code: str, message: str) -> None:
        self.found.append(_wrong(code, self.subject, message))

    def _place_of(self, step: FleetStep) -> int | None:
        if step.kind == "end":
            return self.vehicle.end
        return self.problem.tasks[step.row].place

    def _ends(self, steps: Sequence[FleetStep]) -> None:
        kinds = [step.kind for step in steps]
        for kind, place, at in (("start", self.vehicle.start, 0), ("end", self.vehicle.end, -1)):
            wanted = 0 if place is None else 1
            if kinds.count(kind) != wanted or (wanted and kinds[at] != kind):  # type: ignore[arg-type]
                self._say("wrong_ends", f"the {kind} is not where it belongs")

    def _order(self, steps: Sequence[FleetStep]) -> None:
        at = {step.row: number for number, step in enumerate(steps) if step.kind in TASKS}
        for row, number in at.items():
            task = self.problem.tasks[row]
            if task.mate is None:
                continue
            other = at.get(task.mate)
            if other is None or (task.kind == "pickup") != (number < other):
                self._say("torn_shipment", f"{task.kind} {task.task_id} without its other half")

    def _crew(self, tasks: Sequence[FleetTask]) -> None:
        for task in tasks:
            if not task.skills <= self.vehicle.skills:
                self._say("missing_skill", f"{task.kind} {task.task_id} needs {set(task.skills)}")
        most = self.vehicle.max_tasks
        if most is not None and len(tasks) > most:
            self._say("too_many_tasks", f"{len(tasks)} tasks, at most {most} are allowed")

    def _breaks(self, steps: Sequence[FleetStep]) -> None:
        taken = [step.row for step in steps if step.kind == "break"]
        if taken != list(range(len(self.vehicle.breaks))):
            self._say("missing_break", f"breaks {taken} of {len(self.vehicle.breaks)} in order")

    def _start(self, steps: Sequence[FleetStep], tasks: Sequence[FleetTask]) -> _At:
        load = [0] * self.problem.dimensions
        for task in tasks:
            if task.kind == "job":
                load = [a + b for a, b in zip(load, task.delivery, strict=True)]
        first = steps[0]
        begun = first.arrive_seconds
        here = _At(place=self.vehicle.start, clock=begun, load=load)
        if begun < self.vehicle.window[0]:
            self._say("outside_shift", f"begins at {begun}, hours from {self.vehicle.window[0]}")
        self._hold(here, first if first.kind == "start" else None)
        return here

    def _hold(self, here: _At, step: FleetStep | None) -> None:
        """Capacity, and the load that a step states."""
        for amount, room in zip(here.load, self.vehicle.capacity, strict=False):
            if amount > room:
                self._say("overloaded", f"{amount} on board of {room}")
        if step is not None and list(step.load) != here.load:
            self._say("wrong_load", f"stated {list(step.load)}, on board {here.load}")

    def _leg(self, here: _At, there: int | None) -> tuple[int, int]:
        if here.place is None or there is None:
            return 0, 0
        raw = int(self.travel.seconds[here.place, there])
        if raw >= UNREACHABLE:
            self._say("unreachable_leg", f"no way from place {here.place} to {there}")
            return 0, 0
        speed = Fraction(round(100 * self.vehicle.speed_factor), 100)
        seconds = int(Fraction(raw) / speed + Fraction(1, 2))
        meters = 0 if self.travel.meters is None else int(self.travel.meters[here.place, there])
        if self.travel.costs is not None:
            self.cost += int(self.travel.costs[here.place, there])
        else:
            self.cost += Fraction(self.vehicle.costs.per_hour * seconds, 3600)
            self.cost += Fraction(self.vehicle.costs.per_km * meters, 1000)
        return seconds, meters

    def _pause(self, here: _At, step: FleetStep) -> None:
        pause: FleetBreak = self.vehicle.breaks[step.row]
        begin = step.arrive_seconds + step.waiting_seconds
        if step.service_seconds != pause.service_seconds:
            self._say("wrong_break", f"break {pause.break_id} lasts {step.service_seconds} s")
        if not _within(begin, pause.windows):
            self._say("wrong_break", f"break {pause.break_id} starts at {begin}, not in a window")
        for amount, most in zip(here.load, pause.max_load, strict=False):
            if amount > most:
                self._say("wrong_break", f"break {pause.break_id} with {amount} on board of {most}")
        ahead = step.travelled_seconds - here.seconds
        if step.waiting_seconds < 0 or ahead < here.driven_ahead:
            self._say("too_early", f"break {pause.break_id} goes back in time or way")
        if step.arrive_seconds - here.clock < ahead - here.driven_ahead:
            self._say("too_early", f"break {pause.break_id} comes before the drive can be over")
        here.clock = begin + pause.service_seconds
        here.driven_ahead = ahead
        self._hold(here, step)

    def _arrive(self, here: _At, step: FleetStep, place: int | None, number: int) -> None:
        seconds, meters = self._leg(here, place)
        name = f"step {number}, {step.kind}"
        if here.driven_ahead > seconds:
            self._say(
                "wrong_leg", f"{name}: a break is told {here.driven_ahead} s into {seconds} s"
            )
        if step.arrive_seconds - here.clock < seconds - here.driven_ahead:
            self._say("too_early", f"{name}: at {step.arrive_seconds}, {seconds} s of driving")
        if step.arrive_seconds - here.clock > seconds - here.driven_ahead:
            self._say("idle", f"{name}: time between {here.clock} and {step.arrive_seconds} unsaid")
        here.seconds += seconds
        here.meters += meters
        here.driven_ahead = 0
        if (step.travelled_seconds, step.travelled_meters) != (here.seconds, here.meters):
            self._say(
                "wrong_leg",
                f"{name}: {step.travelled_seconds} s, {step.travelled_meters} m so far, "
                f"driven {here.seconds} s, {here.meters} m",
            )
        here.clock = step.arrive_seconds
        if step.kind != "end":
            self._task(here, step, self.problem.tasks[step.row], name)
        here.place = place
        self._hold(here, step)

    def _task(self, here: _At, step: FleetStep, task: FleetTask, name: str) -> None:
        kind = self.vehicle.vehicle_type
        setup = 0 if here.place == task.place else task.setup_for(kind)
        service = task.service_for(kind)
        begin = step.arrive_seconds + step.waiting_seconds
        if step.waiting_seconds < 0 or not _within(begin, task.windows):
            self._say("outside_window", f"{name}: starts at {begin}")
        if (step.setup_seconds, step.service_seconds) != (setup, service):
            self._say("wrong_duration", f"{name}: needs {setup} s and {service} s")
        self.cost += Fraction(self.vehicle.costs.per_task_hour * (setup + service), 3600)
        here.clock = begin + setup + service
        for row, (gained, given) in enumerate(zip(task.pickup, task.delivery, strict=True)):
            here.load[row] += gained - given

    def _limits(self, here: _At) -> None:
        vehicle = self.vehicle
        if here.clock > vehicle.window[1]:
            self._say("outside_shift", f"ends at {here.clock}, hours to {vehicle.window[1]}")
        for what, spent, most in (
            ("too_much_driving", here.seconds, vehicle.max_travel_seconds),
            ("too_far", here.meters, vehicle.max_distance_meters),
        ):
            if most is not None and spent > most:
                self._say(what, f"{spent} of at most {most}")

    def _price(self) -> None:
        exact = int(self.cost + Fraction(1, 2))
        if exact != self.route.cost:
            self._say("wrong_total", f"cost stated {self.route.cost}, found {exact}")


def _within(at: int, windows: Sequence[Span]) -> bool:
    return any(low <= at <= high for low, high in windows)
