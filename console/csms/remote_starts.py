"""Remote starts under way: a transaction is joined to the one that it came of by its number, not by its token (2.x)."""

from __future__ import annotations

import secrets

#: Numbers that every station can hold.
_HIGHEST = 2**31 - 1
_MOST = 1000


class RemoteStarts:
    """The remote starts of late, by station and remoteStartId."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, int], str] = {}
        self._begun: dict[tuple[str, int], None] = {}

    def new(self, station_id: str, id_token: str) -> int:
        """A number for a remote start with this token."""
        remote_start_id = secrets.randbelow(_HIGHEST) + 1
        self._tokens[station_id, remote_start_id] = id_token
        if len(self._tokens) > _MOST:
            del self._tokens[next(iter(self._tokens))]
        return remote_start_id

    def token_of(self, station_id: str, remote_start_id: int) -> str:
        """The token that a remote start named; "" if no such start was ours."""
        return self._tokens.get((station_id, remote_start_id), "")

    def forget(self, station_id: str) -> None:
        """A station is no more."""
        for key in [key for key in self._tokens if key[0] == station_id]:
            del self._tokens[key]
            self._begun.pop(key, None)

    def begun(self, station_id: str, remote_start_id: int) -> None:
        """A transaction came of it."""
        if (station_id, remote_start_id) in self._tokens:
            self._begun[station_id, remote_start_id] = None
            if len(self._begun) > _MOST:
                del self._begun[next(iter(self._begun))]

    def has_begun(self, station_id: str, remote_start_id: int) -> bool:
        """Whether a transaction came of it."""
        return (station_id, remote_start_id) in self._begun
