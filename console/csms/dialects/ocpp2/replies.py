"""OCPP 2.x: yes or no to what a station asked, in the form that each answer has."""

from __future__ import annotations

from collections.abc import Callable

from console.csms.dialects.ocpp2.common import Json
from console.csms.dialects.times import write_time
from console.csms.said.reports import CertificateAnswer
from console.csms.said.told import Reply

_LONGEST_CODE, _LONGEST_INFO = 20, 512


def _status(reply: Reply, yes: str, no: str) -> Json:
    payload: Json = {"status": reply.status or (yes if reply.yes else no)}
    if reply.reason_code:
        info: Json = {"reasonCode": reply.reason_code[:_LONGEST_CODE]}
        if reply.reason:
            info["additionalInfo"] = reply.reason[:_LONGEST_INFO]
        payload["statusInfo"] = info
    return payload


def _plain(reply: Reply) -> Json:
    return _status(reply, "Accepted", "Rejected")


def _needs(version: str) -> Callable[[Reply], Json]:
    """2.1 can say that there will be no profile; in 2.0.1 that is a refusal."""
    no = "NoChargingProfile" if version == "2.1" else "Rejected"
    return lambda reply: _status(reply, "Accepted", no)


def _contract(reply: Reply) -> Json:
    return _status(reply, "Accepted", "Failed") | {"exiResponse": ""}


def _chain(reply: Reply) -> Json:
    """Of each certificate, that its status could not be found out; it may be asked again at any time."""
    return {
        "certificateStatus": [
            {
                "certificateHashData": {
                    name: value for name, value in asked["certificateHashData"].items() if name != "customData"
                },
                "source": asked["source"],
                "status": "Failed",
                "nextUpdate": write_time(reply.at),
            }
            for asked in reply.question.told.said["certificateStatusRequests"]
        ]
    }


def _vat_number(reply: Reply) -> Json:
    """Number and EVSE are repeated."""
    said = reply.question.told.said
    return _plain(reply) | {name: said[name] for name in ("vatNumber", "evseId") if name in said}


_OTHER_FORMS: dict[str, Callable[[Reply], Json]] = {
    "Get15118EVCertificate": _contract,
    "GetCertificateChainStatus": _chain,
    "GetCertificateStatus": lambda reply: _status(reply, "Accepted", "Failed"),
    "VatNumberValidation": _vat_number,
}


def write_certificate_answer(answer: CertificateAnswer) -> Json:
    """SignCertificate is answered; a refusal says why (2.x reason code InvalidCSR)."""
    if answer.accepted:
        return {"status": "Accepted"}
    return {
        "status": "Rejected",
        "statusInfo": {"reasonCode": "InvalidCSR", "additionalInfo": answer.reason[:_LONGEST_INFO]},
    }


def write_reply(version: str, reply: Reply) -> Json:
    """Write the answer to a question."""
    action = reply.question.action
    write = _needs(version) if action == "NotifyEVChargingNeeds" else _OTHER_FORMS.get(action, _plain)
    return write(reply)
