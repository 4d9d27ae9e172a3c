"""The gaps page: where own outlets do not reach, serve badly, leave money, or overlap."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from maps.columns import Cell, Kind, Shown, packed, rows_of, tidy, words
from maps.context import KeyFigure, PageContext
from maps.layers import encode_points, encode_units, units_bounds
from maps.measures import check_units, measure_spec
from maps.page import Page, map_page
from maps.preview import areas_preview
from maps.style import money
from territory.outlets import GapPlan, Site
from territory.plans import Table
from territory.units import Units

MEASURES = (
    Shown(
        key="white_space", label="White space", kind="money", text="Potential nobody own reaches"
    ),
    Shown(key="coverage", label="Coverage", kind="ratio", text="Share of a cell own outlets cover"),
    Shown(key="minutes_to_own", label="To own outlet", kind="minutes", unit="minutes"),
    Shown(key="minutes_to_competitor", label="To competitor", kind="minutes", unit="minutes"),
    Shown(key="potential", label="Potential", kind="money", text="Market potential a year"),
    Shown(
        key="hot_z",
        label="Hot spots",
        kind="number",
        text="Gi* of white space: above 2 money gathers here, below -2 it keeps away",
    ),
    Shown(
        key="access",
        label="Access",
        kind="number",
        text="Own outlets in reach per million of potential that shares them",
    ),
)

CELLS = (
    Shown(key="unit", label="Cell", kind="text"),
    Shown(key="finding", label="Finding", kind="text"),
    Shown(key="potential", label="Potential", kind="money"),
    Shown(key="white_space", label="White space", kind="money"),
    Shown(key="coverage", label="Coverage", kind="ratio"),
    Shown(key="minutes_to_own", label="To own", kind="minutes", unit="minutes"),
    Shown(key="minutes_to_competitor", label="To competitor", kind="minutes", unit="minutes"),
    Shown(key="cluster", label="Cluster", kind="whole", unit="0 = none"),
    Shown(key="hot_z", label="Gi*", kind="number"),
    Shown(key="access", label="Access", kind="number", unit="per million"),
)

FOUND = (
    Shown(key="rank", label="Rank", kind="whole"),
    Shown(key="kind", label="Kind", kind="text"),
    Shown(key="place", label="Place", kind="text"),
    Shown(key="money", label="Money a year", kind="money"),
    Shown(key="cells", label="Cells", kind="whole"),
    Shown(key="why", label="Why", kind="long"),
    Shown(key="advice", label="What to do", kind="long"),
    Shown(key="subject", label="Cell or outlet", kind="text"),
)

AREAS = (
    Shown(key="name", label="District", kind="text"),
    Shown(key="missing", label="Outlets missing", kind="number", unit="against twins"),
    Shown(key="white_space", label="White space", kind="money"),
    Shown(key="potential", label="Potential", kind="money"),
    Shown(key="own_outlets", label="Own outlets", kind="whole"),
    Shown(key="per_million", label="Density", kind="number", unit="per million"),
    Shown(key="twin_per_million", label="Twins' density", kind="number", unit="per million"),
    Shown(key="units", label="Cells", kind="whole"),
    Shown(key="area_id", label="Id", kind="text"),
    Shown(key="twins", label="Twins", kind="long"),
)

OUTLET_KINDS: dict[str, Kind] = {"redundant_share": "ratio"}
"""Columns of the outlets' table that are no money."""

COVERED, UNDERSERVED, GAP = 0, 1, 2
FINDINGS = ("covered", "under-served", "coverage gap")
COLOURS = ("#d9ead3", "#56B4E9", "#E69F00")


def draw_gaps(plan: GapPlan, units: Units, context: PageContext, outlets: Sequence[Site]) -> Page:
    """Findings and measures per cell, clusters of white space, coverage by minutes, overlaps."""
    check_units(plan.cells.texts("unit_id"), units)
    kinds = _findings(plan.cells)
    white = [bool(value) for value in plan.cells.columns["is_white_space"]]
    rows = rows_of(plan.cells, [*MEASURES, *CELLS])
    rows["finding"] = [
        FINDINGS[kind] + (", white space" if is_white else "")
        for kind, is_white in zip(kinds, white, strict=True)
    ]
    site_names = {site.site_id: site.name or site.site_id for site in outlets}
    points = np.asarray([(s.lon, s.lat) for s in outlets], dtype=np.float64).reshape(-1, 2)
    currency = context.currency
    clusters = _clusters(plan.cells, units)
    data = {
        "bounds": units_bounds(units),
        "units": encode_units(units),
        "rows": {key: packed(values) for key, values in rows.items()},
        "finding_kinds": kinds,
        "finding_colours": list(COLOURS),
        "white": [i for i, is_white in enumerate(white) if is_white],
        "measures": [measure_spec(m, rows[m.key], currency) for m in MEASURES if m.key in rows],
        "columns": [
            column.spec(currency) for column in CELLS if column.key in rows or column.key == "unit"
        ],
        "findings": _listed(plan.findings, FOUND, currency),
        "areas": _listed(plan.areas, AREAS, currency),
        "clusters": clusters,
        "coverage": {
            name: tidy(values, "number") for name, values in plan.coverage.columns.items()
        },
        "overlap": _table(plan.overlap, currency, site_names),
        "outlets": _table(plan.outlets, currency, {}),
        "sites": {
            "name": [site_names[site.site_id] for site in outlets],
            "site_id": [site.site_id for site in outlets],
            "kind": [{"own": "kept"}.get(site.role, site.role) for site in outlets],
        },
        "site_points": encode_points(points),
        "reach": list(plan.reach_minutes),
    }
    return map_page(
        "gaps",
        context,
        data=data,
        lead=_lead(plan, len(clusters["cluster"])),
        figures=gaps_figures(plan, context),
        notes=plan.notes,
        preview=areas_preview(units, np.asarray(kinds, dtype=np.int8), COLOURS),
    )


def _lead(plan: GapPlan, clusters: int) -> str:
    times = "estimated" if plan.travel_source == "estimated" else "road"
    return (
        f"Coverage by own outlets within {plan.reach_minutes[-1]} {times} minutes. Hatched cells "
        f"are white space, in {clusters} clusters. A blank patch is a question, not yet a plan."
    )


def gaps_figures(plan: GapPlan, context: PageContext) -> tuple[KeyFigure, ...]:
    """The head figures of a gap plan."""
    potential = plan.cells.numbers("potential")
    white = math.fsum(v for v in plan.cells.numbers("white_space") if math.isfinite(v))
    total = math.fsum(v for v in potential if math.isfinite(v)) or math.nan

    def share(flag: str) -> str:
        held = zip(potential, plan.cells.columns[flag], strict=True)
        found = 100 * math.fsum(value for value, is_so in held if is_so) / total
        return f"{found:.1f} %" if math.isfinite(found) else "no value"

    figures = [
        KeyFigure(
            label=f"Within {minutes:g} min",
            value=f"{own:.1f} %",
            note=f"competitors {other:.1f} %" if math.isfinite(other) else "of potential",
        )
        for minutes, own, other in zip(
            plan.coverage.numbers("minutes"),
            plan.coverage.numbers("own_percent"),
            plan.coverage.numbers("competitor_percent"),
            strict=True,
        )
    ]
    figures += [
        KeyFigure(label="White space a year", value=money(white, context.currency)),
        KeyFigure(label="In coverage gaps", value=share("is_coverage_gap"), note="of potential"),
        KeyFigure(label="Under-served", value=share("is_underserved"), note="of potential"),
        KeyFigure(label="Supportable outlets", value=f"{plan.supportable_outlets:,}"),
    ]
    return tuple(figures)


def _findings(cells: Table) -> list[int]:
    gaps, under = cells.columns["is_coverage_gap"], cells.columns["is_underserved"]
    return [
        GAP if is_gap else UNDERSERVED if is_under else COVERED
        for is_gap, is_under in zip(gaps, under, strict=True)
    ]


def _clusters(cells: Table, units: Units) -> dict[str, list[Cell]]:
    """Sums per cluster of white space, the richest first, each with the cell to put its number."""
    members: dict[int, list[int]] = defaultdict(list)
    for i, cluster in enumerate(cells.numbers("cluster")):
        if math.isfinite(cluster) and cluster > 0:
            members[int(cluster)].append(i)
    white, potential = cells.numbers("white_space"), cells.numbers("potential")
    sums = {key: math.fsum(white[i] for i in found) for key, found in members.items()}
    order = sorted(members, key=lambda key: (-sums[key], key))
    at: list[Cell] = []
    for key in order:
        points = units.lonlat[members[key]]
        near = np.hypot(*(points - points.mean(axis=0)).T).argmin()
        at.append(members[key][int(near)])
    return {
        "cluster": list(order),
        "cells": [len(members[key]) for key in order],
        "white_space": tidy([sums[key] for key in order], "money"),
        "potential": tidy(
            [math.fsum(potential[i] for i in members[key]) for key in order], "money"
        ),
        "at": at,
    }


def _listed(table: Table, columns: Sequence[Shown], currency: str) -> dict[str, object]:
    """A table of the plan by the columns shown; empty in plans of earlier versions."""
    shown = [column for column in columns if column.key in table.columns]
    return {
        "columns": [column.spec(currency) for column in shown],
        "rows": rows_of(table, shown),
        "count": len(table),
    }


def _table(table: Table, currency: str, names: dict[str, str]) -> dict[str, object]:
    """A small table of the plan: its columns with words for heads, ids by their names."""
    columns, rows = [], {}
    for key, values in table.columns.items():
        is_number = any(isinstance(value, int | float) for value in values)
        kind = OUTLET_KINDS.get(key, "money" if is_number else "text")
        shown = Shown(key=key, label=words(key), kind=kind)
        columns.append(shown.spec(currency))
        kept = tidy(values, shown.kind)
        rows[key] = [names.get(v, v) if isinstance(v, str) else v for v in kept]
    return {"columns": columns, "rows": rows, "count": len(table)}
