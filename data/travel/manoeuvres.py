"""A drive in words: its line, its seconds and metres, and what to do where."""

import numpy as np

from data.travel.graph import unpack
from data.travel.paths import Drive, drawn
from data.travel.snap import Snapped, Snapper
from territory.geo import LonLat
from territory.travel import Leg

SAME_DEGREES = 1e-8
"""A millimetre: points nearer than this are one."""


def described(snapper: Snapper, drive: Drive, ends: LonLat, snapped: Snapped) -> Leg:
    """The leg of a drive between two places, with the walks from and to them."""
    road, _ = drawn(snapper, drive)
    tenths, lengths = (int(part.sum()) for part in unpack(drive.weight))
    tenths += int(snapped.stub_deciseconds.sum())
    lengths += int(snapped.stub_decimeters.sum())
    return Leg(
        seconds=-(-tenths // 10),
        meters=-(-lengths // 10),
        lonlat=_line(road, ends),
    )


def _line(road: LonLat, ends: LonLat) -> tuple[tuple[float, float], ...]:
    """From place to place along the road, without points that fall upon one another."""
    away = (np.abs(road - ends[0]).max(axis=1) > SAME_DEGREES) & (
        np.abs(road - ends[1]).max(axis=1) > SAME_DEGREES
    )
    is_new = np.ones(len(road), dtype=np.bool_)
    is_new[1:] = (np.abs(np.diff(road, axis=0)) > SAME_DEGREES).any(axis=1)
    is_tip = np.zeros(len(road), dtype=np.bool_)
    is_tip[[0, -1]] = True
    line = np.concatenate([ends[:1], road[is_new & (away | ~is_tip)], ends[1:]])
    return tuple((lon, lat) for lon, lat in line.tolist())
