"""What lies beyond tolerance is mended by annealing a few neighbouring jurisdictions anew.

Where units are large against the tolerance, a search of the whole map ends with a few
jurisdictions just outside. A group of two to six neighbours, grown from one of these towards those
that lie off the other way, is cut out whole, heated until its borders are forgotten and cooled at a
rising price of imbalance; what it loses by chance another draw wins. Four groups are tried a round
and those that serve the plan are taken, none that shares a jurisdiction with a better one (a large
neighbourhood search; Shaw, 1998).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.field import Arena
from optimizer.redraw.kernel import set_up
from optimizer.redraw.kernel_anneal import anneal
from optimizer.redraw.kernel_live import worth_of
from optimizer.redraw.kernel_values import Field, Ints
from optimizer.redraw.problem import RedrawParams
from optimizer.redraw.region import region_of
from optimizer.run import Stop

TRIES = 4  # groups of a round, however many threads there are
LARGEST = 6  # jurisdictions of a group
PROPOSALS_PER_UNIT = 800
MOST_PROPOSALS = 400_000  # of one group
ROUND_PROPOSALS = 6_000_000  # of each of ``polish_rounds``
WORTHWHILE = 0.1  # of what is beyond tolerance, to be gained by each of them
STALE_ROUNDS = 50  # without a gain: what is left is not to be had this way
SETTLE_PROPOSALS = 12_000  # a unit, within
LEAST_SETTLING, MOST_SETTLING = 12_000_000, 60_000_000
LUMPY = 4.0  # tolerances in the largest unit, from which balance costs shape
TYPICAL = 12.0  # times the unit met by load: a single unit larger than that is not the rule
FIRST_SECONDS = 0.3  # of a round, before one was made
MEND_PRICE = 100.0  # energy a mean beyond tolerance may cost to mend, at first
DEARER = 2.0  # times that after each round that gained nothing at the price
MOST_PRICE = 1e4  # at which little gained means that the tolerance is out of reach
TIRED = 0.7  # a jurisdiction's turn comes later with each vain try

Floats = NDArray[np.float64]
Key = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """How a group is annealed: (start, end) of heat, price and soft square; see ``anneal``."""

    heat: tuple[float, float] = (0.7, 1e-3)
    price: tuple[float, float] = (1.0, 100.0)
    soft: tuple[float, float] = (0.1, 0.002)
    edge: float = 0.95
    swaps: float = 0.4


CALM = Heat(heat=(0.1, 1e-3), price=(1.0, 100.0))
"""Borders stay about where they are: for cost, not for balance."""

NEAR = Heat(heat=(0.1, 1e-3), price=(20.0, 300.0), soft=(0.05, 5e-4))
"""Borders stay about where they are, for balance: what lacks little is mended without fraying."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """A few jurisdictions cut out: the kernel's field of their units, and who has them now."""

    seats: tuple[int, ...]
    members: Ints
    field: Field
    start: Ints

    def key(self, owner: Ints) -> Key:
        """What is beyond tolerance, then the cost, of these owners of the members."""
        unfit, cost = worth_of(self.field.before, self.field, set_up(self.field, owner.copy()))
        return round(unfit, 9), cost


def mended(
    owner: Ints, arena: Arena, params: RedrawParams, stop: Stop, *, draws: int = 1
) -> tuple[Ints, int]:
    """An assignment with less beyond tolerance, contiguous, and the proposals it took.

    Ends when nothing is beyond tolerance, when nothing was gained for long, when one of the
    ``polish_rounds`` took less than a tenth off at any price (the tolerance is out of reach), or
    after them all.
    A gain in balance is taken at first only where it costs little, then at a price that rises while
    nothing is to be had for it. ``draws`` names the series of random draws. ``stop`` is asked
    between rounds of groups, a second or less each.
    """
    left = _budget(ROUND_PROPOSALS * params.polish_rounds, stop)
    best, spent, stale, turn, price = owner.copy(), 0, 0, 0, MEND_PRICE
    look, known = ROUND_PROPOSALS, float(excess(owner, arena).sum())
    tired, clock = np.zeros(arena.problem.executives), RoundClock(stop)
    with ThreadPoolExecutor(max_workers=params.threads) as pool:
        while spent < left and stale < STALE_ROUNDS and clock.has_time():
            over = excess(best, arena)
            if over.max() <= 1e-9:
                break
            if spent >= look:
                if float(over.sum()) > (1 - WORTHWHILE) * known and price >= MOST_PRICE:
                    break
                look, known = spent + ROUND_PROPOSALS, float(over.sum())
            draw = np.random.default_rng([params.seed, draws, turn])
            groups = _groups(best, arena, over, tired, draw)
            heats = [(NEAR, Heat())[(turn + place) % 2] for place in range(len(groups))]
            taken = _tried(best, groups, draw, heats, pool, price)
            tired[list(taken)] = 0
            spent += sum(map(_work, groups))
            stale, turn = (0 if taken else stale + 1), turn + 1
            price *= 1.0 if taken else DEARER
    return best, spent


def settled(owner: Ints, arena: Arena, params: RedrawParams, stop: Stop) -> tuple[Ints, int]:
    """An assignment no worse that costs less, groups anywhere annealed anew; the proposals spent.

    Only where a unit is large against the tolerance, as balance there was paid for with shape.
    """
    if lumps(arena) < LUMPY or params.polish_rounds == 0:
        return owner, 0
    wanted = min(max(SETTLE_PROPOSALS * len(owner), LEAST_SETTLING), MOST_SETTLING)
    left = _budget(wanted, stop)
    best, spent, turn = owner.copy(), 0, 0
    tired, clock = np.zeros(arena.problem.executives), RoundClock(stop)
    with ThreadPoolExecutor(max_workers=params.threads) as pool:
        while spent < left and clock.has_time():
            draw = np.random.default_rng([params.seed, 0, turn])
            groups = _groups(best, arena, draw.random(len(tired)) + 0.5, tired, draw)
            if not groups:
                break
            _tried(best, groups, draw, [CALM] * len(groups), pool, np.inf)
            spent, turn = spent + sum(map(_work, groups)), turn + 1
    return best, spent


class RoundClock:
    """Whether there is time for one more round as long as the longest yet, and for some after.

    ``first_seconds`` is what a round takes before one was made; ``spare_rounds`` is how many more
    of them follow the last.
    """

    def __init__(
        self, stop: Stop, *, first_seconds: float = FIRST_SECONDS, spare_rounds: float = 0.0
    ) -> None:
        self.stop, self.rounds = stop, 1 + spare_rounds
        self.longest, self.last = first_seconds, stop.elapsed_seconds

    def has_time(self) -> bool:
        """To be asked before each round."""
        now = self.stop.elapsed_seconds
        self.longest, self.last = max(self.longest, now - self.last), now
        left = self.stop.seconds_left
        return self.stop.now() is None and (left is None or left > self.rounds * self.longest)


def _budget(wanted: int, stop: Stop) -> int:
    return wanted if stop.iterations is None else min(wanted, stop.iterations)


def lumps(arena: Arena) -> float:
    """The largest unit in tolerances, or 12 times the one that load lies in on average, if less.

    Of very many units the largest is an outlier, which one jurisdiction has to live with.
    """
    size = arena.field.load * arena.field.scale
    met = (size**2).sum(axis=0) / np.maximum(size.sum(axis=0), 1e-12)
    return float(np.minimum(size.max(axis=0), TYPICAL * met).max())


def _tried(
    best: Ints,
    groups: list[Group],
    draw: np.random.Generator,
    heats: list[Heat],
    pool: ThreadPoolExecutor,
    price: float,
) -> set[int]:
    """Anneal the groups side by side and write the gains into ``best``; whom they changed."""
    seeds = draw.integers(1, 2**63, size=len(groups), dtype=np.uint64)
    return _take_best(best, groups, list(pool.map(_annealed, groups, seeds, heats)), price)


def held_by(owner: Ints, arena: Arena) -> Floats:
    """Loads of each jurisdiction in means, (p, m)."""
    field, p = arena.field, arena.problem.executives
    rows = [np.bincount(owner, load, minlength=p) for load in field.load.T]
    return np.column_stack(rows) + field.carried


def excess(owner: Ints, arena: Arena) -> Floats:
    """What each jurisdiction lies beyond tolerance, summed over loads, in means."""
    off = np.abs(held_by(owner, arena) - 1)
    return np.asarray(np.maximum(off - 1 / arena.field.scale, 0).sum(axis=1))


def around(owner: Ints, arena: Arena) -> list[set[int]]:
    """Neighbouring jurisdictions of each."""
    field, p = arena.field, arena.problem.executives
    ends = np.repeat(np.arange(len(owner)), np.diff(field.indptr))
    pairs = np.unique(owner[ends].astype(np.int64) * p + owner[field.indices])
    near: list[set[int]] = [set() for _ in range(p)]
    for one, other in zip((pairs // p).tolist(), (pairs % p).tolist(), strict=True):
        if one != other:
            near[one].add(other)
    return near


def cut_group(seats: tuple[int, ...], owner: Ints, arena: Arena) -> Group:
    """These jurisdictions as a field of their own, today's owners and prices kept."""
    whole, p = arena.field, arena.problem.executives
    region = region_of(seats, owner, arena, team=p, free=whole.free)
    place = np.full(p + 1, -1, dtype=np.int32)
    place[list(seats)] = np.arange(len(seats))
    members = region.members
    road = whole.road
    field = region.field._replace(
        before=np.ascontiguousarray(place[whole.before[members]]),
        move_cost=np.ascontiguousarray(whole.move_cost[members]),
        road=np.ascontiguousarray(road[members][:, list(seats)]) if len(road) else road,
    )
    return Group(seats=seats, members=members, field=field, start=region.start)


def _groups(
    owner: Ints, arena: Arena, over: Floats, tired: Floats, draw: np.random.Generator
) -> list[Group]:
    """The groups of a round, each about the jurisdiction most in need that was tried least."""
    near, off = around(owner, arena), held_by(owner, arena) - 1
    groups = []
    for _ in range(TRIES):
        need = over * TIRED**tired
        worst = int(need.argmax())
        tired[worst] += 1
        seats = _grown(
            worst, near, off * arena.field.scale, int(draw.integers(2, LARGEST + 1)), draw
        )
        if len(seats) > 1:
            groups.append(cut_group(seats, owner, arena))
    return groups


def _grown(
    first: int, near: list[set[int]], off: Floats, size: int, draw: np.random.Generator
) -> tuple[int, ...]:
    """Neighbours joined to the first, by chance, rather those that lie off the other way."""
    seats = [first]
    while len(seats) < size:
        rim = sorted(set().union(*(near[seat] for seat in seats)) - set(seats))
        if not rim:
            break
        against = 0.1 * off[rim] @ off[seats].sum(axis=0) + draw.gumbel(size=len(rim))
        seats.append(rim[int(against.argmin())])
    return tuple(sorted(seats))


def _work(group: Group) -> int:
    return min(PROPOSALS_PER_UNIT * len(group.members), MOST_PROPOSALS)


def _annealed(group: Group, seed: np.uint64, heat: Heat) -> Ints:
    owner = group.start.copy()
    anneal(
        group.field, owner, np.array([seed], dtype=np.uint64), _work(group), np.array(heat.heat),
        np.array(heat.price), np.array(heat.soft), heat.edge, heat.swaps,
    )  # fmt: skip
    return owner


def _take_best(owner: Ints, groups: list[Group], found: list[Ints], price: float) -> set[int]:
    """Write the gains into ``owner``, the greatest first; gives the jurisdictions changed.

    A gain in balance counts where it costs no more than ``price``, energy for each mean mended.
    """
    gains = []
    for number, (group, new) in enumerate(zip(groups, found, strict=True)):
        was, now = group.key(group.start), group.key(new)
        mended_means, cost = was[0] - now[0], now[1] - was[1]
        if now < was and (cost <= 0 or cost <= price * mended_means):
            gains.append((cost / price - mended_means, cost, number))
    changed: set[int] = set()
    for _, _, number in sorted(gains):
        group = groups[number]
        if changed.isdisjoint(group.seats):
            owner[group.members] = np.array(group.seats, dtype=np.int32)[found[number]]
            changed.update(group.seats)
    return changed
