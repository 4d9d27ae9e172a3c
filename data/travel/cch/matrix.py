"""Many-to-many on a customized hierarchy."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from data.travel.cch.hierarchy import FAR, Hierarchy, Metric

SHARES = 4
"""Every thread takes about so many shares of the sources, so that none waits long for another."""


def many_to_many(
    hierarchy: Hierarchy,
    metric: Metric,
    labels_first: NDArray[np.int64],
    labels_state: NDArray[np.int32],
    labels_weight: NDArray[np.int64],
    targets: NDArray[np.int32],
    *,
    threads: int = 2,
    out: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Least weights (n, k) from n sources to k target states, 2^62 where no way leads.

    Source i stands before the states ``labels_state[labels_first[i]:labels_first[i + 1]]`` at the
    weights beside them, none below 0; it may have no label at all. A target may come twice. Fills
    ``out`` if it is given, (n, k) int64 in C order.
    """
    from data.travel.cch.lanes import LANES
    from data.travel.cch.sweep import select, sweep

    sources = len(labels_first) - 1
    found = np.empty((sources, len(targets)), dtype=np.int64) if out is None else out
    _check_out(found, (sources, len(targets)))
    if not found.size:
        return found
    first = np.array(labels_first, dtype=np.int64)
    state = hierarchy.rank[labels_state]
    weight = np.minimum(labels_weight, FAR)
    depth = hierarchy.depth
    selection = select(
        hierarchy.rank[targets],
        hierarchy.down_first,
        hierarchy.down_tail,
        metric.down_weight,
        depth,
    )
    rows = _neighbours_together(first, state)
    share = -(-sources // (threads * SHARES * LANES)) * LANES

    def run(begin: int) -> None:
        sweep(
            begin,
            min(begin + share, sources),
            rows,
            first,
            state,
            weight,
            hierarchy.parent,
            depth,
            hierarchy.height,
            hierarchy.up_first,
            hierarchy.up_head,
            metric.up_weight,
            *selection,
            found,
        )

    begins = range(0, sources, share)
    if threads == 1 or len(begins) == 1:
        for begin in begins:
            run(begin)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, begins))
    return found


def _neighbours_together(first: NDArray[np.int64], state: NDArray[np.int32]) -> NDArray[np.int64]:
    """Sources by the rank of their first label: neighbours in the tree share their way up."""
    lead = np.full(len(first) - 1, -1, dtype=np.int64)
    has_label = first[:-1] < first[1:]
    lead[has_label] = state[first[:-1][has_label]]
    return np.argsort(lead, kind="stable")


def _check_out(out: NDArray[np.int64], shape: tuple[int, int]) -> None:
    is_plain = out.flags.c_contiguous and out.flags.writeable
    if out.shape != shape or out.dtype != np.int64 or not is_plain:
        raise ValueError(f"out must be {shape[0]} x {shape[1]} int64, in C order and writable")
