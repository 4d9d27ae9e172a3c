"""What an export needs beside the plan: names, units, currency, time zone, the plan's date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from territory.units import Units

ExportKind = Literal["score", "alignment", "visits", "outlets", "gaps", "report", "tables"]
ExportFormat = Literal["csv", "xlsx", "geojson", "gpkg", "ics", "gpx"]

_TABLES: tuple[ExportFormat, ...] = ("csv", "xlsx")
_PLACES: tuple[ExportFormat, ...] = ("csv", "xlsx", "geojson", "gpkg")
FORMATS: Mapping[ExportKind, tuple[ExportFormat, ...]] = MappingProxyType(
    {
        "score": _PLACES,
        "alignment": _PLACES,
        "visits": (*_PLACES, "ics", "gpx"),
        "outlets": _PLACES,
        "gaps": _PLACES,
        "report": _TABLES,
        "tables": _PLACES,
    }
)
"""The formats each kind of plan can be written in; "tables" are a market's own tables."""

MEDIA_TYPES: Mapping[ExportFormat, str] = MappingProxyType(
    {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "geojson": "application/geo+json",
        "gpkg": "application/geopackage+sqlite3",
        "ics": "text/calendar; charset=utf-8",
        "gpx": "application/gpx+xml",
    }
)


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportContext:
    """Names and frame of an export; every text in it may be hostile and is treated so.

    ``date`` is the plan's day: files carry it instead of the clock's, so that the same plan gives
    the same bytes. ``units`` gives shapes and names of units (needed for maps of units). Names are
    by id; a missing one shows the id. ``has_bom`` starts CSV files with a byte order mark, which
    old spreadsheet programs need to see UTF-8. ``version`` is the plan's, counted from 1.
    """

    title: str
    market: str
    plan_id: str
    date: date
    version: int = 0
    currency: str = "EUR"
    timezone: str = "UTC"
    executive_names: Mapping[str, str] = field(default_factory=_nothing)
    account_names: Mapping[str, str] = field(default_factory=_nothing)
    account_addresses: Mapping[str, str] = field(default_factory=_nothing)
    units: Units | None = None
    has_synthetic: bool = False
    attribution: tuple[str, ...] = ()
    has_bom: bool = False

    def __post_init__(self) -> None:
        ZoneInfo(self.timezone)  # refuses an unknown zone

    def executive(self, executive_id: str) -> str:
        """The executive's name, or the id."""
        return self.executive_names.get(executive_id, "") or executive_id

    def account(self, account_id: str) -> str:
        """The account's name, or the id."""
        return self.account_names.get(account_id, "") or account_id
