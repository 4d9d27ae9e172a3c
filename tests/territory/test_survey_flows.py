"""Flows per unit: accounts where they stand, zones over the units inside them."""

import numpy as np
import pytest

from territory.potential import PotentialParams, with_fitted_reach
from territory.survey.flows import flows_per_unit
from tests.territory.strip import accounts, market, outlet, rows, travel, units_of


def test_an_accounts_purchases_start_in_its_unit_and_a_zones_in_the_zone() -> None:
    world = market(
        accounts=accounts([0, 2]),
        flows=rows(
            "flows",
            origin_id=["a0", "a1", "z1", "a1", "nobody"],
            outlet_id=["o", "o", "k", "gone", "o"],
            amount=[10.0, 5.0, 7.0, 99.0, 99.0],
        ),
    )
    found, notes = flows_per_unit(world.tables, units_of(world), ["o", "k"])
    assert found.tolist() == [[10, 0], [0, 7], [5, 0]]
    assert notes == ("2 flows name an unknown place or outlet and are left out.",)


def test_without_flows_there_are_none() -> None:
    world = market()
    found, notes = flows_per_unit(world.tables, units_of(world), ["o"])
    assert found.tolist() == [[0], [0], [0]]
    assert notes == ()


def test_fitted_exponents_enter_the_parameters_with_their_error() -> None:
    draw = np.random.default_rng(2)
    minutes = draw.uniform(2, 30, size=(200, 3))
    size = [1.0, 4.0, 9.0]
    pull = np.array(size) ** 0.7 * np.ceil(minutes * 60) ** -2.0
    flows = 1_000 * pull / pull.sum(axis=1, keepdims=True)
    matrices = [travel(minutes[:, :2].tolist()), travel(minutes[:, 2:].tolist())]
    sites = [outlet(f"o{k}", attractiveness=value, is_own=k < 2) for k, value in enumerate(size)]
    params, note = with_fitted_reach(PotentialParams(), flows, matrices, sites)
    assert params.distance_decay == pytest.approx(2.0, abs=0.02)
    assert params.attractiveness_elasticity == pytest.approx(0.7, abs=0.02)
    assert params.distance_decay_swing < 0.1
    assert "distance 2.0" in note
