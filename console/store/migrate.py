"""Brings a database to this version's tables, and says plainly when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from console.errors import ConsoleError
from console.store.schema import REVISION


def migrate(engine: Engine, progress: Callable[[str], None]) -> None:
    """Run the migrations that a database lacks, all in one transaction; ``progress`` gets a line for each.

    Raises ConsoleError for the data of a newer version, and for a database that is not ours.
    """
    with engine.connect() as connection:
        found = _revision(connection)
    if found == REVISION:
        return
    # Alembic is slow to import and needed about once a year.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    known = {script.revision: script for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise ConsoleError(
            f"The data was written by a newer version of ocpp-console (format {found}, this one knows {REVISION}).",
            "Install that version, or choose another data folder.",
        )
    for revision in sorted(known):
        if found is None or revision > found:
            progress(f"data format {revision}: {known[revision].doc}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """The migration a database has reached, None if it is empty."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if tables:
        raise ConsoleError(
            f"The database holds tables of another program ({', '.join(sorted(tables)[:3])}).",
            "Choose another data folder or database.",
        )
    return None
