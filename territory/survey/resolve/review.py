"""The review list: pairs a person should look at, each with its reasons in words."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.resolve.candidates import Index
from territory.survey.resolve.compare import LEVELS
from territory.survey.resolve.model import ResolveParams
from territory.survey.resolve.records import Records
from territory.survey.resolve.score import Scored

REVIEW_COLUMNS = (
    "left",
    "right",
    "left_name",
    "right_name",
    "left_company",
    "right_company",
    "is_joined",
    "probability",
    "distance_meters",
    "reasons",
)

LARGE_RATIO = 100.0
"""Incomes of one company that differ so much are of other units or currencies."""

_WORDS = {
    ("name", "missing"): "a name is missing",
    ("name", "exact"): "equal names",
    ("name", "close"): "names differ by spelling",
    ("name", "contained"): "one name holds the other",
    ("name", "vague"): "names are only somewhat alike",
    ("name", "different"): "names differ",
    ("phone", "missing"): "no telephone to compare",
    ("phone", "same"): "same telephone",
    ("phone", "other"): "other telephone",
    ("brand", "same"): "same brand",
    ("brand", "other"): "other brand",
    ("category", "other"): "other category",
    ("address", "same"): "same address",
    ("address", "other"): "other address",
}


def review_list(
    records: Records,
    scored: Scored,
    *,
    is_joined: NDArray[np.bool_],
    company: NDArray[np.object_],
    decided: Sequence[tuple[int, int]],
    params: ResolveParams,
) -> pd.DataFrame:
    """Doubtful pairs, the most doubtful of joined and open ones first.

    Doubtful are pairs between the two probabilities of review, joined pairs below the upper one,
    and pairs likely by themselves that a rule keeps apart. A decided pair is no longer doubtful.
    """
    low, sure = params.review_probability, params.sure_probability
    probability = scored.probability
    alone = 1 / (1 + np.exp2(-scored.alone))
    is_doubtful = (probability >= low) & (probability < sure)
    is_doubtful |= is_joined & (probability < sure)
    is_doubtful |= ~is_joined & (alone >= params.match_probability)
    count = len(records)
    settled = np.array([one * count + other for one, other in decided], dtype=np.int64)
    pairs = scored.pairs
    is_doubtful &= ~np.isin(pairs.left * count + pairs.right, settled)
    chosen = np.flatnonzero(is_doubtful)
    doubt = np.abs(probability[chosen] - params.match_probability)
    chosen = chosen[np.lexsort((pairs.right[chosen], pairs.left[chosen], np.round(doubt, 6)))]
    left, right = pairs.left[chosen], pairs.right[chosen]
    ids = (records.frame["source"] + ":" + records.frame["source_record_id"]).to_numpy(dtype=object)
    name = records.frame["name"].to_numpy(dtype=object)
    columns: dict[str, object] = {
        "left": ids[left],
        "right": ids[right],
        "left_name": name[left],
        "right_name": name[right],
        "left_company": company[left],
        "right_company": company[right],
        "is_joined": is_joined[chosen],
        "probability": np.round(probability[chosen], 4),
        "distance_meters": np.round(pairs.meters[chosen], 1),
        "reasons": _reasons(scored, chosen, is_joined, params),
    }
    return pd.DataFrame(columns, columns=[*REVIEW_COLUMNS])


def _reasons(
    scored: Scored, chosen: Index, is_joined: NDArray[np.bool_], params: ResolveParams
) -> list[str]:
    pairs, reasons = scored.pairs, []
    match_bits = np.log2(params.match_probability / (1 - params.match_probability))
    for row in chosen.tolist():
        said = _compared(pairs.levels[row].tolist(), float(pairs.meters[row]))
        if scored.is_same_source[row]:
            said.append("one source lists both")
        if scored.is_chain[row]:
            said.append("shops of one chain stay apart unless telephone, address or distance say")
        if scored.bits[row] < scored.alone[row] - 0.5:
            said.append("another record fits as well")
        if not is_joined[row] and scored.bits[row] >= match_bits:
            said.append("kept apart: other records of these companies speak against it")
        if is_joined[row] and scored.bits[row] < match_bits:
            said.append("joined through other records")
        reasons.append("; ".join(said))
    return reasons


def _compared(levels: list[int], meters: float) -> list[str]:
    said = []
    for (name, words), level in zip(LEVELS.items(), levels, strict=True):
        if name == "distance":
            said.append("a place is missing" if np.isnan(meters) else f"{meters:,.0f} m apart")
        elif (name, words[level]) in _WORDS:
            said.append(_WORDS[name, words[level]])
    return said


def flag_list(records: Records, group: NDArray[np.int64]) -> pd.DataFrame:
    """Records whose place or income is in doubt: source, id, row as given, column, reason."""
    parts = [
        _flags(records, np.flatnonzero(records.is_adrift), "lon", "lies in the sea or off the map"),
        _flags(
            records,
            np.flatnonzero(~records.has_place & ~records.is_adrift),
            "lon",
            "has no place",
        ),
        _flags(
            records,
            _unlike_incomes(records, group),
            "income",
            "differs a hundredfold from another record of the company: unit or currency?",
        ),
    ]
    return pd.concat(parts, ignore_index=True)


def _flags(records: Records, rows: NDArray[np.intp], column: str, reason: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source": records.frame["source"].iloc[rows].to_numpy(dtype=object),
            "source_record_id": records.frame["source_record_id"].iloc[rows].to_numpy(dtype=object),
            "row": records.row[rows] + 2,
            "column": column,
            "reason": reason,
        }
    )


def _unlike_incomes(records: Records, group: NDArray[np.int64]) -> NDArray[np.intp]:
    income = records.frame["income"].to_numpy(dtype=np.float64)
    told = np.flatnonzero(income > 0)
    by_group = pd.Series(income[told]).groupby(group[told])
    ratio = by_group.transform("max").to_numpy() / by_group.transform("min").to_numpy()
    return np.asarray(told[ratio >= LARGE_RATIO], dtype=np.intp)
