"""Quarantine: which places one road network serves, and in words why the others stay outside."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.roads.network import CUT_OFF
from data.travel.snap import BEYOND, CLOSED, Snapped, Snapper
from territory.errors import Infeasible


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """Of n places, those that reach one another.

    ``is_joined`` (n,) is true for places on component ``home`` of the network; ``reason`` says in
    words, with metres, why each of the others is not, and is "" for those that are.
    """

    is_joined: NDArray[np.bool_]
    reason: tuple[str, ...]
    home: int

    @property
    def apart(self) -> NDArray[np.intp]:
        """Numbers of the places in quarantine."""
        return np.flatnonzero(~self.is_joined)


def joined(snapper: Snapper, snapped: Snapped, *, home: Snapped | None = None) -> Joined:
    """Which places lie on the component of ``home``, else on the one that most of them join.

    Of equally many the larger component is taken. A ``home`` of several places stands for the
    component most of them join.

    Raises
    ------
    Infeasible
        If ``home`` joins no road.
    """
    sizes = snapper.network.component_sizes
    number = _home(snapped if home is None else home, len(sizes))
    if number < 0 and home is not None:
        raise Infeasible(
            "The place to start from joins no road.", [_words(snapper, home, 0, number, sizes)]
        )
    is_joined = snapped.component == max(number, 0)
    reason = [
        "" if is_joined[place] else _words(snapper, snapped, place, number, sizes)
        for place in range(len(snapped))
    ]
    return Joined(is_joined=is_joined, reason=tuple(reason), home=number)


def _home(snapped: Snapped, components: int) -> int:
    """The component most places join, -1 if none joins any."""
    component = snapped.component[snapped.is_joined]
    if not len(component):
        return -1
    return int(np.bincount(component, minlength=components).argmax())


def _words(
    snapper: Snapper, snapped: Snapped, place: int, home: int, sizes: tuple[int, ...]
) -> str:
    meters, reason = float(snapped.meters[place]), str(snapped.reason[place])
    if reason == BEYOND:
        limit = told_meters(snapper.max_meters)
        return f"lies {told_meters(meters)} from the nearest road; the limit is {limit}"
    if reason == CLOSED:
        why = "cut off" if snapped.closed_why[place] == CUT_OFF else "private"
        return f"its nearest road is {why}, the nearest open one is {told_meters(meters)} away"
    component = int(snapped.component[place])
    size = f"{sizes[component]:,} junctions"
    if component == 0 and home > 0:
        return f"lies on the mainland of {size} that no road or ferry joins to home"
    return f"lies on an island of {size} that no road or ferry joins to the rest"


def told_meters(meters: float) -> str:
    """A distance in words: metres, and from a kilometre on kilometres."""
    if meters < 999.5:
        return f"{meters:.0f} m"
    kilometers = f"{meters / 1000:,.1f}".removesuffix(".0")
    return f"{kilometers} km"
