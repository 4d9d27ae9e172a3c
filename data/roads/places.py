"""Named places of an extract: shops, offices, amenities and crafts."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from data.roads.osm import area_objects

if TYPE_CHECKING:
    import pandas as pd

PLACE_KEYS: Final = ("shop", "office", "craft", "amenity")
"""Looked for in this order: a place that is a shop and an amenity counts as a shop."""

COLUMNS: Final = (
    "place_id",
    "name",
    "lon",
    "lat",
    "kind",
    "category",
    "brand",
    "phone",
    "opening_hours",
    "address",
)

NO_BUSINESS: Final = frozenset(
    {
        "artwork",
        "atm",
        "bench",
        "bicycle_parking",
        "bicycle_rental",
        "bicycle_repair_station",
        "bus_station",
        "charging_station",
        "clock",
        "drinking_water",
        "ferry_terminal",
        "fountain",
        "grave_yard",
        "grit_bin",
        "hunting_stand",
        "letter_box",
        "loading_dock",
        "monastery",
        "motorcycle_parking",
        "parking",
        "parking_entrance",
        "parking_space",
        "payment_terminal",
        "place_of_worship",
        "post_box",
        "public_bookcase",
        "recycling",
        "shelter",
        "shower",
        "smoking_area",
        "table",
        "taxi",
        "telephone",
        "ticket_validator",
        "toilets",
        "vending_machine",
        "waste_basket",
        "waste_disposal",
        "water_point",
        "watering_place",
    }
)
"""Amenities that are street furniture or nobody's business."""


def read_places(path: Path) -> "pd.DataFrame":
    """Named businesses of an OpenStreetMap file, one row each, ordered by ``place_id``.

    Columns: place_id ("n" node, "w" way or "r" relation and its number), name, lon, lat (the point,
    or the middle of the outline), kind (shop, office, craft, amenity), category (the tag's value),
    brand, phone, opening_hours (as tagged), address; missing text is "".

    Raises
    ------
    InputError
        If the file is no OpenStreetMap file or broken.
    """
    import pandas as pd

    rows = sorted(_rows(path), key=lambda row: (row["place_id"][0], int(row["place_id"][1:])))
    frame = pd.DataFrame(rows, columns=[*COLUMNS])
    return frame.astype({name: "float64" if name in ("lon", "lat") else "str" for name in COLUMNS})


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for found in area_objects(path, keys=PLACE_KEYS):
        tags = {tag.k: tag.v for tag in found.tags}
        kind = next((key for key in PLACE_KEYS if tags.get(key, "no") != "no"), "")
        if not kind or "name" not in tags or tags[kind] in NO_BUSINESS | {"vacant"}:
            continue
        placed = _placed(found)
        if placed is None:
            continue
        place_id, lon, lat = placed
        yield {
            "place_id": place_id,
            "name": tags["name"].strip(),
            "lon": round(lon, 7),
            "lat": round(lat, 7),
            "kind": kind,
            "category": kind if tags[kind] == "yes" else tags[kind],
            "brand": tags.get("brand", tags.get("operator", "")),
            "phone": tags.get("phone", tags.get("contact:phone", "")),
            "opening_hours": tags.get("opening_hours", ""),
            "address": _address(tags),
        }


def _placed(found: Any) -> tuple[str, float, float] | None:
    """Id and middle of a point, a way or a relation's outline; None if it cannot be placed."""
    if found.is_node():
        location = found.location
        return (f"n{found.id}", location.lon, location.lat) if location.valid() else None
    if found.is_way():
        points = [(n.location.lon, n.location.lat) for n in found.nodes if n.location.valid()]
        return _middle(f"w{found.id}", points)
    if found.is_area() and not found.from_way():
        points = [(n.location.lon, n.location.lat) for ring in found.outer_rings() for n in ring]
        return _middle(f"r{found.orig_id()}", points)
    return None


def _middle(place_id: str, points: list[tuple[float, float]]) -> tuple[str, float, float] | None:
    """The middle of the box round the points: inside or beside any building."""
    if not points:
        return None
    corners = np.asarray(points)
    lon, lat = (corners.min(axis=0) + corners.max(axis=0)) / 2
    return place_id, float(lon), float(lat)


def _address(tags: Mapping[str, str]) -> str:
    street = " ".join(tags.get(f"addr:{part}", "") for part in ("street", "housenumber")).strip()
    town = " ".join(tags.get(f"addr:{part}", "") for part in ("postcode", "city")).strip()
    return ", ".join(part for part in (street, town) if part)
