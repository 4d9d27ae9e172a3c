"""In which unit is a point: exact, and quick enough for millions of points."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from territory.geo import LonLat
from territory.units.cells import CellTable
from territory.units.values import Units

FEW_DEPTH = 6
_FEW_POINTS, _MANY_POINTS = 50_000, 1_000_000
_PART_POINTS = 250_000  # points looked up at once, so that memory stays flat and near the cache


class ZoneGrid:
    """A grid over polygons that answers most points by arithmetic and the rest exactly.

    A box wholly inside one polygon and touching no other answers for all its points; points of
    other boxes are tested against the polygons that touch their box. A point on a shared border,
    or where polygons overlap, belongs to the polygon that comes first. ``depth`` is how often the
    extent is halved: a deeper grid takes longer to make and asks exactly less often; 6 pays off up
    to some 10,000 points, 9 for millions.
    """

    def __init__(self, polygons: NDArray[np.object_], *, depth: int = FEW_DEPTH) -> None:
        self._polygons = np.asarray(polygons, dtype=object)
        self._side = 1 << depth
        bounds = shapely.bounds(self._polygons)
        self._low = np.nanmin(bounds[:, :2], axis=0)
        span = np.nanmax(bounds[:, 2:], axis=0) - self._low
        self._scale = self._side / np.where(span > 0, span * (1 + 1e-9), 1.0)
        whole, touched = self._classify(depth)
        self._answer, self._rows, self._zones = self._compile(whole, touched)

    @property
    def count(self) -> int:
        """How many polygons there are."""
        return len(self._polygons)

    def _classify(self, depth: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(box, zone) rows of boxes wholly inside a zone, and of boxes a border runs through."""
        whole: list[NDArray[np.int64]] = []
        touched: list[NDArray[np.int64]] = []
        for zone, polygon in enumerate(self._polygons):
            shapely.prepare(polygon)
            straddling = np.zeros((1, 2), dtype=np.int64)
            for level in range(depth + 1):
                boxes = self._boxes(straddling, level)
                inside = shapely.contains_properly(polygon, boxes)
                meets = shapely.intersects(polygon, boxes) & ~inside
                whole.append(self._spread(straddling[inside], depth - level, zone))
                straddling = straddling[meets]
                if level < depth:
                    straddling = _quarters(straddling)
            touched.append(self._spread(straddling, 0, zone))
        return np.concatenate(whole), np.concatenate(touched)

    def _boxes(self, corners: NDArray[np.int64], level: int) -> NDArray[np.object_]:
        size = (self._side >> level) / self._scale
        low = self._low + corners * size
        high = low + size
        boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
        return np.asarray(boxes, dtype=object)

    def _spread(self, corners: NDArray[np.int64], levels: int, zone: int) -> NDArray[np.int64]:
        """Finest boxes under coarse ones, as (box, zone) rows."""
        steps = np.arange(1 << levels)
        column = (corners[:, 0, None] << levels) + steps
        row = (corners[:, 1, None] << levels) + steps
        boxes = (row[:, :, None] * self._side + column[:, None, :]).reshape(-1)
        return np.column_stack([boxes, np.full(len(boxes), zone)])

    def _compile(
        self, whole: NDArray[np.int64], touched: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
        """Answer per box (-1 outside, -2 ask), and the zones to ask as CSR rows per box."""
        asked = np.concatenate([whole, touched])
        claims = np.bincount(asked[:, 0], minlength=self._side**2)
        unclear = claims > 1
        unclear[touched[:, 0]] = True
        answer = np.full(self._side**2, -1, dtype=np.int32)
        answer[whole[:, 0]] = whole[:, 1]
        answer[unclear] = -2
        asked = asked[unclear[asked[:, 0]]]
        order = np.lexsort((asked[:, 1], asked[:, 0]))
        rows = np.zeros(self._side**2 + 1, dtype=np.int64)
        np.cumsum(np.where(unclear, claims, 0), out=rows[1:])
        return answer, rows, asked[order, 1].astype(np.int32)

    def locate(self, lonlat: LonLat) -> NDArray[np.int32]:
        """Position of the polygon over each point, -1 outside all of them."""
        points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
        parts = [
            self._locate_part(points[start : start + _PART_POINTS])
            for start in range(0, len(points), _PART_POINTS)
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)

    def _locate_part(self, points: LonLat) -> NDArray[np.int32]:
        place = (points - self._low) * self._scale
        with np.errstate(invalid="ignore"):
            on_grid = ((place >= 0) & (place < self._side)).all(axis=1)
        column, row = np.where(on_grid[:, None], place, 0).astype(np.int64).T
        box = row * self._side + column
        found = np.where(on_grid, self._answer[box], np.int32(-1)).astype(np.int32)
        asked = np.flatnonzero(found == -2)
        if len(asked):
            found[asked] = self._ask(points[asked], box[asked])
        return found

    def _ask(self, points: LonLat, box: NDArray[np.int64]) -> NDArray[np.int32]:
        """Exact tests, polygon by polygon, of the points in boxes that a border runs through."""
        counts = self._rows[box + 1] - self._rows[box]
        point = np.repeat(np.arange(len(points)), counts)
        within = np.arange(len(point)) - np.repeat(np.cumsum(counts) - counts, counts)
        zone = self._zones[self._rows[box[point]] + within]
        order = np.argsort(zone, kind="stable")
        point, zone = point[order], zone[order]
        found = np.full(len(points), len(self._polygons), dtype=np.int32)
        edges = np.searchsorted(zone, np.arange(len(self._polygons) + 1))
        for number in np.unique(zone):
            mine = point[edges[number] : edges[number + 1]]
            shapely.prepare(self._polygons[number])  # of a grid sent to another process, not yet
            over = shapely.intersects_xy(self._polygons[number], *points[mine].T)
            hit = mine[over]
            found[hit] = np.minimum(found[hit], number)
        found[found == len(self._polygons)] = -1
        return found


def _quarters(corners: NDArray[np.int64]) -> NDArray[np.int64]:
    offsets = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    return np.asarray((2 * corners[:, None, :] + offsets).reshape(-1, 2), dtype=np.int64)


def grid_depth(points: int) -> int:
    """The depth of a grid that pays off for so many points."""
    return FEW_DEPTH if points <= _FEW_POINTS else 8 if points <= _MANY_POINTS else 9


class Locator:
    """Answers in which unit points are, made once for all of them.

    ``rows`` is about how many points will be asked for: more pay for a finer grid. It can be
    pickled, so that others answer for their share of the points.
    """

    def __init__(self, units: Units, *, rows: int) -> None:
        self.count = len(units)
        self._cells: CellTable | None = None
        self._grid: ZoneGrid | None = None
        if self.count == 0:
            return
        if units.kind == "zones":
            self._grid = ZoneGrid(units.polygons, depth=grid_depth(rows))
        else:
            self._cells = CellTable(units.ids)

    @classmethod
    def of_cells(cls, ids: Sequence[str]) -> "Locator":
        """Of H3 cells, at least one, by their text ids."""
        made = cls.__new__(cls)
        made.count, made._grid, made._cells = len(ids), None, CellTable(ids)
        return made

    def locate(self, lonlat: LonLat) -> NDArray[np.int32]:
        """Position of the unit over each point (n, 2), -1 where a point lies in none."""
        points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
        if self._grid is not None:
            return self._grid.locate(points)
        found = np.full(len(points), -1, dtype=np.int32)
        if self._cells is None:
            return found
        for start in range(0, len(points), _PART_POINTS):
            part = points[start : start + _PART_POINTS]
            placed = np.isfinite(part).all(axis=1) & (np.abs(part[:, 1]) <= 90)
            answer = self._cells.locate(part[placed])
            found[start : start + _PART_POINTS][placed] = answer
        return found


def locate(units: Units, lonlat: LonLat) -> NDArray[np.int32]:
    """Position of the unit over each point (n, 2), -1 where a point lies in none or is missing.

    Exact for both kinds of unit. A point on the border of two zones belongs to the first.
    """
    points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    return Locator(units, rows=len(points)).locate(points)
