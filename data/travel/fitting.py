"""Fits a market's observed drive times: a factor per road class and one for turns.

The time of a drive is linear in the factors once its path is known: the sum over classes of the
seconds driven on them, plus the seconds of its turns. So paths and factors are found in turn.
Factors minimise relative errors by Huber's loss (1964), so that a few drives with a stop on the
way do not bend them, and are held to 1 by a ridge whose strength cross-validation chooses: a class
that few drives used stays near what the network says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from data.travel.calibration import TimeCalibration, TimeErrors
from data.travel.engines import Engines
from data.travel.graph import turn_graph
from data.travel.observed import ObservedTimes
from data.travel.paths import Drive, fastest_drive
from data.travel.periods import arc_factor
from data.travel.snap import Snapped, Snapper
from territory.errors import InputError

Numbers = NDArray[np.float64]
Progress = Callable[[str, float], None]

FEWEST_TRIPS: Final = 10
MOST_TRIPS: Final = 2_000
"""More are sampled down to this many: they cost time and hardly move the factors."""

FOLDS: Final = 5
ROUNDS: Final = 3
"""Times that paths are found anew under the factors of the round before."""

HOLDS: Final = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Strengths of the ridge, as so many drives that use nothing but the class and say 1."""

BOUNDS: Final = (0.2, 5.0)
HUBER: Final = 1.345
SMALLEST_SPREAD: Final = 0.02
MAX_SNAP_METERS: Final = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Driven:
    """What n drives are made of: seconds per class, of turns (the last column), and on foot."""

    parts: Numbers
    on_foot: Numbers

    def told(self, factors: Numbers) -> Numbers:
        return np.asarray(self.parts @ factors + self.on_foot, dtype=np.float64)

    def take(self, rows: NDArray[np.intp]) -> "_Driven":
        return _Driven(parts=self.parts[rows], on_foot=self.on_foot[rows])


def fit_calibration(
    network: RoadNetwork,
    observed: ObservedTimes,
    *,
    max_snap_meters: float = MAX_SNAP_METERS,
    seed: int = 0,
    progress: Progress | None = None,
) -> TimeCalibration:
    """The factors under which the network tells these times best.

    Where they tell unseen drives no better than the network does by itself, all are 1.

    Raises
    ------
    InputError
        If fewer than ``FEWEST_TRIPS`` drives join the network and one another.
    """
    rng = np.random.default_rng(seed)
    given = len(observed)
    if given > MOST_TRIPS:
        observed = observed.take(np.sort(rng.permutation(given)[:MOST_TRIPS]))
    say = progress or _quiet
    router = _Router(network, max_snap_meters)
    neutral = np.ones(len(network.classes) + 1)
    say("Find the paths of the drives", 0.0)
    driven, has_way = router.drive(observed, neutral)
    trips = observed.take(np.flatnonzero(has_way))
    if len(trips) < FEWEST_TRIPS:
        raise InputError(
            f"{len(trips)} of {given:,} drives can be driven on these roads; to calibrate takes "
            f"at least {FEWEST_TRIPS}.",
            fix="Give more drives, or look whether longitude and latitude are in their columns.",
        )
    say("Choose how far to trust them", 0.2)
    fold = rng.permutation(len(trips)) % FOLDS
    hold = _best_hold(driven, trips.seconds, fold)
    before = time_errors(driven.told(neutral), trips.seconds)
    after = time_errors(_held_out(router, trips, driven, fold, hold), trips.seconds)
    say("Fit the factors", 0.5)
    factors = neutral
    if after.mape_percent < before.mape_percent:
        factors = _fitted_with_paths(router, trips, driven, hold)
    named = {name: float(value) for name, value in zip(network.classes, factors, strict=False)}
    return TimeCalibration(
        class_factors={name: value for name, value in named.items() if value != 1.0},
        turn_factor=float(factors[-1]),
        trips=len(trips),
        left_out=given - len(trips),
        before=before,
        after=after,
    )


def _quiet(_message: str, _fraction: float) -> None:
    """A progress callback that tells nobody."""


def time_errors(told: Numbers, observed: Numbers) -> TimeErrors:
    """The errors of told against observed seconds, both (n,)."""
    ratio = told / observed
    low, middle, high = np.percentile(ratio, [5, 50, 95]).tolist()
    return TimeErrors(
        median_ratio=middle,
        p5_ratio=low,
        p95_ratio=high,
        mape_percent=float(100 * np.abs(ratio - 1).mean()),
    )


def _fitted_with_paths(
    router: "_Router", trips: ObservedTimes, driven: _Driven, hold: float
) -> Numbers:
    """Factors and paths in turn; of all rounds the factors whose own paths tell best."""
    best, least = np.ones(driven.parts.shape[1]), np.inf
    for _ in range(ROUNDS):
        factors = _fitted(driven, trips.seconds, hold)
        driven, _has_way = router.drive(trips, factors)
        error = float(np.abs(driven.told(factors) / trips.seconds - 1).mean())
        if error >= 0.999 * least:
            break
        best, least = factors, error
    return best


def _best_hold(driven: _Driven, seconds: Numbers, fold: NDArray[np.intp]) -> float:
    errors = []
    for hold in HOLDS:
        told = np.empty(len(seconds))
        for number in range(FOLDS):
            seen, unseen = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            factors = _fitted(driven.take(seen), seconds[seen], hold)
            told[unseen] = driven.take(unseen).told(factors)
        errors.append(float(np.abs(told / seconds - 1).mean()))
    return HOLDS[int(np.argmin(errors))]


def _held_out(
    router: "_Router",
    trips: ObservedTimes,
    driven: _Driven,
    fold: NDArray[np.intp],
    hold: float,
) -> Numbers:
    """The time of each drive by factors that never saw it, on the paths of those factors."""
    told = np.empty(len(trips))
    for number in range(FOLDS):
        seen, unseen = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        factors = _fitted(driven.take(seen), trips.seconds[seen], hold)
        anew, _has_way = router.drive(trips.take(unseen), factors)
        told[unseen] = anew.told(factors)
    return told


def _fitted(driven: _Driven, seconds: Numbers, hold: float) -> Numbers:
    """Factors by iteratively reweighted least squares within bounds."""
    from scipy.optimize import lsq_linear

    shares = driven.parts / seconds[:, None]
    wanted = (seconds - driven.on_foot) / seconds
    count = shares.shape[1]
    low = np.append(np.full(count - 1, BOUNDS[0]), 0.0)
    ridge = np.sqrt(hold) * np.eye(count)
    weight, factors = np.ones(len(seconds)), np.ones(count)
    for _ in range(30):
        rows = np.concatenate([np.sqrt(weight)[:, None] * shares, ridge])
        ends = np.concatenate([np.sqrt(weight) * wanted, np.full(count, np.sqrt(hold))])
        # Solved for the change from 1, so that a class nobody drove stays exactly there.
        change = lsq_linear(rows, ends - rows.sum(axis=1), bounds=(low - 1, BOUNDS[1] - 1)).x
        earlier, factors = factors, np.where(shares.any(axis=0), 1 + change, 1.0)
        error = np.abs(wanted - shares @ factors)
        spread = max(1.4826 * float(np.median(error)), SMALLEST_SPREAD)
        weight = np.minimum(1.0, HUBER * spread / np.maximum(error, 1e-9))
        if np.abs(factors - earlier).max() < 1e-4:
            break
    return factors


class _Router:
    """Finds the paths of drives under given factors, and what they are made of."""

    def __init__(self, network: RoadNetwork, max_snap_meters: float) -> None:
        self.network = network
        self.snapper = Snapper(network=network, max_meters=max_snap_meters)
        self.engines = Engines(network=network)
        self.classes = network.arc_class()
        before = np.repeat(np.arange(network.arc_count), np.diff(network.turn_first))
        key = before * network.arc_count + network.turn_arc
        order = np.argsort(key)
        self.turn_key, self.turn_seconds = key[order], network.turn_deciseconds[order] / 10

    def drive(self, observed: ObservedTimes, factors: Numbers) -> tuple[_Driven, NDArray[np.bool_]]:
        """What the drives that have a way are made of, and which these are (n,)."""
        ends = np.stack([observed.start, observed.end], axis=1).reshape(-1, 2)
        snapped = self.snapper.snap(ends)
        walks = snapped.stub_deciseconds.reshape(-1, 2).sum(axis=1) / 10
        parts = np.zeros((len(observed), len(factors)))
        has_way = np.zeros(len(observed), dtype=np.bool_)
        for period in sorted(set(observed.period)):
            rows = [row for row, word in enumerate(observed.period) if word == period]
            self._drive_at(period, rows, snapped, factors, parts, has_way)
        return _Driven(parts=parts[has_way], on_foot=walks[has_way]), has_way

    def _drive_at(
        self,
        period: str,
        rows: list[int],
        snapped: Snapped,
        factors: Numbers,
        parts: Numbers,
        has_way: NDArray[np.bool_],
    ) -> None:
        hour = arc_factor(self.network, period)
        graph = turn_graph(
            self.network, factor=hour * factors[self.classes], turn_factor=float(factors[-1])
        )
        _, engine = self.engines.ready(None, work=len(rows))
        for row in rows:
            pair = snapped.take(slice(2 * row, 2 * row + 2))
            drive = fastest_drive(self.network, graph, engine, pair) if _joins(pair) else None
            if drive is not None:
                has_way[row] = True
                parts[row] = self._made_of(drive, hour)

    def _made_of(self, drive: Drive, hour: Numbers) -> Numbers:
        arcs = drive.arcs
        share = np.ones(len(arcs))
        share[0] -= drive.begin
        share[-1] -= 1 - drive.end
        seconds = self.network.deciseconds[arcs] / 10 * hour[arcs] * share
        driven = np.bincount(self.classes[arcs], seconds, minlength=len(self.network.classes))
        turns = arcs[:-1].astype(np.int64) * self.network.arc_count + arcs[1:]
        turning = self.turn_seconds[np.searchsorted(self.turn_key, turns)].sum()
        return np.append(driven, turning)


def _joins(pair: Snapped) -> bool:
    return bool(pair.is_joined.all() and pair.component[0] == pair.component[1])
