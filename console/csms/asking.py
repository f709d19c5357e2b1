"""One command asked of one station: said in its own OCPP version, and what came of it, in words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from console.csms.device.known_settings import KnownSettings
from console.csms.dialects.awaited import awaited
from console.csms.dialects.base import Wire
from console.csms.explain import Facts, accepted, by_key, explain, explain_error, token_of
from console.csms.incoming import Connection
from console.csms.passwords import hash_password
from console.csms.ports import CallEnd, CallError, CallLost, Clock, Payload
from console.csms.redact import redact_payload
from console.csms.settings import CsmsSettings
from console.csms.state import State
from console.csms.stations.manners import mannered, until_it_spoke
from console.errors import ConsoleError
from console.model import command as commands
from console.model.change import CredentialChanged, StationChanged
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.station import Station
from console.model.text import plain
from console.model.token import token_key

#: A station that leaves so many requests without an answer, one after the other, does not respond.
_IGNORED = 2

Noting = Callable[[Connection, Command, Wire, Payload], Awaitable[None]]


class Asking:
    """Implements ``Ask``. Each of ``noting`` keeps what an answer tells of, before it is explained."""

    def __init__(
        self,
        state: State,
        clock: Clock,
        settings: CsmsSettings,
        connections: dict[str, Connection],
        known: KnownSettings,
    ) -> None:
        self._state = state
        self._clock = clock
        self._settings = settings
        self._connections = connections
        self._known = known
        self.noting: list[Noting] = []

    async def __call__(self, connection: Connection, command: Command, timeout_s: float | None = None) -> Outcome:
        """Send a command to a station and say how it ended."""
        try:
            station = self._state.stations.get(connection.station_id) or Station(connection.station_id)
            command = mannered(command, station, connection.behaviour)
            wire = connection.dialect.call(command)
            problem = connection.dialect.check_call(wire.action, wire.payload)
            if problem:
                return Outcome(Result.NOT_POSSIBLE, f"nothing was sent: {problem}", "Mend the request and try again.")
            await until_it_spoke(connection, self._clock.now())
            connection.awaited.add(awaited(wire))
            end = await connection.session.call(wire.action, wire.payload, timeout_s or self._settings.call_timeout_s)
        except ConsoleError as error:
            return Outcome(Result.NOT_POSSIBLE, error.message, error.hint)
        if connection.station_id not in self._state.stations:
            return Outcome(Result.NOT_POSSIBLE, f"{connection.station_id} was removed before it answered {wire.action}")
        self._count_ignored(connection, end)
        if isinstance(end, CallLost):
            everything = isinstance(command, commands.ReadSettings) and not command.keys
            return _lost(connection.station_id, wire.action, end, everything)
        if isinstance(end, CallError):
            facts = await self._facts(connection, wire, known=False)
            judged = explain_error(wire, end.code, redact_payload(end.description), facts)
            return Outcome(judged.result, judged.text, judged.hint, end.elapsed_s, error_code=plain(end.code)[:80])
        answer = end.payload if isinstance(end.payload, dict) else {}
        await self._note(connection, command, wire, answer)
        facts = await self._facts(connection, wire, known=accepted(wire.action, answer))
        judged = explain(connection.dialect.version, wire, answer, facts)
        return Outcome(judged.result, judged.text, judged.hint, end.elapsed_s, redact_payload(answer))

    def _count_ignored(self, connection: Connection, end: CallEnd) -> None:
        """Show a station that speaks but answers nothing as what it is, until it answers or connects anew."""
        ignored = isinstance(end, CallLost) and not end.offline
        connection.ignored = connection.ignored + 1 if ignored else 0
        station = self._state.stations.get(connection.station_id)
        if station is None or self._connections.get(connection.station_id) is not connection:
            return
        unresponsive = connection.ignored >= _IGNORED
        if unresponsive is not station.unresponsive:
            self._state.emit([StationChanged(msgspec.structs.replace(station, unresponsive=unresponsive))])

    async def _facts(self, connection: Connection, asked: Wire, *, known: bool) -> Facts:
        """What is known of a station that answered. Its settings are looked up only where it said no."""
        station_id = connection.station_id
        settings = () if known else (await self._known(station_id)).values()
        return Facts(
            self._state.stations.get(station_id) or Station(station_id),
            self._clock.now(),
            self._state.running(station_id),
            by_key(settings),
            self._state.tokens.get(token_key(token_of(asked.payload))),
            connection.behaviour,
        )

    async def _note(self, connection: Connection, command: Command, asked: Wire, answer: Payload) -> None:
        """Keep what an answer tells of. A new password counts from the moment the station took it."""
        password = connection.dialect.password_set(asked, answer)
        if password:
            # Durable before anything else: a station that took it is not let in with the old one again.
            await self._state.save([CredentialChanged(connection.station_id, hash_password(password))])
        for note in self.noting:
            await note(connection, command, asked, answer)


def _lost(station_id: str, action: str, end: CallLost, everything: bool) -> Outcome:
    if end.offline:
        hint = "It may have done it all the same: look at its state when it is back."
        if everything:
            hint = "Some stations fail when they are asked for all settings at once: name the ones you need."
        return Outcome(Result.OFFLINE, f"{station_id} disconnected before it answered {action}", hint, end.elapsed_s)
    return Outcome(
        Result.TIMED_OUT,
        f"no answer to {action} after {end.elapsed_s:.0f} s",
        "The station is connected but does not answer; it may do so later. A reset or a disconnect may help.",
        end.elapsed_s,
    )
