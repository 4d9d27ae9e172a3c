"""Order satisfaction counted again, order by order."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from territory.checks.report.compare import Cells, compare, rows_of
from territory.checks.report.facts import ReportFacts, Row
from territory.checks.violation import Violation, agree, shown
from territory.weekly import WeeklyReport

CENT = 0.005
Z80, Z95 = 1.2815515655446004, 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order that stands, as it was on the last day judged."""

    account: str
    due: date
    ordered: float
    delivered: float
    is_whole: bool
    is_on_time: bool
    lines: int
    whole_lines: int


def orders_due(facts: ReportFacts) -> list[Order]:
    """The orders due in the 13 weeks up to the last day judged."""
    lines: dict[str, list[Row]] = defaultdict(list)
    for line in facts.tables["order_lines"]:
        lines[line["order_id"]].append(line)
    since = facts.first_date - timedelta(days=7 * 12)
    found = []
    for row in facts.counted("orders"):
        order = _order(facts, row, lines[row["order_id"]])
        if order is not None and since <= order.due <= facts.last_day:
            found.append(order)
    return found


def _order(facts: ReportFacts, row: Row, lines: list[Row]) -> Order | None:
    if row["cancelled_by"] == "account" or row["ordered_on"] > facts.last_day:
        return None
    stand = [line for line in lines if line["cancelled_by"] != "account"]
    ordered = row["ordered_amount"]
    units = sum(line["ordered_units"] for line in lines)
    for line in lines:
        if line["cancelled_by"] == "account":
            if line["unit_price"] is not None:
                ordered -= line["ordered_units"] * line["unit_price"]
            elif units > 0:
                ordered -= row["ordered_amount"] * line["ordered_units"] / units
    ordered = max(0.0, ordered)
    if len(stand) < len(lines) and (not stand or ordered <= CENT):
        return None
    due = row["promised_on"] or row["ordered_on"] + timedelta(days=7)
    by_us = row["cancelled_by"] == "us"
    is_here = row["delivered_on"] is not None and row["delivered_on"] <= facts.last_day
    whole_lines = sum(_is_whole(line) for line in stand) if is_here and not by_us else 0
    delivered = 0.0 if by_us else _delivered(row, ordered, is_here)
    return Order(
        account=row["account_id"],
        due=due,
        ordered=ordered,
        delivered=delivered,
        is_whole=delivered >= ordered - CENT and whole_lines == len(stand) and not by_us,
        is_on_time=is_here and not by_us and row["delivered_on"] <= due,
        lines=len(stand),
        whole_lines=whole_lines,
    )


def _is_whole(line: Row) -> bool:
    if line["cancelled_by"] == "us":
        return False
    given = line["delivered_units"]
    return given is None or given >= line["ordered_units"] - 1e-9


def _delivered(row: Row, ordered: float, is_here: bool) -> float:
    amount = row["delivered_amount"]
    if row["delivered_on"] is not None and not is_here:
        return 0.0
    if amount is None:
        return ordered if is_here else 0.0
    return min(float(amount), ordered)


def tally(orders: Iterable[Order]) -> dict[str, Any]:
    """The figures of some orders; percentages are None where there is nothing to divide by."""
    rows = list(orders)
    good = [one for one in rows if one.is_whole and one.is_on_time]
    ordered = math.fsum(one.ordered for one in rows)
    satisfied = math.fsum(one.ordered for one in good)
    delivered = math.fsum(one.delivered for one in rows)
    lines = sum(one.lines for one in rows)
    good_lines = sum(one.whole_lines for one in rows if one.is_on_time)
    low, high = None, None
    if ordered > 0:
        low, high = (100 * end for end in score_interval(satisfied / ordered, count(rows), Z80))
    return {
        "orders": len(rows),
        "ordered": ordered,
        "delivered": delivered,
        "satisfied": satisfied,
        "lines": lines,
        "lines_satisfied": good_lines,
        "satisfied_orders": len(good),
        "satisfaction_percent": _percent(satisfied, ordered),
        "low_percent": low,
        "high_percent": high,
        "satisfaction_lines_percent": _percent(good_lines, lines),
        "satisfaction_orders_percent": _percent(len(good), len(rows)),
        "delivered_percent": _percent(delivered, ordered),
    }


def _percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole > 0 else None


def count(orders: Iterable[Order]) -> float:
    """Orders of one size that tell as much as these."""
    amounts = [one.ordered for one in orders]
    squares = math.fsum(amount * amount for amount in amounts)
    return math.fsum(amounts) ** 2 / squares if squares > 0 else 0.0


def score_interval(share: float, orders: float, z: float) -> tuple[float, float]:
    """The two shares that lie z standard errors from the one seen: Wilson's interval, as the roots
    of (p - share)^2 = z^2 p (1 - p) / n."""
    if orders <= 0:
        return 0.0, 1.0
    a, b, c = orders + z * z, -(2 * orders * share + z * z), orders * share * share
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))


def trend_word(now: list[Order], before: list[Order]) -> str:
    """Fell, rose or steady by Newcombe's interval of the difference; or few orders."""
    if len(now) < 10 or count(before) <= 0 or sum(one.ordered for one in now) <= 0:
        return "few orders"
    share, old = (tally(rows)["satisfaction_percent"] / 100 for rows in (now, before))
    low, high = score_interval(share, count(now), Z95)
    old_low, old_high = score_interval(old, count(before), Z95)
    if share - old + math.sqrt((high - share) ** 2 + (old - old_low) ** 2) < 0:
        return "fell"
    if share - old - math.sqrt((share - low) ** 2 + (old_high - old) ** 2) > 0:
        return "rose"
    return "steady"


def scopes(facts: ReportFacts, orders: Iterable[Order]) -> dict[str, list[Order]]:
    """Orders per executive, and all of them."""
    found: dict[str, list[Order]] = defaultdict(list)
    for one in orders:
        found[facts.owner(one.account)].append(one)
        found["all"].append(one)
    return found


def check_orders(report: WeeklyReport, facts: ReportFacts) -> Iterator[Violation]:
    """Trend, accounts, units, causes; the figures per jurisdiction are checked with the others."""
    orders = orders_due(facts)
    yield from _trend(report, facts, orders)
    week = [one for one in orders if one.due >= facts.first_date]
    for name, key, of in (
        ("satisfaction_by_account", "account_id", lambda one: one.account),
        ("satisfaction_by_unit", "unit_id", lambda one: facts.unit_of_account.get(one.account, "")),
    ):
        groups, now = _grouped(orders, of), _grouped(week, of)
        if name.endswith("unit"):
            groups.pop("", None)
        yield from compare(
            name,
            report.sections.get(name),
            [key],
            {
                (one,): {
                    **tally(rows),
                    "week_orders": len(now.get(one, [])),
                    "week_percent": tally(now.get(one, []))["satisfaction_percent"],
                }
                for one, rows in groups.items()
            },
        )
    yield from _unmet(report, facts, week)
    before = _before(facts, orders)
    yield from _causes(report, facts, scopes(facts, week), scopes(facts, before))


def _grouped(orders: Iterable[Order], of: Callable[[Order], str]) -> dict[str, list[Order]]:
    groups: dict[str, list[Order]] = defaultdict(list)
    for one in orders:
        groups[of(one)].append(one)
    return dict(groups)


def _before(facts: ReportFacts, orders: list[Order]) -> list[Order]:
    since = facts.first_date - timedelta(days=56)
    return [one for one in orders if since <= one.due < facts.first_date]


def changes(facts: ReportFacts, orders: list[Order]) -> dict[str, Cells]:
    """Per scope with orders this week: the rate before, the change and the word for it."""
    now = scopes(facts, [one for one in orders if one.due >= facts.first_date])
    before = scopes(facts, _before(facts, orders))
    found: dict[str, Cells] = {}
    for scope, rows in now.items():
        rate = tally(rows)["satisfaction_percent"]
        old = tally(before[scope])["satisfaction_percent"] if scope in before else None
        is_known = rate is not None and old is not None
        found[scope] = {
            "satisfaction_before_percent": old if is_known else None,
            "satisfaction_change": rate - old if is_known else None,
            "satisfaction_trend": trend_word(rows, before[scope]) if is_known else "few orders",
        }
    return found


def _trend(report: WeeklyReport, facts: ReportFacts, orders: list[Order]) -> Iterator[Violation]:
    expected: dict[tuple[Any, ...], Cells] = {}
    for scope, rows in scopes(facts, orders).items():
        weeks: dict[date, list[Order]] = defaultdict(list)
        for one in rows:
            weeks[one.due - timedelta(days=one.due.weekday())].append(one)
        for monday, due in weeks.items():
            expected[scope, monday] = {**tally(due), "is_few": len(due) < 10}
    table = report.sections.get("satisfaction_trend")
    yield from compare("satisfaction_trend", table, ["executive_id", "week"], expected)


def _unmet(report: WeeklyReport, facts: ReportFacts, week: list[Order]) -> Iterator[Violation]:
    expected: dict[tuple[Any, ...], Cells] = {}
    for account, rows in _grouped(week, lambda one: one.account).items():
        told = tally(rows)
        late = math.fsum(o.ordered for o in rows if o.is_whole and not o.is_on_time)
        if told["ordered"] - told["satisfied"] > CENT:
            expected[(account,)] = {
                "executive_id": facts.owner(account),
                "account": facts.name(account),
                "orders": told["orders"],
                "ordered": told["ordered"],
                "missing": told["ordered"] - told["delivered"],
                "late": late,
            }
    name = "dissatisfied_accounts"
    yield from compare(name, report.sections.get(name), ["account_id"], expected)


def _causes(
    report: WeeklyReport,
    facts: ReportFacts,
    now: dict[str, list[Order]],
    before: dict[str, list[Order]],
) -> Iterator[Violation]:
    """Each account's part by its own definition, and that the parts sum to the change."""
    table = report.sections.get("satisfaction_causes")
    if table is None:
        yield Violation(
            code="wrong_facts", subject="list satisfaction_causes", message="is not there"
        )
        return
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of(table):
        told[row["executive_id"]].append(row)
    for scope in now.keys() | told.keys():
        new, old = tally(now.get(scope, [])), tally(before.get(scope, []))
        rate, rate_before = new["satisfaction_percent"], old["satisfaction_percent"]
        is_known = rate is not None and rate_before is not None
        change = rate - rate_before if is_known else 0.0
        found = math.fsum(row["points"] for row in told[scope])
        if not agree(found, change):
            yield Violation(
                code="wrong_causes",
                subject=f"causes of {scope}",
                message=f"the parts sum to {shown(found)} points, the rate changed by "
                f"{shown(change)}",
                stated=found,
                found=change,
            )
        for row in told[scope]:
            if row["account_id"] and is_known:
                yield from _part(scope, row, now[scope], before[scope])


def _part(
    scope: str, row: dict[str, Any], now: list[Order], before: list[Order]
) -> Iterator[Violation]:
    """One account: its orders' contribution now less before, each measured from the mean rate.

    sum w1 r1 - sum w0 r0 = sum (w1 (r1 - m) - w0 (r0 - m)) for any m, here the mean of both rates.
    """
    account = row["account_id"]
    middle = sum(tally(rows)["satisfaction_percent"] / 100 for rows in (now, before)) / 2
    points = []
    for rows in (now, before):
        mine = tally([one for one in rows if one.account == account])
        whole = tally(rows)["ordered"]
        points.append((mine["satisfied"] - middle * mine["ordered"]) / whole)
    found = 100 * (points[0] - points[1])
    if not agree(row["points"], found):
        yield Violation(
            code="wrong_causes",
            subject=f"causes of {scope}, account {account}",
            message=f"points {shown(row['points'])} are not {shown(found)}",
            stated=row["points"],
            found=found,
        )
    if not agree(row["mix_points"] + row["rate_points"], row["points"]):
        yield Violation(
            code="wrong_causes",
            subject=f"causes of {scope}, account {account}",
            message="mix and rate do not sum to the points",
        )
