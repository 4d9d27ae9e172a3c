"""One week of a market as a report: figures per jurisdiction, lists, headlines, notes."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from territory.fulfilment import order_facts, rows_where, satisfaction
from territory.market import Market
from territory.plans import Table
from territory.report import lists
from territory.report.headlines import headlines
from territory.report.money import actual_sales, prorated_targets
from territory.report.week import NOBODY, Week, make_week, rows_as_table
from territory.routes import VisitPlan
from territory.weekly import WeeklyReport

SEEN_DAYS = 28
"""Coverage: the share of accounts seen within so many days up to the week's end."""

ALL = "all"
COLUMNS = (
    *("executive_id", "name", "accounts", "orders", "ordered", "delivered"),
    *("satisfaction_percent", "satisfaction_lines_percent", "target", "actual", "gap"),
    *("visits_planned", "visits_done", "compliance_percent", "coverage_percent"),
    *("tasks_overdue", "agreements_due", "prices_below_floor", "competitor_observations"),
    "promoters",
)
COUNTED = {
    "tasks_overdue": "overdue_tasks",
    "agreements_due": "agreements_due",
    "prices_below_floor": "prices_below_floor",
    "competitor_observations": "competitor_observations",
    "promoters": "promoters",
}
"""Columns that count the rows of a list."""


def weekly(
    market: Market,
    *,
    week_of: date,
    owner_of_account: Mapping[str, str],
    visit_plan: VisitPlan | None,
) -> WeeklyReport:
    """The report of the ISO week that holds ``week_of``.

    - Order satisfaction: orders promised for a day of the week (ordered, where none was promised);
      delivered by the week's end / ordered, by amount and by lines in full.
    - Target: every target prorated by the days it shares with the week. An executive's own targets
      count, else those of the accounts; the market's own, else the executives' sum.
    - Actual: what was delivered in the week. Gap = target - actual.
    - Compliance: planned visits done. Coverage: accounts seen in the 28 days to the week's end.
    - A week that is not over is judged as far as it went.

    Percentages are None where there is nothing to divide by. What belongs to no executive has a
    row of its own, named "(nobody)", only if there is such a thing.
    """
    week = make_week(market, week_of, owner_of_account)
    planned = lists.planned_visits(week, visit_plan)
    facts = _orders_due(week)
    sections = {
        "overdue_tasks": lists.overdue_tasks(week),
        "prices_below_floor": lists.prices_below_floor(week),
        "competitor_observations": lists.competitor_observations(week),
        "agreements_due": lists.agreements_due(week),
        "policies_due": lists.policies_due(week),
        "dissatisfied_accounts": lists.dissatisfied_accounts(
            week, satisfaction(facts, "account_id")
        ),
        "missed_visits": lists.missed_visits(week, planned),
        "promoters": lists.promoters(week),
    }
    table = _jurisdictions(week, facts, planned, sections)
    return WeeklyReport(
        first_date=week.first_date,
        last_date=week.last_date,
        jurisdictions=table,
        sections=sections,
        headlines=headlines(week, table, sections),
        notes=_notes(week, table),
    )


def _orders_due(week: Week) -> pd.DataFrame:
    """Orders that were due on a day of the week that is over, with their executive."""
    last = week.cutoff - timedelta(days=1)
    facts = order_facts(week.market, as_of=last)
    due = rows_where(facts, (week.first_date <= day <= last for day in facts["due"]))
    return due.assign(executive_id=week.owners(due["account_id"]), all=ALL)


def _jurisdictions(
    week: Week, facts: pd.DataFrame, planned: pd.DataFrame, sections: Mapping[str, Table]
) -> Table:
    names = dict(
        zip(
            week.market.table("executives")["executive_id"],
            week.market.table("executives")["name"],
            strict=True,
        )
    )
    bills = _bills(week, facts)
    targets, whole_target = prorated_targets(week)
    actual = actual_sales(week)
    accounts = Counter(week.owners(week.market.table("accounts")["account_id"]))
    made = Counter(planned.loc[planned["is_done"].astype(bool), "executive_id"])
    wanted = Counter(planned["executive_id"])
    counts = {
        column: Counter(sections[name].texts("executive_id")) for column, name in COUNTED.items()
    }
    seen = _seen_accounts(week)
    ids = [*names]
    strays = {*accounts, *bills.index, *actual, *targets, *wanted, *made} - {ALL, *ids}
    strays |= {one for tally in counts.values() for one in tally} - set(ids)
    rows = [
        _row(
            executive_id=one,
            name=names.get(one) or one or "(nobody)",
            accounts=accounts[one],
            bill=_bill(bills, one),
            target=targets.get(one),
            actual=actual.get(one, 0.0),
            visits=(wanted[one], made[one]),
            seen=seen[one],
            counts={column: tally[one] for column, tally in counts.items()},
        )
        for one in [*ids, *sorted(strays)]
    ]
    rows.append(
        _row(
            executive_id=ALL,
            name="All",
            accounts=sum(accounts.values()),
            bill=_bill(bills, ALL),
            target=whole_target,
            actual=sum(actual.values()),
            visits=(sum(wanted.values()), sum(made.values())),
            seen=sum(seen.values()),
            counts={column: sum(tally.values()) for column, tally in counts.items()},
        )
    )
    return rows_as_table(rows, COLUMNS)


def _bills(week: Week, facts: pd.DataFrame) -> pd.DataFrame:
    """Order satisfaction per executive, and of all."""
    return pd.concat([satisfaction(facts, "executive_id"), satisfaction(facts, "all")])


def _bill(bills: pd.DataFrame, name: str) -> Mapping[str, float] | None:
    if name not in bills.index:
        return None
    figures = bills.loc[[name]].to_numpy(dtype=np.float64)[0].tolist()
    return dict(zip(map(str, bills.columns), figures, strict=True))


def _row(
    *,
    executive_id: str,
    name: str,
    accounts: int,
    bill: Mapping[str, float] | None,
    target: float | None,
    actual: float,
    visits: tuple[int, int],
    seen: int,
    counts: Mapping[str, int],
) -> dict[str, object]:
    planned, done = visits
    return {
        "executive_id": executive_id,
        "name": name,
        "accounts": accounts,
        "orders": 0 if bill is None else int(bill["orders"]),
        "ordered": 0.0 if bill is None else bill["ordered"],
        "delivered": 0.0 if bill is None else bill["delivered"],
        "satisfaction_percent": None if bill is None else bill["satisfaction_percent"],
        "satisfaction_lines_percent": (
            None if bill is None else bill["satisfaction_lines_percent"]
        ),
        "target": target,
        "actual": float(actual),
        "gap": None if target is None else target - actual,
        "visits_planned": planned,
        "visits_done": done,
        "compliance_percent": 100 * done / planned if planned else None,
        "coverage_percent": 100 * seen / accounts if accounts else None,
        **counts,
    }


def _seen_accounts(week: Week) -> Counter[str]:
    """Accounts of each executive seen within 28 days up to the week's end."""
    last = week.cutoff - timedelta(days=1)
    since = week.last_date - timedelta(days=SEEN_DAYS - 1)
    visits = week.market.table("visits")
    done = visits[(visits["status"] == "done").to_numpy(dtype=bool)]
    seen = {
        account
        for account, day in zip(done["account_id"], done["date"], strict=True)
        if since <= day <= last
    }
    accounts = week.market.table("accounts")
    return Counter(
        week.owner(str(account))
        for account, day in zip(accounts["account_id"], accounts["last_visit"], strict=True)
        if account in seen or (day is not None and since <= day <= last)
    )


def _notes(week: Week, table: Table) -> tuple[str, ...]:
    notes = [
        f"Coverage counts accounts seen in the {SEEN_DAYS} days up to {week.last_date}.",
        "Order satisfaction counts orders promised for this week, delivered by its end.",
    ]
    if week.cutoff <= week.last_date:
        notes.append(f"The week is not over: it is judged up to {week.cutoff - timedelta(days=1)}.")
    ids, targets = table.texts("executive_id"), table.numbers("target")
    by_executive = float(np.nansum(targets[:-1]))
    if not np.isnan(targets[-1]) and abs(by_executive - targets[-1]) > 0.5:
        notes.append(
            f"The market's own target is {targets[-1]:,.0f}; the executives' targets sum to "
            f"{by_executive:,.0f}."
        )
    if NOBODY in ids:
        notes.append('The row "(nobody)" holds what belongs to no executive.')
    if week.market.has_synthetic:
        notes.append("Some figures were drawn by a model; the tables mark them as synthetic.")
    return tuple(notes)
