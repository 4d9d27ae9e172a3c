"""The peers on the same turn-expanded graph, and OSRM on the same extract.

``routingkit-cch`` is looked for in the environment, else unpacked in ``var/peers/routingkit``
(``python -m zipfile -e routingkit_cch-*.whl routingkit``), else where ``FIELDWRIGHT_ROUTINGKIT``
names. Its sums stay below 2^31 tenths of a second; its queries keep no result alive and its metric
is filled anew only when no query is (both would end in a panic of the library).
"""

import os
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import BenchArgs, Run, Scalar, measured, tell
from benchmarks.osrm import find_osrm, peers_folder, prepare, served
from benchmarks.travel.judge import StateJudge, TravelJudge
from benchmarks.turn_reference import CHUNK, TurnReference
from territory.geo import LonLat

if TYPE_CHECKING:
    from benchmarks.travel.ours import City

SCIPY_SOURCES: Final = 100
NETWORKX_SOURCES: Final = 2
ROUTINGKIT: Final = "routingkit_cch"
Integers = NDArray[np.int64]
Seconds = NDArray[np.float64]
Timed = tuple[Seconds, float, float]
"""A table of seconds (s, m) for the first s sources, wall seconds, peak MB."""

_said_absent: set[str] = set()


def matrix_peers(
    args: BenchArgs, city: "City", places: LonLat, judge: TravelJudge
) -> Iterator[Run]:
    """The peers' answers to the same matrix."""
    if not args.with_peers:
        return
    reference = TurnReference(city.travel.network)
    states = _one_side(city, places)
    sides = StateJudge(reference, states)
    work = f"{len(places)}x{len(places)}"
    for engine, (seconds, wall, peak), extra in _on_states(args, city, reference, states):
        count = len(seconds)
        scaled: dict[str, Scalar] = {} if count == len(states) else {"scaled_from_sources": count}
        timed = (wall * len(states) / count, peak)
        facts = {**extra, **scaled, "answers": "seconds, from one side"}
        yield city.row(work, timed, sides.wrong(seconds), facts, engine=engine, threads=1)
    yield from _osrm_matrix(city, places, judge)


def _one_side(city: "City", places: LonLat) -> Integers:
    """For each place the arc it lies on, one of both directions."""
    snapped = city.travel.snap(places)
    return np.maximum(snapped.arc_forward, snapped.arc_backward)


def _on_states(
    args: BenchArgs, city: "City", reference: TurnReference, states: Integers
) -> Iterator[tuple[str, Timed, dict[str, Scalar]]]:
    if args.has_peer("scipy"):
        yield "scipy", _scipy(reference, states), {}
    if args.has_peer("networkx"):
        yield "networkx", _networkx(reference, states), {}
    if has_routingkit(args):
        timed, ready_seconds = _routingkit(city, reference, states)
        yield "routingkit-cch", timed, {"ready_seconds": round(ready_seconds, 2)}


def _scipy(reference: TurnReference, states: Integers) -> Timed:
    from scipy.sparse.csgraph import dijkstra

    matrix, sources = reference.matrix, states[:SCIPY_SOURCES]

    def search() -> Seconds:
        starts = range(0, len(sources), CHUNK)
        rows = [dijkstra(matrix, indices=sources[k : k + CHUNK])[:, states] for k in starts]
        return np.concatenate(rows)

    found, wall, peak = measured(search)
    return found / 10, wall, peak


def _networkx(reference: TurnReference, states: Integers) -> Timed:
    import networkx

    matrix = reference.matrix.tocoo()
    built: networkx.DiGraph[int] = networkx.DiGraph()
    built.add_weighted_edges_from(
        zip(matrix.row.tolist(), matrix.col.tolist(), matrix.data.tolist(), strict=True)
    )
    sources = states[:NETWORKX_SOURCES]

    def search() -> Seconds:
        rows = []
        for source in sources.tolist():
            away = networkx.single_source_dijkstra_path_length(built, source, weight="weight")
            rows.append([away.get(state, np.inf) for state in states.tolist()])
        return np.asarray(rows, dtype=np.float64)

    found, wall, peak = measured(search)
    return found / 10, wall, peak


def has_routingkit(args: BenchArgs) -> bool:
    """Whether the peer is there and wanted; its folder is then on the path of imports."""
    if not args.with_peers:
        return False
    named = os.environ.get("FIELDWRIGHT_ROUTINGKIT")
    folder = Path(named) if named else peers_folder() / "routingkit"
    if folder.is_dir() and str(folder) not in sys.path:
        sys.path.append(str(folder))
    if find_spec(ROUTINGKIT) is None:
        if ROUTINGKIT not in _said_absent:
            _said_absent.add(ROUTINGKIT)
            tell("peer routingkit-cch is absent and was left out (see benchmarks/travel/peers.py)")
        return False
    return True


def _routingkit_ready(city: "City", reference: TurnReference) -> tuple[Any, Any, list[int]]:
    """Its hierarchy and metric of the turn-expanded graph, states placed on their arcs."""
    from routingkit_cch import (  # type: ignore[import-not-found, unused-ignore]
        CCH,
        CCHMetric,
        compute_order_inertial,
    )

    network, matrix = city.travel.network, reference.matrix
    tail = np.repeat(np.arange(network.arc_count), np.diff(matrix.indptr)).tolist()
    head, weight = matrix.indices.tolist(), matrix.data.astype(np.int64).tolist()
    middle = (network.lonlat[network.tail] + network.lonlat[network.head]) / 2
    order = compute_order_inertial(
        network.arc_count, tail, head, middle[:, 1].tolist(), middle[:, 0].tolist()
    )
    cch = CCH(order, tail, head, False)
    return cch, CCHMetric(cch, weight), weight


def _routingkit(city: "City", reference: TurnReference, states: Integers) -> tuple[Timed, float]:
    from routingkit_cch import CCHOneToMany  # type: ignore[import-not-found, unused-ignore]

    began = time.perf_counter()
    # The hierarchy must outlive the metric that was made of it.
    _cch, metric, _ = _routingkit_ready(city, reference)
    ready_seconds = time.perf_counter() - began

    def search() -> Seconds:
        query = CCHOneToMany(metric, states.tolist())
        rows = [
            np.array(query.distances_from(source), dtype=np.float64) for source in states.tolist()
        ]
        del query
        return np.stack(rows)

    found, wall, peak = measured(search)
    return (np.where(np.isnan(found), np.inf, found) / 10, wall, peak), ready_seconds


def reweight_peer(args: BenchArgs, city: "City") -> Iterator[Run]:
    """The time routingkit-cch takes for other weights on the same hierarchy."""
    if not has_routingkit(args):
        return
    reference = TurnReference(city.travel.network)
    _cch, metric, weight = _routingkit_ready(city, reference)
    later = [value + 1 for value in weight]
    _, wall, peak = measured(lambda: metric.reset(later))
    extra: dict[str, Scalar] = {"answers": "seconds"}
    yield city.row("re-weight", (wall, peak), 0, extra, engine="routingkit-cch", threads=1)


def _osrm_matrix(city: "City", places: LonLat, judge: TravelJudge) -> Iterator[Run]:
    osrm = find_osrm()
    if osrm is None:
        return
    base = prepare(osrm, city.extract)
    threads = city.travel.engines.threads
    with served(osrm, base, threads=threads) as server:
        server.table(places[:10], places[:10])
        (seconds, _), wall, peak = measured(lambda: server.table(places, places))
    theirs = seconds[judge.rows]
    is_used = judge.is_judged & judge.has_way & np.isfinite(theirs) & (theirs >= 30)
    ratio = judge.seconds[is_used] / theirs[is_used]
    extra: dict[str, Scalar] = {
        "answers": "seconds and metres, over loopback, speeds of its own",
        "ours_by_osrm": round(float(np.median(ratio)), 3) if len(ratio) else None,
        **_prepared(base),
    }
    work = f"{len(places)}x{len(places)}"
    yield city.row(work, (wall, peak), 0, extra, engine="osrm CH", threads=threads)


def _prepared(base: Path) -> dict[str, Scalar]:
    seconds = (base.parent / "whole").read_text().strip()
    return {"prepare_seconds": float(seconds)} if seconds else {}


def route_peer(args: BenchArgs, city: "City", ends: LonLat) -> Iterator[Run]:
    """OSRM's routes with geometry and steps, over loopback."""
    osrm = find_osrm() if args.with_peers else None
    if osrm is None:
        return
    walls = []
    with served(osrm, prepare(osrm, city.extract)) as server:
        peak = measured(lambda: server.route(ends[0]))[2]
        for pair in ends:
            began = time.perf_counter()
            server.route(pair)
            walls.append(time.perf_counter() - began)
    extra: dict[str, Scalar] = {
        "p95_ms": round(1000 * float(np.percentile(walls, 95)), 3),
        "answers": "over loopback, speeds of its own",
    }
    timed = (float(np.median(walls)), peak)
    yield city.row("route with line and names", timed, 0, extra, engine="osrm CH", threads=1)
