"""Records of a small town, written by hand: metres east and north of one corner."""

from datetime import date

import pandas as pd

from territory.survey.resolve import Resolution

LON, LAT = 24.94, 60.17
EAST = 1 / (111_195 * 0.49748)  # degrees of a metre at 60.17 north
NORTH = 1 / 111_195


def record(source: str, number: str, name: str = "", **cells: object) -> dict[str, object]:
    """A record ``east`` and ``north`` metres of the corner; other cells as given."""
    east, north = (float(cells.pop(key, 0.0)) for key in ("east", "north"))  # type: ignore[arg-type]
    row: dict[str, object] = {
        "source": source,
        "source_record_id": number,
        "name": name,
        "lon": LON + east * EAST,
        "lat": LAT + north * NORTH,
        "category": "restaurant",
        "source_date": date(2026, 1, 1),
    }
    return row | cells


def town(*rows: dict[str, object]) -> pd.DataFrame:
    """The records as a frame, text columns without holes."""
    frame = pd.DataFrame(rows)
    texts = ("name", "category", "phone", "brand", "address", "size", "synthetic")
    return frame.fillna({name: "" for name in texts if name in frame})


def companies(resolution: Resolution) -> set[frozenset[str]]:
    """The records of each company, as "source:id"."""
    frame = resolution.records
    ids = frame["source"] + ":" + frame["source_record_id"]
    return {frozenset(group) for _, group in ids.groupby(frame["company_id"])}
