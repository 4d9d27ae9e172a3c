"""Exact polish of what lies beyond tolerance: OR-Tools CP-SAT on the border bands of neighbours.

For a jurisdiction beyond tolerance and one to three of its neighbours, the units near their common
borders are free, all others stay. CP-SAT minimises the violation of these few first; a solution
that breaks contiguity is cut off by separators (a unit of the loose piece may only stay if a unit
of the ring around the piece comes too) and the model is solved again. To make that rare, a unit may
only join a jurisdiction together with a neighbour nearer to its fixed core (the shadow of the core;
after Zoltners and Sinha, 1983), which leaves out some contiguous plans.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_values import Ints
from optimizer.redraw.mend import RoundClock, around, excess, held_by
from optimizer.redraw.problem import RedrawParams
from optimizer.run import Stop

BAND_UNITS = 140
CUT_ROUNDS = 4
MOST_EFFORT = 0.25  # deterministic seconds of one CP-SAT solve
WHOLE = 1_000_000  # a mean load in the integers of the model


def exchanged(owner: Ints, arena: Arena, params: RedrawParams, stop: Stop) -> Ints:
    """The assignment with violations mended where CP-SAT can; never worse, always contiguous."""
    best, best_key = owner.copy(), arena.objective(owner).key
    tried: set[tuple[int, ...]] = set()
    clock = RoundClock(stop)
    for _ in range(params.polish_rounds):
        if best_key[0] <= 0 or not clock.has_time():
            break
        group = _next_group(best, arena, tried)
        if group is None:
            break
        tried.add(group)
        mended = _mended(best, group, arena)
        if mended is None:
            continue
        key = arena.objective(mended).key
        if key < best_key:
            best, best_key = mended, key
            tried = {one for one in tried if not set(one) & set(group)}
    return best


def _next_group(owner: Ints, arena: Arena, tried: set[tuple[int, ...]]) -> tuple[int, ...] | None:
    """The worst jurisdiction with one to three neighbours off the other way, not tried yet."""
    off = held_by(owner, arena) - 1
    over = excess(owner, arena)
    near = around(owner, arena)
    for worst in np.argsort(-over, kind="stable").tolist():
        if over[worst] <= 1e-9:
            return None
        against = off @ off[worst]
        others = sorted(near[worst], key=lambda k: (float(against[k]), k))
        for size in (1, 2, 3):
            for chosen in combinations(others[: size + 1], size):
                group = tuple(sorted((worst, *chosen)))
                if group not in tried:
                    return group
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Band:
    """Free units of a group, with the jurisdictions each may have."""

    group: tuple[int, ...]
    units: tuple[int, ...]
    choices: tuple[tuple[int, ...], ...]


def _band(owner: Ints, group: tuple[int, ...], arena: Arena) -> Band:
    """Units of the group nearest to its inner borders, at most BAND_UNITS, by rings."""
    field = arena.field
    inside = np.isin(owner, group) & field.free
    reach = np.full(len(owner), -1)
    choices: dict[int, set[int]] = {}
    ring = []
    for unit in np.flatnonzero(inside).tolist():
        near = {int(owner[other]) for other in _neighbours(unit, arena)} & set(group)
        if near - {int(owner[unit])}:
            ring.append(unit)
            choices[unit] = near | {int(owner[unit])}
            reach[unit] = 0
    depth = 0
    while ring and len(choices) + len(ring) <= BAND_UNITS:
        depth += 1
        fresh: dict[int, set[int]] = {}
        for unit in ring:
            for other in _neighbours(unit, arena):
                if inside[other] and reach[other] < 0:
                    fresh.setdefault(other, {int(owner[other])}).update(choices[unit])
        ring = sorted(fresh)
        if len(choices) + len(ring) > BAND_UNITS:
            break
        for unit in ring:
            reach[unit] = depth
            choices[unit] = fresh[unit]
    units = tuple(sorted(choices))
    return Band(group=group, units=units, choices=tuple(tuple(sorted(choices[u])) for u in units))


def _neighbours(unit: int, arena: Arena) -> list[int]:
    field = arena.field
    around: list[int] = field.indices[field.indptr[unit] : field.indptr[unit + 1]].tolist()
    return around


def _mended(owner: Ints, group: tuple[int, ...], arena: Arena) -> Ints | None:
    """A contiguous assignment of the group's band with the least violation found, or None."""
    from ortools.sat.python import cp_model

    band = _band(owner, group, arena)
    if not band.units:
        return None
    model, taken = _model(owner, band, arena)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = MOST_EFFORT
    for _ in range(CUT_ROUNDS):
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        found = owner.copy()
        for (unit, k), chosen in taken.items():
            if solver.boolean_value(chosen):
                found[unit] = k
        loose = _loose(found, band, arena)
        if not loose:
            return found
        _cut_off(model, taken, found, loose, arena)
    return None


def _model(owner: Ints, band: Band, arena: Arena) -> tuple[Any, dict[tuple[int, int], Any]]:
    """Violation of the group's loads, then distance to today's centres, over the band's choices."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    taken: dict[tuple[int, int], Any] = {}
    for unit, choices in zip(band.units, band.choices, strict=True):
        for k in choices:
            taken[unit, k] = model.new_bool_var(f"{unit}-{k}")
            model.add_hint(taken[unit, k], int(owner[unit] == k))
        model.add_exactly_one(taken[unit, k] for k in choices)
    _keep_everyone(model, taken, owner, band)
    _stay_in_shadow(model, taken, owner, band, arena)
    violations = _violations(model, taken, owner, band, arena)
    centers = _centers(owner, arena)
    terms = []
    for (unit, k), chosen in taken.items():
        offset = arena.field.place[unit] - centers[k]
        weight = arena.field.weight[unit] + 0.01
        terms.append(int(weight * float(offset @ offset) * 1000) * chosen)
    model.minimize(1000 * sum(violations) + sum(terms))
    return model, taken


def _keep_everyone(model: Any, taken: dict[tuple[int, int], Any], owner: Ints, band: Band) -> None:
    """A jurisdiction that lies in the band whole keeps a unit at least."""
    for k in band.group:
        if set(np.flatnonzero(owner == k).tolist()) <= set(band.units):
            model.add_bool_or([chosen for (_, seat), chosen in taken.items() if seat == k])


def _stay_in_shadow(
    model: Any, taken: dict[tuple[int, int], Any], owner: Ints, band: Band, arena: Arena
) -> None:
    """A unit joins a jurisdiction only with a neighbour nearer to the largest piece of its core."""
    for k in band.group:
        mine = {unit for unit, j in taken if j == k}
        core = set(np.flatnonzero(owner == k).tolist()) - set(band.units)
        if not core:
            continue
        depth = dict.fromkeys(_largest(core, arena), 0)
        queue = list(depth)
        for unit in queue:
            for other in _neighbours(unit, arena):
                if other not in depth and (other in mine or other in core):
                    depth[other] = depth[unit] + 1
                    queue.append(other)
        for unit in sorted(mine):
            nearer = [
                other
                for other in _neighbours(unit, arena)
                if depth.get(other, len(owner)) < depth.get(unit, len(owner))
            ]
            if any(other in core for other in nearer):
                continue
            model.add_bool_or([*(taken[other, k] for other in nearer), ~taken[unit, k]])


def _largest(units: set[int], arena: Arena) -> list[int]:
    """The largest connected piece of a set of units."""
    return max(_pieces(units, arena), key=len)


def _pieces(units: set[int], arena: Arena) -> list[list[int]]:
    """Connected pieces of a set of units."""
    left = set(units)
    pieces = []
    while left:
        piece = [min(left)]
        left.discard(piece[0])
        for unit in piece:  # grows while it is walked: that is the queue
            for other in _neighbours(unit, arena):
                if other in left:
                    left.discard(other)
                    piece.append(other)
        pieces.append(piece)
    return pieces


def _violations(
    model: Any, taken: dict[tuple[int, int], Any], owner: Ints, band: Band, arena: Arena
) -> list[Any]:
    field = arena.field
    held = held_by(owner, arena)
    free = set(band.units)
    violations = []
    for row in range(field.load.shape[1]):
        room = 1 / field.scale[row] * 0.999
        for k in band.group:
            fixed = held[k, row] - sum(field.load[unit, row] for unit in free if owner[unit] == k)
            size = {
                unit: round(float(field.load[unit, row]) * WHOLE) for unit, j in taken if j == k
            }
            load = round(fixed * WHOLE) + sum(size[u] * taken[u, k] for u in size)
            beyond = model.new_int_var(0, 100 * WHOLE, f"beyond-{row}-{k}")
            model.add(load <= round((1 + room) * WHOLE) + beyond)
            model.add(load >= round((1 - room) * WHOLE) - beyond)
            violations.append(beyond)
    return violations


def _centers(owner: Ints, arena: Arena) -> NDArray[np.float64]:
    field, p = arena.field, arena.problem.executives
    weight = field.weight + 1e-6
    total = np.bincount(owner, weight, minlength=p)
    return np.column_stack(
        [np.bincount(owner, weight * field.place[:, axis], minlength=p) / total for axis in (0, 1)]
    )


def _loose(owner: Ints, band: Band, arena: Arena) -> list[list[int]]:
    """Pieces of the group's jurisdictions beyond the largest of each, by search."""
    loose: list[list[int]] = []
    for k in band.group:
        pieces = _pieces(set(np.flatnonzero(owner == k).tolist()), arena)
        loose += sorted(pieces, key=len, reverse=True)[1:]
    return loose


def _cut_off(
    model: Any,
    taken: dict[tuple[int, int], Any],
    owner: Ints,
    loose: Sequence[Sequence[int]],
    arena: Arena,
) -> None:
    """Forbid each loose piece unless a unit of the ring around it joins it to the rest.

    Valid for every contiguous plan that has units of k outside the piece, which the band's fixed
    core ensures.
    """
    for piece in loose:
        k = int(owner[piece[0]])
        inside = set(piece)
        ring = {other for unit in piece for other in _neighbours(unit, arena)} - inside
        joins = [taken[unit, k] for unit in sorted(ring) if (unit, k) in taken]
        for unit in piece:
            if (unit, k) in taken:
                model.add_bool_or([*joins, ~taken[unit, k]])
