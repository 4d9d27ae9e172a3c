"""One executive's day: what the proof calls the best is the best, by brute force and by CP-SAT."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from benchmarks.frame import BenchArgs
from benchmarks.visit_day import HOUR, as_day, day_objective, day_rows, make_day
from benchmarks.visit_day_model import ask_cp_sat
from optimizer.visits import VisitProblem
from optimizer.visits.case import make_cases
from optimizer.visits.one_day import Day, prove
from optimizer.visits.timing import time_day


def short_day(seed: int, candidates: int, ends: int) -> VisitProblem:
    """A drawn day that ends early, so that not everybody can be seen."""
    problem = make_day(seed, candidates)
    (shift,) = problem.shifts
    return replace(problem, shifts=(replace(shift, end_seconds=ends),))


def best_by_trying(problem: VisitProblem) -> int:
    """The least cost over all orders of all sets, timed by the clock of the planner."""
    (case,) = make_cases(problem)
    names = [problem.needs[row].visit_id for row in case.need_rows]
    return min(
        day_objective(problem, [names[need] for need in order])
        for size in range(len(names) + 1)
        for order in permutations(range(len(names)), size)
        if size == 0 or time_day(case.arrays, 0, order) is not None
    )


def nobody(problem: VisitProblem) -> int:
    return day_objective(problem, [])


@pytest.mark.parametrize("seed", range(1, 7))
def test_the_proof_finds_what_trying_all_orders_finds(seed: int) -> None:
    problem = short_day(seed, 6, 13 * HOUR + 1_800 * (seed % 4))
    proof = prove(as_day(problem), nobody(problem))
    assert proof.is_proved
    assert proof.least == best_by_trying(problem)
    names = [problem.needs[visit - 1].visit_id for visit in proof.order]
    assert day_objective(problem, names) == proof.least


@pytest.mark.parametrize("seed", [11, 12])
def test_cp_sat_proves_the_same_on_a_small_day(seed: int) -> None:
    problem = short_day(seed, 9, 15 * HOUR)
    proof = prove(as_day(problem), nobody(problem))
    asked = ask_cp_sat(problem, [], 30.0)
    assert proof.is_proved
    assert asked.is_proved
    assert asked.least == proof.least


def test_a_known_best_day_is_proved_and_one_a_second_too_dear_is_not_believed() -> None:
    problem = short_day(3, 8, 14 * HOUR)
    best = prove(as_day(problem), nobody(problem)).least
    assert prove(as_day(problem), int(best)).least == best
    assert prove(as_day(problem), int(best) + 1).least == best


def test_lunch_is_had_before_the_day_goes_on() -> None:
    """One visit at 12:00 sharp, one at 13:00 sharp, half an hour each, 10 minutes apart.

    Lunch of 30 minutes must begin from 12:00 to 12:35. Between the two visits are 30 minutes, of
    which 10 are driven, so only one can be made if the day goes on until 13:30.
    """
    legs = np.array([[0, 600, 600], [600, 0, 600], [600, 600, 0]])
    day = Day(
        legs=legs,
        stay=np.array([0, 1_800, 1_800]),
        prize=np.array([0, 50_000, 40_000]),
        spans=np.array([[1, 12 * HOUR, 12 * HOUR], [2, 13 * HOUR, 13 * HOUR]]),
        first_span=np.array([0, 0, 1, 2]),
        shift=(9 * HOUR, 18 * HOUR),
        lunch=(12 * HOUR, 12 * HOUR + 2_100, 1_800),
    )
    proof = prove(day, 90_000)
    assert (proof.least, proof.order) == (40_000 + 1_200, (1,))
    relaxed = prove(replace(day, lunch=(12 * HOUR, 14 * HOUR, 1_800)), 90_000)
    assert (relaxed.least, relaxed.order) == (1_800, (1, 2))  # lunch after the second


def test_the_row_names_how_far_ours_is_from_the_proof() -> None:
    args = BenchArgs(bench="visits", params={"work": "day", "candidates": "6", "days": "1"})
    ours, proof = day_rows(args)
    assert proof.extra["is_proved"] is True
    assert ours.best_known == proof.objective
    assert (ours.gap_percent, ours.violations) == (0.0, 0)
