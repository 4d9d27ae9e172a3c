"""What is worth a visit next week: every account with a reason, and the money at stake."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from territory.plans import Table
from territory.report.money import sales_by_account
from territory.report.week import NOBODY, Week

Theme = Literal[
    "unmet_orders",
    "issues",
    "prices",
    "margins",
    "agreements",
    "quotas",
    "policies",
    "competitors",
    "frequency",
]

STAKE_DAYS = 28
"""Stakes of every theme are money of four weeks, so that they can be compared."""
LATE_SHARE = 0.10
"""Assumed: part of an order's amount that is at stake when it came whole but late."""
ISSUE_SHARE = 0.20
"""Assumed: part of four weeks' sales at stake while an issue is overdue or owed an answer."""
COMPETITOR_SHARE = 0.10
"""Assumed: part of four weeks' sales at stake after a competitor's launch or promotion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an account is worth a visit; ``stake`` is money of four weeks."""

    theme: Theme
    account_id: str
    executive_id: str
    stake: float
    text: str


def reasons(week: Week, sections: Mapping[str, Table]) -> tuple[Reason, ...]:
    """One reason per theme and account of an executive's, stakes and texts put together."""
    sales = sales_by_account(week, week.last_day - timedelta(days=STAKE_DAYS - 1), week.last_day)
    found: dict[tuple[Theme, str], tuple[float, list[str]]] = {}
    for theme, account, stake, text in _all(sections, sales, week):
        if week.owner(account) != NOBODY and stake > 0:
            told = found.setdefault((theme, account), (0.0, []))
            found[theme, account] = (told[0] + stake, [*told[1], text])
    return tuple(
        Reason(
            theme=theme,
            account_id=account,
            executive_id=week.owner(account),
            stake=stake,
            text=_joined(texts),
        )
        for (theme, account), (stake, texts) in found.items()
    )


def _joined(texts: list[str]) -> str:
    shown = list(dict.fromkeys(texts))
    more = f"; and {len(shown) - 3} more" if len(shown) > 3 else ""
    return "; ".join(shown[:3]) + more


Found = Iterator[tuple[Theme, str, float, str]]


def _all(sections: Mapping[str, Table], sales: Mapping[str, float], week: Week) -> Found:
    yield from _unmet(sections["dissatisfied_accounts"], week)
    yield from _issues(sections["overdue_tasks"], sections["answers_due"], sales)
    yield from _prices(sections["prices_below_floor"], sales, week)
    yield from _margins(sections["profits_outside_band"])
    yield from _agreements(sections["agreements_due"], sales)
    yield from _quotas(sections["quota_progress"], week)
    yield from _policies(sections["policies_due"], week)
    yield from _competitors(sections["competitor_observations"], sales)
    yield from _frequency(sections["below_frequency"])


def _rows(table: Table) -> Iterator[Mapping[str, Any]]:
    for values in zip(*table.columns.values(), strict=True):
        yield dict(zip(table.columns, values, strict=True))


def _money(amount: float, week: Week) -> str:
    return f"{amount:,.0f} {week.market.settings.currency}".strip()


def _unmet(table: Table, week: Week) -> Found:
    for row in _rows(table):
        late = f", {_money(row['late'], week)} came late" if row["late"] else ""
        missing = f"{_money(row['missing'], week)} of its orders is missing"
        stake = row["missing"] + LATE_SHARE * row["late"]
        yield "unmet_orders", row["account_id"], stake, missing + late


def _issues(overdue: Table, owed: Table, sales: Mapping[str, float]) -> Found:
    """Each account once, however many issues: its sales can be lost only once."""
    told: dict[str, list[str]] = {}
    for row in _rows(overdue):
        what = row["title"] or row["kind"]
        told.setdefault(row["account_id"], []).append(
            f"“{what}” overdue by {row['days_overdue']} days"
        )
    for row in _rows(owed):
        what = row["title"] or "issue"
        told.setdefault(row["account_id"], []).append(
            f"“{what}” is owed a written answer by {row['deadline']}"
        )
    for account, texts in told.items():
        yield "issues", account, ISSUE_SHARE * sales.get(account, 0.0), _joined(texts)


def _prices(table: Table, sales: Mapping[str, float], week: Week) -> Found:
    for row in _rows(table):
        seen, account = row["shortfall"], row["account_id"]
        stake = seen if seen is not None else row["below_percent"] / 100 * sales.get(account, 0.0)
        yield (
            "prices",
            account,
            stake,
            f"{row['product']} at {row['price']:,.2f}, floor {row['floor_price']:,.2f}",
        )


def _margins(table: Table) -> Found:
    for row in _rows(table):
        if row["side"] == "below":
            text = (
                f"{row['product']} sold at {row['profit_percent']:.1f} % profit, "
                f"{row['band_low_percent']:g} % wanted"
            )
            yield "margins", row["account_id"], row["stake"], text


def _agreements(table: Table, sales: Mapping[str, float]) -> Found:
    for row in _rows(table):
        quota, account = row["annual_quota"], row["account_id"]
        stake = sales.get(account, 0.0) if quota is None else quota * STAKE_DAYS / 365
        what = "is unsigned" if row["why"] == "unsigned" else f"ends on {row['last_date']}"
        yield "agreements", account, stake, f"agreement {row['agreement_id']} {what}"


def _quotas(table: Table, week: Week) -> Found:
    for row in _rows(table):
        gone = (week.last_day.toordinal() - _ordinal(row["first_date"])) + 1
        stake = row["behind"] * STAKE_DAYS / max(STAKE_DAYS, gone)
        text = (
            f"{row['progress_percent']:.0f} % of its quota, "
            f"{row['expected_percent']:.0f} % of the time is gone"
        )
        yield "quotas", row["account_id"], stake, text


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _policies(table: Table, week: Week) -> Found:
    for row in _rows(table):
        words = row["problem"].split(", ") if row["problem"] else []
        used, limit = row["used_amount"], row["limit_amount"] or 0.0
        stake = row["over"] if "over limit" in words else 0.0
        if "unproven" in words:
            stake += (used or 0.0) - stake
        elif {"unsigned", "late"} & set(words):
            stake = max(stake, limit * STAKE_DAYS / 365)
        if words:
            text = f"{row['kind']} policy {row['policy_id']} {' and '.join(words)}"
            yield "policies", row["account_id"], stake, text


def _competitors(table: Table, sales: Mapping[str, float]) -> Found:
    told: dict[str, list[str]] = {}
    for row in _rows(table):
        if row["kind"] in ("launch", "promotion"):
            what = f"{row['competitor'] or 'a competitor'}: {row['kind']}"
            told.setdefault(row["account_id"], []).append(what)
    for account, texts in told.items():
        yield "competitors", account, COMPETITOR_SHARE * sales.get(account, 0.0), _joined(texts)


def _frequency(table: Table) -> Found:
    for row in _rows(table):
        text = f"seen {row['done']} of {row['required']} times in {row['window_days']} days"
        yield "frequency", row["account_id"], row["stake"], text
