"""The travel benchmark: every kind of work runs small and is judged by plain Dijkstra."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.frame import BenchArgs, Run
from benchmarks.million import generated_network
from benchmarks.travel import runs
from benchmarks.travel.cities import places_of
from benchmarks.travel.generated import ready_and_matrix
from benchmarks.travel.judge import StateJudge, TravelJudge
from benchmarks.turn_reference import TurnReference
from data.roads import RoadNetwork, read_network
from data.roads.extracts import helsinki_pbf
from data.travel import RoadTravel, road_travel
from data.travel.cch import HierarchyTooLarge
from territory.errors import InputError

SMALL = {"n": "30", "stream": "40", "sources": "50", "targets": "60", "routes": "5", "reaches": "1"}


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return read_network(helsinki_pbf(), "car")


@pytest.fixture(scope="module")
def travel(network: RoadNetwork) -> RoadTravel:
    return road_travel(network, engine="scipy")


@pytest.fixture(scope="module")
def rows() -> list[Run]:
    args = BenchArgs(
        bench="travel",
        set_folder=helsinki_pbf().parent,
        names=("Helsinki",),
        params=SMALL,
        with_peers=False,
    )
    return list(runs(args))


def test_every_kind_of_work_is_measured_and_none_is_wrong(rows: list[Run]) -> None:
    assert [row.work.removeprefix("Helsinki ") for row in rows] == [
        "build",
        "start again",
        "30x30",
        "40x40 in blocks",
        "50 to 40 nearest",
        "route with line and names",
        "15-minute reach",
        "re-weight",
    ]
    assert all(row.violations == 0 and row.wall_seconds > 0 for row in rows)
    assert all(row.peak_mb > 0 for row in rows)


def test_a_row_says_where_its_time_goes(rows: list[Run]) -> None:
    said = {row.work.removeprefix("Helsinki "): row.extra for row in rows}
    assert {"read_seconds", "hierarchy_seconds", "fill_seconds"} <= set(said["build"])
    assert {"snap_seconds", "search_seconds", "rest_seconds", "table_mb"} <= set(said["30x30"])
    assert said["40x40 in blocks"]["pairs_with_a_way"] == 1600
    assert {"snap_ms", "path_ms"} <= set(said["route with line and names"])


def test_peers_on_the_same_graph_agree_with_the_judge() -> None:
    args = BenchArgs(
        bench="travel",
        set_folder=helsinki_pbf().parent,
        names=("Helsinki",),
        params={"n": "20", "work": "matrix"},
    )
    found = {row.engine: row for row in runs(args)}
    assert {"fieldwright", "scipy", "networkx"} <= set(found)
    assert all(row.violations == 0 for row in found.values())
    assert found["networkx"].extra["scaled_from_sources"] == 2


def test_an_unknown_kind_of_work_is_refused() -> None:
    with pytest.raises(InputError, match="'flying'"):
        list(runs(BenchArgs(bench="travel", params={"work": "matrix+flying"})))


def test_the_judge_counts_every_wrong_second_and_metre(travel: RoadTravel) -> None:
    places = places_of(travel.network, 40, seed=1)
    judge = TravelJudge(travel, places)
    matrix = travel.block(places, places)
    assert judge.wrong(matrix) == 0
    row = int(judge.rows[0])
    column, other = np.flatnonzero(judge.is_judged[0])[:2].tolist()
    seconds, meters = matrix.seconds.copy(), matrix.meters.copy()
    seconds[row, column] += 1
    meters[row, column] += 1
    meters[row, other] -= 1
    assert judge.wrong(replace(matrix, seconds=seconds, meters=meters)) == 3


def test_the_judge_of_peers_counts_every_tenth(network: RoadNetwork) -> None:
    states = np.arange(0, network.arc_count, 60)
    reference = TurnReference(network)
    judge = StateJudge(reference, states)
    seconds = reference.weights(states, states) / 10
    assert judge.wrong(seconds) == 0
    seconds[0, 3] += 0.1
    seconds[0, 4] = np.inf
    assert judge.wrong(seconds) == 2
    assert judge.wrong(seconds[:0]) == 0


def test_the_reference_weighs_metres_as_part_of_the_fastest_way(network: RoadNetwork) -> None:
    states = np.arange(0, network.arc_count, 100)
    plain = TurnReference(network).weights(states, states)
    packed = TurnReference(network, with_meters=True).weights(states, states)
    is_reached = np.isfinite(plain)
    assert (np.isfinite(packed) == is_reached).all()
    assert (packed[is_reached] // 2**28 == plain[is_reached]).all()


def test_a_generated_network_is_made_ready_and_judged() -> None:
    made, (_, wrong, told), threads = ready_and_matrix("towns", 2_000, 25, 1)
    assert made.facts["nodes"] == generated_network(2_000).node_count
    assert wrong == 0
    assert told["judged_sources"] == 3
    assert threads >= 1


def test_a_network_too_large_for_a_hierarchy_is_searched_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_travel: RoadTravel) -> None:
        raise HierarchyTooLarge("It is too large.")

    monkeypatch.setattr(RoadTravel, "hierarchy", refuse)
    made, (_, wrong, told), _ = ready_and_matrix("grid", 400, 10, 1)
    assert made.facts["searched_by_dijkstra"] == "It is too large."
    assert wrong == 0
    assert "search_seconds" not in told
