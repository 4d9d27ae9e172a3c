"""The outlets page: what was decided comes first, and its words fit the way demand is shared."""

from dataclasses import replace

import pytest

import maps
from territory.outlets import Capture
from tests.maps import worlds
from tests.maps.test_pages import data_of


def test_what_is_decided_comes_first_and_the_map_looks_where_the_network_is() -> None:
    units = worlds.hex_units(5)
    plan = worlds.outlet_plan(units)
    far = replace(plan.sites[-1], site_id="far", role="candidate", decision="leave", lat=80.0)
    page = maps.draw_outlets(
        replace(plan, sites=(far, *plan.sites)), units, worlds.context("Outlets", units)
    )
    data = data_of(page)
    kinds = data["sites"]["kind"]
    assert kinds == sorted(kinds, key=["new", "closed", "kept", "candidate", "competitor"].index)
    assert data["bounds"][3] < 80
    named = [site for site in plan.cells.texts("site_id") if site]
    served = [data["sites"]["site_id"][k] for k in data["site_of"] if k >= 0]
    assert served == named


@pytest.mark.parametrize(
    ("capture", "words"),
    [
        (Capture(), "of the site that serves it best"),
        (Capture(kind="huff"), "by attractiveness, 100 % within 5 min"),
        (Capture(kind="huff", decay=2.0), "minutes^-2 within 15 min"),
        (Capture(kind="mnl", decay=0.1), "e^(-0.1 × minutes) within 15 min"),
    ],
)
def test_the_page_says_how_demand_is_shared(capture: Capture, words: str) -> None:
    units = worlds.hex_units(3)
    plan = replace(worlds.outlet_plan(units), capture=capture)
    assert words in data_of(maps.draw_outlets(plan, units, worlds.context("x", units)))["reach"]
