"""The alignment page: jurisdictions before and after, what changed hands, how balanced it is."""

from collections.abc import Sequence

import numpy as np

from maps import redrawn
from maps.columns import tidy, words
from maps.context import KeyFigure, PageContext
from maps.layers import encode_units, units_bounds
from maps.measures import check_units
from maps.owners import label_units, load_shown, owner_numbers, shared_borders
from maps.page import Page, map_page
from maps.preview import areas_preview
from maps.style import OKABE_ITO, distinct_colours, short_number
from territory.alignment import AlignmentPlan, Jurisdiction
from territory.diagnosis import FrontierPoint
from territory.units import Units


def draw_alignment(plan: AlignmentPlan, units: Units, context: PageContext) -> Page:
    """Jurisdictions with a switch of before, after and changes, balance bars and two tables."""
    check_units(plan.alignment.unit_ids, units)
    executives = _executives(plan)
    after = owner_numbers(plan.alignment, executives, units)
    before = owner_numbers(plan.before, executives, units) if plan.before else None
    colours = distinct_colours(shared_borders(units, len(executives), after, before))
    locked = set(plan.locked_units)
    data = {
        "bounds": units_bounds(units),
        "units": encode_units(units),
        "colours": [OKABE_ITO[colour] for colour in colours],
        "executives": _named(plan, executives),
        "after": after,
        "before": before,
        "after_labels": label_units(units, after, len(executives)),
        "before_labels": label_units(units, before, len(executives)) if before else [],
        "locked": [i for i, unit in enumerate(units.ids) if unit in locked],
        "loads": [
            {
                **load_shown(name).spec(context.currency),
                "values": tidy(values, load_shown(name).kind),
                "tolerance": tolerance,
                "is_soft": price > 0,
            }
            for name, values, tolerance, price in zip(
                plan.load_names,
                plan.unit_loads,
                plan.tolerance_percent,
                plan.soft_price or (0.0,) * len(plan.load_names),
                strict=True,
            )
        ],
        "now": _figures_of(plan.jurisdictions, executives),
        "then": _figures_of(plan.jurisdictions_before, executives),
        "diagnosis": _diagnosis(plan, units),
        "frontier": [_point(point) for point in plan.frontier],
        "driven": _driven(plan, executives),
        "levels": redrawn.levels(plan, executives),
        "keys": redrawn.keys(plan, executives, units.ids),
        "road": redrawn.road(plan, executives),
        "counts": redrawn.counts(plan),
    }
    kinds = np.asarray([colours[k] if k >= 0 else -1 for k in after], dtype=np.int8)
    return map_page(
        "alignment",
        context,
        data=data,
        lead=_lead(plan),
        figures=alignment_figures(plan),
        notes=plan.notes,
        preview=areas_preview(units, kinds, OKABE_ITO),
    )


def _diagnosis(plan: AlignmentPlan, units: Units) -> list[dict[str, object]]:
    """What is proved against the tolerances, with the units each proof rests on."""
    place = units.index()
    return [
        {"kind": found.kind, "text": found.text, "units": [place[unit] for unit in found.unit_ids]}
        for found in plan.diagnosis
    ]


def _point(point: FrontierPoint) -> dict[str, object]:
    """A point of the frontier as the table and the plot show it."""
    return {
        "tolerance": point.tolerance_percent,
        "price": point.move_price,
        "worst": tidy([point.worst_percent], "percent")[0],
        "inertia": tidy([point.moment_of_inertia], "number")[0],
        "shape": tidy([point.polsby_popper], "index")[0],
        "moved": tidy([point.moved_percent], "percent")[0],
        "is_this": point.is_this,
    }


def _driven(plan: AlignmentPlan, executives: Sequence[str]) -> list[dict[str, object] | None]:
    """Hours of each executive on the road, None for one who has none."""
    known = {one.executive_id: one for one in plan.driven}
    return [
        {
            "hours": tidy([known[item].driven_hours], "hours")[0],
            "driving": tidy([known[item].tour_hours + known[item].stem_hours], "hours")[0],
            "deviation": tidy([known[item].deviation_percent], "signed")[0],
        }
        if item in known
        else None
        for item in executives
    ]


def _lead(plan: AlignmentPlan) -> str:
    text = f"{len(plan.jurisdictions)} jurisdictions of {len(plan.alignment.unit_ids):,} units"
    loads = " and ".join(words(name).lower() for name in plan.load_names)
    text += f", balanced on {loads}." if loads else "."
    return text + (" Hatched units changed hands." if plan.before else "")


def alignment_figures(plan: AlignmentPlan) -> tuple[KeyFigure, ...]:
    """The head figures of an alignment."""
    figures = [
        KeyFigure(label="Executives", value=f"{len(plan.alignment.executive_ids):,}"),
        KeyFigure(label="Units", value=f"{len(plan.alignment.unit_ids):,}"),
    ]
    for k, name in enumerate(plan.load_names):
        is_soft = bool(plan.soft_price) and plan.soft_price[k] > 0
        note = f"{'wished' if is_soft else 'allowed'} ±{plan.tolerance_percent[k]:g} %"
        if plan.jurisdictions_before:
            worst = max(abs(j.deviation_percent[k]) for j in plan.jurisdictions_before)
            note = f"was ±{worst:.1f} %, {note}"
        figures.append(
            KeyFigure(
                label=f"Worst {words(name).lower()}",
                value=f"±{plan.worst_percent[k]:.1f} %",
                note=note,
            )
        )
    if plan.before:
        figures.append(
            KeyFigure(
                label="Workload moved",
                value=f"{plan.moved_percent:.1f} %",
                note=f"at least {plan.moved_bound_percent:.1f} % needed",
            )
        )
    if plan.driven:
        worst = max(abs(one.deviation_percent) for one in plan.driven)
        figures.append(
            KeyFigure(
                label="Worst driven hours",
                value=f"±{worst:.1f} %",
                note="visits and all driving, from the mean",
            )
        )
    slack = 100 * (plan.moment_of_inertia / plan.inertia_bound - 1) if plan.inertia_bound > 0 else 0
    figures.append(
        KeyFigure(
            label="Moment of inertia",
            value=short_number(plan.moment_of_inertia),
            note=f"h km², {slack:.1f} % over the bound" if plan.inertia_bound > 0 else "h km²",
        )
    )
    return tuple(figures)


def _executives(plan: AlignmentPlan) -> list[str]:
    """Everyone who has units now or had some before, today's first."""
    known = dict.fromkeys(plan.alignment.executive_ids)
    if plan.before:
        known.update(dict.fromkeys(plan.before.executive_ids))
    return list(known)


def _named(plan: AlignmentPlan, executives: Sequence[str]) -> list[dict[str, str]]:
    names = {j.executive_id: j.name for j in (*plan.jurisdictions_before, *plan.jurisdictions)}
    return [{"id": item, "name": names.get(item) or item} for item in executives]


def _figures_of(
    jurisdictions: Sequence[Jurisdiction], executives: Sequence[str]
) -> list[dict[str, object] | None]:
    """A row of figures per executive, None for one without a jurisdiction in this alignment."""
    known = {j.executive_id: j for j in jurisdictions}
    return [_row(known[item]) if item in known else None for item in executives]


def _row(jurisdiction: Jurisdiction) -> dict[str, object]:
    return {
        "units": jurisdiction.units,
        "loads": tidy(jurisdiction.loads, "number"),
        "deviation": tidy(jurisdiction.deviation_percent, "signed"),
        "components": jurisdiction.components,
        "inertia": tidy([jurisdiction.moment_of_inertia], "number")[0],
        "polsby_popper": tidy([jurisdiction.polsby_popper], "index")[0],
        "moved_in": tidy([jurisdiction.moved_in_percent], "percent")[0],
    }
