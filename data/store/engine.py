"""Database connections: SQLite that survives a power cut, or PostgreSQL, behind one URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from territory.errors import InputError, MissingPart

BUSY_SECONDS = 30
"""How long a write waits for another process's write on SQLite."""


def open_engine(url: str) -> Engine:
    """An engine for ``sqlite:///path`` or ``postgresql://...``; nothing is connected yet.

    SQLite runs in WAL mode with synchronous FULL, foreign keys on, and an immediate transaction
    for each write, so that what is acknowledged is on disk and a killed process leaves the state
    before its write.

    Raises
    ------
    InputError
        If the URL is no database this project knows.
    MissingPart
        If the PostgreSQL driver is not installed.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InputError(f"{url!r} is no database URL.", fix=_URLS) from error
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, parsed.database)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(url)
    raise InputError(f"{parsed.get_backend_name()!r} is no database kept here.", fix=_URLS)


_URLS = "Use sqlite:///folder/file.db or postgresql://user@host/name."


def _sqlite(url: str, database: str | None) -> Engine:
    if not database or database == ":memory:":
        raise InputError("A store needs a file, for its worker is another process.", fix=_URLS)
    Path(database).parent.mkdir(parents=True, exist_ok=True)
    # Connections are kept: when the last one closes, SQLite folds the log back and syncs it.
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, pool_size=5)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    try:
        return create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
        )
    except ModuleNotFoundError as error:
        raise MissingPart(
            "PostgreSQL needs the driver psycopg.", fix="Install fieldwright[pg]."
        ) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection on which every statement sees the same state."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in one transaction: all of it is stored, or nothing.

    On PostgreSQL each statement sees what is committed when it begins, so that a claim that had to
    wait for a row sees it as it is now.
    """
    with engine.connect() as plain:
        connection = plain.execution_options(writes=True, **_read_committed(engine))
        with connection.begin():
            yield connection


def _read_committed(engine: Engine) -> dict[str, str]:
    is_postgresql = engine.dialect.name == "postgresql"
    return {"isolation_level": "READ COMMITTED"} if is_postgresql else {}
