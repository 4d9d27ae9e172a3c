"""Fleet problems: each rule alone on a street, everything at once by the judge, reasons tried."""

from dataclasses import replace
from itertools import permutations

import pytest

from optimizer.fleet import FleetParams, solve_fleet
from optimizer.fleet.timing import time_route
from optimizer.run import Stop
from territory.checks import check_fleet
from territory.fleet import (
    FleetBreak,
    FleetCosts,
    FleetPlan,
    FleetProblem,
    FleetTask,
    FleetTravel,
)
from tests.optimizer.fleet.worlds import job, jumble, problem, street, van


def _solved(asked: FleetProblem, *, turns: int = 300, seed: int = 1) -> FleetPlan:
    result = solve_fleet(asked, params=FleetParams(seed=seed), stop=Stop(iterations=turns))
    assert check_fleet(result.plan, asked) == ()
    return result.plan


def _tasks(plan: FleetPlan, route: int = 0) -> list[int]:
    return [step.row for step in plan.routes[route].steps if step.kind not in ("start", "end")]


def test_one_van_drives_down_the_street_and_back() -> None:
    """Places 3, 1, 5 cost 10 minutes of driving in the best order, 600 at 3,600 an hour."""
    plan = _solved(problem([job(1, 3), job(2, 1), job(3, 5)], [van()]))
    assert plan.routes[0].cost == 600
    assert plan.routes[0].steps[-1].travelled_meters == 10_000


def test_prices_are_fixed_cost_hours_tasks_and_kilometres() -> None:
    """7 + 10 min at 60 an hour + 30 min of tasks at 40 + 10 km at 2 = 7 + 10 + 20 + 20."""
    costs = FleetCosts(fixed=7, per_hour=60, per_task_hour=40, per_km=2)
    plan = _solved(
        problem([job(1, 5, setup_seconds=600, service_seconds=1200)], [van(costs=costs)])
    )
    assert plan.routes[0].cost == 57


def test_a_matrix_of_costs_takes_the_place_of_hours_and_kilometres() -> None:
    """There and back at 11 a place."""
    asked = problem([job(1, 5)], [van()])
    travel = replace(street(12), costs=11 * street(12).seconds // 60)
    assert _solved(replace(asked, travel=(travel,))).routes[0].cost == 110


def test_a_quicker_vehicle_needs_less_time_rounded_half_up() -> None:
    """60 s at 0.8 are 75 s, and at 1.6 they are 37.5, so 38."""
    travel = street(2)
    assert travel.seconds_at(0.8)[0, 1] == 75
    assert travel.seconds_at(1.6)[0, 1] == 38


def test_setup_is_not_needed_twice_at_one_place() -> None:
    """Two jobs at place 2: the second finds everything set up."""
    twins = [job(1, 2, setup_seconds=300), job(2, 2, setup_seconds=300)]
    plan = _solved(problem(twins, [van()]))
    assert [step.setup_seconds for step in plan.routes[0].steps] == [0, 300, 0, 0]


def test_waiting_is_done_at_home() -> None:
    """The door opens at 3,600: the van leaves a minute before and not at 0."""
    plan = _solved(problem([job(1, 1, windows=((3600, 4000),))], [van()]))
    assert [step.arrive_seconds for step in plan.routes[0].steps] == [3540, 3600, 3660]


def test_a_break_interrupts_a_drive() -> None:
    """A drive of 600 s from 0 with a break of 100 s from 250 to 260 on arrives at 700."""
    pause = FleetBreak(break_id=9, service_seconds=100, windows=((250, 260),))
    asked = problem([job(1, 10)], [van(breaks=(pause,), window=(0, 1300))])
    steps = _solved(asked).routes[0].steps
    assert [(step.kind, step.arrive_seconds) for step in steps] == [
        ("start", 0),
        ("break", 250),
        ("job", 700),
        ("end", 1300),
    ]
    assert steps[1].travelled_seconds == 250


def test_a_break_waits_for_a_load_it_may_be_taken_with() -> None:
    """With 5 on board the break may not be taken before the delivery at place 4 (240 s)."""
    pause = FleetBreak(break_id=1, service_seconds=60, windows=((0, 9000),), max_load=(2,))
    asked = problem(
        [job(1, 4, pickup=(0,), delivery=(5,))],
        [van(capacity=(5,), breaks=(pause,))],
        dimensions=1,
    )
    assert [step.kind for step in _solved(asked).routes[0].steps] == [
        "start",
        "job",
        "break",
        "end",
    ]


def test_loads_rise_and_fall_and_never_exceed_the_capacity() -> None:
    """Room for 4: two deliveries of 3 need two vans, or one van with another."""
    asked = problem(
        [job(n, n, pickup=(0,), delivery=(3,)) for n in (1, 2)],
        [van(1, capacity=(4,)), van(2, capacity=(4,))],
        dimensions=1,
    )
    assert len(_solved(asked).routes) == 2


def test_a_shipment_is_picked_up_before_it_is_delivered() -> None:
    """The delivery lies nearer, but the van passes it by."""
    halves = [
        FleetTask(kind="pickup", task_id=1, place=6, pickup=(1,), delivery=(0,), mate=1),
        FleetTask(kind="delivery", task_id=1, place=2, pickup=(0,), delivery=(1,), mate=0),
    ]
    plan = _solved(problem(halves, [van(capacity=(1,))], dimensions=1))
    assert _tasks(plan) == [0, 1]


def test_open_ends_are_not_driven() -> None:
    """From 0 to the last task at 5, and no way home: 300 s."""
    plan = _solved(problem([job(1, 5), job(2, 2)], [van(end=None)]))
    assert plan.routes[0].cost == 300
    assert plan.routes[0].steps[-1].kind == "job"


def test_steps_given_begin_the_search() -> None:
    """With the least of turns, the given order is what comes out or better."""
    tasks = [job(n, n) for n in range(1, 9)]
    asked = problem(tasks, [van(first_tasks=tuple(range(8)))])
    assert _solved(asked, turns=1).routes[0].cost == 960


@pytest.mark.parametrize("seed", range(6))
def test_the_judge_finds_nothing_in_a_jumble_of_all_rules(seed: int) -> None:
    """Windows, breaks, loads, skills, types, speeds, limits, prices, shipments at once."""
    asked = jumble(seed)
    plan = _solved(asked, seed=seed)
    again = _solved(asked, seed=seed)
    assert plan == again
    assert plan.routes


@pytest.mark.parametrize("seed", range(3))
def test_a_handful_of_jobs_is_planned_as_by_trying_every_order(seed: int) -> None:
    """Five jobs of the jumble on one van: no order that keeps the rules is cheaper."""
    whole = jumble(seed, jobs=5, shipments=0, vans=1)
    one = replace(whole.vehicles[0], skills=frozenset([1]), capacity=(99, 99), window=(0, 60_000))
    tasks = tuple(replace(task, windows=((0, 50_000),)) for task in whole.tasks)
    asked = replace(whole, vehicles=(one,), tasks=tasks)
    pause = replace(one.breaks[0], max_load=())
    asked = replace(
        asked,
        vehicles=(
            replace(one, breaks=(pause,), max_travel_seconds=None, max_distance_meters=None),
        ),
    )
    orders = [time_route(asked, 0, order) for order in permutations(range(5))]
    best = min(route.cost for route in orders if route is not None)
    assert _solved(asked).routes[0].cost == best


def test_priorities_come_before_numbers_and_numbers_before_cost() -> None:
    """Room for one task of 3 or for three of 1; 3 x 1 are more tasks, but one has priority."""
    asked = problem(
        [
            job(1, 9, pickup=(0,), delivery=(3,), priority=1),
            *(job(n, 1, pickup=(0,), delivery=(1,)) for n in (2, 3, 4)),
        ],
        [van(capacity=(3,))],
        dimensions=1,
    )
    assert _tasks(_solved(asked)) == [0]
    equal = replace(asked, tasks=(replace(asked.tasks[0], priority=0), *asked.tasks[1:]))
    assert sorted(_tasks(_solved(equal))) == [1, 2, 3]


def _reason(asked: FleetProblem, task: int = 0) -> tuple[str, str]:
    one = next(item for item in _solved(asked).unserved if item.task == task)
    return one.reason, one.fits_if


def test_each_reason_is_told_with_what_would_mend_it() -> None:
    """Skill, amount, windows, distance, no way."""
    assert _reason(problem([job(1, 1, skills=frozenset([4]))], [van()])) == (
        "skill_mismatch",
        "a vehicle has the skills [4]",
    )
    heavy = problem([job(1, 1, pickup=(9,), delivery=(0,))], [van(capacity=(3,))], dimensions=1)
    assert _reason(heavy)[0] == "capacity_exceeded"
    early = problem([job(1, 5, windows=((0, 10),))], [van()])
    assert _reason(early)[0] == "no_opening_hours_in_window"
    far = problem([job(1, 9)], [van(max_travel_seconds=300)])
    assert _reason(far)[0] == "too_far_for_day"
    travel = street(12)
    travel.seconds[:, 7] = 2**31 - 1
    island = replace(problem([job(1, 7)], [van()]), travel=(travel,))
    assert _reason(island)[0] == "unreachable_island"


def test_what_would_let_a_task_in_was_tried() -> None:
    """Two jobs of 10 min at place 1 in a day of 15 min: 7 min longer do, or the other job less."""
    asked = problem(
        [job(1, 1, service_seconds=600, priority=2), job(2, 1, service_seconds=600)],
        [van(window=(0, 900))],
    )
    reason, fits_if = _reason(asked, task=1)
    assert reason == "lower_value_than_kept"
    assert fits_if == "vehicle 1 works 7 min longer; or job 1 is dropped from vehicle 1"
    longer = replace(asked, vehicles=(van(window=(0, 900 + 7 * 60)),))
    assert _solved(longer).unserved == ()
    shorter = replace(asked, vehicles=(van(window=(0, 900 + 6 * 60)),))
    assert len(_solved(shorter).unserved) == 1


def test_nothing_to_do_or_nobody_to_do_it_is_a_plan_too() -> None:
    """No task, then no vehicle."""
    assert _solved(problem([], [van()])) == FleetPlan(routes=(), unserved=())
    alone = problem([job(1, 1)], [])
    assert _solved(alone).unserved[0].reason == "capacity_day_full"


def test_a_tour_that_only_holds_with_a_detour_survives_its_ruin() -> None:
    """Place 2 is far from 0 unless one goes by 1: taking out job 1 breaks the route, not us."""
    travel = street(3)
    travel.seconds[0, 2] = travel.seconds[2, 0] = 5000
    asked = FleetProblem(
        tasks=(job(1, 1), job(2, 2)),
        vehicles=(van(window=(0, 6000), end=1),),
        travel=(FleetTravel(profile="car", seconds=travel.seconds),),
    )
    assert _solved(asked).unserved == ()
