"""Requests that were refused for breaking OCPP: read again where the make is known for it, and told to the operator."""

from __future__ import annotations

import copy

from console.csms.dialects.tolerance import EVERYTHING
from console.csms.incoming import Connection
from console.csms.makes import Makes
from console.csms.ports import Call, Refusal
from console.csms.reports import Report
from console.csms.state import State
from console.model.change import NoticeKind
from console.model.station import Station

#: So many different refusals of one connection are told; all of them stand in Messages.
_MOST_TOLD = 50
_BOOT = "BootNotification"
#: Codes that say that there is no such request: nothing of it can be tolerated.
_NO_SUCH_REQUEST = ("NotImplemented", "NotSupported")


class Refusals:
    """The second look at what was refused."""

    def __init__(self, state: State, makes: Makes) -> None:
        self._state = state
        self._makes = makes

    def again(self, connection: Connection, call: Call, refusal: Refusal, problem: str) -> tuple[Report | Refusal, str]:
        """What came of a request in the end, and what was wrong with it."""
        station = self._state.stations.get(connection.station_id)
        if station is None:
            return refusal, problem
        if call.action == _BOOT and self._makes.settle_by(connection, station, call.payload):
            report, odd = connection.dialect.read(call.action, call.payload, connection.tolerated)
            if not isinstance(report, Refusal):
                return report, odd
        if refusal.code not in _NO_SUCH_REQUEST:
            self._tell(connection, station, call, problem)
        return refusal, problem

    def _tell(self, connection: Connection, station: Station, call: Call, problem: str) -> None:
        """Say once what was refused, and how to take it all the same if it can be understood."""
        text = f"{station.station_id}: {call.action} refused: {problem}"
        if text in connection.told_refusals or len(connection.told_refusals) >= _MOST_TOLD:
            return
        connection.told_refusals.add(text)
        if connection.dialect.version == "1.6" and isinstance(call.payload, dict) and "chargingStation" in call.payload:
            self._say(station, f"{text}. It speaks OCPP 2.x and does not say so: set its subprotocol, as ocpp2.0.1")
            return
        understood = connection.dialect.read(call.action, copy.deepcopy(call.payload), EVERYTHING)[0]
        if not isinstance(understood, Refusal):
            text += f". To take it all the same: T on its screen, or :tolerance {station.station_id} lenient"
        self._say(station, text)

    def _say(self, station: Station, text: str) -> None:
        self._state.emit([self._state.notice(text, NoticeKind.WARNING, station.station_id)])
