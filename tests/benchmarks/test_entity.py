"""The entity benchmark: planted truth, the measure of quality, and the goal on real places."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.entity import entity_runs, groups_of, wrong
from benchmarks.entity_world import (
    CITIES,
    World,
    corrupted,
    distinct_places,
    many_places,
    misspelled,
    quality,
    read_places,
)
from benchmarks.frame import BenchArgs
from territory.survey.resolve import resolve
from tests.shared import shared_path


def _places(city: str) -> pd.DataFrame:
    return read_places(shared_path("geo", *CITIES[city]))


def _world(city: str, seed: int) -> World:
    return corrupted(distinct_places(_places(city)), seed=seed)


def test_quality_counts_pairs_and_whole_companies():
    # truth {0,1,2} {3,4} {5}; found {0,1} {2} {3,4} {5}
    truth = np.array([0, 0, 0, 1, 1, 2])
    found = quality(np.array([0, 0, 3, 1, 1, 2]), truth)
    assert (found.precision, found.recall) == (1.0, 0.5)  # 2 of 2 pairs said, 2 of 4 true
    assert (found.cluster_precision, found.cluster_recall) == (2 / 4, 2 / 3)
    assert quality(truth, truth).f1 == quality(truth, truth).cluster_f1 == 1.0
    assert quality(np.zeros(6, dtype=np.int64), truth).precision == 4 / 15


def test_the_corrupted_copy_has_the_shares_it_promises():
    places = _places("malta")
    world = corrupted(places, seed=3)
    sizes = np.bincount(world.truth)
    assert len(sizes) == pytest.approx(1.1 * len(places), rel=0.01)  # 10 % other shops
    assert (sizes == 2).sum() == pytest.approx(0.3 * len(sizes), rel=0.01)
    assert sizes.max() == 2
    records = world.records.assign(truth=world.truth)
    pairs = records[records["truth"].isin(np.flatnonzero(sizes == 2))].groupby("truth")
    assert pairs["source"].nunique().min() == 2
    without = (pairs["phone"].min() == "").mean()
    assert without == pytest.approx(0.4, abs=0.05)
    spread = pairs["lat"].agg(np.ptp) * 111_320
    assert (spread > 15).mean() < 0.3  # some moves go east only
    assert not records["source_record_id"].duplicated().any()


def test_the_same_seed_draws_the_same_world_and_another_seed_another():
    one, same, other = (_world("liechtenstein", seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.records, same.records)
    assert not one.records["lon"].equals(other.records["lon"])


def test_misspelled_names_differ_but_stay_alike():
    random = np.random.default_rng(5)
    drawn = [misspelled("Café Bar & Restaurant Kappeli", random) for _ in range(200)]
    assert sum(name == "Café Bar & Restaurant Kappeli" for name in drawn) < 20
    assert misspelled("", random) == ""


@pytest.mark.parametrize(
    ("city", "seed"), [("helsinki", 1), ("helsinki", 11), ("malta", 1), ("malta", 12)]
)
def test_the_corrupted_copies_of_real_places_are_resolved_with_f1_of_95_percent(
    city: str, seed: int
):
    world = _world(city, seed)
    resolution = resolve(world.records)
    assert quality(groups_of(world, resolution), world.truth).f1 >= 0.95
    assert wrong(resolution) == 0


def test_places_that_the_map_holds_twice_are_not_planted_as_two_companies():
    frame = pd.DataFrame(
        {
            "name": ["Torni", "TORNI", "Torni", "Torni Bar", "Ateljee", ""],
            "phone": ["09 1234567", "", "", "+358 9 123 4567", "09 1234567", ""],
            "lon": [24.94, 24.9401, 24.96, 24.9402, 24.9402, 24.94],
            "lat": [60.17] * 6,
        }
    )
    assert distinct_places(frame)["name"].tolist() == ["Torni", "Torni", "Ateljee", ""]


def test_even_with_places_the_map_holds_twice_94_percent_are_reached():
    world = corrupted(_places("malta"), seed=12)
    assert quality(groups_of(world, resolve(world.records)), world.truth).f1 >= 0.94


def test_a_small_country_is_not_left_behind():
    """572 records, of which the fit sees few: 90 % is asked for, fitted weights or default."""
    world = _world("liechtenstein", 1)
    assert quality(groups_of(world, resolve(world.records)), world.truth).f1 >= 0.90


def test_row_order_does_not_change_the_companies_of_a_city():
    world = _world("liechtenstein", 4)
    mixed = world.records.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(resolve(world.records).companies, resolve(mixed).companies)


def test_many_places_keep_the_distances_of_a_city_under_new_names():
    city = _places("liechtenstein")
    many = many_places([city], 3 * len(city), seed=1)
    assert len(many) == 3 * len(city)
    first, second = many.iloc[: len(city)], many.iloc[len(city) : 2 * len(city)]
    assert np.allclose(np.diff(first["lon"]), np.diff(second["lon"]))
    is_named = (city["name"] != "").to_numpy()
    same = (first["name"].to_numpy() == second["name"].to_numpy())[is_named].mean()
    assert same < 0.2


def test_the_benchmark_gives_a_row_for_us_and_a_peer_below_us(
    monkeypatch: pytest.MonkeyPatch,
):
    folder: Path = shared_path("geo")
    monkeypatch.setattr("benchmarks.entity.PEERS", {"rapidfuzz": _rapidfuzz()})
    args = BenchArgs(bench="score", set_folder=folder, names=("helsinki",))
    rows = list(entity_runs(args))
    assert [row.engine for row in rows] == ["fieldwright", "rapidfuzz"]
    ours, theirs = (row.objective or 0.0 for row in rows)
    assert ours >= 0.95 > theirs
    assert rows[0].violations == 0


def _rapidfuzz():
    from benchmarks.entity_peers import rapidfuzz_groups

    return rapidfuzz_groups
