"""Compiled parts of isochrones: the roads nearest to a grid's nodes, and the times on it.

Nodes of the grid are counted row by row: node ``row * columns + column``. All are called with
the interpreter lock free.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def _foot(
    east: float, north: float, a_east: float, a_north: float, b_east: float, b_north: float
) -> tuple[float, float]:
    """Squared distance from a point to a segment, and the share of the segment at its foot."""
    run_east, run_north = b_east - a_east, b_north - a_north
    square = run_east * run_east + run_north * run_north
    share = 0.0
    if square > 0:
        share = ((east - a_east) * run_east + (north - a_north) * run_north) / square
        share = min(1.0, max(0.0, share))
    off_east = east - a_east - share * run_east
    off_north = north - a_north - share * run_north
    return off_east * off_east + off_north * off_north, share


@njit(cache=True, nogil=True)
def crossings(
    line_offset: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    used: NDArray[np.int64],
    columns: int,
    square: NDArray[np.int64],
    line: NDArray[np.int32],
    segment: NDArray[np.int32],
    beyond: NDArray[np.int32],
) -> int:
    """The squares of the grid each line runs through, in order: how many there are.

    ``x`` and ``y`` are in grid steps. Fills ``square`` (its lower left node), ``line``, and the
    segments of the line in it, by their first points, from ``segment`` up to ``beyond``, as far
    as there is room. Walks in quarters of a step, so a corner cut closer than that may be missed.
    """
    count = 0
    for place in range(len(used)):
        number = used[place]
        before = -1
        for point in range(line_offset[number], line_offset[number + 1] - 1):
            run_x, run_y = x[point + 1] - x[point], y[point + 1] - y[point]
            steps = int(4 * max(abs(run_x), abs(run_y))) + 1
            for step in range(steps + 1):
                share = step / steps
                column = int(np.floor(x[point] + share * run_x))
                row = int(np.floor(y[point] + share * run_y))
                here = row * columns + column
                if here != before:
                    count += 1
                    before = here
                    if count <= len(square):
                        square[count - 1] = here
                        line[count - 1] = number
                        segment[count - 1] = point
                if count <= len(square):
                    beyond[count - 1] = point + 1
    return count


@njit(cache=True, nogil=True)
def corner_feet(
    square: NDArray[np.int64],
    segment: NDArray[np.int32],
    beyond: NDArray[np.int32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    columns: int,
    step_east: NDArray[np.float64],
    step_north: float,
    node: NDArray[np.int64],
    foot: NDArray[np.int32],
    share: NDArray[np.float32],
    meters: NDArray[np.float32],
) -> None:
    """For each of c crossed squares its four corners, and the nearest point of the line in it.

    Outputs are (4 c,): the node, the segment by its first point, the share of it, the metres.
    ``step_east`` is metres per column, by row.
    """
    for place in range(len(square)):
        row, column = square[place] // columns, square[place] % columns
        for corner in range(4):
            at_row, at_column = row + corner // 2, column + corner % 2
            slot = 4 * place + corner
            node[slot] = at_row * columns + at_column
            nearest = np.inf
            for point in range(segment[place], beyond[place]):
                squared, along = _foot(
                    at_column * step_east[at_row],
                    at_row * step_north,
                    x[point] * step_east[at_row],
                    y[point] * step_north,
                    x[point + 1] * step_east[at_row],
                    y[point + 1] * step_north,
                )
                if squared < nearest:
                    nearest = squared
                    foot[slot] = point
                    share[slot] = along
            meters[slot] = np.sqrt(nearest)


@njit(cache=True, nogil=True)
def nearest_of(
    node: NDArray[np.int64],
    foot: NDArray[np.int32],
    away: NDArray[np.float32],
    nearest: NDArray[np.int32],
    meters: NDArray[np.float32],
) -> None:
    """Improve each node's nearest segment and its metres by entries (e,) of node, foot, metres."""
    for entry in range(len(node)):
        if away[entry] < meters[node[entry]]:
            meters[node[entry]] = away[entry]
            nearest[node[entry]] = foot[entry]


@njit(cache=True, nogil=True)
def carry(
    rows: int,
    columns: int,
    nearest: NDArray[np.int32],
    meters: NDArray[np.float32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    step_east: NDArray[np.float64],
    step_north: float,
    limit: float,
) -> None:
    """Carry each node's nearest segment to its neighbours until all within the limit have one.

    Two passes over the grid each way, exact to the segment carried (Danielsson 1980 does so with
    points). ``nearest`` (rows * columns,) holds the first point of a segment or -1, ``meters``
    the distance to it; both are improved in place.
    """
    for turn in range(4):
        down = turn % 2 == 0
        for row_place in range(rows):
            row = row_place if down else rows - 1 - row_place
            for column_place in range(2 * columns):
                ahead = column_place < columns
                column = column_place if ahead else 2 * columns - 1 - column_place
                node = row * columns + column
                before_row = row - 1 if down else row + 1
                before_column = column - 1 if ahead else column + 1
                for side in range(4):
                    other_row, other_column = row, before_column
                    if side > 0:
                        other_row, other_column = before_row, column + side - 2
                    if not (0 <= other_row < rows and 0 <= other_column < columns):
                        continue
                    point = nearest[other_row * columns + other_column]
                    if point < 0 or point == nearest[node]:
                        continue
                    squared, _ = _foot(
                        column * step_east[row],
                        row * step_north,
                        x[point] * step_east[row],
                        y[point] * step_north,
                        x[point + 1] * step_east[row],
                        y[point + 1] * step_north,
                    )
                    away = np.sqrt(squared)
                    if away <= limit and away < meters[node]:
                        meters[node] = away
                        nearest[node] = point


@njit(cache=True, nogil=True)
def far_shares(
    node: NDArray[np.int64],
    foot: NDArray[np.int32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    columns: int,
    step_east: NDArray[np.float64],
    step_north: float,
    share: NDArray[np.float32],
) -> None:
    """The share of each node's segment at its nearest point (e,)."""
    for entry in range(len(node)):
        row, column = node[entry] // columns, node[entry] % columns
        point = foot[entry]
        _, share[entry] = _foot(
            column * step_east[row],
            row * step_north,
            x[point] * step_east[row],
            y[point] * step_north,
            x[point + 1] * step_east[row],
            y[point + 1] * step_north,
        )


@njit(cache=True, nogil=True)
def grouped(node: NDArray[np.int64], order: NDArray[np.int64], first: NDArray[np.int64]) -> None:
    """Sort entries by node, by counting: fills ``order`` (e,) and ``first`` (n + 1,)."""
    for place in range(len(node)):
        first[node[place] + 1] += 1
    for row in range(len(first) - 1):
        first[row + 1] += first[row]
    at = first[:-1].copy()
    for place in range(len(node)):
        order[at[node[place]]] = place
        at[node[place]] += 1


@njit(cache=True, nogil=True)
def times(
    window: tuple[int, int, int, int],
    columns: int,
    first: NDArray[np.int64],
    line: NDArray[np.int32],
    fraction: NDArray[np.float32],
    walk_seconds: NDArray[np.float32],
    begin_seconds: NDArray[np.float64],
    end_seconds: NDArray[np.float64],
    drive_seconds: NDArray[np.float64],
    own: NDArray[np.int64],
    own_line: NDArray[np.int64],
    own_fraction: NDArray[np.float64],
    own_seconds: NDArray[np.float64],
    found: NDArray[np.float64],
) -> None:
    """Seconds to each node of a window (row, row beyond, column, column beyond) of the grid.

    A line is entered at its beginning after ``begin_seconds`` or at its end after ``end_seconds``
    (l,), and driven in ``drive_seconds`` (l, 2) either way; infinite where not. Start k lies on
    line ``own_line[k]`` at ``own_fraction[k]``, reached after ``own_seconds[k]``; ``own`` (l,)
    marks lines that hold a start.
    """
    low_row, high_row, low_column, high_column = window
    for row in range(low_row, high_row):
        for column in range(low_column, high_column):
            node = row * columns + column
            best = np.inf
            for entry in range(first[node], first[node + 1]):
                number, at = line[entry], fraction[entry]
                took = min(
                    begin_seconds[number] + at * drive_seconds[number, 0],
                    end_seconds[number] + (1.0 - at) * drive_seconds[number, 1],
                )
                if own[number] > 0:
                    for start in range(len(own_line)):
                        if own_line[start] == number:
                            ahead = at - own_fraction[start]
                            way = 0 if ahead >= 0 else 1
                            direct = abs(ahead) * drive_seconds[number, way]
                            took = min(took, own_seconds[start] + direct)
                best = min(best, took + walk_seconds[entry])
            found[row - low_row, column - low_column] = best
