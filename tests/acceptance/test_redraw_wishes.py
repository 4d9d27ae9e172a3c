"""Every wish of a redraw through the door of the job: asked, drawn, judged, told, shown, kept."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from api.cli.redraw_words import levels_of, loads_of, move_by_of, own_loads_of, span_of
from api.edit_schemas import HireEdit, MoveEdit, VacateEdit
from api.schemas import RedrawRequest
from api.usecases.check import check_plan
from api.usecases.edits import edit_plan, judged_again
from api.usecases.judging import judge_alignment
from api.usecases.owners import owners_of_accounts
from api.usecases.pictures import export_plan, save_page
from api.usecases.run import parse_request, run
from api.usecases.summary import summarise
from api.usecases.workspace import Workspace
from data.store import StoredPlan
from territory.alignment import AlignmentPlan
from territory.checks import Violation
from territory.errors import Conflict, InputError
from tests.acceptance.worlds import CITY, load_city, open_workspace

WORK = {"iterations": 20_000, "tolerance_percent": 15.0}
KEYS = 8


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The small city with eight key accounts, which another than the executive next door serves."""
    workspace = open_workspace(tmp_path_factory.mktemp("wishes"))
    load_city(workspace)
    accounts = workspace.store.market(CITY).table("accounts").copy()
    accounts["is_key"] = [place < KEYS for place in range(len(accounts))]
    others = accounts["executive_id"].map({"E01": "E02", "E02": "E03", "E03": "E01"})
    accounts["executive_id"] = accounts["executive_id"].where(~accounts["is_key"], others)
    workspace.store.write_rows(CITY, "accounts", accounts, mode="replace")
    yield workspace
    workspace.store.close()


def redrawn(city: Workspace, **wishes: Any) -> StoredPlan:
    return run(city, CITY, "redraw", parse_request("redraw", {**WORK, **wishes}))


def plan_of(stored: StoredPlan) -> AlignmentPlan:
    return cast(AlignmentPlan, stored.plan)


@pytest.fixture(scope="module")
def rich(city: Workspace) -> StoredPlan:
    """Three loads, one soft, priced by relationships, on the road, in two districts."""
    return redrawn(
        city,
        executives=4,
        loads=[
            {"name": "workload"},
            {"name": "accounts", "tolerance_percent": 1.0, "soft_price": 2.0},
            {"name": "companies.income", "tolerance_percent": 40.0},
        ],
        move_by={"relationship_years": 3, "accounts": 1},
        shape="road",
        levels=[{"name": "district", "groups": 2, "tolerance_percent": 15}],
    )


def test_loads_have_names_tolerances_and_prices_of_their_own(rich: StoredPlan) -> None:
    plan = plan_of(rich)
    assert plan.load_names == ("accounts", "companies.income", "workload")
    assert plan.tolerance_percent == (1.0, 40.0, 15.0)
    assert plan.soft_price == (2.0, 0.0, 0.0)
    assert plan.worst_percent[1] <= 40
    assert plan.worst_percent[2] <= 15


def test_a_soft_load_is_never_said_to_be_missed(rich: StoredPlan) -> None:
    plan = plan_of(rich)
    assert plan.worst_percent[0] > 1.0, "else the test proves nothing"
    said = " ".join(summarise(plan))
    assert "accounts misses" not in said
    assert "accounts is a soft load" in said


def test_accounts_are_all_counted_in_units_or_with_their_executives(
    city: Workspace, rich: StoredPlan
) -> None:
    plan = plan_of(rich)
    count = len(city.store.market(CITY).table("accounts"))
    assert len(plan.key_accounts) == KEYS
    assert sum(plan.unit_loads[0]) == count - KEYS
    assert sum(one.loads[0] for one in plan.jurisdictions) == pytest.approx(count)


def test_hours_of_a_key_account_hold_the_way_there_for_every_visit(rich: StoredPlan) -> None:
    """K001 is visited 52 times a year for 45 minutes at most: more hours than 39 are the way."""
    assert all(one.loads[-1] > 0 for one in plan_of(rich).key_accounts)


def test_visits_and_report_give_a_key_account_to_its_executive_wherever_it_lies(
    city: Workspace, rich: StoredPlan
) -> None:
    plan = plan_of(rich)
    owner_of = owners_of_accounts(city, city.store.market(CITY), alignment_plan=rich.plan_id)
    for one in plan.key_accounts:
        assert owner_of[one.account_id] == one.executive_id
    area = plan.alignment.owner_of()
    outside = [one for one in plan.key_accounts if area.get(one.unit_id) != one.executive_id]
    assert len(outside) >= KEYS / 2


def test_moves_are_told_in_every_measure_and_the_price_names_its_weights(rich: StoredPlan) -> None:
    shares = {one.name: one for one in plan_of(rich).moved_by}
    assert {name for name, one in shares.items() if one.weight > 0} == {
        "relationship_years", "accounts",
    }  # fmt: skip
    assert shares["workload"].percent == pytest.approx(plan_of(rich).moved_percent)


def test_on_the_road_every_centre_lies_in_its_own_jurisdiction(rich: StoredPlan) -> None:
    plan = plan_of(rich)
    owner_of = plan.alignment.owner_of()
    assert [owner_of[one.center_unit] for one in plan.road_shape] == [
        one.executive_id for one in plan.road_shape
    ]
    assert all(0 < one.mean_minutes <= one.worst_minutes for one in plan.road_shape)


def test_the_plan_is_judged_clean_again_from_the_store(city: Workspace, rich: StoredPlan) -> None:
    assert check_plan(city, rich.plan_id)[1] == ()


FAULTS: dict[str, tuple[str, Any]] = {
    "a key account's executive": (
        "wrong_key_account",
        lambda plan: {
            "key_accounts": (
                replace(plan.key_accounts[0], executive_id="E99"), *plan.key_accounts[1:],
            )
        },
    ),
    "minutes on the road": (
        "wrong_road",
        lambda plan: {
            "road_shape": (replace(plan.road_shape[0], mean_minutes=1.0), *plan.road_shape[1:])
        },
    ),
    "a district too few": (
        "wrong_level",
        lambda plan: {"levels": (replace(plan.levels[0], groups=plan.levels[0].groups[:1]),)},
    ),
    "a moved share": (
        "wrong_moved",
        lambda plan: {"moved_by": (replace(plan.moved_by[0], percent=99.0), *plan.moved_by[1:])},
    ),
    "a soft load made hard": ("wrong_facts", lambda plan: {"soft_price": (0.0, 0.0, 0.0)}),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_the_judge_finds_a_fault_planted_in_a_real_plan(
    city: Workspace, rich: StoredPlan, name: str
) -> None:
    code, changes = FAULTS[name]
    plan = plan_of(rich)
    bad = replace(plan, **changes(plan))
    request = RedrawRequest.model_validate(dict(rich.provenance.params))
    found: tuple[Violation, ...] = judge_alignment(city, city.store.market(CITY), bad, request)
    assert code in {one.code for one in found}


def test_an_edit_states_the_road_of_the_jurisdictions_it_made(
    city: Workspace, rich: StoredPlan
) -> None:
    begun = plan_of(rich)
    one, other = begun.alignment.executive_ids[:2]
    given = begun.alignment.units_of(one)[0]
    edit = MoveEdit(kind="move", units=(given,), to=other)
    edited = edit_plan(city, rich.plan_id, edit, branch=True)
    plan = plan_of(edited.stored)
    owner_of = plan.alignment.owner_of()
    assert [owner_of[shape.center_unit] for shape in plan.road_shape] == [
        shape.executive_id for shape in plan.road_shape
    ]
    assert plan.road_shape[:2] != begun.road_shape[:2]
    assert plan.road_shape[2:] == begun.road_shape[2:]
    codes = {violation.code for violation in check_plan(city, edited.stored.plan_id)[1]}
    assert "wrong_road" not in codes
    false = replace(plan.road_shape[0], mean_minutes=plan.road_shape[0].mean_minutes + 1)
    bad = replace(plan, road_shape=(false, *plan.road_shape[1:]))
    assert "wrong_road" in {each.code for each in judged_again(city, edited.stored, bad)}
    bare = replace(plan, road_shape=())
    assert "wrong_road" in {each.code for each in judged_again(city, edited.stored, bare)}


def test_an_edit_keeps_loads_key_accounts_and_districts(city: Workspace, rich: StoredPlan) -> None:
    gone = plan_of(rich).alignment.executive_ids[-1]
    edited = edit_plan(city, rich.plan_id, VacateEdit(kind="vacate", executive=gone), branch=True)
    plan = plan_of(edited.stored)
    assert plan.soft_price == plan_of(rich).soft_price
    assert plan.key_accounts == plan_of(rich).key_accounts
    members = {one for group in plan.levels[0].groups for one in group.executive_ids}
    assert members == set(plan.alignment.executive_ids)
    hired = edit_plan(city, edited.stored.plan_id, HireEdit(kind="hire", executive="fresh"))
    members = {one for g in plan_of(hired.stored).levels[0].groups for one in g.executive_ids}
    assert "fresh" in members


def test_page_and_workbook_show_what_was_asked(
    city: Workspace, rich: StoredPlan, tmp_path: Path
) -> None:
    page = save_page(city, rich, tmp_path / "redraw.html")
    text = (tmp_path / "redraw.html").read_text(encoding="utf-8")
    assert page is not None
    assert all(word in text for word in ('"district 1"', '"keys"', '"is_soft"'))
    book = export_plan(city, rich.plan_id, "xlsx", folder=tmp_path)
    assert book


def test_a_range_of_executives_is_tried_and_one_is_chosen_by_the_rule(city: Workspace) -> None:
    stored = redrawn(city, executives=3, executives_to=5, full_hours=1400)
    plan = plan_of(stored)
    assert [one.executives for one in plan.counts] == [3, 4, 5]
    chosen = next(one for one in plan.counts if one.is_chosen)
    assert chosen.executives == len(plan.jurisdictions) == 4  # three would work 1.18 years
    assert stored.provenance.params["chosen_executives"] == 4
    assert check_plan(city, stored.plan_id)[1] == ()
    lines = "\n".join(summarise(plan))
    assert "Of 3 to 5 executives 4 were chosen" in lines
    bad = replace(plan, counts=plan.counts[:2])
    request = RedrawRequest.model_validate(dict(stored.provenance.params))
    found = judge_alignment(city, city.store.market(CITY), bad, request)
    assert "wrong_facts" in {one.code for one in found}


def test_a_plan_of_the_road_is_redrawn_on_driven_hours(city: Workspace) -> None:
    wishes = {"shape": "road", "driven": 1, "from_scratch": True, "tolerance_percent": 4}
    stored = redrawn(city, **wishes)
    plan = plan_of(stored)
    assert len(plan.road_shape) == len(plan.driven) == 3
    assert all(one.routed_hours is not None for one in plan.driven)
    assert check_plan(city, stored.plan_id)[1] == ()
    straight = plan_of(redrawn(city, **{**wishes, "driven": 0}))
    assert all(one.routed_hours is None for one in straight.driven)


def test_the_number_chosen_of_a_range_is_driven(city: Workspace) -> None:
    stored = redrawn(
        city, executives=3, executives_to=4, choose="balance", driven=1, from_scratch=True
    )
    plan = plan_of(stored)
    chosen = next(one for one in plan.counts if one.is_chosen)
    assert chosen.is_driven
    assert chosen.executives == len(plan.driven)
    assert check_plan(city, stored.plan_id)[1] == ()
    said = next(line for line in summarise(plan) if line.endswith("chosen"))
    assert "driven" in said
    request = RedrawRequest.model_validate(dict(stored.provenance.params))
    market = city.store.market(CITY)
    for wrong in ({"is_driven": False}, {"full_percent": chosen.full_percent * 1.1}):
        rows = tuple(replace(one, **wrong) if one is chosen else one for one in plan.counts)
        found = judge_alignment(city, market, replace(plan, counts=rows), request)
        assert {one.code for one in found} & {"wrong_count", "wrong_facts"}


def test_a_locked_jurisdiction_neither_gives_nor_takes(city: Workspace) -> None:
    """But for three units at the rim that E03 alone cuts off from the rest."""
    stored = redrawn(city, locked_executives=["E03"], tolerance_percent=40)
    plan = plan_of(stored)
    assert plan.before is not None
    gained = set(plan.alignment.units_of("E03")) - set(plan.before.units_of("E03"))
    assert set(plan.alignment.units_of("E03")) >= set(plan.before.units_of("E03"))
    assert len(gained) == 3
    assert "cut 3 units off from the rest" in " ".join(plan.notes)
    request = RedrawRequest.model_validate(dict(stored.provenance.params))
    taken = plan.alignment.units_of("E01")[0]
    for unit, to in ((plan.before.units_of("E03")[0], "E01"), (taken, "E03")):
        bad = replace(plan, alignment=plan.alignment.move([unit], to=to))
        found = judge_alignment(city, city.store.market(CITY), bad, request)
        assert "broken_lock" in {one.code for one in found}


def test_links_join_and_cuts_part_units(city: Workspace) -> None:
    plan = plan_of(redrawn(city))
    ids = plan.alignment.unit_ids
    stored = redrawn(city, links=[(ids[0], ids[-1])])
    assert check_plan(city, stored.plan_id)[1] == ()
    with pytest.raises(InputError) as caught:
        redrawn(city, links=[(ids[0], "nowhere"), (ids[0], ids[1])], cuts=[(ids[1], ids[0])])
    assert len(caught.value.faults) == 2


def test_own_loads_come_with_the_request(city: Workspace) -> None:
    ids = plan_of(redrawn(city)).alignment.unit_ids
    draws = np.random.default_rng(3).integers(1, 5, len(ids)).tolist()
    own = {"doors": dict(zip(ids, map(float, draws), strict=True))}
    stored = redrawn(
        city,
        own_loads=own,
        loads=[{"name": "doors", "tolerance_percent": 20}, {"name": "workload"}],
    )
    assert plan_of(stored).unit_loads[0] == tuple(map(float, draws))


NAN = float("nan")
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a load that is none": ({"loads": [{"name": "luck"}]}, "There is no load 'luck'"),
    "a load twice": ({"loads": [{"name": "potential"}] * 2}, "asked for twice"),
    "an own load with holes": (
        {"own_loads": {"x": {"nowhere": 1.0}}, "loads": [{"name": "x"}]}, "does not fit the units"),
    "a price that counts nothing": ({"move_by": {"workload": 0}}, "must count something"),
    "a price that is no number": ({"move_by": {"workload": NAN}}, "cannot be run"),
    "an own load that is no number": (
        {"own_loads": {"x": {"a": -NAN}}, "loads": [{"name": "x"}]}, "cannot be run"),
    "a tolerance that is no number": ({"tolerance_percent": NAN}, "cannot be run"),
    "a range upside down": ({"executives": 5, "executives_to": 3}, "upside down"),
    "a level twice": ({"levels": [{"name": "d", "groups": 2}] * 2}, "do not go together"),
    "a lock of a stranger": ({"locked_executives": ["E99"]}, "cannot be taken as it is"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_wish_that_cannot_be_is_told_before_anything_is_drawn(city: Workspace, name: str) -> None:
    wishes, words = BAD[name]
    with pytest.raises(InputError, match=words):
        redrawn(city, **wishes)


def test_more_districts_than_jurisdictions_is_told(city: Workspace) -> None:
    with pytest.raises(Conflict, match="5 groups cannot be made of 3"):
        redrawn(city, levels=[{"name": "district", "groups": 5}])


def test_a_negative_own_load_is_named_with_its_unit(city: Workspace) -> None:
    ids = plan_of(redrawn(city)).alignment.unit_ids
    own = {"x": dict.fromkeys(ids, 1.0) | {ids[3]: -2.0}}
    with pytest.raises(InputError) as caught:
        redrawn(city, own_loads=own, loads=[{"name": "x"}])
    assert [fault.value for fault in caught.value.faults] == [f"-2.0 of unit {ids[3]}"]


def test_options_of_the_command_line_become_the_fields_of_the_request(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("unit_id,doors\na,1\nb,2.5\n", encoding="utf-8")
    request = parse_request(
        "redraw",
        {
            **span_of("8..12"),
            "loads": loads_of(["potential:4", "accounts:10:2.5", "workload"]),
            "levels": levels_of(["district:4", "region:2:8"]),
            "own_loads": own_loads_of(path),
            **move_by_of(["potential", "relationship_years:2"]),
        },
    )
    assert isinstance(request, RedrawRequest)
    assert (request.executives, request.executives_to) == (8, 12)
    assert [(one.name, one.tolerance_percent, one.soft_price) for one in request.loads] == [
        ("potential", 4.0, 0.0), ("accounts", 10.0, 2.5), ("workload", None, 0.0),
    ]  # fmt: skip
    assert [(one.groups, one.tolerance_percent) for one in request.levels] == [(4, 5.0), (2, 8.0)]
    assert request.own_loads == {"doors": {"a": 1.0, "b": 2.5}}
    assert request.move_by == {"potential": 1.0, "relationship_years": 2.0}
    assert span_of("7") == {"executives": "7"}
    assert span_of(None) == {}


@pytest.mark.parametrize("text", ["a:b:c:d", ":5", "district"])
def test_an_option_that_cannot_be_read_shows_its_form(text: str) -> None:
    with pytest.raises(InputError) as caught:
        levels_of([text])
    assert caught.value.faults[0].expected == "NAME:GROUPS:TOLERANCE"


def test_cells_of_own_loads_that_are_no_numbers_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("unit_id,x,y\na,one,1\nb,2,\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        own_loads_of(path)
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [(2, "x"), (3, "y")]
    path.write_text("unit,x\na,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        own_loads_of(path)


def test_fewest_moves_change_no_more_hands_than_a_price_does(city: Workspace) -> None:
    priced, fewest = redrawn(city), redrawn(city, fewest_moves=True)
    assert plan_of(fewest).moved_percent <= plan_of(priced).moved_percent + 1e-9
    assert max(plan_of(fewest).worst_percent) <= 15 + 1e-9
    assert check_plan(city, fewest.plan_id)[1] == ()
