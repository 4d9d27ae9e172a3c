"""Visit needs: who has to be seen when, for how long, and the shifts in which it can be done.

Clock times are whole seconds after local midnight; durations are whole seconds.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

VisitKind = Literal["visit", "task", "appointment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitNeed:
    """One visit to be made within the horizon.

    ``visit_id`` is unique ("A17#2" is the second visit to account A17). ``dates`` are the days on
    which it may be made, ascending. ``windows[d]`` are the opening windows (start, end) on
    ``dates[d]``: the visit must start and end inside one of them. A pinned appointment has one
    date and ``pinned_start_seconds``. ``value`` is what is lost if it is not made, in the market's
    currency. Visits with the same ``series`` are kept ``min_spacing_days`` or more apart, and a
    visit lies at most ``max_spacing_days`` after the one before it in the series if that is made
    (0: no limit; the dates of both see to it). ``executive_id`` is who makes it. ``reason`` says in
    words why it is due. ``with_account_ids`` are seen in the same stop, behind the same door.
    """

    visit_id: str
    account_id: str
    executive_id: str
    lon: float
    lat: float
    visit_seconds: int
    dates: tuple[date, ...]
    windows: tuple[tuple[tuple[int, int], ...], ...]
    value: float
    kind: VisitKind = "visit"
    series: str = ""
    min_spacing_days: int = 0
    pinned_start_seconds: int | None = None
    deadline: date | None = None
    preferred_dates: tuple[date, ...] = ()
    required_skill: str = ""
    reason: str = ""
    max_spacing_days: int = 0
    with_account_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.windows) != len(self.dates):
            raise ValueError(
                f"{self.visit_id!r}: {len(self.windows)} windows for {len(self.dates)}"
            )
        if list(self.dates) != sorted(set(self.dates)):
            raise ValueError(f"{self.visit_id!r}: dates must ascend")
        if self.visit_seconds <= 0:
            raise ValueError(f"{self.visit_id!r}: a visit takes time, not {self.visit_seconds} s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lunch:
    """A break of ``seconds`` that starts within [earliest, latest], away from any visit.

    The rule, for judge and solver alike. Lunch is due on a route that leaves home at or before
    ``latest_start_seconds`` and returns at or after ``latest_start_seconds + seconds``; such a
    route holds exactly one Break of that length which starts within [earliest, latest] and lies
    within [leave, return]. A route on which lunch is not due (home early enough to eat there, or
    leaving after lunch) holds none. A break never overlaps a visit; it may interrupt a drive or be
    taken while waiting. Between the end of one stop (or leaving home) and the arrival at the next
    (or the return) lie at least the travel and the break time that falls between them.
    """

    earliest_start_seconds: int
    latest_start_seconds: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One executive's working day: home to home within [start, end]."""

    executive_id: str
    date: date
    start_seconds: int
    end_seconds: int
    start_lonlat: tuple[float, float]
    end_lonlat: tuple[float, float]
    lunch: Lunch | None = None
    max_driving_seconds: int | None = None
    skills: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.start_seconds < self.end_seconds <= 86_400:
            raise ValueError(f"shift {self.start_seconds}-{self.end_seconds} s is not a day's span")
