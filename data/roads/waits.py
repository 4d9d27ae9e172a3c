"""What a drive waits for along its way: signals, stop signs, gates and toll booths on the ways.

Signals stand in OpenStreetMap either on the junction's node or at the stop lines before it. On a
node of the network they belong to turning there; inside a way they lengthen the arcs that pass.
Signs at a node are met by every arc that ends there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.roads.profile import SIGNAL_REACH_METERS, Profile
from data.roads.ways import GATE, GIVE_WAY, SIGNALS, STOP, TOLL, Control, Ways

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretches:
    """Stretches of way between nodes of the network, as points ``first`` to ``last`` of the ways.

    ``first`` rises. ``along`` (points,) are metres along all ways laid end to end.
    ``is_junction`` and ``is_signal`` are by place, ``place`` the place of each point.
    """

    first: Integers
    last: Integers
    along: NDArray[np.float64]
    place: Integers
    is_junction: NDArray[np.bool_]
    is_signal: NDArray[np.bool_]


def signal_places(ways: Ways, place: Integers) -> NDArray[np.bool_]:
    """The places (p,) whose node is a signal, whatever direction it says."""
    ids = [ref for ref, control in ways.controls.items() if control.kind == SIGNALS]
    marked = np.zeros(int(place.max(initial=-1)) + 1, dtype=np.bool_)
    marked[place[np.isin(ways.refs, np.asarray(ids, dtype=np.int64))]] = True
    return marked


def waits(ways: Ways, stretches: Stretches) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds waited on each stretch driven forward, and driven backward."""
    seconds = np.zeros((2, len(stretches.first)))
    if not ways.controls:
        return seconds[0], seconds[1]
    ids = np.fromiter(ways.controls, dtype=np.int64)
    passed: dict[int, list[tuple[float, Control]]] = {}
    at_place: dict[int, float] = {}
    cost = _cost(ways.profile)
    is_end = np.zeros(len(ways.refs), dtype=np.bool_)
    is_end[stretches.first] = is_end[stretches.last] = True
    for point in np.flatnonzero(np.isin(ways.refs, ids)).tolist():
        control = ways.controls[int(ways.refs[point])]
        if not is_end[point]:
            stretch = int(np.searchsorted(stretches.first, point, side="right")) - 1
            meters = stretches.along[point] - stretches.along[stretches.first[stretch]]
            passed.setdefault(stretch, []).append((float(meters), control))
        elif control.kind != SIGNALS:
            at_place[int(stretches.place[point])] = cost[control.kind]
    for stretch, controls in passed.items():
        for way_on, direction in ((0, 1), (1, -1)):
            seconds[way_on, stretch] = _passing(stretches, stretch, controls, direction, cost)
    if at_place:
        paid = np.zeros(len(stretches.is_signal))
        paid[list(at_place)] = list(at_place.values())
        seconds[0] += paid[stretches.place[stretches.last]]
        seconds[1] += paid[stretches.place[stretches.first]]
    return seconds[0], seconds[1]


def _cost(profile: Profile) -> Mapping[int, float]:
    return {
        SIGNALS: profile.signal_seconds,
        STOP: profile.stop_seconds,
        GIVE_WAY: profile.give_way_seconds,
        GATE: profile.gate_seconds,
        TOLL: profile.toll_seconds,
    }


def _passing(
    stretches: Stretches,
    stretch: int,
    controls: list[tuple[float, Control]],
    direction: int,
    cost: Mapping[int, float],
) -> float:
    """Seconds waited at these controls, each with its metres along, in one direction."""
    first, last = stretches.first[stretch], stretches.last[stretch]
    whole = float(stretches.along[last] - stretches.along[first])
    ends = (int(stretches.place[first]), int(stretches.place[last]))
    start, stop = ends if direction > 0 else ends[::-1]
    last_signal = 0.0 if stretches.is_signal[start] else -np.inf
    total = 0.0
    for meters, control in sorted(controls, key=lambda one: direction * one[0]):
        gone = meters if direction > 0 else whole - meters
        if not _is_meant(control, direction, gone, whole - gone, stretches, start, stop):
            continue
        if control.kind == SIGNALS:
            is_same = gone - last_signal < SIGNAL_REACH_METERS
            ahead = stretches.is_signal[stop] and whole - gone < SIGNAL_REACH_METERS
            if is_same or ahead:
                continue
            last_signal = gone
        total += cost[control.kind]
    return total


def _is_meant(
    control: Control,
    direction: int,
    gone: float,
    ahead: float,
    stretches: Stretches,
    start: int,
    stop: int,
) -> bool:
    """Whether a control is for who drives in this direction.

    Where a sign or signal does not say, it is for those who have its junction before them; one far
    from any junction is for both. A gate is always for both.
    """
    if control.kind in (GATE, TOLL):
        return True
    if control.direction:
        return control.direction == direction
    left_behind = stretches.is_junction[start] and gone < SIGNAL_REACH_METERS
    coming_up = stretches.is_junction[stop] and ahead < SIGNAL_REACH_METERS
    return bool(coming_up and (not left_behind or ahead <= gone)) or not (left_behind or coming_up)
