"""Potential: the build-up and its parts, reach, penetration, benchmark, grades, sentences."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territory.errors import InputError, NotFound
from territory.potential import PotentialParams, explain, score
from territory.potential.explain import money
from territory.potential.grades import confidence, display_score, segments
from territory.potential.penetration import penetration
from territory.survey import per_unit
from tests.territory.strip import companies, market, outlet, travel, units_of

PARAMS = PotentialParams()


def facts_table(**columns) -> pd.DataFrame:
    """Facts of units u0, u1, ...; what is not given is plain."""
    count = len(next(iter(columns.values())))
    plain = {
        "companies": np.ones(count),
        "income": np.full(count, 100.0),
        "income_level": np.ones(count),
        "norm": np.ones(count),
        "consumption": np.ones(count),
        "consumption_level": np.ones(count),
        "captured": np.zeros(count),
        "captured_squared": np.zeros(count),
        "target": np.full(count, np.nan),
        "target_scope": np.full(count, "", dtype=object),
        "target_residual": np.zeros(count),
        "target_market": np.zeros(count),
        "group": np.full(count, "", dtype=object),
    }
    zero = dict.fromkeys(
        (
            "ordered",
            "workload_hours",
            "own_outlets",
            "competitor_outlets",
            "population",
            "households",
            "accounts",
            "estimated_share",
            "synthetic_share",
        ),
        np.zeros(count),
    )
    given_columns = {name: np.asarray(values) for name, values in columns.items()}
    index = pd.Index([f"u{number}" for number in range(count)], name="unit_id")
    return pd.DataFrame({**plain, **zero, **given_columns}, index=index)


def random_facts(seed: int, count: int = 12) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    number = random.poisson(2.0, count).astype(float)
    norm = number * random.lognormal(8, 1, count)
    income, level = random.lognormal(0, 0.5, count), random.lognormal(0, 0.5, count)
    income[number == 0] = level[number == 0] = 1.0
    consumption = norm * income * level
    captured = consumption * random.random(count) * 0.5
    return facts_table(
        companies=number,
        norm=norm,
        income_level=income,
        consumption_level=level,
        consumption=consumption,
        captured=captured,
        captured_squared=captured**2 / 3,
    )


def column(plan, name: str) -> np.ndarray:
    return np.array(plan.table.numbers(name))


def test_potential_is_the_surveyed_consumption_when_no_total_is_known():
    world = market(companies=companies([0, 0, 1], consumption=[100.0, 300.0, 50.0]))
    plan = score(per_unit(world, units_of(world)))
    assert column(plan, "potential") == pytest.approx([400, 50, 0])
    assert plan.totals["calibration"] == pytest.approx(1)


def test_a_known_total_market_calibrates_the_sum():
    facts = facts_table(norm=[1.0, 3.0], consumption=[1.0, 3.0])
    plan = score(facts, params=PotentialParams(total_market=1000))
    assert column(plan, "potential") == pytest.approx([250, 750])
    assert plan.totals["potential"] == pytest.approx(1000)


def test_elasticities_bend_the_potential():
    facts = facts_table(norm=[1.0, 1.0], income_level=[1.0, 4.0], consumption_level=[1.0, 9.0])
    params = PotentialParams(income_elasticity=0.5, consumption_elasticity=0.5, total_market=700)
    assert column(score(facts, params=params), "potential") == pytest.approx([100, 600])


def test_the_parts_of_a_world_worked_out_by_hand():
    """Two units of 1 and 3 like companies: mean 2, log-mean of 1 and 2 is 1 / ln 2."""
    facts = facts_table(companies=[1.0, 3.0], norm=[1.0, 3.0], consumption=[1.0, 3.0])
    parts = score(facts).parts
    assert parts.numbers("base") == pytest.approx((2, 2))
    assert parts.numbers("companies") == pytest.approx((-1, 1))
    for name in ("mix", "income", "consumption"):
        assert parts.numbers(name) == pytest.approx((0, 0), abs=1e-12)


def test_each_part_follows_its_own_cause():
    facts = facts_table(
        companies=[2.0, 2.0, 2.0], norm=[2.0, 2.0, 2.0], income_level=[0.5, 1.0, 2.0]
    )
    parts = score(facts).parts
    income = np.array(parts.numbers("income"))
    assert income[0] < 0 < income[2]
    assert abs(np.array(parts.numbers("companies"))).max() < 1e-9 * abs(income).max()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.floats(0, 2), st.floats(0, 2))
def test_parts_sum_to_the_potential_of_every_unit(seed, income_elasticity, consumption_elasticity):
    params = PotentialParams(
        income_elasticity=income_elasticity, consumption_elasticity=consumption_elasticity
    )
    plan = score(random_facts(seed), params=params)
    sums = np.sum([plan.parts.numbers(name) for name in plan.parts.columns], axis=0)
    potential = column(plan, "potential")
    assert sums == pytest.approx(potential, rel=1e-9, abs=1e-9 * max(potential.max(), 1e-300))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000))
def test_the_order_of_units_changes_no_figure(seed):
    facts = random_facts(seed, count=40)
    order = np.random.default_rng(seed + 1).permutation(len(facts))
    plan, shuffled = score(facts), score(facts.iloc[order])
    assert shuffled.unit_ids == tuple(facts.index[order])
    for name in plan.table.columns:
        values = [plan.table.columns[name][place] for place in order]
        assert list(shuffled.table.columns[name]) == values


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 100_000))
def test_doubling_all_consumption_doubles_every_potential(seed):
    random = np.random.default_rng(seed)
    spent = np.where(random.random(30) < 0.3, np.nan, random.lognormal(5, 1, 30))
    where = random.integers(0, 3, 30).tolist()
    kinds = random.choice(["shop", "office"], 30).tolist()
    potentials = []
    for factor in (1.0, 2.0):
        world = market(companies=companies(where, consumption=factor * spent, category=kinds))
        potentials.append(column(score(per_unit(world, units_of(world))), "potential"))
    assert potentials[1] == pytest.approx(2 * potentials[0], rel=1e-9)


def test_reach_is_huffs_share_by_hand():
    """Own at 1 minute pulls 1, competitor at 4 minutes 4^-1.5 = 1/8, elsewhere 1/8."""
    facts = facts_table(norm=[800.0], consumption=[800.0])
    params = PotentialParams(elsewhere_minutes=4, minimum_reach=0)
    plan = score(
        facts,
        to_own=travel([[0.5]]),
        to_competitors=travel([[4.0]]),
        own=[outlet("o")],
        competitors=[outlet("k", is_own=False)],
        params=params,
    )
    assert column(plan, "reach") == pytest.approx([0.8])
    assert column(plan, "accessible") == pytest.approx([640])
    assert column(plan, "lost_to_competitors") == pytest.approx([800 * (1 / 1.125 - 0.8)])
    assert column(plan, "minutes_to_own") == pytest.approx([0.5])


def test_field_sales_reach_at_least_the_minimum_and_have_a_fair_share_without_outlets():
    facts = facts_table(norm=[100.0, 100.0], consumption=[100.0, 100.0])
    far = score(facts, to_own=travel([[600.0], [np.inf]]), own=[outlet("o")])
    assert column(far, "reach") == pytest.approx([0.2, 0.2])
    assert far.table.columns["minutes_to_own"] == (600.0, None)
    alone = score(facts)
    assert column(alone, "reach") == pytest.approx([0.5, 0.5])
    assert any("no own outlet" in note for note in alone.notes)


def test_outlets_and_matrix_must_fit():
    facts = facts_table(norm=[1.0])
    with pytest.raises(ValueError, match="without a travel matrix"):
        score(facts, own=[outlet("o")])
    with pytest.raises(ValueError, match="does not run"):
        score(facts, to_own=travel([[1.0], [1.0]]), own=[outlet("o")])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.floats(0, 1e6))
def test_shrunk_penetration_lies_between_the_units_own_and_its_groups(seed, lump):
    random = np.random.default_rng(seed)
    potential = random.lognormal(8, 2, 20)
    captured = potential * random.random(20) * (random.random(20) < 0.7)
    group = np.full(20, "one", dtype=object)
    share = penetration(captured, potential, group, lump=lump, params=PARAMS)
    mean = captured.sum() / potential.sum()
    low, high = np.minimum(share.raw, mean), np.maximum(share.raw, mean)
    assert (share.shrunk >= low - 1e-12).all()
    assert (share.shrunk <= high + 1e-12).all()
    assert ((share.reliability >= 0) & (share.reliability <= 1)).all()


def test_a_large_unit_is_believed_and_a_small_one_is_not():
    potential = np.array([1e6, 1e6, 1e6, 1e3])
    captured = np.array([1e5, 4e5, 2e5, 1e3])
    group = np.full(4, "", dtype=object)
    share = penetration(captured, potential, group, lump=1e3, params=PARAMS)
    assert share.shrunk[1] == pytest.approx(0.4, abs=0.02)
    assert share.raw[3] == 1.0
    assert share.shrunk[3] < 0.5
    assert share.reliability[0] > 0.9 > 0.5 > share.reliability[3]


def test_shrinking_comes_nearer_to_planted_truth_than_either_extreme():
    """Sales as a compound Poisson in lumps of 5,000 around planted rates of 10 to 30 %."""
    random = np.random.default_rng(11)
    potential = random.lognormal(11, 1, 400)
    truth = np.clip(random.normal(0.2, 0.06, 400), 0.02, 0.6)
    captured = 5_000.0 * random.poisson(truth * potential / 5_000)
    group = np.full(400, "", dtype=object)
    share = penetration(captured, potential, group, lump=5_000, params=PARAMS)

    def miss(guess):
        return float(np.sqrt(np.mean((guess - truth) ** 2)))

    mean = captured.sum() / potential.sum()
    assert miss(share.shrunk) < 0.9 * miss(np.full(400, mean)) < miss(share.raw)


def test_the_gap_is_what_better_peers_would_sell_here():
    count = 20
    captured = np.linspace(0, 0.4, count) * 1000
    facts = facts_table(
        norm=np.full(count, 1000.0),
        consumption=np.full(count, 1000.0),
        captured=captured,
        captured_squared=captured * 1e-6,
    )
    plan = score(facts)
    assert column(plan, "benchmark") == pytest.approx([0.3] * count, abs=1e-3)
    gap = column(plan, "gap")
    assert gap[0] == pytest.approx(300, abs=1)
    assert gap[-1] == 0


def test_where_nothing_was_sold_the_fair_share_is_the_benchmark():
    plan = score(facts_table(norm=[100.0], consumption=[100.0]))
    assert column(plan, "gap") == pytest.approx([50])
    assert any("No sales are known" in note for note in plan.notes)


def test_more_sold_than_there_is_potential_is_said():
    facts = facts_table(norm=[100.0], consumption=[100.0], captured=[150.0], captured_squared=[1.0])
    plan = score(facts)
    assert column(plan, "penetration") == pytest.approx([1.5])
    assert any("In 1 units more was sold" in note for note in plan.notes)


def test_display_scores_are_percentiles_and_nothing_scores_nothing():
    assert display_score(np.array([0.0, 5.0, 5.0, 80.0])).tolist() == [0, 62.5, 62.5, 100]
    assert display_score(np.empty(0)).tolist() == []


def test_segments_follow_potential_and_penetration():
    potential = np.array([1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 100.0, 110.0, 120.0, 0.0])
    share = np.array([0.1, 0.5, 0.9, 0.11, 0.51, 0.91, 0.12, 0.52, 0.92, 0.0])
    assert segments(potential, share) == (
        *("skip", "harvest", "harvest"),
        *("grow", "grow", "defend"),
        *("grow", "grow", "defend"),
        "skip",
    )


def test_the_grade_needs_evidence_and_few_estimates():
    potential = np.array([9.0, 9.0, 9.0, 9.0, 9.0, 0.0])
    reliability = np.array([0.9, 0.9, 0.0, 0.1, 0.5, 0.9])
    estimated = np.array([0.0, 0.5, 0.0, 0.9, 0.8, 0.0])
    assert confidence(potential, reliability, estimated) == ("A", "B", "B", "C", "C", "C")


def test_an_empty_market_scores_zero_everywhere():
    world = market()
    plan = score(per_unit(world, units_of(world)))
    assert column(plan, "potential").tolist() == [0, 0, 0]
    assert set(plan.table.texts("segment")) == {"skip"}
    assert plan.table.columns["target"] == (None, None, None)


def test_sentences_name_money_peers_target_and_trust():
    facts = facts_table(
        companies=[14.0, 2.0, 2.0],
        norm=[70_000.0, 5_000.0, 5_000.0],
        income_level=[1.2, 1.0, 1.0],
        consumption=[84_000.0, 5_000.0, 5_000.0],
        captured=[9_000.0, 1_000.0, 500.0],
        captured_squared=[9e6, 1e6, 1e5],
        target=[12_000.0, 1_000.0, 1_000.0],
        accounts=[5.0, 0.0, 0.0],
        workload_hours=[38.0, 0.0, 0.0],
        estimated_share=[0.4, 0.0, 0.0],
    )
    plan = score(
        facts,
        to_own=travel([[4.0]] * 3),
        own=[outlet("o")],
        to_competitors=travel([[2.0]] * 3),
        competitors=[outlet("k", is_own=False)],
    )
    said = " ".join(explain(plan, "u0", "EUR"))
    assert "worth 84 k EUR a year: rank 1 of 3" in said
    assert "companies +" in said
    assert "income +" in said
    assert "competitor reach -" in said
    assert "We sell 9.0 k EUR there, 11 %" in said
    assert "Its target is 12 k EUR: 3.0 k EUR to go." in said
    assert "5 accounts ask for 38 hours" in said
    assert "40 % of its consumption is estimated" in said
    with pytest.raises(NotFound, match="no unit"):
        explain(plan, "elsewhere")


def test_money_is_rounded_to_what_a_person_takes_in():
    assert money(999.6, "EUR") == "1.0 k EUR"
    assert money(-18_400, "EUR", sign=True) == "-18 k EUR"
    assert money(1_250_000) == "1.2 M"
    assert money(84) == "84"
    assert money(3e9, "SEK") == "3.0 bn SEK"


def test_parameters_out_of_range_are_all_refused_at_once():
    with pytest.raises(InputError) as caught:
        PotentialParams(distance_decay=-1, peers=0, fair_share=1.5)
    assert {fault.column for fault in caught.value.faults} == {
        "distance_decay",
        "peers",
        "fair_share",
    }
    assert replace(PARAMS, total_market=5.0).total_market == 5.0
