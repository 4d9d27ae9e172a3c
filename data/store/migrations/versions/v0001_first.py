"""The first schema: markets and their rows, plans, jobs, audit.

Frozen as it was: later revisions change tables, this one never changes again once released.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROWS: dict[str, tuple[tuple[str, ...], str]] = {
    "companies": (
        ("company_id",),
        "company_id:t name:t lon:f lat:f category:t size:t employees:f income:f consumption:f "
        "source:t source_date:d phone:t brand:t address:t synthetic:t",
    ),
    "zones": (
        ("zone_id",),
        "zone_id:t name:t geometry:t population:f households:f median_income:f "
        "consumption_index:f synthetic:t",
    ),
    "outlets": (
        ("outlet_id",),
        "outlet_id:t name:t lon:f lat:f owner:t status:t brand:t attractiveness:f annual_sales:f "
        "upkeep_cost:f closing_cost:f may_close:b opened:d synthetic:t",
    ),
    "sites": (
        ("site_id",),
        "site_id:t name:t lon:f lat:f opening_cost:f closing_cost:f attractiveness:f is_forced:b "
        "is_forbidden:b reason:t synthetic:t",
    ),
    "flows": (
        ("origin_id", "outlet_id"),
        "origin_id:t outlet_id:t amount:f synthetic:t",
    ),
    "barriers": (
        ("barrier_id",),
        "barrier_id:t name:t kind:t geometry:t synthetic:t",
    ),
    "executives": (
        ("executive_id",),
        "executive_id:t name:t home_lon:f home_lat:f end_lon:f end_lat:f shift_start:t "
        "shift_end:t weekdays:t lunch_minutes:f lunch_earliest:t lunch_latest:t "
        "max_driving_minutes:f skills:t region:t synthetic:t",
    ),
    "absences": (
        ("executive_id", "first_date"),
        "executive_id:t first_date:d last_date:d reason:t synthetic:t",
    ),
    "accounts": (
        ("account_id",),
        "account_id:t company_id:t name:t lon:f lat:f tier:t executive_id:t procurement_head:t "
        "store_manager:t team_leader:t phone:t opening_hours:t visits_per_4_weeks:f "
        "visit_minutes:f allowed_weekdays:t preferred_weekdays:t required_skill:t last_visit:d "
        "served_since:d annual_potential:f is_key:b synthetic:t",
    ),
    "visits": (
        ("visit_id",),
        "visit_id:t account_id:t executive_id:t date:d status:t start:t minutes:f is_pinned:b "
        "note:t synthetic:t",
    ),
    "tasks": (
        ("task_id",),
        "task_id:t account_id:t kind:t title:t created:d deadline:d minutes:f priority:t status:t "
        "done:d answer:t synthetic:t",
    ),
    "promoters": (
        ("promoter_id",),
        "promoter_id:t name:t outlet_id:t account_id:t shifts:t synthetic:t",
    ),
    "alignment": (
        ("subject_kind", "subject_id", "valid_from"),
        "subject_kind:t subject_id:t executive_id:t valid_from:d valid_to:d synthetic:t",
    ),
    "products": (
        ("product_id",),
        "product_id:t name:t category:t unit_cost:f synthetic:t",
    ),
    "orders": (
        ("order_id",),
        "order_id:t account_id:t ordered_on:d promised_on:d delivered_on:d ordered_amount:f "
        "delivered_amount:f synthetic:t",
    ),
    "order_lines": (
        ("order_id", "line"),
        "order_id:t line:i product_id:t ordered_units:f delivered_units:f unit_price:f synthetic:t",
    ),
    "targets": (
        ("subject_kind", "subject_id", "first_date"),
        "subject_kind:t subject_id:t first_date:d last_date:d amount:f synthetic:t",
    ),
    "observations": (
        ("observation_id",),
        "observation_id:t account_id:t date:d owner:t product_id:t competitor:t kind:t price:f "
        "volume:f share_percent:f note:t synthetic:t",
    ),
    "agreements": (
        ("agreement_id",),
        "agreement_id:t account_id:t first_date:d last_date:d annual_quota:f signed_on:d "
        "synthetic:t",
    ),
    "policies": (
        ("policy_id",),
        "policy_id:t account_id:t kind:t limit_amount:f signed_on:d due_on:d synthetic:t",
    ),
    "price_rules": (
        ("product_id", "first_date"),
        "product_id:t first_date:d last_date:d guide_price:f floor_price:f "
        "profit_band_low_percent:f profit_band_high_percent:f synthetic:t",
    ),
}
"""Key and columns ("name:type") of each market table: text, float, integer, boolean, date."""


def upgrade() -> None:
    """Make every table."""
    _markets_and_plans()
    _jobs()
    _audit()
    for name, (key, columns) in ROWS.items():
        _rows(name, key, columns)


def downgrade() -> None:
    """Drop every table."""
    _drop_triggers()
    for name in reversed(ROWS):
        op.drop_table(f"market_{name}")
    for name in ("audit", "job_events", "jobs", "plans", "markets"):
        op.drop_table(name)


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _market_id(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("market_id", _id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], ondelete="CASCADE", name=f"fk_{table}_market_id"
        ),
    )


def _markets_and_plans() -> None:
    op.create_table(
        "markets",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        *(_text(name) for name in ("name", "settings", "created")),
        sa.PrimaryKeyConstraint("id", name="pk_markets"),
        sa.UniqueConstraint("name", name="uq_markets_name"),
    )
    op.create_table(
        "plans",
        _text("plan_id"),
        *_market_id("plans"),
        _text("kind"),
        sa.Column("version", sa.Integer, nullable=False),
        *(_text(name) for name in ("plan_hash", "created", "provenance", "body")),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plans"),
        sa.UniqueConstraint("market_id", "kind", "version", name="uq_plans_market_id"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        _text("id"),
        sa.Column("sequence", _id(), nullable=False),
        *_market_id("jobs"),
        *(_text(name) for name in ("kind", "params", "status")),
        sa.Column("fraction", sa.Float, nullable=False),
        _text("message"),
        sa.Column("objective", sa.Float),
        sa.Column("bound", sa.Float),
        _text("best", nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("beats", _id(), nullable=False),
        sa.Column("lease_seconds", sa.Float, nullable=False),
        _text("worker_id"),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        _text("plan_id", nullable=True),
        _text("error"),
        _text("idempotency_key", nullable=True),
        *(_text(name) for name in ("request_hash", "created")),
        *(_text(name, nullable=True) for name in ("started", "finished")),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("sequence", name="uq_jobs_sequence"),
        sa.UniqueConstraint("idempotency_key", name="uq_jobs_idempotency_key"),
    )
    op.create_index("ix_jobs_status", "jobs", ["status"])
    op.create_table(
        "job_events",
        _text("job_id"),
        sa.Column("seq", sa.Integer, nullable=False),
        _text("body"),
        sa.PrimaryKeyConstraint("job_id", "seq", name="pk_job_events"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], ondelete="CASCADE", name="fk_job_events_job_id"
        ),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        *(_text(name) for name in ("at", "who", "what", "market", "detail")),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
    )


def _drop_triggers() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_no_change ON audit")
        op.execute("DROP FUNCTION audit_refuse()")


def _rows(name: str, key: tuple[str, ...], columns: str) -> None:
    table = f"market_{name}"
    market_id, belongs = _market_id(table)
    op.create_table(
        table,
        market_id,
        sa.Column("position", sa.Integer, nullable=False),
        *(_row_column(part, key) for part in columns.split()),
        sa.PrimaryKeyConstraint("market_id", *key, name=f"pk_{table}"),
        belongs,
    )
    op.create_index(f"ix_{table}_position", table, ["market_id", "position"])


def _row_column(part: str, key: tuple[str, ...]) -> sa.Column[Any]:
    name, _, code = part.partition(":")
    types: dict[str, sa.types.TypeEngine[Any]] = {
        "t": sa.Text(),
        "f": sa.Float(53),
        "i": sa.BigInteger(),
        "b": sa.Boolean(),
        "d": sa.Date(),
    }
    return sa.Column(name, types[code], nullable=not (code == "t" or name in key))
