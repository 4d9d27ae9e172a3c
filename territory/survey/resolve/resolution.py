"""Three survey sources become one fact per company: block, compare, weigh, join, merge.

Method: blocking by place, telephone and name; levels of agreement weighed after Fellegi and Sunter
("A theory for record linkage", JASA 1969), fitted by expectation maximisation without labels;
joining from the best pair down under constraints. Nothing is drawn and the order of rows tells
nothing: the same records give the same companies with the same ids.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.resolve.candidates import Candidates, Index, candidate_pairs
from territory.survey.resolve.clusters import cluster, decided_rows
from territory.survey.resolve.compare import Comparison, compare
from territory.survey.resolve.merge import Merged, merge
from territory.survey.resolve.model import Decision, Resolution, ResolveParams
from territory.survey.resolve.records import Records, read_records
from territory.survey.resolve.review import flag_list, review_list
from territory.survey.resolve.score import Scored, chain_pairs, commonness, compete, evidence
from territory.survey.resolve.weights import Bits, Weights, default_weights, fit_weights

DEFAULTS = ResolveParams()


def resolve(
    records: pd.DataFrame,
    *,
    decisions: Sequence[Decision] = (),
    params: ResolveParams = DEFAULTS,
    land: Sequence[str] = (),
    workers: int = 2,
) -> Resolution:
    """Find which records are one company and merge them, keeping where each field comes from.

    ``records`` has ``source``, ``source_record_id`` and any of the columns of the companies table.
    ``decisions`` always win; those on records that are not there wait. ``land`` are WKT polygons
    outside of which no place is believed. ``workers`` threads compare names; their number changes
    nothing but the time.

    Raises
    ------
    InputError
        If records are faulty (every fault with row and column) or decisions contradict each other.
    """
    read = read_records(records, land=land)
    same, different, notes = decided_rows(read, decisions)
    found = candidate_pairs(read, radius_meters=params.radius_meters, workers=workers)
    scored, weights, score = _weigh(read, found, params, workers)
    match_bits = float(np.log2(params.match_probability / (1 - params.match_probability)))
    pairs = scored.pairs
    group = cluster(
        len(read),
        pairs.left,
        pairs.right,
        scored.bits,
        match_bits=match_bits,
        same=same,
        different=different,
        score=score,
    )
    ids = read.frame["source"] + ":" + read.frame["source_record_id"]
    company = ids.to_numpy(dtype=object)[group] if len(read) else np.zeros(0, dtype=object)
    is_joined = group[pairs.left] == group[pairs.right]
    merged = merge(read, group, ids, params)
    return Resolution(
        records=_told(read, company),
        companies=merged.companies,
        placeless=merged.placeless,
        origins=merged.origins,
        pairs=_pairs(scored, is_joined),
        review=review_list(
            read,
            scored,
            is_joined=is_joined,
            company=company,
            decided=[*same, *different],
            params=params,
        ),
        flags=flag_list(read, group),
        weights=weights.as_frame(),
        notes=(*notes, *_notes(found, merged)),
    )


class _Score:
    """Scores any pairs of these records by the fitted weights."""

    def __init__(
        self, records: Records, weights: Weights, params: ResolveParams, workers: int
    ) -> None:
        self.records, self.weights, self.params = records, weights, params
        self.workers = workers
        self.common = commonness(records)

    def compare(self, left: Index, right: Index) -> Comparison:
        radius = self.params.radius_meters
        return compare(self.records, left, right, radius_meters=radius, workers=self.workers)

    def evidence(self, pairs: Comparison) -> tuple[Bits, NDArray[np.bool_], NDArray[np.bool_]]:
        return evidence(self.records, pairs, self.weights, self.common, self.params)

    def __call__(self, left: Index, right: Index) -> Bits:
        return self.evidence(self.compare(left, right))[0]


def _weigh(
    records: Records, found: Candidates, params: ResolveParams, workers: int
) -> tuple[Scored, Weights, _Score]:
    score = _Score(records, default_weights(len(records), found.neighbours), params, workers)
    pairs = score.compare(found.left, found.right)
    is_cross = records.source[pairs.left] != records.source[pairs.right]
    if params.is_fitted and len(pairs):
        score.weights = fit_weights(
            pairs.levels[is_cross],
            chain_pairs(pairs, score.common)[is_cross],
            score.compare(found.sample_left, found.sample_right).levels,
            records=len(records),
            neighbours=found.neighbours,
            start_bits=params.chain_bits,
        )
    alone, is_chain, is_same_source = score.evidence(pairs)
    scored = Scored(
        pairs=pairs,
        alone=alone,
        bits=compete(records, alone, pairs),
        is_chain=is_chain,
        is_same_source=is_same_source,
    )
    return scored, score.weights, score


def _told(records: Records, company: NDArray[np.object_]) -> pd.DataFrame:
    frame = records.frame.copy(deep=False)
    frame.insert(0, "company_id", pd.Series(company, dtype="str", index=frame.index))
    return frame


def _pairs(scored: Scored, is_joined: NDArray[np.bool_]) -> pd.DataFrame:
    pairs = scored.pairs
    columns = {
        "left": pairs.left,
        "right": pairs.right,
        "bits": scored.bits,
        "probability": scored.probability,
        "distance_meters": pairs.meters,
        "is_joined": is_joined,
    }
    return pd.DataFrame(columns)


def _notes(found: Candidates, merged: Merged) -> tuple[str, ...]:
    notes = []
    if found.crowded:
        notes.append(
            f"{found.crowded:,} records stand too densely to compare all their neighbours; there "
            "equal names and telephones decide."
        )
    if len(merged.placeless):
        notes.append(
            f"{len(merged.placeless):,} companies have no place in any source and are left out of "
            "the companies table."
        )
    return tuple(notes)
