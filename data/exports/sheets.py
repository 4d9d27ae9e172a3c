"""A plan as sheets: named tables of plain cells, the form that CSV and XLSX are written from."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

import pandas as pd

from data.exports.context import ExportContext, ExportKind
from territory.alignment import AlignmentPlan
from territory.diagnosis import DrivenHours, FrontierPoint
from territory.errors import InputError
from territory.market import Market
from territory.outlets import GapPlan, OutletPlan, phase_of
from territory.plans import Table
from territory.redrawn import MovedShare, RoadShape
from territory.routes import Route, VisitPlan
from territory.scores import ScorePlan
from territory.weekly import WeeklyReport

Cell = str | float | int | bool | date | None
AnyPlan = ScorePlan | AlignmentPlan | VisitPlan | OutletPlan | GapPlan | WeeklyReport | Market


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table. ``name`` is ours, never a user's; ``rows`` are as long as ``columns``."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sheets_of(plan: AnyPlan, kind: ExportKind, context: ExportContext) -> tuple[Sheet, ...]:
    """The plan's sheets in reading order.

    Raises
    ------
    InputError
        If the plan is not of this kind.
    """
    makers: Mapping[ExportKind, tuple[type, Callable[[Any, ExportContext], Iterable[Sheet]]]] = {
        "score": (ScorePlan, _score),
        "alignment": (AlignmentPlan, _alignment),
        "visits": (VisitPlan, _visits),
        "outlets": (OutletPlan, _outlets),
        "gaps": (GapPlan, _gaps),
        "report": (WeeklyReport, _report),
        "tables": (Market, _tables),
    }
    wanted, make = makers[kind]
    if not isinstance(plan, wanted):
        raise InputError(f"A {type(plan).__name__} is not a plan of kind {kind!r}.")
    return tuple(make(plan, context))


def about(plan: AnyPlan, kind: ExportKind, context: ExportContext) -> Sheet:
    """Where the figures come from, as a sheet of two columns."""
    lines: list[tuple[Cell, ...]] = [
        ("title", context.title),
        ("market", context.market),
        ("kind", kind),
        ("plan", context.plan_id),
        ("date", context.date),
        ("currency", context.currency),
        ("timezone", context.timezone),
        ("synthetic data", "yes, in part" if context.has_synthetic else "no"),
    ]
    lines += [("attribution", text) for text in context.attribution]
    lines += [("note", text) for text in getattr(plan, "notes", ())]
    return Sheet(name="about", columns=("what", "value"), rows=tuple(lines))


def _table(name: str, table: Table, extra: Mapping[str, Sequence[Cell]] | None = None) -> Sheet:
    """A table as a sheet, with ``extra`` columns after the first."""
    columns: dict[str, Sequence[Cell]] = dict(table.columns)
    if extra and columns:
        first = next(iter(columns))
        columns = {first: columns.pop(first), **extra, **columns}
    rows = tuple(zip(*columns.values(), strict=True)) if columns else ()
    return Sheet(name=name, columns=tuple(columns), rows=rows)


def _places(unit_ids: Sequence[str], context: ExportContext) -> dict[str, Sequence[Cell]]:
    """Name and point of units, where the context knows them."""
    if context.units is None:
        return {}
    units, place = context.units, context.units.index()
    found = [place.get(unit) for unit in unit_ids]
    return {
        "unit_name": [None if i is None else units.names[i] for i in found],
        "lon": [None if i is None else round(float(units.lonlat[i, 0]), 6) for i in found],
        "lat": [None if i is None else round(float(units.lonlat[i, 1]), 6) for i in found],
    }


def _by_unit(name: str, table: Table, context: ExportContext) -> Sheet:
    return _table(name, table, _places(table.texts("unit_id"), context))


def _score(plan: ScorePlan, context: ExportContext) -> Iterable[Sheet]:
    tables = [("units", plan.table), ("parts", plan.parts)]
    if plan.accessible_parts.columns:
        tables.append(("accessible_parts", plan.accessible_parts))
    for name, table in tables:
        rest = {key: column for key, column in table.columns.items() if key != "unit_id"}
        yield _by_unit(name, Table(columns={"unit_id": plan.unit_ids, **rest}), context)
    yield Sheet(name="totals", columns=("total", "value"), rows=tuple(plan.totals.items()))


def _alignment(plan: AlignmentPlan, context: ExportContext) -> Iterable[Sheet]:
    now, before = plan.alignment, plan.before.owner_of() if plan.before else {}
    locked = set(plan.locked_units)
    columns: dict[str, tuple[Cell, ...]] = {
        "unit_id": now.unit_ids,
        "executive_id": now.owners,
        "executive": tuple(context.executive(owner) for owner in now.owners),
        "before_executive_id": tuple(before.get(unit) for unit in now.unit_ids),
        "is_locked": tuple(unit in locked for unit in now.unit_ids),
    }
    columns |= dict(zip(plan.load_names, plan.unit_loads, strict=True))
    yield _by_unit("units", Table(columns=columns), context)  # type: ignore[arg-type]
    yield _jurisdictions(plan, context)
    for name, kind, values in (
        ("driven", DrivenHours, plan.driven),
        ("frontier", FrontierPoint, plan.frontier),
        ("road", RoadShape, plan.road_shape),
        ("moved_by", MovedShare, plan.moved_by),
    ):
        if values:
            names = tuple(field.name for field in fields(kind))
            rows = tuple(tuple(getattr(one, each) for each in names) for one in values)
            yield Sheet(name=name, columns=names, rows=rows)
    yield from _key_accounts(plan, context)
    yield from _levels(plan)
    yield from _counts(plan)
    if plan.diagnosis:
        yield Sheet(
            name="diagnosis",
            columns=("number", "kind", "text", "unit_id"),
            rows=tuple(
                (number, found.kind, found.text, unit)
                for number, found in enumerate(plan.diagnosis, start=1)
                for unit in found.unit_ids
            ),
        )


def _key_accounts(plan: AlignmentPlan, context: ExportContext) -> Iterable[Sheet]:
    if plan.key_accounts:
        yield Sheet(
            name="key_accounts",
            columns=(
                "account_id", "account", "executive_id", "executive", "unit_id", *plan.load_names,
            ),
            rows=tuple(
                (
                    one.account_id, context.account(one.account_id),
                    one.executive_id, context.executive(one.executive_id), one.unit_id, *one.loads,
                )
                for one in plan.key_accounts
            ),
        )  # fmt: skip


def _levels(plan: AlignmentPlan) -> Iterable[Sheet]:
    names = [*plan.load_names, *(f"{name}_deviation_percent" for name in plan.load_names)]
    if plan.levels:
        yield Sheet(
            name="levels",
            columns=("level", "group_id", "executive_id", *names, "components"),
            rows=tuple(
                (level.name, group.group_id, executive, *group.loads, *group.deviation_percent,
                 group.components)
                for level in plan.levels
                for group in level.groups
                for executive in group.executive_ids
            ),
        )  # fmt: skip


def _counts(plan: AlignmentPlan) -> Iterable[Sheet]:
    rest = (
        "beyond_percent", "polsby_popper", "moment_of_inertia", "moved_percent", "full_percent",
        "is_chosen", "is_driven",
    )  # fmt: skip
    if plan.counts:
        yield Sheet(
            name="counts",
            columns=(
                "executives", *(f"{name}_worst_percent" for name in plan.load_names), *rest,
            ),
            rows=tuple(
                (one.executives, *one.worst_percent, *(getattr(one, name) for name in rest))
                for one in plan.counts
            ),
        )  # fmt: skip


def _jurisdictions(plan: AlignmentPlan, context: ExportContext) -> Sheet:
    names = [*plan.load_names, *(f"{name}_deviation_percent" for name in plan.load_names)]
    rest = ("components", "moment_of_inertia", "polsby_popper", "moved_in_percent")
    return Sheet(
        name="jurisdictions",
        columns=("executive_id", "executive", "units", *names, *rest),
        rows=tuple(
            (
                item.executive_id,
                item.name or context.executive(item.executive_id),
                item.units,
                *item.loads,
                *item.deviation_percent,
                *(getattr(item, name) for name in rest),
            )
            for item in plan.jurisdictions
        ),
    )


def clock(seconds: int) -> str:
    """Seconds after midnight as HH:MM:SS; beyond a day the hours go on (25:10:00)."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _visits(plan: VisitPlan, context: ExportContext) -> Iterable[Sheet]:
    yield _routes(plan, context)
    yield _stops(plan, context)
    if plan.costs:
        yield Sheet(
            name="costs",
            columns=("part", "quantity", "unit", "price", "amount"),
            rows=tuple(
                (part.name, part.quantity, part.unit, part.price, part.amount)
                for part in plan.costs
            ),
        )
    yield Sheet(
        name="unserved",
        columns=(
            "visit_id", "account_id", "account", "executive_id", "executive",
            "reason", "detail", "value", "fits_if",
        ),
        rows=tuple(
            (
                item.visit_id, item.account_id, context.account(item.account_id),
                item.executive_id, context.executive(item.executive_id),
                item.reason, item.detail, item.value, item.fits_if,
            )
            for item in plan.unserved
        ),
    )  # fmt: skip


def _routes(plan: VisitPlan, context: ExportContext) -> Sheet:
    return Sheet(
        name="routes",
        columns=(
            "executive_id", "executive", "date", "leave", "return", "stops",
            "travel_minutes", "travel_km", "visit_minutes", "break_minutes",
        ),
        rows=tuple(
            (
                route.executive_id, context.executive(route.executive_id), route.date,
                clock(route.leave_seconds), clock(route.return_seconds), len(route.stops),
                round(route.travel_seconds / 60, 2), route.travel_meters / 1000,
                round(route.visit_seconds / 60, 2),
                round(sum(b.end_seconds - b.start_seconds for b in route.breaks) / 60, 2),
            )
            for route in plan.routes
        ),
    )  # fmt: skip


def _stops(plan: VisitPlan, context: ExportContext) -> Sheet:
    def rows(route: Route) -> Iterable[tuple[Cell, ...]]:
        for number, stop in enumerate(route.stops, start=1):
            yield (
                route.executive_id, context.executive(route.executive_id), route.date, number,
                stop.visit_id, stop.account_id,
                ", ".join(
                    context.account(one) for one in (stop.account_id, *stop.with_account_ids)
                ),
                context.account_addresses.get(stop.account_id, ""), stop.kind,
                clock(stop.arrive_seconds), clock(stop.start_seconds), clock(stop.end_seconds),
                round(stop.travel_seconds / 60, 2), stop.travel_meters / 1000,
                stop.lon, stop.lat, stop.reason,
            )  # fmt: skip

    return Sheet(
        name="stops",
        columns=(
            "executive_id", "executive", "date", "number", "visit_id", "account_id", "account",
            "address", "kind", "arrive", "start", "end", "travel_minutes", "travel_km",
            "lon", "lat", "reason",
        ),
        rows=tuple(row for route in plan.routes for row in rows(route)),
    )  # fmt: skip


def _outlets(plan: OutletPlan, context: ExportContext) -> Iterable[Sheet]:
    columns: tuple[str, ...] = (
        "site_id", "name", "role", "decision", "lon", "lat", "captured", "from_own",
        "from_unmet", "marginal", "cost", "reason",
    )  # fmt: skip
    phase = phase_of(plan)
    rows = [tuple(getattr(site, name) for name in columns) for site in plan.sites]
    if phase:
        columns = (*columns, "phase")
        rows = [(*row, phase.get(site.site_id)) for row, site in zip(rows, plan.sites, strict=True)]
    yield Sheet(name="sites", columns=columns, rows=tuple(rows))
    yield _table("frontier", plan.frontier)
    for name in (
        "what_ifs", "alternatives", "transfers", "paybacks", "robustness", "phases", "steps",
        "loads", "splits",
    ):  # fmt: skip
        if getattr(plan, name).columns:
            yield _table(name, getattr(plan, name))
    yield _by_unit("cells", plan.cells, context)
    totals = (
        "new_sites", "captured_before", "captured", "cannibalised", "demand", "bound",
        "gap_percent", "is_proven", "why_not_proven", "budget", "spent",
        "minimum_separation_meters", "travel_source", "margin_percent", "turned_away",
    )  # fmt: skip
    yield Sheet(
        name="totals",
        columns=("total", "value"),
        rows=tuple((name, getattr(plan, name)) for name in totals),
    )


def _gaps(plan: GapPlan, context: ExportContext) -> Iterable[Sheet]:
    if plan.findings.columns:
        yield _table("findings", plan.findings)
    yield _by_unit("cells", plan.cells, context)
    yield _table("coverage", plan.coverage)
    yield _table("overlap", plan.overlap)
    yield _table("outlets", plan.outlets)
    if plan.areas.columns:
        yield _table("districts", plan.areas)


def _report(plan: WeeklyReport, context: ExportContext) -> Iterable[Sheet]:
    lines = tuple((text,) for text in plan.headlines)
    yield Sheet(name="headlines", columns=("headline",), rows=lines)
    yield _table("jurisdictions", plan.jurisdictions)
    for name, table in plan.sections.items():
        if len(table):
            yield _table(name, table)


def _tables(market: Market, context: ExportContext) -> Iterable[Sheet]:
    for name, frame in market.tables.items():
        if len(frame):
            yield frame_sheet(name, frame)


def frame_sheet(name: str, frame: pd.DataFrame) -> Sheet:
    """A market table as a sheet, its missing cells empty."""
    columns = [[_plain(value) for value in frame[column].tolist()] for column in frame.columns]
    return Sheet(
        name=name,
        columns=tuple(str(column) for column in frame.columns),
        rows=tuple(zip(*columns, strict=True)),
    )


def _plain(value: object) -> Cell:
    """A cell of a frame as a plain value; anything unexpected becomes its text."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp | datetime):
        return value.date() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, str | bool | int | date):
        return value
    return str(value)
