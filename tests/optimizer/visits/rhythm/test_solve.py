"""The periodic kernel beside brute force and an evaluator of its own."""

import itertools
import threading

import numpy as np
import pytest

from optimizer.visits.rhythm import RhythmPlan, RhythmProblem, measure, solve, solve_rhythm
from territory.errors import InputError

MON, TUE, WED = 1, 2, 4


def problem(
    xy: list[tuple[float, float]],
    patterns: list[tuple[int, ...]],
    *,
    days: int = 2,
    fleet: int = 1,
    capacity: float = np.inf,
    longest: float = np.inf,
) -> RhythmProblem:
    """Customers of load 1 and stay 1 at places in the plane, the depot first."""
    at = np.array(xy, dtype=float)
    ones = np.array([0.0, *[1.0] * (len(xy) - 1)])
    return RhythmProblem(
        travel=np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)),
        load=ones,
        stay=ones,
        patterns=((), *patterns),
        fleet=fleet,
        capacity=np.full(days, capacity),
        longest=np.full(days, longest),
    )


def random_problem(seed: int, customers: int, **limits: float) -> RhythmProblem:
    draw = np.random.default_rng(seed)
    xy = [(0.0, 0.0), *(tuple(row) for row in draw.uniform(-50, 50, (customers, 2)))]
    choices = [(MON | WED, TUE | WED), (MON, TUE, WED), (MON | TUE | WED,)]
    patterns = [choices[int(kind)] for kind in draw.integers(3, size=customers)]
    return problem(xy, patterns, days=3, fleet=2, **limits)


def faults(asked: RhythmProblem, plan: RhythmPlan) -> list[str]:
    """Everything wrong with a plan, counted by hand."""
    seen = [0] * (asked.customers + 1)
    found = []
    for day, routes in enumerate(plan.routes):
        if len(routes) != asked.fleet:
            found.append(f"day {day}: {len(routes)} routes")
        for route in routes:
            way, here, load, stay = 0.0, 0, 0.0, 0.0
            for stop in (*route, 0):
                way += asked.travel[here, stop]
                load += asked.load[stop]
                stay += asked.stay[stop]
                here = stop
            if load > asked.capacity[day] + 1e-6:
                found.append(f"day {day}: load {load}")
            if route and way + stay > asked.longest[day] + 1e-6:
                found.append(f"day {day}: lasts {way + stay}")
            for stop in route:
                if seen[stop] >> day & 1:
                    found.append(f"{stop} twice on day {day}")
                seen[stop] |= 1 << day
    found += [
        f"{customer} on days {seen[customer]:b}"
        for customer in range(1, asked.customers + 1)
        if seen[customer] not in asked.patterns[customer]
    ]
    return found


def shortest_tour(asked: RhythmProblem, stops: tuple[int, ...]) -> float:
    return min(
        sum(asked.travel[a, b] for a, b in itertools.pairwise((0, *order, 0)))
        for order in itertools.permutations(stops)
    )


def best_length(asked: RhythmProblem) -> float:
    """The optimum of one route a day by trying all patterns and orders."""
    lengths = []
    for chosen in itertools.product(*asked.patterns[1:]):
        days = [
            tuple(c for c, mask in enumerate(chosen, 1) if mask >> day & 1)
            for day in range(asked.days)
        ]
        lengths.append(sum(shortest_tour(asked, day) for day in days))
    return min(lengths)


def test_neighbours_are_seen_on_the_same_day() -> None:
    # a and b east, c and d west: one side each day makes 2 * (10 + 1 + 10) less the detours.
    asked = problem([(0, 0), (10, 0), (11, 0), (-10, 0), (-11, 0)], [(MON, TUE)] * 4, capacity=2)
    plan = solve_rhythm(asked, seed=1, turns=2_000)
    assert plan.length == pytest.approx(44)
    assert sorted(tuple(sorted(day[0])) for day in plan.routes) == [(1, 2), (3, 4)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_small_worlds_are_solved_as_brute_force_solves_them(seed: int) -> None:
    draw = np.random.default_rng(seed)
    xy = [(0.0, 0.0), *(tuple(row) for row in draw.uniform(-50, 50, (6, 2)))]
    asked = problem(xy, [(MON, TUE), (MON | TUE,)] * 3)
    plan = solve_rhythm(asked, seed=seed, turns=3_000)
    assert not faults(asked, plan)
    assert plan.length == pytest.approx(best_length(asked))


@pytest.mark.parametrize("limits", [{}, {"capacity": 9.0}, {"longest": 300.0}])
def test_every_customer_gets_one_of_its_patterns_within_the_limits(
    limits: dict[str, float],
) -> None:
    asked = random_problem(4, 20, **limits)
    plan = solve_rhythm(asked, seed=1, turns=4_000)
    assert faults(asked, plan) == []
    assert plan.keeps_limits
    assert plan.length == pytest.approx(measure(asked, plan.routes).length)


def test_the_same_seed_and_turns_give_the_same_plan_on_two_threads() -> None:
    asked = random_problem(5, 25, capacity=10.0)
    once = solve_rhythm(asked, seed=7, turns=3_000, threads=2)
    again = solve_rhythm(asked, seed=7, turns=3_000, threads=2)
    assert once == again
    assert once.turns == 6_000


def test_more_work_gives_a_shorter_plan() -> None:
    asked = random_problem(6, 30, capacity=18.0)
    short = solve_rhythm(asked, seed=1, turns=200)
    long = solve_rhythm(asked, seed=1, turns=20_000)
    assert short.keeps_limits
    assert long.keeps_limits
    assert long.length < short.length


def test_a_fleet_too_small_says_by_how_much_it_is_overloaded() -> None:
    asked = problem([(0, 0), (1, 0), (2, 0), (3, 0)], [(MON,)] * 3, capacity=2)
    plan = solve_rhythm(asked, seed=1, turns=500)
    assert not plan.keeps_limits
    assert plan.overload == pytest.approx(1)


def test_a_cancelled_search_returns_a_whole_plan() -> None:
    asked = random_problem(8, 20)
    cancel = threading.Event()
    cancel.set()
    plan = solve_rhythm(asked, seed=1, turns=10**9, cancel=cancel)
    assert not faults(asked, plan)


def test_progress_is_told_the_best_length_so_far() -> None:
    said: list[tuple[float, float]] = []
    plan = solve_rhythm(
        random_problem(9, 15),
        seed=1,
        turns=2_000,
        progress=lambda part, length: said.append((part, length)),
    )
    assert said[-1] == (pytest.approx(1.0), pytest.approx(plan.length))
    lengths = [length for _, length in said]
    assert lengths == sorted(lengths, reverse=True)


def test_progress_is_told_within_a_cooling_and_a_cancelled_search_returns_no_hot_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solve, "TELL_SECONDS", 0.01)
    asked = random_problem(6, 30, capacity=18.0)
    cancel = threading.Event()
    said: list[tuple[float, float]] = []

    def stop_when_there_is_a_plan(part: float, length: float) -> None:
        said.append((part, length))
        if np.isfinite(length):
            cancel.set()

    # In a thousandth of this work the search is as hot as it was at the beginning.
    plan = solve_rhythm(
        asked, seed=1, turns=10**9, threads=2, cancel=cancel, progress=stop_when_there_is_a_plan
    )
    assert said[0][0] < 0.01
    assert [length for _, length in said] == sorted((row[1] for row in said), reverse=True)
    assert faults(asked, plan) == []
    assert plan.length == pytest.approx(said[-1][1])
    assert plan.length < 1.05 * solve_rhythm(asked, seed=1, turns=20_000).length


def test_little_work_is_one_cooling_and_more_goes_into_children_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solve, "TELL_SECONDS", 1e6)
    asked = problem([(0, 0), (10, 0), (11, 0), (-10, 0)], [(MON, TUE)] * 3, capacity=2)

    def coolings(turns: int) -> list[float]:
        parts: list[float] = []
        solve_rhythm(asked, turns=turns, progress=lambda part, _length: parts.append(part))
        return parts

    assert coolings(8_000 * 3) == [1.0]
    # 12,000 turns for each of 3 visits: one scout, then 40 % in children of 600 a visit.
    assert coolings(12_000 * 3) == pytest.approx([0.6, *(0.6 + 0.05 * n for n in range(1, 9))])


def test_nobody_to_see_is_an_empty_plan() -> None:
    plan = solve_rhythm(problem([(0, 0)], []), seed=1)
    assert plan.routes == (((),), ((),))
    assert plan.length == 0


def test_every_fault_of_a_problem_is_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        problem([(0, 0), (1, 0), (2, 0)], [(), (8,)], days=2, fleet=0)
    assert [fault.column for fault in caught.value.faults] == ["fleet", "patterns", "patterns"]
