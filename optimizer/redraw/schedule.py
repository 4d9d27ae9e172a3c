"""How hot, how dear and for how long: the annealing schedules of redraw, and the leash they run on.

Heat counts in borders: the energy of one cut border between two units, which is what most moves
gain or lose, at any number of units and jurisdictions.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.run import Stop

Ends = tuple[float, float]
FIRST_STEP = 20_000  # proposals of the first step: on a clock it tells how fast the others will be
LARGEST_STEP = 400_000  # a tenth of a second or so; more where units are many
STEPS = 50  # of a schedule at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One leg of a schedule: its ``share`` of the work, values from its start to its end."""

    share: float
    heat: Ends
    price: Ends
    soft: Ends
    edge: float
    swaps: float = 0.4

    def between(self, start: float, end: float) -> tuple[NDArray[np.float64], ...]:
        """Heat, price and soft at two places of the stage, 0 to 1, geometrically between."""
        places = np.clip([start, end], 0.0, 1.0)
        return tuple(
            first * (last / first) ** places for first, last in (self.heat, self.price, self.soft)
        )


Schedule = tuple[Stage, ...]

CALM: Schedule = (
    Stage(share=0.85, heat=(1.3, 0.25), price=(0.05, 2.0), soft=(0.3, 0.05), edge=0.95, swaps=0.2),
    Stage(share=0.15, heat=(0.25, 0.004), price=(2.0, 100.0), soft=(0.05, 0.002), edge=0.98),
)
"""Compactness first: 3 to 6 % less cost where units are small against the tolerance."""

WARM: Schedule = (
    Stage(share=0.85, heat=(0.8, 0.25), price=(0.1, 2.0), soft=(0.3, 0.05), edge=0.95, swaps=0.2),
    *CALM[1:],
)
"""From what was found with joined units: borders move, the arrangement stays."""

STEEP: Schedule = (
    Stage(share=0.7, heat=(5.0, 0.25), price=(0.5, 10.0), soft=(0.3, 0.05), edge=0.95),
    Stage(share=0.3, heat=(0.25, 0.008), price=(10.0, 100.0), soft=(0.05, 0.002), edge=0.98),
)
"""Balance first: reaches 5 % with units of a quarter jurisdiction, where CALM stays at 6 %."""

FLOW: Schedule = (
    Stage(share=0.2, heat=(3.0, 2.0), price=(1.0, 50.0), soft=(0.2, 0.2), edge=0.9, swaps=0.5),
    Stage(share=0.55, heat=(2.0, 0.25), price=(50.0, 300.0), soft=(0.2, 0.2), edge=0.9, swaps=0.5),
    Stage(share=0.25, heat=(0.25, 0.004), price=(300.0, 300.0), soft=(0.2, 5e-4), edge=0.95),
)
"""Where a whole region holds too much of one load: hot and dear at a time, so that jurisdictions
which differ by little pass on what their neighbours have to spare, from one to the next.

Borders are frayed by it until every small deviation ceases to be dear, in the last leg."""

GENTLE: Schedule = (
    Stage(share=0.7, heat=(4.0, 1.2), price=(1.0, 5.0), soft=(1.0, 0.1), edge=0.95),
    Stage(share=0.3, heat=(1.2, 0.04), price=(5.0, 100.0), soft=(0.1, 0.002), edge=0.95),
)
"""From an alignment in force: surplus seeps through chains of neighbours, so little has to move."""

STIFF: Schedule = (
    Stage(share=0.8, heat=(12.0, 2.0), price=(5.0, 100.0), soft=(0.1, 0.003), edge=0.98),
    Stage(share=0.2, heat=(2.0, 0.04), price=(100.0, 2e3), soft=(0.003, 1e-4), edge=0.995),
)
"""For prices of moving that outweigh shape: a unit that moves weighs 3 borders or more."""

QUENCH: Schedule = (
    Stage(share=1.0, heat=(0.004, 4e-4), price=(100.0, 1e3), soft=(0.002, 1e-4), edge=0.98),
)
"""A cold finish, so that a run stopped while hot still returns something good."""

DEAR_QUENCH: Schedule = (
    Stage(share=1.0, heat=(0.004, 4e-4), price=(300.0, 1e3), soft=(5e-4, 1e-4), edge=0.95),
)
"""The same after ``FLOW``: a lower price would let surplus flow back as borders straighten."""


def one_border(units: int, jurisdictions: int) -> float:
    """Energy of a cut border at a border price of 1: heat in the energies of the kernel."""
    return math.sqrt(jurisdictions / units) / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Some proposals, and where on the whole schedule, 0 to 1, they start and end."""

    start: float
    end: float
    proposals: int

    def on(self, schedule: Schedule) -> tuple[Stage, tuple[NDArray[np.float64], ...]]:
        """The stage the step is on, and its heat, price and soft at both ends of the step."""
        passed, middle = 0.0, (self.start + self.end) / 2
        for stage in schedule:
            if middle < passed + stage.share or stage is schedule[-1]:
                break
            passed += stage.share
        ends = [(place - passed) / stage.share for place in (self.start, self.end)]
        return stage, stage.between(*ends)


@dataclass(slots=True, kw_only=True)
class Leash:
    """The work a run may do, and by when (seconds of its stop) it has to be through its schedule.

    Where the clock goes faster than the work, the schedule follows the clock.
    """

    proposals: int
    ends: float | None = None
    largest: int = LARGEST_STEP
    is_clocked: bool = False

    def steps(self, stop: Stop) -> Iterator[Step]:
        """The way in steps; asks the stop between them."""
        largest = max(min(self.largest, self.proposals // STEPS), 1)
        size, left, pace, share = min(FIRST_STEP, largest), self.proposals, 0.0, 0.0
        began = stop.elapsed_seconds
        while share < 1 - 1e-9 and left > 0 and stop.now() is None:
            work = min(size, left)
            now = stop.elapsed_seconds
            ahead = share + work / self.proposals
            if self.ends is not None:
                due = (now + pace * work - began) / max(self.ends - began, 1e-9)
                self.is_clocked |= due > ahead
                ahead = max(ahead, due)
            ahead = min(ahead, 1.0)
            yield Step(start=share, end=ahead, proposals=work)
            share, left = ahead, left - work
            pace, size = (stop.elapsed_seconds - now) / work, min(2 * size, largest)
