"""What cannot be right is said with its row; the rest is surveyed."""

from datetime import timedelta

import numpy as np
import pytest
import shapely

from territory.potential import score
from territory.survey import per_unit
from territory.survey.doubts import set_aside, told
from tests.territory.strip import TODAY, accounts, companies, market, rows, units_of, zones


def doubts_of(**tables: object) -> list[tuple[str, str, str]]:
    """(row, column, what became of it) of every doubt."""
    world = market(**tables)  # type: ignore[arg-type]
    return [(one.row, one.column, one.became) for one in set_aside(world.tables, "EUR")[1]]


def test_an_income_a_thousand_times_off_its_kind_is_estimated_anew() -> None:
    world = market(
        companies=companies(
            [0] * 7,
            income=[40e3, 50e3, 45e3, 60e3, 55e3, 9e12, 1.0],
            consumption=[10.0] * 6 + [-5.0],
            category=["shop"] * 7,
        )
    )
    facts = per_unit(world, units_of(world))
    assert facts["income"].iloc[0] == pytest.approx(50e3, rel=0.01)
    assert facts["consumption"].iloc[0] == pytest.approx(70, rel=0.05)
    notes = " ".join(facts.attrs["notes"])
    assert "c5 (9,000,000,000,000)" in notes
    assert "c6 (1)" in notes
    assert "a negative amount in 1 rows, estimated anew: c6 (-5)" in notes


def test_a_market_without_doubt_is_handed_on_as_it_is() -> None:
    world = market(companies=companies([0, 1], income=[1.0, 900.0]))
    clean, doubts = set_aside(world.tables, "EUR")
    assert doubts == ()
    assert clean["companies"] is world.tables["companies"]


def test_orders_in_other_money_or_delivered_before_they_were_placed_are_left_out() -> None:
    orders = rows(
        "orders",
        order_id=["1", "2", "3", "4"],
        account_id=["a0"] * 4,
        ordered_on=[TODAY - timedelta(days=9)] * 4,
        delivered_on=[TODAY - timedelta(days=d) for d in (5, 5, 30, 9)],
        ordered_amount=[100.0, 70.0, 50.0, 8.0],
        currency=["EUR", "USD", "", ""],
    )
    world = market(accounts=accounts([1]), orders=orders)
    facts = per_unit(world, units_of(world))
    assert facts["captured"].tolist() == [0, 108, 0]
    found = [(one["row"], one["reason"]) for one in facts.attrs["doubts"]]
    assert found == [
        ("2", "money that is not in EUR"),
        ("3", "a delivery before its order"),
    ]
    assert any("left out, 50 in all: 3 (" in note for note in facts.attrs["notes"])


def test_zones_that_overlap_or_leave_a_hole_are_named() -> None:
    ring = shapely.box(0, 0, 0.03, 0.03) - shapely.box(0.01, 0.01, 0.02, 0.02)
    lying = shapely.box(0.02, 0, 0.05, 0.01)
    shapes = rows("zones", zone_id=["ring", "lying"], geometry=[ring.wkt, lying.wkt])
    assert doubts_of(zones=shapes) == [
        ("ring and lying", "geometry", "counted once"),
        ("hole 1", "geometry", "kept"),
    ]
    assert doubts_of(zones=zones()) == []


def test_a_zone_inside_another_is_named_once() -> None:
    outer, inner = shapely.box(0, 0, 0.03, 0.03), shapely.box(0.01, 0.01, 0.02, 0.02)
    shapes = rows("zones", zone_id=["a", "b"], geometry=[outer.wkt, inner.wkt])
    assert doubts_of(zones=shapes) == [("a and b", "geometry", "counted once")]


def test_companies_at_sea_are_left_out_by_name_and_the_rest_is_scored() -> None:
    far = companies([0, 1, 2], consumption=[10.0, 20.0, 40.0])
    far.loc[2, "lon"] = 5.0
    world = market(companies=far)
    facts = per_unit(world, units_of(world))
    assert facts["consumption"].tolist() == [10, 20, 0]
    assert any("1 companies with 40 of consumption lie outside" in n for n in facts.attrs["notes"])
    assert any(": c2." in note for note in facts.attrs["notes"])
    assert score(facts).totals["potential"] == pytest.approx(30)


def test_an_empty_market_has_nothing_to_doubt() -> None:
    world = market()
    assert told(set_aside(world.tables, "EUR")[1]) == ()
    assert score(per_unit(world, units_of(world))).totals["potential"] == 0
    assert np.isfinite(score(per_unit(world, units_of(world))).totals["gap"])
