"""Remote starts under way: a transaction is joined to the one that it came of by its number, not by its token (2.x)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import msgspec

from console.csms.authorization.authorization import Passes
from console.csms.device.report_waits import Ask
from console.csms.incoming import Connection
from console.csms.key_codes import KEY_CODE
from console.csms.ports import Clock
from console.csms.smart_charging.schedules import Schedules
from console.csms.state import State
from console.csms.transactions.transaction_limits import TransactionLimits, no_limits
from console.model import command as commands
from console.model.change import NoticeKind
from console.model.outcome import Outcome, Result
from console.model.token import token_key

#: Numbers that every station can hold.
_HIGHEST = 2**31 - 1
_MOST = 1000
#: How long after a remote start the driver may take to plug in.
_LASTS = timedelta(minutes=5)


class RemoteStarts:
    """The command to start, and the remote starts of late, by station and remoteStartId."""

    def __init__(
        self,
        state: State,
        clock: Clock,
        passes: Passes,
        schedules: Schedules,
        limits: TransactionLimits,
        ask: Ask,
    ) -> None:
        self._state = state
        self._clock = clock
        self._passes = passes
        self._schedules = schedules
        self._limits = limits
        self._ask = ask
        state.on_removed.append(self._forget)
        self._tokens: dict[tuple[str, int], str] = {}
        self._begun: dict[tuple[str, int], None] = {}

    async def start(self, connection: Connection, command: commands.StartTransaction) -> Outcome:
        """Start remotely. A tag that nobody knows may charge then, for an operator has named it."""
        token = self._state.tokens.get(token_key(command.id_token))
        if token is not None and token.token_type == KEY_CODE:
            return Outcome(Result.NOT_POSSIBLE, "of a key code only a digest is kept", "Start with another tag.")
        problem = no_limits(connection, command.limit) or self._schedules.start_problem(connection, command)
        if problem is not None:
            return problem
        command = self._schedules.with_id(command)
        asked_at = self._clock.now()
        self._passes.give(command.station_id, command.id_token, asked_at + _LASTS)
        command = msgspec.structs.replace(
            command,
            token_type=command.token_type or (token.token_type if token is not None else ""),
            remote_start_id=self.new(command.station_id, command.id_token),
        )
        self._limits.promise(command.station_id, command.remote_start_id, command.limit)
        outcome = await self._ask(connection, command)
        if outcome.ok:
            self._schedules.started(command)
            wait_s = _LASTS.total_seconds()
            self._clock.call_later(wait_s, lambda: self._expire(command, asked_at))
        else:
            self._passes.take_back(command.station_id, command.id_token)
            self._limits.promise(command.station_id, command.remote_start_id, None)
        return outcome

    def _expire(self, command: commands.StartTransaction, asked_at: datetime) -> None:
        """Say so where nothing came of a remote start."""
        if command.station_id not in self._state.stations:
            return
        begun = self.has_begun(command.station_id, command.remote_start_id)
        if not begun and not self._state.began_since(command.station_id, command.id_token, asked_at):
            text = f"{command.station_id}: nothing came of the remote start with tag {command.id_token}"
            self._state.emit([self._state.notice(text, NoticeKind.WARNING, command.station_id)])

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

    def _forget(self, station_id: str) -> None:
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
