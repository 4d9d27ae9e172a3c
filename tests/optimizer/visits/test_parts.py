"""Parts of a problem hold whole executives, and solved apart they give the plan of the whole."""

from dataclasses import replace

import pytest

from optimizer.visits import VisitParams, make_problems, merge, solve, split
from territory.geo import LonLat
from territory.routes import Unserved
from territory.travel import TravelMatrix
from tests.optimizer.visits.worlds import city, need, problem, shift

GONE = Unserved(
    visit_id="X#1", account_id="X", executive_id="", reason="no_coordinates", detail="", value=3.0
)


def test_parts_share_the_needs_evenly_and_forget_nobody() -> None:
    world = replace(city(executives=4, weeks=1, accounts=10), unserved=(GONE,))
    parts = split(world, 2)
    assert sum(len(part.needs) for part in parts) == len(world.needs)
    assert sum(len(part.shifts) for part in parts) == len(world.shifts)
    assert {who for part in parts for who in part.executive_ids} == set(world.executive_ids)
    assert max(len(part.executive_ids) for part in parts) == 2
    assert [len(part.unserved) for part in parts] == [1, 0]


def test_more_parts_than_executives_are_not_made() -> None:
    assert len(split(problem([need("A", 1, 0)], [shift()]), 5)) == 1
    assert len(split(problem([], []), 2)) == 1


def test_a_part_keeps_its_penalties_and_its_travel() -> None:
    cheap = need("A", 1, 0, value=10.0)
    dear = need("B", 2, 0, value=25.0, executive_id="E2")
    world = problem([cheap, dear], [shift(), shift(executive_id="E2")])
    second = next(part for part in split(world, 2) if part.executive_ids == ("E2",))
    assert second.penalty_seconds.tolist() == [216_000]  # 2.5 days, though it stands alone
    assert second.travel.seconds.tolist() == [[0, 2000], [2000, 0]]


@pytest.mark.parametrize("engine", ["auto", "ruin"])
def test_solved_apart_and_merged_it_is_the_plan_of_the_whole(engine: str) -> None:
    world = replace(city(executives=3, weeks=2, accounts=14), unserved=(GONE,))
    params = VisitParams(engine=engine, iterations_per_visit=20, routing_solutions=30)  # type: ignore[arg-type]
    whole = solve(world, params=params)
    merged = merge([solve(part, params=params) for part in split(world, 2)])
    assert merged.plan.routes == whole.plan.routes
    assert merged.plan.unserved == whole.plan.unserved
    assert merged.cost == whole.cost
    assert merged.plan.travel_seconds == whole.plan.travel_seconds
    assert merged.plan.value_kept == pytest.approx(whole.plan.value_kept)
    assert merged.work.iterations == whole.work.iterations


def test_groups_made_without_a_matrix_over_all_are_the_parts_of_the_whole() -> None:
    world = replace(city(executives=3, weeks=1, accounts=8), unserved=(GONE,))
    row = {
        (float(lon), float(lat)): number for number, (lon, lat) in enumerate(world.points.lonlat)
    }
    asked: list[int] = []

    def block(points: LonLat) -> TravelMatrix:
        rows = [row[float(lon), float(lat)] for lon, lat in points]
        asked.append(len(rows))
        return world.travel.take(rows, rows)

    made = make_problems(
        world.needs,
        world.shifts,
        parts=3,
        block=block,
        first_date=world.first_date,
        last_date=world.last_date,
        unserved=world.unserved,
    )
    params = VisitParams(engine="ruin", iterations_per_visit=20)
    merged = merge([solve(part, params=params) for part in made])
    whole = solve(world, params=params)
    assert max(asked) < len(world.points.lonlat)
    assert merged.cost == whole.cost
    assert merged.plan.unserved == whole.plan.unserved
