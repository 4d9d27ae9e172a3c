"""Units as H3 cells: one filled patch of hexagons over the places of a market."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from h3.api import basic_int as h3
from numpy.typing import NDArray

from territory.errors import InputError
from territory.geo import LonLat, as_lonlat, local_crs, to_meters
from territory.units.cells import h3_cells, locate_cells, one_point_per_cell
from territory.units.graph import Pairs, cut_and_join, link_ends, neighbours_from_pairs
from territory.units.patch import filled_patch
from territory.units.values import Units

WANTED_CELLS = 1_000  # about the geometric middle of the 300 to 3,000 a planner can read
FINEST, COARSEST = 12, 3
FEWEST_METERS = 100.0  # a market of one point still has this radius

Edge = tuple[tuple[float, float], ...]


def default_resolution(lonlat: LonLat) -> int:
    """The H3 resolution at which the market's extent holds nearest to 1,000 cells.

    Resolutions differ by a factor of 7, so a market gets 380 to 2,650 cells over its extent: 11
    for 1 x 1.6 km, 8 for a city of 25 km. The extent is the convex hull of the 98 % of points
    nearest to the middle, so that a stray point does not coarsen the whole market.

    Raises
    ------
    InputError
        If there is no point.
    """
    points = as_lonlat(lonlat)
    if len(points) == 0:
        raise InputError("There is no place to lay cells over.", fix="Give companies or accounts.")
    meters = to_meters(points)
    away = np.hypot(*(meters - np.median(meters, axis=0)).T)
    near = meters[away <= np.quantile(away, 0.98)]
    extent = shapely.MultiPoint(near).convex_hull.buffer(FEWEST_METERS).area
    misses = {
        resolution: abs(
            math.log(extent / h3.average_hexagon_area(resolution, "m^2") / WANTED_CELLS)
        )
        for resolution in range(COARSEST, FINEST + 1)
    }
    return min(misses, key=misses.__getitem__)


def h3_units(
    lonlat: LonLat,
    *,
    resolution: int,
    barriers: Sequence[str] = (),
    links: Sequence[str] = (),
    within: shapely.Geometry | None = None,
) -> Units:
    """A filled patch of H3 cells that covers the points, with barriers cut and links joined.

    The patch is one piece where land allows: gaps and holes between places are filled and groups
    apart are joined by the shortest way of cells. ``within`` (WGS84) is the land: no cell without
    a point is laid outside it, so islands stay apart and ``components`` tells them. ``barriers``
    and ``links`` are WKT lines in WGS84. Areas and borders are measured in the local metric CRS.
    The same points in any order give the same units.

    Raises
    ------
    InputError
        If there is no point, a point is off the globe, or a line cannot be read.
    """
    points = as_lonlat(lonlat)
    if len(points) == 0:
        raise InputError("There is no place to lay cells over.", fix="Give companies or accounts.")
    ends = link_ends(links)
    seeds = set(
        h3_cells(np.concatenate([one_point_per_cell(points, resolution), ends]), resolution)
    )
    cells = sorted(filled_patch(seeds, resolution, within=within))
    index = {cell: position for position, cell in enumerate(cells)}
    centres = np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells])
    crs = local_crs(centres)
    pairs, edges = _touching(cells, index)
    pairs, borders = cut_and_join(
        pairs,
        _lengths(edges, crs),
        centres,
        barriers=barriers,
        links=links,
        locate=lambda places: locate_cells(index, places, resolution),
    )
    corners, owner = _corners(cells)
    outlines = shapely.linearrings(to_meters(corners, crs=crs), indices=owner)
    return Units(
        ids=tuple(map(h3.int_to_str, cells)),
        names=tuple(f"Cell {number}" for number in range(1, len(cells) + 1)),
        lonlat=centres,
        polygons=np.asarray(
            shapely.polygons(shapely.linearrings(corners, indices=owner)), dtype=object
        ),
        area_square_meters=np.asarray(shapely.area(shapely.polygons(outlines)), dtype=np.float64),
        neighbours=neighbours_from_pairs(len(cells), pairs, borders),
        kind="h3",
        resolution=resolution,
    )


def _touching(cells: list[int], index: dict[int, int]) -> tuple[Pairs, list[Edge]]:
    """Pairs of cells that share an edge, and that edge as lat, lng corners."""
    pairs: list[tuple[int, int]] = []
    edges: list[Edge] = []
    for position, cell in enumerate(cells):
        for edge in h3.origin_to_directed_edges(cell):
            other = index.get(h3.get_directed_edge_destination(edge), -1)
            if other > position:
                pairs.append((position, other))
                edges.append(h3.directed_edge_to_boundary(edge))
    return np.asarray(pairs, dtype=np.int32).reshape(-1, 2), edges


def _lengths(edges: list[Edge], crs: str) -> NDArray[np.float64]:
    """Length of each edge in metres; an edge over an icosahedron face has a corner more."""
    if not edges:
        return np.empty(0)
    owner = np.repeat(np.arange(len(edges)), [len(edge) for edge in edges])
    corners = np.array([corner for edge in edges for corner in edge])[:, ::-1]
    lines = shapely.linestrings(to_meters(corners, crs=crs), indices=owner)
    return np.asarray(shapely.length(lines), dtype=np.float64)


def _corners(cells: Iterable[int]) -> tuple[LonLat, NDArray[np.intp]]:
    """All corners as lon, lat, and the cell of each; a few cells have more than six."""
    rings = [h3.cell_to_boundary(cell) for cell in cells]
    owner = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    return np.array([corner for ring in rings for corner in ring])[:, ::-1], owner
