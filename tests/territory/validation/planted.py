"""A grid of units whose sales follow a truth the scorer does not know.

Rates differ from unit to unit by a lognormal factor, sales come in gamma-sized orders at Poisson
times, and what a company is worth has a cause the score never sees.
"""

import numpy as np

from territory.units import Neighbours
from territory.validation import Evidence, spatial_blocks

SIDE = 24


def neighbours(side: int = SIDE) -> Neighbours:
    """Who borders whom on a square grid."""
    rows: list[list[int]] = []
    for place in range(side * side):
        row, column = divmod(place, side)
        near = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
        rows.append(sorted(r * side + c for r, c in near if 0 <= r < side and 0 <= c < side))
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return Neighbours(
        indptr=indptr.astype(np.int32),
        indices=np.concatenate(rows).astype(np.int32),
        border_meters=np.ones(int(indptr[-1])),
    )


def evidence(
    seed: int, *, spread: float = 0.5, lump: float = 400.0, trend: float = 0.0
) -> Evidence:
    """Sales of two years on a grid; ``trend`` is a hidden cause that runs from west to east."""
    draw = np.random.default_rng(seed)
    count = SIDE * SIDE
    row, column = np.divmod(np.arange(count), SIDE)
    companies = draw.poisson(4, count).astype(float)
    accessible = companies * draw.lognormal(8, 0.6, count)
    factor = draw.lognormal(-(spread**2) / 2, spread, count) * np.exp(trend * column / SIDE)
    mean = 0.12 * accessible * factor
    orders = [draw.poisson(2 * mean / lump) for _ in range(2)]
    # Orders are exponential in size: mean lump / 2, so squares over sums give the lump back.
    sales = [np.array([draw.exponential(lump / 2, n).sum() for n in year]) for year in orders]
    lonlat = np.column_stack([column * 0.01, row * 0.01])
    return Evidence(
        unit_ids=[str(place) for place in range(count)],
        accessible=accessible,
        companies=companies,
        before=sales[0],
        after=sales[1],
        block=spatial_blocks(lonlat),
        neighbours=neighbours(),
        lump=lump,
        order_lump=lump,
    )
