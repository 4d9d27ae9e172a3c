"""The weekly report as a page: what to do next, headlines, charts, figures, the lists behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maps.columns import Cell, Kind, Shown
from maps.context import KeyFigure, PageContext
from maps.page import Page, document
from maps.report_charts import sales_chart, service_chart
from maps.report_tables import SECTIONS, ReportCell, ReportTable, as_text, cell_of, table_of
from maps.style import money
from territory.plans import Table
from territory.weekly import WeeklyReport

ALL = "all"
GROUPS: Sequence[tuple[str, str, tuple[Shown, ...]]] = (
    (
        "Order satisfaction",
        "jurisdictions",
        (
            Shown(key="name", label="Executive", kind="text"),
            Shown(
                key="satisfaction_percent",
                label="Satisfaction",
                kind="percent",
                text="in full, on time",
            ),
            Shown(key="interval", label="Range", kind="text", text="80 %"),
            Shown(key="satisfaction_lines_percent", label="By line", kind="percent"),
            Shown(key="delivered_percent", label="Delivered", kind="percent", text="of ordered"),
            Shown(key="satisfaction_change", label="Change", kind="signed", text="points, 8 weeks"),
            Shown(key="satisfaction_trend", label="Trend", kind="text"),
            Shown(key="orders", label="Orders", kind="whole"),
            Shown(key="ordered", label="Ordered", kind="money"),
            Shown(key="delivered", label="Delivered", kind="money"),
        ),
    ),
    (
        "Target, actual and forecast",
        "sales",
        (
            Shown(key="name", label="Executive", kind="text"),
            Shown(key="target", label="Target", kind="money"),
            Shown(key="actual", label="Actual", kind="money"),
            Shown(key="gap", label="Gap", kind="money", text="target − actual"),
            Shown(key="month_target", label="Month's target", kind="money"),
            Shown(key="month_actual", label="Month so far", kind="money"),
            Shown(key="forecast", label="Forecast", kind="money", text="month"),
            Shown(key="forecast_range", label="Range", kind="text", text="80 %"),
            Shown(key="forecast_gap", label="Gap", kind="money", text="to the month"),
            Shown(key="target_of", label="Target of", kind="text"),
        ),
    ),
    (
        "Visits",
        "visits",
        (
            Shown(key="name", label="Executive", kind="text"),
            Shown(key="visits_planned", label="Visits planned", kind="whole"),
            Shown(key="visits_done", label="Made", kind="whole"),
            Shown(key="visits_missed", label="Missed", kind="whole"),
            Shown(key="compliance_percent", label="Visits done", kind="percent", text="of planned"),
            Shown(key="coverage_percent", label="Coverage", kind="percent", text="accounts seen"),
            Shown(key="frequency_percent", label="Frequency", kind="percent", text="kept"),
            Shown(key="accounts", label="Accounts", kind="whole"),
        ),
    ),
    (
        "To look into",
        "matters",
        (
            Shown(key="name", label="Executive", kind="text"),
            Shown(key="tasks_overdue", label="Tasks overdue", kind="whole"),
            Shown(key="answers_due", label="Answers due", kind="whole"),
            Shown(key="agreements_due", label="Agreements due", kind="whole"),
            Shown(key="policies_not_in_order", label="Policies", kind="whole", text="not in order"),
            Shown(key="prices_below_floor", label="Prices below floor", kind="whole"),
            Shown(key="profits_outside_band", label="Profit outside band", kind="whole"),
            Shown(key="competitor_observations", label="Competitor sightings", kind="whole"),
            Shown(key="promoters", label="Promoters", kind="whole"),
            Shown(key="promoter_hours", label="Present", kind="text", text="of planned hours"),
            Shown(key="promoter_sales", label="Promoters' sales", kind="money"),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingToDo:
    """One thing to do next week, with its visits as (day, account, minutes, reason)."""

    rank: int
    title: str
    who: str
    stake: str
    why: str
    visits: tuple[tuple[str, str, str, str], ...]


def draw_report(report: WeeklyReport, context: PageContext) -> Page:
    """One week on one page, for screen and paper. It has no script and no map."""
    ids = report.jurisdictions.columns.get("executive_id", ())
    names = _names(report.jurisdictions)
    has_total = bool(ids) and ids[-1] == ALL
    shown = [
        table_of(name, report.sections[name], names, keep=_kept(name, report.sections[name]))
        for name in _order(report.sections)
    ]
    whole = _last(report.jurisdictions)
    charts = (
        sales_chart(report.sections.get("sales_trend"), context.currency),
        service_chart(
            report.sections.get("satisfaction_trend"),
            _number(whole.get("satisfaction_before_percent")),
        ),
    )
    return document(
        "report.html",
        context,
        styles=("report.css",),
        lead=f"{report.first_date:%A} {report.first_date.isoformat()} to "
        f"{report.last_date:%A} {report.last_date.isoformat()}, ISO week "
        f"{report.first_date.isocalendar().week}. Money in {context.currency}.",
        figures=report_figures(report, context),
        things=_things(report, ALL, names, context.currency),
        by_executive=[
            (names.get(str(one), str(one)), found)
            for one in ids
            if one != ALL and (found := _things(report, str(one), names, context.currency))
        ],
        charts=[chart for chart in charts if chart is not None],
        headlines=report.headlines,
        tables=[*_groups(report.jurisdictions, has_total), *_tiers(report, names)],
        sections=[section for section in shown if section.rows],
        empty=[section.title for section in shown if not section.rows],
        currency=context.currency,
        notes=report.notes,
    )


def _names(table: Table) -> dict[str, str]:
    if "executive_id" not in table.columns or "name" not in table.columns:
        return {}
    return dict(zip(table.texts("executive_id"), table.texts("name"), strict=True))


def _order(sections: Mapping[str, Table]) -> list[str]:
    """Known lists in the order of the page, then the others; charts and cards show the rest."""
    drawn = {"next_week", "next_week_visits", "satisfaction_trend", "frequency"}
    others = [name for name in sections if name not in SECTIONS and name not in drawn]
    return [name for name in SECTIONS if name in sections] + others


def _kept(name: str, table: Table) -> list[int] | None:
    """Of lists that tell of all and of each, the rows of all."""
    if name not in ("satisfaction_causes", "competitors"):
        return None
    return [place for place, who in enumerate(table.texts("executive_id")) if who == ALL]


def _last(table: Table) -> dict[str, Cell]:
    return {name: values[-1] for name, values in table.columns.items() if values}


def _number(value: Cell) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _things(
    report: WeeklyReport, scope: str, names: Mapping[str, str], currency: str
) -> list[ThingToDo]:
    actions = report.sections.get("next_week")
    visits = report.sections.get("next_week_visits")
    if actions is None or visits is None or not len(actions):
        return []
    planned: dict[str, list[tuple[str, str, str, str]]] = {}
    for action, day, account, minutes, reason in zip(
        visits.texts("action_id"),
        visits.texts("date"),
        visits.texts("account"),
        visits.numbers("minutes"),
        visits.texts("reason"),
        strict=True,
    ):
        planned.setdefault(action, []).append((day, account, f"{minutes:.0f} min", reason))
    return [
        ThingToDo(
            rank=int(rank),
            title=title,
            who=names.get(who) or who,
            stake=f"{stake:,.0f} {currency}",
            why=why,
            visits=tuple(sorted(planned.get(action, []), key=lambda visit: visit[:2])),
        )
        for told, rank, action, who, title, stake, why in zip(
            actions.texts("scope"),
            actions.numbers("rank"),
            actions.texts("action_id"),
            actions.texts("executive_id"),
            actions.texts("title"),
            actions.numbers("stake"),
            actions.texts("why"),
            strict=True,
        )
        if told == scope
    ]


def _groups(table: Table, has_total: bool) -> list[ReportTable]:
    """The figures per jurisdiction in tables that a page is wide enough for."""
    columns = {**table.columns, **_ranges(table)}
    known = {column.key for _, _, heads in GROUPS for column in heads}
    groups = [
        (title, slug, [head for head in heads if head.key in columns])
        for title, slug, heads in GROUPS
    ]
    return [
        ReportTable(
            title=title if known & set(columns) else "Jurisdictions",
            slug=slug,
            heads=tuple(heads),
            rows=tuple(
                tuple(cell_of(head, columns[head.key][place]) for head in heads)
                for place in range(len(table))
            ),
            total_rows=len(table),
            has_total=has_total,
        )
        for title, slug, heads in groups
        if len(heads) > 1
    ]


def _ranges(table: Table) -> dict[str, tuple[Cell, ...]]:
    """Two figures as one text: "60 to 90"."""
    pairs = {
        "interval": ("low_percent", "high_percent", " to "),
        "forecast_range": ("forecast_low", "forecast_high", " to "),
        "promoter_hours": ("promoter_present_hours", "promoter_planned_hours", " of "),
    }
    return {
        name: tuple(
            "" if low is None or high is None else f"{low:,.0f}{between}{high:,.0f}"
            for low, high in zip(table.columns[first], table.columns[second], strict=True)
        )
        for name, (first, second, between) in pairs.items()
        if first in table.columns and second in table.columns
    }


def _tiers(report: WeeklyReport, names: Mapping[str, str]) -> list[ReportTable]:
    """Accounts seen as often as their tier asks, a row per executive and a column per tier."""
    table = report.sections.get("frequency")
    if table is None or not len(table):
        return []
    cells = {
        (who, tier): (share, kept, accounts)
        for who, tier, share, kept, accounts in zip(
            table.texts("executive_id"),
            table.texts("tier"),
            table.numbers("frequency_percent"),
            table.numbers("kept"),
            table.numbers("accounts"),
            strict=True,
        )
    }
    tiers = sorted({tier for _, tier in cells if tier != ALL})
    order = [one for one in names if any(who == one for who, _ in cells)]
    heads = (
        Shown(key="name", label="Executive", kind="text"),
        *(
            Shown(key=tier, label="All" if tier == ALL else f"Tier {tier or '–'}", kind="whole")
            for tier in (*tiers, ALL)
        ),
    )
    rows = tuple(
        (
            ReportCell(text=names[who], is_figure=False),
            *(_tier_cell(cells.get((who, tier))) for tier in (*tiers, ALL)),
        )
        for who in order
    )
    return [
        ReportTable(
            title="Frequency kept, by tier",
            slug="tiers",
            heads=heads,
            rows=rows,
            total_rows=len(rows),
            text="Accounts seen as often as their tier asks, of those to be seen.",
            has_total=ALL in order,
        )
    ]


def _tier_cell(found: tuple[float, float, float] | None) -> ReportCell:
    if found is None:
        return ReportCell(text="–", is_figure=True)
    share, kept, accounts = found
    return ReportCell(text=f"{share:.0f} % ({kept:.0f} of {accounts:.0f})", is_figure=True)


def report_figures(report: WeeklyReport, context: PageContext) -> tuple[KeyFigure, ...]:
    """The head figures: those of the last row, which is all jurisdictions together."""
    last = _last(report.jurisdictions)

    def figure(label: str, key: str, kind: Kind, note: str = "") -> list[KeyFigure]:
        value = last.get(key)
        if not isinstance(value, int | float):
            return []
        text = money(value, context.currency) if kind == "money" else as_text(kind, value)
        return [KeyFigure(label=label, value=text, note=note)]

    def told(key: str, words: str) -> str:
        value = last.get(key)
        return f"{words} {money(value, context.currency)}" if isinstance(value, int | float) else ""

    low, high = (_number(last.get(f"{end}_percent")) for end in ("low", "high"))
    span = "" if low is None or high is None else f", {low:.0f} to {high:.0f}"
    return tuple(
        figure("Order satisfaction", "satisfaction_percent", "percent", f"in full, on time{span}")
        + figure("Sales", "actual", "money", told("target", "target"))
        + figure("Gap to target", "gap", "money", "behind" if _is_behind(last) else "ahead")
        + figure("Month's forecast", "forecast", "money", told("month_target", "target"))
        + figure("Visits done", "compliance_percent", "percent", "of planned")
        + figure("Frequency kept", "frequency_percent", "percent", "of accounts")
        + figure("Tasks overdue", "tasks_overdue", "whole")
        + figure("Written answers due", "answers_due", "whole", "by the end of next week")
        + figure("Prices below floor", "prices_below_floor", "whole")
        + figure("Agreements due", "agreements_due", "whole")
    )


def _is_behind(last: Mapping[str, Cell]) -> bool:
    gap = last.get("gap")
    return isinstance(gap, int | float) and gap > 0
