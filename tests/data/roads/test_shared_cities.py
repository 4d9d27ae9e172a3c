"""Whole countries and cities, where the shared data is present."""

import numpy as np
import pytest

from data.roads import read_network
from data.travel import road_travel
from territory.travel import UNREACHABLE
from tests.shared import shared_path

pytestmark = pytest.mark.shared


def test_malta_has_two_islands_that_do_not_reach_one_another() -> None:
    network = read_network(shared_path("geo", "malta", "malta-2018.osm.pbf"), "car")
    assert len(network.component_sizes) == 2
    assert network.component_sizes[0] > 5 * network.component_sizes[1] > 5_000
    valletta, mdina, victoria = (14.5120, 35.8975), (14.4030, 35.8860), (14.2390, 36.0440)
    towns = np.array([valletta, mdina, victoria])
    matrix = road_travel(network).block(towns, towns)
    assert 10 * 60 < matrix.seconds[0, 1] < 30 * 60
    assert matrix.seconds[0, 2] == matrix.seconds[2, 0] == UNREACHABLE


def test_liechtenstein_is_read_for_every_mode() -> None:
    path = shared_path("geo", "tiny", "liechtenstein.osm.pbf")
    vaduz_schaan = np.array([[9.5215, 47.1410], [9.5095, 47.1650]])
    minutes = {}
    for mode in ("car", "bicycle", "foot"):
        travel = road_travel(read_network(path, mode))  # type: ignore[arg-type]
        minutes[mode] = travel.block(vaduz_schaan, vaduz_schaan).seconds[0, 1] / 60
    assert 3 < minutes["car"] < minutes["bicycle"] < minutes["foot"] < 45
