"""Scoring: points into zones, exact at the borders, beside geopandas' spatial join.

``python -m benchmarks score --params n=1e7,peer_n=1e6``: ``n`` points are drawn, two thirds around
sub-centres inside the zones and one third evenly over their extent, and counted per zone. The peer
is measured on the first ``peer_n`` of the same points, all of them by default; compare
``seconds_per_million``. The objective is the number of points that lie in a zone; ``violations``
counts zones whose total differs from an independent count: each zone against all points by a
prepared polygon, without any grid.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.frame import BenchArgs, Run, measured
from territory.units.locate import ZoneGrid

SETS = {"helsinki84": "paavo_2022.geojson", "metro330": "metro_neighborhoods_2026.geojson"}
DEFAULT_POINTS = 1_000_000


def runs(args: BenchArgs) -> Iterator[Run]:
    """Ours on ``n`` points, then the peer, per set and seed."""
    folder = args.folder("geo", "helsinki")
    count = int(args.number("n", DEFAULT_POINTS))
    peer_count = min(count, int(args.number("peer_n", count)))
    for name in args.chosen(tuple(SETS)):
        zones = read_zones(folder / SETS[name] if folder.is_dir() else folder)
        for seed in args.seed_numbers():
            points = draw_points(zones, count, seed=seed)
            yield _ours(name, zones, points, seed)
            if args.has_peer("geopandas"):
                yield _peer(name, zones, points[:peer_count], seed)


def read_zones(path: Path) -> NDArray[np.object_]:
    """The polygons of a GeoJSON file in WGS84; a projected file is brought there."""
    from pyproj import Transformer

    collection = json.loads(path.read_text(encoding="utf-8"))
    shapes = [json.dumps(feature["geometry"]) for feature in collection["features"]]
    polygons = shapely.make_valid(np.asarray(shapely.from_geojson(shapes), dtype=object))
    named = collection.get("crs", {}).get("properties", {}).get("name", "")
    code = named.rsplit(":", 1)[-1]
    if code.isdigit() and code != "4326":
        there = Transformer.from_crs(f"EPSG:{code}", "EPSG:4326", always_xy=True)
        polygons = shapely.transform(
            polygons, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1]))
        )
    return np.asarray(polygons, dtype=object)


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


def totals(zone: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Points per zone; -1 is none."""
    return np.bincount(zone[zone >= 0], minlength=count)


def independent_totals(
    zones: NDArray[np.object_], points: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Points per zone by asking each zone of all points; the first zone that holds one has it."""
    free = np.ones(len(points), dtype=bool)
    counts = []
    for zone in zones:
        shapely.prepare(zone)
        west, south, east, north = shapely.bounds(zone)
        x, y = points.T
        near = np.flatnonzero(free & (x >= west) & (x <= east) & (y >= south) & (y <= north))
        mine = near[shapely.intersects_xy(zone, x[near], y[near])]
        free[mine] = False
        counts.append(len(mine))
    return np.array(counts, dtype=np.int64)


def _ours(name: str, zones: NDArray[np.object_], points: NDArray[np.float64], seed: int) -> Run:
    def work() -> NDArray[np.int64]:
        return totals(ZoneGrid(zones, depth=9).locate(points), len(zones))

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
        return totals(first.to_numpy(), len(zones))

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
    right = independent_totals(zones, points)
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
