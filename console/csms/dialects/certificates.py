"""Certificates in the words of each version: our requests, and what stations answer of those that they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from console.csms.dialects.base import Wire
from console.csms.ports import Payload
from console.errors import ConsoleError
from console.model import certificate as c
from console.model.certificate import CertificateHash, CertificateUse, OwnCertificate

U = CertificateUse
_NAMES_16 = {U.CSMS: "CentralSystemRootCertificate", U.MANUFACTURER: "ManufacturerRootCertificate"}
_NAMES_2 = {
    U.CSMS: "CSMSRootCertificate",
    U.MANUFACTURER: "ManufacturerRootCertificate",
    U.V2G: "V2GRootCertificate",
    U.MOBILITY_OPERATOR: "MORootCertificate",
    U.OEM: "OEMRootCertificate",
}
Write = Callable[[Any], Wire]


def _name(names: dict[CertificateUse, str], use: CertificateUse) -> str:
    name = names.get(use)
    if name is None:
        known = ", ".join(names)
        raise ConsoleError(f"This version of OCPP knows no {use} certificates.", f"It knows {known}.")
    return name


def _install(names: dict[CertificateUse, str]) -> Write:
    def write(command: c.InstallCertificate) -> Wire:
        payload = {"certificateType": _name(names, command.use), "certificate": command.certificate}
        return Wire("InstallCertificate", payload)

    return write


def _read_16(command: c.ReadCertificates) -> Wire:
    name = _name(_NAMES_16, command.use or U.CSMS)
    return Wire("GetInstalledCertificateIds", {"certificateType": name})


def _read_2(command: c.ReadCertificates) -> Wire:
    asked: Payload = {} if command.use is None else {"certificateType": [_name(_NAMES_2, command.use)]}
    return Wire("GetInstalledCertificateIds", asked)


def _delete(command: c.DeleteCertificate) -> Wire:
    return Wire("DeleteCertificate", {"certificateHashData": msgspec.to_builtins(command.certificate)})


def _signed(command: c.SignCertificate) -> Wire:
    """CertificateSigned; type and number are those of the request, where it had any."""
    payload: Payload = {"certificateChain": command.chain}
    if command.certificate_type:
        payload["certificateType"] = command.certificate_type
    if command.request_id is not None:
        payload["requestId"] = command.request_id
    return Wire("CertificateSigned", payload)


def _renew_16(command: c.RenewCertificate) -> Wire:
    if command.what is not OwnCertificate.STATION:
        raise ConsoleError("OCPP 1.6 knows one certificate of a station only, the one that it shows us.")
    return Wire("ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"})


_TRIGGERS = {
    OwnCertificate.STATION: "SignChargingStationCertificate",
    OwnCertificate.V2G: "SignV2GCertificate",
    OwnCertificate.V2G_20: "SignV2G20Certificate",
}
_BOTH: dict[type, Write] = {c.DeleteCertificate: _delete, c.SignCertificate: _signed}
CALLS_16: dict[type, Write] = _BOTH | {
    c.SignCertificate: lambda command: Wire("CertificateSigned", {"certificateChain": command.chain}),
    c.InstallCertificate: _install(_NAMES_16),
    c.ReadCertificates: _read_16,
    c.RenewCertificate: _renew_16,
}
CALLS_2: dict[type, Write] = _BOTH | {
    c.InstallCertificate: _install(_NAMES_2),
    c.ReadCertificates: _read_2,
    c.RenewCertificate: lambda command: Wire("TriggerMessage", {"requestedMessage": _TRIGGERS[command.what]}),
}
#: One question in 2.x; in 1.6 one a use.
QUESTIONS: dict[str, tuple[CertificateUse | None, ...]] = {"1.6": tuple(_NAMES_16)}


def installed(asked: Payload, answer: Payload) -> Iterator[tuple[str, CertificateHash]]:
    """The certificates that an answer to GetInstalledCertificateIds names, each with OCPP's name of its use."""
    for one in answer.get("certificateHashData") or ():
        yield from _hash(str(asked.get("certificateType")), one)
    for chain in answer.get("certificateHashDataChain") or ():
        name = str(chain.get("certificateType"))
        yield from _hash(name, chain.get("certificateHashData"))
        for child in chain.get("childCertificateHashData") or ():
            yield from _hash(f"{name} (below it)", child)


def _hash(name: str, wire: Any) -> Iterator[tuple[str, CertificateHash]]:
    """A certificate's hashes, if they can be read."""
    try:
        yield name, msgspec.convert(wire, CertificateHash)
    except msgspec.ValidationError:
        return
