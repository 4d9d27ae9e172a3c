"""The mission set: executives with accounts around them on real roads, weeks of recurring visits.

Seeded: places lie beside the streets of a road network, each executive looks after the accounts
nearest to home (equal numbers), accounts are seen twice a week to once in four weeks at hours of
their own, tasks have deadlines, lunch is held. ``judge`` counts what the judge finds,
``parts_of_cost`` are the parts that it holds a plan to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.shared import shared_path
from optimizer.visits import VisitProblem, make_problem
from territory.calendar.rhythm import due_visits, rhythm_of
from territory.checks import VisitFacts, check_visits
from territory.geo import LonLat
from territory.prices import VisitPrices
from territory.routes import VisitPlan
from territory.travel import TravelTimes
from territory.visits import Lunch, Shift, VisitNeed

if TYPE_CHECKING:
    from data.travel import RoadTravel

FIRST_DAY = date(2027, 1, 4)  # a Monday
HOUR = 3_600
FREQUENCIES = (8.0, 4.0, 2.0, 1.0)  # visits in four weeks
SHARES = (0.05, 0.15, 0.35, 0.45)
WHOLE_DAY = ((9 * HOUR, 18 * HOUR),)
MORNING = ((9 * HOUR, 13 * HOUR),)
WITH_SIESTA = ((9 * HOUR, 12 * HOUR), (14 * HOUR + 1_800, 18 * HOUR))
HOURS = (WHOLE_DAY, MORNING, WITH_SIESTA)
HOURS_SHARES = (0.6, 0.2, 0.2)
CLOSED_ONE_DAY = 0.15  # share of accounts closed on one weekday
TASK_SHARE = 0.05  # tasks per account
LUNCH = Lunch(earliest_start_seconds=12 * HOUR, latest_start_seconds=14 * HOUR, seconds=45 * 60)
SHIFT = (8 * HOUR + 1_800, 18 * HOUR)
WEEKDAYS = frozenset(range(5))


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionSize:
    """How large a mission set is."""

    executives: int = 20
    accounts: int = 2_000
    weeks: int = 4
    seed: int = 1

    @property
    def name(self) -> str:
        return f"mission {self.executives}x{self.weeks}w {self.accounts}"


@cache
def porto_travel() -> "RoadTravel":
    """Travel times on Porto's roads, made once."""
    from data.roads import read_network
    from data.travel import road_travel

    extract = shared_path("geo", "porto", "porto_portugal.osm.pbf")
    return road_travel(read_network(extract, "car", country="PT"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionCalendar:
    """Needs and shifts of a mission set, and all days of its weeks."""

    needs: tuple[VisitNeed, ...]
    shifts: tuple[Shift, ...]
    days: tuple[date, ...]


def make_mission(
    size: MissionSize, travel: TravelTimes, places: LonLat, *, part: int = 1, parts: int = 1
) -> VisitProblem:
    """The visit problem of a mission set; ``places`` are at least as many as accounts and homes.

    Of ``parts`` equal groups of executives only the given one, from 1, is in the problem.
    """
    calendar = mission_calendar(size, places)
    numbers = range((part - 1) * size.executives // parts, part * size.executives // parts)
    chosen = {f"E{number:03d}" for number in numbers}
    return make_problem(
        [need for need in calendar.needs if need.executive_id in chosen],
        [shift for shift in calendar.shifts if shift.executive_id in chosen],
        block=lambda points: travel.block(points, points),
        first_date=calendar.days[0],
        last_date=calendar.days[-1],
        prices=VisitPrices(),
    )


def mission_calendar(size: MissionSize, places: LonLat) -> MissionCalendar:
    """The needs and shifts of a mission set; the first ``places`` are homes, the next accounts."""
    draw = np.random.default_rng([size.seed, size.accounts, size.executives])
    homes = places[: size.executives]
    accounts = places[size.executives : size.executives + size.accounts]
    owner = nearest_in_equal_numbers(accounts, homes)
    days = tuple(FIRST_DAY + timedelta(days=step) for step in range(7 * size.weeks))
    working = tuple(day for day in days if day.weekday() in WEEKDAYS)
    needs = tuple(
        need
        for row, place in enumerate(accounts)
        for need in _account_needs(f"A{row:05d}", f"E{owner[row]:03d}", place, working, draw)
    )
    shifts = tuple(
        _shift(f"E{row:03d}", day, (float(home[0]), float(home[1])))
        for row, home in enumerate(homes)
        for day in working
    )
    return MissionCalendar(needs=needs, shifts=shifts, days=days)


def nearest_in_equal_numbers(accounts: LonLat, homes: LonLat) -> NDArray[np.int64]:
    """Whose account each is: who has most to lose chooses first, nobody gets more than a share."""
    apart = np.hypot(*(accounts[:, None, :] - homes[None, :, :]).transpose(2, 0, 1))
    room = np.full(len(homes), -(-len(accounts) // len(homes)))
    owner = np.full(len(accounts), -1, dtype=np.int64)
    ranked = np.sort(apart, axis=1)
    regret = ranked[:, min(1, len(homes) - 1)] - ranked[:, 0]
    for row in np.argsort(-regret, kind="stable"):
        open_homes = np.flatnonzero(room > 0)
        owner[row] = open_homes[apart[row, open_homes].argmin()]
        room[owner[row]] -= 1
    return owner


def _shift(who: str, day: date, home: tuple[float, float]) -> Shift:
    return Shift(
        executive_id=who,
        date=day,
        start_seconds=SHIFT[0],
        end_seconds=SHIFT[1],
        start_lonlat=home,
        end_lonlat=home,
        lunch=LUNCH,
        max_driving_seconds=5 * HOUR,
    )


def _account_needs(
    account: str,
    who: str,
    place: NDArray[np.float64],
    working: tuple[date, ...],
    draw: np.random.Generator,
) -> Iterator[VisitNeed]:
    frequency = float(draw.choice(FREQUENCIES, p=SHARES))
    hours = HOURS[int(draw.choice(len(HOURS), p=HOURS_SHARES))]
    closed = int(draw.integers(5)) if draw.uniform() < CLOSED_ONE_DAY else -1
    value = float(np.round(draw.lognormal(5.0, 0.7), 2))
    pattern = VisitNeed(
        visit_id=f"{account}#0",
        account_id=account,
        executive_id=who,
        lon=float(place[0]),
        lat=float(place[1]),
        visit_seconds=60 * int(draw.choice((20, 25, 30, 40))),
        dates=(working[0],),
        windows=(hours,),
        value=value,
        series=account,
    )
    rhythm = rhythm_of(frequency, len(WEEKDAYS))
    dues = due_visits(account, rhythm, working_days=working, weekdays=WEEKDAYS, last_visit=None)
    for number, due in enumerate(dues, 1):
        dates = tuple(day for day in due.days if day.weekday() != closed)
        if dates:
            yield replace(
                pattern,
                visit_id=f"{account}#{number}",
                dates=dates,
                windows=(hours,) * len(dates),
                min_spacing_days=rhythm.min_spacing_days,
            )
    if draw.uniform() < TASK_SHARE:
        last = working[int(draw.integers(4, len(working)))]
        dates = tuple(day for day in working if day <= last and day.weekday() != closed)
        yield replace(
            pattern,
            visit_id=f"{account}#task",
            kind="task",
            visit_seconds=20 * 60,
            dates=dates,
            windows=(hours,) * len(dates),
            value=value / 2,
            series="",
            deadline=last,
        )


def judge(problem: VisitProblem, plan: VisitPlan) -> int:
    """How many rules a plan breaks, by the judge."""
    facts = VisitFacts(
        needs=problem.needs,
        shifts=problem.shifts,
        points=problem.points.lonlat,
        travel=problem.travel,
        mode=problem.mode,
        unplannable=problem.unserved,
        prices=problem.prices,
    )
    return len(check_visits(plan, facts))


def parts_of_cost(plan: VisitPlan) -> dict[str, float]:
    """The amounts of a plan's cost by part; ``judge`` recomputes each."""
    return {part.name: part.amount for part in plan.costs}


def value_kept(problem: VisitProblem, plan: VisitPlan) -> float:
    """The value of the visits a plan makes, from the needs."""
    value = {need.visit_id: need.value for need in problem.needs}
    made: Sequence[str] = [stop.visit_id for route in plan.routes for stop in route.stops]
    return sum(value[visit_id] for visit_id in set(made))
