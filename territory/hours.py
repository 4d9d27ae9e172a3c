"""Clock times, weekdays and opening hours: the small part of OSM's opening_hours that a plan needs.

Seconds are whole seconds after local midnight; weekdays are 0 for Monday to 6 for Sunday.
"""

import re
from functools import lru_cache

Window = tuple[int, int]
"""Start and end in seconds after midnight, 0 <= start < end <= 86 400."""

Week = tuple[tuple[Window, ...], ...]
"""Seven days from Monday, each with its windows: ascending, apart from one another."""

DAY_SECONDS = 86_400
WEEKDAY_NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
ALL_DAYS = frozenset(range(7))
TEXTS_REMEMBERED = 4_096
"""Texts read lately: tens of thousands of accounts share a few hundred opening hours."""

_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_BY_NAME = {
    name[:length]: day for day, name in enumerate(_FULL_NAMES) for length in (2, 3, len(name))
}
_CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?::(\d{2}))?")
_RULE = re.compile(r"(?P<days>[^\d]*?)\s*(?P<times>\d.*|off|closed)", re.IGNORECASE)
_NEW_DAYS = re.compile(r",(?=\s*[A-Za-z])")
_CLOSED = ("off", "closed")
_HOLIDAYS = ("ph", "sh")


def parse_time(text: str) -> int:
    """Seconds after midnight of a clock time such as "08:30", up to "24:00".

    Raises
    ------
    ValueError
        If the text is not such a time.
    """
    seconds = _clock_seconds(text.strip())
    if seconds > DAY_SECONDS:
        raise ValueError(f"{text!r} is past 24:00")
    return seconds


def format_time(seconds: int) -> str:
    """A clock time as "HH:MM" (with ":SS" only where there are seconds)."""
    minutes, rest = divmod(seconds, 60)
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{clock}:{rest:02d}" if rest else clock


@lru_cache(maxsize=TEXTS_REMEMBERED)
def parse_weekdays(text: str) -> frozenset[int]:
    """The days that "Mo-Fr", "Mo,We,Fr" or "Sa-Mo" names; no days for an empty text.

    English names of two, three or all letters are read in any case, joined by "," or ";".

    Raises
    ------
    ValueError
        If a part is not a weekday.
    """
    parts = [part.strip() for part in _plain(text).replace(";", ",").split(",")]
    days: set[int] = set()
    for part in filter(None, parts):
        days |= _day_range(part)
    return frozenset(days)


def parse_hours(text: str, *, default: str = "") -> Week:
    """The windows of each weekday in opening hours such as "Mo-Fr 09:00-17:00; Sa 10:00-14:00".

    ``default`` is read instead when the text is empty; both empty means closed all week. Rules are
    parted by ";" and a later rule replaces an earlier one on the days it names; after "," a rule
    adds to them. No days means all days, "off" closes, "24/7" never closes, and hours past midnight
    run on into the next day. Rules for public or school holidays (PH, SH) are left out, for a week
    knows no holidays. Months, weeks, sunrise, comments and open ends are refused, not guessed.

    Raises
    ------
    ValueError
        If a rule is outside this part of the opening_hours grammar.
    """
    return _week(_plain(text) or _plain(default))


@lru_cache(maxsize=TEXTS_REMEMBERED)
def _week(wanted: str) -> Week:
    spans: list[list[Window]] = [[] for _ in range(7)]
    for rule in filter(None, (part.strip() for part in wanted.split(";"))):
        for position, piece in enumerate(_NEW_DAYS.split(_join_day_lists(rule))):
            _apply(spans, piece.strip(), replaces=position == 0)
    return _split_at_midnight(spans)


def _plain(text: str) -> str:
    for dash in ("–", "—", "‐", "‑", "−"):
        text = text.replace(dash, "-")
    return text.strip().rstrip(";,").strip()


def _join_day_lists(rule: str) -> str:
    # "Mo,We 10:00-12:00, Fr 14:00-15:00": the first comma joins days, the second starts a new rule.
    return re.sub(r"(?<=[A-Za-z])\s*,\s*(?=[A-Za-z])", "&", rule)


def _apply(spans: list[list[Window]], piece: str, *, replaces: bool) -> None:
    if piece == "24/7":
        spans[:] = [[(0, DAY_SECONDS)] for _ in range(7)]
        return
    match = _RULE.fullmatch(piece)
    if match is None:
        raise ValueError(f"{piece!r} is not a rule such as 'Mo-Fr 09:00-17:00'")
    days = _rule_days(match["days"])
    windows = _rule_windows(match["times"])
    for day in days:
        spans[day] = windows if replaces or not windows else [*spans[day], *windows]


def _rule_days(text: str) -> frozenset[int]:
    names = [name.strip() for name in text.rstrip(": ").split("&") if name.strip()]
    if not names:
        return ALL_DAYS
    days: set[int] = set()
    for name in names:
        if name.lower() not in _HOLIDAYS:
            days |= _day_range(name)
    return frozenset(days)


def _rule_windows(text: str) -> list[Window]:
    if text.lower() in _CLOSED:
        return []
    return [_window(part.strip()) for part in text.split(",") if part.strip()]


def _window(text: str) -> Window:
    start_text, dash, end_text = text.partition("-")
    if not dash:
        raise ValueError(f"{text!r} is not a span of time such as '09:00-17:00'")
    start, end = _clock_seconds(start_text.strip()), _clock_seconds(end_text.strip())
    if start == end or start >= DAY_SECONDS:
        raise ValueError(f"{text!r} is not a span of time")
    if end < start:
        end += DAY_SECONDS
    if end - start > DAY_SECONDS:
        raise ValueError(f"{text!r} is longer than a day")
    return start, end


def _clock_seconds(text: str) -> int:
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a clock time such as '09:00'")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if minutes > 59 or seconds > 59 or hours * 3600 + minutes * 60 + seconds > 2 * DAY_SECONDS:
        raise ValueError(f"{text!r} is not a clock time such as '09:00'")
    return hours * 3600 + minutes * 60 + seconds


def _day_range(text: str) -> set[int]:
    first_name, dash, last_name = (part.strip() for part in text.partition("-"))
    first = _day(first_name)
    last = _day(last_name) if dash else first
    return {(first + step) % 7 for step in range((last - first) % 7 + 1)}


def _day(name: str) -> int:
    day = _DAY_BY_NAME.get(name.lower().rstrip("."))
    if day is None:
        raise ValueError(f"{name!r} is not a weekday (Mo, Tu, We, Th, Fr, Sa, Su)")
    return day


def _split_at_midnight(spans: list[list[Window]]) -> Week:
    days: list[list[Window]] = [[] for _ in range(7)]
    for day, windows in enumerate(spans):
        for start, end in windows:
            days[day].append((start, min(end, DAY_SECONDS)))
            if end > DAY_SECONDS:
                days[(day + 1) % 7].append((0, end - DAY_SECONDS))
    return tuple(_merged(windows) for windows in days)


def _merged(windows: list[Window]) -> tuple[Window, ...]:
    merged: list[Window] = []
    for start, end in sorted(windows):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
