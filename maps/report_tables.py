"""Tables of the weekly report: which columns and rows a page has room for, under which words."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maps.columns import Cell, Kind, Shown, words
from territory.plans import Table

MOST_ROWS = 12
"""Rows of a list on the page; the workbook has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCell:
    """One cell as text; ``bar`` is a share of 0 to 100 for a bar beside it, None for no bar."""

    text: str
    is_figure: bool
    bar: float | None = None
    is_bad: bool = False
    is_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """A table ready to be drawn; ``text`` says what it shows, ``more`` how many rows are not."""

    title: str
    slug: str
    heads: tuple[Shown, ...]
    rows: tuple[tuple[ReportCell, ...], ...]
    total_rows: int = 0
    text: str = ""
    has_total: bool = False

    @property
    def more(self) -> int:
        """Rows that are in the workbook only."""
        return self.total_rows - len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """How one list is shown: title, what it says, columns as "key" or "key=Label"."""

    title: str
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: int = MOST_ROWS


def _keys(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


SECTIONS: Mapping[str, Section] = {
    "satisfaction_causes": Section(
        title="Accounts that explain the change",
        text="Points of order satisfaction against the eight weeks before; they sum to the change. "
        "Mix: orders more or less than before. Rate: served better or worse.",
        columns=_keys(
            "account=Account; percent_before=Before; percent=This week; ordered=Ordered; "
            "mix_points=Mix, points; rate_points=Rate, points; points=Together, points"
        ),
    ),
    "dissatisfied_accounts": Section(
        title="Accounts with unmet orders",
        columns=_keys(
            "account=Account; executive_id=Executive; orders; ordered; missing; late=Came late; "
            "satisfaction_percent=Satisfaction"
        ),
    ),
    "satisfaction_by_account": Section(
        title="Order satisfaction by account, 13 weeks",
        text="Most amount not in full and on time first; with few orders the range is wide.",
        columns=_keys(
            "account=Account; executive_id=Executive; orders; ordered; unsatisfied; "
            "satisfaction_percent=Satisfaction; low_percent=From; high_percent=To; "
            "satisfaction_lines_percent=By line; week_percent=This week"
        ),
    ),
    "satisfaction_by_unit": Section(
        title="Order satisfaction by unit, 13 weeks",
        columns=_keys(
            "unit_id=Unit; orders; ordered; unsatisfied; satisfaction_percent=Satisfaction; "
            "low_percent=From; high_percent=To; satisfaction_lines_percent=By line; "
            "week_percent=This week"
        ),
        rows=8,
    ),
    "sales_trend": Section(
        title="Sales by week",
        text="Forecast: as a week before could have said it; 80 % interval.",
        columns=_keys(
            "week=Week of; working_days; target; actual; forecast; forecast_low=From; "
            "forecast_high=To; is_within=Within"
        ),
        rows=17,
    ),
    "missed_visits": Section(
        title="Missed visits", columns=_keys("date; executive_id=Executive; account=Account; why")
    ),
    "below_frequency": Section(
        title="Accounts seen too seldom",
        columns=_keys(
            "account=Account; executive_id=Executive; tier; required; done; missing; "
            "last_visit; stake=At stake"
        ),
    ),
    "overdue_tasks": Section(
        title="Overdue tasks",
        columns=_keys(
            "title=Task; kind; account=Account; executive_id=Executive; priority; deadline; "
            "days_overdue; answer=Written answer"
        ),
    ),
    "answers_due": Section(
        title="Written answers due",
        text="Issues without a written answer, due by the end of next week; late ones first.",
        columns=_keys(
            "title=Issue; account=Account; executive_id=Executive; priority; deadline; days_late; "
            "status"
        ),
    ),
    "competitors": Section(
        title="Competitors",
        columns=_keys(
            "competitor; observations=Sightings; launches; promotions; "
            "prices; price_vs_guide_percent=Price to our guide; share_percent=Share seen; "
            "share_before_percent=Share, 8 weeks before"
        ),
    ),
    "competitor_observations": Section(
        title="What competitors do",
        columns=_keys(
            "date; competitor; kind; account=Account; executive_id=Executive; product; price; "
            "share_percent=Share; note"
        ),
    ),
    "prices_below_floor": Section(
        title="Prices below floor",
        columns=_keys(
            "product; account=Account; executive_id=Executive; date; price; floor_price; "
            "below_percent=Below; units; shortfall; seen_as"
        ),
    ),
    "profits_outside_band": Section(
        title="Profit outside its band",
        columns=_keys(
            "product; account=Account; executive_id=Executive; date; price; unit_cost; "
            "profit_percent=Profit; band_low_percent=Band from; band_high_percent=Band to; "
            "amount; seen_as"
        ),
    ),
    "agreements_due": Section(
        title="Agreements due",
        columns=_keys(
            "agreement_id=Agreement; account=Account; executive_id=Executive; why; first_date; "
            "last_date; annual_quota"
        ),
    ),
    "quota_progress": Section(
        title="Quota progress",
        text="Behind: what the time gone asks for, less what was delivered.",
        columns=_keys(
            "account=Account; executive_id=Executive; agreement_id=Agreement; quota; delivered; "
            "progress_percent=Progress; expected_percent=Time gone; behind; pace=Heading for"
        ),
    ),
    "policies_due": Section(
        title="Rebate, acceptance and engineering policies",
        text="Not in order, or due within 30 days. Acceptances are interest-free.",
        columns=_keys(
            "policy_id=Policy; account=Account; executive_id=Executive; kind; problem; "
            "limit_amount=Limit; used_amount=Used; over=Over; due_on; is_signed=Signed; "
            "is_proven=Proven"
        ),
    ),
    "promoters": Section(
        title="Promoters",
        columns=_keys(
            "name; site; executive_id=Jurisdiction; shifts; planned_hours=Planned, h; "
            "present_hours=Present, h; presence_percent=Presence; shifts_missed; units; sales; "
            "sales_per_hour=Sales an hour"
        ),
    ),
    "target_conflicts": Section(
        title="Targets that conflict",
        columns=_keys(
            "name=Jurisdiction; used=Used; target; by_executive=Own; by_account=Of its accounts; "
            "by_zone=Of its zones; difference"
        ),
    ),
    "left_out": Section(
        title="Left out of every figure",
        text="Rows that no total holds, by their place in the table (its header is row 1).",
        columns=_keys("table; row; id; column; value; amount; reason"),
    ),
}
"""The lists in the order of the page. Others that a report holds follow, with all columns."""

BARS = frozenset(
    {
        *("satisfaction_percent", "compliance_percent", "coverage_percent", "frequency_percent"),
        *("progress_percent", "presence_percent"),
    }
)
MONEY = frozenset(
    {
        *("ordered", "delivered", "satisfied", "missing", "late", "unsatisfied", "target"),
        *("actual", "gap", "month_target", "month_actual", "forecast", "forecast_low"),
        *("forecast_high", "forecast_gap", "stake", "shortfall", "amount", "annual_quota", "quota"),
        *("behind", "pace", "limit_amount", "used_amount", "over", "sales", "by_executive"),
        *("by_account", "by_zone", "difference", "ordered_before", "promoter_sales", "expected"),
    }
)
"""Columns of money that are read without cents; prices keep theirs."""
COUNTED_TOO = frozenset({"missing"})
"""Money in one list and a number of visits in another."""
WORDED = frozenset({"kind"})
"""Columns of our own words, shown without their underscores."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
BAD_ABOVE_ZERO = frozenset({"gap", "forecast_gap", "behind", "over", "days_late"})


def table_of(
    name: str, table: Table, names: Mapping[str, str], *, keep: Sequence[int] | None = None
) -> ReportTable:
    """A list as a page shows it; executives by ``names``, only the rows to ``keep`` if given."""
    section = SECTIONS.get(name, Section(title=words(name)))
    pairs = [_pair(key) for key in section.columns] or [(key, words(key)) for key in table.columns]
    heads = [
        Shown(key=key, label=label, kind=kind_of(key, table.columns[key]))
        for key, label in pairs
        if key in table.columns
    ]
    places = range(len(table)) if keep is None else keep
    return ReportTable(
        title=section.title,
        slug=name.replace("_", "-"),
        heads=tuple(heads),
        rows=tuple(
            tuple(_named(head, table.columns[head.key][place], names) for head in heads)
            for place in list(places)[: section.rows]
        ),
        total_rows=len(places),
        text=section.text,
    )


def _pair(key: str) -> tuple[str, str]:
    name, _, label = key.partition("=")
    return name, label or words(name)


def _named(head: Shown, value: Cell, names: Mapping[str, str]) -> ReportCell:
    if head.key == "executive_id":
        return ReportCell(text=names.get(str(value)) or as_text("text", value), is_figure=False)
    if head.key in WORDED:
        return ReportCell(text=words(as_text("text", value)), is_figure=False)
    return cell_of(head, value)


def cell_of(head: Shown, value: Cell) -> ReportCell:
    """One value as its column shows it."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_known = is_number and math.isfinite(float(value or 0.0))
    has_bar = head.key in BARS and is_known
    return ReportCell(
        text=as_text(head.kind, value),
        is_figure=head.kind not in ("text", "date", "long", "flag"),
        bar=max(0.0, min(100.0, float(value or 0.0))) if has_bar else None,
        is_bad=head.key in BAD_ABOVE_ZERO and is_known and float(value or 0.0) > 0,
        is_day=isinstance(value, str) and _DAY.fullmatch(value) is not None,
    )


def kind_of(key: str, values: Sequence[Cell]) -> Kind:
    """What a column holds, by what it is called and by what is in it."""
    held = [value for value in values if value is not None]
    if held and all(isinstance(value, bool) for value in held):
        return "flag"
    if not held or not all(isinstance(value, int | float) for value in held):
        return "text"
    if key.endswith("percent") or key.startswith("percent"):
        return "percent"
    is_whole = all(isinstance(value, int) for value in held)
    if key in MONEY and not (is_whole and key in COUNTED_TOO):
        return "money"
    return "whole" if is_whole else "number"


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
        return f"{number:.1f} %".replace("-", "−")
    if kind in ("money", "whole"):
        return f"{number:,.0f}".replace("-", "−")
    if kind == "signed":
        return f"{number:+.1f}".replace("-", "−")
    return f"{number:,.2f}".replace("-", "−")
