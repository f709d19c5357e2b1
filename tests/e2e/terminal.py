"""A real pty with a terminal behind it: type keys, wait for what a person would see."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from types import TracebackType

import pexpect
import pyte


class Terminal:
    """A program in a pty of ``columns`` x ``rows``; ``screen`` is what stands on it now."""

    def __init__(self, command: list[str], *, env: Mapping[str, str] = {}, columns: int = 80, rows: int = 24) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.bytes_read = 0
        self.child = pexpect.spawn(
            command[0],
            command[1:],
            env={**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **env},
            dimensions=(rows, columns),
            timeout=None,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    @property
    def screen(self) -> str:
        """The text on the screen, line by line."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def read(self, seconds: float) -> bool:
        """Take what the program wrote, waiting at most so long for it; False at its end."""
        try:
            data = self.child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.bytes_read += len(data)
        self._stream.feed(data)
        return True

    def see(self, pattern: str, *, within_s: float = 60) -> re.Match[str]:
        """Wait until the pattern stands on the screen."""
        deadline = time.monotonic() + within_s
        alive = True
        while (found := re.search(pattern, self.screen, re.MULTILINE)) is None:
            if not alive or time.monotonic() > deadline:
                ended = "" if alive else " (the program has ended)"
                raise AssertionError(f"{pattern!r} did not appear{ended}; the screen was:\n{self.screen}")
            alive = self.read(0.1)
        return found

    def type(self, keys: str) -> None:
        """Press keys."""
        self.child.send(keys)

    def ended(self, *, within_s: float = 60) -> int | None:
        """Wait for the end of the program; return its exit status."""
        deadline = time.monotonic() + within_s
        while self.read(0.1):
            if time.monotonic() > deadline:
                raise AssertionError(f"the program did not end; the screen was:\n{self.screen}")
        self.child.close()
        status: int | None = self.child.exitstatus
        return status
