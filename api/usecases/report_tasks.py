"""Taking a report at its word: the visits it asks for become tasks, which visit plans then hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.usecases.listing import plan_id_of
from api.usecases.workspace import Workspace
from territory.errors import InputError, NotFound
from territory.plans import Table
from territory.tables import TABLES
from territory.weekly import WeeklyReport

MOST_TITLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Ids of the tasks a report asks for: those added now, and those that were there before."""

    plan_id: str
    market: str
    added: tuple[str, ...]
    already: tuple[str, ...]


def accept_tasks(workspace: Workspace, plan: str, actions: Sequence[str] = ()) -> Accepted:
    """Add the visits of a report's things to do to the tasks table.

    All of them, or those of the actions named. A task's id is made of the week, the theme and the
    account, so that taking the same report again, or another one on the same week, adds nothing
    twice; a task that is there is left as it is, done or not. Its title names the report.

    Raises
    ------
    NotFound
        If the plan is no report.
    InputError
        If an action is not one of the report's.
    """
    from territory.tables.frames import typed_frame

    stored = workspace.store.load_plan(plan_id_of(workspace, plan))
    if not isinstance(stored.plan, WeeklyReport):
        raise NotFound(f"Plan {stored.plan_id} is no weekly report.")
    visits = _visits(stored.plan.sections.get("next_week_visits"), actions)
    known = set(workspace.store.table(stored.market, "tasks")["task_id"])
    new = [visit for visit in visits if visit["task_id"] not in known]
    today = workspace.store.settings(stored.market).today
    if new:
        rows = [_task(visit, stored.plan.first_date, stored.plan_id, today) for visit in new]
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        frame = typed_frame(columns, TABLES["tasks"])
        workspace.store.write_rows(stored.market, "tasks", frame, mode="append")
    accepted = Accepted(
        plan_id=stored.plan_id,
        market=stored.market,
        added=tuple(str(visit["task_id"]) for visit in new),
        already=tuple(str(visit["task_id"]) for visit in visits if visit["task_id"] in known),
    )
    detail = {"plan_id": stored.plan_id, "added": len(accepted.added)}
    workspace.store.record("report.accept", market=stored.market, detail=detail)
    return accepted


def _visits(table: Table | None, actions: Sequence[str]) -> list[dict[str, Any]]:
    rows = (
        []
        if table is None
        else [
            dict(zip(table.columns, values, strict=True))
            for values in zip(*table.columns.values(), strict=True)
        ]
    )
    known = list(dict.fromkeys(str(row["action_id"]) for row in rows))
    unknown = [action for action in actions if action not in known]
    if unknown:
        raise InputError(
            f"The report does not ask for {', '.join(map(repr, unknown))}.",
            fix=f"It asks for: {', '.join(known)}." if known else "It asks for nothing.",
        )
    return [row for row in rows if not actions or row["action_id"] in actions]


def _task(visit: dict[str, Any], monday: date, plan_id: str, today: date) -> dict[str, Any]:
    year, week, _ = monday.isocalendar()
    source = f" (report {year}-W{week:02d}, plan {plan_id})"
    reason = str(visit["reason"])[: MOST_TITLE - len(source)]
    return {
        "task_id": visit["task_id"],
        "account_id": visit["account_id"],
        "kind": visit["kind"],
        "title": reason + source,
        "created": today,
        "deadline": date.fromisoformat(visit["deadline"]),
        "minutes": float(visit["minutes"]),
        "priority": visit["priority"],
        "status": "open",
    }
