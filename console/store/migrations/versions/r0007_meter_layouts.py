"""what the samples of meter values are of, written once for all that are alike"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it; what is stored already has its samples written out."""
    op.create_table(
        "meter_layout",
        sa.Column("layout_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("forms", sa.Text(), nullable=False),
    )
    op.add_column("meter_value", sa.Column("layout_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take it away again; meter values that need it go with it."""
    op.execute("DELETE FROM meter_value WHERE layout_id IS NOT NULL")
    op.drop_column("meter_value", "layout_id")
    op.drop_table("meter_layout")
