"""What a candidate site costs to keep and the brand it would open under.

Numbers come in as unknown and texts as "", so that rows written before mean what they did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("market_sites") as batch:
        batch.add_column(sa.Column("upkeep_cost", sa.Float(53)))
        batch.add_column(sa.Column("brand", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("market_sites") as batch:
        for column in ("brand", "upkeep_cost"):
            batch.drop_column(column)
