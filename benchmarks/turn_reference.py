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

LENGTHS = 2**28
"""What a tenth of a second weighs beside a tenth of a metre."""

CHUNK = 50
"""Sources searched at once, to bound the memory SciPy takes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spots:
    """Points on the road: on line ``line`` at the share ``share`` of its length, at ``lonlat``."""

    line: Integers
    share: NDArray[np.float64]
    lonlat: LonLat


class TurnReference:
    """All answers on one network, with arc times multiplied by ``factor`` (m,).

    Weights are tenths of a second, or ``with_meters`` tenths x 2^28 + tenths of a metre: sums of
    those stay exact in floating point, and the least is the fastest, then the shortest way.
    """

    def __init__(
        self,
        network: "RoadNetwork",
        factor: NDArray[np.float64] | None = None,
        *,
        with_meters: bool = False,
    ) -> None:
        self.network = network
        self.scale = float(LENGTHS) if with_meters else 1.0
        scaled = network.deciseconds * (1.0 if factor is None else factor)
        self.arc_tenths = np.maximum(1, np.rint(scaled))
        self.arc_lengths = network.decimeters * (1.0 if with_meters else 0.0)
        before = np.repeat(np.arange(network.arc_count), np.diff(network.turn_first))
        arc_weight = self.arc_tenths * self.scale + self.arc_lengths
        self.edge_weight = arc_weight[before] + network.turn_deciseconds * self.scale

    @cached_property
    def matrix(self) -> Any:
        """The weights as SciPy's sparse matrix (m, m)."""
        from scipy.sparse import csr_array

        size = self.network.arc_count
        parts = (self.edge_weight, self.network.turn_arc, self.network.turn_first)
        return csr_array(parts, shape=(size, size))

    def weights(self, sources: Integers, targets: Integers) -> Tenths:
        """Weights from states to states, infinite where there is no way."""
        from scipy.sparse.csgraph import dijkstra

        chunks = [sources[start : start + CHUNK] for start in range(0, len(sources), CHUNK)]
        rows = [dijkstra(self.matrix, indices=chunk)[:, targets] for chunk in chunks]
        return np.concatenate(rows) if rows else np.empty((0, len(targets)))

    def between(self, spots: Spots, rows: Integers | None = None) -> Tenths:
        """Weights from some spots (all by default) to all, in any direction of their lines.

        Ways of at least one turn: two spots of one line are joined round the block only.
        """
        from scipy.sparse import csr_array, vstack
        from scipy.sparse.csgraph import dijkstra

        rows = np.arange(len(spots.line)) if rows is None else rows
        leaving, arriving = self._arcs_at(spots, copies=False), self._arcs_at(spots, copies=True)
        source, state, weight = self._starts(leaving)
        count, size = len(spots.line), self.network.arc_count
        # One state more for each spot. What is added keeps its edges from being zero.
        starts = csr_array((weight + 1, (source, state)), shape=(count, size))
        whole = vstack([self.matrix, starts]).tocsr()
        whole.resize((size + count, size + count))
        answer = np.full((len(rows), count), np.inf)
        reached = self._part(arriving)
        for begin in range(0, len(rows), CHUNK):
            part = slice(begin, begin + CHUNK)
            away = dijkstra(whole, indices=size + rows[part])[:, arriving.arc] - 1 + reached
            for column, place in enumerate(arriving.spot.tolist()):
                answer[part, place] = np.minimum(answer[part, place], away[:, column])
        return answer

    def _arcs_at(self, spots: Spots, *, copies: bool) -> "_Sides":
        """Each spot on each arc of its line."""
        network = self.network
        arcs = np.arange(network.arc_count) if copies else np.flatnonzero(~network.arc_is_copy)
        order = arcs[np.argsort(network.arc_line[arcs], kind="stable")]
        lines = network.arc_line[order]
        low, high = np.searchsorted(lines, spots.line), np.searchsorted(lines, spots.line, "right")
        spot = np.repeat(np.arange(len(spots.line)), high - low)
        arc = np.concatenate([order[a:b] for a, b in zip(low, high, strict=True)])
        share = np.where(network.arc_reversed[arc], 1 - spots.share[spot], spots.share[spot])
        return _Sides(spot=spot, arc=arc, share=share)

    def _part(self, sides: "_Sides") -> Tenths:
        """The weight of each arc from its beginning to the spot, each figure rounded."""
        tenths = np.rint(self.arc_tenths[sides.arc] * sides.share)
        lengths = np.rint(self.arc_lengths[sides.arc] * sides.share)
        return np.asarray(tenths * self.scale + lengths, dtype=np.float64)

    def _starts(self, sides: "_Sides") -> tuple[Integers, Integers, Tenths]:
        """The states first reached from each spot, and the least weight to each."""
        first, arc = self.network.turn_first, sides.arc
        counts = first[arc + 1] - first[arc]
        row = np.repeat(np.arange(len(arc)), counts)
        offset = np.concatenate([[0], np.cumsum(counts)])
        turn = np.arange(offset[-1]) - offset[row] + first[arc][row]
        weight = self.edge_weight[turn] - self._part(sides)[row]
        source, state = sides.spot[row], self.network.turn_arc[turn].astype(np.int64)
        order = np.lexsort((weight, state, source))
        source, state, weight = source[order], state[order], weight[order]
        is_best = np.ones(len(order), dtype=np.bool_)
        is_best[1:] = (source[1:] != source[:-1]) | (state[1:] != state[:-1])
        return source[is_best], state[is_best], weight[is_best]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sides:
    """Spots on arcs: the number of the spot, the arc, and the share of the arc before the spot."""

    spot: Integers
    arc: Integers
    share: NDArray[np.float64]


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
