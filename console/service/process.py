"""The service as a process of its own: its event loop, its signals, its limits."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable

from console.backends.wire import Info
from console.service.runtime import Service
from console.service.settings import ServiceSettings

#: What the service writes is for its owner's eyes only.
_UMASK = 0o077
_MANY = 65_536


def serve(settings: ServiceSettings, ready: Callable[[Info], None] = lambda _info: None) -> None:
    """Serve until SIGTERM or SIGINT; ``ready`` is called when stations and operators can come. Raises ConsoleError.

    SIGHUP is ignored: the service outlives the terminal that it was started from.
    """
    os.umask(_UMASK)
    _allow_many_connections()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings, ready))


async def _serve(settings: ServiceSettings, ready: Callable[[Info], None]) -> None:
    service = Service(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, service.stop)
    await service.run(ready)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def _allow_many_connections() -> None:
    """Each station is a file descriptor; the usual soft limit of 1024 is for programs that use select()."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY if hard == resource.RLIM_INFINITY else hard
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # then it stays as it is; `doctor` says how many that allows
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
