"""A small world for score tests: three square zones in a row, west to east.

+----+----+----+
| z0 | z1 | z2 |   each 0.01 x 0.01 degree on the equator (1.1 km)
+----+----+----+
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd
import shapely

from territory.market import Market, MarketSettings
from territory.outlets import Site
from territory.tables import TABLES
from territory.tables.frames import empty_frame, typed_frame
from territory.travel import UNREACHABLE, TravelMatrix
from territory.units import Units, build_units

TODAY = date(2026, 11, 23)


def rows(table: str, **columns: Sequence[object]) -> pd.DataFrame:
    return typed_frame(dict(columns), TABLES[table])


def zones(count: int = 3, **columns: Sequence[object]) -> pd.DataFrame:
    return rows(
        "zones",
        zone_id=[f"z{number}" for number in range(count)],
        name=[f"Zone {number}" for number in range(count)],
        geometry=[
            shapely.box(0.01 * number, 0, 0.01 * number + 0.01, 0.01).wkt for number in range(count)
        ],
        **columns,
    )


def companies(where: Sequence[int], **columns: Sequence[object]) -> pd.DataFrame:
    """One company per entry of ``where``, which names its zone."""
    return rows(
        "companies",
        company_id=[f"c{number}" for number in range(len(where))],
        lon=[zone * 0.01 + 0.005 for zone in where],
        lat=[0.002 + 0.00001 * number for number in range(len(where))],
        **columns,
    )


def accounts(where: Sequence[int], **columns: Sequence[object]) -> pd.DataFrame:
    return rows(
        "accounts",
        account_id=[f"a{number}" for number in range(len(where))],
        lon=[zone * 0.01 + 0.005 for zone in where],
        lat=[0.002 + 0.00001 * number for number in range(len(where))],
        **columns,
    )


def market(**tables: pd.DataFrame) -> Market:
    """A market of zones with these tables; absent ones are empty."""
    full: Mapping[str, pd.DataFrame] = {
        name: empty_frame(spec) for name, spec in TABLES.items()
    } | {"zones": zones()}
    return Market(
        name="strip",
        settings=MarketSettings(title="Strip", today=TODAY, unit_kind="zones"),
        tables={**full, **tables},
    )


def units_of(world: Market) -> Units:
    return build_units(world)


def travel(minutes: Sequence[Sequence[float]]) -> TravelMatrix:
    """A matrix from units (rows) to sites, in minutes; inf for no way."""
    given = np.asarray(minutes, dtype=np.float64)
    seconds = np.where(np.isfinite(given), np.nan_to_num(given, posinf=0) * 60, UNREACHABLE)
    return TravelMatrix(
        seconds=seconds.astype(np.int32), meters=seconds.astype(np.int32), source="road"
    )


def outlet(site_id: str, *, attractiveness: float = 1.0, is_own: bool = True) -> Site:
    return Site(
        site_id=site_id,
        name=f"Outlet {site_id}",
        lon=0.0,
        lat=0.0,
        role="own" if is_own else "competitor",
        attractiveness=attractiveness,
    )
