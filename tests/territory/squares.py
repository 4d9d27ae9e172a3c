"""A small world for alignments: squares of 1 km, numbered row by row from the south-west.

+----+----+----+
| u6 | u7 | u8 |
+----+----+----+
| u3 | u4 | u5 |   centres at whole kilometres: u0 (0, 0), u1 (1, 0), u3 (0, 1)
+----+----+----+
| u0 | u1 | u2 |
+----+----+----+
"""

from collections.abc import Sequence

import numpy as np

from territory.alignment import Alignment
from territory.measures import Ground
from territory.units import Neighbours
from territory.units.graph import neighbours_from_pairs


def grid_neighbours(rows: int, columns: int) -> Neighbours:
    """Squares that share a side of 1,000 m."""
    number = np.arange(rows * columns).reshape(rows, columns)
    east = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    north = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    pairs = np.concatenate([east, north]).astype(np.int32)
    return neighbours_from_pairs(rows * columns, pairs, np.full(len(pairs), 1000.0))


def chain(borders: Sequence[float]) -> Neighbours:
    """Units in a row; ``borders[i]`` are the metres between unit i and the next."""
    pairs = np.column_stack([np.arange(len(borders)), np.arange(1, len(borders) + 1)])
    return neighbours_from_pairs(
        len(borders) + 1, pairs.astype(np.int32), np.asarray(borders, dtype=np.float64)
    )


def squares(rows: int = 3, columns: int = 3, **loads: Sequence[float]) -> Ground:
    """A grid of squares with these loads; one workload of 1 each if none is given."""
    count = rows * columns
    named = loads or {"workload": [1.0] * count}
    return Ground(
        unit_ids=tuple(f"u{unit}" for unit in range(count)),
        xy_meters=1000.0
        * np.column_stack([np.tile(np.arange(columns), rows), np.repeat(np.arange(rows), columns)]),
        area_square_meters=np.full(count, 1e6),
        neighbours=grid_neighbours(rows, columns),
        load_names=tuple(named),
        loads=np.array(list(named.values()), dtype=np.float64),
        perimeter_meters=np.full(count, 4000.0),
    )


def drawn(owners: str, executives: str = "ABC") -> Alignment:
    """An alignment from a picture, southern row first: ``"AAB AAB CCC"``; ``.`` is nobody."""
    letters = owners.replace(" ", "")
    return Alignment(
        unit_ids=tuple(f"u{unit}" for unit in range(len(letters))),
        executive_ids=tuple(executives),
        owners=tuple("" if letter == "." else letter for letter in letters),
    )


def picture(alignment: Alignment) -> str:
    """The letters of an alignment in the order of its units, ``.`` for nobody."""
    return "".join(owner or "." for owner in alignment.owners)
