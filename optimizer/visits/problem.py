"""The visit problem as a value: needs, shifts, travel between points, and what is minimised.

The objective is a whole number of seconds of driving, the sum of its parts:

- lost: for every need left out, ``penalty_seconds`` of that need;
- travel: the driving of all routes, the legs from and to home included;
- off_preferred: ``Weights.off_preferred_seconds`` for every stop of a need that has preferred dates
  and is made on another one;
- changes: ``Weights.change_seconds`` for every need with a published date that is not made on it;
- waiting, overtime, lateness, imbalance: seconds of each times its weight
  (``territory.costs`` says what they are), where a weight or a rule asks for them.

``penalty_seconds`` is ``ceil(value * seconds_per_value)``, at least 1. Without
``Weights.seconds_per_value`` the rate is such that the least valued need is worth one whole day
(86,400 s): value comes first and no visit that fits is left out to save driving; between visits
that cannot all be made the more valued is kept. With a rate value and driving trade off.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from territory.errors import Fault, InputError
from territory.geo import LonLat, as_lonlat
from territory.prices import Balance, VisitPrices
from territory.routes import Unserved
from territory.travel import Mode, TravelMatrix
from territory.visits import Shift, VisitNeed

Engine = Literal["auto", "ortools", "ruin", "ruin-first"]
DAY_SECONDS = 86_400
MOST_WEIGHT = 1_000.0
MAX_PENALTY_SECONDS = 10**12  # keeps the sum of a thousand needs exact in a float


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What everything is worth in seconds of driving: value, stops off their day, hours.

    ``waiting``, ``overtime``, ``lateness`` and ``imbalance`` are weights of a second of each;
    ``driving_per_hour`` turns an executive's own price of overtime into such a weight.
    """

    seconds_per_value: float | None = None
    off_preferred_seconds: int = 600
    change_seconds: int = 0
    waiting: float = 0.0
    overtime: float = 1.5
    lateness: float = 2.0
    imbalance: float = 0.0
    balance: Balance = "week"
    driving_per_hour: float = VisitPrices().driving

    @classmethod
    def of(cls, prices: VisitPrices) -> "Weights":
        """The weights of prices in money."""
        second = prices.driving / 3600
        return cls(
            seconds_per_value=1 / second if prices.objective == "weighted" else None,
            off_preferred_seconds=min(DAY_SECONDS, round(prices.off_preferred / second)),
            change_seconds=min(DAY_SECONDS, round(prices.change / second)),
            waiting=min(MOST_WEIGHT, prices.waiting / prices.driving),
            overtime=min(MOST_WEIGHT, prices.overtime / prices.driving),
            lateness=min(MOST_WEIGHT, prices.lateness / prices.driving),
            imbalance=min(MOST_WEIGHT, prices.imbalance / prices.driving),
            balance=prices.balance,
            driving_per_hour=prices.driving,
        )

    def overtime_of(self, shift: Shift) -> float:
        """The weight of a second past a shift's end."""
        if shift.overtime_price is None:
            return self.overtime
        return min(MOST_WEIGHT, shift.overtime_price / self.driving_per_hour)

    def __post_init__(self) -> None:
        for name in ("waiting", "overtime", "lateness", "imbalance"):
            weight = getattr(self, name)
            if not 0 <= weight <= MOST_WEIGHT:
                raise ValueError(f"{name} {weight!r}: a number from 0 to {MOST_WEIGHT:g}")
        if not 0 <= self.change_seconds <= DAY_SECONDS:
            raise ValueError(f"change_seconds {self.change_seconds!r}: 0 to a day")
        rate = self.seconds_per_value
        if rate is not None and not (math.isfinite(rate) and rate >= 0):
            raise ValueError(f"seconds_per_value {rate!r} must be a number from 0")
        if not 0 <= self.off_preferred_seconds <= DAY_SECONDS:
            raise ValueError(f"off_preferred_seconds {self.off_preferred_seconds!r}: 0 to a day")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitParams:
    """How to search. ``iterations_per_visit`` is the default amount of work, per need.

    Engine "ortools" chooses dates with CP-SAT and routes weeks with the routing solver; "ruin" is
    our own ruin-and-recreate search over dates and routes together; "auto" lets "ruin" go on from
    what a quick "ortools" gives, which keeps the most value where days are full; "ruin-first" does
    so only for executives whose visits half of the turns of "ruin" could not all place, for plans
    of hundreds. Temperatures are parts of the mean leg. ``routing_solutions`` are plans looked at
    for each week. Executives are planned on ``threads`` threads at a time; the plan does not depend
    on how many.
    """

    seed: int = 1
    engine: Engine = "auto"
    iterations_per_visit: int = 200
    start_temperature: float = 1.2
    end_temperature: float = 0.05
    routing_solutions: int = 100
    dates_deterministic_seconds: float = 0.3
    threads: int = 2

    def __post_init__(self) -> None:
        if self.engine not in get_args(Engine):
            raise ValueError(f"engine {self.engine!r} is none of {', '.join(get_args(Engine))}")
        if self.threads < 1:
            raise ValueError(f"threads {self.threads!r}: one or more")
        if self.iterations_per_visit < 0 or self.routing_solutions < 1:
            raise ValueError("iterations_per_visit and routing_solutions cannot be negative or 0")
        if not 0 < self.end_temperature <= self.start_temperature:
            raise ValueError("temperatures must be positive, the end not above the start")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """The distinct places of needs and shifts, and where each need and shift stands among them.

    ``of_lunch`` is where lunch at home is had, -1 on shifts without; empty if there is none at all.
    """

    lonlat: LonLat
    of_need: tuple[int, ...]
    of_shift: tuple[tuple[int, int], ...]
    of_lunch: tuple[int, ...] = ()


def gather_points(needs: Sequence[VisitNeed], shifts: Sequence[Shift]) -> Points:
    """The distinct places to ask travel times for, in order of first mention."""
    index: dict[tuple[float, float], int] = {}

    def place(lonlat: tuple[float, float]) -> int:
        return index.setdefault(lonlat, len(index))

    of_shift = tuple((place(shift.start_lonlat), place(shift.end_lonlat)) for shift in shifts)
    of_need = tuple(place((need.lon, need.lat)) for need in needs)
    tables = [shift.lunch.lonlat if shift.lunch else None for shift in shifts]
    of_lunch = tuple(-1 if table is None else place(table) for table in tables)
    return Points(
        lonlat=as_lonlat(list(index)),
        of_need=of_need,
        of_shift=of_shift,
        of_lunch=of_lunch if any(tables) else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VisitProblem:
    """Needs, shifts and the square travel matrix over their points; checked when made.

    ``prices`` are what the weights were made of, and what the plan tells its costs in (None: it
    tells none). ``unserved`` are needs that were given up before the search (no coordinates,
    nobody to go); they pass into the plan. ``loads`` and ``capacities`` (pieces per need and per
    shift) may be left empty; so may ``penalties`` (seconds per need), which then follow from value.
    Each need is made by its own executive, so the problem falls apart by executive.

    Raises
    ------
    InputError
        If ids repeat, a value is not finite, a series has two executives, an executive has two
        shifts on a date, or the matrix does not fit the points.
    """

    needs: tuple[VisitNeed, ...]
    shifts: tuple[Shift, ...]
    points: Points
    travel: TravelMatrix
    first_date: date
    last_date: date
    mode: Mode = "car"
    weights: Weights = field(default_factory=Weights)
    unserved: tuple[Unserved, ...] = ()
    loads: tuple[int, ...] = ()
    capacities: tuple[int, ...] = ()
    penalties: tuple[int, ...] = ()
    prices: VisitPrices | None = None

    def __post_init__(self) -> None:
        faults = [*self._id_faults(), *self._size_faults()]
        if faults:
            raise InputError(f"The visit problem has {len(faults)} faults.", faults)

    def _id_faults(self) -> Iterable[Fault]:
        for visit_id, count in Counter(need.visit_id for need in self.needs).items():
            if count > 1:
                yield Fault(column="visit_id", value=visit_id, expected=f"unique (seen {count}x)")
        who_of_series: dict[str, str] = {}
        for need in self.needs:
            if need.series and who_of_series.setdefault(need.series, need.executive_id) != (
                need.executive_id
            ):
                yield Fault(column="series", value=need.series, expected="of one executive")
            if not math.isfinite(need.value):
                yield Fault(column="value", value=str(need.value), expected="a finite amount")
        for key, count in Counter((s.executive_id, s.date) for s in self.shifts).items():
            if count > 1:
                yield Fault(column="shift", value=f"{key[0]} {key[1]}", expected="one shift a date")

    def _size_faults(self) -> Iterable[Fault]:
        wanted = len(self.points.lonlat)
        shape = self.travel.seconds.shape
        if shape != (wanted, wanted):
            yield Fault(column="travel", value=str(shape), expected=f"{wanted} x {wanted} seconds")
        pairs = (
            ("points.of_need", self.points.of_need, self.needs),
            ("points.of_shift", self.points.of_shift, self.shifts),
            ("points.of_lunch", self.points.of_lunch or self.shifts, self.shifts),
            ("loads", self.loads or self.needs, self.needs),
            ("capacities", self.capacities or self.shifts, self.shifts),
            ("penalties", self.penalties or self.needs, self.needs),
        )
        for name, given, things in pairs:
            if len(given) != len(things):
                yield Fault(column=name, value=str(len(given)), expected=f"{len(things)} entries")
        if not self.points.of_lunch and any(s.lunch and s.lunch.lonlat for s in self.shifts):
            yield Fault(column="points.of_lunch", value="0", expected="where lunch at home is had")
        if self.first_date > self.last_date:
            yield Fault(column="first_date", value=str(self.first_date), expected="the earlier day")

    @property
    def penalty_seconds(self) -> NDArray[np.int64]:
        """What leaving each need out costs, in seconds (see the module's docstring)."""
        if self.penalties:
            return np.array(self.penalties, dtype=np.int64)
        return penalties_of(self.needs, self.weights)

    @property
    def executive_ids(self) -> tuple[str, ...]:
        """Everybody who has a need or a shift, sorted."""
        ids = {need.executive_id for need in self.needs} | {s.executive_id for s in self.shifts}
        return tuple(sorted(ids))

    def notes(self) -> tuple[str, ...]:
        """Rules that cannot all be met, by number, known before any search."""
        from optimizer.visits.contradictions import contradictions

        return contradictions(self)


def penalties_of(needs: Sequence[VisitNeed], weights: Weights) -> NDArray[np.int64]:
    """What leaving each need out costs, in seconds, by its value among all of them."""
    values = np.array([max(0.0, need.value) for need in needs], dtype=np.float64)
    rate = weights.seconds_per_value
    if rate is None:
        positive = values[values > 0]
        # A visit may cost hours of overtime or waiting: dear ones must not outweigh its value.
        dearest = max(weights.waiting, weights.overtime, weights.lateness, weights.imbalance)
        least = math.ceil(DAY_SECONDS * max(1.0, dearest / 4))
        rate = least / float(positive.min()) if len(positive) else 0.0
    else:
        least = 1
    priced = np.ceil(np.minimum(values * rate, MAX_PENALTY_SECONDS))
    told = [weights.change_seconds if need.published_date is not None else 0 for need in needs]
    penalty: NDArray[np.int64] = np.maximum(priced, least).astype(np.int64)
    return penalty + np.array(told, dtype=np.int64)


def make_problem(
    needs: Sequence[VisitNeed],
    shifts: Sequence[Shift],
    *,
    block: Callable[[LonLat], TravelMatrix],
    first_date: date,
    last_date: date,
    mode: Mode = "car",
    weights: Weights | None = None,
    unserved: Sequence[Unserved] = (),
    prices: VisitPrices | None = None,
) -> VisitProblem:
    """A problem whose travel is asked of ``block``, which gives the square matrix over points.

    Weights are those of ``prices`` unless given.
    """
    weights = weights or (Weights() if prices is None else Weights.of(prices))
    points = gather_points(needs, shifts)
    return VisitProblem(
        needs=tuple(needs),
        shifts=tuple(shifts),
        points=points,
        travel=block(points.lonlat),
        first_date=first_date,
        last_date=last_date,
        mode=mode,
        weights=weights,
        unserved=tuple(unserved),
        prices=prices,
    )
