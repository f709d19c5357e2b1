"""What the link needs of the connection below it."""

from __future__ import annotations

from typing import Protocol


class Socket(Protocol):
    """A connection that is open, or was."""

    def send(self, data: bytes) -> None:
        """Send one text frame; it is dropped if the connection is closing."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether frames can still be sent."""
        ...
