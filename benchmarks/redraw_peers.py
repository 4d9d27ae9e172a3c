"""What redraw is measured beside: owners of the units, 0 to k - 1, as each peer makes them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.redraw_instances import Question
from territory.checks.figures import pieces

Owners = NDArray[np.int64]

WEIGHT_TOTAL = 10_000_000  # METIS takes whole numbers, and their sum must fit 32 bits


def metis(question: Question, seed: int) -> Owners:
    """METIS k-way on one weight, the sum of both loads normalised, every part in one piece.

    Contiguity is asked for only where the city itself is one piece: METIS refuses it elsewhere.
    """
    import pymetis  # type: ignore[import-not-found, unused-ignore]

    neighbours = question.city.neighbours
    load = question.summed_load
    weights = np.rint(load * (WEIGHT_TOTAL / load.sum())).astype(np.int64)
    is_one_piece = len(pieces(np.zeros(len(load), np.int64), neighbours)) == 1
    options = pymetis.Options(contig=int(is_one_piece), seed=seed)
    _, owners = pymetis.part_graph(
        question.executives,
        xadj=neighbours.indptr.tolist(),
        adjncy=neighbours.indices.tolist(),
        vweights=weights.tolist(),
        recursive=False,
        options=options,
    )
    return np.asarray(owners, dtype=np.int64)


def k_means(question: Question, seed: int) -> Owners:
    """k-means on the places, each weighing its workload; it knows neither tolerance nor borders."""
    from sklearn.cluster import KMeans  # type: ignore[import-untyped, unused-ignore]

    city = question.city
    model = KMeans(n_clusters=question.executives, random_state=seed)
    model.fit(city.xy_meters / 1000, sample_weight=city.loads[-1])
    return np.asarray(model.labels_, dtype=np.int64)


PEERS: dict[str, tuple[str, Callable[[Question, int], Owners]]] = {
    "pymetis": ("pymetis", metis),
    "scikit-learn": ("sklearn", k_means),
}
"""Peer by package: the module to look for, and how it is asked."""
