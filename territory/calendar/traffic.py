"""Traffic by the hour: how fast drives are in every span of each weekday."""

from itertools import pairwise
from typing import Any

from territory.hours import parse_time, parse_weekdays
from territory.market import Market

Traffic = tuple[tuple[int, int, int], ...]
"""Spans from 0 to 86,400 with a speed in thousandths (``territory.visits.Shift.traffic``)."""

DAY_SECONDS = 86_400
FREE = 1000


def week_of_traffic(market: Market) -> tuple[Traffic, ...]:
    """The traffic of Monday to Sunday from the table ``travel_hours``; () on days without any.

    Where hours overlap the slowest holds. Hours that end before they begin run over midnight.
    """
    rows = market.table("travel_hours").to_dict("records") if _has_hours(market) else []
    return tuple(_of_day([row for row in rows if _holds(row, day)]) for day in range(7))


def _has_hours(market: Market) -> bool:
    # Markets made in memory may hold only the tables they need.
    return "travel_hours" in market.tables


def _holds(row: dict[Any, Any], weekday: int) -> bool:
    days = parse_weekdays(row["weekdays"])
    return not days or weekday in days


def _of_day(rows: list[dict[Any, Any]]) -> Traffic:
    slow = []
    for row in rows:
        begin, end = parse_time(row["from_time"]), parse_time(row["to_time"])
        speed = max(1, round(FREE / float(row["factor"])))
        if begin < end:
            slow.append((begin, end, speed))
        elif end < begin:
            slow += [(begin, DAY_SECONDS, speed), (0, end, speed)]
    if not slow:
        return ()
    edges = sorted({0, DAY_SECONDS, *(edge for begin, end, _ in slow for edge in (begin, end))})
    spans = []
    for begin, end in pairwise(edges):
        if begin < end:
            speeds = [speed for fro, to, speed in slow if fro <= begin and end <= to]
            spans.append((begin, end, min(speeds, default=FREE)))
    return tuple(spans)
