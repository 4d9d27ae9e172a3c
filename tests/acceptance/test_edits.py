"""Editing a small city's jurisdictions by hand, over HTTP and in the store, version by version."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.schemas import JobKind
from api.settings import Settings
from api.usecases.check import check_plan
from api.usecases.edits import edit_plan
from api.usecases.run import parse_request, rerun, run
from api.usecases.workspace import Workspace
from data.store import StoredPlan
from territory.alignment import AlignmentPlan
from tests.acceptance.worlds import CITY, load_city

EXECUTIVES = 5


class Desk:
    """A client on the city, with the version last seen."""

    def __init__(self, client: TestClient, workspace: Workspace, root: StoredPlan) -> None:
        self.client, self.workspace, self.root = client, workspace, root
        self.at = root.plan_id

    def edit(self, body: dict[str, Any], *, on: str = "", status: int = 201, **query: Any) -> Any:
        """Edit a version (the last one seen) and stand on the new one."""
        address = f"/v1/plans/{on or self.at}/edits"
        answer = self.client.post(address, json=body, params=query)
        assert answer.status_code == status, answer.text
        if status == 201:
            self.at = answer.json()["plan"]["plan_id"]
            assert answer.headers["location"] == f"/v1/plans/{self.at}"
        return answer.json()

    def plan(self, plan_id: str = "") -> AlignmentPlan:
        found = self.workspace.store.load_plan(plan_id or self.at).plan
        assert isinstance(found, AlignmentPlan)
        return found

    def diff(self, one: str, other: str) -> Any:
        answer = self.client.get(f"/v1/plans/{one}/diff/{other}")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(Settings(var=tmp_path_factory.mktemp("edits"), database_url=""))
    load_city(app.state.workspace)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client
    app.state.workspace.store.close()


@pytest.fixture
def desk(client: TestClient) -> Desk:
    """A fresh redraw of the city in five, so that each test has a line of its own."""
    workspace = client.app.state.workspace  # type: ignore[attr-defined]
    asked: dict[str, Any] = {"executives": EXECUTIVES, "iterations": 20_000}
    root = run(workspace, CITY, "redraw", parse_request("redraw", asked))
    return Desk(client, workspace, root)


def border_move(plan: AlignmentPlan) -> dict[str, Any]:
    """The first unit of the first executive goes to the second."""
    first, second = plan.alignment.executive_ids[:2]
    return {"kind": "move", "units": [plan.alignment.units_of(first)[0]], "to": second}


def test_every_kind_of_edit_is_a_judged_version_that_can_be_made_again(desk: Desk) -> None:
    first, second, third, fourth, _ = desk.plan().alignment.executive_ids
    units = len(desk.plan().alignment.unit_ids)
    for body, team in (
        (border_move(desk.plan()), 5),
        ({"kind": "swap", "executive": first, "other": second}, 5),
        ({"kind": "split", "executive": third, "to": "NA"}, 6),
        ({"kind": "vacate", "executive": first}, 5),
        ({"kind": "hire", "executive": "0042"}, 6),
        ({"kind": "merge", "executive": "NA", "into": third}, 5),
        ({"kind": "rebalance", "executives": [fourth], "rings": 2}, 5),
        ({"kind": "undo"}, 5),
        ({"kind": "redo"}, 5),
    ):
        before = desk.at
        answer = desk.edit(body)
        plan = desk.plan()
        assert len(plan.alignment.executive_ids) == team == len(plan.jurisdictions), body
        assert all(owner in plan.alignment.executive_ids for owner in plan.alignment.owners)
        assert len(plan.alignment.owners) == units
        stored, violations = check_plan(desk.workspace, desk.at)
        assert violations == (), body
        assert stored.provenance.parents == (before,)
        assert rerun(desk.workspace, desk.at)[1] == stored.plan_hash, body
        told = {one["executive_id"]: one for one in answer["standings"]}
        measured = {one.executive_id: one for one in plan.jurisdictions}
        for executive, one in told.items():
            assert one["units"] == measured[executive].units
            assert one["pieces"] == measured[executive].components
            assert list(one["loads"].values()) == pytest.approx(measured[executive].loads)
            assert list(one["deviation_percent"].values()) == pytest.approx(
                measured[executive].deviation_percent, abs=1e-6
            )
        assert 0 < answer["kernel_milliseconds"] < answer["milliseconds"]


def test_what_an_edit_broke_is_said_with_the_move_that_mends_it(desk: Desk) -> None:
    first, second = desk.plan().alignment.executive_ids[:2]
    many = list(desk.plan().alignment.units_of(first))[:-1]
    answer = desk.edit({"kind": "move", "units": many, "to": second})
    new = [breach for breach in answer["breaches"] if breach["is_new"]]
    assert {"over_tolerance"} <= {breach["code"] for breach in new}
    assert all(breach["message"] and breach["mend"] for breach in answer["breaches"])
    assert any("Made by hand" in note for note in desk.plan().notes)
    assert answer["warnings"]


def test_undo_and_redo_walk_the_line_and_nothing_is_lost(desk: Desk) -> None:
    hashes = [desk.root.plan_hash]
    for _ in range(3):
        desk.edit(border_move(desk.plan()))
        hashes.append(desk.workspace.store.load_plan(desk.at).plan_hash)
    kept = len(desk.workspace.store.list_plans(CITY, "alignment"))

    def now(kind: str) -> int:
        desk.edit({"kind": kind})
        return hashes.index(desk.workspace.store.load_plan(desk.at).plan_hash)

    assert [now("undo") for _ in range(3)] == [2, 1, 0]
    assert "nothing to undo" in desk.edit({"kind": "undo"}, status=409)["title"]
    assert [now("redo") for _ in range(2)] == [1, 2]
    assert now("undo") == 1
    # an edit begins another way forward; what was undone stays in the store
    first, second = desk.plan().alignment.executive_ids[:2]
    desk.edit({"kind": "swap", "executive": first, "other": second})
    assert "nothing to redo" in desk.edit({"kind": "redo"}, status=409)["title"]
    assert now("undo") == 1
    assert now_is_swapped(desk, first, second)
    assert len(desk.workspace.store.list_plans(CITY, "alignment")) == kept + 9


def now_is_swapped(desk: Desk, first: str, second: str) -> bool:
    """Redo goes to the newest of what was undone: the swap, not the older move."""
    was = desk.plan().alignment
    desk.edit({"kind": "redo"})
    return desk.plan().alignment == was.swap(first, second)


def test_a_stale_version_is_refused_with_both_heads_named_unless_a_branch_is_asked(
    desk: Desk,
) -> None:
    desk.edit(border_move(desk.plan()))
    desk.edit(border_move(desk.plan()))
    head = desk.at
    refused = desk.edit(border_move(desk.plan()), on=desk.root.plan_id, status=409)
    assert desk.root.plan_id in refused["title"]
    assert head in refused["title"]
    moved = desk.client.post(
        f"/v1/plans/{desk.root.plan_id}/moves",
        json={"units": [desk.plan().alignment.unit_ids[0]], "to": "E1"},
    )
    assert moved.status_code in (409, 422)
    branched = desk.edit(border_move(desk.plan()), on=desk.root.plan_id, branch=True)
    assert branched["plan"]["plan_id"] not in (head, desk.root.plan_id)


def test_two_edits_at_once_do_not_both_become_the_head(desk: Desk) -> None:
    """The second is refused by the store itself, as both saw the version without a child."""
    body = border_move(desk.plan())
    desk.edit(body)
    child = desk.workspace.store.load_plan(desk.at)
    with pytest.raises(Exception, match="Somebody edited") as refused:
        desk.workspace.store.save_plan(child.plan, child.provenance, is_only_child=True)
    assert child.plan_id in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "move", "units": ["nowhere"], "to": "{first}"},
        {"kind": "move", "units": [], "to": "{first}"},
        {"kind": "move", "units": ["{unit}"], "to": "=cmd()"},
        {"kind": "merge", "executive": "{first}", "into": "nobody"},
        {"kind": "merge", "executive": "{first}", "into": "{first}"},
        {"kind": "vacate", "executive": ""},
        {"kind": "hire", "executive": "N", "at": "nowhere"},
        {"kind": "rebalance", "executives": ["{first}"], "rings": 3},
        {"kind": "rebalance"},
        {"kind": "paint"},
        {"kind": "undo", "units": ["{unit}"]},
        {},
    ],
)
def test_a_bad_edit_is_refused_and_leaves_no_version(
    client: TestClient, shared: Desk, body: dict[str, Any]
) -> None:
    plan = shared.plan()
    names = {"first": plan.alignment.executive_ids[0], "unit": plan.alignment.unit_ids[0]}

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(each) for each in value]
        return value.format(**names) if isinstance(value, str) else value

    kept = len(shared.workspace.store.list_plans(CITY))
    answer = shared.edit({key: filled(value) for key, value in body.items()}, status=422)
    assert answer["errors"]
    assert len(shared.workspace.store.list_plans(CITY)) == kept


@pytest.fixture(scope="module")
def shared(client: TestClient) -> Desk:
    """One redraw for the tests that change nothing."""
    workspace = client.app.state.workspace  # type: ignore[attr-defined]
    kind: JobKind = "redraw"
    return Desk(client, workspace, run(workspace, CITY, kind, parse_request(kind, {})))


def test_only_alignments_are_edited_and_compared(client: TestClient, shared: Desk) -> None:
    score = run(shared.workspace, CITY, "score", parse_request("score", {}))
    assert shared.edit({"kind": "undo"}, on=score.plan_id, status=404)
    answer = client.get(f"/v1/plans/{shared.at}/diff/{score.plan_id}")
    assert answer.status_code == 404
    assert client.get(f"/v1/plans/{shared.at}/diff/none").status_code == 404


def test_locked_units_stay_by_hand_too(desk: Desk) -> None:
    plan = desk.plan()
    assert plan.before is not None
    unit, owner = next((unit, who) for unit, who in plan.before.owner_of().items() if who)
    asked = {"locked_units": [unit], "iterations": 20_000}
    locked = run(desk.workspace, CITY, "redraw", parse_request("redraw", asked))
    other = next(
        each for each in desk.plan(locked.plan_id).alignment.executive_ids if each != owner
    )
    body = {"kind": "move", "units": [unit], "to": other}
    refused = desk.edit(body, on=locked.plan_id, status=422)
    assert "locked to" in str(refused["errors"])


def test_the_diff_of_two_versions_adds_up_and_reads_the_same_in_every_form(desk: Desk) -> None:
    root = desk.at
    desk.edit(border_move(desk.plan()))
    desk.edit({"kind": "vacate", "executive": desk.plan().alignment.executive_ids[-1]})
    found = desk.diff(root, desk.at)
    before, after = desk.plan(root).alignment.owner_of(), desk.plan().alignment.owner_of()
    moved = {unit for unit in after if after[unit] != before[unit]}
    listed = [unit for pair in found["exchanges"] for unit in pair["units"]]
    assert sorted(listed) == sorted(moved)
    assert found["units"] == len(moved)
    for pair in found["exchanges"]:
        for unit in pair["units"]:
            assert (before[unit], after[unit]) == (pair["from_executive"], pair["to_executive"])
    potential = dict(zip(after, desk.plan().unit_loads[0], strict=True))
    assert found["loads"]["potential"] == pytest.approx(sum(potential[unit] for unit in moved))
    assert len(found["left"]) == 1
    assert desk.diff(desk.at, desk.at)["exchanges"] == []
    back = desk.diff(desk.at, root)
    assert (back["units"], back["accounts"]) == (found["units"], found["accounts"])

    address = f"/v1/plans/{root}/diff/{desk.at}"
    page = desk.client.get(f"{address}/map")
    assert page.headers["content-type"].startswith("text/html")
    assert f"{len(moved):,} of {len(after):,} units" in page.text
    book = openpyxl.load_workbook(
        io.BytesIO(desk.client.get(f"{address}/exports/xlsx").content), read_only=True
    )
    rows = list(book["handovers"].iter_rows(values_only=True))
    assert rows[-1][4:6] == (found["units"], found["accounts"])
    assert len(rows) == len(found["exchanges"]) + 2
    assert len(list(book["units"].iter_rows())) == len(moved) + 1
    assert len(list(book["accounts"].iter_rows())) == found["accounts"] + 1
    book.close()


def test_an_edit_kept_by_the_first_versions_can_still_be_made_again(desk: Desk) -> None:
    """They kept ``{"units": ..., "to": ...}`` and no team."""
    from dataclasses import replace

    from api.edit_schemas import MoveEdit

    move = border_move(desk.plan())
    edited = edit_plan(desk.workspace, desk.at, MoveEdit(**move))
    old = {"units": move["units"], "to": move["to"]}
    params = {**edited.stored.provenance.params, "edit": old}
    stored = desk.workspace.store.save_plan(
        edited.stored.plan, replace(edited.stored.provenance, params=params)
    )
    assert rerun(desk.workspace, stored.plan_id)[1] == stored.plan_hash
    assert check_plan(desk.workspace, stored.plan_id)[1] == ()


def test_the_command_line_edits_undoes_and_compares(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from api.cli import app

    monkeypatch.setenv("FIELDWRIGHT_VAR", str(desk.workspace.settings.var_path))
    monkeypatch.setenv("FIELDWRIGHT_DATABASE_URL", "")
    latest, runner = f"{CITY}:redraw", CliRunner()
    first, second = desk.plan().alignment.executive_ids[:2]
    for words in (
        ["vacate", latest, first],
        ["hire", latest, "N1"],
        ["rebalance", latest, second],
        ["undo", latest],
        ["redo", latest],
    ):
        done = runner.invoke(app, words)
        assert done.exit_code == 0, (words, done.output, done.exception)
        assert "saved" in done.output
    for name in ("diff.xlsx", "diff.html"):
        done = runner.invoke(
            app, ["diff", desk.root.plan_id, latest, "--out", str(tmp_path / name)]
        )
        assert done.exit_code == 0, (done.output, done.exception)
        assert "accounts change hands" in done.output
        assert (tmp_path / name).stat().st_size > 1000
    refused = runner.invoke(app, ["diff", desk.root.plan_id, latest, "--out", "diff.txt"])
    assert "is not written as '.txt'" in str(refused.exception)
