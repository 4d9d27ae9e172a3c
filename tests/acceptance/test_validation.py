"""A whole market's score tried on sales held out: use case, page and HTTP."""

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.usecases.validation import Validated, evidence_of, validate_market, validation_page
from maps.safety import inspect
from tests.acceptance.worlds import CITY, World


@pytest.fixture(scope="module")
def validated(city: World) -> Validated:
    return validate_market(city.workspace, CITY)


def test_the_score_of_the_city_is_tried_in_space_and_time(validated: Validated) -> None:
    space, time = validated.validation.trials
    assert [trial.why_not for trial in (space, time)] == ["", ""]
    ours, by_company, plain = (one.accuracy for one in space.forecasts)
    assert ours.lift > by_company.lift > plain.lift
    assert ours.explained > plain.explained
    assert 0.5 < (ours.covered or 0) <= 1
    assert any("80 % interval" in line for line in validated.validation.sentences)


def test_the_trial_in_space_reads_no_sales_into_its_potential(validated: Validated) -> None:
    evidence = evidence_of(validated.surveyed)
    notes = validated.surveyed.facts.attrs["notes"]
    assert not any("buy from us" in note for note in notes)
    assert evidence.before is not None
    assert evidence.after.sum() > 0
    assert evidence.order_lump > 0


def test_its_page_has_a_bar_for_each_tenth_and_a_dot_for_each_unit(
    city: World, validated: Validated
) -> None:
    html = validation_page(city.workspace, validated).html
    inspect(html)
    space = validated.validation.trials[0]
    assert html.count('class="foretold" x=') == 20
    drawn = html.split('class="errors"')[1:]  # the mark of the page has a circle of its own
    assert sum(part.count("<circle") for part in drawn) == sum(
        len(trial.units) for trial in validated.validation.trials
    )
    assert space.held_out in html


def test_it_is_served_as_figures_and_as_a_page(city: World) -> None:
    app = create_app(Settings(var=city.workspace.settings.var_path, database_url=""))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        found = client.get(f"/v1/markets/{CITY}/validation")
        assert found.status_code == 200
        assert [trial["name"] for trial in found.json()["trials"]] == ["space", "time"]
        page = client.get(f"/v1/markets/{CITY}/validation/page")
        assert page.status_code == 200
        assert "Is the score to be trusted?" in page.text
        assert client.get("/v1/markets/nowhere/validation").status_code == 404
