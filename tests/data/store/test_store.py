"""Markets, rows and plans are kept whole, in order, and as they were."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from data.store import Store
from data.store.engine import open_engine, writing
from data.store.migrate import HEAD, alembic_config
from data.store.schema import METADATA, ROWS
from territory.errors import Conflict, InputError, NotFound
from territory.tables import TABLES
from territory.tables.frames import frame_schema
from tests.data.store.worlds import PLANS, SETTINGS, accounts, provenance, score_plan


@pytest.fixture
def market(store: Store) -> str:
    """An empty market in the store."""
    store.create_market("espoo", SETTINGS)
    return "espoo"


def test_a_market_comes_back_with_every_table_empty(store: Store, market: str) -> None:
    found = store.market(market)
    assert found.settings == SETTINGS
    assert store.settings(market) == SETTINGS
    assert set(found.tables) == set(TABLES)
    for name, frame in found.tables.items():
        assert len(frame) == 0
        frame_schema(TABLES[name]).validate(frame)
    assert store.list_markets() == ("espoo",)


def test_rows_come_back_as_they_were_put(store: Store, market: str) -> None:
    given = accounts("00123", "NA", "1E5", name="<b>${x} {{7*7}}</b> 茶")
    assert store.write_rows(market, "accounts", given) == 3
    found = store.market(market).table("accounts")
    pd.testing.assert_frame_equal(found, given)
    frame_schema(TABLES["accounts"]).validate(found)
    assert found["last_visit"].tolist() == [date(2026, 3, 2), None, None]
    assert store.count_rows(market)["accounts"] == 3
    part = store.table(market, "accounts", limit=1, offset=1)
    assert part["account_id"].tolist() == ["NA"]


def test_upsert_replaces_in_place_and_adds_at_the_end(store: Store, market: str) -> None:
    store.write_rows(market, "accounts", accounts("A", "B", "C"))
    store.write_rows(market, "accounts", accounts("D", "B", name="New"))
    found = store.market(market).table("accounts")
    assert found["account_id"].tolist() == ["A", "B", "C", "D"]
    assert found["name"].tolist() == ["Shop", "New", "Shop", "New"]
    assert np.isnan(found["visit_minutes"][1])


def test_replace_clears_first_and_append_refuses_a_known_key(store: Store, market: str) -> None:
    store.write_rows(market, "accounts", accounts("A", "B"))
    store.write_rows(market, "accounts", accounts("C"), mode="replace")
    store.write_rows(market, "accounts", accounts("D"), mode="append")
    with pytest.raises(Conflict, match="there already"):
        store.write_rows(market, "accounts", accounts("E", "D"), mode="append")
    assert store.market(market).table("accounts")["account_id"].tolist() == ["C", "D"]


def test_a_table_that_cannot_be_stored_leaves_the_others_unwritten(
    store: Store, market: str
) -> None:
    with pytest.raises(InputError, match="share a key"):
        store.write_tables(
            market,
            {
                "accounts": accounts("A"),
                "flows": pd.DataFrame({"origin_id": ["x", "x"], "outlet_id": ["o", "o"]}),
            },
        )
    assert len(store.market(market).table("accounts")) == 0
    with pytest.raises(InputError, match="colour"):
        store.write_rows(market, "accounts", pd.DataFrame({"account_id": ["A"], "colour": [1]}))


def test_every_table_takes_rows_and_keys_of_several_columns(store: Store, market: str) -> None:
    lines = pd.DataFrame(
        {
            "order_id": ["O1", "O1"],
            "line": [1, 2],
            "product_id": ["P", "P"],
            "ordered_units": [1.0, 2.5],
        }
    )
    store.write_rows(market, "order_lines", lines)
    store.write_rows(market, "order_lines", lines.assign(ordered_units=[9.0, 9.0]))
    found = store.market(market).table("order_lines")
    assert found["line"].tolist() == [1, 2]
    assert found["ordered_units"].tolist() == [9.0, 9.0]


def test_a_hundred_thousand_rows_are_kept_in_seconds(store: Store, market: str) -> None:
    count = 100_000
    frame = pd.DataFrame(
        {
            "account_id": [f"A{row}" for row in range(count)],
            "lon": np.linspace(24, 25, count),
            "lat": np.full(count, 60.0),
        }
    )
    started = datetime.now(UTC)
    store.write_rows(market, "accounts", frame, mode="replace")
    assert len(store.market(market).table("accounts")) == count
    assert (datetime.now(UTC) - started).total_seconds() < 40


def test_the_hash_of_tables_follows_their_content(store: Store, market: str) -> None:
    store.write_rows(market, "accounts", accounts("A", "B"))
    before = store.tables_hash(market)
    store.write_rows(market, "accounts", accounts("A", "B"))
    assert store.tables_hash(market) == before
    store.create_market("other", SETTINGS)
    store.write_rows("other", "accounts", accounts("A", "B"))
    assert store.tables_hash("other") == before
    only_zones = store.tables_hash(market, ["zones"])
    store.write_rows(market, "accounts", accounts("A", name="Café"))
    assert store.tables_hash(market) != before
    assert store.tables_hash(market, ["zones"]) == only_zones


@pytest.mark.parametrize(
    "name", ["", "Espoo", "../x", "a/b", "-a", "x" * 65, "a\nb", "é", ".", "a "]
)
def test_only_slugs_name_a_market(store: Store, name: str) -> None:
    with pytest.raises(InputError, match="cannot name a market"):
        store.create_market(name, SETTINGS)


def test_what_is_not_there_is_said(store: Store, market: str) -> None:
    with pytest.raises(Conflict, match="already"):
        store.create_market(market, SETTINGS)
    for ask in (store.market, store.settings, store.tables_hash, store.delete_market):
        with pytest.raises(NotFound, match="'lapland'"):
            ask("lapland")
    with pytest.raises(NotFound, match="'prices'"):
        store.write_rows(market, "prices", pd.DataFrame())
    with pytest.raises(NotFound, match="'pln_x'"):
        store.load_plan("pln_x")
    assert store.latest_plan(market, "score") is None


def test_plans_are_versions_with_all_that_made_them(store: Store, market: str) -> None:
    first = store.save_plan(score_plan(), provenance())
    second = store.save_plan(score_plan(), provenance())
    assert (first.version, second.version) == (1, 2)
    assert first.plan_hash == second.plan_hash
    assert first.plan_id != second.plan_id
    loaded = store.load_plan(first.plan_id)
    assert repr(loaded.plan) == repr(score_plan())
    assert loaded.provenance == provenance()
    assert (loaded.created, loaded.market) == (first.created, market)
    latest = store.latest_plan(market, "score")
    assert latest is not None
    assert latest.plan_id == second.plan_id
    assert latest.plan == second.plan


def test_plans_are_listed_by_kind_newest_first(store: Store, market: str) -> None:
    for kind, make in PLANS.items():
        store.save_plan(make(), provenance(kind))
    listed = store.list_plans(market)
    assert [stored.kind for stored in listed] == list(reversed(PLANS))
    assert [stored.kind for stored in store.list_plans(market, "gaps")] == ["gaps"]
    with pytest.raises(InputError, match="provenance of gaps"):
        store.save_plan(score_plan(), provenance("gaps"))


def test_a_deleted_market_takes_its_rows_and_plans_along(store: Store, market: str) -> None:
    store.write_rows(market, "accounts", accounts("A"))
    plan = store.save_plan(score_plan(), provenance())
    job = store.jobs.enqueue(market, "score", {})
    store.delete_market(market)
    for ask, what in ((store.load_plan, plan.plan_id), (store.jobs.get, job.id)):
        with pytest.raises(NotFound):
            ask(what)
    store.create_market(market, SETTINGS)
    assert len(store.market(market).table("accounts")) == 0


def test_the_audit_says_who_did_what_and_cannot_be_changed(url: str) -> None:
    store = Store.open(url, actor="ann")
    store.create_market("espoo", SETTINGS)
    store.write_rows("espoo", "accounts", accounts("A"))
    store.record("key.add", detail={"key": "k1"})
    lines = store.audit()
    assert [line["what"] for line in lines] == ["key.add", "market.write", "market.create"]
    assert {line["who"] for line in lines} == {"ann"}
    assert '"accounts": 1' in lines[1]["detail"]
    engine = open_engine(url)
    for change in ("DELETE FROM audit", "UPDATE audit SET who = 'bob'"):
        with pytest.raises(DatabaseError, match="append-only"), writing(engine) as connection:
            connection.execute(text(change))
    engine.dispose()
    assert len(store.audit()) == 3
    store.close()


def test_migrations_make_exactly_the_schema_of_this_version(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD
    Store.open(url).close()
    engine = open_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_migrations_go_down_again(url: str) -> None:
    from alembic import command
    from sqlalchemy import inspect

    Store.open(url).close()
    engine = open_engine(url)
    with writing(engine) as connection:
        command.downgrade(alembic_config(connection), "base")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
    Store.open(url).close()


def test_a_newer_database_is_refused(url: str) -> None:
    Store.open(url).close()
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Conflict, match="9999"):
        Store.open(url)


def test_a_market_can_be_asked_in_plain_sql(store: Store, market: str, url: str) -> None:
    store.write_rows(market, "accounts", accounts("A", "B"))
    assert ROWS["accounts"].name == "market_accounts"
    engine = open_engine(url)
    with engine.connect() as connection:
        asked = "SELECT count(*) FROM market_accounts WHERE last_visit >= '2026-01-01' AND is_key"
        assert connection.execute(text(asked)).scalar() == 1
    engine.dispose()


def test_sqlite_is_set_up_to_survive_a_power_cut(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a' / 'store.db'}")
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, 30_000]
    engine.dispose()


@pytest.mark.parametrize(
    "wrong", ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"]
)
def test_other_databases_are_refused(wrong: str) -> None:
    with pytest.raises(InputError):
        open_engine(wrong)


def test_rows_of_the_first_schema_keep_their_meaning_in_the_second(url: str) -> None:
    from alembic import command

    engine = open_engine(url)
    with writing(engine) as connection:
        command.upgrade(alembic_config(connection), "0001")
        connection.execute(
            text("INSERT INTO markets (name, settings, created) VALUES ('m', '{}', '')")
        )
        connection.execute(
            text(
                "INSERT INTO market_targets (market_id, position, subject_kind, subject_id, "
                "first_date, last_date, amount, synthetic) "
                "VALUES (1, 0, 'market', 'm', '2026-01-01', '2026-12-31', 9, '')"
            )
        )
        command.upgrade(alembic_config(connection), HEAD)
        row = connection.execute(text("SELECT amount, currency FROM market_targets")).one()
    assert tuple(row) == (9.0, "")
    engine.dispose()
