"""Settings: every knob of the service, each readable from ``FIELDWRIGHT_<NAME>``."""

import os
from functools import cached_property
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a process of Fieldwright is told from outside. Nothing is read on import."""

    model_config = SettingsConfigDict(env_prefix="FIELDWRIGHT_", extra="ignore")

    var: Path = Field(
        default=Path("var"),
        description="Folder of runtime state: database, roads, caches, uploads.",
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL of the store; SQLite in the var folder if empty.",
    )
    host: str = Field(default="127.0.0.1", description="Address `serve` binds to.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port `serve` binds to.")
    allowed_hosts: str = Field(
        default="",
        description="Host names, joined by commas, that requests may name beside loopback.",
    )
    travel_servers: str = Field(
        default="",
        description="Hosts (`host` or `host:port`), joined by commas, of OSRM or Valhalla servers "
        "that markets may ask for travel; loopback too must be named.",
    )
    max_upload_bytes: int = Field(
        default=64 * 1024 * 1024, gt=0, description="Largest request body taken, in bytes."
    )
    lease_seconds: float = Field(
        default=30.0, gt=0, description="How long a silent worker keeps a job."
    )
    poll_seconds: float = Field(
        default=1.0, gt=0, description="How often an idle worker looks for a job."
    )
    max_jobs_queued: int = Field(
        default=200, gt=0, description="Jobs waiting at once before new ones are refused."
    )
    vroom_max_seconds: float = Field(
        default=20.0,
        gt=0,
        description="How long a VROOM request is worked on in the request itself; one that asks "
        "for more is queued.",
    )
    vroom_max_locations: int = Field(
        default=1000, gt=0, description="Most tasks of a VROOM request; a shipment counts two."
    )
    vroom_max_vehicles: int = Field(
        default=200, gt=0, description="Most vehicles of a VROOM request."
    )
    vroom_market: str = Field(
        default="",
        description="Market whose roads VROOM requests without matrices are planned on; estimated "
        "travel if empty.",
    )
    dask: str = Field(
        default="",
        description="Who reads companies in files and plans the visits of executives: this process "
        "if empty, `local` for Dask workers started here, or a Dask scheduler's address "
        "(`tcp://host:8786`).",
    )
    chromium: str = Field(
        default="", description="Path of Chromium for the browser tests; looked up if empty."
    )

    @cached_property
    def var_path(self) -> Path:
        """The runtime folder, absolute."""
        return self.var.expanduser().resolve()

    @cached_property
    def url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.var_path / 'fieldwright.db'}"

    @property
    def allowed_travel_servers(self) -> tuple[str, ...]:
        """The hosts of routing servers that may be asked."""
        return tuple(host.strip() for host in self.travel_servers.split(",") if host.strip())

    def prepare(self) -> "Settings":
        """Make the runtime folder and point the caches of libraries into it."""
        self.var_path.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("NUMBA_CACHE_DIR", str(self.var_path / "numba"))
        os.environ.setdefault("PROJ_NETWORK", "OFF")
        return self
