"""Rows of the market tables as the calendar reads them, defaults filled in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

import pandas as pd

from territory.hours import Week, parse_hours, parse_time, parse_weekdays
from territory.market import Market
from territory.visits import LunchPlace

VISITS_PER_4_WEEKS = {"A": 4.0, "B": 2.0, "C": 1.0, "": 1.0}
VISIT_MINUTES = {"A": 45.0, "B": 30.0, "C": 20.0, "": 30.0}
DEFAULT_HOURS = "Mo-Fr 09:00-17:00"
DEFAULT_SHIFT = ("08:30", "17:00")
DEFAULT_WEEKDAYS = "Mo-Fr"
DEFAULT_LUNCH_MINUTES = 45.0
DEFAULT_LUNCH = ("11:30", "13:30")
DEFAULT_TASK_MINUTES = 20.0
LEAST_POTENTIAL = 100.0
"""Potential a year of an account nobody knows anything about, where no account's is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account, ready to be planned. ``week`` is None where its hours cannot be read.

    ``with_ids`` are accounts behind the same door, seen in the same stop (``visit_group``).
    """

    account_id: str
    lon: float
    lat: float
    visits_per_4_weeks: float
    visit_seconds: int
    week: Week | None
    opening_hours: str
    allowed_weekdays: frozenset[int]
    preferred_weekdays: frozenset[int]
    required_skill: str
    last_visit: date | None
    annual_potential: float
    own_executive: str
    priority: float = 1.0
    min_spacing_days: int | None = None
    max_spacing_days: int | None = None
    visit_group: str = ""
    with_ids: tuple[str, ...] = ()
    value_beside: float = 0.0
    late_seconds: int = 0

    @property
    def has_place(self) -> bool:
        """Whether it has coordinates; exactly (0, 0) is a missing value, not a place at sea."""
        return not (pd.isna(self.lon) or pd.isna(self.lat)) and (self.lon, self.lat) != (0.0, 0.0)

    @property
    def value(self) -> float:
        """What one regular visit is worth: priority x the year's potential over its visits."""
        worth = self.annual_potential / max(1.0, self.visits_per_4_weeks * 13)
        return self.priority * worth + self.value_beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Executive:
    """One executive; ``weekdays`` are the working days."""

    executive_id: str
    home: tuple[float, float]
    end: tuple[float, float]
    start_seconds: int
    end_seconds: int
    weekdays: frozenset[int]
    lunch: tuple[int, int, int]  # earliest, latest, seconds; 0 seconds for none
    max_driving_seconds: int | None
    skills: frozenset[str]
    overtime_seconds: int = 0
    overtime_price: float | None = None
    is_open_end: bool = False
    lunch_place: LunchPlace = "anywhere"


def read_accounts(market: Market) -> tuple[Account, ...]:
    """Every account of the market, in table order."""
    frame = market.table("accounts")
    done = last_done(market)
    potential = _potentials(market, frame)
    return tuple(
        _account(row, potential[position], done)
        for position, row in enumerate(frame.to_dict("records"))
    )


def read_account(market: Market, account_id: str) -> Account | None:
    """One account as ``read_accounts`` has it, without reading the others; None if not there."""
    frame = market.table("accounts")
    found = (frame["account_id"] == account_id).to_numpy().nonzero()[0]
    if len(found) == 0:
        return None
    position = int(found[0])
    row = frame.iloc[[position]].to_dict("records")[0]
    return _account(row, _potentials(market, frame)[position], last_done(market, account_id))


def last_done(market: Market, account_id: str | None = None) -> Mapping[str, date]:
    """The day of each (or one) account's last visit that was done, by the visits table."""
    visits = market.table("visits")
    is_done = visits["status"] == "done"
    if account_id is not None:
        is_done &= visits["account_id"] == account_id
    done = visits[is_done]
    latest: dict[str, date] = {}
    for account_id, day in zip(done["account_id"], done["date"], strict=True):
        if day is not None and day <= market.settings.today:
            latest[account_id] = max(day, latest.get(account_id, day))
    return latest


def _potentials(market: Market, accounts: pd.DataFrame) -> list[float]:
    companies = market.table("companies")
    spent = dict(zip(companies["company_id"], companies["consumption"], strict=True))
    own = accounts["annual_potential"]
    of_company = accounts["company_id"].map(spent).astype("float64")
    known = own.fillna(of_company)
    middle = float(known.median()) if known.notna().any() else LEAST_POTENTIAL
    return [float(value) for value in known.fillna(middle).clip(lower=1.0)]


def _account(row: Mapping[Any, Any], potential: float, done: Mapping[str, date]) -> Account:
    tier = row["tier"]
    seen = [day for day in (row["last_visit"], done.get(row["account_id"])) if day is not None]
    return Account(
        account_id=row["account_id"],
        lon=float(row["lon"]),
        lat=float(row["lat"]),
        visits_per_4_weeks=_number(row["visits_per_4_weeks"], VISITS_PER_4_WEEKS.get(tier, 1.0)),
        visit_seconds=round(60 * _number(row["visit_minutes"], VISIT_MINUTES.get(tier, 30.0))),
        week=_week(row["opening_hours"]),
        opening_hours=row["opening_hours"],
        allowed_weekdays=parse_weekdays(row["allowed_weekdays"]),
        preferred_weekdays=parse_weekdays(row["preferred_weekdays"]),
        required_skill=row["required_skill"],
        last_visit=max(seen, default=None),
        annual_potential=potential,
        own_executive=row["executive_id"],
        priority=_number(row["priority"], 1.0),
        min_spacing_days=_whole(row["min_spacing_days"]),
        max_spacing_days=_whole(row["max_spacing_days"]),
        visit_group=row["visit_group"],
        late_seconds=round(60 * _number(row["late_minutes"], 0.0)),
    )


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _week(opening_hours: str) -> Week | None:
    # Hours that cannot be read leave the account out with a word, not the whole plan.
    try:
        return parse_hours(opening_hours, default=DEFAULT_HOURS)
    except ValueError:
        return None


def _number(value: Any, default: float) -> float:
    return default if pd.isna(value) else float(value)


def read_executives(market: Market) -> tuple[Executive, ...]:
    """Every executive who has a home and a working day that ends after it starts."""
    rows = market.table("executives").to_dict("records")
    return tuple(executive for row in rows if (executive := _executive(row)) is not None)


def _executive(row: Mapping[Any, Any]) -> Executive | None:
    home = float(row["home_lon"]), float(row["home_lat"])
    end = _number(row["end_lon"], home[0]), _number(row["end_lat"], home[1])
    start_seconds = parse_time(row["shift_start"] or DEFAULT_SHIFT[0])
    end_seconds = parse_time(row["shift_end"] or DEFAULT_SHIFT[1])
    if pd.isna(home[0]) or pd.isna(home[1]) or end_seconds <= start_seconds:
        return None
    earliest = parse_time(row["lunch_earliest"] or DEFAULT_LUNCH[0])
    latest = parse_time(row["lunch_latest"] or DEFAULT_LUNCH[1])
    lunch_seconds = round(60 * _number(row["lunch_minutes"], DEFAULT_LUNCH_MINUTES))
    driving = row["max_driving_minutes"]
    return Executive(
        executive_id=row["executive_id"],
        home=home,
        end=end,
        start_seconds=start_seconds,
        end_seconds=end_seconds,
        weekdays=parse_weekdays(row["weekdays"] or DEFAULT_WEEKDAYS),
        lunch=(earliest, max(earliest, latest), lunch_seconds),
        max_driving_seconds=None if pd.isna(driving) else round(60 * float(driving)),
        skills=frozenset(skill for skill in _split(row["skills"])),
        overtime_seconds=round(60 * _number(row["max_overtime_minutes"], 0.0)),
        is_open_end=row["day_ends"] == "last_visit",
        lunch_place=_lunch_place(row["lunch_place"]),
        overtime_price=None if pd.isna(row["overtime_price"]) else float(row["overtime_price"]),
    )


def _lunch_place(word: object) -> LunchPlace:
    places: tuple[LunchPlace, ...] = get_args(LunchPlace)
    return next((place for place in places if place == word), "anywhere")


def _split(ids: str) -> Iterable[str]:
    return (part.strip() for part in ids.split(";") if part.strip())
