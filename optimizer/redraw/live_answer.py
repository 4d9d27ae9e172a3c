"""The answer of an edit, from the state it left."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.live_faults import Shortfall, faults_of
from optimizer.redraw.live_words import breaches_of
from territory.edits import EditAnswer, Standing

if TYPE_CHECKING:
    from optimizer.redraw.live import LiveAlignment

SHOWN = 5


def answer_of(
    live: "LiveAlignment",
    edit: str,
    units: NDArray[np.int64],
    touched: list[int],
    *,
    before: list[Shortfall],
    was_out: set[int],
    notes: tuple[str, ...],
) -> EditAnswer:
    """How the touched seats stand, what they break, and what changed for the others."""
    faults = faults_of(live, touched)
    others = sorted(live.beyond() - was_out - set(touched))
    return EditAnswer(
        edit=edit,
        moved_units=tuple(live.problem.unit_ids[unit] for unit in units.tolist()),
        load_names=live.problem.load_names,
        mean_loads=tuple(live.mean_loads.tolist()),
        standings=_standings(live, touched, faults),
        breaches=breaches_of(live, faults, {fault.key for fault in before}),
        notes=(*notes, *_mended(live, faults, before, touched), *_mean_changed(live, others)),
    )


def _standings(
    live: "LiveAlignment", touched: list[int], faults: list[Shortfall]
) -> tuple[Standing, ...]:
    deviation, names = live.deviations(), live.problem.names
    apart = {fault.seat: fault.pieces for fault in faults if fault.pieces}
    return tuple(
        Standing(
            executive_id=live.ids[seat],
            name=names.get(live.ids[seat], live.ids[seat]),
            units=int(live.tally[seat]),
            loads=tuple(live.held[:, seat].tolist()),
            deviation_percent=tuple(deviation[:, seat].tolist()),
            pieces=apart.get(seat, 1) if live.tally[seat] else 0,
        )
        for seat in touched
    )


def _mended(
    live: "LiveAlignment", faults: list[Shortfall], before: list[Shortfall], touched: list[int]
) -> tuple[str, ...]:
    """A word for each rule that was broken and is not any more."""
    now = {fault.key for fault in faults}
    healed = {fault.key: fault for fault in before if fault.key not in now}
    return tuple(
        f"Mended: {fault.code.replace('_', ' ')}"
        + (f" in {live.problem.load_names[fault.row]}" if fault.code == "over_tolerance" else "")
        + (f" of {live.ids[fault.seat]!r}." if fault.seat >= 0 else ".")
        for fault in healed.values()
        if fault.seat in touched or fault.seat < 0
    )


def _mean_changed(live: "LiveAlignment", others: list[int]) -> tuple[str, ...]:
    if not others:
        return ()
    said = ", ".join(live.ids[seat] for seat in others[:SHOWN])
    return (
        f"{len(others)} jurisdictions that this edit did not touch lie beyond tolerance because "
        f"the mean changed: {said}{' ...' if len(others) > SHOWN else ''}.",
    )
