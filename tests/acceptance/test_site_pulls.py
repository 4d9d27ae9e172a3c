"""Attractiveness as asked, and as a market's flows and sales tell it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from api.cli.json_words import pulls_of
from api.schemas import OutletsRequest
from api.usecases.judging import judge_outlets
from api.usecases.outlets_job import outlets
from optimizer.run import Stop, silent
from territory.errors import InputError
from territory.outlets import OutletPlan
from tests.acceptance.worlds import CITY, World

QUICK = {"new_sites": 1, "robustness_draws": 0, "alternatives": 0, "capture": "huff"}


@pytest.mark.parametrize("source", ["flows", "sales"])
def test_fitted_attractiveness_is_told_kept_and_judged(city: World, source: str) -> None:
    market = city.workspace.store.market(CITY)
    request = OutletsRequest.model_validate(QUICK | pulls_of(source))
    made = outlets(city.workspace, market, request, Stop(), silent)
    assert made.violations == ()
    plan, kept = made.plan, made.request
    assert isinstance(plan, OutletPlan)
    assert isinstance(kept, OutletsRequest)
    own = [site.site_id for site in plan.sites if site.role == "own"]
    table = market.table("outlets").set_index("outlet_id")["attractiveness"]
    assert any(kept.attractiveness[site] != table[site] for site in own)
    note = next(
        note for note in plan.notes if note.startswith(f"Attractiveness is fitted on the {source}")
    )
    assert "now." in note
    usual = OutletsRequest.model_validate(QUICK)
    codes = {one.code for one in judge_outlets(city.workspace, market, plan, usual)}
    assert "wrong_capture" in codes


def test_attractiveness_as_asked_moves_capture_and_unknown_ids_are_listed(
    city: World, tmp_path: Path
) -> None:
    market = city.workspace.store.market(CITY)
    candidate = str(market.table("sites")["site_id"].iloc[3])
    path = tmp_path / "pulls.json"
    path.write_text(f'{{"{candidate}": 40}}', encoding="utf-8")
    asked = OutletsRequest.model_validate(QUICK | pulls_of(str(path)))
    made = outlets(city.workspace, market, asked, Stop(), silent)
    assert made.violations == ()
    opened = [site.site_id for site in made.plan.sites if site.decision == "open"]
    assert opened == [candidate]
    wrong = OutletsRequest.model_validate(QUICK | {"attractiveness": {"<b>": 1, "=1+1": 2}})
    with pytest.raises(InputError) as caught:
        outlets(city.workspace, market, wrong, Stop(), silent)
    assert [fault.value for fault in caught.value.faults] == ["<b>", "=1+1"]


def test_without_sales_nothing_is_fitted(city: World) -> None:
    market = city.workspace.store.market(CITY)
    outlet = market.table("outlets").assign(annual_sales=np.nan)
    bare = replace(market, tables={**market.tables, "outlets": outlet})
    with pytest.raises(InputError, match="Attractiveness cannot be fitted"):
        outlets(city.workspace, bare, OutletsRequest(fit_attractiveness="sales"), Stop(), silent)
