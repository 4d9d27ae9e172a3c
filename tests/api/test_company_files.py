"""A score of companies in files: saved, judged again, drawn, made again; never from outside."""

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.usecases.check import check_plan
from api.usecases.pictures import draw_plan
from api.usecases.run import parse_request, rerun, run
from api.usecases.workspace import Workspace
from data.store import plan_hash
from territory.errors import Conflict
from tests.data.test_company_files import written
from tests.territory.test_parts import crowded, without_companies


@pytest.fixture
def workspace(tmp_path):
    place = Workspace(Settings(var=tmp_path / "var"))
    world = without_companies(crowded())
    place.store.create_market("strip", world.settings)
    place.store.write_tables("strip", {"zones": world.tables["zones"]})
    yield place
    place.store.close()


def test_a_score_from_files_is_judged_drawn_and_made_again(workspace, tmp_path):
    folder = tmp_path / "companies"
    folder.mkdir()
    written(crowded(), folder)
    request = parse_request("score", {"company_files": (str(folder),)})
    stored = run(workspace, "strip", "score", request)
    assert stored.plan.totals["companies"] > 300
    assert check_plan(workspace, stored.plan_id)[1] == ()
    assert rerun(workspace, stored.plan_id)[1] == plan_hash(stored.plan)
    assert "changed since" not in draw_plan(workspace, stored.plan_id).html
    written(crowded(900), folder)
    with pytest.raises(Conflict, match="changed"):
        rerun(workspace, stored.plan_id)


def test_files_cannot_be_named_from_outside(workspace):
    app = create_app(workspace.settings)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.post(
            "/v1/markets/strip/jobs",
            json={"kind": "score", "params": {"company_files": ["/etc"]}},
        )
    app.state.workspace.store.close()
    assert answer.status_code == 422
    assert "cannot be named from outside" in answer.text
