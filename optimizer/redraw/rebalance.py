"""Land shared anew among a few: a vacancy absorbed, a newcomer seated, rings rebalanced."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.kernel_anneal import anneal
from optimizer.redraw.kernel_live import by_steps, ease, share_out, take_land
from optimizer.redraw.kernel_values import Rate
from optimizer.redraw.live_words import neighbours_of
from optimizer.redraw.region import Region, region_of

if TYPE_CHECKING:
    from optimizer.redraw.live import LiveAlignment

Longs = NDArray[np.int64]
Legs = tuple[tuple[float, float], tuple[float, float], tuple[float, float], float]

EVEN = Rate(3.0, 0.0, 0.0)  # every deviation counts, so that a vacancy is shared evenly
STRICT = Rate(300.0, 0.95, 1e-3)  # tolerance before shape
PROPOSALS_PER_UNIT = 120
MOST_PROPOSALS = 120_000  # of one rebalance: keeps it under 300 ms
EASING_ROUNDS = 3  # after a vacancy or a hire: keeps an edit to a few milliseconds
GENTLE: Legs = ((0.05, 1e-3), (2.0, 40.0), (1.0, 0.01), 0.7)
COLD: Legs = ((1e-3, 1e-5), (40.0, 1000.0), (0.01, 1e-4), 0.3)


def rebalanced(
    live: "LiveAlignment", chosen: tuple[int, ...], *, rings: int, seed: int
) -> tuple[Longs, Longs, tuple[str, ...]]:
    """Units that change hands when only these jurisdictions and rings around them may change."""
    seats = set(chosen)
    for _ in range(rings):
        seats |= neighbours_of(live, seats)
    seats = {seat for seat in seats if live.tally[seat]}
    if len(seats) < 2:
        return *_nothing(), ("There is no neighbour to share with.",)
    region = region_of(
        tuple(sorted(seats)), live.owner, live.arena, team=live.team, free=live.binding < 0
    )
    work = min(PROPOSALS_PER_UNIT * len(region.members), MOST_PROPOSALS)
    better = _annealed(region, work, seed, (GENTLE, COLD))
    if better is None:
        return *_nothing(), ("Nothing better was found here; all stays as it is.",)
    unfit, was = better.key()[0], region.key()[0]
    note = (
        f"{len(seats)} jurisdictions took part; beyond tolerance goes from {100 * was:.2f} to "
        f"{100 * unfit:.2f} % of a mean jurisdiction, summed."
    )
    return *better.changed(), (note, *_together(live, sorted(seats)))


def _together(live: "LiveAlignment", seats: list[int]) -> tuple[str, ...]:
    """A word for each load of which these jurisdictions hold more or less than borders can mend."""
    problem, off = live.problem, live.deviations()[:, seats].mean(axis=1)
    return tuple(
        f"Together they hold {mean:+.2f} % of the mean in {name}, beyond the {limit:g} % allowed: "
        "no borders among them can mend that, more rings can."
        for name, mean, limit in zip(
            problem.load_names, off.tolist(), problem.limits_percent.tolist(), strict=True
        )
        if abs(mean) > limit
    )


def shared_out(live: "LiveAlignment", leaver: int) -> tuple[Longs, Longs]:
    """The units of one who leaves and who gets them, -1 for units that border nobody."""
    mine = np.flatnonzero(live.owner == leaver)
    around = sorted(neighbours_of(live, {leaver}))
    if not around or not len(mine):
        return mine, np.full(len(mine), -1)
    region = region_of(
        (leaver, *around), live.owner, live.arena, team=live.team - 1, free=live.owner == leaver
    )
    room = np.empty(len(region.members), dtype=np.int32)
    share_out(0, room, region.field, region.state, EVEN)
    ease(EASING_ROUNDS, room, region.field, region.state, STRICT)
    gone = np.isin(region.members, mine)
    owner = region.state.owner[gone]
    seats = np.array(region.seats)[owner]
    return region.members[gone].astype(np.int64), np.where(owner == 0, -1, seats)


def halved(live: "LiveAlignment", seat: int, newcomer: int) -> Longs:
    """About half of a jurisdiction for a newcomer, from its rim; the rest stays one piece."""
    region = region_of(
        (seat, newcomer), live.owner, live.arena, team=live.team, free=live.binding < 0
    )
    state, field = region.state, region.field
    half = float(state.held[0].mean()) / 2
    rim = by_steps(0, field)[-1]
    take_land(by_steps(int(rim), field), 1, half, 0.0, field, state)
    return region.changed()[0]


def grown(live: "LiveAlignment", newcomer: int, at: int | None) -> tuple[Longs, Longs]:
    """Units that change hands when a newcomer takes land around a unit and the rest evens out."""
    if at is None:
        heaviest = int(
            np.argmax((live.held / np.maximum(live.held.sum(1), 1e-12)[:, None]).mean(0))
        )
        at = _middle(live, heaviest)
    start = int(live.owner[at])
    if start < 0:
        return np.array([at]), np.array([newcomer])
    seats = (newcomer, start, *sorted(neighbours_of(live, {start}) - {newcomer}))
    region = region_of(seats, live.owner, live.arena, team=live.team + 1, free=live.binding < 0)
    target = float(region.state.held.mean(axis=1).sum()) / len(seats)
    seed = int(np.searchsorted(region.members, at))
    order = by_steps(seed, region.field)
    take_land(order, 0, target, target / 2, region.field, region.state)
    if region.state.tally[0]:
        room = np.empty(len(region.members), dtype=np.int32)
        ease(EASING_ROUNDS, room, region.field, region.state, STRICT)
    return region.changed()


def _middle(live: "LiveAlignment", seat: int) -> int:
    """The unit of a jurisdiction nearest to its centroid."""
    mine = np.flatnonzero(live.owner == seat)
    xy = live.problem.xy_meters[mine]
    return int(mine[((xy - xy.mean(axis=0)) ** 2).sum(axis=1).argmin()])


def _annealed(region: Region, proposals: int, seed: int, legs: tuple[Legs, ...]) -> Region | None:
    """The region after a search from where it stands, None if that found nothing better."""
    owner = region.state.owner.copy()
    rng = np.random.default_rng(seed).integers(1, 2**63, size=1, dtype=np.uint64)
    for heat, price, soft, share in legs:
        anneal(
            region.field, owner, rng, max(1, int(proposals * share)), np.array(heat),
            np.array(price), np.array(soft), 0.95, 0.4,
        )  # fmt: skip
    found = region.with_owners(owner)
    return found if found.key() < region.key() else None


def _nothing() -> tuple[Longs, Longs]:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
