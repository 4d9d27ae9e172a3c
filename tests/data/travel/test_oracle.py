"""Blocks against a plain search in pure Python, written without labels, packing or engines."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.roads import RoadNetwork
from data.travel import EngineName, road_travel
from data.travel.snap import Snapped
from tests.data.travel.worlds import Street, network_of, random_town

Cost = tuple[int, int]
"""Tenths of a second, then decimetres."""


def sides(network: RoadNetwork, snapped: Snapped, place: int) -> list[tuple[int, Cost]]:
    """Arcs a place lies on, with what it costs to drive each up to the place."""
    found = []
    for arc in range(network.arc_count):
        if network.arc_line[arc] != snapped.line[place]:
            continue
        fraction = snapped.fraction[place]
        along = 1 - fraction if network.arc_reversed[arc] else fraction
        tenths, lengths = int(network.deciseconds[arc]), int(network.decimeters[arc])
        found.append((arc, (round(tenths * along), round(lengths * along))))
    return found


def drive(network: RoadNetwork, snapped: Snapped, start: int, end: int) -> Cost | None:
    """Tenths and decimetres of the best drive along roads between two places."""
    goals = dict(sides(network, snapped, end))
    heap: list[tuple[int, int, int, bool]] = []
    best: Cost | None = None
    for arc, (tenths, lengths) in sides(network, snapped, start):
        if arc in goals and goals[arc] >= (tenths, lengths):
            ahead = (goals[arc][0] - tenths, goals[arc][1] - lengths)
            best = min(best or ahead, ahead)
        heapq.heappush(heap, (-tenths, -lengths, arc, True))
    driven = set()
    while heap:
        tenths, lengths, arc, is_first = heapq.heappop(heap)
        if not is_first:
            if arc in driven:
                continue
            driven.add(arc)
            if arc in goals:
                total = (tenths + goals[arc][0], lengths + goals[arc][1])
                best = min(best or total, total)
        tenths += int(network.deciseconds[arc])
        lengths += int(network.decimeters[arc])
        for turn in range(network.turn_first[arc], network.turn_first[arc + 1]):
            cost = tenths + int(network.turn_deciseconds[turn])
            heapq.heappush(heap, (cost, lengths, int(network.turn_arc[turn]), False))
    return best


def check(network: RoadNetwork, points: np.ndarray, engine: EngineName) -> None:
    travel = road_travel(network, engine=engine)
    snapped = travel.snap(points)
    matrix = travel.block(points, points)
    for start in range(len(points)):
        for end in range(len(points)):
            if start == end:
                continue
            best = drive(network, snapped, start, end)
            assert best is not None
            stubs = [start, end]
            tenths = best[0] + int(snapped.stub_deciseconds[stubs].sum())
            lengths = best[1] + int(snapped.stub_decimeters[stubs].sum())
            assert matrix.seconds[start, end] == -(-tenths // 10)
            assert matrix.meters[start, end] == -(-lengths // 10)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10_000))
def test_blocks_are_what_a_plain_search_finds(seed: int) -> None:
    town = random_town(seed, side=4)
    draw = np.random.default_rng(seed)
    low, high = town.lonlat.min(axis=0), town.lonlat.max(axis=0)
    points = np.concatenate([draw.uniform(low, high, size=(6, 2)), town.lonlat[:3]])
    check(town, points, "scipy")


@pytest.mark.parametrize("engine", ["scipy", "dijkstra", "cch"])
def test_several_places_on_one_street_are_what_a_plain_search_finds(engine: EngineName) -> None:
    spots = {0: (0, 0), 1: (3, 0), 2: (3, 3), 3: (0, 3)}
    streets = [
        Street(ends=(0, 1), is_oneway=True),
        Street(ends=(1, 2)),
        Street(ends=(2, 3), is_oneway=True),
        Street(ends=(3, 0), over=((1, 2), (1, 1))),
    ]
    town = network_of(spots, streets)
    draw = np.random.default_rng(1)
    points = draw.uniform(0, 0.003, size=(14, 2))
    points[:5, 1] = 0.0001
    check(town, points, engine)
