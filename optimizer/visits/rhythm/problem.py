"""The periodic routing problem as a value: who is seen on which days, by a fleet from one depot."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from territory.errors import Fault, InputError

Floats = NDArray[np.float64]
MOST_DAYS = 62  # a pattern is a whole number with a bit for each day
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RhythmProblem:
    """Customers 1..n and the depot 0 over ``days`` days with ``fleet`` routes on each.

    ``travel`` (n + 1, n + 1) is what is minimised and, with ``stay``, what duration is made of.
    ``patterns[c]`` are the sets of days on which customer c may be seen, bit d standing for day d;
    those of the depot are empty. ``capacity`` and ``longest`` (days,) limit the load and the
    duration of each route of a day; infinity is no limit.

    Raises
    ------
    InputError
        If shapes do not fit, a customer has no pattern, or a pattern has a day outside the horizon.
    """

    travel: Floats
    load: Floats
    stay: Floats
    patterns: tuple[tuple[int, ...], ...]
    fleet: int
    capacity: Floats
    longest: Floats

    def __post_init__(self) -> None:
        faults = [*self._shape_faults(), *self._pattern_faults()]
        if faults:
            raise InputError(f"The periodic problem has {len(faults)} faults.", faults)

    @property
    def customers(self) -> int:
        return len(self.load) - 1

    @property
    def days(self) -> int:
        return len(self.capacity)

    @property
    def visits(self) -> int:
        """How many visits the first patterns of all customers make together."""
        return sum(options[0].bit_count() for options in self.patterns if options)

    def _shape_faults(self) -> list[Fault]:
        count = len(self.load)
        pairs = (
            ("travel", self.travel.shape, (count, count)),
            ("stay", self.stay.shape, (count,)),
            ("patterns", (len(self.patterns),), (count,)),
            ("longest", self.longest.shape, self.capacity.shape),
        )
        faults = [
            Fault(column=name, value=str(given), expected=f"the shape {wanted}")
            for name, given, wanted in pairs
            if given != wanted
        ]
        if self.fleet < 1:
            faults.append(Fault(column="fleet", value=str(self.fleet), expected="a route or more"))
        if not 1 <= self.days <= MOST_DAYS:
            faults.append(Fault(column="days", value=str(self.days), expected=f"1 to {MOST_DAYS}"))
        return faults

    def _pattern_faults(self) -> list[Fault]:
        whole = (1 << self.days) - 1
        return [
            Fault(
                column="patterns",
                value=f"{customer}: {options!r}",
                expected="one or more sets of the days there are",
            )
            for customer, options in enumerate(self.patterns)
            if customer and not (options and all(0 < mask <= whole for mask in options))
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RhythmPlan:
    """Routes of customers by day and vehicle, the depot left out; empty ones stand as ().

    ``overload`` and ``overtime`` are sums above the limits, 0 in a plan that keeps them.
    """

    routes: tuple[tuple[tuple[int, ...], ...], ...]
    length: float
    overload: float
    overtime: float
    turns: int

    @property
    def keeps_limits(self) -> bool:
        return self.overload <= TOLERANCE and self.overtime <= TOLERANCE


def measure(
    problem: RhythmProblem, routes: Sequence[Sequence[Sequence[int]]], *, turns: int = 0
) -> RhythmPlan:
    """The plan of given routes, its sums taken afresh."""
    length = overload = overtime = 0.0
    for day, of_day in enumerate(routes):
        for route in of_day:
            way = sum(float(problem.travel[a, b]) for a, b in pairwise((0, *route, 0)))
            lasts = way + sum(float(problem.stay[stop]) for stop in route)
            load = sum(float(problem.load[stop]) for stop in route)
            length += way
            overload += max(0.0, load - float(problem.capacity[day]))
            overtime += max(0.0, lasts - float(problem.longest[day]))
    return RhythmPlan(
        routes=tuple(tuple(tuple(route) for route in of_day) for of_day in routes),
        length=length,
        overload=overload,
        overtime=overtime,
        turns=turns,
    )
