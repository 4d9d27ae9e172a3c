"""Pairs become companies: joined from the best pair down, and never against a decision.

Two groups of records are joined if the evidence between all their records is for it on the whole
and no single pair speaks strongly against it. Decisions come first: ``same`` joins before any
score, ``different`` forbids for good.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from territory.errors import Fault, InputError
from territory.survey.resolve.candidates import Index
from territory.survey.resolve.model import Decision
from territory.survey.resolve.records import Records
from territory.survey.resolve.weights import Bits

VETO_BITS = -5.0
"""One pair with evidence this strong against it keeps two groups apart."""

MOST_HEARD_BITS = 12.0
"""No single pair outweighs others by more than this when groups are compared."""

MOST_HEARD_RECORDS = 20
"""So many records of each of two groups are heard before these are joined."""

MOST_COMPARED_WHOLE = 60
"""In groups of up to this many linked records every pair is compared, linked or not."""

Score = Callable[[Index, Index], Bits]
RowPair = tuple[int, int]


def decided_rows(
    records: Records, decisions: Sequence[Decision]
) -> tuple[list[RowPair], list[RowPair], tuple[str, ...]]:
    """Decisions as rows: pairs that are the same, pairs that differ, and notes on unknown records.

    Raises
    ------
    InputError
        If decisions contradict each other, with every contradiction.
    """
    frame = records.frame
    row_of = (
        {
            key: row
            for row, key in enumerate(zip(frame["source"], frame["source_record_id"], strict=True))
        }
        if decisions
        else {}
    )
    same: list[RowPair] = []
    different: list[RowPair] = []
    notes: list[str] = []
    for decision in decisions:
        unknown = [key for key in (decision.left, decision.right) if key not in row_of]
        if unknown:
            named = ", ".join(f"{source}:{record}"[:120] for source, record in unknown)
            notes.append(f"A decision waits for records that are not there now: {named}.")
            continue
        pair = row_of[decision.left], row_of[decision.right]
        (same if decision.verdict == "same" else different).append((min(pair), max(pair)))
    _refuse_contradictions(records, same, different)
    return same, different, tuple(notes)


def _refuse_contradictions(records: Records, same: list[RowPair], different: list[RowPair]) -> None:
    group = _components(len(records), same)
    ids = records.frame["source"] + ":" + records.frame["source_record_id"]
    faults = [
        Fault(
            column="decisions",
            value=f"{ids.iloc[one]} | {ids.iloc[other]}"[:240],
            expected="different: other decisions say that they are the same",
            fix="Undo one of them.",
        )
        for one, other in sorted(set(different))
        if group[one] == group[other]
    ]
    if faults:
        raise InputError("Decisions contradict each other.", faults)


def _components(count: int, pairs: Sequence[RowPair] | Index) -> NDArray[np.int32]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    if count == 0:
        return np.zeros(0, dtype=np.int32)
    ones = np.ones(len(ends), dtype=np.int8)
    graph = coo_array((ones, (ends[:, 0], ends[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int32)


def cluster(
    count: int,
    left: Index,
    right: Index,
    bits: Bits,
    *,
    match_bits: float,
    same: Sequence[RowPair],
    different: Sequence[RowPair],
    score: Score,
) -> NDArray[np.int64]:
    """The group of each of ``count`` rows, named by its first row.

    ``bits`` are the evidence for the pairs ``left``, ``right``; ``score`` gives it for pairs that
    were no candidates.
    """
    linked = bits >= match_bits
    ends = np.column_stack([left[linked], right[linked]])
    forced = np.asarray(same, dtype=np.int64).reshape(-1, 2)
    component = _components(count, np.concatenate([ends, forced]))
    sizes = np.bincount(component, minlength=1)
    first = np.full(len(sizes), count, dtype=np.int64)
    np.minimum.at(first, component, np.arange(count))
    group = first[component]
    decided = {component[row] for pair in different for row in pair}
    is_hard = sizes[component] > 2
    is_hard |= np.isin(component, np.array(sorted(decided), dtype=component.dtype))
    is_hard &= sizes[component] > 1
    same_in, different_in = (_by_component(pairs, component) for pairs in (same, different))
    for members, known in _hard(component, is_hard, left, right, bits, score):
        name = int(component[members[0]])
        forced_here, apart = same_in.get(name, []), set(different_in.get(name, []))
        for part in _joined(members, known, match_bits, forced_here, apart):
            group[part] = min(part)
    return group


def _by_component(
    pairs: Sequence[RowPair], component: NDArray[np.int32]
) -> dict[int, list[RowPair]]:
    """Pairs that lie in one component, by its number."""
    found: dict[int, list[RowPair]] = {}
    for one, other in pairs:
        if component[one] == component[other]:
            found.setdefault(int(component[one]), []).append((one, other))
    return found


def _hard(
    component: NDArray[np.int32],
    is_hard: NDArray[np.bool_],
    left: Index,
    right: Index,
    bits: Bits,
    score: Score,
) -> list[tuple[list[int], dict[RowPair, float]]]:
    """Components that need care: their rows, and the evidence of every pair of them."""
    rows = np.flatnonzero(is_hard)
    rows = rows[np.argsort(component[rows], kind="stable")]
    if not len(rows):
        return []
    cuts = np.flatnonzero(np.diff(component[rows])) + 1
    members = [part.tolist() for part in np.split(rows, cuts)]
    known: dict[int, dict[RowPair, float]] = {int(component[part[0]]): {} for part in members}
    inner = np.flatnonzero((component[left] == component[right]) & is_hard[left])
    for one, other, weight in zip(
        left[inner].tolist(), right[inner].tolist(), bits[inner].tolist(), strict=True
    ):
        known[int(component[one])][one, other] = weight
    missing = [
        (one, other)
        for part in members
        if len(part) <= MOST_COMPARED_WHOLE
        for place, one in enumerate(part)
        for other in part[place + 1 :]
        if (one, other) not in known[int(component[one])]
    ]
    if missing:
        ends = np.array(missing, dtype=np.int64)
        for (one, other), weight in zip(
            missing, score(ends[:, 0], ends[:, 1]).tolist(), strict=True
        ):
            known[int(component[one])][one, other] = weight
    return [(part, known[int(component[part[0]])]) for part in members]


def _joined(
    members: list[int],
    known: dict[RowPair, float],
    match_bits: float,
    same: Sequence[RowPair],
    forbidden: set[RowPair],
) -> list[list[int]]:
    """Groups of one component, joined from the strongest pair down."""
    group_of = {row: row for row in members}
    groups = {row: [row] for row in members}

    def join(one: int, other: int) -> None:
        keep, gone = group_of[one], group_of[other]
        if len(groups[keep]) < len(groups[gone]):
            keep, gone = gone, keep
        if keep != gone:
            for row in groups[gone]:
                group_of[row] = keep
            groups[keep] += groups.pop(gone)

    for one, other in same:
        join(one, other)
    ranked = sorted(known.items(), key=lambda item: (-item[1], item[0]))
    for (one, other), weight in ranked:
        if weight < match_bits:
            break
        first, second = group_of[one], group_of[other]
        if first != second and _may_join(
            groups[first], groups[second], known, match_bits, forbidden
        ):
            join(one, other)
    return list(groups.values())


def _may_join(
    first: list[int],
    second: list[int],
    known: dict[RowPair, float],
    match_bits: float,
    forbidden: set[RowPair],
) -> bool:
    if forbidden and any(
        (min(one, other), max(one, other)) in forbidden for one in first for other in second
    ):
        return False
    total, heard = 0.0, 0
    for one in first[:MOST_HEARD_RECORDS]:
        for other in second[:MOST_HEARD_RECORDS]:
            pair = (one, other) if one < other else (other, one)
            weight = known.get(pair, VETO_BITS / 2)  # too many to compare: slightly against
            if weight <= VETO_BITS:
                return False
            total += min(weight, MOST_HEARD_BITS)
            heard += 1
    return total >= match_bits * heard
