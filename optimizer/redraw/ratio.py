"""The ratio floor: how long jurisdictions must be where two loads live in different places.

A jurisdiction J within tolerance has a(J) >= low w(J), low = (1 - t_a) / (1 + t_w), loads over
their means; where executives carry key accounts besides, low is the least of their own. If no two
of its units lie more than D apart, the units with a > low w make up for those with a < low w within
D of each. So a plan of such jurisdictions gives a transport from the first to the second over
distances up to D, and where the largest flow falls short, the smallest cut (Gale, 1957) names units
G with too little within D of them: no such plan exists, contiguous or
not. Flows run between boxes no further apart than D, which allows more than the units do; the
length for the found G is then taken unit by unit.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.islands import parts
from optimizer.redraw.problem import RedrawProblem
from territory.diagnosis import Finding
from territory.units.values import Neighbours

BOXES = 900  # more shorten the distances the flow allows, and take longer
ROUNDS = 9  # halvings of the length; the last step to the units makes up for the rest
WHOLE = 10**9
CLUMPS = 6  # of the units a cut names, those that want most are tried alone
FEW = 12  # rounds that look for the tolerance at which short jurisdictions can be balanced

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Usual = Callable[[Flags], float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """Units in boxes of one part each: ``box`` of each unit, ``corner`` (b, 2) in sides."""

    xy_meters: Floats
    part: NDArray[np.int64]
    box: NDArray[np.int64]
    corner: Floats
    neighbours: Neighbours
    part_of_box: NDArray[np.int64]
    side_meters: float

    @property
    def span_meters(self) -> float:
        """Longer than any two units lie apart."""
        return float(np.hypot(*np.ptp(self.xy_meters, axis=0))) + self.side_meters


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Thin:
    """Units ``inside`` that nothing within ``reach_meters`` makes up for; None: nothing at all."""

    inside: Flags
    reach_meters: float | None

    @property
    def length(self) -> float:
        """The reach, endless if there is none."""
        return math.inf if self.reach_meters is None else self.reach_meters


def round_meters(problem: RedrawProblem, inside: Flags, pair: tuple[int, int]) -> float:
    """Length of a round jurisdiction if the two loads lay everywhere as thick as in these units."""
    loads = problem.loads[list(pair)]
    share = float((loads[:, inside].sum(axis=1) / loads.sum(axis=1)).mean()) * problem.executives
    area = float(problem.area_square_meters[inside].sum())
    return 2 * math.sqrt(area / (math.pi * max(share, 1e-9)))


def ratio_floors(problem: RedrawProblem) -> tuple[Finding, ...]:
    """Proofs that jurisdictions must be longer than round ones to balance two loads; often none.

    The first is at the tolerances asked for, the second at the widest tolerances (each widened
    alike) that jurisdictions as short as a round one there cannot meet.
    """
    ground = ground_of(problem)
    worst: tuple[float, tuple[int, int], Thin] | None = None
    for pair in _pairs(problem):
        usual = partial(round_meters, problem, pair=pair)
        found = thin_units(_worth(problem, pair, 1.0), ground, usual)
        if found is not None:
            longer = found.length / usual(found.inside)
            if longer > (1.0 if worst is None else worst[0]):
                worst = (longer, pair, found)
    if worst is None:
        return ()
    _, pair, found = worst
    usual_meters = round_meters(problem, found.inside, pair)
    return (
        _finding(problem, pair, found, 1.0, usual_meters),
        *_at_usual_length(problem, pair, ground, usual_meters),
    )


def _pairs(problem: RedrawProblem) -> Iterator[tuple[int, int]]:
    used = [row for row, load in enumerate(problem.loads) if load.sum() > 0]
    yield from permutations(used, 2)


def _worth(problem: RedrawProblem, pair: tuple[int, int], wider: float) -> Floats:
    """What each unit adds to a jurisdiction's first load beyond what its second asks for."""
    rows, besides = problem.loads[list(pair)], problem.carried[list(pair)]
    means = (rows.sum(axis=1) + besides.sum(axis=1)) / problem.executives
    first, second = rows / means[:, None]
    tolerance = [min(problem.tolerance_percent[row] * wider / 100, 1.0) for row in pair]
    return np.asarray(first - least_ratio(tolerance, besides / means[:, None]) * second)


def least_ratio(tolerance: list[float], besides: Floats) -> float:
    """The least that the land of any executive holds of the first load for the second.

    ``besides`` (2, p) is what executives carry of both, in means: who carries most of the first
    needs the least land for it, who carries most of the second has the least room there.
    """
    needs = np.maximum(1 - tolerance[0] - besides[0], 0.0)
    room = np.maximum(1 + tolerance[1] - besides[1], 0.0)
    return float((needs / np.where(room > 0, room, np.inf)).min())


def ground_of(problem: RedrawProblem, *, boxes: int = BOXES) -> Ground:
    """The units in square boxes, about so many of them."""
    xy, part = problem.xy_meters, parts(problem.neighbours)
    origin = xy.min(axis=0)
    side = max(math.sqrt(float(problem.area_square_meters.sum()) / boxes), 1e-3)
    key = np.column_stack([np.floor((xy - origin) / side).astype(np.int64), part])
    corner, box = np.unique(key, axis=0, return_inverse=True)
    return Ground(
        xy_meters=xy,
        part=part,
        box=np.asarray(box, dtype=np.int64).ravel(),
        corner=corner[:, :2].astype(np.float64),
        neighbours=problem.neighbours,
        part_of_box=corner[:, 2],
        side_meters=side,
    )


def thin_units(worth: Floats, ground: Ground, usual: Usual) -> Thin | None:
    """The units that prove most against the usual length there; None if every want is met."""
    short, long = 0.0, ground.span_meters
    best: Thin | None = None
    for turn in range(ROUNDS):
        middle = (short + long) / 2 if turn else 0.0
        cut = _cut(worth, ground, middle)
        if cut is None and turn == 0:
            return None
        if cut is None:
            long = middle
            continue
        found = _best_reach(worth, ground, cut, usual)
        short = max(middle, min(found.length, long))
        if best is None or found.length / usual(found.inside) > best.length / usual(best.inside):
            best = found
    return best


def _best_reach(worth: Floats, ground: Ground, inside: Flags, usual: Usual) -> Thin:
    """What these units prove: all together, or the clump of them that proves most."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    around = ground.neighbours
    n = len(worth)
    graph = csr_array((np.ones(len(around.indices)), around.indices, around.indptr), shape=(n, n))
    units = np.flatnonzero(inside)
    count, label = connected_components(graph[units][:, units], directed=False)
    wants = np.bincount(label, -worth[units], minlength=count)
    first = np.argsort(-wants)[:CLUMPS].tolist() if count > 1 else []
    clumps = [np.isin(np.arange(n), units[label == clump]) for clump in first]
    proved = [_proved(worth, ground, clump) for clump in (inside, *clumps)]
    return max(proved, key=lambda each: each.length / usual(each.inside))


def _proved(worth: Floats, ground: Ground, inside: Flags) -> Thin:
    """How far from these units one must go until their want is made up for."""
    from scipy.spatial import cKDTree

    want = -float(worth[inside].sum())
    here = np.isin(ground.part, ground.part[inside]) & ~inside & (worth > 0)
    if want <= 1e-9:  # rounding must not make a proof
        return Thin(inside=inside, reach_meters=0.0)
    distance = np.full(len(worth), np.inf)
    for label in np.unique(ground.part[inside]).tolist():
        tree = cKDTree(ground.xy_meters[inside & (ground.part == label)])
        rows = here & (ground.part == label)
        if rows.any():
            distance[rows] = np.asarray(tree.query(ground.xy_meters[rows])[0])
    order = np.flatnonzero(here)[np.argsort(distance[here], kind="stable")]
    enough = np.flatnonzero(np.cumsum(worth[order]) >= want * (1 - 1e-9))
    reach = None if len(enough) == 0 else float(distance[order[enough[0]]]) * (1 - 1e-9)
    return Thin(inside=inside, reach_meters=reach)


def _cut(worth: Floats, ground: Ground, reach_meters: float) -> Flags | None:
    """Units of boxes whose want cannot be met within reach; None if all wants can be met."""
    from ortools.graph.python import max_flow

    count = len(ground.corner)
    surplus = np.bincount(ground.box, np.maximum(worth, 0), minlength=count)
    want = np.bincount(ground.box, np.maximum(-worth, 0), minlength=count)
    givers, takers = np.flatnonzero(surplus > 0), np.flatnonzero(want > 0)
    if len(takers) == 0:
        return None
    scale = WHOLE / max(float(want.sum()), float(surplus.sum()))
    offered = np.ceil(surplus[givers] * scale).astype(np.int64)
    wanted = np.floor(want[takers] * scale).astype(np.int64)
    giver, taker = _near_boxes(ground, givers, takers, reach_meters)
    source, sink = 2 * count, 2 * count + 1
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(
        np.concatenate([giver, np.full(len(givers), source), count + takers]).astype(np.int32),
        np.concatenate([count + taker, givers, np.full(len(takers), sink)]).astype(np.int32),
        np.concatenate([np.full(len(giver), 4 * WHOLE), offered, wanted]),
    )
    flow.solve(source, sink)
    if flow.optimal_flow() >= int(wanted.sum()):
        return None
    starved = np.zeros(count, dtype=np.bool_)
    on_sink_side = np.asarray(flow.get_sink_side_min_cut(), dtype=np.int64)
    boxes = on_sink_side[(on_sink_side >= count) & (on_sink_side < source)] - count
    starved[np.intersect1d(boxes, takers)] = True
    return np.asarray(starved[ground.box])


def _near_boxes(
    ground: Ground, givers: NDArray[np.int64], takers: NDArray[np.int64], reach_meters: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of boxes of one part that may hold units within reach of each other."""
    reach = (reach_meters / ground.side_meters) ** 2
    near = _squares(ground.corner[:, 0], givers, takers) + _squares(
        ground.corner[:, 1], givers, takers
    ) <= reach * (1 + 1e-6)
    near &= ground.part_of_box[givers][:, None] == ground.part_of_box[takers][None, :]
    one, other = np.nonzero(near)
    return givers[one], takers[other]


def _squares(
    corner: Floats, givers: NDArray[np.int64], takers: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Squared gap between boxes along one axis, in sides: whole numbers, so exact."""
    one, other = corner[givers].astype(np.float32), corner[takers].astype(np.float32)
    apart = np.abs(np.subtract.outer(one, other))
    apart -= 1
    np.maximum(apart, 0, out=apart)
    apart *= apart
    return np.asarray(apart)


def _at_usual_length(
    problem: RedrawProblem, pair: tuple[int, int], ground: Ground, usual_meters: float
) -> tuple[Finding, ...]:
    """The widest tolerances found that jurisdictions of the usual length cannot meet."""
    low, high = 1.0, 100 / max(max(problem.tolerance_percent[row] for row in pair), 1e-6)
    best: tuple[float, Thin] | None = None
    for _ in range(FEW):
        middle = math.sqrt(low * high)
        worth = _worth(problem, pair, middle)
        cut = _cut(worth, ground, usual_meters)
        found = None if cut is None else _best_reach(worth, ground, cut, lambda _: 1.0)
        if found is None or found.length <= usual_meters:
            high = middle
            continue
        low, best = middle, (middle, found)
    if best is None or best[0] < 1.05:
        return ()
    wider, found = best
    shortened = Thin(inside=found.inside, reach_meters=usual_meters)
    return (_finding(problem, pair, shortened, wider, None),)


def _finding(
    problem: RedrawProblem,
    pair: tuple[int, int],
    found: Thin,
    wider: float,
    usual_meters: float | None,
) -> Finding:
    names = tuple(problem.load_names[row] for row in pair)
    share = tuple(
        100 * float(problem.loads[row][found.inside].sum()) / float(problem.loads[row].sum())
        for row in pair
    )
    tolerance = tuple(min(problem.tolerance_percent[row] * wider, 100.0) for row in pair)
    made = Finding(
        kind="ratio_floor",
        load_names=names,
        tolerance_percent=tolerance,
        unit_ids=tuple(problem.unit_ids[unit] for unit in np.flatnonzero(found.inside).tolist()),
        share_percent=share,
        reach_meters=found.reach_meters,
    )
    return replace(made, text=_words(made, usual_meters))


def _words(found: Finding, usual_meters: float | None) -> str:
    (one, other), (first, second) = found.load_names, found.tolerance_percent
    within = f"±{first:.3g} %"
    if abs(first - second) > 1e-9:
        within += f" on {one} and ±{second:.3g} % on {other}"
    head = (
        f"These {len(found.unit_ids):,} units hold {found.share_percent[0]:.3g} % of {one} and "
        f"{found.share_percent[1]:.3g} % of {other}: at a tolerance of {within}"
    )
    if found.reach_meters is None:
        return f"{head} no plan exists, as nothing on their part of the market makes up for it."
    proof = (
        f"{head} a jurisdiction there must be longer than {found.reach_meters / 1000:.1f} km, as "
        "nothing nearer makes up for it"
    )
    if usual_meters is None:
        return f"{proof}."
    return f"{proof}; a round one is {usual_meters / 1000:.1f} km long there."
