"""What a given route breaks, step by step; the rules are those of ``territory.given_routes``."""

from collections.abc import Iterable, Iterator, Sequence

from territory.fleet import FleetProblem, FleetRoute, FleetStep, FleetVehicle, Span
from territory.given_routes import Breach, Cause, TimedRoute

TASKS = ("job", "pickup", "delivery")


def told_route(problem: FleetProblem, route: FleetRoute) -> TimedRoute:
    """A timed route with all that it breaks."""
    vehicle = problem.vehicles[route.vehicle]
    of_steps = tuple(
        (
            *_beside(_begin(step), _windows(problem, vehicle, step)),
            *(Breach(cause=cause) for cause in _causes(problem, route, place)),
        )
        for place, step in enumerate(route.steps)
    )
    of_route = _summed([*of_steps, _at_open_ends(vehicle, route), _missing(vehicle, route)])
    return TimedRoute(route=route, of_steps=of_steps, of_route=of_route)


def _begin(step: FleetStep) -> int:
    return step.arrive_seconds + step.waiting_seconds


def _windows(problem: FleetProblem, vehicle: FleetVehicle, step: FleetStep) -> tuple[Span, ...]:
    if step.kind in TASKS:
        return problem.tasks[step.row].windows
    return vehicle.breaks[step.row].windows if step.kind == "break" else (vehicle.window,)


def _causes(problem: FleetProblem, route: FleetRoute, place: int) -> Iterator[Cause]:
    vehicle, step = problem.vehicles[route.vehicle], route.steps[place]
    if _is_above(step.load, vehicle.capacity):
        yield "load"
    if step.kind == "break" and _is_above(step.load, vehicle.breaks[step.row].max_load):
        yield "max_load"
    if step.kind in TASKS:
        if not problem.tasks[step.row].skills <= vehicle.skills:
            yield "skills"
        made = sum(one.kind in TASKS for one in route.steps[: place + 1])
        if vehicle.max_tasks is not None and made > vehicle.max_tasks:
            yield "max_tasks"
        if _is_torn(problem, route, place):
            yield "precedence"
    most_seconds, most_meters = vehicle.max_travel_seconds, vehicle.max_distance_meters
    if most_seconds is not None and step.travelled_seconds > most_seconds:
        yield "max_travel_time"
    if most_meters is not None and step.travelled_meters > most_meters:
        yield "max_distance"


def _is_torn(problem: FleetProblem, route: FleetRoute, place: int) -> bool:
    """Whether the other half of a shipment is not on its side of this one."""
    task = problem.tasks[route.steps[place].row]
    if task.mate is None:
        return False
    beside = route.steps[:place] if task.kind == "delivery" else route.steps[place + 1 :]
    return all(one.kind not in TASKS or one.row != task.mate for one in beside)


def _is_above(load: Sequence[int], most: Sequence[int]) -> bool:
    return any(on > limit for on, limit in zip(load, most, strict=False))


def _beside(at: int, windows: Sequence[Span]) -> tuple[Breach, ...]:
    """How far a begin is from its nearest window; late where two are as near."""
    if any(low <= at <= high for low, high in windows):
        return ()
    seconds, is_early = min(
        (low - at, True) if at < low else (at - high, False) for low, high in windows
    )
    return (Breach(cause="lead_time" if is_early else "delay", seconds=seconds),)


def _at_open_ends(vehicle: FleetVehicle, route: FleetRoute) -> tuple[Breach, ...]:
    """What the vehicle's hours say of a route that begins or ends with a step of its own."""
    first, last = route.steps[0], route.steps[-1]
    found: tuple[Breach, ...] = ()
    if vehicle.start is None:
        found += _beside(_begin(first), (vehicle.window,))
    if vehicle.end is None:
        over = _begin(last) + last.setup_seconds + last.service_seconds
        found += _beside(over, (vehicle.window,))
    return found


def _missing(vehicle: FleetVehicle, route: FleetRoute) -> tuple[Breach, ...]:
    taken = {step.row for step in route.steps if step.kind == "break"}
    return (Breach(cause="missing_break"),) if len(taken) < len(vehicle.breaks) else ()


def _summed(parts: Iterable[Iterable[Breach]]) -> tuple[Breach, ...]:
    """Each cause once, in order of first mention, with the sum of its seconds."""
    seconds: dict[Cause, int | None] = {}
    for breach in (one for part in parts for one in part):
        known = seconds.get(breach.cause) or 0
        seconds[breach.cause] = None if breach.seconds is None else known + breach.seconds
    return tuple(Breach(cause=cause, seconds=spent) for cause, spent in seconds.items())
