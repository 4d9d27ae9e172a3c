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
        *_sales(whole, each, currency),
        *_visits(whole, each),
        *_tasks(sections["overdue_tasks"]),
        *_prices(sections["prices_below_floor"]),
        *_competitors(sections["competitor_observations"]),
        *_due(sections),
    )


def _number(value: Cell) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _orders(whole: dict[str, Cell], each: list[dict[str, Cell]], currency: str) -> Iterator[str]:
    rate = whole["satisfaction_percent"]
    if rate is None:
        yield "No order was due this week."
        return
    missing = _number(whole["ordered"]) - _number(whole["delivered"])
    text = (
        f"Order satisfaction is {_number(rate):.1f} %: of {_amount(whole['ordered'], currency)} "
        f"due in {whole['orders']} orders, {_amount(missing, currency)} is missing"
    )
    worst = min(
        (row for row in each if row["satisfaction_percent"] is not None),
        key=lambda row: _number(row["satisfaction_percent"]),
        default=None,
    )
    if worst is not None and len(each) > 1 and missing > 0:
        text += f"; lowest is {worst['name']} with {_number(worst['satisfaction_percent']):.1f} %"
    yield text + "."


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


def _tasks(tasks: Table) -> Iterator[str]:
    if len(tasks):
        title = tasks.texts("title")[0] or tasks.texts("kind")[0]
        yield (
            f"{_count(len(tasks), 'task')} overdue, the oldest by "
            f"{_count(int(tasks.numbers('days_overdue')[0]), 'day')}: {title} "
            f"at {tasks.texts('account')[0]}."
        )


def _prices(prices: Table) -> Iterator[str]:
    if len(prices):
        yield (
            f"{_count(len(prices), 'price')} below the floor, the lowest by "
            f"{prices.numbers('below_percent')[0]:.1f} %: {prices.texts('product')[0]} at "
            f"{prices.texts('account')[0]}."
        )


def _competitors(seen: Table) -> Iterator[str]:
    if len(seen):
        (name, times), *_ = Counter(seen.texts("competitor")).most_common(1)
        most = f", most of them of {name} ({times})" if name else ""
        yield f"{_count(len(seen), 'observation')} of competitors{most}."


def _due(sections: Mapping[str, Table]) -> Iterator[str]:
    agreements, policies = sections["agreements_due"], sections["policies_due"]
    if len(agreements):
        unsigned = agreements.texts("why").count("unsigned")
        yield (
            f"{_count(len(agreements), 'agreement')} due: {unsigned} unsigned, "
            f"{len(agreements) - unsigned} ending within 30 days."
        )
    if len(policies):
        open_ones = list(policies.columns["is_signed"]).count(False)
        noun = "policy" if len(policies) == 1 else "policies"
        yield f"{len(policies)} {noun} due within 30 days or past it, {open_ones} of them unsigned."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _amount(value: Cell, currency: str) -> str:
    return f"{_number(value):,.0f} {currency}".strip()
