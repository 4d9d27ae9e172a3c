"""A score is tried on sales it has not seen."""

from dataclasses import replace

import numpy as np
import pytest

from territory.validation import accuracy, morans_i, spatial_blocks, validate
from tests.territory.validation.planted import SIDE, evidence, neighbours


def test_blocks_are_equal_compact_and_do_not_follow_the_order() -> None:
    draw = np.random.default_rng(1)
    lonlat = draw.uniform([24, 60], [25, 60.3], size=(200, 2))
    block = spatial_blocks(lonlat)
    counts = np.bincount(block)
    assert len(counts) == 10
    assert counts.min() >= 12
    assert counts.max() <= 25
    order = draw.permutation(200)
    assert (spatial_blocks(lonlat[order]) == block[order]).all()
    assert spatial_blocks(np.empty((0, 2))).tolist() == []
    assert spatial_blocks(np.zeros((3, 2))).max() == 2


def test_lift_and_tenths_by_hand() -> None:
    came = np.array([50.0, 30, 10, 5, 5, 0, 0, 0, 0, 0])
    good = accuracy(came, came)
    assert (good.lift, good.best_lift, good.explained, good.mean_error) == (0.5, 0.5, 1.0, 0.0)
    assert good.came_by_tenth[:3] == (50, 30, 10)
    worst = accuracy(-came, came)
    assert worst.lift == 0.0
    assert worst.order < 0 < good.order
    part = accuracy(np.arange(15.0)[::-1], np.arange(15.0)[::-1])
    assert part.lift == pytest.approx((14 + 13 / 2) / 105)
    assert accuracy(np.ones(10), came).lift == pytest.approx(0.1)  # no order, no lift
    held = accuracy(came, came, low=came - 1, high=came + 1)
    assert held.covered == 1.0
    with pytest.raises(ValueError, match="do not fit"):
        accuracy(came, came[:3])


def test_morans_i_tells_a_slope_from_noise_and_from_a_chessboard() -> None:
    land = neighbours(10)
    row, column = np.divmod(np.arange(100), 10)
    slope, p_slope = morans_i(row.astype(float), land)
    assert slope > 0.8
    assert p_slope < 1e-6
    chess, p_chess = morans_i(((row + column) % 2).astype(float), land)
    assert chess == pytest.approx(-1)
    assert p_chess > 0.99
    noise = [morans_i(np.random.default_rng(s).normal(size=100), land)[1] for s in range(60)]
    assert 0.0 <= np.mean(np.array(noise) < 0.05) <= 0.15
    assert morans_i(np.ones(100), land) == (0.0, 1.0)


def test_intervals_hold_about_eighty_of_a_hundred_in_space_and_time() -> None:
    covered = {"space": [], "time": []}
    for seed in range(8):
        for trial in validate(evidence(seed)).trials:
            covered[trial.name].append(trial.forecasts[0].accuracy.covered)
    assert 0.75 <= np.mean(covered["space"]) <= 0.87
    assert 0.75 <= np.mean(covered["time"]) <= 0.87


def test_the_score_beats_the_mean_in_space_and_last_year_in_time() -> None:
    space, time = validate(evidence(3)).trials
    assert [one.name for one in space.forecasts] == [
        "the score",
        "sales per company",
        "the mean unit",
    ]
    ours, by_company, plain = (one.accuracy for one in space.forecasts)
    assert ours.explained > by_company.explained > plain.explained
    assert ours.lift > by_company.lift
    assert abs(space.morans_i) < 0.1
    assert time.forecasts[0].accuracy.mean_error < time.forecasts[1].accuracy.mean_error


def test_a_cause_the_score_does_not_know_shows_in_its_errors() -> None:
    found = validate(evidence(3, spread=0.2, trend=2.0))
    space = found.trials[0]
    assert space.morans_i > 0.1
    assert space.morans_p < 0.01
    assert any("a cause in the land is missing" in line for line in found.sentences)


def test_what_cannot_be_tried_is_said() -> None:
    whole = evidence(1)
    nothing = validate(replace(whole, after=np.zeros(SIDE * SIDE)))
    assert [trial.why_not for trial in nothing.trials] == [
        "Nothing was sold, so there is nothing to foretell."
    ] * 2
    young = validate(replace(whole, before=None)).trials
    assert young[0].forecasts
    assert young[1].why_not == "Orders do not go back far enough."
    few = replace(whole, accessible=np.where(np.arange(SIDE * SIDE) < 9, 1.0, 0.0))
    assert "Only 9 units" in validate(few).trials[0].why_not


def test_every_unit_judged_is_listed_with_its_interval() -> None:
    trial = validate(evidence(1)).trials[1]
    low, forecast, high = (np.array(trial.units.numbers(n)) for n in ("low", "forecast", "high"))
    assert (low <= forecast).all()
    assert (forecast <= high).all()
    assert len(trial.units) == int((evidence(1).accessible > 0).sum())
