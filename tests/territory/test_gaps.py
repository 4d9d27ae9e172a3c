"""Gaps: the four layers kept apart, clusters, overlap, closures, candidate sites."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territory.errors import InputError
from territory.gaps import GapParams, candidate_sites, clusters, find_gaps
from territory.geo import haversine_meters
from territory.plans import Table
from territory.scores import ScorePlan
from territory.units import zone_units
from tests.territory.strip import companies, outlet, travel, zones

REACH = (5, 10, 15)


def scored(units, potential) -> ScorePlan:
    return ScorePlan(
        unit_ids=units.ids,
        table=Table(columns={"potential": tuple(map(float, potential))}),
        parts=Table(columns={"base": tuple(map(float, potential))}),
        totals={},
    )


def gaps_of(
    count, potential, *, own_minutes=None, rival_minutes=None, params=None, names="abcdefgh"
):
    units = zone_units(zones(count))
    own = [outlet(names[i]) for i in range(len(own_minutes[0]))] if own_minutes else []
    rivals = (
        [outlet(f"k{i}", is_own=False) for i in range(len(rival_minutes[0]))]
        if rival_minutes
        else []
    )
    plan = find_gaps(
        units,
        scored(units, potential),
        travel(own_minutes) if own_minutes else None,
        travel(rival_minutes) if rival_minutes else None,
        own,
        rivals,
        reach_minutes=REACH,
        params=params or GapParams(),
    )
    return units, plan


def test_the_layers_are_kept_apart():
    """z0 at our door, z1 in the second step, z2 out of reach, z3 out of reach but worth nothing."""
    _, plan = gaps_of(
        4,
        [100, 100, 100, 0],
        own_minutes=[[2.0], [8.0], [40.0], [50.0]],
        params=GapParams(underserved_quantile=0, white_space_quantile=0.9),
    )
    cells = plan.cells.columns
    assert cells["coverage"] == pytest.approx((1, 2 / 3, 0, 0))
    assert cells["white_space"] == pytest.approx((0, 100 / 3, 100, 0))
    assert cells["is_coverage_gap"] == (False, False, True, False)
    assert cells["is_underserved"] == (False, True, True, False)
    assert cells["is_white_space"] == (False, False, True, False)
    assert cells["cluster"] == (0, 0, 1, 0)
    assert plan.coverage.numbers("own_percent") == pytest.approx((100 / 3, 200 / 3, 200 / 3))


def test_competitors_press_white_space_down():
    _, plan = gaps_of(2, [100, 100], rival_minutes=[[1.0, 1.0], [99.0, 8.0]])
    assert plan.cells.numbers("white_space") == pytest.approx((100 / 3, 100 / (1 + 2 / 3)))
    assert plan.coverage.numbers("competitor_percent") == pytest.approx((50, 100, 100))
    assert plan.cells.columns["minutes_to_own"] == (None, None)


def test_overlap_and_losses_by_hand():
    """z0 is at the door of both, z1 only of b in the second step."""
    _, plan = gaps_of(2, [90, 30], own_minutes=[[1.0, 2.0], [99.0, 9.0]])
    assert plan.overlap.texts("outlet_a") == ("a",)
    assert plan.overlap.numbers("shared") == pytest.approx((90,))
    assert plan.outlets.numbers("captured") == pytest.approx((90, 20))
    assert plan.outlets.numbers("loss_if_closed") == pytest.approx((0, 20))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_closing_an_outlet_loses_exactly_what_was_said(seed):
    random = np.random.default_rng(seed)
    minutes = random.integers(1, 20, (5, 3)).astype(float)
    potential = random.integers(0, 100, 5)
    _, plan = gaps_of(5, potential, own_minutes=minutes.tolist())
    whole = sum(plan.outlets.numbers("captured"))
    for closed in range(3):
        kept = np.delete(minutes, closed, axis=1).tolist()
        _, without = gaps_of(5, potential, own_minutes=kept)
        lost = whole - sum(without.outlets.numbers("captured"))
        assert plan.outlets.numbers("loss_if_closed")[closed] == pytest.approx(lost)


def test_clusters_are_connected_and_numbered_from_the_richest():
    units = zone_units(zones(6))
    among = np.array([True, True, False, True, False, True])
    worth = np.array([1.0, 2.0, 9.0, 5.0, 9.0, 1.0])
    assert clusters(units.neighbours, among, worth).tolist() == [2, 2, 0, 1, 0, 3]
    assert clusters(units.neighbours, np.zeros(6, dtype=bool), worth).tolist() == [0] * 6


def test_supportable_outlets_follow_what_ours_live_on():
    """Our outlet lives on 100 and catches all its reach; 250 of white space carries two more."""
    _, plan = gaps_of(3, [100, 200, 50], own_minutes=[[1.0], [60.0], [60.0]])
    assert plan.supportable_outlets == 2
    assert "250 a year of white space" in plan.notes[0]
    _, nobody = gaps_of(2, [10, 10])
    assert nobody.supportable_outlets == 0
    assert "No outlet trades here" in nobody.notes[0]


def test_a_market_without_potential_has_no_gaps():
    _, plan = gaps_of(2, [0, 0], own_minutes=[[1.0], [60.0]])
    assert not any(plan.cells.columns["is_white_space"])
    assert not any(plan.cells.columns["is_coverage_gap"])
    assert plan.coverage.numbers("own_percent") == (0, 0, 0)


def test_candidates_stand_at_real_premises_apart_from_each_other():
    units, plan = gaps_of(6, [10, 10, 70, 90, 20, 65], own_minutes=[[1.0]] + [[60.0]] * 5)
    premises = companies([3, 3], name=["<b>Shop</b>", "Far"])
    premises.loc[0, "lat"] = 0.005
    sites = candidate_sites(units, plan, premises, limit=3, minimum_separation_meters=2_000)
    assert [round(site.lon, 3) for site in sites] == [0.035, 0.055, 0.015]
    assert (sites[0].lat, sites[0].name) == (0.005, "Zone 3 (at <b>Shop</b>)")
    assert sites[0].role == "candidate"
    assert "180 a year of white space" in sites[0].reason
    places = np.array([[site.lon, site.lat] for site in sites])
    apart = haversine_meters(places, places) + np.eye(3) * 1e9
    assert apart.min() >= 2_000


def test_a_score_or_matrix_that_does_not_fit_is_refused():
    units = zone_units(zones(2))
    with pytest.raises(ValueError, match="not of these units"):
        find_gaps(
            units, scored(zone_units(zones(3)), [1, 1, 1]), None, None, [], [], reach_minutes=REACH
        )
    with pytest.raises(ValueError, match="does not run"):
        find_gaps(units, scored(units, [1, 1]), None, None, [outlet("a")], [], reach_minutes=REACH)
    with pytest.raises(InputError, match="underserved_quantile"):
        GapParams(underserved_quantile=1.5)
