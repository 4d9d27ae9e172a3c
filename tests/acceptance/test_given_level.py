"""The level above as it is given: asked by column or table; drawn, judged, edited and told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from api.cli.redraw_words import within_of
from api.edit_schemas import MoveEdit
from api.schemas import RedrawRequest
from api.usecases.check import check_plan
from api.usecases.edits import edit_plan
from api.usecases.judging import judge_alignment
from api.usecases.run import parse_request, run
from api.usecases.summary import summarise
from api.usecases.workspace import Workspace, survey
from data.store import StoredPlan
from territory.alignment import Alignment, AlignmentPlan
from territory.diagnosis import Finding
from territory.errors import InputError
from tests.acceptance.worlds import CITY, load_city, open_workspace

WORK = {"iterations": 20_000, "tolerance_percent": 15.0}
REGIONS = {"E01": "North", "E02": "North", "E03": "<b>South</b>"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The small city, two executives of whom belong to North and one to <b>South</b>."""
    workspace = open_workspace(tmp_path_factory.mktemp("given"))
    load_city(workspace)
    people = workspace.store.market(CITY).table("executives").copy()
    people["region"] = people["executive_id"].map(REGIONS)
    workspace.store.write_rows(CITY, "executives", people, mode="replace")
    yield workspace
    workspace.store.close()


def redrawn(city: Workspace, **wishes: Any) -> StoredPlan:
    return run(city, CITY, "redraw", parse_request("redraw", {**WORK, **wishes}))


def plan_of(stored: StoredPlan) -> AlignmentPlan:
    return cast(AlignmentPlan, stored.plan)


@pytest.fixture(scope="module")
def halves(city: Workspace) -> dict[str, str]:
    """The units west and east of the middle."""
    units = survey(city, city.store.market(CITY)).units
    lon = units.lonlat[:, 0]
    return {
        unit: "West" if at < np.median(lon) else "East"
        for unit, at in zip(units.ids, lon.tolist(), strict=True)
    }


@pytest.fixture(scope="module")
def halved(city: Workspace, halves: dict[str, str]) -> StoredPlan:
    """Five executives, two of them new, in two halves, with four districts below."""
    return redrawn(
        city,
        executives=5,
        within={"name": "half", "units": halves},
        levels=[{"name": "district", "groups": 4, "tolerance_percent": 60}],
    )


def groups_of(plan: AlignmentPlan, label: dict[str, str]) -> dict[str, set[str]]:
    held: dict[str, set[str]] = {}
    for unit, owner in plan.alignment.owner_of().items():
        held.setdefault(owner, set()).add(label[unit])
    return held


def test_every_jurisdiction_lies_in_one_half_in_one_piece(
    halved: StoredPlan, halves: dict[str, str]
) -> None:
    plan = plan_of(halved)
    assert sorted(len(held) for held in groups_of(plan, halves).values()) == [1] * 5
    assert {one.components for one in plan.jurisdictions} == {1}


def test_the_given_level_is_told_last_with_districts_nested_in_it(
    city: Workspace, halved: StoredPlan, halves: dict[str, str]
) -> None:
    plan = plan_of(halved)
    district, half = plan.levels
    assert (district.name, half.name) == ("district", "half")
    assert [group.group_id for group in half.groups] == ["East", "West"]
    for group in half.groups:
        land = [unit for unit, name in halves.items() if name == group.group_id]
        place = {unit: at for at, unit in enumerate(plan.alignment.unit_ids)}
        besides = [one for one in plan.key_accounts if one.executive_id in group.executive_ids]
        assert group.loads[-1] == pytest.approx(
            sum(plan.unit_loads[-1][place[unit]] for unit in land)
            + sum(one.loads[-1] for one in besides)
        )
    assert any(line.startswith("level half: 2 groups") for line in summarise(plan))
    assert check_plan(city, halved.plan_id)[1] == ()


def test_the_same_market_without_the_wish_is_drawn_across_the_halves(
    city: Workspace, halves: dict[str, str]
) -> None:
    free = plan_of(redrawn(city, executives=5))
    assert max(len(held) for held in groups_of(free, halves).values()) == 2


def test_the_column_region_gives_land_by_todays_executives_and_keeps_them_there(
    city: Workspace,
) -> None:
    today = redrawn(city, within={})
    plan = plan_of(today)
    (region,) = plan.levels
    assert {one: group.group_id for group in region.groups for one in group.executive_ids} == (
        REGIONS
    )
    before = cast(Alignment, plan.before).owner_of()
    label = {unit: REGIONS[owner] for unit, owner in before.items() if owner}
    for unit, owner in plan.alignment.owner_of().items():
        if unit in label:
            assert REGIONS[owner] == label[unit]
    assert check_plan(city, today.plan_id)[1] == ()


def across(plan: AlignmentPlan) -> dict[str, Any]:
    """The first unit of one half's executive given to one of the other half."""
    east, west = (group.executive_ids[0] for group in plan.levels[1].groups)
    unit = plan.alignment.units_of(west)[0]
    owners = tuple(
        east if one == unit else owner
        for one, owner in zip(plan.alignment.unit_ids, plan.alignment.owners, strict=True)
    )
    return {"alignment": replace(plan.alignment, owners=owners)}


def traded(plan: AlignmentPlan) -> dict[str, Any]:
    """Two executives listed in each other's half."""
    half = plan.levels[1]
    east, west = half.groups
    a, b = east.executive_ids[0], west.executive_ids[0]
    groups = (
        replace(east, executive_ids=(b, *east.executive_ids[1:])),
        replace(west, executive_ids=(a, *west.executive_ids[1:])),
    )
    return {"levels": (plan.levels[0], replace(half, groups=groups))}


def more_held(plan: AlignmentPlan) -> dict[str, Any]:
    half = plan.levels[1]
    first = half.groups[0]
    false = replace(first, loads=tuple(1.1 * load for load in first.loads))
    return {"levels": (plan.levels[0], replace(half, groups=(false, *half.groups[1:])))}


def false_proof(plan: AlignmentPlan) -> dict[str, Any]:
    """A finding on units that are no group."""
    some = plan.alignment.unit_ids[:3]
    place = [plan.alignment.unit_ids.index(unit) for unit in some]
    load = plan.unit_loads[-1]
    share = 100 * sum(load[at] for at in place) / sum(load)
    finding = Finding(
        kind="group", load_names=("workload",), tolerance_percent=(1.0,), unit_ids=some,
        share_percent=(share,), least_percent=40.0,
    )  # fmt: skip
    return {"diagnosis": (finding,)}


FAULTS: dict[str, tuple[str, Any]] = {
    "a unit over the border of a half": ("across_level", across),
    "two executives in each other's half": ("across_level", traded),
    "a half's load": ("wrong_level", more_held),
    "the given level left out": ("wrong_facts", lambda plan: {"levels": plan.levels[:1]}),
    "a proof on units that are no half": ("wrong_proof", false_proof),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_judge_finds_a_planted_fault(city: Workspace, halved: StoredPlan, name: str) -> None:
    code, changes = FAULTS[name]
    plan = plan_of(halved)
    bad = replace(plan, **changes(plan))
    request = RedrawRequest.model_validate(dict(halved.provenance.params))
    found = judge_alignment(city, city.store.market(CITY), bad, request)
    assert code in {one.code for one in found}


def test_an_executive_named_for_a_half_who_is_elsewhere_is_found(
    city: Workspace, halved: StoredPlan
) -> None:
    plan = plan_of(halved)
    one = plan.levels[1].groups[0].executive_ids[0]
    params = dict(halved.provenance.params)
    params["within"] = {**cast(dict[str, Any], params["within"]), "executives": {one: "West"}}
    request = RedrawRequest.model_validate(params)
    found = judge_alignment(city, city.store.market(CITY), plan, request)
    assert f"{one} sits in 'West' and has land in 'East'" in {each.message for each in found}


def test_a_group_out_of_reach_is_named_and_the_proof_is_judged(
    city: Workspace, halves: dict[str, str]
) -> None:
    """Three executives for two halves: one half's executive must hold far more than the others."""
    stored = redrawn(city, within={"units": halves}, tolerance_percent=3.0)
    plan = plan_of(stored)
    findings = [one for one in plan.diagnosis if one.kind == "group"]
    assert findings
    assert max(plan.worst_percent) >= max(one.least_percent for one in findings)
    assert any(note.startswith("Group ") and "level above" in note for note in plan.notes)
    assert check_plan(city, stored.plan_id)[1] == ()
    sharper = replace(findings[0], least_percent=findings[0].least_percent + 1)
    bad = replace(plan, diagnosis=(sharper,))
    request = RedrawRequest.model_validate(dict(stored.provenance.params))
    found = judge_alignment(city, city.store.market(CITY), bad, request)
    assert "wrong_proof" in {one.code for one in found}


def test_an_edit_over_the_border_is_made_and_said(
    city: Workspace, halved: StoredPlan, halves: dict[str, str]
) -> None:
    plan = plan_of(halved)
    east, west = (group.executive_ids[0] for group in plan.levels[1].groups)
    unit = plan.alignment.units_of(west)[0]
    edited = edit_plan(
        city, halved.plan_id, MoveEdit(kind="move", units=(unit,), to=east), branch=True
    )
    assert f"{east} has units in 'East', 'West' of level half" in " ".join(edited.warnings)


def test_the_words_of_the_command_line_name_the_column_or_a_table(tmp_path: Path) -> None:
    assert within_of(None) is None
    assert within_of("region") == {"name": "region"}
    table = tmp_path / "groups.csv"
    table.write_text("unit_id,district\n00123,NA\n=1+1,South\n", encoding="utf-8")
    assert within_of(str(table)) == {
        "name": "district", "units": {"00123": "NA", "=1+1": "South"},
    }  # fmt: skip
    table.write_text("unit_id,district,more\n1,a,b\n1,a,b\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        within_of(str(table))
    assert len(refused.value.faults) == 2
    with pytest.raises(InputError, match="cannot be read"):
        within_of(str(tmp_path / "none.csv"))


def test_wishes_that_cannot_be_are_refused_all_at_once(
    city: Workspace, halves: dict[str, str]
) -> None:
    first, *others = halves
    with pytest.raises(InputError) as refused:
        redrawn(city, within={"units": {**dict.fromkeys(others, "a"), "moon": "a"}})
    assert {fault.value for fault in refused.value.faults} == {"moon", first}
    with pytest.raises(InputError, match="E09: West"):
        redrawn(city, within={"units": halves, "executives": {"E09": "West", "E01": "Mars"}})
    with pytest.raises(InputError, match="each level once"):
        redrawn(city, within={}, levels=[{"name": "region", "groups": 2}])
