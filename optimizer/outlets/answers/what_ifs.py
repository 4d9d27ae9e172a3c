"""Scenarios side by side: the best network under each, against the plan."""

from collections.abc import Sequence

import numpy as np

from optimizer.outlets.answers.desk import Answer, Desk, WhatIf
from optimizer.outlets.problem import OutletProblem, cost_if_closed, cost_if_opened
from optimizer.run import Stop
from territory.errors import Infeasible
from territory.outlets import OutletPlan
from territory.plans import Table

Asked = tuple[Desk, WhatIf]
Figure = str | float | int | bool


def what_ifs(plan: OutletPlan, asked: Sequence[Asked], *, stop: Stop | None = None) -> Table:
    """One row per question, each asked of its desk: a desk of other demand is another desk.

    Columns: name, captured, change (against the plan), bound, new_sites, spent, opens, closes,
    is_proven, note (why there is no network; the figures of such a row are 0).
    """
    rows = [_row(plan, desk, question, stop or Stop()) for desk, question in asked]
    names = (
        "name", "captured", "change", "bound", "new_sites", "spent", "opens", "closes",
        "is_proven", "note",
    )  # fmt: skip
    return Table(columns={name: tuple(row[name] for row in rows) for name in names})


def _row(plan: OutletPlan, desk: Desk, question: WhatIf, stop: Stop) -> dict[str, Figure]:
    part = Stop(seconds=stop.seconds_left, cancel=stop.cancel)
    try:
        answer = desk.ask(question, stop=part)
    except Infeasible as conflict:
        return {
            "name": question.name, "captured": 0.0, "change": 0.0, "bound": 0.0, "new_sites": 0,
            "spent": 0.0, "opens": "", "closes": "", "is_proven": False, "note": str(conflict),
        }  # fmt: skip
    opened, closed, spent = _moves(desk.problem, answer)
    return {
        "name": question.name,
        "captured": float(answer.captured),
        "change": float(answer.captured - plan.captured),
        "bound": float(max(answer.bound, answer.captured)),
        "new_sites": len(opened),
        "spent": spent,
        "opens": ", ".join(opened),
        "closes": ", ".join(closed),
        "is_proven": answer.is_proven,
        "note": "",
    }


def _moves(problem: OutletProblem, answer: Answer) -> tuple[list[str], list[str], float]:
    """Ids that open, own ids that close, and the money of a year both cost."""
    new = [row for row in problem.with_role("candidate") if answer.is_open[row]]
    shut = [row for row in problem.with_role("own") if not answer.is_open[row]]
    spent = sum(cost_if_opened(problem.sites[row]) for row in new)
    spent += sum(cost_if_closed(problem.sites[row]) for row in shut)
    sites = np.array([site.site_id for site in problem.sites], dtype=object)
    return sites[new].tolist(), sites[shut].tolist(), float(spent)
