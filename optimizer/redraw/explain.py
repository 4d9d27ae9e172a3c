"""Why a tolerance was not met, in words with numbers."""

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw.problem import RedrawProblem
from territory.measures import deviation_percent, load_sums, polsby_popper

FRAYED = 0.2  # mean Polsby-Popper below which borders are frayed; round towns reach 0.5
PROVED = "It is proved that no contiguous plan of these units comes nearer to all tolerances."
Owners = NDArray[np.int64]


def notes_on(
    owners: Owners, problem: RedrawProblem, *, is_optimal: bool = False
) -> tuple[str, ...]:
    """One note per load beyond its tolerance: where, by how much, and the likely cause.

    With ``is_optimal`` the plan is proved to have the least violation.
    """
    sums = load_sums(owners, problem.loads, problem.executives) + problem.carried
    deviations = deviation_percent(sums)
    notes = []
    for row, (name, tolerance) in enumerate(
        zip(problem.load_names, problem.tolerance_percent, strict=True)
    ):
        off = deviations[row]
        worst = int(np.abs(off).argmax())
        if abs(off[worst]) <= tolerance + 1e-9:
            continue
        if not problem.is_hard[row]:
            notes.append(
                f"{name} is a soft load: {problem.executive_ids[worst]} lies {off[worst]:+.2f} % "
                f"from the mean, ±{tolerance:g} % was wished for and the rest is priced."
            )
            continue
        beyond = int(np.count_nonzero(np.abs(off) > tolerance + 1e-9))
        notes.append(
            f"The tolerance of {tolerance:g} % on {name} was not met: {beyond} of "
            f"{problem.executives} jurisdictions lie beyond it, the worst is "
            f"{problem.executive_ids[worst]} with {off[worst]:+.2f} % of the mean. "
            f"{PROVED if is_optimal else _cause(owners, worst, deviations, row, problem)}"
        )
    if any("not met" in note for note in notes) and not is_optimal:
        notes += _shape_notes(owners, problem)
    return tuple(notes)


def _shape_notes(owners: Owners, problem: RedrawProblem) -> list[str]:
    """A word where shape was given up for balance in vain."""
    shape = float(polsby_popper(owners, problem.ground, problem.executives).mean())
    if shape >= FRAYED:
        return []
    return [
        f"Shape was given up to come near the tolerance: mean Polsby-Popper {shape:.2f}. A wider "
        "tolerance keeps jurisdictions compact."
    ]


def _cause(
    owners: Owners, worst: int, deviations: NDArray[np.float64], row: int, problem: RedrawProblem
) -> str:
    """The most telling of: one unit too heavy, a part of the market, opposite loads, lumps."""
    load = problem.loads[row]
    inside = owners == worst
    mean = float(problem.mean_loads[row])
    largest = int(np.where(inside, load, -1).argmax())
    share = 100 * float(load[largest]) / mean
    tolerance = problem.tolerance_percent[row]
    if share > 100 + tolerance:
        return (
            f"Its unit {problem.unit_ids[largest]} alone is {share:.0f} % of a mean jurisdiction, "
            "so no plan can meet it: use smaller units or fewer executives."
        )
    said = _part_cause(worst, owners, row, problem)
    if said:
        return said
    others = [k for k in range(len(deviations)) if k != row]
    opposite = [k for k in others if deviations[k, worst] * deviations[row, worst] < 0]
    if (
        opposite
        and abs(deviations[opposite[0], worst]) > problem.tolerance_percent[opposite[0]] / 2
    ):
        return (
            f"There {problem.load_names[opposite[0]]} is off the other way "
            f"({deviations[opposite[0], worst]:+.2f} %): the two loads live in different places, "
            "and only longer jurisdictions or a wider tolerance can balance both."
        )
    return (
        f"Its largest unit {problem.unit_ids[largest]} is {share:.1f} % of a mean jurisdiction; "
        "smaller units, more search or a wider tolerance may meet it. No proof is offered that no "
        "plan can."
    )


def _part_cause(worst: int, owners: Owners, row: int, problem: RedrawProblem) -> str:
    """A part of the market whose load per seat is itself beyond tolerance.

    Where executives carry load besides land, what lies on a part does not tell.
    """
    if len(problem.seating.seats) == 1 or problem.carried_loads is not None:
        return ""
    part = problem.seating.part
    label = int(part[np.flatnonzero(owners == worst)[0]])
    seats = problem.seating.seats[label]
    load = problem.loads[row]
    mean = float(problem.mean_loads[row])
    off = 100 * (float(load[part == label].sum()) / (seats * mean) - 1)
    if abs(off) <= problem.tolerance_percent[row] + 1e-9:
        return ""
    return (
        f"It lies on a part of the market that holds {seats} jurisdictions of {off:+.2f} % on "
        "average: only a link to another part can change that."
    )
