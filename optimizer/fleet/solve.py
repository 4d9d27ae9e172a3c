"""Solves fleet problems: independent searches side by side, the best of them, with reasons."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimizer.fleet.arrays import Fleet, make_arrays
from optimizer.fleet.timing import time_route
from optimizer.run import Result, Stop
from territory.fleet import FleetPlan, FleetProblem, FleetRoute
from territory.plans import StoppedBy, WorkDone

if TYPE_CHECKING:
    from optimizer.fleet.clock import Routes

CHUNK_TURNS = 200
SOFT_PART = 0.7  # part of the search in which a task left out has a price, not a rank
SOFT_LEGS = 4.0
LEAST_TURNS = 1_000
TURNS_PER_TASK = (10, 20, 40, 80, 160, 320)
"""By exploration level, 0 to 5."""

Tours = tuple[tuple[int, ...], ...]
"""The tasks of every vehicle, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetParams:
    """How to search. Temperatures are parts of the mean cost of a leg; a thread is a search."""

    seed: int = 1
    exploration: int = 5
    threads: int = 1
    start_temperature: float = 1.0
    end_temperature: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.exploration < len(TURNS_PER_TASK) or self.threads < 1:
            raise ValueError("exploration is 0 to 5, threads 1 or more")


def solve_fleet(
    problem: FleetProblem, *, params: FleetParams | None = None, stop: Stop | None = None
) -> Result[FleetPlan]:
    """The best routes found; every task is on one or left out with a reason.

    The same seed, exploration, threads and ``Stop.iterations`` (turns of each search) give the same
    plan unless the clock cuts the search short. ``Result.cost`` is the routes' cost; there is no
    bound.
    """
    from optimizer.fleet.reasons import explain_left_out

    params, stop = params or FleetParams(), stop or Stop()
    stop.restart()
    fleet = make_arrays(problem)
    tours, work = _best_tours(problem, fleet, params, stop)
    routes = [
        _timed(problem, vehicle, tasks) for vehicle, tasks in enumerate(tours) if len(tasks) > 0
    ]
    plan = FleetPlan(routes=tuple(routes), unserved=tuple(explain_left_out(problem, fleet, tours)))
    cost = float(sum(route.cost for route in routes))
    return Result(plan=plan, objective=cost, cost={"routes": cost}, bound=None, work=work)


def _timed(problem: FleetProblem, vehicle: int, tasks: Sequence[int]) -> FleetRoute:
    route = time_route(problem, vehicle, tasks)
    if route is None:
        raise AssertionError(f"vehicle {vehicle} holds tasks that do not fit in time")
    return route


def _best_tours(
    problem: FleetProblem, fleet: Fleet, params: FleetParams, stop: Stop
) -> tuple[Tours, WorkDone]:
    if not problem.tasks or not problem.vehicles:
        return ((),) * len(problem.vehicles), WorkDone(stopped_by="finished")
    searches = [
        _Search(problem, fleet, replace(params, seed=params.seed * 1_000 + number))
        for number in range(params.threads)
    ]
    if params.threads == 1:
        words = [searches[0].run(stop)]
    else:
        with ThreadPoolExecutor(params.threads) as pool:
            words = list(pool.map(lambda search: search.run(stop), searches))
    best = min(searches, key=lambda search: search.objective)
    cut_short = next((word for word in words if word != "work"), None)
    return best.tours, WorkDone(
        stopped_by=cut_short or "work",
        iterations=sum(search.turns for search in searches),
        wall_seconds=stop.elapsed_seconds,
    )


class _Search:
    """One search with a random stream of its own."""

    def __init__(self, problem: FleetProblem, fleet: Fleet, params: FleetParams) -> None:
        self.fleet = fleet
        self.params = params
        self.turns = 0
        self.random = np.array([params.seed * 2_654_435_761 + 88_172_645_463_325_252], np.uint64)
        legs = fleet.leg_cost[:, fleet.place][:, :, fleet.place]
        known = legs[legs < (1 << 40)]
        self.leg = max(1.0, float(known.mean())) if known.size else 1.0
        self.routes = _begin(problem, fleet)
        self.best_stop = self.routes.stop.copy()
        self.best_size = self.routes.size.copy()
        self.best = np.array([1 << 60, 1 << 60], dtype=np.int64)
        tasks = len(fleet.place)
        self.wanted = max(LEAST_TURNS, TURNS_PER_TASK[params.exploration] * tasks)

    @property
    def objective(self) -> tuple[int, int, int]:
        """Worth lost, then cost, then the seed."""
        return int(self.best[0]), int(self.best[1]), self.params.seed

    @property
    def tours(self) -> Tours:
        """The best routes so far."""
        return tuple(
            tuple(int(task) for task in self.best_stop[v, 1 : size + 1])
            for v, size in enumerate(self.best_size)
        )

    def run(self, stop: Stop) -> StoppedBy:
        """Search until the work is done or somebody says stop; at least one chunk."""
        from optimizer.fleet.kernel import search

        wanted = stop.iterations or self.wanted
        spent, why = 0.0, None
        while spent < 1.0:
            step = min(CHUNK_TURNS, wanted - self.turns)
            after = min(1.0, spent + step / wanted)
            search(
                self.fleet,
                self.routes,
                self.best_stop,
                self.best_size,
                self.best,
                step,
                self._heat(spent),
                self._heat(after),
                self._price(spent),
                self.random,
            )
            self.turns += step
            spent = self.turns / wanted
            if stop.seconds is not None:
                spent = max(spent, stop.elapsed_seconds / stop.seconds)
            why = stop.now()
            if why is not None:
                return why
        return "work" if self.turns >= wanted else "clock"

    def _heat(self, spent: float) -> float:
        hot, cold = self.params.start_temperature, self.params.end_temperature
        return self.leg * hot * float((cold / hot) ** spent)

    def _price(self, spent: float) -> NDArray[np.float64]:
        """What each task left out costs: first a few legs, at last more than any plan."""
        worth = self.fleet.worth.astype(np.float64)
        soft = SOFT_LEGS * (1.0 + np.log1p(self.fleet.priority))
        hardness = min(1.0, spent / SOFT_PART)
        priced = soft ** (1.0 - hardness) * (100.0 * np.maximum(worth, 1.0)) ** hardness
        return np.where(worth > 0, self.leg * priced, 0.0)


def _begin(problem: FleetProblem, fleet: Fleet) -> "Routes":
    """Routes that hold the tasks each vehicle is to begin with, as far as they keep the rules."""
    from optimizer.fleet.clock import empty_routes, refresh

    routes = empty_routes(fleet)
    for v, vehicle in enumerate(problem.vehicles):
        tasks = vehicle.first_tasks
        fits = len(tasks) + 2 < routes.stop.shape[1] and all(
            fleet.allowed[v, task] and routes.of[task] < 0 for task in tasks
        )
        if tasks and fits and len(set(tasks)) == len(tasks):
            routes.stop[v, 1 : len(tasks) + 1] = tasks
            routes.size[v] = len(tasks)
        if refresh(fleet, routes, v):
            routes.of[list(routes.stop[v, 1 : routes.size[v] + 1])] = v
        else:
            routes.size[v] = 0
            refresh(fleet, routes, v)
    return routes
