"""From a weekly report to the routes: what it asks for is taken, planned and traceable."""

import json
from datetime import date
from pathlib import Path

import pytest

from api.schemas import JobKind
from api.usecases.check import check_plan
from api.usecases.report_tasks import accept_tasks
from api.usecases.run import parse_request, rerun, run
from territory.errors import InputError, NotFound
from territory.routes import VisitPlan
from territory.weekly import WeeklyReport
from tests.acceptance.worlds import CITY, World, copy_of, fieldwright


def asked(plan: object) -> list[dict[str, object]]:
    """The visits a report asks for."""
    assert isinstance(plan, WeeklyReport)
    table = plan.sections["next_week_visits"]
    return [
        dict(zip(table.columns, values, strict=True))
        for values in zip(*table.columns.values(), strict=True)
    ]


def test_accepted_tasks_are_in_the_visit_plan_that_is_made_next(
    city: World, tmp_path: Path
) -> None:
    workspace = copy_of(city.workspace, tmp_path / "var")
    report = city.plans["report"]
    wanted = asked(report.plan)
    assert wanted
    accepted = accept_tasks(workspace, f"{CITY}:report")
    assert sorted(accepted.added) == sorted(str(visit["task_id"]) for visit in wanted)
    assert accepted.already == ()

    tasks = workspace.store.table(CITY, "tasks").set_index("task_id")
    for visit in wanted:
        row = tasks.loc[str(visit["task_id"])]
        assert row["account_id"] == visit["account_id"]
        assert row["deadline"] == date.fromisoformat(str(visit["deadline"]))
        assert report.plan_id in row["title"]

    made = run(workspace, CITY, "visits", parse_request("visits", {"weeks": 1, "iterations": 3000}))
    assert isinstance(made.plan, VisitPlan)
    stops = {stop.account_id: stop for route in made.plan.routes for stop in route.stops}
    unserved = {item.account_id for item in made.plan.unserved}
    told = " ".join(stop.reason for stop in stops.values())
    on_the_way = [visit for visit in wanted if visit["account_id"] in stops]
    assert len(on_the_way) >= 0.9 * len(wanted)
    assert {str(visit["account_id"]) for visit in wanted} <= set(stops) | unserved
    planned = [visit for visit in on_the_way if str(visit["reason"])[:30] in told]
    assert len(planned) == len(on_the_way)  # each stop says what it is for
    workspace.store.close()


def test_taking_a_report_twice_adds_nothing_and_changes_nothing(
    city: World, tmp_path: Path
) -> None:
    workspace = copy_of(city.workspace, tmp_path / "var")
    plan_id = city.plans["report"].plan_id
    first = accept_tasks(workspace, plan_id)
    tasks = workspace.store.table(CITY, "tasks")
    done = tasks["task_id"] == first.added[0]
    workspace.store.write_rows(
        CITY, "tasks", tasks[done].assign(status="done", answer="Settled.").reset_index(drop=True)
    )
    again = accept_tasks(workspace, plan_id)
    assert (again.added, sorted(again.already)) == ((), sorted(first.added))
    kept = workspace.store.table(CITY, "tasks").set_index("task_id").loc[first.added[0]]
    assert (kept["status"], kept["answer"]) == ("done", "Settled.")
    lines = [line for line in workspace.store.audit() if line["what"] == "report.accept"]
    assert [json.loads(line["detail"])["added"] for line in lines] == [0, len(first.added)]
    workspace.store.close()


def test_single_things_to_do_can_be_taken_by_command_line(city: World, tmp_path: Path) -> None:
    workspace = copy_of(city.workspace, tmp_path / "var")
    visits = asked(city.plans["report"].plan)
    action = str(visits[0]["action_id"])
    workspace.store.close()
    words = ("report", "accept-tasks", f"{CITY}:report", "--action", action)
    done = fieldwright(tmp_path / "var", *words)
    assert done.returncode == 0, done.stderr
    count = sum(visit["action_id"] == action for visit in visits)
    assert done.stdout.startswith(f"{count} tasks added to {CITY}")
    assert f"0 tasks added to {CITY}" in fieldwright(tmp_path / "var", *words).stdout


def test_a_report_is_taken_over_http(city: World, tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    from api.app import create_app

    workspace = copy_of(city.workspace, tmp_path / "var")
    workspace.store.close()
    app = create_app(workspace.settings)
    path = f"/v1/plans/{city.plans['report'].plan_id}/tasks"
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        first, again = client.post(path), client.post(path, json={"actions": []})
        wrong = client.post(path, json={"actions": ["nonsense"]})
    assert (first.status_code, again.status_code, wrong.status_code) == (201, 201, 422)
    assert len(first.json()["added"]) == len(asked(city.plans["report"].plan))
    assert again.json()["added"] == []
    assert again.json()["already"] == first.json()["added"]
    app.state.workspace.store.close()


def test_what_a_report_does_not_ask_for_is_refused(city: World) -> None:
    with pytest.raises(InputError, match="does not ask for 'nonsense'"):
        accept_tasks(city.workspace, city.plans["report"].plan_id, ["nonsense"])
    with pytest.raises(NotFound, match="no weekly report"):
        accept_tasks(city.workspace, city.plans["score"].plan_id)


def test_a_report_on_a_week_that_was_planned_is_held_against_the_plan(
    city: World, tmp_path: Path
) -> None:
    workspace = copy_of(city.workspace, tmp_path / "var")
    kind: JobKind = "report"
    planned = city.plans["visits"]
    assert isinstance(planned.plan, VisitPlan)
    request = parse_request(kind, {"week_of": planned.plan.first_date.isoformat()})
    stored = run(workspace, CITY, kind, request)
    assert isinstance(stored.plan, WeeklyReport)
    assert stored.provenance.parents == (planned.plan_id,)
    stops = sum(len(route.stops) for route in planned.plan.routes)
    assert stored.plan.jurisdictions.numbers("visits_planned")[-1] >= stops
    assert check_plan(workspace, stored.plan_id)[1] == ()
    assert rerun(workspace, stored.plan_id)[1] == stored.plan_hash
    workspace.store.close()
