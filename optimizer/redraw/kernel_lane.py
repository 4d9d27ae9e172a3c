"""What the inner loop of redraw runs on, packed and counted up, compiled by numba.

A ``Lane`` is packed once for a problem; a ``Track`` follows one assignment, whole or by sides.
"""

import numpy as np

from optimizer.redraw.kernel_modes import part, whole
from optimizer.redraw.kernel_ring import arcs_of
from optimizer.redraw.kernel_values import Field, Ints, Lane, Longs, Track

FIRST_LOAD = 4  # column of ``Track.sums``: before it weight, weight x place, x squared place
OWN_LOAD = 3  # column of ``Lane.mass``: before it weight and place
LINE = 16  # numbers in two cache lines: what two threads write lies no nearer
FINE = 1 << 24  # steps of ``Lane.edge_unit`` in the dearest border


@whole
def lane_of(field: Field) -> Lane:
    """The field packed for the inner loop."""
    n, p = len(field.free), len(field.homes)
    m, soft = field.load.shape[1], field.priced.shape[1]
    mass = np.zeros((n, OWN_LOAD + m + soft), np.float32)
    carried = np.zeros((p, FIRST_LOAD + m + soft))
    alone = field.at_home or len(field.road) > 0
    for unit in range(n):
        if not alone:
            mass[unit, 0] = field.weight[unit]
        mass[unit, 1], mass[unit, 2] = field.place[unit, 0], field.place[unit, 1]
        for row in range(m):
            mass[unit, OWN_LOAD + row] = field.load[unit, row]
        for row in range(soft):
            mass[unit, OWN_LOAD + m + row] = field.priced[unit, row]
    for k in range(p):
        for row in range(m):
            carried[k, FIRST_LOAD + row] = field.carried[k, row]
        for row in range(soft):
            carried[k, FIRST_LOAD + m + row] = field.soft_carried[k, row]
    dearest = 0.0
    for slot in range(len(field.indices)):
        dearest = max(dearest, field.edge_cost[slot])
    edge_unit = max(dearest, 1e-300) / FINE
    links = np.empty((len(field.indices), 2), np.int32)
    for slot in range(len(field.indices)):
        links[slot, 0] = field.indices[slot]
        links[slot, 1] = round(field.edge_cost[slot] / edge_unit)
    return Lane(
        field.indptr, links, arcs_of(field.indptr, field.indices), edge_unit, mass, carried,
        field.scale, field.room, field.excess_price, field.free, field.before, field.move_cost,
        field.place, field.weight, field.homes, field.road, alone, bool(field.move_cost.any()),
    )  # fmt: skip


@whole
def tracked(lane: Lane, owner: Ints) -> Track:
    """The running values of an assignment; ``owner`` is changed in place from here on."""
    n, p, width = len(owner), len(lane.carried), lane.carried.shape[1]
    track = Track(
        owner,
        np.zeros((p, LINE), np.int64)[:, 0],
        np.zeros((p, width + LINE))[:, :width],
        np.zeros((p, LINE))[:, 0],
        np.zeros(n, np.int32),
        np.empty(n, np.int32),
        np.full(n, -1, np.int32),
        np.zeros(1, np.int64),
        np.zeros(n, np.int64),
        np.zeros(1, np.int64),
        np.empty(n, np.int32),
        np.empty(n, np.int32),
        np.zeros(width),
        np.zeros(p, np.int32),
        0,
        0,
    )
    track.sums[:, :] = lane.carried
    for unit in range(n):
        k = owner[unit]
        track.tally[k] += 1
        fill(unit, 1.0, lane, track)
        for column in range(width):
            track.sums[k, column] += track.part[column]
        for slot in range(lane.indptr[unit], lane.indptr[unit + 1]):
            if owner[lane.links[slot, 0]] != k:
                track.foreign[unit] += 1
        if track.foreign[unit] > 0 and lane.free[unit]:
            enlist(unit, track)
    return track


@whole
def divided(lane: Lane, track: Track, count: int) -> tuple[Longs, Longs]:
    """List the border units of each of ``count`` sides apart; where each begins, how many it has.

    A side keeps within what is its own, so its list never outgrows the units it has.
    """
    starts, lengths = np.zeros(count + 1, np.int64), np.zeros(count, np.int64)
    for k in range(len(track.side)):
        starts[track.side[k] + 1] += track.tally[k]
    for number in range(count):
        starts[number + 1] += starts[number]
    for unit in range(len(track.owner)):
        track.where[unit] = -1
        if track.foreign[unit] > 0 and lane.free[unit]:
            side = track.side[track.owner[unit]]
            at = starts[side] + lengths[side]
            track.where[unit], track.border[at] = at, unit
            lengths[side] += 1
    return starts, lengths


@part
def fill(unit: int, sign: float, lane: Lane, track: Track) -> None:
    """Add to ``track.part`` what the unit brings to the sums of a jurisdiction, times ``sign``."""
    mass, part = lane.mass, track.part
    weight = sign * np.float64(mass[unit, 0])
    x, y = np.float64(mass[unit, 1]), np.float64(mass[unit, 2])
    if sign > 0:
        part[0], part[1], part[2] = weight, weight * x, weight * y
        part[3] = weight * (x * x + y * y)
        for column in range(OWN_LOAD, mass.shape[1]):
            part[column + 1] = np.float64(mass[unit, column])
    else:
        part[0] += weight
        part[1] += weight * x
        part[2] += weight * y
        part[3] += weight * (x * x + y * y)
        for column in range(OWN_LOAD, mass.shape[1]):
            part[column + 1] -= np.float64(mass[unit, column])


@part
def enlist(unit: int, track: Track) -> None:
    """Add the unit to the list of border units."""
    at = track.base + track.length[0]
    track.where[unit], track.border[at] = at, unit
    track.length[0] += 1
