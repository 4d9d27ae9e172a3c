"""Targets that conflict, rows that no total holds, and the forecast, worked out by hand."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from tests.territory.report.told import figures, listed, report, row
from tests.territory.weeks import MONDAY, SUNDAY, day, market, rows

TARGET = "subject_kind subject_id first_date last_date amount currency"


def test_an_order_delivered_before_it_was_ordered_is_left_out_with_its_row() -> None:
    orders = rows(
        "order_id account_id ordered_on promised_on delivered_on ordered_amount delivered_amount",
        ("good", "A1", day(9), day(10), day(10), 100.0, 100.0),
        ("bad", "A1", day(9), day(10), day(8), 900.0, 900.0),
    )
    told = report(market(orders=orders))
    assert figures(told, "ordered") == (100.0, 0.0, 100.0)
    assert figures(told, "actual") == (100.0, 0.0, 100.0)
    (left,) = listed(told, "left_out")
    assert left == {
        "table": "orders",
        "row": 3,
        "id": "bad",
        "column": "delivered_on",
        "value": "2026-11-08",
        "amount": 900.0,
        "reason": "delivered before it was ordered on 2026-11-09",
    }
    said = told.notes[0]
    assert "1 of orders (delivered before it was ordered), 900.00 in all; row 3" in said
    assert "1 row left out of every figure (1 of orders); see the list." in told.headlines


def test_mixed_currencies_are_not_added_up() -> None:
    orders = rows(
        "order_id account_id ordered_on promised_on delivered_on ordered_amount delivered_amount "
        "currency",
        ("euro", "A1", day(9), day(10), day(10), 100.0, 100.0, "EUR"),
        ("same", "A1", day(9), day(10), day(10), 50.0, 50.0, " eur "),
        ("none", "A1", day(9), day(10), day(10), 25.0, 25.0, ""),
        ("yen", "A1", day(9), day(10), day(10), 90_000.0, 90_000.0, "JPY"),
    )
    lines = rows("order_id line product_id ordered_units unit_price", ("yen", 1, "P", 1.0, 0.01))
    targets = rows(
        TARGET,
        ("executive", "Ann", MONDAY, SUNDAY, 70.0, "EUR"),
        ("executive", "Bo", MONDAY, SUNDAY, 9e6, "JPY"),
    )
    rules = rows("product_id first_date floor_price", ("P", date(2026, 1, 1), 10.0))
    told = report(market(orders=orders, order_lines=lines, targets=targets, price_rules=rules))
    assert figures(told, "actual") == (175.0, 0.0, 175.0)
    assert figures(told, "target") == (70.0, None, 70.0)
    assert len(told.sections["prices_below_floor"]) == 0  # the line goes with its order
    assert [(one["table"], one["row"], one["value"]) for one in listed(told, "left_out")] == [
        ("orders", 5, "JPY"),
        ("targets", 3, "JPY"),
    ]


def test_a_target_for_an_unknown_jurisdiction_is_said_and_the_rest_counts() -> None:
    targets = rows(
        TARGET,
        ("executive", "Ann", MONDAY, SUNDAY, 70.0, ""),
        ("executive", "Zed", MONDAY, SUNDAY, 500.0, ""),
        ("account", "X9", MONDAY, SUNDAY, 5.0, ""),
        ("zone", "Z9", MONDAY, SUNDAY, 6.0, ""),
    )
    told = report(market(targets=targets))
    assert figures(told, "executive_id") == ("Ann", "Bo", "all")
    assert figures(told, "target") == (70.0, None, 70.0)
    assert [(one["id"], one["reason"]) for one in listed(told, "left_out")] == [
        ("Zed", "there is no such jurisdiction"),
        ("X9", "there is no such account"),
        ("Z9", "there is no such zone"),
    ]


def test_conflicting_targets_are_said_in_words_and_one_is_used() -> None:
    zone = rows(
        "zone_id name geometry",
        ("Z1", "West", "POLYGON((0 0,0 1,1 1,0 0))"),
        ("Z2", "East", "POLYGON((2 0,2 1,3 1,2 0))"),
    )
    alignment = rows(
        "subject_kind subject_id executive_id valid_from", ("zone", "Z1", "Ann", day(1))
    )
    targets = rows(
        TARGET,
        ("executive", "Ann", MONDAY, SUNDAY, 100.0, ""),
        ("account", "A1", MONDAY, SUNDAY, 130.0, ""),
        ("zone", "Z1", MONDAY, SUNDAY, 100.2, ""),
        ("zone", "Z2", MONDAY, SUNDAY, 40.0, ""),
        ("account", "B1", MONDAY, SUNDAY, 60.0, ""),
    )
    told = report(market(zones=zone, alignment=alignment, targets=targets))
    assert figures(told, "target") == (100.0, 60.0, 160.0)
    assert figures(told, "target_of") == ("executive", "account", "sum")
    conflicts = {one["executive_id"]: one for one in listed(told, "target_conflicts")}
    assert set(conflicts) == {"", "Ann"}
    assert conflicts["Ann"]["used"] == "executive"
    assert conflicts["Ann"]["difference"] == 30
    assert conflicts[""]["target"] is None  # a zone nobody owns whole, beside other targets
    said = " ".join(told.notes)
    assert (
        "Targets of Ann A. conflict: own 100; accounts together 130; zones together 100. "
        "The own target of 100 is used." in said
    )
    assert "1 by the account's, 1 by the executive's" in said
    assert "None of them is used" in said


def test_zone_targets_count_where_there_are_no_others() -> None:
    zone = rows("zone_id name geometry", ("Z1", "West", "POLYGON((0 0,0 1,1 1,0 0))"))
    alignment = rows(
        "subject_kind subject_id executive_id valid_from valid_to",
        ("zone", "Z1", "Bo", day(1), day(8)),
        ("zone", "Z1", "Ann", day(9), None),
    )
    targets = rows(TARGET, ("zone", "Z1", MONDAY, SUNDAY, 40.0, ""))
    told = report(market(zones=zone, alignment=alignment, targets=targets))
    assert figures(told, "target") == (40.0, None, 40.0)
    assert len(told.sections["target_conflicts"]) == 0


# --- the forecast ------------------------------------------------------------------------------


def weekly_orders(amounts: Mapping[date, float], account: str = "A1") -> dict[str, list[object]]:
    """One order a week, ordered and delivered on its Wednesday."""
    return rows(
        "order_id account_id ordered_on promised_on delivered_on ordered_amount delivered_amount",
        *(
            (f"{account}{place}", account, day_, day_, day_, amount, amount)
            for place, (monday, amount) in enumerate(amounts.items())
            for day_ in [monday + timedelta(days=2)]
        ),
    )


def weeks_before(count: int, amount: float) -> dict[date, float]:
    return {MONDAY - timedelta(weeks=back): amount for back in range(count)}


def test_steady_sales_are_forecast_as_they_were() -> None:
    told = report(market(orders=weekly_orders(weeks_before(12, 500.0))))
    ann = row(told, "Ann")
    # 500 a week are 100 a working day. November: 500 in its first full week and 500 in this one
    # (Wednesdays the 4th and 11th); 11 working days from the 16th to the 30th are left.
    assert ann["month_actual"] == 1000
    assert ann["forecast"] == pytest.approx(1000 + 11 * 100)
    assert ann["forecast_low"] == ann["forecast_high"] == pytest.approx(2100)  # never any error
    assert row(told, "Bo")["forecast"] == 0
    assert row(told, "all")["forecast"] == pytest.approx(2100)


def test_a_holiday_is_no_working_day() -> None:
    holidays = [day(17), day(22)]  # a Tuesday; a Sunday changes nothing
    told = report(market(orders=weekly_orders(weeks_before(12, 500.0))), holidays=holidays)
    assert row(told, "Ann")["forecast"] == pytest.approx(1000 + 10 * 100)


def test_newer_weeks_weigh_more_and_errors_make_the_interval() -> None:
    amounts = {**weeks_before(12, 400.0), MONDAY: 800.0}
    told = report(market(orders=weekly_orders(amounts)))
    ann = row(told, "Ann")
    weights = [0.5 ** (back / 4) for back in range(12)]
    level = (800 + 400 * sum(weights[1:])) / (5 * sum(weights))
    assert ann["forecast"] == pytest.approx(800 + 400 + 11 * level)
    assert float(str(ann["forecast_low"])) < float(str(ann["forecast"]))
    assert float(str(ann["forecast_high"])) > float(str(ann["forecast"]))


def test_jurisdictions_forecasts_sum_to_the_markets() -> None:
    ann, bo = weekly_orders(weeks_before(9, 300.0)), weekly_orders(weeks_before(5, 700.0), "B1")
    both = {name: [*ann[name], *bo[name]] for name in ann}
    told = report(market(orders=both))
    parts = [float(str(value)) for value in figures(told, "forecast")]
    assert parts[0] + parts[1] == pytest.approx(parts[2])


def test_a_young_market_has_no_forecast_and_says_so() -> None:
    told = report(market(orders=weekly_orders(weeks_before(3, 500.0))))
    assert figures(told, "forecast") == (None, None, None)
    assert any("No forecast: fewer than four complete weeks" in note for note in told.notes)


def test_half_of_last_years_season_is_believed() -> None:
    # two years of 500 a week, and twice that in the last three weeks of November a year ago
    amounts = {MONDAY - timedelta(weeks=back): 500.0 for back in range(104)}
    for monday in amounts:
        if date(2025, 11, 9) <= monday <= date(2025, 12, 7):
            amounts[monday] = 1000.0
    told = report(market(orders=weekly_orders(amounts)))
    # the level's 26 weeks a year earlier are ordinary but for the last one, 1000 in place of 500
    usual = (25 * 500 + 1000) / (26 * 5)
    # a year back and a week more on both sides: 10 November to 8 December 2025
    then = 4 * 1000 / 21
    factor = 1 + 0.5 * (then / usual - 1)
    assert row(told, "Ann")["forecast"] == pytest.approx(1000 + 11 * 100 * factor)


def test_the_sales_trend_shows_how_good_past_forecasts_were() -> None:
    told = report(market(orders=weekly_orders(weeks_before(20, 500.0))))
    trend = listed(told, "sales_trend")
    assert [one["week"] for one in (trend[0], trend[12], trend[-1])] == [
        "2026-08-17",
        "2026-11-09",
        "2026-12-07",
    ]
    assert [one["actual"] for one in trend] == [500.0] * 13 + [None] * 4
    assert trend[-1]["forecast"] == pytest.approx(500)
    assert trend[12]["is_within"] is True
    assert any("past weeks fell into it" in note for note in told.notes)


def test_orders_without_a_promise_and_not_due_are_no_failure() -> None:
    orders = rows(
        "order_id account_id ordered_on promised_on delivered_on ordered_amount delivered_amount",
        ("open", "A1", day(12), day(20), None, 100.0, None),
        ("unpromised", "A1", day(13), None, None, 100.0, None),
        ("assumed", "A1", day(5), None, day(12), 40.0, 40.0),
    )
    told = report(market(orders=orders))
    assert row(told, "all")["orders"] == 1
    assert row(told, "all")["satisfaction_percent"] == 100
    said = " ".join(told.notes)
    assert "2 open orders are not due yet" in said
    assert "1 orders of the week were promised for no day" in said
