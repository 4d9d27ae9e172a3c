"""Both samples: legal tables, honest marks, and the problems a plan should meet."""

import json
import time
from dataclasses import asdict
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from data.samples import Sample, helsinki, metropolis
from data.samples.team import SKILL
from data.travel import road_travel
from territory.errors import InputError
from territory.hours import parse_hours
from territory.tables import TABLES
from territory.tables.check import check_table
from territory.tables.frames import frame_schema
from territory.travel import UNREACHABLE
from territory.units import build_units, locate


@pytest.fixture(scope="module")
def centre() -> Sample:
    return helsinki()


@pytest.fixture(scope="module")
def city() -> Sample:
    return metropolis()


@pytest.fixture(params=["centre", "city"])
def sample(request: pytest.FixtureRequest) -> Sample:
    found: Sample = request.getfixturevalue(request.param)
    return found


def lonlat(frame: pd.DataFrame) -> np.ndarray:
    return frame[["lon", "lat"]].to_numpy()


def test_every_table_passes_the_check_that_files_pass(sample: Sample) -> None:
    assert list(sample.market.tables) == list(TABLES)
    for name, frame in sample.market.tables.items():
        if len(frame):
            frame_schema(TABLES[name]).validate(frame)
        assert check_table(frame, TABLES[name]).faults == (), name


def test_every_reference_names_a_row(sample: Sample) -> None:
    for spec in TABLES.values():
        frame = sample.market.table(spec.name)
        for column in spec.columns:
            if column.references and len(frame):
                table, key = column.references.split(".")
                known = set(sample.market.table(table)[key]) | {""}
                assert set(frame[column.name]) <= known, (spec.name, column.name)


def test_every_drawn_cell_is_marked(sample: Sample) -> None:
    for name, frame in sample.market.tables.items():
        marks = set(frame["synthetic"])
        if sample.market.name == "metropolis" or name not in ("companies", "outlets", "accounts"):
            assert marks <= {"*"}, name
        else:
            drawn = {column for mark in marks for column in mark.split(";")}
            assert drawn <= set(frame.columns)
            assert not drawn & {"name", "lon", "lat", "category", "phone", "brand", "address"}
    assert sample.market.has_synthetic


def test_helsinki_marks_only_the_opening_hours_it_made_up(centre: Sample) -> None:
    accounts = centre.market.table("accounts")
    is_marked = accounts["synthetic"].str.split(";").apply(lambda marks: "opening_hours" in marks)
    assert 20 < is_marked.sum() < len(accounts) - 20
    for hours in accounts["opening_hours"]:
        parse_hours(hours)


def test_helsinki_is_its_size(centre: Sample) -> None:
    market = centre.market
    assert 1_050 <= len(market.table("companies")) <= 1_250
    assert 120 <= len(market.table("accounts")) <= 160
    assert len(market.table("executives")) == 4
    assert len(market.table("sites")) == 40
    assert (market.settings.mode, market.settings.reach_minutes) == ("foot", (3, 5, 10))
    assert set(centre.networks) == {"foot", "car"}
    assert centre.base_map.attribution == "© OpenStreetMap contributors"


def test_the_metropolis_is_its_size(city: Sample) -> None:
    market = city.market
    assert len(market.table("companies")) == 5_000
    assert 1_000 <= len(market.table("accounts")) <= 1_200
    assert len(market.table("executives")) == 12
    assert 50 <= len(market.table("zones")) <= 60
    assert 3_000 <= city.networks["car"].node_count <= 6_000
    assert len(city.networks["car"].component_sizes) == 1


def test_everybody_reaches_every_account(sample: Sample) -> None:
    travel = road_travel(sample.networks[sample.market.settings.mode])
    homes = sample.market.table("executives")[["home_lon", "home_lat"]].to_numpy()
    matrix = travel.block(homes, lonlat(sample.market.table("accounts")))
    assert (matrix.seconds < UNREACHABLE).all()
    assert matrix.seconds.max() < 3_600


def test_a_tenth_of_the_metropolis_lies_beyond_ten_minutes_of_our_outlets(city: Sample) -> None:
    companies, outlets = city.market.table("companies"), city.market.table("outlets")
    own = outlets[outlets["owner"] == "own"]
    travel = road_travel(city.networks["car"])
    minutes = travel.block(lonlat(companies), lonlat(own)).seconds.min(axis=1) / 60
    far = companies["consumption"][minutes > 10].sum() / companies["consumption"].sum()
    assert 0.10 < far < 0.60


def test_the_work_fills_most_of_the_hours_and_not_all_of_everybodys(sample: Sample) -> None:
    accounts = sample.market.table("accounts")
    visit_hours = (accounts["visits_per_4_weeks"] * accounts["visit_minutes"]).sum() / 60
    executives = len(sample.market.table("executives"))
    offered = 20 * 7.25 * executives
    assert 0.6 < visit_hours / offered < 0.9  # the rest is for the ways between
    away = sample.market.table("absences")
    today = sample.market.settings.today
    soon = [today <= day <= today + timedelta(days=14) for day in away["first_date"]]
    assert any(soon)


def test_today_some_have_more_to_do_than_others(sample: Sample) -> None:
    accounts = sample.market.table("accounts")
    load = accounts["visits_per_4_weeks"] * accounts["visit_minutes"]
    per_executive = load.groupby(accounts["executive_id"]).sum()
    assert len(per_executive) == len(sample.market.table("executives"))
    assert 1.2 < per_executive.max() / per_executive.min() < 2.5


def test_the_alignment_covers_every_unit_of_the_market(sample: Sample) -> None:
    units = build_units(sample.market)
    alignment = sample.market.table("alignment")
    assert set(alignment["subject_id"]) == set(units.ids)
    accounts = sample.market.table("accounts")
    unit = locate(units, lonlat(accounts))
    assert (unit >= 0).all()
    owner_of = dict(zip(alignment["subject_id"], alignment["executive_id"], strict=True))
    expected = [owner_of[units.ids[number]] for number in unit]
    assert accounts["executive_id"].tolist() == expected


def test_some_visits_cannot_be_made_as_they_are(sample: Sample) -> None:
    accounts = sample.market.table("accounts")
    weeks = [parse_hours(hours) for hours in accounts["opening_hours"]]
    assert any(not any(week[:5]) and any(week) for week in weeks)  # weekends only
    assert (accounts["visit_minutes"] == 480).sum() == 1
    skilled = sample.market.table("executives")["skills"] == SKILL
    assert 0 < skilled.sum() < len(skilled)
    assert (accounts["required_skill"] == SKILL).any()


def test_orders_add_up_and_some_went_wrong(sample: Sample) -> None:
    orders, lines = sample.market.table("orders"), sample.market.table("order_lines")
    worth = (lines["ordered_units"] * lines["unit_price"]).groupby(lines["order_id"]).sum()
    amounts = orders.set_index("order_id")["ordered_amount"][worth.index]
    assert np.abs(worth - amounts).max() < 0.01
    assert (lines["delivered_units"] <= lines["ordered_units"]).all()
    assert (orders["delivered_amount"] <= orders["ordered_amount"] + 1e-9).all()
    is_delivered = orders["delivered_on"].notna()
    late = [
        done > promised
        for done, promised in zip(
            orders["delivered_on"][is_delivered], orders["promised_on"][is_delivered], strict=True
        )
    ]
    assert 0.03 < np.mean(late) < 0.2
    assert 0 < (~is_delivered).sum() < 0.05 * len(orders)
    part = orders["delivered_amount"][is_delivered] < 0.99 * orders["ordered_amount"][is_delivered]
    assert 0.03 < part.mean() < 0.15
    today = sample.market.settings.today
    assert max(orders["delivered_on"][is_delivered]) < today


def test_the_report_will_have_something_to_say(sample: Sample) -> None:
    market, today = sample.market, sample.market.settings.today
    tasks = market.table("tasks")
    overdue = [
        deadline < today and status == "open"
        for deadline, status in zip(tasks["deadline"], tasks["status"], strict=True)
    ]
    assert 0 < sum(overdue) < len(tasks) / 2
    agreements, policies = market.table("agreements"), market.table("policies")
    assert 0 < agreements["signed_on"].isna().sum() < len(agreements) / 2
    assert 0 < policies["signed_on"].isna().sum() < len(policies) / 2
    lines, rules = market.table("order_lines"), market.table("price_rules")
    floor = lines["product_id"].map(rules.set_index("product_id")["floor_price"])
    assert 0 < (lines["unit_price"] < floor).mean() < 0.08
    over = policies["used_amount"] > policies["limit_amount"]
    assert 0 < over.sum() < len(policies) / 2
    assert set(lines["cancelled_by"]) == {"", "account", "us"}
    assert 0 < (market.table("promoter_days")["hours"] == 0).mean() < 0.2
    last_week = [0 < (today - day).days <= 7 for day in market.table("observations")["date"]]
    assert sum(last_week) > 5
    assert set(market.table("visits")["status"]) == {"planned", "done", "missed"}


def test_last_visits_are_those_of_the_history(sample: Sample) -> None:
    visits, accounts = sample.market.table("visits"), sample.market.table("accounts")
    done = visits[visits["status"] == "done"].groupby("account_id")["date"].max()
    for account, day in zip(accounts["account_id"], accounts["last_visit"], strict=True):
        assert day == done.get(account)


def test_the_same_seed_gives_the_same_market_and_another_seed_another() -> None:
    one, same, other = (metropolis(companies=600, executives=3, seed=seed) for seed in (1, 1, 2))
    for name, frame in one.market.tables.items():
        pd.testing.assert_frame_equal(frame, same.market.table(name))
    assert one.networks["car"].content_hash == same.networks["car"].content_hash
    assert not one.market.table("companies").equals(other.market.table("companies"))


def test_a_small_metropolis_still_stands() -> None:
    small = metropolis(companies=200, executives=1, seed=3)
    assert len(small.market.table("accounts")) == 92
    assert set(small.market.table("alignment")["executive_id"]) == {"E01"}


def test_too_few_companies_for_the_team_are_refused() -> None:
    with pytest.raises(InputError, match="at least 1 executive and 460 companies"):
        metropolis(companies=300, executives=10)
    with pytest.raises(InputError, match="cannot be made"):
        metropolis(companies=300, executives=0)


def test_the_river_parts_the_metropolis_and_bridges_link_it(city: Sample) -> None:
    barriers = city.market.table("barriers")
    assert (barriers["kind"] == "barrier").sum() == 1
    assert (barriers["kind"] == "link").sum() >= 4
    assert len(city.base_map.water) == 2
    assert len(json.dumps(asdict(city.base_map))) < 1_000_000


def test_five_thousand_companies_take_seconds() -> None:
    started = time.process_time()
    metropolis(seed=11)
    assert time.process_time() - started < 15
