"""Sides and joined units: the whole map at any number of threads, nothing lost on the way."""

import numpy as np
import pytest

from optimizer.redraw import RedrawParams, search, solve
from optimizer.redraw.coarse import HEAVIEST, can_join, coarse
from optimizer.redraw.field import arena
from optimizer.redraw.kernel_anneal import anneal_lane, lane_of, tracked
from optimizer.redraw.mend import LUMPY, lumps
from optimizer.redraw.repair import lawful
from optimizer.redraw.search import joining_rounds, sides_for
from optimizer.redraw.sides import sides_of, split
from optimizer.run import Stop
from territory.measures import components
from tests.optimizer.redraw.grids import grid
from tests.optimizer.redraw.worlds import disc, hexagons, judged

CITY = hexagons(disc(12), seed=4)
LARGE = hexagons(disc(26), seed=4)
PEOPLE = "".join(map(chr, range(256, 316)))


def test_a_row_is_split_by_weight_in_the_middle() -> None:
    places = np.array([[float(x), 0.0] for x in range(6)])
    even = split(places, np.ones(6), 2, 0.0)
    assert even.tolist() == [0, 0, 0, 1, 1, 1]
    assert split(places, np.array([5.0, 1, 1, 1, 1, 1]), 2, 0.0).tolist() == [0, 1, 1, 1, 1, 1]


def test_a_square_is_split_into_four_quarters() -> None:
    places = np.array([[x, y] for x in (0.0, 1.0) for y in (0.0, 1.0)])
    assert sorted(split(places, np.ones(4), 4, 0.1).tolist()) == [0, 1, 2, 3]


def test_sides_worked_on_in_any_order_lead_to_the_same_owners_and_true_values() -> None:
    asked = CITY.problem(8)
    ready = arena(asked)
    lane, start = lane_of(ready.field), lawful(np.full(len(CITY.loads.T), -1, np.int32), ready)
    ends = [np.array(pair) for pair in ((0.5, 0.2), (0.1, 0.5), (0.3, 0.1))]
    found = []
    for order in ((0, 1, 2), (2, 0, 1)):
        track = tracked(lane, start.copy())
        draw = np.random.default_rng(5)
        for turn in range(8):
            sides = sides_of(track, lane, 3, draw)
            for number in order:
                rng = np.array([1 + 10 * turn + number], np.uint64)
                anneal_lane(lane, sides[number], rng, 2_000, *ends, 0.95, 0.4)
            track.tick[0] = max(side.tick[0] for side in sides)
            pieces = components(track.owner.astype(np.int64), asked.neighbours, asked.executives)
            assert pieces.tolist() == [1] * 8
        fresh = tracked(lane, track.owner.copy())
        assert track.sums == pytest.approx(fresh.sums, abs=1e-9)
        assert track.tally.tolist() == fresh.tally.tolist()
        assert track.foreign.tolist() == fresh.foreign.tolist()
        found.append(track.owner.tolist())
    assert found[0] == found[1] != start.tolist()


def test_what_lies_across_a_line_waits() -> None:
    """Two jurisdictions a side: nobody's units go to the other side within a step."""
    asked = grid(16, 4, np.ones((2, 64)), "ABCD")
    ready = arena(asked)
    owner = np.array([x // 4 for _ in range(4) for x in range(16)], dtype=np.int32)
    lane = lane_of(ready.field)
    track = tracked(lane, owner)
    sides = sides_of(track, lane, 2, np.random.default_rng(1))
    was = track.side[track.owner]
    hot, cheap = np.array([5.0, 5.0]), np.array([1e-3, 1e-3])
    rng = np.array([3], np.uint64)
    taken = anneal_lane(lane, sides[0], rng, 3_000, hot, cheap, cheap, 0.95, 0.4)
    assert taken > 100
    assert (track.side[track.owner] == was).all()


def test_joined_units_are_in_one_piece_and_hold_what_their_units_hold() -> None:
    ready = arena(CITY.problem(4))
    joined = coarse(ready, 2)
    count = len(joined.problem.unit_ids)
    assert len(CITY.loads.T) / 4 <= count < len(CITY.loads.T) / 2
    pieces = components(joined.group.astype(np.int64), ready.problem.neighbours, count)
    assert pieces.tolist() == [1] * count
    for mine, theirs in zip(joined.problem.loads, ready.problem.loads, strict=True):
        assert mine == pytest.approx(np.bincount(joined.group, theirs))
    tolerances = (ready.field.load * ready.field.scale).max(axis=1)
    several = np.bincount(joined.group)[joined.group] > 1
    loads = np.bincount(joined.group, tolerances)
    assert several.any()
    assert (loads[joined.group[several]] <= 4 * HEAVIEST).all()


def test_borders_of_joined_units_cost_what_they_cost() -> None:
    """Halves of a map: the cut between them is as dear on both maps."""
    ready = arena(grid(8, 4, np.ones((2, 32)), "AB", border_price=2.0))
    joined = coarse(ready, 1)
    crude = arena(joined.problem)
    halves = (crude.problem.xy_meters[:, 0] > crude.problem.xy_meters[:, 0].mean()).astype(int)
    fine = halves[joined.group]
    assert crude.objective(halves).border == pytest.approx(ready.objective(fine).border)


def test_units_of_which_something_is_said_are_not_joined() -> None:
    today = tuple(f"E{1 + unit % 8}" for unit in range(len(CITY.loads.T)))
    assert can_join(CITY.problem(8))
    assert not can_join(CITY.problem(8, before=today, move_price=1.0))


@pytest.fixture(scope="module")
def found() -> tuple[str, ...]:
    """The plan of a map large enough to be searched with joined units."""
    result = solve(LARGE.problem(26), params=RedrawParams(), stop=Stop(iterations=600_000))
    assert result.work.iterations <= 640_000
    return result.plan.alignment.owners


def test_one_thread_finds_what_two_find(found: tuple[str, ...]) -> None:
    problem = LARGE.problem(26)
    assert joining_rounds(arena(problem)) > 0
    again = solve(problem, params=RedrawParams(threads=1), stop=Stop(iterations=600_000))
    assert again.plan.alignment.owners == found
    owners = np.array([problem.executive_ids.index(owner) for owner in found])
    assert components(owners, problem.neighbours, 26).tolist() == [1] * 26


def test_surplus_of_a_whole_region_flows_out_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The middle holds up to three times as much of one load as the rim.

    What neighbours pass on from one to the next serves better than borders settled where they are.
    """
    away = np.hypot(*(LARGE.xy_meters - LARGE.xy_meters.mean(axis=0)).T)
    rich = LARGE.loads[0] * (1 + 2.0 * np.exp(-((away / (0.5 * away.max())) ** 2)))
    uneven = LARGE.with_loads(np.array([rich, LARGE.loads[1]]))
    asked = uneven.problem(26, tolerance_percent=(5.0, 5.0))
    params, beyond = RedrawParams(polish_rounds=0), []
    for far in (search.FAR_EACH, np.inf):
        monkeypatch.setattr(search, "FAR_EACH", far)
        plan = solve(asked, params=params, stop=Stop(iterations=2_000_000)).plan
        assert judged(plan, asked, asked.neighbours) == ()
        beyond.append(max(plan.worst_percent))
    assert beyond[0] < 0.9 * beyond[1]


def test_one_large_unit_among_many_does_not_make_a_map_lumpy() -> None:
    loads = np.ones((2, 16_000))
    loads[:, 0] = 120
    alone = arena(grid(160, 100, loads, PEOPLE[:40]))
    assert (alone.field.load * alone.field.scale).max() > LUMPY > lumps(alone)
    loads[:, :40] = 120
    many = arena(grid(160, 100, loads, PEOPLE[:40]))
    assert lumps(many) > LUMPY


def test_a_large_map_has_more_sides() -> None:
    small = arena(grid(40, 40, np.ones((2, 1600)), PEOPLE))
    assert sides_for(small) == 2
    large = arena(grid(250, 200, np.ones((2, 50_000)), PEOPLE))
    assert sides_for(large) == 4
