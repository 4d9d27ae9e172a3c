"""The field team of a sample: executives, who owns what today, and who is away."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.samples.sample import TODAY, Draws, numbered, table
from data.samples.words import people
from territory.geo import LonLat, haversine_meters
from territory.units import Units, locate

SHIFT_HOURS = 8.0
LUNCH_HOURS = 0.75
VALID_FROM = date(2024, 1, 1)
SKILL = "installation"


def executives(draws: Draws, homes: LonLat, *, regions: Sequence[str]) -> pd.DataFrame:
    """Executives who start from ``homes`` (n, 2); the first two can install machines."""
    draw = draws.of("executives")
    count = len(homes)
    return table(
        "executives",
        {
            "executive_id": numbered("E", count),
            "name": people(draw, count),
            "home_lon": homes[:, 0].round(6),
            "home_lat": homes[:, 1].round(6),
            "shift_start": "08:30",
            "shift_end": "16:30",
            "weekdays": "Mo-Fr",
            "lunch_minutes": LUNCH_HOURS * 60,
            "lunch_earliest": "11:30",
            "lunch_latest": "13:30",
            "skills": [SKILL if number < 2 else "" for number in range(count)],
            "region": [regions[number % len(regions)] for number in range(count)],
        },
    )


def spread_out(draw: np.random.Generator, points: LonLat, count: int) -> NDArray[np.intp]:
    """``count`` of the points, each as far as possible from those before (Gonzalez 1985)."""
    chosen = [int(draw.integers(len(points)))]
    nearest = haversine_meters(points[chosen[-1:]], points)[0]
    while len(chosen) < count:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, haversine_meters(points[chosen[-1:]], points)[0])
    return np.asarray(chosen, dtype=np.intp)


def homes_among(draws: Draws, corners: LonLat, points: LonLat, count: int) -> LonLat:
    """A corner near the middle of each of ``count`` clusters of the points (Lloyd 1982)."""
    centres = points[spread_out(draws.of("homes"), points, count)]
    for _ in range(12):
        nearest = haversine_meters(points, centres).argmin(axis=1)
        centres = np.array([points[nearest == number].mean(axis=0) for number in range(count)])
    return np.asarray(corners[haversine_meters(centres, corners).argmin(axis=1)], dtype=np.float64)


def owners_today(draws: Draws, units: Units, homes: LonLat, visited: LonLat) -> NDArray[np.intp]:
    """Who owns each unit today: about the nearest home, but with 20 % too few accounts (points
    ``visited``) for some and 25 % too many for others, as jurisdictions become when they grow.

    A head start in metres per executive is moved until the numbers of accounts are so; each owner
    keeps the units that are nearest with the head start taken off.
    """
    wanted = draws.of("owners").permutation(np.linspace(0.8, 1.25, len(homes)))
    wanted *= len(visited) / wanted.sum()
    unit = locate(units, visited)
    accounts = np.bincount(unit[unit >= 0], minlength=len(units))
    meters = haversine_meters(units.lonlat, homes)
    step = float(np.median(meters)) / 4
    start = np.zeros(len(homes))
    best, least = meters.argmin(axis=1), np.inf
    for turn in range(80):
        owner = (meters - start).argmin(axis=1)
        load = np.bincount(owner, weights=accounts, minlength=len(homes))
        miss = float(np.abs(load - wanted).max())
        if miss < least:
            best, least = owner, miss
        start += step / (1 + turn / 8) * np.clip((wanted - load) / wanted, -1, 1)
    return np.asarray(best, dtype=np.intp)


def alignment(units: Units, owner: NDArray[np.intp], executive_ids: Sequence[str]) -> pd.DataFrame:
    """The alignment that holds today, unit by unit."""
    return table(
        "alignment",
        {
            "subject_kind": "unit" if units.kind == "h3" else "zone",
            "subject_id": units.ids,
            "executive_id": [executive_ids[number] for number in owner],
            "valid_from": [VALID_FROM] * len(units),
        },
    )


def owner_at(
    units: Units, owner: NDArray[np.intp], homes: LonLat, points: LonLat
) -> NDArray[np.intp]:
    """The owner of each point's unit; of a point outside every unit, the nearest home."""
    unit = locate(units, points)
    nearest = haversine_meters(points, homes).argmin(axis=1)
    return np.asarray(np.where(unit >= 0, owner[unit], nearest), dtype=np.intp)


def absences(executive_ids: Sequence[str], *, days_away: int) -> pd.DataFrame:
    """One executive away for some days of the coming weeks, so that not all fits; some later."""
    first = TODAY + timedelta(days=7)
    rows = [(executive_ids[-1], first, first + timedelta(days=days_away - 1), "training")]
    if len(executive_ids) > 4:
        day = TODAY + timedelta(days=17)
        rows.append((executive_ids[1], day, day, "doctor"))
    later = date(2026, 12, 28)
    rows.append((executive_ids[0], later, later + timedelta(days=4), "holiday"))
    columns = ("executive_id", "first_date", "last_date", "reason")
    return table("absences", dict(zip(columns, zip(*rows, strict=True), strict=True)))


def hours_in_4_weeks(executive_count: int, *, days_away: int) -> float:
    """Working hours of the team in four weeks, lunch and absences taken off."""
    days = 20 * executive_count - days_away
    return days * (SHIFT_HOURS - LUNCH_HOURS)
