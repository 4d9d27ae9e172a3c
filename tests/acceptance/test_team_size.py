"""How many executives, asked of a whole market: the same answer by use case and over HTTP."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.usecases.team_size import size_team
from territory.errors import NotFound
from tests.acceptance.worlds import CITY, EXECUTIVES, World, open_workspace


def test_three_methods_answer_on_the_latest_score(city: World) -> None:
    found = size_team(city.workspace, CITY)
    assert [size.method for size in found.sizes] == ["workload", "potential", "increment"]
    assert found.today == EXECUTIVES
    assert found.plan_id == city.plans["score"].plan_id
    assert 1_200 < found.selling_hours_per_executive < 2_000
    hours = sum(city.plans["score"].plan.table.numbers("workload_hours"))
    by_workload = found.sizes[0].executives
    assert (by_workload - 1) * found.selling_hours_per_executive < hours
    assert hours <= by_workload * found.selling_hours_per_executive


def test_an_executive_who_costs_nothing_much_is_always_worth_it(city: World) -> None:
    cheap = size_team(city.workspace, CITY, cost_per_executive=1).sizes[2].executives
    dear = size_team(city.workspace, CITY, cost_per_executive=1e9).sizes[2].executives
    assert dear == 0 < size_team(city.workspace, CITY).sizes[2].executives <= cheap


def test_it_is_served(city: World) -> None:
    app = create_app(Settings(var=city.workspace.settings.var_path, database_url=""))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.get(f"/v1/markets/{CITY}/team-size")
        assert answer.status_code == 200
        assert len(answer.json()["sizes"]) == 3
        refused = client.get(f"/v1/markets/{CITY}/team-size", params={"margin_share": 2})
        assert refused.status_code == 422


def test_a_market_without_a_score_is_told_to_score_first(tmp_path: Path, city: World) -> None:
    workspace = open_workspace(tmp_path)
    workspace.store.create_market("bare", city.workspace.store.settings(CITY))
    with pytest.raises(NotFound, match="no score plan"):
        size_team(workspace, "bare")
    workspace.store.close()
