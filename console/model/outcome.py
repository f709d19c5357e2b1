"""How a command ended. Every command ends, visibly, in the time shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class Result(StrEnum):
    """The ways a command can end."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"  # the station, or the service, said no
    ERROR = "error"  # the station answered CALLERROR, or something we cannot read
    TIMED_OUT = "timed out"
    OFFLINE = "offline"
    NOT_POSSIBLE = "not possible"  # refused before anything was sent


#: Exit codes of the command line (DESIGN: 0 done, 1 refused, 2 usage, 3 no service, 4 offline, 5 timed out).
EXIT_CODE: dict[Result, int] = {
    Result.ACCEPTED: 0,
    Result.REJECTED: 1,
    Result.ERROR: 1,
    Result.NOT_POSSIBLE: 1,
    Result.OFFLINE: 4,
    Result.TIMED_OUT: 5,
}


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The end of a command: what came of it in words, how long it took, and the station's own answer.

    ``error_code`` is that of its CALLERROR.
    """

    result: Result
    text: str
    hint: str = ""
    elapsed_s: float = 0.0
    answer: dict[str, Any] | None = None
    error_code: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.result is Result.ACCEPTED
