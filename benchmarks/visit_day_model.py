"""One executive's day as a model of CP-SAT: a circuit with optional stops, hours and lunch."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from optimizer.visits import VisitProblem
from territory.visits import Lunch


def day_legs(problem: VisitProblem) -> list[list[int]]:
    """Driving seconds between home (0) and the visits (1..n)."""
    at = [problem.points.of_shift[0][0], *problem.points.of_need]
    return [[int(problem.travel.seconds[a, b]) for b in at] for a in at]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stops:
    """The model of a day: who is visited, when work there ends, and where lunch follows."""

    arcs: dict[tuple[int, int], Any]
    is_out: list[Any]  # 0 is home
    begin: list[Any]
    end: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What CP-SAT found, its bound, and whether they are one."""

    least: float | None
    bound: float
    is_proved: bool


def ask_cp_sat(problem: VisitProblem, hint: Sequence[str], limit: float) -> Answer:
    """The best day CP-SAT finds from a given order of stops in so many deterministic seconds."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    stops = _model(problem, model)
    penalty = problem.penalty_seconds
    legs = day_legs(problem)
    cost = sum(legs[a][b] * arc for (a, b), arc in stops.arcs.items() if a != b)
    cost += sum(int(penalty[row]) * stops.is_out[row + 1] for row in range(len(problem.needs)))
    model.minimize(cost)
    if hint:
        _hint(problem, model, stops, hint)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = limit
    solver.parameters.linearization_level = 2
    status = solver.solve(model)
    is_found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return Answer(
        least=solver.objective_value if is_found else None,
        bound=solver.best_objective_bound,
        is_proved=status == cp_model.OPTIMAL,
    )


def _model(problem: VisitProblem, model: Any) -> _Stops:
    """The circuit, the clock along it, and lunch in one gap or not due (``territory.visits``)."""
    from ortools.sat.python import cp_model

    legs, needs, shift = day_legs(problem), problem.needs, problem.shifts[0]
    span, lunch = (shift.start_seconds, shift.end_seconds), _lunch(problem)
    nodes = range(len(needs) + 1)
    arcs = {(a, b): model.new_bool_var(f"{a}>{b}") for a in nodes for b in nodes}
    model.add_circuit([(a, b, arc) for (a, b), arc in arcs.items()])
    model.add(arcs[0, 0] == 0)  # somebody is visited; an empty day would be dearer
    spans = [
        [[first, last - need.visit_seconds] for first, last in need.windows[0]] for need in needs
    ]
    domains = [cp_model.Domain.from_intervals(span) for span in spans]
    begin = [model.new_int_var(*span, "back")]
    begin += [model.new_int_var_from_domain(domain, "begin") for domain in domains]
    leave = model.new_int_var(*span, "leave")
    end = [leave, *(begin[row + 1] + need.visit_seconds for row, need in enumerate(needs))]
    stops = _Stops(arcs=arcs, is_out=[arcs[a, a] for a in nodes], begin=begin, end=end)
    eats = [model.new_bool_var(f"lunch after {a}") for a in nodes]
    _add_lunch(model, stops, eats, lunch)
    for (a, b), arc in arcs.items():
        if a != b:
            model.add(begin[b] >= end[a] + legs[a][b] + lunch.seconds * eats[a]).only_enforce_if(
                arc
            )
            model.add(begin[b] >= lunch.earliest_start_seconds + lunch.seconds).only_enforce_if(
                [arc, eats[a]]
            )
    _add_energy(model, problem, stops, eats)
    # What follows from the rest, said for the relaxation: the day holds all that is in it.
    busy = sum((legs[a][b] + _stay(problem, b)) * arc for (a, b), arc in arcs.items() if a != b)
    model.add(busy + lunch.seconds * sum(eats) <= begin[0] - leave)
    return stops


def _add_energy(model: Any, problem: VisitProblem, stops: _Stops, eats: list[Any]) -> None:
    """What follows from the rest: visits, each with the shortest leg after it, and lunch.

    None overlaps another; this lets CP-SAT reason about how much fits between two clock times.
    """
    legs, lunch = day_legs(problem), _lunch(problem)
    spans = []
    least = [min(leg for b, leg in enumerate(row) if b != a) for a, row in enumerate(legs)]
    for node in range(1, len(least)):
        length = _stay(problem, node) + least[node]
        served = stops.is_out[node].negated()
        spans.append(
            model.new_optional_fixed_size_interval_var(
                stops.begin[node], length, served, f"visit {node}"
            )
        )
    latest = lunch.latest_start_seconds + max(least)
    start = model.new_int_var(lunch.earliest_start_seconds, latest, "lunch")
    is_due = model.new_bool_var("lunch is due")
    model.add(sum(eats) == is_due)
    spans.append(model.new_optional_fixed_size_interval_var(start, lunch.seconds, is_due, "lunch"))
    model.add_no_overlap(spans)


def _stay(problem: VisitProblem, node: int) -> int:
    return problem.needs[node - 1].visit_seconds if node else 0


def _lunch(problem: VisitProblem) -> Lunch:
    lunch = problem.shifts[0].lunch
    assert lunch is not None
    return lunch


def _add_lunch(model: Any, stops: _Stops, eats: list[Any], lunch: Lunch) -> None:
    """One gap that begins by the latest lunch, unless home before it is due or leaving after."""
    is_early, is_late = model.new_bool_var("home early"), model.new_bool_var("leaves late")
    model.add_exactly_one([*eats, is_early, is_late])
    latest, length = lunch.latest_start_seconds, lunch.seconds
    model.add(stops.begin[0] <= latest + length - 1).only_enforce_if(is_early)
    model.add(stops.end[0] >= latest + 1).only_enforce_if(is_late)
    for node, eat in enumerate(eats):
        model.add(stops.end[node] <= latest).only_enforce_if(eat)
        if node:
            model.add_implication(eat, stops.is_out[node].negated())


def _hint(problem: VisitProblem, model: Any, stops: _Stops, hint: Sequence[str]) -> None:
    """Begin with an order of stops."""
    rows = {need.visit_id: row + 1 for row, need in enumerate(problem.needs)}
    order = [0, *(rows[name] for name in hint), 0]
    used = {*pairwise(order), *((a, a) for a in set(rows.values()) - set(order))}
    for pair, arc in stops.arcs.items():
        model.add_hint(arc, pair in used)
