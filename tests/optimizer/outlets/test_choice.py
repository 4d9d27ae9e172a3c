"""Choice-type capture: worths from the definition, cuts that no network breaks, proven optima."""

from itertools import combinations, product

import numpy as np
import pytest

from optimizer.outlets.branch import Prover
from optimizer.outlets.choice import ChoiceModel, choice_model, logit_model, sum_cut
from optimizer.outlets.compact import solve_compact
from optimizer.outlets.interchange import improve
from optimizer.outlets.lagrangian import fixed_by, priced
from optimizer.outlets.model import count_rules
from optimizer.outlets.search import OutletParams, place
from optimizer.run import Stop
from territory.errors import InputError


def random_choice(seed: int, *, columns: int = 9, rows: int = 25) -> ChoiceModel:
    """Pulls over many orders of magnitude, up to four columns open."""
    random = np.random.default_rng(seed)
    pull = np.exp(random.normal(-1, random.uniform(0.2, 4), (rows, columns)))
    pull[random.random(pull.shape) < random.choice([0.0, 0.5])] = 0.0
    most = int(random.integers(1, 5))
    rules = count_rules(columns, at_least=0, at_most=most)
    weight = random.choice([0.0, 1.0, 7.5, 20.0], rows)
    return logit_model(weight, pull, random.uniform(0.2, 2.0, rows), rules=rules)


def networks(model: ChoiceModel) -> list[np.ndarray]:
    """Every allowed choice of columns."""
    every = (np.array(one) for one in product((False, True), repeat=model.columns))
    return [one for one in every if model.rules.allow(one)]


def test_a_row_is_worth_its_weight_times_the_share_of_the_open_pulls():
    """Pulls 1 and 3 beside 1: alone 1/2 and 3/4, together 4/5."""
    rules = count_rules(2, at_least=0, at_most=2)
    model = logit_model(np.array([10.0]), np.array([[2.0, 6.0]]), np.array([2.0]), rules=rules)
    worths = [model.worth(np.array(one, dtype=bool)) for one in ((1, 0), (0, 1), (1, 1))]
    assert worths == pytest.approx([5.0, 7.5, 8.0])


def test_rows_with_equal_pulls_are_added_up_and_empty_ones_dropped():
    row, site = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1])
    pull = np.array([1.0, 2.0, 1.0, 2.0, 2.0, 1.0])
    rules = count_rules(2, at_least=0, at_most=2)
    model = choice_model(row, site, pull, np.array([3.0, 4.0, 5.0, 6.0]), columns=2, rules=rules)
    assert model.rows == 2
    assert sorted(model.weight.tolist()) == [5.0, 7.0]
    assert model.worth(np.array([True, False])) == pytest.approx(7 / 2 + 5 * 2 / 3)


@pytest.mark.parametrize("seed", range(12))
def test_no_network_breaks_a_cut_and_the_cut_is_tight_at_its_own_network(seed):
    model = Prover(random_choice(seed)).relaxation().model
    assert isinstance(model, ChoiceModel)
    ends = np.array([0, model.rows], dtype=np.int64)
    random = np.random.default_rng(seed)
    points = [random.uniform(0, 1, 9), random.dirichlet(np.ones(9)) * 3, np.zeros(9), np.ones(9)]
    for x in (np.clip(point, 0, 1) for point in points):
        needed, _, site, weight, right = model.block_cuts(model.level_at(x), ends, 1000)
        for one in networks(model):
            allowed = right[0] + weight[:needed][one[site[:needed]]].sum()
            assert model.rows_worth(one).sum() <= allowed + 1e-9
    own = networks(model)[-1]
    needed, _, site, weight, right = model.block_cuts(own.astype(float), ends, 1000)
    there = right[0] + weight[:needed][own[site[:needed]]].sum()
    assert there == pytest.approx(model.rows_worth(own).sum(), rel=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_sure_sites_only_lower_the_cut(seed):
    model = random_choice(seed)
    x = np.random.default_rng(seed).uniform(0, 1, 9)
    right, slope = sum_cut(model, x)
    ends = np.array([0, model.rows], dtype=np.int64)
    needed, _, site, weight, deep = model.block_cuts(x, ends, 1000)
    assert deep[0] + weight[:needed] @ x[site[:needed]] <= right + slope @ x + 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_the_price_bound_is_above_every_network_and_fixes_only_what_it_may(seed):
    model = random_choice(seed)
    worths = {tuple(np.flatnonzero(one)): model.worth(one) for one in networks(model)}
    best = max(worths.values())
    found = priced(model, networks(model)[0], rounds=60, stop=Stop(), target=-np.inf)
    assert found.bound >= best - 1e-9
    shut, held = fixed_by(found, model, best * 0.99)
    for chosen, worth in worths.items():
        if worth > best * 0.99:
            assert not shut[list(chosen)].any()
            assert set(np.flatnonzero(held)) <= set(chosen)


@pytest.mark.parametrize("seed", range(60))
def test_the_proof_ends_at_the_best_of_all_networks(seed):
    model = random_choice(seed)
    best = max(model.worth(one) for one in networks(model))
    start = np.zeros(9, dtype=np.bool_)
    found = Prover(model).prove(model, start, gap=1e-9, nodes=1000, stop=Stop())
    assert found.worth == pytest.approx(best, rel=1e-8)
    assert best <= found.bound + 1e-9 * max(1.0, best)
    assert found.bound == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("engine", ["highs", "gscip"])
def test_an_engine_given_the_whole_model_agrees(engine):
    random = np.random.default_rng(3)
    pull = random.uniform(0, 2, (12, 6))
    rules = count_rules(6, at_least=0, at_most=3)
    model = logit_model(random.uniform(1, 9, 12), pull, np.ones(12), rules=rules)
    ours = place(model, params=OutletParams(), stop=Stop())
    whole = place(model, params=OutletParams(engine=engine), stop=Stop())
    assert solve_compact(model, engine=engine).bound == pytest.approx(ours.worth, rel=1e-6)
    assert whole.worth == pytest.approx(ours.worth, rel=1e-6)


def test_interchange_ends_where_no_swap_gains():
    model = random_choice(4)
    three = np.zeros(9, dtype=np.bool_)
    three[:1] = True
    end = improve(model, three)
    worth = model.worth(end)
    for leave, enter in product(np.flatnonzero(end), np.flatnonzero(~end)):
        swapped = end.copy()
        swapped[leave], swapped[enter] = False, True
        assert model.worth(swapped) <= worth + 1e-9


def test_a_prover_answers_the_next_question_rightly_too():
    model = random_choice(8)
    prover = Prover(model)
    for pair in list(combinations(range(9), 1))[:2]:
        start = np.zeros(9, dtype=np.bool_)
        start[list(pair)] = True
        found = prover.prove(model, start, gap=1e-9, nodes=1000, stop=Stop())
        assert found.worth == pytest.approx(max(model.worth(one) for one in networks(model)))


def test_an_engine_that_cannot_take_pulls_so_far_apart_says_so():
    """CP-SAT works on whole numbers: pulls of 1e-25 beside 1 do not fit into them."""
    pull = np.exp(np.random.default_rng(3).uniform(np.log(1e-25), 0, (12, 6)))
    model = logit_model(
        np.full(12, 5.0), pull, np.ones(12), rules=count_rules(6, at_least=0, at_most=3)
    )
    with pytest.raises(InputError, match="'cp_sat' does not take this question") as caught:
        solve_compact(model, engine="cp_sat")
    assert "'cuts'" in str(caught.value)
