"""A regression of amounts that says no more than the data do."""

import numpy as np
import pytest

from territory.potential.glm import deviance, fit_log_glm

PRIOR = np.array([0.0, 1.0, 1.0])
PRECISION = np.array([0.0, 4.0, 4.0])


def drawn(rows: int, *, slope: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Amounts 50 x income^slope x consumption^0.6 with lognormal noise, not of the GLM's family."""
    draw = np.random.default_rng(seed)
    logs = draw.normal(size=(rows, 2)) * 0.4
    noise = draw.lognormal(sigma=0.7, size=rows) / np.exp(0.7**2 / 2)
    amounts = 50 * np.exp(logs @ [slope, 0.6]) * noise
    return np.column_stack([np.ones(rows), logs]), amounts


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0])
def test_elasticities_are_recovered_from_noise_of_another_family(power: float) -> None:
    design, amounts = drawn(20_000, slope=1.4)
    fit = fit_log_glm(
        design, amounts, prior_mean=PRIOR, prior_precision=PRECISION, variance_power=power
    )
    assert fit.coefficients[1] == pytest.approx(1.4, rel=0.05)
    assert fit.coefficients[2] == pytest.approx(0.6, rel=0.1)
    assert np.exp(fit.coefficients[0]) == pytest.approx(50, rel=0.05)
    assert fit.explained > 0.02


def test_three_rows_leave_the_belief_nearly_as_it_was() -> None:
    design, amounts = drawn(3, slope=3.0)
    fit = fit_log_glm(
        design, amounts, prior_mean=PRIOR, prior_precision=100 * PRECISION, strengths=(1.0,)
    )
    assert fit.coefficients[1:] == pytest.approx([1, 1], abs=0.1)
    assert fit.standard_errors[1] == pytest.approx(1 / np.sqrt(400), rel=0.1)


def test_without_a_prior_one_class_gets_its_mean() -> None:
    amounts = np.array([2.0, 4.0, 9.0])
    fit = fit_log_glm(np.ones((3, 1)), amounts, prior_mean=np.zeros(1), prior_precision=np.zeros(1))
    assert np.exp(fit.coefficients[0]) == pytest.approx(5.0)
    # Gamma: variance of ln mean is phi / n, phi the variance of y / mean
    phi = ((amounts / 5 - 1) ** 2).sum() / 2
    assert fit.dispersion == pytest.approx(phi)
    assert fit.standard_errors[0] == pytest.approx(np.sqrt(phi / 3))


def test_an_offset_counts_whole() -> None:
    reach = np.log(np.array([0.5, 0.5, 1.0, 1.0]))
    fit = fit_log_glm(
        np.ones((4, 1)),
        np.array([5.0, 5.0, 10.0, 10.0]),
        prior_mean=np.zeros(1),
        prior_precision=np.zeros(1),
        offset=reach,
    )
    assert np.exp(fit.coefficients[0]) == pytest.approx(10)


def test_intervals_of_a_slope_cover_the_truth_about_as_often_as_they_say() -> None:
    hits = 0
    for seed in range(60):
        design, amounts = drawn(400, slope=1.4, seed=seed)
        fit = fit_log_glm(
            design,
            amounts,
            prior_mean=PRIOR,
            prior_precision=np.zeros(3),
            strengths=(1.0,),
        )
        hits += bool(abs(fit.coefficients[1] - 1.4) <= 1.2816 * fit.standard_errors[1])
    assert 0.68 <= hits / 60 <= 0.92  # 80 % within three of its standard deviations


def test_noise_that_income_does_not_explain_is_not_called_learnt() -> None:
    design, amounts = drawn(300, slope=0.0, seed=7)
    shuffled = np.random.default_rng(3).permutation(amounts)
    fit = fit_log_glm(
        design, shuffled, prior_mean=np.zeros(3), prior_precision=np.array([0.0, 4.0, 4.0])
    )
    assert fit.explained < 0.02


def test_zeros_are_amounts_too() -> None:
    design, amounts = drawn(2_000, slope=1.2)
    amounts[::10] = 0.0
    for power in (1.0, 1.5, 2.0):
        fit = fit_log_glm(
            design, amounts, prior_mean=PRIOR, prior_precision=PRECISION, variance_power=power
        )
        assert np.isfinite(fit.coefficients).all()
        assert np.exp(fit.coefficients[0]) == pytest.approx(45, rel=0.1)


def test_a_perfect_prediction_has_no_deviance() -> None:
    amounts = np.array([1.0, 2.0, 5.0])
    for power in (1.0, 1.5, 2.0):
        assert deviance(amounts, amounts, power=power) == pytest.approx(0, abs=1e-12)
        assert deviance(amounts, 2 * amounts, power=power) > 0


@pytest.mark.parametrize(
    ("design", "amounts", "words"),
    [
        (np.ones((2, 1)), np.array([1.0, -1.0]), "at least 0"),
        (np.ones((2, 1)), np.zeros(2), "one of them more"),
        (np.full((2, 1), np.nan), np.ones(2), "not finite"),
        (np.ones((3, 1)), np.ones(2), "does not fit"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    design: np.ndarray, amounts: np.ndarray, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        fit_log_glm(design, amounts, prior_mean=np.zeros(1), prior_precision=np.zeros(1))
