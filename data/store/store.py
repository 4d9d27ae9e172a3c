"""The store: markets, their tables and plans, each operation one transaction."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property

import pandas as pd
from sqlalchemy import Connection, delete, func, insert, select, update

from data.store.codec import Plan, decode_settings, encode_settings
from data.store.engine import open_engine, reading, writing
from data.store.job_rows import use_claim
from data.store.jobs import JobQueue
from data.store.migrate import migrate
from data.store.plans import (
    StoredPlan,
    insert_plan,
    plan_body,
    plan_of_row,
    plan_rows,
    refuse_second_child,
)
from data.store.rows import WriteMode, count_rows, hash_frames, read_rows, write_rows
from data.store.schema import AUDIT, MARKETS, PLANS
from territory.errors import Conflict, InputError, NotFound
from territory.market import Market, MarketSettings
from territory.plans import PlanKind, Provenance
from territory.tables import TABLES, TableSpec

MARKET_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
"""Names of markets stand in addresses and folders: small letters, digits, inner - and _."""


class Store:
    """One database. Cheap to make and safe to share between threads; ``Store.open`` migrates it.

    ``actor`` is who the audit says did it; ``now`` gives the time in UTC.
    """

    def __init__(
        self,
        url: str,
        *,
        actor: str = "local",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.url = url
        self.actor = actor
        self._now = now
        self._engine = open_engine(url)
        self._hashes: dict[str, tuple[int, str]] = {}

    @classmethod
    def open(cls, url: str, *, actor: str = "local") -> "Store":
        """A store whose schema is that of this version.

        Raises
        ------
        Conflict
            If the database was written by a newer version.
        """
        store = cls(url, actor=actor)
        try:
            migrate(store._engine)
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @cached_property
    def jobs(self) -> JobQueue:
        """The queue of jobs in the same database."""
        return JobQueue(self._engine, now=self._now)

    def create_market(self, name: str, settings: MarketSettings) -> None:
        """Make an empty market.

        Raises
        ------
        InputError
            If the name is no slug of 1 to 64 small letters, digits, - and _.
        Conflict
            If a market has this name.
        """
        if not MARKET_NAME.fullmatch(name):
            raise InputError(
                f"{name[:80]!r} cannot name a market.",
                fix="Use 1 to 64 small letters and digits, with - or _ between them.",
            )
        with writing(self._engine) as connection:
            if _market_id_or_none(connection, name) is not None:
                raise Conflict(f"There is a market {name!r} already.")
            connection.execute(
                insert(MARKETS).values(
                    name=name, settings=encode_settings(settings), created=self._now().isoformat()
                )
            )
            self._record(connection, "market.create", name)

    def update_settings(self, name: str, settings: MarketSettings) -> None:
        """Replace a market's settings."""
        with writing(self._engine) as connection:
            wanted = update(MARKETS).where(MARKETS.c.id == _market_id(connection, name))
            connection.execute(wanted.values(settings=encode_settings(settings)))
            self._record(connection, "market.settings", name)

    def delete_market(self, name: str) -> None:
        """Forget a market with its tables, plans and jobs; the audit stays."""
        with writing(self._engine) as connection:
            connection.execute(delete(MARKETS).where(MARKETS.c.id == _market_id(connection, name)))
            self._record(connection, "market.delete", name)

    def list_markets(self) -> tuple[str, ...]:
        """The names of all markets, in order."""
        with reading(self._engine) as connection:
            return tuple(
                connection.execute(select(MARKETS.c.name).order_by(MARKETS.c.name)).scalars()
            )

    def settings(self, name: str) -> MarketSettings:
        """A market's settings, without its tables."""
        with reading(self._engine) as connection:
            return _settings(connection, _market_id(connection, name))

    def market(self, name: str) -> Market:
        """A market with all its tables, seen at one moment.

        Every table is present, if need be without rows, with every column of its specification and
        the types of ``territory.tables.frames``.

        Raises
        ------
        NotFound
            If there is no such market.
        """
        with reading(self._engine) as connection:
            market_id = _market_id(connection, name)
            tables = {spec.name: read_rows(connection, market_id, spec) for spec in TABLES.values()}
            return Market(name=name, settings=_settings(connection, market_id), tables=tables)

    def table(
        self, market: str, table: str, *, limit: int | None = None, offset: int = 0
    ) -> pd.DataFrame:
        """Rows of one table, in their order."""
        with reading(self._engine) as connection:
            market_id = _market_id(connection, market)
            return read_rows(connection, market_id, _spec(table), limit=limit, offset=offset)

    def count_rows(self, market: str) -> dict[str, int]:
        """How many rows each table of a market has."""
        with reading(self._engine) as connection:
            return count_rows(connection, _market_id(connection, market))

    def write_rows(
        self, market: str, table: str, frame: pd.DataFrame, *, mode: WriteMode = "upsert"
    ) -> int:
        """Write checked rows into one table, all or none; how many.

        Raises
        ------
        InputError
            If the frame does not fit the table or two of its rows share a key.
        Conflict
            If ``mode`` is "append" and a key is there already.
        """
        return self.write_tables(market, {table: frame}, mode=mode)

    def write_tables(
        self, market: str, frames: Mapping[str, pd.DataFrame], *, mode: WriteMode = "upsert"
    ) -> int:
        """Write several tables in one transaction: all of them, or nothing."""
        with writing(self._engine) as connection:
            market_id = _lock_market(connection, market)
            written = {
                name: write_rows(connection, market_id, _spec(name), frame, mode)
                for name, frame in frames.items()
            }
            detail = {"mode": mode, "rows": written}
            self._record(connection, "market.write", market, detail)
        return sum(written.values())

    def tables_hash(self, market: str, names: Iterable[str] | None = None) -> str:
        """A hash of the content of these tables (all by default): equal rows in equal order.

        The hash of all tables is kept until the audit has a further line of this market's tables.
        """
        wanted = sorted(TABLES if names is None else names)
        with reading(self._engine) as connection:
            market_id = _market_id(connection, market)
            written = _last_write(connection, market)
            kept = self._hashes.get(market)
            if names is None and kept is not None and kept[0] == written:
                return kept[1]
            frames = {name: read_rows(connection, market_id, _spec(name)) for name in wanted}
        found = hash_frames(frames)
        if names is None:
            self._hashes[market] = (written, found)
        return found

    def save_plan(
        self, plan: Plan, provenance: Provenance, *, is_only_child: bool = False
    ) -> StoredPlan:
        """Keep a plan for ever, as the next version of its kind in its market.

        Raises
        ------
        Conflict
            If it is made by a worker's child whose job was handed to another worker meanwhile, or
            is to be the ``is_only_child`` of its parent and somebody edited that meanwhile.
        """
        with writing(self._engine) as connection:
            market_id = _lock_market(connection, provenance.market)
            if is_only_child:
                refuse_second_child(connection, market_id, provenance)
            stored = insert_plan(connection, market_id, plan, provenance, self._now())
            use_claim(connection, stored.plan_id)
            detail = {"plan_id": stored.plan_id, "plan_hash": stored.plan_hash}
            self._record(connection, "plan.save", provenance.market, detail)
        return stored

    def load_plan(self, plan_id: str) -> StoredPlan:
        """A plan by its id.

        Raises
        ------
        NotFound
            If there is no such plan.
        """
        with reading(self._engine) as connection:
            row = connection.execute(plan_rows().where(PLANS.c.plan_id == plan_id)).first()
        if row is None:
            raise NotFound(f"There is no plan {plan_id[:80]!r}.")
        return plan_of_row(row, self._plan_body)

    def list_plans(self, market: str, kind: PlanKind | str | None = None) -> tuple[StoredPlan, ...]:
        """The plans of a market, newest first; their bodies are read when asked for."""
        wanted = plan_rows().where(MARKETS.c.name == market)
        if kind is not None:
            wanted = wanted.where(PLANS.c.kind == kind)
        with reading(self._engine) as connection:
            return tuple(
                plan_of_row(row, self._plan_body) for row in connection.execute(wanted).all()
            )

    def latest_plan(self, market: str, kind: PlanKind | str) -> StoredPlan | None:
        """The newest plan of a kind, None if there is none."""
        wanted = plan_rows().where(MARKETS.c.name == market, PLANS.c.kind == kind)
        newest = wanted.order_by(None).order_by(PLANS.c.version.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest).first()
        return None if row is None else plan_of_row(row, self._plan_body)

    def record(
        self, what: str, *, market: str = "", detail: Mapping[str, object] | None = None
    ) -> None:
        """Add a line to the audit: who did what, when. Lines cannot be changed or removed."""
        with writing(self._engine) as connection:
            self._record(connection, what, market, detail)

    def audit(self, *, limit: int = 1000) -> tuple[dict[str, str], ...]:
        """The newest lines of the audit, newest first."""
        wanted = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).mappings().all()
        return tuple({str(key): str(value) for key, value in row.items()} for row in rows)

    def _record(
        self,
        connection: Connection,
        what: str,
        market: str,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        connection.execute(
            insert(AUDIT).values(
                at=self._now().isoformat(),
                who=self.actor,
                what=what,
                market=market,
                detail=json.dumps(dict(detail or {})),
            )
        )

    def _plan_body(self, plan_id: str) -> str:
        with reading(self._engine) as connection:
            return plan_body(connection, plan_id)


def _market_id_or_none(connection: Connection, name: str) -> int | None:
    return connection.execute(select(MARKETS.c.id).where(MARKETS.c.name == name)).scalar()


def _lock_market(connection: Connection, name: str) -> int:
    """A market's id; on PostgreSQL other writers of the same market wait for this transaction."""
    wanted = select(MARKETS.c.id).where(MARKETS.c.name == name).with_for_update()
    connection.execute(wanted)
    return _market_id(connection, name)


def _market_id(connection: Connection, name: str) -> int:
    found = _market_id_or_none(connection, name)
    if found is None:
        raise NotFound(
            f"There is no market {name[:80]!r}.", fix="`fieldwright markets` lists them."
        )
    return found


def _last_write(connection: Connection, market: str) -> int:
    """The audit's last line about a market itself: every write of its tables adds one."""
    wanted = select(func.max(AUDIT.c.id)).where(
        AUDIT.c.market == market, AUDIT.c.what.like("market.%")
    )
    return int(connection.execute(wanted).scalar() or 0)


def _settings(connection: Connection, market_id: int) -> MarketSettings:
    wanted = select(MARKETS.c.settings).where(MARKETS.c.id == market_id)
    return decode_settings(connection.execute(wanted).scalar_one())


def _spec(table: str) -> TableSpec:
    if table not in TABLES:
        raise NotFound(f"There is no table {table[:80]!r}.", fix=f"Tables: {', '.join(TABLES)}.")
    return TABLES[table]
