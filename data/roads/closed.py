"""Roads a mode may not use, kept as thin lines: why a place beside them joins no road."""

import numpy as np
from numpy.typing import NDArray

from data.roads.draft import Draft, Integers, ranges
from data.roads.network import CUT_OFF
from territory.geo import LonLat

COARSE_DEGREES = 2e-5
"""About 2 m: lines are thinned to this, since they only tell what lies near."""


def closed_lines(draft: Draft, *, kept: Integers) -> tuple[LonLat, Integers, NDArray[np.int8]]:
    """Points, offsets and reasons of a draft's closed lines and of its lines not ``kept``."""
    lost = np.setdiff1d(np.unique(draft.arc_line), kept)
    lengths = np.diff(draft.line_offset)[lost]
    points = np.concatenate(
        [draft.closed_lonlat, draft.line_lonlat[ranges(draft.line_offset[lost], lengths)]]
    )
    offset = np.concatenate(
        [draft.closed_offset, draft.closed_offset[-1] + np.cumsum(lengths)]
    ).astype(np.int64)
    why = np.concatenate([draft.closed_why, np.full(len(lost), CUT_OFF, dtype=np.int8)])
    points, offset = thinned(points, offset)
    return points, offset, why


def thinned(points: LonLat, offset: Integers) -> tuple[LonLat, Integers]:
    """Lines thinned by Douglas and Peucker to ``COARSE_DEGREES``."""
    import shapely

    lengths = np.diff(offset)
    if not len(lengths):
        return points, offset
    index = np.repeat(np.arange(len(lengths)), lengths)
    lines = shapely.linestrings(points, indices=index)
    thin = shapely.simplify(lines, COARSE_DEGREES, preserve_topology=False)
    counts = shapely.get_num_coordinates(thin)
    return (
        np.asarray(shapely.get_coordinates(thin), dtype=np.float64),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    )
