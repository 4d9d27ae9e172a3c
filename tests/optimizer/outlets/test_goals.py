"""Fewest sites and least farthest way: equal to trying every network, and to published centres."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from benchmarks.frame import BenchArgs
from benchmarks.outlets_instances import Median, questions
from optimizer.outlets import OutletProblem, SiteRule, cover_from_minutes, solve
from optimizer.outlets.goals import fewest_new_sites, least_farthest_minutes
from territory.errors import Infeasible
from tests.optimizer.outlets.worlds import candidate, is_allowed, own
from tests.shared import shared_path

REACH = (5, 10)


def market(seed: int, **fields: object) -> tuple[OutletProblem, np.ndarray]:
    """Eight sites (one own, one closable) and 25 cells on 20 minutes by 20 minutes."""
    random = np.random.default_rng(seed)
    places, points = random.uniform(0, 20, (8, 2)), random.uniform(0, 20, (25, 2))
    minutes = np.hypot(*(places[:, None] - points[None]).transpose(2, 0, 1)).round(1)
    minutes[:, 0] = np.inf  # an islet that nobody reaches
    sites = [own("a"), own("b", may_close=True, closing_cost=5.0)]
    sites += [candidate(f"s{k}", opening_cost=float(random.integers(1, 9))) for k in range(6)]
    given: dict[str, object] = {
        "unit_ids": tuple(f"c{i}" for i in range(25)),
        "demand": random.integers(0, 9, 25).astype(float),
        "sites": tuple(sites),
        "cover": cover_from_minutes(minutes, REACH),
        "reach_minutes": REACH,
        "reach_weights": (1.0, 0.5),
        "travel_source": "estimated",
        "new_sites": 3,
    }
    return OutletProblem(**{**given, **fields}), minutes  # type: ignore[arg-type]


def allowed(problem: OutletProblem) -> list[np.ndarray]:
    every = (np.array(one) for one in product((False, True), repeat=len(problem.sites)))
    return [one for one in every if is_allowed(problem, one.tolist())]


def farthest(problem: OutletProblem, minutes: np.ndarray, is_open: np.ndarray) -> float:
    wanted = (problem.demand > 0) & np.isfinite(minutes).any(axis=0)
    if not is_open.any():
        return np.inf
    return float(minutes[is_open][:, wanted].min(axis=0).max())


@pytest.mark.parametrize("seed", range(12))
def test_the_least_farthest_way_is_the_best_of_all_networks(seed: int) -> None:
    budget = 12.0 if seed % 2 else None
    problem, minutes = market(seed, new_sites=2, budget=budget)
    best = min(farthest(problem, minutes, one) for one in allowed(problem))
    aim = least_farthest_minutes(problem, minutes)
    assert aim.amount == best
    assert aim.is_proven
    assert is_allowed(problem, aim.is_open.tolist())
    plan = solve(replace(problem, rules=aim.rules)).plan
    stands = {site.site_id for site in plan.sites if site.decision in ("open", "keep")}
    flags = np.array([site.site_id in stands for site in problem.sites])
    assert farthest(problem, minutes, flags) == best
    alike = [one for one in allowed(problem) if farthest(problem, minutes, one) == best]
    assert plan.captured == pytest.approx(max(problem.captured(one) for one in alike))


@pytest.mark.parametrize("seed", range(12))
def test_the_fewest_new_sites_are_those_of_the_smallest_network(seed: int) -> None:
    problem, minutes = market(seed, new_sites=6)
    counts = [
        int(one[2:].sum())
        for one in allowed(problem)
        if farthest(problem, np.where(reached(minutes), minutes, np.inf), one) <= 10
    ]
    aim = fewest_new_sites(replace(problem, new_sites=0), minutes, within_minutes=10)
    assert aim.amount == min(counts)
    assert aim.is_proven
    assert aim.beyond == int(((problem.demand > 0) & ~(minutes <= 10).any(axis=0)).sum())


def reached(minutes: np.ndarray) -> np.ndarray:
    """Entries of cells that some site has within ten minutes; others are left out by all."""
    return np.broadcast_to((minutes <= 10).any(axis=0), minutes.shape)


def test_rules_that_leave_a_cell_out_are_said() -> None:
    nobody = SiteRule(name="none", weights={f"s{k}": 1.0 for k in range(6)}, at_most=0.0)
    problem, minutes = market(1, rules=(nobody,))
    with pytest.raises(Infeasible, match="No network reaches every cell"):
        fewest_new_sites(problem, minutes, within_minutes=6)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "centre"), [("pmed1", 127), ("pmed3", 93), ("pmed5", 48)])
def test_or_library_centres_are_proved(name: str, centre: float) -> None:
    folder = shared_path("instances", "outlets", "pmed")
    (question,) = questions(BenchArgs(bench="outlets", set_folder=folder, names=(name,), params={}))
    assert isinstance(question, Median)
    costs = question.costs
    problem = OutletProblem(
        unit_ids=tuple(f"c{i}" for i in range(len(costs))),
        demand=np.ones(len(costs)),
        sites=tuple(candidate(f"s{k}") for k in range(len(costs))),
        cover=cover_from_minutes(costs, REACH),
        reach_minutes=REACH,
        reach_weights=(1.0, 0.5),
        travel_source="estimated",
        new_sites=question.p,
    )
    aim = least_farthest_minutes(problem, costs)
    assert (aim.amount, aim.is_proven) == (centre, True)
