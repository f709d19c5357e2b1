"""``python -m console.service DESCRIPTOR``: the detached service that ``lifecycle.start_child`` starts.

Its settings come as JSON on standard input; it says through the descriptor that it is ready, or why it is not.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from console.backends.wire import Info
from console.errors import ConsoleError
from console.service.lifecycle import Parent
from console.service.logs import log_to_file
from console.service.places import log_path
from console.service.settings import ServiceSettings


def main() -> int:
    """Serve until a signal ends it."""
    parent = Parent(int(sys.argv[1]))
    settings = msgspec.json.decode(sys.stdin.buffer.read(), type=ServiceSettings, dec_hook=_path)
    sys.stdin.close()
    log_to_file(log_path(settings.data))
    log = logging.getLogger("console.service")

    def ready(info: Info) -> None:
        log.info("The service (pid %d) listens at %s.", info.pid, ", ".join(info.listening))
        parent.ready()

    try:
        # Here, not above: so that what is wrong with the installation is told to who waits.
        from console.service.process import serve

        serve(settings, ready)
        log.info("The service has ended.")
        return 0
    except ConsoleError as error:
        log.error("%s", error)
        parent.failed(error)
        return 1


def _path(kind: type, value: Any) -> Any:
    """Read what JSON does not know."""
    if kind is Path:
        return Path(os.fspath(value))
    raise NotImplementedError(kind)


if __name__ == "__main__":
    sys.exit(main())
