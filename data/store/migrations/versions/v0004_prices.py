"""What visits may cost: overtime and late visits, where days end and lunch is had, slow hours.

Numbers come in as unknown and texts as "", so that rows written before mean what they did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table of traffic by the hour."""
    with op.batch_alter_table("market_executives") as batch:
        batch.add_column(sa.Column("max_overtime_minutes", sa.Float(53)))
        batch.add_column(sa.Column("overtime_price", sa.Float(53)))
        batch.add_column(sa.Column("day_ends", sa.Text, nullable=False, server_default=""))
        batch.add_column(sa.Column("lunch_place", sa.Text, nullable=False, server_default=""))
    with op.batch_alter_table("market_accounts") as batch:
        batch.add_column(sa.Column("late_minutes", sa.Float(53)))
    op.create_table(
        "market_travel_hours",
        sa.Column("market_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("band_id", sa.Text, nullable=False),
        sa.Column("weekdays", sa.Text, nullable=False),
        sa.Column("from_time", sa.Text, nullable=False),
        sa.Column("to_time", sa.Text, nullable=False),
        sa.Column("factor", sa.Float(53)),
        sa.Column("synthetic", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("market_id", "band_id", name="pk_market_travel_hours"),
        sa.ForeignKeyConstraint(
            ["market_id"],
            ["markets.id"],
            ondelete="CASCADE",
            name="fk_market_travel_hours_market_id",
        ),
    )
    op.create_index(
        "ix_market_travel_hours_position", "market_travel_hours", ["market_id", "position"]
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("market_travel_hours")
    with op.batch_alter_table("market_accounts") as batch:
        batch.drop_column("late_minutes")
    with op.batch_alter_table("market_executives") as batch:
        for column in ("lunch_place", "day_ends", "overtime_price", "max_overtime_minutes"):
            batch.drop_column(column)
