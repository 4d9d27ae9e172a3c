"""Intervals hold what they promise, and a unit's largest doubt is named."""

import numpy as np
import pytest

from territory.potential import PotentialParams, score
from territory.potential.uncertainty import INPUTS, rank_interval
from territory.survey import per_unit
from tests.territory.strip import companies, market, outlet, travel, units_of
from tests.territory.test_potential import column, facts_table, random_facts

KINDS = np.array(["shop", "office", "works", "farm"])


def planted(seed: int, count: int = 600) -> tuple[object, np.ndarray]:
    """A market whose truth is known: spending = kind x income^1.3 x noise, half of it not stated.

    The noise is lognormal, the kinds interact with size, and a third of incomes is missing.
    """
    draw = np.random.default_rng(seed)
    kind = draw.integers(0, 4, count)
    size = draw.choice(["micro", "small"], count)
    income = draw.lognormal(3, 0.5, count) * (1 + kind)
    usual = np.array([200.0, 400.0, 900.0, 150.0])[kind] * np.where(size == "small", 3.0, 1.0)
    level = income / (np.exp(3 + 0.125) * (1 + kind))
    spent = usual * level**1.3 * draw.lognormal(-0.125, 0.5, count)
    where = draw.integers(0, 3, count)
    stated = np.where(draw.random(count) < 0.5, spent, np.nan)
    told = np.where(draw.random(count) < 0.67, income, np.nan)
    world = market(
        companies=companies(
            where.tolist(),
            consumption=stated,
            income=told,
            category=KINDS[kind].tolist(),
            size=size.tolist(),
        )
    )
    return world, np.bincount(where, weights=spent, minlength=3)


def test_eighty_of_a_hundred_intervals_hold_the_truth() -> None:
    hits = []
    for seed in range(40):
        world, truth = planted(seed)
        plan = score(per_unit(world, units_of(world)))
        low, high = column(plan, "consumption_low"), column(plan, "consumption_high")
        hits += ((low <= truth) & (truth <= high)).tolist()
    assert 0.7 <= np.mean(hits) <= 0.9  # three standard deviations of 120 throws at 0.8


def test_the_elasticity_of_income_is_recovered_from_what_is_stated() -> None:
    found = [
        per_unit(world, units_of(world)).attrs["elasticities"]["income"]
        for world, _ in (planted(seed, count=780) for seed in range(12))
    ]
    assert np.mean(found) == pytest.approx(1.3, rel=0.1)


def test_a_market_that_is_all_stated_has_no_doubt_about_its_consumption() -> None:
    world = market(companies=companies([0, 0, 1], consumption=[100.0, 300.0, 50.0]))
    plan = score(per_unit(world, units_of(world)))
    for name in ("consumption", "potential"):
        assert plan.table.columns[f"{name}_low"] == plan.table.columns[name]
        assert plan.table.columns[f"{name}_high"] == plan.table.columns[name]


def test_every_interval_holds_its_figure_and_a_known_total_narrows_it() -> None:
    facts = random_facts(3, count=60)
    facts["consumption_error"] = 0.5 * facts["consumption"]
    free, bound = score(facts), score(facts, params=PotentialParams(total_market=1e6))
    for plan in (free, bound):
        for name in ("consumption", "potential", "accessible", "gap"):
            low, high = column(plan, f"{name}_low"), column(plan, f"{name}_high")
            assert (low <= column(plan, name)).all()
            assert (column(plan, name) <= high).all()
            assert (low >= 0).all()

    def width(plan: object) -> np.ndarray:
        worth = column(plan, "potential") > 0
        span = column(plan, "potential_high") - column(plan, "potential_low")
        return span[worth] / column(plan, "potential")[worth]

    largest = np.argmax(column(free, "potential")[column(free, "potential") > 0])
    assert width(bound)[largest] < width(free)[largest]


def test_equal_causes_give_ranks_without_doubt_and_unequal_ones_a_range() -> None:
    """Three units by one cause keep their order whatever it weighs; two causes trade places."""
    potential = np.array([9.0, 3.0, 1.0, 0.0])
    one = {"companies": np.log([9.0, 3.0, 1.0, 1.0]), "income": np.zeros(4)}
    rank, low, high = rank_interval(one, potential)
    assert rank.tolist() == low.tolist() == high.tolist() == [1, 2, 3, 4]
    two = {"companies": np.array([1.0, 0.0, -2.0]), "income": np.array([0.0, 0.99, -2.0])}
    rank, low, high = rank_interval(two, np.array([2.8, 2.7, 0.02]))
    assert rank.tolist() == [1, 2, 3]
    assert (low[0], high[0], low[1], high[1]) == (1, 2, 1, 2)
    assert low[2] == high[2] == 3


def test_the_largest_doubt_is_named_with_its_money() -> None:
    facts = facts_table(norm=[100.0, 100.0], consumption=[100.0, 100.0])
    facts["consumption_error"] = [50.0, 0.0]
    plan = score(
        facts,
        to_own=travel([[8.0], [8.0]]),
        own=[outlet("o")],
        to_competitors=travel([[4.0], [4.0]]),
        competitors=[outlet("k", is_own=False)],
        params=PotentialParams(minimum_reach=0),
    )
    assert plan.table.texts("swing_input") == (INPUTS[0], INPUTS[3])
    reach = column(plan, "reach")[0]
    assert column(plan, "swing")[0] == pytest.approx(2.5631 * 50 * reach, rel=1e-4)


def test_parts_of_what_we_reach_sum_to_it_and_competitors_cost_the_unit_next_to_them() -> None:
    facts = random_facts(5, count=2)
    facts[["companies", "norm", "consumption"]] = 100.0
    facts[["income_level", "consumption_level"]] = 1.0
    plan = score(
        facts,
        to_own=travel([[5.0], [5.0]]),
        own=[outlet("o")],
        to_competitors=travel([[2.0], [20.0]]),
        competitors=[outlet("k", is_own=False)],
    )
    parts = plan.accessible_parts
    sums = np.sum([parts.numbers(name) for name in parts.columns], axis=0)
    assert sums == pytest.approx(column(plan, "accessible"))
    assert parts.numbers("competitor_reach")[0] < 0 < parts.numbers("competitor_reach")[1]
    assert parts.numbers("own_reach") == pytest.approx((0, 0), abs=1e-9)


def test_a_wide_interval_costs_the_grade() -> None:
    facts = facts_table(
        norm=[100.0, 100.0],
        consumption=[100.0, 100.0],
        captured=[40.0, 40.0],
        captured_squared=[1.0, 1.0],
    )
    facts["consumption_error"] = [1.0, 80.0]
    assert score(facts).table.texts("confidence") == ("A", "C")


def test_the_same_market_has_the_same_intervals() -> None:
    world, _ = planted(1, count=200)
    facts = per_unit(world, units_of(world))
    assert score(facts).table == score(facts.iloc[[2, 0, 1]].iloc[[1, 2, 0]]).table


def test_where_nobody_states_consumption_sales_of_like_companies_stand_for_it() -> None:
    from tests.territory.strip import accounts, rows

    count = 60
    world = market(
        companies=companies([0] * count, category=["shop"] * count),
        accounts=accounts([0] * count, company_id=[f"c{k}" for k in range(count)]),
        orders=rows(
            "orders",
            order_id=[f"o{k}" for k in range(count)],
            account_id=[f"a{k}" for k in range(count)],
            ordered_on=["2026-06-01"] * count,
            delivered_on=["2026-06-02"] * count,
            ordered_amount=[500.0] * count,
        ),
    )
    facts = per_unit(world, units_of(world))
    assert facts["consumption"].iloc[0] == pytest.approx(500.0 * count, rel=0.01)
    assert any("what like companies buy from us" in note for note in facts.attrs["notes"])
