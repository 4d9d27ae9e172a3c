"""Turns: which arcs may follow an arc, and what the change costs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.roads.profile import Profile
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


def approach_of(
    line_lonlat: LonLat,
    line_offset: Integers,
    arc_line: Integers,
    arc_reversed: NDArray[np.bool_],
) -> Approach:
    """Bearings of the first and the last step of each arc."""
    begin, end = line_offset[arc_line], line_offset[arc_line + 1] - 1
    start = np.where(arc_reversed, end, begin)
    stop = np.where(arc_reversed, begin, end)
    step = np.where(arc_reversed, -1, 1)
    return Approach(
        out_degrees=_bearing(line_lonlat[start], line_lonlat[start + step]),
        in_degrees=_bearing(line_lonlat[stop - step], line_lonlat[stop]),
    )


def _bearing(start: LonLat, end: LonLat) -> NDArray[np.float64]:
    east = (end[:, 0] - start[:, 0]) * np.cos(np.radians((start[:, 1] + end[:, 1]) / 2))
    return np.asarray(np.degrees(np.arctan2(east, end[:, 1] - start[:, 1])), dtype=np.float64)


def turn_deciseconds(
    profile: Profile,
    degrees: NDArray[np.float64],
    *,
    is_u_turn: NDArray[np.bool_],
    is_signal: NDArray[np.bool_],
    is_junction: NDArray[np.bool_],
) -> NDArray[np.int32]:
    """Whole tenths of a second for turns (t,) by these angles.

    Where no more than two roads meet, following the road costs nothing.
    """
    seconds = np.where(is_junction, profile.seconds_of_turn(degrees), 0.0)
    seconds = np.where(is_u_turn, profile.u_turn_seconds, seconds)
    seconds += np.where(is_signal, profile.signal_seconds, 0.0)
    return np.asarray(np.rint(seconds * 10), dtype=np.int32)
