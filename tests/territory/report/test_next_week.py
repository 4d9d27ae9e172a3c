"""Three things to do next week: worth, rank, days, and what they do not ask for."""

from datetime import date

from tests.territory.report.told import listed, report
from tests.territory.weeks import ORDERS, day, market, rows

# The market's today is Wednesday the 18th: what can still be planned is the week of the 23rd.
ACCOUNTS = rows(
    "account_id name lon lat tier visits_per_4_weeks allowed_weekdays opening_hours",
    ("A1", "Apple", 0.1, 0.1, "A", 0.0, "", ""),
    ("A2", "Avocado", 0.2, 0.1, "C", 0.0, "Tu,Th", ""),
    ("B1", "Banana", 1.0, 0.1, "B", 0.0, "", "Fr 10:00-12:00"),
)


def test_unmet_orders_are_put_right_where_most_is_at_stake_first() -> None:
    told = report(market(accounts=ACCOUNTS, orders=ORDERS))
    actions = listed(told, "next_week")
    assert [(one["scope"], one["rank"], one["executive_id"], one["stake"]) for one in actions] == [
        ("all", 1, "Bo", 100),
        ("all", 2, "Ann", 60),  # A2 misses 40, A1's 200 came late: a tenth of it
        ("Ann", 1, "Ann", 60),
        ("Bo", 1, "Bo", 100),
    ]
    assert {one["action_id"] for one in actions} == {
        "2026-W48/unmet_orders/Ann",
        "2026-W48/unmet_orders/Bo",
    }
    assert actions[0]["why"] == (
        "Banana: 100 EUR of its orders is missing; 100 EUR at stake in four weeks"
    )
    visits = {one["account_id"]: one for one in listed(told, "next_week_visits")}
    assert visits["A2"]["date"] == "2026-11-24"  # Tuesdays and Thursdays only
    assert visits["A2"]["deadline"] == "2026-11-26"
    assert visits["A1"]["date"] == "2026-11-23"
    assert (visits["B1"]["date"], visits["B1"]["deadline"]) == ("2026-11-27", "2026-11-27")
    assert visits["B1"]["task_id"] == "2026-W48/unmet_orders/B1"
    assert (visits["B1"]["kind"], visits["B1"]["minutes"]) == ("issue", 20)


def test_nobody_is_sent_on_a_day_off_or_to_a_closed_door() -> None:
    absences = rows(
        "executive_id first_date last_date",
        ("Ann", day(23), day(25)),
        ("Bo", day(27), day(27)),
    )
    told = report(market(accounts=ACCOUNTS, orders=ORDERS, absences=absences), holidays=[day(26)])
    visits = {one["account_id"]: one["date"] for one in listed(told, "next_week_visits")}
    # Ann is left with Friday, when A2 is not to be seen; Bo is away when Banana is open
    assert visits == {"A1": "2026-11-27"}
    assert [one["executive_id"] for one in listed(told, "next_week")] == ["Ann", "Ann"]


def test_two_errands_at_one_account_are_made_on_one_day() -> None:
    tasks = rows(
        "task_id account_id kind title created deadline status",
        ("T", "A1", "issue", "Leak", day(1), day(10), "open"),
    )
    told = report(market(accounts=ACCOUNTS, orders=ORDERS, tasks=tasks))
    days = [one["date"] for one in listed(told, "next_week_visits") if one["account_id"] == "A1"]
    assert days == ["2026-11-23", "2026-11-23"]
    themes = [one["theme"] for one in listed(told, "next_week") if one["scope"] == "Ann"]
    assert themes == ["issues", "unmet_orders"]  # a fifth of 300 is as much as 60: by name


def test_no_more_than_three_things_and_five_visits_each() -> None:
    names = [f"A{number}" for number in range(1, 10)]
    accounts = rows(
        "account_id name lon lat tier visits_per_4_weeks",
        *((name, name, 0.1, 0.1, "A", 0.0) for name in names),
    )
    orders = rows(
        "order_id account_id ordered_on promised_on delivered_on ordered_amount delivered_amount",
        *((name, name, day(5), day(10), day(10), 1000.0, 100.0 * place)
          for place, name in enumerate(names)),
    )  # fmt: skip
    agreements = rows(
        "agreement_id account_id first_date last_date annual_quota",
        *((name, name, date(2026, 1, 1), date(2027, 6, 30), 5000.0) for name in names),
    )
    policies = rows(
        "policy_id account_id kind limit_amount", *((n, n, "rebate", 9000.0) for n in names)
    )
    tasks = rows(
        "task_id account_id kind deadline", *((name, name, "issue", day(10)) for name in names)
    )
    told = report(
        market(
            accounts=accounts, orders=orders, agreements=agreements, policies=policies, tasks=tasks
        ),
        owners=dict.fromkeys(names, "Ann"),
    )
    actions = [one for one in listed(told, "next_week") if one["scope"] == "Ann"]
    assert [one["rank"] for one in actions] == [1, 2, 3]
    assert [one["visits"] for one in actions] == [5, 5, 5]
    visits = listed(told, "next_week_visits")
    assert len(visits) == 15
    assert len({one["task_id"] for one in visits}) == 15
    spread = [one["date"] for one in visits if str(one["action_id"]) == actions[0]["action_id"]]
    assert len(set(spread)) == 5  # a visit a day, not five on Monday


def test_what_is_nobodys_asks_nobody() -> None:
    told = report(market(accounts=ACCOUNTS, orders=ORDERS), owners={"A1": "Ann"})
    assert {one["account_id"] for one in listed(told, "next_week_visits")} == {"A1"}


def test_very_long_ids_still_make_ids_of_tasks_that_fit() -> None:
    long = "x" * 190
    accounts = rows("account_id name lon lat", (long, "Long", 0.1, 0.1))
    orders = rows(
        "order_id account_id ordered_on promised_on ordered_amount",
        ("O", long, day(5), day(10), 100.0),
    )
    told = report(market(accounts=accounts, orders=orders), owners={long: "Ann"})
    (visit,) = [one for one in listed(told, "next_week_visits") if "unmet" in str(one["action_id"])]
    assert len(str(visit["task_id"])) <= 200
