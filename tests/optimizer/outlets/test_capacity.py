"""Outlets with capacities, against every network and the transport program of each."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from optimizer.outlets import OutletProblem, cover_from_minutes, solve
from optimizer.outlets.capacity import place_with_capacity
from territory.checks import OutletFacts, check_outlets
from territory.errors import Infeasible, InputError
from territory.outlets import Capture
from territory.plans import Table
from tests.optimizer.outlets.worlds import candidate, is_allowed, own, random_world, world


def served_best(
    problem: OutletProblem, limit: dict[str, float], is_open: tuple[bool, ...]
) -> float:
    """The most these open sites serve: money f >= 0, cells and capacities not exceeded."""
    cover = problem.cover
    entries = [k for k in range(len(cover.cells)) if is_open[cover.owner[k]]]
    if not entries:
        return 0.0
    cells = np.zeros((len(problem.demand), len(entries)))
    sites = np.zeros((len(problem.sites), len(entries)))
    for place, k in enumerate(entries):
        cells[cover.cells[k], place] = 1 / cover.weights[k]
        sites[cover.owner[k], place] = 1.0
    ends = [limit.get(site.site_id, 1e9) for site in problem.sites]
    found = linprog(
        -np.ones(len(entries)),
        A_ub=np.vstack([cells, sites]),
        b_ub=np.concatenate([problem.demand, ends]),
    )
    return float(-found.fun)


@pytest.mark.parametrize("seed", range(12))
def test_it_equals_every_network_with_its_best_transport(seed: int) -> None:
    problem = replace(random_world(seed + 300), most_cannibalised=None)
    random = np.random.default_rng(seed)
    limit = {
        s.site_id: float(random.integers(0, 60)) for s in problem.sites if random.random() < 0.8
    }
    worths = [
        served_best(problem, limit, one)
        for one in product((False, True), repeat=len(problem.sites))
        if is_allowed(problem, one)
    ]
    if not worths:
        with pytest.raises(Infeasible):
            place_with_capacity(problem, limit)
        return
    found = place_with_capacity(problem, limit)
    assert is_allowed(problem, found.is_open.tolist())
    assert found.captured == pytest.approx(max(worths), rel=1e-5, abs=1e-6)
    assert found.bound >= max(worths) - 1e-5
    assert found.is_proven
    assert_flows(problem, limit, found.flows, found.captured)


def assert_flows(
    problem: OutletProblem, limit: dict[str, float], flows: object, total: float
) -> None:
    """No cell gives and no site takes more than it can, and all adds up."""
    given = dict.fromkeys(problem.unit_ids, 0.0)
    taken = dict.fromkeys((site.site_id for site in problem.sites), 0.0)
    weight = {
        (problem.unit_ids[problem.cover.cells[k]], problem.sites[problem.cover.owner[k]].site_id): w
        for k, w in enumerate(problem.cover.weights)
    }
    for unit, site, money in zip(*flows.columns.values(), strict=True):  # type: ignore[attr-defined]
        given[unit] += money / weight[unit, site]
        taken[site] += money
    for unit, demand in zip(problem.unit_ids, problem.demand, strict=True):
        assert given[unit] <= demand + 1e-5
    assert all(taken[site] <= limit.get(site, np.inf) + 1e-5 for site in taken)
    assert sum(taken.values()) == pytest.approx(total, abs=1e-5)


def test_a_full_site_sends_the_rest_to_its_neighbour() -> None:
    """o can take 30 of the 50 in c0; a, half as good, serves what is left of it: 10."""
    problem = world([50], [own("o"), candidate("a")], [[1], [0.5]])
    found = place_with_capacity(problem, {"o": 30.0})
    assert found.captured == pytest.approx(40)
    rows = dict(zip(found.flows.texts("site_id"), found.flows.numbers("captured"), strict=True))
    assert rows == pytest.approx({"o": 30, "a": 10})


def test_capacities_of_nobody_or_below_nothing_are_refused_together() -> None:
    with pytest.raises(InputError) as caught:
        place_with_capacity(world([1], [candidate("a")], [[1]]), {"b": 1.0, "a": -1.0})
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("seed", range(10))
def test_the_plan_is_a_best_one_and_the_judge_finds_it_clean(seed: int) -> None:
    """Against every network and its transport program, today's network included."""
    problem, facts = limited_world(seed)
    limit = {s.site_id: s.capacity for s in problem.sites if s.capacity is not None}
    worths = [
        served_best(problem, limit, one)
        for one in product((False, True), repeat=len(problem.sites))
        if is_allowed(problem, one)
    ]
    if not worths:
        with pytest.raises(Infeasible):
            solve(problem)
        return
    plan = solve(problem).plan
    assert plan.captured == pytest.approx(max(worths), rel=1e-5, abs=1e-6)
    today = tuple(site.role == "own" for site in problem.sites)
    assert plan.captured_before == pytest.approx(served_best(problem, limit, today), abs=1e-5)
    for row, site in enumerate(plan.sites):
        rest = [one.decision in ("open", "keep") for one in plan.sites]
        if rest[row]:
            rest[row] = False
            without = served_best(problem, limit, tuple(rest))
            assert site.marginal == pytest.approx(plan.captured - without, abs=1e-4)
    assert check_outlets(plan, facts) == ()


def test_prices_tell_what_more_room_is_worth_and_what_is_turned_away() -> None:
    """o serves 30 of 50; each more would be captured whole instead of half by a."""
    sites = [own("o", capacity=30.0), candidate("a", lon=0.01)]
    plan = solve(world([50], sites, [[1], [0.5]])).plan
    assert plan.captured == pytest.approx(40)
    assert plan.captured_before == pytest.approx(30)
    assert plan.turned_away == pytest.approx(10)
    assert plan.loads.texts("site_id") == ("o", "a")
    assert plan.loads.numbers("price") == pytest.approx((0.5, 0.0))
    assert plan.loads.numbers("price_before") == pytest.approx((1.0, 0.0))


FAULTS = {
    "a site overloaded": ("over_capacity", "splits", "after", 0, 31.0),
    "a cell that gives more than it has": ("over_capacity", "splits", "after", 1, 11.0),
    "a split that is not the best": ("wrong_split", "splits", "after", 1, 9.0),
    "today made smaller": ("wrong_split", "splits", "before", 0, 20.0),
    "a price too high": ("wrong_split", "loads", "price", 0, 0.9),
    "a price below nothing": ("wrong_split", "loads", "price", 0, -0.5),
    "another capacity": ("wrong_facts", "loads", "capacity", 0, 40.0),
    "a load misstated": ("wrong_capture", "loads", "load", 0, 29.0),
    "a site of nobody": ("wrong_split", "splits", "site_id", 1, "moon"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_judge_names_a_corrupted_split(name: str) -> None:
    code, table, column, row, value = FAULTS[name]
    sites = [own("o", capacity=30.0), candidate("a", lon=0.01)]
    problem = world([50], sites, [[1], [0.5]])
    plan = solve(problem).plan
    facts = facts_of(problem, np.array([[3.0], [8.0]]))
    assert check_outlets(plan, facts) == ()
    columns = dict(getattr(plan, table).columns)
    columns[column] = tuple(value if k == row else one for k, one in enumerate(columns[column]))
    bad = replace(plan, **{table: Table(columns=columns)})
    assert code in {one.code for one in check_outlets(bad, facts)}


def test_the_judge_names_what_is_turned_away_and_missed_wrongly() -> None:
    sites = [own("o", capacity=30.0), candidate("a", lon=0.01)]
    problem = world([50], sites, [[1], [0.5]])
    plan, facts = solve(problem).plan, facts_of(problem, np.array([[3.0], [8.0]]))
    codes = {one.code for one in check_outlets(replace(plan, turned_away=5.0), facts)}
    assert codes == {"wrong_total"}
    kinder = replace(plan, sites=(replace(plan.sites[0], marginal=31.0), plan.sites[1]))
    assert {one.code for one in check_outlets(kinder, facts)} == {"wrong_marginal"}
    unlimited = replace(facts, sites=tuple(replace(s, capacity=None) for s in facts.sites))
    assert {one.code for one in check_outlets(plan, unlimited)} == {"wrong_split"}


def test_capacities_go_with_the_best_site_and_without_a_cap() -> None:
    with pytest.raises(InputError) as caught:
        world(
            [1.0],
            [candidate("a", capacity=-1.0)],
            [[1]],
            capture=Capture(kind="huff"),
            against=np.ones(1),
            most_cannibalised=1.0,
        )
    columns = [fault.column for fault in caught.value.faults]
    assert columns == ["capacity", "capture", "most_cannibalised"]


def limited_world(seed: int) -> tuple[OutletProblem, OutletFacts]:
    """A random world whose weights are the reach steps of random minutes, and its facts."""
    random = np.random.default_rng(seed + 900)
    plain = replace(random_world(seed + 300), most_cannibalised=None)
    sites = tuple(
        replace(s, capacity=float(random.integers(0, 60)) if random.random() < 0.8 else None)
        for s in plain.sites
    )
    if all(site.capacity is None for site in sites):
        sites = (replace(sites[0], capacity=10.0), *sites[1:])
    minutes = random.uniform(0, 14, (len(sites), len(plain.demand)))
    cover = cover_from_minutes(minutes, reach_minutes=(5, 10))
    problem = replace(plain, sites=sites, cover=cover, new_sites_at_least=0)
    return problem, facts_of(problem, minutes)


def facts_of(problem: OutletProblem, minutes: np.ndarray) -> OutletFacts:
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
        moves=problem.moves,
        rules=problem.rules,
    )
