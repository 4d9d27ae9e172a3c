"""A page holds so many stops: of a larger plan it shows the first executives, or those asked."""

import pytest

from api.usecases.plan_part import shown_part
from optimizer.visits import VisitParams, solve
from territory.errors import InputError
from territory.routes import VisitPlan
from tests.optimizer.visits.worlds import city


@pytest.fixture(scope="module")
def plan() -> VisitPlan:
    """Three executives, E00 to E02, with some eight stops each."""
    world = city(executives=3, weeks=1, accounts=8)
    return solve(world, params=VisitParams(engine="ruin", iterations_per_visit=1)).plan


def stops_of(plan: VisitPlan, who: str) -> int:
    return sum(len(route.stops) for route in plan.routes if route.executive_id == who)


def test_a_plan_that_fits_is_shown_whole(plan: VisitPlan) -> None:
    assert shown_part(plan, ()) is plan
    assert shown_part(plan, (), most_stops=plan.served) is plan


def test_of_a_larger_plan_the_first_executives_are_shown_and_it_is_said(plan: VisitPlan) -> None:
    room = stops_of(plan, "E00") + stops_of(plan, "E01")
    part = shown_part(plan, (), most_stops=room)
    assert {route.executive_id for route in part.routes} == {"E00", "E01"}
    assert part.notes[0].startswith("This page shows 2 of 3 executives (E00 to E01). More")
    assert (part.served, part.travel_seconds) == (plan.served, plan.travel_seconds)
    one_less = shown_part(plan, (), most_stops=room - 1)
    assert {route.executive_id for route in one_less.routes} == {"E00"}


def test_at_least_one_executive_is_shown(plan: VisitPlan) -> None:
    part = shown_part(plan, (), most_stops=0)
    assert {route.executive_id for route in part.routes} == {"E00"}


def test_executives_asked_for_are_shown(plan: VisitPlan) -> None:
    part = shown_part(plan, ("E02",))
    assert {route.executive_id for route in part.routes} == {"E02"}
    assert part.notes[0] == (
        "This page shows 1 of 3 executives (E02). Ask for others by name; the figures at the top "
        "are of all."
    )
    assert shown_part(plan, ("E02", "E00", "E01")) is plan


def test_somebody_unknown_is_refused_by_name(plan: VisitPlan) -> None:
    with pytest.raises(InputError) as refused:
        shown_part(plan, ("E01", "<b>E9"))
    assert [fault.value for fault in refused.value.faults] == ["<b>E9"]
