"""The compiled rules by which a drive is told in steps, each as long as nothing need be told."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from territory.travel import Manoeuvre

Int64 = NDArray[np.int64]
Floats = NDArray[np.float64]

_STRAIGHT_DEGREES = 20.0
_BEND_DEGREES = 45.0
_SHARP_DEGREES = 135.0
_BACK_DEGREES = 170.0
"""Up to these angles a turn is straight on, slight, plain, sharp; beyond, it is a U-turn."""

MANOEUVRES: tuple[Manoeuvre, ...] = (
    "depart",
    "continue",
    "slight right",
    "right",
    "sharp right",
    "slight left",
    "left",
    "sharp left",
    "U-turn",
    "roundabout",
    "ferry",
    "arrive",
)
"""What the codes of ``steps`` mean."""
_DEPART, _CONTINUE, _SLIGHT, _BACK, _ROUNDABOUT, _FERRY, _ARRIVE = 0, 1, 2, 8, 9, 10, 11
_TO_LEFT = 3

# Rows of what ``course`` tells of the junctions of a drive.
_STREET, _IS_ROUND, _IS_FERRY, _TURNS_BACK, _CHOICES, _EXITS, _WAS_ROUND, _WAS_FERRY = range(8)


@njit(cache=True, nogil=True)
def _is_new(met: Int64, degrees: Floats, k: int, street: int, unnamed: int) -> bool:
    """Whether one who drives along a street must be told something at junction k."""
    if met[_IS_ROUND, k] != met[_WAS_ROUND, k]:
        return True
    if met[_IS_ROUND, k]:
        return False
    if met[_IS_FERRY, k] != met[_WAS_FERRY, k] or met[_TURNS_BACK, k]:
        return True
    has_choice, bend = met[_CHOICES, k] > 1, abs(degrees[k])
    if met[_STREET, k] == street:
        return bool(has_choice and bend >= _BEND_DEGREES)
    if met[_STREET, k] == unnamed:
        return bool(has_choice and bend >= _STRAIGHT_DEGREES)
    return True


@njit(cache=True, nogil=True)
def _manoeuvre(met: Int64, degrees: Floats, k: int) -> int:
    """The code of what to do at junction k."""
    if met[_IS_FERRY, k]:
        return _FERRY
    if met[_IS_ROUND, k] and not met[_WAS_ROUND, k]:
        return _ROUNDABOUT
    bend = abs(degrees[k])
    if met[_TURNS_BACK, k] or bend > _BACK_DEGREES:
        return _BACK
    if bend < _STRAIGHT_DEGREES:
        return _CONTINUE
    side = 0 if degrees[k] > 0 else _TO_LEFT
    return int(_SLIGHT + side + (bend >= _BEND_DEGREES) + (bend >= _SHARP_DEGREES))


@njit(cache=True, nogil=True)
def steps(met: Int64, degrees: Floats, unnamed: int) -> Int64:
    """The steps of a drive that meets the junctions ``met`` (see ``course``), arriving at the last.

    Rows (4, s): the junction, the code of the manoeuvre, the number of the street's name (that of
    ``unnamed`` on arriving), and the exit of a roundabout, 0 for none.
    """
    last = met.shape[1] - 1
    told, count, is_circling = np.zeros((4, last + 1), dtype=np.int64), 1, False
    told[1, 0], told[2, 0] = _FERRY if met[_IS_FERRY, 0] else _DEPART, met[_STREET, 0]
    for k in range(1, last):
        if is_circling and met[_IS_ROUND, k]:
            told[3, count - 1] += met[_EXITS, k]
        elif is_circling:
            told[3, count - 1] += 1
            told[2, count - 1] = met[_STREET, k]
            is_circling = False
        elif _is_new(met, degrees, k, told[2, count - 1], unnamed):
            told[0, count], told[1, count] = k, _manoeuvre(met, degrees, k)
            told[2, count] = met[_STREET, k]
            is_circling = bool(met[_IS_ROUND, k] and not met[_WAS_ROUND, k])
            count += 1
    told[0, count], told[1, count], told[2, count] = last, _ARRIVE, unnamed
    return told[:, : count + 1]
