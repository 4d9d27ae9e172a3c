"""A market whose every text attacks whoever reads it: pages, sheets, calendars, templates."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from territory.geo import haversine_meters
from territory.market import Market
from territory.tables import TABLES
from territory.tables.frames import typed_frame

TEMPLATE = "{{99991*99989}}"
PRODUCT = str(99991 * 99989)
"""What a template engine would make of it; no other figure of a market looks like this."""

TEXTS = (
    "<img src=x onerror=window.__x=1>",
    "</script><script>window.__x=1</script>",
    "${window.__x=1}",
    TEMPLATE,
    "{% for x in y %}{% include '/etc/passwd' %}",
    "{# gone #} {#",
    "`+(window.__x=1)+`",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("https://example.invalid/","x")',
    "\u202egnp.exe\u202c \u2066abc",
    "a\u2028window.__x=1\u2029b",
    '" onmouseover="window.__x=1" x=\'',
    "'; window.__x=1; //",
    "]]> <!-- --> &lt;b&gt; \\u003cscript\\u003e",
    "https://example.invalid/?a=<b>",
    "line\nBEGIN:VEVENT\r\nSUMMARY:x\nEND:VEVENT",
    "Ü" * 10_000,
)

IDS = (
    "<b>{}</b>",
    "=1+1*{}",
    "{{{{7*191}}}}{}",
    "${{x}}{}",
    "../../{}",
    "'\"`{}",
    "-{}",
    "\u202e{}",
)
"""Legal ids that look like attacks; ``{}`` is the id they stand for."""

TITLE = f"<b>Title</b> {TEMPLATE} ${{window.__x=1}} </script><script>window.__x=1</script>"
ATTRIBUTION = (f"=1+1 <img src=x onerror=window.__x=1> {TEMPLATE}",)
CURRENCY = "<i>`${}"


def hostile_id(text: str) -> str:
    """The attacking id that stands for an id, the same wherever it is named."""
    return IDS[sum(text.encode()) % len(IDS)].format(text) if text else ""


def hostile_text(position: int, text: str) -> str:
    """The attack that stands for a text; the text follows, so that groups stay apart."""
    return TEXTS[position % len(TEXTS)] + text[:20]


def hostile(market: Market) -> Market:
    """The market with an attack in every cell of text, every id attacking, zones as its units."""
    tables = {
        name: _attacked(frame, name) if len(frame) else frame
        for name, frame in market.tables.items()
    }
    tables["alignment"] = _zones_of_executives(tables["zones"], tables["executives"])
    tables["overnights"] = _night_away(tables["executives"], market.settings.today)
    tables["travel_hours"] = _rush_hour()
    settings = replace(
        market.settings,
        title=TITLE,
        currency=CURRENCY,
        attribution=ATTRIBUTION,
        unit_kind="zones",
    )
    return Market(name=market.name, settings=settings, tables=tables)


def _attacked(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    attacked = frame.copy()
    rewrite: Mapping[str, Callable[[int, str], str]] = {
        "id": lambda _, text: hostile_id(text),
        "ids": lambda _, text: ";".join(_skill(part) for part in text.split(";") if part),
        "text": hostile_text,
    }
    for number, column in enumerate(TABLES[table].columns):
        if column.name == "required_skill":
            change: Callable[[int, str], str] = lambda _, text: _skill(text)  # noqa: E731
        elif column.kind in rewrite:
            change = rewrite[column.kind]
        else:
            continue
        cells = [
            change(row + number, str(text))
            for row, text in enumerate(frame[column.name].fillna(""))
        ]
        if column.name == "visit_group":  # a few pairs behind one door, all others alone
            cells = [
                hostile_text(row // 2, f"door {row // 2}") if row < 6 else ""
                for row in range(len(cells))
            ]
        if column.name == "currency":  # another currency leaves a row out: some must stay in
            cells = [cell if row % 9 == 0 else "" for row, cell in enumerate(cells)]
        attacked[column.name] = pd.Series(cells, dtype="str", index=frame.index)
    if table == "targets":  # the market's own target names the market
        own = frame["subject_kind"] == "market"
        attacked.loc[own, "subject_id"] = frame.loc[own, "subject_id"]
    return attacked


def _night_away(executives: pd.DataFrame, day: date) -> pd.DataFrame:
    """One night of the first executive, in a bed with an attack for a name."""
    first = executives.iloc[0]
    columns = {
        "executive_id": [first["executive_id"]],
        "date": [day],
        "lon": [first["home_lon"]],
        "lat": [first["home_lat"]],
        "name": [hostile_text(0, "bed")],
        "synthetic": [hostile_text(1, "*")],
    }
    return typed_frame(columns, TABLES["overnights"])


def _rush_hour() -> pd.DataFrame:
    """Slow mornings under an attacking id."""
    columns = {
        "band_id": [hostile_id("rush")],
        "weekdays": ["Mo-Fr"],
        "from_time": ["07:30"],
        "to_time": ["09:00"],
        "factor": [1.2],
        "synthetic": [hostile_text(2, "*")],
    }
    return typed_frame(columns, TABLES["travel_hours"])


def _skill(text: str) -> str:
    return f"<img src=x onerror=window.__x=1>{text}" if text else ""


def _zones_of_executives(zones: pd.DataFrame, executives: pd.DataFrame) -> pd.DataFrame:
    """Today's alignment: each zone with the executive whose home is nearest."""
    import shapely

    centres = shapely.get_coordinates(shapely.centroid(shapely.from_wkt(zones["geometry"])))
    homes = executives[["home_lon", "home_lat"]].to_numpy(dtype=np.float64)
    nearest = haversine_meters(centres, homes).argmin(axis=1)
    rows = len(zones)
    return pd.DataFrame(
        {
            "subject_kind": pd.Series(["zone"] * rows, dtype="str"),
            "subject_id": zones["zone_id"].astype("str").to_numpy(),
            "executive_id": executives["executive_id"].to_numpy()[nearest],
            "valid_from": pd.Series([date(2024, 1, 1)] * rows, dtype="object"),
            "valid_to": pd.Series([None] * rows, dtype="object"),
            "synthetic": pd.Series([TEXTS[0]] * rows, dtype="str"),
        }
    )
