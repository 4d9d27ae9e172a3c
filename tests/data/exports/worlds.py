"""One small plan of every kind, in which every text may be hostile."""

from datetime import date

import numpy as np
import pandas as pd
import shapely

from data.exports import ExportContext
from territory.alignment import Alignment, AlignmentPlan, Jurisdiction
from territory.diagnosis import DrivenHours, Finding
from territory.market import Market, MarketSettings
from territory.outlets import GapPlan, OutletPlan, SiteResult
from territory.plans import Table
from territory.routes import Break, Route, Stop, Unserved, VisitPlan
from territory.scores import ScorePlan
from territory.units import Neighbours, Units
from territory.weekly import WeeklyReport

HOSTILE = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "<script>alert(1)</script>",
    "{{ 7*7 }} ${7*7} `x`",
    "\u202eright to left\u202c عربى",
    "x" * 10_000,
    'quote " comma , semicolon ; newline \n END:VEVENT',
    "nul \x00 bell \x07 surrogate \ud800",
    "../../etc/passwd",
    "_x0041_",
    "]]></name>",
)


def units() -> Units:
    """Two squares side by side, the second given clockwise."""
    left = shapely.Polygon([(24.0, 60.0), (24.1, 60.0), (24.1, 60.1), (24.0, 60.1)])
    right = shapely.Polygon([(24.1, 60.0), (24.1, 60.1), (24.2, 60.1), (24.2, 60.0)])
    return Units(
        ids=("007", "NA"),
        names=("West", "East"),
        lonlat=np.array([[24.05, 60.05], [24.15, 60.05]]),
        polygons=np.array([left, right], dtype=object),
        area_square_meters=np.array([1.0, 1.0]),
        neighbours=Neighbours(
            indptr=np.array([0, 1, 2], np.int32),
            indices=np.array([1, 0], np.int32),
            border_meters=np.array([1.0, 1.0]),
        ),
        kind="zones",
    )


def context(text: str = "Plan", **fields: object) -> ExportContext:
    """A context whose every text is ``text``."""
    given: dict[str, object] = {
        "title": text,
        "market": text,
        "plan_id": text,
        "date": date(2026, 3, 2),
        "timezone": "Europe/Helsinki",
        "executive_names": {"e1": text},
        "account_names": {"a1": text, "a2": text},
        "account_addresses": {"a1": text},
        "units": units(),
        "attribution": (text,),
    }
    return ExportContext(**{**given, **fields})  # type: ignore[arg-type]


def score(text: str = "note") -> ScorePlan:
    table = {"potential": (100.5, 50.25), "segment": ("grow", text), "gap": (float("nan"), -3.0)}
    return ScorePlan(
        unit_ids=("007", "NA"),
        table=Table(columns=table),
        parts=Table(columns={"base": (75.0, 75.0), "income": (25.5, -24.75)}),
        totals={"potential": 150.75},
        notes=(text,),
    )


def alignment(text: str = "Ann") -> AlignmentPlan:
    now = Alignment(unit_ids=("007", "NA"), executive_ids=("e1",), owners=("e1", "e1"))
    jurisdiction = Jurisdiction(
        executive_id="e1",
        name=text,
        units=2,
        loads=(150.75,),
        deviation_percent=(0.0,),
        components=1,
        moment_of_inertia=3.5,
        polsby_popper=0.7,
        moved_in_percent=0.0,
    )
    return AlignmentPlan(
        alignment=now,
        before=None,
        load_names=("potential",),
        unit_loads=((100.5, 50.25),),
        tolerance_percent=(5.0,),
        locked_units=("NA",),
        jurisdictions=(jurisdiction,),
        jurisdictions_before=(),
        worst_percent=(0.0,),
        cut_edges=0,
        moment_of_inertia=3.5,
        inertia_bound=3.0,
        moved_percent=0.0,
        moved_bound_percent=0.0,
        notes=(text,),
        diagnosis=(
            Finding(
                kind="largest_unit",
                load_names=("potential",),
                tolerance_percent=(5.0,),
                unit_ids=("007",),
                share_percent=(66.7,),
                least_percent=33.4,
                text=text,
            ),
        ),
        driven=(
            DrivenHours(
                executive_id="e1",
                planned_hours=10.0,
                visit_hours=8.0,
                tour_hours=1.5,
                stem_hours=0.5,
                deviation_percent=0.0,
            ),
        ),
    )


def stop(visit: str, account: str, start: int, text: str) -> Stop:
    return Stop(
        visit_id=visit,
        account_id=account,
        kind="visit",
        lon=24.05,
        lat=60.05,
        travel_seconds=600,
        travel_meters=5000,
        arrive_seconds=start,
        start_seconds=start,
        end_seconds=start + 1800,
        reason=text,
    )


def visits(text: str = "due") -> VisitPlan:
    """One day of e1 with two stops, 29 March 2026: the night before, clocks went forward."""
    route = Route(
        executive_id="e1",
        date=date(2026, 3, 29),
        start_lonlat=(24.0, 60.0),
        end_lonlat=(24.0, 60.0),
        leave_seconds=8 * 3600,
        return_seconds=14 * 3600,
        stops=(stop("a1#1", "a1", 9 * 3600, text), stop("a2#1", "a2", 13 * 3600, text)),
        breaks=(Break(start_seconds=11 * 3600, end_seconds=11 * 3600 + 1800),),
        home_travel_seconds=600,
        home_travel_meters=5000,
        travel_seconds=1800,
        travel_meters=15000,
        visit_seconds=3600,
    )
    unserved = Unserved(
        visit_id="a3#1",
        account_id="a3",
        executive_id="e1",
        reason="capacity_day_full",
        detail=text,
        value=12.5,
        fits_if=text,
    )
    return VisitPlan(
        first_date=date(2026, 3, 29),
        last_date=date(2026, 3, 29),
        mode="car",
        travel_source="road",
        routes=(route,),
        unserved=(unserved,),
        travel_seconds=1800,
        travel_meters=15000,
        visit_seconds=3600,
        served=2,
        value_kept=10.0,
        value_lost=12.5,
        notes=(text,),
    )


def outlets(text: str = "Shop") -> OutletPlan:
    site = SiteResult(
        site_id="00123",
        name=text,
        lon=24.1234567,
        lat=60.05,
        role="candidate",
        decision="open",
        captured=100.5,
        from_own=0.0,
        from_unmet=100.5,
        marginal=100.5,
        cost=7.0,
        reason=text,
    )
    cells = {
        "unit_id": ("007", "NA"),
        "demand": (100.5, 50.25),
        "captured_before": (0.0, 0.0),
        "captured_after": (100.5, 0.0),
        "site_id": ("00123", ""),
    }
    return OutletPlan(
        sites=(site,),
        cells=Table(columns=cells),
        frontier=Table(columns={"new_sites": (1,), "captured": (100.5,), "bound": (100.5,)}),
        reach_minutes=(5,),
        reach_weights=(1.0,),
        new_sites=1,
        captured_before=0.0,
        captured=100.5,
        cannibalised=0.0,
        demand=150.75,
        bound=100.5,
        gap_percent=0.0,
        is_proven=True,
        why_not_proven="",
        budget=None,
        spent=7.0,
        minimum_separation_meters=0.0,
        travel_source="road",
        notes=(text,),
    )


def gaps(text: str = "Shop") -> GapPlan:
    return GapPlan(
        cells=Table(columns={"unit_id": ("007", "NA"), "potential": (100.5, 50.25)}),
        coverage=Table(columns={"minutes": (5,), "own_percent": (66.7,)}),
        overlap=Table(columns={"outlet_a": (text,), "outlet_b": (text,), "shared": (1.5,)}),
        outlets=Table(columns={"site_id": ("00123",), "name": (text,), "captured": (100.5,)}),
        supportable_outlets=1,
        reach_minutes=(5,),
        travel_source="road",
        notes=(text,),
    )


def report(text: str = "Ann") -> WeeklyReport:
    return WeeklyReport(
        first_date=date(2026, 3, 2),
        last_date=date(2026, 3, 8),
        jurisdictions=Table(
            columns={"executive_id": ("e1", "all"), "name": (text, ""), "gap": (-4.5, -4.5)}
        ),
        sections={"overdue_tasks": Table(columns={"task_id": ("007",), "title": (text,)})},
        headlines=(text,),
        notes=(text,),
    )


def market(text: str = "Shop") -> Market:
    companies = pd.DataFrame(
        {
            "company_id": ["00123", "NA"],
            "name": pd.Series([text, None], dtype=object),
            "lon": [24.05, float("nan")],
            "lat": [60.05, float("nan")],
            "income": [-5.5, float("nan")],
            "synthetic": ["", "*"],
        }
    )
    zones = pd.DataFrame(
        {
            "zone_id": ["z"],
            "name": pd.Series([text], dtype=object),
            "geometry": ["POLYGON((24 60,24 61,25 61,24 60))"],
        }
    )
    settings = MarketSettings(title=text, today=date(2026, 3, 2))
    tables = {"companies": companies, "zones": zones, "orders": pd.DataFrame({"order_id": []})}
    return Market(name=text, settings=settings, tables=tables)


PLANS = {
    "score": score,
    "alignment": alignment,
    "visits": visits,
    "outlets": outlets,
    "gaps": gaps,
    "report": report,
    "tables": market,
}
