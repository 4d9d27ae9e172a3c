"""Sales of two spans of time, so that what was learnt in one can be tried on the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.units import Units, locate
from territory.units.totals import sum_per_unit

YEAR_DAYS: Final = 365
FEWEST_DAYS: Final = 120
"""Days of deliveries below which two halves say nothing of one another."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spans:
    """Sales a year per unit (n,) before and after a day; ``before`` is None without history.

    ``order_lump`` is the size-weighted mean amount of a delivery, in the same money a year.
    """

    before: NDArray[np.float64] | None
    after: NDArray[np.float64]
    order_lump: float
    before_words: str


def sales_in_spans(tables: Mapping[str, pd.DataFrame], units: Units, today: date) -> Spans:
    """Two years, one after the other, where deliveries go back so far; else two halves of less."""
    accounts, orders = tables["accounts"], tables["orders"]
    delivered = pd.to_datetime(orders["delivered_on"], errors="coerce")
    delivered = delivered.where(delivered <= pd.Timestamp(today))
    amount = orders["delivered_amount"].to_numpy(dtype=np.float64)
    ordered = orders["ordered_amount"].to_numpy(dtype=np.float64)
    amount = np.nan_to_num(np.where(np.isfinite(amount), amount, ordered))
    account = pd.Index(accounts["account_id"]).get_indexer(pd.Index(orders["account_id"]))
    unit = locate(units, accounts[["lon", "lat"]].to_numpy(dtype=np.float64))
    place = np.where(account >= 0, unit[account] if len(unit) else -1, -1).astype(np.int32)
    first = delivered.min()
    history = (pd.Timestamp(today) - first).days + 1 if pd.notna(first) else 0
    days = YEAR_DAYS if history >= 2 * YEAR_DAYS - 14 else history // 2
    whole = min(YEAR_DAYS, history) if history < FEWEST_DAYS else days

    def between(last: date, length: int) -> NDArray[np.float64]:
        end = pd.Timestamp(last)
        start = end - timedelta(days=length - 1)
        inside = np.asarray((delivered >= start) & (delivered <= end), dtype=bool)
        sums = sum_per_unit(np.where(inside, place, -1).astype(np.int32), amount, len(units))
        return np.asarray(sums * (YEAR_DAYS / max(1, length)), dtype=np.float64)

    counted = amount[np.asarray(delivered.notna(), dtype=bool)]
    lump = float((counted**2).sum() / counted.sum()) if counted.sum() > 0 else 0.0
    is_long = history >= FEWEST_DAYS
    return Spans(
        before=between(today - timedelta(days=days), days) if is_long else None,
        after=between(today, whole),
        order_lump=lump * YEAR_DAYS / max(1, whole),
        before_words="the year before" if days == YEAR_DAYS else f"the {days} days before",
    )
