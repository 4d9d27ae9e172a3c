"""What moved and need not have goes back: integer programs over the units along the borders.

Each unit at a border stays or joins a jurisdiction next to it, so that as little as can be has
changed hands against the alignment before; every load stays within its tolerance, or as far beyond
it as it was. What a plan moves in one place it can then take back in another, along chains and
rings of neighbours that no walk of single moves finds. Contiguity is held by shadows (after
Zoltners and Sinha, 1983): a unit that stays needs a staying neighbour nearer to the root of its
jurisdiction, one that joins needs a neighbour there who stays. That leaves out some contiguous
plans, so the map is cut into groups of jurisdictions in several ways, one after the other.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_values import Ints
from optimizer.redraw.mend import RoundClock, held_by
from optimizer.redraw.problem import RedrawParams
from optimizer.run import Stop

MOST_CHOICES = 150  # of one program: a tenth of a second; twice as many take ten times as long
NODES = 20  # of one program's search tree
GAP = 0.005
SLACK = 1e-7  # of a mean load: what is within tolerance here is so for the judge
LEAST_GAIN = 0.005  # of what is moved, from as many cuts of the map as make a turn, to go on
CUTS = 3  # of the map, a turn
MOST_TURNS = 2
ANGLE = 2.399963  # between one cut and the next: the golden angle comes near to none before

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def taken_back(owner: Ints, arena: Arena, params: RedrawParams, stop: Stop) -> Ints:
    """An assignment that moves no more from the alignment before; contiguous, as well balanced.

    ``stop.seconds`` is heeded between rounds; without a clock the plan depends on nothing but the
    assignment given.
    """
    best, clock = owner.copy(), RoundClock(stop)
    with ThreadPoolExecutor(max_workers=params.threads) as pool:
        for turn in range(MOST_TURNS):
            was = _moved(best, arena)
            for cut in range(turn * CUTS, (turn + 1) * CUTS):
                if not clock.has_time():
                    return best
                borders = _borders(best, arena)
                groups = _groups(borders, best, arena, cut * ANGLE)
                for program in pool.map(partial(_solved, borders=borders, arena=arena), groups):
                    best[program.unit] = program.to
            if _moved(best, arena) > (1 - LEAST_GAIN) * was:
                break
    return best


def _moved(owner: Ints, arena: Arena) -> float:
    field = arena.field
    return float(field.move_cost[owner != field.before].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Borders:
    """Owners, the graph's ends, and every choice (unit, jurisdiction next to it) of the map.

    ``depth`` counts steps to the root of a unit's own jurisdiction, through its own land.
    """

    owner: Ints
    tail: Ints
    head: Ints
    depth: Longs
    unit: Longs
    to: Longs
    held: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changed:
    """Units that change hands, and who gets them."""

    unit: Longs
    to: Longs


def _borders(owner: Ints, arena: Arena) -> Borders:
    field, p = arena.field, arena.problem.executives
    tail = np.repeat(np.arange(len(owner), dtype=np.int32), np.diff(field.indptr))
    head = field.indices
    depth = _depths(owner, tail, head, arena)
    may = (owner[tail] != owner[head]) & field.free[tail] & (depth[tail] > 0)
    pairs = np.unique(tail[may].astype(np.int64) * p + owner[head[may]])
    return Borders(
        owner=owner.copy(),
        tail=tail,
        head=head,
        depth=depth,
        unit=pairs // p,
        to=pairs % p,
        held=held_by(owner, arena),
    )


def _depths(owner: Ints, tail: Ints, head: Ints, arena: Arena) -> Longs:
    """Steps of each unit to its jurisdiction's root, the unit nearest to the centre."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    n, p = len(owner), arena.problem.executives
    place, weight = arena.field.place, arena.field.weight + 1e-9
    total = np.bincount(owner, weight, minlength=p)
    middle = np.column_stack(
        [np.bincount(owner, weight * place[:, axis], minlength=p) / total for axis in (0, 1)]
    )
    away = ((place - middle[owner]) ** 2).sum(axis=1)
    order = np.lexsort((np.arange(n), away, owner))
    roots = order[np.unique(owner[order], return_index=True)[1]]
    inside = owner[tail] == owner[head]
    own = csr_array((np.ones(int(inside.sum())), (tail[inside], head[inside])), shape=(n, n))
    steps = dijkstra(own, indices=roots, unweighted=True, min_only=True)
    return np.asarray(np.where(np.isfinite(steps), steps, 0), dtype=np.int64)


def _groups(borders: Borders, owner: Ints, arena: Arena, angle: float) -> list[Flags]:
    """Jurisdictions (p,) of each group: the map halved until each has few enough choices."""
    p, place = arena.problem.executives, arena.field.place
    count = np.maximum(np.bincount(owner, minlength=p), 1)
    middle = np.column_stack(
        [np.bincount(owner, place[:, axis], minlength=p) / count for axis in (0, 1)]
    )
    turned = middle @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]).T
    done: list[Flags] = []
    open_groups = [np.arange(p)]
    while open_groups:
        group = open_groups.pop()
        inside = np.isin(np.arange(p), group)
        choices = int((inside[owner[borders.unit]] & inside[borders.to]).sum())
        if choices == 0:
            continue
        if choices <= MOST_CHOICES or len(group) <= 2:
            done.append(inside)
            continue
        axis = int(np.ptp(turned[group], axis=0).argmax())
        ranked = group[np.argsort(turned[group, axis], kind="stable")]
        open_groups += [ranked[: len(ranked) // 2], ranked[len(ranked) // 2 :]]
    return done


def _solved(inside: Flags, *, borders: Borders, arena: Arena) -> Changed:
    """The changes of one group that bring most home."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    chosen = inside[borders.owner[borders.unit]] & inside[borders.to]
    unit, to = borders.unit[chosen], borders.to[chosen]
    before, worth = arena.field.before[unit], arena.field.move_cost[unit]
    cost = worth * ((to != before).astype(np.float64) - (borders.owner[unit] != before))
    none = Changed(unit=unit[:0], to=to[:0])
    if not (cost < 0).any():
        return none
    matrix, low, high = _rows(unit, to, inside, borders, arena)
    found = milp(
        cost / float(worth.max()),
        constraints=LinearConstraint(matrix, low, high),
        integrality=np.ones(len(unit), dtype=np.int64),
        bounds=Bounds(0, 1),
        options={"node_limit": NODES, "mip_rel_gap": GAP},
    )
    if found.x is None or float(cost @ (found.x > 0.5)) >= 0:
        return none
    taken = np.flatnonzero(found.x > 0.5)
    return Changed(unit=unit[taken], to=to[taken])


def _rows(
    unit: Longs, to: Longs, inside: Flags, borders: Borders, arena: Arena
) -> tuple[Any, Floats, Floats]:
    """The program's constraints: low <= matrix @ chosen <= high."""
    from scipy.sparse import csr_array, vstack

    count = len(unit)
    columns = np.arange(count)
    leaving, which = np.unique(unit, return_inverse=True)
    leave = csr_array((np.ones(count), (which.ravel(), columns)), shape=(len(leaving), count))
    place = np.full(len(borders.owner), -1, dtype=np.int64)
    place[leaving] = np.arange(len(leaving))
    loads, low, high = _load_rows(unit, to, inside, borders, arena)
    joins, joins_high = _join_rows(unit, to, place, leave, borders)
    stays, stays_high = _stay_rows(inside, place, leave, borders)
    free = np.full(len(leaving) + len(joins_high) + len(stays_high), -np.inf)
    return (
        vstack([loads, leave, joins, stays]).tocsc(),
        np.concatenate([low, free]),
        np.concatenate([high, np.ones(len(leaving)), joins_high, stays_high]),
    )


def _load_rows(
    unit: Longs, to: Longs, inside: Flags, borders: Borders, arena: Arena
) -> tuple[Any, Floats, Floats]:
    """What each jurisdiction of the group may gain of each load."""
    from scipy.sparse import csr_array

    field, seats = arena.field, np.flatnonzero(inside)
    seat_of = np.full(len(inside), -1, dtype=np.int64)
    seat_of[seats] = np.arange(len(seats))
    columns, m = np.arange(len(unit)), field.load.shape[1]
    gain, loss = seat_of[to], seat_of[borders.owner[unit]]
    rows, values = [], []
    for row in range(m):
        rows += [gain * m + row, loss * m + row]
        values += [field.load[unit, row], -field.load[unit, row]]
    matrix = csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.tile(columns, 2 * m))),
        shape=(len(seats) * m, len(unit)),
    )
    off = borders.held[seats] - 1
    room = np.maximum(1 / field.scale - SLACK, np.abs(off))
    return matrix, (-room - off).ravel(), (room - off).ravel()


def _join_rows(
    unit: Longs, to: Longs, place: Longs, leave: Any, borders: Borders
) -> tuple[Any, Floats]:
    """Who joins needs a neighbour there who stays: choice + leaving neighbours <= neighbours."""
    from scipy.sparse import csr_array

    count = len(unit)
    p = int(max(borders.owner.max(), to.max())) + 1
    key = borders.tail.astype(np.int64) * p + borders.owner[borders.head]
    order = np.argsort(unit * p + to)
    known = (unit * p + to)[order]
    at = np.searchsorted(known, key).clip(max=count - 1)
    fits = (known[at] == key) & (borders.owner[borders.tail] != borders.owner[borders.head])
    row, host = order[at[fits]], borders.head[fits]
    hosts = np.bincount(row, minlength=count)
    fickle = np.bincount(row, place[host] >= 0, minlength=count)
    tight = np.flatnonzero(fickle == hosts)
    line = np.full(count, -1, dtype=np.int64)
    line[tight] = np.arange(len(tight))
    used = line[row] >= 0
    who = csr_array(
        (np.ones(int(used.sum())), (line[row[used]], place[host[used]])),
        shape=(len(tight), leave.shape[0]),
    )
    own = csr_array(
        (np.ones(len(tight)), (np.arange(len(tight)), tight)), shape=(len(tight), count)
    )
    return own + who @ leave, hosts[tight].astype(np.float64)


def _stay_rows(inside: Flags, place: Longs, leave: Any, borders: Borders) -> tuple[Any, Floats]:
    """Who stays needs a neighbour who stays and is nearer to the root of their jurisdiction."""
    from scipy.sparse import csr_array

    owner, depth = borders.owner, borders.depth
    above = (
        (owner[borders.tail] == owner[borders.head])
        & inside[owner[borders.tail]]
        & (depth[borders.head] < depth[borders.tail])
    )
    child, parent = borders.tail[above], borders.head[above]
    n = len(owner)
    parents = np.bincount(child, minlength=n)
    fickle = np.bincount(child, place[parent] >= 0, minlength=n)
    tight = np.flatnonzero((parents > 0) & (fickle == parents))
    line = np.full(n, -1, dtype=np.int64)
    line[tight] = np.arange(len(tight))
    used = line[child] >= 0
    goes = place[tight] >= 0
    rows = np.concatenate([line[child[used]], np.flatnonzero(goes)])
    who = np.concatenate([place[parent[used]], place[tight[goes]]])
    values = np.concatenate([np.ones(int(used.sum())), -np.ones(int(goes.sum()))])
    matrix = csr_array((values, (rows, who)), shape=(len(tight), leave.shape[0]))
    return matrix @ leave, parents[tight].astype(np.float64) - 1
