"""The survey: tables in, facts per unit out, every estimate marked."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from territory.survey import per_unit
from territory.survey.norms import class_means
from tests.territory.strip import (
    TODAY,
    accounts,
    companies,
    market,
    rows,
    units_of,
    zones,
)


def facts_of(world):
    return per_unit(world, units_of(world))


def test_companies_are_counted_and_their_money_summed_where_they_stand():
    world = market(
        companies=companies(
            [0, 0, 1],
            consumption=[100.0, 300.0, 50.0],
            income=[10.0, 30.0, 20.0],
            employees=[1.0, np.nan, 4.0],
        )
    )
    facts = facts_of(world)
    assert facts.index.tolist() == ["z0", "z1", "z2"]
    assert facts["companies"].tolist() == [2, 1, 0]
    assert facts["consumption"].tolist() == [400, 50, 0]
    assert facts["income"].tolist()[:2] == [20, 20]
    assert facts["employees"].tolist() == [1, 4, 0]
    assert facts["estimated_share"].tolist() == [0, 0, 0]
    assert facts.attrs["notes"] == (
        "There are no accounts: workload takes every company for a C account.",
    )


def test_norm_times_income_times_consumption_level_is_the_consumption():
    world = market(
        companies=companies(
            [0, 0, 1, 2],
            consumption=[100.0, 300.0, 50.0, 10.0],
            income=[10.0, 30.0, 20.0, 70.0],
            category=["shop", "office", "shop", "office"],
            size=["micro", "small", "micro", "small"],
        )
    )
    facts = facts_of(world)
    rebuilt = facts["norm"] * facts["income_level"] * facts["consumption_level"]
    assert rebuilt.to_numpy() == pytest.approx(facts["consumption"].to_numpy())


def test_a_missing_consumption_is_the_mean_of_its_kind_and_is_marked():
    count = 200
    world = market(
        companies=companies(
            [0] * count + [1],
            category=["shop"] * (count + 1),
            size=["micro"] * (count + 1),
            consumption=[80.0] * count + [np.nan],
        )
    )
    facts = facts_of(world)
    assert facts.loc["z1", "consumption"] == pytest.approx(80)
    assert facts["estimated_share"].tolist() == [0, 1, 0]
    assert any("consumption of 1 of 201 companies is estimated" in n for n in facts.attrs["notes"])


def test_an_estimate_follows_the_income_and_the_zone_of_the_company():
    count = 100
    where = [0] * count + [1] * count + [1]
    world = market(
        zones=zones(median_income=[10.0, 30.0, 20.0], consumption_index=[1.0, 1.0, np.nan]),
        companies=companies(where, consumption=[50.0] * (2 * count) + [np.nan]),
    )
    facts = facts_of(world)
    # The mean income over companies is about 20, so zone 1 stands at 1.5 of it.
    assert facts.loc["z1", "consumption"] == pytest.approx(50 * count + 50 * 1.5, rel=0.01)
    assert facts["income"].tolist() == [10, 30, 20]


def test_the_accounts_potential_fills_the_company_and_accounts_replace_missing_companies():
    filled = market(
        companies=companies([0, 1], consumption=[10.0, np.nan]),
        accounts=accounts([1], company_id=["c1"], annual_potential=[70.0]),
    )
    assert facts_of(filled)["consumption"].tolist() == [10, 70, 0]
    alone = facts_of(market(accounts=accounts([2], annual_potential=[5.0])))
    assert alone["companies"].tolist() == [0, 0, 1]
    assert alone["consumption"].tolist() == [0, 0, 5]
    assert "There are no companies: the accounts stand for the market." in alone.attrs["notes"]


def test_without_any_money_companies_are_counted_by_size_and_that_is_said():
    facts = facts_of(market(companies=companies([0, 0, 1], size=["micro", "large", "small"])))
    assert facts["norm"].tolist() == [41, 4, 0]
    assert any("No company's consumption is known" in note for note in facts.attrs["notes"])


def test_the_size_is_read_from_employees_where_it_is_missing():
    world = market(companies=companies([0, 1, 2], employees=[9.0, 250.0, 50.0]))
    assert facts_of(world)["norm"].tolist() == [1, 40, 12]


def test_drawn_figures_are_told_apart_from_observed_ones():
    world = market(
        companies=companies(
            [0, 0, 1, 2],
            consumption=[30.0, 10.0, 10.0, 10.0],
            synthetic=["*", "", "income;consumption", "income"],
        )
    )
    assert facts_of(world)["synthetic_share"].tolist() == [0.75, 1.0, 0.0]


def test_a_short_history_is_said():
    world = market(
        accounts=accounts([1]),
        orders=rows(
            "orders",
            order_id=["1"],
            account_id=["a0"],
            ordered_on=[TODAY],
            delivered_on=[TODAY],
            ordered_amount=[100.0],
        ),
    )
    assert any("Orders go back 1 days only" in note for note in facts_of(world).attrs["notes"])


def test_deliveries_of_the_last_365_days_count_at_the_account():
    days = [TODAY, TODAY - timedelta(days=364), TODAY - timedelta(days=365), None]
    world = market(
        accounts=accounts([1, 2]),
        orders=rows(
            "orders",
            order_id=["1", "2", "3", "4", "5"],
            account_id=["a0", "a0", "a0", "a1", "nobody"],
            ordered_on=[*days[:3], TODAY, TODAY],
            delivered_on=[*days, TODAY],
            ordered_amount=[100.0, 40.0, 1000.0, 7.0, 9.0],
            delivered_amount=[90.0, np.nan, 1000.0, np.nan, 9.0],
        ),
    )
    facts = facts_of(world)
    assert facts["captured"].tolist() == [0, 130, 0]
    assert facts["captured_squared"].tolist() == [0, 130**2, 0]
    assert facts["ordered"].tolist() == [0, 140, 7]
    assert not any("Orders go back" in note for note in facts.attrs["notes"])
    assert any("1 orders name an unknown account" in note for note in facts.attrs["notes"])


def test_zones_give_their_people_to_cells_by_area():
    world = market(
        zones=zones(population=[1000.0, 2000.0, np.nan], households=[np.nan] * 3),
        companies=companies([0, 1, 2]),
    )
    settings = type(world.settings)(title="t", today=TODAY, unit_kind="h3", resolution=9)
    cells = type(world)(name="strip", settings=settings, tables=world.tables)
    facts = facts_of(cells)
    assert 0.5 * 3000 < facts["population"].sum() <= 3000
    assert facts["households"].isna().all()


def test_outlets_that_trade_are_counted_by_owner():
    world = market(
        outlets=rows(
            "outlets",
            outlet_id=["1", "2", "3", "4"],
            lon=[0.005, 0.005, 0.015, 0.005],
            lat=[0.005] * 4,
            owner=["own", "competitor", "competitor", "own"],
            status=["open", "", "open", "closed"],
        )
    )
    facts = facts_of(world)
    assert facts["own_outlets"].tolist() == [1, 0, 0]
    assert facts["competitor_outlets"].tolist() == [1, 1, 0]


def test_workload_is_visits_by_tier_and_the_way_between_them():
    world = market(
        accounts=accounts(
            [0, 1],
            tier=["A", "C"],
            visits_per_4_weeks=[np.nan, 2.0],
            visit_minutes=[np.nan, 60.0],
        )
    )
    units = units_of(world)
    hours = per_unit(world, units)["workload_hours"].to_numpy()
    side = np.sqrt(units.area_square_meters[0])
    tour_hours = 0.7124 * side * np.sqrt(4) / 1000 / 22
    assert hours[0] == pytest.approx(13 * (4 * 45 / 60 + tour_hours))
    assert hours[1] == pytest.approx(13 * (2 * 1 + tour_hours / np.sqrt(2)), rel=1e-4)
    assert hours[2] == 0


def test_what_lies_outside_every_unit_is_left_out_and_said():
    world = market(companies=companies([0, 9]), accounts=accounts([0, 9]))
    facts = facts_of(world)
    assert facts["companies"].sum() == 1
    assert any("1 companies lie outside" in note for note in facts.attrs["notes"])
    assert any("1 accounts lie outside" in note for note in facts.attrs["notes"])


def test_an_empty_market_of_zones_gives_empty_facts():
    facts = facts_of(market())
    assert facts["companies"].sum() == facts["consumption"].sum() == 0
    assert facts["target"].isna().all()


def test_class_means_lie_between_the_class_and_the_market_and_scale():
    values = np.array([10.0] * 40 + [100.0] + [np.nan])
    kind = pd.Series(["common"] * 40 + ["rare"] * 2)
    size = pd.Series([""] * 42)
    means = class_means(values, kind, size)
    market_mean = np.nanmean(values)
    assert 10 <= means[0] < market_mean
    assert market_mean < means[-1] < 100
    assert class_means(2 * values, kind, size) == pytest.approx(2 * means)
    assert class_means(np.array([0.0, np.nan]), kind[:2], size[:2]).tolist() == [0, 0]
