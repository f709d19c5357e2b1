"""What every verb shares: its options, the way from a profile to a backend, errors in words and exit codes."""

from __future__ import annotations

import asyncio
import errno
import functools
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from console.backends.base import Backend
from console.cli.exits import BROKEN_PIPE, INTERRUPTED, REFUSED, USAGE, NoService
from console.cli.output import say, say_json, warn
from console.cli.place import ENVIRONMENT, Place, again_there, from_environment, own_folder
from console.errors import ConsoleError
from console.model.site import Site
from profiles import loader

_CANNOT_BE_PRINTED = frozenset({errno.ENOSPC, errno.EIO, errno.EFBIG})


async def _connect(place: Place, looking: bool) -> Backend:
    # Here, not above: the way to the service takes longer to import than the help and the profiles need.
    from console.cli.services import connect

    return await connect(place, looking=looking)


@dataclass(frozen=True)
class World:
    """What a verb meets outside; tests put their own in (as click's ``obj``)."""

    connect: Callable[[Place, bool], Awaitable[Backend]] = _connect
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Call:
    """One verb being carried out."""

    world: World
    as_json: bool
    profile_id: str
    data: Path | None

    @functools.cached_property
    def place(self) -> Place:
        """The site that is meant. Raises ConsoleError where its profile has a mistake."""
        profile = loader.load(self.profile_id)
        return Place(profile, self.data.expanduser().absolute() if self.data else own_folder(profile))

    def now(self) -> datetime:
        """The instant, UTC."""
        return self.world.now()

    def again(self, words: str) -> str:
        """A command line that means the same site, for hints."""
        return again_there(self.profile_id, self.data, words)

    @asynccontextmanager
    async def backend(self, *, looking: bool = False) -> AsyncIterator[Backend]:
        """The site's backend, open. Raises NoService if it does not run, or goes away.

        ``looking``: nothing will be asked of it but what there is, so that no card waits for an answer from here.
        """
        backend = await self.world.connect(self.place, looking)
        try:
            yield backend
        except ConsoleError as error:
            # What is wrong with the request itself has said so with an exit code of its own.
            raise error if hasattr(error, "exit_code") else NoService(error.message, error.hint) from error
        finally:
            await backend.close()

    def show(self, value: Any, text: str) -> None:
        """Print one result: as an object for scripts, in words for people."""
        if self.as_json:
            say_json(value)
        elif text:
            say(text)


async def first_site(backend: Backend) -> Site:
    """The site as it is now."""
    async for update in backend.watch():
        if isinstance(update, Site):
            return update
    raise NoService("The service said nothing of its site.", "Try again.")


Verb = Callable[..., Coroutine[Any, Any, int | None]]
_PROFILE, _DATA = "console.profile", "console.data"


def site_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which site is meant. They may stand before the verb as well as after it."""
    function = click.option(
        "--data", type=click.Path(path_type=Path), metavar="DIR",
        help=f"Folder of the site's data (also {ENVIRONMENT}).",
    )(function)  # fmt: skip
    return click.option("--profile", "profile_id", metavar="NAME", help="Which site's settings.")(function)


def remember_site(context: click.Context, profile_id: str | None, data: Path | None) -> None:
    """Keep what was said before the verb."""
    context.meta[_PROFILE], context.meta[_DATA] = profile_id, data


def call_of(context: click.Context, as_json: bool, profile_id: str | None, data: Path | None) -> Call:
    """What is to be carried out, from what stood after the verb and before it."""
    return Call(
        context.find_object(World) or World(),
        as_json,
        profile_id or context.meta.get(_PROFILE) or loader.DEFAULT,
        # Not click's ``envvar``: after the verb it would count for more than what was said before it.
        data or context.meta.get(_DATA) or from_environment(),
    )


def verb(function: Verb) -> Callable[..., None]:
    """Make a click callback of an async function that takes a Call first and may return an exit code."""

    @click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
    @site_options
    @click.pass_context
    @functools.wraps(function)
    def run(
        context: click.Context, /, as_json: bool, profile_id: str | None, data: Path | None, **arguments: object
    ) -> None:
        call = call_of(context, as_json, profile_id, data)
        context.exit(guarded(lambda: asyncio.run(function(call, **arguments))))

    return run


def guarded(work: Callable[[], int | None]) -> int:
    """Do the work and return its exit code; say what went wrong in words."""
    try:
        code = work() or 0
        sys.stdout.flush()
        return code
    except ConsoleError as error:
        warn(error.message, error.hint)
        return int(getattr(error, "exit_code", USAGE))
    except KeyboardInterrupt:
        return INTERRUPTED
    except UnicodeEncodeError:
        warn("What was typed holds bytes that are no text here.", "Use a terminal in UTF-8: export LANG=C.UTF-8")
        return USAGE
    except BrokenPipeError:
        # Nobody reads on (``| head``). Python would complain once more when it closes its output.
        _print_no_more()
        return BROKEN_PIPE
    except OSError as error:
        if error.errno not in _CANNOT_BE_PRINTED:
            raise
        warn(f"The output cannot be written: {error.strerror}.", "Make room where it goes to.")
        _print_no_more()
        return REFUSED


def _print_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
