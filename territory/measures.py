"""What an alignment is worth: balance, borders, contiguity, compactness and disruption, measured.

Owners are positions 0 to p - 1 of the executives, -1 for a unit of nobody. Loads are (m, n): one
row per load, the workload last. Metres come in, square kilometres go out where a name says so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from territory.alignment import Alignment, AlignmentPlan, Jurisdiction
from territory.units.values import Neighbours

Owners = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What an alignment lies on: units with place, area and loads, and who borders whom.

    ``loads`` (m, n) follow ``load_names``, the workload last. ``perimeter_meters`` is the whole
    border of each unit; without it every unit counts as a regular hexagon of its area. ``carried``
    are the loads (m,) that an executive has besides units.
    """

    unit_ids: tuple[str, ...]
    xy_meters: Floats
    area_square_meters: Floats
    neighbours: Neighbours
    load_names: tuple[str, ...]
    loads: Floats
    perimeter_meters: Floats | None = None
    carried: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def carried_by(self, executive_ids: Sequence[str]) -> Floats:
        """Loads of these executives besides units, (m, p)."""
        none = (0.0,) * len(self.load_names)
        rows = [self.carried.get(executive, none) for executive in executive_ids]
        return np.array(rows, dtype=np.float64).reshape(-1, len(self.load_names)).T

    @property
    def workload(self) -> Floats:
        """The last load."""
        return np.asarray(self.loads[-1], dtype=np.float64)


def owner_positions(alignment: Alignment) -> Owners:
    """Position of each unit's executive in ``alignment.executive_ids``, -1 for nobody."""
    position = {executive: place for place, executive in enumerate(alignment.executive_ids)}
    position[""] = -1
    return np.fromiter((position[owner] for owner in alignment.owners), dtype=np.int64)


def load_sums(owners: Owners, loads: Floats, executives: int) -> Floats:
    """Loads of each jurisdiction, (m, p)."""
    mine = owners >= 0
    return np.array(
        [np.bincount(owners[mine], weights=load[mine], minlength=executives) for load in loads]
    )


def deviation_percent(sums: Floats, *, means: Floats | None = None) -> Floats:
    """100 x (load / mean - 1), (m, p). The mean is over the executives; 0 where it is 0."""
    mean = sums.mean(axis=1) if means is None else means
    safe = np.where(mean > 0, mean, 1.0)[:, None]
    deviations: Floats = np.where(mean[:, None] > 0, 100 * (sums / safe - 1), 0.0)
    return deviations


def worst_percent(deviations: Floats) -> Floats:
    """Largest absolute deviation of each load, (m,)."""
    return np.asarray(np.abs(deviations).max(axis=1), dtype=np.float64)


def edge_ends(neighbours: Neighbours) -> tuple[Owners, Owners, Floats]:
    """Every pair of neighbours once: lower unit, higher unit, border metres."""
    degrees = np.diff(neighbours.indptr)
    ends = np.repeat(np.arange(len(degrees)), degrees)
    others = neighbours.indices.astype(np.int64)
    once = ends < others
    return ends[once], others[once], neighbours.border_meters[once]


def cut_edges(owners: Owners, neighbours: Neighbours) -> int:
    """Pairs of neighbours with different owners."""
    one, other, _ = edge_ends(neighbours)
    return int(np.count_nonzero(owners[one] != owners[other]))


def pieces(owners: Owners, neighbours: Neighbours) -> Owners:
    """A label per unit: units share it when a path inside one jurisdiction joins them."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    one, other, _ = edge_ends(neighbours)
    inside = owners[one] == owners[other]
    n = len(owners)
    graph = coo_matrix((np.ones(int(inside.sum())), (one[inside], other[inside])), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels, dtype=np.int64)


def components(owners: Owners, neighbours: Neighbours, executives: int) -> Owners:
    """How many separate pieces each jurisdiction has, (p,): 1 is contiguous, 0 is empty."""
    labels = pieces(owners, neighbours)
    mine = owners >= 0
    pairs = np.unique(np.column_stack([owners[mine], labels[mine]]), axis=0)
    return np.bincount(pairs[:, 0], minlength=executives).astype(np.int64)


def centroids_meters(owners: Owners, xy_meters: Floats, weight: Floats, executives: int) -> Floats:
    """Weighted centroid of each jurisdiction, (p, 2); of its units alike if it weighs nothing."""
    mine = owners >= 0
    at = owners[mine]
    light = np.bincount(at, weights=weight[mine], minlength=executives) <= 0
    used = np.where(light[at], 1.0, weight[mine])
    total = np.bincount(at, weights=used, minlength=executives)
    total = np.where(total > 0, total, 1.0)
    columns = [
        np.bincount(at, weights=used * xy_meters[mine, axis], minlength=executives) / total
        for axis in (0, 1)
    ]
    return np.column_stack(columns)


def moment_of_inertia(
    owners: Owners,
    xy_meters: Floats,
    workload: Floats,
    executives: int,
    *,
    centers_meters: Floats | None = None,
) -> Floats:
    """Workload x squared km to the jurisdiction's workload centroid (or given centre), (p,)."""
    centers = centers_meters
    if centers is None:
        centers = centroids_meters(owners, xy_meters, workload, executives)
    mine = owners >= 0
    offset = (xy_meters[mine] - centers[owners[mine]]) / 1000
    squares = workload[mine] * (offset**2).sum(axis=1)
    return np.bincount(owners[mine], weights=squares, minlength=executives).astype(np.float64)


def perimeters_meters(ground: Ground) -> Floats:
    """Whole border of each unit: as given, else that of a regular hexagon of its area."""
    if ground.perimeter_meters is not None:
        return ground.perimeter_meters
    neighbours = ground.neighbours
    ends = np.repeat(np.arange(len(ground.unit_ids)), np.diff(neighbours.indptr))
    shared = np.bincount(ends, weights=neighbours.border_meters, minlength=len(ground.unit_ids))
    hexagon = 6 * np.sqrt(2 * ground.area_square_meters / (3 * math.sqrt(3)))
    return np.asarray(np.maximum(hexagon, shared), dtype=np.float64)


def polsby_popper(owners: Owners, ground: Ground, executives: int) -> Floats:
    """4 pi x area / perimeter squared of each jurisdiction, (p,): 1 for a disc, 0 if empty.

    The perimeter is that of its units less twice the borders inside (Polsby and Popper, 1991).
    """
    one, other, border = edge_ends(ground.neighbours)
    mine = owners >= 0
    at = owners[mine]
    area = np.bincount(at, weights=ground.area_square_meters[mine], minlength=executives)
    around = np.bincount(at, weights=perimeters_meters(ground)[mine], minlength=executives)
    inside = (owners[one] == owners[other]) & (owners[one] >= 0)
    hidden = np.bincount(owners[one][inside], weights=border[inside], minlength=executives)
    perimeter = around - 2 * hidden
    scores: Floats = np.where(
        perimeter > 0, 4 * math.pi * area / np.where(perimeter > 0, perimeter, 1.0) ** 2, 0.0
    )
    return scores


def changed_hands(before: Alignment, after: Alignment) -> NDArray[np.bool_]:
    """Which units of ``after`` had another owner, or none, in ``before``."""
    was = before.owner_of()
    return np.array(
        [
            was.get(unit, "") != owner
            for unit, owner in zip(after.unit_ids, after.owners, strict=True)
        ],
        dtype=np.bool_,
    )


def moved_percent(changed: NDArray[np.bool_], workload: Floats) -> float:
    """Share of the workload whose owner changed."""
    total = float(workload.sum())
    return 100 * float(workload[changed].sum()) / total if total > 0 else 0.0


def jurisdictions(
    alignment: Alignment,
    ground: Ground,
    *,
    names: Mapping[str, str] | None = None,
    before: Alignment | None = None,
) -> tuple[Jurisdiction, ...]:
    """The figures of every jurisdiction, in the order of ``alignment.executive_ids``."""
    owners = owner_positions(alignment)
    count = len(alignment.executive_ids)
    land = load_sums(owners, ground.loads, count)
    sums = land + ground.carried_by(alignment.executive_ids)
    deviations = deviation_percent(sums)
    split = components(owners, ground.neighbours, count)
    inertia = moment_of_inertia(owners, ground.xy_meters, ground.workload, count)
    shape = polsby_popper(owners, ground, count)
    moved_in = _moved_in_percent(alignment, before, owners, ground.workload, land[-1])
    units = np.bincount(owners[owners >= 0], minlength=count)
    return tuple(
        Jurisdiction(
            executive_id=executive,
            name=(names or {}).get(executive, executive),
            units=int(units[k]),
            loads=tuple(float(value) for value in sums[:, k]),
            deviation_percent=tuple(float(value) for value in deviations[:, k]),
            components=int(split[k]),
            moment_of_inertia=float(inertia[k]),
            polsby_popper=float(shape[k]),
            moved_in_percent=float(moved_in[k]),
        )
        for k, executive in enumerate(alignment.executive_ids)
    )


def _moved_in_percent(
    alignment: Alignment,
    before: Alignment | None,
    owners: Owners,
    workload: Floats,
    held: Floats,
) -> Floats:
    """Share of each jurisdiction's workload that came from elsewhere; 0 without a before."""
    if before is None:
        return np.zeros(len(held))
    came = changed_hands(before, alignment) & (owners >= 0)
    gained = np.bincount(owners[came], weights=workload[came], minlength=len(held))
    share: Floats = np.where(held > 0, 100 * gained / np.where(held > 0, held, 1.0), 0.0)
    return share


def alignment_plan(
    alignment: Alignment,
    ground: Ground,
    *,
    tolerance_percent: Sequence[float],
    before: Alignment | None = None,
    names: Mapping[str, str] | None = None,
    locked_units: Sequence[str] = (),
    inertia_bound: float = 0.0,
    moved_bound: float = 0.0,
    notes: Sequence[str] = (),
    soft_price: Sequence[float] = (),
) -> AlignmentPlan:
    """The plan of an alignment, every figure measured: what a solver or a hand edit returns.

    ``inertia_bound`` and ``moved_bound`` are lower bounds proved by the caller; 0 proves nothing
    and is always valid.
    """
    if alignment.unit_ids != ground.unit_ids:
        raise ValueError("the alignment and the ground list different units")
    owners = owner_positions(alignment)
    count = len(alignment.executive_ids)
    sums = load_sums(owners, ground.loads, count) + ground.carried_by(alignment.executive_ids)
    deviations = deviation_percent(sums)
    inertia = moment_of_inertia(owners, ground.xy_meters, ground.workload, count)
    moved = 0.0
    if before is not None:
        moved = moved_percent(changed_hands(before, alignment), ground.workload)
    return AlignmentPlan(
        alignment=alignment,
        before=before,
        load_names=ground.load_names,
        unit_loads=tuple(tuple(load.tolist()) for load in ground.loads),
        tolerance_percent=tuple(float(tolerance) for tolerance in tolerance_percent),
        locked_units=tuple(locked_units),
        jurisdictions=jurisdictions(alignment, ground, names=names, before=before),
        jurisdictions_before=() if before is None else _measured_before(before, ground, names),
        worst_percent=tuple(float(value) for value in worst_percent(deviations)),
        cut_edges=cut_edges(owners, ground.neighbours),
        moment_of_inertia=float(inertia.sum()),
        inertia_bound=float(inertia_bound),
        moved_percent=moved,
        moved_bound_percent=float(moved_bound),
        notes=tuple(notes),
        soft_price=tuple(soft_price),
    )


def _measured_before(
    before: Alignment, ground: Ground, names: Mapping[str, str] | None
) -> tuple[Jurisdiction, ...]:
    """The figures of the alignment before, on today's units and loads."""
    was = before.owner_of()
    today = Alignment(
        unit_ids=ground.unit_ids,
        executive_ids=before.executive_ids,
        owners=tuple(was.get(unit, "") for unit in ground.unit_ids),
    )
    return jurisdictions(today, ground, names=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What redraw makes small: first ``violation``, then ``cost``; see ``objective``."""

    violation: float
    shape: float
    border: float
    moved: float
    soft: float = 0.0

    @property
    def cost(self) -> float:
        """The second part: shape + border + moved + soft."""
        return self.shape + self.border + self.moved + self.soft

    @property
    def key(self) -> tuple[float, float]:
        """Compares as the objective does; differences below rounding do not decide."""
        return round(self.violation, 9), self.cost


def objective(
    owners: Owners,
    ground: Ground,
    *,
    executives: int,
    tolerance_percent: Sequence[float],
    border_price: float,
    before: Owners | None = None,
    move_price: float = 0.0,
    homes_meters: Floats | None = None,
    soft_price: Floats | None = None,
    carried: Floats | None = None,
    move_shares: Floats | None = None,
    road_shares: Floats | None = None,
    means: Floats | None = None,
) -> Objective:
    """The objective of redraw, lexicographic, of an alignment in which every unit has an owner.

    1. ``violation``: sum over jurisdictions and hard loads of
       max(0, |load / mean - 1| - tolerance). A load is hard whose ``soft_price`` is 0 or not given.
    2. ``cost`` = shape + border + moved + soft, all without unit and about 1 for a good plan:
       shape = moment of inertia / (total workload x r2), inertia about the workload centroids, or
       about ``homes_meters`` when the homes are fixed; r2 = total area / (2 pi p), the mean
       squared radius of p equal discs;
       border = ``border_price`` x cut borders / (3 x sqrt(n p)), each border in units of the mean
       one, a bridge or ferry as one mean border;
       moved = ``move_price`` x share of the workload whose owner differs from ``before``, or sum
       of the ``move_shares`` (n,) of those units;
       soft = sum over soft loads of ``soft_price`` x mean over jurisdictions of the excess.

    ``carried`` (m, p) is what executives hold besides their units. With ``road_shares`` (p, n)
    shape is the sum of each unit's share in its jurisdiction, in place of inertia. ``means`` (m,)
    take the place of the loads' own.
    """
    sums = load_sums(owners, ground.loads, executives)
    if carried is not None:
        sums = sums + carried
    prices = np.zeros(len(sums)) if soft_price is None else soft_price
    tolerance = np.asarray(tolerance_percent, dtype=np.float64)[:, None]
    off = np.abs(deviation_percent(sums, means=means))
    excess = np.maximum(off - tolerance, 0).sum(axis=1) / 100
    workload = ground.workload
    total = float(workload.sum()) or 1.0
    shape = 0.0
    if road_shares is None:
        squares = moment_of_inertia(
            owners, ground.xy_meters, workload, executives, centers_meters=homes_meters
        )
        shape = float(squares.sum()) / (total * mean_square_km(ground, executives))
    else:
        shape = float(road_shares[owners, np.arange(len(owners))].sum())
    one, other, _ = edge_ends(ground.neighbours)
    cut = owners[one] != owners[other]
    weights = border_weights(ground.neighbours)[one_way(ground.neighbours)]
    shares = workload / total if move_shares is None else move_shares
    share = 0.0 if before is None else float(shares[owners != before].sum())
    return Objective(
        violation=float(excess[prices == 0].sum()),
        shape=shape,
        border=border_price * float(weights[cut].sum()) / (3 * math.sqrt(len(owners) * executives)),
        moved=move_price * share,
        soft=float((prices * excess).sum()) / executives,
    )


def mean_square_km(ground: Ground, executives: int) -> float:
    """Mean squared radius of p equal discs that together have the units' area, in km2."""
    return float(ground.area_square_meters.sum()) / 1e6 / (2 * math.pi * executives)


def one_way(neighbours: Neighbours) -> NDArray[np.bool_]:
    """Which of the CSR entries go from the lower to the higher unit."""
    ends = np.repeat(np.arange(len(neighbours.indptr) - 1), np.diff(neighbours.indptr))
    up: NDArray[np.bool_] = ends < neighbours.indices
    return up


def border_weights(neighbours: Neighbours) -> Floats:
    """Border of each CSR entry in units of the mean positive border; 1 for bridge and ferry."""
    border = neighbours.border_meters
    real = border > 0
    if not real.any():
        return np.ones(len(border))
    weights: Floats = np.where(real, border / border[real].mean(), 1.0)
    return weights
