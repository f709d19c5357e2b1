"""charging schedules"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = {"station_schedules": "station_id", "rollout": "rollout_id", "price_curve": "curve_id"}


def upgrade() -> None:
    """Make the tables: what is installed at stations, what is being sent to many of them, and prices."""
    for name, key in TABLES.items():
        op.create_table(
            name,
            sa.Column(key, sa.Text(), nullable=False),
            sa.Column("body", sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint(key),
        )


def downgrade() -> None:
    """Take them away again."""
    for name in TABLES:
        op.drop_table(name)
