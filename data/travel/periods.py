"""Time of day: how much slower each class of road is than in the network's own times."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.roads import RoadNetwork
from data.travel.calibration import TimeCalibration
from territory.errors import Fault, InputError

PERIODS: Final = ("peak", "offpeak", "night")

PEAK_FACTOR: Final[Mapping[str, float]] = MappingProxyType(
    {
        "motorway": 1.40,
        "motorway_link": 1.40,
        "trunk": 1.45,
        "trunk_link": 1.45,
        "primary": 1.45,
        "primary_link": 1.45,
        "secondary": 1.35,
        "secondary_link": 1.35,
        "tertiary": 1.25,
        "tertiary_link": 1.25,
    }
)
"""Morning and evening against the network's own times. Assumed, of the order of the congestion
indices published for middle-sized European cities (30 to 50 % at peak); other classes 1.15."""

PEAK_OTHER: Final = 1.15
NIGHT_FACTOR: Final = 0.90
"""Empty roads, fewer stops."""
FERRY: Final = "ferry"
"""A class that keeps to its timetable at any hour."""


def known_period(period: str | None) -> str:
    """The period asked for; "offpeak", the network's own times, where none is.

    Raises
    ------
    InputError
        If the period is unknown.
    """
    if period is not None and period not in PERIODS:
        fault = Fault(column="period", value=period, expected=f"one of {', '.join(PERIODS)}")
        raise InputError("This time of day is unknown.", [fault])
    return period or "offpeak"


def arc_factor(
    network: RoadNetwork, period: str | None, calibration: TimeCalibration | None = None
) -> NDArray[np.float64]:
    """The factor on each arc's time (m,). None and "offpeak" leave the network's own times.

    Only cars feel the hour; on foot and by bicycle every period is the same. What a market's
    calibration says is multiplied in.

    Raises
    ------
    InputError
        If the period is unknown.
    """
    hour = known_period(period)
    by_class = np.ones(len(network.classes))
    for number, name in enumerate(network.classes):
        if network.mode == "car" and name != FERRY:
            by_class[number] = _car_factor(name, hour)
        if calibration is not None:
            by_class[number] *= calibration.class_factors.get(name, 1.0)
    return np.asarray(by_class[network.arc_class()], dtype=np.float64)


def _car_factor(name: str, hour: str) -> float:
    if hour == "night":
        return NIGHT_FACTOR
    return PEAK_FACTOR.get(name, PEAK_OTHER) if hour == "peak" else 1.0
