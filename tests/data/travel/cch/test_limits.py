"""Weights near the end of the integers, memory near its end, and input that is refused.

0 ---> 1 ---> 2 ---> 3   three arcs in a row, a turn after each but the last
"""

from typing import Any

import numpy as np
import pytest

from data.travel.cch import (
    HierarchyTooLarge,
    build_hierarchy,
    customize,
    forecast_memory_bytes,
    many_to_many,
    path,
)
from tests.data.travel.cch.worlds import NEVER, World, world_of

ROW = World(
    lonlat=np.array([(k * 0.001, 0.0) for k in range(4)]),
    tail=np.array([0, 1, 2], dtype=np.int32),
    head=np.array([1, 2, 3], dtype=np.int32),
    turn_first=np.array([0, 1, 2, 2]),
    turn_arc=np.array([1, 2], dtype=np.int32),
    weight=np.array([5, 7]),
)
FIRST = np.array([0, 1])
START = np.array([0], dtype=np.int32)
ALL = np.arange(3, dtype=np.int32)


def _row(weight: list[int], label: int = 0) -> list[int]:
    hierarchy = ROW.hierarchy()
    metric = customize(hierarchy, np.array(weight))
    found = many_to_many(hierarchy, metric, FIRST, START, np.array([label]), ALL)
    return [int(weight) for weight in found[0]]


def test_weights_add_up_along_the_row_and_none_leads_back() -> None:
    assert _row([5, 7], label=2) == [2, 7, 14]
    hierarchy = ROW.hierarchy()
    metric = customize(hierarchy, ROW.weight)
    last = np.array([2], dtype=np.int32)
    assert many_to_many(hierarchy, metric, FIRST, last, np.array([0]), ALL)[0].tolist() == [
        NEVER,
        NEVER,
        0,
    ]


@pytest.mark.parametrize("huge", [2**60, 2**61, NEVER, 2**63 - 1])
def test_a_turn_beyond_all_weights_is_closed_and_nothing_overflows(huge: int) -> None:
    assert _row([5, huge]) == [0, 5, NEVER]
    assert _row([huge, huge]) == [0, NEVER, NEVER]
    assert _row([5, 7], label=huge) == [NEVER] * 3
    hierarchy = ROW.hierarchy()
    metric = customize(hierarchy, np.array([5, huge]))
    assert not len(path(hierarchy, metric, START, np.array([0]), 2))


def test_large_weights_add_up_exactly() -> None:
    assert _row([2**58 + 1, 2**58 + 2], label=2**57) == [
        2**57,
        2**58 + 1 + 2**57,
        2**59 + 3 + 2**57,
    ]


def test_a_closed_turn_is_driven_round_and_opens_again() -> None:
    lonlat = np.array([(0.0, 0.0), (0.001, 0.0), (0.001, 0.001), (0.0, 0.001)])
    world = world_of(lonlat, [(0, 1), (0, 3), (1, 2), (3, 2), (2, 0)])
    # arcs 0 = 0-1, 1 = 0-3, 2 = 1-2, 3 = 2-0, 4 = 3-2; turns 0-2, 1-4, 2-3, 3-0, 3-1, 4-3
    assert world.turn_arc.tolist() == [2, 4, 3, 0, 1, 3]
    hierarchy = world.hierarchy()
    both = np.array([0, 2]), np.array([0, 1], dtype=np.int32), np.array([0, 0])
    target = np.array([3], dtype=np.int32)
    open_turns = np.array([1, 9, 1, 1, 1, 9])
    closed = np.array([NEVER, 9, 1, 1, 1, 9])
    for weight, expected, states in ((open_turns, 2, [0, 2, 3]), (closed, 18, [1, 4, 3])) * 2:
        metric = customize(hierarchy, weight)
        assert many_to_many(hierarchy, metric, *both, target).tolist() == [[expected]]
        assert path(hierarchy, metric, both[1], both[2], 3).tolist() == states


def test_out_is_filled_where_it_stands() -> None:
    hierarchy = ROW.hierarchy()
    metric = customize(hierarchy, ROW.weight)
    whole = np.full((3, 3), -1, dtype=np.int64)
    many_to_many(hierarchy, metric, FIRST, START, np.array([0]), ALL, out=whole[1:2])
    assert whole.tolist() == [[-1] * 3, [0, 5, 12], [-1] * 3]
    wrong_ones: list[Any] = [whole, whole[1:2].astype(np.int32), whole.T[1:2]]
    for wrong in wrong_ones:
        with pytest.raises(ValueError, match="1 x 3 int64"):
            many_to_many(hierarchy, metric, FIRST, START, np.array([0]), ALL, out=wrong)


def test_a_network_beyond_memory_is_refused_with_numbers() -> None:
    with pytest.raises(HierarchyTooLarge, match="shortcuts; memory allows 0"):
        ROW.hierarchy(memory_limit_bytes=1)
    side = 40
    lonlat = np.array([(x * 0.001, y * 0.001) for y in range(side) for x in range(side)])
    east = [(k, k + 1) for k in range(side * side) if (k + 1) % side]
    north = [(k, k + side) for k in range(side * (side - 1))]
    grid = world_of(lonlat, east + north + [(b, a) for a, b in east + north])
    states, turns = grid.arc_count, len(grid.turn_arc)
    hierarchy = grid.hierarchy()
    needed = forecast_memory_bytes(states=states, turns=turns, shortcuts=hierarchy.arc_count // 2)
    with pytest.raises(HierarchyTooLarge, match="Search it by Dijkstra"):
        grid.hierarchy(memory_limit_bytes=needed)


def test_weights_that_do_not_fit_are_refused() -> None:
    hierarchy = ROW.hierarchy()
    with pytest.raises(ValueError, match="3 weights for 2 turns"):
        customize(hierarchy, np.array([1, 2, 3]))
    with pytest.raises(ValueError, match="more than nothing"):
        customize(hierarchy, np.array([1, 0]))


def test_nodes_without_arcs_and_arcs_without_turns_do_no_harm() -> None:
    hierarchy = build_hierarchy(
        lonlat=np.zeros((5, 2)),
        tail=np.array([3], dtype=np.int32),
        head=np.array([1], dtype=np.int32),
        turn_first=np.array([0, 0]),
        turn_arc=np.empty(0, dtype=np.int32),
    )
    metric = customize(hierarchy, np.empty(0, dtype=np.int64))
    only = np.array([0, 0], dtype=np.int32)
    found = many_to_many(hierarchy, metric, FIRST, START, np.array([4]), only)
    assert found.tolist() == [[4, 4]]
