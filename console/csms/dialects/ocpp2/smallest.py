"""OCPP 2.x: the smallest answer that the schema allows, for what has no room of its own: it promises nothing."""

from __future__ import annotations

from collections.abc import Callable

from console.csms.dialects.ocpp2.common import Json


def _chain_status(said: Json) -> Json:
    """GetCertificateChainStatus: of each certificate, that its status could not be found out."""
    return {
        "certificateStatus": [
            {
                "certificateHashData": asked["certificateHashData"],
                "source": asked["source"],
                "status": "Failed",
                "nextUpdate": "1970-01-01T00:00:00.000Z",
            }
            for asked in said["certificateStatusRequests"]
        ]
    }


def _vat_number(said: Json) -> Json:
    """VatNumberValidation: number and EVSE are repeated."""
    evse = {"evseId": said["evseId"]} if "evseId" in said else {}
    return {"status": "Rejected", "vatNumber": said["vatNumber"], **evse}


_REJECTED: Json = {"status": "Rejected"}
_ANSWERS: dict[str, Callable[[Json], Json]] = {
    "Get15118EVCertificate": lambda _said: {"status": "Failed", "exiResponse": ""},
    "GetCertificateChainStatus": _chain_status,
    "GetCertificateStatus": lambda _said: {"status": "Failed"},
    "NotifyEVChargingNeeds": lambda _said: _REJECTED,
    "NotifyEVChargingSchedule": lambda _said: {"status": "Accepted"},
    "OpenPeriodicEventStream": lambda _said: _REJECTED,
    "SignCertificate": lambda _said: _REJECTED,
    "VatNumberValidation": _vat_number,
}


def smallest(action: str, said: Json) -> Json:
    """The smallest valid answer to what a station said."""
    write = _ANSWERS.get(action)
    return write(said) if write is not None else {}
