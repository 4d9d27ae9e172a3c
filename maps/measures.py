"""Measures of units as pages share them: classes as data, columns as numbers, ids compared."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maps.columns import Cell, Shown
from maps.style import Classes, classify
from territory.errors import InputError
from territory.units import Units


def as_data(classes: Classes) -> dict[str, object]:
    """Classes as the page's script reads them."""
    return {
        "scheme": classes.scheme,
        "method": classes.method,
        "lowest": classes.lowest,
        "upper": list(classes.upper),
        "light": list(classes.light),
        "dark": list(classes.dark),
    }


def numbers(values: Sequence[Cell]) -> NDArray[np.float64]:
    """A column as floats; nan where there is no value."""
    return np.asarray([math.nan if v is None else float(v) for v in values], dtype=np.float64)


def check_units(unit_ids: tuple[str, ...], units: Units) -> None:
    """Nothing, if plan and units speak of the same ones.

    Raises
    ------
    InputError
        If they differ in number, order or ids.
    """
    if unit_ids != units.ids:
        raise InputError(
            f"The plan speaks of {len(unit_ids)} units, the map has {len(units)}, and they are not "
            "the same in the same order.",
            fix="Draw a plan with the units it was made for.",
        )


def measure_spec(measure: Shown, values: Sequence[Cell], currency: str) -> dict[str, object]:
    """A measure with its classes, as the page's script reads it."""
    return {**measure.spec(currency), "classes": as_data(classify(numbers(values)))}
