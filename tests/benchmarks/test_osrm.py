"""OSRM as a yardstick: absent it is said and left out, its answers are read to the byte."""

import struct
from pathlib import Path

import numpy as np
import pytest

from benchmarks import calibrate
from benchmarks.calibrate import Compared
from benchmarks.osrm import _unpacked, find_osrm
from benchmarks.turn_reference import TurnReference, random_spots
from data.roads import read_network
from data.roads.extracts import helsinki_pbf


def answer(durations: list[float], distances: list[float]) -> bytes:
    """A table answer: root with field 5 -> table with fields 0 and 3 -> vectors of floats."""
    raw = bytearray()

    def word(value: int, form: str = "<I") -> None:
        raw.extend(struct.pack(form, value))

    word(24)  # the root table begins at 24
    for shift in (16, 8, 0, 0, 0, 0, 0, 4):  # its fields begin at 4: sizes, then six shifts
        word(shift, "<H")
    word(0)
    word(24 - 4, "<i")  # back to the fields
    word(48 - 28)  # field 5 at 28: on to the inner table
    for shift in (12, 12, 4, 0, 0, 8):  # the inner table's fields begin at 32
        word(shift, "<H")
    word(0)
    word(48 - 32, "<i")
    vectors = 48 + 12
    word(vectors - 52)
    word(vectors + 4 + 4 * len(durations) - 56)
    for values in (durations, distances):
        word(len(values))
        raw.extend(struct.pack(f"<{len(values)}f", *values))
    return bytes(raw)


def test_an_absent_peer_is_said_once_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert find_osrm(tmp_path / "nothing") is None
    assert find_osrm(tmp_path / "nothing") is None
    assert capsys.readouterr().err.count("peer osrm is not in 'nothing'") == 1


def test_a_comparison_without_the_peer_ends_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIELDWRIGHT_OSRM", str(tmp_path / "absent"))
    assert calibrate.main(["--names", "porto"]) == 1
    assert "peer osrm" in capsys.readouterr().err


def test_a_table_is_read_from_its_bytes() -> None:
    largest = float(np.finfo(np.float32).max)
    seconds, meters = _unpacked(answer([0.0, 12.5, 30.0, largest], [0.0, 80.0, 200.0, 1e3]), (2, 2))
    assert seconds.tolist() == [[0.0, 12.5], [30.0, np.inf]]
    assert meters.tolist() == [[0.0, 80.0], [200.0, 1000.0]]


@pytest.mark.parametrize(
    ("ratios", "is_met"),
    [([0.9, 1.0, 1.1], True), ([0.9, 0.94, 1.1], False), ([0.9, 1.0, 1.3], False)],
)
def test_the_goal_is_a_median_near_one_and_a_narrow_band(ratios: list[float], is_met: bool) -> None:
    theirs = np.full(60, 100.0)
    ours = np.repeat(ratios, 20) * 100
    none = np.zeros(60, dtype=np.intp)
    compared = Compared(start=none, end=none, ours=ours, theirs=theirs, meters=theirs)
    assert compared.meets_the_goal() is is_met


def test_random_places_lie_on_their_street() -> None:
    network = read_network(helsinki_pbf(), "car")
    spots = random_spots(network, 20, np.random.default_rng(3))
    for line, point in zip(spots.line.tolist(), spots.lonlat, strict=True):
        begin, end = network.line_offset[line : line + 2]
        low = network.line_lonlat[begin:end].min(axis=0)
        high = network.line_lonlat[begin:end].max(axis=0)
        assert (low - 1e-9 <= point).all()
        assert (point <= high + 1e-9).all()
    weights = TurnReference(network).between(spots, np.arange(3))
    assert weights.shape == (3, 20)
    assert np.isfinite(weights).mean() > 0.9
