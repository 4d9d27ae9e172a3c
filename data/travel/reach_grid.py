"""A grid over a network that knows, for each of its nodes, the roads one joins from there.

It depends on the network alone, so it is made once. What changes from question to question, when
one gets to which road, is laid over it by ``ReachGrid.seconds``.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from data.travel.snap import MAX_WALK_IN_METERS, STUB_KMH

STEP_METERS: Final = 50.0
MAX_NODES: Final = 6_000_000
"""Networks too wide for this many nodes get a coarser grid."""

E7: Final = 1e7
EQUATOR_METERS: Final = 6_378_137.0
ECCENTRICITY_SQUARED: Final = 6.69437999014e-3
"""WGS84."""

Window = tuple[int, int, int, int]
"""Row, row beyond, column, column beyond."""


def meters_per_degree(lat: float) -> tuple[float, float]:
    """Metres of a degree of longitude and of latitude, from the ellipsoid's radii there."""
    sine, cosine = np.sin(np.radians(lat)), np.cos(np.radians(lat))
    root = np.sqrt(1 - ECCENTRICITY_SQUARED * sine**2)
    east = EQUATOR_METERS / root
    north = east * (1 - ECCENTRICITY_SQUARED) / root**2
    return float(np.radians(east * cosine)), float(np.radians(north))


@dataclass(frozen=True, kw_only=True, eq=False)
class ReachGrid:
    """Nodes ``row * columns + column`` at whole ten-millionths of a degree.

    A node's entries ``first[node]`` to ``first[node + 1]`` are roads one can get to or from
    there: every line through the four squares around it, or else the nearest one within the
    limit. An entry is a ``line``, the ``fraction`` of it where one joins, and the
    ``walk_seconds`` between. ``box`` (l, 4) is the window of each line.
    """

    west: int
    south: int
    step_x: int
    step_y: int
    step_north: float
    rows: int
    columns: int
    first: NDArray[np.int64]
    line: NDArray[np.int32]
    fraction: NDArray[np.float32]
    walk_seconds: NDArray[np.float32]
    box: NDArray[np.int32]
    margin: int

    @property
    def cell_seconds(self) -> float:
        """Seconds to walk one step."""
        return self.step_north / (STUB_KMH / 3.6)

    def window(self, lines: NDArray[np.int64]) -> Window:
        """The part of the grid from which one may join these lines, one node wider all round."""
        low, high = self.box[lines, :2].min(axis=0), self.box[lines, 2:].max(axis=0)
        return (
            max(0, int(low[0]) - self.margin),
            min(self.rows, int(high[0]) + self.margin),
            max(0, int(low[1]) - self.margin),
            min(self.columns, int(high[1]) + self.margin),
        )

    def place(
        self, window: Window, column: NDArray[np.float64], row: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Longitude and latitude (n, 2) of places counted in steps from a window's corner."""
        lon = self.west + np.rint((window[2] + column) * self.step_x)
        lat = self.south + np.rint((window[0] + row) * self.step_y)
        return np.column_stack([lon, lat]) / E7


@dataclass(frozen=True, kw_only=True, eq=False)
class _Frame:
    """The grid before it knows any road, and the network's lines in its steps.

    ``step_north`` is metres per row, ``step_east`` (rows,) metres per column in each row.
    """

    west: int
    south: int
    step_x: int
    step_y: int
    step_north: float
    step_east: NDArray[np.float64]
    rows: int
    columns: int
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Entries:
    """Feet of nodes on lines: the segment by its first point, the share of it, the metres."""

    node: NDArray[np.int64]
    line: NDArray[np.int32]
    foot: NDArray[np.int32]
    share: NDArray[np.float32]
    meters: NDArray[np.float32]

    def take(self, rows: NDArray[np.bool_]) -> "_Entries":
        """Some of them."""
        return _Entries(
            node=self.node[rows],
            line=self.line[rows],
            foot=self.foot[rows],
            share=self.share[rows],
            meters=self.meters[rows],
        )


def reach_grid(
    network: RoadNetwork,
    *,
    max_walk_meters: float,
    max_walk_in_meters: float = MAX_WALK_IN_METERS,
    step_meters: float = STEP_METERS,
) -> ReachGrid:
    """The grid over all roads one may use, and as far beyond as one walks to them.

    As places do, a node nearer to a closed road joins an open one up to ``max_walk_in_meters``.
    """
    from data.travel.reach_kernels import grouped

    frame = _frame(network, max_walk_meters, step_meters)
    used = np.unique(network.arc_line).astype(np.int64)
    near = _near(frame, network.line_offset, used)
    far = _far(network, frame, near, max_walk_meters)
    is_shut = _closed_meters(network, frame, max_walk_meters)[far.node] < far.meters
    is_kept = ~is_shut | (far.meters <= max_walk_in_meters)
    entries = _joined(near, far.take(is_kept))
    order = np.empty(len(entries.node), dtype=np.int64)
    first = np.zeros(frame.rows * frame.columns + 1, dtype=np.int64)
    grouped(entries.node, order, first)
    fraction = _fractions(network, frame, entries)
    return ReachGrid(
        west=frame.west,
        south=frame.south,
        step_x=frame.step_x,
        step_y=frame.step_y,
        step_north=frame.step_north,
        rows=frame.rows,
        columns=frame.columns,
        first=first,
        line=entries.line[order],
        fraction=fraction[order],
        walk_seconds=(entries.meters / np.float32(STUB_KMH / 3.6))[order],
        box=_boxes(network, frame),
        margin=int(max_walk_meters / frame.step_north) + 2,
    )


def _frame(network: RoadNetwork, max_walk_meters: float, step_meters: float) -> _Frame:
    low, high = network.line_lonlat.min(axis=0), network.line_lonlat.max(axis=0)
    middle = float((low[1] + high[1]) / 2)
    per_degree = np.maximum(meters_per_degree(middle), 1.0)
    margin = (max_walk_meters + 2 * step_meters) / per_degree
    low, high = low - margin, high + margin
    step_meters = max(step_meters, float(np.sqrt(np.prod((high - low) * per_degree) / MAX_NODES)))
    step = np.ceil(step_meters / per_degree * E7).astype(np.int64)
    origin = np.floor(low * E7).astype(np.int64)
    columns, rows = (np.ceil((high - low) * E7 / step).astype(np.int64) + 2).tolist()
    steps = (network.line_lonlat * E7 - origin) / step
    lat = np.minimum(low[1] + np.arange(rows) * step[1] / E7, 89.9)
    shrinking = np.cos(np.radians(lat)) / np.cos(np.radians(middle))
    return _Frame(
        west=int(origin[0]),
        south=int(origin[1]),
        step_x=int(step[0]),
        step_y=int(step[1]),
        step_north=float(step[1] / E7 * per_degree[1]),
        step_east=step[0] / E7 * per_degree[0] * shrinking,
        rows=rows,
        columns=columns,
        x=np.ascontiguousarray(steps[:, 0]),
        y=np.ascontiguousarray(steps[:, 1]),
    )


def _near(frame: _Frame, offset: NDArray[np.int64], used: NDArray[np.int64]) -> _Entries:
    """The corners of every square a line runs through, with their feet on the line there."""
    from data.travel.reach_kernels import corner_feet, crossings

    asked = (offset, frame.x, frame.y, used, frame.columns)
    none = np.empty(0, dtype=np.int32)
    count = crossings(*asked, np.empty(0, dtype=np.int64), none, none, none)
    square = np.empty(count, dtype=np.int64)
    line, segment, beyond = (np.empty(count, dtype=np.int32) for _ in range(3))
    crossings(*asked, square, line, segment, beyond)
    node, foot = np.empty(4 * count, dtype=np.int64), np.empty(4 * count, dtype=np.int32)
    share, meters = np.empty((2, 4 * count), dtype=np.float32)
    shape = (frame.x, frame.y, frame.columns, frame.step_east, frame.step_north)
    corner_feet(square, segment, beyond, *shape, node, foot, share, meters)
    return _Entries(node=node, line=np.repeat(line, 4), foot=foot, share=share, meters=meters)


def _far(network: RoadNetwork, frame: _Frame, near: _Entries, limit: float) -> _Entries:
    """The nearest foot of every other node within the limit."""
    from data.travel.reach_kernels import far_shares

    nearest, meters = _nearest(frame, near, limit)
    is_far = np.ones(len(nearest), dtype=np.bool_)
    is_far[near.node] = False
    grid = (frame.step_east, frame.step_north)
    node = np.flatnonzero(is_far & (nearest >= 0))
    foot = nearest[node]
    share = np.empty(len(node), dtype=np.float32)
    far_shares(node, foot, frame.x, frame.y, frame.columns, *grid, share)
    line = np.searchsorted(network.line_offset, foot, side="right") - 1
    return _Entries(
        node=node, line=line.astype(np.int32), foot=foot, share=share, meters=meters[node]
    )


def _nearest(
    frame: _Frame, near: _Entries, limit: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Each node's nearest segment, by its first point, and the metres to it; -1 beyond a limit."""
    from data.travel.reach_kernels import carry, nearest_of

    nearest = np.full(frame.rows * frame.columns, -1, dtype=np.int32)
    meters = np.full(len(nearest), np.inf, dtype=np.float32)
    nearest_of(near.node, near.foot, near.meters, nearest, meters)
    grid = (frame.step_east, frame.step_north)
    carry(frame.rows, frame.columns, nearest, meters, frame.x, frame.y, *grid, limit)
    return nearest, meters


def _closed_meters(network: RoadNetwork, frame: _Frame, limit: float) -> NDArray[np.float32]:
    """Metres from each node to the nearest closed road, infinite beyond the limit."""
    count = len(network.closed_why)
    if not count:
        return np.full(frame.rows * frame.columns, np.inf, dtype=np.float32)
    steps = (network.closed_lonlat * E7 - (frame.west, frame.south)) / (frame.step_x, frame.step_y)
    # A closed road may lie outside: it is drawn in to the rim, where it shuts nothing off.
    steps = np.clip(steps, 0, np.array([frame.columns, frame.rows]) - 2)
    x, y = (np.ascontiguousarray(column) for column in steps.T)
    shut = replace(frame, x=x, y=y)
    near = _near(shut, network.closed_offset, np.arange(count))
    return _nearest(shut, near, limit)[1]


def _joined(near: _Entries, far: _Entries) -> _Entries:
    return _Entries(
        node=np.concatenate([near.node, far.node]),
        line=np.concatenate([near.line, far.line]),
        foot=np.concatenate([near.foot, far.foot]),
        share=np.concatenate([near.share, far.share]),
        meters=np.concatenate([near.meters, far.meters]),
    )


def _fractions(network: RoadNetwork, frame: _Frame, entries: _Entries) -> NDArray[np.float32]:
    """The share of the whole line, in metres, at each foot."""
    offset = network.line_offset
    run_x = np.diff(frame.x) * frame.step_east[len(frame.step_east) // 2]
    lengths = np.hypot(run_x, np.diff(frame.y) * frame.step_north)
    lengths[offset[1:-1] - 1] = 0.0  # from the end of one line to the beginning of the next
    driven = np.concatenate([[0.0], np.cumsum(lengths)])
    whole = np.maximum(driven[offset[1:] - 1] - driven[offset[:-1]], 1e-9)
    at = driven[entries.foot] + entries.share * lengths[entries.foot]
    share = (at - driven[offset[entries.line]]) / whole[entries.line]
    return np.asarray(np.clip(share, 0, 1), dtype=np.float32)


def _boxes(network: RoadNetwork, frame: _Frame) -> NDArray[np.int32]:
    """The window of each line: low row, low column, row beyond, column beyond."""
    begin = network.line_offset[:-1]
    low = [np.minimum.reduceat(values, begin) for values in (frame.y, frame.x)]
    high = [np.maximum.reduceat(values, begin) + 2 for values in (frame.y, frame.x)]
    return np.column_stack([*low, *high]).astype(np.int32)
