"""Companies in parts: any split of the same rows gives the same figures, to the last digit."""

import math
import pickle

import numpy as np
import pandas as pd
import pytest

from territory.market import Market
from territory.survey import per_unit
from territory.survey.exact import ExactSums, total_of
from territory.survey.parts import FramePart, InThreads, frame_parts, grouped, one_by_one
from territory.survey.usual import usual_amounts
from tests.territory.strip import accounts, companies, market, rows, units_of, zones

COUNT = 3_000


def crowded(count=COUNT):
    """A world in which everything happens: missing, absurd, drawn, outside, bought."""
    random = np.random.default_rng(5)
    where = random.integers(0, 4, count)  # zone 3 is not there
    kind = random.choice(["shop", "café", "", "rare"], count, p=[0.5, 0.3, 0.199, 0.001])
    income = np.where(random.random(count) < 0.3, np.nan, random.lognormal(10, 0.6, count))
    spent = 0.2 * np.nan_to_num(income, nan=20_000) ** 0.9 * random.lognormal(0, 0.4, count)
    consumption = np.where(random.random(count) < 0.4, np.nan, spent)
    consumption[[7, 190]] = 9e9, -4.0
    income[[11, 250]] = np.inf, 1e-6
    return market(
        zones=zones(median_income=[2e4, 3e4, np.nan], consumption_index=[0.8, 1.0, 1.3]),
        companies=companies(
            where.tolist(),
            category=kind,
            size=random.choice(["micro", "small", ""], count),
            employees=np.where(random.random(count) < 0.5, random.integers(0, 300, count), np.nan),
            income=income,
            consumption=consumption,
            synthetic=random.choice(["", "consumption", "*"], count),
        ),
        accounts=accounts([0, 1], company_id=["c1", "c5"], annual_potential=[70.0, np.nan]),
    )


def without_companies(world):
    tables = {**world.tables, "companies": world.tables["companies"].iloc[:0]}
    return Market(name=world.name, settings=world.settings, tables=tables)


def facts_in(world, size, run):
    parts = frame_parts(world.tables["companies"], rows=size)
    return per_unit(without_companies(world), units_of(world), companies=parts, run=run)


@pytest.mark.parametrize(
    ("size", "run"), [(COUNT, one_by_one), (1, one_by_one), (190, InThreads(3))]
)
def test_the_same_companies_in_any_parts_give_the_same_facts_to_the_last_digit(size, run):
    world = crowded(COUNT if size > 1 else 260)
    whole = per_unit(world, units_of(world))
    parted = facts_in(world, size, run)
    pd.testing.assert_frame_equal(whole, parted, check_exact=True)
    assert whole.attrs["notes"] == parted.attrs["notes"]
    assert whole.attrs["doubts"] == parted.attrs["doubts"]
    assert whole.attrs["elasticities"] == parted.attrs["elasticities"]


def test_the_crowded_world_has_doubts_estimates_and_companies_outside():
    facts = per_unit(crowded(), units_of(crowded()))
    doubted = [(doubt["row"], doubt["column"]) for doubt in facts.attrs["doubts"]]
    assert doubted == [
        ("c11", "income"),
        ("c250", "income"),
        ("c7", "consumption"),
        ("c190", "consumption"),
    ]
    assert facts.attrs["elasticities"]["rows"] > 300
    assert (facts["estimated_share"] > 0.1).all()
    assert any("companies with" in note and "lie outside" in note for note in facts.attrs["notes"])


def test_rows_in_another_order_give_the_same_money_to_the_cent():
    world = crowded()
    facts = per_unit(world, units_of(world))
    mixed = world.tables["companies"].sample(frac=1, random_state=3).reset_index(drop=True)
    other = Market(
        name="strip", settings=world.settings, tables={**world.tables, "companies": mixed}
    )
    again = per_unit(other, units_of(world))
    for column in ("norm", "income"):
        assert (facts[column] == again[column]).all()
    # Which rows are held out to try the elasticities does follow the order.
    assert again["consumption"].to_numpy() == pytest.approx(facts["consumption"].to_numpy(), 1e-3)


def test_exact_sums_do_not_depend_on_order_or_split_and_are_the_nearest_number():
    random = np.random.default_rng(2)
    values = np.concatenate(
        [random.lognormal(8, 3, 3_000), -random.lognormal(3, 5, 900), [1e30, -1e30, 1e-9]]
    )
    group = random.integers(0, 9, len(values))
    whole = ExactSums.of(group, values, 9)
    split = ExactSums.zeros(9)
    for piece in np.array_split(random.permutation(len(values)), 13):
        split = split + pickle.loads(pickle.dumps(ExactSums.of(group[piece], values[piece], 9)))
    assert (whole.floats() == split.floats()).all()
    quantum = 2.0**-52
    rounded = [round(value / quantum) * quantum for value in values[:3_000].tolist()]
    some = ExactSums.of(group[:3_000], values[:3_000], 9).floats()
    for place in range(9):
        told = math.fsum(v for v, g in zip(rounded, group.tolist(), strict=False) if g == place)
        assert some[place] == pytest.approx(told, rel=1e-15)
    assert total_of(ExactSums.of(group[:3_000], -values[:3_000], 9)) == -total_of(
        ExactSums.of(group[:3_000], values[:3_000], 9)
    )


def test_an_amount_too_large_to_be_money_is_refused_by_exact_sums():
    with pytest.raises(OverflowError, match=r"1e\+60"):
        ExactSums.of(np.zeros(1, dtype=int), np.array([1e60]), 1)


def test_the_median_of_a_kind_is_exact_where_an_amount_is_in_doubt():
    random = np.random.default_rng(8)
    amounts = np.append(random.lognormal(9, 1, 4_000), [1e9, 5.0])
    frame = rows(
        "companies",
        company_id=[f"c{place}" for place in range(4_002)],
        lon=[0.0] * 4_002,
        lat=[0.0] * 4_002,
        category=["shop"] * 3_990 + ["kiosk"] * 9 + ["rare"] * 3,
        consumption=amounts,
    )
    usual = usual_amounts(frame_parts(frame, rows=170), one_by_one)
    assert usual.medians["consumption"] == {"rare": float(np.median(amounts))}
    found = usual.doubtful("consumption", amounts, frame["category"])
    assert found.places.tolist() == [4_000, 4_001]


def test_parts_are_grouped_by_rows_in_their_order():
    frame = pd.DataFrame({"lon": np.zeros(100), "lat": np.zeros(100)})
    parts = frame_parts(frame, rows=7)
    groups = grouped(parts, 4)
    assert [part.first_row for group in groups for part in group] == list(range(0, 100, 7))
    assert max(sum(part.rows for part in group) for group in groups) <= 35
    assert len(groups) == 4
    assert grouped(parts[:1], 4) == [parts[:1]]
    assert FramePart(frame, 5).names([5, 6]) == ["row 6", "row 7"]
