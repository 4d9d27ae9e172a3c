"""Travel as a value: what a solver is handed, and the door to ask for more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from territory.geo import LonLat

UNREACHABLE = np.iinfo(np.int32).max
"""Seconds and metres of a pair with no way between them."""

Source = Literal["road", "road+time-of-day", "estimated"]
Mode = Literal["car", "foot", "bicycle"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TravelMatrix:
    """Seconds and metres from n sources to m targets.

    ``seconds`` and ``meters`` are int32 of shape (n, m), or (p, n, m) where ``periods`` names the
    p times of day. A pair without a way holds ``UNREACHABLE`` in both. ``approximate`` says that
    metres belong to nearly, not exactly, the same path.
    """

    seconds: NDArray[np.int32]
    meters: NDArray[np.int32]
    source: Source
    periods: tuple[str, ...] = ()
    approximate: bool = False

    def __post_init__(self) -> None:
        wanted = 3 if self.periods else 2
        if self.seconds.shape != self.meters.shape or self.seconds.ndim != wanted:
            raise ValueError(
                f"seconds {self.seconds.shape} and meters {self.meters.shape} must agree and have "
                f"{wanted} axes for periods {self.periods!r}"
            )
        if self.seconds.dtype != np.int32 or self.meters.dtype != np.int32:
            raise ValueError("seconds and meters must be int32")
        if (self.seconds < 0).any() or (self.meters < 0).any():
            raise ValueError("travel cannot be negative")

    @property
    def is_square(self) -> bool:
        return bool(self.seconds.shape[-1] == self.seconds.shape[-2])

    def take(self, sources: Sequence[int], targets: Sequence[int]) -> "TravelMatrix":
        """The part of this matrix from some rows to some columns."""
        rows, columns = np.asarray(sources, dtype=np.intp), np.asarray(targets, dtype=np.intp)
        grid = (..., rows[:, None], columns[None, :])
        return TravelMatrix(
            seconds=self.seconds[grid],
            meters=self.meters[grid],
            source=self.source,
            periods=self.periods,
            approximate=self.approximate,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nearest:
    """The k quickest of many targets for each of n sources, the quickest first.

    ``index`` (n, k) int32 are places among the targets, -1 where there are not so many; ``seconds``
    and ``meters`` (n, k) are int32, ``UNREACHABLE`` there.
    """

    index: NDArray[np.int32]
    seconds: NDArray[np.int32]
    meters: NDArray[np.int32]
    source: Source


Manoeuvre = Literal[
    "depart",
    "continue",
    "slight left",
    "left",
    "sharp left",
    "slight right",
    "right",
    "sharp right",
    "U-turn",
    "roundabout",
    "ferry",
    "arrive",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One instruction of a drive: what to do at ``lonlat``, then how far along which street.

    ``street`` is "" where the road has no name. ``exit_number`` counts the exits of a roundabout,
    from 1; None elsewhere. Seconds and metres run to the next step.
    """

    manoeuvre: Manoeuvre
    street: str
    seconds: int
    meters: int
    lonlat: tuple[float, float]
    exit_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One drive from point to point: seconds, exact metres, its line as lon, lat pairs, its steps.

    ``steps`` is empty where the road is not known.
    """

    seconds: int
    meters: int
    lonlat: tuple[tuple[float, float], ...]
    steps: tuple[Step, ...] = ()


class TravelTimes(Protocol):
    """Travel for work too big for one matrix, made by ``data.travel``."""

    @property
    def source(self) -> Source:
        """Where its numbers come from."""

    def block(self, sources: LonLat, targets: LonLat, *, period: str | None = None) -> TravelMatrix:
        """Seconds and metres from each source (n, 2) to each target (m, 2)."""

    def legs(self, points: LonLat, *, period: str | None = None) -> tuple[Leg, ...]:
        """The n - 1 drives along a sequence of n points, with their geometry."""
