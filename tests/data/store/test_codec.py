"""Plans survive the way into JSON and back, letter for letter, and hash alike when alike."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from data.store import decode_plan, encode_plan, kind_of, plan_hash
from territory.plans import Table
from tests.data.store.worlds import PLANS, score_plan, weekly_report


@pytest.mark.parametrize("kind", [kind for kind in PLANS if kind != "report"])
def test_every_kind_of_plan_comes_back_equal(kind: str) -> None:
    plan = PLANS[kind]()
    again = decode_plan(kind_of(plan), encode_plan(plan))
    assert kind_of(plan) == kind
    assert again == plan
    assert repr(again) == repr(plan)  # equality alone takes 1, 1.0 and True for the same
    assert plan_hash(again) == plan_hash(plan)


def test_a_report_with_a_missing_figure_comes_back_the_same() -> None:
    plan = weekly_report()
    again = decode_plan("report", encode_plan(plan))
    assert repr(again) == repr(plan)
    assert plan_hash(again) == plan_hash(plan)


def test_figures_that_are_not_finite_are_valid_json_and_stay_apart_from_text() -> None:
    table = Table(columns={"x": (math.nan, math.inf, -math.inf, "nan", "NaN", None)})
    text = encode_plan(replace(score_plan(), table=table))
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    again = decode_plan("score", text)
    assert repr(getattr(again, "table")) == repr(table)  # noqa: B009


def test_numbers_made_by_numpy_or_as_whole_numbers_hash_as_plain_ones() -> None:
    plain = score_plan()
    columns = dict(plain.table.columns)
    columns["potential"] = (np.float64(1.0), math.inf)
    columns["own_outlets"] = (np.int64(3), 0)  # type: ignore[assignment]
    columns["is_new"] = (np.bool_(True), False)  # type: ignore[assignment]
    other = replace(plain, table=Table(columns=columns), totals={"potential": np.float64(12.5)})
    assert encode_plan(other) == encode_plan(plain)
    assert plan_hash(replace(plain, totals={"potential": 12})) == plan_hash(
        replace(plain, totals={"potential": 12.0})
    )


def test_one_other_figure_gives_another_hash() -> None:
    plain = score_plan()
    assert plan_hash(plain) != plan_hash(replace(plain, totals={"potential": 12.500000000000002}))
    assert plan_hash(plain) != plan_hash(replace(plain, notes=("a",)))


def test_a_value_that_no_plan_can_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        encode_plan(replace(score_plan(), totals={"potential": object()}))  # type: ignore[dict-item]
