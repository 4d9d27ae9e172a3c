"""The lists behind the figures, made again from the rows."""

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from territory.checks.report.compare import Cells, compare
from territory.checks.report.facts import ReportFacts, Row, days_between
from territory.checks.violation import Violation
from territory.hours import parse_hours
from territory.weekly import WeeklyReport

Rows = dict[tuple[Any, ...], Cells]


def check_lists(report: WeeklyReport, facts: ReportFacts) -> Iterator[Violation]:
    """Tasks, answers, prices, profits, agreements, quotas, policies, promoters, competitors."""
    for name, key, rows in (
        ("overdue_tasks", ("task_id",), _overdue(facts)),
        ("answers_due", ("task_id",), _answers(facts)),
        ("prices_below_floor", ("seen_as", "account_id", "product_id", "price"), _low(facts)),
        ("profits_outside_band", ("seen_as", "product_id", "price"), _profits(facts)),
        ("agreements_due", ("agreement_id",), _agreements(facts)),
        ("quota_progress", ("agreement_id",), _quotas(facts)),
        ("policies_due", ("policy_id",), _policies(facts)),
        ("promoters", ("promoter_id",), _promoters(facts)),
        ("competitors", ("executive_id", "competitor"), _competitors(facts)),
    ):
        yield from compare(name, _once(report, name, key), key, rows)
    yield from _seen(report, facts)


def _once(report: WeeklyReport, name: str, key: tuple[str, ...]) -> Any:
    """The table with equal keys told once: the same price may be seen twice in a day."""
    table = report.sections.get(name)
    if table is None or name not in ("prices_below_floor", "profits_outside_band"):
        return table
    seen, keep = set(), []
    for place, cells in enumerate(zip(*(table.columns[k] for k in key), strict=True)):
        if cells not in seen:
            seen.add(cells)
            keep.append(place)
    columns = {name: tuple(cells[place] for place in keep) for name, cells in table.columns.items()}
    return type(table)(columns=columns)


def _is_over(facts: ReportFacts, day: date | None) -> bool:
    return day is not None and day <= facts.last_day


def _overdue(facts: ReportFacts) -> Rows:
    rows: Rows = {}
    for row in facts.tables["tasks"]:
        was_there = row["created"] is None or _is_over(facts, row["created"])
        done_late = row["done"] is not None and row["done"] > facts.last_day
        is_open = row["status"] != "done" or done_late
        if was_there and is_open and _is_over(facts, row["deadline"]):
            answer = "given" if (row["answer"] or "").strip() else "due"
            rows[(row["task_id"],)] = {
                "executive_id": facts.owner(row["account_id"]),
                "deadline": row["deadline"],
                "days_overdue": (facts.last_day - row["deadline"]).days + 1,
                "answer": answer if row["kind"] == "issue" else "",
            }
    return rows


def _answers(facts: ReportFacts) -> Rows:
    return {
        (row["task_id"],): {
            "executive_id": facts.owner(row["account_id"]),
            "deadline": row["deadline"],
            "days_late": (facts.last_day - row["deadline"]).days + 1,
        }
        for row in facts.tables["tasks"]
        if row["kind"] == "issue"
        and not (row["answer"] or "").strip()
        and row["deadline"] <= facts.last_date + timedelta(days=7)
        and (row["created"] is None or _is_over(facts, row["created"]))
    }


def _rule(facts: ReportFacts, product: str, day: date) -> Row | None:
    held = [
        row
        for row in facts.tables["price_rules"]
        if row["product_id"] == product
        and row["first_date"] <= day
        and (row["last_date"] is None or day <= row["last_date"])
    ]
    return max(held, key=lambda row: row["first_date"], default=None)


def _prices(facts: ReportFacts) -> Iterator[tuple[str, str, str, date, float, float | None]]:
    """(seen as, account, product, day, price, units) of the week's own prices."""
    for row in facts.tables["observations"]:
        is_price = row["owner"] == "own" and row["kind"] == "price" and row["price"] is not None
        if is_price and facts.holds(row["date"]):
            yield (
                "observation",
                row["account_id"],
                row["product_id"],
                row["date"],
                row["price"],
                None,
            )
    placed = {
        row["order_id"]: row
        for row in facts.counted("orders")
        if facts.holds(row["ordered_on"]) and not row["cancelled_by"]
    }
    for row in facts.tables["order_lines"]:
        order = placed.get(row["order_id"])
        if order is not None and row["unit_price"] is not None and not row["cancelled_by"]:
            yield (
                f"order {row['order_id']}",
                order["account_id"],
                row["product_id"],
                order["ordered_on"],
                row["unit_price"],
                row["ordered_units"],
            )


def _low(facts: ReportFacts) -> Rows:
    rows: Rows = {}
    for seen_as, account, product, day, price, units in _prices(facts):
        rule = _rule(facts, product, day)
        if rule is not None and price < rule["floor_price"]:
            floor = rule["floor_price"]
            rows[seen_as, account, product, price] = {
                "executive_id": facts.owner(account),
                "floor_price": floor,
                "below_percent": 100 * (floor - price) / floor,
                "shortfall": None if units is None else units * (floor - price),
            }
    return rows


def _profits(facts: ReportFacts) -> Rows:
    costs = {row["product_id"]: row["unit_cost"] for row in facts.tables["products"]}
    rows: Rows = {}
    for seen_as, account, product, day, price, units in _prices(facts):
        rule, cost = _rule(facts, product, day), costs.get(product)
        if units is None or rule is None or cost is None or price <= 0:
            continue
        profit = 100 - 100 * cost / price
        low, high = rule["profit_band_low_percent"], rule["profit_band_high_percent"]
        is_below = low is not None and profit < low - 1e-9
        is_above = high is not None and profit > high + 1e-9
        if is_below or is_above:
            rows[seen_as, product, price] = {
                "executive_id": facts.owner(account),
                "profit_percent": profit,
                "side": "below" if is_below else "above",
                "amount": price * units,
                "stake": units * (price * low / 100 - price + cost) if is_below else 0.0,
            }
    return rows


def _agreements(facts: ReportFacts) -> Rows:
    rows: Rows = {}
    for row in facts.tables["agreements"]:
        is_signed = _is_over(facts, row["signed_on"])
        runs = row["first_date"] <= facts.last_date and row["last_date"] >= facts.first_date
        soon = facts.first_date <= row["last_date"] <= facts.last_date + timedelta(days=30)
        followed = any(
            other["account_id"] == row["account_id"]
            and _is_over(facts, other["signed_on"])
            and other["last_date"] > row["last_date"]
            for other in facts.tables["agreements"]
        )
        why = "unsigned" if runs and not is_signed else "ends" if soon and not followed else ""
        if why:
            owner = facts.owner(row["account_id"])
            rows[(row["agreement_id"],)] = {"executive_id": owner, "why": why}
    return rows


def _quotas(facts: ReportFacts) -> Rows:
    came: dict[str, list[tuple[date, float]]] = defaultdict(list)
    for day, account, amount in facts.deliveries:
        came[account].append((day, amount))
    rows: Rows = {}
    for row in facts.tables["agreements"]:
        first, last = row["first_date"], row["last_date"]
        if not row["annual_quota"] or first > facts.last_day or last < facts.first_date:
            continue
        length = (last - first).days + 1
        until = min(last, facts.last_day)
        gone = (until - first).days + 1
        quota = row["annual_quota"] * (1 if length in (365, 366) else length / 365)
        sold = math.fsum(amount for day, amount in came[row["account_id"]] if first <= day <= until)
        rows[(row["agreement_id"],)] = {
            "executive_id": facts.owner(row["account_id"]),
            "quota": quota,
            "delivered": sold,
            "progress_percent": sold / quota * 100,
            "expected": quota / length * gone,
            "behind": max(0.0, quota / length * gone - sold),
            "pace": sold / gone * length if gone >= 28 else None,
        }
    return rows


def _policies(facts: ReportFacts) -> Rows:
    rows: Rows = {}
    for row in facts.tables["policies"]:
        due, signed = row["due_on"], row["signed_on"]
        is_signed = _is_over(facts, signed)
        is_past = due is not None and due <= facts.last_day
        problems = [] if is_signed else ["unsigned"]
        late_now = is_signed and due is not None and signed > due and facts.holds(signed)
        if late_now or (is_past and not is_signed):
            problems.append("late")
        used, limit = row["used_amount"], row["limit_amount"]
        over = 0.0
        if used is not None and limit is not None and used - limit > 0.005:
            over = used - limit
        if row["kind"] != "rebate":
            if over:
                problems.append("over limit")
            if used and (is_past or due is None) and not _is_over(facts, row["proven_on"]):
                problems.append("unproven")
        soon = due is not None and (facts.first_date <= due <= facts.last_date + timedelta(days=30))
        if problems or soon:
            rows[(row["policy_id"],)] = {
                "executive_id": facts.owner(row["account_id"]),
                "problem": ", ".join(problems),
                "over": over,
                "due_on": due,
                "is_signed": is_signed,
                "is_proven": _is_over(facts, row["proven_on"]),
            }
    return rows


def _promoters(facts: ReportFacts) -> Rows:
    days: dict[str, list[Row]] = defaultdict(list)
    for row in facts.tables["promoter_days"]:
        if facts.first_date <= row["date"] <= facts.last_day:
            days[row["promoter_id"]].append(row)
    rows: Rows = {}
    for row in facts.tables["promoters"]:
        planned = _shift_hours(facts, row["shifts"] or "")
        mine = days[row["promoter_id"]] if any(days.values()) else None
        cells: dict[str, Any] = {"planned_hours": sum(planned.values())}
        for column in ("present_hours", "presence_percent", "shifts_missed", "units", "sales"):
            cells[column] = None
        if mine is not None:
            there = {one["date"]: one["hours"] or 0.0 for one in mine}
            kept = sum(min(hours, there.get(day, 0.0)) for day, hours in planned.items())
            whole = sum(planned.values())
            cells |= {
                "present_hours": sum(there.values()),
                "presence_percent": 100 * kept / whole if whole > 0 else None,
                "shifts_missed": sum(there.get(day, 0.0) <= 0 for day in planned),
                "units": sum(one["units"] or 0.0 for one in mine),
                "sales": sum(one["sales"] or 0.0 for one in mine),
            }
        if row["account_id"]:
            cells["executive_id"] = facts.owner(row["account_id"])
        rows[(row["promoter_id"],)] = cells
    return rows


def _shift_hours(facts: ReportFacts, shifts: str) -> dict[date, float]:
    try:
        week = parse_hours(shifts)
    except ValueError:
        return {}
    found = {
        day: sum(end - start for start, end in week[day.weekday()]) / 3600
        for day in days_between(facts.first_date, facts.last_day)
    }
    return {day: hours for day, hours in found.items() if hours > 0}


def _competitors(facts: ReportFacts) -> Rows:
    theirs = [row for row in facts.tables["observations"] if row["owner"] == "competitor"]
    since = facts.first_date - timedelta(days=56)
    now: dict[tuple[str, str], list[Row]] = defaultdict(list)
    before: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in theirs:
        for who in (facts.owner(row["account_id"]), "all"):
            key = who, row["competitor"] or ""
            if facts.holds(row["date"]):
                now[key].append(row)
            elif since <= row["date"] < facts.first_date and _share(row) is not None:
                before[key].append(row["share_percent"])
    rows: Rows = {}
    for key, seen in now.items():
        kinds = [row["kind"] for row in seen]
        guides = [
            (row["price"], _rule(facts, row["product_id"], row["date"]))
            for row in seen
            if row["kind"] == "price" and row["price"] is not None
        ]
        against = [
            100 * price / rule["guide_price"] - 100
            for price, rule in guides
            if rule is not None and rule["guide_price"]
        ]
        shares = [row["share_percent"] for row in seen if _share(row) is not None]
        rows[key] = {
            "observations": len(seen),
            "launches": kinds.count("launch"),
            "promotions": kinds.count("promotion"),
            "prices": kinds.count("price"),
            "price_vs_guide_percent": _mean(against),
            "share_percent": _mean(shares),
            "share_before_percent": _mean(before[key]),
        }
    return rows


def _share(row: Row) -> float | None:
    return row["share_percent"] if row["kind"] == "share" else None


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _seen(report: WeeklyReport, facts: ReportFacts) -> Iterator[Violation]:
    found = sum(
        row["owner"] == "competitor" and facts.holds(row["date"])
        for row in facts.tables["observations"]
    )
    table = report.sections.get("competitor_observations")
    stated = 0 if table is None else len(table)
    if stated != found:
        yield Violation(
            code="wrong_total",
            subject="list competitor_observations",
            message=f"has {stated} rows, the week has {found}",
            stated=stated,
            found=found,
        )
