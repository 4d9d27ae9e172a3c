"""What a business of a kind is usually like: people, income, what it buys of our goods."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SIZE_LIMITS: Final = (10, 50, 250)  # employees; EU recommendation 2003/361/EC
SIZES: Final = ("micro", "small", "medium", "large")

NORMS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "restaurant": (9, 26_000),
        "fast_food": (6, 17_000),
        "cafe": (5, 21_000),
        "bar": (5, 24_000),
        "pub": (6, 27_000),
        "nightclub": (12, 38_000),
        "hotel": (24, 46_000),
        "supermarket": (20, 95_000),
        "convenience": (5, 34_000),
        "kiosk": (3, 15_000),
        "bakery": (6, 19_000),
        "department_store": (60, 120_000),
        "alcohol": (7, 40_000),
        "company": (14, 6_000),
        "office": (12, 5_500),
        "lawyer": (8, 4_000),
        "bank": (15, 7_000),
        "cinema": (10, 22_000),
        "theatre": (18, 12_000),
        "clothes": (6, 2_200),
        "hairdresser": (3, 1_500),
        "pharmacy": (7, 3_500),
    }
)
"""Usual employees and yearly purchases of drinks, coffee and snacks in EUR, by kind of business.
Assumed: orders of magnitude, so that a sample behaves; no statistic stands behind them."""

OTHERS: Final = (5.0, 2_600.0)
INCOME_PER_EMPLOYEE: Final = 128_000.0


def draw_businesses(
    draw: np.random.Generator,
    categories: Sequence[str],
    *,
    wealth: NDArray[np.float64] | float = 1.0,
) -> pd.DataFrame:
    """Size, employees, income and consumption of businesses of these kinds.

    ``wealth`` (n,) or one number scales income and consumption, 1 for the mean place.
    """
    norms = np.array([NORMS.get(kind, OTHERS) for kind in categories]).reshape(-1, 2)
    count = len(norms)
    employees = np.maximum(1, np.rint(norms[:, 0] * draw.lognormal(-0.2, 0.75, count)))
    level = draw.lognormal(-0.08, 0.4, count) * wealth
    income = employees * INCOME_PER_EMPLOYEE * level
    relative = np.maximum(employees / norms[:, 0], 0.1)
    noise = draw.lognormal(-0.06, 0.35, count)
    consumption = norms[:, 1] * relative**0.8 * level**0.6 * noise
    size = np.array(SIZES)[np.searchsorted(SIZE_LIMITS, employees, side="right")]
    return pd.DataFrame(
        {
            "size": size,
            "employees": employees,
            "income": np.round(income, -3),
            "consumption": np.round(consumption, -1),
        }
    )
