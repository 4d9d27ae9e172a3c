"""One small correct plan of each kind, worked out by hand, with the facts it is judged by."""

from datetime import date

import numpy as np

from territory.alignment import Alignment, AlignmentPlan, Jurisdiction
from territory.checks import AlignmentFacts, OutletFacts, VisitFacts
from territory.outlets import OutletPlan, Site, SiteResult
from territory.plans import Table
from territory.routes import Break, Route, Stop, Unserved, VisitPlan
from territory.travel import TravelMatrix
from territory.units import Neighbours
from territory.visits import Lunch, Shift, VisitNeed

# Six square kilometres, two rows of three, unit ids in reading order:
#
#     a1 b1 c1        one executive per column: Ann, Bo, Cy
#     a2 b2 c2
#
# Sales 10 and 2 hours of workload in every unit. Before, b2 belonged to Ann.

COLUMNS = ("Ann", "Bo", "Cy", "Ann", "Bo", "Cy")
SQUARE_LINKS = {0: (1, 3), 1: (0, 2, 4), 2: (1, 5), 3: (0, 4), 4: (1, 3, 5), 5: (2, 4)}


def alignment_facts() -> AlignmentFacts:
    units = ("a1", "b1", "c1", "a2", "b2", "c2")
    degrees = [len(links) for links in SQUARE_LINKS.values()]
    return AlignmentFacts(
        unit_ids=units,
        executive_ids=("Ann", "Bo", "Cy"),
        neighbours=Neighbours(
            indptr=np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32),
            indices=np.array([one for links in SQUARE_LINKS.values() for one in links], np.int32),
            border_meters=np.full(sum(degrees), 1000.0),
        ),
        xy_meters=np.array([(x, y) for y in (1000.0, 0.0) for x in (0.0, 1000.0, 2000.0)]),
        area_square_meters=np.full(6, 1e6),
        perimeter_meters=np.full(6, 4000.0),
        load_names=("sales", "workload"),
        loads=np.array([[10.0] * 6, [2.0] * 6]),
        tolerance_percent=(5.0, 5.0),
        locked={"c1": "Cy"},
        before=Alignment(
            unit_ids=units,
            executive_ids=("Ann", "Bo", "Cy"),
            owners=("Ann", "Bo", "Cy", "Ann", "Ann", "Cy"),
        ),
    )


def jurisdiction(name: str, **changes: object) -> Jurisdiction:
    """A column: 2 x 1 km, so 4 pi 2 / 36; both units 0.5 km from the middle: 2 x 2 x 0.25."""
    given: dict[str, object] = {
        "executive_id": name,
        "name": name,
        "units": 2,
        "loads": (20.0, 4.0),
        "deviation_percent": (0.0, 0.0),
        "components": 1,
        "moment_of_inertia": 1.0,
        "polsby_popper": 4 * np.pi * 2 / 36,
        "moved_in_percent": 0.0,
    }
    return Jurisdiction(**(given | changes))  # type: ignore[arg-type]


def alignment_plan() -> AlignmentPlan:
    facts = alignment_facts()
    return AlignmentPlan(
        alignment=Alignment(
            unit_ids=facts.unit_ids, executive_ids=("Ann", "Bo", "Cy"), owners=COLUMNS
        ),
        before=facts.before,
        load_names=("sales", "workload"),
        unit_loads=((10.0,) * 6, (2.0,) * 6),
        tolerance_percent=(5.0, 5.0),
        locked_units=("c1",),
        jurisdictions=(
            jurisdiction("Ann"),
            jurisdiction("Bo", moved_in_percent=50.0),  # b2, one of two
            jurisdiction("Cy"),
        ),
        jurisdictions_before=(
            # a1 a2 b2: an L of 3 km2 with an outline of 8 km. Centroid a third of the way along
            # both axes: squared distances 5/9, 2/9, 5/9 km2, times 2 h = 8/3.
            jurisdiction(
                "Ann",
                units=3,
                loads=(30.0, 6.0),
                deviation_percent=(50.0, 50.0),
                moment_of_inertia=8 / 3,
                polsby_popper=4 * np.pi * 3 / 64,
            ),
            # b1 alone: one square
            jurisdiction(
                "Bo",
                units=1,
                loads=(10.0, 2.0),
                deviation_percent=(-50.0, -50.0),
                moment_of_inertia=0.0,
                polsby_popper=np.pi / 4,
            ),
            jurisdiction("Cy"),
        ),
        worst_percent=(0.0, 0.0),
        cut_edges=4,  # a1-b1, b1-c1, a2-b2, b2-c2
        moment_of_inertia=3.0,
        inertia_bound=2.5,
        moved_percent=100 * 2 / 12,
        moved_bound_percent=15.0,
        notes=(),
    )


# One executive, Ann, home at (0, 0); doors at 1, 2 and 3 hundredths of a degree east. A hundredth
# takes 10 minutes and 5 km. Monday: two visits around lunch; Tuesday: an appointment, home by noon.

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
HOUR, MINUTE = 3600, 60


def need(visit_id: str, east: int, **changes: object) -> VisitNeed:
    given: dict[str, object] = {
        "visit_id": visit_id,
        "account_id": visit_id.split("#")[0],
        "executive_id": "Ann",
        "lon": east / 100,
        "lat": 0.0,
        "visit_seconds": 30 * MINUTE,
        "dates": (MONDAY, TUESDAY),
        "windows": (((9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)),) * 2,
        "value": 100.0,
    }
    return VisitNeed(**(given | changes))  # type: ignore[arg-type]


def shift(day: date) -> Shift:
    return Shift(
        executive_id="Ann",
        date=day,
        start_seconds=8 * HOUR + 30 * MINUTE,
        end_seconds=17 * HOUR,
        start_lonlat=(0.0, 0.0),
        end_lonlat=(0.0, 0.0),
        lunch=Lunch(
            earliest_start_seconds=11 * HOUR + 30 * MINUTE,
            latest_start_seconds=13 * HOUR,
            seconds=30 * MINUTE,
        ),
        max_driving_seconds=3 * HOUR,
        skills=frozenset({"tools"}),
    )


def visit_facts() -> VisitFacts:
    east = np.arange(4)
    steps = np.abs(east[:, None] - east[None, :])
    return VisitFacts(
        needs=(
            need("A#1", 1, series="A", min_spacing_days=1),
            need("A#2", 1, series="A", min_spacing_days=1, deadline=TUESDAY),
            need("B#1", 2, required_skill="tools"),
            need(
                "C#1",
                3,
                kind="appointment",
                dates=(TUESDAY,),
                windows=(((10 * HOUR, 10 * HOUR + 30 * MINUTE),),),
                pinned_start_seconds=10 * HOUR,
                value=250.0,
            ),
            need("D#1", 3, value=40.0),
        ),
        shifts=(shift(MONDAY), shift(TUESDAY)),
        points=np.column_stack([east / 100, np.zeros(4)]),
        travel=TravelMatrix(
            seconds=(steps * 600).astype(np.int32),
            meters=(steps * 5000).astype(np.int32),
            source="road",
        ),
        mode="car",
    )


def stop(visit_id: str, east: int, drive: int, arrive: int, start: int) -> Stop:
    """``drive`` in hundredths of a degree, clock times in minutes after midnight."""
    return Stop(
        visit_id=visit_id,
        account_id=visit_id.split("#")[0],
        kind="appointment" if visit_id == "C#1" else "visit",
        lon=east / 100,
        lat=0.0,
        travel_seconds=drive * 600,
        travel_meters=drive * 5000,
        arrive_seconds=arrive * MINUTE,
        start_seconds=start * MINUTE,
        end_seconds=(start + 30) * MINUTE,
    )


def visit_plan() -> VisitPlan:
    monday = Route(
        executive_id="Ann",
        date=MONDAY,
        start_lonlat=(0.0, 0.0),
        end_lonlat=(0.0, 0.0),
        leave_seconds=11 * HOUR,
        return_seconds=13 * HOUR + 50 * MINUTE,
        # 11:00 leave, 11:10-11:40 A, drive 5 min, lunch 11:45-12:15, drive 5 min, wait until
        # 13:00, 13:00-13:30 B, home 13:50
        stops=(
            stop("A#1", 1, drive=1, arrive=11 * 60 + 10, start=11 * 60 + 10),
            stop("B#1", 2, drive=1, arrive=12 * 60 + 20, start=13 * 60),
        ),
        breaks=(Break(start_seconds=11 * HOUR + 45 * MINUTE, end_seconds=12 * HOUR + 15 * MINUTE),),
        home_travel_seconds=1200,
        home_travel_meters=10_000,
        travel_seconds=2400,
        travel_meters=20_000,
        visit_seconds=3600,
    )
    tuesday = Route(
        executive_id="Ann",
        date=TUESDAY,
        start_lonlat=(0.0, 0.0),
        end_lonlat=(0.0, 0.0),
        leave_seconds=8 * HOUR + 50 * MINUTE,
        return_seconds=11 * HOUR,
        # 08:50 leave, 09:00-09:30 A, 09:50 at C, 10:00-10:30 C, home 11:00
        stops=(
            stop("A#2", 1, drive=1, arrive=9 * 60, start=9 * 60),
            stop("C#1", 3, drive=2, arrive=9 * 60 + 50, start=10 * 60),
        ),
        breaks=(),
        home_travel_seconds=1800,
        home_travel_meters=15_000,
        travel_seconds=3600,
        travel_meters=30_000,
        visit_seconds=3600,
    )
    return VisitPlan(
        first_date=MONDAY,
        last_date=TUESDAY,
        mode="car",
        travel_source="road",
        routes=(monday, tuesday),
        unserved=(
            Unserved(
                visit_id="D#1",
                account_id="D",
                executive_id="Ann",
                reason="lower_value_than_kept",
                detail="worth 40, the least of all",
                value=40.0,
            ),
        ),
        travel_seconds=6000,
        travel_meters=50_000,
        visit_seconds=7200,
        served=4,
        value_kept=550.0,
        value_lost=40.0,
    )


# Four cells with demand 100, 80, 60, 40 and sites beside them, reach 5 and 10 minutes (weights 1
# and one half). "old" stands at cell 1, "new" and "far" are candidates, "low" may close.
#
#            cell   1     2     3     4
#     old          2.0   8.0  20.0  20.0     1    1/2   0    0
#     low         20.0  20.0  20.0   9.0     0     0    0   1/2
#     new          9.0   3.0   7.0  20.0    1/2    1   1/2   0
#     far         20.0  20.0   4.0   6.0     0     0    1   1/2


def sites() -> tuple[Site, ...]:
    return (
        Site(site_id="old", name="Old", lon=0.00, lat=0.0, role="own", upkeep_cost=9.0),
        Site(
            site_id="low",
            name="Low",
            lon=0.10,
            lat=0.0,
            role="own",
            closing_cost=5.0,
            upkeep_cost=2.0,
            may_close=True,
        ),
        Site(site_id="new", name="New", lon=0.02, lat=0.0, role="candidate", opening_cost=30.0),
        Site(site_id="far", name="Far", lon=0.05, lat=0.0, role="candidate", opening_cost=50.0),
    )


def outlet_facts() -> OutletFacts:
    return OutletFacts(
        cell_ids=("k1", "k2", "k3", "k4"),
        demand=np.array([100.0, 80.0, 60.0, 40.0]),
        sites=sites(),
        minutes=np.array(
            [
                [2.0, 8.0, 20.0, 20.0],
                [20.0, 20.0, 20.0, 9.0],
                [9.0, 3.0, 7.0, 20.0],
                [20.0, 20.0, 4.0, 6.0],
            ]
        ),
        reach_minutes=(5, 10),
        new_sites=1,
        budget=40.0,
        minimum_separation_meters=2000.0,
        travel_source="road",
    )


def outlet_plan() -> OutletPlan:
    """Open "new" (+40 at k2, +30 at k3); "far" would add 60 but costs more than the budget."""

    def result(
        site: Site, decision: str, figures: tuple[float, float, float, float], cost: float
    ) -> SiteResult:
        captured, from_own, from_unmet, marginal = figures
        return SiteResult(
            site_id=site.site_id,
            name=site.name,
            lon=site.lon,
            lat=site.lat,
            role=site.role,
            decision=decision,  # type: ignore[arg-type]
            captured=captured,
            from_own=from_own,
            from_unmet=from_unmet,
            marginal=marginal,
            cost=cost,
        )

    old, low, new, far = sites()
    return OutletPlan(
        sites=(
            result(old, "keep", (100.0, 0.0, 0.0, 50.0), 0.0),  # without it "new" keeps half
            result(low, "keep", (20.0, 0.0, 0.0, 20.0), 0.0),
            # k2 80 (40 of it "old" had), k3 30; without it k2 falls back to 40
            result(new, "open", (110.0, 40.0, 70.0, 70.0), 30.0),
            result(far, "leave", (0.0, 0.0, 0.0, 0.0), 0.0),
        ),
        cells=Table(
            columns={
                "unit_id": ("k1", "k2", "k3", "k4"),
                "demand": (100.0, 80.0, 60.0, 40.0),
                "captured_before": (100.0, 40.0, 0.0, 20.0),
                "captured_after": (100.0, 80.0, 30.0, 20.0),
                "site_id": ("old", "new", "new", "low"),
            }
        ),
        frontier=Table(
            columns={
                "new_sites": (0, 1),
                "captured": (160.0, 230.0),
                "bound": (160.0, 230.0),
                "adds": (None, 70.0),
            }
        ),
        reach_minutes=(5, 10),
        reach_weights=(1.0, 0.5),
        new_sites=1,
        captured_before=160.0,
        captured=230.0,
        cannibalised=40.0,
        demand=280.0,
        bound=230.0,
        gap_percent=0.0,
        is_proven=True,
        why_not_proven="",
        budget=40.0,
        spent=30.0,
        minimum_separation_meters=2000.0,
        travel_source="road",
    )


def no_frontier() -> Table:
    return Table(columns={"new_sites": (), "captured": (), "bound": ()})
