"""Observed drives: a market's own table of how long drives took, read and checked."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.readers import ReadResult, read_table
from data.travel.periods import PERIODS
from territory.errors import Fault, InputError
from territory.geo import LonLat
from territory.tables.model import Column, Kind, TableSpec

PEAK_HOURS: Final = ((7.0, 9.5), (16.0, 18.5))
"""Clock hours of Monday to Friday that count as peak."""

NIGHT_HOURS: Final = (22.0, 6.0)

_AXES: Final[tuple[tuple[str, Kind, float], ...]] = (
    ("lon", "longitude", 180.0),
    ("lat", "latitude", 90.0),
)
OBSERVED_TIMES: Final = TableSpec(
    name="observed_times",
    sentence="Drives that were timed, to calibrate a market's travel times.",
    key=("trip_id",),
    columns=(
        Column(name="trip_id", kind="id", sentence="Id of the drive, if it has one."),
        *(
            Column(
                name=f"{end}_{axis}",
                kind=kind,
                sentence=f"Where it {verb}.",
                unit="degrees",
                required=True,
                minimum=-most,
                maximum=most,
            )
            for end, verb in (("from", "began"), ("to", "ended"))
            for axis, kind, most in _AXES
        ),
        Column(
            name="seconds",
            kind="number",
            sentence="How long it took, without stops on the way.",
            unit="s",
            required=True,
            minimum=1,
            maximum=86_400,
        ),
        Column(
            name="period",
            kind="category",
            sentence="Time of day; by departed_at if empty, else offpeak.",
            allowed=PERIODS,
        ),
        Column(
            name="departed_at",
            kind="text",
            sentence="Local date and time of departure, ISO 8601 (2026-03-02T08:15).",
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObservedTimes:
    """n drives: from ``start`` (n, 2) to ``end`` (n, 2) in ``seconds`` (n,), each in a period."""

    start: LonLat
    end: LonLat
    seconds: NDArray[np.float64]
    period: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.seconds)
        if not (self.start.shape == self.end.shape == (count, 2) and len(self.period) == count):
            raise ValueError("start, end, seconds and period must be of equal length")
        if count and not (np.isfinite(self.seconds).all() and self.seconds.min() > 0):
            raise ValueError("seconds must be above 0")

    def __len__(self) -> int:
        return len(self.seconds)

    def take(self, rows: NDArray[np.intp]) -> "ObservedTimes":
        """Some of these drives."""
        period = tuple(self.period[row] for row in rows.tolist())
        return ObservedTimes(
            start=self.start[rows], end=self.end[rows], seconds=self.seconds[rows], period=period
        )


def read_observed(
    path: Path, *, name: str = "", market_points: LonLat | None = None
) -> ObservedTimes:
    """The drives of a file in any format the readers know.

    Raises
    ------
    InputError
        If the file cannot be read or any row is bad; every fault is listed.
    """
    result = read_table(
        path, OBSERVED_TIMES, name=name, market_points=market_points, skip_bad_rows=True
    )
    departed, faults = _departures(result)
    faults = (*result.checked.faults, *faults)
    if faults:
        raise InputError(
            f"{result.name}: {len({fault.row for fault in faults}):,} rows are no observed times.",
            faults,
            fix="Correct or delete them.",
        )
    good = result.checked.good
    said = good["period"].fillna("").astype(str).tolist()
    return ObservedTimes(
        start=_pairs(good, "from"),
        end=_pairs(good, "to"),
        seconds=good["seconds"].to_numpy(dtype=np.float64),
        period=tuple(
            word or ("offpeak" if moment is None else period_at(moment))
            for word, moment in zip(said, departed, strict=True)
        ),
    )


def period_at(departed: datetime) -> str:
    """The time of day that a local moment belongs to."""
    hour = departed.hour + departed.minute / 60
    if hour >= NIGHT_HOURS[0] or hour < NIGHT_HOURS[1]:
        return "night"
    is_rush = any(begin <= hour < end for begin, end in PEAK_HOURS)
    return "peak" if is_rush and departed.weekday() < 5 else "offpeak"


def _pairs(frame: pd.DataFrame, end: str) -> LonLat:
    return frame[[f"{end}_lon", f"{end}_lat"]].to_numpy(dtype=np.float64)


def _departures(result: ReadResult) -> tuple[list[datetime | None], tuple[Fault, ...]]:
    """The moment of each good row, None where none is told; and the texts that are no moment."""
    rows = np.delete(result.raw.rows, result.checked.bad_rows)
    moments: list[datetime | None] = []
    faults: list[Fault] = []
    for row, cell in zip(rows.tolist(), result.checked.good["departed_at"].tolist(), strict=True):
        text = cell.strip() if isinstance(cell, str) else ""
        try:
            moments.append(datetime.fromisoformat(text) if text else None)
        except ValueError:
            moments.append(None)
            expected = "a date and time like 2026-03-02T08:15"
            fault = Fault(
                file=result.name, row=row, column="departed_at", value=text, expected=expected
            )
            faults.append(fault)
    return moments, tuple(faults)
