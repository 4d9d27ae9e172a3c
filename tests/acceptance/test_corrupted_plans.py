"""The judge names every corruption of a correct plan, and finds nothing in the correct one."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territory.alignment import AlignmentPlan
from territory.checks import (
    CODES,
    AlignmentFacts,
    Violation,
    best_by_enumeration,
    check_alignment,
    check_outlets,
    check_visits,
)
from territory.checks.alignment import islands
from territory.errors import InputError
from territory.outlets import OutletPlan
from territory.plans import Table
from territory.routes import Break, VisitPlan
from territory.units import Neighbours
from tests.acceptance import clean_plans
from tests.acceptance.clean_plans import HOUR, MINUTE, MONDAY, TUESDAY

T = TypeVar("T")


def codes(violations: tuple[Violation, ...]) -> set[str]:
    return {violation.code for violation in violations}


def at(values: tuple[T, ...], position: int, **changes: Any) -> tuple[T, ...]:
    """The same tuple with one of its values changed."""
    changed: T = replace(values[position], **changes)  # type: ignore[type-var]
    return (*values[:position], changed, *values[position + 1 :])


# --- the correct plans -------------------------------------------------------------------------


def test_the_judge_finds_nothing_in_the_correct_alignment() -> None:
    assert check_alignment(clean_plans.alignment_plan(), clean_plans.alignment_facts()) == ()


def test_the_judge_finds_nothing_in_the_correct_visit_plan() -> None:
    assert check_visits(clean_plans.visit_plan(), clean_plans.visit_facts()) == ()


def test_the_judge_finds_nothing_in_the_correct_outlet_plan() -> None:
    assert check_outlets(clean_plans.outlet_plan(), clean_plans.outlet_facts()) == ()


def test_the_correct_outlet_plan_is_the_best_of_all_networks() -> None:
    assert best_by_enumeration(clean_plans.outlet_facts()) == 230.0


# --- alignment ---------------------------------------------------------------------------------


def jurisdiction_at(position: int, **changes: Any) -> Callable[[AlignmentPlan], AlignmentPlan]:
    return lambda plan: replace(plan, jurisdictions=at(plan.jurisdictions, position, **changes))


def with_an_island(plan: AlignmentPlan) -> AlignmentPlan:
    """Ann and Cy swap a2 and c2, so both jurisdictions fall in two; all figures are restated.

    a1 b1 c1    the two units of Ann lie sqrt(5) km apart: 2 x 2 h x 5/4 km2 = 5; no border inside,
    c2 b2 a2    so the outline is 8 km. Of the 7 borders only b1-b2 is not cut.
    """
    split = {"components": 2, "moment_of_inertia": 5.0, "polsby_popper": 4 * math.pi * 2 / 64}
    one, other = 0, 2
    moved = at(plan.jurisdictions, one, moved_in_percent=50.0, **split)
    return replace(
        plan,
        alignment=replace(plan.alignment, owners=("Ann", "Bo", "Cy", "Cy", "Bo", "Ann")),
        jurisdictions=at(moved, other, moved_in_percent=50.0, **split),
        moment_of_inertia=11.0,
        moved_percent=50.0,
        cut_edges=6,
    )


ALIGNMENT: Mapping[str, tuple[str, Callable[[AlignmentPlan], AlignmentPlan]]] = {
    "an island": ("island", with_an_island),
    "a wrong total of a load": ("wrong_total", jurisdiction_at(0, loads=(21.0, 4.0))),
    "a wrong count of units": ("wrong_total", jurisdiction_at(1, units=3)),
    "a wrong deviation": ("wrong_deviation", jurisdiction_at(2, deviation_percent=(0.0, 0.5))),
    "a hidden second piece": ("wrong_components", jurisdiction_at(0, components=2)),
    "a prettier shape": ("wrong_shape", jurisdiction_at(0, polsby_popper=0.9)),
    "a misstated inertia": ("wrong_inertia", jurisdiction_at(1, moment_of_inertia=0.9)),
    "a total inertia too small": (
        "wrong_inertia",
        lambda plan: replace(plan, moment_of_inertia=2.9),
    ),
    "a wrong inertia bound": ("wrong_bound", lambda plan: replace(plan, inertia_bound=3.01)),
    "a wrong bound on moves": ("wrong_bound", lambda plan: replace(plan, moved_bound_percent=17.0)),
    "a bound that is no number": (
        "wrong_bound",
        lambda plan: replace(plan, inertia_bound=math.nan),
    ),
    "a worst deviation of 1 %": ("wrong_worst", lambda plan: replace(plan, worst_percent=(1.0, 0))),
    "a cut border forgotten": ("wrong_cut_edges", lambda plan: replace(plan, cut_edges=3)),
    "fewer moves than made": ("wrong_moved", lambda plan: replace(plan, moved_percent=0.0)),
    "moves into the wrong one": ("wrong_moved", jurisdiction_at(0, moved_in_percent=50.0)),
    "a wider tolerance": (
        "wrong_facts",
        lambda plan: replace(plan, tolerance_percent=(5.0, 10.0)),
    ),
    "a lock forgotten": ("wrong_facts", lambda plan: replace(plan, locked_units=())),
    "a unit's load changed": (
        "wrong_facts",
        lambda plan: replace(plan, unit_loads=((10.0,) * 6, (2.0, 2.0, 2.0, 2.0, 2.0, 3.0))),
    ),
    "another alignment before": ("wrong_facts", lambda plan: replace(plan, before=plan.alignment)),
    "a figure of before changed": (
        "wrong_total",
        lambda plan: replace(
            plan, jurisdictions_before=at(plan.jurisdictions_before, 0, loads=(20.0, 6.0))
        ),
    ),
    "an executive left out": (
        "missing_executive",
        lambda plan: replace(plan, jurisdictions=plan.jurisdictions[:2]),
    ),
    "a unit left out": (
        "missing_unit",
        lambda plan: replace(
            plan,
            alignment=replace(
                plan.alignment,
                unit_ids=plan.alignment.unit_ids[:5],
                owners=plan.alignment.owners[:5],
            ),
        ),
    ),
    "a unit made up": (
        "unknown_unit",
        lambda plan: replace(
            plan,
            alignment=replace(
                plan.alignment,
                unit_ids=(*plan.alignment.unit_ids, "d9"),
                owners=(*plan.alignment.owners, "Cy"),
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", ALIGNMENT)
def test_the_judge_names_a_corrupted_alignment(name: str) -> None:
    code, corrupt = ALIGNMENT[name]
    found = check_alignment(corrupt(clean_plans.alignment_plan()), clean_plans.alignment_facts())
    assert codes(found) == {code}


def test_a_unit_of_nobody_is_a_hole() -> None:
    plan = clean_plans.alignment_plan()
    owners = (*plan.alignment.owners[:5], "")
    hole = replace(plan, alignment=replace(plan.alignment, owners=owners))
    assert "unowned_unit" in codes(check_alignment(hole, clean_plans.alignment_facts()))


def test_a_locked_unit_with_another_owner_is_named() -> None:
    plan, facts = clean_plans.alignment_plan(), clean_plans.alignment_facts()
    found = check_alignment(plan, replace(facts, locked={"c1": "Bo"}))
    assert [(one.code, one.subject) for one in found] == [("broken_lock", "unit c1")]


def lopsided() -> tuple[AlignmentPlan, AlignmentFacts]:
    """Ann's two units hold 11 each instead of 10: 22 against a mean of 62/3 is 6.45 % too much."""
    plan, facts = clean_plans.alignment_plan(), clean_plans.alignment_facts()
    sales = np.array([11.0, 10, 10, 11, 10, 10])
    over, under = 100 * (22 * 3 / 62 - 1), 100 * (20 * 3 / 62 - 1)
    after = tuple(
        replace(one, loads=(load, 4.0), deviation_percent=(off, 0.0))
        for one, load, off in zip(
            plan.jurisdictions, (22.0, 20.0, 20.0), (over, under, under), strict=True
        )
    )
    before = tuple(
        replace(one, loads=(load, one.loads[1]), deviation_percent=(off, one.deviation_percent[1]))
        for one, load, off in zip(
            plan.jurisdictions_before,
            (32.0, 10.0, 20.0),
            (100 * (32 * 3 / 62 - 1), 100 * (10 * 3 / 62 - 1), under),
            strict=True,
        )
    )
    changed = replace(
        plan,
        unit_loads=(tuple(sales.tolist()), plan.unit_loads[1]),
        jurisdictions=after,
        jurisdictions_before=before,
        worst_percent=(over, 0.0),
    )
    return changed, replace(facts, loads=np.array([sales, [2.0] * 6]))


def test_a_deviation_beyond_tolerance_is_named_unless_a_note_admits_it() -> None:
    plan, facts = lopsided()
    assert codes(check_alignment(plan, facts)) == {"over_tolerance"}
    vague = replace(plan, notes=("workload is beyond its tolerance of 5 %",))
    assert codes(check_alignment(vague, facts)) == {"over_tolerance"}
    honest = replace(plan, notes=("sales is 6.5 % off, beyond its tolerance of 5 %",))
    assert check_alignment(honest, facts) == ()


def test_islands_joined_by_a_ferry_of_the_plan_may_be_told_as_one_piece() -> None:
    """Without the link a1-b1 and a2-b2 the west is an island; a plan may bridge it once."""
    plan, facts = clean_plans.alignment_plan(), clean_plans.alignment_facts()
    links: Mapping[int, tuple[int, ...]] = {
        0: (3,),
        3: (0,),
        1: (2, 4),
        4: (1, 5),
        2: (1, 5),
        5: (2, 4),
    }
    rows = [links[unit] for unit in range(6)]
    apart = Neighbours(
        indptr=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32),
        indices=np.array([one for row in rows for one in row], np.int32),
        border_meters=np.full(10, 1000.0),
    )
    west = replace(facts, neighbours=apart, perimeter_meters=None, locked={})
    assert cut_borders(plan, west, 2) == []  # b1-c1, b2-c2
    assert cut_borders(plan, west, 3) == []  # ... and the ferry
    assert cut_borders(plan, west, 4) == ["wrong_cut_edges"]


def cut_borders(plan: AlignmentPlan, facts: AlignmentFacts, stated: int) -> list[str]:
    found = check_alignment(replace(plan, cut_edges=stated), facts)
    return [one.code for one in found if one.code == "wrong_cut_edges"]


def test_pieces_on_different_islands_without_a_link_are_no_violation() -> None:
    """The column b is sea: a1 a2 and c1 c2 cannot be joined, so one executive may own both."""
    facts = clean_plans.alignment_facts()
    owners = np.array([0, 0, 0, 0, 0, 0])
    links: Mapping[int, tuple[int, ...]] = {0: (3,), 3: (0,), 2: (5,), 5: (2,), 1: (4,), 4: (1,)}
    apart = Neighbours(
        indptr=np.arange(7, dtype=np.int32),
        indices=np.array([links[unit][0] for unit in range(6)], np.int32),
        border_meters=np.full(6, 1000.0),
    )
    assert [*islands(owners, replace(facts, neighbours=apart))] == []
    assert [*islands(owners, facts)] == []
    split = np.array([0, 1, 0, 0, 1, 0])
    assert [one.code for one in islands(split, replace(facts, locked={}))] == ["island"]
    assert [*islands(split, facts)] == []  # c1 is locked, so its piece was asked for


# --- visits and routes -------------------------------------------------------------------------


def route_at(position: int, **changes: Any) -> Callable[[VisitPlan], VisitPlan]:
    return lambda plan: replace(plan, routes=at(plan.routes, position, **changes))


def stop_at(route: int, number: int, **changes: Any) -> Callable[[VisitPlan], VisitPlan]:
    def corrupt(plan: VisitPlan) -> VisitPlan:
        stops = at(plan.routes[route].stops, number, **changes)
        return replace(plan, routes=at(plan.routes, route, stops=stops))

    return corrupt


def pause(start: int, minutes: int) -> tuple[Break, ...]:
    return (Break(start_seconds=start, end_seconds=start + minutes * MINUTE),)


def shifted(seconds: int) -> Callable[[VisitPlan], VisitPlan]:
    """The first visit of Tuesday, its drive and departure moved by some seconds."""
    start = 9 * HOUR + seconds

    def corrupt(plan: VisitPlan) -> VisitPlan:
        early = replace(plan.routes[1], leave_seconds=8 * HOUR + 50 * MINUTE + seconds)
        plan = replace(plan, routes=(plan.routes[0], early))
        return stop_at(
            1,
            0,
            arrive_seconds=start,
            start_seconds=start,
            end_seconds=start + 30 * MINUTE,
        )(plan)

    return corrupt


def without_first_stop(plan: VisitPlan) -> VisitPlan:
    """Tuesday without A#2, all totals restated: the visit is simply lost."""
    tuesday = plan.routes[1]
    direct = replace(
        tuesday.stops[1],
        travel_seconds=1800,
        travel_meters=15_000,
    )
    day = replace(tuesday, stops=(direct,), visit_seconds=1800)
    return replace(
        plan, routes=(plan.routes[0], day), served=3, visit_seconds=5400, value_kept=450.0
    )


VISITS: Mapping[str, tuple[str, Callable[[VisitPlan], VisitPlan]]] = {
    "a visit lost": ("lost_visit", without_first_stop),
    "an unserved visit forgotten": (
        "lost_visit",
        lambda plan: replace(plan, unserved=(), value_lost=0.0),
    ),
    "a served visit also unserved": (
        "repeated_visit",
        lambda plan: replace(
            plan,
            unserved=(
                *plan.unserved,
                replace(plan.unserved[0], visit_id="B#1", account_id="B", value=100.0),
            ),
            value_lost=140.0,
        ),
    ),
    "an unserved visit nobody needs": (
        "unknown_visit",
        lambda plan: replace(
            plan,
            unserved=(*plan.unserved, replace(plan.unserved[0], visit_id="Z#1")),
            value_lost=80.0,
        ),
    ),
    "a made-up reason": (
        "unknown_reason",
        lambda plan: replace(plan, unserved=at(plan.unserved, 0, reason="bad_weather")),
    ),
    "a cheaper loss": (
        "wrong_facts",
        lambda plan: replace(plan, unserved=at(plan.unserved, 0, value=4.0), value_lost=4.0),
    ),
    "a wrong total of driving": ("wrong_total", lambda plan: replace(plan, travel_seconds=5999)),
    "a wrong total of metres": ("wrong_total", lambda plan: replace(plan, travel_meters=49_999)),
    "a visit counted twice": ("wrong_total", lambda plan: replace(plan, served=5)),
    "a value too high": ("wrong_total", lambda plan: replace(plan, value_kept=551.0)),
    "times said to be estimated": (
        "wrong_facts",
        lambda plan: replace(plan, travel_source="estimated"),
    ),
    "a horizon too short": ("outside_horizon", lambda plan: replace(plan, last_date=MONDAY)),
    "a day worked twice": (
        "repeated_route",
        lambda plan: replace(
            plan,
            routes=(
                *plan.routes,
                replace(
                    plan.routes[1],
                    stops=(),
                    home_travel_seconds=0,
                    home_travel_meters=0,
                    travel_seconds=0,
                    travel_meters=0,
                    visit_seconds=0,
                ),
            ),
        ),
    ),
}

ROUTES: Mapping[str, tuple[str, Callable[[VisitPlan], VisitPlan]]] = {
    "a stop 1 s before its window": ("outside_window", shifted(-1)),
    "a stop that ends 1 s after its window": (
        "outside_window",
        lambda plan: replace(
            plan,
            routes=(
                replace(
                    plan.routes[0],
                    leave_seconds=11 * HOUR + 20 * MINUTE + 1,
                    breaks=pause(12 * HOUR + 5 * MINUTE, 30),
                    stops=(
                        replace(
                            plan.routes[0].stops[0],
                            arrive_seconds=11 * HOUR + 30 * MINUTE + 1,
                            start_seconds=11 * HOUR + 30 * MINUTE + 1,
                            end_seconds=12 * HOUR + 1,
                        ),
                        replace(
                            plan.routes[0].stops[1], arrive_seconds=12 * HOUR + 40 * MINUTE + 1
                        ),
                    ),
                ),
                plan.routes[1],
            ),
        ),
    ),
    "an arrival 1 s too early": (
        "too_early",
        stop_at(0, 1, arrive_seconds=12 * HOUR + 20 * MINUTE - 1),
    ),
    "home 1 s too early": ("too_early", route_at(1, return_seconds=11 * HOUR - 1)),
    "a departure 1 s too late": (
        "too_early",
        route_at(1, leave_seconds=8 * HOUR + 50 * MINUTE + 1),
    ),
    "a start before the arrival": (
        "starts_before_arrival",
        stop_at(1, 1, arrive_seconds=10 * HOUR + 1),
    ),
    "an overlapping break": (
        "break_overlaps_visit",
        route_at(0, breaks=pause(12 * HOUR + 31 * MINUTE, 30)),
    ),
    "a break too short": ("wrong_break", route_at(0, breaks=pause(11 * HOUR + 45 * MINUTE, 29))),
    "a break before its hours": (
        "wrong_break",
        lambda plan: early_lunch(plan),
    ),
    "no break": ("missing_break", route_at(0, breaks=())),
    "a break too many": ("extra_break", route_at(1, breaks=pause(9 * HOUR + 50 * MINUTE, 10))),
    "a leg 1 s short": (
        "wrong_leg",
        lambda plan: replace(
            route_at(1, home_travel_seconds=1799, travel_seconds=3599)(plan), travel_seconds=5999
        ),
    ),
    "a leg 1 m short": (
        "wrong_leg",
        lambda plan: replace(
            route_at(1, home_travel_meters=14_999, travel_meters=29_999)(plan),
            travel_meters=49_999,
        ),
    ),
    "a wrong total of a day's driving": (
        "wrong_total",
        lambda plan: replace(route_at(0, travel_seconds=2399)(plan), travel_seconds=5999),
    ),
    "a wrong total of a day's visits": (
        "wrong_total",
        lambda plan: replace(route_at(0, visit_seconds=3601)(plan), visit_seconds=7201),
    ),
    "an appointment moved": (
        "moved_appointment",
        lambda plan: route_at(1, return_seconds=11 * HOUR + MINUTE)(
            stop_at(
                1,
                1,
                start_seconds=10 * HOUR + MINUTE,
                end_seconds=10 * HOUR + 31 * MINUTE,
            )(plan)
        ),
    ),
    "a visit cut short": (
        "wrong_duration",
        lambda plan: replace(
            route_at(1, visit_seconds=3540)(
                stop_at(1, 1, end_seconds=10 * HOUR + 29 * MINUTE)(plan)
            ),
            visit_seconds=7140,
        ),
    ),
    "another executive's route": ("unknown_shift", route_at(1, date=date(2026, 11, 25))),
    "a start from elsewhere": ("wrong_facts", stop_at(0, 0, account_id="Q")),
    "a task called a visit": ("wrong_facts", stop_at(1, 1, kind="visit")),
    "a day that starts before its shift": (
        "outside_shift",
        route_at(1, leave_seconds=8 * HOUR + 29 * MINUTE),
    ),
    "a day that ends after its shift": ("outside_shift", route_at(0, return_seconds=17 * HOUR + 1)),
}


def early_lunch(plan: VisitPlan) -> VisitPlan:
    """Lunch at 11:29:59, before the first visit: everything after it moves along."""
    day = plan.routes[0]
    first = replace(
        day.stops[0],
        arrive_seconds=9 * HOUR + 10 * MINUTE,
        start_seconds=9 * HOUR + 10 * MINUTE,
        end_seconds=9 * HOUR + 40 * MINUTE,
    )
    return route_at(
        0,
        leave_seconds=9 * HOUR,
        breaks=pause(11 * HOUR + 30 * MINUTE - 1, 30),
        stops=(first, day.stops[1]),
    )(plan)


@pytest.mark.parametrize("name", [*VISITS, *ROUTES])
def test_the_judge_names_a_corrupted_visit_plan(name: str) -> None:
    code, corrupt = {**VISITS, **ROUTES}[name]
    found = check_visits(corrupt(clean_plans.visit_plan()), clean_plans.visit_facts())
    if name == "another executive's route":  # it also lies outside horizon and dates
        assert codes(found) == {"unknown_shift", "wrong_date", "after_deadline", "outside_horizon"}
    else:
        assert codes(found) == {code}


def changed_need(visit_id: str, **changes: Any) -> tuple[Violation, ...]:
    """What the judge says of the correct plan when one need is another."""
    facts = clean_plans.visit_facts()
    needs = tuple(
        replace(one, **changes) if one.visit_id == visit_id else one for one in facts.needs
    )
    return check_visits(clean_plans.visit_plan(), replace(facts, needs=needs))


@pytest.mark.parametrize(
    ("code", "visit_id", "changes"),
    [
        ("missing_skill", "B#1", {"required_skill": "welding"}),
        ("after_deadline", "A#2", {"deadline": MONDAY}),
        ("too_close", "A#2", {"min_spacing_days": 2}),
        ("wrong_date", "B#1", {"dates": (TUESDAY,), "windows": (((9 * HOUR, 17 * HOUR),),)}),
        ("wrong_executive", "B#1", {"executive_id": "Bo"}),
        ("outside_window", "B#1", {"windows": ((), ())}),
    ],
)
def test_the_judge_holds_a_visit_to_its_need(
    code: str, visit_id: str, changes: dict[str, Any]
) -> None:
    assert codes(changed_need(visit_id, **changes)) == {code}


def test_too_much_driving_is_named() -> None:
    facts = clean_plans.visit_facts()
    shifts = at(facts.shifts, 1, max_driving_seconds=3599)
    found = check_visits(clean_plans.visit_plan(), replace(facts, shifts=shifts))
    assert codes(found) == {"too_much_driving"}


def test_visits_given_up_beforehand_must_be_listed() -> None:
    plan, facts = clean_plans.visit_plan(), clean_plans.visit_facts()
    lost = replace(plan.unserved[0], visit_id="E#1", account_id="E", reason="no_coordinates")
    told = replace(facts, unplannable=(lost,))
    assert codes(check_visits(plan, told)) == {"lost_visit"}
    listed = replace(plan, unserved=(*plan.unserved, lost), value_lost=80.0)
    assert check_visits(listed, told) == ()


# --- outlets -----------------------------------------------------------------------------------


def site_at(position: int, **changes: Any) -> Callable[[OutletPlan], OutletPlan]:
    return lambda plan: replace(plan, sites=at(plan.sites, position, **changes))


def column(table: str, name: str, *values: Any) -> Callable[[OutletPlan], OutletPlan]:
    def corrupt(plan: OutletPlan) -> OutletPlan:
        columns = {**getattr(plan, table).columns, name: values}
        return replace(plan, **{table: Table(columns=columns)})  # type: ignore[arg-type]

    return corrupt


def bounded(bound: float, **changes: Any) -> Callable[[OutletPlan], OutletPlan]:
    """Another bound, the frontier restated."""
    return lambda plan: replace(
        column("frontier", "bound", 160.0, bound)(plan), bound=bound, **changes
    )


OUTLETS: Mapping[str, tuple[str, Callable[[OutletPlan], OutletPlan]]] = {
    "a wrong bound": (
        "wrong_bound",
        lambda plan: replace(plan, bound=229.0, frontier=clean_plans.no_frontier()),
    ),
    "a bound that is no number": ("wrong_bound", bounded(math.inf)),
    "a gap too small": (
        "wrong_gap",
        bounded(240.0, gap_percent=1.0, is_proven=False, why_not_proven="out of work"),
    ),
    "a proof without one": ("wrong_proof", bounded(240.0, gap_percent=100 * 10 / 240)),
    "no proof and no reason": ("wrong_proof", lambda plan: replace(plan, is_proven=False)),
    "a wrong total captured before": (
        "wrong_total",
        lambda plan: replace(plan, captured_before=161.0),
    ),
    "a wrong total of demand": ("wrong_total", lambda plan: replace(plan, demand=281.0)),
    "less taken from own outlets": ("wrong_total", lambda plan: replace(plan, cannibalised=0.0)),
    "a site that takes too little from own": (
        "wrong_cannibalised",
        lambda plan: replace(site_at(2, from_own=30.0)(plan), cannibalised=30.0),
    ),
    "a site that captures more": ("wrong_capture", site_at(2, captured=111.0)),
    "a site that finds more unmet": ("wrong_capture", site_at(2, from_unmet=80.0)),
    "a site that would be missed more": ("wrong_marginal", site_at(0, marginal=100.0)),
    "a cheaper site": ("wrong_cost", lambda plan: replace(site_at(2, cost=20.0)(plan), spent=20.0)),
    "a smaller bill": ("wrong_total", lambda plan: replace(plan, spent=29.0)),
    "one site more": ("wrong_total", lambda plan: replace(plan, new_sites=2)),
    "a candidate closed": ("wrong_decision", site_at(3, decision="close")),
    "a site moved": ("wrong_facts", site_at(3, lat=0.001)),
    "a site made up": (
        "unknown_site",
        lambda plan: replace(plan, sites=(*plan.sites, replace(plan.sites[3], site_id="moon"))),
    ),
    "a site forgotten": ("missing_site", lambda plan: replace(plan, sites=plan.sites[:3])),
    "a cell served by a worse site": (
        "wrong_server",
        lambda plan: replace(
            column("cells", "site_id", "old", "new", "old", "low")(plan),
            sites=tuple(
                replace(one, captured=c, from_unmet=u, marginal=m)
                for one, c, u, m in zip(
                    plan.sites,
                    (130.0, 20.0, 80.0, 0.0),
                    (30.0, 0.0, 40.0, 0.0),
                    (80.0, 20.0, 40.0, 0.0),
                    strict=True,
                )
            ),
        ),
    ),
    "a cell that gives more": (
        "wrong_capture",
        column("cells", "captured_after", 100.0, 80.0, 60.0, 20.0),
    ),
    "a cell's demand changed": ("wrong_facts", column("cells", "demand", 100.0, 80.0, 60.0, 41.0)),
    "a cell lost": (
        "missing_unit",
        lambda plan: replace(
            plan,
            cells=Table(columns={name: values[:3] for name, values in plan.cells.columns.items()}),
        ),
    ),
    "a frontier that falls": ("wrong_frontier", column("frontier", "captured", 230.0, 229.0)),
    "a frontier with a number twice": ("wrong_frontier", column("frontier", "new_sites", 1, 1)),
    "a frontier that ends elsewhere": ("wrong_frontier", column("frontier", "bound", 160.0, 231.0)),
    "a site worth more than it adds": ("wrong_frontier", column("frontier", "adds", None, 71.0)),
    "a first row that adds": ("wrong_frontier", column("frontier", "adds", 160.0, 70.0)),
    "a frontier above its bound": ("wrong_frontier", column("frontier", "bound", 159.0, 230.0)),
    "a wider reach": ("wrong_facts", lambda plan: replace(plan, reach_minutes=(5, 12))),
    "a larger budget": ("wrong_facts", lambda plan: replace(plan, budget=50.0)),
    "kinder weights": ("wrong_facts", lambda plan: replace(plan, reach_weights=(1.0, 0.6))),
}


@pytest.mark.parametrize("name", OUTLETS)
def test_the_judge_names_a_corrupted_outlet_plan(name: str) -> None:
    code, corrupt = OUTLETS[name]
    found = check_outlets(corrupt(clean_plans.outlet_plan()), clean_plans.outlet_facts())
    if name == "a frontier that falls":
        assert code in codes(found)
    else:
        assert codes(found) == {code}


@pytest.mark.parametrize(
    ("code", "position", "changes"),
    [
        ("forced_site_left", 3, {"is_forced": True}),
        ("forbidden_site_opened", 2, {"is_forbidden": True}),
    ],
)
def test_the_judge_holds_a_network_to_the_rules_of_its_sites(
    code: str, position: int, changes: dict[str, Any]
) -> None:
    facts = clean_plans.outlet_facts()
    ruled = replace(facts, sites=at(facts.sites, position, **changes))
    assert codes(check_outlets(clean_plans.outlet_plan(), ruled)) == {code}


def test_the_judge_holds_a_network_to_number_budget_and_separation() -> None:
    plan, facts = clean_plans.outlet_plan(), clean_plans.outlet_facts()
    none = check_outlets(plan, replace(facts, new_sites=0))
    assert "too_many_sites" in codes(none)
    poor = check_outlets(replace(plan, budget=29.0), replace(facts, budget=29.0))
    assert codes(poor) == {"over_budget"}
    # "old" and "new" stand 0.02 degrees of the equator apart: 2,223.9 m
    wide = check_outlets(
        replace(plan, minimum_separation_meters=2224.0),
        replace(facts, minimum_separation_meters=2224.0),
    )
    assert [(one.code, one.subject) for one in wide] == [("too_close_sites", "sites old, new")]


def test_an_outlet_that_may_not_close_is_not_closed() -> None:
    plan, facts = clean_plans.outlet_plan(), clean_plans.outlet_facts()
    closed = replace(
        plan,
        sites=at(plan.sites, 1, decision="close", captured=0.0, marginal=0.0, cost=3.0),
        cells=Table(
            columns={
                **plan.cells.columns,
                "captured_after": (100.0, 80.0, 30.0, 0.0),
                "site_id": ("old", "new", "new", ""),
            }
        ),
        frontier=Table(columns={"new_sites": (1,), "captured": (210.0,), "bound": (210.0,)}),
        captured=210.0,
        bound=210.0,
        spent=33.0,
    )
    assert check_outlets(closed, facts) == ()
    kept = replace(facts, sites=at(facts.sites, 1, may_close=False))
    assert codes(check_outlets(closed, kept)) == {"closed_against_rule"}
    assert codes(check_outlets(closed, replace(facts, closures=0))) == {"closed_against_rule"}


# --- any figure --------------------------------------------------------------------------------


def test_every_group_is_corrupted_often_enough() -> None:
    for group in (ALIGNMENT, VISITS, ROUTES, OUTLETS):
        assert len(group) >= 6
    assert len(ALIGNMENT) + len(VISITS) + len(ROUTES) + len(OUTLETS) >= 24


def test_a_code_that_nobody_documented_cannot_be_given() -> None:
    with pytest.raises(ValueError, match="bad_luck"):
        Violation(code="bad_luck", subject="plan", message="it rained")
    assert all(sentence.endswith(".") for sentence in CODES.values())


UNJUDGED = {
    # a stop may be reached earlier or later within its slack, a bound may be any valid one
    "arrive_seconds",
    "leave_seconds",
    "return_seconds",
    "inertia_bound",
    "moved_bound_percent",
    "margin_percent",  # the planner's word; what is made of it is judged with the paybacks
}


UNJUDGED_CELLS = {
    # what fewer sites capture is another plan's affair: only order and bounds are held to it
    ("frontier", "columns", "captured", 0),
    ("frontier", "columns", "bound", 0),
}


def figures(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every number of a plan stands: field names, positions and columns."""
    if isinstance(value, bool):
        return []
    if isinstance(value, int | float):
        return [path]
    if isinstance(value, Table):
        return [
            one
            for name, cells in value.columns.items()
            for one in figures(cells, (*path, "columns", name))
            if one not in UNJUDGED_CELLS
        ]
    if is_dataclass(value):
        return [
            one
            for field in fields(value)
            if field.name not in UNJUDGED
            for one in figures(getattr(value, field.name), (*path, field.name))
        ]
    if isinstance(value, tuple):
        return [one for i, item in enumerate(value) for one in figures(item, (*path, i))]
    return []


def perturbed(value: Any, path: tuple[Any, ...], change: float) -> Any:
    """The same plan with one number changed."""
    if not path:
        return value + int(change) if isinstance(value, int) else value + change
    step, rest = path[0], path[1:]
    if isinstance(value, tuple):
        return (*value[:step], perturbed(value[step], rest, change), *value[step + 1 :])
    if isinstance(value, Mapping):
        return {**value, step: perturbed(value[step], rest, change)}
    return replace(value, **{step: perturbed(getattr(value, step), rest, change)})


CHANGES = st.one_of(
    st.integers(1, 5000).map(float),
    st.integers(-5000, -1).map(float),
)
KINDS: Mapping[str, tuple[Any, Any, Any]] = {
    "alignment": (
        clean_plans.alignment_plan(),
        clean_plans.alignment_facts(),
        check_alignment,
    ),
    "visits": (clean_plans.visit_plan(), clean_plans.visit_facts(), check_visits),
    "outlets": (clean_plans.outlet_plan(), clean_plans.outlet_facts(), check_outlets),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_figure_that_is_changed_is_caught(kind: str, data: st.DataObject) -> None:
    plan, facts, check = KINDS[kind]
    path = data.draw(st.sampled_from(figures(plan)))
    change = data.draw(CHANGES)
    try:
        changed = perturbed(plan, path, change)
    except InputError:  # no such plan can be stated at all
        return
    assert check(changed, facts), f"{path} was changed and nobody saw it"


@pytest.mark.parametrize("kind", KINDS)
def test_each_figure_that_is_changed_a_little_is_caught(kind: str) -> None:
    plan, facts, check = KINDS[kind]
    places = figures(plan)
    assert len(places) > 30
    unseen = [path for path in places if not check(perturbed(plan, path, 1.0), facts)]
    assert unseen == []
