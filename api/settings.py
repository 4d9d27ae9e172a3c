"""Settings: every knob of the service, each readable from ``FIELDWRIGHT_<NAME>``."""

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from territory.errors import Fault, InputError
from territory.prices import PRICE_NAMES, VisitPrices


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
    visit_prices: str = Field(
        default="",
        description="Prices of visit plans where a request names none, joined by commas: "
        "`driving=40,overtime=60`; names as in `fieldwright visits --price`.",
    )
    chromium: str = Field(
        default="", description="Path of Chromium for the browser tests; looked up if empty."
    )

    @field_validator("visit_prices")
    @classmethod
    def _has_prices(cls, words: str) -> str:
        prices: dict[str, Any] = _numbers(words)
        VisitPrices(**prices)
        return words

    @property
    def usual_visit_prices(self) -> dict[str, float]:
        """The prices of visit plans that are set, by name."""
        return _numbers(self.visit_prices)

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


def read_settings() -> Settings:
    """The settings in force.

    Raises
    ------
    InputError
        If some cannot be read; all are listed by their variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            Fault(
                column="FIELDWRIGHT_" + "_".join(map(str, fault["loc"])).upper(),
                value=str(fault["input"]),
                expected=f"what it may be ({fault['msg']})",
            )
            for fault in error.errors()
        ]
        raise InputError(
            "Settings in the environment cannot be used.",
            faults,
            fix="Change or unset them; docs/settings.md tells what each may be.",
        ) from error


def _numbers(words: str) -> dict[str, Any]:
    """Numbers by name from ``NAME=NUMBER`` joined by commas; ValueError names the word at fault."""
    found: dict[str, float] = {}
    for word in filter(None, map(str.strip, words.split(","))):
        name, _, number = (part.strip() for part in word.partition("="))
        try:
            found[name] = float(number)
        except ValueError:
            raise ValueError(f"{word!r} is not NAME=NUMBER") from None
        if name not in PRICE_NAMES:
            raise ValueError(f"{name!r} is no price; known are {', '.join(PRICE_NAMES)}")
    return found
