"""Leaves out short driveways and parking aisles that lead nowhere else.

In well-mapped towns they are half of all ways. A place at their end joins the road they leave, so
they would cost memory and time and gain nothing; those that lead through, and long ones, stay.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.roads.draft import ranges, step_meters
from data.roads.ways import Ways

SPUR_METERS: Final = 120.0
"""A spur this long is still left out: its end lies within reach of the road it leaves."""

ROUNDS: Final = 4
"""How often what became a spur by leaving out spurs is left out too."""


def without_spurs(ways: Ways) -> Ways:
    """The ways without minor ones that meet the rest in one place at most."""
    _, place = np.unique(ways.refs, return_inverse=True)
    is_short = _meters(ways) <= SPUR_METERS
    keep = np.ones(len(ways.way_id), dtype=np.bool_)
    way = np.repeat(np.arange(len(keep)), np.diff(ways.offset))
    pair = np.unique(way * (int(place.max(initial=0)) + 1) + place)
    way, place = np.divmod(pair, int(place.max(initial=0)) + 1)
    for _ in range(ROUNDS):
        kept = keep[way]
        used = np.bincount(place[kept], minlength=int(place.max(initial=0)) + 1)
        is_shared = kept & (used[place] > 1)
        meeting = np.bincount(way[is_shared], minlength=len(keep))
        spurs = keep & ways.way_is_minor & is_short & (meeting <= 1)
        if not spurs.any():
            break
        keep &= ~spurs
    # A town of driveways only is no town: without any road left, all ways stay.
    return _picked(ways, keep) if keep.any() and not keep.all() else ways


def _meters(ways: Ways) -> NDArray[np.float64]:
    along = np.concatenate([[0.0], np.cumsum(step_meters(ways.lonlat))])
    return np.asarray(along[ways.offset[1:] - 1] - along[ways.offset[:-1]], dtype=np.float64)


def _picked(ways: Ways, keep: NDArray[np.bool_]) -> Ways:
    number = np.flatnonzero(keep)
    lengths = np.diff(ways.offset)[number]
    points = ranges(ways.offset[number], lengths)
    return replace(
        ways,
        refs=ways.refs[points],
        lonlat=ways.lonlat[points],
        offset=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        forward_kmh=ways.forward_kmh[number],
        backward_kmh=ways.backward_kmh[number],
        way_class=ways.way_class[number],
        way_name=ways.way_name[number],
        way_id=ways.way_id[number],
        way_is_roundabout=ways.way_is_roundabout[number],
        way_is_local=ways.way_is_local[number],
        way_is_minor=ways.way_is_minor[number],
    )
