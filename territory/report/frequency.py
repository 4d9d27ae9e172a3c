"""Whether accounts are seen as often as their tier asks for."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from territory.calendar.rows import read_accounts
from territory.plans import Table
from territory.report.week import Week, rows_as_table

ALL = "all"
WINDOW_DAYS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """One account: visits required and done in its window, and what one visit is worth."""

    account_id: str
    executive_id: str
    tier: str
    window_days: int
    required: int
    done: int
    last_visit: date | None
    visit_value: float

    @property
    def is_kept(self) -> bool:
        """Whether it was seen often enough."""
        return self.done >= self.required


def rhythms(week: Week) -> tuple[Rhythm, ...]:
    """Every account that is to be visited at all.

    Asked for are its visits per 4 weeks (whole ones; the tier's, A 4, B 2, C 1, where it names
    none) in the 28 days up to the last day judged; one visit in a longer window where it is to be
    seen less than once in 4 weeks. Done are visits of different days, the card's last visit too.
    """
    seen = _days_seen(week)
    tiers = dict(
        zip(
            week.market.table("accounts")["account_id"],
            week.market.table("accounts")["tier"],
            strict=True,
        )
    )
    found = []
    for account in read_accounts(week.market):
        often = account.visits_per_4_weeks
        if often <= 0:
            continue
        window = WINDOW_DAYS if often >= 1 else round(WINDOW_DAYS / often)
        since = week.last_day - timedelta(days=window - 1)
        days = seen[account.account_id]
        found.append(
            Rhythm(
                account_id=account.account_id,
                executive_id=week.owner(account.account_id),
                tier=str(tiers[account.account_id]),
                window_days=window,
                required=max(1, int(often)),
                done=sum(since <= day <= week.last_day for day in days),
                last_visit=max((day for day in days if day <= week.last_day), default=None),
                visit_value=account.value,
            )
        )
    return tuple(found)


def _days_seen(week: Week) -> dict[str, set[date]]:
    visits = week.market.table("visits")
    seen: dict[str, set[date]] = defaultdict(set)
    for account, day, status in zip(
        visits["account_id"], visits["date"], visits["status"], strict=True
    ):
        if status == "done":
            seen[account].add(day)
    accounts = week.market.table("accounts")
    for account, day in zip(accounts["account_id"], accounts["last_visit"], strict=True):
        if day is not None:
            seen[account].add(day)
    return seen


def compliance(found: tuple[Rhythm, ...]) -> Table:
    """Accounts seen often enough, per executive and tier, and of all per tier and together."""
    groups: dict[tuple[str, str], list[Rhythm]] = defaultdict(list)
    for one in found:
        for who in (ALL, one.executive_id):
            groups[who, one.tier].append(one)
            groups[who, ALL].append(one)
    rows = [
        {
            "executive_id": who,
            "tier": tier,
            "accounts": len(members),
            "kept": sum(one.is_kept for one in members),
            "frequency_percent": 100 * sum(one.is_kept for one in members) / len(members),
            "visits_required": sum(one.required for one in members),
            "visits_done": sum(min(one.done, one.required) for one in members),
        }
        for (who, tier), members in sorted(groups.items(), key=lambda item: _order(*item[0]))
    ]
    return rows_as_table(
        rows,
        (
            *("executive_id", "tier", "accounts", "kept", "frequency_percent"),
            *("visits_required", "visits_done"),
        ),
    )


def _order(who: str, tier: str) -> tuple[bool, str, bool, str]:
    return who != ALL, who, tier == ALL, tier or "~"


def below(week: Week, found: tuple[Rhythm, ...]) -> Table:
    """Accounts seen too seldom, those with most at stake first."""
    rows = sorted(_behind(week, found), key=lambda row: (-float(row["stake"]), row["account_id"]))  # type: ignore[arg-type]
    return rows_as_table(
        rows,
        (
            *("executive_id", "account_id", "account", "tier", "window_days", "required", "done"),
            *("missing", "last_visit", "stake"),
        ),
    )


def _behind(week: Week, found: tuple[Rhythm, ...]) -> Iterator[dict[str, object]]:
    for one in found:
        if one.is_kept:
            continue
        missing = one.required - one.done
        yield {
            "executive_id": one.executive_id,
            "account_id": one.account_id,
            "account": week.name(one.account_id),
            "tier": one.tier,
            "window_days": one.window_days,
            "required": one.required,
            "done": one.done,
            "missing": missing,
            "last_visit": one.last_visit,
            "stake": missing * one.visit_value,
        }
