"""Firmware and logs, case by case: each asserts what was asked of the station, and what the operator was shown."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from console.csms.dialects.times import write_time
from console.model.command import CallStation
from console.model.file_command import FetchLog, UpdateFirmware
from console.model.outcome import Outcome, Result
from console.model.query import RecordQuery
from console.model.record import RecordKind, Severity, StationRecord
from console.model.station_file import FileKind
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.site import Bench, Station, now

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = b"2026-11-21T13:00:00Z all is well\n" * 100
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
SIGNATURE = base64.b64encode(b"signed").decode()
URL = "http://192.0.2.9/firmware-2.bin"


async def put(url: str, content: bytes = LOG, name: str = "log.txt") -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.put(f"{url}{name}", content=content)


async def told(bench: Bench, station: Station, kind: RecordKind, key: str, summary: str) -> StationRecord:
    """Wait until the operator sees that a job stands so."""
    async with asyncio.timeout(30):
        while True:
            await bench.service._store.writer.flush()
            for record in await bench.backend.records(RecordQuery(station.station_id, kind=kind)):
                if record.key == key and summary in record.summary:
                    return record
            await asyncio.sleep(0.02)


async def firmware_steps(station: Station, steps: list[str], request_id: int | None = None) -> None:
    action = "FirmwareStatusNotification"
    if station.version == "1.6" and request_id is not None:
        action = "SignedFirmwareStatusNotification"
    numbered = {} if request_id is None else {"requestId": request_id}
    for status in steps:
        if status == "boot":
            assert (await station.boot())["status"] == "Accepted"
        else:
            assert await station.call(action, status=status, **numbered) == {}


async def ready(connect: Connect, version: str) -> Station:
    station = await connect(version)
    await station.boot()
    return station


# ---- OCPP 1.6


async def update_16(bench: Bench, station: Station, steps: list[str]) -> StationRecord:
    station.answers["UpdateFirmware"] = {}
    before = datetime.now(UTC) - timedelta(seconds=1)
    outcome = await bench.run(UpdateFirmware(station.station_id, URL))
    assert outcome.ok, outcome
    asked = await station.heard("UpdateFirmware")
    assert asked["location"] == URL
    assert asked["retrieveDate"].endswith("Z")
    assert datetime.fromisoformat(asked["retrieveDate"]) >= before.replace(microsecond=0)
    assert set(asked) == {"location", "retrieveDate"}
    await firmware_steps(station, steps)
    return await told(bench, station, RecordKind.FIRMWARE, "-", steps[-1])


@pytest.mark.conforms("TC_044_1_CSMS")
async def test_firmware_update_16(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "1.6")
    record = await update_16(bench, station, ["Downloading", "Downloaded", "Installing", "boot", "Installed"])
    assert not record.standing
    assert [step["status"] for step in record.details["steps"]] == [
        "Downloading",
        "Downloaded",
        "Installing",
        "Installed",
    ]


@pytest.mark.conforms("TC_044_2_CSMS")
async def test_firmware_download_failed_16(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "1.6")
    record = await update_16(bench, station, ["Downloading", "DownloadFailed"])
    assert (record.severity, record.standing) == (Severity.BAD, False)


@pytest.mark.conforms("TC_044_3_CSMS")
async def test_firmware_installation_failed_16(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "1.6")
    record = await update_16(bench, station, ["Downloading", "Downloaded", "Installing", "InstallationFailed"])
    assert (record.severity, record.standing) == (Severity.BAD, False)


@pytest.mark.conforms("TC_045_1_CSMS")
async def test_get_diagnostics(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "1.6")
    station.answers["GetDiagnostics"] = {"fileName": "../../etc/passwd"}
    since = datetime(2026, 11, 20, tzinfo=UTC)
    outcome = await bench.run(FetchLog(station.station_id, since=since, retries=2, retry_interval_s=10))
    assert outcome.ok, outcome
    asked = await station.heard("GetDiagnostics")
    assert asked["location"].startswith("http://127.0.0.1:")
    assert (asked["startTime"], asked["retries"], asked["retryInterval"]) == ("2026-11-20T00:00:00.000Z", 2, 10)
    assert "stopTime" not in asked
    assert await station.call("DiagnosticsStatusNotification", status="Uploading") == {}
    assert (await put(asked["location"], name="..%2F..%2Fetc%2Fpasswd")).status_code == 201
    assert await station.call("DiagnosticsStatusNotification", status="Uploaded") == {}
    record = await told(bench, station, RecordKind.LOG, "-", "bytes are here")
    assert record.summary == f"Uploaded ({len(LOG)} bytes are here)"
    assert not record.standing
    (file,) = await bench.backend.files(station.station_id)
    assert b"".join([piece async for piece in bench.backend.file_content(file.file_id)]) == LOG


@pytest.mark.conforms("TC_045_2_CSMS")
async def test_get_diagnostics_upload_failed(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "1.6")
    station.answers["GetDiagnostics"] = {"fileName": "diagnostics.zip"}
    assert (await bench.run(FetchLog(station.station_id))).ok
    assert (await station.heard("GetDiagnostics"))["location"]
    for status in ("Uploading", "UploadFailed"):
        assert await station.call("DiagnosticsStatusNotification", status=status) == {}
    record = await told(bench, station, RecordKind.LOG, "-", "UploadFailed")
    assert (record.severity, record.standing) == (Severity.BAD, False)


async def fetch(
    bench: Bench, station: Station, kind: FileKind, answer: dict[str, Any] | None = None
) -> tuple[dict[str, Any], Outcome]:
    """Have a log asked for with GetLog; what the station was asked, and what came of it."""
    station.answers["GetLog"] = answer or {"status": "Accepted", "filename": "log.txt"}
    count = station.times("GetLog") + 1
    outcome = await bench.run(FetchLog(station.station_id, kind))
    return await station.heard("GetLog", count), outcome


async def uploaded(bench: Bench, station: Station, asked: dict[str, Any]) -> None:
    number = asked["requestId"]
    assert await station.call("LogStatusNotification", status="Uploading", requestId=number) == {}
    assert (await put(asked["log"]["remoteLocation"])).status_code == 201
    assert await station.call("LogStatusNotification", status="Uploaded", requestId=number) == {}
    record = await told(bench, station, RecordKind.LOG, str(number), "bytes are here")
    assert not record.standing


@pytest.mark.conforms("TC_079_CSMS")
async def test_get_security_log_16(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "1.6")
    asked, outcome = await fetch(bench, station, FileKind.SECURITY)
    assert outcome.ok
    assert asked["logType"] == "SecurityLog"
    assert asked["requestId"] > 0
    await uploaded(bench, station, asked)


async def update_signed(
    bench: Bench, station: Station, answer: str = "Accepted", **more: Any
) -> tuple[dict[str, Any], Outcome]:
    """Have a signed update asked for; what the station was asked, and what came of it."""
    action = "SignedUpdateFirmware" if station.version == "1.6" else "UpdateFirmware"
    station.answers[action] = {"status": answer}
    count = station.times(action) + 1
    command = UpdateFirmware(station.station_id, URL, signing_certificate=CERTIFICATE, signature=SIGNATURE, **more)
    outcome = await bench.run(command)
    asked = await station.heard(action, count)
    firmware = asked["firmware"]
    assert (firmware["location"], firmware["signingCertificate"]) == (URL, CERTIFICATE)
    assert firmware["signature"] == SIGNATURE
    assert firmware["retrieveDateTime"].endswith("Z")
    return asked, outcome


VERIFIED = ["Downloading", "Downloaded", "SignatureVerified"]
INSTALLED = [*VERIFIED, "Installing", "InstallRebooting", "boot", "Installed"]


async def carried_out(
    bench: Bench, station: Station, asked: dict[str, Any], steps: list[str], severity: Severity = Severity.INFO
) -> None:
    """The station tells all steps, and the operator is shown how it ended."""
    await firmware_steps(station, steps, asked["requestId"])
    record = await told(bench, station, RecordKind.FIRMWARE, str(asked["requestId"]), steps[-1])
    assert [step["status"] for step in record.details["steps"]] == [step for step in steps if step != "boot"]
    assert (record.severity, record.standing) == (severity, False)


@pytest.mark.conforms("TC_080_CSMS")
async def test_secure_firmware_update_16(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "1.6")
    asked, outcome = await update_signed(bench, station)
    assert outcome.ok
    await carried_out(bench, station, asked, INSTALLED)


async def invalid_signature(station: Station) -> None:
    more = {"type": "InvalidFirmwareSignature", "timestamp": now()}
    assert await station.call("SecurityEventNotification", **more) == {}


@pytest.mark.conforms("TC_081_CSMS")
async def test_secure_firmware_invalid_signature_16(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "1.6")
    asked, _ = await update_signed(bench, station)
    await invalid_signature(station)
    await carried_out(bench, station, asked, ["Downloading", "Downloaded", "InvalidSignature"], Severity.BAD)


# ---- OCPP 2.0.1, L: firmware


@pytest.mark.conforms("TC_L_01_CSMS")
async def test_secure_firmware_update(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    asked, outcome = await update_signed(bench, station)
    assert outcome.ok
    assert "installDateTime" not in asked["firmware"]
    await carried_out(bench, station, asked, INSTALLED)


@pytest.mark.conforms("TC_L_02_CSMS")
async def test_install_scheduled(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    at = datetime.now(UTC) + timedelta(hours=2)
    asked, outcome = await update_signed(bench, station, install_at=at)
    assert outcome.ok
    assert asked["firmware"]["installDateTime"] == write_time(at)
    steps = [*VERIFIED, "InstallScheduled", "Installing", "InstallRebooting", "boot", "Installed"]
    await carried_out(bench, station, asked, steps)


@pytest.mark.conforms("TC_L_03_CSMS")
async def test_download_scheduled(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    at = datetime.now(UTC) + timedelta(hours=2)
    asked, outcome = await update_signed(bench, station, retrieve_at=at)
    assert outcome.ok
    assert asked["firmware"]["retrieveDateTime"] == write_time(at)
    await carried_out(bench, station, asked, ["DownloadScheduled", *INSTALLED])


@pytest.mark.conforms("TC_L_04_CSMS")
async def test_revoked_certificate(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    _, outcome = await update_signed(bench, station, "RevokedCertificate")
    assert outcome.result is Result.REJECTED
    assert "revoked" in outcome.text


@pytest.mark.conforms("TC_L_05_CSMS")
async def test_invalid_certificate(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    _, outcome = await update_signed(bench, station, "InvalidCertificate")
    assert outcome.result is Result.REJECTED
    assert "certificate" in outcome.text
    more = {"type": "InvalidFirmwareSigningCertificate", "timestamp": now()}
    assert await station.call("SecurityEventNotification", **more) == {}


@pytest.mark.conforms("TC_L_06_CSMS")
async def test_invalid_signature(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    asked, _ = await update_signed(bench, station)
    await invalid_signature(station)
    await carried_out(bench, station, asked, ["Downloading", "Downloaded", "InvalidSignature"], Severity.BAD)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(["Downloading", "DownloadFailed"], marks=pytest.mark.conforms("TC_L_07_CSMS")),
        pytest.param(
            [*VERIFIED, "Installing", "InstallVerificationFailed"], marks=pytest.mark.conforms("TC_L_08_CSMS")
        ),
        pytest.param(
            [*VERIFIED, "Installing", "InstallRebooting", "boot", "InstallationFailed"],
            marks=pytest.mark.conforms("TC_L_09_CSMS"),
        ),
    ],
)
async def test_updates_that_fail(bench: Bench, connect: Connect, steps: list[str]) -> None:
    station = await ready(connect, "2.0.1")
    asked, outcome = await update_signed(bench, station)
    assert outcome.ok
    await carried_out(bench, station, asked, steps, Severity.BAD)


@pytest.mark.conforms("TC_L_10_CSMS")
async def test_a_second_update_cancels_the_first(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    first, _ = await update_signed(bench, station)
    await firmware_steps(station, ["Downloading"], first["requestId"])
    second, outcome = await update_signed(bench, station, "AcceptedCanceled")
    assert outcome.ok
    assert "cancelled" in outcome.text
    assert second["requestId"] != first["requestId"]
    record = await told(bench, station, RecordKind.FIRMWARE, str(first["requestId"]), "cancelled")
    assert not record.standing
    await carried_out(bench, station, second, INSTALLED)


@pytest.mark.conforms("TC_L_11_CSMS")
async def test_a_second_update_is_rejected(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    first, _ = await update_signed(bench, station)
    await firmware_steps(station, ["Downloading"], first["requestId"])
    second, outcome = await update_signed(bench, station, "Rejected")
    assert outcome.result is Result.REJECTED
    assert second["requestId"] != first["requestId"]
    record = await told(bench, station, RecordKind.FIRMWARE, str(first["requestId"]), "Downloading")
    assert record.standing
    await firmware_steps(station, INSTALLED[1:], first["requestId"])
    await told(bench, station, RecordKind.FIRMWARE, str(first["requestId"]), "Installed")


@pytest.mark.conforms("TC_L_13_CSMS")
async def test_an_update_waits_for_a_transaction(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    await bench.add_tags("L13")
    event = {"timestamp": now(), "transactionInfo": {"transactionId": "L13"}, "evse": {"id": 1, "connectorId": 1}}
    started = await station.call(
        "TransactionEvent",
        eventType="Started",
        triggerReason="Authorized",
        seqNo=0,
        idToken={"idToken": "L13", "type": "Central"},
        **event,
    )
    assert started["idTokenInfo"]["status"] == "Accepted"
    asked, outcome = await update_signed(bench, station)
    assert outcome.ok
    await firmware_steps(station, ["DownloadScheduled"], asked["requestId"])
    state = {"timestamp": now(), "evseId": 2, "connectorId": 1, "connectorStatus": "Unavailable"}
    assert await station.call("StatusNotification", **state) == {}
    ended = event | {"transactionInfo": {"transactionId": "L13", "stoppedReason": "Local"}}
    await station.call("TransactionEvent", eventType="Ended", triggerReason="StopAuthorized", seqNo=1, **ended)
    await firmware_steps(station, INSTALLED, asked["requestId"])
    await told(bench, station, RecordKind.FIRMWARE, str(asked["requestId"]), "Installed")


async def publish(bench: Bench, station: Station) -> int:
    station.answers["PublishFirmware"] = {"status": "Accepted"}
    payload = {"location": URL, "checksum": "d41d8cd98f00b204e9800998ecf8427e", "requestId": 17}
    assert (await bench.run(CallStation(station.station_id, "PublishFirmware", payload))).ok
    assert await station.heard("PublishFirmware") == payload
    return 17


@pytest.mark.parametrize(
    ("steps", "severity"),
    [
        pytest.param(["Downloading", "Downloaded", "ChecksumVerified", "Published"], Severity.INFO,
                     marks=pytest.mark.conforms("TC_L_17_CSMS")),
        pytest.param(["Downloading", "Downloaded", "InvalidChecksum"], Severity.BAD,
                     marks=pytest.mark.conforms("TC_L_19_CSMS")),
        pytest.param(["Downloading", "Downloaded", "ChecksumVerified", "PublishFailed"], Severity.BAD,
                     marks=pytest.mark.conforms("TC_L_20_CSMS")),
        pytest.param(["Downloading", "DownloadFailed"], Severity.BAD, marks=pytest.mark.conforms("TC_L_24_CSMS")),
    ],
)  # fmt: skip
async def test_publish_firmware(bench: Bench, connect: Connect, steps: list[str], severity: Severity) -> None:
    station = await ready(connect, "2.0.1")
    number = await publish(bench, station)
    for status in steps:
        more: dict[str, Any] = {"location": ["http://10.0.0.2/f.bin"]} if status == "Published" else {}
        answer = await station.call("PublishFirmwareStatusNotification", status=status, requestId=number, **more)
        assert answer == {}
    record = await told(bench, station, RecordKind.FIRMWARE, f"publish {number}", steps[-1])
    assert (record.severity, record.standing) == (severity, False)
    if steps[-1] == "Published":
        assert "http://10.0.0.2/f.bin" in record.summary


@pytest.mark.parametrize(
    ("status", "result"),
    [
        pytest.param("Unpublished", Result.ACCEPTED, marks=pytest.mark.conforms("TC_L_21_CSMS")),
        pytest.param("NoFirmware", Result.REJECTED, marks=pytest.mark.conforms("TC_L_22_CSMS")),
        pytest.param("DownloadOngoing", Result.REJECTED, marks=pytest.mark.conforms("TC_L_23_CSMS")),
    ],
)
async def test_unpublish_firmware(bench: Bench, connect: Connect, status: str, result: Result) -> None:
    station = await ready(connect, "2.0.1")
    station.answers["UnpublishFirmware"] = {"status": status}
    payload = {"checksum": "d41d8cd98f00b204e9800998ecf8427e"}
    outcome = await bench.run(CallStation(station.station_id, "UnpublishFirmware", payload))
    assert await station.heard("UnpublishFirmware") == payload
    assert outcome.result is result, outcome
    assert outcome.answer == {"status": status}


# ---- OCPP 2.0.1, N: logs


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize(
    ("kind", "log_type"),
    [
        pytest.param(FileKind.DIAGNOSTICS, "DiagnosticsLog", marks=pytest.mark.conforms("TC_N_25_CSMS")),
        pytest.param(FileKind.SECURITY, "SecurityLog", marks=pytest.mark.conforms("TC_N_35_CSMS")),
    ],
)
async def test_log(bench: Bench, connect: Connect, version: str, kind: FileKind, log_type: str) -> None:
    station = await ready(connect, version)
    asked, outcome = await fetch(bench, station, kind)
    assert outcome.ok
    assert asked["logType"] == log_type
    assert set(asked) == {"logType", "requestId", "log"}
    await uploaded(bench, station, asked)


@pytest.mark.conforms("TC_N_34_CSMS")
async def test_log_rejected(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    asked, outcome = await fetch(bench, station, FileKind.DIAGNOSTICS, {"status": "Rejected"})
    assert outcome.result is Result.REJECTED
    await bench.service._store.writer.flush()
    assert not await bench.backend.records(RecordQuery(station.station_id, kind=RecordKind.LOG))
    assert (await put(asked["log"]["remoteLocation"])).status_code == 404  # its address is gone


@pytest.mark.conforms("TC_N_36_CSMS")
async def test_a_second_log_cancels_the_first(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, "2.0.1")
    first, _ = await fetch(bench, station, FileKind.DIAGNOSTICS)
    first_id = first["requestId"]
    await station.call("LogStatusNotification", status="Uploading", requestId=first_id)
    second, outcome = await fetch(bench, station, FileKind.DIAGNOSTICS, {"status": "AcceptedCanceled", "filename": "b"})
    assert outcome.ok
    assert second["requestId"] != first_id
    assert await station.call("LogStatusNotification", status="AcceptedCanceled", requestId=first_id) == {}
    record = await told(bench, station, RecordKind.LOG, str(first_id), "AcceptedCanceled")
    assert not record.standing
    await uploaded(bench, station, second)
