"""Stores for the tests: SQLite always, PostgreSQL too when FIELDWRIGHT_TEST_PG names a database."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from data.store import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    named = os.environ.get("FIELDWRIGHT_TEST_PG")
    if not named:
        pytest.skip("FIELDWRIGHT_TEST_PG names no PostgreSQL database")
    server = make_url(named).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"fieldwright_test_{secrets.token_hex(6)}"
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield make_url(named).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An opened store without markets."""
    opened = Store.open(url)
    yield opened
    opened.close()
