"""The weekly report as a page: headlines, a table of jurisdictions, and the lists behind them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maps.columns import Cell, Kind, Shown, words
from maps.context import KeyFigure, PageContext
from maps.page import Page, document
from maps.style import money
from territory.plans import Table
from territory.weekly import WeeklyReport

JURISDICTIONS = (
    Shown(key="name", label="Executive", kind="text"),
    Shown(
        key="satisfaction_percent",
        label="Satisfaction",
        kind="percent",
        text="delivered of ordered",
    ),
    Shown(key="target", label="Target", kind="money"),
    Shown(key="actual", label="Actual", kind="money"),
    Shown(key="gap", label="Gap", kind="money", text="target − actual"),
    Shown(key="compliance_percent", label="Visits done", kind="percent", text="of planned"),
    Shown(key="coverage_percent", label="Coverage", kind="percent", text="accounts seen"),
    Shown(key="ordered", label="Ordered", kind="money"),
    Shown(key="delivered", label="Delivered", kind="money"),
    Shown(key="satisfaction_lines_percent", label="Order lines in full", kind="percent"),
    Shown(key="accounts", label="Accounts", kind="whole"),
    Shown(key="orders", label="Orders", kind="whole"),
    Shown(key="visits_planned", label="Visits planned", kind="whole"),
    Shown(key="visits_done", label="Visits made", kind="whole"),
    Shown(key="tasks_overdue", label="Tasks overdue", kind="whole"),
    Shown(key="agreements_due", label="Agreements due", kind="whole"),
    Shown(key="prices_below_floor", label="Prices below floor", kind="whole"),
    Shown(key="competitor_observations", label="Competitor sightings", kind="whole"),
    Shown(key="promoters", label="Promoters", kind="whole"),
)
WITH_BAR = ("satisfaction_percent", "compliance_percent", "coverage_percent")

SECTIONS: Mapping[str, str] = {
    "overdue_tasks": "Overdue tasks",
    "prices_below_floor": "Prices below floor",
    "competitor_observations": "What competitors do",
    "agreements_due": "Agreements due",
    "policies_due": "Policies due",
    "dissatisfied_accounts": "Accounts with unmet orders",
    "missed_visits": "Missed visits",
    "promoters": "Promoters",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCell:
    """One cell as text; ``bar`` is a share of 0 to 100 for a bar beside it, None for no bar."""

    text: str
    is_figure: bool
    bar: float | None = None
    is_bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """A table ready to be drawn."""

    title: str
    slug: str
    heads: tuple[Shown, ...]
    rows: tuple[tuple[ReportCell, ...], ...]
    total_rows: int = 0


def draw_report(report: WeeklyReport, context: PageContext) -> Page:
    """One week on one page, for screen and paper. It has no script and no map."""
    known = [column for column in JURISDICTIONS if column.key in report.jurisdictions.columns]
    table = _table("Jurisdictions", "jurisdictions", report.jurisdictions, known)
    sections = [
        _table(SECTIONS.get(name, words(name)), name.replace("_", "-"), found, _heads(found))
        for name, found in report.sections.items()
    ]
    ids = report.jurisdictions.columns.get("executive_id", ())
    return document(
        "report.html",
        context,
        lead=f"{report.first_date:%A} {report.first_date.isoformat()} to "
        f"{report.last_date:%A} {report.last_date.isoformat()}, ISO week "
        f"{report.first_date.isocalendar().week}. Money in {context.currency}.",
        figures=report_figures(report, context),
        headlines=report.headlines,
        table=table,
        has_total=bool(ids) and ids[-1] == "all",
        sections=[section for section in sections if section.rows],
        empty=[section.title for section in sections if not section.rows],
        currency=context.currency,
        notes=report.notes,
    )


def report_figures(report: WeeklyReport, context: PageContext) -> tuple[KeyFigure, ...]:
    """The head figures: those of the last row, which is all jurisdictions together."""
    columns = report.jurisdictions.columns
    last = {name: values[-1] for name, values in columns.items() if values}

    def figure(label: str, key: str, kind: Kind, note: str = "") -> list[KeyFigure]:
        value = last.get(key)
        if not isinstance(value, int | float):
            return []
        text = money(value, context.currency) if kind == "money" else as_text(kind, value)
        return [KeyFigure(label=label, value=text, note=note)]

    target = last.get("target")
    of_target = ""
    if isinstance(target, int | float):
        of_target = f"target {money(target, context.currency)}"
    return tuple(
        figure("Order satisfaction", "satisfaction_percent", "percent", "delivered of ordered")
        + figure("Sales", "actual", "money", of_target)
        + figure("Gap to target", "gap", "money", "behind" if _is_behind(last) else "ahead")
        + figure("Visits done", "compliance_percent", "percent", "of planned")
        + figure("Tasks overdue", "tasks_overdue", "whole")
        + figure("Prices below floor", "prices_below_floor", "whole")
        + figure("Agreements due", "agreements_due", "whole")
    )


def _is_behind(last: Mapping[str, Cell]) -> bool:
    gap = last.get("gap")
    return isinstance(gap, int | float) and gap > 0


def _table(title: str, slug: str, table: Table, heads: Sequence[Shown]) -> ReportTable:
    columns = [table.columns[head.key] for head in heads]
    rows = tuple(
        tuple(_cell(head, value) for head, value in zip(heads, row, strict=True))
        for row in zip(*columns, strict=True)
    )
    return ReportTable(title=title, slug=slug, heads=tuple(heads), rows=rows, total_rows=len(rows))


def _cell(head: Shown, value: Cell) -> ReportCell:
    is_figure = head.kind not in ("text", "date", "long")
    has_bar = head.key in WITH_BAR and isinstance(value, int | float) and math.isfinite(value)
    return ReportCell(
        text=as_text(head.kind, value),
        is_figure=is_figure,
        bar=max(0.0, min(100.0, float(value))) if has_bar and value is not None else None,
        is_bad=head.key == "gap" and isinstance(value, int | float) and value > 0,
    )


def _heads(table: Table) -> tuple[Shown, ...]:
    """Heads of a list by what its columns are called and hold."""
    return tuple(
        Shown(key=key, label=words(key), kind=_kind(key, values))
        for key, values in table.columns.items()
    )


def _kind(key: str, values: Sequence[Cell]) -> Kind:
    held = [value for value in values if value is not None]
    if held and all(isinstance(value, bool) for value in held):
        return "flag"
    if not held or not all(isinstance(value, int | float) for value in held):
        return "text"
    if key.endswith("percent"):
        return "percent"
    return "whole" if all(isinstance(value, int) for value in held) else "number"


def as_text(kind: Kind, value: Cell) -> str:
    """A value as a report writes it; a dash where there is none."""
    if value is None or value == "":
        return "–"
    if kind == "flag":
        return "yes" if value else "no"
    if kind in ("text", "date", "long") or isinstance(value, str):
        return str(value)
    number = float(value)
    if not math.isfinite(number):
        return "–"
    if kind == "percent":
        return f"{number:.1f} %"
    if kind in ("money", "whole"):
        return f"{number:,.0f}".replace("-", "−")
    return f"{number:,.2f}".replace("-", "−")
