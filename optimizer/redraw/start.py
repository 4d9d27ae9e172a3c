"""Where the search begins: power diagrams with two kinds of prices.

The power diagram gives each unit to the centre of least squared distance + base price + slope x
log of its smoothed load ratio; prices follow the deviations, centres follow Lloyd (after Brieden,
Gritzmann and Klemm, constrained clustering via diagrams; the second price is our addition, without
which one price per jurisdiction cannot balance two loads).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_start import assign_priced
from optimizer.redraw.kernel_values import Floats, Ints

CANDIDATES = 10  # nearest centres a unit may go to
SMOOTHING = 12  # neighbour averages of the load ratio; less gives salt and pepper
PASSES = 10  # of prices in a round
ROUNDS = 14  # of prices, each followed by a move of the centres
FULL_ROUNDS = 4  # the last ones, on all units; the first go on a sample where there are many
SAMPLE_UNITS = 4_000  # of a sample at least
SAMPLE_SHARE = 40  # units of a sample for each centre at least
STEP = 2.0  # of a price, per unit of deviation, in squared half distances between centres
UNIFORM_SHARE = 0.3  # of the shape weight, spread evenly so that empty units do not fray


def each_part(arena: Arena) -> Iterator[tuple[NDArray[np.int64], list[int]]]:
    """Units and executive positions of each part of the graph."""
    seating = arena.problem.seating
    free = list(range(arena.problem.executives))
    homes = arena.field.homes if arena.field.at_home else None
    for label, seats in enumerate(seating.seats):
        units = np.flatnonzero(seating.part == label)
        if homes is None:
            mine, free = free[:seats], free[seats:]
        else:
            mine = _at_home_in(arena, label)
        yield units, mine


def _at_home_in(arena: Arena, label: int) -> list[int]:
    from scipy.spatial import cKDTree

    _, nearest = cKDTree(arena.field.place).query(arena.field.homes)
    inside = arena.problem.seating.part[nearest] == label
    return np.flatnonzero(inside).tolist()


def power_start(
    arena: Arena, rng: np.random.Generator, is_over: Callable[[], bool] = lambda: False
) -> Ints:
    """Owners by a balanced power diagram in every part; not always contiguous.

    Where units are many, centres and prices are found on a sample first: the time of a start is
    then that of its last rounds. Once ``is_over`` says so, prices stay as they are.
    """
    owner = np.empty(len(arena.field.place), dtype=np.int32)
    for units, mine in each_part(arena):
        sample = _sample(units, len(mine), rng)
        centers = _first_centers(arena, sample, mine, rng)
        early = ROUNDS - FULL_ROUNDS if len(sample) < len(units) else 0
        diagram = Diagram.of(centers, arena)
        if early:
            diagram.balance(arena, sample, range(early), is_over)
        local = diagram.balance(arena, units, range(early, ROUNDS), is_over)
        owner[units] = np.asarray(mine, dtype=np.int32)[local]
    return owner


def _sample(units: NDArray[np.int64], centers: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """All units, or so many of them as suffice for the first rounds."""
    enough = max(SAMPLE_UNITS, SAMPLE_SHARE * centers)
    if len(units) <= 2 * enough:
        return units
    return np.sort(rng.choice(units, size=enough, replace=False))


def _shape_weight(arena: Arena, units: NDArray[np.int64]) -> Floats:
    weight = arena.field.weight[units]
    even = np.full(len(units), 1.0 if weight.sum() <= 0 else weight.sum() / len(units))
    mixed: Floats = (1 - UNIFORM_SHARE) * weight + UNIFORM_SHARE * even
    return mixed


def _first_centers(
    arena: Arena, units: NDArray[np.int64], mine: list[int], rng: np.random.Generator
) -> Floats:
    """The homes if they are fixed, else k-means++ draws by shape weight."""
    if arena.field.at_home:
        return np.ascontiguousarray(arena.field.homes[mine])
    place, weight = arena.field.place[units], _shape_weight(arena, units)
    chosen = [int(rng.choice(len(units), p=weight / weight.sum()))]
    nearest = ((place - place[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < len(mine):
        chance = weight * nearest
        if chance.sum() <= 0:
            rest = np.setdiff1d(np.arange(len(units)), chosen)
            chosen.append(int(rng.choice(rest)))
        else:
            chosen.append(int(rng.choice(len(units), p=chance / chance.sum())))
        nearest = np.minimum(nearest, ((place - place[chosen[-1]]) ** 2).sum(axis=1))
    return np.ascontiguousarray(place[chosen])


@dataclass(slots=True, kw_only=True)
class Diagram:
    """A power diagram on its way: centres (p, 2), base price (p,), slopes (p, r) of the ratios."""

    centers: Floats
    base: Floats
    slope: Floats
    ratio: Floats

    @classmethod
    def of(cls, centers: Floats, arena: Arena) -> "Diagram":
        """These centres, all prices 0."""
        ratio = _ratios(arena)
        p = len(centers)
        slope = np.zeros((p, ratio.shape[1]))
        return cls(centers=centers, base=np.zeros(p), slope=slope, ratio=ratio)

    def balance(
        self,
        arena: Arena,
        units: NDArray[np.int64],
        rounds: range,
        is_over: Callable[[], bool] = lambda: False,
    ) -> Ints:
        """Prices and centres moved in turn on these units; owners 0 to p - 1 of the last pass.

        The loads of these units count as the whole: a sample is scaled up.
        """
        place = np.ascontiguousarray(arena.field.place[units])
        load = np.ascontiguousarray(arena.field.load[units])
        p = len(self.centers)
        load = load * (p / np.maximum(load.sum(axis=0), 1e-12))
        ratio = np.ascontiguousarray(self.ratio[units])
        owner, held = np.zeros(len(units), dtype=np.int32), np.zeros((p, load.shape[1]))
        for turn in rounds:
            near = nearest_centers(place, self.centers)
            step = STEP / (1 + 0.15 * turn) * own_squares(self.centers)[:, None]
            for _ in range(PASSES):
                assign_priced(
                    place, load, ratio, near, self.centers, self.base, self.slope, owner, held
                )
                off = step * np.clip(held - 1, -0.8, 0.8)
                self.base += off.mean(axis=1)
                if ratio.shape[1]:
                    self.slope += off - off.mean(axis=1, keepdims=True)
                if is_over():
                    return owner
            if not arena.field.at_home and turn < rounds[-1]:
                self.centers = _recentred(arena, units, owner, self.centers)
        return owner


def own_squares(centers: Floats) -> Floats:
    """Squared half distance of each centre to its nearest other: the length prices step in."""
    from scipy.spatial import cKDTree

    if len(centers) < 2:
        return np.ones(1)
    distance = np.asarray(cKDTree(centers).query(centers, k=2)[0])
    return np.asarray((distance[:, 1] / 2) ** 2 + 1e-6)


def nearest_centers(place: Floats, centers: Floats, count: int = CANDIDATES) -> Ints:
    """The nearest centres of each place, (n, c)."""
    from scipy.spatial import cKDTree

    width = min(count, len(centers))
    _, near = cKDTree(centers).query(place, k=width)
    return np.ascontiguousarray(np.asarray(near).reshape(len(place), width), dtype=np.int32)


def _ratios(arena: Arena) -> Floats:
    """Log of each smoothed load over their mean, (n, m); no columns for a single load."""
    field = arena.field
    if field.load.shape[1] < 2:
        return np.zeros((len(field.place), 0))
    from scipy.sparse import csr_array

    n = len(field.place)
    graph = csr_array((np.ones(len(field.indices)), field.indices, field.indptr), shape=(n, n))
    degrees = np.diff(field.indptr)[:, None]
    smooth = field.load
    for _ in range(SMOOTHING):
        smooth = np.asarray(smooth + graph @ smooth) / (1 + degrees)
    smooth = smooth + 1e-9
    mean = smooth.mean(axis=1, keepdims=True)
    return np.ascontiguousarray(np.clip(np.log(smooth / mean), -1.5, 1.5))


def _recentred(arena: Arena, units: NDArray[np.int64], owner: Ints, centers: Floats) -> Floats:
    """Weighted means of what each centre holds; a centre that holds nothing stays."""
    place, weight = arena.field.place[units], _shape_weight(arena, units)
    total = np.bincount(owner, weights=weight, minlength=len(centers))
    moved = centers.copy()
    has = total > 0
    for axis in (0, 1):
        sums = np.bincount(owner, weights=weight * place[:, axis], minlength=len(centers))
        moved[has, axis] = sums[has] / total[has]
    return moved
