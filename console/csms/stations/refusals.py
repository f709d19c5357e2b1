"""Requests that were refused for breaking OCPP: read again where the make is known for it, and told to the operator."""

from __future__ import annotations

import copy
from typing import Any

from console.csms.dialects import dialect
from console.csms.dialects.tolerance import EVERYTHING
from console.csms.incoming import Connection
from console.csms.ports import Call, Refusal
from console.csms.said.reports import Report
from console.csms.state import State
from console.csms.stations.makes import Makes
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
        if call.action == _BOOT:
            assumed = _speaks_otherwise(connection, call.payload)
            if self._makes.settle_by(connection, station, call.payload) or assumed:
                report, odd = connection.dialect.read(call.action, call.payload, connection.tolerated)
                if not isinstance(report, Refusal):
                    return report, "; ".join(text for text in (assumed, odd) if text)
        if refusal.code not in _NO_SUCH_REQUEST:
            self._tell(connection, station, call, problem)
        return refusal, problem

    def _tell(self, connection: Connection, station: Station, call: Call, problem: str) -> None:
        """Say once what was refused, and how to take it all the same if it can be understood."""
        text = f"{station.station_id}: {call.action} refused: {problem}"
        if text in connection.told_refusals or len(connection.told_refusals) >= _MOST_TOLD:
            return
        connection.told_refusals.add(text)
        understood = connection.dialect.read(call.action, copy.deepcopy(call.payload), EVERYTHING)[0]
        if not isinstance(understood, Refusal):
            text += f". To take it all the same: T on its screen, or :tolerance {station.station_id} lenient"
        self._state.emit([self._state.notice(text, NoticeKind.WARNING, station.station_id)])


def _speaks_otherwise(connection: Connection, payload: Any) -> str:
    """Speak to a station that named no subprotocol in the version in whose words it boots, and say so."""
    version = connection.dialect.otherwise(payload) if isinstance(payload, dict) else ""
    if not version or not connection.session.speak(version):
        return ""
    connection.dialect = dialect(version)
    return f"no subprotocol was agreed on; taken for OCPP {version} by its words"
