"""How things look: class breaks with their method, colours safe for every eye, figures as text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

MOST_CLASSES = 7

# Sequential: ColorBrewer YlGnBu on light ground; viridis on dark ground, so that more always
# stands out more from the ground. Diverging: ColorBrewer PuOr.
SEQUENTIAL_LIGHT = ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84")
SEQUENTIAL_DARK = ("#3b2a63", "#414487", "#2a788e", "#22a884", "#5ec962", "#b5de2b", "#fde725")
DIVERGING = ("#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d8daeb", "#998ec3", "#542788")
# Okabe and Ito's eight without black and with their yellow last: it is weak on white paper.
OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")

Scheme = Literal["sequential", "diverging", "unique", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """A classed measure. Value v falls in class i when v <= ``upper[i]``, the first that holds.

    ``light`` and ``dark`` are the colours on light and dark ground, one per class. ``method``
    says in words how the breaks were found.
    """

    scheme: Scheme
    method: str
    lowest: float
    upper: tuple[float, ...]
    light: tuple[str, ...]
    dark: tuple[str, ...]

    def of(self, values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.int8]:
        """The class of each value; -1 where there is no value."""
        array = np.asarray(values, dtype=np.float64)
        found = np.searchsorted(np.asarray(self.upper), array, side="left")
        last = len(self.upper) - 1
        found = np.where(np.isfinite(array), np.minimum(found, last), -1)
        return np.asarray(found, dtype=np.int8)


def classify(values: Sequence[float] | NDArray[np.float64], *, most: int = MOST_CLASSES) -> Classes:
    """Classes for a map: diverging around 0 if the values have both signs, else sequential.

    Few distinct values get a class each; else quantiles, parted at a very common value.
    """
    array = np.asarray(values, dtype=np.float64)
    array = array[np.isfinite(array)]
    if len(array) == 0:
        return Classes(
            scheme="none", method="no values", lowest=math.nan, upper=(), light=(), dark=()
        )
    if array.min() < 0 < array.max():
        return _diverging(array, side=most // 2)
    distinct = np.unique(array)
    if len(distinct) <= most:
        return _sequential(distinct, "one class per value", float(distinct[0]), scheme="unique")
    upper, method = _breaks(array, most)
    return _sequential(upper, method, float(array.min()))


def stepped(upper: Sequence[float], *, method: str) -> Classes:
    """Classes with given upper bounds, so that two pictures can be compared."""
    return _sequential(np.asarray(upper, dtype=np.float64), method, float(upper[0]))


def _breaks(array: NDArray[np.float64], most: int) -> tuple[NDArray[np.float64], str]:
    """Upper bounds of at most ``most`` classes of more than ``most`` values, by mapclassify."""
    import mapclassify

    # A value that fills a class or more of its own would leave quantiles empty.
    apart: list[float] = []
    rest, left = array, most
    while (common := _filling_a_class(rest, left)).size:
        apart += common.tolist()
        rest, left = rest[~np.isin(rest, common)], left - len(common)
    edges = mapclassify.Quantiles(rest, k=left).bins
    if not apart:
        return _strict(edges), f"quantiles ({most} classes)"
    bins = _strict(np.concatenate([apart, edges]))
    shown = " and ".join(f"{value:g}" for value in sorted(apart)[:2])
    return bins, f"quantiles parted at {shown} ({len(bins)} classes)"


def _filling_a_class(array: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    values, counts = np.unique(array, return_counts=True)
    return np.asarray(values[counts > len(array) / classes])


def _strict(bins: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.unique(np.asarray(bins, dtype=np.float64))


def _sequential(
    upper: NDArray[np.float64], method: str, lowest: float, *, scheme: Scheme = "sequential"
) -> Classes:
    return Classes(
        scheme=scheme,
        method=method,
        lowest=lowest,
        upper=tuple(float(bound) for bound in upper),
        light=_spread(SEQUENTIAL_LIGHT, len(upper)),
        dark=_spread(SEQUENTIAL_DARK, len(upper)),
    )


def _diverging(array: NDArray[np.float64], *, side: int) -> Classes:
    """Equal counts on either side of 0, so that 0 is always a border of classes."""
    below, above = array[array < 0], array[array > 0]
    lower = _strict(np.quantile(below, np.linspace(0, 1, side + 1)[1:-1]))
    higher = _strict(np.quantile(above, np.linspace(0, 1, side + 1)[1:]))
    upper = _strict([*lower, 0.0, *higher])
    colours = (
        *_spread(DIVERGING[:3], len(lower) + 1),
        *_spread(DIVERGING[4:], len(upper) - len(lower) - 1),
    )
    return Classes(
        scheme="diverging",
        method="quantiles on either side of zero",
        lowest=float(array.min()),
        upper=tuple(float(bound) for bound in upper),
        light=colours,
        dark=colours,
    )


def _spread(colours: Sequence[str], count: int) -> tuple[str, ...]:
    """``count`` colours out of a ramp, as far apart as it allows."""
    if count <= 1:
        return tuple(colours[-1:]) if count else ()
    last = len(colours) - 1
    return tuple(colours[round(step * last / (count - 1))] for step in range(count))


def distinct_colours(borders: Sequence[set[int]]) -> tuple[int, ...]:
    """A place in ``OKABE_ITO`` for each of n areas, so that no two neighbours share one.

    ``borders[i]`` are the neighbours of area i. Up to seven areas all differ. More are coloured
    by DSATUR (Brelaz 1979), the least used colour first; should an area border all seven colours,
    it takes the one its neighbours use least, and its number still tells it apart.
    """
    count = len(borders)
    if count <= len(OKABE_ITO):
        return tuple(range(count))
    chosen = [-1] * count
    used = [0] * len(OKABE_ITO)
    for _ in range(count):
        area = max(
            (i for i in range(count) if chosen[i] < 0),
            key=lambda i: (len({chosen[j] for j in borders[i]} - {-1}), len(borders[i]), -i),
        )
        around = [chosen[j] for j in borders[area]]
        colour = min(range(len(used)), key=lambda c: (around.count(c), used[c], c))
        chosen[area] = colour
        used[colour] += 1
    return tuple(chosen)


def short_number(value: float, *, digits: int = 3) -> str:
    """A figure for a head line: 1,234, 56.7, 12.3 M."""
    if not math.isfinite(value):
        return "no value"
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e4, "K")):
        if abs(value) >= size:
            scaled = value / (1e3 if letter == "K" else size)
            return f"{_significant(scaled, digits)} {letter}"
    return _significant(value, digits)


def _significant(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(places, 2)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def money(value: float, currency: str) -> str:
    """An amount for a head line: 12.3 M EUR."""
    return f"{short_number(value)} {currency}"


def clock(seconds: int) -> str:
    """Seconds after midnight as 09:05."""
    minutes = round(seconds / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def hours(seconds: float) -> str:
    """A duration for a head line: 7.5 h."""
    amount = seconds / 3600
    return f"{amount:,.1f} h" if amount < 1000 else f"{short_number(amount)} h"
