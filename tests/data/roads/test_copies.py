"""Bans over arcs: the automaton against driving every trail by hand."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from data.roads.copies import succeed
from data.roads.draft import Ban

TAIL = np.array([0, 1, 1, 2, 2, 0, 2], dtype=np.int64)
HEAD = np.array([1, 0, 2, 1, 0, 2, 2], dtype=np.int64)
"""Seven arcs between three places, among them a loop."""

FOLLOWS = {(a, b) for a, b in product(range(7), repeat=2) if HEAD[a] == TAIL[b]}
LENGTH = 6


def trails(length: int) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [(arc,) for arc in range(7)]
    for _ in range(length - 1):
        found = [
            (*trail, arc) for trail in found for arc in range(7) if (trail[-1], arc) in FOLLOWS
        ]
    return found


def is_lawful(trail: tuple[int, ...], bans: tuple[Ban, ...]) -> bool:
    for start in range(len(trail)):
        for ban in bans:
            size = len(ban.path)
            if trail[start : start + size - 1] != ban.path[:-1] or start + size > len(trail):
                continue
            following = trail[start + size - 1]
            if not ban.only and following == ban.path[-1]:
                return False
            named = {
                other.path[-1] for other in bans if other.only and other.path[:-1] == ban.path[:-1]
            }
            if ban.only and following not in named:
                return False
    return True


def driven(bans: tuple[Ban, ...]) -> set[tuple[int, ...]]:
    """The trails of ``LENGTH`` arcs that the succession lets one drive, from arcs, not copies."""
    succession = succeed(TAIL, HEAD, bans)
    onward: dict[int, list[int]] = {}
    for before, after in zip(succession.before.tolist(), succession.after.tolist(), strict=True):
        onward.setdefault(before, []).append(after)
    found = [(arc,) for arc in range(7)]
    for _ in range(LENGTH - 1):
        found = [(*trail, arc) for trail in found for arc in onward.get(trail[-1], ())]
    return {tuple(succession.original[list(trail)].tolist()) for trail in found}


PATHS = [trail for length in (2, 3, 4) for trail in trails(length)]
BANS = st.lists(
    st.builds(lambda path, only: Ban(path=path, only=only), st.sampled_from(PATHS), st.booleans()),
    max_size=6,
).map(tuple)


@settings(max_examples=60, deadline=None)
@given(BANS)
def test_exactly_the_lawful_trails_can_be_driven(bans: tuple[Ban, ...]) -> None:
    lawful = {trail for trail in trails(LENGTH) if is_lawful(trail, bans)}
    assert driven(bans) == lawful


def test_without_bans_there_are_no_copies() -> None:
    succession = succeed(TAIL, HEAD, ())
    assert succession.original.tolist() == list(range(7))
    assert set(zip(succession.before.tolist(), succession.after.tolist(), strict=True)) == FOLLOWS


def test_bans_that_begin_alike_share_their_copies() -> None:
    bans = (Ban(path=(0, 2, 3)), Ban(path=(0, 2, 4)), Ban(path=(0, 2, 6, 4)))
    succession = succeed(TAIL, HEAD, bans)
    assert succession.original[7:].tolist() == [2, 6]
