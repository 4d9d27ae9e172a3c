"""Openings in phases, from the request to the page and the workbook."""

import pytest

from api.cli.json_words import phases_of
from api.schemas import OutletsRequest
from api.usecases.judging import judge_outlets
from api.usecases.outlets_job import outlets
from api.usecases.summary import summarise
from data.exports.sheets import sheets_of
from maps.outlet_answers import answers_data
from optimizer.run import Stop, silent
from territory.errors import InputError
from territory.outlets import OutletPlan
from tests.acceptance.worlds import CITY, World
from tests.data.exports.worlds import context

QUICK = {"robustness_draws": 0, "alternatives": 0}


def test_phases_are_nested_bounded_told_and_judged(city: World) -> None:
    market = city.workspace.store.market(CITY)
    request = OutletsRequest.model_validate(QUICK | {"phases": phases_of("1,2:1e9,1")})
    made = outlets(city.workspace, market, request, Stop(), silent)
    assert made.violations == ()
    plan, kept = made.plan, made.request
    assert isinstance(plan, OutletPlan)
    assert isinstance(kept, OutletsRequest)
    assert (kept.new_sites, kept.budget) == (4, None)
    assert plan.phases.numbers("new_sites") == (1, 3, 4)
    captured, bound = plan.phases.numbers("captured"), plan.phases.numbers("bound")
    assert captured[0] < captured[1] < captured[2] == pytest.approx(plan.captured)
    assert all(got <= most * (1 + 1e-9) for got, most in zip(captured, bound, strict=True))
    single = OutletsRequest.model_validate(QUICK | {"new_sites": 4})
    codes = {one.code for one in judge_outlets(city.workspace, market, plan, single)}
    assert codes == {"wrong_phase"}
    lines = [line for line in summarise(plan) if line.startswith("phase ")]
    assert len(lines) == 3
    assert lines[0].startswith("phase 1: open ")
    sheets = {sheet.name: sheet for sheet in sheets_of(plan, "outlets", context())}
    assert (len(sheets["phases"].rows), len(sheets["steps"].rows)) == (3, len(plan.steps))
    told = {row[0]: row[-1] for row in sheets["sites"].rows}
    assert sheets["sites"].columns[-1] == "phase"
    assert sorted(phase for phase in told.values() if phase) == [1, 2, 2, 3]
    rows = answers_data(plan, plan.sites)["phases"]["rows"]
    assert all(rows["opens"])
    assert rows["phase"] == [1, 2, 3]


def test_phases_that_cannot_be_are_refused(city: World) -> None:
    for text in ("two:5", "-1:5", "2:-5", "2:{{7*7}}", ""):
        with pytest.raises(ValueError, match="phases"):
            OutletsRequest.model_validate({"phases": phases_of(text)})
    assert phases_of(None) == []
    market = city.workspace.store.market(CITY)
    asked = {"phases": phases_of("1,1"), "goal": "nearest", "new_capacity": 5.0}
    with pytest.raises(InputError) as caught:
        outlets(city.workspace, market, OutletsRequest.model_validate(asked), Stop(), silent)
    assert [fault.column for fault in caught.value.faults] == ["goal", "phases", "phases"]
