"""Distributed energy resource controls of a 2.1 station (R02 to R04): kept and reported, as a grid code wants it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.simulator.v2.charge_point import Handler, Payload, Request

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_FIELDS = {
    "FixedVar": "fixedVar",
    "LimitMaxDischarge": "limitMaxDischarge",
    "FreqDroop": "freqDroop",
    "EnterService": "enterService",
    "Gradients": "gradient",
}
"""The field that holds a control of that type; those of all other types are curves."""

_SUPPORTED = ("EnterService", "FreqDroop", "FixedVar", "Gradients", "LimitMaxDischarge", "VoltVar", "VoltWatt")


class DerControls:
    """The controls of one station, by id."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._controls: dict[str, Payload] = {}

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for; nothing before 2.1."""
        if self._face.version != "2.1":
            return {}
        return {"SetDERControl": self._set, "GetDERControl": self._get, "ClearDERControl": self._clear}

    def _set(self, request: Payload) -> Payload:
        kind = request["controlType"]
        if kind not in _SUPPORTED:
            return {"status": "NotSupported"}
        field = _FIELDS.get(kind, "curve")
        if field not in request:
            return {"status": "Rejected", "statusInfo": {"reasonCode": "MissingParam"}}
        superseded = [
            key
            for key, one in self._controls.items()
            if one["controlType"] == kind and one["isDefault"] == request["isDefault"] and key != request["controlId"]
        ]
        for key in superseded:
            del self._controls[key]
        self._controls[request["controlId"]] = request
        return {"status": "Accepted"} | ({"supersededIds": superseded} if superseded else {})

    def _get(self, request: Payload) -> Payload:
        kind = request.get("controlType")
        if kind is not None and kind not in _SUPPORTED:
            return {"status": "NotSupported"}
        found = self._matching(request)
        if not found:
            return {"status": "NotFound"}
        reports = [_report(self._controls[key], request["requestId"]) for key in found]
        self._face.afterwards(partial(self._send, reports))
        return {"status": "Accepted"}

    async def _send(self, reports: list[Payload]) -> None:
        for number, report in enumerate(reports):
            more = {"tbc": True} if number < len(reports) - 1 else {}
            if not await self._face.tell(Request("ReportDERControl", {**report, **more})):
                return

    def _clear(self, request: Payload) -> Payload:
        kind = request.get("controlType")
        if kind is not None and kind not in _SUPPORTED:
            return {"status": "NotSupported"}
        found = self._matching(request)
        for key in found:
            del self._controls[key]
        return {"status": "Accepted" if found else "NotFound"}

    def _matching(self, request: Payload) -> list[str]:
        """The ids of the controls that a request means: by id, or by type and default."""
        return [
            key
            for key, one in self._controls.items()
            if request.get("controlId") in (None, key)
            and request.get("controlType") in (None, one["controlType"])
            and request.get("isDefault") in (None, one["isDefault"])
        ]


def _report(control: Payload, request_id: int) -> Payload:
    """The ReportDERControl of one control."""
    kind = control["controlType"]
    field = _FIELDS.get(kind, "curve")
    entry: Payload = {"id": control["controlId"], field: control[field]}
    if field == "curve":
        entry["curveType"] = kind
    if field not in ("enterService", "gradient"):
        entry |= {"isDefault": control["isDefault"], "isSuperseded": False}
    return {"requestId": request_id, field: [entry]}
