"""Another reading of turn restrictions, to judge driven routes: it shares no code with data.roads.

A route is the list of its steps (way id, node id it starts at, node id it ends at).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

Step = tuple[int, int, int]


@dataclass(kw_only=True)
class Law:
    """What a car must not do: over a node, and over ways."""

    no_node: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    only_node: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    no_ways: list[tuple[int, frozenset[int], int]] = field(default_factory=list)
    only_ways: list[tuple[int, frozenset[int], int]] = field(default_factory=list)
    left_out: int = 0


def read_law(path: Path, drivable: set[Step]) -> Law:
    """The restrictions for cars of a file that hold at any hour and are whole and clear.

    One whose way runs on through its via node is unclear and left out; so is an "only" whose way
    out is not among the ``drivable`` steps.
    """
    import osmium

    relations, named = [], set()
    for relation in osmium.FileProcessor(str(path), osmium.osm.RELATION):
        tags = dict(relation.tags)
        said = tags.get("restriction:motorcar") or tags.get("restriction") or ""
        if tags.get("type") != "restriction" or not said.startswith(("no_", "only_")):
            continue
        if "hour_on" in tags or "motorcar" in tags.get("except", ""):
            continue
        parts: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
        for member in relation.members:
            if member.role in parts:
                parts[member.role].append((member.type, member.ref))
        relations.append((said, parts))
        named |= {ref for members in parts.values() for kind, ref in members if kind == "w"}
    ends = {
        way.id: (way.nodes[0].ref, way.nodes[-1].ref)
        for way in osmium.FileProcessor(str(path), osmium.osm.WAY)
        if way.id in named
    }
    law = Law()
    starts = {(way, start) for way, start, _ in drivable}
    for said, parts in relations:
        _add(law, said, parts, ends, starts)
    return law


def _add(
    law: Law,
    said: str,
    parts: dict[str, list[tuple[str, int]]],
    ends: dict[int, tuple[int, int]],
    starts: set[tuple[int, int]],
) -> None:
    via = parts["via"]
    froms, tos = ([ref for _, ref in parts[role]] for role in ("from", "to"))
    if not (via and froms and tos):
        law.left_out += 1
    elif via[0][0] == "n":
        node = via[0][1]
        for come in froms:
            for go in tos:
                if node not in ends.get(come, ()) or node not in ends.get(go, ()):
                    law.left_out += 1
                elif said.startswith("no_"):
                    law.no_node.setdefault((come, node), set()).add(go)
                elif (go, node) in starts:
                    law.only_node.setdefault((come, node), set()).add(go)
    else:
        between = frozenset(ref for _, ref in via)
        rule = (froms[0], between, tos[0])
        (law.no_ways if said.startswith("no_") else law.only_ways).append(rule)


def offences(law: Law, route: Sequence[Step]) -> list[str]:
    """What a route does against the law, in words."""
    found = []
    for (way, _, node), (following, _, _) in pairwise(route):
        if following in law.no_node.get((way, node), ()):
            found.append(f"from {way} at {node} to {following}")
        named = law.only_node.get((way, node))
        if named is not None and following not in named:
            found.append(f"from {way} at {node} not to {sorted(named)}")
    for come, between, go in law.no_ways:
        found += [
            f"from {come} over {set(between)} to {go}" for _ in _over(route, come, between, go)
        ]
    for come, between, go in law.only_ways:
        driven, kept = list(_through(route, come, between)), list(_over(route, come, between, go))
        found += [f"from {come} over {set(between)} not to {go}"] * (len(driven) - len(kept))
    return found


def _through(route: Sequence[Step], come: int, between: frozenset[int]) -> list[int]:
    """Where a route leaves the ways between after driving all of them, coming from ``come``."""
    found = []
    for start, (way, _, _) in enumerate(route[:-1]):
        if way != come:
            continue
        end = start + 1
        while end < len(route) and route[end][0] in between:
            end += 1
        if end < len(route) and {step[0] for step in route[start + 1 : end]} == between:
            found.append(end)
    return found


def _over(route: Sequence[Step], come: int, between: frozenset[int], go: int) -> list[int]:
    return [end for end in _through(route, come, between) if route[end][0] == go]
