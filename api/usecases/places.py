"""Places of a market by id or by coordinates, and files of places."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from territory.errors import Fault, InputError, NotFound
from territory.geo import LonLat, as_lonlat
from territory.market import Market
from territory.tables.model import Column, TableSpec

KINDS = (
    ("accounts", "account", "account_id", "lon", "lat"),
    ("outlets", "outlet", "outlet_id", "lon", "lat"),
    ("sites", "site", "site_id", "lon", "lat"),
    ("executives", "home", "executive_id", "home_lon", "home_lat"),
    ("executives", "end of day", "executive_id", "end_lon", "end_lat"),
)
"""Table, what its places are called, and the columns of id and coordinates."""

PLACES_TABLE = TableSpec(
    name="places",
    sentence="Places to travel between.",
    key=("id",),
    columns=(
        Column(
            name="id",
            kind="id",
            sentence="Stable id of the place.",
            required=True,
            aliases=("place_id", "account_id", "outlet_id", "site_id", "company_id"),
        ),
        Column(
            name="lon",
            kind="longitude",
            sentence="Longitude, WGS84.",
            unit="degrees",
            required=True,
            minimum=-180,
            maximum=180,
            aliases=("longitude", "lng", "x"),
        ),
        Column(
            name="lat",
            kind="latitude",
            sentence="Latitude, WGS84.",
            unit="degrees",
            required=True,
            minimum=-90,
            maximum=90,
            aliases=("latitude", "y"),
        ),
    ),
)

_PAIR = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place with what it is called; ``kind`` is "account", "outlet", ... or "point"."""

    place_id: str
    name: str
    kind: str
    lon: float
    lat: float


def lonlat_of(places: Sequence[Place]) -> LonLat:
    """Where places are, as an (n, 2) array."""
    return np.array([(place.lon, place.lat) for place in places], dtype=np.float64).reshape(-1, 2)


def market_places(market: Market) -> Iterator[Place]:
    """Every place of a market that has coordinates, table by table."""
    for table, kind, id_column, lon_column, lat_column in KINDS:
        for row in market.table(table).to_dict("records"):
            lon, lat = float(row[lon_column]), float(row[lat_column])
            if np.isfinite(lon) and np.isfinite(lat):
                key = str(row[id_column])
                name = str(row["name"] or key)
                yield Place(place_id=key, name=name, kind=kind, lon=lon, lat=lat)


def find_places(market: Market, wanted: Sequence[str]) -> tuple[Place, ...]:
    """Places by "lon,lat" or by the id of an account, outlet, site or executive's home.

    An id that stands in several tables is taken from the first of them in that order.

    Raises
    ------
    InputError
        If coordinates are not on the globe.
    NotFound
        If no place of the market has an id.
    """
    known: dict[str, Place] = {}
    if not all(_PAIR.fullmatch(text) for text in wanted):
        for place in market_places(market):
            known.setdefault(place.place_id, place)
    found = [_place(text, known, market) for text in wanted]
    as_lonlat(lonlat_of(found))
    return tuple(found)


def _place(text: str, known: dict[str, Place], market: Market) -> Place:
    if text in known:
        return known[text]
    pair = _PAIR.fullmatch(text)
    if pair is None:
        raise NotFound(
            f"Market {market.name!r} has no place {text[:80]!r}.",
            fix="Name an account, outlet, site or executive by its id, or give lon,lat.",
        )
    lon, lat = float(pair[1]), float(pair[2])
    return Place(
        place_id=text.strip(), name=f"{lon:.5f}, {lat:.5f}", kind="point", lon=lon, lat=lat
    )


def own_outlets(market: Market) -> tuple[Place, ...]:
    """The market's own trading outlets.

    Raises
    ------
    NotFound
        If it has none.
    """
    from api.usecases.workspace import outlet_sites

    found = tuple(
        Place(place_id=site.site_id, name=site.name, kind="outlet", lon=site.lon, lat=site.lat)
        for site in outlet_sites(market, "own")
    )
    if not found:
        raise NotFound(
            f"Market {market.name!r} has no own outlets.", fix="Name the targets yourself."
        )
    return found


def read_places(path: Path) -> tuple[Place, ...]:
    """Places of a file with the columns id, lon and lat, in the file's order.

    Raises
    ------
    InputError
        If the file cannot be read or a row is bad (all faults), or there is no row.
    """
    from data.readers import read_table

    frame = read_table(path, PLACES_TABLE).checked.good
    if not len(frame):
        fault = Fault(file=path.name, expected="at least one place")
        raise InputError("There are no places in this file.", [fault])
    return tuple(
        Place(place_id=str(key), name=str(key), kind="point", lon=float(lon), lat=float(lat))
        for key, lon, lat in zip(frame["id"], frame["lon"], frame["lat"], strict=True)
    )
