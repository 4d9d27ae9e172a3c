"""Outlets that serve only so much, from the request to the page and the workbook."""

import json
from pathlib import Path

import pytest

from api.cli.json_words import read_list, read_object
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


def test_capacities_are_kept_told_and_judged(city: World) -> None:
    market = city.workspace.store.market(CITY)
    free = city.plans["outlets"].plan
    assert isinstance(free, OutletPlan)
    busiest = max((s for s in free.sites if s.role == "own"), key=lambda site: site.captured)
    room, new_room = busiest.captured / 2, free.captured / 20
    asked = {"new_sites": 2, "capacities": {busiest.site_id: room}, "new_capacity": new_room}
    request = OutletsRequest.model_validate(asked)
    made = outlets(city.workspace, market, request, Stop(), silent)
    assert made.violations == ()
    plan = made.plan
    assert isinstance(plan, OutletPlan)
    load = dict(zip(plan.loads.texts("site_id"), plan.loads.numbers("load"), strict=True))
    opened = [site.site_id for site in plan.sites if site.decision == "open"]
    assert load[busiest.site_id] <= room * (1 + 1e-6)
    assert opened
    assert all(load[site] <= new_room * (1 + 1e-6) for site in opened)
    assert 0 < plan.captured < free.bound
    assert plan.turned_away > 0
    codes = {one.code for one in judge_outlets(city.workspace, market, free, request)}
    assert codes == {"wrong_split"}
    assert any("left for want of capacity" in line for line in summarise(plan))
    sheets = {sheet.name: sheet for sheet in sheets_of(plan, "outlets", context())}
    assert len(sheets["loads"].rows) == len(plan.loads)
    assert len(sheets["splits"].rows) == len(plan.splits)
    assert answers_data(plan, plan.sites)["loads"]["count"] == len(plan.loads)


def test_a_capacity_of_nobody_and_what_does_not_go_with_it_are_refused_together(
    city: World,
) -> None:
    market = city.workspace.store.market(CITY)
    request = OutletsRequest.model_validate(
        {"capacities": {"<b>moon": 1.0}, "goal": "nearest", "what_if": [{"name": "a"}]}
    )
    with pytest.raises(InputError) as caught:
        outlets(city.workspace, market, request, Stop(), silent)
    told = [(fault.column, fault.value) for fault in caught.value.faults]
    assert told == [("capacities", "<b>moon"), ("what_if", ""), ("goal", "")]


def test_files_of_lists_and_objects_say_what_they_should_hold(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"a": 1.5}), encoding="utf-8")
    assert read_object(file, "capacities") == {"a": 1.5}
    with pytest.raises(InputError, match="cannot be read"):
        read_list(file, "rules")
    file.write_text("[1", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_object(file, "capacities")
    assert caught.value.faults[0].expected == "a JSON object of capacities"
