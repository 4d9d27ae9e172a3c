"""Says before a file is read how much memory and time its network will take."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.roads.intake import Intake, Kind
from data.roads.osm import Progress
from territory.errors import Infeasible

MEGABYTE: Final = 1e6
WARN_SHARE: Final = 0.7
"""A forecast above this share of the free memory is worth a word."""

_MEGABYTES_PER_RAW: Final[Mapping[Kind, float]] = {
    "pbf": 60.0,
    "osm": 12.0,
    "osm.gz": 12.0,
    "osm.bz2": 12.0,
    "graphml": 30.0,
}
_SECONDS_PER_RAW: Final[Mapping[Kind, float]] = {
    "pbf": 3.0,
    "osm": 0.6,
    "osm.gz": 0.6,
    "osm.bz2": 0.7,
    "graphml": 0.6,
}
"""Per megabyte of unpacked file: the most seen on extracts that are all roads (the worst case; an
extract with buildings takes less), rounded up."""

_BASE_MEGABYTES: Final = 200.0
_BASE_SECONDS: Final = 2.0
_CUT_SHARE: Final = 0.25
"""Cutting a box out holds the places of all nodes, but packs no way outside of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What building a network should take at most."""

    peak_megabytes: float
    seconds: float

    def __str__(self) -> str:
        return f"{self.peak_megabytes:,.0f} MB and {self.seconds:,.0f} s"


def forecast_of(intake: Intake, *, is_cut: bool = False) -> Forecast:
    """What reading a file and building its network should take at most.

    ``is_cut`` says that a box is cut out of it first.
    """
    raw = intake.raw_bytes / MEGABYTE * (_CUT_SHARE if is_cut else 1.0)
    return Forecast(
        peak_megabytes=_BASE_MEGABYTES + raw * _MEGABYTES_PER_RAW[intake.kind],
        seconds=_BASE_SECONDS + raw * _SECONDS_PER_RAW[intake.kind],
    )


def refuse_too_big(
    intake: Intake, forecast: Forecast, *, free_megabytes: float, progress: Progress
) -> None:
    """Tell the forecast; refuse a file whose network cannot fit into the free memory.

    Raises
    ------
    Infeasible
        If it cannot.
    """
    name = intake.path.name
    is_tight = forecast.peak_megabytes > WARN_SHARE * free_megabytes
    warning = ". Warning: it may take most of the free memory" if is_tight else ""
    said = f"Reading {name} should take up to {forecast}; {free_megabytes:,.0f} MB are free"
    progress(said + warning, 0.0)
    if forecast.peak_megabytes > free_megabytes:
        raise Infeasible(
            f"The roads of {name} do not fit into memory.",
            [
                f"Its {intake.raw_bytes / MEGABYTE:,.0f} MB unpacked need about "
                f"{forecast.peak_megabytes:,.0f} MB; {free_megabytes:,.0f} MB are free."
            ],
            fix="Use a smaller extract, give a box to cut out (--bbox), or free memory.",
        )


def free_megabytes() -> float:
    """Memory this process may still take: the machine's, or its container's where that is less."""
    import psutil

    free = psutil.virtual_memory().available
    for limit, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        (
            "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        ),
    ):
        most, now = _number(Path(limit)), _number(Path(used))
        if most is not None and now is not None:
            free = min(free, max(0, most - now))
    return float(free / MEGABYTE)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # no such control group, or "max"
        return None
