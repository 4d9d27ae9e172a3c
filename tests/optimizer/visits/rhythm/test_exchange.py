"""The exchange of two customers, turn by turn, on plans small enough to read."""

import numpy as np
import pytest

from optimizer.visits.rhythm.board import Board, Rounds, Scratch, make_rounds, make_scratch
from optimizer.visits.rhythm.kernel import load_routes
from optimizer.visits.rhythm.kernel_exchange import change_places, exchange
from optimizer.visits.rhythm.kernel_routes import refresh, take_back
from optimizer.visits.rhythm.kernel_ruin import exchanged
from optimizer.visits.rhythm.walker import make_board
from tests.optimizer.visits.rhythm.test_solve import MON, TUE, problem

LINE = [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0)]


def world(
    patterns: list[tuple[int, ...]], routes: list[list[int]], fleet: int = 1
) -> tuple[Board, Rounds, Scratch]:
    board = make_board(problem(LINE[: len(patterns) + 1], patterns, fleet=fleet))
    rounds, scratch = make_rounds(board), make_scratch(board)
    seq = np.zeros_like(rounds.seq)
    for row, route in enumerate(routes):
        seq[row, 1 : len(route) + 1] = route
    load_routes(board, rounds, scratch, seq, np.array([len(route) for route in routes]))
    return board, rounds, scratch


def stops(rounds: Rounds) -> list[list[int]]:
    return [rounds.seq[row, 1 : size + 1].tolist() for row, size in enumerate(rounds.size)]


def test_each_of_two_takes_the_days_of_the_other_where_it_costs_least() -> None:
    # 1 and 3 on Monday, 2 on Tuesday: 1 and 2 exchange, and 2 lies on the way to 3.
    board, rounds, scratch = world([(MON, TUE)] * 3, [[3, 1], [2]])
    assert change_places(board, rounds, scratch, 1, 2) == 2
    assert sorted(stops(rounds)[0]) == [2, 3]
    assert stops(rounds)[1] == [1]
    assert rounds.length.tolist() == pytest.approx([60, 20])
    assert rounds.load.tolist() == [2, 1]
    assert rounds.route_of[1:].tolist() == [[-1, 1], [0, -1], [0, -1]]


def test_an_exchange_is_taken_back_to_the_very_plan_before() -> None:
    board, rounds, scratch = world([(MON, TUE)] * 3, [[3, 1], [2]])
    before = (stops(rounds), rounds.length.copy(), rounds.edge.copy(), rounds.route_of.copy())
    take_back(board, rounds, scratch, change_places(board, rounds, scratch, 1, 2))
    assert stops(rounds) == before[0]
    assert rounds.length.tolist() == before[1].tolist()
    assert rounds.route_of.tolist() == before[3].tolist()
    for row, size in enumerate(rounds.size):
        assert rounds.edge[row, : size + 1].tolist() == before[2][row, : size + 1].tolist()


def test_two_of_the_same_days_exchange_their_routes_and_stay_where_they_share_one() -> None:
    # Both are seen on both days: on Monday by two vehicles, on Tuesday by one.
    board, rounds, scratch = world([(MON | TUE,)] * 2, [[1], [2], [1, 2], []], fleet=2)
    assert change_places(board, rounds, scratch, 1, 2) == 2
    assert stops(rounds) == [[2], [1], [1, 2], []]


def test_nobody_exchanges_into_days_that_are_not_its_own() -> None:
    board, rounds, scratch = world([(MON, TUE), (MON,)], [[2], [1]])
    random = np.array([12345], dtype=np.uint64)
    assert [exchange(board, rounds, scratch, random) for _ in range(50)] == [0] * 50
    assert stops(rounds) == [[2], [1]]


def test_days_that_cannot_be_exchanged_give_way_to_a_pattern_with_one_for_the_other() -> None:
    random = np.array([7], dtype=np.uint64)
    twice = (0b0101, 0b1010)  # Monday and Wednesday, or Tuesday and Thursday
    asked = problem(LINE[:4], [twice, (0b0101,), (0b0001, 0b0010)], days=4)
    board = make_board(asked)
    assert exchanged(board, 1, 0b0101, 0, 1, random) == 0b1010
    assert exchanged(board, 1, 0b0101, 1, 0, random) == 0b1010
    assert exchanged(board, 1, 0b0101, 0, 2, random) == 0b0101  # it has both
    assert exchanged(board, 2, 0b0101, 0, 1, random) == 0b0101  # it has no other pattern
    assert exchanged(board, 3, 0b0001, 0, 1, random) == 0b0010


def test_sums_after_many_exchanges_are_those_of_the_stops() -> None:
    board, rounds, scratch = world([(MON, TUE)] * 3, [[3], [1], [2], []], fleet=2)
    random = np.array([99], dtype=np.uint64)
    made = 0
    for _ in range(200):
        touched = exchange(board, rounds, scratch, random)
        made += touched > 0
        for row in range(touched):
            scratch.kept_size[scratch.touched[row]] = -1
    assert made == 200
    kept = rounds.length.copy(), rounds.load.copy()
    for row in range(len(rounds.size)):
        refresh(board, rounds, row)
    assert rounds.length.tolist() == pytest.approx(kept[0].tolist(), abs=1e-9)
    assert rounds.load.tolist() == pytest.approx(kept[1].tolist(), abs=1e-9)
    assert sorted(stop for route in stops(rounds) for stop in route) == [1, 2, 3]
