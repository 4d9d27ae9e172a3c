"""The hierarchy above jurisdictions: what each group of executives holds, measured."""

from collections.abc import Mapping, Sequence

import numpy as np

from territory.alignment import Alignment
from territory.measures import Ground, components, load_sums, owner_positions
from territory.redrawn import Group, Level

Heads = Mapping[str, str]
"""The group of each executive at one level."""


def level_of(
    alignment: Alignment, ground: Ground, heads: Heads, *, name: str, tolerance_percent: float
) -> Level:
    """A level with every figure measured; ``heads`` has each executive of the alignment.

    A group's loads are those of its jurisdictions, key accounts too; its deviation is from what
    its number of executives should have.
    """
    ids = alignment.executive_ids
    names = sorted({heads[one] for one in ids}, key=_in_order)
    place = {group: at for at, group in enumerate(names)}
    seat = np.array([*(place[heads[one]] for one in ids), -1], dtype=np.int64)
    owners = owner_positions(alignment)
    held = load_sums(owners, ground.loads, len(ids)) + ground.carried_by(ids)
    sums = np.array([np.bincount(seat[:-1], row, minlength=len(names)) for row in held])
    fair = held.mean(axis=1)[:, None] * np.bincount(seat[:-1], minlength=len(names))
    off = np.where(fair > 0, 100 * (sums / np.where(fair > 0, fair, 1.0) - 1), 0.0)
    split = components(seat[owners], ground.neighbours, len(names))
    groups = tuple(
        Group(
            group_id=group,
            executive_ids=tuple(one for one in ids if heads[one] == group),
            loads=tuple(sums[:, at].tolist()),
            deviation_percent=tuple(off[:, at].tolist()),
            components=int(split[at]),
        )
        for at, group in enumerate(names)
    )
    return Level(
        name=name,
        tolerance_percent=tolerance_percent,
        groups=groups,
        worst_percent=tuple(np.abs(off).max(axis=1).tolist()),
    )


def _in_order(name: str) -> tuple[int, str]:
    """North 2 before North 10."""
    return len(name), name


def heads_of(level: Level) -> dict[str, str]:
    """The group of each executive of a level."""
    return {one: group.group_id for group in level.groups for one in group.executive_ids}


def kept_levels(
    levels: Sequence[Level], alignment: Alignment, ground: Ground, was: Alignment
) -> tuple[Level, ...]:
    """The levels of an alignment that came of another: everybody stays in their group.

    Who has left falls out; who is new joins the groups of whoever owned most of their units in
    ``was``, or of the first executive if nobody did.
    """
    made = []
    for level in levels:
        heads = heads_of(level)
        for executive in alignment.executive_ids:
            if executive not in heads:
                heads[executive] = heads[_giver(executive, alignment, was, heads)]
        made.append(
            level_of(
                alignment,
                ground,
                heads,
                name=level.name,
                tolerance_percent=level.tolerance_percent,
            )
        )
    return tuple(made)


def _giver(executive: str, alignment: Alignment, was: Alignment, heads: Heads) -> str:
    """Who owned most of the units of a newcomer, of those who have a group."""
    before = was.owner_of()
    givers = [before.get(unit, "") for unit in alignment.units_of(executive)]
    known = [one for one in givers if one in heads]
    if not known:
        return next(iter(heads))
    return max(sorted(set(known)), key=known.count)


def level_notes(
    levels: Sequence[Level], load_names: Sequence[str], soft_price: Sequence[float] = ()
) -> tuple[str, ...]:
    """A note for each hard load of a level beyond the level's tolerance, and groups in pieces."""
    notes = []
    prices = soft_price or (0.0,) * len(load_names)
    for level in levels:
        for name, worst, price in zip(load_names, level.worst_percent, prices, strict=True):
            if price == 0 and worst > level.tolerance_percent + 1e-9:
                notes.append(
                    f"Level {level.name}: the tolerance of {level.tolerance_percent:g} % on {name} "
                    f"was not met, the worst group lies ±{worst:.2f} % from what its number of "
                    "executives should have."
                )
        torn = [group.group_id for group in level.groups if group.components > 1]
        if torn:
            notes.append(f"Level {level.name}: {', '.join(torn)} lie in more than one piece.")
    return tuple(notes)
