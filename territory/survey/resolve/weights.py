"""Weights of evidence after Fellegi and Sunter (1969), fitted without labels by EM.

A level of a comparison weighs ``log2(m / u)`` bits: m is its share among pairs of one company, u
among neighbours that are not, seen in a sample of all neighbours. m, u and the share of true pairs
are found together by expectation maximisation with pseudo-counts of the defaults (a Dirichlet
prior), so that few records move them little. Pairs of one chain are weighed by the chain's rule
there too, else the shops of chains would teach that telephones and places say little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.resolve.compare import (
    ADDRESS,
    DISTANCE_STEPS,
    LEVELS,
    NAME,
    PHONE,
    Levels,
)

Shares = Mapping[str, tuple[float, ...]]
Bits = NDArray[np.float64]

MATCH_SHARES: Shares = MappingProxyType(
    {
        "name": (0.60, 0.17, 0.12, 0.06, 0.05),
        "distance": (0.30, 0.25, 0.18, 0.11, 0.10, 0.04, 0.02),
        "phone": (0.92, 0.08),
        "brand": (0.92, 0.08),
        "category": (0.85, 0.15),
        "address": (0.55, 0.35, 0.10),
    }
)
"""Default m: how records of one company usually compare, levels 1 and up."""

NEIGHBOUR_SHARES: Shares = MappingProxyType(
    {
        "name": (0.002, 0.002, 0.008, 0.028, 0.960),
        "distance": (0.001, 0.005, 0.034, 0.12, 0.48, 0.36, 1e-6),
        "phone": (0.002, 0.998),
        "brand": (0.02, 0.98),
        "category": (0.08, 0.92),
        "address": (0.01, 0.20, 0.79),
    }
)
"""Default u: how neighbours usually compare."""

MATCH_PSEUDO_COUNT = 60.0
NEIGHBOUR_PSEUDO_COUNT = 400.0
MATCH_PER_RECORD = 0.2
"""Default share of true pairs: so many per record."""

LEAST_SHARE = 0.01
"""No level is thought impossible for one company: telephones change, shops move."""

CHAIN_METERS = 300.0
"""Shops of a chain are spread evenly over the circle of this radius around each other."""

MOST_ROUNDS = 50
CHANGE = 1e-6
MOST_RARITY_BITS = 4.0
"""How far the rarity of a name or category can move its weight."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """m and u per level (level 0 left out) and the odds of a neighbour pair to be one company."""

    match: Mapping[str, NDArray[np.float64]]
    neighbour: Mapping[str, NDArray[np.float64]]
    prior_bits: float
    far_bits: float

    def bits(self, name: str) -> NDArray[np.float64]:
        """Weights of one comparison's levels, level 0 first with none."""
        found = np.log2(self.match[name]) - np.log2(self.neighbour[name])
        if name == "distance":
            # A far pair comes out of all pairs of records, not out of neighbours, and so does one
            # without a place: the odds of being one company start from there.
            found[-1] = self.far_bits + np.log2(self.match[name][-1])
            return np.concatenate([[self.far_bits], found])
        return np.concatenate([[0.0], found])

    def as_frame(self) -> pd.DataFrame:
        """The weights as a table: comparison, level, m, u, bits."""
        rows = [
            (name, LEVELS[name][level], match, other, bits)
            for name in LEVELS
            for level, (match, other, bits) in enumerate(
                zip(self.match[name], self.neighbour[name], self.bits(name)[1:], strict=True), 1
            )
        ]
        return pd.DataFrame(rows, columns=["comparison", "level", "match", "neighbour", "bits"])


def default_weights(records: int, neighbours: int) -> Weights:
    """The weights before any record is seen."""
    return _weights(
        {name: np.array(MATCH_SHARES[name]) for name in LEVELS},
        {name: np.array(NEIGHBOUR_SHARES[name]) for name in LEVELS},
        share=_default_share(records, neighbours),
        records=records,
        neighbours=neighbours,
    )


def _default_share(records: int, neighbours: int) -> float:
    return min(0.5, MATCH_PER_RECORD * max(records, 1) / max(neighbours, 2 * records, 1))


def _weights(
    match: Mapping[str, NDArray[np.float64]],
    neighbour: Mapping[str, NDArray[np.float64]],
    *,
    share: float,
    records: int,
    neighbours: int,
) -> Weights:
    all_pairs = max(records * (records - 1) / 2, 1.0)
    far_bits = min(0.0, float(np.log2(max(neighbours, 1) / all_pairs)))
    return Weights(
        match=match,
        neighbour=neighbour,
        prior_bits=float(np.log2(share / (1 - share))),
        far_bits=far_bits,
    )


def told_bits(levels: Levels, weights: Weights) -> Bits:
    """Evidence of pairs by their levels, (n, 6), with the prior odds.

    A brand adds nothing to names that are equal but for spelling: they have said it already.
    """
    bits = np.full(len(levels), weights.prior_bits)
    for column, name in enumerate(LEVELS):
        found = weights.bits(name)[levels[:, column]]
        if name == "brand":
            found = np.where(_is_alike(levels) & (levels[:, column] == 1), 0.0, found)
        bits += found
    return bits


def chain_bits(levels: Levels, weights: Weights, start_bits: float) -> Bits:
    """Evidence of pairs whose names only tell the chain: distance, telephone and address."""
    columns = {name: levels[:, column] for column, name in enumerate(LEVELS)}
    address = weights.bits("address").copy()
    address[ADDRESS.index("street")] = 0.0  # shops of a chain share streets
    distance = _chain_distance_bits(weights)[columns["distance"]]
    return np.asarray(
        start_bits
        + distance
        + weights.bits("phone")[columns["phone"]]
        + address[columns["address"]]
    )


def may_be_chain(levels: Levels, is_known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pairs alike by name or brand that may be two shops: of a known chain, or of other phones."""
    column = [*LEVELS].index
    phone, name = levels[:, column("phone")], levels[:, column("name")]
    is_brand = (levels[:, column("brand")] == 1) & (name != NAME.index("different"))
    is_other = phone == PHONE.index("other")
    is_alike = _is_alike(levels) | is_brand
    return np.asarray(is_alike & (is_known | is_other) & (phone != PHONE.index("same")))


def _is_alike(levels: Levels) -> NDArray[np.bool_]:
    name = levels[:, [*LEVELS].index("name")]
    return np.asarray((name == NAME.index("exact")) | (name == NAME.index("close")))


def _chain_distance_bits(weights: Weights) -> Bits:
    """Distance of one company's records against that of two shops spread evenly."""
    edges = np.array([0.0, *DISTANCE_STEPS, CHAIN_METERS])
    spread = np.diff(edges**2) / CHAIN_METERS**2
    match = weights.match["distance"]
    near = np.log2(match[:-1]) - np.log2(spread)
    return np.concatenate([[0.0], near, [-10.0]])


def fit_weights(
    candidates: Levels,
    is_chain: NDArray[np.bool_],
    sample: Levels,
    *,
    records: int,
    neighbours: int,
    start_bits: float,
) -> Weights:
    """Weights fitted to candidate pairs and to a sample of all neighbours.

    ``is_chain`` marks candidates that ``chain_bits`` speaks for. Neighbours that are no candidates
    are taken for pairs of different companies.
    """
    neighbour = {name: np.array(NEIGHBOUR_SHARES[name]) for name in LEVELS}
    drawn, _, times = _patterns(sample, np.zeros(len(sample), dtype=np.bool_))
    patterns, is_chain, counts = _patterns(candidates, is_chain)
    share = _default_share(records, neighbours)
    match = {name: np.array(MATCH_SHARES[name]) for name in LEVELS}
    for _ in range(MOST_ROUNDS):
        weights = _weights(match, neighbour, share=share, records=records, neighbours=neighbours)
        bits = told_bits(patterns, weights)
        apart = np.minimum(bits, chain_bits(patterns, weights, start_bits))
        expected = counts * _probability(np.where(is_chain, apart, bits))
        match = _match_shares(patterns, expected)
        neighbour = _neighbour_shares(drawn, times * (1 - _probability(told_bits(drawn, weights))))
        found = _share(expected.sum(), records, neighbours)
        is_settled = abs(found - share) <= CHANGE * share
        share = found
        if is_settled:
            break
    return _weights(match, neighbour, share=share, records=records, neighbours=neighbours)


def _patterns(
    levels: Levels, is_chain: NDArray[np.bool_]
) -> tuple[Levels, NDArray[np.bool_], NDArray[np.int64]]:
    """The distinct rows of levels and chain marks, and how often each occurs."""
    sizes = [len(names) for names in LEVELS.values()]
    code = is_chain.astype(np.int64)
    for column, size in enumerate(sizes):
        code = code * size + levels[:, column]
    times = np.bincount(code, minlength=1)
    found = np.flatnonzero(times)
    left, columns = found.copy(), []
    for size in reversed(sizes):
        columns.append((left % size).astype(np.int8))
        left //= size
    return np.column_stack(columns[::-1]), left == 1, times[found]


def _share(matches: float, records: int, neighbours: int) -> float:
    """The share of true pairs among neighbours, drawn to the default."""
    pairs = max(neighbours, 2 * records, 1)
    default = _default_share(records, neighbours)
    drawn = (matches + MATCH_PSEUDO_COUNT) / (pairs + MATCH_PSEUDO_COUNT / default)
    return float(np.clip(drawn, 1e-9, 0.5))


def _probability(bits: Bits) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp2(-np.clip(bits, -60, 60))), dtype=np.float64)


def _neighbour_shares(
    patterns: Levels, expected: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    shares = {}
    for column, (name, levels) in enumerate(LEVELS.items()):
        seen = np.bincount(patterns[:, column], weights=expected, minlength=len(levels))[1:]
        mixed = seen + NEIGHBOUR_PSEUDO_COUNT * np.array(NEIGHBOUR_SHARES[name])
        shares[name] = mixed / mixed.sum()
    return shares


def _match_shares(
    patterns: Levels, expected: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    shares = {}
    for column, (name, levels) in enumerate(LEVELS.items()):
        seen = np.bincount(patterns[:, column], weights=expected, minlength=len(levels))[1:]
        mixed = seen + MATCH_PSEUDO_COUNT * np.array(MATCH_SHARES[name])
        mixed = np.maximum(mixed / mixed.sum(), LEAST_SHARE)
        shares[name] = mixed / mixed.sum()
    return shares
