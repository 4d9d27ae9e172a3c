"""The weekly report, worked out by hand on a market of two executives and three accounts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from territory.checks import check_report
from territory.plans import Table
from territory.report.money import days_share
from territory.routes import Route, Stop, VisitPlan
from territory.weekly import WeeklyReport
from tests.territory.report.told import figures, report, row
from tests.territory.weeks import LINES, MONDAY, ORDERS, SUNDAY, day, market, rows


def test_a_market_with_nothing_in_it_still_gives_a_report() -> None:
    told = report(market())
    assert (told.first_date, told.last_date) == (MONDAY, SUNDAY)
    assert figures(told, "executive_id") == ("Ann", "Bo", "all")
    assert figures(told, "accounts") == (2, 1, 3)
    assert figures(told, "satisfaction_percent") == (None, None, None)
    assert figures(told, "gap") == (None, None, None)
    assert told.headlines[0] == "No order was due this week."
    assert check_report(told) == ()


def test_orders_due_in_the_week_make_order_satisfaction() -> None:
    told = report(market(orders=ORDERS, order_lines=LINES))
    assert figures(told, "orders") == (3, 1, 4)
    assert figures(told, "ordered") == (400.0, 100.0, 500.0)
    assert figures(told, "delivered") == (360.0, 0.0, 360.0)
    assert figures(told, "delivered_percent") == (90.0, 0.0, 72.0)
    # in full and on time is O1 alone: O2 came late, O3 in part, O4 after the week
    assert figures(told, "satisfied") == (100.0, 0.0, 100.0)
    assert figures(told, "satisfaction_percent") == (25.0, 0.0, 20.0)
    assert figures(told, "satisfaction_orders_percent") == (pytest.approx(100 / 3), 0.0, 25.0)
    assert row(told, "all")["satisfaction_lines_percent"] == 50  # O1, one of O3's two, not O4
    short = told.sections["dissatisfied_accounts"]
    assert short.texts("account_id") == ("B1", "A2", "A1")
    assert short.numbers("missing") == (100.0, 40.0, 0.0)
    assert short.numbers("late") == (0.0, 0.0, 200.0)
    assert told.headlines[0] == (
        "Order satisfaction is 20.0 % (5 to 54 %): of 500 EUR due in 4 orders, 400 EUR did not "
        "come in full and on time, 140 EUR is missing; lowest is Bo B. with 0.0 %."
    )
    assert check_report(told) == ()


def test_actual_is_what_came_in_the_week_and_targets_are_prorated_by_days() -> None:
    targets = rows(
        "subject_kind subject_id first_date last_date amount",
        ("executive", "Ann", day(1), day(30), 3000.0),  # 7 of 30 days
        ("executive", "Ann", day(13), day(14), 50.0),  # whole in the week
        ("account", "A1", day(1), day(30), 9999.0),  # Ann has a target of her own
        ("account", "B1", day(12), day(19), 80.0),  # 4 of 8 days
        ("executive", "Bo", day(16), day(22), 777.0),  # the week after
    )
    told = report(market(orders=ORDERS, targets=targets))
    assert figures(told, "actual") == (360.0, 40.0, 400.0)  # O1 to O3; O6
    assert figures(told, "target") == (750.0, 40.0, 790.0)
    assert figures(told, "gap") == (390.0, 0.0, 390.0)
    said = next(text for text in told.headlines if text.startswith("Sales"))
    assert "Sales of 400 EUR are 390 EUR (49.4 %) below the week's target" in said
    assert "1 of 2 jurisdictions are behind, Ann A. by 390 EUR" in said


def test_the_markets_own_target_counts_for_all_and_a_difference_is_said() -> None:
    targets = rows(
        "subject_kind subject_id first_date last_date amount",
        ("executive", "Ann", MONDAY, SUNDAY, 100.0),
        ("market", "fruit", MONDAY, SUNDAY, 150.0),
    )
    told = report(market(targets=targets))
    assert figures(told, "target") == (100.0, None, 150.0)
    assert any("own target is 150; the executives' targets sum to 100" in n for n in told.notes)
    assert check_report(told) == ()


@pytest.mark.parametrize(
    ("first", "last", "share"),
    [
        (day(1), day(30), 7 / 30),
        (day(9), day(15), 1.0),
        (day(15), day(16), 0.5),
        (day(16), day(20), 0.0),
        (day(1), day(8), 0.0),
        (day(12), day(11), 0.0),
    ],
)
def test_a_period_shares_its_days_with_a_week(first: date, last: date, share: float) -> None:
    assert days_share(first, last, MONDAY, SUNDAY) == pytest.approx(share)


VISITS = rows(
    "visit_id account_id executive_id date status note",
    ("V1", "A1", "Ann", day(9), "done", ""),
    ("V2", "A2", "Ann", day(10), "missed", "Nobody was there."),
    ("V3", "A2", "", day(13), "planned", ""),
    ("V4", "B1", "Bo", day(20), "done", ""),  # another week
)


def test_visits_of_the_table_are_planned_and_done() -> None:
    told = report(market(visits=VISITS))
    assert figures(told, "visits_planned") == (3, 0, 3)
    assert figures(told, "visits_done") == (1, 0, 1)
    assert row(told, "Ann")["compliance_percent"] == pytest.approx(100 / 3)
    missed = told.sections["missed_visits"]
    assert missed.texts("date") == ("2026-11-10", "2026-11-13")
    assert missed.texts("executive_id") == ("Ann", "Ann")  # by jurisdiction where none is named
    assert missed.texts("why") == ("Nobody was there.", "")
    # seen within 28 days: A1 in the week, B1 on the 2nd by its card; A2 never
    assert figures(told, "coverage_percent") == (50.0, 100.0, pytest.approx(200 / 3))
    assert "1 of 3 planned visits were made (33.3 %)." in told.headlines


def test_with_a_visit_plan_its_stops_are_what_was_planned() -> None:
    told = report(market(visits=VISITS), plan=plan_of(("A1", 10), ("A1", 12), ("B1", 11)))
    # A1 was planned twice and seen once, on another day of the week
    assert figures(told, "visits_planned") == (3, 0, 3)
    assert figures(told, "visits_done") == (1, 0, 1)
    assert told.sections["missed_visits"].texts("account_id") == ("B1", "A1")


def plan_of(*stops: tuple[str, int]) -> VisitPlan:
    """A plan of Ann's with one stop a day, and one in the week after."""
    routes = tuple(
        Route(
            executive_id="Ann",
            date=day(number),
            start_lonlat=(0.0, 0.0),
            end_lonlat=(0.0, 0.0),
            leave_seconds=0,
            return_seconds=0,
            stops=(
                Stop(
                    visit_id=f"{account}#{number}",
                    account_id=account,
                    kind="visit",
                    lon=0.0,
                    lat=0.0,
                    travel_seconds=0,
                    travel_meters=0,
                    arrive_seconds=0,
                    start_seconds=0,
                    end_seconds=600,
                ),
            ),
            breaks=(),
            home_travel_seconds=0,
            home_travel_meters=0,
            travel_seconds=0,
            travel_meters=0,
            visit_seconds=600,
        )
        for account, number in (*stops, ("A2", 17))
    )
    return VisitPlan(
        first_date=MONDAY,
        last_date=SUNDAY + timedelta(days=7),
        mode="car",
        travel_source="estimated",
        routes=routes,
        unserved=(),
        travel_seconds=0,
        travel_meters=0,
        visit_seconds=600 * len(routes),
        served=len(routes),
        value_kept=0.0,
        value_lost=0.0,
    )


def test_a_task_is_overdue_when_its_deadline_was_over_and_it_was_not_done() -> None:
    tasks = rows(
        "task_id account_id kind title created deadline status done",
        ("late", "A1", "issue", "Leak", day(1), day(10), "open", None),
        ("sunday", "B1", "survey", "", day(1), day(15), "", None),
        ("done", "A1", "issue", "", day(1), day(10), "done", day(14)),
        ("done after", "A2", "issue", "", day(1), day(14), "done", day(16)),
        ("not yet", "A1", "issue", "", day(1), day(16), "open", None),
        ("raised after", "A1", "issue", "", day(16), day(12), "open", None),
    )
    told = report(market(tasks=tasks))
    overdue = told.sections["overdue_tasks"]
    assert overdue.texts("task_id") == ("late", "done after", "sunday")
    assert overdue.numbers("days_overdue") == (6, 2, 1)  # on Monday the 16th
    assert figures(told, "tasks_overdue") == (2, 1, 3)
    assert "3 tasks overdue, the oldest by 6 days: Leak at Apple." in told.headlines


PRICE_RULES = rows(
    "product_id first_date last_date floor_price",
    ("P", date(2026, 1, 1), None, 10.0),
    ("P", day(12), day(13), 12.0),  # a later rule counts while it holds
)


def test_own_prices_below_the_floor_of_their_day_are_listed() -> None:
    seen = rows(
        "observation_id account_id date owner product_id competitor kind price",
        ("1", "A1", day(11), "own", "P", "", "price", 10.0),  # at the floor
        ("2", "A1", day(12), "own", "P", "", "price", 11.0),  # below 12
        ("3", "B1", day(14), "own", "P", "", "price", 9.0),  # below 10
        ("4", "B1", day(17), "own", "P", "", "price", 1.0),  # another week
        ("5", "A2", day(11), "own", "Q", "", "price", 1.0),  # no rule
        ("6", "A2", day(11), "competitor", "P", "Rival", "price", 1.0),
        ("7", "B1", day(10), "competitor", "P", "Rival", "launch", 2.0),
        ("8", "B1", day(20), "competitor", "P", "Rival", "launch", 2.0),
    )
    told = report(market(observations=seen, price_rules=PRICE_RULES))
    low = told.sections["prices_below_floor"]
    assert low.texts("account_id") == ("B1", "A1")
    assert low.numbers("below_percent") == pytest.approx((10, 100 / 12))
    assert figures(told, "prices_below_floor") == (1, 1, 2)
    assert figures(told, "competitor_observations") == (1, 1, 2)
    assert (
        "2 observations of competitors (1 launch, 1 price), most of them of Rival (2)."
        in told.headlines
    )


def test_a_price_sold_below_the_floor_counts_too() -> None:
    lines = rows(
        "order_id line product_id ordered_units unit_price",
        ("O3", 1, "P", 1.0, 9.5),  # ordered on the 9th
        ("O1", 1, "P", 1.0, 9.5),  # ordered the week before
    )
    told = report(market(orders=ORDERS, order_lines=lines, price_rules=PRICE_RULES))
    low = told.sections["prices_below_floor"]
    assert low.texts("seen_as") == ("order O3",)
    assert low.texts("executive_id") == ("Ann",)


def test_agreements_are_due_when_unsigned_or_ending_without_a_successor() -> None:
    agreements = rows(
        "agreement_id account_id first_date last_date signed_on",
        ("unsigned", "A1", date(2026, 1, 1), date(2027, 12, 31), None),
        ("signed late", "B1", date(2026, 1, 1), date(2027, 12, 31), day(16)),
        ("ends", "A2", date(2025, 12, 1), day(30), date(2025, 11, 20)),
        ("renewed", "B1", date(2025, 12, 1), day(30), date(2025, 11, 20)),
        ("successor", "B1", date(2026, 12, 1), date(2027, 11, 30), day(10)),
        ("far", "A2", date(2026, 1, 1), date(2026, 12, 16), date(2025, 12, 1)),
    )
    told = report(market(agreements=agreements))
    due = told.sections["agreements_due"]
    assert dict(zip(due.texts("agreement_id"), due.texts("why"), strict=True)) == {
        "unsigned": "unsigned",
        "signed late": "unsigned",
    }
    # "ends" has "far" as its signed successor
    alone = {name: values[:4] for name, values in agreements.items()}
    due = report(market(agreements=alone)).sections["agreements_due"]
    assert dict(zip(due.texts("agreement_id"), due.texts("why"), strict=True)) == {
        "ends": "ends",
        "renewed": "ends",
        "unsigned": "unsigned",
        "signed late": "unsigned",
    }


def test_policies_are_listed_when_due_soon_or_not_in_order() -> None:
    policies = rows(
        "policy_id account_id kind signed_on due_on",
        ("soon", "A1", "rebate", day(1), date(2026, 12, 15)),
        ("later", "A1", "rebate", None, date(2026, 12, 16)),
        ("past unsigned", "B1", "engineering", None, day(1)),
        ("past signed", "B1", "rebate", day(1), day(8)),
        ("no day", "A2", "rebate", None, None),
    )
    due = report(market(policies=policies)).sections["policies_due"]
    # not in order first, by their day; what only falls due comes last
    assert due.texts("policy_id") == ("past unsigned", "later", "no day", "soon")
    assert due.columns["is_signed"] == (False, False, False, True)
    assert due.texts("problem") == ("unsigned, late", "unsigned", "unsigned", "")


def test_a_promoter_at_an_outlet_belongs_to_the_jurisdiction_it_lies_in() -> None:
    told = report(
        market(
            outlets=rows("outlet_id name lon lat owner", ("S1", "Shop", 0.9, 0.0, "own")),
            promoters=rows(
                "promoter_id name outlet_id account_id shifts",
                ("P1", "Pia", "S1", "", "Fr 15:00-19:00"),
                ("P2", "Per", "", "A2", ""),
            ),
        )
    )
    shown = told.sections["promoters"]
    assert shown.texts("site") == ("Shop", "Avocado")
    assert shown.texts("executive_id") == ("Bo", "Ann")
    assert figures(told, "promoters") == (1, 1, 2)


def test_what_belongs_to_nobody_has_a_row_so_that_sums_hold() -> None:
    told = report(market(orders=ORDERS), owners={"A1": "Ann"})
    assert figures(told, "executive_id") == ("Ann", "Bo", "", "all")
    assert row(told, "")["name"] == "(nobody)"
    assert figures(told, "ordered") == (300.0, 0.0, 200.0, 500.0)
    assert any("nobody" in note for note in told.notes)
    assert check_report(told) == ()


def test_a_week_that_is_not_over_is_judged_as_far_as_it_went() -> None:
    told = report(market(today=day(12), orders=ORDERS, visits=VISITS), of=day(12))
    # judged up to Wednesday the 11th: O1 and O2 were due, O3 (12th) and O4 (13th) not yet
    assert figures(told, "orders") == (2, 0, 2)
    assert told.sections["missed_visits"].texts("date") == ("2026-11-10",)
    assert any("not over: it is judged up to 2026-11-11" in note for note in told.notes)


def test_hostile_names_pass_through_as_they_are() -> None:
    nasty = "<script>{{ 7*191 }}${x}`=1+1"
    tasks = rows("task_id account_id kind title deadline", ("=T", "A1", "issue", nasty, day(9)))
    told = report(market(tasks=tasks))
    assert told.sections["overdue_tasks"].texts("title") == (nasty,)
    assert nasty in " ".join(told.headlines)


# --- the judge of reports ----------------------------------------------------------------------


def changed(told: WeeklyReport, column: str, place: int, value: object) -> WeeklyReport:
    cells = list(told.jurisdictions.columns[column])
    cells[place] = value  # type: ignore[call-overload]
    table = Table(columns={**told.jurisdictions.columns, column: tuple(cells)})
    return replace(told, jurisdictions=table)


@pytest.mark.parametrize(
    ("column", "place", "value", "code"),
    [
        ("accounts", 2, 4, "wrong_total"),
        ("delivered", 2, 361.0, "wrong_total"),
        ("satisfaction_percent", 0, 95.0, "wrong_ratio"),
        ("compliance_percent", 0, 30.0, "wrong_ratio"),
        ("coverage_percent", 0, 120.0, "out_of_range"),
        ("gap", 0, 1.0, "wrong_gap"),
        ("tasks_overdue", 0, 1, "wrong_total"),
        ("executive_id", 2, "everybody", "missing_executive"),
        ("executive_id", 1, "Ann", "wrong_facts"),
    ],
)
def test_the_judge_names_a_corrupted_report(
    column: str, place: int, value: object, code: str
) -> None:
    targets = rows(
        "subject_kind subject_id first_date last_date amount",
        ("executive", "Ann", MONDAY, SUNDAY, 100.0),
    )
    told = report(market(orders=ORDERS, order_lines=LINES, visits=VISITS, targets=targets))
    assert check_report(told) == ()
    assert code in {one.code for one in check_report(changed(told, column, place, value))}


def test_the_judge_wants_a_whole_week_from_monday() -> None:
    told = report(market())
    codes = [one.code for one in check_report(replace(told, first_date=day(10)))]
    assert codes == ["wrong_facts", "wrong_facts"]  # not a Monday, not seven days
