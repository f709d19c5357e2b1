"""Certificates of stations (A02, M; 1.6 security extension): requested, signed, installed, listed, deleted."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from console.csms.x509 import make_authority, sign
from console.model.certificate import (
    CertificateHash,
    CertificateUse,
    DeleteCertificate,
    InstallCertificate,
    OwnCertificate,
    ReadCertificates,
    RenewCertificate,
    ShowAuthority,
    SignCertificate,
)
from console.model.command import CallStation
from console.model.outcome import Result
from console.model.query import RecordQuery
from console.model.record import RecordKind, Severity, StationRecord
from tests.support.certificates import STRONG, forged, request, weak_rsa
from tests.support.services import console, running_service
from tests.support.stations import now
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.site import Bench, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")

U = CertificateUse
VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])


async def records(bench: Bench, station: Station, kind: RecordKind) -> list[StationRecord]:
    """What is on record of a station, up to now."""
    await bench.service._store.writer.flush()
    return list(await bench.backend.records(RecordQuery(station_id=station.station_id, kind=kind)))


def named(pem: str, algorithm: str) -> dict[str, str]:
    """How a station names a certificate, by the reference."""
    certificate = x509.load_pem_x509_certificate(pem.encode())
    builder = ocsp.OCSPRequestBuilder()
    made = builder.add_certificate(certificate, certificate, getattr(hashes, algorithm)()).build()
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": made.issuer_name_hash.hex(),
        "issuerKeyHash": made.issuer_key_hash.hex(),
        "serialNumber": f"{certificate.serial_number:x}",
    }


async def a_root(bench: Bench) -> str:
    shown = await bench.run(ShowAuthority())
    assert shown.answer is not None
    root: str = shown.answer["certificate"]
    return root


# ---- requested and signed


@pytest.mark.conforms("TC_074_CSMS", "TC_A_11_CSMS")
@pytest.mark.parametrize(
    ("version", "asked"),
    [
        ("1.6", ("ExtendedTriggerMessage", "SignChargePointCertificate")),
        ("2.0.1", ("TriggerMessage", "SignChargingStationCertificate")),
        ("2.1", ("TriggerMessage", "SignChargingStationCertificate")),
    ],
)
async def test_a_certificate_is_renewed(bench: Bench, connect: Connect, version: str, asked: tuple[str, str]) -> None:
    station = await connect(version)
    await station.boot()
    station.answers |= {asked[0]: {"status": "Accepted"}, "CertificateSigned": {"status": "Accepted"}}
    assert (await bench.run(RenewCertificate(station.station_id))).ok
    assert (await station.heard(asked[0]))["requestedMessage"] == asked[1]
    more: dict[str, Any] = {} if version == "1.6" else {"certificateType": "ChargingStationCertificate"}
    if version == "2.1":
        more["requestId"] = 12
    answer = await station.call("SignCertificate", csr=request(station.station_id), **more)
    assert answer == {"status": "Accepted"}
    assert (await bench.run(SignCertificate(station.station_id))).ok
    sent = await station.heard("CertificateSigned")
    leaf, root = x509.load_pem_x509_certificates(sent.pop("certificateChain").encode())
    assert sent == more
    assert leaf.public_key() == STRONG.public_key()
    leaf.verify_directly_issued_by(root)


@pytest.mark.conforms("TC_A_12_CSMS")
async def test_a_certificate_for_cars_is_signed_by_their_authority(bench: Bench, connect: Connect) -> None:
    station = await connect("2.0.1")
    await station.boot()
    station.answers |= {"TriggerMessage": {"status": "Accepted"}, "CertificateSigned": {"status": "Accepted"}}
    assert (await bench.run(RenewCertificate(station.station_id, OwnCertificate.V2G))).ok
    assert await station.heard("TriggerMessage") == {"requestedMessage": "SignV2GCertificate"}
    csr = request("SECC123")
    answer = await station.call("SignCertificate", csr=csr, certificateType="V2GCertificate")
    assert answer == {"status": "Accepted"}
    chain = sign(*make_authority("V2G root", _today()), csr, _today(), 60)
    assert (await bench.run(SignCertificate(station.station_id, "V2GCertificate", chain))).ok
    sent = await station.heard("CertificateSigned")
    assert sent == {"certificateChain": chain, "certificateType": "V2GCertificate"}


@pytest.mark.conforms("TC_077_CSMS", "TC_A_14_CSMS")
@pytest.mark.parametrize(
    ("version", "event"), [("1.6", "InvalidChargePointCertificate"), ("2.0.1", "InvalidChargingStationCertificate")]
)
async def test_a_certificate_that_the_station_rejects(bench: Bench, connect: Connect, version: str, event: str) -> None:
    station = await connect(version)
    await station.boot()
    station.answers["CertificateSigned"] = {"status": "Rejected"}
    await station.call("SignCertificate", csr=request(station.station_id))
    outcome = await bench.run(SignCertificate(station.station_id))
    assert outcome.result is Result.REJECTED
    assert outcome.text
    assert await station.call("SecurityEventNotification", type=event, timestamp=now()) == {}
    (held,) = await records(bench, station, RecordKind.SECURITY_EVENT)
    assert (held.summary, held.severity) == (event, Severity.WARNING)


@pytest.mark.conforms("DX-S07", "DX-S08", "DX-S09")
@VERSIONS
@pytest.mark.parametrize("bad", ["signature", "key", "name"])
async def test_bad_requests_are_rejected(bench: Bench, connect: Connect, version: str, bad: str) -> None:
    station = await connect(version)
    await station.boot()
    made = {
        "signature": lambda: forged(station.station_id),
        "key": lambda: request(station.station_id, weak_rsa()),
        "name": lambda: request("CP2"),
    }
    answer = await station.call("SignCertificate", csr=made[bad]())
    assert answer["status"] == "Rejected"
    (held,) = await records(bench, station, RecordKind.CERTIFICATE_REQUEST)
    assert held.summary.startswith("refused, ")
    assert held.severity is Severity.BAD


@pytest.mark.conforms("DX-S10")
@VERSIONS
async def test_another_organizations_request_is_rejected(tmp_path: Path, version: str) -> None:
    async with running_service(tmp_path, organization="Åby El") as service, console(tmp_path) as backend:
        bench = Bench(service, backend)
        async with bench.station("CP1", version) as station:
            await station.boot()
            evil = await station.call("SignCertificate", csr=request("CP1", organization="Evil"))
            assert evil["status"] == "Rejected"
            ours = await station.call("SignCertificate", csr=request("CP1", organization="Åby El"))
            assert ours["status"] == "Accepted"


@pytest.mark.conforms("DX-S11")
async def test_a_flood_of_requests_is_limited(bench: Bench, connect: Connect) -> None:
    station = await connect("2.0.1")
    await station.boot()
    csr = request(station.station_id)
    answers = [await station.call("SignCertificate", csr=csr) for _ in range(50)]
    accepted = [answer for answer in answers if answer["status"] == "Accepted"]
    assert 1 <= len(accepted) <= 10
    assert len(await records(bench, station, RecordKind.CERTIFICATE_REQUEST)) == 2


# ---- installed


@pytest.mark.conforms(
    "TC_075_1_CSMS", "TC_075_2_CSMS", "TC_M_01_CSMS", "TC_M_02_CSMS", "TC_M_03_CSMS", "TC_M_04_CSMS", "TC_M_101_CSMS"
)
@pytest.mark.parametrize(
    ("version", "use", "name"),
    [
        ("1.6", U.MANUFACTURER, "ManufacturerRootCertificate"),
        ("1.6", U.CSMS, "CentralSystemRootCertificate"),
        ("2.0.1", U.CSMS, "CSMSRootCertificate"),
        ("2.0.1", U.MANUFACTURER, "ManufacturerRootCertificate"),
        ("2.0.1", U.V2G, "V2GRootCertificate"),
        ("2.0.1", U.MOBILITY_OPERATOR, "MORootCertificate"),
        ("2.1", U.OEM, "OEMRootCertificate"),
    ],
)
async def test_a_root_is_installed(
    bench: Bench, connect: Connect, version: str, use: CertificateUse, name: str
) -> None:
    station = await connect(version)
    await station.boot()
    station.answers["InstallCertificate"] = {"status": "Accepted"}
    root = await a_root(bench)
    assert (await bench.run(InstallCertificate(station.station_id, use, root))).ok
    assert await station.heard("InstallCertificate") == {"certificateType": name, "certificate": root}


@pytest.mark.conforms("TC_M_05_CSMS", "TC_078_CSMS")
@pytest.mark.parametrize(("version", "status"), [("2.0.1", "Failed"), ("1.6", "Rejected")])
async def test_a_root_that_is_not_installed(bench: Bench, connect: Connect, version: str, status: str) -> None:
    station = await connect(version)
    await station.boot()
    station.answers["InstallCertificate"] = {"status": status}
    outcome = await bench.run(InstallCertificate(station.station_id, U.CSMS, await a_root(bench)))
    assert outcome.result is Result.REJECTED
    assert outcome.hint
    assert not await records(bench, station, RecordKind.CERTIFICATE)
    event = {"type": "InvalidCentralSystemCertificate", "timestamp": now()}
    assert await station.call("SecurityEventNotification", **event) == {}
    assert await records(bench, station, RecordKind.SECURITY_EVENT)


# ---- listed


@pytest.mark.conforms("TC_M_12_CSMS", "TC_M_13_CSMS", "TC_M_14_CSMS", "TC_M_15_CSMS", "TC_M_16_CSMS", "TC_M_18_CSMS")
@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
async def test_all_that_is_installed_is_read(bench: Bench, connect: Connect, algorithm: str) -> None:
    station = await connect("2.0.1")
    await station.boot()
    names = ["CSMSRootCertificate", "ManufacturerRootCertificate", "V2GRootCertificate", "MORootCertificate"]
    roots = {name: named(make_authority(name, _today())[1], algorithm) for name in names}
    child = named(make_authority("child", _today())[1], algorithm)
    chains = [{"certificateType": name, "certificateHashData": root} for name, root in roots.items()]
    below = named(make_authority("v2g", _today())[1], algorithm)
    chains.append(
        {
            "certificateType": "V2GCertificateChain",
            "certificateHashData": below,
            "childCertificateHashData": [child],
        }
    )
    station.answers["GetInstalledCertificateIds"] = {"status": "Accepted", "certificateHashDataChain": chains}
    outcome = await bench.run(ReadCertificates(station.station_id))
    assert outcome.text == "6 certificates installed"
    assert await station.heard("GetInstalledCertificateIds") == {}
    held = await records(bench, station, RecordKind.CERTIFICATE)
    assert sorted(one.details["certificateType"] for one in held) == sorted(
        [*names, "V2GCertificateChain", "V2GCertificateChain (below it)"]
    )
    assert [one.details["certificateHashData"]["hashAlgorithm"] for one in held] == [algorithm] * 6


@pytest.mark.conforms("TC_M_17_CSMS", "TC_M_19_CSMS")
async def test_some_are_asked_for_and_there_are_none(bench: Bench, connect: Connect) -> None:
    station = await connect("2.0.1")
    await station.boot()
    station.answers["GetInstalledCertificateIds"] = {"status": "NotFound"}
    two = {"certificateType": ["V2GRootCertificate", "MORootCertificate"]}
    outcome = await bench.run(CallStation(station.station_id, "GetInstalledCertificateIds", two))
    assert outcome.answer == {"status": "NotFound"}
    assert await station.heard("GetInstalledCertificateIds") == two
    assert (await bench.run(ReadCertificates(station.station_id))).text == "none is installed"


# ---- deleted


@pytest.mark.conforms("TC_076_CSMS", "TC_M_20_CSMS")
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
async def test_one_is_deleted_by_what_was_reported(
    bench: Bench, connect: Connect, version: str, algorithm: str
) -> None:
    station = await connect(version)
    await station.boot()
    reported = named(await a_root(bench), algorithm)
    listed: dict[str, Any] = {"certificateHashData": [reported]}
    if version != "1.6":
        chain = {"certificateType": "CSMSRootCertificate", "certificateHashData": reported}
        listed = {"certificateHashDataChain": [chain]}
    station.answers |= {
        "GetInstalledCertificateIds": {"status": "Accepted", **listed},
        "DeleteCertificate": {"status": "Accepted"},
    }
    assert (await bench.run(ReadCertificates(station.station_id, U.CSMS))).ok
    (held,) = await records(bench, station, RecordKind.CERTIFICATE)
    meant = CertificateHash(*held.details["certificateHashData"].values())
    assert (await bench.run(DeleteCertificate(station.station_id, meant))).ok
    assert await station.heard("DeleteCertificate") == {"certificateHashData": reported}
    assert not await records(bench, station, RecordKind.CERTIFICATE)


@pytest.mark.conforms("TC_M_21_CSMS")
async def test_one_that_is_not_deleted_is_said(bench: Bench, connect: Connect) -> None:
    station = await connect("2.0.1")
    await station.boot()
    station.answers["DeleteCertificate"] = {"status": "Failed"}
    outcome = await bench.run(DeleteCertificate(station.station_id, CertificateHash("SHA256", "aa", "bb", "1f")))
    assert outcome.result is Result.REJECTED
    assert outcome.text


# ---- nobody is asked at an address that a station names


@pytest.mark.conforms("DX-S13")
async def test_no_responder_is_asked(bench: Bench, connect: Connect) -> None:
    station = await connect("2.1")
    await station.boot()
    asked = {"hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "1f"}
    with socket.create_server(("127.0.0.1", 0)) as responder:
        for url in ("http://169.254.169.254/latest", f"http://127.0.0.1:{responder.getsockname()[1]}/ocsp"):
            answer = await station.call("GetCertificateStatus", ocspRequestData=asked | {"responderURL": url})
            assert answer["status"] == "Failed"
            assert "ocspResult" not in answer
            chain = [{"certificateHashData": asked, "source": source, "urls": [url]} for source in ("OCSP", "CRL")]
            answer = await station.call("GetCertificateChainStatus", certificateStatusRequests=chain)
            assert [one["status"] for one in answer["certificateStatus"]] == ["Failed", "Failed"]
        responder.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has called
            responder.accept()


def _today() -> datetime:
    return datetime.now(UTC)


# ---- cars' contracts: not kept here, and said so


@pytest.mark.parametrize("action", ["Install", "Update"])
async def test_no_contract_certificate_is_given_out(bench: Bench, connect: Connect, action: str) -> None:
    station = await connect("2.0.1")
    await station.boot()
    asked = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": action, "exiRequest": "gA=="}
    answer = await station.call("Get15118EVCertificate", **asked)
    assert (answer["status"], answer["exiResponse"]) == ("Failed", "")
    assert await records(bench, station, RecordKind.CONTRACT_CERTIFICATE)
