"""Makes a network of a draft: joins arcs by turns, keeps what connects, numbers it anew."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.roads.closed import closed_lines
from data.roads.copies import succeed
from data.roads.draft import Draft, Integers, ranges
from data.roads.network import RoadNetwork
from data.roads.profile import Profile
from data.roads.turns import Turns, turn_deciseconds
from territory.errors import Fault, InputError
from territory.geo import LonLat

COMPONENT_SHARE = 0.01
COMPONENT_ARCS = 200
"""An island is kept if it holds this share of all arcs, or this many."""

PART_SHARE = 0.05
"""A second part of an island, from which or to which there is no way, is kept from this share on:
so much is hardly a slip in the data. It becomes a component of its own."""


def connect(draft: Draft, *, profile: Profile, name: str, attribution: str) -> RoadNetwork:
    """The network of a draft: the largest strongly connected part of every island worth keeping.

    Nodes are numbered along a space-filling curve, so that neighbours lie close in memory.

    Raises
    ------
    InputError
        If nothing in it is strongly connected.
    """
    joined = _joined(draft)
    turns = _turns(draft, profile, joined)
    island = _kept_islands(draft, turns, joined.original)
    arcs = np.flatnonzero(island >= 0)
    if not len(arcs):
        raise InputError(
            f"No part of {name!r} can be driven round in both directions.",
            [
                Fault(
                    file=name,
                    expected=f"it needs roads for {profile.mode} that connect with one another",
                )
            ],
            fix="Use a larger extract.",
        )
    plan = _Plan(turns=turns, original=joined.original, island=island, arcs=arcs)
    return _numbered(draft, plan, profile=profile, name=name, credit=attribution)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Joined:
    """All turns that no ban forbids, over arcs and copies, and which of them turn back."""

    original: Integers
    before: Integers
    after: Integers
    is_u_turn: NDArray[np.bool_]


def _turns(draft: Draft, profile: Profile, joined: _Joined) -> Turns:
    """The turns one may take: all but U-turns, and U-turns where they are needed.

    They are needed where nothing else may be driven, and where without them there would be no way
    back to a road.
    """
    may = _may_turn(joined, is_free=profile.mode == "foot")
    before, after = joined.before[may], joined.after[may]
    cost = turn_deciseconds(
        draft, profile, joined.original[before], joined.original[after], joined.is_u_turn[may]
    )
    return Turns(before=before, after=after, deciseconds=cost)


def _joined(draft: Draft) -> _Joined:
    succession = succeed(draft.tail, draft.head, draft.bans)
    before = succession.original[succession.before]
    after = succession.original[succession.after]
    returns = draft.head[after] == draft.tail[before]
    same = draft.arc_line[after] == draft.arc_line[before]
    way = draft.line_way_id[draft.arc_line]
    twin = (way[after] == way[before]) & (draft.decimeters[after] == draft.decimeters[before])
    is_loop = draft.tail == draft.head
    return _Joined(
        original=succession.original,
        before=succession.before,
        after=succession.after,
        is_u_turn=returns & (same | twin) & ~is_loop[before],
    )


def _may_turn(joined: _Joined, *, is_free: bool) -> NDArray[np.bool_]:
    if is_free:
        return np.ones(len(joined.before), dtype=np.bool_)
    arcs = len(joined.original)
    onward = np.bincount(joined.before[~joined.is_u_turn], minlength=arcs)
    may = ~joined.is_u_turn | (onward[joined.before] == 0)
    strict = _strong(joined.before[may], joined.after[may], arcs)
    relaxed = _strong(joined.before, joined.after, arcs)
    parts = strict[joined.before] != strict[joined.after]
    needed = parts & (relaxed[joined.before] == relaxed[joined.after])
    return np.asarray(may | needed, dtype=np.bool_)


def _strong(before: Integers, after: Integers, count: int) -> Integers:
    """Number of the strongly connected part of each of ``count`` things."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(before), dtype=np.int8)
    graph = coo_array((ones, (before, after)), shape=(count, count)).tocsr()
    _, label = connected_components(graph, directed=True, connection="strong")
    return np.asarray(label, dtype=np.int64)


def _kept_islands(draft: Draft, turns: Turns, original: Integers) -> Integers:
    """Component number of each arc and copy, 0 the largest, -1 for what is left out.

    Of each island (places joined by arcs in any direction) the largest strongly connected part is
    kept, since from the rest there is no way back, and others that are large and apart. An arc of
    which a copy is kept stays with it: drives may begin there even where every way in leads to the
    copy.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    places, arcs = len(draft.place_id), len(original)
    ones = np.ones(len(draft.tail), dtype=np.int8)
    graph = coo_array((ones, (draft.tail, draft.head)), shape=(places, places)).tocsr()
    _, weak = connected_components(graph, directed=False)
    strong = _strong(turns.before, turns.after, arcs)
    sizes = np.bincount(strong)
    island = np.zeros(len(sizes), dtype=np.int64)
    island[strong] = weak[draft.tail[original]]
    floor = min(COMPONENT_ARCS, COMPONENT_SHARE * arcs)
    order = np.lexsort((np.arange(len(sizes)), -sizes))
    label = np.full(len(sizes), -1, dtype=np.int64)
    is_taken = np.zeros(places, dtype=np.bool_)
    seen: set[int] = set()
    for part in order[: int((sizes >= max(2, floor)).sum())].tolist():
        if island[part] in seen:
            touched = draft.tail[original[strong == part]]
            if sizes[part] < PART_SHARE * arcs or is_taken[touched].any():
                continue
        label[part] = label.max() + 1
        seen.add(int(island[part]))
        is_taken[draft.tail[original[strong == part]]] = True
    kept = label[strong]
    np.maximum.at(kept, original, kept.copy())
    return np.asarray(kept, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plan:
    """What is kept of a draft: ``arcs`` (copies among them) with their ``island`` numbers."""

    turns: Turns
    original: Integers
    island: Integers
    arcs: Integers


def _numbered(
    draft: Draft, plan: _Plan, *, profile: Profile, name: str, credit: str
) -> RoadNetwork:
    base = plan.original[plan.arcs]
    nodes = np.unique(np.concatenate([draft.tail[base], draft.head[base]]))
    nodes = nodes[np.argsort(_along_curve(draft.place_lonlat[nodes]), kind="stable")]
    node_number = np.full(len(draft.place_id), -1, dtype=np.int64)
    node_number[nodes] = np.arange(len(nodes))
    tail, head = node_number[draft.tail[base]], node_number[draft.head[base]]
    order = np.lexsort((plan.arcs, draft.arc_reversed[base], draft.arc_line[base], head, tail))
    arcs, base, tail, head = plan.arcs[order], base[order], tail[order], head[order]
    component = np.full(len(nodes), -1, dtype=np.int32)
    component[tail] = plan.island[arcs]
    lines, arc_line = np.unique(draft.arc_line[base], return_inverse=True)
    lengths = np.diff(draft.line_offset)[lines]
    turn_first, turn_arc, turn_cost = _numbered_turns(plan, arcs)
    closed_lonlat, closed_offset, closed_why = closed_lines(draft, kept=lines)
    return RoadNetwork(
        mode=profile.mode,
        name=name,
        attribution=credit,
        lonlat=draft.place_lonlat[nodes],
        node_osm_id=draft.place_id[nodes],
        component=component,
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        deciseconds=draft.deciseconds[base],
        decimeters=draft.decimeters[base],
        arc_line=arc_line.astype(np.int32),
        arc_reversed=draft.arc_reversed[base],
        arc_is_copy=arcs >= len(draft.tail),
        turn_first=turn_first,
        turn_arc=turn_arc,
        turn_deciseconds=turn_cost,
        line_lonlat=draft.line_lonlat[ranges(draft.line_offset[lines], lengths)],
        line_offset=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        line_class=draft.line_class[lines],
        line_name=draft.line_name[lines],
        line_way_id=draft.line_way_id[lines],
        line_is_roundabout=draft.line_is_roundabout[lines],
        closed_lonlat=closed_lonlat,
        closed_offset=closed_offset,
        closed_why=closed_why,
        classes=draft.classes,
        names=draft.names,
    )


def _numbered_turns(
    plan: _Plan, arcs: Integers
) -> tuple[Integers, NDArray[np.int32], NDArray[np.int32]]:
    turns, island = plan.turns, plan.island
    number = np.full(len(plan.original), -1, dtype=np.int64)
    number[arcs] = np.arange(len(arcs))
    inside = island[turns.before] == island[turns.after]
    kept = np.flatnonzero((island[turns.before] >= 0) & inside)
    before, after = number[turns.before[kept]], number[turns.after[kept]]
    order = np.lexsort((after, before))
    first = np.searchsorted(before[order], np.arange(len(arcs) + 1)).astype(np.int64)
    return first, after[order].astype(np.int32), turns.deciseconds[kept][order]


def _along_curve(lonlat: LonLat) -> Integers:
    """Place of each point along a Z-shaped curve through the box (Morton order, 16 bits)."""
    low, high = lonlat.min(axis=0), lonlat.max(axis=0)
    scaled = (lonlat - low) / np.where(high > low, high - low, 1.0) * 65_535
    code = np.zeros(len(lonlat), dtype=np.int64)
    for axis in range(2):
        bits = scaled[:, axis].astype(np.int64)
        for bit in range(16):
            code |= ((bits >> bit) & 1) << (2 * bit + axis)
    return code
