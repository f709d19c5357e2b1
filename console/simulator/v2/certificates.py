"""Certificates of a 2.x station: its own, and the roots it trusts (A02, M03 to M05)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from cryptography import x509

from console.simulator.credentials import SigningRequest, hash_data, is_for, read_chain, signing_request
from console.simulator.outbox import RequestFailed, Unreachable
from console.simulator.v2.charge_point import Handler, Payload, Request

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_LOG = logging.getLogger(__name__)

_MOST = 10
_USES = {"SignV2GCertificate": "V2GCertificate"}


class Certificates:
    """What is installed on one station."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._roots: list[tuple[str, x509.Certificate]] = []
        self._own: list[x509.Certificate] = []
        self._v2g: list[x509.Certificate] = []
        self._asked: dict[str, SigningRequest] = {}
        self._next_request_id = 1

    def __len__(self) -> int:
        return len(self._roots)

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
        use = _USES.get(trigger, "ChargingStationCertificate")
        organization = self._face.model.text("SecurityCtrlr", "OrganizationName")
        request = self._asked[use] = signing_request(self._face.host.hardware.serial_number, organization)
        payload: Payload = {"csr": request.pem, "certificateType": use}
        if self._face.version == "2.1":
            payload["requestId"] = self._next_request_id
            self._next_request_id += 1
        try:
            answer = await self._face.request(Request("SignCertificate", payload))
        except (Unreachable, RequestFailed) as failure:
            _LOG.warning("%s: SignCertificate failed: %s", self._face.host.station_id, failure)
            return
        if answer.get("status") != "Accepted":
            _LOG.warning("%s: SignCertificate answered with %s", self._face.host.station_id, answer)
            self._asked.pop(use, None)

    def _signed(self, request: Payload) -> Payload:
        """Take over a certificate if it is for a key that was asked for (A02.FR.06)."""
        use = request.get("certificateType", "ChargingStationCertificate")
        asked = self._asked.get(use)
        chain = _read(request["certificateChain"])
        if asked is None or not chain or not is_for(chain[0], asked):
            self._face.afterwards(lambda: self._face.security_event("InvalidChargingStationCertificate"))
            return {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidCertificate"}}
        del self._asked[use]
        if use == "V2GCertificate":
            self._v2g = chain
        else:
            self._own = chain
        return {"status": "Accepted"}

    def _install(self, request: Payload) -> Payload:
        chain = _read(request["certificate"])
        if not chain:
            return {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidCertificate"}}
        if len(self._roots) >= _MOST:
            return {"status": "Failed", "statusInfo": {"reasonCode": "NoSpace"}}
        entry = (request["certificateType"], chain[0])
        if entry not in self._roots:
            self._roots.append(entry)
        return {"status": "Accepted"}

    def _installed(self, request: Payload) -> Payload:
        wanted = request.get("certificateType")
        found: list[Payload] = [
            {"certificateType": kind, "certificateHashData": hash_data(one, one)}
            for kind, one in self._roots
            if not wanted or kind in wanted
        ]
        if self._v2g and (not wanted or "V2GCertificateChain" in wanted):
            found.append({"certificateType": "V2GCertificateChain", **_chain_hashes(self._v2g)})
        if not found:
            return {"status": "NotFound"}
        return {"status": "Accepted", "certificateHashDataChain": found}

    def _delete(self, request: Payload) -> Payload:
        wanted = request["certificateHashData"]
        algorithm = wanted["hashAlgorithm"]
        kept = [entry for entry in self._roots if not _same(hash_data(entry[1], entry[1], algorithm), wanted)]
        if len(kept) == len(self._roots):
            return {"status": "NotFound"}
        self._roots = kept
        return {"status": "Accepted"}


def _chain_hashes(chain: list[x509.Certificate]) -> Payload:
    issuers = [*chain[1:], chain[-1]]
    hashes = [hash_data(one, issuer) for one, issuer in zip(chain, issuers, strict=True)]
    return {"certificateHashData": hashes[0]} | ({"childCertificateHashData": hashes[1:5]} if hashes[1:] else {})


def _same(left: dict[str, str], right: Payload) -> bool:
    return all(left[name].lower() == str(right[name]).lower() for name in left)


def _read(pem: str) -> list[x509.Certificate]:
    try:
        return read_chain(pem)
    except ValueError:
        return []
