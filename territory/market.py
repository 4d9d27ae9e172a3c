"""A market: one customer's working set of tables for a region."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd

from territory.errors import NotFound
from territory.travel import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSettings:
    """What holds for a whole market. ``today`` is the reference day of all "due" and "overdue".

    ``unit_kind`` is "h3" or "zones"; ``resolution`` None lets the market's size decide.
    ``reach_minutes`` are the steps of coverage and capture, ascending; a demand reached within the
    first counts whole, within each next one less (see ``territory.coverage``).
    """

    title: str
    today: date
    currency: str = "EUR"
    timezone: str = "UTC"
    country: str = ""
    mode: Mode = "car"
    reach_mode: Mode = "car"
    reach_minutes: tuple[int, ...] = (5, 10, 15)
    unit_kind: str = "h3"
    resolution: int | None = None
    attribution: tuple[str, ...] = ()
    total_market: float | None = None

    def __post_init__(self) -> None:
        ZoneInfo(self.timezone)  # refuses an unknown zone
        if self.unit_kind not in ("h3", "zones"):
            raise ValueError(f"unit_kind {self.unit_kind!r} is not 'h3' or 'zones'")
        steps = self.reach_minutes
        if not steps or list(steps) != sorted(set(steps)) or steps[0] <= 0:
            raise ValueError(f"reach_minutes {steps!r} must be positive and ascending")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Market:
    """A named market and its tables, each a frame as ``territory.tables`` describes it.

    A table with no rows is present as an empty frame. Every frame has a text column ``synthetic``:
    the names, joined by ";", of the cells in that row which a model drew ("*" for all of them).
    """

    name: str
    settings: MarketSettings
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """One table's rows.

        Raises
        ------
        NotFound
            If no table has this name.
        """
        if name not in self.tables:
            known = ", ".join(sorted(self.tables))
            raise NotFound(f"There is no table {name!r}.", fix=f"Tables: {known}.")
        return self.tables[name]

    @property
    def has_synthetic(self) -> bool:
        """Whether any cell was drawn by a model instead of observed."""
        return any(
            bool((frame["synthetic"].fillna("") != "").any())
            for frame in self.tables.values()
            if len(frame) and "synthetic" in frame
        )
