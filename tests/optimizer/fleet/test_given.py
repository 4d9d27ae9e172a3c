"""Routes that are given: the best times there are, and every breach told."""

import itertools
import random
from dataclasses import replace

import pytest

from optimizer.fleet import time_given
from optimizer.fleet.begins import Stay, best_begins
from territory.checks import check_given
from territory.errors import Infeasible
from territory.fleet import FleetBreak, FleetProblem, FleetTask, FleetVehicle
from territory.given_routes import Breach, GivenRoute, GivenStep, TimedRoute
from tests.optimizer.fleet.worlds import job, problem, van


def given(*rows: int, vehicle: int = 0, breaks: tuple[int, ...] = ()) -> GivenRoute:
    """Jobs in order, from start to end; breaks stand before the task at their place."""
    steps = [GivenStep(kind="job", row=row) for row in rows]
    for number, place in enumerate(breaks):
        steps.insert(place + number, GivenStep(kind="break", row=number))
    whole = (GivenStep(kind="start"), *steps, GivenStep(kind="end"))
    return GivenRoute(vehicle=vehicle, steps=whole)


def timed(asked: FleetProblem, route: GivenRoute) -> TimedRoute:
    """The route with its times, which the judge agrees with."""
    found = time_given(asked, (route,))
    assert check_given(found, (route,), asked) == ()
    return found[0]


def begins(one: TimedRoute) -> list[int]:
    return [step.arrive_seconds + step.waiting_seconds for step in one.route.steps]


def missed(one: TimedRoute) -> int:
    return sum(breach.seconds or 0 for told in one.of_steps for breach in told)


def test_a_route_that_fits_breaks_nothing_and_starts_as_late_as_it_ends_no_later() -> None:
    asked = problem([job(1, 1, windows=((600, 700),), service_seconds=60)], [van()])
    one = timed(asked, given(0))
    assert begins(one) == [540, 600, 720]
    assert one.of_route == ()
    assert [step.waiting_seconds for step in one.route.steps] == [0, 0, 0]


def test_lateness_is_shared_so_that_its_sum_is_least() -> None:
    """The first job may be early so that two others are not late."""
    tasks = [
        job(1, 1, windows=((200, 300),), service_seconds=100),
        job(2, 2, windows=((0, 250),)),
        job(3, 3, windows=((0, 310),)),
    ]
    one = timed(problem(tasks, [van()]), given(0, 1, 2))
    assert begins(one)[1:4] == [90, 250, 310]
    assert one.of_steps[1] == (Breach(cause="lead_time", seconds=110),)
    assert one.of_route == (Breach(cause="lead_time", seconds=110),)


def test_a_break_may_lie_in_a_drive() -> None:
    pause = FleetBreak(break_id=9, service_seconds=100, windows=((30, 30),))
    asked = problem([job(1, 1, windows=((160, 160),))], [van(breaks=(pause,))])
    one = timed(asked, given(0, breaks=(0,)))
    start, rest, there, _ = one.route.steps
    assert start.arrive_seconds == 0
    assert (rest.arrive_seconds, rest.travelled_seconds, rest.travelled_meters) == (30, 30, 500)
    assert (there.arrive_seconds, there.waiting_seconds, there.travelled_meters) == (160, 0, 1000)
    assert one.of_route == ()


def test_every_rule_that_is_broken_is_told_where_it_is() -> None:
    shipment = [
        FleetTask(kind="pickup", task_id=5, place=2, mate=3, pickup=(3,), delivery=(0,)),
        FleetTask(kind="delivery", task_id=5, place=1, mate=2, pickup=(0,), delivery=(3,)),
    ]
    plain = {"pickup": (0,), "delivery": (1,)}
    tasks = [job(1, 1, skills=frozenset({7}), **plain), job(2, 2, **plain), *shipment]
    pause = FleetBreak(break_id=1, max_load=(0,))
    vehicle = van(
        capacity=(1,),
        max_tasks=2,
        max_travel_seconds=100,
        max_distance_meters=1000,
        breaks=(pause, pause),
    )
    asked = problem(tasks, [vehicle], dimensions=1)
    kinds = (("job", 0), ("job", 1), ("break", 0), ("pickup", 2))
    steps = tuple(GivenStep(kind=kind, row=row) for kind, row in kinds)  # type: ignore[arg-type]
    route = GivenRoute(vehicle=0, steps=(GivenStep(kind="start"), *steps, GivenStep(kind="end")))
    one = timed(asked, route)
    causes = [{breach.cause for breach in told} for told in one.of_steps]
    assert causes == [
        {"load"},
        {"skills"},
        {"max_travel_time", "max_distance"},
        {"max_travel_time", "max_distance"},
        {"max_tasks", "precedence", "load", "max_travel_time", "max_distance"},
        {"load", "max_travel_time", "max_distance"},
    ]
    assert {breach.cause for breach in one.of_route} == {*set().union(*causes), "missing_break"}


def test_wishes_bind_and_contradictions_are_refused() -> None:
    asked = problem([job(1, 1), job(2, 3)], [van(window=(0, 500))])
    route = given(0, 1)
    first = replace(route.steps[1], at_seconds=1000)
    second = replace(route.steps[2], before_seconds=1200)
    one = timed(asked, replace(route, steps=(route.steps[0], first, second, route.steps[3])))
    assert begins(one) == [500, 1000, 1120, 1300]
    assert one.of_route == (Breach(cause="delay", seconds=800),)
    tight = replace(second, before_seconds=1100)
    with pytest.raises(Infeasible, match="vehicle 1"):
        time_given(asked, (replace(route, steps=(route.steps[0], first, tight, route.steps[3])),))


def test_an_open_route_has_the_vehicles_hours_at_its_first_and_last_task() -> None:
    vehicle = FleetVehicle(vehicle_id=1, profile="car", start=None, end=None, window=(100, 200))
    asked = problem([job(1, 1, service_seconds=30), job(2, 3, service_seconds=30)], [vehicle])
    route = GivenRoute(
        vehicle=0, steps=(GivenStep(kind="job", row=0), GivenStep(kind="job", row=1))
    )
    one = timed(asked, route)
    assert begins(one) == [20, 170]
    assert one.of_steps == ((), ())
    assert one.of_route == (Breach(cause="lead_time", seconds=80),)


@pytest.mark.parametrize("seed", range(40))
def test_no_other_times_miss_fewer_seconds(seed: int) -> None:
    """All begins on a grid of the windows' ends and the drives between are tried."""
    draw = random.Random(seed)
    tasks = []
    for number in range(3):
        low = draw.randrange(0, 400, 20)
        spans = [(low, low + draw.randrange(0, 60, 20))]
        if draw.random() < 0.5:
            spans.append((spans[0][1] + 100, spans[0][1] + 140))
        tasks.append(
            job(
                number + 1,
                number + 1,
                windows=tuple(spans),
                service_seconds=draw.choice([0, 20, 80]),
            )
        )
    asked = problem(tasks, [van(window=(0, draw.randrange(200, 600, 20)))])
    one = timed(asked, given(0, 1, 2))
    best = min(
        _missed_by(asked, times)
        for times in itertools.product(range(0, 700, 20), repeat=3)
        if _is_possible(asked, times)
    )
    assert missed(one) == best


@pytest.mark.parametrize("seed", range(12))
def test_cp_sat_finds_no_better_begins_where_breaks_lie_in_drives(seed: int) -> None:
    """All three goals in turn: seconds beside windows, span, sum of begins."""
    stays = drawn_stays(seed)
    begins = best_begins(stays)
    assert begins is not None
    assert goals_of(stays, begins) == by_cp_sat(stays)


def drawn_stays(seed: int) -> list[Stay]:
    """Start, four tasks and end with drives of unlike lengths, two breaks after one of them."""
    draw = random.Random(seed)

    def windows() -> tuple[tuple[int, int], ...]:
        lows = [draw.randrange(0, 900) for _ in range(draw.choice([1, 2, 3]))]
        return tuple(sorted((low, low + draw.randrange(0, 90)) for low in lows))

    task, rest = GivenStep(kind="job"), GivenStep(kind="break")
    stays = [
        Stay(step=task, holds=draw.randrange(60), leg=draw.randrange(20, 150), windows=windows())
        for _ in range(4)
    ]
    for place in (draw.randrange(4), 3):
        stays.insert(place, Stay(step=rest, holds=draw.randrange(80), windows=windows()))
    hours = ((100, 700),)
    end = Stay(step=GivenStep(kind="end"), leg=60, windows=hours)
    return [Stay(step=GivenStep(kind="start"), windows=hours), *stays, end]


def goals_of(stays: list[Stay], begins: list[int]) -> tuple[int, int, int]:
    beside = sum(
        min(max(low - at, at - high, 0) for low, high in stay.windows)
        for stay, at in zip(stays, begins, strict=True)
    )
    return beside, begins[-1] - begins[0], sum(begins)


def by_cp_sat(stays: list[Stay]) -> tuple[int, int, int]:
    from ortools.sat.python import cp_model

    model, solver = cp_model.CpModel(), cp_model.CpSolver()
    solver.parameters.num_workers = 1
    times = [model.new_int_var(0, 3000, "") for _ in stays]
    misses = []
    left, held = 0, 0
    for place, stay in enumerate(stays):
        missed = model.new_int_var(0, 3000, "")
        misses.append(missed)
        chosen = [model.new_bool_var("") for _ in stay.windows]
        model.add_exactly_one(chosen)
        for (low, high), is_chosen in zip(stay.windows, chosen, strict=True):
            model.add(missed >= low - times[place]).only_enforce_if(is_chosen)
            model.add(missed >= times[place] - high).only_enforce_if(is_chosen)
        if place:
            model.add(times[place] >= times[place - 1] + stays[place - 1].holds)
        if stay.step.kind != "break":
            if place:
                model.add(times[place] >= times[left] + held + stay.leg)
            left, held = place, 0
        held += stay.holds
    found = []
    for goal in (sum(misses), times[-1] - times[0], sum(times)):
        model.minimize(goal)
        assert solver.solve(model) == cp_model.OPTIMAL
        found.append(round(solver.objective_value))
        model.add(goal == found[-1])
    return found[0], found[1], found[2]


def _is_possible(asked: FleetProblem, times: tuple[int, ...]) -> bool:
    pairs = itertools.pairwise(zip(times, asked.tasks, strict=True))
    return times[0] >= 60 and all(
        after >= before + task.service_seconds + 60 for (before, task), (after, _) in pairs
    )


def _missed_by(asked: FleetProblem, times: tuple[int, ...]) -> int:
    over = times[-1] + asked.tasks[-1].service_seconds + 180
    beside = max(0, over - asked.vehicles[0].window[1])
    for at, task in zip(times, asked.tasks, strict=True):
        beside += min(max(low - at, at - high, 0) for low, high in task.windows)
    return beside


FAULTS = {
    "a begin moved": lambda one: replace(
        one, route=replace(one.route, steps=(
            one.route.steps[0],
            replace(one.route.steps[1], waiting_seconds=one.route.steps[1].waiting_seconds + 5),
            *one.route.steps[2:],
        ))
    ),
    "a breach not told": lambda one: replace(one, of_steps=((), (), *one.of_steps[2:])),
    "a breach too many": lambda one: replace(one, of_route=(*one.of_route, Breach(cause="load"))),
    "seconds misstated": lambda one: replace(one, of_route=(Breach(cause="delay", seconds=1),)),
    "another order": lambda one: replace(
        one, route=replace(one.route, steps=one.route.steps[::-1])
    ),
    "a drive cut short": lambda one: replace(
        one, route=replace(one.route, steps=(
            *one.route.steps[:-1],
            replace(one.route.steps[-1], arrive_seconds=one.route.steps[-1].arrive_seconds - 10),
        ))
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_the_judge_finds_planted_faults(fault: str) -> None:
    asked = problem(
        [job(1, 1, windows=((0, 30),), service_seconds=10), job(2, 2)], [van(window=(0, 100))]
    )
    route = given(0, 1)
    (one,) = time_given(asked, (route,))
    assert one.of_steps[1]
    assert check_given((FAULTS[fault](one),), (route,), asked)
