"""Workload per unit: hours a year of visits and of the way between them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.travel import Mode
from territory.units import Units, locate
from territory.units.totals import sum_per_unit

VISITS_PER_4_WEEKS = {"A": 4.0, "B": 2.0, "C": 1.0}
VISIT_MINUTES = {"A": 45.0, "B": 30.0, "C": 20.0}
CYCLES_PER_YEAR = 13  # cycles of four weeks
BEARDWOOD = 0.7124
"""Shortest tour through n random points of an area: 0.7124 sqrt(area n).

Beardwood, Halton and Hammersley 1959; the constant after Johnson and McGeoch 1996.
"""

STRAIGHT_SPEED_KMH: Mapping[Mode, float] = {"car": 22.0, "bicycle": 11.0, "foot": 3.7}
"""Speed along the straight line: road speed in town over a detour of 1.3."""


def workload_per_unit(
    tables: Mapping[str, pd.DataFrame],
    units: Units,
    mode: Mode,
    *,
    companies: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Hours a year that the accounts of each unit ask for, and notes.

    Visits take frequency x minutes, from the tier where an account does not say (A 4 x 45, B 2 x
    30, C 1 x 20 in four weeks). Travel is a Beardwood tour through the visits of four weeks.
    Without accounts every company is taken for a C account; ``companies`` is how many each unit
    has, None if there are none.
    """
    accounts = tables["accounts"]
    if len(accounts) > 0 or companies is None:
        return account_hours(accounts, units, mode), ()
    count = companies * VISITS_PER_4_WEEKS["C"]
    note = "There are no accounts: workload takes every company for a C account."
    return _hours(count, count * VISIT_MINUTES["C"], units, mode), (note,)


def account_hours(accounts: pd.DataFrame, units: Units, mode: Mode) -> NDArray[np.float64]:
    """Hours a year that these accounts ask for in each unit, the way between visits included."""
    unit = locate(units, accounts[["lon", "lat"]].to_numpy(dtype=np.float64))
    visits, minutes = visit_load(accounts)
    count = sum_per_unit(unit, visits, len(units))
    return _hours(count, sum_per_unit(unit, visits * minutes, len(units)), units, mode)


def _hours(
    count: NDArray[np.float64], spent: NDArray[np.float64], units: Units, mode: Mode
) -> NDArray[np.float64]:
    """Hours a year of ``count`` visits and ``spent`` minutes in four weeks, per unit."""
    tour_kilometers = BEARDWOOD * np.sqrt(units.area_square_meters * count) / 1000
    hours: NDArray[np.float64] = spent / 60 + tour_kilometers / STRAIGHT_SPEED_KMH[mode]
    return hours * CYCLES_PER_YEAR


def visit_load(accounts: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Visits in four weeks and minutes of a visit of every account, from its tier if empty."""
    tier = accounts["tier"].where(accounts["tier"].isin(list(VISIT_MINUTES)), "C")
    loads = []
    for column, usual in (
        ("visits_per_4_weeks", VISITS_PER_4_WEEKS),
        ("visit_minutes", VISIT_MINUTES),
    ):
        given = accounts[column].to_numpy(dtype=np.float64)
        by_tier = tier.map(usual).to_numpy(dtype=np.float64)
        loads.append(np.where(np.isfinite(given), given, by_tier))
    return loads[0], loads[1]
