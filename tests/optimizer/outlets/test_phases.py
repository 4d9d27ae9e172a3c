"""Openings in phases: nested networks, each the best on the way to the next."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from optimizer.outlets import OutletParams, OutletProblem, cover_from_minutes, solve
from optimizer.outlets.phases import phased
from optimizer.run import Stop
from territory.checks import OutletFacts, check_outlets
from territory.errors import Infeasible, InputError
from territory.outlets import OutletPlan, Phase
from territory.plans import Table
from tests.optimizer.outlets.worlds import (
    candidate,
    captured_by,
    is_allowed,
    own,
    random_world,
    world,
)

PARAMS = OutletParams(has_frontier=False)


def in_phases(problem: OutletProblem, phases: tuple[Phase, ...]) -> OutletPlan:
    plan = solve(problem, params=PARAMS).plan
    return phased(problem, plan, phases, params=PARAMS, stop=Stop())


def town() -> tuple[OutletProblem, tuple[Phase, ...]]:
    """a, b and c capture 50, 30 and 20 alone, d 60 of those of a and b; 10 each, d 30.

    With 20 the best two are a and b; a is first, as 10 buys the 50.
    """
    sites = [
        candidate(name, lon=0.01 * k, opening_cost=cost)
        for k, (name, cost) in enumerate([("a", 10.0), ("b", 10.0), ("c", 10.0), ("d", 30.0)])
    ]
    weights = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0.5, 0]]
    phases = (Phase(new_sites=1, budget=15.0), Phase(new_sites=1, budget=5.0))
    return world([50, 30, 20], sites, weights, new_sites=2, budget=20.0), phases


def test_what_a_phase_leaves_the_next_may_use() -> None:
    problem, phases = town()
    plan = in_phases(problem, phases)
    assert [*plan.steps.texts("site_id")] == ["a", "b"]
    assert plan.steps.numbers("phase") == (1, 2)
    assert plan.phases.numbers("captured") == pytest.approx((50, 80))
    assert plan.phases.numbers("spent") == (10, 20)
    assert plan.phases.numbers("most_spent") == (15, 20)
    assert plan.phases.numbers("bound") == pytest.approx((50, 80))


def test_a_phase_without_money_opens_nothing() -> None:
    problem, _ = town()
    plan = in_phases(problem, (Phase(new_sites=1, budget=0.0), Phase(new_sites=1, budget=20.0)))
    assert plan.steps.numbers("phase") == (2, 2)
    assert plan.phases.numbers("captured") == pytest.approx((0, 80))


def test_the_last_network_is_best_though_the_first_would_rather_open_elsewhere() -> None:
    """m captures 60 alone, l and r 50 each of the same demand: two years want l and r."""
    sites = [candidate(name, lon=0.01 * k) for k, name in enumerate("lmr")]
    problem = world([50, 50], sites, [[1, 0], [0.6, 0.6], [0, 1]], new_sites=2)
    plan = in_phases(problem, (Phase(new_sites=1), Phase(new_sites=1)))
    assert plan.phases.numbers("captured") == pytest.approx((50, 100))
    assert plan.phases.numbers("bound") == pytest.approx((60, 100))
    assert np.isnan(plan.phases.numbers("most_spent")).all()


@pytest.mark.parametrize("seed", range(16))
def test_every_phase_is_the_best_nested_one_and_its_bound_holds(seed: int) -> None:
    problem, facts, phases = phased_world(seed)
    try:
        plan = in_phases(problem, phases)
    except (Infeasible, InputError):
        assert not any(
            is_allowed(problem, one) for one in product((False, True), repeat=len(problem.sites))
        )
        return
    assert check_outlets(plan, facts) == ()
    is_own = np.array([site.role == "own" for site in problem.sites])
    later = np.array([site.decision in ("open", "keep") for site in plan.sites])
    free = replace(
        problem,
        rules=(),
        new_sites_at_least=0,
        new_sites=phases[0].new_sites,
        budget=phases[0].budget,
        sites=tuple(replace(site, is_forced=False) for site in problem.sites),
    )
    nested, any_ = [], []
    for one in product((False, True), repeat=len(problem.sites)):
        first = np.array(one)
        if is_allowed(free, one) or (first == is_own).all():
            any_.append(captured_by(problem, one))
            if (first[is_own == later] == later[is_own == later]).all():
                nested.append(any_[-1])
    assert plan.phases.numbers("captured")[0] == pytest.approx(max(nested))
    assert plan.phases.numbers("bound")[0] >= max(any_) - 1e-6


def phased_world(seed: int) -> tuple[OutletProblem, OutletFacts, tuple[Phase, ...]]:
    """A random world of two phases, its weights the reach steps of random minutes."""
    random = np.random.default_rng(seed + 40)
    plain = random_world(seed + 700)
    plain = replace(
        plain,
        moves=0,
        sites=tuple(replace(s, is_forbidden=False, is_forced=False) for s in plain.sites),
        new_sites_at_least=0,
        budget=None if plain.budget is None else plain.budget + 45,  # the dearest site is 43
    )
    minutes = random.uniform(0, 14, (len(plain.sites), len(plain.demand)))
    first = int(random.integers(0, plain.new_sites + 1))
    budget = None if plain.budget is None else plain.budget * float(random.uniform(0, 1))
    phases = (
        Phase(new_sites=first, budget=budget),
        Phase(
            new_sites=plain.new_sites - first,
            budget=None if plain.budget is None or budget is None else plain.budget - budget,
        ),
    )
    problem = replace(plain, cover=cover_from_minutes(minutes, reach_minutes=(5, 10)))
    facts = facts_of(problem, minutes, phases)
    return problem, facts, phases


def facts_of(problem: OutletProblem, minutes: np.ndarray, phases: tuple[Phase, ...]) -> OutletFacts:
    return OutletFacts(
        cell_ids=problem.unit_ids,
        demand=problem.demand,
        sites=problem.sites,
        minutes=minutes,
        reach_minutes=problem.reach_minutes,
        new_sites=problem.new_sites,
        closures=problem.closures,
        budget=problem.budget,
        minimum_separation_meters=problem.minimum_separation_meters,
        rules=problem.rules,
        most_cannibalised=problem.most_cannibalised,
        phases=phases,
    )


FAULTS = {
    "a site opened before there is money": ("over_budget", "steps", "phase", 1, 1),
    "a site forgotten": ("wrong_phase", "steps", "site_id", 1, "c"),
    "a site in no phase": ("wrong_phase", "steps", "phase", 1, 3),
    "a phase forgotten": ("wrong_phase", "phases", "phase", 1, 1),
    "a phase that captures more": ("wrong_capture", "phases", "captured", 0, 60.0),
    "a phase that costs less": ("wrong_total", "phases", "spent", 0, 5.0),
    "a phase with more money": ("wrong_facts", "phases", "most_spent", 0, 20.0),
    "a bound below the phase": ("wrong_bound", "phases", "bound", 0, 40.0),
    "another last bound": ("wrong_phase", "phases", "bound", 1, 90.0),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_judge_names_corrupted_phases(name: str) -> None:
    code, table, column, row, value = FAULTS[name]
    problem, phases = town()
    plan = in_phases(problem, phases)
    minutes = np.array([[3.0, 99, 99], [99, 3, 99], [99, 99, 3], [3, 8, 99]])
    facts = facts_of(problem, minutes, phases)
    assert check_outlets(plan, facts) == ()
    columns = dict(getattr(plan, table).columns)
    columns[column] = tuple(value if k == row else one for k, one in enumerate(columns[column]))
    bad = replace(plan, **{table: Table(columns=columns)})
    assert code in {one.code for one in check_outlets(bad, facts)}


def test_phases_nobody_asked_for_and_phases_beside_capacities_are_refused() -> None:
    problem, phases = town()
    plan = in_phases(problem, phases)
    minutes = np.array([[3.0, 99, 99], [99, 3, 99], [99, 99, 3], [3, 8, 99]])
    codes = {one.code for one in check_outlets(plan, facts_of(problem, minutes, ()))}
    assert codes == {"wrong_phase"}
    limited = world([1.0], [own("o", capacity=1.0)], [[1]], new_sites=0)
    with pytest.raises(InputError, match="cannot be phased"):
        in_phases(limited, (Phase(new_sites=0),))
