"""The judge of fleet plans: one corrupted plan for each rule."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from optimizer.fleet import FleetParams, solve_fleet
from optimizer.run import Stop
from territory.checks import check_fleet
from territory.fleet import FleetPlan, FleetProblem, FleetRoute, FleetStep
from tests.optimizer.fleet.worlds import jumble

Corrupt = Callable[[FleetRoute], FleetRoute]


@pytest.fixture(scope="module")
def world() -> tuple[FleetProblem, FleetPlan]:
    """A clean plan of the jumble."""
    asked = jumble(3)
    plan = solve_fleet(asked, params=FleetParams(), stop=Stop(iterations=300)).plan
    assert check_fleet(plan, asked) == ()
    return asked, plan


def _step(kind: str, **change: int) -> Corrupt:
    def corrupt(route: FleetRoute) -> FleetRoute:
        at = next(n for n, step in enumerate(route.steps) if step.kind == kind)
        return _with(route, at, change)

    return corrupt


def _with(route: FleetRoute, at: int, change: dict[str, int]) -> FleetRoute:
    steps = list(route.steps)
    old: FleetStep = steps[at]
    steps[at] = replace(old, **{name: getattr(old, name) + more for name, more in change.items()})
    return replace(route, steps=tuple(steps))


def _without(kind: str) -> Corrupt:
    return lambda route: replace(
        route, steps=tuple(step for step in route.steps if step.kind != kind)
    )


@pytest.mark.parametrize(
    ("corrupt", "code"),
    [
        (_step("job", arrive_seconds=-1), "too_early"),
        (_step("job", arrive_seconds=1), "idle"),
        (_step("job", service_seconds=5), "wrong_duration"),
        (_step("job", travelled_seconds=1), "wrong_leg"),
        (_step("job", travelled_meters=1), "wrong_leg"),
        (_step("break", service_seconds=-1), "wrong_break"),
        (_step("break", waiting_seconds=90_000), "wrong_break"),
        (_without("break"), "missing_break"),
        (_without("end"), "wrong_ends"),
        (lambda route: replace(route, cost=route.cost + 1), "wrong_total"),
        (lambda route: replace(route, steps=route.steps[:1]), "unused_vehicle"),
    ],
)
def test_a_corrupted_route_is_found_out(
    world: tuple[FleetProblem, FleetPlan], corrupt: Corrupt, code: str
) -> None:
    """One figure or step changed, and the judge names it."""
    asked, plan = world
    routes = (corrupt(plan.routes[0]), *plan.routes[1:])
    assert code in {item.code for item in check_fleet(replace(plan, routes=routes), asked)}


def test_a_stated_load_is_counted_again(world: tuple[FleetProblem, FleetPlan]) -> None:
    """A load that is not what was taken on and given off."""
    asked, plan = world
    first = plan.routes[0]
    steps = (*first.steps[:-1], replace(first.steps[-1], load=(99, 99)))
    found = check_fleet(replace(plan, routes=(replace(first, steps=steps),)), asked)
    assert "wrong_load" in {item.code for item in found}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"capacity": (0, 0)}, "overloaded"),
        ({"max_tasks": 1}, "too_many_tasks"),
        ({"max_travel_seconds": 1}, "too_much_driving"),
        ({"max_distance_meters": 1}, "too_far"),
        ({"window": (0, 100)}, "outside_shift"),
        ({"window": (15_999, 16_000)}, "outside_shift"),
    ],
)
def test_a_vehicle_that_may_less_is_held_to_it(
    world: tuple[FleetProblem, FleetPlan], change: dict[str, object], code: str
) -> None:
    """The same plan for a vehicle with a smaller limit."""
    asked, plan = world
    at = plan.routes[0].vehicle
    vehicles = list(asked.vehicles)
    vehicles[at] = replace(vehicles[at], **change)  # type: ignore[arg-type]
    found = check_fleet(plan, replace(asked, vehicles=tuple(vehicles)))
    assert code in {item.code for item in found}


def test_tasks_are_served_or_told_once(world: tuple[FleetProblem, FleetPlan]) -> None:
    """Lost, doubled, torn from its other half, without its skill, out of its window."""
    asked, plan = world
    served = [s.row for r in plan.routes for s in r.steps if s.kind == "job"]
    codes = {item.code for item in check_fleet(replace(plan, routes=plan.routes[1:]), asked)}
    assert "lost_visit" in codes
    twice = replace(plan, routes=(*plan.routes, plan.routes[0]))
    assert {"repeated_visit", "repeated_route"} <= {i.code for i in check_fleet(twice, asked)}
    tasks = list(asked.tasks)
    tasks[served[0]] = replace(tasks[served[0]], skills=frozenset([77]), windows=((0, 1),))
    changed = {item.code for item in check_fleet(plan, replace(asked, tasks=tuple(tasks)))}
    assert {"missing_skill", "outside_window"} <= changed


def test_half_a_shipment_is_torn(world: tuple[FleetProblem, FleetPlan]) -> None:
    """A pickup whose delivery is missing from the route."""
    asked, plan = world
    torn = [
        replace(route, steps=tuple(step for step in route.steps if step.kind != "delivery"))
        for route in plan.routes
    ]
    found = {item.code for item in check_fleet(replace(plan, routes=tuple(torn)), asked)}
    assert "torn_shipment" in found
