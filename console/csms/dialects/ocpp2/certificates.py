"""OCPP 2.x: what stations ask about certificates."""

from __future__ import annotations

from console.csms.dialects.ocpp2.common import Json, Problems
from console.csms.said.reports import CertificateRequest
from console.csms.said.told import Question, Told
from console.model.record import RecordKind


def sign_certificate(wire: Json, _problems: Problems) -> CertificateRequest:
    """SignCertificate (A02, A03). Without a type it is about both of a station's certificates."""
    return CertificateRequest(wire["csr"], wire.get("certificateType", ""), wire.get("requestId"), wire)


def certificate_status(wire: Json, _problems: Problems) -> Question:
    """GetCertificateStatus (M06): an OCSP response is wanted."""
    asked: Json = wire["ocspRequestData"]
    summary = f"asks whether certificate {asked['serialNumber']} is revoked"
    return Question("GetCertificateStatus", Told(RecordKind.CERTIFICATE_STATUS, asked["serialNumber"], summary, wire))


def chain_status(wire: Json, _problems: Problems) -> Question:
    """GetCertificateChainStatus (2.1 M07)."""
    numbers = [asked["certificateHashData"]["serialNumber"] for asked in wire["certificateStatusRequests"]]
    summary = f"asks whether any of {len(numbers)} certificates is revoked"
    return Question("GetCertificateChainStatus", Told(RecordKind.CERTIFICATE_STATUS, " ".join(numbers), summary, wire))


def contract_certificate(wire: Json, _problems: Problems) -> Question:
    """Get15118EVCertificate (M01, M02): an EV wants its contract certificate, or a newer one."""
    summary = f"an EV asks to {wire['action'].lower()} its contract certificate ({wire['iso15118SchemaVersion']})"
    told = Told(RecordKind.CONTRACT_CERTIFICATE, wire["action"], summary, wire)
    return Question("Get15118EVCertificate", told)
