"""The parts of the engine: exact merging, valid bounds, cuts that no network breaks."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from optimizer.outlets import warm_up
from optimizer.outlets.branch import Prover
from optimizer.outlets.classic import maximal_cover, maximal_cover_near, maximal_cover_of, p_median
from optimizer.outlets.compact import solve_compact
from optimizer.outlets.interchange import improve
from optimizer.outlets.lagrangian import fixed_by, priced
from optimizer.outlets.master import Point
from optimizer.outlets.model import PlacementModel, count_rules, placement_model
from optimizer.outlets.tree import Tree
from optimizer.run import Stop


def random_model(seed: int, *, merge: bool = True) -> PlacementModel:
    """30 rows over 9 columns with values from 0 to 5, exactly 3 of which open."""
    random = np.random.default_rng(seed)
    value = random.integers(0, 6, (30, 9)).astype(float)
    row, site = np.indices(value.shape)
    rules = count_rules(9, at_least=3, at_most=3)
    return placement_model(
        row.ravel(), site.ravel(), value.ravel(), rows=30, columns=9, rules=rules, merge=merge
    )


def networks(model: PlacementModel) -> list[np.ndarray]:
    """Every choice of three columns."""
    chosen = []
    for three in combinations(range(model.columns), 3):
        is_open = np.zeros(model.columns, dtype=np.bool_)
        is_open[list(three)] = True
        chosen.append(is_open)
    return chosen


def test_rows_that_rank_sites_alike_are_merged_and_all_others_kept():
    """Rows 0 and 1 rank site 0 before site 1; row 2 the other way round."""
    row, site = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1])
    value = np.array([5.0, 2.0, 7.0, 1.0, 1.0, 3.0])
    rules = count_rules(2, at_least=0, at_most=1)
    model = placement_model(row, site, value, rows=3, columns=2, rules=rules)
    assert model.rows == 2
    assert model.value.tolist() == [12.0, 3.0, 3.0, 1.0]
    assert model.worth(np.array([True, False])) == 13.0
    assert model.worth(np.array([False, True])) == 6.0


@pytest.mark.parametrize("seed", range(5))
def test_merging_changes_no_networks_worth(seed):
    merged, plain = random_model(seed), random_model(seed, merge=False)
    for is_open in networks(plain):
        assert merged.worth(is_open) == pytest.approx(plain.worth(is_open))


@pytest.mark.parametrize("seed", range(5))
def test_the_price_bound_is_above_every_network_and_fixes_only_what_it_may(seed):
    model = random_model(seed)
    worths = {tuple(np.flatnonzero(one)): model.worth(one) for one in networks(model)}
    best = max(worths.values())
    found = priced(model, networks(model)[0], rounds=100, stop=Stop(), target=-np.inf)
    assert found.bound >= best - 1e-9
    shut, held = fixed_by(found, model, best - 0.5)
    for chosen, worth in worths.items():
        if worth > best - 0.5:
            assert not shut[list(chosen)].any()
            assert set(np.flatnonzero(held)) <= set(chosen)


@pytest.mark.parametrize("seed", range(5))
def test_no_network_breaks_a_cut_and_the_cut_is_tight_where_it_was_made(seed):
    model = random_model(seed)
    master = Prover(model).relaxation()
    blocks = np.diff(master.block_ptr)
    owner = np.repeat(np.arange(master.blocks), blocks)
    x = np.random.default_rng(seed).uniform(0, 1, 9)
    for point in (x, x > 0.5):
        cuts = master.cuts_at(master.model.level_at(np.asarray(point, dtype=float)))
        for is_open in networks(model):
            allowed = cuts.value_at(is_open.astype(float))
            open_value = np.where(is_open[master.model.site], master.model.value, 0.0)
            given = np.maximum.reduceat(open_value, master.model.indptr[:-1])
            per_block = np.bincount(owner, weights=given, minlength=master.blocks)
            assert (per_block <= allowed + 1e-9).all()


@pytest.mark.parametrize("seed", range(10))
def test_the_proof_ends_at_the_best_of_all_networks(seed):
    model = random_model(seed)
    best = max(model.worth(one) for one in networks(model))
    start = networks(model)[0]
    found = Prover(model).prove(model, start, gap=1e-9, nodes=1000, stop=Stop())
    assert (found.worth, found.bound) == (best, best)
    assert solve_compact(model).bound == pytest.approx(best)


@pytest.mark.parametrize("seed", range(20))
def test_branching_on_groups_of_like_sites_ends_at_the_best_too(seed, monkeypatch):
    from optimizer.outlets import branching

    monkeypatch.setattr(branching, "_LEAST_COLUMNS", 2)
    model = random_model(seed)
    assert branching.like_sites(model, 3.0)
    best = max(model.worth(one) for one in networks(model))
    found = Prover(model).prove(model, networks(model)[0], gap=1e-9, nodes=1000, stop=Stop())
    assert (found.worth, found.bound) == (best, best)


def test_a_prover_answers_the_next_question_rightly_too():
    model = random_model(3)
    prover = Prover(model)
    prover.prove(model, networks(model)[0], gap=1e-9, nodes=1000, stop=Stop())
    again = prover.prove(model, networks(model)[5], gap=1e-9, nodes=1000, stop=Stop())
    assert again.worth == max(model.worth(one) for one in networks(model))


def test_interchange_ends_where_no_swap_gains():
    model = random_model(1)
    end = improve(model, networks(model)[0])
    worth = model.worth(end)
    for leave in np.flatnonzero(end):
        for enter in np.flatnonzero(~end):
            swapped = end.copy()
            swapped[leave], swapped[enter] = False, True
            assert model.worth(swapped) <= worth + 1e-9


def test_p_median_and_cover_state_the_textbook_objectives():
    """Points at 0, 1, 10 and 11; the pairs lie within 1."""
    line = np.abs(np.subtract.outer([0, 1, 10, 11], [0, 1, 10, 11])).astype(float)
    model, total = p_median(line, 2)
    assert total - model.worth(np.array([True, False, True, False])) == 2.0
    point, site = np.nonzero(line <= 1)
    cover = maximal_cover(point, site, np.array([1.0, 2.0, 3.0, 4.0]), sites=4, p=1)
    assert cover.worth(np.array([False, False, True, False])) == 7.0


def test_cover_from_points_per_site_is_the_cover_from_pairs():
    random = np.random.default_rng(2)
    near = random.random((12, 200)) < 0.2
    demand = random.choice([0.0, 1.0, 5.0], 200)
    site, point = np.nonzero(near)
    pairs = maximal_cover(point, site, demand, sites=12, p=3)
    within = [np.flatnonzero(row).astype(np.int32) for row in near]
    model = maximal_cover_of(within, demand, p=3)
    assert model.rows == pairs.rows
    for one in networks(replace(pairs, columns=12)):
        assert model.worth(one) == pairs.worth(one) == demand[near[one].any(axis=0)].sum()


@pytest.mark.parametrize("reach", [0.0, 1.0, 2.5, 40.0])
def test_cover_from_places_is_the_cover_from_points_per_site(reach: float):
    """Points on a lattice, so that many lie on the rim of a reach and many are alike."""
    random = np.random.default_rng(4)
    points = random.integers(0, 9, (300, 2)).astype(float)
    sites = random.integers(0, 9, (7, 2)).astype(float)
    demand = random.choice([0.0, 1.0, 5.0], 300)
    near = ((sites[:, None] - points[None]) ** 2).sum(axis=2) <= reach**2
    within = [np.flatnonzero(row).astype(np.int32) for row in near]
    by_site = maximal_cover_of(within, demand, p=3)
    model = maximal_cover_near(points, demand, sites, reach=reach, p=3)
    assert (model.rows, len(model.site)) == (by_site.rows, len(by_site.site))
    for one in networks(replace(by_site, columns=7)):
        assert model.worth(one) == demand[near[one].any(axis=0)].sum()


def test_warming_up_compiles_every_kernel_that_is_called_from_outside():
    from optimizer.outlets import choice_kernels, kernels, price_kernels

    warm_up()
    assert price_kernels.descend.signatures
    for name in ("improve", "block_cuts"):
        assert getattr(choice_kernels, name).signatures, name
    for name in ("serve", "improve", "levels_at", "block_cuts"):
        assert getattr(kernels, name).signatures, name


@pytest.mark.parametrize("seed", range(5))
def test_rows_alike_after_sites_are_dropped_are_merged_and_worth_the_same(seed):
    model = random_model(seed)
    shut = np.arange(9) >= 4
    left = model.without(shut)
    merged = left.merged()
    assert merged.rows < left.rows
    for number in range(2**4):
        is_open = np.array([bool(number >> place & 1) for place in range(4)])
        assert merged.worth(is_open) == pytest.approx(left.worth(is_open))


def test_draws_near_the_relaxation_find_what_a_climb_from_one_start_misses():
    """Sites 0 and 1 split what 2 and 3 each nearly hold: no swap of one site leads from 2, 3.

    Rows a..d of 10 and e, f of 9. Site 0 serves a, b, c; site 1 serves d, e, f (58 together).
    Site 2 serves a, b, d and site 3 serves c, e, f (58 too, less the row g of 1 only 0 serves).
    """
    served = {0: "abcg", 1: "def", 2: "abd", 3: "cef"}
    demand = {"a": 10, "b": 10, "c": 10, "d": 10, "e": 9, "f": 9, "g": 1}
    pairs = [("abcdefg".index(r), s, float(demand[r])) for s, rows in served.items() for r in rows]
    row, site, value = (np.array(part) for part in zip(*pairs, strict=True))
    rules = count_rules(4, at_least=2, at_most=2)
    model = placement_model(row, site, value, rows=7, columns=4, rules=rules)
    stuck = np.array([False, False, True, True])
    assert improve(model, stuck).tolist() == stuck.tolist()
    found: list[float] = []
    tree = Tree(
        whole=model,
        model=model,
        kept=np.arange(4),
        gap=1e-6,
        is_open=stuck,
        worth=model.worth(stuck),
        better=lambda _, worth: found.append(worth),
    )
    half = np.full(4, 0.5)
    point = Point(
        bound=60.0,
        x=half,
        theta=np.zeros(1),
        reduced=np.zeros(4),
        group=np.zeros(0),
        is_solved=True,
    )
    tree.sample(point, Stop())
    assert found == [59.0]
    assert tree.is_open.tolist() == [True, True, False, False]
