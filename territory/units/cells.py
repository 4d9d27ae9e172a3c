"""H3 cells over many points: which unit each lies in, and which cells there are under them."""

from collections.abc import Sequence
from itertools import repeat

import numpy as np
from h3.api import basic_int as h3
from numpy.typing import NDArray

from territory.geo import LonLat
from territory.units.lattice import HexLattice, split_keys

_FEW_POINTS = 1_000  # below which asking H3 for each is quicker than a table
_ROOM = 16  # a table has at most so many places per cell, else keys are looked for


def h3_cells(lonlat: LonLat, resolution: int) -> list[int]:
    """The cell of every point, as the integers H3 counts in."""
    lon, lat = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2).T
    return list(map(h3.latlng_to_cell, lat.tolist(), lon.tolist(), repeat(resolution)))


def locate_cells(index: dict[int, int], lonlat: LonLat, resolution: int) -> NDArray[np.int32]:
    """Position in ``index`` of the cell under each point, -1 where there is none."""
    cells = h3_cells(lonlat, resolution)
    return np.fromiter(map(index.get, cells, repeat(-1)), np.int32, len(cells))


def one_point_per_cell(lonlat: LonLat, resolution: int) -> LonLat:
    """Of many points a few that lie in the same cells as all of them: at least one of each."""
    points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    if len(points) <= _FEW_POINTS:
        return points
    placing = HexLattice(resolution).place(points)
    sure = np.flatnonzero(placing.is_sure)
    _, first = np.unique(placing.keys[sure], return_index=True)
    chosen = np.concatenate([sure[first], np.flatnonzero(~placing.is_sure)])
    return np.asarray(points[np.sort(chosen)], dtype=np.float64)


class CellTable:
    """Cells of one resolution, by H3's text ids, and the position of the one under a point."""

    def __init__(self, ids: Sequence[str]) -> None:
        cells = [h3.str_to_int(cell) for cell in ids]
        self.resolution = h3.get_resolution(cells[0])
        self._index = {cell: position for position, cell in enumerate(cells)}
        self._lattice = HexLattice(self.resolution)
        self._table: _KeyTable | None = None

    def locate(self, lonlat: LonLat) -> NDArray[np.int32]:
        """Position of the cell under each point (n, 2), finite and on the globe; -1 if in none."""
        points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
        if len(points) <= _FEW_POINTS and self._table is None:
            return locate_cells(self._index, points, self.resolution)
        if self._table is None:
            self._table = self._made()
        placing = self._lattice.place(points)
        found = self._table.look_up(placing.keys)
        # By the edge of a face a cell has a key on either, and the table holds only its middle's.
        asked = np.flatnonzero(~placing.is_sure | (placing.is_edge & (found < 0)))
        if len(asked):
            found[asked] = locate_cells(self._index, points[asked], self.resolution)
        return found

    def _made(self) -> "_KeyTable":
        middles = np.array([h3.cell_to_latlng(cell)[::-1] for cell in self._index])
        placing = self._lattice.place(middles)
        sure = np.flatnonzero(placing.is_sure)
        return _KeyTable(placing.keys[sure], sure.astype(np.int32))


class _KeyTable:
    """Values by key: a window of columns and rows where the cells lie close, else a search."""

    def __init__(self, keys: NDArray[np.int64], values: NDArray[np.int32]) -> None:
        order = np.argsort(keys, kind="stable")
        self._keys, self._values = keys[order], values[order]
        self._window: NDArray[np.int32] | None = None
        if len(keys) == 0:
            return
        face, column, row = split_keys(keys)
        self._face, self._low = int(face[0]), (int(column.min()), int(row.min()))
        width, height = int(np.ptp(column)) + 1, int(np.ptp(row)) + 1
        if (face == face[0]).all() and width * height <= _ROOM * len(keys) + _FEW_POINTS:
            self._window = np.full((width, height), -1, dtype=np.int32)
            self._window[column - self._low[0], row - self._low[1]] = values

    def look_up(self, asked: NDArray[np.int64]) -> NDArray[np.int32]:
        """The value of each key, -1 where there is none."""
        found = np.full(len(asked), -1, dtype=np.int32)
        if len(self._keys) == 0:
            return found
        if self._window is None:
            place = np.minimum(np.searchsorted(self._keys, asked), len(self._keys) - 1)
            is_there = self._keys[place] == asked
            found[is_there] = self._values[place[is_there]]
            return found
        face, column, row = split_keys(asked)
        column, row = column - self._low[0], row - self._low[1]
        width, height = self._window.shape
        inside = (face == self._face) & (column >= 0) & (column < width)
        inside &= (row >= 0) & (row < height)
        found[inside] = self._window[column[inside], row[inside]]
        return found
