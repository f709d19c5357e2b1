"""How a verb ends: the exit codes, and the errors that have one of their own."""

from __future__ import annotations

from console.errors import ConsoleError

REFUSED, USAGE, NO_SERVICE, OFFLINE, TIMED_OUT = 1, 2, 3, 4, 5
INTERRUPTED, BROKEN_PIPE = 130, 141


class UsageError(ConsoleError):
    """What was asked for makes no sense as it was written."""

    exit_code = USAGE


class NoService(ConsoleError):
    """There is no service to ask."""

    exit_code = NO_SERVICE


class Refused(ConsoleError):
    """This cannot be done here, whatever a station would say."""

    exit_code = REFUSED


class TimedOut(ConsoleError):
    """What was waited for did not come."""

    exit_code = TIMED_OUT
