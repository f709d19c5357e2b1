"""Certificates of a 2.x station over the wire (A02, M03 to M05)."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from console.simulator.certificates import CertificateStore
from console.simulator.credentials import hash_data
from console.simulator.outbox import RequestFailed, Unreachable
from console.simulator.v2.charge_point import Handler, Payload, Request

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_LOG = logging.getLogger(__name__)

_STATION, _V2G = "ChargingStationCertificate", "V2GCertificate"
_USES = {"SignV2GCertificate": _V2G}


class Certificates:
    """Asks for the station's own certificates, and answers for all of them."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._store = CertificateStore(face.host.hardware.serial_number)
        self._request_ids = 0

    def __len__(self) -> int:
        return len(self._store.roots)

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        return {
            "InstallCertificate": self._install,
            "GetInstalledCertificateIds": self._installed,
            "DeleteCertificate": self._delete,
            "CertificateSigned": self._signed,
        }

    async def sign(self, trigger: str) -> None:
        """Make a new key and ask for its certificate."""
        use = _USES.get(trigger, _STATION)
        csr = self._store.ask(use, self._face.model.text("SecurityCtrlr", "OrganizationName"))
        payload: Payload = {"csr": csr, "certificateType": use}
        if self._face.version == "2.1":
            self._request_ids += 1
            payload["requestId"] = self._request_ids
        try:
            answer = await self._face.request(Request("SignCertificate", payload))
        except (Unreachable, RequestFailed) as failure:
            _LOG.warning("%s: SignCertificate failed: %s", self._face.host.station_id, failure)
            return
        if answer.get("status") != "Accepted":
            _LOG.warning("%s: SignCertificate answered with %s", self._face.host.station_id, answer)
            self._store.forget_request(use)

    def _signed(self, request: Payload) -> Payload:
        """Take over a certificate if it is for a key that was asked for (A02.FR.06)."""
        if self._store.take(request.get("certificateType", _STATION), request["certificateChain"]):
            return {"status": "Accepted"}
        self._face.afterwards(partial(self._face.security_event, "InvalidChargingStationCertificate"))
        return {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidCertificate"}}

    def _install(self, request: Payload) -> Payload:
        return {"status": self._store.install(request["certificateType"], request["certificate"])}

    def _installed(self, request: Payload) -> Payload:
        wanted = request.get("certificateType", [])
        found: list[Payload] = [
            {"certificateType": kind, "certificateHashData": hashes} for kind, hashes in self._store.hashes(wanted)
        ]
        chain = self._store.own.get(_V2G, [])
        if chain and (not wanted or "V2GCertificateChain" in wanted):
            issuers = [*chain[1:], chain[-1]]
            first, *children = (hash_data(one, issuer) for one, issuer in zip(chain, issuers, strict=True))
            entry: Payload = {"certificateType": "V2GCertificateChain", "certificateHashData": first}
            found.append(entry | ({"childCertificateHashData": children[:4]} if children else {}))
        return {"status": "Accepted", "certificateHashDataChain": found} if found else {"status": "NotFound"}

    def _delete(self, request: Payload) -> Payload:
        wanted = request["certificateHashData"]
        return {"status": self._store.delete(wanted, wanted["hashAlgorithm"])}
