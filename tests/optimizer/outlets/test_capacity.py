"""Outlets with capacities, against every network and the transport program of each."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from optimizer.outlets import OutletProblem
from optimizer.outlets.capacity import place_with_capacity
from territory.errors import Infeasible, InputError
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
