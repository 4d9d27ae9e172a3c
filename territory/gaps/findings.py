"""Findings: what the gaps come to, each place once, ranked in money, with why and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from territory.plans import Table
from territory.units import Units
from territory.units.values import Neighbours

Column = NDArray[np.float64]
Kind = Literal["white space", "coverage gap", "underserved demand", "redundant outlet"]

MOST_FINDINGS: Final = 200
REDUNDANT_SHARE: Final = 0.25
"""An outlet that would lose us less than this share of what it captures is mostly doubled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding: its money a year, the cells it covers (row numbers), why, and what to do."""

    kind: Kind
    place: str
    subject: str
    cells: tuple[int, ...]
    money: float
    why: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What findings are made of, per unit (n,). ``need`` is the money an outlet lives on."""

    units: Units
    demand: Column
    white_space: Column
    minutes: Column
    rival_minutes: Column
    is_white: NDArray[np.bool_]
    is_gap: NDArray[np.bool_]
    is_underserved: NDArray[np.bool_]
    hot: Column
    need: float
    caught: float


def findings(ground: Ground, outlets: Table) -> Table:
    """The findings as a table: rank, kind, place, subject, cells, money, why, advice.

    Money to be won comes first, the most of it on top; no cell is in two findings (white space,
    then coverage gaps, then under-served demand). Redundant outlets follow: their money is what
    other outlets of ours would keep, nothing new.
    """
    found = sorted(_of_cells(ground), key=lambda one: (-one.money, one.kind, one.subject))
    found += sorted(_of_outlets(outlets), key=lambda one: (-one.money, one.subject))
    kept = found if len(found) <= MOST_FINDINGS else _shortened(found)
    return Table(
        columns={
            "rank": tuple(range(1, len(kept) + 1)),
            "kind": tuple(one.kind for one in kept),
            "place": tuple(one.place for one in kept),
            "subject": tuple(one.subject for one in kept),
            "cells": tuple(len(one.cells) for one in kept),
            "money": tuple(one.money for one in kept),
            "why": tuple(one.why for one in kept),
            "advice": tuple(one.advice for one in kept),
        }
    )


def _shortened(found: list[Finding]) -> list[Finding]:
    """The first of the cells', and every outlet's: there are few of those."""
    outlets = [one for one in found if one.kind == "redundant outlet"]
    return found[: max(0, MOST_FINDINGS - len(outlets))] + outlets


def patches(neighbours: Neighbours, among: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Connected groups of the units ``among``, each ascending, by their first unit."""
    seen = ~among
    groups: list[NDArray[np.intp]] = []
    for first in np.flatnonzero(among).tolist():
        if seen[first]:
            continue
        seen[first] = True
        group, waiting = [first], [first]
        while waiting:
            for other in neighbours.of(waiting.pop()).tolist():
                if not seen[other]:
                    seen[other] = True
                    group.append(other)
                    waiting.append(other)
        groups.append(np.sort(np.array(group, dtype=np.intp)))
    return groups


def _of_cells(ground: Ground) -> list[Finding]:
    free = np.ones(len(ground.units), dtype=np.bool_)
    found: list[Finding] = []
    layers: tuple[tuple[Kind, NDArray[np.bool_], Column], ...] = (
        ("white space", ground.is_white, ground.white_space),
        ("coverage gap", ground.is_gap, ground.demand),
        ("underserved demand", ground.is_underserved, ground.white_space),
    )
    for kind, layer, worth in layers:
        for cells in patches(ground.units.neighbours, layer & free):
            money = float(worth[cells].sum())
            if money > 0:
                found.append(_patch(ground, kind, cells, money))
        free &= ~layer
    return found


def _patch(ground: Ground, kind: Kind, cells: NDArray[np.intp], money: float) -> Finding:
    main = int(cells[np.argmax(ground.white_space[cells])])
    return Finding(
        kind=kind,
        place=ground.units.names[main],
        subject=ground.units.ids[main],
        cells=tuple(cells.tolist()),
        money=money,
        why=_why(ground, kind, cells, money),
        advice=_advice(ground, money, cells),
    )


def _why(ground: Ground, kind: Kind, cells: NDArray[np.intp], money: float) -> str:
    count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    held = {
        "white space": f"{count} hold {money:,.0f} a year that nobody reaches well",
        "coverage gap": f"{count} with {money:,.0f} a year of demand lie beyond our last step",
        "underserved demand": f"{count} with much potential keep {money:,.0f} a year from us",
    }[kind]
    said = [held, _away(ground.minutes[cells], "our nearest outlet")]
    if np.isfinite(ground.rival_minutes[cells]).any():
        said.append(_away(ground.rival_minutes[cells], "the nearest competitor"))
    hot = int((ground.hot[cells] > 0).sum())
    if hot:
        said.append(f"{hot} of them a hot spot that chance does not explain")
    return "; ".join(said) + "."


def _away(minutes: Column, what: str) -> str:
    near = float(minutes.min())
    return f"{what} is {near:.0f} minutes away" if np.isfinite(near) else f"{what} is out of reach"


def _advice(ground: Ground, money: float, cells: NDArray[np.intp]) -> str:
    won = money * ground.caught
    if ground.need > 0 and won >= ground.need:
        count = int(won / ground.need)
        outlets = "an outlet" if count == 1 else f"{count} outlets"
        return f"Open: it could carry {outlets} of {ground.need:,.0f} a year each."
    if not np.isfinite(ground.minutes[cells]).any():
        return "Visit or deliver: too little for an outlet, and no road leads to one of ours."
    return "Visit: too little for an outlet of its own."


def _of_outlets(outlets: Table) -> list[Finding]:
    columns = outlets.columns
    rows: Sequence[tuple[str, str, float, float]] = list(
        zip(
            outlets.texts("site_id"),
            outlets.texts("name"),
            outlets.numbers("captured"),
            outlets.numbers("loss_if_closed"),
            strict=True,
        )
    ) if "loss_if_closed" in columns else []  # fmt: skip
    found = []
    for site_id, name, captured, loss in rows:
        kept = captured - loss
        if captured <= 0 or loss >= REDUNDANT_SHARE * captured:
            continue
        found.append(
            Finding(
                kind="redundant outlet",
                place=name or site_id,
                subject=site_id,
                cells=(),
                money=kept,
                why=f"Of the {captured:,.0f} a year it captures, other outlets of ours would keep "
                f"{kept:,.0f} ({100 * kept / captured:.0f} %).",
                advice="Move or close: what it does is mostly done twice.",
            )
        )
    return found
