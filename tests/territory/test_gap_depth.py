"""Gaps in depth: hot spots, access, twins, findings; each beside its definition."""

import numpy as np
import pytest

from territory.checks.gap_depth import _getis_ord
from territory.gaps.access import floating_access
from territory.gaps.findings import patches
from territory.gaps.hotspots import hot_spots
from territory.gaps.twins import twin_areas
from territory.units import zone_units
from tests.territory.strip import outlet, zones
from tests.territory.test_gaps import gaps_of
from tests.territory.validation.planted import neighbours


def test_gi_star_of_a_heap_of_money_is_hot_and_an_even_land_is_not() -> None:
    land, side = neighbours(12), 12
    row, column = np.divmod(np.arange(side * side), side)
    heap = np.where((abs(row - 5) <= 1) & (abs(column - 5) <= 1), 100.0, 0.0)
    z, mark = hot_spots(heap, land)
    assert mark[5 * side + 5] == 1
    assert set(np.flatnonzero(mark == 1)) <= set(np.flatnonzero(heap + z > 0))
    assert (mark >= 0).all()
    even = hot_spots(np.ones(side * side), land)
    assert not even[0].any()
    assert not even[1].any()


def test_gi_star_is_its_definition() -> None:
    values = np.random.default_rng(4).lognormal(size=144)
    land = neighbours(12)
    z, _ = hot_spots(values, land)
    assert z == pytest.approx(_getis_ord(values, land.indptr, land.indices), rel=1e-9)


def test_noise_is_seldom_called() -> None:
    land = neighbours(12)
    called = [
        np.any(hot_spots(np.random.default_rng(seed).normal(10, 1, 144), land)[1])
        for seed in range(40)
    ]
    assert np.mean(called) <= 0.2  # at most one land in twenty on average


def test_a_handful_of_units_has_no_hot_spots() -> None:
    units = zone_units(zones(3))
    z, mark = hot_spots(np.array([0.0, 0.0, 9.0]), units.neighbours)
    assert not z.any()
    assert not mark.any()


def test_access_in_two_steps_by_hand() -> None:
    """Outlet a serves both units whole, b the second by half: demand 300 and 100."""
    weights = np.array([[1.0, 0.0], [1.0, 0.5]])
    potential = np.array([100.0, 200.0])
    own = [outlet("a", attractiveness=3.0), outlet("b")]
    spared = [3 / 300, 1 / 100]
    assert floating_access(weights, own, potential) == pytest.approx(
        [1e6 * spared[0], 1e6 * (spared[0] + 0.5 * spared[1])]
    )
    assert floating_access(np.zeros((2, 0)), [], potential).tolist() == [0, 0]
    assert floating_access(np.zeros((2, 2)), own, potential).tolist() == [0, 0]


def test_access_spends_all_that_outlets_have() -> None:
    draw = np.random.default_rng(2)
    weights, potential = draw.random((40, 5)), draw.random(40) * 1e6
    own = [outlet(f"o{k}", attractiveness=float(k + 1)) for k in range(5)]
    found = floating_access(weights, own, potential)
    assert (found * potential).sum() / 1e6 == pytest.approx(1 + 2 + 3 + 4 + 5)


def test_a_district_with_fewer_outlets_than_its_twins_misses_some() -> None:
    units = zone_units(zones(6))
    potential = np.full(6, 1e6)
    own = np.array([2.0, 2, 2, 2, 2, 0])
    table = twin_areas(units, potential, np.full(6, 10.0), np.arange(6.0), own)
    assert table.texts("area_id")[0] == "z5"
    assert table.numbers("missing")[0] == pytest.approx(2)
    assert table.numbers("per_million")[0] == 0
    assert table.numbers("twin_per_million")[0] == pytest.approx(2)
    assert len(table.texts("twins")[0].split("; ")) == 5
    assert "Zone 5" not in table.texts("twins")[0].split("; ")
    assert set(table.numbers("missing")[1:]) == {0.0}


def test_three_districts_are_too_few_to_compare() -> None:
    units = zone_units(zones(3))
    assert len(twin_areas(units, np.ones(3), np.ones(3), np.ones(3), np.zeros(3))) == 0


def test_patches_are_connected_and_whole() -> None:
    units = zone_units(zones(6))
    among = np.array([True, True, False, True, False, True])
    assert [group.tolist() for group in patches(units.neighbours, among)] == [[0, 1], [3], [5]]


def test_findings_tell_each_place_once_by_money_with_why_and_what_to_do() -> None:
    """z0 at our door; z1 and z2 far off with most of the money; z3 far with little."""
    _, plan = gaps_of(
        4,
        [1_000, 300, 500, 20],
        own_minutes=[[2.0], [40.0], [50.0], [60.0]],
    )
    found = plan.findings
    assert found.texts("kind")[0] == "white space"
    assert found.texts("subject")[0] == "z2"
    assert found.numbers("money") == tuple(sorted(found.numbers("money"), reverse=True))
    assert sum(found.numbers("cells")) <= 4
    assert "our nearest outlet is 50 minutes away" in found.texts("why")[0]
    assert found.texts("advice")[0].startswith("Visit")


def test_a_place_that_could_carry_an_outlet_is_to_be_opened() -> None:
    _, plan = gaps_of(4, [100, 900, 900, 0], own_minutes=[[2.0], [40.0], [50.0], [60.0]])
    assert plan.findings.texts("advice")[0].startswith("Open: it could carry ")


def test_an_outlet_next_to_another_is_found_redundant() -> None:
    _, plan = gaps_of(3, [100, 100, 100], own_minutes=[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    redundant = dict(
        zip(plan.outlets.texts("site_id"), plan.outlets.numbers("redundant_share"), strict=True)
    )
    assert redundant["a"] == 1.0  # b would catch all of it
    assert plan.outlets.numbers("alone") == (0.0, 0.0)
    assert "redundant outlet" in plan.findings.texts("kind")


def test_no_outlets_no_potential_and_one_unit_have_their_gaps() -> None:
    _, bare = gaps_of(2, [100, 50])
    assert bare.findings.texts("advice")[0].startswith("Visit or deliver")
    _, nothing = gaps_of(2, [0, 0], own_minutes=[[1.0], [2.0]])
    assert len(nothing.findings) == 0
    _, one = gaps_of(1, [10], own_minutes=[[1.0]])
    assert one.cells.numbers("access") == pytest.approx((1e6 / 10,))
