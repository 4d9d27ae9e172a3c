"""Quotas over sites by zone, jurisdiction and brand: held, judged, refused by name."""

import numpy as np
import pytest

from api.schemas import OutletsRequest
from api.usecases.judging import judge_outlets
from api.usecases.outlets_job import outlets
from optimizer.run import Stop, silent
from territory.alignment import AlignmentPlan
from territory.errors import InputError
from territory.outlets import OutletPlan
from territory.units import build_units, locate
from territory.units.locate import ZoneGrid
from territory.units.zones import zone_polygons
from tests.acceptance.worlds import CITY, World


def test_quotas_by_zone_jurisdiction_and_brand_hold_and_unknown_names_are_listed(
    city: World,
) -> None:
    market = city.workspace.store.market(CITY)
    free = city.plans["outlets"].plan
    assert isinstance(free, OutletPlan)
    opened = [site for site in free.sites if site.decision == "open"]
    zones = ZoneGrid(zone_polygons(market.table("zones")))
    places = np.array([(site.lon, site.lat) for site in opened])
    zone = str(market.table("zones")["zone_id"].iloc[int(zones.locate(places)[0])])
    parent = city.plans["redraw"]
    assert isinstance(parent.plan, AlignmentPlan)
    who = parent.plan.alignment.executive_ids[0]
    quotas = [
        {"name": "none there", "zone": zone, "only_new": True, "at_most": 0},
        {"name": "two for one", "jurisdiction": who, "only_new": True, "at_least": 2},
    ]
    asked = {"new_sites": 3, "robustness_draws": 0, "alternatives": 0, "rules": quotas}
    request = OutletsRequest.model_validate(asked | {"alignment_plan": f"{CITY}:alignment"})
    made = outlets(city.workspace, market, request, Stop(), silent)
    assert made.violations == ()
    assert isinstance(made.request, OutletsRequest)
    assert made.parents == (parent.plan_id,) == (made.request.alignment_plan,)
    new = [site for site in made.plan.sites if site.decision == "open"]
    places = np.array([(site.lon, site.lat) for site in new])
    held = [str(market.table("zones")["zone_id"].iloc[int(row)]) for row in zones.locate(places)]
    assert zone not in held
    units = build_units(market)
    owner_of = parent.plan.alignment.owner_of()
    owners = [owner_of.get(units.ids[int(row)], "") for row in locate(units, places)]
    assert owners.count(who) >= 2
    codes = {one.code for one in judge_outlets(city.workspace, market, free, made.request)}
    assert "broken_rule" in codes
    wrong = [
        {"name": "a", "zone": "{{7*7}}", "at_most": 1},
        {"name": "b", "jurisdiction": "<b>nobody", "at_most": 1},
        {"name": "c", "brand": "=1+1", "at_most": 1},
    ]
    refused = OutletsRequest.model_validate(asked | {"rules": wrong})
    with pytest.raises(InputError) as caught:
        outlets(city.workspace, market, refused, Stop(), silent)
    assert [fault.value for fault in caught.value.faults] == ["{{7*7}}", "<b>nobody", "=1+1"]


@pytest.mark.parametrize(
    "rule",
    [
        {"name": "nothing"},
        {"name": "both", "sites": {"a": 1}, "zone": "b"},
        {"name": "new brand", "brand": "b", "only_new": True},
    ],
)
def test_a_rule_says_either_sites_or_names(rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"say either|only_new goes"):
        OutletsRequest.model_validate({"rules": [rule]})
