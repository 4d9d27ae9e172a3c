"""Jurisdictions for a smaller and a larger team than the tables have: judged, drawn, made again."""

from pathlib import Path

import pytest

from api.usecases.check import check_plan
from api.usecases.pictures import draw_plan
from api.usecases.run import compute, parse_request, rerun, run
from territory.alignment import AlignmentPlan
from tests.acceptance.worlds import CITY, World, copy_of

ITERATIONS = 100_000


@pytest.mark.parametrize("executives", [2, 4])
def test_a_team_of_another_size_gets_judged_jurisdictions(
    city: World, executives: int, tmp_path: Path
) -> None:
    request = parse_request("redraw", {"executives": executives, "iterations": ITERATIONS})
    workspace = copy_of(city.workspace, tmp_path / "var")
    stored = run(workspace, CITY, "redraw", request)
    plan = stored.plan
    assert isinstance(plan, AlignmentPlan)
    assert len(plan.jurisdictions) == executives
    assert len(plan.jurisdictions_before) >= 1
    assert check_plan(workspace, stored.plan_id)[1] == ()
    assert draw_plan(workspace, stored.plan_id).save(tmp_path / "map.html").stat().st_size > 0
    assert rerun(workspace, stored.plan_id)[1] == stored.plan_hash
    workspace.store.close()


def test_from_scratch_is_another_question_than_from_today(city: World) -> None:
    market = city.workspace.store.market(CITY)
    moved = []
    for from_scratch in (False, True):
        params = {"from_scratch": from_scratch, "iterations": ITERATIONS}
        made = compute(city.workspace, market, "redraw", parse_request("redraw", params))
        assert made.violations == ()
        moved.append(made.plan.moved_percent)
    assert moved[0] <= moved[1]
