"""A small market with one week to report on: Monday 9 to Sunday 15 November 2026.

Two executives: Ann (accounts A1, A2) and Bo (B1). The market's today is Wednesday the 18th.
"""

from collections.abc import Mapping
from datetime import date

from territory.market import Market, MarketSettings
from territory.tables import TABLES
from territory.tables.frames import empty_frame, typed_frame

MONDAY, SUNDAY = date(2026, 11, 9), date(2026, 11, 15)
OWNERS = {"A1": "Ann", "A2": "Ann", "B1": "Bo"}


def day(number: int) -> date:
    """A day of November 2026."""
    return date(2026, 11, number)


def rows(names: str, *values: tuple[object, ...]) -> dict[str, list[object]]:
    """Columns from rows: ``rows("a b", (1, 2), (3, 4))``."""
    return {name: [row[place] for row in values] for place, name in enumerate(names.split())}


PEOPLE: Mapping[str, Mapping[str, list[object]]] = {
    "executives": rows(
        "executive_id name home_lon home_lat",
        ("Ann", "Ann A.", 0.0, 0.0),
        ("Bo", "Bo B.", 1.0, 0.0),
    ),
    "accounts": rows(
        "account_id name lon lat last_visit",
        ("A1", "Apple", 0.0, 0.0, None),
        ("A2", "Avocado", 0.1, 0.0, None),
        ("B1", "Banana", 1.0, 0.0, day(2)),
    ),
}


def market(*, today: date | None = None, **tables: Mapping[str, list[object]]) -> Market:
    """The market with these tables besides its people; all others are empty."""
    given = {**PEOPLE, **tables}
    return Market(
        name="fruit",
        settings=MarketSettings(title="Fruit", today=today or day(18), currency="EUR"),
        tables={
            name: typed_frame(given[name], spec) if name in given else empty_frame(spec)
            for name, spec in TABLES.items()
        },
    )


ORDERS = rows(
    "order_id account_id ordered_on promised_on delivered_on ordered_amount delivered_amount",
    # due in the week: whole and on time; whole but a day late; a part; after the week's end
    ("O1", "A1", day(6), day(10), day(10), 100.0, 100.0),
    ("O2", "A1", day(6), day(10), day(11), 200.0, 200.0),
    ("O3", "A2", day(9), day(12), day(12), 100.0, 60.0),
    ("O4", "B1", day(9), day(13), day(16), 100.0, 100.0),
    # due before and after the week; the second was delivered early, within it
    ("O5", "B1", day(2), day(5), day(5), 500.0, 0.0),
    ("O6", "B1", day(12), day(16), day(14), 40.0, 40.0),
)
LINES = rows(
    "order_id line product_id ordered_units delivered_units unit_price",
    ("O1", 1, "P", 5.0, 5.0, 20.0),
    ("O3", 1, "P", 2.0, 2.0, 30.0),
    ("O3", 2, "Q", 4.0, 0.0, 10.0),
    ("O4", 1, "P", 5.0, 5.0, 20.0),
)
