"""Driven hours: three units in a row, worked out by hand; and the judge of them."""

from dataclasses import replace

import numpy as np
import pytest

from territory.alignment import Alignment
from territory.checks import AlignmentFacts, DriveFacts, Violation, check_alignment
from territory.driving import (
    Drives,
    driven_hours,
    driven_notes,
    road_factors,
    unit_hours,
    with_routes,
    worst_driven_percent,
)
from territory.measures import Ground, alignment_plan
from territory.units import Neighbours

OWNERS = np.array([0, 0, 1])
DRIVES = Drives(
    area_square_meters=np.array([1e6, 4e6, 1e6]),
    visits_per_cycle=np.array([4.0, 1.0, 9.0]),
    visit_hours=np.array([68.0, 34.0, 68.0]),
    road_seconds=np.array([0.0, 720.0, 360.0]),
    straight_meters=np.array([0.0, 2000.0, 2000.0]),
    usual_pace=100.0,
)
TOUR = 0.7124 * 13  # km a year of a root of 1 km2 visit


def test_tours_take_the_pace_of_their_own_jurisdiction() -> None:
    tours, _ = unit_hours(OWNERS, DRIVES, 2)
    # first jurisdiction: 720 s for 2 km, so 360 s a km; second: 360 s for 2 km, so 180 s a km
    assert tours == pytest.approx([TOUR * 2 * 0.1, TOUR * 2 * 0.1, TOUR * 3 * 0.05])


def test_every_day_in_the_field_costs_one_way_out_and_home() -> None:
    tours, stems = unit_hours(OWNERS, DRIVES, 2)
    days = (DRIVES.visit_hours + tours) / 6.8
    assert stems == pytest.approx([0, days[1] * 2 * 0.2, days[2] * 2 * 0.1])


def test_a_jurisdiction_that_is_all_base_takes_the_usual_pace() -> None:
    here = replace(DRIVES, straight_meters=np.zeros(3), road_seconds=np.zeros(3))
    tours, stems = unit_hours(OWNERS, here, 2)
    assert tours[0] == pytest.approx(TOUR * 2 * 100 / 3600)
    assert stems.tolist() == [0, 0, 0]


def test_units_of_nobody_are_not_driven() -> None:
    tours, stems = unit_hours(np.array([0, -1, 1]), DRIVES, 2)
    assert (tours[1], stems[1]) == (0, 0)


def test_deviations_are_from_the_mean_of_all_hours() -> None:
    hours = driven_hours(OWNERS, np.array([70.0, 40.0, 75.0]), DRIVES, ("A", "B"))
    assert [one.planned_hours for one in hours] == [110, 75]
    assert [one.visit_hours for one in hours] == [102, 68]
    mean = (hours[0].driven_hours + hours[1].driven_hours) / 2
    assert hours[0].deviation_percent == pytest.approx(100 * (hours[0].driven_hours / mean - 1))
    assert hours[0].deviation_percent == pytest.approx(-hours[1].deviation_percent)
    worst = worst_driven_percent(hours)
    assert f"beyond ±5 % of their mean: worst A with {worst:+.1f} %" in driven_notes(hours, 5.0)[0]
    assert "within ±90 %" in driven_notes(hours, 90.0)[0]
    assert driven_notes((), 5.0) == ()


def test_hours_of_routes_count_instead_of_the_formula_and_say_how_far_it_was_off() -> None:
    plain = driven_hours(OWNERS, np.array([70.0, 40.0, 75.0]), DRIVES, ("A", "B"))
    routed = with_routes(plain, {"A": 38.0, "B": 52.0})
    # visits 102 and 68: 140 against 120 hours, 130 in the mean
    assert [one.routed_percent for one in routed] == pytest.approx([100 / 13, -100 / 13])
    assert [one.deviation_percent for one in routed] == [one.deviation_percent for one in plain]
    assert worst_driven_percent(routed) == pytest.approx(100 / 13)
    formula = [one.tour_hours + one.stem_hours for one in plain]
    assert road_factors(routed) == pytest.approx([38 / formula[0], 52 / formula[1]])
    assert road_factors(plain).tolist() == [1, 1]
    (note,) = driven_notes(routed, 5.0)
    assert "worst A with +7.7 %; 35 % of all hours are driving" in note
    assert f"{90 / sum(formula):.2f} times the formula's" in note


def test_routes_that_miss_somebody_are_not_told() -> None:
    plain = driven_hours(OWNERS, np.array([70.0, 40.0, 75.0]), DRIVES, ("A", "B"))
    assert with_routes(plain, {"A": 38.0}) == plain
    assert with_routes((), {"A": 1.0}) == ()


# --- the judge ---------------------------------------------------------------------------------

GROUND = Ground(
    unit_ids=("u0", "u1", "u2"),
    xy_meters=np.array([(0.0, 0.0), (2000.0, 0.0), (4000.0, 0.0)]),
    area_square_meters=DRIVES.area_square_meters,
    neighbours=Neighbours(
        indptr=np.array([0, 1, 3, 4], np.int32),
        indices=np.array([1, 0, 2, 1], np.int32),
        border_meters=np.full(4, 500.0),
    ),
    load_names=("workload",),
    loads=np.array([[70.0, 40.0, 75.0]]),
)


def found(*, routes: dict[str, float] | None = None, **change: float | None) -> set[str]:
    """Codes of the judge on a plan with the first executive's driven hours changed."""
    alignment = Alignment(
        unit_ids=GROUND.unit_ids, executive_ids=("A", "B"), owners=("A", "A", "B")
    )
    plan = alignment_plan(alignment, GROUND, tolerance_percent=(50.0,))
    hours = driven_hours(OWNERS, GROUND.loads[0], DRIVES, ("A", "B"))
    hours = with_routes(hours, routes or {})
    plan = replace(plan, driven=(replace(hours[0], **change), hours[1]))  # type: ignore[arg-type]
    facts = AlignmentFacts(
        unit_ids=GROUND.unit_ids,
        executive_ids=("A", "B"),
        neighbours=GROUND.neighbours,
        xy_meters=GROUND.xy_meters,
        area_square_meters=GROUND.area_square_meters,
        load_names=GROUND.load_names,
        loads=GROUND.loads,
        tolerance_percent=(50.0,),
        drives=DriveFacts(
            visits_per_cycle=DRIVES.visits_per_cycle,
            visit_hours=DRIVES.visit_hours,
            road_seconds=DRIVES.road_seconds,
            straight_meters=DRIVES.straight_meters,
            usual_pace=DRIVES.usual_pace,
        ),
    )
    return {one.code for one in said(check_alignment(plan, facts))}


def said(violations: tuple[Violation, ...]) -> tuple[Violation, ...]:
    """Violations of driven hours, and that there are no others."""
    assert {one.code for one in violations} <= {"wrong_driven"}
    return violations


def test_the_judge_agrees_with_hours_as_they_are_driven() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    "what", ["planned_hours", "visit_hours", "tour_hours", "stem_hours", "deviation_percent"]
)
def test_the_judge_finds_a_wrong_hour(what: str) -> None:
    assert found(**{what: 1.25}) == {"wrong_driven"}


def test_the_judge_holds_routed_hours_against_their_own_mean() -> None:
    routes = {"A": 38.0, "B": 52.0}
    assert found(routes=routes) == set()
    assert found(routes=routes, routed_percent=1.0) == {"wrong_driven"}
    assert found(routes=routes, routed_hours=39.0) == {"wrong_driven"}
    assert found(routes=routes, routed_hours=-1.0) == {"wrong_driven"}
    assert found(routes=routes, routed_hours=None) == {"wrong_driven"}
    assert found(routed_percent=1.0) == {"wrong_driven"}
