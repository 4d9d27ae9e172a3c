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
    A visit may end up to ``late_seconds`` after a window does, at the price of lateness.
    ``published_date`` is the day a plan has told the account, None if none has.
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
    late_seconds: int = 0
    published_date: date | None = None

    def __post_init__(self) -> None:
        if len(self.windows) != len(self.dates):
            raise ValueError(
                f"{self.visit_id!r}: {len(self.windows)} windows for {len(self.dates)}"
            )
        if list(self.dates) != sorted(set(self.dates)):
            raise ValueError(f"{self.visit_id!r}: dates must ascend")
        if self.visit_seconds <= 0:
            raise ValueError(f"{self.visit_id!r}: a visit takes time, not {self.visit_seconds} s")


def late_windows(need: VisitNeed, day: date) -> tuple[tuple[int, int, int], ...]:
    """The spans a visit may lie in on a date: start, latest end, and the end that costs nothing.

    A late end never runs into the next window. A pinned appointment has its own time only.
    """
    windows = sorted(need.windows[need.dates.index(day)])
    if need.pinned_start_seconds is not None:
        start = need.pinned_start_seconds
        return ((start, start + need.visit_seconds, start + need.visit_seconds),)
    opens_next = [window[0] for window in windows[1:]] + [86_400]
    return tuple(
        (opens, max(shuts, min(shuts + need.late_seconds, following)), shuts)
        for (opens, shuts), following in zip(windows, opens_next, strict=True)
    )


def seconds_late(need: VisitNeed, day: date, start: int, end: int) -> int:
    """By how much a visit ends after the window it began in; 0 on a date it has no window on."""
    if day not in need.dates:
        return 0
    late = [max(0, end - soft) for opens, _, soft in late_windows(need, day) if opens <= start]
    return min(late, default=0)


LunchPlace = Literal["anywhere", "account", "home"]


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

    With ``place`` "account", and on any shift with ``traffic``, it does not interrupt a drive: it
    lies before or after the drive between two stops; with "account" not at home or wherever the
    day begins and ends. With "home" the way between two stops leads by ``lonlat``: one drive there,
    lunch, and one drive on; not after the last stop of a day with an open end. A day that is
    planned anew after it has begun may have it anywhere.
    """

    earliest_start_seconds: int
    latest_start_seconds: int
    seconds: int
    place: LunchPlace = "anywhere"
    lonlat: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if (self.place == "home") != (self.lonlat is not None):
            raise ValueError(f"lunch at {self.place!r} with the place {self.lonlat}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One executive's working day: home to home within [start, end].

    ``overtime_seconds`` more may be worked after the end, at ``overtime_price`` an hour in the
    market's currency (None: the plan's price). With ``is_open_end`` the day ends at its last
    stop, not at ``end_lonlat``. ``traffic`` are spans of the day (from, to, speed in thousandths of
    the travel matrix's) that follow one another from 0 to 86,400; none means always 1,000. A drive
    of d seconds in the matrix arrives at the first second by which the speeds since its departure
    add up to 1,000 d.
    """

    executive_id: str
    date: date
    start_seconds: int
    end_seconds: int
    start_lonlat: tuple[float, float]
    end_lonlat: tuple[float, float]
    lunch: Lunch | None = None
    max_driving_seconds: int | None = None
    skills: frozenset[str] = frozenset()
    overtime_seconds: int = 0
    overtime_price: float | None = None
    is_open_end: bool = False
    traffic: tuple[tuple[int, int, int], ...] = ()

    def __post_init__(self) -> None:
        edges = [0, *(to for _, to, _ in self.traffic)]
        if self.traffic and ([*(f for f, _, _ in self.traffic), 86_400] != edges):
            raise ValueError(f"traffic {self.traffic} does not follow on from 0 to 86400")
        if any(fro >= to or speed <= 0 for fro, to, speed in self.traffic):
            raise ValueError(f"traffic {self.traffic}: spans and speeds above 0")
        if not 0 <= self.overtime_seconds <= 86_400:
            raise ValueError(f"overtime of {self.overtime_seconds} s is not within a day")
        if not 0 <= self.start_seconds < self.end_seconds <= 86_400:
            raise ValueError(f"shift {self.start_seconds}-{self.end_seconds} s is not a day's span")

    @property
    def latest_end_seconds(self) -> int:
        """When the day ends at the latest, overtime included; midnight at most."""
        return min(86_400, self.end_seconds + self.overtime_seconds)
