"""Why each task was left out, and a change that was tried and would let it in."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from optimizer.fleet.arrays import NO_WAY, UNLIMITED, Fleet
from territory.fleet import ALWAYS, FleetProblem, FleetReason, FleetUnserved

if TYPE_CHECKING:
    from optimizer.fleet.clock import Routes

LONGEST_OVERTIME_MINUTES = 180
Why = tuple[FleetReason, str, str]


def explain_left_out(
    problem: FleetProblem, fleet: Fleet, tours: Sequence[Sequence[int]]
) -> Iterator[FleetUnserved]:
    """One entry for each task on no route; both halves of a shipment get the same words."""
    served = {task for tour in tours for task in tour}
    left_out = [
        row
        for row, task in enumerate(problem.tasks)
        if row not in served and task.kind != "delivery"
    ]
    if not left_out:
        return
    teller = _Teller(problem, fleet, tours)
    for row in left_out:
        code, detail, fits_if = teller.tell(row)
        for half in (row, problem.tasks[row].mate):
            if half is not None:
                yield FleetUnserved(task=half, reason=code, detail=detail, fits_if=fits_if)


class _Teller:
    """Answers on finished routes; every question is tried on a copy of what it would change."""

    def __init__(self, problem: FleetProblem, fleet: Fleet, tours: Sequence[Sequence[int]]) -> None:
        self.problem = problem
        self.fleet = fleet
        self.tours = [list(tour) for tour in tours]
        self.routes = self._routes(fleet, self.tours)
        self.alone = self._routes(fleet, [[] for _ in self.tours])

    def _routes(self, fleet: Fleet, tours: Sequence[Sequence[int]]) -> "Routes":
        from optimizer.fleet.clock import empty_routes, refresh

        routes = empty_routes(fleet)
        for v, tour in enumerate(tours):
            routes.stop[v, 1 : len(tour) + 1] = tour
            routes.size[v] = len(tour)
            refresh(fleet, routes, v)
        return routes

    def tell(self, row: int) -> Why:
        """The hardest rule that keeps the request out."""
        if not self.problem.vehicles:
            return "capacity_day_full", "There is no vehicle.", ""
        return (
            self._skills(row)
            or self._capacity(row)
            or self._no_way(row)
            or self._never(row)
            or self._full(row)
        )

    def _allowed(self, row: int) -> list[int]:
        return [int(v) for v in np.flatnonzero(self.fleet.allowed[:, row])]

    def _skills(self, row: int) -> Why | None:
        if self._allowed(row):
            return None
        wanted = sorted(self.problem.tasks[row].skills)
        return (
            "skill_mismatch",
            f"No vehicle has all the skills {wanted} it needs.",
            f"a vehicle has the skills {wanted}",
        )

    def _capacity(self, row: int) -> Why | None:
        task = self.problem.tasks[row]
        for amount in (task.pickup, task.delivery):
            wanted = np.array(amount or (0,) * self.problem.dimensions)
            room = self.fleet.capacity[self._allowed(row)]
            if not (wanted <= room).all(axis=1).any():
                most = room.max(axis=0).tolist()
                return (
                    "capacity_exceeded",
                    f"Its amount {list(amount)} is more than any vehicle holds that may take it "
                    f"(at most {most}).",
                    f"a vehicle holds {list(amount)}",
                )
        return None

    def _no_way(self, row: int) -> Why | None:
        fleet, place = self.fleet, self.fleet.place[row]
        for v in self._allowed(row):
            k = fleet.travel_class[v]
            ends = (
                (fleet.start[v], place),
                (place, fleet.end[v]),
            )
            if all(a < 0 or b < 0 or fleet.seconds[k, a, b] < NO_WAY for a, b in ends):
                return None
        return "unreachable_island", "No vehicle that may take it finds a way there and back.", ""

    def _never(self, row: int) -> Why | None:
        if any(self._fits(self.fleet, self.alone, v, row) for v in self._allowed(row)):
            return None
        count = len(self.problem.tasks)
        free = self.fleet._replace(
            window_first=np.zeros(count, dtype=np.int64),
            window_count=np.ones(count, dtype=np.int64),
            windows=np.array([ALWAYS], dtype=np.int64),
        )
        if any(self._fits(free, self.alone, v, row) for v in self._allowed(row)):
            windows = [list(span) for span in self.problem.tasks[row].windows]
            return (
                "no_opening_hours_in_window",
                f"Even alone, no vehicle that may take it is there within {windows}.",
                "its windows are wider",
            )
        return (
            "too_far_for_day",
            "Even alone, it does not fit a vehicle's hours, breaks and limits of travel.",
            "a vehicle works longer or may travel farther",
        )

    def _full(self, row: int) -> Why:
        if any(self._fits(self.fleet, self.routes, v, row) for v in self._allowed(row)):
            return "solver_time_limit", "It would fit; the search ended before it was placed.", ""
        later, drop = self._overtime(row), self._drop(row)
        by_hours = ""
        if later is not None:
            vehicle = self.problem.vehicles[later[1]].vehicle_id
            by_hours = f"vehicle {vehicle} works {later[0]} min longer"
        if drop is None:
            return (
                "capacity_day_full",
                "Every vehicle that may take it is full; no one task dropped makes room.",
                by_hours,
            )
        kept = self.problem.tasks[drop[0]]
        vehicle = self.problem.vehicles[drop[1]].vehicle_id
        by_drop = f"{kept.kind} {kept.task_id} is dropped from vehicle {vehicle}"
        return (
            "lower_value_than_kept",
            f"The vehicles are full; its priority is {self.problem.tasks[row].priority}, that of "
            f"{kept.kind} {kept.task_id}, whose place it could take, is {kept.priority}.",
            "; or ".join(filter(None, (by_hours, by_drop))),
        )

    def _fits(self, fleet: Fleet, routes: "Routes", v: int, row: int) -> bool:
        from optimizer.fleet.kernel import NOWHERE, best_for_job, best_for_pair

        width = max(routes.left.shape[2], fleet.change.shape[1]) + 1
        scratch = np.zeros((3, width), dtype=np.int64)
        random = np.ones(1, dtype=np.uint64)
        best = best_for_job if fleet.mate[row] < 0 else best_for_pair
        return int(best(fleet, routes, v, row, NOWHERE, 0.0, random, scratch)[1]) >= 0

    def _overtime(self, row: int) -> tuple[int, int] | None:
        found = []
        for v in self._allowed(row):
            if self.fleet.closes[v] < UNLIMITED:
                minutes = self._minutes(row, v)
                if minutes is not None:
                    found.append((minutes, v))
        return min(found, default=None)

    def _minutes(self, row: int, v: int) -> int | None:
        """The fewest minutes longer with which a vehicle takes the task; None if 3 h fail."""
        low, high = 1, LONGEST_OVERTIME_MINUTES + 1
        while low < high:
            middle = (low + high) // 2
            closes = self.fleet.closes.copy()
            closes[v] += 60 * middle
            if self._fits(self.fleet._replace(closes=closes), self.routes, v, row):
                high = middle
            else:
                low = middle + 1
        return low if low <= LONGEST_OVERTIME_MINUTES else None

    def _drop(self, row: int) -> tuple[int, int] | None:
        """The least of the requests without which this one fits, and its vehicle."""
        tasks = self.problem.tasks
        found = []
        for v in self._allowed(row):
            for kept in self.tours[v]:
                if tasks[kept].kind == "delivery":
                    continue
                rest = [task for task in self.tours[v] if task not in (kept, tasks[kept].mate)]
                if self._fits(self.fleet, self._one_route(v, rest), v, row):
                    found.append((tasks[kept].priority, kept, v))
        return min(found)[1:] if found else None

    def _one_route(self, v: int, tour: Sequence[int]) -> "Routes":
        from optimizer.fleet.clock import refresh

        routes = type(self.routes)(*(part.copy() for part in self.routes))
        routes.stop[v, 1 : len(tour) + 1] = tour
        routes.size[v] = len(tour)
        refresh(self.fleet, routes, v)
        return routes
