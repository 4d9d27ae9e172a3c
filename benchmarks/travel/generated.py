"""The generated networks: ready, matrix and memory at a size no shared extract has."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from benchmarks.frame import BenchArgs, Run, Scalar, measured, measured_apart
from benchmarks.million import Kind, generated_network
from benchmarks.travel import cities
from benchmarks.travel.judge import TravelJudge

NODES: Final = 1_000_000
SIZE: Final = 1_000
JUDGED: Final = 3
Timed = tuple[float, float]


def generated_rows(args: BenchArgs, name: str) -> Iterator[Run]:
    """Ready and matrix of one generated network, each seed in a process of its own."""
    kind: Kind = "grid" if name == "million-grid" else "towns"
    nodes, size = int(args.number("nodes", NODES)), int(args.number("n", SIZE))
    for seed in args.seed_numbers():
        answer = measured_apart(ready_and_matrix, kind, nodes, size, seed)[0]
        made, (table, wrong, where), threads = answer
        facts = {"states": made.facts["arcs"], "turns": made.facts["turns"]}
        for work, (wall, peak), bad, extra in (
            ("ready", (made.wall_seconds, made.peak_mb), 0, made.facts),
            (f"{size}x{size}", table, wrong, {**facts, **where}),
        ):
            yield Run(
                bench="travel",
                work=f"{name} {work}",
                engine="fieldwright",
                seed=seed,
                threads=threads,
                wall_seconds=wall,
                peak_mb=peak,
                violations=bad,
                extra=extra,
            )


def ready_and_matrix(
    kind: Kind, nodes: int, size: int, seed: int
) -> tuple[cities.Readied, tuple[Timed, int, dict[str, Scalar]], int]:
    """A network made ready (its making not counted), and a matrix on it, judged."""
    from benchmarks.travel.ours import where_time_goes

    network = generated_network(nodes, seed=seed, kind=kind)
    (travel, facts), wall, peak = measured(lambda: cities.ready(lambda: network))
    made = cities.Readied(wall_seconds=wall, peak_mb=peak, facts=facts)
    places = cities.places_of(network, size, seed=seed)
    travel.block(places[: min(10, len(places))], places)
    matrix, table_wall, table_peak = measured(lambda: travel.block(places, places))
    has_hierarchy = "shortcuts" in facts
    where = where_time_goes(travel, places, table_wall) if has_hierarchy else {}
    wrong = TravelJudge(travel, places, count=JUDGED).wrong(matrix)
    told: dict[str, Scalar] = {"judged_sources": int(np.minimum(JUDGED, size)), **where}
    return made, ((table_wall, table_peak), wrong, told), travel.engines.threads


ready_and_matrix.warm_up = cities.warm  # type: ignore[attr-defined]
