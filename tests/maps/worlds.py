"""Sample plans on H3 cells around Helsinki, made up of arithmetic, for drawing."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import h3
import numpy as np
import shapely

from maps import AccountCard, Area, Contact, PageContext
from territory.alignment import Alignment, AlignmentPlan, Jurisdiction
from territory.basemap import BaseMap
from territory.diagnosis import DrivenHours, Finding, FrontierPoint
from territory.handover import AlignmentDiff, alignment_diff
from territory.outlets import GapPlan, OutletPlan, Site, SiteResult
from territory.plans import Table
from territory.redrawn import CountTried, Group, KeyAccount, Level, RoadShape
from territory.routes import Break, Route, Stop, Unserved, VisitPlan
from territory.scores import ScorePlan
from territory.travel import Manoeuvre, Step
from territory.units import Neighbours, Units
from territory.weekly import WeeklyReport

HELSINKI = (24.94, 60.17)
TODAY = date(2026, 11, 23)

Say = Callable[[str], str]
"""What becomes of a text: hostile worlds put their payload here."""


def plain(text: str) -> str:
    return text


def hex_units(rings: int, *, resolution: int = 8, say: Say = plain) -> Units:
    """A disc of H3 cells with their true neighbours."""
    middle = h3.latlng_to_cell(HELSINKI[1], HELSINKI[0], resolution)
    cells = sorted(h3.grid_disk(middle, rings))
    place = {cell: i for i, cell in enumerate(cells)}
    around = [
        sorted(place[c] for c in h3.grid_disk(cell, 1) if c != cell and c in place)
        for cell in cells
    ]
    counts = [len(found) for found in around]
    shapes = [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(c)]) for c in cells]
    return Units(
        ids=tuple(say(cell) for cell in cells),
        names=tuple(say(f"Cell {i}") for i in range(len(cells))),
        lonlat=np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells]),
        polygons=np.array(shapes, dtype=object),
        area_square_meters=np.array([h3.cell_area(cell, unit="m^2") for cell in cells]),
        neighbours=Neighbours(
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            indices=np.array([i for found in around for i in found], dtype=np.int32),
            border_meters=np.full(sum(counts), 460.0),
        ),
        kind="h3",
        resolution=resolution,
    )


def base_map(units: Units, *, say: Say = plain) -> BaseMap:
    """A street grid with a ring road and a lake under the units."""
    west, south = units.lonlat.min(axis=0)
    east, north = units.lonlat.max(axis=0)

    def street(share: float, *, across: bool) -> tuple[tuple[float, float], ...]:
        steps = np.linspace(0, 1, 12)
        bend = 0.02 * np.sin(7 * steps + 9 * share)
        one = west + (east - west) * (steps if across else share + bend)
        other = south + (north - south) * (share + bend if across else steps)
        return tuple((float(x), float(y)) for x, y in np.broadcast(one, other))

    turns = np.linspace(0, 2 * math.pi, 40)
    middle = ((west + east) / 2, (south + north) / 2)

    def loop(size: float, shift: float = 0.0) -> tuple[tuple[float, float], ...]:
        x = middle[0] + (east - west) * (
            shift + size * np.cos(turns) * (1 + 0.1 * np.sin(3 * turns))
        )
        y = middle[1] + (north - south) * (shift + size * np.sin(turns))
        return tuple((float(a), float(b)) for a, b in zip(x, y, strict=True))

    return BaseMap(
        roads={
            "major": (loop(0.3), street(0.5, across=True), street(0.5, across=False)),
            "middle": tuple(
                street(s, across=a) for s in (0.25, 0.4, 0.6, 0.75) for a in (True, False)
            ),
            "minor": tuple(
                street(s, across=a) for s in np.arange(0.05, 1, 0.05) for a in (True, False)
            ),
        },
        water=(loop(0.09, 0.18),),
        boundaries=(loop(0.5),),
        attribution=say("© OpenStreetMap contributors (ODbL)"),
    )


def context(title: str, units: Units | None = None, *, say: Say = plain) -> PageContext:
    return PageContext(
        title=say(title),
        market=say("helsinki"),
        plan_id=say("01JD8Z7Q4K"),
        date=TODAY,
        currency="EUR",
        base_map=base_map(units, say=say) if units is not None else None,
        attribution=(say("Statistics by the market's own survey"),),
        synthetic_note=say(
            "Income, consumption, orders and targets were drawn by a model (seed 7)."
        ),
    )


def _value(i: int, units: Units) -> float:
    """A smooth hill with some noise: what cell i is worth."""
    middle = units.lonlat.mean(axis=0)
    reach = np.ptp(units.lonlat[:, 0]) or 1.0
    apart = float(np.hypot(*((units.lonlat[i] - middle) * [1, 2]))) / reach
    return 4e5 * math.exp(-6 * apart**2) * (0.55 + 0.45 * math.sin(i * 12.9898) ** 2) + 3000


def score_plan(units: Units, *, say: Say = plain) -> ScorePlan:
    count = len(units)
    potential = np.array([_value(i, units) for i in range(count)])
    potential[::97] = 0
    share = np.array([0.15 + 0.3 * math.cos(i) ** 2 for i in range(count)])
    captured = potential * share
    gap = np.maximum(0, 0.38 * potential - captured)
    target = potential * 0.3
    rank = 100 * np.argsort(np.argsort(potential)) / max(count - 1, 1)
    columns: dict[str, tuple[str | float | int | bool | None, ...]] = {
        "companies": tuple(int(p // 9000) for p in potential),
        "potential": tuple(potential.tolist()),
        "accessible": tuple((0.8 * potential).tolist()),
        "captured": tuple(captured.tolist()),
        "penetration": tuple(
            None if p == 0 else float(s) for p, s in zip(potential, share, strict=True)
        ),
        "benchmark": (0.38,) * count,
        "gap": tuple(gap.tolist()),
        "target": tuple(target.tolist()),
        "target_gap": tuple((target - captured).tolist()),
        "workload_hours": tuple((potential / 2500).tolist()),
        "own_outlets": tuple(int(i % 40 == 0) for i in range(count)),
        "competitor_outlets": tuple(int(i % 23 == 0) for i in range(count)),
        "minutes_to_own": tuple(2 + 11 * abs(math.sin(i / 30)) for i in range(count)),
        "minutes_to_competitor": tuple(2 + 9 * abs(math.cos(i / 20)) for i in range(count)),
        "score": tuple(rank.tolist()),
        "opportunity": tuple(rank[::-1].tolist()),
        "confidence": tuple("ABC"[i % 3] for i in range(count)),
        "segment": tuple(("defend", "grow", "harvest", "skip")[i % 4] for i in range(count)),
    }
    mean = float(potential.mean())
    income = (potential - mean) * 0.3
    companies = (potential - mean) * 0.6
    parts = {
        "base": (mean,) * count,
        "companies": tuple(companies.tolist()),
        "income": tuple(income.tolist()),
        "consumption": tuple((potential - mean - income - companies).tolist()),
    }
    return ScorePlan(
        unit_ids=units.ids,
        table=Table(columns=columns),
        parts=Table(columns=parts),
        totals={"potential": float(potential.sum()), "captured": float(captured.sum())},
        notes=(say("Potential is scaled to the known total market."),),
    )


def alignment_plan(units: Units, executives: int, *, say: Say = plain) -> AlignmentPlan:
    """Stripes and sectors: each cell to the sector its angle falls in, before a little turned."""
    names = tuple(say(f"AE-{k + 1:02d}") for k in range(executives))
    offset = units.lonlat - units.lonlat.mean(axis=0)
    angle = np.arctan2(offset[:, 1] * 2, offset[:, 0])
    far = np.hypot(offset[:, 1] * 2, offset[:, 0])
    ring = (
        (far > np.median(far)).astype(int) if executives >= 6 else np.zeros(len(units), dtype=int)
    )
    wide = executives // 2 if executives >= 6 else executives

    def owners(turn: float) -> tuple[str, ...]:
        sector = ((angle + turn + math.pi) / (2 * math.pi) * wide).astype(int) % wide
        place = np.where(ring == 1, np.minimum(sector + wide, executives - 1), sector)
        return tuple(names[k] for k in place)

    after = Alignment(unit_ids=units.ids, executive_ids=names, owners=owners(0.0))
    before = Alignment(unit_ids=units.ids, executive_ids=names, owners=owners(0.12))
    potential = tuple(_value(i, units) for i in range(len(units)))
    hours = tuple(value / 2500 for value in potential)
    return AlignmentPlan(
        alignment=after,
        before=before,
        load_names=("potential", "workload_hours"),
        unit_loads=(potential, hours),
        tolerance_percent=(10.0, 10.0),
        locked_units=units.ids[:3],
        jurisdictions=_jurisdictions(after, (potential, hours), say),
        jurisdictions_before=_jurisdictions(before, (potential, hours), say),
        worst_percent=(8.4, 8.4),
        cut_edges=123,
        moment_of_inertia=5400.0,
        inertia_bound=5100.0,
        moved_percent=7.2,
        moved_bound_percent=5.9,
        notes=(say("Two units could not be reached by road from the rest."),),
        diagnosis=(
            Finding(
                kind="ratio_floor",
                load_names=("potential", "workload_hours"),
                tolerance_percent=(10.0, 10.0),
                unit_ids=units.ids[-9:],
                share_percent=(4.0, 9.0),
                reach_meters=3100.0,
                text=say("These 9 units hold 4 % of potential and 9 % of workload."),
            ),
        ),
        frontier=tuple(
            FrontierPoint(
                tolerance_percent=asked,
                move_price=5.0,
                worst_percent=worst,
                moment_of_inertia=inertia,
                polsby_popper=0.4,
                moved_percent=moved,
                is_this=asked == 10.0,
            )
            for asked, worst, inertia, moved in (
                (5.0, 4.4, 5900.0, 11.0),
                (10.0, 8.4, 5400.0, 7.2),
                (20.0, 17.2, 5100.0, 3.0),
            )
        ),
        driven=tuple(
            DrivenHours(
                executive_id=name,
                planned_hours=100.0,
                visit_hours=80.0,
                tour_hours=12.0,
                stem_hours=9.0 + k,
                deviation_percent=k - (executives - 1) / 2,
            )
            for k, name in enumerate(names)
        ),
        soft_price=(2.0, 0.0),
        key_accounts=tuple(
            KeyAccount(
                account_id=say(f"K{k}"),
                executive_id=name,
                unit_id=units.ids[k % len(units)],
                loads=(40.0, 2.0),
            )
            for k, name in enumerate(names)
        ),
        road_shape=tuple(
            RoadShape(
                executive_id=name,
                center_unit=units.ids[k % len(units)],
                center_lon=float(units.lonlat[k % len(units), 0]),
                center_lat=float(units.lonlat[k % len(units), 1]),
                mean_minutes=5.0 + k,
                minutes_squared=30.0,
                worst_minutes=20.0,
            )
            for k, name in enumerate(names)
        ),
        levels=(
            Level(
                name=say("district"),
                tolerance_percent=5.0,
                groups=tuple(
                    Group(
                        group_id=say(f"district {half + 1}"),
                        executive_ids=names[half::2],
                        loads=(100.0, 50.0),
                        deviation_percent=(2.0, -2.0),
                        components=1,
                    )
                    for half in range(2)
                ),
                worst_percent=(2.0, 2.0),
            ),
        ),
        counts=tuple(
            CountTried(
                executives=count,
                worst_percent=(4.0, 4.5),
                beyond_percent=0.0,
                polsby_popper=0.4,
                moment_of_inertia=5400.0,
                moved_percent=7.0,
                full_percent=95.0,
                is_chosen=count == executives,
            )
            for count in range(executives - 1, executives + 2)
        ),
    )


def changes(units: Units, *, say: Say = plain) -> AlignmentDiff:
    """Every fifth unit of the alignment plan changed hands, with accounts in every third unit."""
    after = alignment_plan(units, 9, say=say)
    ids = after.alignment.executive_ids
    owners = tuple(
        ids[(ids.index(owner) + 1) % len(ids)] if i % 5 == 0 else owner
        for i, owner in enumerate(after.alignment.owners)
    )
    return alignment_diff(
        replace(after, alignment=replace(after.alignment, owners=owners)),
        after,
        before_plan="pln_before",
        after_plan="pln_after",
        unit_of_account={f"a{i}": unit for i, unit in enumerate(units.ids) if i % 3 == 0},
    )


def _jurisdictions(
    alignment: Alignment, loads: tuple[tuple[float, ...], ...], say: Say
) -> tuple[Jurisdiction, ...]:
    totals = []
    for executive in alignment.executive_ids:
        members = [i for i, owner in enumerate(alignment.owners) if owner == executive]
        totals.append((len(members), tuple(sum(load[i] for i in members) for load in loads)))
    means = [sum(total[1][k] for total in totals) / len(totals) for k in range(len(loads))]
    return tuple(
        Jurisdiction(
            executive_id=executive,
            name=say(f"Executive {k + 1}"),
            units=count,
            loads=amounts,
            deviation_percent=tuple(
                100 * (a / m - 1) if m else 0.0 for a, m in zip(amounts, means, strict=True)
            ),
            components=1,
            moment_of_inertia=540.0,
            polsby_popper=0.41,
            moved_in_percent=6.0,
        )
        for k, (executive, (count, amounts)) in enumerate(
            zip(alignment.executive_ids, totals, strict=True)
        )
    )


def visit_plan(
    *, executives: int = 3, days: int = 5, stops: int = 7, say: Say = plain
) -> VisitPlan:
    routes = tuple(
        _route(k, TODAY + timedelta(days=d), stops, say)
        for k in range(executives)
        for d in range(days)
    )
    unserved = tuple(
        Unserved(
            visit_id=say(f"U{k}#1"),
            account_id=say(f"U{k}"),
            executive_id=say(f"AE-{k % executives + 1:02d}"),
            reason="capacity_day_full" if k % 2 else "no_opening_hours_in_window",
            detail=say(f"needs 45 min, the fullest free day has {k} min left"),
            value=1200.0 + k,
            fits_if=say("fits on Thursday if the shift ends 25 min later"),
        )
        for k in range(4)
    )
    return VisitPlan(
        first_date=TODAY,
        last_date=TODAY + timedelta(days=days - 1),
        mode="car",
        travel_source="road",
        routes=routes,
        unserved=unserved,
        travel_seconds=sum(route.travel_seconds for route in routes),
        travel_meters=sum(route.travel_meters for route in routes),
        visit_seconds=sum(route.visit_seconds for route in routes),
        served=sum(len(route.stops) for route in routes),
        value_kept=93000.0,
        value_lost=4806.0,
        notes=(say("Travel times are by road, free of traffic."),),
    )


def _route(k: int, day: date, count: int, say: Say) -> Route:
    home = (HELSINKI[0] + 0.03 * math.cos(2.1 * k), HELSINKI[1] + 0.015 * math.sin(2.1 * k))
    clock = 8 * 3600 + 1800
    leave = clock
    stops = []
    pause: tuple[Break, ...] = ()
    for n in range(count):
        turn = 2 * math.pi * n / count + day.day
        lon = home[0] + 0.02 * math.cos(turn) * (1 + 0.3 * math.sin(n))
        lat = home[1] + 0.01 * math.sin(turn)
        travel = 420 + 60 * (n % 3)
        arrive = clock + travel
        start = arrive
        if n == count // 2:
            pause = (Break(start_seconds=arrive, end_seconds=arrive + 2700),)
            start = arrive + 2700
        if n == 1:
            start += 300
        end = start + 1800
        stops.append(
            Stop(
                visit_id=say(f"A{k}{day.day}{n}#1"),
                account_id=say(f"A{k}{day.day}{n}"),
                kind=("visit", "task", "appointment")[n % 3],
                lon=lon,
                lat=lat,
                travel_seconds=travel,
                travel_meters=travel * 9,
                arrive_seconds=arrive,
                start_seconds=start,
                end_seconds=end,
                reason=say("tier A, due every 7 days, last seen 2026-11-12"),
            )
        )
        clock = end
    travel = sum(stop.travel_seconds for stop in stops) + 500
    return Route(
        executive_id=say(f"AE-{k + 1:02d}"),
        date=day,
        start_lonlat=home,
        end_lonlat=home,
        leave_seconds=leave,
        return_seconds=clock + 500,
        stops=tuple(stops),
        breaks=pause,
        home_travel_seconds=500,
        home_travel_meters=4500,
        travel_seconds=travel,
        travel_meters=travel * 9,
        visit_seconds=1800 * count,
    )


def cards(plan: VisitPlan, *, say: Say = plain) -> dict[str, AccountCard]:
    ids = [stop.account_id for route in plan.routes for stop in route.stops]
    ids += [item.account_id for item in plan.unserved]
    return {
        account: AccountCard(
            name=say(f"Kauppa {n} Oy"),
            tier="ABC"[n % 3],
            contacts=(
                Contact(role="Store manager", name=say("Aino Virtanen"), phone="+358 40 123 4567"),
                Contact(role="Head of procurement", name=say("Eero Mäkelä")),
            ),
            address=say("Mannerheimintie 12, Helsinki"),
            phone="+358 9 555 010",
            opening_hours="Mo-Fr 09:00-17:00",
            notes=say("Ask for the new shelf plan."),
            facts={"Last order": say("2026-11-12, 4,300 EUR"), "Open issue": say("Late delivery")},
        )
        for n, account in enumerate(dict.fromkeys(ids))
    }


def names(plan: VisitPlan, *, say: Say = plain) -> dict[str, str]:
    who = ("Aino Laine", "Eero Salo", "Helmi Koski", "Onni Ranta")
    ids = dict.fromkeys(route.executive_id for route in plan.routes)
    return {executive: say(who[n % 4]) for n, executive in enumerate(ids)}


def outlet_plan(units: Units, *, say: Say = plain) -> OutletPlan:
    chosen = np.linspace(0, len(units) - 1, 12).astype(int)
    kinds = (
        ("own", "keep"), ("own", "keep"), ("candidate", "open"), ("competitor", "leave"),
        ("own", "close"), ("candidate", "leave"),
    )  # fmt: skip
    sites = []
    for n, cell in enumerate(chosen):
        role, decision = kinds[n % len(kinds)]
        sites.append(
            SiteResult(
                site_id=say(f"S{n}"), name=say(f"Site {n}"),
                lon=float(units.lonlat[cell][0]), lat=float(units.lonlat[cell][1]),
                role=role, decision=decision, captured=250_000.0 + n * 10_000,
                from_own=40_000.0, from_unmet=160_000.0, marginal=120_000.0, cost=50_000.0,
                reason=say("captures 210,000 EUR a year within 10 minutes, 160,000 of it unmet"),
            )
        )  # fmt: skip
    serving = [site for site in sites if site.decision in ("open", "keep")]
    places = np.array([[site.lon, site.lat] for site in serving])
    demand, before, after, served = [], [], [], []
    for i, point in enumerate(units.lonlat):
        apart = np.hypot(*((places - point) * [1, 2]).T)
        near = int(apart.argmin())
        weight = max(0.0, 1 - apart[near] / 0.03)
        value = 0.7 * _value(i, units)
        demand.append(value)
        after.append(value * weight)
        before.append(value * weight if serving[near].role == "own" else value * weight * 0.2)
        served.append(serving[near].site_id if weight > 0 else "")
    steps = tuple(range(7))
    return OutletPlan(
        sites=tuple(sites),
        cells=Table(
            columns={
                "unit_id": units.ids,
                "demand": tuple(demand),
                "captured_before": tuple(before),
                "captured_after": tuple(after),
                "site_id": tuple(served),
            }
        ),
        frontier=Table(
            columns={
                "new_sites": steps,
                "captured": tuple(sum(after) * (1 - 0.5 * 0.6**k) for k in steps),
                "bound": tuple(sum(after) * 1.01 * (1 - 0.5 * 0.6**k) for k in steps),
            }
        ),
        reach_minutes=(5, 10, 15),
        reach_weights=(1.0, 2 / 3, 1 / 3),
        new_sites=2,
        captured_before=sum(before),
        captured=sum(after),
        cannibalised=80_000.0,
        demand=sum(demand),
        bound=sum(after) * 1.01,
        gap_percent=0.99,
        is_proven=False,
        why_not_proven=say("the work limit of 10 s was reached"),
        budget=400_000.0,
        spent=100_000.0,
        minimum_separation_meters=500.0,
        travel_source="road",
        notes=(say("Competitors keep what they reach faster."),),
    )


def own_sites(units: Units, *, say: Say = plain) -> tuple[Site, ...]:
    roles = ("own", "competitor", "candidate")
    return tuple(
        Site(
            site_id=say(f"S{n}"), name=say(f"Outlet {n}"), role=roles[n % 3],
            lon=float(units.lonlat[cell][0]), lat=float(units.lonlat[cell][1]),
        )
        for n, cell in enumerate(np.linspace(0, len(units) - 1, 9).astype(int))
    )  # fmt: skip


def gap_plan(units: Units, *, say: Say = plain) -> GapPlan:
    count = len(units)
    minutes = [1 + 24 * abs(math.sin(i / 40)) for i in range(count)]
    potential = [_value(i, units) for i in range(count)]
    coverage = [1.0 if m <= 5 else 2 / 3 if m <= 10 else 1 / 3 if m <= 15 else 0.0 for m in minutes]
    white = [p * (1 - c) for p, c in zip(potential, coverage, strict=True)]
    threshold = float(np.quantile(white, 0.8))
    return GapPlan(
        cells=Table(
            columns={
                "unit_id": units.ids,
                "potential": tuple(potential),
                "minutes_to_own": tuple(minutes),
                "minutes_to_competitor": tuple(m * 0.8 for m in minutes),
                "coverage": tuple(coverage),
                "white_space": tuple(white),
                "is_coverage_gap": tuple(m > 15 for m in minutes),
                "is_underserved": tuple(10 < m <= 15 for m in minutes),
                "is_white_space": tuple(w > threshold for w in white),
                "cluster": tuple(1 + i // 60 if w > threshold else 0 for i, w in enumerate(white)),
            }
        ),
        coverage=Table(
            columns={
                "minutes": (5, 10, 15),
                "own_percent": (31.0, 55.5, 79.2),
                "competitor_percent": (42.0, 71.0, 93.0),
            }
        ),
        overlap=Table(
            columns={
                "outlet_a": (say("Outlet 0"), say("Outlet 3")),
                "outlet_b": (say("Outlet 3"), say("Outlet 6")),
                "shared": (120_000.0, 64_000.0),
            }
        ),
        outlets=Table(
            columns={
                "site_id": (say("S0"), say("S3"), say("S6")),
                "name": (say("Outlet 0"), say("Outlet 3"), say("Outlet 6")),
                "captured": (900_000.0, 700_000.0, 650_000.0),
                "loss_if_closed": (600_000.0, 300_000.0, 410_000.0),
            }
        ),
        supportable_outlets=2,
        reach_minutes=(5, 10, 15),
        travel_source="road",
        notes=(say("A blank patch is a question, not a plan."),),
    )


def weekly_report(*, say: Say = plain) -> WeeklyReport:
    ids = ("AE-01", "AE-02", "AE-03", "all")
    columns: dict[str, tuple[str | float | int | bool | None, ...]] = {
        "executive_id": tuple(say(i) for i in ids),
        "name": tuple(say(n) for n in ("Aino Laine", "Eero Salo", "Helmi Koski", "All")),
        "accounts": (120, 98, 131, 349),
        "orders": (44, 39, 51, 134),
        "ordered": (81_000.0, 64_500.0, 92_300.0, 237_800.0),
        "delivered": (78_600.0, 55_100.0, 91_000.0, 224_700.0),
        "satisfaction_percent": (97.0, 85.4, 98.6, 94.5),
        "satisfaction_lines_percent": (95.1, 88.0, 97.4, None),
        "target": (85_000.0, 70_000.0, 88_000.0, 243_000.0),
        "actual": (78_600.0, 55_100.0, 91_000.0, 224_700.0),
        "gap": (6_400.0, 14_900.0, -3_000.0, 18_300.0),
        "visits_planned": (38, 35, 41, 114),
        "visits_done": (36, 27, 40, 103),
        "compliance_percent": (94.7, 77.1, 97.6, 90.4),
        "coverage_percent": (30.0, 27.6, 30.5, 29.5),
        "tasks_overdue": (1, 5, 0, 6),
        "agreements_due": (2, 1, 3, 6),
        "prices_below_floor": (0, 2, 1, 3),
        "competitor_observations": (4, 6, 2, 12),
        "promoters": (3, 2, 4, 9),
    }
    return WeeklyReport(
        first_date=TODAY - timedelta(days=7),
        last_date=TODAY - timedelta(days=1),
        jurisdictions=Table(columns=columns),
        sections={
            "overdue_tasks": Table(
                columns={
                    "task_id": (say("T1"), say("T2")),
                    "account": (say("Kauppa 4 Oy"), say("Kauppa 9 Oy")),
                    "deadline": ("2026-11-17", "2026-11-19"),
                    "days_overdue": (5, 3),
                    "title": (say("Written answer to a complaint"), say("Price check")),
                }
            ),
            "prices_below_floor": Table(
                columns={
                    "account": (say("Kauppa 2 Oy"),),
                    "product": (say("P-7"),),
                    "price": (3.9,),
                    "floor_price": (4.2,),
                }
            ),
            "missed_visits": Table(columns={"account": (), "date": ()}),
        },
        headlines=(
            say("Order satisfaction 94.5 %: 13,100 EUR ordered but not delivered."),
            say("Sales 7.5 % under target (18,300 EUR)."),
            say("103 of 114 planned visits done (90.4 %)."),
        ),
        notes=(say("Line figures are missing for one executive."),),
    )


def directions(
    plan: VisitPlan, *, say: Say = plain
) -> dict[tuple[str, date], list[tuple[Step, ...]]]:
    """For each leg of each route a start, a left turn, a roundabout and an arrival."""
    kinds: tuple[tuple[Manoeuvre, str, int, int | None], ...] = (
        ("depart", "Mannerheimintie", 120, None),
        ("left", "Aleksanterinkatu", 1_400, None),
        ("roundabout", "", 260, 3),
        ("arrive", "Fabianinkatu", 0, None),
    )
    leg = tuple(
        Step(
            manoeuvre=manoeuvre,
            street=say(street) if street else "",
            seconds=meters // 8,
            meters=meters,
            lonlat=HELSINKI,
            exit_number=exit_number,
        )
        for manoeuvre, street, meters, exit_number in kinds
    )
    return {
        (route.executive_id, route.date): [leg] * (len(route.stops) + 1) for route in plan.routes
    }


def reach_areas() -> list[Area]:
    """Three squares about Helsinki, the largest with a hole."""
    squares = []
    for minutes, half in ((5, 0.01), (10, 0.03), (15, 0.05)):
        west, south = HELSINKI[0] - half, HELSINKI[1] - half / 2
        square = shapely.box(west, south, west + 2 * half, south + half)
        if minutes == 15:
            square = square.difference(
                shapely.box(west + 0.001, south + 0.001, west + 0.005, south + 0.004)
            )
        squares.append(Area(minutes=minutes, geometry=square, square_meters=half**2 * 1.2e10))
    return squares
