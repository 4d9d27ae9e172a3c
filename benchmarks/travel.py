"""Travel times on real cities: seconds and metres of n x n places, every engine on one graph.

Instances are OpenStreetMap extracts (``porto``, ``malta``, ``tiny``); the work is
``porto 1000x1000``. Ours answers in seconds and metres of the same path. Peers answer seconds
only, on the same nodes and the same tenths of a second. A slow peer is timed on some of the
sources and scaled up, which ``extra.scaled_from_sources`` says. The judge is plain Dijkstra by
SciPy over tenths of seconds on sampled sources: ``violations`` counts the pairs that differ by a
tenth of a second or more, or whose metres are not those of a fastest path.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import BenchArgs, Run, Scalar, measured
from benchmarks.shared import shared_root

if TYPE_CHECKING:
    from data.roads import RoadNetwork
    from data.travel.engine import Packed, WeightedGraph

EXTRACTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "porto": ("geo", "porto", "porto_portugal.osm.pbf"),
        "malta": ("geo", "malta", "malta-2018.osm.pbf"),
        "tiny": ("geo", "tiny", "liechtenstein.osm.pbf"),
    }
)
JUDGED_SOURCES: Final = 20
NETWORKX_SOURCES: Final = 4
SCIPY_SOURCES: Final = 200

Seconds = NDArray[np.float64]
Timed = tuple[Seconds, int, float, float]
"""A table of seconds (s, m) for the first s sources, s, wall seconds, and peak MB."""


def runs(args: BenchArgs) -> Iterator[Run]:
    """Ours and the peers on each city and size (``--params n=200+1000``)."""
    for name, path in _extracts(args):
        network, build_seconds = _read(path)
        for size in args.numbers("n", 1000):
            yield from _on(args, name, network, build_seconds, int(size))


def _extracts(args: BenchArgs) -> Iterator[tuple[str, Path]]:
    if args.set_folder is not None:
        folder = args.folder()
        found = {path.name.split(".")[0]: path for path in sorted(folder.rglob("*.osm.pbf"))}
    else:
        paths = {name: shared_root().joinpath(*parts) for name, parts in EXTRACTS.items()}
        found = {name: path for name, path in paths.items() if path.exists()}
    for name in args.chosen(list(found), *(["porto"] if "porto" in found else [])):
        yield name, found[name]


def _read(path: Path) -> tuple["RoadNetwork", float]:
    from data.roads import read_network

    network, seconds, _ = measured(lambda: read_network(path, "car"))
    return network, seconds


def _on(
    args: BenchArgs, name: str, network: "RoadNetwork", build_seconds: float, size: int
) -> Iterator[Run]:
    from data.travel.engine import weighted_graph

    graph = weighted_graph(network, factor=np.ones(network.arc_count))
    facts = {
        "nodes": network.node_count,
        "arcs": network.arc_count,
        "build_seconds": round(build_seconds, 2),
    }
    for seed in args.seed_numbers():
        places = np.random.default_rng(seed).integers(0, network.node_count, size)
        row = partial(_row, f"{name} {size}x{size}", size, seed, facts)
        judge = _Judge(graph, places)
        yield _ours(graph, places, judge, row)
        for engine, timed in _peers(args, graph, places):
            wrong = judge.wrong_seconds(timed[0])
            yield row(engine, timed, wrong, threads=1, extra={"answers": "seconds"})


def _row(
    work: str,
    size: int,
    seed: int,
    facts: Mapping[str, Scalar],
    engine: str,
    timed: Timed,
    wrong: int,
    *,
    threads: int,
    extra: Mapping[str, Scalar],
) -> Run:
    _, sources, wall, peak = timed
    scaled = {} if sources == size else {"scaled_from_sources": sources}
    return Run(
        bench="travel",
        work=work,
        engine=engine,
        seed=seed,
        threads=threads,
        wall_seconds=wall * size / sources,
        peak_mb=peak,
        violations=wrong,
        extra={**facts, **scaled, **extra},
    )


def _ours(
    graph: "WeightedGraph",
    places: NDArray[np.int64],
    judge: "_Judge",
    row: Callable[..., Run],
) -> Run:
    from data.travel.engine import NumbaEngine, unpack

    engine = NumbaEngine()
    began = time.perf_counter()
    engine.table(graph, places[:1], places[:1])
    compile_seconds = time.perf_counter() - began
    packed, wall, peak = measured(lambda: engine.table(graph, places, places))
    tenths, decimeters = unpack(packed)
    seconds = np.where(packed < 2**62, tenths / 10, np.inf)
    wrong = judge.wrong_seconds(seconds) + judge.wrong_meters(packed, decimeters)
    timed = (seconds, len(places), wall, peak)
    return row(
        "fieldwright",
        timed,
        wrong,
        threads=engine.threads,
        extra={
            "compile_seconds": round(compile_seconds, 2),
            "answers": "seconds and metres",
        },
    )


def _peers(
    args: BenchArgs, graph: "WeightedGraph", places: NDArray[np.int64]
) -> Iterator[tuple[str, Timed]]:
    if args.has_peer("scipy"):
        yield "scipy", _scipy(graph, places)
    if args.has_peer("networkx"):
        yield "networkx", _networkx(graph, places)
    if args.has_peer("igraph"):
        yield "igraph", _igraph(graph, places)


def _scipy(graph: "WeightedGraph", places: NDArray[np.int64]) -> Timed:
    from scipy.sparse.csgraph import dijkstra

    matrix = _tenths_matrix(graph)
    sources = places[:SCIPY_SOURCES]
    found, wall, peak = measured(
        lambda: np.concatenate(
            [
                dijkstra(matrix, indices=sources[start : start + 50])[:, places]
                for start in range(0, len(sources), 50)
            ]
        )
    )
    return found / 10, len(sources), wall, peak


def _networkx(graph: "WeightedGraph", places: NDArray[np.int64]) -> Timed:
    import networkx

    tails, heads, tenths = _arcs(graph)
    built: networkx.DiGraph[int] = networkx.DiGraph()
    built.add_weighted_edges_from(zip(tails.tolist(), heads.tolist(), tenths.tolist(), strict=True))
    sources = places[:NETWORKX_SOURCES]

    def search() -> Seconds:
        rows = []
        for source in sources.tolist():
            away = networkx.single_source_dijkstra_path_length(built, source, weight="weight")
            rows.append([away.get(place, np.inf) for place in places.tolist()])
        return np.asarray(rows, dtype=np.float64)

    found, wall, peak = measured(search)
    return found / 10, len(sources), wall, peak


def _igraph(graph: "WeightedGraph", places: NDArray[np.int64]) -> Timed:
    import igraph  # type: ignore[import-not-found, unused-ignore]

    tails, heads, tenths = _arcs(graph)
    built = igraph.Graph(
        n=graph.node_count, edges=np.column_stack([tails, heads]).tolist(), directed=True
    )
    once = np.unique(places)
    sources = places[:SCIPY_SOURCES]

    def search() -> Seconds:
        rows = built.distances(sources.tolist(), once.tolist(), weights=tenths.tolist())
        return np.asarray(rows)[:, np.searchsorted(once, places)]

    found, wall, peak = measured(search)
    return found / 10, len(sources), wall, peak


def _arcs(
    graph: "WeightedGraph",
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    tails = np.repeat(np.arange(graph.node_count), np.diff(graph.first))
    return tails, graph.head, graph.weight >> 28


def _tenths_matrix(graph: "WeightedGraph") -> Any:
    from scipy.sparse import csr_array

    size = graph.node_count
    tenths = (graph.weight >> 28).astype(np.float64)
    return csr_array((tenths, graph.head, graph.first), shape=(size, size))


class _Judge:
    """Plain Dijkstra over tenths of seconds from sampled sources, with the paths behind it."""

    def __init__(self, graph: "WeightedGraph", places: NDArray[np.int64]) -> None:
        from scipy.sparse.csgraph import dijkstra

        self.graph, self.places = graph, places
        count = min(JUDGED_SOURCES, len(places))
        self.rows = np.linspace(0, len(places) - 1, count).astype(np.intp)
        self.from_source = dijkstra(_tenths_matrix(graph), indices=places[self.rows])
        self.tenths = self.from_source[:, places]

    def wrong_seconds(self, seconds: Seconds) -> int:
        """Pairs whose seconds differ, among the judged sources that were answered."""
        known = self.rows < len(seconds)
        expected, given = self.tenths[known] / 10, seconds[self.rows[known]]
        with np.errstate(invalid="ignore"):
            off = np.abs(expected - given) > 0.05
        is_same = (expected == given) | ~off
        return int((~is_same).sum())

    def wrong_meters(self, packed: "Packed", decimeters: NDArray[np.int64]) -> int:
        """Pairs whose metres are not the least among their fastest paths.

        The fastest paths of a source are the arcs (u, v) with time(u) + arc = time(v); the least
        metres along them are Dijkstra's on that part of the graph alone.
        """
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        tails, heads, tenths = _arcs(self.graph)
        lengths = (self.graph.weight & (2**28 - 1)).astype(np.float64)
        wrong, size = 0, self.graph.node_count
        for number, row in enumerate(self.rows):
            away = self.from_source[number]
            is_tight = np.isfinite(away[tails]) & (away[tails] + tenths == away[heads])
            tight = csr_array(
                (lengths[is_tight], (tails[is_tight], heads[is_tight])), shape=(size, size)
            )
            least = dijkstra(tight, indices=self.places[row])[self.places]
            reached = packed[row] < 2**62
            wrong += int((least[reached] != decimeters[row][reached]).sum())
        return wrong
