"""Plan mode (option ``c``): the routes of a request as they are given, and their answer."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from api.vroom.answer import answer_of, document
from api.vroom.errors import refuse
from api.vroom.reading import ReadRequest
from api.vroom.schema import RouteOut, VehicleStepIn, ViolationOut, VroomAnswer
from api.vroom.travel import TravelBy
from territory.errors import CheckFailed, Infeasible
from territory.fleet import FleetPlan, FleetUnserved, FleetVehicle
from territory.given_routes import Breach, GivenRoute, GivenStep, TimedRoute
from territory.plans import WorkDone

LEFT_OUT = "No route that is given holds it."


def given_routes(read: ReadRequest) -> tuple[GivenRoute, ...]:
    """The routes of the vehicles that have a task among their steps.

    Raises
    ------
    InputError
        If a step stands twice, or the start or the end not where it belongs.
    """
    known: dict[tuple[str, int], int] = {
        (task.kind, task.task_id): row for row, task in enumerate(read.problem.tasks)
    }
    routes = []
    seen: Counter[tuple[str, int | None]] = Counter()
    for number, asked in enumerate(read.request.vehicles):
        vehicle, steps = read.problem.vehicles[number], asked.steps or ()
        if not vehicle.first_tasks:
            continue
        pauses = {pause.break_id: row for row, pause in enumerate(vehicle.breaks)}
        inner = _inner(steps, vehicle)
        taken = Counter(step.id for step in inner if step.type == "break")
        seen.update((step.type, step.id) for step in inner if step.type != "break")
        twice = [f"{kind} {one}" for (kind, one), times in seen.items() if times > 1]
        twice += [f"break {one}" for one, times in taken.items() if times > 1]
        if twice:
            raise refuse(f"Duplicate steps for vehicle {vehicle.vehicle_id}: {', '.join(twice)}.")
        found = [
            _step(
                step,
                pauses[step.id or 0] if step.type == "break" else known[step.type, step.id or 0],
            )
            for step in inner
        ]
        if vehicle.start is not None:
            found.insert(0, _step(_end(steps, "start"), 0))
        if vehicle.end is not None:
            found.append(_step(_end(steps, "end"), 0))
        routes.append(GivenRoute(vehicle=number, steps=tuple(found)))
    return tuple(routes)


def _inner(steps: Sequence[VehicleStepIn], vehicle: FleetVehicle) -> list[VehicleStepIn]:
    """The steps between start and end."""
    for place, step in enumerate(steps):
        if (step.type == "start" and place > 0) or (step.type == "end" and place < len(steps) - 1):
            raise refuse(
                f"The {step.type} step of vehicle {vehicle.vehicle_id} is not where it belongs."
            )
    return [step for step in steps if step.type not in ("start", "end")]


def _end(steps: Sequence[VehicleStepIn], kind: str) -> VehicleStepIn:
    found = [step for step in steps if step.type == kind]
    return found[0] if found else VehicleStepIn.model_validate({"type": kind})


def _step(step: VehicleStepIn, row: int) -> GivenStep:
    return GivenStep(
        kind=step.type,
        row=row,
        at_seconds=step.service_at,
        after_seconds=step.service_after,
        before_seconds=step.service_before,
    )


def answer_given(read: ReadRequest, *, travel_by: TravelBy, loading: int) -> dict[str, Any]:
    """The given routes with times and what they break; judged.

    Raises
    ------
    InputError
        If steps are wrong, or no times keep what is wished of them.
    CheckFailed
        If the judge finds the answer wrong.
    """
    from optimizer.fleet import time_given
    from territory.checks import check_given

    started = time.perf_counter()
    given = given_routes(read)
    try:
        timed = time_given(read.problem, given)
    except Infeasible as error:
        raise refuse(error.message, error.fix) from error
    wrong = check_given(timed, given, read.problem)
    if wrong:
        raise CheckFailed("The judge does not agree with these times.", wrong)
    served = {
        step.row
        for one in given
        for step in one.steps
        if step.kind in ("job", "pickup", "delivery")
    }
    plan = FleetPlan(
        routes=tuple(one.route for one in timed),
        unserved=tuple(
            FleetUnserved(task=row, reason="manual_exclude", detail=LEFT_OUT)
            for row in range(len(read.problem.tasks))
            if row not in served
        ),
    )
    solving = round(1000 * (time.perf_counter() - started))
    answer = answer_of(
        read,
        plan,
        WorkDone(stopped_by="finished"),
        travel_by=travel_by,
        milliseconds=(loading, solving),
    )
    return document(_with_breaches(answer, timed))


def _with_breaches(answer: VroomAnswer, timed: Sequence[TimedRoute]) -> VroomAnswer:
    for route, one in zip(answer.routes, timed, strict=True):
        _tell(route, one)
    answer.summary.violations = _summed([one.of_route for one in timed])
    return answer


def _tell(route: RouteOut, timed: TimedRoute) -> None:
    for step, breaches in zip(route.steps, timed.of_steps, strict=True):
        step.violations = _out(breaches)
    route.violations = _out(timed.of_route)


def _out(breaches: Sequence[Breach]) -> list[ViolationOut]:
    return [ViolationOut(cause=one.cause, duration=one.seconds) for one in breaches]


def _summed(routes: Sequence[Sequence[Breach]]) -> list[ViolationOut]:
    """Each cause once over all routes."""
    seconds: dict[str, int] = {}
    for breach in (one for breaches in routes for one in breaches):
        seconds[breach.cause] = seconds.get(breach.cause, 0) + (breach.seconds or 0)
    return [
        ViolationOut.model_validate({"cause": cause, "duration": spent or None})
        for cause, spent in seconds.items()
    ]
