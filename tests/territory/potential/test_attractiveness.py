"""Attractiveness found again from the money it made, and refused where nothing tells it."""

import numpy as np
import pytest

from territory.errors import InputError
from territory.potential.attractiveness import fit_attractiveness

# three units that spend 60, 30 and 30; a and b pull on the first two, c on the last two
ORIGINS = np.array([60.0, 30.0, 30.0])
WEIGHTS = np.array([[1.0, 1.0, 0.0], [0.5, 1.0, 1.0], [0.0, 0.0, 1.0]])
TRUE = np.array([2.0, 1.0, 0.5])


def money(values: np.ndarray, outside: float = 0.0) -> np.ndarray:
    pulls = WEIGHTS * values
    return np.asarray((ORIGINS / (pulls.sum(axis=1) + outside)) @ pulls)


def test_the_attractiveness_behind_flows_is_found_again_up_to_its_scale():
    fit = fit_attractiveness(money(TRUE), ORIGINS, WEIGHTS, np.ones(3), source="flows")
    assert np.array(fit.values) == pytest.approx(TRUE * 3 / TRUE.sum(), abs=1e-3)
    assert fit.fitted == 3
    assert fit.before_percent > 10
    assert fit.after_percent == pytest.approx(0, abs=1e-4)


def test_by_hand_two_outlets_at_one_door_pull_as_they_sell():
    fit = fit_attractiveness(
        np.array([30.0, 10.0]), np.array([40.0]), np.ones((1, 2)), np.ones(2), source="sales"
    )
    assert fit.values == (1.5, 0.5)
    assert fit.before_percent == 25  # half and half puts 10 of 40 at the other door
    assert "sales of 2 outlets." in fit.note


def test_outlets_without_sales_keep_theirs_and_sales_are_taken_as_ratios():
    sales = np.append(10 * money(np.array([2.0, 1.0, 1.0]), outside=0.1)[:2], np.nan)
    start = np.array([1.0, 1.0, 1.0])
    fit = fit_attractiveness(sales, ORIGINS, WEIGHTS, start, source="sales", outside=0.1)
    assert fit.values[2] == 1
    assert fit.values[0] > 1.4 * fit.values[1]
    assert fit.after_percent < 1e-3 < fit.before_percent
    assert "1 without keep theirs" in fit.note


@pytest.mark.parametrize("sales", [[np.nan] * 3, [5.0, np.nan, np.nan], [0.0, 0.0, 4.0]])
def test_one_outlet_tells_nothing(sales: list[float]):
    with pytest.raises(InputError, match="cannot be fitted") as caught:
        fit_attractiveness(np.array(sales), ORIGINS, WEIGHTS, np.ones(3), source="sales")
    assert caught.value.faults[0].column == "annual_sales"
