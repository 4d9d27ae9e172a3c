"""The compiled walk along a drive: the line it draws and what it meets where it passes on."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from territory.geo import EARTH_RADIUS_METERS

Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LENGTH_BITS = 28
_LENGTHS = (1 << _LENGTH_BITS) - 1

_SAME_DEGREES = 1e-8
"""A millimetre: points nearer than this are one."""
_SLIVER_DEGREES = 1e-5
"""A metre: less than this of a road is not worth a word."""
_BEARING_METERS = 15.0
"""A road's direction at a junction is that of so many metres of it, or of all of it."""
_METERS_A_DEGREE = EARTH_RADIUS_METERS * math.radians(1.0)
_STRAIGHT_DEGREES = 20.0


@njit(cache=True, nogil=True)
def _at(along: Floats, values: Floats, k: int, where: float) -> float:
    """Between points k and k + 1, of which the first lies at or before ``where``."""
    if k == len(along) - 1 or along[k] == where:
        return float(values[k])
    slope = (values[k + 1] - values[k]) / (along[k + 1] - along[k])
    return float(slope * (where - along[k]) + values[k])


@njit(cache=True, nogil=True)
def _cut(
    road: Floats,
    place: int,
    lonlat: Floats,
    meters: Floats,
    is_reversed: bool,
    begin: float,
    end: float,
) -> int:
    """Write the points of a line between two fractions of its length, the ends included.

    They go to ``road`` (2, p) from ``place`` on; returns where they end.
    """
    count = len(lonlat)
    points, along = np.empty((2, count)), np.zeros(count)
    for k in range(count):
        one = count - 1 - k if is_reversed else k
        points[0, k], points[1, k] = lonlat[one, 0], lonlat[one, 1]
        if k > 0:
            other = one + 1 if is_reversed else one - 1
            east, north = meters[one, 0] - meters[other, 0], meters[one, 1] - meters[other, 1]
            along[k] = along[k - 1] + math.hypot(east, north)
    low, high = begin * along[-1], end * along[-1]
    first, last = count - 1, count - 1
    while along[first] > low:
        first -= 1
    while along[last] > high:
        last -= 1
    road[0, place] = _at(along, points[0], first, low)
    road[1, place] = _at(along, points[1], first, low)
    place += 1
    for k in range(first + 1, last + 1):
        if along[k] < high:
            road[0, place], road[1, place] = points[0, k], points[1, k]
            place += 1
    road[0, place] = _at(along, points[0], last, high)
    road[1, place] = _at(along, points[1], last, high)
    return place + 1


@njit(cache=True, nogil=True)
def _drawn(
    arcs: Int64,
    begin: float,
    end: float,
    arc_line: Int32,
    arc_reversed: Flags,
    offset: Int64,
    lonlat: Floats,
    meters: Floats,
) -> tuple[Floats, Int64]:
    """The line of a drive (2, p), and the number of the point at which each arc begins.

    Its last entry is p: there may be room for more points than there are.
    """
    count, room = len(arcs), 2
    for arc in arcs:
        room += offset[arc_line[arc] + 1] - offset[arc_line[arc]]
    road, begins, place = np.empty((2, room)), np.empty(count + 1, dtype=np.int64), 0
    for k in range(count):
        arc = arcs[k]
        low, high = offset[arc_line[arc]], offset[arc_line[arc] + 1]
        begins[k] = place
        if k == 0 or k == count - 1:
            place = _cut(
                road,
                place,
                lonlat[low:high],
                meters[low:high],
                arc_reversed[arc],
                begin if k == 0 else 0.0,
                end if k == count - 1 else 1.0,
            )
            place -= k < count - 1
        elif arc_reversed[arc]:
            for point in range(high - 1, low, -1):
                road[0, place], road[1, place] = lonlat[point, 0], lonlat[point, 1]
                place += 1
        else:
            for point in range(low, high - 1):
                road[0, place], road[1, place] = lonlat[point, 0], lonlat[point, 1]
                place += 1
    begins[count] = place
    return road, begins


@njit(cache=True, nogil=True)
def _is_one(ends: Floats, place: int, lon: float, lat: float) -> bool:
    degrees = max(abs(lon - ends[place, 0]), abs(lat - ends[place, 1]))
    return bool(degrees <= _SAME_DEGREES)


@njit(cache=True, nogil=True)
def _line(road: Floats, points: int, ends: Floats) -> Floats:
    """From place to place along the road, without points that fall upon one another, (q, 2)."""
    line, count = np.empty((points + 2, 2)), 1
    line[0, 0], line[0, 1] = ends[0, 0], ends[0, 1]
    for k in range(points):
        lon, lat = road[0, k], road[1, k]
        is_new = k == 0 or (
            abs(lon - road[0, k - 1]) > _SAME_DEGREES or abs(lat - road[1, k - 1]) > _SAME_DEGREES
        )
        if k == 0 or k == points - 1:
            is_new = is_new and not (_is_one(ends, 0, lon, lat) or _is_one(ends, 1, lon, lat))
        if is_new:
            line[count, 0], line[count, 1] = lon, lat
            count += 1
    line[count, 0], line[count, 1] = ends[1, 0], ends[1, 1]
    return line[: count + 1]


@njit(cache=True, nogil=True)
def _degrees(road: Floats, begins: Int64) -> Floats:
    """The angle by which the drive turns into each arc: above 0 to the right, 0 into the first."""
    count, points = len(begins) - 1, begins[-1]
    plane, along = np.empty((2, points)), np.zeros(points)
    shrink = math.cos(math.radians(road[1, 0]))
    for k in range(points):
        plane[0, k] = road[0, k] * _METERS_A_DEGREE * shrink
        plane[1, k] = road[1, k] * _METERS_A_DEGREE
    for k in range(1, points):
        step = math.hypot(plane[0, k] - plane[0, k - 1], plane[1, k] - plane[1, k - 1])
        along[k] = along[k - 1] + step
    degrees = np.zeros(count)
    for k in range(1, count):
        here = begins[k]
        after = along[min(begins[k + 1], points - 1)]
        ahead = min(along[here] + _BEARING_METERS, after)
        behind = max(along[here] - _BEARING_METERS, along[begins[k - 1]])
        high, low = here, here
        while high + 1 < points and along[high + 1] <= ahead:
            high += 1
        while along[low] > behind:
            low -= 1
        east, north = plane[0, here], plane[1, here]
        coming = math.atan2(
            east - _at(along, plane[0], low, behind), north - _at(along, plane[1], low, behind)
        )
        going = math.atan2(
            _at(along, plane[0], high, ahead) - east, _at(along, plane[1], high, ahead) - north
        )
        degrees[k] = ((going - coming) * (180.0 / math.pi) + 180.0) % 360.0 - 180.0
    return degrees


@njit(cache=True, nogil=True)
def _is_sliver(road: Floats, begin: int, end: int) -> bool:
    for k in range(begin + 1, end):
        if not (
            abs(road[0, k] - road[0, begin]) < _SLIVER_DEGREES
            and abs(road[1, k] - road[1, begin]) < _SLIVER_DEGREES
        ):
            return False
    return True


@njit(cache=True, nogil=True)
def _met(
    arcs: Int64,
    degrees: Floats,
    ferry: int,
    arc_line: Int32,
    arc_is_copy: Flags,
    turn_first: Int64,
    turn_arc: Int32,
    line_class: Int16,
    line_name: Int32,
    line_is_roundabout: Flags,
) -> tuple[Int64, Flags]:
    """Name, roundabout, ferry, turning back, choices and exits of each arc (6, n).

    And whether anything can have to be told where the drive passes into it.
    """
    met, telling = np.zeros((6, len(arcs)), np.int64), np.zeros(len(arcs), np.bool_)
    for k in range(len(arcs)):
        line = arc_line[arcs[k]]
        met[0, k], met[1, k] = line_name[line], line_is_roundabout[line]
        met[2, k] = line_class[line] == ferry
        if k == 0:
            continue
        before = arcs[k - 1]
        met[3, k] = line == arc_line[before]
        for turn in range(turn_first[before], turn_first[before + 1]):
            option = turn_arc[turn]
            if not arc_is_copy[option]:
                met[4, k] += 1
                met[5, k] += not line_is_roundabout[arc_line[option]]
        bends = abs(degrees[k]) >= _STRAIGHT_DEGREES and met[4, k] > 1
        goes_round = met[1, k] or met[1, k - 1]
        changes = met[0, k] != met[0, k - 1] or met[2, k] != met[2, k - 1]
        telling[k] = bends or goes_round or changes or met[3, k]
    return met, telling


@njit(cache=True, nogil=True)
def _hide_slivers(road: Floats, begins: Int64, met: Int64, telling: Flags) -> None:
    """Take ends of a drive that are too short to be told of for the arcs beside them.

    A place at a junction joins one of its roads; nobody is sent along that road for nothing.
    """
    last = len(begins) - 2
    if last == 0:
        return
    if _is_sliver(road, 0, begins[1] + 1):
        for row in range(3):
            met[row, 0] = met[row, 1]
        telling[1] = False
    if not met[1, last - 1] and _is_sliver(road, begins[last], begins[last + 1]):
        for row in range(3):
            met[row, last] = met[row, last - 1]
        telling[last] = False


@njit(cache=True, nogil=True)
def course(
    arcs: Int64,
    weights: Int64,
    begin: float,
    end: float,
    ends: Floats,
    ferry: int,
    arc_line: Int32,
    arc_reversed: Flags,
    arc_is_copy: Flags,
    turn_first: Int64,
    turn_arc: Int32,
    line_offset: Int64,
    line_lonlat: Floats,
    line_meters: Floats,
    line_class: Int16,
    line_name: Int32,
    line_is_roundabout: Flags,
) -> tuple[Floats, Int64, Floats]:
    """The line of a drive (q, 2), and what it meets at arcs where anything can have to be told.

    Column k of the whole numbers (10, t + 1) and the others (3, t + 1) belongs to the k-th such
    arc, 0 to the first arc of all. They are the number of its name; whether it goes round a
    roundabout, is a ferry, turns back; the roads one could take there, how many of them lead off a
    roundabout; whether the arc before it goes round a roundabout, is a ferry; tenths of a second
    and of a metre so far. Then degrees, and the lon and lat of its beginning. The last column is
    the end of the road.
    """
    road, begins = _drawn(
        arcs, begin, end, arc_line, arc_reversed, line_offset, line_lonlat, line_meters
    )
    degrees = _degrees(road, begins)
    met, telling = _met(
        arcs,
        degrees,
        ferry,
        arc_line,
        arc_is_copy,
        turn_first,
        turn_arc,
        line_class,
        line_name,
        line_is_roundabout,
    )
    _hide_slivers(road, begins, met, telling)
    telling[0] = True
    told = 0
    for is_told in telling:
        told += is_told
    numbers, others = np.zeros((10, told + 1), dtype=np.int64), np.zeros((3, told + 1))
    tenths, lengths, column = 0, 0, 0
    for k in range(len(arcs)):
        if telling[k]:
            for row in range(6):
                numbers[row, column] = met[row, k]
            if k > 0:
                numbers[6, column], numbers[7, column] = met[1, k - 1], met[2, k - 1]
            numbers[8, column], numbers[9, column] = tenths, lengths
            others[0, column] = degrees[k]
            others[1, column], others[2, column] = road[0, begins[k]], road[1, begins[k]]
            column += 1
        tenths += weights[k] >> _LENGTH_BITS
        lengths += weights[k] & _LENGTHS
    numbers[8, told], numbers[9, told] = tenths, lengths
    others[1, told], others[2, told] = road[0, begins[-1] - 1], road[1, begins[-1] - 1]
    return _line(road, begins[-1], ends), numbers, others
