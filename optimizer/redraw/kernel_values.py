"""What the compiled kernels are given and keep: arrays by name, without units of measure."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Random = NDArray[np.uint64]


class Field(NamedTuple):
    """What does not change: graph (CSR), place (n, 2), weight (n,), loads (n, m) and prices.

    ``edge_cost`` is the energy of each cut CSR entry, ``scale`` one over each load's tolerance,
    ``free`` marks units that may move, ``homes`` (p, 2) count when ``at_home``; ``before`` is the
    owner for whom a unit does not count as moved, -1 for none.
    """

    indptr: Ints
    indices: Ints
    edge_cost: Floats
    place: Floats
    weight: Floats
    load: Floats
    scale: Floats
    free: Flags
    before: Ints
    move_price: float
    homes: Floats
    at_home: bool


class State(NamedTuple):
    """What a move changes: owners, running sums per jurisdiction, the list of border units."""

    owner: Ints
    tally: Longs
    sums: Floats
    held: Floats
    foreign: Ints
    border: Ints
    where: Ints
    length: Longs
    mark: Longs
    queue: Ints
    rear: Ints
    tick: Longs


class Rate(NamedTuple):
    """How loads are priced now: price x (beyond ``edge`` tolerances squared + soft x squared)."""

    price: float
    edge: float
    soft: float
