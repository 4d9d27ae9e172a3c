"""The alignment page shows proofs, the frontier and the hours driven; old plans have none."""

from dataclasses import replace

import maps
from tests.maps import worlds
from tests.maps.test_pages import data_of


def test_the_page_marks_the_units_a_proof_rests_on() -> None:
    units = worlds.hex_units(5)
    data = data_of(
        maps.draw_alignment(
            worlds.alignment_plan(units, 9), units, worlds.context("Jurisdictions", units)
        )
    )
    (found,) = data["diagnosis"]
    assert [units.ids[unit] for unit in found["units"]] == list(units.ids[-9:])
    assert found["text"].startswith("These 9 units hold")
    assert [point["worst"] for point in data["frontier"]] == [4.4, 8.4, 17.2]
    assert [point["is_this"] for point in data["frontier"]] == [False, True, False]
    assert data["driven"][0]["hours"] == 101.0
    assert data["driven"][0]["driving"] == 21.0


def test_a_plan_of_before_has_no_such_words() -> None:
    units = worlds.hex_units(3)
    plan = replace(worlds.alignment_plan(units, 3), diagnosis=(), frontier=(), driven=())
    data = data_of(maps.draw_alignment(plan, units, worlds.context("x", units)))
    assert data["diagnosis"] == data["frontier"] == []
    assert data["driven"] == [None] * 3
