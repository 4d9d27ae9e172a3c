"""One plan annealed by several loops at a time, each on a side of the map of its own.

The jurisdictions are split anew for each step, along lines in random directions: what crosses a
line waits for the next split. A loop changes only units of its own side, and what it reads of other
sides, whether a neighbour belongs to it, does not change meanwhile. So the plan depends neither on
how many threads there are nor on which of them is faster.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.kernel_lane import divided
from optimizer.redraw.kernel_values import Floats, Ints, Lane, Track


def sides_of(track: Track, lane: Lane, count: int, draw: np.random.Generator) -> list[Track]:
    """The track as ``count`` loops see it, each with a list of border units of its own.

    Jurisdictions without a neighbour on their side wait.
    """
    track.side[:] = split(_middles(track, lane), _borders(track), count, draw.uniform(0, np.pi))
    starts, lengths = divided(lane, track, count)
    return [
        track._replace(
            length=lengths[number : number + 1].copy(),
            tick=track.tick.copy(),
            part=np.zeros_like(track.part),
            mine=number,
            base=int(starts[number]),
        )
        for number in range(count)
    ]


def split(places: Floats, weights: Floats, count: int, angle: float) -> Ints:
    """The side of each place (p, 2): equal weights, split at right angles by turns."""
    side = np.zeros(len(places), dtype=np.int32)
    if count == 1:
        return side
    along = places @ np.array([np.cos(angle), np.sin(angle)])
    order = np.argsort(along, kind="stable")
    passed = np.cumsum(weights[order]) - weights[order] / 2
    less = count // 2
    first = order[passed < weights.sum() * less / count]
    rest = np.setdiff1d(order, first)
    side[first] = split(places[first], weights[first], less, angle + np.pi / 2)
    side[rest] = less + split(places[rest], weights[rest], count - less, angle + np.pi / 2)
    return side


def _middles(track: Track, lane: Lane) -> Floats:
    """The mean place of the units of each jurisdiction."""
    count = np.maximum(track.tally, 1)
    p = len(track.tally)
    columns = [np.bincount(track.owner, lane.place[:, axis], p) / count for axis in (0, 1)]
    return np.column_stack(columns)


def _borders(track: Track) -> Floats:
    """Border units of each jurisdiction: what its proposals are drawn from."""
    listed: NDArray[np.int64] = np.bincount(
        track.owner[track.foreign > 0], minlength=len(track.tally)
    )
    return listed.astype(np.float64)
