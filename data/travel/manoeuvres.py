"""A drive in words: its line, its seconds and metres, and what to do where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from data.travel.graph import unpack
from data.travel.labels import Integers
from data.travel.paths import Drive, drawn
from data.travel.periods import FERRY
from data.travel.snap import Snapped, Snapper
from territory.geo import EARTH_RADIUS_METERS, LonLat
from territory.travel import Leg, Manoeuvre, Step

SAME_DEGREES = 1e-8
"""A millimetre: points nearer than this are one."""
SLIVER_DEGREES = 1e-5
"""A metre: less than this of a road is not worth a word."""
BEARING_METERS = 15.0
"""A road's direction at a junction is that of so many metres of it, or of all of it."""

STRAIGHT_DEGREES = 20.0
BEND_DEGREES = 45.0
SHARP_DEGREES = 135.0
BACK_DEGREES = 170.0
"""Up to these angles a turn is straight on, slight, plain, sharp; beyond, it is a U-turn."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Junctions:
    """What a drive of n arcs meets where it passes into each arc; ``degrees`` and ``choices`` of
    the first say nothing.

    ``choices`` are the roads one could take there, ``exits`` those that lead off a roundabout.
    ``telling`` are the arcs at which anything can have to be told.
    """

    telling: Sequence[int]
    street: Sequence[str]
    is_roundabout: Sequence[bool]
    is_ferry: Sequence[bool]
    turns_back: Sequence[bool]
    degrees: Sequence[float]
    choices: Sequence[int]
    exits: Sequence[int]


@dataclass(slots=True, kw_only=True)
class _Stretch:
    """A step in the making: the arcs from ``first`` on."""

    first: int
    manoeuvre: Manoeuvre
    street: str
    exit_number: int | None = None
    is_circling: bool = field(default=False)


def described(snapper: Snapper, drive: Drive, ends: LonLat, snapped: Snapped) -> Leg:
    """The leg of a drive between two places, with the walks from and to them."""
    road, begins = drawn(snapper, drive)
    stretches = list(_stretches(_junctions(snapper.network, drive, road, begins)))
    firsts = [stretch.first for stretch in stretches]
    seconds, meters = (
        _shared_out(np.add.reduceat(values, firsts), stubs)
        for values, stubs in zip(
            unpack(drive.weight), (snapped.stub_deciseconds, snapped.stub_decimeters), strict=True
        )
    )
    lon, lat = np.concatenate([ends[:1], road[begins[firsts[1:]]], road[-1:]]).T.tolist()
    stretches.append(_Stretch(first=len(drive.arcs), manoeuvre="arrive", street=""))
    steps = tuple(
        Step(
            manoeuvre=stretch.manoeuvre,
            street=stretch.street,
            seconds=seconds[number],
            meters=meters[number],
            lonlat=(lon[number], lat[number]),
            exit_number=stretch.exit_number,
        )
        for number, stretch in enumerate(stretches)
    )
    return Leg(seconds=sum(seconds), meters=sum(meters), lonlat=_line(road, ends), steps=steps)


def _shared_out(tenths: Integers, stubs: Integers) -> list[int]:
    """Whole units of each step, the walks with the first and the last; together they are the whole
    drive's, rounded up."""
    parts = [*tenths.tolist(), int(stubs[1])]
    parts[0] += int(stubs[0])
    up = [-(-total // 10) for total in np.cumsum(parts).tolist()]
    return [after - before for before, after in zip([0, *up[:-1]], up, strict=True)]


def _line(road: LonLat, ends: LonLat) -> tuple[tuple[float, float], ...]:
    """From place to place along the road, without points that fall upon one another."""
    is_new = np.ones(len(road), dtype=np.bool_)
    is_new[1:] = (np.abs(road[1:] - road[:-1]) > SAME_DEGREES).any(axis=1)
    tips, at = np.abs(road[[0, -1], None] - ends[None]).max(axis=2), np.array([0, -1])
    is_new[at[(tips <= SAME_DEGREES).any(axis=1)]] = False
    line = np.concatenate([ends[:1], road[is_new], ends[1:]])
    lon, lat = line.T.tolist()
    return tuple(zip(lon, lat, strict=True))


def _stretches(met: _Junctions) -> Iterator[_Stretch]:
    """The steps of a drive, each as long as one need not be told anything."""
    step = _Stretch(
        first=0, manoeuvre="ferry" if met.is_ferry[0] else "depart", street=met.street[0]
    )
    for arc in met.telling:
        if step.is_circling:
            _circle(step, met, arc)
        elif _is_new(step, met, arc):
            yield step
            enters = met.is_roundabout[arc] and not met.is_roundabout[arc - 1]
            step = _Stretch(
                first=arc,
                manoeuvre=_manoeuvre(met, arc),
                street=met.street[arc],
                is_circling=enters,
            )
    yield step


def _circle(step: _Stretch, met: _Junctions, arc: int) -> None:
    """Pass a junction of a roundabout: leave by its road, or count the exits let by."""
    passed = step.exit_number or 0
    if met.is_roundabout[arc]:
        step.exit_number = passed + met.exits[arc] or None
        return
    step.exit_number = passed + 1
    step.street = met.street[arc]
    step.is_circling = False


def _is_new(step: _Stretch, met: _Junctions, arc: int) -> bool:
    """Whether one must be told something where the drive passes into an arc."""
    if met.is_roundabout[arc] != met.is_roundabout[arc - 1]:
        return True
    if met.is_roundabout[arc]:
        return False
    if met.is_ferry[arc] != met.is_ferry[arc - 1] or met.turns_back[arc]:
        return True
    has_choice, bend = met.choices[arc] > 1, abs(met.degrees[arc])
    if met.street[arc] == step.street:
        return has_choice and bend >= BEND_DEGREES
    if not met.street[arc]:
        return has_choice and bend >= STRAIGHT_DEGREES
    return True


def _manoeuvre(met: _Junctions, arc: int) -> Manoeuvre:
    if met.is_ferry[arc]:
        return "ferry"
    if met.is_roundabout[arc] and not met.is_roundabout[arc - 1]:
        return "roundabout"
    degrees = met.degrees[arc]
    bend = abs(degrees)
    if met.turns_back[arc] or bend > BACK_DEGREES:
        return "U-turn"
    if bend < STRAIGHT_DEGREES:
        return "continue"
    if bend < BEND_DEGREES:
        return "slight right" if degrees > 0 else "slight left"
    if bend < SHARP_DEGREES:
        return "right" if degrees > 0 else "left"
    return "sharp right" if degrees > 0 else "sharp left"


def _junctions(network: RoadNetwork, drive: Drive, road: LonLat, begins: Integers) -> _Junctions:
    line = network.arc_line[drive.arcs]
    name, names = network.line_name[line].copy(), network.names
    ferry = network.classes.index(FERRY) if FERRY in network.classes else -1
    is_ferry, is_round = network.line_class[line] == ferry, network.line_is_roundabout[line]
    degrees, (choices, exits) = _degrees(road, begins), _choices(network, drive.arcs)
    turns_back = _changes(line) == 0
    turns_back[0] = False
    bends = (np.abs(degrees) >= STRAIGHT_DEGREES) & (choices > 1)
    changes = (_changes(name) != 0) | (_changes(is_ferry) != 0) | (_changes(is_round) != 0)
    telling = changes | is_round | turns_back | bends
    telling[0] = False
    for arc, other, silent in _slivers(road, begins, is_round):
        name[arc], is_round[arc], is_ferry[arc] = name[other], is_round[other], is_ferry[other]
        telling[silent] = False
    return _Junctions(
        telling=np.flatnonzero(telling).tolist(),
        street=[names[number] for number in name.tolist()],
        is_roundabout=is_round.tolist(),
        is_ferry=is_ferry.tolist(),
        turns_back=turns_back.tolist(),
        degrees=degrees.tolist(),
        choices=choices.tolist(),
        exits=exits.tolist(),
    )


def _slivers(
    road: LonLat, begins: Integers, is_round: NDArray[np.bool_]
) -> Iterator[tuple[int, int, int]]:
    """Ends of a drive too short to be told of: the arc, its neighbour, and the later of the two.

    A place at a junction joins one of its roads; nobody is sent along that road for nothing.
    """
    last = len(begins) - 1
    if last and _is_sliver(road[: begins[1] + 1]):
        yield 0, 1, 1
    if last and not is_round[last - 1] and _is_sliver(road[begins[last] :]):
        yield last, last - 1, last


def _is_sliver(points: LonLat) -> bool:
    return bool((np.abs(points - points[0]) < SLIVER_DEGREES).all())


def _changes(values: NDArray[Any]) -> Integers:
    """By how much each value differs from the one before; 0 for the first."""
    changes = np.zeros(len(values), dtype=np.int64)
    changes[1:] = np.diff(values.astype(np.int64))
    return changes


def _choices(network: RoadNetwork, arcs: Integers) -> tuple[Integers, Integers]:
    """Where each arc is entered: how many roads could be, and how many of them off a roundabout."""
    before = arcs[:-1]
    counts = network.turn_first[before + 1] - network.turn_first[before]
    row = np.repeat(np.arange(1, len(arcs)), counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    option = network.turn_arc[network.turn_first[before][row - 1] + within]
    own = ~network.arc_is_copy[option]
    leaves = own & ~network.line_is_roundabout[network.arc_line[option]]
    return (
        np.bincount(row[own], minlength=len(arcs)),
        np.bincount(row[leaves], minlength=len(arcs)),
    )


def _degrees(road: LonLat, begins: Integers) -> NDArray[np.float64]:
    """The angle by which the drive turns into each arc: above 0 to the right, 0 into the first."""
    shrink = np.cos(np.radians(road[0, 1]))
    plane = road * (EARTH_RADIUS_METERS * np.radians(1.0)) * np.array([shrink, 1.0])
    step = plane[1:] - plane[:-1]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(step[:, 0], step[:, 1]))])
    at = along[begins]
    ahead = np.minimum(at + BEARING_METERS, np.append(at[1:], along[-1]))
    behind = np.maximum(at - BEARING_METERS, np.concatenate([at[:1], at[:-1]]))
    where = np.concatenate([behind, at, ahead])
    east, north = (np.interp(where, along, axis).reshape(3, -1) for axis in plane.T)
    coming, going = np.arctan2(np.diff(east, axis=0), np.diff(north, axis=0))
    degrees = (np.degrees(going - coming) + 180) % 360 - 180
    degrees[0] = 0.0
    return np.asarray(degrees, dtype=np.float64)
