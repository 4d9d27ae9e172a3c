"""Tours break no rule, cost what they say, and are the same for the same seed and work."""

import threading
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

from optimizer.run import Report
from optimizer.visits.tours import TourProblem, Tours, Vehicle, solve_tours
from territory.errors import InputError
from tests.optimizer.visits.tours.worlds import drawn, told

KINDS = {
    "windows": {},
    "no windows": {"windows": 0},
    "three windows a visit": {"windows": 3},
    "optional": {"optional": True},
    "optional with windows to choose": {"optional": True, "windows": 2},
    "asymmetric": {"asymmetric": True, "windows": 2},
    "asymmetric without windows": {"asymmetric": True, "windows": 0},
    "mixed vehicles": {"mixed": True, "optional": True, "windows": 3},
    "mixed vehicles without windows": {"mixed": True, "optional": True, "windows": 0},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_tours_break_no_rule_and_cost_what_they_say(kind: str, seed: int) -> None:
    """An evaluator that shares no code walks every route."""
    problem = drawn(seed, **KINDS[kind])  # type: ignore[arg-type]
    tours = solve_tours(problem, seed=seed, iterations=400)
    found = told(problem, tours.routes)
    assert found.breaks == []
    assert found.cost == tours.cost
    served = [visit for route in tours.routes for visit in route]
    assert sorted([*served, *tours.left_out]) == list(range(problem.visits))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_and_work_give_the_same_tours(kind: str) -> None:
    """Also on two threads, whose exchanges wait for one another."""
    problem = drawn(5, **KINDS[kind])  # type: ignore[arg-type]
    first, again = (solve_tours(problem, seed=3, iterations=120, threads=2) for _ in range(2))
    assert first == again


def brute_force(problem: TourProblem) -> int:
    """The least cost over all orders of all visits on one vehicle, any left out."""
    best = told(problem, ((),)).cost
    for size in range(1, problem.visits + 1):
        for route in permutations(range(problem.visits), size):
            found = told(problem, (route,))
            best = best if found.breaks else min(best, found.cost)
    return best


@pytest.mark.parametrize("seed", range(6))
def test_small_problems_are_solved_to_the_optimum(seed: int) -> None:
    """One vehicle, six visits that may be left out, two windows each: every plan is counted."""
    wide = drawn(seed, 6, windows=2, optional=True, asymmetric=True)
    problem = TourProblem(
        travel_seconds=wide.travel_seconds,
        point=wide.point,
        service_seconds=wide.service_seconds,
        load=wide.load,
        windows=wide.windows,
        penalty=wide.penalty,
        vehicles=wide.vehicles[:1],
    )
    assert solve_tours(problem, seed=seed, iterations=300).cost == brute_force(problem)


def cheapest_complete(problem: TourProblem) -> int | None:
    """The least cost that serves everybody, over all ways to share and order; None if no way."""
    best = None
    for sharing in product(range(len(problem.vehicles)), repeat=problem.visits):
        parts = [np.flatnonzero(np.array(sharing) == v) for v in range(len(problem.vehicles))]
        for routes in product(*(permutations(map(int, part)) for part in parts)):
            found = told(problem, routes)
            if not found.breaks and (best is None or found.cost < best):
                best = found.cost
    return best


@pytest.mark.parametrize("kind", ["windows", "three windows a visit", "no windows"])
def test_few_visits_are_all_made_after_few_turns(kind: str) -> None:
    """Three visits, two vehicles, tight loads and shifts: within 100 turns, at the least cost."""
    solved = 0
    for seed in range(30):
        random = np.random.default_rng(seed)
        wide = drawn(seed, 3, **KINDS[kind])  # type: ignore[arg-type]
        share = random.uniform(0.25, 1.0)
        vehicles = tuple(
            replace(
                vehicle,
                latest_seconds=int(vehicle.latest_seconds * share),
                capacity=int(random.integers(12, 40)),
            )
            for vehicle in wide.vehicles[:2]
        )
        problem = replace(wide, vehicles=vehicles)
        least = cheapest_complete(problem)
        if least is not None:
            solved += 1
            tours = solve_tours(problem, seed=seed, iterations=100)
            assert (tours.unmet, tours.cost) == ((), least)
    assert solved > 10


def test_a_square_is_driven_round() -> None:
    """Four visits on the corners of a square of 10, the depot on one side's middle: 40."""
    xy = np.array([(0, 0), (0, 10), (10, 0), (10, 10), (5, 0)])
    travel = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    tours = solve_tours(_plain(travel, visits=4, vehicles=2), iterations=50)
    assert tours.cost == 40
    assert tours.routes in (((0, 1, 3, 2), ()), ((2, 3, 1, 0), ()))


def test_a_visit_nobody_may_serve_is_left_out_and_named() -> None:
    """It had to be made, so it is unmet; the rest is served."""
    travel = np.array([[0, 5, 3], [5, 0, 4], [3, 4, 0]])
    plain = _plain(travel, visits=2, vehicles=1)
    problem = TourProblem(
        travel_seconds=travel,
        point=plain.point,
        service_seconds=plain.service_seconds,
        load=plain.load,
        windows=plain.windows,
        penalty=plain.penalty,
        vehicles=plain.vehicles,
        allowed=np.array([[True], [False]]),
    )
    tours = solve_tours(problem, iterations=50)
    assert tours.routes == ((0,),)
    assert tours.unmet == (1,)
    assert tours.cost == 6


def test_what_does_not_fit_is_left_out_rather_than_broken() -> None:
    """Thirty visits and a vehicle whose shift holds but a few: sound, and some are unmet."""
    problem = drawn(4, 30)
    short = TourProblem(
        travel_seconds=problem.travel_seconds,
        point=problem.point,
        service_seconds=problem.service_seconds,
        load=problem.load,
        windows=problem.windows,
        penalty=problem.penalty,
        vehicles=problem.vehicles[:1],
    )
    tours = solve_tours(short, iterations=300)
    assert told(short, tours.routes).breaks == []
    assert tours.routes[0]
    assert tours.unmet


def test_nothing_to_do_is_no_error() -> None:
    """No visits, or no vehicles."""
    travel = np.zeros((1, 1), dtype=np.int64)
    assert solve_tours(_plain(travel, visits=0, vehicles=2), iterations=5).routes == ((), ())
    assert solve_tours(_plain(np.zeros((2, 2)), visits=1, vehicles=0), iterations=5).unmet == (0,)
    assert solve_tours(_plain(np.zeros((2, 2)), visits=1, vehicles=1), iterations=5).cost == 0


def test_progress_is_told_and_a_cancelled_search_keeps_its_best() -> None:
    """The first word of progress cancels; what was best by then comes back."""
    told_of: list[Report[Tours]] = []
    cancel = threading.Event()

    def progress(report: Report[Tours]) -> None:
        told_of.append(report)
        cancel.set()

    problem = drawn(1)
    tours = solve_tours(problem, iterations=1200, progress=progress, cancel=cancel)
    assert tours.stopped_by == "cancelled"
    assert tours.iterations < 1200
    assert told_of[-1].best is not None
    assert told_of[-1].best.routes == tours.routes


def test_faults_are_told_all_at_once() -> None:
    """A negative travel time and a descending window are two faults."""
    plain = _plain(np.full((3, 3), -1), visits=1, vehicles=1, check=False)
    with pytest.raises(InputError) as error:
        TourProblem(**{**plain, "windows": (((9, 5),),)})
    assert len(error.value.faults) == 2
    with pytest.raises(InputError, match="limit"):
        solve_tours(_plain(np.zeros((2, 2)), visits=1, vehicles=1))


def _plain(travel, visits, vehicles, check=True):  # type: ignore[no-untyped-def]
    last = len(travel) - 1
    vehicle = Vehicle(start_point=last, end_point=last, earliest_seconds=0, latest_seconds=1000)
    fields = {
        "travel_seconds": np.asarray(travel, dtype=np.int64),
        "point": np.arange(visits),
        "service_seconds": np.zeros(visits, dtype=np.int64),
        "load": np.zeros(visits, dtype=np.int64),
        "windows": ((),) * visits,
        "penalty": (None,) * visits,
        "vehicles": (vehicle,) * vehicles,
    }
    return TourProblem(**fields) if check else fields
