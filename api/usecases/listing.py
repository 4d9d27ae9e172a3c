"""What there is: markets, tables, plans, in the plain form that doors show."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.usecases.summary import summarise
from api.usecases.workspace import Workspace
from territory.errors import NotFound

if TYPE_CHECKING:
    from data.store import StoredPlan
    from territory.checks import Violation


def facts_of(workspace: Workspace, name: str) -> dict[str, Any]:
    """One market's name, settings and row counts."""
    market = workspace.store.market(name)
    settings = market.settings
    return {
        "name": name,
        "title": settings.title,
        "currency": settings.currency,
        "timezone": settings.timezone,
        "today": settings.today.isoformat(),
        "has_synthetic": market.has_synthetic,
        "rows": {table: len(frame) for table, frame in market.tables.items() if len(frame)},
        "roads": list(workspace.networks(name)),
    }


def market_facts(workspace: Workspace) -> list[dict[str, Any]]:
    """All markets."""
    return [facts_of(workspace, name) for name in workspace.store.list_markets()]


def market_lines(workspace: Workspace) -> Iterator[str]:
    """All markets, a line each."""
    for facts in market_facts(workspace):
        rows = facts["rows"]
        shown = ", ".join(f"{rows[name]:,} {name}" for name in _SHOWN if name in rows)
        roads = f"; roads: {', '.join(facts['roads'])}" if facts["roads"] else "; no roads"
        yield f"{facts['name']}: {facts['title']} ({shown or 'empty'}{roads})"


_SHOWN = ("companies", "accounts", "executives", "outlets", "zones", "orders")


def table_page(
    workspace: Workspace, market: str, table: str, *, limit: int, offset: int
) -> dict[str, Any]:
    """Some rows of a table as plain values."""
    rows = workspace.store.table(market, table, limit=limit, offset=offset)
    total = workspace.store.count_rows(market)[table]
    after = offset + len(rows)
    return {
        "table": table,
        "total": total,
        "offset": offset,
        "rows": [
            {str(name): _plain(value) for name, value in row.items()}
            for row in rows.to_dict("records")
        ],
        "next": after if after < total else None,
    }


def _plain(value: Any) -> Any:
    """A cell as JSON: missing becomes null, dates become text."""
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def plan_id_of(workspace: Workspace, plan: str) -> str:
    """A plan's id from itself or from MARKET:KIND, which names the latest of its kind.

    Raises
    ------
    NotFound
        If there is no such plan.
    """
    if ":" not in plan:
        return plan
    from api.usecases.run import JOB_OF_PLAN, PLAN_KIND

    market, _, word = plan.partition(":")
    kind = next((kind for job, kind in PLAN_KIND.items() if word in (job, kind)), None)
    if kind is None:
        raise NotFound(f"There is no kind of plan {word!r}.", fix=f"Kinds: {', '.join(PLAN_KIND)}.")
    latest = workspace.store.latest_plan(market, kind)
    if latest is None:
        raise NotFound(
            f"Market {market!r} has no {kind} plan yet.",
            fix=f"Run `fieldwright {JOB_OF_PLAN[kind]} {market}` first.",
        )
    return latest.plan_id


def facts_of_plan(stored: "StoredPlan") -> dict[str, Any]:
    """A plan's provenance, flat."""
    origin = stored.provenance
    return {
        "plan_id": stored.plan_id,
        "plan_hash": stored.plan_hash,
        "kind": stored.kind,
        "market": origin.market,
        "version": stored.version,
        "created": stored.created.isoformat(),
        "seed": origin.seed,
        "params": dict(origin.params),
        "input_hash": origin.input_hash,
        "tool_version": origin.tool_version,
        "stopped_by": origin.work.stopped_by,
        "iterations": origin.work.iterations,
        "wall_seconds": origin.work.wall_seconds,
        "is_repeatable": origin.work.is_repeatable,
    }


def plan_document(workspace: Workspace, plan: str) -> dict[str, Any]:
    """A plan's provenance with its body and summary."""
    import json

    from data.store import encode_plan

    stored = workspace.store.load_plan(plan_id_of(workspace, plan))
    return {
        **facts_of_plan(stored),
        "plan": json.loads(encode_plan(stored.plan)),
        "summary": list(summarise(stored.plan)),
    }


def plan_facts(workspace: Workspace, market: str, kind: str | None) -> list[dict[str, Any]]:
    """The plans of a market, newest first."""
    workspace.store.settings(market)  # says so if there is none
    return [facts_of_plan(stored) for stored in workspace.store.list_plans(market, kind)]


def plan_lines(workspace: Workspace, market: str, kind: str | None) -> Iterator[str]:
    """The plans of a market, a line each."""
    for facts in plan_facts(workspace, market, kind):
        created = facts["created"][:16].replace("T", " ")
        yield f"{facts['plan_id']}  {created}  {facts['kind']} v{facts['version']}"


def violation_facts(violation: "Violation") -> dict[str, Any]:
    """One finding of the judge as plain values."""
    return asdict(violation)
