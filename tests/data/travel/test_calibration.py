"""A market's own times: read with every fault named, fitted to a known truth, kept as text."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from data.roads import RoadNetwork, read_network
from data.roads.extracts import helsinki_pbf
from data.travel import road_travel
from data.travel.calibration import TimeCalibration, TimeErrors
from data.travel.fitting import fit_calibration, time_errors
from data.travel.observed import ObservedTimes, period_at, read_observed
from territory.errors import InputError

TRUTH = TimeCalibration(
    class_factors={"residential": 1.5, "tertiary": 1.2, "secondary": 0.8, "primary": 1.3},
    turn_factor=1.6,
)
HEADER = "from_lon,from_lat,to_lon,to_lat,seconds,period,departed_at\n"


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return read_network(helsinki_pbf(), "car")


def observed(
    network: RoadNetwork, count: int, *, seed: int, truth: TimeCalibration, noise: float = 0.05
) -> ObservedTimes:
    """Drives of a city that takes as long as ``truth`` says, timed with some noise."""
    rng = np.random.default_rng(seed)
    places = network.lonlat[rng.integers(0, network.node_count, (count, 2))]
    travel = road_travel(network, calibration=truth)
    seconds = np.array(
        [
            travel.block(start[None, :], end[None, :]).seconds[0, 0]
            for start, end in zip(places[:, 0], places[:, 1], strict=True)
        ],
        dtype=np.float64,
    )
    rows = np.flatnonzero(seconds > 60)
    return ObservedTimes(
        start=places[rows, 0],
        end=places[rows, 1],
        seconds=seconds[rows] * rng.lognormal(0.0, noise, len(rows)),
        period=("offpeak",) * len(rows),
    )


@pytest.fixture(scope="module")
def timed(network: RoadNetwork) -> ObservedTimes:
    return observed(network, 240, seed=1, truth=TRUTH)


def test_a_known_truth_is_found_again(network: RoadNetwork, timed: ObservedTimes) -> None:
    found = fit_calibration(network, timed)
    assert found.before is not None
    assert found.after is not None
    assert found.before.mape_percent > 15
    assert found.after.mape_percent < 6  # the noise alone is 4 % on average
    assert found.after.median_ratio == pytest.approx(1, abs=0.02)
    assert found.class_factors["residential"] == pytest.approx(1.5, abs=0.1)
    assert found.turn_factor == pytest.approx(1.6, abs=0.2)


def test_drives_with_a_stop_on_the_way_do_not_bend_it(
    network: RoadNetwork, timed: ObservedTimes
) -> None:
    seconds = timed.seconds.copy()
    seconds[::12] *= 4
    stopped = ObservedTimes(start=timed.start, end=timed.end, seconds=seconds, period=timed.period)
    found = fit_calibration(network, stopped)
    assert found.class_factors["residential"] == pytest.approx(1.5, abs=0.15)


def test_times_that_agree_with_the_network_change_nothing_much(network: RoadNetwork) -> None:
    neutral = TimeCalibration()
    found = fit_calibration(network, observed(network, 120, seed=2, truth=neutral, noise=0.1))
    assert found.before is not None
    assert found.after is not None
    factors = list(found.class_factors.values())
    assert found.is_neutral or max(abs(value - 1) for value in factors) < 0.12


def test_a_class_that_nobody_drove_keeps_its_time(network: RoadNetwork) -> None:
    truth = TimeCalibration(class_factors=dict.fromkeys(network.classes, 1.4), turn_factor=1.4)
    ends = np.array([[24.9384, 60.1699], [24.9517, 60.1662]])
    rng = np.random.default_rng(5)
    start = ends[[0] * 20] + rng.normal(0, 1e-5, (20, 2))
    end = ends[[1] * 20] + rng.normal(0, 1e-5, (20, 2))
    travel = road_travel(network, calibration=truth)
    seconds = np.diag(travel.block(start, end).seconds).astype(np.float64)
    few = ObservedTimes(start=start, end=end, seconds=seconds, period=("offpeak",) * 20)
    found = fit_calibration(network, few)
    assert 0 < len(found.class_factors) < len(network.classes)
    assert min(found.class_factors.values()) > 1
    assert found.before is not None
    assert found.after is not None
    assert found.after.mape_percent < 0.4 * found.before.mape_percent


def test_too_few_drives_are_refused_with_their_number(
    network: RoadNetwork, timed: ObservedTimes
) -> None:
    with pytest.raises(InputError, match=r"3 of 3 drives .* at least 10"):
        fit_calibration(network, timed.take(np.arange(3)))


def test_drives_far_from_the_roads_are_left_out_and_counted(
    network: RoadNetwork, timed: ObservedTimes
) -> None:
    start = timed.start.copy()
    start[:5] = (0.0, 0.0001)
    shifted = ObservedTimes(start=start, end=timed.end, seconds=timed.seconds, period=timed.period)
    found = fit_calibration(network, shifted)
    assert (found.trips, found.left_out) == (len(timed) - 5, 5)


def test_it_is_the_same_again(network: RoadNetwork, timed: ObservedTimes) -> None:
    first, second = (fit_calibration(network, timed, seed=4) for _ in range(2))
    assert first == second
    assert first.content_hash == second.content_hash


def test_it_is_kept_as_text() -> None:
    errors = TimeErrors(median_ratio=0.8, p5_ratio=0.6, p95_ratio=1.1, mape_percent=21.5)
    whole = TimeCalibration(
        class_factors={"primary": 1.25}, turn_factor=0.0, trips=40, before=errors, after=errors
    )
    assert TimeCalibration.from_json(whole.as_json()) == whole
    assert TimeCalibration().is_neutral
    assert not whole.is_neutral


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"class_factors": {"primary": -1}, "before": null, "after": null}']
)
def test_a_text_that_is_no_calibration_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="Calibrate again"):
        TimeCalibration.from_json(text)


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_no_factor_is_zero_or_less(factor: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        TimeCalibration(class_factors={"primary": factor})


def test_errors_are_those_of_the_ratios() -> None:
    errors = time_errors(np.array([50.0, 100.0, 150.0]), np.array([100.0, 100.0, 100.0]))
    assert errors.median_ratio == 1.0
    assert errors.mape_percent == pytest.approx(100 / 3)
    assert (errors.p5_ratio, errors.p95_ratio) == pytest.approx((0.55, 1.45))


def test_a_file_is_read_with_its_periods(tmp_path: Path) -> None:
    path = tmp_path / "times.csv"
    path.write_text(
        HEADER
        + "24.94,60.17,24.95,60.16,300,,\n"
        + "24.94,60.17,24.95,60.16,410.5,peak,2026-03-02T12:00\n"
        + "24.94,60.17,24.95,60.16,380,,2026-03-02T08:15\n"
        + "24.94,60.17,24.95,60.16,250,,2026-03-01 23:30:00+02:00\n"
    )
    read = read_observed(path)
    assert read.period == ("offpeak", "peak", "peak", "night")
    assert read.seconds.tolist() == [300, 410.5, 380, 250]
    assert read.end.tolist() == [[24.95, 60.16]] * 4


def test_every_bad_row_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "times.csv"
    path.write_text(
        HEADER
        + "24.94,60.17,24.95,60.16,300,rush,\n"
        + "24.94,97,24.95,60.16,300,,\n"
        + "24.94,60.17,24.95,60.16,-5,,\n"
        + "24.94,60.17,24.95,60.16,nan,,\n"
        + "24.94,60.17,24.95,60.16,300,,yesterday\n"
        + "24.94,60.17,24.95,60.16,300,,\n"
    )
    with pytest.raises(InputError, match="5 rows are no observed times") as caught:
        read_observed(path)
    told = {(fault.row, fault.column) for fault in caught.value.faults}
    assert told >= {
        (2, "period"),
        (3, "from_lat"),
        (4, "seconds"),
        (5, "seconds"),
        (6, "departed_at"),
    }


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "times.csv"
    path.write_text("from_lon,from_lat\n24.9,60.1\n")
    with pytest.raises(InputError, match="seconds"):
        read_observed(path)


@pytest.mark.parametrize(
    ("moment", "period"),
    [
        ("2026-03-02T06:59", "offpeak"),
        ("2026-03-02T07:00", "peak"),
        ("2026-03-02T09:30", "offpeak"),
        ("2026-03-07T08:00", "offpeak"),  # a Saturday
        ("2026-03-02T22:00", "night"),
        ("2026-03-02T05:59", "night"),
    ],
)
def test_the_clock_tells_the_period(moment: str, period: str) -> None:
    assert period_at(datetime.fromisoformat(moment)) == period
