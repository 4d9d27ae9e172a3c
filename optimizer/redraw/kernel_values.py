"""What the compiled kernels are given and keep: arrays by name, without units of measure."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
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
    """The field packed for the inner loop, small, so that it stays near the processor.

    ``links`` (CSR entries, 2) holds each neighbour and the energy of the border as a whole number
    of ``edge_unit``; ``arcs`` tells for each entry (unit, neighbour) which neighbours of the unit
    border that neighbour. ``mass`` (n, 3 + m + s) holds weight, place (2), the m loads and the s
    soft loads of a unit; ``carried`` (p, 4 + m + s) what a jurisdiction has besides units, in the
    columns of ``Track.sums``. ``alone`` says that shape goes unit by unit, by ``road`` or the
    homes, ``keeps`` that moving has a price.
    """

    indptr: Ints
    links: Ints
    arcs: Ints
    edge_unit: float
    mass: Singles
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
    keeps: bool


class Track(NamedTuple):
    """What the inner loop changes: owners, sums and energies, the list of border units.

    ``sums`` (p, 4 + m + s) are weight, weight x place (2), weight x squared place and loads of each
    jurisdiction. Several loops may run on one track at a time, each on a ``side`` of its own: it
    changes only what jurisdictions of side ``mine`` have, and its list of border units begins at
    place ``base``, as do its queues.
    """

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
    side: Ints
    mine: int
    base: int
