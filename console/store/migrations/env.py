"""What Alembic runs: the migrations, over the connection that ``migrate`` hands in."""

from __future__ import annotations

from alembic import context

from console.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transaction_per_migration=False,  # all of them or none
)
with context.begin_transaction():
    context.run_migrations()
