"""Bans over several arcs: copies of arcs that remember how they were entered.

A ban (a, v, b) forbids b to who came over a and v, not to who came to v from elsewhere. So the
turn from a to v leads to a copy of v from which b cannot be turned into. Copies chain for longer
bans, and a copy stands for the longest driven stretch that begins some ban, so that bans which
overlap hold together (the automaton of Aho and Corasick, 1975, over arcs instead of letters).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.roads.draft import Ban, Integers
from data.roads.turns import successions

Trail = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Succession:
    """Which arcs may follow which when bans are obeyed.

    ``original`` (m + c,): each arc itself, then for c copies the arc each doubles. After arc
    ``before[k]`` may come ``after[k]``, both possibly copies; sorted by both.
    """

    original: Integers
    before: Integers
    after: Integers


def succeed(tail: Integers, head: Integers, bans: Sequence[Ban]) -> Succession:
    """All successions of m arcs that obey the bans, with copies where a ban needs them."""
    arcs = len(tail)
    before, after = successions(tail, head)
    if not bans:
        return Succession(original=np.arange(arcs), before=before, after=after)
    first = np.searchsorted(before, np.arange(arcs + 1))
    following = _Following(first, after)
    forbidden = _forbidden(bans, following)
    trails = sorted({path[:end] for path in forbidden for end in range(2, len(path))})
    copy_of = {trail: arcs + number for number, trail in enumerate(trails)}

    pair = before * arcs + after
    after = after.copy()
    for trail, copy in copy_of.items():
        if len(trail) == 2:
            after[np.searchsorted(pair, trail[0] * arcs + trail[1])] = copy
    banned = [path[0] * arcs + path[1] for path in forbidden if len(path) == 2]
    may = ~np.isin(pair, np.asarray(banned, dtype=np.int64))
    more = [
        (copy, after_copy)
        for trail, copy in copy_of.items()
        for after_copy in _onward(trail, following, forbidden, copy_of)
    ]
    extra = np.asarray(more, dtype=np.int64).reshape(-1, 2)
    all_before = np.concatenate([before[may], extra[:, 0]])
    all_after = np.concatenate([after[may], extra[:, 1]])
    order = np.lexsort((all_after, all_before))
    doubled = np.asarray([trail[-1] for trail in trails], dtype=np.int64)
    return Succession(
        original=np.concatenate([np.arange(arcs), doubled]),
        before=all_before[order],
        after=all_after[order],
    )


class _Following:
    """The arcs that leave where an arc ends."""

    def __init__(self, first: NDArray[np.intp], after: Integers) -> None:
        self.first, self.after = first, after

    def __call__(self, arc: int) -> list[int]:
        found: list[int] = self.after[self.first[arc] : self.first[arc + 1]].tolist()
        return found


def _forbidden(bans: Sequence[Ban], following: _Following) -> frozenset[Trail]:
    """Trails that must not be driven; "only" becomes a ban of everything else.

    Where several say "only" after the same drive, each of what they name is allowed.
    """
    forbidden = {ban.path for ban in bans if not ban.only}
    allowed: dict[Trail, set[int]] = {}
    for ban in bans:
        if ban.only:
            allowed.setdefault(ban.path[:-1], set()).add(ban.path[-1])
    for driven, named in allowed.items():
        forbidden |= {(*driven, arc) for arc in following(driven[-1]) if arc not in named}
    return frozenset(forbidden)


def _onward(
    trail: Trail, following: _Following, forbidden: frozenset[Trail], copy_of: dict[Trail, int]
) -> list[int]:
    """What may follow a trail: for each next arc that no ban forbids, the copy or arc it is."""
    onward: list[int] = []
    for arc in following(trail[-1]):
        whole = (*trail, arc)
        endings = [whole[start:] for start in range(len(whole) - 1)]  # the longest first
        if not any(ending in forbidden for ending in endings):
            onward.append(next((copy_of[end] for end in endings if end in copy_of), arc))
    return onward
