"""What a reader has to know to read the figures: methods, doubts, and what was left out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from territory.plans import Table
from territory.report.jurisdictions import SEEN_DAYS
from territory.report.money import CONFLICT, Targets
from territory.report.next_week import week_name
from territory.report.sales import month_of
from territory.report.service import BASE_WEEKS, Service
from territory.report.stakes import COMPETITOR_SHARE, ISSUE_SHARE, LATE_SHARE, STAKE_DAYS
from territory.report.week import NOBODY, Week

MOST_NAMED = 5


def notes(
    week: Week,
    served: Service,
    targets: Targets,
    table: Table,
    sections: Mapping[str, Table],
) -> tuple[str, ...]:
    """The notes under a report, those on the data first."""
    return (
        *_left_out(sections["left_out"], week),
        *_conflicts(sections["target_conflicts"], targets, table, week),
        *_orders(served),
        *_forecast(week, sections["sales_trend"]),
        *_reading(week, sections),
        *_people(week, table),
    )


def _left_out(table: Table, week: Week) -> Iterator[str]:
    """One sentence per table and reason, with the amount that no total holds."""
    groups: dict[tuple[str, str], list[int]] = {}
    reasons, names = table.texts("reason"), table.texts("table")
    for place, key in enumerate(zip(names, reasons, strict=True)):
        kind = (key[0], key[1].split(" on ")[0])  # "... ordered on 2026-11-09": the day differs
        groups.setdefault(kind, []).append(place)
    amounts, rows = table.numbers("amount"), table.columns["row"]
    for (name, reason), places in groups.items():
        shown = ", ".join(str(rows[place]) for place in places[:MOST_NAMED])
        more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
        money = float(np.nansum([amounts[place] for place in places]))
        yield (
            f"Left out of every figure: {len(places)} of {name} ({reason}), "
            f"{money:,.2f} in all; row {shown}{more}."
        )


def _conflicts(table: Table, targets: Targets, figures: Table, week: Week) -> Iterator[str]:
    """Which targets were used, and in words where others say something else."""
    used = Counter(targets.level.values())
    if len(used) > 1:
        parts = ", ".join(f"{count} by the {level}'s" for level, count in sorted(used.items()))
        yield f"Jurisdictions are held to targets of different kinds: {parts}."
    rows = _rows(table)
    for row in rows[:MOST_NAMED]:
        if row["executive_id"] != "all":
            yield _conflict(row)
    if len(rows) > MOST_NAMED:
        yield f"{len(rows) - MOST_NAMED} more targets conflict; see the list."
    of_each = float(np.nansum(figures.numbers("target")[:-1]))
    whole = figures.numbers("target")[-1]
    if not np.isnan(whole) and abs(of_each - whole) > CONFLICT:
        yield (
            f"The market's own target is {whole:,.0f}; the executives' targets sum to "
            f"{of_each:,.0f}."
        )


def _conflict(row: Mapping[str, Any]) -> str:
    told = [
        f"{'own' if level == 'executive' else f'{level}s together'} {row[f'by_{level}']:,.0f}"
        for level in ("executive", "account", "zone")
        if row[f"by_{level}"] is not None
    ]
    said = f"Targets of {row['name']} conflict: {'; '.join(told)}."
    if row["target"] is None:
        return f"{said} None of them is used, for executives have targets."
    of = "own" if row["used"] == "executive" else f"{row['used']}s'"
    return f"{said} The {of} target of {row['target']:,.0f} is used."


def _orders(served: Service) -> Iterator[str]:
    yield (
        "Order satisfaction is the part, by amount, of the orders due in the week that came in "
        "full and on time; the range beside it is its 80 % interval. It is said to fall or rise "
        f"only where it differs from the {BASE_WEEKS} weeks before by more than chance (95 %)."
    )
    if served.open_not_due:
        yield f"{served.open_not_due} open orders are not due yet and count as no failure."
    if served.due_assumed:
        yield (
            f"{served.due_assumed} orders of the week were promised for no day and are due seven "
            "days after they were placed."
        )


def _forecast(week: Week, trend: Table) -> Iterator[str]:
    first, _ = month_of(week.last_day)
    if trend.columns["forecast"][-1] is None:
        yield "No forecast: fewer than four complete weeks of deliveries are known."
        return
    told = [value for value in trend.columns["is_within"] if value is not None]
    checked = f" {sum(map(bool, told))} of {len(told)} past weeks fell into it." if told else ""
    yield (
        f"Forecast is for {first:%B %Y}: what was delivered up to {week.last_day}, and sales per "
        "working day of up to 26 weeks (weights halve every four weeks) times the working days "
        "left, times half of last year's season where a year is known. Its 80 % interval comes "
        f"from the errors of the same method a week ahead.{checked}"
    )


def _reading(week: Week, sections: Mapping[str, Table]) -> Iterator[str]:
    yield (
        f"Coverage counts accounts seen in the {SEEN_DAYS} days up to {week.last_date}; frequency "
        "those seen as often as their tier asks."
    )
    yield (
        f"Things to do are for {week_name(week.next_monday)}. At stake is money of {STAKE_DAYS} "
        f"days; assumed are {LATE_SHARE:.0%} of an order that came late, {ISSUE_SHARE:.0%} of "
        f"sales for an overdue issue, {COMPETITOR_SHARE:.0%} for a competitor's move."
    )
    promoters = sections["promoters"]
    if len(promoters) and all(one is None for one in promoters.columns["present_hours"]):
        yield "No promoter's day is known for this week: presence and result are unknown."
    unknown = sum(
        kind != "rebate" and used is None
        for kind, used in zip(
            sections["policies_due"].texts("kind"),
            sections["policies_due"].columns["used_amount"],
            strict=True,
        )
    )
    if unknown:
        yield f"{unknown} acceptance or engineering policies do not say how much of them is used."


def _people(week: Week, table: Table) -> Iterator[str]:
    if week.cutoff <= week.last_date:
        yield f"The week is not over: it is judged up to {week.last_day}."
    if NOBODY in table.texts("executive_id"):
        yield 'The row "(nobody)" holds what belongs to no executive.'
    if week.market.has_synthetic:
        yield "Some figures were drawn by a model; the tables mark them as synthetic."


def _rows(table: Table) -> list[dict[str, Any]]:
    return [
        dict(zip(table.columns, values, strict=True))
        for values in zip(*table.columns.values(), strict=True)
    ]
