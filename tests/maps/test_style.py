"""Classes, colours and figures."""

import math
from itertools import pairwise

import numpy as np
import pytest

from maps.owners import shared_borders
from maps.style import (
    DIVERGING,
    OKABE_ITO,
    classify,
    clock,
    distinct_colours,
    hours,
    money,
    short_number,
    stepped,
)
from tests.maps import worlds


def test_quantiles_put_as_many_values_in_each_class() -> None:
    classes = classify(np.arange(1, 71, dtype=float))
    assert classes.scheme == "sequential"
    assert "quantiles" in classes.method
    assert np.bincount(classes.of(np.arange(1, 71, dtype=float))).tolist() == [10] * 7


def test_one_very_common_value_parts_the_quantiles_instead_of_emptying_them() -> None:
    values = [0.0] * 500 + [float(n) for n in range(1, 101)]
    classes = classify(values)
    assert classes.method == "quantiles parted at 0 (7 classes)"
    counts = np.bincount(classes.of(values), minlength=len(classes.upper))
    assert counts.tolist() == [500, 17, 17, 16, 17, 16, 17]
    assert classes.upper[-1] == 100


def test_few_values_get_a_class_each() -> None:
    classes = classify([1.0, 2.0, 2.0, 5.0, math.nan])
    assert classes.scheme == "unique"
    assert classes.upper == (1.0, 2.0, 5.0)
    assert classes.of([1.0, 2.0, 5.0, math.nan]).tolist() == [0, 1, 2, -1]


def test_values_of_both_signs_diverge_and_zero_parts_the_colours() -> None:
    values = np.array([-9.0, -5.0, -1.0, 2.0, 4.0, 6.0, 8.0, 20.0])
    classes = classify(values)
    assert classes.scheme == "diverging"
    assert 0.0 in classes.upper
    sides = [classes.light[k] for k in classes.of(values)]
    assert all(colour in DIVERGING[:3] for colour in sides[:3])
    assert all(colour in DIVERGING[4:] for colour in sides[3:])


@pytest.mark.parametrize("values", [[], [math.nan, math.inf]])
def test_no_values_make_no_classes(values: list[float]) -> None:
    classes = classify(values)
    assert classes.scheme == "none"
    assert classes.of(values).tolist() == [-1] * len(values)


def test_a_single_value_is_one_class() -> None:
    assert classify([3.5]).of([3.5]).tolist() == [0]


@pytest.mark.parametrize(
    "values", [[7.0] * 50, [-1.0, 1.0], [0.0] * 9 + [1.0], list(map(float, range(-50, 3)))]
)
def test_every_value_has_a_class_and_every_class_two_colours(values: list[float]) -> None:
    classes = classify(values)
    assert classes.of(values).min() >= 0
    assert len(classes.upper) == len(classes.light) == len(classes.dark) <= 7
    assert all(a < b for a, b in pairwise(classes.upper))


def test_given_steps_are_kept() -> None:
    classes = stepped((0.0, 0.5, 1.0), method="halves")
    assert classes.of([0.0, 0.2, 0.5, 0.7, 1.0]).tolist() == [0, 1, 1, 2, 2]


@pytest.mark.parametrize("executives", [3, 7, 12, 100])
def test_neighbouring_jurisdictions_never_share_a_colour(executives: int) -> None:
    units = worlds.hex_units(12)
    place = (np.arange(len(units)) * executives) // len(units)
    borders = shared_borders(units, executives, place.tolist())
    colours = distinct_colours(borders)
    assert any(borders)
    assert all(colours[a] != colours[b] for a in range(executives) for b in borders[a])
    assert max(colours) < len(OKABE_ITO)


def test_figures_are_written_short_and_plain() -> None:
    assert short_number(1234) == "1,234"
    assert short_number(12_345_678) == "12.3 M"
    assert short_number(-45_000) == "−45 K"
    assert short_number(0) == "0"
    assert short_number(math.nan) == "no value"
    assert money(2_500_000_000, "EUR") == "2.5 B EUR"
    assert clock(9 * 3600 + 5 * 60) == "09:05"
    assert hours(27_000) == "7.5 h"


def test_what_is_common_among_the_rest_is_parted_too() -> None:
    # 0 fills four classes of six; of the eight others, 1 would fill two of the five left
    values = [0.0] * 20 + [1.0] * 4 + [2.0, 3.0, 4.0, 5.0, 6.0]
    classes = classify(values, most=6)
    assert classes.method == "quantiles parted at 0 and 1 (6 classes)"
    assert classes.upper == (0.0, 1.0, 3.0, 4.0, 5.0, 6.0)
    assert np.bincount(classes.of(values)).tolist() == [20, 4, 2, 1, 1, 1]
