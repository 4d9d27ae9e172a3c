"""Executives planned with a matrix each have the plan they have with one matrix over all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from optimizer.run import Report, Stop
from optimizer.visits import VisitParams, VisitProblem, make_problems, solve
from optimizer.visits.executive import Outcome, Task
from territory.errors import InputError
from territory.geo import LonLat
from territory.routes import Unserved, VisitPlan
from territory.travel import TravelMatrix
from tests.optimizer.visits.worlds import MONDAY, city, days, need, plane, problem, shift

GONE = Unserved(
    visit_id="X#1", account_id="X", executive_id="", reason="no_coordinates", detail="", value=3.0
)
QUICK = VisitParams(engine="ruin", iterations_per_visit=20)


def apart(world: VisitProblem) -> list[VisitProblem]:
    return list(
        make_problems(
            world.needs,
            world.shifts,
            block=plane,
            first_date=world.first_date,
            last_date=world.last_date,
            unserved=world.unserved,
        )
    )


@pytest.fixture(scope="module")
def three() -> VisitProblem:
    """Three executives, one week, and a need that was given up before."""
    return replace(city(executives=3, weeks=1, accounts=8), unserved=(GONE,))


@pytest.mark.parametrize("engine", ["auto", "ruin", "ruin-first"])
def test_planned_with_a_matrix_each_it_is_the_plan_of_the_whole(
    three: VisitProblem, engine: str
) -> None:
    params = VisitParams(engine=engine, iterations_per_visit=20, routing_solutions=30)  # type: ignore[arg-type]
    whole, found = solve(three, params=params), solve(apart(three), params=params)
    assert found.plan == whole.plan
    assert found.cost == whole.cost
    assert found.work.iterations == whole.work.iterations
    assert GONE in found.plan.unserved


def test_a_matrix_is_asked_for_one_executive_at_a_time(three: VisitProblem) -> None:
    asked: list[int] = []

    def block(points: LonLat) -> TravelMatrix:
        asked.append(len(points))
        return plane(points)

    made = make_problems(
        three.needs, three.shifts, block=block, first_date=MONDAY, last_date=days(7)[-1]
    )
    assert [one.executive_ids for one in made] == [("E00",), ("E01",), ("E02",)]
    assert len(asked) == 3
    assert sum(asked) == len(three.points.lonlat)


def test_what_a_visit_costs_left_out_is_by_its_value_among_all() -> None:
    cheap = need("A", 1, 0, value=10.0)
    dear = need("B", 2, 0, value=25.0, executive_id="E2")
    _, second = apart(problem([cheap, dear], [shift(), shift(executive_id="E2")]))
    assert second.penalty_seconds.tolist() == [216_000]  # 2.5 days, though it stands alone


def test_a_series_of_two_executives_is_refused_though_they_are_planned_apart() -> None:
    one = need("A#1", 1, 0, series="A")
    other = need("A#2", 1, 0, series="A", executive_id="E2")
    with pytest.raises(InputError, match="1 fault"):
        list(make_problems([one, other], [], block=plane, first_date=MONDAY, last_date=MONDAY))
    twice = [need("A", 1, 0), need("A", 1, 0, executive_id="E3")]
    with pytest.raises(InputError, match="1 fault"):
        list(make_problems(twice, [], block=plane, first_date=MONDAY, last_date=MONDAY))


def test_nobody_to_plan_is_a_plan_of_nothing() -> None:
    (empty,) = apart(problem([], []))
    assert solve([empty]).plan.routes == ()


@dataclass
class Backwards:
    """Plans tasks here, the last first, and stops somebody's clock on the way."""

    stop: Stop
    tasks: int = 0
    cancel_after: int = 99
    workers: int = 4

    def __call__(
        self, work: Callable[[Task], Outcome], tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Outcome] | None]:
        for place in reversed(range(len(tasks))):
            if self.tasks == self.cancel_after:
                self.stop.cancel.set()
            yield None
            self.tasks += 1
            yield place, work(tasks[place])


def test_spread_over_others_it_is_the_same_plan_in_any_order(three: VisitProblem) -> None:
    spread = Backwards(stop=Stop())
    assert solve(apart(three), params=QUICK, spread=spread).plan == solve(three, params=QUICK).plan
    assert spread.tasks == 3


def test_cancelled_while_others_plan_it_keeps_what_came_and_the_first_plans_of_the_rest(
    three: VisitProblem,
) -> None:
    stop = Stop()
    spread = Backwards(stop=stop, cancel_after=1)
    found = solve(apart(three), params=QUICK, stop=stop, spread=spread)
    assert spread.tasks == 1
    assert found.work.stopped_by == "cancelled"
    assert {route.executive_id for route in found.plan.routes} == {"E00", "E01", "E02"}
    best = set(solve(three, params=QUICK).plan.routes)
    kept = {route.executive_id for route in found.plan.routes if route in best}
    assert len(kept) == 1


def test_whole_plans_are_told_first_and_last_and_never_dearer_on_the_way(
    three: VisitProblem,
) -> None:
    heard: list[Report[VisitPlan]] = []
    found = solve(apart(three), params=QUICK, progress=heard.append)
    assert [round(one.fraction, 3) for one in heard] == [0.0, 0.333, 0.667, 1.0]
    assert heard[0].best is not None
    assert heard[-1].best is not None
    assert heard[-1].objective == found.objective
    costs = [one.objective for one in heard if one.objective is not None]
    assert costs == sorted(costs, reverse=True)


def test_visits_that_half_the_turns_leave_out_get_the_other_half_and_or_tools() -> None:
    full = problem([need(f"A{k:02d}", 0.1 * k, 0.2, value=100.0 + k) for k in range(24)], [shift()])
    found = solve(full, params=VisitParams(engine="ruin-first", routing_solutions=20))
    light = solve(
        problem([need(f"A{k}", 0.1 * k, 0.2) for k in range(9)], [shift()]),
        params=VisitParams(engine="ruin-first", routing_solutions=20),
    )
    assert found.plan.unserved
    assert found.work.iterations == 24 * 200
    assert light.plan.unserved == ()
    assert light.work.iterations == 1_000
