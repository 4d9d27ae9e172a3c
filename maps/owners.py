"""Who owns which unit on a map: numbers, borders, where to write a name, how a load is shown."""

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maps.columns import Kind, Shown, words
from territory.alignment import Alignment
from territory.units import Units

NOBODY = -1


def load_shown(name: str) -> Shown:
    """How a load is named and written: hours, money or a plain number."""
    kind: Kind = "hours" if "hour" in name or "workload" in name else "number"
    if any(word in name for word in ("potential", "gap", "sales", "target")):
        kind = "money"
    label = words(name.removesuffix("_hours"))
    return Shown(key=name, label=label, kind=kind, unit="hours" if kind == "hours" else "")


def owner_numbers(alignment: Alignment, executives: Sequence[str], units: Units) -> list[int]:
    """The executive of each unit of the map as a number; ``NOBODY`` where there is none."""
    place = {executive: k for k, executive in enumerate(executives)}
    owner_of = alignment.owner_of()
    return [place.get(owner_of.get(unit, ""), NOBODY) for unit in units.ids]


def shared_borders(units: Units, count: int, *owners: Sequence[int] | None) -> list[set[int]]:
    """Which jurisdictions touch in any of the alignments."""
    borders: list[set[int]] = [set() for _ in range(count)]
    starts = np.repeat(np.arange(len(units)), np.diff(units.neighbours.indptr))
    for owner in owners:
        if owner is None:
            continue
        owning = np.asarray(owner, dtype=np.int64)
        one, other = owning[starts], owning[units.neighbours.indices]
        apart = (one != other) & (one >= 0) & (other >= 0)
        for a, b in np.unique(np.column_stack([one[apart], other[apart]]), axis=0):
            borders[int(a)].add(int(b))
            borders[int(b)].add(int(a))
    return borders


def label_units(units: Units, owners: Sequence[int], count: int) -> list[int]:
    """The unit of each jurisdiction that lies deepest in it; -1 for one without units."""
    depth = _depths(units, owners)
    owning = np.asarray(owners)
    chosen = []
    for executive in range(count):
        members = np.flatnonzero(owning == executive)
        if len(members) == 0:
            chosen.append(-1)
            continue
        middle = units.lonlat[members].mean(axis=0)
        apart = np.hypot(*(units.lonlat[members] - middle).T)
        order = np.lexsort((apart, -depth[members]))
        chosen.append(int(members[order[0]]))
    return chosen


def _depths(units: Units, owners: Sequence[int]) -> NDArray[np.int64]:
    """Steps from each unit to the nearest unit of somebody else, or to the rim."""
    around = units.neighbours
    usual = 6 if units.kind == "h3" else 0
    depth = np.full(len(units), -1, dtype=np.int64)
    queue: deque[int] = deque()
    for unit in range(len(units)):
        near = around.of(unit)
        if len(near) < usual or any(owners[other] != owners[unit] for other in near):
            depth[unit] = 0
            queue.append(unit)
    while queue:
        unit = queue.popleft()
        for other in around.of(unit):
            if depth[other] < 0:
                depth[other] = depth[unit] + 1
                queue.append(int(other))
    return depth
