"""A road network as plain frozen arrays: what every travel time and base map is made from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from territory.geo import LonLat
from territory.travel import Mode

if TYPE_CHECKING:
    import networkx

DECISECONDS_LIMIT = 2**24
"""An arc takes less than this many tenths of a second (19 days)."""

NO_ACCESS = 1
"""Why a line is closed: its tags keep this mode out (private, forbidden)."""
CUT_OFF = 2
"""Why a line is closed: behind a gate, or on a fragment too small to keep."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadNetwork:
    """One mode's network: n nodes, m one-way arcs, t turns, l lines (the shapes arcs follow).

    ``lonlat`` (n, 2) in WGS84; ``node_osm_id`` (n,), negative where a node was made up.
    ``component`` (n,): nodes with equal numbers reach one another by allowed turns; 0 is the
    largest, and no arc joins two components. Arcs are sorted by ``tail``: ``tail``, ``head`` (m,)
    node numbers, ``deciseconds`` and ``decimeters`` (m,) whole tenths of a second and of a metre,
    at least 1.
    Arc a follows line ``arc_line[a]``, backwards if ``arc_reversed[a]``. Line k runs through
    ``line_lonlat[line_offset[k]:line_offset[k + 1]]``, is the road class
    ``classes[line_class[k]]``, is called ``names[line_name[k]]`` ("" for no name), is part of the
    way ``line_way_id[k]`` and goes round a roundabout if ``line_is_roundabout[k]``.

    After arc a one may drive the arcs ``turn_arc[turn_first[a]:turn_first[a + 1]]``, each at the
    cost ``turn_deciseconds`` beside it; any other turn is forbidden. Arcs of which
    ``arc_is_copy`` is true double another arc to remember how it was entered, for restrictions
    that run over several ways; no place joins them.

    Closed line k, ``closed_lonlat[closed_offset[k]:closed_offset[k + 1]]``, is a road this mode may
    not use: ``closed_why[k]`` is ``NO_ACCESS`` or ``CUT_OFF``. ``restrictions`` counts how the turn
    restrictions of the source ended: "read", "applied", and those left out by their reason; and the
    ways on which access that changes by the hour was not read.
    """

    mode: Mode
    name: str
    attribution: str
    lonlat: LonLat
    node_osm_id: NDArray[np.int64]
    component: NDArray[np.int32]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    deciseconds: NDArray[np.int32]
    decimeters: NDArray[np.int32]
    arc_line: NDArray[np.int32]
    arc_reversed: NDArray[np.bool_]
    arc_is_copy: NDArray[np.bool_]
    turn_first: NDArray[np.int64]
    turn_arc: NDArray[np.int32]
    turn_deciseconds: NDArray[np.int32]
    line_lonlat: LonLat
    line_offset: NDArray[np.int64]
    line_class: NDArray[np.int16]
    line_name: NDArray[np.int32]
    line_way_id: NDArray[np.int64]
    line_is_roundabout: NDArray[np.bool_]
    closed_lonlat: LonLat
    closed_offset: NDArray[np.int64]
    closed_why: NDArray[np.int8]
    classes: tuple[str, ...]
    names: tuple[str, ...]
    restrictions: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check_lengths()
        self._check_numbers()
        for array in self.arrays().values():
            array.setflags(write=False)

    def _check_lengths(self) -> None:
        nodes, arcs, lines = self.node_count, self.arc_count, self.line_count
        _same_length(nodes, node_osm_id=self.node_osm_id, component=self.component)
        _same_length(
            arcs,
            head=self.head,
            deciseconds=self.deciseconds,
            decimeters=self.decimeters,
            arc_line=self.arc_line,
            arc_reversed=self.arc_reversed,
            arc_is_copy=self.arc_is_copy,
        )
        _same_length(
            lines,
            line_name=self.line_name,
            line_way_id=self.line_way_id,
            line_is_roundabout=self.line_is_roundabout,
        )
        _same_length(self.turn_count, turn_deciseconds=self.turn_deciseconds)
        for label, offset, rows, total in (
            ("line_offset", self.line_offset, lines, len(self.line_lonlat)),
            ("turn_first", self.turn_first, arcs, self.turn_count),
            ("closed_offset", self.closed_offset, len(self.closed_why), len(self.closed_lonlat)),
        ):
            if len(offset) != rows + 1 or offset[0] != 0 or offset[-1] != total:
                raise ValueError(f"{label} does not fit what it divides")
            if (np.diff(offset) < 0).any():
                raise ValueError(f"{label} must not fall")

    def _check_numbers(self) -> None:
        nodes, arcs, lines = self.node_count, self.arc_count, self.line_count
        for label, values, bound in (
            ("tail", self.tail, nodes),
            ("head", self.head, nodes),
            ("arc_line", self.arc_line, lines),
            ("line_class", self.line_class, len(self.classes)),
            ("line_name", self.line_name, len(self.names)),
            ("turn_arc", self.turn_arc, arcs),
        ):
            if len(values) and not (values.min() >= 0 and values.max() < bound):
                raise ValueError(f"{label} points outside 0 to {bound - 1}")
        if arcs:
            if (np.diff(self.tail) < 0).any():
                raise ValueError("arcs must be sorted by tail")
            if self.deciseconds.min() < 1 or self.deciseconds.max() >= DECISECONDS_LIMIT:
                raise ValueError(f"deciseconds must lie in 1 to {DECISECONDS_LIMIT - 1}")
            if self.decimeters.min() < 1:
                raise ValueError("decimeters must be at least 1")
        if self.turn_count:
            before = np.repeat(np.arange(arcs), np.diff(self.turn_first))
            if (self.head[before] != self.tail[self.turn_arc]).any():
                raise ValueError("a turn leads from an arc to one that does not begin at its end")
            if (
                not 0
                <= self.turn_deciseconds.min()
                <= self.turn_deciseconds.max()
                < DECISECONDS_LIMIT
            ):
                raise ValueError(f"turn_deciseconds must lie in 0 to {DECISECONDS_LIMIT - 1}")
        if not np.isfinite(self.lonlat).all():
            raise ValueError("lonlat holds a coordinate that is not finite")

    @property
    def node_count(self) -> int:
        return len(self.lonlat)

    @property
    def arc_count(self) -> int:
        return len(self.tail)

    @property
    def turn_count(self) -> int:
        return len(self.turn_arc)

    @property
    def line_count(self) -> int:
        return len(self.line_class)

    @property
    def component_sizes(self) -> tuple[int, ...]:
        """Nodes of each component, the largest first."""
        return tuple(int(size) for size in np.bincount(self.component))

    @cached_property
    def first_arc(self) -> NDArray[np.int64]:
        """CSR row starts (n + 1,): arcs first_arc[v] up to first_arc[v + 1] leave node v."""
        return np.searchsorted(self.tail, np.arange(self.node_count + 1)).astype(np.int64)

    @cached_property
    def content_hash(self) -> str:
        """A hash over everything in the network; equal exactly for equal networks."""
        digest = hashlib.sha256(f"{self.mode}\0{self.attribution}".encode())
        digest.update("\0".join((*self.classes, "", *self.names)).encode())
        for label, values in sorted(self.arrays().items()):
            digest.update(f"{label}{values.dtype.str}{values.shape}".encode())
            digest.update(np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All array fields by name."""
        named = {part.name: getattr(self, part.name) for part in fields(self)}
        return {name: value for name, value in named.items() if isinstance(value, np.ndarray)}

    def line(self, arc: int) -> LonLat:
        """The points of one arc from tail to head, shape (k, 2)."""
        number = self.arc_line[arc]
        points = self.line_lonlat[self.line_offset[number] : self.line_offset[number + 1]]
        return points[::-1] if self.arc_reversed[arc] else points

    def to_osmnx(self) -> "networkx.MultiDiGraph[Any]":
        """The public graph type (see ``data.roads.osmnx_bridge.to_osmnx``)."""
        from data.roads.osmnx_bridge import to_osmnx

        return to_osmnx(self)

    def arc_class(self) -> NDArray[np.int16]:
        """Number of each arc's road class in ``classes``."""
        return self.line_class[self.arc_line]


def _same_length(wanted: int, **arrays: NDArray[np.generic]) -> None:
    for label, values in arrays.items():
        if len(values) != wanted:
            raise ValueError(f"{label} has {len(values)} rows where {wanted} are due")
