"""What instead: the best network when a landlord says no, and the next best ones of all."""

import numpy as np

from optimizer.outlets.answers.desk import Answer, Desk, WhatIf
from optimizer.outlets.model import Flags
from optimizer.run import Stop
from territory.errors import Infeasible
from territory.outlets import OutletPlan
from territory.plans import Table

WITHIN = 0.01
"""Networks that lose no more than this share of the plan's capture are told."""


def alternatives(
    desk: Desk, plan: OutletPlan, *, networks: int = 5, stop: Stop | None = None
) -> Table:
    """Other networks that the rules allow, one row each.

    Columns: without, captured, loss_percent, bound, opens, leaves, is_proven. First a row for every
    new site of the plan, in its order: the best network ``without`` it, all else free to change.
    Then, with ``without`` "", the ``networks`` next best of all that lose 1 % at most, but for
    those that stand above already. ``opens`` and ``leaves`` list site ids against the plan, joined
    by commas. A site whose loss leaves no network allowed has no row.
    """
    stop = stop or Stop()
    stands = _is_open(desk, plan)
    rows: list[tuple[str, Answer]] = []
    for site in plan.sites:
        if site.decision == "open" and stop.now() is None:
            answer = _asked(desk, WhatIf(shut=(site.site_id,)), stop, ())
            rows += [(site.site_id, answer)] if answer is not None else []
    known = [stands]
    while len(known) <= networks and stop.now() is None:
        answer = _asked(desk, WhatIf(), stop, tuple(known))
        if answer is None or answer.captured < (1 - WITHIN) * plan.captured:
            break
        if any((answer.is_open == told).all() for told in known):
            break  # without new sites there is no other network
        if not any((answer.is_open == told.is_open).all() for _, told in rows):
            rows.append(("", answer))
        known.append(answer.is_open)
    return _table(desk, plan, stands, rows)


def _asked(desk: Desk, question: WhatIf, stop: Stop, unlike: tuple[Flags, ...]) -> Answer | None:
    part = Stop(seconds=stop.seconds_left, cancel=stop.cancel)
    try:
        return desk.ask(question, stop=part, unlike=unlike)
    except Infeasible:
        return None


def _is_open(desk: Desk, plan: OutletPlan) -> Flags:
    decision = {site.site_id: site.decision for site in plan.sites}
    return np.array(
        [decision[site.site_id] in ("open", "keep") for site in desk.problem.sites], dtype=np.bool_
    )


def _table(desk: Desk, plan: OutletPlan, stands: Flags, rows: list[tuple[str, Answer]]) -> Table:
    ids = [site.site_id for site in desk.problem.sites]

    def named(flags: Flags) -> str:
        return ", ".join(ids[row] for row in np.flatnonzero(flags).tolist())

    return Table(
        columns={
            "without": tuple(without for without, _ in rows),
            "captured": tuple(float(answer.captured) for _, answer in rows),
            "loss_percent": tuple(
                100 * (plan.captured - answer.captured) / plan.captured if plan.captured else 0.0
                for _, answer in rows
            ),
            "bound": tuple(float(max(answer.bound, answer.captured)) for _, answer in rows),
            "opens": tuple(named(answer.is_open & ~stands) for _, answer in rows),
            "leaves": tuple(named(stands & ~answer.is_open) for _, answer in rows),
            "is_proven": tuple(answer.is_proven for _, answer in rows),
        }
    )
