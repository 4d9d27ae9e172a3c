"""The hierarchy answers what plain Dijkstra answers, on every kind of small world."""

import numpy as np
import pytest

from data.travel.cch import Hierarchy, build_hierarchy, customize, many_to_many, path
from tests.data.travel.cch.worlds import (
    NEVER,
    World,
    path_weight,
    plain_answer,
    random_question,
    random_world,
    world_of,
)

SEEDS = range(0, 240, 8)


@pytest.mark.parametrize("block", SEEDS)
def test_matrices_and_paths_are_those_of_plain_dijkstra(block: int) -> None:
    for seed in range(block, block + 8):
        world = random_world(seed)
        question = random_question(world.arc_count, sources=20, targets=9, seed=seed)
        hierarchy = world.hierarchy()
        metric = customize(hierarchy, world.weight)
        found = many_to_many(hierarchy, metric, *question.arguments, question.targets)
        assert (found == plain_answer(world, question)).all(), seed
        for row in range(9):
            labels = slice(int(question.first[row]), int(question.first[row + 1]))
            starts, costs = question.state[labels], question.weight[labels]
            target = int(question.targets[row])
            states = path(hierarchy, metric, starts, costs, target)
            if found[row, row] == NEVER:
                assert not len(states)
                continue
            assert states[-1] == target
            start_cost = int(costs[starts == states[0]].min())
            assert start_cost + path_weight(world, states) == found[row, row]


def test_the_worlds_hold_what_they_should() -> None:
    worlds = [random_world(seed) for seed in range(240)]
    assert any(world.arc_count == 1 for world in worlds)
    assert any(not len(world.turn_arc) for world in worlds)
    assert any(len(np.unique(world.weight)) < len(world.weight) / 2 for world in worlds)
    assert any((world.tail == world.head).any() for world in worlds)
    pairs = [set(zip(world.tail.tolist(), world.head.tolist(), strict=True)) for world in worlds]
    assert any(len(ends) < world.arc_count for ends, world in zip(pairs, worlds, strict=True))


@pytest.fixture(scope="module")
def ladder() -> World:
    """Two rails of 60 nodes with a rung at each; the lower rail is one-way eastwards."""
    lonlat = np.array([(x * 0.001, y * 0.001) for y in (0, 1) for x in range(60)])
    east = [(k, k + 1) for k in range(59)]
    top = [(60 + k, 61 + k) for k in range(59)]
    rungs = [(k, 60 + k) for k in range(60)]
    back = [(b, a) for a, b in top + rungs]
    return world_of(lonlat, east + top + rungs + back, seed=4)


@pytest.fixture(scope="module")
def ladder_hierarchy(ladder: World) -> Hierarchy:
    return ladder.hierarchy()


def test_a_new_metric_answers_as_a_fresh_hierarchy_would(
    ladder: World, ladder_hierarchy: Hierarchy
) -> None:
    question = random_question(ladder.arc_count, sources=40, targets=50, seed=1)
    fresh = ladder.hierarchy()
    for factor in (1, 3):
        weight = ladder.weight * factor + factor
        again = customize(ladder_hierarchy, weight)
        found = many_to_many(ladder_hierarchy, again, *question.arguments, question.targets)
        anew = many_to_many(fresh, customize(fresh, weight), *question.arguments, question.targets)
        assert (found == anew).all()


def test_any_number_of_threads_gives_the_same_hierarchy_metric_and_matrix(ladder: World) -> None:
    question = random_question(ladder.arc_count, sources=100, targets=30, seed=2)
    one, two = ladder.hierarchy(threads=1), ladder.hierarchy(threads=2)
    for name, array in one.arrays().items():
        assert (array == two.arrays()[name]).all(), name
    metric = customize(one, ladder.weight, threads=1)
    other = customize(two, ladder.weight, threads=2)
    assert (metric.up_weight == other.up_weight).all()
    assert (metric.down_weight == other.down_weight).all()
    answers = [
        many_to_many(one, metric, *question.arguments, question.targets, threads=threads)
        for threads in (1, 2, 3)
    ]
    assert (answers[0] == answers[1]).all()
    assert (answers[0] == answers[2]).all()


def test_renumbering_nodes_and_arcs_changes_nothing(ladder: World) -> None:
    draw = np.random.default_rng(3)
    new_node = draw.permutation(len(ladder.lonlat))
    old_arc = draw.permutation(ladder.arc_count)
    new_arc = np.argsort(old_arc)
    before = np.repeat(np.arange(ladder.arc_count), np.diff(ladder.turn_first))
    order = np.argsort(new_arc[before], kind="stable")
    counts = np.diff(ladder.turn_first)[old_arc]
    lonlat = np.empty_like(ladder.lonlat)
    lonlat[new_node] = ladder.lonlat
    other = World(
        lonlat=lonlat,
        tail=new_node[ladder.tail[old_arc]].astype(np.int32),
        head=new_node[ladder.head[old_arc]].astype(np.int32),
        turn_first=np.concatenate([[0], np.cumsum(counts)]),
        turn_arc=new_arc[ladder.turn_arc[order]].astype(np.int32),
        weight=ladder.weight[order],
    )
    question = random_question(ladder.arc_count, sources=30, targets=40, seed=5)
    hierarchy, renumbered = ladder.hierarchy(), other.hierarchy()
    found = many_to_many(
        hierarchy, customize(hierarchy, ladder.weight), *question.arguments, question.targets
    )
    again = many_to_many(
        renumbered,
        customize(renumbered, other.weight),
        question.first,
        new_arc[question.state].astype(np.int32),
        question.weight,
        new_arc[question.targets].astype(np.int32),
    )
    assert (found == again).all()


def test_a_hierarchy_is_the_same_after_a_round_trip_through_its_arrays(
    ladder: World, ladder_hierarchy: Hierarchy
) -> None:
    question = random_question(ladder.arc_count, sources=10, targets=10, seed=6)
    again = Hierarchy.from_arrays(ladder_hierarchy.arrays())
    answers = [
        many_to_many(
            hierarchy, customize(hierarchy, ladder.weight), *question.arguments, question.targets
        )
        for hierarchy in (ladder_hierarchy, again)
    ]
    assert (answers[0] == answers[1]).all()


def test_an_empty_graph_and_empty_questions_give_empty_answers(
    ladder: World, ladder_hierarchy: Hierarchy
) -> None:
    none = np.empty(0, dtype=np.int32)
    empty = build_hierarchy(
        lonlat=np.empty((0, 2)), tail=none, head=none, turn_first=np.zeros(1, int), turn_arc=none
    )
    metric = customize(empty, np.empty(0, dtype=np.int64))
    nothing = np.zeros(1, dtype=np.int64), none, np.empty(0, dtype=np.int64)
    assert many_to_many(empty, metric, *nothing, none).shape == (0, 0)
    metric = customize(ladder_hierarchy, ladder.weight)
    targets = np.arange(3, dtype=np.int32)
    assert many_to_many(ladder_hierarchy, metric, *nothing, targets).shape == (0, 3)
    unlabelled = np.zeros(3, dtype=np.int64), none, np.empty(0, dtype=np.int64)
    found = many_to_many(ladder_hierarchy, metric, *unlabelled, targets)
    assert (found == NEVER).all()
    assert found.shape == (2, 3)
