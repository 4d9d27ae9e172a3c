"""Any assignment made lawful: locks kept, every executive seated, every jurisdiction one piece."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_values import Ints
from territory.alignment import far_half
from territory.errors import Infeasible
from territory.measures import pieces

Owners = NDArray[np.int64]


def lawful(owner: Ints, arena: Arena) -> Ints:
    """The assignment with as little changed as a quick look allows; -1 is a unit of nobody."""
    owners = owner.astype(np.int64)
    pinned = _pin(owners, arena)
    _strike_loose(owners, pinned, arena)
    _seat_everyone(owners, pinned, arena)
    _grow(owners, arena)
    return np.ascontiguousarray(owners, dtype=np.int32)


def _pin(owners: Owners, arena: Arena) -> NDArray[np.bool_]:
    """Give locked units to their executives, and the paths that join them; True where pinned."""
    locked = arena.problem.locked
    taken = locked.copy()
    for executive in np.unique(locked[locked >= 0]).tolist():
        _join(executive, taken, arena)
    pinned = taken >= 0
    owners[pinned] = taken[pinned]
    return np.asarray(pinned)


def _join(executive: int, taken: Owners, arena: Arena) -> None:
    """Extend ``taken`` by shortest paths until the executive's locked units are one piece."""
    wanted = set(np.flatnonzero(taken == executive).tolist())
    first = min(wanted)
    reached = {first}
    while wanted - reached:
        path = _path_to(reached, wanted - reached, executive, taken, arena)
        if path is None:
            ids = arena.problem.unit_ids
            raise Infeasible(
                f"Locked units of executive {arena.problem.executive_ids[executive]!r} cannot be "
                f"one piece: from unit {ids[first]} there is no way to unit "
                f"{ids[min(wanted - reached)]} that avoids the locked units of others.",
                fix="Unlock a unit or add a bridge.",
            )
        taken[path] = executive
        reached.update(path)
        wanted.update(path)


def _path_to(
    reached: set[int], goals: set[int], executive: int, taken: Owners, arena: Arena
) -> list[int] | None:
    """Shortest way from what is reached to a goal through units that are free or one's own."""
    indptr, indices = arena.field.indptr, arena.field.indices
    came = dict.fromkeys(sorted(reached), -1)
    queue = deque(came)
    while queue:
        here = queue.popleft()
        if here in goals:
            path = []
            while here >= 0:
                path.append(here)
                here = came[here]
            return path
        for other in indices[indptr[here] : indptr[here + 1]].tolist():
            if other not in came and taken[other] in (-1, executive):
                came[other] = here
                queue.append(other)
    return None


def _strike_loose(owners: Owners, pinned: NDArray[np.bool_], arena: Arena) -> None:
    """Keep each executive's main piece where a part has a seat for them; the rest is nobody's."""
    seating = arena.problem.seating
    labels = pieces(owners, arena.problem.neighbours)
    size = arena.field.load.mean(axis=1) + 1e-9 + 1e6 * pinned
    mass = np.bincount(labels, weights=size)
    first = np.unique(labels, return_index=True)[1]
    keeper, home = owners[first], seating.part[first]
    order = np.argsort(-mass, kind="stable")
    seats = list(seating.seats)
    main: dict[int, int] = {}
    for label in order.tolist():
        executive, part = int(keeper[label]), int(home[label])
        if executive >= 0 and executive not in main and seats[part] > 0:
            main[executive] = label
            seats[part] -= 1
    kept = np.zeros(len(mass), dtype=np.bool_)
    kept[list(main.values())] = True
    owners[~kept[labels]] = -1


def _seat_everyone(owners: Owners, pinned: NDArray[np.bool_], arena: Arena) -> None:
    """Give each executive without units half of a heavy jurisdiction in a part with a free seat."""
    seating, p = arena.problem.seating, arena.problem.executives
    have = np.bincount(owners[owners >= 0], minlength=p) > 0
    free = np.array(seating.seats)
    held = {(int(k), int(c)) for k, c in zip(owners, seating.part, strict=True) if k >= 0}
    for _, part in held:
        free[part] -= 1
    for executive in np.flatnonzero(~have).tolist():
        part = int(free.argmax())
        free[part] -= 1
        inside = seating.part == part
        if not (owners[inside] >= 0).any():
            owners[np.flatnonzero(inside)[0]] = executive
            _grow(owners, arena, only=inside)
            continue
        _grow(owners, arena, only=inside)
        owners[_half_of_heaviest(owners, pinned, inside, arena)] = executive


def _half_of_heaviest(
    owners: Owners, pinned: NDArray[np.bool_], inside: NDArray[np.bool_], arena: Arena
) -> NDArray[np.int64]:
    """Units that can leave the heaviest jurisdiction of a part that can give any, about half."""
    size = arena.field.load.mean(axis=1)
    here = owners[inside]
    mass = np.bincount(here, weights=size[inside], minlength=arena.problem.executives)
    count = np.bincount(here, minlength=arena.problem.executives)
    for executive in np.argsort(-mass, kind="stable").tolist():
        if count[executive] < 2:
            continue
        units = np.flatnonzero(owners == executive)
        part = far_half(units, arena.problem.neighbours, size, keep=pinned)
        if len(part):
            return part
    raise Infeasible(
        "The locked units leave no piece of land for an executive who has none.",
        fix="Unlock some units.",
    )


def _grow(owners: Owners, arena: Arena, *, only: NDArray[np.bool_] | None = None) -> None:
    """Give units of nobody to neighbours: each loose piece whole, to the longest shared border."""
    neighbours = arena.problem.neighbours
    indptr, indices = arena.field.indptr, arena.field.indices
    border = neighbours.border_meters
    while True:
        lost = owners < 0 if only is None else (owners < 0) & only
        if not lost.any():
            return
        labels = pieces(np.where(lost, -1, owners), neighbours)
        for label in np.unique(labels[lost]).tolist():
            units = np.flatnonzero((labels == label) & lost)
            shared: dict[int, float] = {}
            for unit in units.tolist():
                for slot in range(indptr[unit], indptr[unit + 1]):
                    other = int(owners[indices[slot]])
                    if other >= 0:
                        shared[other] = shared.get(other, 0.0) + border[slot] + 1e-6
            if shared:
                _share_out(owners, units, max(sorted(shared), key=shared.__getitem__), arena)


def _share_out(owners: Owners, units: NDArray[np.int64], to: int, arena: Arena) -> None:
    """A small piece goes whole; a large one is eaten from all sides, one ring at a time."""
    if len(units) * arena.problem.executives <= len(owners):
        owners[units] = to
        return
    indptr, indices = arena.field.indptr, arena.field.indices
    taken = {}
    for unit in units.tolist():
        around = owners[indices[indptr[unit] : indptr[unit + 1]]]
        around = around[around >= 0]
        if len(around):
            taken[unit] = int(np.bincount(around).argmax())
    for unit, executive in taken.items():
        owners[unit] = executive
