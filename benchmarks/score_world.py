"""The world of the score benchmark: companies where people live, in Parquet files, and its market.

Places are drawn in the cells of a real population grid (HSY), each as often as it has inhabitants,
and evenly within a cell. What companies earn and spend is made up. Files are written piece by
piece, so that the world may be larger than memory.
"""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from territory.market import Market, MarketSettings
from territory.tables import TABLES
from territory.tables.frames import empty_frame, typed_frame

PIECE_ROWS = 250_000
ROWS_PER_FILE = 1_000_000
CATEGORIES = ("bakery", "café", "kiosk", "office", "pharmacy", "restaurant", "school", "shop")
SIZES = ("micro", "small", "medium", "large")
SIZE_SHARES = (0.72, 0.2, 0.06, 0.02)
TODAY = date(2026, 11, 23)


def read_geojson(path: Path) -> tuple[NDArray[np.object_], list[dict[str, object]]]:
    """The shapes of a GeoJSON file in WGS84, a projected file brought there, and properties."""
    from pyproj import Transformer

    collection = json.loads(path.read_text(encoding="utf-8"))
    features = collection["features"]
    shapes = [json.dumps(feature["geometry"]) for feature in features]
    polygons = shapely.make_valid(np.asarray(shapely.from_geojson(shapes), dtype=object))
    named = collection.get("crs", {}).get("properties", {}).get("name", "")
    code = named.rsplit(":", 1)[-1]
    if code.isdigit() and code != "4326":
        there = Transformer.from_crs(f"EPSG:{code}", "EPSG:4326", always_xy=True)
        polygons = shapely.transform(
            polygons, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1]))
        )
    return np.asarray(polygons, dtype=object), [feature["properties"] for feature in features]


class PopulationGrid:
    """Cells with inhabitants, from which places are drawn; ``share`` of them, from the west."""

    def __init__(self, path: Path, *, share: float = 1.0) -> None:
        shapes, facts = read_geojson(path)
        people = np.array([max(0.0, float(str(fact.get("asukkaita") or 0))) for fact in facts])
        west = shapely.bounds(shapes)[:, 0]
        people[west > np.quantile(west, share)] = 0
        self._bounds = shapely.bounds(shapes)[people > 0]
        self._ends = np.cumsum(people[people > 0])

    def draw(self, count: int, random: np.random.Generator) -> NDArray[np.float64]:
        """(count, 2) places."""
        cell = np.searchsorted(self._ends, random.random(count) * self._ends[-1], side="right")
        west, south, east, north = self._bounds[cell].T
        return np.column_stack(
            [
                west + (east - west) * random.random(count),
                south + (north - south) * random.random(count),
            ]
        )


def write_companies(grid: PopulationGrid, folder: Path, count: int, *, seed: int) -> list[Path]:
    """``count`` companies as Parquet files of row groups of 250,000."""
    import pyarrow as pa
    import pyarrow.parquet

    random = np.random.default_rng(seed)
    paths: list[Path] = []
    for start in range(0, count, ROWS_PER_FILE):
        path = folder / f"companies-{len(paths):03d}.parquet"
        writer = None
        for first in range(start, min(start + ROWS_PER_FILE, count), PIECE_ROWS):
            rows = min(PIECE_ROWS, count - first, start + ROWS_PER_FILE - first)
            table = pa.Table.from_pandas(
                draw_companies(grid, first, rows, random), preserve_index=False
            )
            writer = writer or pyarrow.parquet.ParquetWriter(path, table.schema)
            writer.write_table(table)
        assert writer is not None
        writer.close()
        paths.append(path)
    return paths


def draw_companies(
    grid: PopulationGrid, first: int, count: int, random: np.random.Generator
) -> pd.DataFrame:
    """Companies numbered from ``first``; a third tells no income, two fifths no consumption."""
    lon, lat = grid.draw(count, random).T
    category = random.integers(0, len(CATEGORIES), count)
    size = random.choice(len(SIZES), count, p=SIZE_SHARES)
    usual = 4_000.0 * (1 + category) * np.array([1.0, 4.0, 12.0, 40.0])[size]
    income = 5 * usual * random.lognormal(0, 0.5, count)
    consumption = usual * (income / (5 * usual)) ** 0.8 * random.lognormal(0, 0.5, count)
    income[random.random(count) < 1 / 3] = np.nan
    consumption[random.random(count) < 0.4] = np.nan
    return pd.DataFrame(
        {
            "company_id": [f"c{number:09d}" for number in range(first, first + count)],
            "lon": lon,
            "lat": lat,
            "category": np.array(CATEGORIES)[category],
            "size": np.array(SIZES)[size],
            "income": np.round(income, 2),
            "consumption": np.round(consumption, 2),
        }
    )


def market_of(zones: NDArray[np.object_], *, seed: int, settings: dict[str, object]) -> Market:
    """A market of these zones, with incomes and indices made up, and no company in its tables."""
    random = np.random.default_rng(seed)
    count = len(zones)
    frame = typed_frame(
        {
            "zone_id": [f"z{number:03d}" for number in range(count)],
            "name": [f"Zone {number}" for number in range(count)],
            "geometry": [shape.wkt for shape in zones],
            "population": random.integers(500, 20_000, count).astype(np.float64),
            "households": random.integers(250, 9_000, count).astype(np.float64),
            "median_income": random.uniform(18_000, 60_000, count).round(),
            "consumption_index": random.uniform(0.7, 1.4, count).round(3),
        },
        TABLES["zones"],
    )
    tables = {name: empty_frame(spec) for name, spec in TABLES.items()}
    return Market(
        name="score",
        settings=MarketSettings(title="Score", today=TODAY, **settings),  # type: ignore[arg-type]
        tables={**tables, "zones": frame},
    )
