"""Plain Dijkstra by SciPy on the turn-expanded graph: the judge of every travel engine.

It is built from a network's arcs and turns alone and shares no code with ``data.travel``. State a
stands at the tail of arc a, about to drive it; the edge a -> b weighs driving arc a and turning
into arc b. Times are whole tenths of a second, lengths whole tenths of a metre.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from territory.geo import LonLat

if TYPE_CHECKING:
    from data.roads import RoadNetwork

Integers = NDArray[np.int64]
Tenths = NDArray[np.float64]

CHUNK = 50
"""Sources searched at once, to bound the memory SciPy takes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spots:
    """Points on the road: on line ``line`` at the share ``share`` of its length, at ``lonlat``."""

    line: Integers
    share: NDArray[np.float64]
    lonlat: LonLat


class TurnReference:
    """All answers on one network, with arc times multiplied by ``factor`` (m,)."""

    def __init__(self, network: "RoadNetwork", factor: NDArray[np.float64] | None = None) -> None:
        self.network = network
        scaled = network.deciseconds * (1.0 if factor is None else factor)
        self.arc_tenths = np.maximum(1, np.rint(scaled))
        self.arc_decimeters = network.decimeters.astype(np.float64)
        self.before = np.repeat(np.arange(network.arc_count), np.diff(network.turn_first))
        self.edge_tenths = self.arc_tenths[self.before] + network.turn_deciseconds

    @cached_property
    def matrix(self) -> Any:
        """Tenths of a second as SciPy's sparse matrix (m, m); edges to one state are alone."""
        from scipy.sparse import csr_array

        size = self.network.arc_count
        parts = (self.edge_tenths, self.network.turn_arc, self.network.turn_first)
        return csr_array(parts, shape=(size, size))

    def tenths(self, sources: Integers, targets: Integers) -> Tenths:
        """Tenths of a second from states to states, infinite where there is no way."""
        from scipy.sparse.csgraph import dijkstra

        chunks = [sources[start : start + CHUNK] for start in range(0, len(sources), CHUNK)]
        rows = [dijkstra(self.matrix, indices=chunk)[:, targets] for chunk in chunks]
        return np.concatenate(rows) if rows else np.empty((0, len(targets)))

    def decimeters(self, source: int, targets: Integers) -> Tenths:
        """The least length of the fastest paths from one state: Dijkstra on the edges they use."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        away = dijkstra(self.matrix, indices=np.asarray([source]))[0]
        ends = self.network.turn_arc
        is_tight = np.isfinite(away[self.before])
        is_tight &= away[self.before] + self.edge_tenths == away[ends]
        before, after = self.before[is_tight], ends[is_tight]
        size = self.network.arc_count
        tight = csr_array((self.arc_decimeters[before], (before, after)), shape=(size, size))
        return np.asarray(dijkstra(tight, indices=np.asarray([source]))[0, targets])

    def between(self, spots: Spots) -> Tenths:
        """Tenths of a second from each spot to each other one, by any direction of its line."""
        from scipy.sparse import csr_array, vstack
        from scipy.sparse.csgraph import dijkstra

        spot, arc, share = self._arcs_at(spots)
        source, state, tenths = self._starts(spot, arc, share)
        count, size = len(spots.line), self.network.arc_count
        # One state more for each spot. The extra tenth keeps its edges from being zero.
        starts = csr_array((tenths + 1, (source, state)), shape=(count, size))
        whole = vstack([self.matrix, starts]).tocsr()
        whole.resize((size + count, size + count))
        answer = np.full((count, count), np.inf)
        for begin in range(0, count, CHUNK):
            rows = np.arange(begin, min(begin + CHUNK, count))
            away = dijkstra(whole, indices=size + rows)[:, arc] - 1
            arrivals = away + share * self.arc_tenths[arc]
            for column, place in enumerate(spot.tolist()):
                answer[rows, place] = np.minimum(answer[rows, place], arrivals[:, column])
        return answer

    def _arcs_at(self, spots: Spots) -> tuple[Integers, Integers, NDArray[np.float64]]:
        """Each spot on each arc of its line: spot, arc, and the share of the arc before it."""
        arcs = np.flatnonzero(~self.network.arc_is_copy)
        order = arcs[np.argsort(self.network.arc_line[arcs], kind="stable")]
        lines = self.network.arc_line[order]
        low, high = np.searchsorted(lines, spots.line), np.searchsorted(lines, spots.line, "right")
        spot = np.repeat(np.arange(len(spots.line)), high - low)
        arc = np.concatenate([order[a:b] for a, b in zip(low, high, strict=True)])
        share = np.where(self.network.arc_reversed[arc], 1 - spots.share[spot], spots.share[spot])
        return spot, arc, share

    def _starts(
        self, spot: Integers, arc: Integers, share: NDArray[np.float64]
    ) -> tuple[Integers, Integers, Tenths]:
        """The states first reached from each spot, and when; the least where several turns meet."""
        first = self.network.turn_first
        counts = first[arc + 1] - first[arc]
        row = np.repeat(np.arange(len(arc)), counts)
        offset = np.concatenate([[0], np.cumsum(counts)])
        turn = np.arange(offset[-1]) - offset[row] + first[arc][row]
        tenths = (1 - share[row]) * self.arc_tenths[arc[row]] + self.network.turn_deciseconds[turn]
        source, state = spot[row], self.network.turn_arc[turn].astype(np.int64)
        order = np.lexsort((tenths, state, source))
        source, state, tenths = source[order], state[order], tenths[order]
        is_best = np.ones(len(order), dtype=np.bool_)
        is_best[1:] = (source[1:] != source[:-1]) | (state[1:] != state[:-1])
        return source[is_best], state[is_best], tenths[is_best]


def random_spots(network: "RoadNetwork", count: int, rng: np.random.Generator) -> Spots:
    """Points on streets drawn at random, none on a motorway or a trunk road."""
    fast = [
        number
        for number, name in enumerate(network.classes)
        if name.startswith(("motorway", "trunk")) or name == "ferry"
    ]
    arcs = np.flatnonzero(~network.arc_is_copy & (network.component[network.tail] == 0))
    lines = np.unique(network.arc_line[arcs])
    lines = lines[~np.isin(network.line_class[lines], fast)]
    line = rng.choice(lines, size=count, replace=count > len(lines)).astype(np.int64)
    share = rng.uniform(0.2, 0.8, count)
    lonlat = np.asarray(
        [_point(network, number, part) for number, part in zip(line, share, strict=True)]
    )
    return Spots(line=line, share=share, lonlat=lonlat.reshape(-1, 2))


def _point(network: "RoadNetwork", line: int, share: float) -> NDArray[np.float64]:
    points = network.line_lonlat[network.line_offset[line] : network.line_offset[line + 1]]
    scale = np.array([np.cos(np.radians(points[0, 1])), 1.0])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*(np.diff(points, axis=0) * scale).T))])
    place = share * along[-1]
    return np.asarray([np.interp(place, along, points[:, axis]) for axis in (0, 1)])
