"""Broken rules in words, each with the move that would mend it where one move can."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.kernel_live import best_offer, border_with
from optimizer.redraw.kernel_values import Rate
from optimizer.redraw.live_faults import Shortfall
from optimizer.redraw.region import Region, region_of
from territory.edits import Breach, Mend

if TYPE_CHECKING:
    from optimizer.redraw.live import LiveAlignment

MOST_GIFTS = 12  # units in one proposed move: more is a redraw, not a mend
MOST_TRIED = 2  # jurisdictions beyond tolerance for which moves are tried, the worst first
MANY = 3
SHOWN = 6
KEEN = Rate(100.0, 1.0, 0.001)


def breaches_of(
    live: "LiveAlignment", faults: list[Shortfall], before: set[tuple[str, int, int]]
) -> tuple[Breach, ...]:
    """The faults as breaches, new ones first in each jurisdiction's own order."""
    off = live.deviations()
    over = sorted(
        {fault.seat for fault in faults if fault.code == "over_tolerance"},
        key=lambda seat: -float(np.abs(off[:, seat]).max()),
    )
    most = MOST_TRIED if len(over) <= MANY else 1  # where many are beyond, one move mends little
    tried = {seat: _best_gift(live, seat) for seat in over[:most]}
    found = []
    for fault in faults:
        if fault.code == "island" and not len(fault.units):
            continue  # pieces on parts of the market that nothing joins: nobody can mend that
        message, mend, move = _WORDS[fault.code](live, fault, tried)
        found.append(
            Breach(
                code=fault.code,
                executive_id=live.ids[fault.seat] if fault.seat >= 0 else "",
                message=message,
                mend=mend,
                is_new=fault.key not in before,
                move=move,
            )
        )
    return tuple(found)


Words = tuple[str, str, Mend | None]
Tried = dict[int, "tuple[Mend, int, float] | None"]


def _over_tolerance(live: "LiveAlignment", fault: Shortfall, tried: Tried) -> Words:
    seat, row = fault.seat, fault.row
    name, limit = live.problem.load_names[row], live.problem.tolerance_percent[row]
    off = float(live.deviations()[row, seat])
    message = f"{live.ids[seat]!r} lies {off:+.2f} % from the mean in {name}; {limit:g} % allowed."
    if seat not in tried:
        return message, f"Rebalance one or two rings around {live.ids[seat]!r}.", None
    gift = tried[seat]
    if gift is None:
        return message, _by_rings(live, seat), None
    move, giver, left = gift
    units = _listed(move.unit_ids)
    text = f"Move {units} of {live.ids[giver]!r} to {move.to!r}"
    if left > 0:
        return message, f"{text}: nearer, but not enough. {_by_rings(live, seat)}", move
    return message, f"{text}: that brings {live.ids[seat]!r} within tolerance.", move


def _by_rings(live: "LiveAlignment", seat: int) -> str:
    return (
        f"No one neighbour can mend it alone: rebalance one or two rings around {live.ids[seat]!r}."
    )


def _island(live: "LiveAlignment", fault: Shortfall, _: Tried) -> Words:
    names = _names(live, fault.units)
    message = f"{_listed(names)} of {live.ids[fault.seat]!r} lie apart from the rest."
    heir = _heir(live, fault.units, {fault.seat})
    if heir < 0:
        return message, "Nobody borders them: a bridge or ferry would have to join them.", None
    move = Mend(unit_ids=names, to=live.ids[heir])
    return message, f"Move them to {move.to!r}, who has the longest border with them.", move


def _hole(live: "LiveAlignment", fault: Shortfall, _: Tried) -> Words:
    keeper = live.ids[fault.seat]
    names = _names(live, fault.units)
    owners = np.unique(live.owner[fault.units])
    whose = ", ".join(repr(live.ids[k]) if k >= 0 else "nobody" for k in owners.tolist())
    message = f"{keeper!r} encloses {_listed(names)} of {whose}."
    locked = bool((live.binding[fault.units] >= 0).any())
    whole = [k for k in owners.tolist() if k >= 0 and (live.owner == k).sum() <= len(names)]
    if locked or whole:
        why = "they are locked" if locked else f"they are all that {live.ids[whole[0]]!r} has"
        return message, f"Open a way to the outside for them: {why}.", None
    return message, f"Move them to {keeper!r}.", Mend(unit_ids=names, to=keeper)


def _lock(live: "LiveAlignment", fault: Shortfall, _: Tried) -> Words:
    names = _names(live, fault.units)
    home = int(live.locked[fault.units[0]])
    message = f"{_listed(names)} are locked to {live.ids[home]!r}, now of {live.ids[fault.seat]!r}."
    if not live.present[home]:
        return message, f"{live.ids[home]!r} has left, so these locks mean nothing any more.", None
    return (
        message,
        f"Move them back to {live.ids[home]!r}.",
        Mend(
            unit_ids=_names(live, fault.units[live.locked[fault.units] == home]), to=live.ids[home]
        ),
    )


def _empty(live: "LiveAlignment", fault: Shortfall, _: Tried) -> Words:
    one = live.ids[fault.seat]
    mend = f"Give {one!r} units, split a jurisdiction for {one!r}, or vacate {one!r}."
    return f"{one!r} has no unit left.", mend, None


def _unowned(live: "LiveAlignment", fault: Shortfall, _: Tried) -> Words:
    names = _names(live, fault.units)
    message = f"{_listed(names)} belong to nobody."
    heir = _heir(live, fault.units, set())
    if heir < 0:
        return message, "No jurisdiction borders them: move them to whoever is to have them.", None
    return message, f"Move them to {live.ids[heir]!r}.", Mend(unit_ids=names, to=live.ids[heir])


def _torn_group(live: "LiveAlignment", fault: Shortfall, _: Tried) -> Words:
    names = _names(live, fault.units)
    whose = live.ids[fault.seat] if fault.seat >= 0 else "nobody"
    message = f"{_listed(names)} belong together with units of {whose!r} and are not there."
    if fault.seat < 0 or (live.binding[fault.units] >= 0).any():
        return message, "Move the others to where they are: these cannot move.", None
    return message, f"Move them to {whose!r}.", Mend(unit_ids=names, to=whose)


def _shared_pair(live: "LiveAlignment", fault: Shortfall, _: Tried) -> Words:
    names = _names(live, fault.units)
    message = f"{_listed(names)} must be apart and are both of {live.ids[fault.seat]!r}."
    for unit in fault.units.tolist():
        heir = _heir(live, np.array([unit]), {fault.seat})
        if heir >= 0 and live.binding[unit] < 0:
            move = Mend(unit_ids=(live.problem.unit_ids[unit],), to=live.ids[heir])
            return message, f"Move {move.unit_ids[0]} to {move.to!r}, who borders it.", move
    return message, "Neither borders another jurisdiction: move more units with one of them.", None


_WORDS = {
    "over_tolerance": _over_tolerance,
    "island": _island,
    "hole": _hole,
    "lock": _lock,
    "empty": _empty,
    "unowned": _unowned,
    "torn_group": _torn_group,
    "shared_pair": _shared_pair,
}


def neighbours_of(live: "LiveAlignment", seats: set[int]) -> set[int]:
    """Jurisdictions that border these, without them."""
    group = np.isin(live.owner, list(seats))
    return set(np.flatnonzero(_shared(live, group) > 0).tolist()) - seats


def _heir(live: "LiveAlignment", units: NDArray[np.int64], but: set[int]) -> int:
    """Who has the longest border with these units; -1 if nobody has one."""
    group = np.zeros(len(live.owner), dtype=np.bool_)
    group[units] = True
    shared = _shared(live, group)
    shared[list(but)] = 0.0
    return int(shared.argmax()) if len(shared) and shared.max() > 0 else -1


def _shared(live: "LiveAlignment", group: NDArray[np.bool_]) -> NDArray[np.float64]:
    field, border = live.arena.field, live.problem.neighbours.border_meters
    return np.asarray(
        border_with(group, live.owner, len(live.ids), field.indptr, field.indices, border)
    )


def _best_gift(live: "LiveAlignment", seat: int) -> "tuple[Mend, int, float] | None":
    """The smallest move with one neighbour that brings a jurisdiction within tolerance.

    Gives the move, who gives, and what is still beyond; the nearest to it if none is enough, None
    if none helps without doing the neighbour harm.
    """
    around = sorted(neighbours_of(live, {seat}))
    if not around:
        return None
    seats = (seat, *around)
    if _excess(live, seat) > _most_in_a_gift(live, seats):
        return None
    region = region_of(seats, live.owner, live.arena, team=live.team, free=live.binding < 0)
    units, giver, taker, left = best_offer(
        *_ways(region), MOST_GIFTS, region.field, region.state, KEEN
    )
    if not len(units):
        return None
    ids = tuple(live.problem.unit_ids[unit] for unit in region.members[units].tolist())
    return Mend(unit_ids=ids, to=live.ids[region.seats[taker]]), region.seats[giver], left


def _ways(region: Region) -> tuple[bool, bool]:
    """Whether the first seat must give, take, or may have to do either to come within tolerance."""
    off, reach = region.state.held[0] - 1, 1 / region.field.scale
    return bool((off > reach).any()), bool((off < -reach).any())


def _most_in_a_gift(live: "LiveAlignment", seats: tuple[int, ...]) -> float:
    """What the heaviest units of these seats that one move can name come to, in means."""
    heavy = live.heaviest[np.isin(live.owner, seats)]
    least = max(0, len(heavy) - MOST_GIFTS)
    most = np.partition(heavy, least)[least:] if least else heavy
    return float(most.sum()) * live.share


def _excess(live: "LiveAlignment", seat: int) -> float:
    """What a jurisdiction lies beyond its tolerances, in means as a region of the team has them."""
    problem, field = live.problem, live.arena.field
    rows = problem.is_hard & (problem.mean_loads > 0)
    held = live.share * live.held[rows, seat] / problem.mean_loads[rows]
    return float(np.maximum(np.abs(held - 1) - 1 / field.scale[: len(held)], 0).sum())


def _names(live: "LiveAlignment", units: NDArray[np.int64]) -> tuple[str, ...]:
    return tuple(live.problem.unit_ids[unit] for unit in units.tolist())


def _listed(names: tuple[str, ...]) -> str:
    """A count and the first names: "2 units (u1, u2)"."""
    shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    return f"{len(names)} unit{'' if len(names) == 1 else 's'} ({shown})"
