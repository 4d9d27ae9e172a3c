"""Order satisfaction, worked out by hand on six orders."""

import math

import pytest

from territory.fulfilment import monday_of, order_facts, satisfaction
from tests.territory.weeks import LINES, MONDAY, ORDERS, OWNERS, SUNDAY, day, market, rows


def facts_by_order() -> dict[str, dict[str, object]]:
    facts = order_facts(market(orders=ORDERS, order_lines=LINES), as_of=SUNDAY)
    return {str(row["order_id"]): row for row in facts.to_dict("records")}  # type: ignore[misc]


def test_an_order_is_judged_as_it_stood_that_day() -> None:
    told = {
        name: (row["delivered"], row["is_in_full"], row["is_on_time"])
        for name, row in facts_by_order().items()
    }
    assert told == {
        "O1": (100.0, True, True),
        "O2": (200.0, True, False),  # a day late
        "O3": (60.0, False, True),
        "O4": (0.0, False, False),  # comes on Monday
        "O5": (0.0, False, True),
        "O6": (40.0, True, True),
    }


def test_a_line_counts_when_it_came_whole() -> None:
    told = {name: (row["lines"], row["lines_in_full"]) for name, row in facts_by_order().items()}
    assert told["O1"] == (1, 1)
    assert told["O3"] == (2, 1)
    assert told["O4"] == (1, 0)  # delivered after the day asked for
    assert told["O2"] == (0, 0)  # no lines are known


def test_satisfaction_per_account_executive_and_week() -> None:
    facts = order_facts(market(orders=ORDERS, order_lines=LINES), as_of=SUNDAY)
    facts = facts[facts["week"] == MONDAY].assign(
        executive_id=lambda due: due["account_id"].map(OWNERS)
    )
    by_account = satisfaction(facts, "account_id")
    assert by_account.loc["A1", "delivered_percent"] == 100
    assert by_account.loc["A1", "satisfaction_percent"] == pytest.approx(100 / 3)  # O1, not O2
    assert by_account.loc["A1", "satisfaction_orders_percent"] == 50
    assert by_account.loc["A2", "delivered_percent"] == 60
    assert by_account.loc["A2", "satisfaction_percent"] == 0
    assert by_account.loc["A2", "satisfaction_lines_percent"] == 50
    ann = satisfaction(facts, "executive_id").loc["Ann"]
    assert (ann["ordered"], ann["delivered"]) == (400, 360)
    assert ann["delivered_percent"] == pytest.approx(90)
    assert ann["satisfaction_percent"] == 25
    assert ann["satisfaction_orders_percent"] == pytest.approx(100 / 3)
    assert ann["satisfaction_lines_percent"] == pytest.approx(200 / 3)
    week = satisfaction(facts, ["week", "executive_id"])
    assert week.index.tolist() == [(MONDAY, "Ann"), (MONDAY, "Bo")]
    assert week.loc[(MONDAY, "Bo"), "satisfaction_percent"] == 0


def test_more_of_one_order_does_not_make_up_for_less_of_another() -> None:
    orders = rows(
        "order_id account_id ordered_on delivered_on ordered_amount delivered_amount",
        ("O1", "A1", day(9), day(10), 100.0, 150.0),
        ("O2", "A1", day(9), day(10), 100.0, 50.0),
    )
    told = satisfaction(order_facts(market(orders=orders), as_of=SUNDAY), "account_id")
    assert told.loc["A1", "delivered_percent"] == 75
    assert told.loc["A1", "satisfaction_percent"] == 50
    assert math.isnan(told["satisfaction_lines_percent"].iloc[0])


def test_unknown_amounts_and_days_are_taken_as_documented() -> None:
    orders = rows(
        "order_id account_id ordered_on delivered_on ordered_amount delivered_amount",
        ("whole", "A1", day(9), day(10), 100.0, float("nan")),
        ("part", "A1", day(9), None, 100.0, 30.0),
        ("open", "A1", day(9), None, 100.0, float("nan")),
        ("later", "A1", day(16), None, 100.0, float("nan")),
    )
    facts = order_facts(market(orders=orders), as_of=SUNDAY).set_index("order_id")
    assert facts["delivered"].to_dict() == {"whole": 100, "part": 30, "open": 0}
    assert facts["is_on_time"].to_dict() == {"whole": True, "part": False, "open": False}
    assert set(facts["due"]) == {day(16)}  # nothing was promised: a week after the order


def test_a_market_without_orders_has_no_facts() -> None:
    assert len(satisfaction(order_facts(market(), as_of=SUNDAY), "account_id")) == 0


def test_a_week_starts_on_monday() -> None:
    assert [monday_of(day(number)) for number in (8, 9, 15, 16)] == [
        day(2),
        day(9),
        day(9),
        day(16),
    ]
