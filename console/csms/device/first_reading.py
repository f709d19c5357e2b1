"""The settings of a station that is new, or runs other firmware, read once: politely, and never in anybody's way.

Some stations choke on being asked too early, others on being asked at all: so it waits until the station has told its
state, asks one thing at a time, few stations at once, and a station that did not answer well is never asked again
unless an operator asks it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec

from console.csms.chores import Chores
from console.csms.incoming import Connection
from console.csms.ports import Clock
from console.csms.state import State
from console.model.change import NoticeKind, StationChanged
from console.model.command import Command, ReadSettings
from console.model.outcome import Outcome, Result
from console.model.station import Station

_LOG = logging.getLogger(__name__)

#: A station that tells no state is asked so long after it was let in.
PATIENCE_S = 10.0
#: After the first word on its state, others follow: they come first.
PAUSE_S = 2.0
#: While an operator's command is under way.
AGAIN_S = 5.0
#: So many stations are read at once, whatever comes back after a power cut.
MOST_AT_ONCE = 4

Execute = Callable[[Command], Awaitable[Outcome]]


def identity(station: Station) -> str:
    """What a station's settings were read of: another firmware may have others."""
    return "\n".join((station.ocpp_version, station.vendor, station.model, station.firmware_version))


class FirstReading:
    """Decides whom to ask and when. ``busy`` tells whether a station carries out an operator's command."""

    def __init__(
        self,
        state: State,
        clock: Clock,
        connections: dict[str, Connection],
        chores: Chores,
        execute: Execute,
        busy: Callable[[str], bool],
    ) -> None:
        self._state = state
        self._clock = clock
        self._connections = connections
        self._chores = chores
        self._execute = execute
        self._busy = busy
        self._due: dict[Connection, Callable[[], None]] = {}  # who waits for its time, and how to call that off
        self._queue: dict[Connection, None] = {}
        self._reading: dict[Connection, None] = {}  # who was asked just now, not to be asked twice

    def booted(self, connection: Connection) -> None:
        """A BootNotification was answered Accepted."""
        if self._wants(connection) and connection not in self._due:
            self._call(connection, PATIENCE_S)

    def told_state(self, connection: Connection) -> None:
        """A StatusNotification came."""
        cancel = self._due.get(connection)
        if cancel is not None and connection.told_accepted:
            cancel()
            self._call(connection, PAUSE_S)

    def closed(self, connection: Connection) -> None:
        """The connection ended."""
        cancel = self._due.pop(connection, None)
        if cancel is not None:
            cancel()
        self._queue.pop(connection, None)

    def _call(self, connection: Connection, delay_s: float) -> None:
        self._due[connection] = self._clock.call_later(delay_s, lambda: self._come_due(connection))

    def _wants(self, connection: Connection) -> bool:
        station = self._state.stations.get(connection.station_id)
        if station is None or station.settings_refused or connection in self._queue or connection in self._reading:
            return False
        return station.settings_of != identity(station)

    def _come_due(self, connection: Connection) -> None:
        self._due.pop(connection, None)
        if self._connections.get(connection.station_id) is not connection or not self._wants(connection):
            return
        if self._busy(connection.station_id):
            self._call(connection, AGAIN_S)
            return
        self._queue[connection] = None
        self._next()

    def _next(self) -> None:
        while self._queue and len(self._reading) < MOST_AT_ONCE:
            connection = next(iter(self._queue))
            del self._queue[connection]
            self._reading[connection] = None
            self._chores.start(self._read(connection), partial(self._failed, connection))

    def _failed(self, connection: Connection) -> None:
        """There was no room for it: it is not tried again on this connection."""
        self._reading.pop(connection, None)

    async def _read(self, connection: Connection) -> None:
        station_id = connection.station_id
        try:
            station = self._state.stations.get(station_id)
            if station is not None and self._connections.get(station_id) is connection:
                await self._ask(station)
        except Exception:  # noqa: BLE001  # logged and shown; the other stations are read all the same
            _LOG.exception("the settings of %s could not be read", station_id)
            self._give_up(station_id, Outcome(Result.ERROR, "the service failed over it; its log says how"))
        finally:
            self._reading.pop(connection, None)
        self._next()

    async def _ask(self, station: Station) -> None:
        # Kept before it is asked: one that takes the service down with it is not asked again either.
        self._remember(station.station_id, settings_of=identity(station))
        outcome = await self._execute(ReadSettings(station.station_id))
        if not outcome.ok:
            self._give_up(station.station_id, outcome)

    def _give_up(self, station_id: str, outcome: Outcome) -> None:
        if outcome.result is Result.NOT_POSSIBLE or station_id not in self._state.stations:
            return
        self._remember(station_id, settings_refused=True)
        text = f"{station_id} did not tell its settings ({outcome.text}): it is not asked again by itself"
        self._state.emit([self._state.notice(text, NoticeKind.INFO, station_id)])

    def _remember(self, station_id: str, **known: object) -> None:
        station = self._state.stations.get(station_id)
        if station is not None:
            self._state.emit([StationChanged(msgspec.structs.replace(station, **known))])
