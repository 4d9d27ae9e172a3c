"""Gaps of an outlet network: what is out of reach, under-served, unclaimed, and doubly served.

Four things that planners keep apart: a coverage gap (nobody of ours within the last reach step),
an under-served cell (much potential, our nearest outlet beyond the first step), white space (money
that neither we nor competitors hold) and the number of outlets that white space could carry.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from territory.coverage import (
    left_by_competitors,
    nearest_minutes,
    percent_within,
    reach_weight,
    site_weights,
)
from territory.errors import Fault, InputError
from territory.gaps.access import floating_access
from territory.gaps.findings import Ground, findings
from territory.gaps.hotspots import hot_spots
from territory.gaps.twins import outlets_per_unit, twin_areas
from territory.outlets import GapPlan, Site
from territory.plans import Table
from territory.scores import ScorePlan
from territory.travel import Source, TravelMatrix
from territory.units import Units
from territory.units.totals import sum_per_unit
from territory.units.values import Neighbours

Column = NDArray[np.float64]
MOST_OVERLAPS = 500  # pairs of outlets listed, the largest first


@dataclass(frozen=True, slots=True, kw_only=True)
class GapParams:
    """Where a gap begins, as quantiles among cells with potential (0 to 1).

    underserved_quantile: potential above it is much. white_space_quantile: white space above it,
    among cells that have any, is worth a look.

    Raises
    ------
    InputError
        If a quantile is not within 0 to 1.
    """

    underserved_quantile: float = 0.75
    white_space_quantile: float = 0.8

    def __post_init__(self) -> None:
        faults = [
            Fault(column=name, value=f"{value!r}", expected="a quantile from 0 to 1")
            for name, value in (
                ("underserved_quantile", self.underserved_quantile),
                ("white_space_quantile", self.white_space_quantile),
            )
            if not 0 <= value <= 1
        ]
        if faults:
            raise InputError("These gap parameters cannot be used.", faults)


DEFAULT_PARAMS = GapParams()


def find_gaps(
    units: Units,
    score: ScorePlan,
    to_own: TravelMatrix | None,
    to_competitors: TravelMatrix | None,
    own: Sequence[Site],
    competitors: Sequence[Site],
    *,
    reach_minutes: Sequence[int],
    params: GapParams = DEFAULT_PARAMS,
) -> GapPlan:
    """Where the network of own outlets falls short, per cell, per outlet and per pair of outlets.

    Matrices run from ``units`` to the outlets in the order given; ``score`` is of these units.
    With w the reach weight of the nearest own outlet and K competitors' weighted pull,

    - demand = potential / (1 + K), what competitors leave to an own outlet at the door;
    - white_space = (1 - w) x demand;
    - an outlet's ``captured`` is the weighted demand of the cells it serves best, its
      ``loss_if_closed`` what the next best outlet would not catch; ``shared`` of a pair sums
      demand x the smaller of both weights;
    - ``supportable_outlets`` is how often all white space holds the median capture of our outlets,
      if new ones catch the same share of the demand in their reach: an estimate, no plan.

    Clusters are connected white-space cells, numbered from the richest; hot spots are told by Gi*
    (``hotspots``), access by floating catchments (``access``), density by twin districts
    (``twins``), and ``findings`` puts each place once, by money.

    Raises
    ------
    ValueError
        If score or matrices do not fit the units and outlets.
    """
    _require_fit(units, score, to_own, to_competitors, own, competitors)
    count = len(units)
    potential = np.nan_to_num(np.array(score.table.numbers("potential")))
    own_weights = site_weights(to_own, count, reach_minutes)
    rival_weights = site_weights(to_competitors, count, reach_minutes)
    demand = potential * left_by_competitors(
        rival_weights, [site.attractiveness for site in competitors]
    )
    minutes = nearest_minutes(to_own, count)
    rival_minutes = nearest_minutes(to_competitors, count)
    coverage = reach_weight(minutes, reach_minutes)
    white_space = demand * (1 - coverage)
    is_white = white_space >= _quantile(white_space, params.white_space_quantile)
    is_white &= white_space > 0
    much = potential >= _quantile(potential, params.underserved_quantile)
    cluster = clusters(units.neighbours, is_white, white_space)
    outlets = _outlets(own, own_weights, demand)
    support = _supportable(white_space, outlets, coverage, demand, len(competitors))
    is_gap = (potential > 0) & (minutes > reach_minutes[-1])
    is_underserved = much & (potential > 0) & (minutes > reach_minutes[0])
    hot_z, hot = hot_spots(white_space, units.neighbours)
    ground = Ground(
        units=units,
        demand=demand,
        white_space=white_space,
        minutes=minutes,
        rival_minutes=rival_minutes,
        is_white=is_white,
        is_gap=is_gap,
        is_underserved=is_underserved,
        hot=hot,
        need=support.need,
        caught=support.caught,
    )
    cells: dict[str, tuple[str | float | bool | None, ...]] = {
        "unit_id": units.ids,
        "potential": tuple(potential.tolist()),
        "minutes_to_own": _finite(minutes),
        "minutes_to_competitor": _finite(rival_minutes),
        "coverage": tuple(coverage.tolist()),
        "white_space": tuple(white_space.tolist()),
        "is_coverage_gap": _flags(is_gap),
        "is_underserved": _flags(is_underserved),
        "is_white_space": _flags(is_white),
        "cluster": tuple(cluster.tolist()),
        "hot_z": tuple(hot_z.tolist()),
        "hot": tuple(int(value) for value in hot.tolist()),
        "access": tuple(floating_access(own_weights, own, potential).tolist()),
    }
    return GapPlan(
        cells=Table(columns=cells),
        coverage=_coverage(potential, minutes, rival_minutes, reach_minutes),
        overlap=_overlaps(own, own_weights, demand),
        outlets=outlets,
        supportable_outlets=support.outlets,
        findings=findings(ground, outlets),
        areas=twin_areas(
            units,
            potential,
            _companies(score),
            white_space,
            outlets_per_unit(units, [(site.lon, site.lat) for site in own]),
        ),
        reach_minutes=tuple(reach_minutes),
        travel_source=_source(to_own, to_competitors),
        notes=(support.basis, *_cluster_notes(cluster, white_space, minutes)),
    )


def clusters(neighbours: Neighbours, among: NDArray[np.bool_], worth: Column) -> NDArray[np.int32]:
    """Connected patches of the units ``among``: 1 for the one of most ``worth``; 0 outside."""
    patch = np.zeros(len(among), dtype=np.int32)
    found = 0
    for first in np.flatnonzero(among).tolist():
        if patch[first]:
            continue
        found += 1
        patch[first] = found
        waiting = [first]
        while waiting:
            for other in neighbours.of(waiting.pop()).tolist():
                if among[other] and not patch[other]:
                    patch[other] = found
                    waiting.append(other)
    totals = np.bincount(patch, weights=worth, minlength=found + 1)[1:]
    rank = np.zeros(found + 1, dtype=np.int32)
    rank[1 + np.argsort(-totals, kind="stable")] = np.arange(1, found + 1)
    return rank[patch]


def _require_fit(
    units: Units,
    score: ScorePlan,
    to_own: TravelMatrix | None,
    to_competitors: TravelMatrix | None,
    own: Sequence[Site],
    competitors: Sequence[Site],
) -> None:
    if score.unit_ids != units.ids:
        raise ValueError("the score is not of these units, or not in their order")
    for matrix, sites in ((to_own, own), (to_competitors, competitors)):
        shape = (len(units), 0) if matrix is None else matrix.seconds.shape[-2:]
        if shape != (len(units), len(sites)):
            raise ValueError(
                f"travel {shape} does not run from {len(units)} units to {len(sites)} outlets"
            )


def _quantile(values: Column, share: float) -> float:
    above = values[values > 0]
    return float(np.quantile(above, share)) if len(above) else np.inf


def _coverage(
    potential: Column, minutes: Column, rival_minutes: Column, reach_minutes: Sequence[int]
) -> Table:
    return Table(
        columns={
            "minutes": tuple(reach_minutes),
            "own_percent": tuple(percent_within(potential, minutes, m) for m in reach_minutes),
            "competitor_percent": tuple(
                percent_within(potential, rival_minutes, m) for m in reach_minutes
            ),
        }
    )


def _companies(score: ScorePlan) -> Column:
    if "companies" not in score.table.columns:
        return np.zeros(len(score.unit_ids))
    numbers = np.array(score.table.numbers("companies"), dtype=np.float64)
    return np.asarray(np.nan_to_num(numbers), dtype=np.float64)


def _outlets(own: Sequence[Site], weights: Column, demand: Column) -> Table:
    """What each outlet catches, what would be lost without it, and what it alone can reach."""
    captured, loss, alone = np.zeros(len(own)), np.zeros(len(own)), np.zeros(len(own))
    if len(own):
        best = weights.argmax(axis=1).astype(np.int32)
        ordered = np.sort(weights, axis=1)
        top = ordered[:, -1]
        second = ordered[:, -2] if len(own) > 1 else np.zeros(len(demand))
        captured = sum_per_unit(best, demand * top, len(own))
        loss = sum_per_unit(best, demand * (top - second), len(own))
        alone = sum_per_unit(best, demand * top * (second <= 0), len(own))
    share = np.divide(loss, captured, out=np.ones(len(own)), where=captured > 0)
    return Table(
        columns={
            "site_id": tuple(site.site_id for site in own),
            "name": tuple(site.name for site in own),
            "captured": tuple(captured.tolist()),
            "loss_if_closed": tuple(loss.tolist()),
            "alone": tuple(alone.tolist()),
            "redundant_share": tuple((1 - share).tolist()),
        }
    )


def _overlaps(own: Sequence[Site], weights: Column, demand: Column) -> Table:
    """Pairs of own outlets by the demand that both reach, the largest first."""
    pairs: list[tuple[float, int, int]] = []
    for one in range(len(own) - 1):
        reached = np.flatnonzero(weights[:, one])
        both = np.minimum(weights[reached, one, None], weights[reached, one + 1 :])
        shared = demand[reached] @ both
        pairs += [
            (float(shared[place]), one, one + 1 + place)
            for place in np.flatnonzero(shared > 0).tolist()
        ]
    pairs = sorted(pairs, key=lambda pair: (-pair[0], pair[1:]))[:MOST_OVERLAPS]
    return Table(
        columns={
            "outlet_a": tuple(own[one].site_id for _, one, _ in pairs),
            "outlet_b": tuple(own[other].site_id for _, _, other in pairs),
            "shared": tuple(shared for shared, _, _ in pairs),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Support:
    """How many outlets white space could carry: each needs ``need``, and catches ``caught``."""

    outlets: int
    need: float
    caught: float
    basis: str


def _supportable(
    white_space: Column,
    outlets: Table,
    coverage: Column,
    demand: Column,
    competitors: int,
) -> _Support:
    """Outlets that the white space could carry, and the sentence that says by what measure."""
    total = float(white_space.sum())
    captured = np.array(outlets.numbers("captured"))
    if len(captured) and np.median(captured) > 0:
        need = float(np.median(captured))
        caught = float(captured.sum()) / float(demand[coverage > 0].sum())
        basis = "as our median outlet lives on"
    elif competitors:
        need, caught = float(demand.sum()) / competitors, 1.0
        basis = "the demand there is per competitor outlet"
    else:
        return _Support(
            outlets=0,
            need=0.0,
            caught=1.0,
            basis="No outlet trades here, so nothing says what one needs to live on.",
        )
    count = int(total * caught / need + 1e-9) if need > 0 else 0
    return _Support(
        outlets=count,
        need=need,
        caught=caught,
        basis=(
            f"{total:,.0f} a year of white space, of which an outlet catches "
            f"{100 * caught:.0f} % in its reach, could carry {count} more outlets of {need:,.0f} "
            f"each, {basis}."
        ),
    )


def _cluster_notes(
    cluster: NDArray[np.int32], white_space: Column, minutes: Column
) -> tuple[str, ...]:
    """One sentence for each of the three richest clusters."""
    notes = []
    for number in range(1, min(int(cluster.max(initial=0)), 3) + 1):
        among = cluster == number
        nearest = minutes[among].min()
        away = (
            f"our nearest outlet is {nearest:.0f} minutes away"
            if np.isfinite(nearest)
            else "no outlet of ours can be reached"
        )
        notes.append(
            f"Cluster {number}: {int(among.sum())} cells hold {white_space[among].sum():,.0f} a "
            f"year of white space; {away}."
        )
    return tuple(notes)


def _finite(values: Column) -> tuple[float | None, ...]:
    return tuple(value if np.isfinite(value) else None for value in values.tolist())


def _flags(values: NDArray[np.bool_]) -> tuple[bool, ...]:
    return tuple(bool(value) for value in values)


def _source(to_own: TravelMatrix | None, to_competitors: TravelMatrix | None) -> Source:
    """Road only if every matrix is: one estimate makes the whole picture an estimate."""
    sources = [matrix.source for matrix in (to_own, to_competitors) if matrix is not None]
    return "estimated" if not sources or "estimated" in sources else sources[0]
