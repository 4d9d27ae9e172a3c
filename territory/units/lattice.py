"""H3 cells of many points at once: the lattice behind H3, by arithmetic instead of a call each.

H3 projects each face of an icosahedron from the globe's middle onto its plane, where the cells of
a resolution are the hexagons of one lattice (Uber, "H3: grid and coordinate system"; Sahr, White
and Kimerling 2003). The plane, its axes and its step follow from the twelve pentagons that H3
itself names, so nothing is copied but the geometry. Points so near to a border that rounding could
decide are not answered here but by H3.
"""

import math
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from h3.api import basic_int as h3
from numpy.typing import NDArray

from territory.geo import LonLat

Keys = NDArray[np.int64]

BORDER_SHARE = 1e-4
"""Share of a cell's width beside its border in which H3 is asked itself."""

FACE_CELLS = 3.0  # within so many cell widths of a face's edge a cell can lie on two faces
_FACE_SURE = 1e-9  # in cosine: rounding cannot take a point to another face
_BITS = 29
_HALF = 1 << (_BITS - 1)
_TWIST = math.asin(math.sqrt(3 / 28))  # between the axes of odd and even resolutions


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placing:
    """Where points (n,) fall on the lattice.

    ``keys`` are equal only for points of one cell. ``is_sure`` is False where H3 must be asked for
    the cell; near the edge of a face (``is_edge``) one cell can have two keys.
    """

    keys: Keys
    is_sure: NDArray[np.bool_]
    is_edge: NDArray[np.bool_]


class HexLattice:
    """The cells of one H3 resolution as a lattice on each face of the icosahedron."""

    def __init__(self, resolution: int) -> None:
        self.resolution = resolution
        self._faces = _faces(resolution % 2 == 1)
        self._step = _first_step() / math.sqrt(7.0) ** resolution

    def place(self, lonlat: LonLat) -> Placing:
        """The key of every point; each must be finite and on the globe."""
        xyz = _on_sphere(np.asarray(lonlat, dtype=np.float64).reshape(-1, 2))
        face, lead = self._nearest_face(xyz)
        keys = np.zeros(len(face), dtype=np.int64)
        is_sure = lead > _FACE_SURE
        for number in np.unique(face):
            mine = np.flatnonzero(face == number)
            middle, east, north = self._faces[number]
            points = xyz if len(mine) == len(face) else xyz[:, mine]
            depth = _along(points, middle) * self._step
            column, row, is_clear = _rounded(
                _along(points, east) / depth, _along(points, north) / depth
            )
            keys[mine] = ((int(number) << _BITS) + column + _HALF << _BITS) + row + _HALF
            is_sure[mine] &= is_clear
        return Placing(keys=keys, is_sure=is_sure, is_edge=lead < FACE_CELLS * self._step)

    def _nearest_face(
        self, xyz: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The face over each point and by how much it is nearer than the next (in cosine)."""
        if xyz.shape[1] == 0:
            return np.empty(0, dtype=np.int64), np.empty(0)
        middles = self._faces[:, 0]
        low, high = xyz.min(axis=1), xyz.max(axis=1)
        centre, radius = (low + high) / 2, float(np.linalg.norm(high - low)) / 2
        away = np.linalg.norm(middles - centre, axis=1)
        # The two nearest faces of every point are among those this near to the points' middle.
        near = np.flatnonzero(away <= np.sort(away)[1] + 2 * radius + 1e-9)
        best = np.full(xyz.shape[1], near[0])
        first = _along(xyz, middles[near[0]])
        second = np.full(len(first), -2.0)
        for number in near[1:]:
            closeness = _along(xyz, middles[number])
            is_nearer = closeness > first
            best[is_nearer] = number
            second = np.maximum(second, np.minimum(first, closeness))
            first = np.maximum(first, closeness)
        return best, first - second


def _along(xyz: NDArray[np.float64], axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Length along an axis; spelt out, since a matrix product of three columns starts threads."""
    out = xyz[0] * axis[0]
    out += xyz[1] * axis[1]
    out += xyz[2] * axis[2]
    return np.asarray(out, dtype=np.float64)


def split_keys(keys: Keys) -> tuple[Keys, Keys, Keys]:
    """Face, column and row of each key."""
    mask = (1 << _BITS) - 1
    return keys >> 2 * _BITS, (keys >> _BITS) & mask, keys & mask


def _rounded(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[Keys, Keys, NDArray[np.bool_]]:
    """The lattice point nearest to each (x, y), and whether no border is near.

    Steps are 1 along the x axis and along 60 degrees from it.
    """
    third = y / math.sqrt(3.0)
    q, r = x - third, 2 * third
    s = -q - r
    column, row, other = np.rint(q), np.rint(r), np.rint(s)
    dq, dr, ds = np.abs(q - column), np.abs(r - row), np.abs(s - other)
    is_q = (dq > dr) & (dq > ds)
    is_r = ~is_q & (dr > ds)
    column = np.where(is_q, -row - other, column)
    row = np.where(is_r, -column - other, row)
    # Inside a hexagon the three differences of the offsets are below 1, and 1 on its border.
    dq, dr = q - column, r - row
    ds = -dq - dr
    widest = np.maximum(np.maximum(np.abs(dq - dr), np.abs(dr - ds)), np.abs(ds - dq))
    return column.astype(np.int64), row.astype(np.int64), widest < 1 - BORDER_SHARE


def _on_sphere(lonlat: LonLat) -> NDArray[np.float64]:
    """Points in space, (3, n)."""
    lon, lat = np.radians(lonlat.T)
    cosine = np.cos(lat)
    return np.array([cosine * np.cos(lon), cosine * np.sin(lon), np.sin(lat)])


@cache
def _corners() -> NDArray[np.float64]:
    """The twelve corners of the icosahedron: the middles of the pentagons."""
    pentagons = [h3.cell_to_latlng(cell)[::-1] for cell in h3.get_pentagons(0)]
    return np.ascontiguousarray(_on_sphere(np.array(pentagons)).T)


@cache
def _faces(is_odd: bool) -> NDArray[np.float64]:
    """(20, 3, 3): of each face its middle and the two axes of its plane, in space."""
    corners = _corners()
    near = np.linalg.norm(corners[:, None] - corners[None], axis=2) < 1.2
    faces = [
        _plane(corners[list(three)], is_odd)
        for three in combinations(range(12), 3)
        if near[np.ix_(three, three)].all()
    ]
    return np.array(faces)


def _plane(corners: NDArray[np.float64], is_odd: bool) -> NDArray[np.float64]:
    middle = corners.sum(axis=0)
    middle /= np.linalg.norm(middle)
    along = corners[0] - (corners[0] @ middle) * middle
    along /= np.linalg.norm(along)
    across = np.cross(middle, along)
    if is_odd:
        turned = math.cos(_TWIST) * along + math.sin(_TWIST) * across
        along, across = turned, np.cross(middle, turned)
    return np.array([middle, along, across])


def _first_step() -> float:
    """Between cells of resolution 0 on a face's plane: half the way to a corner."""
    nearest = float((_faces(False)[:, 0] @ _corners()[0]).max())  # a corner of some face
    return math.tan(math.acos(nearest)) / 2
