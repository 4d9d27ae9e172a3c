"""From restrictions over ways to bans over the arcs of a draft."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data.roads.draft import Ban, Draft
from data.roads.restrictions import Restriction
from data.roads.turns import approach_of

_FITTING: Mapping[str, tuple[float, float]] = {
    "left_turn": (-170.0, -10.0),
    "right_turn": (10.0, 170.0),
    "straight_on": (-50.0, 50.0),
}
"""Angles in degrees that a turn's name allows; u_turn is what is sharper than 140."""


def bans_of(
    draft: Draft, restrictions: Sequence[Restriction]
) -> tuple[tuple[Ban, ...], Counter[str]]:
    """The bans these restrictions lay on a draft, and how many restrictions ended how.

    Where a way runs on through the via node, so that two arcs could be meant, the name of the turn
    chooses. What cannot be driven anyway (against a one-way, over a road closed to the mode) needs
    no ban.
    """
    mapper = _Mapper(draft, restrictions)
    bans: dict[Ban, None] = {}
    ended: Counter[str] = Counter()
    for restriction in restrictions:
        found = mapper.bans(restriction)
        if isinstance(found, str):
            ended[found] += 1
        else:
            ended["applied"] += 1
            bans.update(dict.fromkeys(found))
    return tuple(bans), ended


class _Mapper:
    """Finds the arcs of ways at places; only ways that restrictions name are indexed."""

    def __init__(self, draft: Draft, restrictions: Sequence[Restriction]) -> None:
        self.draft = draft
        named = {
            way for one in restrictions for way in (*one.from_ways, *one.via_ways, *one.to_ways)
        }
        way = draft.line_way_id[draft.arc_line]
        self.arcs_of: dict[int, list[int]] = {}
        for arc in np.flatnonzero(np.isin(way, np.fromiter(named, dtype=np.int64))).tolist():
            self.arcs_of.setdefault(int(way[arc]), []).append(arc)
        approach = approach_of(draft)
        self.in_degrees, self.out_degrees = approach.in_degrees, approach.out_degrees
        self.tail: NDArray[np.int64] = draft.tail
        self.head: NDArray[np.int64] = draft.head

    def bans(self, restriction: Restriction) -> list[Ban] | str:
        """Its bans, or the word for why there are none."""
        if restriction.via_node is not None:
            paths = list(self._over_node(restriction))
        else:
            paths = list(self._over_ways(restriction))
        if not paths:
            return "cannot be driven anyway"
        if len(restriction.from_ways) == len(restriction.to_ways) == 1 and len(paths) > 1:
            paths = [path for path in paths if self._fits(path, restriction.kind)]
            if not paths:
                return "unclear which turn"
        return [Ban(path=path, only=restriction.is_only) for path in paths]

    def _arcs(self, ways: Iterable[int]) -> list[int]:
        return [arc for way in ways for arc in self.arcs_of.get(way, ())]

    def _place(self, node: int) -> int:
        """The place of a node, -1 where no arc touches it; places are sorted by their ids."""
        place = int(np.searchsorted(self.draft.place_id, node))
        inside = place < len(self.draft.place_id) and self.draft.place_id[place] == node
        return place if inside else -1

    def _over_node(self, restriction: Restriction) -> Iterator[tuple[int, ...]]:
        place = self._place(int(restriction.via_node or 0))
        for begin in self._arcs(restriction.from_ways):
            if self.head[begin] == place:
                for end in self._arcs(restriction.to_ways):
                    if self.tail[end] == place:
                        yield begin, end

    def _over_ways(self, restriction: Restriction) -> Iterator[tuple[int, ...]]:
        leaving: dict[int, list[int]] = {}
        for end in self._arcs(restriction.to_ways):
            leaving.setdefault(int(self.tail[end]), []).append(end)
        inner: dict[int, list[int]] = {}
        for arc in self._arcs(restriction.via_ways):
            inner.setdefault(int(self.tail[arc]), []).append(arc)
        for begin in self._arcs(restriction.from_ways):
            between = self._through(begin, inner, leaving, frozenset(restriction.via_ways))
            if between:
                for end in leaving[int(self.head[between[-1]])]:
                    yield begin, *between, end

    def _through(
        self,
        begin: int,
        inner: Mapping[int, list[int]],
        leaving: Mapping[int, list[int]],
        wanted: frozenset[int],
    ) -> tuple[int, ...]:
        """The shortest drive from the end of ``begin`` along all via ways to a place to leave."""
        way = self.draft.line_way_id[self.draft.arc_line]
        trails: list[tuple[int, ...]] = [()]
        while trails:
            longer: list[tuple[int, ...]] = []
            for trail in trails:
                at = int(self.head[trail[-1] if trail else begin])
                if at in leaving and {int(way[arc]) for arc in trail} == wanted:
                    return trail
                seen = {int(self.tail[arc]) for arc in trail} | {int(self.tail[begin])}
                onward = (arc for arc in inner.get(at, ()) if int(self.head[arc]) not in seen)
                longer.extend((*trail, arc) for arc in onward)
            trails = longer
        return ()

    def _fits(self, path: tuple[int, ...], kind: str) -> bool:
        """Whether from and to lie to one another as the name of the turn says."""
        change = self.out_degrees[path[-1]] - self.in_degrees[path[0]]
        degrees = float((change + 180) % 360 - 180)
        turn = kind.split("_", 1)[1]
        if turn == "u_turn":
            same = self.draft.arc_line[path[0]] == self.draft.arc_line[path[-1]]
            return bool(same) or abs(degrees) > 140
        low, high = _FITTING.get(turn, (-180.0, 180.0))
        return low <= degrees <= high
