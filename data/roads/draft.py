"""A network before it is pruned: keeps what connects, per island, and numbers the nodes anew."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.roads.network import RoadNetwork
from territory.errors import Fault, InputError
from territory.geo import LonLat
from territory.travel import Mode

COMPONENT_SHARE = 0.01
COMPONENT_NODES = 100
"""An island is kept if it holds this share of all nodes, or this many."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """Places, one-way arcs between them and lines, as in ``RoadNetwork`` but in any order."""

    place_lonlat: LonLat
    place_id: Integers
    tail: Integers
    head: Integers
    deciseconds: NDArray[np.int32]
    decimeters: NDArray[np.int32]
    arc_line: Integers
    arc_reversed: NDArray[np.bool_]
    line_lonlat: LonLat
    line_offset: Integers
    line_class: NDArray[np.int16]
    line_name: NDArray[np.int32]
    line_way_id: Integers
    classes: tuple[str, ...]
    names: tuple[str, ...]


def connect(draft: Draft, *, mode: Mode, name: str, attribution: str) -> RoadNetwork:
    """The network of a draft: the largest strongly connected part of every island worth keeping.

    Nodes are numbered along a space-filling curve, so that neighbours lie close in memory.

    Raises
    ------
    InputError
        If nothing in it is strongly connected.
    """
    kept = _kept_components(draft)
    joins = np.flatnonzero((kept[draft.tail] >= 0) & (kept[draft.tail] == kept[draft.head]))
    if not len(joins):
        raise InputError(
            f"No part of {name!r} can be driven round in both directions.",
            [Fault(file=name, expected=f"it needs roads for {mode} that connect with one another")],
            fix="Use a larger extract.",
        )
    nodes = np.unique(np.concatenate([draft.tail[joins], draft.head[joins]]))
    nodes = nodes[np.argsort(_along_curve(draft.place_lonlat[nodes]), kind="stable")]
    number = np.full(len(kept), -1, dtype=np.int64)
    number[nodes] = np.arange(len(nodes))
    tail, head = number[draft.tail[joins]], number[draft.head[joins]]
    order = np.lexsort((draft.arc_line[joins], head, tail))
    arcs = joins[order]
    lines, arc_line = np.unique(draft.arc_line[arcs], return_inverse=True)
    lengths = np.diff(draft.line_offset)[lines]
    return RoadNetwork(
        mode=mode,
        name=name,
        attribution=attribution,
        lonlat=draft.place_lonlat[nodes],
        node_osm_id=draft.place_id[nodes],
        component=kept[nodes].astype(np.int32),
        tail=tail[order].astype(np.int32),
        head=head[order].astype(np.int32),
        deciseconds=draft.deciseconds[arcs],
        decimeters=draft.decimeters[arcs],
        arc_line=arc_line.astype(np.int32),
        arc_reversed=draft.arc_reversed[arcs],
        line_lonlat=draft.line_lonlat[ranges(draft.line_offset[lines], lengths)],
        line_offset=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        line_class=draft.line_class[lines],
        line_name=draft.line_name[lines],
        line_way_id=draft.line_way_id[lines],
        classes=draft.classes,
        names=draft.names,
    )


def ranges(starts: Integers, lengths: Integers) -> Integers:
    """starts[0], starts[0] + 1, ... for each length, one after another."""
    offset = np.concatenate([[0], np.cumsum(lengths)])
    return np.asarray(
        np.arange(offset[-1]) - np.repeat(offset[:-1], lengths) + np.repeat(starts, lengths),
        dtype=np.int64,
    )


def _kept_components(draft: Draft) -> Integers:
    """Component number of each place, 0 the largest, -1 for what is left out.

    Of each island (weakly connected part) the largest strongly connected part is kept, since from
    the rest there is no way back.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    places = len(draft.place_id)
    graph = coo_array(
        (np.ones(len(draft.tail), dtype=np.int8), (draft.tail, draft.head)), shape=(places, places)
    ).tocsr()
    _, strong = connected_components(graph, directed=True, connection="strong")
    _, weak = connected_components(graph, directed=True, connection="weak")
    used = np.zeros(places, dtype=np.bool_)
    used[draft.tail] = used[draft.head] = True
    sizes = np.bincount(strong, weights=used)
    island = np.zeros(len(sizes), dtype=np.int64)
    island[strong] = weak
    floor = min(COMPONENT_NODES, COMPONENT_SHARE * used.sum())
    order = np.lexsort((np.arange(len(sizes)), -sizes))
    label = np.full(len(sizes), -1, dtype=np.int64)
    seen: set[int] = set()
    for part in order[: int((sizes >= max(2, floor)).sum())]:
        if int(island[part]) not in seen:
            label[part] = len(seen)
            seen.add(int(island[part]))
    return np.where(used, label[strong], -1)


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
