"""Compiles the kernels of recurring visits, the plain ones and those of the slow clock."""

from datetime import date

import numpy as np

from optimizer.run import Stop
from optimizer.visits.problem import VisitParams, VisitProblem, make_problem
from optimizer.visits.solve import solve
from territory.geo import LonLat
from territory.travel import TravelMatrix
from territory.visits import Lunch, Shift, VisitNeed

_DAY = date(2026, 11, 30)
_HOME = (0.0, 0.0)
_HOURS = (8 * 3600, 18 * 3600)
_LUNCH = Lunch(earliest_start_seconds=41_400, latest_start_seconds=48_600, seconds=2_700)


def warm_up() -> None:
    """Plan one day without and once with overtime, so that compiled code lands in the cache."""
    for overtime_seconds in (0, 3_600):
        params = VisitParams(engine="ruin", threads=1)
        solve(small_day(overtime_seconds), params=params, stop=Stop(iterations=1))


def small_day(overtime_seconds: int) -> VisitProblem:
    """Two visits of one executive on one day."""
    needs = [
        VisitNeed(
            visit_id=name,
            account_id=name,
            executive_id="E1",
            lon=lon,
            lat=0.0,
            visit_seconds=1_800,
            dates=(_DAY,),
            windows=((_HOURS,),),
            value=1.0,
        )
        for name, lon in (("A", 0.1), ("B", 0.2))
    ]
    shift = Shift(
        executive_id="E1",
        date=_DAY,
        start_seconds=_HOURS[0],
        end_seconds=_HOURS[1],
        start_lonlat=_HOME,
        end_lonlat=_HOME,
        lunch=_LUNCH,
        overtime_seconds=overtime_seconds,
    )
    return make_problem(needs, [shift], block=_line, first_date=_DAY, last_date=_DAY)


def _line(points: LonLat) -> TravelMatrix:
    apart = np.abs(points[:, None, 0] - points[None, :, 0])
    seconds = np.rint(apart * 1_000).astype(np.int32)
    return TravelMatrix(seconds=seconds, meters=10 * seconds, source="estimated")
