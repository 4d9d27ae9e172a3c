"""Islands: who sits where, and when a ferry is needed."""

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, solve
from optimizer.redraw.islands import joined, parts
from tests.optimizer.redraw.worlds import World, disc, hexagons, judged, pieces_of

WEST, EAST = disc(2), disc(2, at=(8, 0))  # 19 cells each, no border between them


def islands(*groups: list[tuple[int, int]]) -> World:
    """Discs that do not touch, with 1 of each load in every cell."""
    world = hexagons([cell for group in groups for cell in group])
    return world.with_loads(np.ones((2, len(world.unit_ids))))


def test_equal_islands_need_no_ferry_and_share_the_seats() -> None:
    problem = islands(WEST, EAST).problem(4)
    assert (problem.links, problem.notes) == ((), ())
    assert problem.seating.seats == (2, 2)


def test_seats_follow_the_loads() -> None:
    small = disc(1, at=(8, 0))  # 7 of 26 cells: about 1 of 4
    problem = islands(WEST, small).problem(4)
    part = problem.seating.part
    assert problem.seating.seats[part[0]] == 3
    assert sum(problem.seating.seats) == 4
    assert problem.links == ()


def test_an_island_too_light_for_anybody_gets_a_ferry_and_a_note_with_numbers() -> None:
    rock = [(4, 0)]  # 1 of 20 cells for 2: worth 0.10 jurisdictions
    problem = islands(WEST, rock).problem(2)
    assert len(problem.links) == 1
    ((one, other),) = problem.links
    ids = problem.unit_ids
    assert f"joins unit {ids[one]} to unit {ids[other]}" in problem.notes[0]
    assert (
        "An island of 1 unit is worth 0.10 jurisdictions in sales and 0.10 in workload"
        in problem.notes[0]
    )
    # the ferry goes to the nearest cell of the disc, (2, 0), two cells away
    assert np.linalg.norm(problem.xy_meters[one] - problem.xy_meters[other]) == pytest.approx(
        2000 * np.sqrt(3)
    )


def test_two_islands_of_one_executive_and_a_half_are_joined() -> None:
    problem = islands(WEST, EAST).problem(3)
    assert len(problem.links) == 1
    assert problem.seating.seats == (3,)


def test_a_chain_of_rocks_is_joined_until_somebody_can_live_there() -> None:
    rocks = [[(6 + 3 * number, 0)] for number in range(5)]
    problem = islands(WEST, *rocks).problem(2)
    assert len(problem.links) == len(problem.notes) == 5
    assert set(problem.seating.part.tolist()) == {0}


def test_locked_units_of_one_executive_on_two_islands_join_these() -> None:
    world = islands(WEST, EAST)
    today = ("E1",) * 18 + ("E2",) * 19 + ("E1",)
    locked = (world.unit_ids[0], world.unit_ids[-1])
    problem = world.problem(2, before=today, locked_units=locked)
    assert len(problem.links) == 1


def test_joining_adds_both_directions_without_a_border_and_keeps_the_rest() -> None:
    world = islands(WEST, EAST)
    before = world.neighbours
    after = joined(before, [(0, 37)])
    assert 37 in after.of(0)
    assert 0 in after.of(37)
    assert len(after.indices) == len(before.indices) + 2
    assert after.border_meters.sum() == before.border_meters.sum()
    assert len(set(parts(before).tolist())) == 2
    assert len(set(parts(after).tolist())) == 1


@pytest.mark.parametrize("executives", [3, 4])
def test_a_plan_over_islands_is_in_one_piece_each_by_its_ferries(executives: int) -> None:
    world = islands(WEST, EAST)
    problem = world.problem(executives, tolerance_percent=(15.0, 15.0))
    result = solve(problem, params=RedrawParams(proposals_per_unit=200))
    assert pieces_of(result.plan, problem) == [1] * executives
    assert judged(result.plan, problem, world.neighbours) == ()
    assert result.plan.notes[: len(problem.notes)] == problem.notes
    assert bool(problem.links) == (executives == 3)
