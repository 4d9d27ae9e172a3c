"""What the judge recomputes for itself: agreement of figures, pieces, reach, networks."""

import math
from dataclasses import replace

import numpy as np
import pytest

from territory.checks import AlignmentFacts, alignment_figures, best_by_enumeration, captured
from territory.checks.figures import owner_positions, pieces
from territory.checks.networks import distance_meters, reach_weights
from territory.checks.routes import clock
from territory.checks.violation import agree, disagreements, exceeds, listed
from territory.outlets import Site
from territory.units import Neighbours
from tests.acceptance import clean_plans


def test_figures_agree_up_to_rounding_and_never_with_nan() -> None:
    assert agree(0.1 + 0.2, 0.3)
    assert agree(1e12, 1e12 + 1)
    assert not agree(100.0, 100.001)
    assert not agree(math.nan, math.nan)
    assert exceeds(math.nan, 5)
    assert exceeds(5.1, 5)
    assert not exceeds(5 + 1e-12, 5)


def test_columns_disagree_where_one_is_infinite_or_nan() -> None:
    stated = np.array([1.0, 5.0, math.inf, math.nan, 2.0])
    found = np.array([1.0, math.inf, math.inf, math.nan, 3.0])
    assert disagreements(stated, found) == [1, 3, 4]


def test_a_long_list_of_names_is_cut() -> None:
    assert listed(["a", "b"]) == "'a', 'b'"
    assert listed([str(number) for number in range(7)], 2) == "'0', '1' and 5 more"


def test_a_clock_shows_the_second() -> None:
    assert [clock(seconds) for seconds in (0, 8 * 3600 + 59, -1)] == [
        "00:00:00",
        "08:00:59",
        "-00:00:01",
    ]


def line(count: int) -> Neighbours:
    """Units 0 - 1 - 2 - ... in a row."""
    rows = [[one for one in (unit - 1, unit + 1) if 0 <= one < count] for unit in range(count)]
    return Neighbours(
        indptr=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32),
        indices=np.array([one for row in rows for one in row], np.int32),
        border_meters=np.full(2 * count - 2, 1000.0),
    )


def test_pieces_of_a_row_of_units() -> None:
    owners = np.array([0, 0, 1, 0, -1, 1], np.int64)
    assert pieces(owners, line(6)) == [[0, 1], [2], [3], [5]]


def test_units_without_outlines_count_as_hexagons() -> None:
    """A hexagon of side a has area 3 sqrt(3) / 2 a^2 and outline 6 a: 4 pi A / P^2 = 0.9069."""
    facts = AlignmentFacts(
        unit_ids=("u",),
        executive_ids=("Ann",),
        neighbours=Neighbours(
            indptr=np.zeros(2, np.int32),
            indices=np.zeros(0, np.int32),
            border_meters=np.zeros(0),
        ),
        xy_meters=np.zeros((1, 2)),
        area_square_meters=np.array([7.0]),
        load_names=("workload",),
        loads=np.array([[3.0]]),
        tolerance_percent=(5.0,),
    )
    figures = alignment_figures(np.array([0], np.int64), facts)
    assert figures.polsby_popper.tolist() == [pytest.approx(math.pi / (2 * math.sqrt(3)))]
    assert (figures.parts, figures.cut_edges, figures.inertia.tolist()) == (1, 0, [0.0])


def test_figures_of_the_hand_made_alignment() -> None:
    facts = clean_plans.alignment_facts()
    owners = owner_positions(clean_plans.alignment_plan().alignment, facts)
    figures = alignment_figures(owners, facts)
    assert figures.loads.tolist() == [[20, 20, 20], [4, 4, 4]]
    assert figures.components.tolist() == [1, 1, 1]
    assert figures.inertia.tolist() == [1, 1, 1]
    assert figures.cut_edges == 4


def test_facts_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        replace(clean_plans.alignment_facts(), loads=np.zeros((2, 5)))
    with pytest.raises(ValueError, match="do not fit"):
        replace(clean_plans.outlet_facts(), demand=np.zeros(3))


@pytest.mark.parametrize(
    ("minutes", "weight"), [(0, 1), (5, 1), (5.01, 2 / 3), (10, 2 / 3), (15, 1 / 3), (15.1, 0)]
)
def test_reach_weights_step_down(minutes: float, weight: float) -> None:
    assert reach_weights(np.array([[minutes]]), (5, 10, 15))[0, 0] == pytest.approx(weight)


def test_out_of_reach_and_unknown_minutes_weigh_nothing() -> None:
    assert reach_weights(np.array([[math.inf, math.nan]]), (5, 10)).tolist() == [[0, 0]]


def test_a_degree_of_the_equator_is_a_hundred_and_eleven_kilometres() -> None:
    one = Site(site_id="a", name="", lon=0.0, lat=0.0, role="own")
    other = replace(one, lon=1.0)
    assert distance_meters(one, other) == pytest.approx(6_371_008.8 * math.pi / 180)
    assert distance_meters(one, one) == 0


def test_networks_captured_and_the_best_of_them() -> None:
    """Old and low catch 160; "far" would add 60 at k3, but it costs more than the budget."""
    facts = clean_plans.outlet_facts()
    assert captured([], facts) == 0
    assert captured([0, 1], facts) == 160
    assert captured([0, 1, 3], facts) == 220
    assert best_by_enumeration(facts) == 230
    assert best_by_enumeration(replace(facts, budget=None, new_sites=2)) == 260
    with pytest.raises(ValueError, match="networks to try"):
        best_by_enumeration(facts, most_networks=4)


def test_an_executive_without_units_is_wholly_off_the_mean() -> None:
    facts = clean_plans.alignment_facts()
    lone = replace(facts, executive_ids=("Ann", "Bo", "Cy", "Di"))
    owners = owner_positions(clean_plans.alignment_plan().alignment, lone)
    figures = alignment_figures(owners, lone)
    assert figures.worst_percent.tolist() == [100, 100]  # Di has nothing
    assert figures.components.tolist() == [1, 1, 1, 0]
