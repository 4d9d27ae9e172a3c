"""Scoring: points into units and zones, whole scores here and over Dask, entity resolution.

``python -m benchmarks score --params n=1e7``: four works, or those of ``work=units+full``.

- ``units``: ``n`` points in Parquet files, drawn where people live, counted per H3 cell and per
  zone of Helsinki. Peers on the files of the first ``peer_n``: geopandas, sedonadb, and polars with
  polars-h3, which takes each cell whole. Violations are zones and cells of the first ``judge_n``
  points with another count than an independent join says (each zone against all points by a
  prepared polygon, H3 asked for each point); of a peer, zones with another total than ours.
- ``full``: ``companies`` in files (1 M) to facts and score of some 20,000 units; ``dask``: the same
  over two local workers. Violations: what the judge finds, and figures that differ through Dask.
- ``entity``: see ``benchmarks.entity``.
- ``zones``: points in memory into the zones of ``--names`` (helsinki84, metro330), beside
  geopandas, both judged whole.

The objective is the number of points that lie in a zone, or the potential in money.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.entity import entity_runs
from benchmarks.frame import BenchArgs, Run, measured, measured_apart
from benchmarks.score_full import full_runs
from benchmarks.score_units import (
    RESOLUTION,
    PartCounts,
    count_geopandas,
    count_here,
    count_polars,
    count_sedona,
    counted,
    independent_cells,
    independent_zones,
)
from benchmarks.score_world import (
    ROWS_PER_FILE,
    PopulationGrid,
    market_of,
    read_geojson,
    write_companies,
)
from territory.errors import InputError
from territory.units.locate import ZoneGrid

SETS = {"helsinki84": "paavo_2022.geojson", "metro330": "metro_neighborhoods_2026.geojson"}
DEFAULT_POINTS = 1_000_000


WORKS = ("units", "full", "dask", "entity", "zones")
DEFAULT_WORKS = "units+full+dask+entity"
JUDGED_POINTS = 1_000_000


def runs(args: BenchArgs) -> Iterator[Run]:
    """The works asked for, ours then the peers."""
    works = str(args.params.get("work", "zones" if args.names else DEFAULT_WORKS)).split("+")
    unknown = [work for work in works if work not in WORKS]
    if unknown:
        raise InputError(
            f"No work is named {', '.join(unknown)}.", fix=f"There are: {', '.join(WORKS)}."
        )
    if "zones" in works:
        yield from zone_runs(args)
    with tempfile.TemporaryDirectory(prefix="score-") as folder:
        if "units" in works:
            yield from unit_runs(args, Path(folder))
    with tempfile.TemporaryDirectory(prefix="score-") as folder:
        if "full" in works or "dask" in works:
            yield from full_runs(args, Path(folder), works)
    if "entity" in works:
        yield from entity_runs(args if works == ["entity"] else replace(args, names=()))


def unit_runs(args: BenchArgs, folder: Path) -> Iterator[Run]:
    """Points in files into H3 cells and zones."""
    source = args.folder("geo", "helsinki")
    zones = source / SETS["helsinki84"]
    count = int(args.number("n", DEFAULT_POINTS))
    peer_count = min(count, int(args.number("peer_n", count)))
    grid = PopulationGrid(source / "hsy_populationgrid.geojson")
    for seed in args.seed_numbers():
        paths = [str(path) for path in write_companies(grid, folder, count, seed=seed)]
        cells = _cells(paths)
        parts, wall, peak = measured_apart(count_here, paths, zones, cells)
        ours = sum_of([part.zones for part in parts])
        judged = int(args.number("judge_n", JUDGED_POINTS))
        wrong, looked = judge_parts(parts, paths, zones, cells, judged)
        yield _units_row("fieldwright", count, seed, ours, (wall, peak), wrong, judged=looked)
        held = [path for place, path in enumerate(paths) if place * ROWS_PER_FILE < peer_count]
        reference = sum_of([part.zones for part in parts if part.path in held])
        rows = sum(part.rows for part in parts if part.path in held)
        for engine, work, package in UNIT_PEERS:
            if args.has_peer(engine, package):
                found, wall, peak = measured_apart(work, held, zones)
                wrong = int((found != reference).sum())
                off = 100 * float(np.abs(found - reference).sum()) / max(1, int(reference.sum()))
                yield _units_row(engine, rows, seed, found, (wall, peak), wrong, gap=off)


UNIT_PEERS = (
    ("geopandas", count_geopandas, "geopandas"),
    ("sedonadb", count_sedona, "sedonadb"),
    ("polars-h3", count_polars, "polars_h3"),
)


def sum_of(counts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Counts of all parts together."""
    return np.asarray(np.sum(counts, axis=0), dtype=np.int64)


def judge_parts(
    parts: Sequence[PartCounts], paths: Sequence[str], zones: Path, cells: Sequence[str], most: int
) -> tuple[int, int]:
    """Zones and cells of the first parts that an independent join counts otherwise; on how many
    points.
    """
    from data.company_files import open_company_files

    polygons, _ = read_geojson(zones)
    wrong = looked = 0
    files = open_company_files([Path(path) for path in paths])
    for part, found in zip(files.parts, parts, strict=True):
        if looked and looked + part.rows > most:
            break
        frames = [frame for _, frame in part.blocks(("lon", "lat"))]
        points = np.concatenate([frame[["lon", "lat"]].to_numpy() for frame in frames])
        wrong += int((found.zones != independent_zones(polygons, points)).sum())
        wrong += int((found.units != independent_cells(cells, points)).sum())
        looked += part.rows
    return wrong, looked


def _cells(paths: Sequence[str]) -> tuple[str, ...]:
    """The H3 cells over the points of files, as a market of them has."""
    from data.company_files import open_company_files
    from territory.units import build_units

    market = market_of(
        np.empty(0, dtype=object), seed=0, settings={"unit_kind": "h3", "resolution": RESOLUTION}
    )
    files = open_company_files([Path(path) for path in paths])
    return build_units(market, companies=files.parts).ids


def _units_row(
    engine: str,
    count: int,
    seed: int,
    found: NDArray[np.int64],
    cost: tuple[float, float],
    wrong: int,
    *,
    gap: float = 0.0,
    judged: int | None = None,
) -> Run:
    return Run(
        bench="score",
        work=f"units {_short(count)} helsinki84",
        engine=engine,
        seed=seed,
        threads=2,
        wall_seconds=cost[0],
        peak_mb=cost[1],
        objective=float(found.sum()),
        gap_percent=gap,
        violations=wrong,
        extra={"points": count, "seconds_per_million": cost[0] / count * 1e6, "judged": judged},
    )


def zone_runs(args: BenchArgs) -> Iterator[Run]:
    """Ours on ``n`` points in memory, then the peer, per set and seed."""
    folder = args.folder("geo", "helsinki")
    count = int(args.number("n", DEFAULT_POINTS))
    peer_count = min(count, int(args.number("peer_n", count)))
    for name in args.chosen(tuple(SETS)):
        zones, _ = read_geojson(folder / SETS[name] if folder.is_dir() else folder)
        for seed in args.seed_numbers():
            points = draw_points(zones, count, seed=seed)
            yield _ours(name, zones, points, seed)
            if args.has_peer("geopandas"):
                yield _peer(name, zones, points[:peer_count], seed)


def draw_points(zones: NDArray[np.object_], count: int, *, seed: int) -> NDArray[np.float64]:
    """Points over the zones' extent: companies crowd around sub-centres, a third is even."""
    random = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(zones)
    low, span = np.array([west, south]), np.array([east - west, north - south])
    inner = shapely.get_coordinates(shapely.point_on_surface(zones))
    centres = inner[random.integers(0, len(inner), 40)]
    points = low + span * random.random((count, 2))
    crowded = np.arange(count) % 3 != 0
    around = centres[random.integers(0, len(centres), int(crowded.sum()))]
    points[crowded] = around + random.normal(0, 0.02, around.shape) * span
    return points


def _ours(name: str, zones: NDArray[np.object_], points: NDArray[np.float64], seed: int) -> Run:
    def work() -> NDArray[np.int64]:
        return counted(ZoneGrid(zones, depth=9).locate(points), len(zones))

    return _row("fieldwright", name, zones, points, seed, measured(work))


def _peer(name: str, zones: NDArray[np.object_], points: NDArray[np.float64], seed: int) -> Run:
    import geopandas

    frame = geopandas.GeoDataFrame({"zone": np.arange(len(zones))}, geometry=zones, crs=4326)

    def work() -> NDArray[np.int64]:
        places = geopandas.GeoDataFrame(
            geometry=geopandas.points_from_xy(points[:, 0], points[:, 1]), crs=4326
        )
        joined = geopandas.sjoin(places, frame, predicate="intersects")
        first = joined["zone"].groupby(level=0).min()
        return counted(first.to_numpy(), len(zones))

    return _row("geopandas", name, zones, points, seed, measured(work))


def _row(
    engine: str,
    name: str,
    zones: NDArray[np.object_],
    points: NDArray[np.float64],
    seed: int,
    result: tuple[NDArray[np.int64], float, float],
) -> Run:
    found, wall_seconds, peak_mb = result
    right = independent_zones(zones, points)
    return Run(
        bench="score",
        work=f"{_short(len(points))} {name}",
        engine=engine,
        seed=seed,
        threads=1,
        wall_seconds=wall_seconds,
        peak_mb=peak_mb,
        objective=float(found.sum()),
        best_known=float(right.sum()),
        gap_percent=100 * float(np.abs(found - right).sum()) / max(float(right.sum()), 1.0),
        violations=int((found != right).sum()),
        extra={
            "points": len(points),
            "zones": len(zones),
            "seconds_per_million": wall_seconds / len(points) * 1e6,
        },
    )


def _short(count: int) -> str:
    for scale, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= scale and count % (scale // 10) == 0:
            return f"{count / scale:g}{letter}"
    return str(count)
