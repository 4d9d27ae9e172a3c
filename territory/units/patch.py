"""One filled patch of H3 cells from scattered seeds: close gaps, join groups, fill holes."""

from collections.abc import Callable, Iterable

import numpy as np
import shapely
from h3.api import basic_int as h3

MARGIN_CELLS = 1  # ring of cells laid around every seed
CLOSED_GAP_CELLS = 2  # gaps up to twice this many cells wide are closed
LONGEST_JOIN_CELLS = 40  # groups further apart than this stay apart
LONGEST_MOORING_CELLS = 5  # a place this near to the shore is moored to it

Cells = set[int]
Allowed = Callable[[Cells], Cells]


def filled_patch(seeds: Cells, resolution: int, *, within: shapely.Geometry | None = None) -> Cells:
    """Cells that cover the seeds, filled and joined into as few pieces as the land allows.

    Seeds always belong to the patch. Morphological closing fills gaps of up to 4 cells, groups up
    to 40 cells apart are joined by the shortest chain (a minimum spanning tree of grid distances,
    Mehlhorn 1988), a place off the land but within 5 cells of it (a pier, a slip of the pen) is
    moored to it, and what the patch then encloses is filled.
    """
    allowed = _land_filter(within)
    land = allowed(_closed(seeds)) | seeds
    land |= _joining_chains(land, allowed)
    land |= _moorings(land, allowed)
    return land | allowed(_enclosed(land, resolution))


def _around(cells: Iterable[int]) -> Cells:
    """The cells and everything that touches them."""
    return {near for cell in cells for near in h3.grid_disk(cell, 1)}


def _closed(seeds: Cells) -> Cells:
    grown = set(seeds)
    for _ in range(MARGIN_CELLS):
        grown = _around(grown)
    wide = set(grown)
    for _ in range(CLOSED_GAP_CELLS):
        wide = _around(wide)
    outside = _around(wide) - wide
    for _ in range(CLOSED_GAP_CELLS):
        outside = _around(outside)
    return (wide - outside) | grown


def _land_filter(within: shapely.Geometry | None) -> Allowed:
    """A filter that keeps cells on land, asking the geometry once for each cell."""
    if within is None:
        return lambda cells: cells
    shapely.prepare(within)
    known: dict[int, bool] = {}

    def on_land(cells: Cells) -> Cells:
        unknown = [cell for cell in cells if cell not in known]
        outlines = [shapely.Polygon([c[::-1] for c in h3.cell_to_boundary(u)]) for u in unknown]
        answers = shapely.intersects(within, np.asarray(outlines, dtype=object))
        known.update(zip(unknown, np.atleast_1d(answers).tolist(), strict=True))
        return {cell for cell in cells if known[cell]}

    return on_land


def _pieces(cells: Cells) -> dict[int, int]:
    """The piece (named by its smallest cell) of every cell."""
    piece: dict[int, int] = {}
    for first in sorted(cells):
        if first in piece:
            continue
        piece[first] = first
        waiting = [first]
        while waiting:
            for near in h3.grid_ring(waiting.pop(), 1):
                if near in cells and near not in piece:
                    piece[near] = first
                    waiting.append(near)
    return piece


def _joining_chains(cells: Cells, allowed: Allowed) -> Cells:
    """Cells of the shortest chains that join the pieces.

    All pieces grow ring by ring over allowed cells; where two fronts meet, the way back from both
    is a shortest chain between them. After ring k every chain of up to 2k cells is known, so
    taking chains by length, skipping those inside one joined group, gives the spanning tree.
    """
    owner = _pieces(cells)
    groups = _Groups(owner.values())
    came_from: dict[int, int] = {}
    steps = dict.fromkeys(cells, 0)
    front = sorted(cells)
    chains: Cells = set()
    for ring in range(1, LONGEST_JOIN_CELLS // 2 + 1):
        if groups.count == 1 or not front:
            break
        fresh = allowed({near for cell in front for near in h3.grid_ring(cell, 1)} - steps.keys())
        meetings: list[tuple[int, int, int]] = []
        reached: list[int] = []
        for cell in front:
            for near in sorted(h3.grid_ring(cell, 1)):
                if near in fresh and near not in steps:
                    owner[near], steps[near], came_from[near] = owner[cell], ring, cell
                    reached.append(near)
        for cell in reached:
            meetings += [
                (steps[cell] + steps[near], cell, near)
                for near in h3.grid_ring(cell, 1)
                if near in steps and owner[near] != owner[cell]
            ]
        for _, one, other in sorted(meetings):
            if groups.join(owner[one], owner[other]):
                chains |= _way_back(one, came_from) | _way_back(other, came_from)
        front = reached
    return chains


def _way_back(cell: int, came_from: dict[int, int]) -> Cells:
    way = {cell}
    while cell in came_from:
        cell = came_from[cell]
        way.add(cell)
    return way


def _moorings(cells: Cells, allowed: Allowed) -> Cells:
    """Chains from each piece that holds no land to the nearest other piece; never a bridge."""
    pieces: dict[int, Cells] = {}
    for cell, piece in _pieces(cells).items():
        pieces.setdefault(piece, set()).add(cell)
    chains: Cells = set()
    for adrift in pieces.values():
        if len(pieces) > 1 and not allowed(adrift):
            chains |= _shortest_chain(adrift, cells - adrift)
    return chains


def _shortest_chain(start: Cells, goals: Cells) -> Cells:
    for ring in range(1, LONGEST_MOORING_CELLS + 1):
        for cell in sorted(start):
            reached = goals.intersection(h3.grid_ring(cell, ring))
            if reached:
                return set(h3.grid_path_cells(cell, min(reached)))
    return set()


class _Groups:
    """Which pieces are joined already (union-find)."""

    def __init__(self, pieces: Iterable[int]) -> None:
        self._above = {piece: piece for piece in pieces}
        self.count = len(self._above)

    def _top(self, piece: int) -> int:
        while self._above[piece] != piece:
            self._above[piece] = self._above[self._above[piece]]
            piece = self._above[piece]
        return piece

    def join(self, one: int, other: int) -> bool:
        """Join two groups; False if they were one already."""
        one, other = self._top(one), self._top(other)
        if one == other:
            return False
        self._above[max(one, other)] = min(one, other)
        self.count -= 1
        return True


def _enclosed(cells: Cells, resolution: int) -> Cells:
    """Cells of every hole that the patch surrounds."""
    shape = h3.cells_to_h3shape(list(cells))
    outlines = shape if isinstance(shape, h3.LatLngMultiPoly) else [shape]
    return {
        cell
        for outline in outlines
        for hole in outline.holes
        for cell in h3.h3shape_to_cells(h3.LatLngPoly(hole), resolution)
    }
