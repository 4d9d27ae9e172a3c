"""Our rows on one city: every kind of work on the engine as it is kept, judged."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.frame import BenchArgs, Run, Scalar, measured, measured_apart
from benchmarks.travel import cities
from benchmarks.travel.judge import JUDGED, TravelJudge
from benchmarks.travel.peers import matrix_peers, reweight_peer, route_peer
from territory.geo import LonLat

if TYPE_CHECKING:
    from data.travel import RoadTravel
    from territory.travel import Leg

SIZE: Final = 1_000
STREAMED: Final = 3_000
SOURCES: Final = 10_000
NEAREST: Final = 40
ROUTES: Final = 200
REACHES: Final = 20
MINUTES: Final = 15
OTHER_HOUR: Final = "peak"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class City:
    """A city made ready, in this process and on disk, with what its rows have in common."""

    name: str
    extract: Path
    folder: Path
    travel: "RoadTravel"
    seed: int
    facts: Mapping[str, Scalar]

    def row(
        self,
        work: str,
        timed: tuple[float, float],
        wrong: int,
        extra: Mapping[str, Scalar],
        *,
        engine: str = "fieldwright",
        threads: int = 0,
    ) -> Run:
        """One row; ``timed`` is wall seconds and peak MB."""
        return Run(
            bench="travel",
            work=f"{self.name} {work}",
            engine=engine,
            seed=self.seed,
            threads=threads or self.travel.engines.threads,
            wall_seconds=timed[0],
            peak_mb=timed[1],
            violations=wrong,
            extra={**self.facts, **extra},
        )


def city_rows(
    args: BenchArgs, name: str, extract: Path, folder: Path, wanted: tuple[str, ...]
) -> Iterator[Run]:
    """The kinds of work asked for on one extract, each by every seed."""
    country = cities.COUNTRIES.get(name, "")
    built = measured_apart(cities.build_and_keep, extract, country, folder)[0]
    cities.warm()
    travel, _ = cities.reopened(folder)
    facts = {"states": built.facts["arcs"], "turns": built.facts["turns"]}
    for seed in args.seed_numbers():
        city = City(
            name=name, extract=extract, folder=folder, travel=travel, seed=seed, facts=facts
        )
        if "build" in wanted:
            yield city.row("build", (built.wall_seconds, built.peak_mb), 0, built.facts)
        if "start" in wanted:
            yield _start(city)
        for size in args.numbers("n", SIZE) if "matrix" in wanted else ():
            yield from _matrix(args, city, int(size))
        for work, rows in _WORKS.items():
            if work in wanted:
                yield from rows(args, city)


def _start(city: City) -> Run:
    cold = measured_apart(cities.start_cold, city.folder)[0]
    again = measured_apart(cities.start_again, city.folder)[0]
    facts = {**again.facts, "cold_seconds": round(cold, 2)}
    return city.row("start again", (again.wall_seconds, again.peak_mb), 0, facts)


def _matrix(args: BenchArgs, city: City, size: int) -> Iterator[Run]:
    travel = city.travel
    places = cities.places_of(travel.network, size, seed=city.seed)
    travel.block(places[::-1], places[:1])
    matrix, wall, peak = measured(lambda: travel.block(places, places))
    judge = TravelJudge(travel, places)
    wrong = judge.wrong(matrix)
    yield city.row(f"{size}x{size}", (wall, peak), wrong, where_time_goes(travel, places, wall))
    yield from matrix_peers(args, city, places, judge)


def where_time_goes(travel: "RoadTravel", places: LonLat, wall_seconds: float) -> dict[str, Scalar]:
    """Seconds of a matrix by step: snapping, search, reduction to places, and what is left.

    ``table_mb`` and ``shortcuts_mb`` are the bytes that any engine of this kind must touch at
    least once: the answer in both units, and the filled shortcuts both ways.
    """
    from data.travel.cch.matrix import many_to_many
    from data.travel.labels import source_labels, target_labels

    began = time.perf_counter()
    # A hair aside, since places that were just looked up are remembered.
    snapped = travel.snap(places + 1e-9)
    snap_seconds = time.perf_counter() - began
    graph, engine = travel.engines.graph(None), travel.engines.contracted()
    sources = source_labels(graph, snapped)
    targets = target_labels(travel.network, graph, snapped)
    metric, hierarchy = engine.metric(graph), engine.hierarchy
    states = np.unique(targets.state)
    labels = (sources.first, sources.state, sources.weight)
    began = time.perf_counter()
    many_to_many(hierarchy, metric, *labels, states, threads=engine.threads)
    search_seconds = time.perf_counter() - began
    began = time.perf_counter()
    engine.towards(graph, targets)(sources)
    reduce_seconds = max(0.0, time.perf_counter() - began - search_seconds)
    rest = max(0.0, wall_seconds - snap_seconds - search_seconds - reduce_seconds)
    return {
        "snap_seconds": round(snap_seconds, 3),
        "search_seconds": round(search_seconds, 3),
        "reduce_seconds": round(reduce_seconds, 3),
        "rest_seconds": round(rest, 3),
        "target_states": len(states),
        "table_mb": round(8 * len(places) ** 2 / 1e6, 1),
        "shortcuts_mb": round(
            sum(a.nbytes for a in (metric.up_weight, metric.down_weight)) / 1e6, 1
        ),
    }


def _stream(args: BenchArgs, city: City) -> Iterator[Run]:
    size = int(args.number("stream", STREAMED))
    wall, peak, cells = measured_apart(_streamed, city.folder, size, city.seed)[0]
    extra: dict[str, Scalar] = {"pairs_with_a_way": cells}
    yield city.row(f"{size}x{size} in blocks", (wall, peak), 0, extra)


def _streamed(folder: Path, size: int, seed: int) -> tuple[float, float, int]:
    """Wall seconds and peak MB of a large matrix whose blocks are looked at and let go."""
    from territory.travel import UNREACHABLE

    travel, _ = cities.reopened(folder)
    places = cities.places_of(travel.network, size, seed=seed)
    travel.block(places[:10], places[:10])

    def work() -> int:
        parts = travel.blocks(places, places)
        return sum(int((part.seconds < UNREACHABLE).sum()) for part in parts)

    cells, wall, peak = measured(work)
    return wall, peak, cells


_streamed.warm_up = cities.warm  # type: ignore[attr-defined]


def _nearest(args: BenchArgs, city: City) -> Iterator[Run]:
    sources = cities.places_of(
        city.travel.network, int(args.number("sources", SOURCES)), seed=city.seed
    )
    targets = cities.places_of(
        city.travel.network, int(args.number("targets", SIZE)), seed=city.seed + 1
    )
    count = min(NEAREST, len(targets))
    found, wall, peak = measured(lambda: city.travel.nearest(sources, targets, count))
    rows = np.linspace(0, len(sources) - 1, min(JUDGED, len(sources))).astype(np.int64)
    due = np.sort(city.travel.block(sources[rows], targets).seconds, axis=1)[:, :count]
    wrong = int((due != found.seconds[rows]).sum())
    extra: dict[str, Scalar] = {"targets": len(targets)}
    yield city.row(f"{len(sources)} to {count} nearest", (wall, peak), wrong, extra)


def _route(args: BenchArgs, city: City) -> Iterator[Run]:
    travel = city.travel
    count = int(args.number("routes", ROUTES))
    ends = cities.places_of(travel.network, 2 * count, seed=city.seed).reshape(count, 2, 2)
    due = np.array([travel.block(start, end).seconds[0, 0] for start, end in _pairs(ends)])
    walls: list[float] = []
    legs: list[Leg] = []
    peak = measured(lambda: travel.legs(ends[0]))[2]
    for pair in ends:
        began = time.perf_counter()
        legs += travel.legs(pair)
        walls.append(time.perf_counter() - began)
    wrong = int((due != np.array([leg.seconds for leg in legs])).sum())
    extra: dict[str, Scalar] = {
        "p95_ms": round(1000 * float(np.percentile(walls, 95)), 3),
        "points": round(float(np.mean([len(leg.lonlat) for leg in legs])), 1),
        "steps": round(float(np.mean([len(leg.steps) for leg in legs])), 1),
        **_route_parts(travel, ends),
    }
    yield city.row("route with line and names", (float(np.median(walls)), peak), wrong, extra)
    yield from route_peer(args, city, ends)


def _route_parts(travel: "RoadTravel", ends: LonLat) -> dict[str, Scalar]:
    """Milliseconds of a route by step, in the median: snapping, the path; the rest is telling."""
    from data.travel.paths import fastest_drive

    graph, engine = travel.engines.graph(None), travel.engines.contracted()
    snaps, paths = [], []
    for pair in ends:
        began = time.perf_counter()
        snapped = travel.snap(pair)
        snaps.append(time.perf_counter() - began)
        began = time.perf_counter()
        fastest_drive(travel.network, graph, engine, snapped)
        paths.append(time.perf_counter() - began)
    return {
        "snap_ms": round(1000 * float(np.median(snaps)), 3),
        "path_ms": round(1000 * float(np.median(paths)), 3),
    }


def _pairs(ends: LonLat) -> Iterator[tuple[LonLat, LonLat]]:
    for pair in ends:
        yield pair[:1], pair[1:]


def _reach(args: BenchArgs, city: City) -> Iterator[Run]:
    from data.travel.isochrones import reach_polygons

    travel = city.travel
    places = cities.places_of(travel.network, int(args.number("reaches", REACHES)), seed=city.seed)
    reach_polygons(travel, places[0], minutes=(MINUTES,))
    peak = measured(lambda: reach_polygons(travel, places[0], minutes=(MINUTES,)))[2]
    walls, areas, wrong = [], [], 0
    for place in places:
        began = time.perf_counter()
        (reached,) = reach_polygons(travel, place, minutes=(MINUTES,))
        walls.append(time.perf_counter() - began)
        areas.append(reached.square_meters / 1e6)
        wrong += not reached.geometry.is_valid
        inner, outer = reach_polygons(travel, place, minutes=(MINUTES // 3, MINUTES))
        wrong += not outer.geometry.buffer(1e-9).covers(inner.geometry)
    extra: dict[str, Scalar] = {
        "p95_ms": round(1000 * float(np.percentile(walls, 95)), 1),
        "square_km": round(float(np.mean(areas)), 1),
    }
    yield city.row(f"{MINUTES}-minute reach", (float(np.median(walls)), peak), wrong, extra)


def _reweight(args: BenchArgs, city: City) -> Iterator[Run]:
    from data.travel.graph import turn_graph
    from data.travel.periods import arc_factor

    engine, network = city.travel.engines.contracted(), city.travel.network
    walls, graphs = [], []

    def work() -> None:
        for _ in range(5):
            began = time.perf_counter()
            graph = turn_graph(network, factor=arc_factor(network, OTHER_HOUR))
            graphs.append(time.perf_counter() - began)
            engine.metric(graph)
            walls.append(time.perf_counter() - began)

    _, _, peak = measured(work)
    extra: dict[str, Scalar] = {"graph_seconds": round(float(np.median(graphs)), 3)}
    yield city.row("re-weight", (float(np.median(walls)), peak), 0, extra)
    yield from reweight_peer(args, city)


_WORKS: Final[Mapping[str, Callable[[BenchArgs, City], Iterator[Run]]]] = {
    "stream": _stream,
    "nearest": _nearest,
    "route": _route,
    "reach": _reach,
    "reweight": _reweight,
}
