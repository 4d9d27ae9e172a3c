"""Points in files into units and zones, ours beside the peers, each in a process of its own.

Every engine reads the same Parquet files. Ours counts per unit (H3 cells) and per zone, both
exact; peers count per zone, polars by the zone of a cell's middle, as H3 alone would have it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.score_world import read_geojson

RESOLUTION = 9
CHUNK_ROWS = 2_000_000

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PartCounts:
    """Points of one part of a file per unit and per zone."""

    path: str
    rows: int
    units: Counts
    zones: Counts


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where to count: made once, sent to whoever reads."""

    locator: object
    grid: object


def count_part(places: Places, parts: Sequence[Any]) -> list[PartCounts]:
    """Counts of every part of a group."""
    from territory.units import ZoneGrid
    from territory.units.locate import Locator

    found = []
    assert isinstance(places.locator, Locator)
    assert isinstance(places.grid, ZoneGrid)
    zone_count = places.grid.count
    for one in parts:
        units = np.zeros(places.locator.count, dtype=np.int64)
        zones = np.zeros(zone_count, dtype=np.int64)
        for _, frame in one.blocks(("lon", "lat")):
            lonlat = frame[["lon", "lat"]].to_numpy(dtype=np.float64)
            units += counted(places.locator.locate(lonlat), len(units))
            zones += counted(places.grid.locate(lonlat), len(zones))
        found.append(PartCounts(one.path, one.rows, units, zones))
    return found


def load(*modules: str) -> None:
    """Import modules, so that no engine's time holds its imports."""
    for module in modules:
        import_module(module)


def counted(place: NDArray[np.integer], count: int) -> Counts:
    """How often each place is named; -1 is none."""
    return np.bincount(place[place >= 0], minlength=count)


def count_here(paths: Sequence[str], zones: Path, cells: Sequence[str]) -> list[PartCounts]:
    """Ours: units and zones, two threads."""
    from data.company_files import open_company_files
    from territory.survey.parts import InThreads
    from territory.units import ZoneGrid
    from territory.units.locate import Locator, grid_depth

    parts = open_company_files([Path(path) for path in paths]).parts
    rows = sum(part.rows for part in parts)
    places = Places(
        Locator.of_cells(cells), ZoneGrid(read_geojson(zones)[0], depth=grid_depth(rows))
    )
    groups = InThreads(2)(partial(count_part, places), parts)
    return [part for group in groups for part in group]


count_here.warm_up = partial(  # type: ignore[attr-defined]
    load, "pyarrow.parquet", "data.company_files", "territory.survey", "territory.units"
)


def count_geopandas(paths: Sequence[str], zones: Path) -> Counts:
    """geopandas.sjoin in chunks of two million points; a point on a border to the first zone."""
    import geopandas

    polygons = read_geojson(zones)[0]
    frame = geopandas.GeoDataFrame({"zone": np.arange(len(polygons))}, geometry=polygons, crs=4326)
    total = np.zeros(len(polygons), dtype=np.int64)
    for lonlat in chunks(paths):
        points = geopandas.GeoDataFrame(
            geometry=geopandas.points_from_xy(lonlat[:, 0], lonlat[:, 1]), crs=4326
        )
        joined = geopandas.sjoin(points, frame, predicate="intersects")
        first = joined["zone"].groupby(level=0).min()
        total += counted(first.to_numpy(), len(polygons))
    return total


count_geopandas.warm_up = partial(load, "geopandas", "pyarrow.dataset")  # type: ignore[attr-defined]


def count_polars(paths: Sequence[str], zones: Path) -> Counts:
    """polars with polars-h3: points to cells, and each cell whole to the zone of its middle."""
    import h3
    import polars  # type: ignore[import-not-found]
    import polars_h3  # type: ignore[import-not-found]

    cells = (
        polars.scan_parquet(list(paths))
        .select("lon", "lat")
        .with_columns(
            cell=polars_h3.latlng_to_cell("lat", "lon", RESOLUTION, return_dtype=polars.UInt64)
        )
        .group_by("cell")
        .len()
        .collect(engine="streaming")
    )
    polygons = read_geojson(zones)[0]
    names = [h3.int_to_str(cell) for cell in cells["cell"].to_list()]
    middles = np.array([h3.cell_to_latlng(cell)[::-1] for cell in names])
    point, zone = shapely.STRtree(polygons).query(shapely.points(middles), predicate="intersects")
    number = cells["len"].to_numpy().astype(np.float64)
    return np.bincount(zone, weights=number[point], minlength=len(polygons)).astype(np.int64)


count_polars.warm_up = partial(load, "h3", "polars", "polars_h3")  # type: ignore[attr-defined]


def count_sedona(paths: Sequence[str], zones: Path) -> Counts:
    """SedonaDB: an exact spatial join in SQL; a point on a border counts for both zones."""
    import geopandas
    import sedonadb  # type: ignore[import-not-found]

    polygons = read_geojson(zones)[0]
    frame = geopandas.GeoDataFrame({"zone": np.arange(len(polygons))}, geometry=polygons, crs=4326)
    session = sedonadb.connect()
    session.create_data_frame(frame).to_view("zones")
    session.read_parquet(list(paths)).to_view("companies")
    found = session.sql(
        "SELECT z.zone AS zone, count(*) AS number FROM zones z JOIN "
        "(SELECT ST_SetSRID(ST_Point(lon, lat), 4326) AS place FROM companies)"
        " c ON ST_Intersects(z.geometry, c.place) GROUP BY z.zone"
    ).to_pandas()
    total = np.zeros(len(polygons), dtype=np.int64)
    total[found["zone"].to_numpy()] = found["number"].to_numpy()
    return total


count_sedona.warm_up = partial(load, "geopandas", "sedonadb")  # type: ignore[attr-defined]


def chunks(paths: Sequence[str]) -> Iterator[NDArray[np.float64]]:
    """Places of files, two million at once."""
    import pyarrow.dataset

    batches = pyarrow.dataset.dataset(list(paths)).to_batches(columns=["lon", "lat"])
    held: list[NDArray[np.float64]] = []
    for batch in batches:
        held.append(np.column_stack([batch["lon"].to_numpy(), batch["lat"].to_numpy()]))
        if sum(map(len, held)) >= CHUNK_ROWS:
            yield np.concatenate(held)
            held = []
    if held:
        yield np.concatenate(held)


def independent_zones(zones: NDArray[np.object_], points: NDArray[np.float64]) -> Counts:
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


def independent_cells(cells: Sequence[str], points: NDArray[np.float64]) -> Counts:
    """Points per cell by asking H3 of each point."""
    import h3

    position = {cell: place for place, cell in enumerate(cells)}
    found = [
        position.get(h3.latlng_to_cell(lat, lon, RESOLUTION), -1) for lon, lat in points.tolist()
    ]
    return counted(np.array(found, dtype=np.int64), len(cells))
