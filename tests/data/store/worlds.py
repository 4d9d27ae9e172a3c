"""Small markets and plans that the store tests keep and read back."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from territory.alignment import Alignment, AlignmentPlan, Jurisdiction
from territory.market import MarketSettings
from territory.outlets import GapPlan, OutletPlan, SiteResult
from territory.plans import Provenance, Table, WorkDone
from territory.routes import Break, Route, Stop, Unserved, VisitPlan
from territory.scores import ScorePlan
from territory.tables import TABLES
from territory.tables.frames import typed_frame
from territory.weekly import WeeklyReport

SETTINGS = MarketSettings(
    title="Espoo & <b>co</b>", today=date(2026, 3, 2), timezone="Europe/Helsinki", total_market=1e6
)
DAY = date(2026, 3, 2)
EMPTY = Table(columns={})


def accounts(*ids: str, name: str = "Shop") -> pd.DataFrame:
    """Accounts with these ids, every kind of column filled in the first and empty in the others."""
    count = len(ids)
    return typed_frame(
        {
            "account_id": list(ids),
            "name": [name] * count,
            "lon": [24.94 + row / 100 for row in range(count)],
            "lat": [60.17] * count,
            "tier": ["A"] + [""] * (count - 1),
            "opening_hours": ["Mo-Fr 09:00-17:00"] + [""] * (count - 1),
            "visit_minutes": [30.5] + [np.nan] * (count - 1),
            "last_visit": [DAY] + [None] * (count - 1),
            "is_key": [True] + [None] * (count - 1),
        },
        TABLES["accounts"],
    )


def score_plan() -> ScorePlan:
    """Two units, with a missing, an infinite, a whole and a text figure."""
    return ScorePlan(
        unit_ids=("u1", "u2"),
        table=Table(
            columns={
                "potential": (1.0, float("inf")),
                "reach": (None, 0.1 + 0.2),
                "own_outlets": (3, 0),
                "segment": ("grow", '"NaN" ${x} {{7}} \u202e'),
                "is_new": (True, False),
            }
        ),
        parts=Table(columns={"base": (0.5, -0.0)}),
        totals={"potential": 12.5},
        notes=("a", "b"),
    )


def alignment_plan() -> AlignmentPlan:
    """Two units of two executives, one moved."""
    after = Alignment(unit_ids=("u1", "u2"), executive_ids=("E1", "E2"), owners=("E1", "E2"))
    whole = Jurisdiction(
        executive_id="E1",
        name="Ann",
        units=1,
        loads=(1.0, 2.0),
        deviation_percent=(0.0, 0.0),
        components=1,
        moment_of_inertia=0.25,
        polsby_popper=0.7,
        moved_in_percent=0.0,
    )
    return AlignmentPlan(
        alignment=after,
        before=replace(after, owners=("E1", "")),
        load_names=("potential", "workload"),
        unit_loads=((1.0, 1.0), (2.0, 2.0)),
        tolerance_percent=(5.0, 5.0),
        locked_units=("u1",),
        jurisdictions=(whole, replace(whole, executive_id="E2")),
        jurisdictions_before=(),
        worst_percent=(0.0, 0.0),
        cut_edges=1,
        moment_of_inertia=0.5,
        inertia_bound=0.5,
        moved_percent=50.0,
        moved_bound_percent=0.0,
    )


def visit_plan() -> VisitPlan:
    """One route with one stop and one unserved visit."""
    stop = Stop(
        visit_id="A1#1",
        account_id="A1",
        kind="visit",
        lon=24.9,
        lat=60.1,
        travel_seconds=600,
        travel_meters=5000,
        arrive_seconds=33_000,
        start_seconds=33_000,
        end_seconds=34_800,
        reason="due",
    )
    route = Route(
        executive_id="E1",
        date=DAY,
        start_lonlat=(24.8, 60.1),
        end_lonlat=(24.8, 60.1),
        leave_seconds=32_400,
        return_seconds=35_400,
        stops=(stop,),
        breaks=(Break(start_seconds=43_200, end_seconds=45_900),),
        home_travel_seconds=600,
        home_travel_meters=5000,
        travel_seconds=1200,
        travel_meters=10_000,
        visit_seconds=1800,
    )
    lost = Unserved(
        visit_id="A2#1",
        account_id="A2",
        executive_id="E1",
        reason="capacity_day_full",
        detail="full",
        value=10.0,
    )
    return VisitPlan(
        first_date=DAY,
        last_date=DAY,
        mode="car",
        travel_source="road",
        routes=(route,),
        unserved=(lost,),
        travel_seconds=1200,
        travel_meters=10_000,
        visit_seconds=1800,
        served=1,
        value_kept=20.0,
        value_lost=10.0,
    )


def outlet_plan() -> OutletPlan:
    """One opened site, proven, without a budget."""
    site = SiteResult(
        site_id="S1",
        name="New",
        lon=24.9,
        lat=60.1,
        role="candidate",
        decision="open",
        captured=5.0,
        from_own=1.0,
        from_unmet=4.0,
        marginal=4.0,
        cost=0.0,
    )
    return OutletPlan(
        sites=(site,),
        cells=Table(columns={"unit_id": ("u1",), "demand": (5.0,)}),
        frontier=EMPTY,
        reach_minutes=(5, 10),
        reach_weights=(1.0, 0.5),
        new_sites=1,
        captured_before=1.0,
        captured=5.0,
        cannibalised=1.0,
        demand=9.0,
        bound=5.0,
        gap_percent=0.0,
        is_proven=True,
        why_not_proven="",
        budget=None,
        spent=0.0,
        minimum_separation_meters=0.0,
        travel_source="estimated",
    )


def gap_plan() -> GapPlan:
    """No cells at all."""
    return GapPlan(
        cells=EMPTY,
        coverage=EMPTY,
        overlap=EMPTY,
        outlets=EMPTY,
        supportable_outlets=0,
        reach_minutes=(5,),
        travel_source="road",
    )


def weekly_report() -> WeeklyReport:
    """One section with one line."""
    return WeeklyReport(
        first_date=DAY,
        last_date=DAY,
        jurisdictions=Table(columns={"executive_id": ("all",), "gap": (float("nan"),)}),
        sections={"overdue_tasks": Table(columns={"task_id": ("T1",)})},
        headlines=("1 task is overdue",),
    )


PLANS = {
    "score": score_plan,
    "alignment": alignment_plan,
    "visits": visit_plan,
    "outlets": outlet_plan,
    "gaps": gap_plan,
    "report": weekly_report,
}


def provenance(kind: str = "score", market: str = "espoo") -> Provenance:
    """How a plan was made."""
    return Provenance(
        market=market,
        kind=kind,  # type: ignore[arg-type]
        seed=7,
        params={"tolerance_percent": 5.0, "locked_units": ["u1"], "budget": None},
        input_hash="abc",
        tool_version="0.1.0",
        work=WorkDone(stopped_by="work", iterations=100, wall_seconds=1.5),
        parents=("pln_1",),
    )
