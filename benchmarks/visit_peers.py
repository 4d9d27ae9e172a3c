"""The peers of the visit benchmark on the same whole-number matrix, one thread each."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.visit_instances import RoutingInstance

Routes = list[list[int]]
Peer = Callable[[RoutingInstance, float, int], Routes]


def run_pyvrp(instance: RoutingInstance, seconds: float, seed: int) -> Routes:
    """PyVRP: optional clients with prizes for profit, required ones else."""
    import pyvrp
    from pyvrp.stop import MaxRuntime

    is_profit = instance.kind == "toptw"
    far = int(4 * instance.distance.max()) + 1
    model = pyvrp.Model()
    places = [model.add_location(number, 0) for number in range(instance.customers + 1)]
    model.add_depot(places[0])
    for number in range(1, instance.customers + 1):
        model.add_client(
            places[number],
            delivery=int(instance.demand[number]),
            service_duration=int(instance.service[number]),
            tw_early=int(instance.earliest[number]),
            tw_late=int(instance.latest[number]),
            prize=int(instance.profit[number]) * far if is_profit else 0,
            required=not is_profit,
        )
    model.add_vehicle_type(
        instance.vehicles,
        capacity=instance.capacity,
        tw_early=int(instance.earliest[0]),
        tw_late=int(instance.latest[0]),
    )
    for i, here in enumerate(places):
        for j, there in enumerate(places):
            if i != j:
                leg = int(instance.distance[i, j])
                model.add_edge(here, there, distance=leg, duration=leg)
    result = model.solve(stop=MaxRuntime(seconds), seed=seed, display=False)
    # Activities count clients from 0.
    return [
        [int(visit.idx) + 1 for visit in route if visit.is_client()]
        for route in result.best.routes()
    ]


def run_vroom(instance: RoutingInstance, seconds: float, seed: int) -> Routes:
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
                time_window=span,
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
                time_windows=[
                    vroom.TimeWindow(int(instance.earliest[number]), int(instance.latest[number]))
                ],
            )
        )
    solution = problem.solve(
        exploration_level=5, nb_threads=1, timeout=datetime.timedelta(seconds=seconds)
    )
    steps = solution.routes
    jobs = steps[steps["type"] == "job"]
    return [[int(job) for job in route["id"]] for _, route in jobs.groupby("vehicle_id")]


def run_ortools(instance: RoutingInstance, seconds: float, seed: int) -> Routes:
    """OR-Tools at its best: registered matrix, penalties, half the time for each of two modes."""
    found = [_ortools(instance, seconds / 2, ils=ils) for ils in (True, False)]
    return min(found, key=lambda routes: _worth(instance, routes))


def _worth(instance: RoutingInstance, routes: Routes) -> tuple[float, float]:
    from benchmarks.visit_instances import judge_routes

    objective, _ = judge_routes(instance, routes)
    served = sum(len(route) for route in routes)
    return (-objective, 0.0) if instance.kind == "toptw" else (-float(served), objective)


def _ortools(instance: RoutingInstance, seconds: float, *, ils: bool) -> Routes:
    from ortools.constraint_solver import pywrapcp

    count = instance.customers + 1
    manager = pywrapcp.RoutingIndexManager(count, instance.vehicles, 0)
    routing = pywrapcp.RoutingModel(manager)
    legs = routing.RegisterTransitMatrix(instance.distance.tolist())
    routing.SetArcCostEvaluatorOfAllVehicles(legs)
    timed = (instance.distance + instance.service[:, None]).tolist()
    horizon = int(instance.latest[0])
    routing.AddDimension(routing.RegisterTransitMatrix(timed), horizon, horizon, False, "time")
    time = routing.GetDimensionOrDie("time")
    for number in range(1, count):
        index = manager.NodeToIndex(number)
        latest = int(min(instance.latest[number], horizon))
        time.CumulVar(index).SetRange(int(instance.earliest[number]), latest)
        routing.AddDisjunction([index], _penalty(instance, number))
    if instance.capacity:
        load = routing.RegisterUnaryTransitVector(instance.demand.tolist())
        capacities = [instance.capacity] * instance.vehicles
        routing.AddDimensionWithVehicleCapacity(load, 0, capacities, True, "load")
    parameters = _ortools_parameters(seconds, ils=ils)
    run = routing.SolveWithIteratedLocalSearch if ils else routing.SolveWithParameters
    solution = run(parameters)
    return [] if solution is None else _ortools_routes(instance, manager, routing, solution)


def _penalty(instance: RoutingInstance, number: int) -> int:
    far = int(4 * instance.distance.max()) + 1
    return int(instance.profit[number]) * far if instance.kind == "toptw" else 1_000_000


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
