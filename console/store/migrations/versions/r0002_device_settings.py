"""the device model, snapshots, local lists and reservations"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NEW = ("monitor", "settings_snapshot", "setting_write", "local_list", "local_list_entries", "reservation")


def upgrade() -> None:
    """Make the tables, and room for what 2.x tells of a setting."""
    op.add_column("setting", sa.Column("traits", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "monitor",
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("monitor_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "monitor_id"),
    )
    op.create_table(
        "settings_snapshot",
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id"),
    )
    op.create_index(op.f("ix_settings_snapshot_station_id_at"), "settings_snapshot", ["station_id", "at"], unique=False)
    op.create_table(
        "setting_write",
        sa.Column("write_id", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("write_id"),
    )
    op.create_index(op.f("ix_setting_write_station_id_at"), "setting_write", ["station_id", "at"], unique=False)
    for table, column in (("local_list", "body"), ("local_list_entries", "entries")):
        op.create_table(
            table,
            sa.Column("station_id", sa.Text(), nullable=False),
            sa.Column(column, sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("station_id"),
        )
    op.create_table(
        "reservation",
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("reservation_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "reservation_id"),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in _NEW:
        op.drop_table(table)
    op.drop_column("setting", "traits")
