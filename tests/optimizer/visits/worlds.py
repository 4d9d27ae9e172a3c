"""Small worlds for the visit tests: places on a plane where one metre takes a tenth of a second."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from optimizer.visits import VisitProblem, Weights, make_problem
from territory.geo import LonLat
from territory.travel import TravelMatrix
from territory.visits import Lunch, Shift, VisitNeed

MONDAY = date(2026, 11, 30)
HOME = (0.0, 0.0)
LUNCH = Lunch(earliest_start_seconds=41_400, latest_start_seconds=48_600, seconds=2_700)


def hm(hours: int, minutes: int = 0) -> int:
    """Seconds after midnight."""
    return hours * 3600 + minutes * 60


def plane(points: LonLat) -> TravelMatrix:
    """A degree is 1,000 seconds and 10,000 metres, straight on."""
    apart = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    return TravelMatrix(
        seconds=np.rint(apart * 1_000).astype(np.int32),
        meters=np.rint(apart * 10_000).astype(np.int32),
        source="estimated",
    )


def need(visit_id: str, lon: float, lat: float, **changes: object) -> VisitNeed:
    """A visit of 30 minutes on Monday between 8 and 18, worth 100."""
    facts: dict[str, object] = {
        "account_id": visit_id.split("#")[0],
        "executive_id": "E1",
        "visit_seconds": 1_800,
        "dates": (MONDAY,),
        "value": 100.0,
    }
    facts.update(changes)
    dates = facts["dates"]
    assert isinstance(dates, tuple)
    facts.setdefault("windows", tuple(((hm(8), hm(18)),) for _ in dates))
    return VisitNeed(visit_id=visit_id, lon=lon, lat=lat, **facts)  # type: ignore[arg-type]


def shift(day: date = MONDAY, **changes: object) -> Shift:
    """E1 works from 9 to 17 from and to (0, 0), without lunch."""
    facts: dict[str, object] = {
        "executive_id": "E1",
        "date": day,
        "start_seconds": hm(9),
        "end_seconds": hm(17),
        "start_lonlat": HOME,
        "end_lonlat": HOME,
    }
    facts.update(changes)
    return Shift(**facts)  # type: ignore[arg-type]


def days(count: int, first: date = MONDAY) -> tuple[date, ...]:
    """The next ``count`` calendar days."""
    return tuple(first + timedelta(days=step) for step in range(count))


def workdays(weeks: int, first: date = MONDAY) -> tuple[date, ...]:
    """Monday to Friday of some weeks."""
    return tuple(day for day in days(7 * weeks, first) if day.weekday() < 5)


def problem(
    needs: Sequence[VisitNeed], shifts: Sequence[Shift], weights: Weights | None = None
) -> VisitProblem:
    """The problem of these needs and shifts on the plane."""
    every = [day for n in needs for day in n.dates] + [s.date for s in shifts] + [MONDAY]
    return make_problem(
        needs, shifts, block=plane, first_date=min(every), last_date=max(every), weights=weights
    )


def city(
    *, executives: int, weeks: int, accounts: int, seed: int = 1, spread: float = 2.0
) -> VisitProblem:
    """A seeded city: clustered accounts with tiers A, B, C (4, 2, 1 visits in 4 weeks), lunch."""
    random = np.random.default_rng(seed)
    dates = workdays(weeks)
    needs: list[VisitNeed] = []
    shifts: list[Shift] = []
    for number in range(executives):
        who = f"E{number:02d}"
        home = tuple(random.uniform(-spread, spread, 2).round(4).tolist())
        middles = random.uniform(-spread, spread, (5, 2))
        shifts += [
            shift(
                day,
                executive_id=who,
                start_seconds=hm(8, 30),
                start_lonlat=home,
                end_lonlat=home,
                lunch=LUNCH,
            )
            for day in dates
        ]
        for account in range(accounts):
            needs += _series(f"{who}-A{account:03d}", who, weeks, dates, middles, random)
    return problem(needs, shifts)


def _series(
    account: str,
    who: str,
    weeks: int,
    dates: tuple[date, ...],
    middles: np.ndarray,
    random: np.random.Generator,
) -> list[VisitNeed]:
    frequency, minutes, worth = ((4, 45, 900), (2, 30, 400), (1, 20, 150))[random.integers(3)]
    count = max(1, frequency * weeks // 4)
    lon, lat = (middles[random.integers(5)] + random.normal(0, 0.3, 2)).round(4)
    opens = hm(int(random.choice([8, 9, 10])))
    closes = hm(int(random.choice([15, 17, 18])))
    share = len(dates) / count
    return [
        need(
            f"{account}#{turn + 1}",
            float(lon),
            float(lat),
            executive_id=who,
            visit_seconds=minutes * 60,
            dates=(span := dates[int(turn * share) : int((turn + 1) * share)]),
            windows=((((opens, closes),),) * len(span)),
            value=float(worth + random.integers(100)),
            series=account,
            min_spacing_days=4 if count > 1 else 0,
        )
        for turn in range(count)
    ]
