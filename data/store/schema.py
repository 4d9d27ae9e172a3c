"""The SQL tables: markets and their rows, plans, jobs, audit. One definition for every database.

Each market table of ``territory.tables`` is an SQL table ``market_<name>`` with a typed column per
column of its specification, so that a market can be asked in plain SQL. ``position`` keeps the
order of rows; the key of the specification names a row within its market.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from territory.tables import TABLES
from territory.tables.frames import NUMBER_KINDS, TEXT_KINDS
from territory.tables.model import Kind, TableSpec

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows itself only in a column of type INTEGER."""

MARKETS = Table(
    "markets",
    METADATA,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    Column("settings", Text, nullable=False),
    Column("created", Text, nullable=False),
)

PLANS = Table(
    "plans",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    Column("market_id", Id, ForeignKey("markets.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("plan_hash", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("market_id", "kind", "version"),
)

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("sequence", Id, nullable=False, unique=True),
    Column("market_id", Id, ForeignKey("markets.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("status", Text, nullable=False, index=True),
    Column("fraction", Float, nullable=False),
    Column("message", Text, nullable=False),
    Column("objective", Float),
    Column("bound", Float),
    Column("best", Text),
    Column("attempts", Integer, nullable=False),
    Column("token", Integer, nullable=False),
    Column("beats", Id, nullable=False),
    Column("lease_seconds", Float, nullable=False),
    Column("worker_id", Text, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("plan_id", Text),
    Column("error", Text, nullable=False),
    Column("idempotency_key", Text, unique=True),
    Column("request_hash", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("started", Text),
    Column("finished", Text),
)

JOB_EVENTS = Table(
    "job_events",
    METADATA,
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("body", Text, nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("market", Text, nullable=False),
    Column("detail", Text, nullable=False),
)


def sql_type(kind: Kind) -> TypeEngine[Any]:
    """The SQL type of a column of this kind."""
    if kind in TEXT_KINDS:
        return Text()
    if kind in NUMBER_KINDS:
        return Float(53)
    if kind == "integer":
        return BigInteger()
    return Boolean() if kind == "boolean" else Date()


def _rows_table(spec: TableSpec) -> Table:
    name = f"market_{spec.name}"
    columns = [
        Column(
            column.name,
            sql_type(column.kind),
            primary_key=column.name in spec.key,
            nullable=not (column.kind in TEXT_KINDS or column.name in spec.key),
            autoincrement=False,
        )
        for column in spec.columns
    ]
    return Table(
        name,
        METADATA,
        Column("market_id", Id, ForeignKey("markets.id", ondelete="CASCADE"), primary_key=True),
        Column("position", Integer, nullable=False),
        *columns,
        Index(f"ix_{name}_position", "market_id", "position"),
    )


ROWS: dict[str, Table] = {spec.name: _rows_table(spec) for spec in TABLES.values()}
"""The SQL table of each market table, by its name in ``territory.tables``."""
