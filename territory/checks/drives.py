"""The judge of drives in traffic and of lunch that may not be had on the way."""

from collections.abc import Iterator
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


def check_drives(
    route: Route, shift: Shift, matrix_seconds: list[int | None], subject: str
) -> Iterator[Violation]:
    """Drives as long as the traffic of their hour makes them; lunch not on the way, if so asked.

    ``matrix_seconds`` are the legs in the matrix, None where it does not know one.
    """
    is_at_account = shift.lunch is not None and shift.lunch.place == "account"
    for gap, base in zip(gaps_of(route), matrix_seconds, strict=True):
        if base is None:
            continue
        is_last = gap.number == len(route.stops)
        at_once = drive_seconds(shift, gap.left, base)
        allowed = {at_once}
        if gap.pause is not None:
            after = drive_seconds(shift, gap.pause.end_seconds, base)
            is_before = gap.left + at_once <= gap.pause.start_seconds
            is_after = gap.pause.end_seconds + after <= gap.reached
            if is_at_account:
                is_before, is_after = is_before and not is_last, is_after and gap.number > 0
            allowed = {t for t, holds in ((at_once, is_before), (after, is_after)) if holds}
            if not allowed:
                place = "at an account" if is_at_account else "off the road"
                yield Violation(
                    code="lunch_on_the_way",
                    subject=f"{subject}, leg {gap.number + 1}",
                    message=f"lunch lies neither before nor after the drive {place}",
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
