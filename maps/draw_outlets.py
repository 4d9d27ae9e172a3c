"""The outlets page: which sites open, stay and close, what they capture, and how good it is."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from maps.columns import Cell, Shown, tidy
from maps.context import KeyFigure, PageContext
from maps.layers import bounds, encode_points, encode_units, units_bounds
from maps.measures import as_data, check_units, measure_spec, numbers
from maps.outlet_answers import answers_data
from maps.page import Page, map_page
from maps.preview import Frame, areas_parts, dots_part, picture
from maps.style import money, stepped
from territory.geo import LonLat
from territory.outlets import OutletPlan, Site, SiteResult, phase_of
from territory.units import Units

SHARE_STEPS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
NEW, KEPT, CLOSED, COMPETITOR, CANDIDATE = "new", "kept", "closed", "competitor", "candidate"


def draw_outlets(
    plan: OutletPlan, units: Units, context: PageContext, *, competitors: Sequence[Site] = ()
) -> Page:
    """Sites by shape over the cells they capture, before and after, with cards and the frontier.

    ``competitors`` are drawn too, where the plan itself does not name them.
    """
    check_units(plan.cells.texts("unit_id"), units)
    demand = plan.cells.numbers("demand")
    rows: dict[str, list[Cell]] = {
        "demand": tidy(demand, "money"),
        "captured_before": tidy(plan.cells.numbers("captured_before"), "money"),
        "captured_after": tidy(plan.cells.numbers("captured_after"), "money"),
        "share_before": tidy(_shares(plan.cells.numbers("captured_before"), demand), "ratio"),
        "share_after": tidy(_shares(plan.cells.numbers("captured_after"), demand), "ratio"),
    }
    change = np.subtract(
        plan.cells.numbers("captured_after"), plan.cells.numbers("captured_before")
    )
    rows["change"] = tidy(change.tolist(), "money")
    sites = tuple(sorted((*plan.sites, *_bystanders(plan, competitors)), key=_rank))
    site_points = np.asarray([(s.lon, s.lat) for s in sites], dtype=np.float64).reshape(-1, 2)
    place = {site.site_id: k for k, site in enumerate(sites)}
    near = site_points[[kind_of(site) in (NEW, KEPT, CLOSED) for site in sites]]
    data = {
        "bounds": _both(units, near),
        "units": encode_units(units),
        "rows": rows,
        "site_of": [place.get(site, -1) for site in plan.cells.texts("site_id")],
        "views": _views(rows, context.currency),
        "sites": _sites(sites, phase_of(plan)),
        "site_points": encode_points(site_points),
        "frontier": {
            "steps": tidy(plan.frontier.columns.get("new_sites", ()), "whole"),
            "captured": tidy(plan.frontier.columns.get("captured", ()), "money"),
            "bound": tidy(plan.frontier.columns.get("bound", ()), "money"),
            "adds": tidy(_adds(plan), "money"),
        },
        "new_sites": plan.new_sites,
        "answers": answers_data(plan, sites),
        "reach": _reach_words(plan),
        "proof": _proof(plan),
    }
    return map_page(
        "outlets",
        context,
        data=data,
        lead=_lead(plan),
        figures=outlets_figures(plan, context),
        notes=plan.notes,
        preview=_preview(plan, units, rows["share_after"]),
    )


def _lead(plan: OutletPlan) -> str:
    times = "estimated" if plan.travel_source == "estimated" else "road"
    return (
        f"{plan.new_sites} new sites among {len(plan.sites):,}, captured within "
        f"{plan.reach_minutes[-1]} {times} minutes. {_proof(plan)}"
    )


def _proof(plan: OutletPlan) -> str:
    if plan.is_proven:
        return "Proven: no other choice captures more."
    reason = f": {plan.why_not_proven}" if plan.why_not_proven else ""
    return f"At most {plan.gap_percent:.2f} % below the best possible{reason}."


def outlets_figures(plan: OutletPlan, context: PageContext) -> tuple[KeyFigure, ...]:
    """The head figures of an outlet plan."""
    currency = context.currency
    more = plan.captured - plan.captured_before
    change = f"{100 * more / plan.captured_before:+.1f} %" if plan.captured_before > 0 else ""
    share = f"{100 * plan.captured / plan.demand:.1f} % of demand" if plan.demand > 0 else ""
    closed = sum(1 for site in plan.sites if site.decision == "close")
    figures = [
        KeyFigure(label="New sites", value=f"{plan.new_sites:,}", note=f"{closed} closed"),
        KeyFigure(label="Captured a year", value=money(plan.captured, currency), note=share),
        KeyFigure(label="Gained", value=money(more, currency), note=change),
        KeyFigure(label="Cannibalised", value=money(plan.cannibalised, currency)),
        KeyFigure(
            label="Proven bound",
            value=money(plan.bound, currency),
            note="reached" if plan.is_proven else f"gap {plan.gap_percent:.2f} %",
        ),
    ]
    if plan.loads.columns:
        left = money(plan.turned_away, currency)
        figures.append(KeyFigure(label="Left for want of capacity", value=left))
    limit = f"of {money(plan.budget, currency)}" if plan.budget is not None else "no budget set"
    figures.append(KeyFigure(label="Spent a year", value=money(plan.spent, currency), note=limit))
    return tuple(figures)


def _shares(captured: Sequence[float], demand: Sequence[float]) -> list[float]:
    """Captured share of each cell's demand; nan where there is no demand."""
    return [
        min(1.0, got / wanted) if wanted > 0 else math.nan
        for got, wanted in zip(captured, demand, strict=True)
    ]


def _both(units: Units, site_points: LonLat) -> list[float]:
    west, south, east, north = units_bounds(units)
    if len(site_points) == 0:
        return [west, south, east, north]
    return bounds(np.vstack([[[west, south], [east, north]], site_points]))


def _views(rows: dict[str, list[Cell]], currency: str) -> list[dict[str, object]]:
    shares = as_data(stepped(SHARE_STEPS, method="steps of 20 %, nothing apart"))
    share = Shown(key="share_after", label="After", kind="ratio", text="Captured share of demand")
    before = Shown(
        key="share_before", label="Before", kind="ratio", text="Captured share of demand"
    )
    change = Shown(key="change", label="Change", kind="money", text="Captured after less before")
    demand = Shown(key="demand", label="Demand", kind="money", text="Potential left by competitors")
    return [
        {**share.spec(currency), "classes": shares},
        {**before.spec(currency), "classes": shares},
        measure_spec(change, rows["change"], currency),
        measure_spec(demand, rows["demand"], currency),
    ]


def kind_of(site: SiteResult) -> str:
    """What a site is on the map: its role and what was decided of it."""
    if site.role == "competitor":
        return COMPETITOR
    if site.decision == "close":
        return CLOSED
    if site.decision == "open":
        return NEW
    return KEPT if site.role == "own" else CANDIDATE


def _rank(site: SiteResult) -> int:
    """What was decided first, what was not chosen and competitors last."""
    return (NEW, CLOSED, KEPT, CANDIDATE, COMPETITOR).index(kind_of(site))


def _bystanders(plan: OutletPlan, competitors: Sequence[Site]) -> list[SiteResult]:
    known = {site.site_id for site in plan.sites}
    nothing = math.nan
    return [
        SiteResult(
            site_id=site.site_id, name=site.name, lon=site.lon, lat=site.lat, role=site.role,
            decision="leave", captured=nothing, from_own=nothing, from_unmet=nothing,
            marginal=nothing, cost=nothing, reason=site.reason,
        )
        for site in competitors
        if site.site_id not in known
    ]  # fmt: skip


def _sites(sites: Sequence[SiteResult], phase: Mapping[str, int]) -> dict[str, list[Cell]]:
    columns: dict[str, list[Cell]] = {
        "site_id": [site.site_id for site in sites],
        "name": [site.name or site.site_id for site in sites],
        "kind": [kind_of(site) for site in sites],
        "reason": [site.reason for site in sites],
        "phase": [phase.get(site.site_id) for site in sites] if phase else [],
    }
    for name in ("captured", "from_own", "from_unmet", "marginal", "cost"):
        columns[name] = tidy([getattr(site, name) for site in sites], "money")
    return columns


def _adds(plan: OutletPlan) -> tuple[float, ...]:
    """What each number of new sites adds; older plans tell it only by what they capture."""
    if "adds" in plan.frontier.columns:
        return plan.frontier.numbers("adds")
    captured = plan.frontier.numbers("captured") if plan.frontier.columns else ()
    return (math.nan, *(more - fewer for fewer, more in pairwise(captured)))[: len(captured)]


def _reach_words(plan: OutletPlan) -> str:
    capture, last = plan.capture, plan.reach_minutes[-1]
    steps = ", ".join(
        f"{100 * weight:.0f} % within {minutes} min"
        for minutes, weight in zip(plan.reach_minutes, plan.reach_weights, strict=True)
    )
    if not capture.is_choice:
        return f"A cell's demand counts {steps} of the site that serves it best."
    if capture.decay is None:
        pull = f"attractiveness, {steps}"
    elif capture.kind == "huff":
        pull = f"attractiveness × minutes^-{capture.decay:g} within {last} min"
    else:
        pull = f"attractiveness × e^(-{capture.decay:g} × minutes) within {last} min"
    return f"Cells share their demand among all sites that pull, by {pull}."


def _preview(plan: OutletPlan, units: Units, share: list[Cell]) -> str:
    if len(units) == 0:
        return ""
    classes = stepped(SHARE_STEPS, method="")
    frame = Frame(units.lonlat)
    parts = areas_parts(units, classes.of(numbers(share)), classes.light, frame)
    for kind, colour in ((KEPT, "#17211d"), (NEW, "#D55E00")):
        points = [(s.lon, s.lat) for s in plan.sites if kind_of(s) == kind]
        if points:
            parts.append(dots_part(frame, np.asarray(points), colour, radius=5))
    return picture(parts)
