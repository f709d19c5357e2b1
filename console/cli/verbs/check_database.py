"""The doctor's look at a database that is not a file in the data folder."""

from __future__ import annotations

from console.cli.checks import Finding, Level
from console.errors import ConsoleError
from profiles.secrets import Secret, fetch


def database(secret: Secret) -> Finding:
    """Whether it can be reached, as the one its URL names."""
    # Here, not above: half a second that most sites' doctor need not wait.
    from sqlalchemy.exc import SQLAlchemyError

    from console.store.engine import open_engine, said_plainly, url_of

    try:
        url = url_of(fetch(secret).value)
        engine = open_engine(url)
    except ConsoleError as error:
        return Finding("database", error.message, error.hint, Level.PROBLEM)
    try:
        engine.connect().close()
    except SQLAlchemyError as error:
        cure = f"See that the server runs, and that {secret} names its URL: postgresql://user:password@host/name"
        return Finding("database", f"{url.render_as_string()}: {said_plainly(error)}", cure, Level.PROBLEM)
    finally:
        engine.dispose()
    return Finding("database", f"{url.render_as_string()} answers")
