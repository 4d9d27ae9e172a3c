"""What an edit by hand may not name, all faults at once."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from territory.errors import Fault, InputError

if TYPE_CHECKING:
    from optimizer.redraw.live import LiveAlignment


def refuse(*faults: list[Fault]) -> None:
    """Raise InputError with all faults, if there are any."""
    found = [fault for group in faults for fault in group]
    if found:
        raise InputError("This edit cannot be made.", found)


def unknown_units(live: "LiveAlignment", units: Iterable[str]) -> list[Fault]:
    """Names that are no unit of the alignment."""
    return [
        Fault(column="unit_id", value=unit, expected="a unit of this alignment")
        for unit in units
        if unit not in live.unit_of
    ]


def unknown_executives(live: "LiveAlignment", *executives: str) -> list[Fault]:
    """Names of nobody who is in the alignment now."""
    return [
        Fault(column="executive_id", value=each, expected="an executive of this alignment")
        for each in executives
        if each not in live.seat_of or not live.present[live.seat_of[each]]
    ]


def same(one: str, other: str) -> list[Fault]:
    """An executive named twice where two are needed."""
    said = Fault(column="executive_id", value=one, expected="somebody else than the other one")
    return [said] if one == other else []


def no_name(executive: str) -> list[Fault]:
    """A newcomer without an id."""
    return (
        []
        if executive.strip()
        else [Fault(column="executive_id", expected="an executive needs an id")]
    )


def locked_units(live: "LiveAlignment", units: NDArray[np.int64]) -> list[Fault]:
    """Those of these units (positions) that are locked to somebody who is here."""
    locked = live.binding
    return [
        Fault(
            column="unit_id",
            value=live.problem.unit_ids[unit],
            expected=f"free: it is locked to {live.ids[locked[unit]]!r}",
            fix="Leave it out, or redraw without this lock.",
        )
        for unit in units[locked[units] >= 0].tolist()
    ]
