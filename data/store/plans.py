"""Plans as immutable versions, each with how it was made."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import Connection, Row, Select, func, insert, select

from data.store.codec import (
    Plan,
    decode_plan,
    decode_provenance,
    encode_plan,
    encode_provenance,
    hash_of_encoded,
    kind_of,
)
from data.store.schema import MARKETS, PLANS
from territory.errors import Conflict, InputError, NotFound
from territory.plans import PlanKind, Provenance


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredPlan:
    """A plan as it was saved. ``version`` counts the plans of its kind in its market from 1.

    ``plan_hash`` is over the plan's value alone. ``plan`` is read when first asked for, so that a
    list of plans costs little.
    """

    plan_id: str
    plan_hash: str
    kind: PlanKind
    version: int
    created: datetime
    provenance: Provenance
    load: Callable[[], Plan] = field(repr=False)

    @property
    def market(self) -> str:
        return self.provenance.market

    @cached_property
    def plan(self) -> Plan:
        """The plan itself."""
        return self.load()


def insert_plan(
    connection: Connection, market_id: int, plan: Plan, provenance: Provenance, now: datetime
) -> StoredPlan:
    """Save a plan as the next version of its kind, within the caller's transaction."""
    kind = kind_of(plan)
    if provenance.kind != kind:
        raise InputError(f"A {kind} plan cannot be saved with the provenance of {provenance.kind}.")
    body = encode_plan(plan)
    last = select(func.max(PLANS.c.version)).where(
        PLANS.c.market_id == market_id, PLANS.c.kind == kind
    )
    version = int(connection.execute(last).scalar() or 0) + 1
    plan_id = f"pln_{secrets.token_hex(12)}"
    digest = hash_of_encoded(kind, body)
    connection.execute(
        insert(PLANS).values(
            plan_id=plan_id,
            market_id=market_id,
            kind=kind,
            version=version,
            plan_hash=digest,
            created=now.isoformat(),
            provenance=encode_provenance(provenance),
            body=body,
        )
    )
    return StoredPlan(
        plan_id=plan_id,
        plan_hash=digest,
        kind=kind,
        version=version,
        created=now,
        provenance=provenance,
        load=lambda: decode_plan(kind, body),
    )


def refuse_second_child(connection: Connection, market_id: int, provenance: Provenance) -> None:
    """Raise Conflict if an edit of the same parent is kept already."""
    rows = connection.execute(
        select(PLANS.c.plan_id, PLANS.c.version, PLANS.c.provenance)
        .where(PLANS.c.market_id == market_id, PLANS.c.kind == provenance.kind)
        .order_by(PLANS.c.version.desc())
    )
    for plan_id, version, text in rows:
        other = decode_provenance(text)
        is_edited = "edit" in other.params or "replans" in other.params
        if is_edited and other.parents[:1] == provenance.parents[:1]:
            raise Conflict(
                f"Somebody edited {provenance.parents[0]} meanwhile: that gave version {version} "
                f"({plan_id}).",
                fix=f"Edit {plan_id}, or ask for a branch.",
            )


def plan_rows() -> Select[tuple[str, str, PlanKind, int, str, str]]:
    """A query of plans without their bodies, newest first."""
    columns = (
        PLANS.c.plan_id,
        PLANS.c.plan_hash,
        PLANS.c.kind,
        PLANS.c.version,
        PLANS.c.created,
        PLANS.c.provenance,
    )
    return (
        select(*columns)
        .join(MARKETS, MARKETS.c.id == PLANS.c.market_id)
        .order_by(PLANS.c.created.desc(), PLANS.c.version.desc())
    )


def plan_of_row(
    row: Row[tuple[str, str, PlanKind, int, str, str]], load_body: Callable[[str], str]
) -> StoredPlan:
    """A stored plan from its row; ``load_body`` fetches the JSON when it is needed."""
    plan_id, kind = str(row.plan_id), row.kind
    return StoredPlan(
        plan_id=plan_id,
        plan_hash=str(row.plan_hash),
        kind=kind,
        version=int(row.version),
        created=datetime.fromisoformat(row.created).astimezone(UTC),
        provenance=decode_provenance(row.provenance),
        load=lambda: decode_plan(kind, load_body(plan_id)),
    )


def plan_body(connection: Connection, plan_id: str) -> str:
    """The JSON of one plan.

    Raises
    ------
    NotFound
        If there is no such plan.
    """
    body = connection.execute(select(PLANS.c.body).where(PLANS.c.plan_id == plan_id)).scalar()
    if body is None:
        raise NotFound(f"There is no plan {plan_id!r}.")
    return str(body)
