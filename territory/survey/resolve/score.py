"""From comparisons to the probability that two records are one company.

Evidence adds up in bits (``weights``). Three things temper it: equal names weigh less the more
common they are; shops of one chain, and equally named records with different telephones, must be
told apart by distance, telephone and address alone; and records of another source compete, since
each of its records is a company of its own.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.resolve.compare import NAME, Comparison
from territory.survey.resolve.model import SOURCES, ResolveParams
from territory.survey.resolve.records import Records
from territory.survey.resolve.weights import (
    MOST_RARITY_BITS,
    Bits,
    Weights,
    chain_bits,
    may_be_chain,
    told_bits,
)

SAME_SPOT_DEGREES = 0.0004  # some 40 m: two records of a name here are not yet two shops
MOST_BITS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Pairs with their evidence: ``alone`` looks at the pair only, ``bits`` at its rivals too."""

    pairs: Comparison
    alone: Bits
    bits: Bits
    is_chain: NDArray[np.bool_]
    is_same_source: NDArray[np.bool_]

    @property
    def probability(self) -> NDArray[np.float64]:
        return 1 / (1 + np.exp2(-self.bits))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Commonness:
    """How common names and categories are, as bits added to their equality, and chain records."""

    name_bits: Bits
    category_bits: Bits
    is_chain: NDArray[np.bool_]


def commonness(records: Records) -> Commonness:
    """Rarity of each record's name and category, and whether its name or brand is a chain's."""
    key = records.names.key[records.names.code]
    return Commonness(
        name_bits=_rarity(key),
        category_bits=_rarity(records.category),
        is_chain=_is_chain(records, key) | _is_chain(records, records.brand),
    )


def _rarity(key: NDArray[np.int32]) -> Bits:
    """log2 of the chance that two records agree by chance over that of agreeing on this value."""
    told = key[key >= 0]
    if not len(told):
        return np.zeros(len(key))
    share = np.bincount(told, minlength=int(told.max()) + 1) / len(told)
    usual = float((share**2).sum())
    bits = np.log2(usual / np.where(share > 0, share, 1.0))
    bits = np.clip(bits, -MOST_RARITY_BITS, MOST_RARITY_BITS)
    return np.where(key >= 0, bits[np.maximum(key, 0)], 0.0)


def _is_chain(records: Records, key: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether some source lists this key at two places or telephones."""
    spot = np.round(np.column_stack([records.lon, records.lat]) / SAME_SPOT_DEGREES)
    shop = pd.DataFrame(
        {
            "key": key,
            "source": records.source,
            "phone": records.phone,
            "x": np.where(records.phone > 0, 0.0, np.nan_to_num(spot[:, 0])),
            "y": np.where(records.phone > 0, 0.0, np.nan_to_num(spot[:, 1])),
        }
    )
    shops = shop[key >= 0].drop_duplicates().groupby(["key", "source"]).size()
    repeated = shops[shops >= 2].index.get_level_values("key")
    return np.isin(key, np.unique(repeated.to_numpy()))


def evidence(
    records: Records,
    pairs: Comparison,
    weights: Weights,
    common: Commonness,
    params: ResolveParams,
) -> tuple[Bits, NDArray[np.bool_], NDArray[np.bool_]]:
    """Bits of each pair by itself, whether the chain rule set them, whether one source has both."""
    is_same_source = records.source[pairs.left] == records.source[pairs.right]
    bits = told_bits(pairs.levels, weights) + _rare(pairs, common)
    apart = chain_bits(pairs.levels, weights, params.chain_bits)
    is_chain = chain_pairs(pairs, common) & (apart < bits)
    bits = np.where(is_chain, apart, bits)
    bits = bits - np.where(is_same_source, params.same_source_bits, 0.0)
    return np.clip(bits, -MOST_BITS, MOST_BITS), is_chain, is_same_source


def chain_pairs(pairs: Comparison, common: Commonness) -> NDArray[np.bool_]:
    """Pairs of which the names may only tell the chain."""
    is_known = common.is_chain[pairs.left] & common.is_chain[pairs.right]
    return may_be_chain(pairs.levels, is_known)


def _rare(pairs: Comparison, common: Commonness) -> Bits:
    """Bits for equal names and categories that are rarer or more common than most."""
    rarity = np.minimum(common.name_bits[pairs.left], common.name_bits[pairs.right])
    bits = np.where(pairs.level("name") == NAME.index("exact"), rarity, 0.0)
    category = common.category_bits[pairs.left]
    return np.asarray(bits + np.where(pairs.level("category") == 1, category, 0.0))


def compete(records: Records, bits: Bits, pairs: Comparison) -> Bits:
    """Bits after rivals: the odds of a pair against those of all other choices of its two records.

    A record is one company of another source or none of it; records of that source which are one
    company themselves (they match each other) are no rivals.
    """
    left, right = pairs.left, pairs.right
    odds = np.exp2(np.clip(bits, -MOST_BITS, MOST_BITS))
    is_same_source = records.source[left] == records.source[right]
    group = _same_source_groups(len(records), left, right, is_same_source & (bits > 0))
    rivals = np.zeros(len(pairs))
    cross = np.flatnonzero(~is_same_source)
    for mine, theirs in ((left[cross], right[cross]), (right[cross], left[cross])):
        rivals[cross] += _rival_odds(mine, theirs, odds[cross], records.source, group)
    return np.where(is_same_source, bits, np.log2(odds / (1 + rivals)))


def _same_source_groups(
    count: int, left: NDArray[np.int64], right: NDArray[np.int64], is_one: NDArray[np.bool_]
) -> NDArray[np.int32]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    one, other = left[is_one], right[is_one]
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int32)


def _rival_odds(
    mine: NDArray[np.int64],
    theirs: NDArray[np.int64],
    odds: Bits,
    source: NDArray[np.int8],
    group: NDArray[np.int32],
) -> Bits:
    """Sum of the odds of my other choices in that source, each group of one company once."""
    choice = (mine * len(SOURCES) + source[theirs]).astype(np.int64)
    order = np.lexsort((-odds, group[theirs], choice))
    choice, best = choice[order], odds[order].copy()
    rival_group = group[theirs][order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (choice[1:] != choice[:-1]) | (rival_group[1:] != rival_group[:-1])
    block = np.cumsum(is_first) - 1
    best = best[is_first][block]  # the best of the group stands for each of its records
    inverse = np.cumsum(np.concatenate([[0], choice[1:] != choice[:-1]]))[: len(choice)]
    total = np.bincount(inverse, weights=np.where(is_first, best, 0.0))
    found = np.empty(len(order))
    found[order] = np.maximum(total[inverse] - best, 0.0)
    return found
