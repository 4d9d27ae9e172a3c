"""What a published plan has told accounts: each need gets the date it was promised on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from territory.routes import VisitPlan
from territory.visits import VisitNeed


def with_published(needs: Sequence[VisitNeed], plan: VisitPlan) -> tuple[VisitNeed, ...]:
    """The needs with the dates of a published plan, matched by account.

    The numbers of an account's visits start anew with every plan, so its visits are matched in
    order of date: a published date goes to the earliest need not yet matched that may be made on
    it. Tasks are matched by their own id; appointments keep their date anyway.
    """
    told: dict[str, list[date]] = defaultdict(list)
    task_told: dict[str, date] = {}
    for route in plan.routes:
        for stop in route.stops:
            if stop.kind == "task":
                task_told[stop.visit_id] = route.date
            else:
                told[stop.account_id].append(route.date)
    promised: dict[str, date] = {}
    by_account: dict[str, list[VisitNeed]] = defaultdict(list)
    for need in needs:
        if need.kind == "visit":
            by_account[need.account_id].append(need)
        elif need.kind == "task" and need.visit_id in task_told:
            promised[need.visit_id] = task_told[need.visit_id]
    for account_id, waiting in by_account.items():
        waiting.sort(key=lambda need: (need.dates[:1], need.visit_id))
        for day in sorted(told[account_id]):
            fitting = [need for need in waiting if day in need.dates]
            if fitting:
                promised[fitting[0].visit_id] = day
                waiting.remove(fitting[0])
    return tuple(replace(need, published_date=promised.get(need.visit_id)) for need in needs)
