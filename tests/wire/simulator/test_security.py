"""Files and certificates of a 1.6 station: diagnostics, logs, firmware, and what the security extension adds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cryptography import x509

from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from tests.wire.simulator.central import Central
from tests.wire.simulator.files import FileServer, certificate_authority

ACCEPTED = {"status": "Accepted"}


@pytest.fixture
async def files() -> AsyncIterator[FileServer]:
    async with FileServer.listening() as server:
        yield server


async def passing(clock: ManualClock, expected: Any) -> dict[str, Any]:
    """Let station time pass until something has come."""
    task = asyncio.create_task(expected)
    while not task.done():
        clock.advance(0.5)
        await asyncio.sleep(0.001)  # real time for the network; what is awaited is the message
    return dict(task.result())


async def test_diagnostics_are_really_uploaded(
    central: Central, station: SimulatedStation, clock: ManualClock, files: FileServer
) -> None:
    answer = await central.call("GetDiagnostics", location=f"{files.url}/in/")
    await central.expect("DiagnosticsStatusNotification", status="Uploading")
    await passing(clock, central.expect("DiagnosticsStatusNotification", status="Uploaded"))
    assert b"DiagnosticsLog of CP-1" in files.stored[f"/in/{answer['fileName']}"]


async def test_diagnostics_that_cannot_be_uploaded(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await central.call("GetDiagnostics", location="ftp://127.0.0.1/")
    await passing(clock, central.expect("DiagnosticsStatusNotification", status="UploadFailed"))


async def test_a_log_is_really_uploaded(
    central: Central, station: SimulatedStation, clock: ManualClock, files: FileServer
) -> None:
    log = {"remoteLocation": f"{files.url}/log"}
    answer = await central.call("GetLog", logType="SecurityLog", requestId=3, log=log)
    assert answer["status"] == "Accepted"
    await passing(clock, central.expect("LogStatusNotification", status="Uploaded", requestId=3))
    assert b"SecurityLog" in files.stored["/log"]


async def test_firmware_update_from_download_to_the_new_version(
    central: Central, station: SimulatedStation, clock: ManualClock, files: FileServer
) -> None:
    files.stored["/fw"] = b"firmware"
    request = {"location": f"{files.url}/fw", "retrieveDate": "2026-03-14T09:00:00Z"}
    assert await central.call("UpdateFirmware", **request) == {}
    await passing(clock, central.expect("FirmwareStatusNotification", status="Installed"))
    sent = [one.payload["status"] for one in central.received if one.action == "FirmwareStatusNotification"]
    assert sent == ["Downloading", "Downloaded", "Installing", "Installed"]
    boots = [one.payload["firmwareVersion"] for one in central.received if one.action == "BootNotification"]
    assert boots == ["1.8.21", "1.8.22"]


async def test_firmware_that_is_not_there(central: Central, station: SimulatedStation, files: FileServer) -> None:
    request = {"location": f"{files.url}/missing", "retrieveDate": "2026-03-14T09:00:00Z"}
    assert await central.call("UpdateFirmware", **request) == {}
    await central.expect("FirmwareStatusNotification", status="DownloadFailed")


async def test_signed_firmware_is_checked(
    central: Central, station: SimulatedStation, clock: ManualClock, files: FileServer
) -> None:
    signer = certificate_authority("Firmware")
    files.stored["/fw"] = b"firmware"
    firmware = {
        "location": f"{files.url}/fw",
        "retrieveDateTime": "2026-03-14T09:00:00Z",
        "signingCertificate": signer.pem,
        "signature": signer.sign(b"other"),
    }
    assert await central.call("SignedUpdateFirmware", requestId=1, firmware=firmware) == ACCEPTED
    await central.expect("SignedFirmwareStatusNotification", status="InvalidSignature", requestId=1)
    await central.expect("SecurityEventNotification", type="InvalidFirmwareSignature")
    firmware["signature"] = signer.sign(b"firmware")
    assert await central.call("SignedUpdateFirmware", requestId=2, firmware=firmware) == ACCEPTED
    await passing(clock, central.expect("SignedFirmwareStatusNotification", status="Installed", requestId=2))
    firmware["signingCertificate"] = "nothing of the kind"
    answer = await central.call("SignedUpdateFirmware", requestId=3, firmware=firmware)
    assert answer == {"status": "InvalidCertificate"}


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("Heartbeat", "Heartbeat"),
        ("LogStatusNotification", "LogStatusNotification"),
        ("FirmwareStatusNotification", "SignedFirmwareStatusNotification"),
    ],
)
async def test_extended_trigger(central: Central, station: SimulatedStation, message: str, action: str) -> None:
    assert await central.call("ExtendedTriggerMessage", requestedMessage=message) == ACCEPTED
    await central.expect(action)


async def test_a_station_asks_for_its_certificate_and_takes_only_its_own(
    central: Central, station: SimulatedStation
) -> None:
    central.answers["SignCertificate"] = lambda _: ACCEPTED
    await central.call("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
    csr = x509.load_pem_x509_csr((await central.expect("SignCertificate"))["csr"].encode())
    assert csr.is_signature_valid
    foreign = certificate_authority("Foreign").pem
    assert await central.call("CertificateSigned", certificateChain=foreign) == {"status": "Rejected"}
    await central.expect("SecurityEventNotification", type="InvalidChargePointCertificate")
    chain = certificate_authority("Root").issue(csr)
    assert await central.call("CertificateSigned", certificateChain=chain) == ACCEPTED


async def test_roots_are_installed_listed_and_deleted(central: Central, station: SimulatedStation) -> None:
    kind = {"certificateType": "CentralSystemRootCertificate"}
    assert await central.call("GetInstalledCertificateIds", **kind) == {"status": "NotFound"}
    pem = certificate_authority("Root").pem
    assert await central.call("InstallCertificate", **kind, certificate=pem) == ACCEPTED
    listed = await central.call("GetInstalledCertificateIds", **kind)
    (hash_data,) = listed["certificateHashData"]
    assert await central.call("DeleteCertificate", certificateHashData=hash_data) == ACCEPTED
    assert await central.call("DeleteCertificate", certificateHashData=hash_data) == {"status": "NotFound"}
