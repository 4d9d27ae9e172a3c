"""Says before a file is read how much memory and time its network will take."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.roads.intake import Intake, Kind
from data.roads.osm import Progress
from territory.errors import Infeasible

MEGABYTE: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rates:
    """Per megabyte of unpacked file: memory at least and at most, and seconds at most."""

    least: float
    most: float
    seconds: float


_RATES: Final[Mapping[Kind, _Rates]] = {
    "pbf": _Rates(least=3.0, most=16.0, seconds=2.0),
    "osm": _Rates(least=0.4, most=2.0, seconds=0.25),
    "osm.gz": _Rates(least=0.4, most=2.0, seconds=0.3),
    "osm.bz2": _Rates(least=0.4, most=2.0, seconds=0.4),
    "graphml": _Rates(least=5.0, most=15.0, seconds=0.5),
}
"""Measured: a country with its buildings takes 4.5 MB per unpacked megabyte of PBF, extracts that
hold nothing but roads 13 (six cities in a file) with the fast engine on top."""

_LEAST_MEGABYTES: Final = 100.0
_MOST_MEGABYTES: Final = 480.0
"""Libraries, and at most the compiler of the fast engine as well."""
_BASE_SECONDS: Final = 8.0
_CUT_SHARE: Final = 0.1
"""Cutting a box out holds the places of all nodes, but packs no way outside of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What reading a file and making its network ready should take: at least, and at most."""

    least_megabytes: float
    peak_megabytes: float
    seconds: float

    def __str__(self) -> str:
        return f"up to {self.peak_megabytes:,.0f} MB and {self.seconds:,.0f} s"


def forecast_of(intake: Intake, *, is_cut: bool = False) -> Forecast:
    """What a file should take, by its unpacked size and the dearest and cheapest files measured.

    ``is_cut`` says that a box is cut out of it first, which is what the forecast then tells.
    """
    raw = intake.raw_bytes / MEGABYTE * (_CUT_SHARE if is_cut else 1.0)
    rates = _RATES[intake.kind]
    return Forecast(
        least_megabytes=_LEAST_MEGABYTES + raw * rates.least,
        peak_megabytes=_MOST_MEGABYTES + raw * rates.most,
        seconds=_BASE_SECONDS + raw * rates.seconds,
    )


def refuse_too_big(
    intake: Intake, forecast: Forecast, *, free_megabytes: float, progress: Progress
) -> None:
    """Tell the forecast, with a warning if it may not fit into the free memory.

    Raises
    ------
    Infeasible
        If it cannot fit, even at its least.
    """
    name = intake.path.name
    is_tight = forecast.peak_megabytes > free_megabytes
    warning = ". Warning: that may be too much; a smaller extract is safe" if is_tight else ""
    said = f"Reading {name} should take {forecast}; {free_megabytes:,.0f} MB are free"
    progress(said + warning, 0.0)
    if forecast.least_megabytes > free_megabytes:
        raise Infeasible(
            f"The roads of {name} do not fit into memory.",
            [
                f"Its {intake.raw_bytes / MEGABYTE:,.0f} MB unpacked need at least "
                f"{forecast.least_megabytes:,.0f} MB; {free_megabytes:,.0f} MB are free."
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
