"""The week in sentences with numbers, the most telling first."""

from collections import Counter
from collections.abc import Iterator, Mapping

from territory.plans import Table
from territory.report.week import Cell, Week


def headlines(week: Week, table: Table, sections: Mapping[str, Table]) -> tuple[str, ...]:
    """What a regional manager should know of this week; only what there are figures for."""
    rows = [
        dict(zip(table.columns, values, strict=True))
        for values in zip(*table.columns.values(), strict=True)
    ]
    whole, each = rows[-1], rows[:-1]
    currency = week.market.settings.currency
    return (
        *_orders(whole, each, currency),
        *_causes(whole, sections["satisfaction_causes"]),
        *_sales(whole, each, currency),
        *_forecast(whole, currency),
        *_visits(whole, each),
        *_frequency(sections["frequency"]),
        *_tasks(sections["overdue_tasks"], sections["answers_due"]),
        *_prices(sections["prices_below_floor"], sections["profits_outside_band"]),
        *_competitors(sections["competitor_observations"]),
        *_due(sections, currency),
        *_promoters(whole, currency),
        *_left_out(sections["left_out"]),
    )


def _number(value: Cell) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _orders(whole: dict[str, Cell], each: list[dict[str, Cell]], currency: str) -> Iterator[str]:
    rate = whole["satisfaction_percent"]
    if rate is None:
        yield "No order was due this week."
        return
    short = _number(whole["ordered"]) - _number(whole["satisfied"])
    missing = _number(whole["ordered"]) - _number(whole["delivered"])
    text = (
        f"Order satisfaction is {_number(rate):.1f} % ({_number(whole['low_percent']):.0f} to "
        f"{_number(whole['high_percent']):.0f} %): of {_amount(whole['ordered'], currency)} due in "
        f"{whole['orders']} orders, {_amount(short, currency)} did not come in full and on time, "
        f"{_amount(missing, currency)} is missing"
    )
    worst = min(
        (row for row in each if row["satisfaction_percent"] is not None),
        key=lambda row: _number(row["satisfaction_percent"]),
        default=None,
    )
    if worst is not None and len(each) > 1 and short > 0:
        text += f"; lowest is {worst['name']} with {_number(worst['satisfaction_percent']):.1f} %"
    yield text + "."


def _causes(whole: dict[str, Cell], causes: Table) -> Iterator[str]:
    """Whether the rate really changed, and who explains a fall."""
    trend, change = whole["satisfaction_trend"], whole["satisfaction_change"]
    if change is None:
        return
    size = f"{abs(_number(change)):.1f} points"
    side = "below" if _number(change) < 0 else "above"
    if trend not in ("fell", "rose"):
        few = "too few orders" if trend == "few orders" else "within chance"
        yield f"That is {size} {side} the eight weeks before: {few}, no change to act on."
        return
    text = f"Order satisfaction {trend} by {size} against the eight weeks before"
    parts = [
        (points, name)
        for who, name, account, points in zip(
            causes.texts("executive_id"),
            causes.texts("account"),
            causes.texts("account_id"),
            causes.numbers("points"),
            strict=True,
        )
        if who == "all" and account and (points < 0) == (trend == "fell")
    ]
    parts.sort(reverse=trend == "rose")
    if parts:
        named = ", ".join(f"{name} {points:+.1f}" for points, name in parts[:3])
        text += f"; it is explained most by {named} points"
    yield text + "."


def _left_out(table: Table) -> Iterator[str]:
    if len(table):
        counted = Counter(table.texts("table"))
        named = ", ".join(f"{count} of {name}" for name, count in counted.items())
        rows = "row" if len(table) == 1 else "rows"
        yield f"{len(table)} {rows} left out of every figure ({named}); see the list."


def _forecast(whole: dict[str, Cell], currency: str) -> Iterator[str]:
    if whole["forecast"] is None:
        return
    text = f"The month is heading for {_amount(whole['forecast'], currency)}"
    if whole["forecast_low"] is not None:
        low, high = (_amount(whole[f"forecast_{end}"], currency) for end in ("low", "high"))
        text += f" ({low} to {high})"
    gap = whole["forecast_gap"]
    if gap is not None:
        side = "short of" if _number(gap) > 0 else "above"
        text += (
            f", {_amount(abs(_number(gap)), currency)} {side} its target of "
            f"{_amount(whole['month_target'], currency)}"
        )
    yield text + "."


def _frequency(table: Table) -> Iterator[str]:
    shares = [
        f"{tier or 'no tier'} {share:.0f} %"
        for who, tier, share in zip(
            table.texts("executive_id"),
            table.texts("tier"),
            table.numbers("frequency_percent"),
            strict=True,
        )
        if who == "all" and tier != "all"
    ]
    if shares:
        yield f"Accounts seen as often as their tier asks: {', '.join(shares)}."


def _sales(whole: dict[str, Cell], each: list[dict[str, Cell]], currency: str) -> Iterator[str]:
    if whole["target"] is None:
        yield f"{_amount(whole['actual'], currency)} was sold; no target is set for this week."
        return
    gap, target = _number(whole["gap"]), _number(whole["target"])
    side = "below" if gap > 0 else "above"
    share = f" ({100 * abs(gap) / target:.1f} %)" if target > 0 else ""
    text = (
        f"Sales of {_amount(whole['actual'], currency)} are {_amount(abs(gap), currency)}{share} "
        f"{side} the week's target"
    )
    behind = [row for row in each if row["gap"] is not None and _number(row["gap"]) > 0]
    if behind and len(each) > 1:
        worst = max(behind, key=lambda row: _number(row["gap"]))
        text += (
            f"; {len(behind)} of {len(each)} jurisdictions are behind, {worst['name']} by "
            f"{_amount(worst['gap'], currency)}"
        )
    yield text + "."


def _visits(whole: dict[str, Cell], each: list[dict[str, Cell]]) -> Iterator[str]:
    if whole["visits_planned"]:
        yield (
            f"{whole['visits_done']} of {whole['visits_planned']} planned visits were made "
            f"({_number(whole['compliance_percent']):.1f} %)."
        )
    if whole["coverage_percent"] is not None:
        yield (
            f"{_number(whole['coverage_percent']):.1f} % of {whole['accounts']} accounts were seen "
            "in four weeks."
        )


def _tasks(tasks: Table, answers: Table) -> Iterator[str]:
    if len(tasks):
        title = tasks.texts("title")[0] or tasks.texts("kind")[0]
        yield (
            f"{_count(len(tasks), 'task')} overdue, the oldest by "
            f"{_count(int(tasks.numbers('days_overdue')[0]), 'day')}: {title} "
            f"at {tasks.texts('account')[0]}."
        )
    late = sum(days > 0 for days in answers.numbers("days_late"))
    if late:
        owed = "issue is" if late == 1 else "issues are"
        yield f"{late} {owed} owed a written answer that is late."


def _prices(prices: Table, profits: Table) -> Iterator[str]:
    if len(prices):
        yield (
            f"{_count(len(prices), 'price')} below the floor, the lowest by "
            f"{prices.numbers('below_percent')[0]:.1f} %: {prices.texts('product')[0]} at "
            f"{prices.texts('account')[0]}."
        )
    below = profits.texts("side").count("below")
    if len(profits):
        yield (
            f"{_count(len(profits), 'line')} sold at a profit outside the band: {below} below, "
            f"{len(profits) - below} above."
        )


def _competitors(seen: Table) -> Iterator[str]:
    if len(seen):
        (name, times), *_ = Counter(seen.texts("competitor")).most_common(1)
        most = f", most of them of {name} ({times})" if name else ""
        kinds = Counter(seen.texts("kind"))
        told = ", ".join(
            _count(kinds[kind], noun)
            for kind, noun in (("launch", "launch"), ("promotion", "promotion"), ("price", "price"))
            if kinds[kind]
        )
        words = f" ({told})" if told else ""
        yield f"{_count(len(seen), 'observation')} of competitors{words}{most}."


def _due(sections: Mapping[str, Table], currency: str) -> Iterator[str]:
    agreements, policies = sections["agreements_due"], sections["policies_due"]
    if len(agreements):
        unsigned = agreements.texts("why").count("unsigned")
        yield (
            f"{_count(len(agreements), 'agreement')} due: {unsigned} unsigned, "
            f"{len(agreements) - unsigned} ending within 30 days."
        )
    quotas = sections["quota_progress"]
    behind = [amount for amount in quotas.numbers("behind") if amount > 0]
    if behind:
        yield (
            f"{len(behind)} of {_count(len(quotas), 'quota')} lie behind the time gone, by "
            f"{_amount(sum(behind), currency)} in all."
        )
    problems = Counter(
        word for text in policies.texts("problem") if text for word in text.split(", ")
    )
    if problems:
        wrong = sum(map(bool, policies.texts("problem")))
        noun = "policy is" if wrong == 1 else "policies are"
        told = ", ".join(f"{count} {word}" for word, count in sorted(problems.items()))
        yield f"{wrong} {noun} not in order: {told}."


def _promoters(whole: dict[str, Cell], currency: str) -> Iterator[str]:
    planned, present = whole["promoter_planned_hours"], whole["promoter_present_hours"]
    if present is not None:
        yield (
            f"Promoters were present {_number(present):,.0f} of {_number(planned):,.0f} planned "
            f"hours and sold {_amount(whole['promoter_sales'], currency)}."
        )


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}es" if noun.endswith("ch") else f"{number} {noun}s"


def _amount(value: Cell, currency: str) -> str:
    return f"{_number(value):,.0f} {currency}".strip()
