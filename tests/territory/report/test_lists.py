"""Frequency, written answers, profit bands, policies, quotas, promoters and competitors by hand."""

from datetime import date, timedelta

import pytest

from tests.territory.report.told import figures, listed, report, row
from tests.territory.weeks import MONDAY, ORDERS, day, market, rows

ACCOUNTS = rows(
    "account_id name lon lat tier visits_per_4_weeks annual_potential last_visit",
    ("A1", "Apple", 0.0, 0.1, "A", None, 5200.0, None),
    ("A2", "Avocado", 0.1, 0.1, "C", None, 1300.0, None),
    ("B1", "Banana", 1.0, 0.1, "B", 0.5, 650.0, None),
)


def test_frequency_is_kept_by_tier_and_by_its_own_window() -> None:
    visits = rows(
        "visit_id account_id executive_id date status",
        ("1", "A1", "Ann", day(15), "done"),
        ("2", "A1", "Ann", day(15), "done"),  # twice a day is once seen
        ("3", "A1", "Ann", date(2026, 10, 19), "done"),  # the first of the 28 days
        ("4", "A1", "Ann", date(2026, 10, 18), "done"),  # the day before them
        ("5", "A2", "Ann", day(2), "done"),
        ("6", "A2", "Ann", day(3), "missed"),
        ("7", "B1", "Bo", date(2026, 9, 21), "done"),  # one in 56 days is enough for a half
    )
    told = report(market(accounts=ACCOUNTS, visits=visits))
    tiers = {(one["executive_id"], one["tier"]): one for one in listed(told, "frequency")}
    assert (tiers["all", "A"]["kept"], tiers["all", "A"]["visits_done"]) == (0, 2)
    assert tiers["all", "B"]["frequency_percent"] == 100
    assert tiers["all", "all"]["frequency_percent"] == pytest.approx(200 / 3)
    assert figures(told, "frequency_percent") == (50.0, 100.0, pytest.approx(200 / 3))
    (behind,) = listed(told, "below_frequency")
    assert (behind["account_id"], behind["required"], behind["done"]) == ("A1", 4, 2)
    assert behind["last_visit"] == "2026-11-15"
    assert behind["stake"] == 2 * 5200 / 52  # two visits of 52 a year


def test_issues_are_owed_a_written_answer_even_when_closed() -> None:
    tasks = rows(
        "task_id account_id kind title created deadline status done answer",
        ("late", "A1", "issue", "Leak", day(1), day(12), "open", None, ""),
        ("answered", "A1", "issue", "Dent", day(1), day(12), "open", None, "We come on Friday."),
        ("closed", "B1", "issue", "Noise", day(1), day(14), "done", day(13), "  "),
        ("soon", "A2", "issue", "Smell", day(1), day(22), "", None, ""),
        ("later", "A2", "issue", "", day(1), day(23), "", None, ""),
        ("no issue", "A2", "survey", "", day(1), day(12), "", None, ""),
    )
    told = report(market(tasks=tasks))
    owed = {one["task_id"]: one["days_late"] for one in listed(told, "answers_due")}
    assert owed == {"late": 4, "closed": 2, "soon": -6}
    assert figures(told, "answers_due") == (2, 1, 3)
    overdue = {one["task_id"]: one["answer"] for one in listed(told, "overdue_tasks")}
    assert overdue == {"late": "due", "answered": "given", "no issue": ""}
    assert "2 issues are owed a written answer that is late." in told.headlines


def test_profit_outside_its_band_is_listed_on_both_sides() -> None:
    orders = rows(
        "order_id account_id ordered_on promised_on delivered_on ordered_amount delivered_amount",
        ("O", "A1", day(10), day(12), day(12), 100.0, 100.0),
    )
    lines = rows(
        "order_id line product_id ordered_units unit_price cancelled_by",
        ("O", 1, "P", 10.0, 10.0, ""),  # cost 9: profit 10 %, below 15
        ("O", 2, "Q", 1.0, 18.0, ""),  # cost 9: 50 %, above 40
        ("O", 3, "R", 1.0, 12.0, ""),  # cost 9: 25 %, within
        ("O", 4, "P", 99.0, 10.0, "account"),  # called off: nothing was sold
    )
    products = rows(
        "product_id name unit_cost", ("P", "Pear", 9.0), ("Q", "Quince", 9.0), ("R", "Roe", 9.0)
    )
    rules = rows(
        "product_id first_date floor_price profit_band_low_percent profit_band_high_percent",
        *((name, date(2026, 1, 1), 1.0, 15.0, 40.0) for name in "PQR"),
    )
    told = report(market(orders=orders, order_lines=lines, products=products, price_rules=rules))
    outside = listed(told, "profits_outside_band")
    assert [(one["product"], one["side"], one["profit_percent"]) for one in outside] == [
        ("Pear", "below", pytest.approx(10)),
        ("Quince", "above", pytest.approx(50)),
    ]
    assert [one["stake"] for one in outside] == [pytest.approx(5), 0]  # 5 % of 100
    assert figures(told, "profits_outside_band") == (2, 0, 2)


def test_acceptance_and_engineering_policies_keep_their_limit_and_are_proven() -> None:
    policies = rows(
        "policy_id account_id kind limit_amount signed_on due_on used_amount proven_on",
        ("fine", "A1", "acceptance", 100.0, day(1), date(2027, 1, 1), 100.0, None),
        ("over", "A1", "acceptance", 100.0, day(1), date(2027, 1, 1), 130.0, None),
        ("unproven", "B1", "engineering", 100.0, day(1), day(12), 50.0, None),
        ("proven", "B1", "engineering", 100.0, day(1), day(1), 50.0, day(2)),
        ("proven later", "B1", "engineering", 100.0, day(1), None, 50.0, day(17)),
        ("rebate", "A2", "rebate", 100.0, day(1), date(2027, 1, 1), 500.0, None),
        ("signed late", "A2", "rebate", 100.0, day(11), day(10), None, None),
        ("unused", "A2", "engineering", 100.0, day(1), day(12), 0.0, None),
    )
    told = report(market(policies=policies))
    found = {
        one["policy_id"]: (one["problem"], one["over"]) for one in listed(told, "policies_due")
    }
    assert found == {
        "over": ("over limit", 30),
        "unproven": ("unproven", 0),
        "proven later": ("unproven", 0),  # at the week's end it was not
        "signed late": ("late", 0),
        "unused": ("", 0),  # fell due in the week, and nothing of it is used
    }
    assert figures(told, "policies_not_in_order") == (2, 2, 4)
    said = "4 policies are not in order: 1 late, 1 over limit, 2 unproven."
    assert said in told.headlines


def test_a_quota_is_measured_by_the_time_gone() -> None:
    agreements = rows(
        "agreement_id account_id first_date last_date annual_quota signed_on",
        # a year, 319 days gone on Sunday the 15th
        ("year", "A1", date(2026, 1, 1), date(2026, 12, 31), 3650.0, date(2025, 12, 20)),
        # 73 days, a fifth of a year: 200; 15 days gone
        ("short", "B1", day(1), date(2027, 1, 12), 1000.0, day(1)),
        ("future", "A2", date(2026, 12, 1), date(2027, 11, 30), 1000.0, day(1)),
        ("no quota", "A2", date(2026, 1, 1), date(2026, 12, 31), None, day(1)),
    )
    told = report(market(orders=ORDERS, agreements=agreements))
    quotas = {one["agreement_id"]: one for one in listed(told, "quota_progress")}
    assert set(quotas) == {"year", "short"}
    year = quotas["year"]
    assert (year["quota"], year["delivered"], year["expected"]) == (3650, 300, 3190)
    assert (year["behind"], year["progress_percent"]) == (2890, pytest.approx(300 / 36.5))
    assert year["pace"] == pytest.approx(300 * 365 / 319)
    short = quotas["short"]
    # delivered up to the 15th: 40 early, and O5 came empty
    assert (short["quota"], short["delivered"], short["pace"]) == (200, 40, None)
    assert short["expected"] == pytest.approx(200 * 15 / 73)
    assert "2 of 2 quotas lie behind the time gone, by 2,891 EUR in all." in told.headlines


PROMOTERS = rows(
    "promoter_id name outlet_id account_id shifts",
    ("P1", "Pia", "", "A1", "Mo,We 10:00-14:00"),
    ("P2", "Per", "", "B1", "Sa 10:00-16:00"),
    ("P3", "Pim", "", "B1", "when she likes"),
)


def test_promoters_presence_is_of_their_shifts_and_no_surplus_makes_up() -> None:
    days = rows(
        "promoter_id date hours units sales",
        ("P1", day(9), 6.0, 10.0, 100.0),  # two hours more than the shift
        ("P1", day(11), 1.0, 2.0, 20.0),
        ("P1", day(2), 4.0, 9.0, 90.0),  # the week before
        ("P3", day(10), 2.0, 1.0, None),
    )
    told = report(market(promoters=PROMOTERS, promoter_days=days))
    found = {one["promoter_id"]: one for one in listed(told, "promoters")}
    one = found["P1"]
    assert (one["planned_hours"], one["present_hours"], one["presence_percent"]) == (8, 7, 62.5)
    assert (one["shifts_missed"], one["units"], one["sales"]) == (0, 12, 120)
    assert one["sales_per_hour"] == pytest.approx(120 / 7)
    assert (found["P2"]["present_hours"], found["P2"]["shifts_missed"]) == (0, 1)
    assert found["P3"]["presence_percent"] is None  # words that are no shifts plan nothing
    assert figures(told, "promoter_planned_hours") == (8.0, 6.0, 14.0)
    assert figures(told, "promoter_sales") == (120.0, 0.0, 120.0)


def test_where_nobody_wrote_promoters_days_down_presence_is_unknown() -> None:
    told = report(market(promoters=PROMOTERS))
    assert {one["present_hours"] for one in listed(told, "promoters")} == {None}
    assert row(told, "all")["promoter_present_hours"] is None
    assert any("presence and result are unknown" in note for note in told.notes)


def test_competitors_are_compared_with_our_guide_and_their_own_share_before() -> None:
    seen = rows(
        "observation_id account_id date owner product_id competitor kind price share_percent",
        ("1", "A1", day(10), "competitor", "P", "Rival", "price", 9.0, None),
        ("2", "B1", day(10), "competitor", "P", "Rival", "price", 12.0, None),
        ("3", "A1", day(11), "competitor", "P", "Rival", "share", None, 30.0),
        ("4", "B1", day(11), "competitor", "", "Rival", "launch", None, None),
        ("5", "A1", MONDAY - timedelta(days=20), "competitor", "", "Rival", "share", None, 10.0),
        ("6", "A1", MONDAY - timedelta(days=90), "competitor", "", "Rival", "share", None, 90.0),
    )
    rules = rows(
        "product_id first_date floor_price guide_price", ("P", date(2026, 1, 1), 8.0, 10.0)
    )
    told = report(market(observations=seen, price_rules=rules))
    found = {one["executive_id"]: one for one in listed(told, "competitors")}
    whole = found["all"]
    assert (whole["observations"], whole["launches"], whole["prices"]) == (4, 1, 2)
    assert whole["price_vs_guide_percent"] == pytest.approx(5)  # the mean of -10 and 20
    assert (whole["share_percent"], whole["share_before_percent"]) == (30, 10)
    assert found["Ann"]["price_vs_guide_percent"] == pytest.approx(-10)
    assert found["Bo"]["share_percent"] is None


def test_satisfaction_is_told_per_unit_and_account() -> None:
    told = report(market(orders=ORDERS), units={"A1": "u1", "A2": "u1"})
    (unit,) = listed(told, "satisfaction_by_unit")  # B1 lies in no unit
    assert (unit["unit_id"], unit["orders"], unit["satisfaction_percent"]) == ("u1", 3, 25)
    accounts = {one["account_id"]: one for one in listed(told, "satisfaction_by_account")}
    assert accounts["B1"]["orders"] == 2  # O5 was due the week before
    assert accounts["B1"]["week_orders"] == 1
    assert accounts["A1"]["is_few"] is True
