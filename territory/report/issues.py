"""Tasks past their deadline, and issues that are owed a written answer."""

from datetime import date, timedelta

from territory.plans import Table
from territory.report.week import Week, rows_as_table

_DEADLINE_ORDER = {"urgent": 0, "high": 1, "normal": 2, "": 2, "low": 3}


def overdue_tasks(week: Week) -> Table:
    """Tasks whose deadline was over by the week's end and that were not done by then."""
    rows = [
        {
            "task_id": task["task_id"],
            "executive_id": week.owner(task["account_id"]),
            "account_id": task["account_id"],
            "account": week.name(task["account_id"]),
            "kind": task["kind"],
            "title": task["title"],
            "priority": task["priority"],
            "deadline": task["deadline"],
            "days_overdue": (week.cutoff - task["deadline"]).days,
            "answer": _answer(task["kind"], task["answer"]),
        }
        for task in week.market.table("tasks").to_dict("records")
        if _is_overdue(task["deadline"], task["status"], task["done"], task["created"], week.cutoff)
    ]
    rows.sort(
        key=lambda row: (
            -row["days_overdue"],
            _DEADLINE_ORDER.get(row["priority"], 2),
            row["task_id"],
        )
    )
    return rows_as_table(
        rows,
        (
            *("task_id", "executive_id", "account_id", "account", "kind", "title"),
            *("priority", "deadline", "days_overdue", "answer"),
        ),
    )


def _answer(kind: str, answer: str) -> str:
    """Whether an issue has its written answer; other tasks need none."""
    if kind != "issue":
        return ""
    return "given" if answer.strip() else "due"


def _is_overdue(
    deadline: date, status: str, done: date | None, created: date | None, cutoff: date
) -> bool:
    was_done = status == "done" and (done is None or done < cutoff)
    was_there = created is None or created < cutoff
    return was_there and deadline < cutoff and not was_done


def answers_due(week: Week) -> Table:
    """Issues raised and not answered in writing, due by the end of the next week, oldest first.

    An issue that was closed without a written answer is still owed one; ``days_late`` is negative
    while there is time.
    """
    soon = week.last_date + timedelta(days=7)
    rows = [
        {
            "task_id": task["task_id"],
            "executive_id": week.owner(task["account_id"]),
            "account_id": task["account_id"],
            "account": week.name(task["account_id"]),
            "title": task["title"],
            "priority": task["priority"],
            "deadline": task["deadline"],
            "days_late": (week.cutoff - task["deadline"]).days,
            "status": task["status"] or "open",
        }
        for task in week.market.table("tasks").to_dict("records")
        if task["kind"] == "issue"
        and not task["answer"].strip()
        and task["deadline"] <= soon
        and (task["created"] is None or task["created"] < week.cutoff)
    ]
    rows.sort(key=lambda row: (-row["days_late"], row["task_id"]))
    return rows_as_table(
        rows,
        (
            *("task_id", "executive_id", "account_id", "account", "title", "priority"),
            *("deadline", "days_late", "status"),
        ),
    )
