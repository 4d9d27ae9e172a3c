"""Reach weights from flows whose truth is known."""

import numpy as np
import pytest

from territory.errors import InputError
from territory.potential.steps import ReachFit, fit_reach_weights

STEPS = (5, 10, 15)


def drawn(
    weights: tuple[float, ...], *, origins: int = 300, seed: int = 5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Purchases of 40 a unit among 8 outlets, 1 to 20 minutes away, by size x weight of step."""
    draw = np.random.default_rng(seed)
    minutes = draw.uniform(1, 20, size=(origins, 8))
    minutes[:, 0] = 3.0  # everybody reaches one
    size = draw.uniform(0.5, 3, size=8)
    pull = size * np.array([*weights, 0.0])[np.searchsorted(STEPS, minutes)]
    shares = pull / pull.sum(axis=1, keepdims=True)
    flows = np.stack([draw.multinomial(40, share) for share in shares]).astype(float)
    return flows, minutes, size


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_drawn_weights_are_found_within_their_errors(seed: int) -> None:
    fit = fit_reach_weights(*drawn((1, 0.55, 0.1), seed=seed), STEPS)
    assert fit.weights[0] == 1
    assert fit.errors[1] < 0.03
    assert abs(fit.weights[1] - 0.55) < 3 * fit.errors[1]
    assert abs(fit.weights[2] - 0.1) < 3 * fit.errors[2]
    assert fit.explained > 0.05
    assert fit.beyond_percent == pytest.approx(0)


def test_money_in_lumps_widens_the_errors_and_not_the_weights() -> None:
    flows, minutes, size = drawn((1, 0.55, 0.1))
    one, many = (fit_reach_weights(flows * k, minutes, size, STEPS) for k in (1, 50))
    assert many.weights == one.weights
    assert many.errors == pytest.approx(one.errors, rel=1e-6)


def test_weights_never_rise_though_people_do_as_if() -> None:
    fit = fit_reach_weights(*drawn((1, 0.3, 0.6)), STEPS)
    assert fit.weights[1] == fit.weights[2]
    assert 0.3 < fit.weights[1] < 0.6
    assert fit_reach_weights(*drawn((0.5, 1, 0.2)), STEPS).weights[1] == 1


def test_flows_beyond_the_last_step_are_told_and_take_no_part() -> None:
    flows, minutes, size = drawn((1, 0.55, 0.1))
    flows[:, 1] += np.where(minutes[:, 1] > 15, 40, 0)
    fit = fit_reach_weights(flows, minutes, size, STEPS)
    assert fit.weights == fit_reach_weights(*drawn((1, 0.55, 0.1)), STEPS).weights
    assert fit.beyond_percent > 5
    assert isinstance(fit, ReachFit)
    assert "go beyond the last step" in fit.note


def test_what_cannot_be_fitted_is_said() -> None:
    flows, minutes, size = drawn((1, 0.5, 0.1))
    with pytest.raises(InputError) as few:
        fit_reach_weights(flows[:5], minutes[:5], size, (5,))
    assert [fault.column or fault.table for fault in few.value.faults] == [
        "reach_minutes",
        "flows",
    ]
    nobody = np.where((minutes > 10) & (minutes <= 15), 0.0, flows)
    with pytest.raises(InputError) as empty:
        fit_reach_weights(nobody, minutes, size, STEPS)
    assert [fault.value for fault in empty.value.faults] == ["15 minutes"]
