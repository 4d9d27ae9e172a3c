"""The potential page: what every unit is worth, by several measures, and why."""

import math

import numpy as np

from maps.columns import Cell, Shown, packed, rows_of, tidy, words
from maps.context import KeyFigure, PageContext
from maps.layers import encode_units, units_bounds
from maps.measures import as_data, check_units, numbers
from maps.page import Page, map_page
from maps.preview import areas_preview
from maps.style import Classes, classify, money, short_number
from territory.plans import Table
from territory.scores import ScorePlan
from territory.units import Units

MEASURES = (
    Shown(key="potential", label="Potential", kind="money", text="Market potential a year"),
    Shown(
        key="gap", label="Gap", kind="money", text="What the best peers would capture, not captured"
    ),
    Shown(key="penetration", label="Penetration", kind="ratio", text="Captured share of potential"),
    Shown(key="score", label="Score", kind="number", text="0 to 100, by rank of potential"),
    Shown(key="opportunity", label="Opportunity", kind="number", text="0 to 100, by rank of gap"),
    Shown(key="target_gap", label="Target gap", kind="money", text="Target less actual sales"),
    Shown(
        key="workload_hours", label="Workload", kind="hours", unit="hours", text="Visits and travel"
    ),
    Shown(
        key="minutes_to_own",
        label="To own outlet",
        kind="minutes",
        unit="minutes",
        text="To the nearest",
    ),
    Shown(
        key="doubt",
        label="Doubt",
        kind="ratio",
        text="Width of the 80 % interval, against the potential",
    ),
)

COLUMNS = (
    Shown(key="unit", label="Unit", kind="text"),
    Shown(key="segment", label="Segment", kind="text"),
    Shown(key="potential", label="Potential", kind="money"),
    Shown(key="potential_low", label="At least", kind="money", text="10 % chance of less"),
    Shown(key="potential_high", label="At most", kind="money", text="10 % chance of more"),
    Shown(key="accessible", label="Accessible", kind="money"),
    Shown(key="captured", label="Captured", kind="money"),
    Shown(key="penetration", label="Penetration", kind="ratio", unit="of potential"),
    Shown(key="gap", label="Gap", kind="money"),
    Shown(key="target", label="Target", kind="money"),
    Shown(key="target_gap", label="Target gap", kind="money"),
    Shown(key="score", label="Score", kind="number", unit="0-100"),
    Shown(key="opportunity", label="Opportunity", kind="number", unit="0-100"),
    Shown(key="companies", label="Companies", kind="whole"),
    Shown(key="workload_hours", label="Workload", kind="hours", unit="hours"),
    Shown(key="own_outlets", label="Own outlets", kind="whole"),
    Shown(key="competitor_outlets", label="Competitors", kind="whole"),
    Shown(key="minutes_to_own", label="To own", kind="minutes", unit="minutes"),
    Shown(key="confidence", label="Confidence", kind="text"),
)

SURE = (
    Shown(key="potential_low", label="", kind="money"),
    Shown(key="potential_high", label="", kind="money"),
    Shown(key="accessible_low", label="", kind="money"),
    Shown(key="accessible_high", label="", kind="money"),
    Shown(key="gap_low", label="", kind="money"),
    Shown(key="gap_high", label="", kind="money"),
    Shown(key="rank", label="", kind="whole"),
    Shown(key="rank_low", label="", kind="whole"),
    Shown(key="rank_high", label="", kind="whole"),
    Shown(key="swing", label="", kind="money"),
    Shown(key="swing_input", label="", kind="text"),
)
"""What the panel of a unit says of how sure its figures are."""

FACTS = (
    Shown(key="gap", label="Gap to the best peers", kind="money"),
    Shown(key="captured", label="Captured", kind="money"),
    Shown(key="penetration", label="Penetration", kind="ratio"),
    Shown(key="benchmark", label="Benchmark penetration", kind="ratio"),
    Shown(key="target_gap", label="Target gap", kind="money"),
    Shown(key="score", label="Score", kind="number"),
    Shown(key="companies", label="Companies", kind="whole"),
    Shown(key="workload_hours", label="Workload", kind="hours"),
    Shown(key="own_outlets", label="Own outlets", kind="whole"),
    Shown(key="competitor_outlets", label="Competitor outlets", kind="whole"),
    Shown(key="minutes_to_own", label="To the nearest own outlet", kind="minutes"),
    Shown(key="minutes_to_competitor", label="To the nearest competitor", kind="minutes"),
)


def draw_potential(plan: ScorePlan, units: Units, context: PageContext) -> Page:
    """A choropleth of the measure chosen, with the parts of each unit's potential and a table."""
    check_units(plan.unit_ids, units)
    columns = [
        column for column in COLUMNS if column.key == "unit" or column.key in plan.table.columns
    ]
    table = with_doubt(plan.table)
    rows = rows_of(table, [*MEASURES, *COLUMNS, *FACTS, *SURE])
    measures, classes = _measures(rows, context.currency)
    currency = context.currency
    data = {
        "bounds": units_bounds(units),
        "units": encode_units(units),
        "measures": measures,
        "columns": [column.spec(currency) for column in columns],
        "facts": [fact.spec(currency) for fact in FACTS if fact.key in plan.table.columns],
        "rows": {key: packed(values) for key, values in rows.items()},
        "parts": _parts(plan.parts),
        "reached": _parts(plan.accessible_parts),
    }
    first = classes[0] if classes else classify([])
    preview = areas_preview(units, first.of(numbers(rows["potential"])), first.light)
    lead = (
        f"{len(units):,} units. Choose a measure, then a unit to see what its potential is made of."
    )
    return map_page(
        "potential", context, data=data, lead=lead, figures=potential_figures(plan, context),
        notes=plan.notes, preview=preview,
    )  # fmt: skip


def with_doubt(table: Table) -> Table:
    """The table with the width of each potential's interval against the potential itself."""
    if "potential_low" not in table.columns:
        return table
    figure, low, high = (
        np.array(table.numbers(name)) for name in ("potential", "potential_low", "potential_high")
    )
    width = np.divide(high - low, figure, out=np.full(len(figure), np.nan), where=figure > 0)
    doubt = tuple(None if math.isnan(value) else value for value in width.tolist())
    return Table(columns={**table.columns, "doubt": doubt})


def _parts(parts: Table) -> list[dict[str, object]]:
    """The money parts of every unit, one entry per cause."""
    return [
        {"label": words(name), "values": tidy(values, "money")}
        for name, values in parts.columns.items()
        if name != "unit_id"
    ]


def potential_figures(plan: ScorePlan, context: PageContext) -> tuple[KeyFigure, ...]:
    """The head figures of a score plan."""
    totals = {
        name: math.fsum(value for value in plan.table.numbers(name) if math.isfinite(value))
        for name in ("potential", "captured", "gap", "target", "target_gap", "companies")
        if name in plan.table.columns
    }

    def amount(name: str) -> str:
        return money(totals.get(name, math.nan), context.currency)

    figures = [
        KeyFigure(label="Units", value=f"{len(plan.unit_ids):,}"),
        KeyFigure(label="Companies", value=short_number(totals.get("companies", math.nan))),
        KeyFigure(label="Potential a year", value=amount("potential")),
        KeyFigure(label="Captured", value=amount("captured")),
    ]
    if totals.get("potential", 0) > 0:
        share = totals.get("captured", math.nan) / totals["potential"]
        figures.append(KeyFigure(label="Penetration", value=f"{100 * share:.1f} %"))
    figures.append(
        KeyFigure(
            label="Gap to best peers", value=money(totals.get("gap", math.nan), context.currency)
        )
    )
    return tuple(figures)


def _measures(
    rows: dict[str, list[Cell]], currency: str
) -> tuple[list[dict[str, object]], list[Classes]]:
    """The measures that have any value, each with its classes."""
    specs: list[dict[str, object]] = []
    found: list[Classes] = []
    for measure in MEASURES:
        values = numbers(rows.get(measure.key, []))
        if not np.isfinite(values).any() and measure.key != "potential":
            continue
        classes = classify(values)
        specs.append({**measure.spec(currency), "classes": as_data(classes)})
        found.append(classes)
    return specs, found
