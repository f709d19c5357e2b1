"""The device model over the wire: read, set, and reported in parts (2.x B05 to B08)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from console.simulator.v2.charge_point import Handler, Payload
from console.simulator.v2.device_model import Variable
from console.simulator.v2.variables import ITEMS_PER_MESSAGE

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_BASES = ("ConfigurationInventory", "FullInventory", "SummaryInventory")


def in_parts(items: list[Any], size: int = ITEMS_PER_MESSAGE) -> list[list[Any]]:
    """A long list in lists of at most so many."""
    return [items[start : start + size] for start in range(0, len(items), size)]


class Reports:
    """Answers what the central system wants to know of the device model."""

    def __init__(self, face: Face) -> None:
        self._face = face

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        return {
            "GetVariables": lambda request: {"getVariableResult": self._face.model.get(request["getVariableData"])},
            "SetVariables": lambda request: {"setVariableResult": self._face.model.set(request["setVariableData"])},
            "GetBaseReport": self._base_report,
            "GetReport": self._report,
        }

    def _base_report(self, request: Payload) -> Payload:
        if request["reportBase"] not in _BASES:
            return {"status": "NotSupported"}
        return self._send(request["requestId"], self._face.model.inventory(request["reportBase"]))

    def _report(self, request: Payload) -> Payload:
        criteria, wanted = request.get("componentCriteria", []), request.get("componentVariable", [])
        return self._send(request["requestId"], self._face.model.select(criteria, wanted))

    def _send(self, request_id: int, found: list[Variable]) -> Payload:
        if not found:
            return {"status": "EmptyResultSet"}
        parts = [{"requestId": request_id, "reportData": [one.report() for one in part]} for part in in_parts(found)]
        self._face.afterwards(partial(self._face.tell_in_parts, "NotifyReport", parts))
        return {"status": "Accepted"}
