"""The neighbour graph of units: made from pairs, cut by barriers, joined by links, labelled."""

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from territory.errors import Fault, InputError
from territory.geo import LonLat
from territory.units.values import Neighbours

Pairs = NDArray[np.int32]
"""A (k, 2) array of unit positions, the smaller first, each pair once."""


def neighbours_from_pairs(
    count: int, pairs: Pairs, border_meters: NDArray[np.float64]
) -> Neighbours:
    """The symmetric CSR graph of ``count`` units in which each pair borders; rows are sorted."""
    both = np.concatenate([pairs, pairs[:, ::-1]]).reshape(-1, 2)
    borders = np.concatenate([border_meters, border_meters])
    order = np.lexsort((both[:, 1], both[:, 0]))
    indptr = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(both[:, 0], minlength=count), out=indptr[1:])
    return Neighbours(
        indptr=indptr,
        indices=both[order, 1].astype(np.int32),
        border_meters=borders[order].astype(np.float64),
    )


def components(neighbours: Neighbours) -> NDArray[np.int32]:
    """Label of the connected patch each unit lies in, numbered from 0 in order of first unit."""
    count = len(neighbours.indptr) - 1
    labels = np.full(count, -1, dtype=np.int32)
    starts, ends = neighbours.indptr[:-1].tolist(), neighbours.indptr[1:].tolist()
    indices = neighbours.indices.tolist()
    label = 0
    for first in range(count):
        if labels[first] >= 0:
            continue
        labels[first] = label
        waiting = [first]
        while waiting:
            unit = waiting.pop()
            for other in indices[starts[unit] : ends[unit]]:
                if labels[other] < 0:
                    labels[other] = label
                    waiting.append(other)
        label += 1
    return labels


def cut_and_join(
    pairs: Pairs,
    border_meters: NDArray[np.float64],
    lonlat: LonLat,
    *,
    barriers: Sequence[str],
    links: Sequence[str],
    locate: Callable[[LonLat], NDArray[np.int32]],
) -> tuple[Pairs, NDArray[np.float64]]:
    """Pairs without those that a barrier parts, and with those that a link joins.

    A pair is parted where the line between its two centres crosses a barrier, unless a link joins
    the same two units. A link between units that do not touch adds a border of 0 metres.

    Raises
    ------
    InputError
        If a line is not WKT, or a link ends outside every unit; all such lines are listed.
    """
    joined = _linked_pairs(links, locate)
    keep = ~_crosses(pairs, lonlat, read_lines(barriers, what="barrier"))
    linked = {(int(a), int(b)) for a, b in joined}
    keep |= np.fromiter(((int(a), int(b)) in linked for a, b in pairs), bool, len(pairs))
    pairs, border_meters = pairs[keep], border_meters[keep]
    added = sorted(linked - {(int(a), int(b)) for a, b in pairs})
    if not added:
        return pairs, border_meters
    return (
        np.concatenate([pairs, np.asarray(added, dtype=np.int32)]),
        np.concatenate([border_meters, np.zeros(len(added))]),
    )


def read_lines(texts: Sequence[str], *, what: str) -> NDArray[np.object_]:
    """Simple lines of all WKT texts; a polygon gives its outline, a multi line its parts.

    Raises
    ------
    InputError
        If a text is not a line or polygon in WKT; every bad one is listed.
    """
    shapes = shapely.from_wkt(np.asarray(texts, dtype=object), on_invalid="ignore")
    shapes = np.atleast_1d(np.asarray(shapes, dtype=object))
    bad = [
        Fault(table="barriers", row=place + 2, column="geometry", value=text[:80], expected=what)
        for place, (text, shape) in enumerate(zip(texts, shapes, strict=True))
        if shape is None or shapely.is_empty(shape) or shapely.length(shape) == 0
    ]
    if bad:
        raise InputError(f"{len(bad)} lines cannot be read.", bad, fix="Give WKT lines in WGS84.")
    areal = shapely.get_dimensions(shapes) == 2
    shapes[areal] = shapely.boundary(shapes[areal])
    return np.asarray(shapely.get_parts(shapes), dtype=object)


def link_ends(links: Sequence[str]) -> LonLat:
    """Both ends of every link, two rows each."""
    lines = read_lines(links, what="link")
    ends = np.empty((2 * len(lines), 2))
    for side, position in enumerate((0, -1)):
        points = shapely.get_point(lines, position)
        ends[side::2] = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return ends


def _linked_pairs(links: Sequence[str], locate: Callable[[LonLat], NDArray[np.int32]]) -> Pairs:
    ends = link_ends(links)
    units = locate(ends)
    faults = [
        Fault(
            table="barriers",
            column="geometry",
            value=f"{lon:.5f} {lat:.5f}",
            expected="inside a unit, as both ends of a link must be",
        )
        for (lon, lat), unit in zip(ends.tolist(), units.tolist(), strict=True)
        if unit < 0
    ]
    if faults:
        raise InputError(f"{len(faults)} link ends lie outside every unit.", faults)
    pairs = np.sort(units.reshape(-1, 2), axis=1)
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]], dtype=np.int32)


def _crosses(pairs: Pairs, lonlat: LonLat, barriers: NDArray[np.object_]) -> NDArray[np.bool_]:
    crossed = np.zeros(len(pairs), dtype=bool)
    if len(barriers) and len(pairs):
        between = shapely.linestrings(lonlat[pairs])
        tree = shapely.STRtree(barriers)
        crossed[tree.query(between, predicate="intersects")[0]] = True
    return crossed
