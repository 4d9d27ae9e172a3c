"""Rows that cannot be right: said with row and reason, set aside, and the rest goes on.

Tables are checked when they are imported; here is what only shows against other rows: an income a
thousand times that of its kind, money in another currency, a delivery before its order, zones that
lie on one another.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from territory.survey.parts import frame_parts, one_by_one
from territory.survey.usual import AMOUNTS, usual_amounts
from territory.units.zones import in_meters, zone_polygons

MOST_TOLD: Final = 3
OVERLAP_SHARE: Final = 0.01
"""Share of the smaller zone that may lie under another one before it is said."""

FEWEST_HOLE_SQUARE_METERS: Final = 10_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One row set aside in whole or in part: where, what it says, why, what became of it."""

    table: str
    row: str
    column: str
    value: str
    reason: str
    became: Literal["left out", "estimated anew", "counted once", "kept"]
    money: float = 0.0


def set_aside(
    tables: Mapping[str, pd.DataFrame], currency: str
) -> tuple[dict[str, pd.DataFrame], tuple[Doubt, ...]]:
    """Tables without what cannot be right, and every doubt with its row."""
    companies, absurd = _without_absurd(tables["companies"])
    clean, others = set_aside_others(tables, currency)
    return {**clean, "companies": companies}, (*absurd, *others)


def set_aside_others(
    tables: Mapping[str, pd.DataFrame], currency: str
) -> tuple[dict[str, pd.DataFrame], tuple[Doubt, ...]]:
    """As ``set_aside``, but companies stay as they are: their survey cleans them as it reads."""
    orders, foreign = _without_foreign(tables["orders"], currency)
    orders, early = _without_early(orders)
    return {**tables, "orders": orders}, (*foreign, *early, *_zone_doubts(tables["zones"]))


def told(doubts: tuple[Doubt, ...]) -> tuple[str, ...]:
    """One sentence per kind of doubt, with the first rows by name and the money left out."""
    groups: dict[tuple[str, str, str, str], list[Doubt]] = {}
    for doubt in doubts:
        key = doubt.table, doubt.column, doubt.reason, doubt.became
        groups.setdefault(key, []).append(doubt)
    return tuple(_sentence(group) for group in groups.values())


def _sentence(group: list[Doubt]) -> str:
    first = group[0]
    rows = ", ".join(f"{doubt.row} ({doubt.value})" for doubt in group[:MOST_TOLD])
    more = f" and {len(group) - MOST_TOLD:,} more" if len(group) > MOST_TOLD else ""
    money = sum(doubt.money for doubt in group)
    lost = f", {money:,.0f} in all" if money > 0 else ""
    return (
        f"{first.table.capitalize()}, {first.column}: {first.reason} in {len(group):,} rows, "
        f"{first.became}{lost}: {rows}{more}."
    )


def _without_absurd(companies: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Doubt, ...]]:
    usual = usual_amounts(frame_parts(companies), one_by_one)
    kind = companies["category"].fillna("")
    found: list[tuple[str, str, float, float]] = []
    changed: dict[str, NDArray[np.float64]] = {}
    for column in AMOUNTS:
        values = companies[column].to_numpy(dtype=np.float64)
        bad = usual.doubtful(column, values, kind)
        names = companies["company_id"].iloc[bad.places].astype(str)
        found += [
            (column, *row)
            for row in zip(names.tolist(), bad.values.tolist(), bad.usual.tolist(), strict=True)
        ]
        if len(bad.places):
            changed[column] = values.copy()
            changed[column][bad.places] = np.nan
    return (companies.assign(**changed) if changed else companies), amount_doubts(found)


def amount_doubts(found: Iterable[tuple[str, str, float, float]]) -> tuple[Doubt, ...]:
    """Doubts of (column, company, amount, usual amount), column by column."""
    ordered = sorted(found, key=lambda row: AMOUNTS.index(row[0]))
    return tuple(
        Doubt(
            table="companies",
            row=company,
            column=column,
            value=f"{value:,.0f}",
            reason=_why(value, usual),
            became="estimated anew",
        )
        for column, company, value, usual in ordered
    )


def _why(value: float, usual: float) -> str:
    if value < 0:
        return "a negative amount"
    if not np.isfinite(value):
        return "no finite amount"
    return f"an amount a thousand times off the median of its kind ({usual:,.0f})"


def _without_foreign(orders: pd.DataFrame, currency: str) -> tuple[pd.DataFrame, list[Doubt]]:
    """Orders in the market's currency; without a rate no other can be added to it."""
    if "currency" not in orders or len(orders) == 0:
        return orders, []
    said = orders["currency"].fillna("").astype(str)
    is_foreign = np.asarray((said != "") & (said != currency), dtype=bool)
    doubts = [
        Doubt(
            table="orders",
            row=str(order),
            column="currency",
            value=code,
            reason=f"money that is not in {currency}",
            became="left out",
        )
        for order, code in zip(orders["order_id"][is_foreign], said[is_foreign], strict=True)
    ]
    return orders[~is_foreign], doubts


def _without_early(orders: pd.DataFrame) -> tuple[pd.DataFrame, list[Doubt]]:
    """Orders that were not delivered before they were placed."""
    ordered = pd.to_datetime(orders["ordered_on"], errors="coerce")
    delivered = pd.to_datetime(orders["delivered_on"], errors="coerce")
    is_early = np.asarray(delivered < ordered, dtype=bool)
    rows = orders[is_early]
    doubts = [
        Doubt(
            table="orders",
            row=str(order),
            column="delivered_on",
            value=f"{done:%Y-%m-%d}, ordered {placed:%Y-%m-%d}",
            reason="a delivery before its order",
            became="left out",
            money=0.0 if pd.isna(amount) else float(amount),
        )
        for order, done, placed, amount in zip(
            rows["order_id"],
            delivered[is_early],
            ordered[is_early],
            rows["ordered_amount"],
            strict=True,
        )
    ]
    return orders[~is_early], doubts


def _zone_doubts(zones: pd.DataFrame) -> Iterator[Doubt]:
    """Zones that lie on one another, and land between zones that is in none."""
    if len(zones) < 2:
        return
    shapes = in_meters(zone_polygons(zones))
    ids = zones["zone_id"].astype(str).tolist()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    nested, outer = shapely.STRtree(shapes).query(shapes, predicate="within")
    pairs = {tuple(sorted(pair)) for pair in zip(one.tolist(), other.tolist(), strict=True)}
    pairs |= {tuple(sorted(pair)) for pair in zip(nested.tolist(), outer.tolist(), strict=True)} - {
        (place, place) for place in range(len(shapes))
    }
    for left, right in sorted(pairs):
        common = float(shapely.area(shapely.intersection(shapes[left], shapes[right])))
        smaller = min(float(shapely.area(shapes[place])) for place in (left, right))
        if smaller > 0 and common > OVERLAP_SHARE * smaller:
            yield Doubt(
                table="zones",
                row=f"{ids[left]} and {ids[right]}",
                column="geometry",
                value=f"{common / 1e6:,.2f} km2",
                reason="zones that overlap, so a place there counts for the first",
                became="counted once",
            )
    yield from _holes(shapes)


def _holes(shapes: NDArray[np.object_]) -> Iterator[Doubt]:
    whole = shapely.union_all(shapely.buffer(shapes, 1.0))  # a metre closes slivers
    rings = shapely.get_parts(whole)
    inner = [ring for part in rings for ring in part.interiors]
    for number, ring in enumerate(inner, start=1):
        area = float(shapely.area(shapely.Polygon(ring)))
        if area > FEWEST_HOLE_SQUARE_METERS:
            yield Doubt(
                table="zones",
                row=f"hole {number}",
                column="geometry",
                value=f"{area / 1e6:,.2f} km2",
                reason="land between zones that is in none, so a place there is left out",
                became="kept",
            )
