"""The peers of the visit benchmark on the same whole-number matrix.

By processor time, one thread each: PyVRP asks the processor's clock in its stop criterion. VROOM
and OR-Tools know the wall's clock only, so their limit is the budget times what a processor second
has lately taken of the wall, a tenth more on top in their favour; the row says what they used. The
making of a peer's model is not counted. By the wall, two cores each: PyVRP runs two seeds and
OR-Tools two modes side by side, of which the better counts; VROOM has two threads.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from benchmarks.visit_instances import RoutingInstance, judge_routes

Routes = list[list[int]]
IN_FAVOUR = 1.1
WARM_SECONDS = 0.3
LOOK_SECONDS = 0.3  # of the processor, to see how long they take


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """So many seconds by the "processor" or the "wall", on so many cores."""

    seconds: float
    clock: str = "processor"
    cores: int = 1

    def now(self) -> float:
        """Seconds by the clock of the budget."""
        return time.monotonic() if self.clock == "wall" else time.process_time()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Routes of customers, and the processor seconds they took."""

    routes: Routes
    processor_seconds: float


Peer = Callable[[RoutingInstance, Budget, int], Routes]


class _Ended:
    """PyVRP's stop criterion by the clock of the budget, from its first question on."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._began: float | None = None

    def __call__(self, best_cost: int) -> bool:
        now = self._budget.now()
        self._began = now if self._began is None else self._began
        return now - self._began > self._budget.seconds


def _wall_seconds(budget: Budget) -> float:
    """The limit for a peer that knows the wall's clock only, after a look at the load."""
    if budget.clock == "wall":
        return budget.seconds
    wall, used = time.perf_counter(), time.process_time()
    while time.process_time() - used < LOOK_SECONDS:
        sum(range(1000))
    stretch = (time.perf_counter() - wall) / (time.process_time() - used)
    return budget.seconds * IN_FAVOUR * max(1.0, stretch)


def run_pyvrp(instance: RoutingInstance, budget: Budget, seed: int) -> Routes:
    """PyVRP: optional clients with prizes for profit, required ones else."""
    import pyvrp

    far = int(4 * instance.distance.max()) + 1 if instance.kind == "toptw" else 1
    model = pyvrp.Model()
    places = [model.add_location(number, 0) for number in range(instance.customers + 1)]
    model.add_depot(places[0])
    for number in range(1, instance.customers + 1):
        model.add_client(
            places[number],
            delivery=int(instance.demand[number]),
            service_duration=int(instance.service[number]),
            prize=int(instance.profit[number]) * far,
            required=instance.visits_everybody,
            **_span(instance, number),
        )
    model.add_vehicle_type(
        instance.vehicles,
        capacity=instance.capacity,
        **_span(instance, 0),
    )
    for i, here in enumerate(places):
        for j, there in enumerate(places):
            if i != j:
                leg = int(instance.distance[i, j])
                model.add_edge(here, there, distance=leg, duration=leg)
    result = model.solve(stop=_Ended(budget), seed=seed, display=False)
    # Activities count clients from 0.
    return [
        [int(visit.idx) + 1 for visit in route if visit.is_client()]
        for route in result.best.routes()
    ]


def _span(instance: RoutingInstance, number: int) -> dict[str, int]:
    """When a place may be visited, as PyVRP calls it; nothing where there is no time."""
    if not instance.is_timed:
        return {}
    return {"tw_early": int(instance.earliest[number]), "tw_late": int(instance.latest[number])}


def run_vroom(instance: RoutingInstance, budget: Budget, seed: int) -> Routes:
    """VROOM at its deepest exploration; it has no seed and stops when its list is done."""
    import datetime

    import vroom

    problem = vroom.Input()
    problem.set_durations_matrix(profile="car", matrix_input=instance.distance.astype("uint32"))
    span = vroom.TimeWindow(int(instance.earliest[0]), int(instance.latest[0]))
    has_load = instance.capacity > 0
    for number in range(instance.vehicles):
        problem.add_vehicle(
            vroom.Vehicle(
                number + 1,
                start=0,
                end=0,
                time_window=span if instance.is_timed else None,
                capacity=[instance.capacity] if has_load else [],
            )
        )
    for number in range(1, instance.customers + 1):
        problem.add_job(
            vroom.Job(
                number,
                location=number,
                default_service=int(instance.service[number]),
                delivery=[int(instance.demand[number])] if has_load else [],
                priority=min(100, int(instance.profit[number])),
                time_windows=_vroom_windows(instance, number),
            )
        )
    solution = problem.solve(
        exploration_level=5,
        nb_threads=budget.cores,
        timeout=datetime.timedelta(seconds=_wall_seconds(budget)),
    )
    steps = solution.routes
    jobs = steps[steps["type"] == "job"]
    return [[int(job) for job in route["id"]] for _, route in jobs.groupby("vehicle_id")]


def _vroom_windows(instance: RoutingInstance, number: int) -> list[Any]:
    import vroom

    if not instance.is_timed:
        return []
    return [vroom.TimeWindow(int(instance.earliest[number]), int(instance.latest[number]))]


def run_ortools(instance: RoutingInstance, budget: Budget, seed: int) -> Routes:
    """OR-Tools with a registered matrix and penalties: an odd seed is ILS, an even one GLS."""
    return _ortools(instance, budget, ils=seed % 2 == 1)


def ask_peer(
    pool: Executor, package: str, instance: RoutingInstance, budget: Budget, seed: int
) -> Answered:
    """A peer in another process, or its better answer of two where the budget gives it two."""
    is_twice = package == "ortools" or (package == "pyvrp" and budget.cores > 1)
    seeds = (2 * seed - 1, 2 * seed) if is_twice else (seed,)
    if budget.cores > 1:
        jobs = [pool.submit(_run_here, package, instance, budget, number) for number in seeds]
        answers = [job.result() for job in jobs]
    else:  # one after the other
        answers = [
            pool.submit(_run_here, package, instance, budget, number).result() for number in seeds
        ]
    return min(answers, key=lambda answered: _worth(instance, answered.routes))


def warm_up(
    ask: Callable[[RoutingInstance, Budget, int], Answered],
    instance: RoutingInstance,
    budget: Budget,
) -> None:
    """Import a peer."""
    ask(instance, Budget(seconds=WARM_SECONDS, clock=budget.clock, cores=budget.cores), 1)


def _run_here(package: str, instance: RoutingInstance, budget: Budget, seed: int) -> Answered:
    began = time.process_time()
    routes = PEERS[package][1](instance, budget, seed)
    return Answered(routes=routes, processor_seconds=time.process_time() - began)


def _worth(instance: RoutingInstance, routes: Routes) -> tuple[int, float]:
    """Fewer broken rules first, then the better objective."""
    objective, broken = judge_routes(instance, routes)
    return broken, -objective if instance.kind == "toptw" else objective


def _ortools(instance: RoutingInstance, budget: Budget, *, ils: bool) -> Routes:
    from ortools.constraint_solver import pywrapcp

    count = instance.customers + 1
    manager = pywrapcp.RoutingIndexManager(count, instance.vehicles, 0)
    routing = pywrapcp.RoutingModel(manager)
    legs = routing.RegisterTransitMatrix(instance.distance.tolist())
    routing.SetArcCostEvaluatorOfAllVehicles(legs)
    if instance.is_timed:
        _add_time(instance, manager, routing)
    for number in range(1, count):
        routing.AddDisjunction([manager.NodeToIndex(number)], _penalty(instance, number))
    if instance.capacity:
        load = routing.RegisterUnaryTransitVector(instance.demand.tolist())
        capacities = [instance.capacity] * instance.vehicles
        routing.AddDimensionWithVehicleCapacity(load, 0, capacities, True, "load")
    parameters = _ortools_parameters(_wall_seconds(budget), ils=ils)
    run = routing.SolveWithIteratedLocalSearch if ils else routing.SolveWithParameters
    solution = run(parameters)
    return [] if solution is None else _ortools_routes(instance, manager, routing, solution)


def _add_time(instance: RoutingInstance, manager: Any, routing: Any) -> None:
    timed = (instance.distance + instance.service[:, None]).tolist()
    horizon = int(instance.latest[0])
    routing.AddDimension(routing.RegisterTransitMatrix(timed), horizon, horizon, False, "time")
    time = routing.GetDimensionOrDie("time")
    for number in range(1, instance.customers + 1):
        latest = int(min(instance.latest[number], horizon))
        earliest = int(instance.earliest[number])
        time.CumulVar(manager.NodeToIndex(number)).SetRange(earliest, latest)


def _penalty(instance: RoutingInstance, number: int) -> int:
    if instance.visits_everybody:
        return 10_000_000
    far = int(4 * instance.distance.max()) + 1 if instance.kind == "toptw" else 1
    return int(instance.profit[number]) * far


def _ortools_parameters(seconds: float, *, ils: bool) -> Any:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    parameters = pywrapcp.DefaultRoutingSearchParameters()
    first = routing_enums_pb2.FirstSolutionStrategy
    parameters.first_solution_strategy = first.PARALLEL_CHEAPEST_INSERTION
    parameters.time_limit.FromMilliseconds(int(1000 * seconds))
    if not ils:
        modes = routing_enums_pb2.LocalSearchMetaheuristic
        parameters.local_search_metaheuristic = modes.GUIDED_LOCAL_SEARCH
        return parameters
    parameters.use_iterated_local_search = True
    search = parameters.iterated_local_search_parameters
    search.improve_perturbed_solution = False
    strings = search.ruin_recreate_parameters.ruin_strategies.add().sisr
    strings.max_removed_sequence_size = 10
    strings.avg_num_removed_visits = 10
    strings.bypass_factor = 0.01
    search.reference_solution_acceptance_strategy.simulated_annealing.automatic_temperatures = True
    return parameters


def _ortools_routes(instance: RoutingInstance, manager: Any, routing: Any, solution: Any) -> Routes:
    routes: Routes = []
    for vehicle in range(instance.vehicles):
        index = solution.Value(routing.NextVar(routing.Start(vehicle)))
        route: list[int] = []
        while not routing.IsEnd(index):
            route.append(int(manager.IndexToNode(index)))
            index = solution.Value(routing.NextVar(index))
        routes.append(route)
    return [route for route in routes if route]


PEERS: Mapping[str, tuple[str, Peer]] = {
    "pyvrp": ("pyvrp", run_pyvrp),
    "pyvroom": ("vroom", run_vroom),
    "ortools": ("ortools", run_ortools),
}
"""By package name: the module that shows it is installed, and how it is run."""
