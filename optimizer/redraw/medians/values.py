"""What the kernels of medians are given and keep: arrays by name, no units of measure."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Random = NDArray[np.uint64]


class Case(NamedTuple):
    """What does not change.

    ``table`` (n, n) is every distance, or (0, 0) where they are straight lines between ``place``
    (n, 2). ``load`` (n, m) is scaled so that a district may hold ``least`` (m,) to ``most`` (m,).
    ``indptr`` and ``indices`` (CSR) list the units from whose owners a unit may be taken over:
    its neighbours where districts must be ``whole``, else the nearest units. Each piece of a
    district beyond the first counts as ``tear`` limits broken.
    """

    place: Floats
    table: Floats
    weight: Floats
    load: Floats
    least: Floats
    most: Floats
    indptr: Ints
    indices: Ints
    whole: bool
    tear: float


class State(NamedTuple):
    """What a move changes.

    ``member`` (p, n) lists the units of each district in its first ``size`` places, ``slot`` (n,)
    where a unit stands; ``reach`` (n,) is the weighted distance of a unit's district to the unit;
    ``cost`` (p,) the least of it and ``held`` (p, m) the loads. ``torn`` (p,) counts pieces beyond
    the first, ``turned`` (2,) are the districts of the last move; ``mark``, ``queue`` and ``tick``
    are for walks over the graph.
    """

    owner: Ints
    member: Ints
    size: Longs
    slot: Ints
    reach: Floats
    cost: Floats
    held: Floats
    torn: Longs
    turned: Longs
    mark: Longs
    queue: Ints
    tick: Longs


class Pool(NamedTuple):
    """Districts that met every rule: cost and members (flat, ``first`` says where).

    ``table`` is the open-addressed set of their hashes; ``used`` how many districts and members.
    """

    table: Random
    cost: Floats
    first: Longs
    unit: Ints
    used: Longs
