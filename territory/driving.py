"""The plan driven: hours a year of each jurisdiction on the road, and what they make of a unit.

A jurisdiction's year is its visits, the way between them and the way from home and back.

- Way between visits: Beardwood, Halton and Hammersley (1959) unit by unit, 0.7124 sqrt(area x
  visits of four weeks), 13 times, as the density of visits is not even; times the jurisdiction's
  pace: road seconds per straight kilometre from its base, weighted by visits.
- Where four weeks were routed by the visit engine, the routes' hours stand beside the formula's
  and count instead of them; a unit's share of its jurisdiction's hours stays the formula's.
- Way from home and back: one return to each unit for every day that its visits and tours fill,
  of 6.8 hours in the field (0.85 of eight); Daganzo's (1984) line haul.

The base is the executive's home, or without one the unit in the middle of the jurisdiction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from territory.diagnosis import DrivenHours

BEARDWOOD = 0.7124
CYCLES_PER_YEAR = 13
DAY_HOURS = 0.85 * 8

Floats = NDArray[np.float64]
Owners = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drives:
    """Each unit (n,) as its owner drives to it.

    ``visits_per_cycle`` in four weeks, ``visit_hours`` a year; ``road_seconds`` and
    ``straight_meters`` one way from the owner's base; ``usual_pace`` seconds per straight
    kilometre where a jurisdiction has none of its own.
    """

    area_square_meters: Floats
    visits_per_cycle: Floats
    visit_hours: Floats
    road_seconds: Floats
    straight_meters: Floats
    usual_pace: float


def unit_hours(owners: Owners, drives: Drives, executives: int) -> tuple[Floats, Floats]:
    """Hours a year per unit (n,): way between visits, way from the base and back.

    ``owners`` are positions 0 to executives - 1, -1 for nobody (whose hours are 0).
    """
    mine = owners >= 0
    weight = np.where(mine, drives.visits_per_cycle, 0.0)
    at = np.where(mine, owners, 0)
    straight = np.bincount(at, weight * drives.straight_meters / 1000, minlength=executives)
    road = np.bincount(at, weight * drives.road_seconds, minlength=executives)
    has = straight > 0
    pace = np.where(has, road / np.where(has, straight, 1.0), drives.usual_pace)
    kilometers = BEARDWOOD * np.sqrt(drives.area_square_meters * weight) / 1000 * CYCLES_PER_YEAR
    tours = kilometers * pace[at] / 3600
    days = (np.where(mine, drives.visit_hours, 0.0) + tours) / DAY_HOURS
    return tours, np.asarray(days * 2 * drives.road_seconds / 3600)


def driven_hours(
    owners: Owners, workload: Floats, drives: Drives, executive_ids: Sequence[str]
) -> tuple[DrivenHours, ...]:
    """Every jurisdiction driven, in the order of the executives.

    ``workload`` (n,) is what the plan was balanced on.
    """
    count = len(executive_ids)
    tours, stems = unit_hours(owners, drives, count)
    mine = owners >= 0

    def summed(hours: Floats) -> Floats:
        return np.bincount(owners[mine], hours[mine], minlength=count).astype(np.float64)

    columns = [summed(each) for each in (workload, drives.visit_hours, tours, stems)]
    total = columns[1] + columns[2] + columns[3]
    mean = float(total.mean())
    off = 100 * (total / mean - 1) if mean > 0 else np.zeros(count)
    return tuple(
        DrivenHours(
            executive_id=executive,
            planned_hours=float(columns[0][k]),
            visit_hours=float(columns[1][k]),
            tour_hours=float(columns[2][k]),
            stem_hours=float(columns[3][k]),
            deviation_percent=float(off[k]),
        )
        for k, executive in enumerate(executive_ids)
    )


def with_routes(
    driven: tuple[DrivenHours, ...], routed: Mapping[str, float]
) -> tuple[DrivenHours, ...]:
    """The same with the hours of routes beside the formula's; as it was if somebody's are missing.

    ``routed`` is hours a year on the road by executive.
    """
    if not driven or any(one.executive_id not in routed for one in driven):
        return driven
    totals = [one.visit_hours + routed[one.executive_id] for one in driven]
    mean = sum(totals) / len(totals)
    return tuple(
        replace(
            one,
            routed_hours=routed[one.executive_id],
            routed_percent=100 * (total / mean - 1) if mean > 0 else 0.0,
        )
        for one, total in zip(driven, totals, strict=True)
    )


def road_factors(driven: Sequence[DrivenHours]) -> Floats:
    """Routed hours of each executive as a multiple of the formula's (k,); 1 where not routed."""
    factors = np.ones(len(driven))
    for k, one in enumerate(driven):
        formula = one.tour_hours + one.stem_hours
        if one.routed_hours is not None and formula > 0:
            factors[k] = one.routed_hours / formula
    return factors


def road_hours(one: DrivenHours) -> float:
    """Hours a year on the road: of routes if there are, else by formula."""
    return one.tour_hours + one.stem_hours if one.routed_hours is None else one.routed_hours


def off_percent(one: DrivenHours) -> float:
    """How far an executive's hours lie from the mean: by routes if there are, else by formula."""
    return one.deviation_percent if one.routed_percent is None else one.routed_percent


def worst_driven_percent(driven: Sequence[DrivenHours]) -> float:
    """Largest deviation of driven hours from their mean."""
    return max((abs(off_percent(one)) for one in driven), default=0.0)


def driven_notes(driven: Sequence[DrivenHours], tolerance_percent: float) -> tuple[str, ...]:
    """What the drive says of the plan, in words."""
    if not driven:
        return ()
    worst = max(driven, key=lambda one: abs(off_percent(one)))
    formula = sum(one.tour_hours + one.stem_hours for one in driven)
    routed = sum(one.routed_hours or 0.0 for one in driven)
    is_routed = driven[0].routed_hours is not None
    road = routed if is_routed else formula
    total = road + sum(one.visit_hours for one in driven)
    off = worst_driven_percent(driven)
    verdict = "within" if off <= tolerance_percent + 1e-9 else "beyond"
    share = 100 * road / total if total > 0 else 0.0
    said = (
        f"Driven on the road, hours lie {verdict} ±{tolerance_percent:g} % of their mean: worst "
        f"{worst.executive_id} with {off_percent(worst):+.1f} %; {share:.0f} % of all hours "
        "are driving."
    )
    if not is_routed:
        return (said,)
    times = road / formula if formula > 0 else 1.0
    return (
        f"{said} Hours are those of routes of four weeks, {times:.2f} times the formula's (by "
        f"the formula the worst is {max(abs(one.deviation_percent) for one in driven):.1f} %).",
    )
