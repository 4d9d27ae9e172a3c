"""A sample: a whole market with its roads and base map."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from data.roads import RoadNetwork
from territory.basemap import BaseMap
from territory.market import Market
from territory.tables import TABLES
from territory.tables.frames import empty_frame, typed_frame
from territory.travel import Mode

TODAY = date(2026, 11, 23)
"""The reference day of both samples, a Monday."""

DRAWN = "*"
"""Every cell of the row was drawn."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """A market, its road network per mode, and its base map."""

    market: Market
    networks: Mapping[Mode, RoadNetwork]
    base_map: BaseMap


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Random numbers by name, so that drawing one table differently leaves the others alone."""

    seed: int

    def of(self, name: str) -> np.random.Generator:
        """The generator of this name; asked twice it starts anew."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])


def table(
    name: str, columns: Mapping[str, object], *, synthetic: str | Sequence[str] = DRAWN
) -> pd.DataFrame:
    """The frame of a market table; ``synthetic`` marks its rows (one word, or one per row)."""
    frame = pd.DataFrame(dict(columns))
    return typed_frame(frame.assign(synthetic=synthetic), TABLES[name])


def complete(tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
    """All market tables in their order, empty where none is given."""
    return {name: tables.get(name, empty_frame(spec)) for name, spec in TABLES.items()}


def numbered(prefix: str, count: int) -> list[str]:
    """Ids such as K0001, of equal length so that they sort."""
    width = max(2, len(str(count)))
    return [f"{prefix}{number:0{width}d}" for number in range(1, count + 1)]
