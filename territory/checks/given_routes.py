"""The judge of given routes: the order is theirs, nobody is in two places, every breach is told."""

from collections import Counter
from collections.abc import Iterator, Sequence

from territory.checks.fleet import TASKS, Walk
from territory.checks.violation import Violation
from territory.fleet import FleetProblem, FleetStep, FleetVehicle, Span
from territory.given_routes import Breach, GivenRoute, GivenStep, TimedRoute

PHYSICAL = frozenset(
    {"wrong_ends", "wrong_load", "wrong_leg", "wrong_duration", "wrong_total", "too_early", "idle",
     "unreachable_leg"}
)  # fmt: skip
"""What no route can be excused from; the other rules of a walk may be broken if that is told."""

Told = Counter[tuple[str, int | None]]


def check_given(
    timed: Sequence[TimedRoute], given: Sequence[GivenRoute], problem: FleetProblem
) -> tuple[Violation, ...]:
    """Everything wrong with timed routes; empty if they are clean."""
    if [one.route.vehicle for one in timed] != [one.vehicle for one in given]:
        return (_wrong("other_route", "the plan", "not the vehicles whose routes were given"),)
    return tuple(
        violation
        for one, asked in zip(timed, given, strict=True)
        for violation in _route(one, asked, problem)
    )


def _wrong(code: str, subject: str, message: str) -> Violation:
    return Violation(code=code, subject=subject, message=message)


def _route(timed: TimedRoute, given: GivenRoute, problem: FleetProblem) -> Iterator[Violation]:
    vehicle = problem.vehicles[given.vehicle]
    subject = f"route of vehicle {vehicle.vehicle_id}"
    steps = timed.route.steps
    if [(step.kind, step.row) for step in steps] != [(one.kind, one.row) for one in given.steps]:
        yield _wrong("other_route", subject, "its steps are not those that were given")
        return
    if len(timed.of_steps) != len(steps):
        yield _wrong("untold_breach", subject, "it does not tell of each step")
        return
    yield from (one for one in Walk(problem, timed.route).violations() if one.code in PHYSICAL)
    found: Told = Counter()
    for number, (step, wish) in enumerate(zip(steps, given.steps, strict=True)):
        name = f"{subject}, step {number}"
        yield from _kept(step, wish, vehicle, name)
        broken = _broken(number, steps, vehicle, problem)
        yield from _same(timed.of_steps[number], broken, name)
        found.update(broken)
    found.update(_ends(steps, vehicle))
    if len({step.row for step in steps if step.kind == "break"}) < len(vehicle.breaks):
        found["missing_break", None] += 1
    yield from _same(timed.of_route, _joined(found), subject)


def _kept(
    step: FleetStep, wish: GivenStep, vehicle: FleetVehicle, name: str
) -> Iterator[Violation]:
    """The wish for a begin, and how long a break lasts."""
    at = step.arrive_seconds + step.waiting_seconds
    if step.waiting_seconds < 0:
        yield _wrong("too_early", name, f"waits {step.waiting_seconds} s")
    is_kept = (
        wish.at_seconds in (None, at)
        and (wish.after_seconds is None or at >= wish.after_seconds)
        and (wish.before_seconds is None or at <= wish.before_seconds)
    )
    if not is_kept:
        yield _wrong("other_route", name, f"begins at {at} against what was wished")
    if step.kind == "break" and step.service_seconds != vehicle.breaks[step.row].service_seconds:
        yield _wrong("wrong_break", name, f"lasts {step.service_seconds} s")


def _broken(
    number: int, steps: Sequence[FleetStep], vehicle: FleetVehicle, problem: FleetProblem
) -> Told:
    step = steps[number]
    at = step.arrive_seconds + step.waiting_seconds
    found: Told = Counter()
    if any(a > b for a, b in zip(step.load, vehicle.capacity, strict=False)):
        found["load", None] = 1
    for cause, spent, most in (
        ("max_travel_time", step.travelled_seconds, vehicle.max_travel_seconds),
        ("max_distance", step.travelled_meters, vehicle.max_distance_meters),
    ):
        if most is not None and spent > most:
            found[cause, None] = 1
    if step.kind in ("start", "end"):
        found.update(_miss(at, (vehicle.window,)))
    elif step.kind == "break":
        pause = vehicle.breaks[step.row]
        found.update(_miss(at, pause.windows))
        if any(a > b for a, b in zip(step.load, pause.max_load, strict=False)):
            found["max_load", None] = 1
    else:
        task = problem.tasks[step.row]
        found.update(_miss(at, task.windows))
        rows = [one.row if one.kind in TASKS else None for one in steps]
        made = [row for row in rows[:number] if row is not None]
        if vehicle.max_tasks is not None and len(made) >= vehicle.max_tasks:
            found["max_tasks", None] = 1
        if task.skills - vehicle.skills:
            found["skills", None] = 1
        wanted = rows[number + 1 :] if task.kind == "pickup" else made
        if task.mate is not None and task.mate not in wanted:
            found["precedence", None] = 1
    return found


def _miss(at: int, windows: Sequence[Span]) -> Told:
    """Seconds to the nearest window: too late before too early where both are as near."""
    late = min((at - high for _, high in windows if high < at), default=None)
    early = min((low - at for low, _ in windows if low > at), default=None)
    if any(low <= at <= high for low, high in windows):
        return Counter()
    if late is not None and (early is None or late <= early):
        return Counter({("delay", late): 1})
    return Counter({("lead_time", early): 1})


def _ends(steps: Sequence[FleetStep], vehicle: FleetVehicle) -> Told:
    """The vehicle's hours where its start or end is open."""
    found: Told = Counter()
    first, last = steps[0], steps[-1]
    if vehicle.start is None:
        found.update(_miss(first.arrive_seconds + first.waiting_seconds, (vehicle.window,)))
    if vehicle.end is None:
        over = last.arrive_seconds + last.waiting_seconds
        over += last.setup_seconds + last.service_seconds
        found.update(_miss(over, (vehicle.window,)))
    return found


def _joined(found: Told) -> Told:
    """Each cause once; seconds are summed."""
    joined: Told = Counter({(cause, None): 1 for cause, spent in found if spent is None})
    for cause in ("lead_time", "delay"):
        seconds = [spent * times for (one, spent), times in found.items() if one == cause and spent]
        if seconds:
            joined[cause, sum(seconds)] = 1
    return joined


def _same(told: Sequence[Breach], found: Told, name: str) -> Iterator[Violation]:
    stated: Told = Counter((one.cause, one.seconds) for one in told)
    if stated != found:
        yield _wrong(
            "untold_breach",
            name,
            f"tells {sorted(map(str, stated))}, breaks {sorted(map(str, found))}",
        )
