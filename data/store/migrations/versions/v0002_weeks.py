"""What a week is judged by: currencies, cancelled orders and lines, policies used, promoters' days.

Texts come in as "", figures and days as unknown, so that rows written before mean what they did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXTS = (
    ("market_orders", "currency"),
    ("market_orders", "cancelled_by"),
    ("market_order_lines", "cancelled_by"),
    ("market_targets", "currency"),
)


def upgrade() -> None:
    """Add the columns and the table of promoters' days."""
    for table, column in TEXTS:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, sa.Text, nullable=False, server_default=""))
    with op.batch_alter_table("market_policies") as batch:
        batch.add_column(sa.Column("used_amount", sa.Float(53)))
        batch.add_column(sa.Column("proven_on", sa.Date))
    op.create_table(
        "market_promoter_days",
        sa.Column("market_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("promoter_id", sa.Text, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("hours", sa.Float(53)),
        sa.Column("units", sa.Float(53)),
        sa.Column("sales", sa.Float(53)),
        sa.Column("synthetic", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("market_id", "promoter_id", "date", name="pk_market_promoter_days"),
        sa.ForeignKeyConstraint(
            ["market_id"],
            ["markets.id"],
            ondelete="CASCADE",
            name="fk_market_promoter_days_market_id",
        ),
    )
    op.create_index(
        "ix_market_promoter_days_position", "market_promoter_days", ["market_id", "position"]
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("market_promoter_days")
    with op.batch_alter_table("market_policies") as batch:
        batch.drop_column("proven_on")
        batch.drop_column("used_amount")
    for table, column in reversed(TEXTS):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
