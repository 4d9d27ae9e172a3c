"""The validation page: how well a score foretold sales it had not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from maps.context import KeyFigure, PageContext
from maps.page import Page, document
from maps.style import money, short_number
from territory.units import Units

if TYPE_CHECKING:
    from territory.validation import Accuracy, Trial, Validation

WIDE, TALL = 360.0, 200.0
LEFT, BOTTOM, TOP = 58.0, 30.0, 10.0
MAP_SIDE = 360.0
FAR = 2.0
"""Errors in standard deviations of the trial at which a dot has its full colour."""

_TITLES = {"space": "Places held out", "time": "Later days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A pair of bars of the calibration plot: what was foretold and what came, in the plot."""

    x: float
    wide: float
    foretold_y: float
    foretold_tall: float
    came_y: float
    came_tall: float
    label: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark of the money axis."""

    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One unit on the map of errors. ``kind`` is "more", "less" or "as"."""

    x: float
    y: float
    radius: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One forecast as a row of the table."""

    name: str
    lift: str
    explained: str
    order: str
    mean_error: str
    covered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One trial, drawn."""

    title: str
    held_out: str
    why_not: str
    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    map_tall: float
    clustering: str


def draw_validation(validation: "Validation", units: Units, context: PageContext) -> Page:
    """Both trials: how each forecast did, calibration by tenths of units, and where errors lie."""
    panels = [_panel(trial, units, context.currency) for trial in validation.trials]
    return document(
        "validation.html",
        context,
        lead="The score was made without the sales it is tried on here.",
        figures=_figures(validation.trials),
        sentences=validation.sentences,
        panels=panels,
        wide=WIDE,
        tall=TALL,
        left=LEFT,
        base=TALL - BOTTOM,
        side=MAP_SIDE,
    )


def _figures(trials: "Sequence[Trial]") -> tuple[KeyFigure, ...]:
    figures = []
    for trial in trials:
        if not trial.forecasts:
            continue
        found = trial.forecasts[0].accuracy
        figures.append(KeyFigure(label=f"Lift in {trial.name}", value=f"{100 * found.lift:.0f} %"))
        if found.covered is not None:
            figures.append(
                KeyFigure(
                    label=f"Within 80 % interval, {trial.name}",
                    value=f"{100 * found.covered:.0f} %",
                )
            )
    return tuple(figures)


def _panel(trial: "Trial", units: Units, currency: str) -> Panel:
    bars, ticks = _calibration(trial, currency)
    dots, tall = _errors(trial, units)
    return Panel(
        title=_TITLES[trial.name],
        held_out=trial.held_out,
        why_not=trial.why_not,
        rows=tuple(_row(one.name, one.accuracy, currency) for one in trial.forecasts),
        bars=bars,
        ticks=ticks,
        dots=dots,
        map_tall=tall,
        clustering=f"Moran's I {trial.morans_i:.2f}, "
        + ("p < 0.01" if trial.morans_p < 0.01 else f"p = {trial.morans_p:.2f}"),
    )


def _row(name: str, found: "Accuracy", currency: str) -> Row:
    covered = "–" if found.covered is None else f"{100 * found.covered:.0f} %"
    return Row(
        name=name,
        lift=f"{100 * found.lift:.0f} %",
        explained=f"{100 * found.explained:.0f} %",
        order=f"{found.order:.2f}",
        mean_error=money(found.mean_error, currency),
        covered=covered,
    )


def _calibration(trial: "Trial", currency: str) -> tuple[tuple[Bar, ...], tuple[Tick, ...]]:
    """Foretold and came by tenths of units, the highest forecast first."""
    if not trial.forecasts:
        return (), ()
    found = trial.forecasts[0].accuracy
    pairs = list(zip(found.forecast_by_tenth, found.came_by_tenth, strict=True))
    most = max(max(pair) for pair in pairs) or 1.0
    base, height = TALL - BOTTOM, TALL - BOTTOM - TOP
    step = (WIDE - LEFT - 8) / len(pairs)
    bars = []
    for place, (foretold, came) in enumerate(pairs):
        tall = [height * value / most for value in (foretold, came)]
        bars.append(
            Bar(
                x=round(LEFT + place * step + step * 0.12, 2),
                wide=round(step * 0.36, 2),
                foretold_y=round(base - tall[0], 2),
                foretold_tall=round(tall[0], 2),
                came_y=round(base - tall[1], 2),
                came_tall=round(tall[1], 2),
                label=str(place + 1),
                words=f"Tenth {place + 1}: foretold {money(foretold, currency)}, "
                f"came {money(came, currency)}",
            )
        )
    ticks = tuple(
        Tick(y=round(base - height * share, 2), text=short_number(most * share))
        for share in (0.0, 0.5, 1.0)
    )
    return tuple(bars), ticks


def _errors(trial: "Trial", units: Units) -> tuple[tuple[Dot, ...], float]:
    """A dot per unit judged, sized by what came or was foretold, coloured by the error's side."""
    if not trial.forecasts:
        return (), 0.0
    place = units.index()
    rows = np.array([place[unit] for unit in trial.units.texts("unit_id")])
    foretold, came = (np.array(trial.units.numbers(name)) for name in ("forecast", "came"))
    xy, tall = _on_paper(units.lonlat[rows])
    scaled = (came - foretold) / np.sqrt(np.maximum(foretold, 1e-9))
    error = scaled / max(float(scaled.std()), 1e-9)
    size = np.sqrt(np.maximum(came, foretold))
    radius = 1.2 + 3.8 * size / max(float(size.max()), 1e-9)
    kinds = np.where(error > FAR / 2, "more", np.where(error < -FAR / 2, "less", "as"))
    order = np.argsort(np.abs(error), kind="stable")
    return tuple(
        Dot(
            x=round(float(xy[row, 0]), 1),
            y=round(float(xy[row, 1]), 1),
            radius=round(float(radius[row]), 1),
            kind=str(kinds[row]),
        )
        for row in order
    ), tall


def _on_paper(lonlat: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Places in the square of the map, north up, and how tall the map is."""
    from territory.geo import to_meters

    meters = to_meters(lonlat)
    low, high = meters.min(axis=0), meters.max(axis=0)
    span = max(float((high - low).max()), 1.0)
    scale = (MAP_SIDE - 12) / span
    xy = (meters - low) * scale + 6
    tall = float((high - low)[1] * scale + 12)
    return np.column_stack([xy[:, 0], tall - xy[:, 1]]), round(tall, 1)
