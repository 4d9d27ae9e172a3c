"""How a mode drives: speeds per road class, and what turns, U-turns and signals cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from territory.travel import Mode

_LEFT: Final = """
AG AU BB BD BM BN BS BT BW CY DM FJ FK GB GD GG GY HK ID IE IM IN JE JM JP KE KI KN KY LC LK LS MO
MS MT MU MV MW MY MZ NA NP NR NZ PG PK SB SC SG SH SR SZ TH TL TO TT TV TZ UG VC VG VI WS ZA ZM ZW
"""
LEFT_HAND: Final = frozenset(_LEFT.split())
"""Countries (ISO 3166-1 alpha-2) that drive on the left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a drive costs beyond length over speed.

    A turn by an angle costs ``turn_seconds`` x a logistic curve of the angle, half of it at
    ``half_angle_degrees``; the far side (left where one drives on the right) costs
    ``far_side_factor`` times the near one. ``signal_seconds`` is paid at each signal passed.
    """

    mode: Mode
    country: str = ""
    turn_seconds: float = 0.0
    half_angle_degrees: float = 90.0
    angle_scale_degrees: float = 13.85
    far_side_factor: float = 1.0
    u_turn_seconds: float = 0.0
    signal_seconds: float = 0.0

    @property
    def drives_on_left(self) -> bool:
        return self.country.upper() in LEFT_HAND

    def seconds_of_turn(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """What turning by these angles costs, any shape: 0 is straight on, above 0 to the right."""
        share = 1 / (
            1 + np.exp(-(np.abs(degrees) - self.half_angle_degrees) / self.angle_scale_degrees)
        )
        is_far = degrees > 0 if self.drives_on_left else degrees < 0
        side = np.where(is_far, self.far_side_factor, 1.0)
        return np.asarray(self.turn_seconds * share * side, dtype=np.float64)


_COSTS: Final[Mapping[Mode, Mapping[str, float]]] = {
    "car": {
        "turn_seconds": 7.5,
        "far_side_factor": 1.15,
        "u_turn_seconds": 20.0,
        "signal_seconds": 2.0,
    },
    "bicycle": {"turn_seconds": 4.0, "u_turn_seconds": 8.0, "signal_seconds": 2.0},
    "foot": {},
}
"""Of the order of OSRM's car and bicycle profiles (turn penalty 7.5 and 6 s, U-turn 20 s, signal
2 s)."""


def profile_for(mode: Mode, country: str = "") -> Profile:
    """The profile of a mode, in a country (ISO 3166-1 alpha-2) where it is known."""
    return Profile(mode=mode, country=country, **_COSTS[mode])
