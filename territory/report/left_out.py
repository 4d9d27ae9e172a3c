"""Rows that cannot be counted: said with row, reason and amount; the rest goes on."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from territory.market import Market
from territory.plans import Table
from territory.report.week import Record, plain, rows_as_table

FIRST_ROW = 2
"""Rows are counted as a person does in a file: the header is row 1."""

MOST_SHOWN = 120
"""Characters of a value that are repeated."""

COLUMNS = ("table", "row", "id", "column", "value", "amount", "reason")

Fault = tuple[str, object, str]
"""Column, value and reason."""

_SUBJECT_TABLE = {
    "executive": ("executives", "executive_id"),
    "account": ("accounts", "account_id"),
    "zone": ("zones", "zone_id"),
}


def without_uncountable(market: Market) -> tuple[Market, Table]:
    """The market without the orders and targets that no total may hold, and the list of them.

    Left out are orders delivered before they were ordered; orders and targets in another currency
    than the market's, for nothing is converted; amounts that are no amount; targets of somebody
    unknown, or whose last day comes before the first. Lines go with their order. ``row`` is the
    row of the table as the market holds it, its header being row 1.
    """
    known = {
        kind: frozenset(market.table(table)[key].astype(str))
        for kind, (table, key) in _SUBJECT_TABLE.items()
    }
    currency = market.settings.currency
    orders = _faults(market, "orders", lambda row: _order_fault(row, currency))
    targets = _faults(market, "targets", lambda row: _target_fault(row, currency, known))
    listed = [
        *(_listed("orders", "order_id", "ordered_amount", *found) for found in orders),
        *(_listed("targets", "subject_id", "amount", *found) for found in targets),
    ]
    if not listed:
        return market, rows_as_table([], COLUMNS)
    tables = dict(market.tables)
    for name, found in (("orders", orders), ("targets", targets)):
        places = [place for place, *_ in found]
        frame = tables[name]
        tables[name] = frame.drop(index=frame.index[places]).reset_index(drop=True)
    gone = {row["order_id"] for _, row, _ in orders}
    lines = tables["order_lines"]
    tables["order_lines"] = lines[~lines["order_id"].isin(gone)].reset_index(drop=True)
    return replace(market, tables=tables), rows_as_table(listed, COLUMNS)


def _faults(
    market: Market, table: str, judge: Callable[[Record], Fault | None]
) -> list[tuple[int, Record, Fault]]:
    rows = enumerate(market.table(table).to_dict("records"))
    return [(place, row, fault) for place, row in rows if (fault := judge(row)) is not None]


def _order_fault(row: Record, currency: str) -> Fault | None:
    delivered: date | None = row["delivered_on"]
    if delivered is not None and delivered < row["ordered_on"]:
        return "delivered_on", delivered, f"delivered before it was ordered on {row['ordered_on']}"
    return _money_fault(row, "ordered_amount", currency)


def _target_fault(row: Record, currency: str, known: Mapping[str, frozenset[str]]) -> Fault | None:
    kind, subject = row["subject_kind"], row["subject_id"]
    if kind in known and subject not in known[kind]:
        what = "jurisdiction" if kind == "executive" else kind
        return "subject_id", subject, f"there is no such {what}"
    if row["last_date"] < row["first_date"]:
        return "last_date", row["last_date"], f"before its first day {row['first_date']}"
    return _money_fault(row, "amount", currency)


def _money_fault(row: Record, column: str, currency: str) -> Fault | None:
    said = str(row["currency"]).strip()
    if said and said.upper() != currency.upper():
        return "currency", said, f"not in {currency}, the market's currency; nothing is converted"
    amount = float(row[column])
    if not math.isfinite(amount) or amount < 0:
        return column, amount, "not an amount of money"
    return None


def _listed(
    table: str, key: str, column: str, place: int, row: Record, fault: Fault
) -> dict[str, Any]:
    amount = float(row[column])
    where, value, reason = fault
    return {
        "table": table,
        "row": place + FIRST_ROW,
        "id": row[key],
        "column": where,
        "value": str(plain(value))[:MOST_SHOWN],
        "amount": amount if math.isfinite(amount) else None,
        "reason": reason,
    }
