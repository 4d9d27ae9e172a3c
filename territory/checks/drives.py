"""The judge of drives in traffic and of lunch that may not be had on the way."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from territory.checks.violation import Violation
from territory.routes import Break, Route
from territory.visits import Shift

MIDNIGHT = 86_400


class Gap(NamedTuple):
    """The time between two places: when one is left, when the next is reached, what is stated."""

    number: int
    left: int
    reached: int
    stated_seconds: int
    pause: Break | None


def gaps_of(route: Route) -> list[Gap]:
    """Every gap of a route, the way home last, with the break that begins in it."""
    gaps = []
    left = route.leave_seconds
    ends = [(s.arrive_seconds, s.travel_seconds, s.end_seconds) for s in route.stops]
    ends.append((route.return_seconds, route.home_travel_seconds, 0))
    for number, (reached, stated, end) in enumerate(ends):
        if route.resume is not None and route.resume.after_stops == number:
            left = max(left, route.resume.seconds)
        pause = next((b for b in route.breaks if left <= b.start_seconds < reached), None)
        gaps.append(Gap(number, left, reached, stated, pause))
        left = end
    return gaps


def drive_seconds(shift: Shift, departure: int, matrix_seconds: int) -> int:
    """How long a drive takes that departs then: second by second of the hours' speeds."""
    to_go = 1000 * matrix_seconds
    now = departure
    for begin, end, speed in shift.traffic:
        seconds = end - max(now, begin)
        if seconds <= 0 or to_go <= 0:
            continue
        needed = -(-to_go // speed)
        used = min(seconds, needed)
        to_go -= used * speed
        now += used
    if to_go > 0:
        return matrix_seconds + MIDNIGHT if shift.traffic else matrix_seconds
    return now - departure


Drives = tuple[int, ...]
"""The seconds in the matrix of a leg's drives: one, or two by where lunch is had; () if unknown."""


def detours_of(route: Route) -> dict[int, tuple[float, float]]:
    """The place by which a leg leads for lunch, by the number of stops before it."""
    return {
        gap.number: gap.pause.lonlat
        for gap in gaps_of(route)
        if gap.pause is not None and gap.pause.lonlat is not None
    }


def check_drives(
    route: Route, shift: Shift, matrix_seconds: Sequence[Drives], subject: str
) -> Iterator[Violation]:
    """Drives as long as the traffic of their hour makes them; lunch not on the way, if so asked."""
    for gap, drives in zip(gaps_of(route), matrix_seconds, strict=True):
        if not drives:
            continue
        allowed = {drive_seconds(shift, gap.left, drives[0])}
        if gap.pause is not None:
            is_last = gap.number == len(route.stops)
            allowed = _around_lunch(shift, gap, gap.pause, drives, is_last=is_last)
            if not allowed:
                yield Violation(
                    code="lunch_on_the_way",
                    subject=f"{subject}, leg {gap.number + 1}",
                    message=_ASKED[shift.lunch.place if shift.lunch else "anywhere"],
                    stated=gap.pause.start_seconds,
                )
                continue
        if shift.traffic and gap.stated_seconds not in allowed:
            yield Violation(
                code="wrong_leg",
                subject=f"{subject}, leg {gap.number + 1}",
                message=f"stated as {gap.stated_seconds} s; in the traffic of its hour it takes "
                + " or ".join(f"{seconds} s" for seconds in sorted(allowed)),
                stated=gap.stated_seconds,
                found=min(allowed),
            )


_ASKED = {
    "anywhere": "lunch lies neither before nor after the drive off the road",
    "account": "lunch lies neither before nor after the drive at an account",
    "home": "lunch does not lie between the drive to its place and the drive on",
}


def _around_lunch(
    shift: Shift, gap: Gap, pause: Break, drives: Drives, *, is_last: bool
) -> set[int]:
    """How long the driving of a gap with lunch in it may be; nothing if lunch lies wrongly."""
    at_once = drive_seconds(shift, gap.left, drives[0])
    after = drive_seconds(shift, pause.end_seconds, drives[-1])
    is_before = gap.left + at_once <= pause.start_seconds
    is_after = pause.end_seconds + after <= gap.reached
    if len(drives) > 1:
        return {at_once + after} if is_before and is_after else set()
    place = shift.lunch.place if shift.lunch else "anywhere"
    if place == "home" and not shift.traffic:
        return {at_once}  # of a day planned anew: on the way, too
    if place == "account":
        is_before, is_after = is_before and not is_last, is_after and gap.number > 0
    return {seconds for seconds, holds in ((at_once, is_before), (after, is_after)) if holds}
