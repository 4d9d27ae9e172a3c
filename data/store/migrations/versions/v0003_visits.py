"""What a visit plan may ask more: priority, spacing, accounts behind one door, nights away.

Numbers come in as unknown and texts as "", so that rows written before mean what they did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table of nights away."""
    with op.batch_alter_table("market_accounts") as batch:
        batch.add_column(sa.Column("priority", sa.Float(53)))
        batch.add_column(sa.Column("min_spacing_days", sa.BigInteger))
        batch.add_column(sa.Column("max_spacing_days", sa.BigInteger))
        batch.add_column(sa.Column("visit_group", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "market_overnights",
        sa.Column("market_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("executive_id", sa.Text, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("lon", sa.Float(53)),
        sa.Column("lat", sa.Float(53)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("synthetic", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("market_id", "executive_id", "date", name="pk_market_overnights"),
        sa.ForeignKeyConstraint(
            ["market_id"],
            ["markets.id"],
            ondelete="CASCADE",
            name="fk_market_overnights_market_id",
        ),
    )
    op.create_index("ix_market_overnights_position", "market_overnights", ["market_id", "position"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("market_overnights")
    with op.batch_alter_table("market_accounts") as batch:
        for column in ("visit_group", "max_spacing_days", "min_spacing_days", "priority"):
            batch.drop_column(column)
