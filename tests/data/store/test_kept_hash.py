"""The hash of a market's tables is kept, and never outlives a write by whomever."""

from datetime import date
from pathlib import Path

from data.store import Store
from territory.market import MarketSettings
from territory.tables import TABLES
from territory.tables.frames import typed_frame

SETTINGS = MarketSettings(title="Toy", today=date(2026, 11, 23))


def companies(store: Store, *ids: str) -> None:
    import pandas as pd

    rows = pd.DataFrame({"company_id": list(ids), "lon": 24.9, "lat": 60.1})
    store.write_rows("toy", "companies", typed_frame(rows, TABLES["companies"]))


def test_a_kept_hash_is_the_same_and_a_write_by_another_process_is_seen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'toy.db'}"
    one, other = Store.open(url), Store(url)
    one.create_market("toy", SETTINGS)
    companies(one, "c1")
    first = one.tables_hash("toy")
    assert one.tables_hash("toy") == first == other.tables_hash("toy")
    companies(other, "c2")
    second = one.tables_hash("toy")
    assert second != first
    assert second == one.tables_hash("toy", TABLES) == other.tables_hash("toy")
    one.delete_market("toy")
    one.create_market("toy", SETTINGS)
    assert other.tables_hash("toy") not in (first, second)
    companies(one, "c1")
    assert other.tables_hash("toy") == first
    one.close()
    other.close()
