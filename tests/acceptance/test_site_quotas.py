"""Quotas over sites by zone, jurisdiction and brand: held, judged, refused by name."""

from dataclasses import replace

import numpy as np
import pytest

from api.schemas import OutletsRequest
from api.usecases.judging import judge_outlets
from api.usecases.outlets_job import outlets
from api.usecases.run import parse_request
from api.usecases.site_quotas import site_rules
from api.usecases.workspace import candidate_rows, survey
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
    request = OutletsRequest.model_validate(asked | {"alignment_plan": parent.plan_id})
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
        {"name": "new of sites", "sites": {"a": 1}, "only_new": True},
    ],
)
def test_a_rule_says_either_sites_or_names(rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"say either|only_new goes"):
        OutletsRequest.model_validate({"rules": [rule]})


def test_a_brand_holds_own_outlets_and_the_candidates_that_would_open_under_it(city: World) -> None:
    market = city.workspace.store.market(CITY)
    sites = market.table("sites").copy()
    sites["brand"] = ["", " new {{7*7}} ", *["plain"] * (len(sites) - 2)]
    surveyed = survey(city.workspace, replace(market, tables={**market.tables, "sites": sites}))
    own = surveyed.own[0]
    rows = market.table("outlets").set_index("outlet_id")
    old = str(rows.loc[own.site_id, "brand"])
    rules = [
        {"name": "few", "brand": "new {{7*7}}", "at_most": 0},
        {"name": "new", "brand": "plain", "only_new": True, "at_least": 1},
        {"name": "old", "brand": old, "at_least": 1},
        {"name": "none", "brand": old, "only_new": True, "at_most": 3},
    ]
    request = OutletsRequest.model_validate({"rules": rules})
    both = (*surveyed.own, *candidate_rows(surveyed.market))
    few, new, kept, none = site_rules(city.workspace, surveyed, both, request)
    assert dict(few.weights) == {str(sites["site_id"].iloc[1]): 1.0}
    assert set(new.weights) == set(sites["site_id"].astype(str).iloc[2:])
    assert own.site_id in kept.weights
    assert not set(kept.weights) & set(sites["site_id"].astype(str))
    assert none.weights == {}


def test_what_is_wrong_is_told_before_the_search_with_what_mends_it(city: World) -> None:
    market = city.workspace.store.market(CITY)
    told: list[str] = []
    asked = {"new_sites": 900, "robustness_draws": 0, "alternatives": 0, "iterations": 1}
    request = OutletsRequest.model_validate(asked | {"goal": "nearest"})
    made = outlets(
        city.workspace, market, request, Stop(), lambda report: told.append(report.message)
    )
    assert isinstance(made.plan, OutletPlan)
    few = next(note for note in made.plan.notes if note.startswith("900 new sites were asked for"))
    assert few.endswith("Ask for fewer or add candidates.")
    assert told.index(few) < told.index("better network")
    with pytest.raises(InputError) as caught:
        parse_request("outlets", {"capture": "mnl", "decay": 0})
    assert caught.value.faults[0].column == "decay"
    far = market.table("sites").copy()
    far["lat"] += 20
    nobody = market.table("outlets").iloc[:0]
    away = replace(market, tables={**market.tables, "sites": far, "outlets": nobody})
    with pytest.raises(InputError, match="No site reaches any demand"):
        outlets(city.workspace, away, OutletsRequest(), Stop(), silent)
