"""A drive in words: its line, its seconds and metres, and what to do where."""

from collections.abc import Sequence
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np

from data.roads import RoadNetwork
from data.travel.paths import Drive
from data.travel.periods import FERRY
from data.travel.snap import Snapped, Snapper
from territory.geo import LonLat
from territory.travel import Leg, Step

NO_NAME = -1


def described(snapper: Snapper, drive: Drive, ends: LonLat, snapped: Snapped) -> Leg:
    """The leg of a drive between two places, with the walks from and to them."""
    from data.travel.course import course
    from data.travel.telling import MANOEUVRES, steps

    network = snapper.network
    ferry, unnamed = _codes(network)
    line, met, others = course(
        drive.arcs,
        drive.weight,
        drive.begin,
        drive.end,
        np.array(ends, order="C"),
        ferry,
        network.arc_line,
        network.arc_reversed,
        network.arc_is_copy,
        network.turn_first,
        network.turn_arc,
        network.line_offset,
        network.line_lonlat,
        snapper.line_meters,
        network.line_class,
        network.line_name,
        network.line_is_roundabout,
    )
    at, what, name, leave_by = steps(met, others[0], unnamed).tolist()
    tenths, lengths = met[8:, at].tolist()
    lon, lat = others[1:, at].tolist()
    lon[0], lat[0] = ends[0].tolist()
    seconds = _shared_out(tenths, snapped.stub_deciseconds.tolist())
    meters = _shared_out(lengths, snapped.stub_decimeters.tolist())
    names = network.names
    return Leg(
        seconds=sum(seconds),
        meters=sum(meters),
        lonlat=tuple(zip(*line.T.tolist(), strict=True)),
        steps=tuple(
            Step(
                manoeuvre=MANOEUVRES[what[k]],
                street="" if name[k] == unnamed else names[name[k]],
                seconds=seconds[k],
                meters=meters[k],
                lonlat=(lon[k], lat[k]),
                exit_number=leave_by[k] or None,
            )
            for k in range(len(at))
        ),
    )


def _shared_out(so_far: Sequence[int], walks: Sequence[int]) -> list[int]:
    """Whole units of each step, the walks with the first and the last; together they are the whole
    drive's, rounded up."""
    first, last = walks
    up = [0, *(-(-(first + tenths) // 10) for tenths in so_far[1:])]
    up.append(-(-(first + so_far[-1] + last) // 10))
    return [after - before for before, after in pairwise(up)]


_CODES: WeakKeyDictionary[RoadNetwork, tuple[int, int]] = WeakKeyDictionary()


def _codes(network: RoadNetwork) -> tuple[int, int]:
    """The number of the class of ferries, and of the empty name; -1 where there is none."""
    known = _CODES.get(network)
    if known is None:
        classes, names = network.classes, network.names
        known = _CODES[network] = (
            classes.index(FERRY) if FERRY in classes else -1,
            names.index("") if "" in names else NO_NAME,
        )
    return known
