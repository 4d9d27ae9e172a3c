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
    owner for whom a unit does not count as moved, -1 for none, and ``move_cost`` (n,) the energy of
    a unit that does.

    ``carried`` (p, m) is load a jurisdiction has besides its units. ``priced`` (n, s) are soft
    loads, ``soft_carried`` (p, s) theirs besides units: ``room`` (s,) is the deviation that is
    free, ``excess_price`` (s,) the energy of each mean beyond it. ``road`` (n, p) is the energy of
    shape of a unit in each jurisdiction and takes the place of inertia; it has no rows when shape
    goes by inertia.
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
    move_cost: Floats
    homes: Floats
    at_home: bool
    carried: Floats
    priced: Floats
    soft_carried: Floats
    room: Floats
    excess_price: Floats
    road: Floats


class State(NamedTuple):
    """What a move changes: owners, running sums per jurisdiction, the list of border units."""

    owner: Ints
    tally: Longs
    sums: Floats
    held: Floats
    soft_held: Floats
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


class Lane(NamedTuple):
    """The field packed for the inner loop: graph, rows of mass, prices.

    ``arcs`` tells for each CSR entry (unit, neighbour) which neighbours of the unit border that
    neighbour. ``mass`` (n, 4 + m + s) holds weight, weight x place (2), weight x squared place, the
    m loads and the s soft loads of a unit; ``carried`` (p, 4 + m + s) what a jurisdiction has
    besides units. ``alone`` says that shape goes unit by unit, by ``road`` or the homes.
    """

    indptr: Ints
    indices: Ints
    edge_cost: Floats
    arcs: Ints
    mass: Floats
    carried: Floats
    scale: Floats
    room: Floats
    excess_price: Floats
    free: Flags
    before: Ints
    move_cost: Floats
    place: Floats
    weight: Floats
    homes: Floats
    road: Floats
    alone: bool


class Track(NamedTuple):
    """What the inner loop changes: owners, sums and energies, the list of border units."""

    owner: Ints
    tally: Longs
    sums: Floats
    energy: Floats
    foreign: Ints
    border: Ints
    where: Ints
    length: Longs
    mark: Longs
    tick: Longs
    queue: Ints
    rear: Ints
    part: Floats
