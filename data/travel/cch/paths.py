"""One best path on a customized hierarchy, state by state."""

import numpy as np
from numpy.typing import NDArray

from data.travel.cch.hierarchy import FAR, Hierarchy, Metric


def path(
    hierarchy: Hierarchy,
    metric: Metric,
    labels_state: NDArray[np.int32],
    labels_weight: NDArray[np.int64],
    target: int,
) -> NDArray[np.int32]:
    """The states of a best path from one of the labels to ``target``, both ends included.

    Its weight, the label's and the turns' between the states together, is that of
    ``many_to_many``. Empty where no way leads.
    """
    goal, nothing = np.array([target], dtype=np.int32), np.zeros(1, dtype=np.int64)
    return path_between(hierarchy, metric, labels_state, labels_weight, goal, nothing)


def path_between(
    hierarchy: Hierarchy,
    metric: Metric,
    labels_state: NDArray[np.int32],
    labels_weight: NDArray[np.int64],
    targets: NDArray[np.int32],
    targets_weight: NDArray[np.int64],
) -> NDArray[np.int32]:
    """As ``path``, to that of the targets by which the way is best, the weights there included."""
    from data.travel.cch.walk import best_path

    out, into = hierarchy.down_lower, hierarchy.up_lower
    found: NDArray[np.int32] = best_path(
        hierarchy.rank[labels_state],
        np.minimum(labels_weight, FAR),
        hierarchy.rank[targets],
        np.minimum(targets_weight, FAR),
        hierarchy.parent,
        hierarchy.depth,
        hierarchy.height,
        *(hierarchy.up_first, hierarchy.up_head, metric.up_weight),
        *(hierarchy.down_first, hierarchy.down_tail, metric.down_weight),
        *(out.first, out.state, out.arc),
        *(into.first, into.state, into.arc),
        *(metric.up_is_turn, metric.down_is_turn),
    )
    return hierarchy.state_of_rank[found]
