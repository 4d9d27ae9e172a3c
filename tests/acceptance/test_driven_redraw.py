"""Redrawn on the road: four weeks of the plan are routed, and its hours are those of the routes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.usecases.redraw_steps import without_key_accounts
from api.usecases.routed import routed_hours
from api.usecases.run import compute, parse_request
from api.usecases.workspace import Surveyed, Workspace, survey
from territory.alignment import AlignmentPlan
from territory.driving import worst_driven_percent
from tests.acceptance.worlds import CITY, load_city, open_workspace

ITERATIONS = 50_000


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The small city with its tables and roads, no plan made."""
    workspace = open_workspace(tmp_path_factory.mktemp("driven"))
    load_city(workspace)
    yield workspace
    workspace.store.close()


def redrawn(city: Workspace, rounds: int) -> AlignmentPlan:
    """The plan of that many rounds, which the judge passes."""
    params = {"driven": rounds, "from_scratch": True, "iterations": ITERATIONS}
    market = city.store.market(CITY)
    made = compute(city, market, "redraw", parse_request("redraw", params))
    assert made.violations == ()
    assert isinstance(made.plan, AlignmentPlan)
    return made.plan


def area_of(city: Workspace, plan: AlignmentPlan) -> Surveyed:
    """The survey without accounts that stay with their executive wherever they lie."""
    surveyed = survey(city, city.store.market(CITY))
    return without_key_accounts(surveyed, plan.alignment.executive_ids)


def test_rounds_make_hours_of_routes_no_less_even_and_are_judged(city: Workspace) -> None:
    plain, driven = redrawn(city, 0), redrawn(city, 1)
    assert all(one.routed_hours is None for one in plain.driven)
    hours = [one.routed_hours for one in driven.driven]
    assert all(each is not None and each > 0 for each in hours)
    totals = [one.visit_hours + (one.routed_hours or 0) for one in driven.driven]
    mean = sum(totals) / len(totals)
    for one, total in zip(driven.driven, totals, strict=True):
        assert one.routed_percent == pytest.approx(100 * (total / mean - 1))
    before, _ = routed_hours(city, area_of(city, plain), plain.alignment)
    worst = worst_driven_percent(driven.driven)
    was = [one.visit_hours + before[one.executive_id] for one in plain.driven]
    mean_before = sum(was) / len(was)
    assert worst <= max(abs(100 * (total / mean_before - 1)) for total in was) + 1e-6
    assert any("times the formula's" in note for note in driven.notes)


def test_routes_are_the_same_again_and_follow_the_alignment(city: Workspace) -> None:
    plan = redrawn(city, 0)
    surveyed = area_of(city, plan)
    one, notes = routed_hours(city, surveyed, plan.alignment)
    again, _ = routed_hours(city, surveyed, plan.alignment)
    assert (one, notes) == (again, ())
    assert set(one) == set(plan.alignment.executive_ids)
    first = plan.alignment.executive_ids[0]
    everything = replace(plan.alignment, owners=(first,) * len(plan.alignment.unit_ids))
    alone, _ = routed_hours(city, surveyed, everything)
    assert set(alone) == {first}
    assert alone[first] > max(one.values())


def test_a_market_without_accounts_says_that_nothing_is_routed(city: Workspace) -> None:
    surveyed = survey(city, city.store.market(CITY))
    tables = {**surveyed.market.tables, "accounts": surveyed.market.table("accounts").iloc[:0]}
    bare = replace(surveyed, market=replace(surveyed.market, tables=tables))
    hours, notes = routed_hours(city, bare, redrawn(city, 0).alignment)
    assert hours == {}
    assert "no accounts to visit" in notes[0]
