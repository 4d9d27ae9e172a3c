"""The schema of a database, brought up to this version; a newer database is refused."""

from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect, text

from data.store.engine import reading, writing
from territory.errors import Conflict

HEAD = "0005"
"""The newest revision, so that a database already at it needs no migration tool loaded."""

_LOCK = 0x6669656C64  # any number, the same for all processes: one migrates, the others wait


def migrate(engine: Engine) -> None:
    """Bring the schema to ``HEAD`` in one transaction; does nothing if it is there.

    Raises
    ------
    Conflict
        If the database was written by a newer version.
    """
    with reading(engine) as connection:
        if _revision(connection) == HEAD:
            return
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = _revision(connection)
        if found is None or found < HEAD:
            _upgrade(connection)
        elif found > HEAD:
            raise Conflict(
                f"This database is at schema {found}; this version knows {HEAD} and older.",
                fix="Use the newer version of Fieldwright that wrote it.",
            )


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for the migrations that travel inside the package."""
    config = Config()
    config.set_main_option("script_location", "data.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
