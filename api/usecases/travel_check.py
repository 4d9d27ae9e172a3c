"""Which places of a market cannot be travelled to, and why, in words with numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from api.usecases.places import Place, lonlat_of, market_places
from api.usecases.travel_questions import travel_of
from api.usecases.workspace import Workspace
from territory.errors import MissingPart
from territory.geo import LonLat
from territory.travel import Mode

if TYPE_CHECKING:
    from data.travel import RoadTravel

CutReason = Literal["beyond_limit", "closed_road", "island"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """A place that joins no road, or roads the others are not on. ``meters``: to an open road."""

    place: Place
    reason: CutReason
    detail: str
    meters: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadCheck:
    """How many places were looked at on roads of a mode, and those cut off."""

    mode: Mode
    looked_at: int
    cut_off: tuple[CutOff, ...]


def check_roads(workspace: Workspace, market: str, *, mode: str = "") -> RoadCheck:
    """Accounts, outlets, sites and homes that no road joins to the rest of the market.

    Raises
    ------
    MissingPart
        If the market has no roads of its own for this mode.
    """
    from data.travel import RoadTravel

    chosen, travel = travel_of(workspace, market, mode)
    if not isinstance(travel, RoadTravel):
        raise MissingPart(
            f"Market {market!r} has no roads of its own for {chosen}.",
            fix=f"Give it some: fieldwright roads {market} --pbf FILE --mode {chosen}",
        )
    places = tuple(market_places(workspace.store.market(market)))
    reasons = why_cut_off(travel, lonlat_of(places))
    return RoadCheck(
        mode=chosen,
        looked_at=len(places),
        cut_off=tuple(
            CutOff(place=place, reason=why[0], detail=why[1], meters=why[2])
            for place, why in zip(places, reasons, strict=True)
            if why is not None
        ),
    )


Why = tuple[CutReason, str, float]
"""A code, words, and metres to the nearest open road."""


def why_cut_off(travel: "RoadTravel", lonlat: LonLat) -> tuple[Why | None, ...]:
    """For each place (n, 2), why it cannot be reached from most others; None where it can.

    The part of the roads that most of these places are on is the mainland; all else is islands.
    """
    snapped, joined = travel.snap(lonlat), travel.join(lonlat)
    return tuple(
        None if is_joined else (_CODES[str(code)], _sentence(words), float(meters))
        for is_joined, code, words, meters in zip(
            joined.is_joined, snapped.reason, joined.reason, snapped.meters, strict=True
        )
    )


_CODES: Mapping[str, CutReason] = {"beyond": "beyond_limit", "closed": "closed_road", "": "island"}


def _sentence(words: str) -> str:
    """What is told of a place as a sentence of its own."""
    said = f"it {words}" if words.startswith("lies") else words
    return f"{said[:1].upper()}{said[1:]}."


def check_lines(found: RoadCheck) -> Iterator[str]:
    """What was found, a line for each place cut off."""
    many = len(found.cut_off)
    yield f"{found.looked_at:,} places looked at by {found.mode}: {many:,} cut off"
    for item in found.cut_off:
        yield f"  {item.place.kind} {item.place.place_id} ({item.place.name}): {item.detail}"


def check_csv(found: RoadCheck) -> bytes:
    """Those cut off as CSV: kind, id, name, lon, lat, reason, meters, detail."""
    from data.exports.sheets import Sheet
    from data.exports.tables import csv_bytes

    rows = tuple(
        (
            item.place.kind,
            item.place.place_id,
            item.place.name,
            item.place.lon,
            item.place.lat,
            item.reason,
            round(item.meters, 1),
            item.detail,
        )
        for item in found.cut_off
    )
    columns = ("kind", "id", "name", "lon", "lat", "reason", "meters", "detail")
    return csv_bytes(Sheet(name="cut off", columns=columns, rows=rows), has_bom=False)
