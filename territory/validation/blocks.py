"""Blocks of neighbouring units, held out together so that a unit's neighbours do not tell on it."""

import numpy as np
from numpy.typing import NDArray

from territory.geo import LonLat, to_meters

BLOCKS = 10


def spatial_blocks(lonlat: LonLat, *, blocks: int = BLOCKS) -> NDArray[np.intp]:
    """Block number 0 to ``blocks`` - 1 of each place (n, 2), of nearly equal counts.

    Places are halved across their longer side until there are enough pieces, so each block is one
    compact piece of the map (spatial block cross-validation, Roberts et al. 2017, Ecography 40).
    Equal places may part; the same places in another order give the same blocks.
    """
    count = len(lonlat)
    block = np.zeros(count, dtype=np.intp)
    if count == 0:
        return block
    meters = to_meters(lonlat)
    pieces = [np.lexsort((meters[:, 1], meters[:, 0]))]
    while len(pieces) < min(blocks, count):
        largest = max(range(len(pieces)), key=lambda place: len(pieces[place]))
        piece = pieces.pop(largest)
        spread = np.ptp(meters[piece], axis=0)
        axis = 0 if spread[0] >= spread[1] else 1
        order = piece[np.lexsort((meters[piece, 1 - axis], meters[piece, axis]))]
        pieces += [order[: len(order) // 2], order[len(order) // 2 :]]
    for number, piece in enumerate(sorted(pieces, key=lambda one: tuple(meters[one].min(axis=0)))):
        block[piece] = number
    return block
