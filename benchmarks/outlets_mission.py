"""The mission model, drawn: gradual cover beside competitors, budget, closures, distance.

``mission_20000x880``: cells in towns (the law of ``drawn_``); one site in eleven is an own outlet,
half of these may close; 100 competitors take their part of a cell's demand. Capture falls in four
steps of distance; sites cost more where more people live; new sites keep 1.5 from every other.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimizer.outlets import OutletProblem, cover_from_minutes
from optimizer.outlets.compact import Whole
from optimizer.outlets.presolve import Reduced, reduce
from territory.coverage import reach_weights
from territory.outlets import Site

Floats = NDArray[np.float64]

REACH = (1, 2, 3, 4)
METERS = 1000.0
DEGREES = METERS / 6_371_008.8 * 180 / np.pi
RIVALS = 100


@dataclass(frozen=True, eq=False)
class Mission:
    """An outlet problem with every rule; ``p`` is the most new sites."""

    work: str
    problem: OutletProblem
    p: int
    best_known: float | None = None
    maximise = True

    @cached_property
    def reduced(self) -> Reduced:
        """The engine's model and the way back."""
        return reduce(self.problem)

    def model(self) -> Whole:
        return self.reduced.model

    def amount(self, worth: float) -> float:
        """What a worth of the model is in the instance's own terms."""
        return worth

    def recount(self, chosen: NDArray[np.int64]) -> float:
        """What the network captures, from the definition."""
        is_open = np.zeros(self.reduced.model.columns, dtype=np.bool_)
        is_open[chosen] = True
        return self.problem.captured(self.reduced.open_sites(is_open))


def mission(work: str, cells: Floats, demand: Floats, places: Floats, *, seed: int) -> Mission:
    """The question over these cells, a kilometre a unit; the first eleventh of places are own."""
    random = np.random.default_rng(seed)
    own = len(places) // 11
    weight = _weights(places, cells)
    rivals = cells[random.choice(len(cells), RIVALS, replace=False)]
    left = demand / (1 + _weights(rivals, cells).sum(axis=0))
    near = weight @ demand
    cost = np.round(20 + 60 * near / near.max() + random.uniform(0, 20, len(places)))
    sites = tuple(
        _site(row, places[row], float(cost[row]), is_own=row < own, may_close=row % 2 == 0)
        for row in range(len(places))
    )
    problem = OutletProblem(
        unit_ids=tuple(f"c{row}" for row in range(len(cells))),
        demand=left,
        sites=sites,
        cover=cover_from_minutes(_away(places, cells), REACH),
        reach_minutes=REACH,
        reach_weights=reach_weights(REACH),
        travel_source="estimated",
        new_sites=len(places) - own,
        budget=1500.0,
        minimum_separation_meters=1.5 * METERS,
    )
    return Mission(work, problem, problem.new_sites + own)


def _away(places: Floats, cells: Floats) -> Floats:
    away = places[:, None] - cells[None]
    return np.asarray(np.hypot(away[..., 0], away[..., 1]))


def _weights(places: Floats, cells: Floats) -> Floats:
    step = np.searchsorted(np.array(REACH, dtype=float), _away(places, cells), side="left")
    return np.asarray((len(REACH) - step) / len(REACH))


def _site(row: int, place: Floats, cost: float, *, is_own: bool, may_close: bool) -> Site:
    """A site near the equator, where a degree is as long both ways."""
    east, north = float(place[0]) * DEGREES, float(place[1]) * DEGREES
    name = f"s{row}"
    if is_own:
        return Site(
            site_id=name, name=name, lon=east, lat=north, role="own", may_close=may_close,
            upkeep_cost=cost / 2, closing_cost=5.0,
        )  # fmt: skip
    return Site(site_id=name, name=name, lon=east, lat=north, role="candidate", opening_cost=cost)
