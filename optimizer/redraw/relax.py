"""The nearest rules that can be obeyed: what contradicts is left out rule by rule, and told."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from optimizer.redraw.problem import RedrawProblem
from territory.errors import Infeasible


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What may be relaxed: the number of executives, sealed ones, locks, groups, pairs."""

    executives: int
    sealed: tuple[str, ...] = ()
    locked_units: tuple[str, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()


def nearest_rules(
    rules: Rules, make: Callable[[Rules], RedrawProblem], *, units: int
) -> tuple[Rules, tuple[str, ...]]:
    """The rules with as few left out as a look in order finds, and a note on each left out.

    ``make`` gives the problem of some rules or raises Infeasible. Executives beyond the number of
    ``units`` go first; then sealed jurisdictions are taken one by one, locks executive by executive
    (of locks that cannot be one piece the largest piece is kept), then groups, then pairs: each is
    kept if all before it and it together can be obeyed. Nothing is left out of rules that can.
    """
    if _can_be(rules, make):
        return rules, ()
    notes: list[str] = []
    kept = replace(rules, sealed=(), locked_units=(), together=(), apart=())
    if rules.executives > units:
        kept = replace(kept, executives=units)
        notes.append(
            f"Relaxed: {rules.executives} executives cannot share {units} units, so the first "
            f"{units} have one each."
        )
    for executive in rules.sealed:
        tried = replace(kept, sealed=(*kept.sealed, executive))
        if _can_be(tried, make):
            kept = tried
        else:
            mine = units_today(make(kept), executive)
            rules = replace(
                rules, locked_units=tuple({**dict.fromkeys(rules.locked_units), **mine})
            )
            notes.append(
                f"Relaxed: {executive} keeps what they have as far as can be, and may take in more."
            )
    kept = _with_locks(kept, rules, make, notes)
    for group in rules.together:
        tried = replace(kept, together=(*kept.together, group))
        if _can_be(tried, make):
            kept = tried
        else:
            notes.append(f"Relaxed: units {', '.join(group[:5])} need not stay together.")
    for pair in rules.apart:
        tried = replace(kept, apart=(*kept.apart, pair))
        if _can_be(tried, make):
            kept = tried
        else:
            notes.append(f"Relaxed: units {pair[0]} and {pair[1]} need not be apart.")
    return kept, tuple(notes)


def units_today(problem: RedrawProblem, executive: str) -> dict[str, None]:
    """The units of an executive today, in order; none for somebody who is not here."""
    if executive not in problem.executive_ids:
        return {}
    seat = problem.executive_ids.index(executive)
    return {problem.unit_ids[unit]: None for unit in np.flatnonzero(problem.owners_before == seat)}


def _can_be(rules: Rules, make: Callable[[Rules], RedrawProblem]) -> bool:
    """Whether a lawful plan of these rules can be made."""
    from optimizer.redraw.seats import group_parts

    try:
        problem = make(rules)
        if problem.unit_groups:
            for part in group_parts(problem, problem.executive_groups):
                _try_rules(part.problem)
        else:
            _try_rules(problem)
    except Infeasible:
        return False
    return True


def _try_rules(problem: RedrawProblem) -> None:
    """Raise Infeasible if no lawful plan of the problem is found."""
    from optimizer.redraw.field import arena
    from optimizer.redraw.grouped import contracted, joined_groups
    from optimizer.redraw.repair import lawful
    from optimizer.redraw.sealed import open_land

    if problem.sealed:
        problem = open_land(problem)
    if problem.together or problem.apart:
        problem = contracted(problem, joined_groups(problem))
    lawful(np.full(len(problem.unit_ids), -1, dtype=np.int32), arena(problem))


def _with_locks(
    kept: Rules, rules: Rules, make: Callable[[Rules], RedrawProblem], notes: list[str]
) -> Rules:
    """The rules with every executive's locks that can be obeyed."""
    if not rules.locked_units:
        return kept
    plain = make(kept)
    owner = dict(zip(plain.unit_ids, plain.owners_before.tolist(), strict=True))
    for seat in sorted({owner[unit] for unit in rules.locked_units}):
        mine = tuple(unit for unit in rules.locked_units if owner[unit] == seat)
        tried = replace(kept, locked_units=(*kept.locked_units, *mine))
        if not _can_be(tried, make):
            piece = _largest_piece(mine, plain)
            tried = replace(kept, locked_units=(*kept.locked_units, *piece))
            if not _can_be(tried, make):
                tried, piece = kept, ()
            notes.append(
                f"Relaxed: {len(mine) - len(piece)} of the {len(mine)} locked units of "
                f"{plain.executive_ids[seat]} are free to move, as with them no jurisdiction of "
                "all could be one piece."
            )
        kept = tried
    return kept


def _largest_piece(units: tuple[str, ...], problem: RedrawProblem) -> tuple[str, ...]:
    """The most of these units that are one piece by themselves."""
    from territory.measures import pieces

    inside = set(units)
    owners = np.array([0 if unit in inside else -1 for unit in problem.unit_ids], dtype=np.int64)
    label = pieces(owners, problem.neighbours)
    size = np.bincount(label[owners == 0])
    keep = int(size.argmax())
    return tuple(
        unit
        for unit, piece, owner in zip(problem.unit_ids, label, owners, strict=True)
        if owner == 0 and piece == keep
    )
