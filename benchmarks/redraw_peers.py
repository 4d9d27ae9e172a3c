"""What redraw is measured beside: owners of the units, 0 to k - 1, as each peer makes them.

Quick peers run here; those that may take minutes run in a process of their own that is ended when
its time is over.
"""

import importlib
import multiprocessing
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import measured
from benchmarks.redraw_instances import Question
from territory.checks.figures import pieces

Floats = NDArray[np.float64]
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


FLOW_ROUNDS, FLOW_CENTERS = 4, 16
FLOW_TOTAL = 10_000_000


def min_cost_flow(question: Question, seed: int) -> Owners:
    """Hess's transport of the summed load to moving centres, split units to their largest share."""
    from ortools.graph.python import min_cost_flow as graph

    xy = question.city.xy_meters / 1000
    n, k = len(xy), question.executives
    load = np.maximum(1, np.rint(question.summed_load * FLOW_TOTAL / question.summed_load.sum()))
    owners = k_means(question, seed)
    width = min(k, FLOW_CENTERS)
    for _ in range(FLOW_ROUNDS):
        centers = _middles(xy, owners, load, k)
        away = ((xy[:, None, :] - centers[None, :, :]) ** 2).sum(axis=2)
        near = np.argpartition(away, width - 1, axis=1)[:, :width]
        flow = graph.SimpleMinCostFlow()
        tails = np.repeat(np.arange(n), width)
        costs = np.rint(1000 * np.take_along_axis(away, near, axis=1)).astype(np.int64)
        arcs = flow.add_arcs_with_capacity_and_unit_cost(
            tails, n + near.ravel(), np.repeat(load.astype(np.int64), width), costs.ravel()
        )
        held = np.full(k, int(load.sum()) // k, dtype=np.int64)
        held[: int(load.sum()) - int(held.sum())] += 1
        flow.set_nodes_supplies(np.arange(n), load.astype(np.int64))
        flow.set_nodes_supplies(n + np.arange(k), -held)
        if flow.solve() != flow.OPTIMAL:
            break
        shares = flow.flows(arcs).reshape(n, width)
        owners = near[np.arange(n), shares.argmax(axis=1)].astype(np.int64)
    return owners


def _middles(xy: Floats, owners: Owners, load: Floats, count: int) -> Floats:
    held = np.maximum(np.bincount(owners, load, minlength=count), 1e-9)
    sums = [np.bincount(owners, load * xy[:, axis], minlength=count) for axis in (0, 1)]
    return np.column_stack(sums) / held[:, None]


def recom(question: Question, seed: int) -> Owners:
    """GerryChain's recursive spanning trees on the summed load, within 5 % of its mean."""
    import networkx as nx
    from gerrychain import Graph  # type: ignore[import-not-found, unused-ignore]
    from gerrychain.partition.initial_partition_generators import (  # type: ignore[import-not-found, unused-ignore]
        recursive_tree_part,
    )

    load = question.summed_load
    units = nx.Graph()
    units.add_nodes_from((unit, {"load": float(load[unit])}) for unit in range(len(load)))
    neighbours = question.city.neighbours
    tails = np.repeat(np.arange(len(load)), np.diff(neighbours.indptr))
    units.add_edges_from(zip(tails.tolist(), neighbours.indices.tolist(), strict=True))
    k = question.executives
    parts = recursive_tree_part(
        Graph.from_networkx(units), range(k), float(load.sum()) / k, "load", 0.05, rng=seed
    )
    return np.array([parts[unit] for unit in range(len(load))], dtype=np.int64)


def ward(question: Question, seed: int) -> Owners:
    """spopt's spatially constrained Ward on the places; balance is not among its aims."""
    import pandas as pd
    from libpysal.weights import W
    from spopt.region import WardSpatial  # type: ignore[import-not-found, unused-ignore]

    city = question.city
    near = {unit: city.neighbours.of(unit).tolist() for unit in range(len(city.unit_ids))}
    frame = pd.DataFrame(city.xy_meters, columns=["x", "y"])
    model = WardSpatial(frame, W(near, silence_warnings=True), ["x", "y"], question.executives)
    model.solve()
    return np.asarray(model.labels_, dtype=np.int64)


Peer = Callable[[Question, int], Owners]

PEERS: dict[str, tuple[str, Peer]] = {
    "pymetis": ("pymetis", metis),
    "scikit-learn": ("sklearn", k_means),
    "ortools": ("ortools", min_cost_flow),
}
"""Quick peer by package: the module to look for, and how it is asked."""

SLOW_PEERS: dict[str, tuple[str, Peer]] = {
    "gerrychain": ("gerrychain", recom),
    "spopt": ("spopt", ward),
}
"""The same for those that may take minutes."""

Answer = tuple[Owners, float, float]


def within(seconds: float, module: str, peer: Peer, question: Question, seed: int) -> Answer | None:
    """Owners, wall seconds and peak MB of a peer in its own process; None if time ran out."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        answer = pool.apply_async(_timed, (module, peer, question, seed))
        try:
            return answer.get(timeout=seconds)
        except multiprocessing.TimeoutError:
            return None


def _timed(module: str, peer: Peer, question: Question, seed: int) -> Answer:
    importlib.import_module(module)
    return measured(lambda: peer(question, seed))
