"""Makes a road network of ways: cuts them at junctions and times the arcs between."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from data.roads.bans import bans_of
from data.roads.connect import connect
from data.roads.draft import Draft, Integers, ranges, step_meters
from data.roads.network import DECISECONDS_LIMIT, RoadNetwork
from data.roads.osm import ATTRIBUTION
from data.roads.profile import Profile
from data.roads.spurs import without_spurs
from data.roads.waits import Stretches, signal_places, waits
from data.roads.ways import Ways
from territory.travel import Mode


def build_network(
    ways: Ways,
    *,
    mode: Mode,
    name: str,
    attribution: str = ATTRIBUTION,
    profile: Profile | None = None,
) -> RoadNetwork:
    """The network of these ways, one strongly connected component per island.

    Raises
    ------
    InputError
        If nothing in it is strongly connected.
    """
    draft, counted = draft_of(ways)
    network = connect(draft, profile=profile or ways.profile, name=name, attribution=attribution)
    return replace(network, restrictions=dict(counted))


def draft_of(ways: Ways) -> tuple[Draft, Counter[str]]:
    """The draft of ways, with its bans, and how many turn restrictions ended how."""
    ways = without_spurs(ways)
    _, place = np.unique(ways.refs, return_inverse=True)
    spans = _spans(ways, place)
    draft = _draft(ways, place, spans, _arcs(ways, place, spans))
    bans, ended = bans_of(draft, ways.restrictions)
    return replace(draft, bans=bans), Counter(ways.counted) + ended


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Spans:
    """Stretches of way between two nodes: from point ``first`` to point ``last`` of ``way``."""

    first: Integers
    last: Integers
    way: Integers
    meters: NDArray[np.float64]
    is_signal: NDArray[np.bool_]
    forward_wait: NDArray[np.float64]
    backward_wait: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Arcs:
    """One-way arcs between places along a span."""

    tail: Integers
    head: Integers
    span: Integers
    is_reversed: NDArray[np.bool_]
    deciseconds: NDArray[np.int32]
    decimeters: NDArray[np.int32]


def _spans(ways: Ways, place: Integers) -> _Spans:
    count, places = len(ways.refs), int(place.max()) + 1
    is_end = np.zeros(count, dtype=np.bool_)
    is_end[ways.offset[:-1]] = True
    is_end[ways.offset[1:] - 1] = True
    is_node = is_end | (np.bincount(place)[place] > 1)
    way = np.repeat(np.arange(len(ways.way_id)), np.diff(ways.offset))
    along = np.concatenate([[0.0], np.cumsum(step_meters(ways.lonlat))])
    first, last = _between(is_node, way)
    # Cut loops that end where they begin in two, at a point of their own.
    pieces = np.where(place[first] == place[last], 2.0, 1.0)
    is_node |= _cuts(first, last, along, pieces, count)
    first, last = _between(is_node, way)
    stretches = Stretches(
        first=first,
        last=last,
        along=along,
        place=place,
        is_junction=np.bincount(place[np.concatenate([first, last])], minlength=places) > 2,
        is_signal=signal_places(ways, place),
    )
    forward, backward = waits(ways, stretches)
    return _Spans(
        first=first,
        last=last,
        way=way[first],
        meters=along[last] - along[first],
        is_signal=stretches.is_signal,
        forward_wait=forward,
        backward_wait=backward,
    )


def _between(is_node: NDArray[np.bool_], way: Integers) -> tuple[Integers, Integers]:
    points = np.flatnonzero(is_node)
    same = way[points[:-1]] == way[points[1:]]
    return points[:-1][same], points[1:][same]


def _cuts(
    first: Integers,
    last: Integers,
    along: NDArray[np.float64],
    pieces: NDArray[np.float64],
    count: int,
) -> NDArray[np.bool_]:
    """Inner points at which a span passes from one of its equal pieces into the next."""
    is_cut = np.zeros(count, dtype=np.bool_)
    long = np.flatnonzero((pieces > 1) & (last - first > 1))
    lengths = (last - first)[long]
    index = ranges(first[long], lengths)
    start, whole, parts = (
        np.repeat(values, lengths)
        for values in (along[first[long]], (along[last] - along[first])[long], pieces[long])
    )
    share = np.divide(along[index] - start, whole, out=np.zeros(len(index)), where=whole > 0)
    bucket = np.floor(share * parts)
    steps = np.diff(bucket, prepend=0.0)
    is_first = index == np.repeat(first[long], lengths)
    is_cut[index[(steps > 0) & ~is_first]] = True
    return is_cut


def _arcs(ways: Ways, place: Integers, spans: _Spans) -> _Arcs:
    tail, head = place[spans.first], place[spans.last]
    decimeters = np.maximum(1, np.rint(spans.meters * 10))
    parts = []
    directions = (
        (ways.forward_kmh, spans.forward_wait, False),
        (ways.backward_kmh, spans.backward_wait, True),
    )
    for kmh, wait, backwards in directions:
        speed = kmh[spans.way]
        used = np.flatnonzero((speed > 0) & (tail != head))
        seconds = spans.meters[used] / (speed[used] / 3.6) + wait[used]
        ends = (head, tail) if backwards else (tail, head)
        parts.append((ends[0][used], ends[1][used], used, np.full(len(used), backwards), seconds))
    tails, heads, span, is_reversed, seconds = (
        np.concatenate([part[column] for part in parts]) for column in range(5)
    )
    tenths = np.clip(np.rint(seconds * 10), 1, DECISECONDS_LIMIT - 1)
    return _Arcs(
        tail=tails,
        head=heads,
        span=span,
        is_reversed=is_reversed,
        deciseconds=tenths.astype(np.int32),
        decimeters=decimeters[span].astype(np.int32),
    )


def _draft(ways: Ways, place: Integers, spans: _Spans, arcs: _Arcs) -> Draft:
    points = np.empty(int(place.max()) + 1, dtype=np.int64)
    points[place] = np.arange(len(place))
    lengths = spans.last - spans.first + 1
    return Draft(
        place_lonlat=ways.lonlat[points],
        place_id=ways.refs[points],
        place_is_signal=spans.is_signal,
        tail=arcs.tail,
        head=arcs.head,
        deciseconds=arcs.deciseconds,
        decimeters=arcs.decimeters,
        arc_line=arcs.span,
        arc_reversed=arcs.is_reversed,
        line_lonlat=ways.lonlat[ranges(spans.first, lengths)],
        line_offset=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        line_class=ways.way_class[spans.way],
        line_name=ways.way_name[spans.way],
        line_way_id=ways.way_id[spans.way],
        line_is_roundabout=ways.way_is_roundabout[spans.way],
        line_is_local=ways.way_is_local[spans.way],
        closed_lonlat=ways.closed_lonlat,
        closed_offset=ways.closed_offset,
        closed_why=ways.closed_why,
        classes=ways.classes,
        names=ways.names,
    )
