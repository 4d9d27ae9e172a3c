"""The working days of every executive within the horizon: no absences, no public holidays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from territory.calendar.rows import Executive
from territory.calendar.traffic import Traffic, week_of_traffic
from territory.errors import Fault, InputError
from territory.market import Market
from territory.visits import Lunch, LunchPlace, Shift

Place = tuple[float, float]


def horizon(first_date: date, weeks: int) -> tuple[date, ...]:
    """Every calendar day of some weeks from a first day."""
    return tuple(first_date + timedelta(days=step) for step in range(7 * weeks))


def public_holidays(country: str, days: Sequence[date]) -> Mapping[date, str]:
    """The public holidays among some days, with their names; none without a country.

    ``country`` is an ISO 3166 code, with its part after a hyphen where that matters ("DE-BY").

    Raises
    ------
    InputError
        If no holidays are known for this country.
    """
    if not country or not days:
        return {}
    import holidays

    code, _, part = country.partition("-")
    try:
        known = holidays.country_holidays(
            code, subdiv=part or None, years={day.year for day in days}
        )
    except NotImplementedError as error:
        fault = Fault(
            column="country", value=country, expected="a country with known public holidays"
        )
        raise InputError(
            f"No public holidays are known for {country!r}.",
            [fault],
            fix="Give an ISO 3166 code such as FI or DE-BY, or leave it empty.",
        ) from error
    return {day: str(known[day]) for day in days if day in known}


def make_shifts(
    market: Market, executives: Iterable[Executive], days: Sequence[date], closed: Iterable[date]
) -> tuple[Shift, ...]:
    """One shift for each executive and working day, by executive and date.

    A night away (table ``overnights``) ends the day at the bed and begins the next one there; lunch
    at home is had anywhere on such days.
    """
    away = _absent_days(market)
    beds = _beds(market)
    traffic = week_of_traffic(market)
    shut = frozenset(closed)
    return tuple(
        _shift(executive, day, beds, traffic)
        for executive in executives
        for day in days
        if day.weekday() in executive.weekdays
        and day not in shut
        and not _is_away(away.get(executive.executive_id, ()), day)
    )


def _shift(
    executive: Executive,
    day: date,
    beds: Mapping[tuple[str, date], Place],
    traffic: Sequence[Traffic],
) -> Shift:
    who = executive.executive_id
    earliest, latest, seconds = executive.lunch
    is_far = (who, day) in beds or (who, day - timedelta(days=1)) in beds
    place: LunchPlace = executive.lunch_place
    if place == "home" and is_far:
        place = "anywhere"
    lunch = Lunch(
        earliest_start_seconds=earliest,
        latest_start_seconds=latest,
        seconds=seconds,
        place=place,
        lonlat=executive.home if place == "home" else None,
    )
    return Shift(
        executive_id=who,
        date=day,
        start_seconds=executive.start_seconds,
        end_seconds=executive.end_seconds,
        start_lonlat=beds.get((who, day - timedelta(days=1)), executive.home),
        end_lonlat=beds.get((who, day), executive.end),
        lunch=lunch if seconds > 0 else None,
        max_driving_seconds=executive.max_driving_seconds,
        skills=executive.skills,
        overtime_seconds=executive.overtime_seconds,
        overtime_price=executive.overtime_price,
        is_open_end=executive.is_open_end and (who, day) not in beds,
        traffic=traffic[day.weekday()],
    )


def _beds(market: Market) -> Mapping[tuple[str, date], Place]:
    """Where each night away is spent, by executive and the day it follows."""
    return {
        (row["executive_id"], row["date"]): (float(row["lon"]), float(row["lat"]))
        for row in market.table("overnights").to_dict("records")
        if row["date"] is not None
    }


def _absent_days(market: Market) -> Mapping[str, list[tuple[date, date]]]:
    away: dict[str, list[tuple[date, date]]] = {}
    for row in market.table("absences").to_dict("records"):
        span = row["first_date"], row["last_date"]
        if None not in span:
            away.setdefault(row["executive_id"], []).append(span)
    return away


def _is_away(spans: Iterable[tuple[date, date]], day: date) -> bool:
    return any(first <= day <= last for first, last in spans)
