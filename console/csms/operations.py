"""Operators' commands: each goes to the room that carries it out, or as it is to the station that it is for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from console.csms.administration import offline, unknown_station
from console.csms.asking import Asking
from console.csms.incoming import Connection
from console.csms.state import State
from console.model import command as commands
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.station import Admission


class Operations:
    """Carries out commands: ``here`` what needs no station, ``there`` what is more than one request of a station.

    Rooms that send commands themselves put theirs in later.
    """

    def __init__(
        self,
        state: State,
        connections: Mapping[str, Connection],
        ask: Asking,
        here: dict[type, Callable[[Any], Awaitable[Outcome]]],
        there: dict[type, Callable[[Connection, Any], Awaitable[Outcome]]],
    ) -> None:
        self._state = state
        self._connections = connections
        self._ask = ask
        self.here = here
        self._there = there
        self._busy: Counter[str] = Counter()

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command."""
        here = self.here.get(type(command))
        if here is not None:
            return await here(command)
        station_id = commands.station_of(command)
        station = self._state.stations.get(station_id)
        if station is None:
            return unknown_station(station_id)
        if station.admission is Admission.REJECTED:
            return Outcome(Result.NOT_POSSIBLE, f"{station_id} is rejected", "Accept it first.")
        connection = self._connections.get(station_id)
        if connection is None:
            return offline(station_id)
        there = self._there.get(type(command), self._ask)
        self._busy[station_id] += 1
        try:
            return await there(connection, command)
        finally:
            self._busy[station_id] -= 1
            if not self._busy[station_id]:
                del self._busy[station_id]

    def busy(self, station_id: str) -> bool:
        """Whether a command to a station is under way."""
        return station_id in self._busy
