"""Reach weights of one's own, and those a market's flows tell."""

import pytest

from api.cli.json_words import weights_of
from api.schemas import OutletsRequest
from api.usecases.judging import judge_outlets
from api.usecases.outlets_job import outlets
from optimizer.run import Stop, silent
from territory.errors import InputError
from territory.outlets import OutletPlan
from tests.acceptance.worlds import CITY, World

QUICK = {"new_sites": 1, "robustness_draws": 0, "alternatives": 1}


def test_fitted_weights_are_told_kept_and_judged(city: World) -> None:
    market = city.workspace.store.market(CITY)
    request = OutletsRequest.model_validate(QUICK | {"fit_reach": True})
    made = outlets(city.workspace, market, request, Stop(), silent)
    assert made.violations == ()
    plan, kept = made.plan, made.request
    assert isinstance(plan, OutletPlan)
    assert isinstance(kept, OutletsRequest)
    assert plan.reach_weights == kept.reach_weights != (1.0, 2 / 3, 1 / 3)
    assert sorted(plan.reach_weights, reverse=True) == list(plan.reach_weights)
    assert any(note.startswith("Reach weights are fitted") for note in plan.notes)
    usual = OutletsRequest.model_validate(QUICK)
    codes = {one.code for one in judge_outlets(city.workspace, market, plan, usual)}
    assert {"wrong_facts", "wrong_capture"} <= codes


@pytest.mark.parametrize("weights", [[0.9, 0.5, 0.1], [1, 0.5, 0.6], [1, 0.5, 0], [1, 0.5]])
def test_weights_that_rise_do_not_begin_at_one_or_do_not_fit_are_refused(
    city: World, weights: list[float]
) -> None:
    market = city.workspace.store.market(CITY)
    request = OutletsRequest.model_validate(QUICK | {"reach_weights": weights})
    with pytest.raises(InputError) as caught:
        outlets(city.workspace, market, request, Stop(), silent)
    assert [fault.column for fault in caught.value.faults] == ["reach_weights"]


def test_the_command_takes_a_list_or_the_word_fit() -> None:
    assert weights_of("1, 0.6,0.2") == ["1", "0.6", "0.2"]
    assert weights_of("fit") is None
    request = OutletsRequest.model_validate({"reach_weights": weights_of("1,0.6,0.2")})
    assert request.sharing.reach_weights == (1.0, 0.6, 0.2)
    with pytest.raises(ValueError, match="reach_weights"):
        OutletsRequest.model_validate({"reach_weights": weights_of("1,{{7*7}}")})
