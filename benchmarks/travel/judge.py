"""The judge: whole seconds and metres between places by plain Dijkstra, from sampled sources."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.turn_reference import LENGTHS, Spots, TurnReference
from territory.geo import LonLat

if TYPE_CHECKING:
    from data.travel import RoadTravel
    from territory.travel import TravelMatrix

JUDGED: Final = 20
Integers = NDArray[np.int64]
Seconds = NDArray[np.float64]


class TravelJudge:
    """What is due from some of the places to all of them, places joined to roads by ``travel``."""

    def __init__(self, travel: "RoadTravel", places: LonLat, *, count: int = JUDGED) -> None:
        snapped = travel.snap(places)
        spots = Spots(line=snapped.line, share=snapped.fraction, lonlat=places)
        count = min(count, len(places))
        self.rows = np.linspace(0, len(places) - 1, count).astype(np.int64)
        self.reference = TurnReference(travel.network, with_meters=True)
        weight = self.reference.between(spots, self.rows)
        self.has_way = np.isfinite(weight)
        packed = np.where(self.has_way, weight, 0).astype(np.int64)
        self.seconds = _whole(packed // LENGTHS, snapped.stub_deciseconds, self.rows)
        self.meters = _whole(packed % LENGTHS, snapped.stub_decimeters, self.rows)
        # Along one road a drive may need no turn, which the reference does not offer.
        self.is_judged = spots.line[self.rows][:, None] != spots.line[None, :]

    def wrong(self, matrix: "TravelMatrix") -> int:
        """Judged pairs whose seconds or metres are not those due."""
        from territory.travel import UNREACHABLE

        count = 0
        for due, told in ((self.seconds, matrix.seconds), (self.meters, matrix.meters)):
            expected = np.where(self.has_way, due, UNREACHABLE)
            count += int((expected != told[self.rows])[self.is_judged].sum())
        return count


def _whole(tenths: Integers, walk: Integers, rows: Integers) -> Integers:
    """Tenths with the walks at both ends, rounded up to whole units."""
    return -(-(tenths + walk[rows][:, None] + walk[None, :]) // 10)


class StateJudge:
    """Tenths of a second between states, for peers that start on one side of a road."""

    def __init__(self, reference: TurnReference, states: Integers, *, count: int = JUDGED) -> None:
        count = min(count, len(states))
        self.rows = np.linspace(0, len(states) - 1, count).astype(np.int64)
        self.tenths = reference.weights(states[self.rows], states)

    def wrong(self, seconds: Seconds) -> int:
        """Pairs that differ by a tenth of a second or more, among the sources answered."""
        known = self.rows < len(seconds)
        due, told = self.tenths[known] / 10, seconds[self.rows[known]]
        with np.errstate(invalid="ignore"):
            off = np.abs(due - told) > 0.05
        return int((~((due == told) | ~off)).sum())
