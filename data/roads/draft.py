"""A network before it is pruned: places, arcs in any order, and the turns that are banned."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from territory.geo import EARTH_RADIUS_METERS, LonLat

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """A turn restriction over arcs ``path`` of a draft, each leaving where the last one ends.

    Who has driven all but the last arc must not take the last one or, if ``only``, must.
    """

    path: tuple[int, ...]
    only: bool = False


def _no_points() -> LonLat:
    return np.empty((0, 2))


def _no_offset() -> Integers:
    return np.zeros(1, dtype=np.int64)


def _no_marks() -> NDArray[np.bool_]:
    return np.empty(0, dtype=np.bool_)


def _no_reasons() -> NDArray[np.int8]:
    return np.empty(0, dtype=np.int8)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """Places, one-way arcs between them and lines, as in ``RoadNetwork`` but in any order.

    ``place_is_signal`` (p,) marks places with traffic lights. ``line_is_local`` (l,) marks roads
    open to their residents and visitors only; left out, there are none.
    """

    place_lonlat: LonLat
    place_id: Integers
    place_is_signal: NDArray[np.bool_]
    tail: Integers
    head: Integers
    deciseconds: NDArray[np.int32]
    decimeters: NDArray[np.int32]
    arc_line: Integers
    arc_reversed: NDArray[np.bool_]
    line_lonlat: LonLat
    line_offset: Integers
    line_class: NDArray[np.int16]
    line_name: NDArray[np.int32]
    line_way_id: Integers
    line_is_roundabout: NDArray[np.bool_]
    classes: tuple[str, ...]
    names: tuple[str, ...]
    line_is_local: NDArray[np.bool_] = field(default_factory=_no_marks)
    bans: tuple[Ban, ...] = ()
    closed_lonlat: LonLat = field(default_factory=_no_points)
    closed_offset: Integers = field(default_factory=_no_offset)
    closed_why: NDArray[np.int8] = field(default_factory=_no_reasons)

    def __post_init__(self) -> None:
        if not len(self.line_is_local):
            unmarked = np.zeros(len(self.line_class), dtype=np.bool_)
            object.__setattr__(self, "line_is_local", unmarked)


def ranges(starts: Integers, lengths: Integers) -> Integers:
    """starts[0], starts[0] + 1, ... for each length, one after another."""
    offset = np.concatenate([[0], np.cumsum(lengths)])
    return np.asarray(
        np.arange(offset[-1]) - np.repeat(offset[:-1], lengths) + np.repeat(starts, lengths),
        dtype=np.int64,
    )


def step_meters(lonlat: LonLat) -> NDArray[np.float64]:
    """Great-circle metres from each point to the next, shape (n - 1,)."""
    lon, lat = np.radians(lonlat).T
    half_chord = (
        np.sin(np.diff(lat) / 2) ** 2
        + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_METERS * np.arcsin(np.sqrt(half_chord)), dtype=np.float64)
