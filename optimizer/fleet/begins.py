"""The best begins of steps in a given order: a dynamic program, exact.

Seconds beside windows come first, then the span from the first begin to the end, then the sum of
begins. Every begin less the time that must lie before it ("offset") can only rise along the route,
but for a break, which floats within the drive that it interrupts; the three goals are sums over
steps of piecewise linear functions. So some best solution has each offset begin at a corner of one
of them (a window's end, a wish), moved by a drive at most: these are tried, O(corners) a step, and
O(corners squared) where a drive holds breaks. Isotonic regression with costs that are not convex.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from territory.fleet import ALWAYS, Span
from territory.given_routes import GivenStep

Ints = NDArray[np.int64]
FORBIDDEN = 1 << 60
"""More seconds than any route misses: the price of a begin against a wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """What one step needs: how long it holds, the drive to it, its windows and its wish.

    ``leg`` is the drive from the last step that is no break. ``opens`` and ``ends`` are windows
    besides: for the begin of a first step, for the end of a last one.
    """

    step: GivenStep
    holds: int = 0
    leg: int = 0
    windows: tuple[Span, ...]
    opens: tuple[Span, ...] = ()
    ends: tuple[Span, ...] = ()

    def corners(self) -> Iterator[int]:
        """Begins at which what it costs changes its slope."""
        yield from (end for span in (*self.windows, *self.opens) for end in span if end < ALWAYS[1])
        yield from (end - self.holds for span in self.ends for end in span if end < ALWAYS[1])
        wish = self.step
        wishes = (wish.at_seconds, wish.after_seconds, wish.before_seconds)
        yield from (at for at in wishes if at is not None)

    def beside(self, at: Ints) -> Ints:
        """The seconds by which begins miss the windows, and the price of those against a wish."""
        missed = _missed(at, self.windows)
        if self.opens:
            missed = missed + _missed(at, self.opens)
        if self.ends:
            missed = missed + _missed(at + self.holds, self.ends)
        wish = self.step
        low = max(wish.after_seconds or 0, wish.at_seconds or 0)
        highs = [high for high in (wish.before_seconds, wish.at_seconds) if high is not None]
        is_against = (at < low) | (at > min(highs, default=ALWAYS[1]))
        return np.where(is_against, FORBIDDEN, missed)


def _missed(at: Ints, windows: Sequence[Span]) -> Ints:
    """The distance to the nearest window."""
    each = [np.maximum(np.maximum(low - at, at - high), 0) for low, high in windows]
    nearest: Ints = np.minimum.reduce(each)
    return nearest


@dataclass(frozen=True, slots=True)
class _Cost:
    """Goals by candidate, the first counts first."""

    beside: Ints
    span: Ints
    begins: Ints

    def rank(self) -> Ints:
        """The place of each candidate in order; equal ones by their place among candidates."""
        order = np.lexsort((self.begins.ravel(), self.span.ravel(), self.beside.ravel()))
        rank = np.empty(order.size, dtype=np.int64)
        rank[order] = np.arange(order.size)
        return rank.reshape(self.beside.shape)

    def pick(self, chosen: Any) -> "_Cost":
        """The costs at some places."""
        return _Cost(self.beside[chosen], self.span[chosen], self.begins[chosen])

    def __add__(self, other: "_Cost") -> "_Cost":
        beside = np.minimum(self.beside + other.beside, FORBIDDEN)
        return _Cost(beside, self.span + other.span, self.begins + other.begins)


def best_begins(stays: Sequence[Stay]) -> list[int] | None:
    """The begin of every stay; None if wishes leave too little time between them."""
    offsets, floats = _offsets(stays), _floating(stays)
    corners = _corners(stays, offsets, floats)
    last = len(stays) - 1
    costs = [
        _cost(stay, corners + at, is_first=place == 0, is_last=place == last)
        for place, (stay, at) in enumerate(zip(stays, offsets, strict=True))
    ]
    total, back, place = costs[0], [], 1
    while place <= last:
        there = next(one for one in range(place, last + 1) if not floats[one])
        if there > place:
            drive = _Drive(corners, stays[there].leg, stays[place:there], offsets[place:there])
            total, how = drive.through(total)
        else:
            how = _Back(before=_running(total.rank()))
            total = total.pick(how.before)
        back.append(how)
        total = total + costs[there]
        place = there + 1
    best = int(total.rank().argmin())
    if total.beside[best] >= FORBIDDEN:
        return None
    return _followed(best, corners, offsets, back)


@dataclass(frozen=True, slots=True)
class _Back:
    """Where each candidate came from: the one before, and offset begins of the breaks between."""

    before: Ints
    breaks: Ints | None = None


def _offsets(stays: Sequence[Stay]) -> list[int]:
    """The time that must lie before each; before a break no drive."""
    found, clear = [], 0
    for stay in stays:
        clear += stay.leg
        found.append(clear)
        clear += stay.holds
    return found


def _floating(stays: Sequence[Stay]) -> list[bool]:
    """Whether each is a break within a drive."""
    found, leg = [False] * len(stays), 0
    for place in range(len(stays) - 1, -1, -1):
        if stays[place].step.kind == "break":
            found[place] = leg > 0
        else:
            leg = stays[place].leg
    return found


def _corners(stays: Sequence[Stay], offsets: Sequence[int], floats: Sequence[bool]) -> Ints:
    found, leg = {0}, 0
    for stay, offset, is_floating in reversed(list(zip(stays, offsets, floats, strict=True))):
        if stay.step.kind != "break":
            leg = stay.leg
        for at in stay.corners():
            found.add(at - offset)
            if is_floating:
                found.add(at - offset - leg)
    return np.array(sorted(at for at in found if at >= 0), dtype=np.int64)


def _cost(stay: Stay, at: Ints, *, is_first: bool = False, is_last: bool = False) -> _Cost:
    """What begins cost; the first one and the end of the last make the span."""
    span = np.zeros_like(at)
    if is_first:
        span = span - at
    if is_last:
        span = span + at + stay.holds
    return _Cost(stay.beside(at), span, at)


def _running(rank: Ints) -> Ints:
    """The place of the best so far, along the last axis."""
    flat = np.empty(rank.size, dtype=np.int64)
    flat[rank.ravel()] = np.arange(rank.size)
    least: Ints = flat[np.minimum.accumulate(rank, axis=-1)] % rank.shape[-1]
    return least


class _Drive:
    """A drive that breaks interrupt.

    The offset begin of a break is no less than that of the step before, and no more than that of
    the step after and the drive.
    """

    def __init__(
        self, corners: Ints, leg: int, breaks: Sequence[Stay], offsets: Sequence[int]
    ) -> None:
        self.corners, self.leg = corners, leg
        self.own = np.unique(np.concatenate([corners, corners + leg]))
        self.costs = [
            _cost(stay, self.own + offset) for stay, offset in zip(breaks, offsets, strict=True)
        ]

    def through(self, total: _Cost) -> tuple[_Cost, _Back]:
        """The best ways to each candidate of the step after, from those of the step before."""
        state, ways = self._first(total), []
        rows = np.arange(len(self.corners))[:, None]
        for cost in self.costs[1:]:
            ways.append(_running(state.rank()))
            state = state.pick((rows, ways[-1])) + cost
        before, at = self._last(state)
        reached = state.pick((before, at))
        begins = []
        for way in [*reversed(ways), None]:
            begins.append(self.own[at])
            at = at if way is None else way[before, at]
        return reached, _Back(before=before, breaks=np.stack(begins[::-1], axis=1))

    def _first(self, total: _Cost) -> _Cost:
        """By the step before (rows) and the first break (columns)."""
        state = total.pick((slice(None), None)) + self.costs[0]
        is_before = self.own[None, :] < self.corners[:, None]
        return replace(state, beside=np.where(is_before, FORBIDDEN, state.beside))

    def _last(self, state: _Cost) -> tuple[Ints, Ints]:
        """Row and column of the best there is for each candidate of the step after."""
        rank = state.rank()
        flat = np.empty(rank.size, dtype=np.int64)
        flat[rank.ravel()] = np.arange(rank.size)
        least = np.minimum.accumulate(np.minimum.accumulate(rank, axis=0), axis=1)
        limit = np.searchsorted(self.own, self.corners + self.leg, side="right") - 1
        chosen = flat[least[np.arange(len(self.corners)), limit]]
        return chosen // len(self.own), chosen % len(self.own)


def _followed(best: int, corners: Ints, offsets: Sequence[int], back: Sequence[_Back]) -> list[int]:
    """The begins, found from the last step to the first."""
    offset_begins, at = [int(corners[best])], best
    for how in reversed(back):
        if how.breaks is not None:
            offset_begins += [int(one) for one in how.breaks[at][::-1]]
        at = int(how.before[at])
        offset_begins.append(int(corners[at]))
    return [one + offset for one, offset in zip(offset_begins[::-1], offsets, strict=True)]
