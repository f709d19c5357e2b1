"""which rollouts and settings' changes are the oldest, so that they can go"""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ROLLOUT = sa.table("rollout", sa.column("rollout_id"), sa.column("body"), sa.column("at"))


def upgrade() -> None:
    """Note when each rollout began, and find changes of settings along the time."""
    op.add_column("rollout", sa.Column("at", sa.BigInteger(), nullable=False, server_default="0"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_ROLLOUT.c.rollout_id, _ROLLOUT.c.body)).all():
        began = datetime.fromisoformat(json.loads(row.body)["started_at"])
        at_us = int(began.timestamp() * 1_000_000)
        connection.execute(sa.update(_ROLLOUT).where(_ROLLOUT.c.rollout_id == row.rollout_id).values(at=at_us))
    op.create_index(op.f("ix_setting_write_at"), "setting_write", ["at"], unique=False)


def downgrade() -> None:
    """Take them away again."""
    op.drop_index(op.f("ix_setting_write_at"), "setting_write")
    op.drop_column("rollout", "at")
