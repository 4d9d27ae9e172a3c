"""Huff's exponents from flows whose truth is known."""

import numpy as np
import pytest

from territory.potential.flows import HuffFit, fit_huff, with_fitted_reach
from territory.potential.params import PotentialParams


def market(
    *, origins: int = 400, outlets: int = 8, a: float = 0.8, b: float = 1.6, seed: int = 3
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Purchases of 60 a head, chosen one by one; minutes 1 to 40; sizes 1 to 10."""
    draw = np.random.default_rng(seed)
    minutes = draw.uniform(1, 40, size=(origins, outlets))
    size = draw.uniform(1, 10, size=outlets)
    pull = size**a * minutes**-b
    shares = pull / pull.sum(axis=1, keepdims=True)
    flows = np.stack([draw.multinomial(60, share) for share in shares]).astype(float)
    return flows, minutes, size


def fitted(flows: np.ndarray, minutes: np.ndarray, size: np.ndarray) -> HuffFit:
    return fit_huff(
        flows, minutes, size, default_elasticity=1.0, default_decay=1.5, nearest_minutes=0.5
    )


def test_exponents_are_recovered_within_a_few_of_their_errors() -> None:
    fit = fitted(*market())
    assert fit.attractiveness_error is not None
    assert fit.distance_error is not None
    assert abs(fit.attractiveness_elasticity - 0.8) < 3 * fit.attractiveness_error < 0.2
    assert abs(fit.distance_decay - 1.6) < 3 * fit.distance_error < 0.1
    assert fit.explained > 0.2


def test_money_in_lumps_widens_the_errors_but_not_the_exponents() -> None:
    flows, minutes, size = market()
    plain, lumpy = fitted(flows, minutes, size), fitted(flows * 50, minutes, size)
    assert lumpy.distance_decay == pytest.approx(plain.distance_decay)
    assert lumpy.distance_error == pytest.approx(plain.distance_error, rel=1e-6)


def test_outlets_of_one_size_leave_its_exponent_alone() -> None:
    flows, minutes, _ = market()
    fit = fitted(flows, minutes, np.full(8, 3.0))
    assert (fit.attractiveness_elasticity, fit.attractiveness_error) == (1.0, None)
    assert fit.distance_error is not None
    assert "size keeps its default" in fit.note


def test_a_few_origins_move_nothing() -> None:
    flows, minutes, size = market(origins=10)
    fit = fitted(flows, minutes, size)
    assert (fit.attractiveness_elasticity, fit.distance_decay) == (1.0, 1.5)
    assert "only 10 origins" in fit.note


def test_an_outlet_without_a_way_takes_no_part() -> None:
    flows, minutes, size = market()
    cut = minutes.copy()
    cut[:, 7] = np.inf
    whole = fitted(flows[:, :7], minutes[:, :7], size[:7])
    assert fitted(flows, cut, size).distance_decay == pytest.approx(whole.distance_decay)


def test_nobody_who_cares_about_distance_gives_an_exponent_near_nothing() -> None:
    fit = fitted(*market(b=0.0))
    assert abs(fit.distance_decay) < 0.05


@pytest.mark.parametrize(
    ("flows", "size", "words"),
    [
        (np.full((2, 2), -1.0), np.ones(2), "at least 0"),
        (np.ones((2, 2)), np.zeros(2), "above 0"),
        (np.ones((2, 3)), np.ones(2), "do not agree"),
    ],
)
def test_nonsense_is_refused(flows: np.ndarray, size: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fitted(flows, np.ones((2, 2)), size)


def test_flows_in_a_market_without_outlets_keep_the_defaults():
    fitted, note = with_fitted_reach(PotentialParams(), np.zeros((30, 0)), [], ())
    assert fitted.distance_decay == PotentialParams().distance_decay
    assert note.startswith("The exponents of reach keep their defaults")
