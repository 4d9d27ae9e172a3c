"""Turns: which arcs may follow an arc, and what the change costs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.roads.draft import Draft, step_meters
from data.roads.profile import BEARING_METERS, SIGNAL_REACH_METERS, Profile
from territory.geo import LonLat

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Turns:
    """After arc ``before[k]`` one may drive arc ``after[k]``, at a cost; sorted by both."""

    before: Integers
    after: Integers
    deciseconds: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Approach:
    """How m arcs leave and enter their nodes: bearings in degrees clockwise from north."""

    out_degrees: NDArray[np.float64]
    in_degrees: NDArray[np.float64]


def successions(tail: Integers, head: Integers) -> tuple[Integers, Integers]:
    """Every pair of arcs (before, after) of which the second leaves where the first ends."""
    order = np.argsort(tail, kind="stable")
    places = int(max(tail.max(initial=-1), head.max(initial=-1))) + 1
    first = np.searchsorted(tail[order], np.arange(places + 1))
    count = (first[1:] - first[:-1])[head]
    before = np.repeat(np.arange(len(tail)), count)
    offset = np.concatenate([[0], np.cumsum(count)])
    within = np.arange(offset[-1]) - offset[before]
    return before, order[first[head[before]] + within]


def turn_degrees(approach: Approach, before: Integers, after: Integers) -> NDArray[np.float64]:
    """The angle of each turn in -180 to 180: 0 straight on, positive to the right."""
    change = approach.out_degrees[after] - approach.in_degrees[before]
    return np.asarray((change + 180) % 360 - 180, dtype=np.float64)


def approach_of(draft: Draft) -> Approach:
    """Bearings of the first and the last stretch of each arc, ``BEARING_METERS`` long or all of
    it."""
    begin, end = draft.line_offset[:-1], draft.line_offset[1:] - 1
    along = np.concatenate([[0.0], np.cumsum(step_meters(draft.line_lonlat))])
    reach = np.minimum(BEARING_METERS, along[end] - along[begin])
    first, last = draft.line_lonlat[begin], draft.line_lonlat[end]
    out_of_first = _bearing(first, _at(draft, along, along[begin] + reach))
    into_last = _bearing(_at(draft, along, along[end] - reach), last)
    line, is_back = draft.arc_line, draft.arc_reversed
    return Approach(
        out_degrees=np.where(is_back, into_last[line] + 180, out_of_first[line]),
        in_degrees=np.where(is_back, out_of_first[line] + 180, into_last[line]),
    )


def _at(draft: Draft, along: NDArray[np.float64], wanted: NDArray[np.float64]) -> LonLat:
    """The points (l, 2) at distances ``wanted`` along all lines laid end to end."""
    after = np.clip(np.searchsorted(along, wanted), 1, len(along) - 1)
    step = along[after] - along[after - 1]
    gone = np.where(step > 0, (wanted - along[after - 1]) / np.where(step > 0, step, 1.0), 0.0)
    start, stop = draft.line_lonlat[after - 1], draft.line_lonlat[after]
    return np.asarray(start + (stop - start) * gone[:, None], dtype=np.float64)


def _bearing(start: LonLat, end: LonLat) -> NDArray[np.float64]:
    east = (end[:, 0] - start[:, 0]) * np.cos(np.radians((start[:, 1] + end[:, 1]) / 2))
    return np.asarray(np.degrees(np.arctan2(east, end[:, 1] - start[:, 1])), dtype=np.float64)


def turn_deciseconds(
    draft: Draft,
    profile: Profile,
    before: Integers,
    after: Integers,
    is_u_turn: NDArray[np.bool_],
) -> NDArray[np.int32]:
    """Whole tenths of a second for turns (t,) from arcs ``before`` into arcs ``after``.

    Where no more than two roads meet, following the road costs nothing.
    """
    degrees = turn_degrees(approach_of(draft), before, after)
    is_junction = _roads_meeting(draft)[draft.head[before]] > 2
    seconds = np.where(is_junction, profile.seconds_of_turn(degrees), 0.0)
    seconds = np.where(is_u_turn, profile.u_turn_seconds, seconds)
    seconds += np.where(_waits_at_signal(draft)[before], profile.signal_seconds, 0.0)
    local = draft.line_is_local[draft.arc_line]
    seconds += np.where(local[before] != local[after], profile.through_seconds / 2, 0.0)
    if "ferry" in draft.classes:
        aboard = draft.line_class[draft.arc_line] == draft.classes.index("ferry")
        boards = aboard[after] & ~aboard[before]
        seconds += np.where(boards, profile.boarding_seconds, 0.0)
    return np.asarray(np.rint(seconds * 10), dtype=np.int32)


def _roads_meeting(draft: Draft) -> Integers:
    """How many ends of lines meet at each place."""
    once = np.unique(draft.arc_line, return_index=True)[1]
    ends = np.concatenate([draft.tail[once], draft.head[once]])
    return np.bincount(ends, minlength=len(draft.place_id))


def _waits_at_signal(draft: Draft) -> NDArray[np.bool_]:
    """Arcs at whose end a signal is waited for: not again on the few metres between the signals of
    one junction."""
    is_signal = draft.place_is_signal
    is_short = draft.decimeters < 10 * SIGNAL_REACH_METERS
    return np.asarray(is_signal[draft.head] & ~(is_short & is_signal[draft.tail]))
