"""How sure a score is: intervals, ranks under other weights, and what would change a unit most.

Everything that was estimated is drawn again a few hundred times from how well it is known: the
consumption nobody stated, the elasticities, the pull of distance, the rate at which we sell. The
middle 80 % of the draws is the interval shown (parametric bootstrap; OECD and JRC 2008, Handbook
on Constructing Composite Indicators, step 7). Draws are seeded and per unit in the order of unit
ids, so the same market has the same intervals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

Column = NDArray[np.float64]
Draws = NDArray[np.float32]

DRAWS: Final = 200
SEED: Final = 20_260
LOW: Final = 10.0
HIGH: Final = 90.0
WIDTH: Final = float(2 * ndtri(HIGH / 100))
"""Standard deviations from the 10th to the 90th percentile of a normal."""

WEIGHT_SWING: Final = 0.25
DECAY_SWING: Final = 0.25
"""Share by which the default pull of distance may be off, at the ends of its 80 % interval."""

_LEAST: Final = 0.05  # a draw never falls below this share of its unit's figure
_BLOCK: Final = 4_000

INPUTS: Final = (
    "companies whose consumption is estimated",
    "income elasticity",
    "zone elasticity",
    "pull of distance",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The figures of a score, all (n,), and what is known of their errors.

    ``reach_low`` and ``reach_high`` are reach with the pull of distance at the ends of its 80 %
    interval. ``rate_error`` and ``benchmark_error`` are standard errors of the shrunk penetration
    and of the benchmark. ``covariance`` is that of the two elasticities: var, cov, var.
    """

    consumption: Column
    consumption_error: Column
    by_income: Column
    by_zone: Column
    covariance: tuple[float, float, float]
    potential: Column
    is_calibrated: bool
    captured: Column
    reach: Column
    reach_low: Column
    reach_high: Column
    benchmark: Column
    benchmark_error: Column


def intervals(known: Known) -> dict[str, tuple[Column, Column]]:
    """10th and 90th percentile of consumption, potential, accessible and gap of every unit.

    Each interval holds the figure itself.
    """
    factors = _consumption_factors(known)
    calibration = _calibration(known, factors)
    generator = np.random.default_rng(SEED + 1)
    distance = generator.standard_normal(DRAWS).astype(np.float32)
    found: dict[str, list[tuple[Column, Column]]] = {name: [] for name in _figures(known)}
    for start in range(0, len(known.potential), _BLOCK):
        block = slice(start, start + _BLOCK)
        peers = generator.standard_normal((len(known.potential[block]), DRAWS), dtype=np.float32)
        drawn = _drawn(known, block, factors[block], calibration, distance, peers)
        for name, draws in drawn.items():
            low, high = np.percentile(draws, [LOW, HIGH], axis=1)
            found[name].append((low, high))
    return {name: _holding(figure, found[name]) for name, figure in _figures(known).items()}


def _figures(known: Known) -> Mapping[str, Column]:
    return {
        "consumption": known.consumption,
        "potential": known.potential,
        "accessible": known.potential * known.reach,
        "gap": np.maximum(0.0, known.benchmark * known.potential - known.captured),
    }


def _consumption_factors(known: Known) -> Draws:
    """Consumption of every unit in every draw, against the figure shown; (n, draws)."""
    generator = np.random.default_rng(SEED)
    count = len(known.consumption)
    elastic = _elastic_draws(known, generator)
    safe = np.where(known.consumption > 0, known.consumption, 1.0)
    relative = np.where(known.consumption > 0, known.consumption_error / safe, 0.0)
    # A lognormal with mean 1 and this relative error: money is never negative.
    spread = np.sqrt(np.log1p(relative**2)).astype(np.float32)
    noise = generator.standard_normal((count, DRAWS), dtype=np.float32)
    own = np.exp(spread[:, None] * noise - spread[:, None] ** 2 / 2)
    moved = np.column_stack([known.by_income, known.by_zone]) / safe[:, None]
    shifted = own + (moved @ elastic).astype(np.float32)
    return np.asarray(np.maximum(shifted, np.float32(_LEAST)), dtype=np.float32)


def _elastic_draws(known: Known, generator: np.random.Generator) -> Column:
    """What the two elasticities are off in every draw, (2, draws)."""
    income, both, zone = known.covariance
    root = np.linalg.cholesky(np.array([[income + 1e-18, both], [both, zone + 1e-18]]))
    return np.asarray(root @ generator.standard_normal((2, DRAWS)), dtype=np.float64)


def _calibration(known: Known, factors: Draws) -> Draws:
    """What a known total takes back in every draw, (draws,); 1 where there is none."""
    total = float(known.potential.sum())
    if not known.is_calibrated or total <= 0:
        return np.ones(DRAWS, dtype=np.float32)
    sums = known.potential @ factors.astype(np.float64)
    return np.asarray(total / sums, dtype=np.float32)


def _drawn(
    known: Known,
    block: slice,
    factors: Draws,
    calibration: Draws,
    distance: Draws,
    peers: Draws,
) -> dict[str, Draws]:
    def column(values: Column) -> Draws:
        return values[block].astype(np.float32)[:, None]

    potential = column(known.potential) * factors * calibration
    half = (known.reach_high - known.reach_low) / WIDTH
    reach = np.clip(column(known.reach) + column(half) * distance, 0, 1)
    level = np.clip(column(known.benchmark) + column(known.benchmark_error) * peers, 0, 1)
    return {
        "consumption": column(known.consumption) * factors,
        "potential": potential,
        "accessible": potential * reach,
        "gap": np.maximum(0, level * potential - column(known.captured)),
    }


def _holding(figure: Column, blocks: list[tuple[Column, Column]]) -> tuple[Column, Column]:
    if not blocks:
        return figure.copy(), figure.copy()
    low, high = (np.concatenate([block[end] for block in blocks]) for end in (0, 1))
    # Single precision may part a bare figure from itself in its eighth digit.
    low, high = (np.where(np.isclose(end, figure, rtol=1e-6), figure, end) for end in (low, high))
    return np.minimum(low, figure), np.maximum(high, figure)


def rank_interval(parts: Mapping[str, Column], potential: Column) -> tuple[Column, Column, Column]:
    """Rank by potential (1 is the most), and its 80 % range when causes weigh up to 25 % otherwise.

    ``parts`` are the log contributions of each cause (n,); their weights are drawn from a Dirichlet
    distribution around equal ones. Units without potential share the last rank.
    """
    worth = potential > 0
    last = float(worth.sum() + 1)
    rank, low, high = (np.full(len(potential), last) for _ in range(3))
    if not worth.any():
        return rank, low, high
    rank[worth] = _ranks(potential[worth])
    logs = np.column_stack([values[worth] for values in parts.values()])
    count = logs.shape[1]
    # The 80 % interval of a Dirichlet weight x count is about 1 +- WEIGHT_SWING for this strength.
    strength = ((count - 1) / (WEIGHT_SWING / (WIDTH / 2)) ** 2 - 1) / count
    weights = np.random.default_rng(SEED + 2).dirichlet(np.full(count, strength), DRAWS) * count
    drawn = np.column_stack([_ranks(logs @ weight) for weight in weights])
    ends = np.percentile(drawn, [LOW, HIGH], axis=1)
    low[worth] = np.minimum(np.floor(ends[0]), rank[worth])
    high[worth] = np.maximum(np.ceil(ends[1]), rank[worth])
    return rank, low, high


def _ranks(values: Column) -> Column:
    """1 for the largest; equal values share the best rank of theirs."""
    order = np.sort(values)
    return np.asarray(len(values) - np.searchsorted(order, values, side="right") + 1.0)


def largest_swing(known: Known) -> tuple[Column, tuple[str, ...]]:
    """By how much money what we reach could move for one input alone, and which input it is.

    The width of the 80 % interval that this input alone gives to accessible potential, to first
    order; "" where nothing is uncertain.
    """
    scale = np.divide(
        known.potential * known.reach,
        known.consumption,
        out=np.zeros(len(known.consumption)),
        where=known.consumption > 0,
    )
    income, _, zone = known.covariance
    swings = np.stack(
        [
            WIDTH * known.consumption_error * scale,
            WIDTH * np.abs(known.by_income) * np.sqrt(income) * scale,
            WIDTH * np.abs(known.by_zone) * np.sqrt(zone) * scale,
            np.abs(known.reach_high - known.reach_low) * known.potential,
        ]
    )
    which = swings.argmax(axis=0)
    most = swings[which, np.arange(len(which))]
    names = tuple(
        INPUTS[place] if money > 0 else "" for place, money in zip(which, most, strict=True)
    )
    return most, names


def elasticity_covariance(facts: pd.DataFrame) -> tuple[float, float, float]:
    """What the survey says of its elasticities' errors; none where it says nothing."""
    found = facts.attrs.get("elasticities")
    if found is None:
        return (0.0, 0.0, 0.0)
    income, both, zone = found["covariance"]
    return float(income), float(both), float(zone)
