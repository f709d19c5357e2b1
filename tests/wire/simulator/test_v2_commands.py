"""What a 2.x station does when the central system asks, apart from charging profiles."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import pytest
from cryptography import x509

from console.simulator.car import Car
from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import ABB_TERRA_54, ALFEN_NG910, ConnectorState, Verdict
from tests.wire.simulator.central import Central, Refusal
from tests.wire.simulator.conftest import MakeStation
from tests.wire.simulator.files import FileServer, certificate_authority

ACCEPTED = {"status": "Accepted"}


@pytest.fixture
async def double(make_station2: MakeStation) -> SimulatedStation:
    """A booted station with two EVSEs."""
    station = make_station2("CP-2", profile=ALFEN_NG910)
    await station.start()
    await station.booted()
    return station


@pytest.fixture
async def files() -> AsyncIterator[FileServer]:
    async with FileServer.listening() as server:
        yield server


async def charge(station: SimulatedStation, connector_id: int = 1) -> str:
    """Have a car charge; the transaction's id."""
    await station.plug_in(connector_id, Car())
    await station.swipe(connector_id, "04A2C19B")
    return str(station.transaction_id(connector_id))


async def pass_until(task: asyncio.Task[Any], clock: ManualClock) -> None:
    """Let station time pass until something has happened."""
    while not task.done():
        clock.advance(0.5)
        await asyncio.sleep(0.001)  # real time for the network; what is awaited is the message
    task.result()


def variable(component: str, name: str, **more: Any) -> dict[str, Any]:
    evse = {"evse": more.pop("evse")} if "evse" in more else {}
    instance = {"instance": more.pop("instance")} if "instance" in more else {}
    return {"component": {"name": component, **evse}, "variable": {"name": name, **instance}, **more}


# --- reset, availability, locks ---------------------------------------------------------------------------------


async def test_an_immediate_reset_ends_transactions_and_boots_again(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    await charge(station2)
    assert await central2.call("Reset", type="Immediate") == ACCEPTED
    ended = await central2.expect("TransactionEvent", eventType="Ended")
    assert ended["triggerReason"] == "ResetCommand"
    assert ended["transactionInfo"]["stoppedReason"] == "ImmediateReset"
    await station2.wait_for(lambda s: not s.connected)
    clock.advance(15)
    await station2.booted()
    assert [one.payload["reason"] for one in central2.received if one.action == "BootNotification"] == [
        "PowerUp",
        "RemoteReset",
    ]
    assert (await central2.expect("SecurityEventNotification", type="ResetOrReboot"))["type"] == "ResetOrReboot"


async def test_a_reset_on_idle_waits_for_the_transaction(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    await charge(station2)
    assert await central2.call("Reset", type="OnIdle") == {"status": "Scheduled"}
    assert await central2.call("GetLocalListVersion") == {"versionNumber": 0}
    assert station2.connector(1).state is ConnectorState.CHARGING
    await station2.swipe(1, "04A2C19B")
    await station2.wait_for(lambda s: not s.connected)
    clock.advance(15)
    await central2.expect("BootNotification", reason="ScheduledReset")


async def test_one_evse_can_be_reset_alone(central2: Central, double: SimulatedStation) -> None:
    await charge(double, 1)
    await charge(double, 2)
    assert await central2.call("Reset", type="Immediate", evseId=2) == ACCEPTED
    await double.wait_for(lambda s: not s.connector(2).in_transaction)
    await central2.expect("TransactionEvent", eventType="Ended", triggerReason="ResetCommand")
    assert double.connector(1).state is ConnectorState.CHARGING
    assert central2.connections == 1
    assert (await central2.call("Reset", type="Immediate", evseId=3))["status"] == "Rejected"


async def test_availability_of_an_evse_and_of_the_station(central2: Central, double: SimulatedStation) -> None:
    await charge(double, 1)
    one = {"operationalStatus": "Inoperative", "evse": {"id": 2}}
    assert await central2.call("ChangeAvailability", **one) == ACCEPTED
    await central2.expect("StatusNotification", evseId=2, connectorStatus="Unavailable")
    assert await double.swipe(2, "A") is Verdict.OUT_OF_SERVICE
    assert await central2.call("ChangeAvailability", operationalStatus="Inoperative") == {"status": "Scheduled"}
    await double.swipe(1, "04A2C19B")
    await double.unplug(1)
    await central2.expect("StatusNotification", evseId=1, connectorStatus="Unavailable")
    nowhere = {"operationalStatus": "Operative", "evse": {"id": 9}}
    assert (await central2.call("ChangeAvailability", **nowhere))["status"] == "Rejected"


async def test_unlock_unless_somebody_charges(central2: Central, make_station2: MakeStation) -> None:
    station = make_station2()
    await station.start()
    await station.booted()
    assert await central2.call("UnlockConnector", evseId=1, connectorId=1) == {"status": "Unlocked"}
    assert await central2.call("UnlockConnector", evseId=1, connectorId=2) == {"status": "UnknownConnector"}
    await charge(station)
    answer = await central2.call("UnlockConnector", evseId=1, connectorId=1)
    assert answer == {"status": "OngoingAuthorizedTransaction"}
    fixed = make_station2("DC", profile=ABB_TERRA_54)
    await fixed.start()
    await fixed.booted()
    assert (await central2.call("UnlockConnector", evseId=1, connectorId=1))["status"] == "UnlockFailed"


# --- triggers, unknown requests ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    ["Heartbeat", "StatusNotification", "MeterValues", "LogStatusNotification", "FirmwareStatusNotification"],
)
async def test_trigger_sends_every_message(central2: Central, station2: SimulatedStation, action: str) -> None:
    already = central2.actions().count(action)
    assert await central2.call("TriggerMessage", requestedMessage=action) == ACCEPTED
    for _ in range(already + 1):
        await central2.expect(action)


async def test_trigger_of_a_transaction(central2: Central, station2: SimulatedStation) -> None:
    assert (await central2.call("TriggerMessage", requestedMessage="TransactionEvent"))["status"] == "Rejected"
    assert (await central2.call("TriggerMessage", requestedMessage="BootNotification"))["status"] == "Rejected"
    await charge(station2)
    assert await central2.call("TriggerMessage", requestedMessage="TransactionEvent") == ACCEPTED
    event = await central2.expect("TransactionEvent", triggerReason="Trigger")
    assert event["transactionInfo"]["chargingState"] == "Charging"
    assert event["meterValue"][0]["sampledValue"][0]["context"] == "Trigger"
    answer = await central2.call("TriggerMessage", requestedMessage="PublishFirmwareStatusNotification")
    assert answer == {"status": "NotImplemented"}
    nowhere = {"requestedMessage": "MeterValues", "evse": {"id": 7}}
    assert (await central2.call("TriggerMessage", **nowhere))["status"] == "Rejected"


async def test_unknown_and_broken_requests_get_the_right_error(central2: Central, station2: SimulatedStation) -> None:
    answers = {
        "NotImplemented": await central2.call("MakeCoffee"),
        "NotSupported": await central2.call("UnpublishFirmware", checksum="a" * 32),
        "FormatViolation": await central2.call("ClearCache", please=True),
        "TypeConstraintViolation": await central2.call("UnlockConnector", evseId="one", connectorId=1),
        "OccurrenceConstraintViolation": await central2.call("UnlockConnector", evseId=1),
    }
    for code, answer in answers.items():
        assert isinstance(answer, Refusal)
        assert answer.code == code


async def test_a_wrong_answer_is_complained_about_in_2_1(
    central2: Central, station2: SimulatedStation, version: str
) -> None:
    central2.answers["Heartbeat"] = lambda _: {"time": "now"}
    await central2.call("TriggerMessage", requestedMessage="Heartbeat")
    await central2.expect("Heartbeat")
    if version == "2.1":
        await central2.until(lambda: bool(central2.frames))
    await central2.call("GetLocalListVersion")
    assert [frame[0] for frame in central2.frames] == ([5] if version == "2.1" else [])


async def test_data_transfer_is_refused_politely(central2: Central, station2: SimulatedStation) -> None:
    assert await central2.call("DataTransfer", vendorId="com.example") == {"status": "UnknownVendorId"}
    assert await central2.call("DataTransfer", vendorId="ABB", messageId="x") == {"status": "UnknownMessageId"}


# --- the device model -------------------------------------------------------------------------------------------


async def test_variables_are_read_in_any_case_of_letters(central2: Central, station2: SimulatedStation) -> None:
    wanted = [
        variable("ocppcommctrlr", "heartbeatinterval"),
        variable("EVSE", "AvailabilityState", evse={"id": 1}),
        variable("OCPPCommCtrlr", "MessageAttempts", instance="TransactionEvent"),
        variable("SecurityCtrlr", "BasicAuthPassword"),
        variable("OCPPCommCtrlr", "NoSuch"),
        variable("NoSuchCtrlr", "Enabled"),
        variable("OCPPCommCtrlr", "HeartbeatInterval", attributeType="Target"),
    ]
    results = (await central2.call("GetVariables", getVariableData=wanted))["getVariableResult"]
    assert [(one["attributeStatus"], one.get("attributeValue")) for one in results] == [
        ("Accepted", "300"),
        ("Accepted", "Available"),
        ("Accepted", "3"),
        ("Rejected", None),
        ("UnknownVariable", None),
        ("UnknownComponent", None),
        ("NotSupportedAttributeType", None),
    ]


@pytest.mark.parametrize(
    ("component", "name", "value", "status"),
    [
        ("OCPPCommCtrlr", "HeartbeatInterval", "60", "Accepted"),
        ("OCPPCommCtrlr", "HeartbeatInterval", "often", "Rejected"),
        ("OCPPCommCtrlr", "HeartbeatInterval", "-1", "Rejected"),
        ("OCPPCommCtrlr", "WebSocketPingInterval", "30", "RebootRequired"),
        ("AuthCtrlr", "LocalPreAuthorize", "true", "Accepted"),
        ("AuthCtrlr", "LocalPreAuthorize", "yes", "Rejected"),
        ("ChargingStation", "Model", "Better", "Rejected"),
        ("TxCtrlr", "TxStartPoint", "Authorized,EVConnected", "Accepted"),
        ("TxCtrlr", "TxStartPoint", "FullMoon", "Rejected"),
        ("SecurityCtrlr", "BasicAuthPassword", "short", "Rejected"),
        ("TxCtrlr", "NoSuch", "1", "UnknownVariable"),
    ],
)
async def test_set_variables(
    central2: Central, station2: SimulatedStation, component: str, name: str, value: str, status: str
) -> None:
    entry = variable(component, name, attributeValue=value)
    (result,) = (await central2.call("SetVariables", setVariableData=[entry]))["setVariableResult"]
    assert result["attributeStatus"] == status


async def test_a_value_that_needs_a_reboot_is_in_force_after_it(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    async def value() -> str:
        answer = await central2.call(
            "GetVariables", getVariableData=[variable("OCPPCommCtrlr", "WebSocketPingInterval")]
        )
        return str(answer["getVariableResult"][0]["attributeValue"])

    entry = variable("OCPPCommCtrlr", "WebSocketPingInterval", attributeValue="30")
    await central2.call("SetVariables", setVariableData=[entry])
    assert await value() == "20"
    await central2.call("Reset", type="Immediate")
    await station2.wait_for(lambda s: not s.connected)
    clock.advance(15)
    await station2.booted()
    assert await value() == "30"


async def test_a_new_password_is_used_for_a_new_connection(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    entry = variable("SecurityCtrlr", "BasicAuthPassword", attributeValue="sixteen-letters!")
    await central2.call("SetVariables", setVariableData=[entry])
    await station2.wait_for(lambda s: not s.connected)
    clock.advance(2)
    await station2.booted()
    header = central2.requests[-1].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(header) == b"CP-1:sixteen-letters!"


async def test_a_full_report_comes_in_parts(central2: Central, station2: SimulatedStation) -> None:
    assert await central2.call("GetBaseReport", requestId=5, reportBase="FullInventory") == ACCEPTED
    parts = [await central2.expect("NotifyReport")]
    while parts[-1].get("tbc"):
        parts.append(await central2.expect("NotifyReport"))
    assert len(parts) > 2
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    assert {part["requestId"] for part in parts} == {5}
    data = [one for part in parts for one in part["reportData"]]
    password = next(one for one in data if one["variable"]["name"] == "BasicAuthPassword")
    assert "value" not in password["variableAttribute"][0]
    power = next(one for one in data if one["variable"]["name"] == "Power")
    assert power["component"] == {"name": "EVSE", "evse": {"id": 1}}
    assert power["variableCharacteristics"]["unit"] == "W"
    assert power["variableCharacteristics"]["supportsMonitoring"] is True


async def test_a_report_of_some_components(central2: Central, station2: SimulatedStation) -> None:
    wanted = [{"component": {"name": "TxCtrlr"}}, variable("EVSE", "Power")]
    assert await central2.call("GetReport", requestId=6, componentVariable=wanted) == ACCEPTED
    data = (await central2.expect("NotifyReport"))["reportData"]
    assert {one["component"]["name"] for one in data} == {"TxCtrlr", "EVSE"}
    assert [one["variable"]["name"] for one in data if one["component"]["name"] == "EVSE"] == ["Power"]
    nothing = await central2.call("GetReport", requestId=7, componentVariable=[variable("NoSuch", "Thing")])
    assert nothing["status"] == "EmptyResultSet"
    problems = await central2.call("GetReport", requestId=8, componentCriteria=["Problem"])
    assert problems["status"] == "EmptyResultSet"


# --- monitors ---------------------------------------------------------------------------------------------------


async def test_a_threshold_trips_and_clears(central2: Central, station2: SimulatedStation, clock: ManualClock) -> None:
    monitor = variable("EVSE", "Power", evse={"id": 1}, value=5_000, type="UpperThreshold", severity=4)
    (result,) = (await central2.call("SetVariableMonitoring", setMonitoringData=[monitor]))["setMonitoringResult"]
    assert result["status"] == "Accepted"
    await charge(station2)
    clock.advance(60)
    (event,) = (await central2.expect("NotifyEvent"))["eventData"]
    assert event["variableMonitoringId"] == result["id"]
    assert event["trigger"] == "Alerting"
    assert float(event["actualValue"]) > 5_000
    await station2.swipe(1, "04A2C19B")
    cleared = asyncio.create_task(central2.expect("NotifyEvent"))
    while not cleared.done():
        clock.advance(1)
        await asyncio.sleep(0)
    assert cleared.result()["eventData"][0]["cleared"] is True


async def test_monitors_are_reported_and_cleared(central2: Central, station2: SimulatedStation) -> None:
    power = variable("EVSE", "Power", evse={"id": 1}, value=5_000, type="UpperThreshold", severity=4)
    state = variable("Connector", "AvailabilityState", value=1, type="Delta", severity=6)
    state["component"]["evse"] = {"id": 1, "connectorId": 1}
    model = variable("ChargingStation", "Model", value=1, type="Delta", severity=6)
    answer = await central2.call("SetVariableMonitoring", setMonitoringData=[power, state, model, power])
    assert [one["status"] for one in answer["setMonitoringResult"]] == [
        "Accepted",
        "Accepted",
        "UnsupportedMonitorType",
        "Duplicate",
    ]
    first, second = (one["id"] for one in answer["setMonitoringResult"][:2])
    assert await central2.call("GetMonitoringReport", requestId=3) == ACCEPTED
    report = await central2.expect("NotifyMonitoringReport", requestId=3)
    assert [one["variableMonitoring"][0]["id"] for one in report["monitor"]] == [first, second]
    deltas = {"requestId": 4, "monitoringCriteria": ["DeltaMonitoring"]}
    assert await central2.call("GetMonitoringReport", **deltas) == ACCEPTED
    cleared = await central2.call("ClearVariableMonitoring", id=[first, 99])
    assert [one["status"] for one in cleared["clearMonitoringResult"]] == ["Accepted", "NotFound"]
    assert await central2.call("SetMonitoringLevel", severity=3) == ACCEPTED
    assert await central2.call("SetMonitoringBase", monitoringBase="HardWiredOnly") == ACCEPTED
    assert (await central2.call("GetMonitoringReport", requestId=5))["status"] == "EmptyResultSet"


# --- cards and reservations -------------------------------------------------------------------------------------


async def test_the_local_list_decides_offline(central2: Central, station2: SimulatedStation) -> None:
    def entry(card: str, status: str) -> dict[str, Any]:
        return {"idToken": {"idToken": card, "type": "ISO14443"}, "idTokenInfo": {"status": status}}

    listed = [entry("LISTED", "Accepted"), entry("BAD", "Blocked")]
    sent = {"versionNumber": 3, "updateType": "Full", "localAuthorizationList": listed}
    assert await central2.call("SendLocalList", **sent) == ACCEPTED
    assert await central2.call("GetLocalListVersion") == {"versionNumber": 3}
    old = await central2.call("SendLocalList", versionNumber=2, updateType="Differential")
    assert old == {"status": "VersionMismatch"}
    await station2.drop_connection(away_s=60)
    assert await station2.swipe(1, "BAD") is Verdict.BLOCKED
    assert await station2.swipe(1, "listed") is Verdict.ACCEPTED


async def test_a_cleared_cache_forgets(central2: Central, station2: SimulatedStation) -> None:
    await charge(station2)
    await station2.swipe(1, "04A2C19B")
    assert await central2.call("ClearCache") == ACCEPTED
    await station2.drop_connection(away_s=60)
    assert await station2.swipe(1, "04A2C19B") is Verdict.INVALID


async def test_a_reservation_keeps_an_evse_until_used_cancelled_or_expired(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    guest = {"idToken": "GUEST", "type": "ISO14443"}
    request = {"id": 8, "evseId": 1, "idToken": guest, "expiryDateTime": "2026-03-14T10:00:00Z"}
    assert await central2.call("ReserveNow", **request) == ACCEPTED
    await central2.expect("StatusNotification", connectorStatus="Reserved")
    assert await station2.swipe(1, "OTHER") is Verdict.OUT_OF_SERVICE
    assert await central2.call("ReserveNow", **{**request, "id": 9}) == {"status": "Occupied"}
    await station2.plug_in(1, Car())
    await station2.swipe(1, "GUEST")
    assert (await central2.expect("TransactionEvent", eventType="Started"))["reservationId"] == 8
    await station2.unplug(1)
    assert (await central2.call("CancelReservation", reservationId=8))["status"] == "Rejected"
    await central2.call("ReserveNow", **request)
    assert await central2.call("CancelReservation", reservationId=8) == ACCEPTED
    await central2.call("ReserveNow", **request)
    clock.advance(3600)
    update = await central2.expect("ReservationStatusUpdate")
    assert update == {"reservationId": 8, "reservationUpdateStatus": "Expired"}


# --- logs, firmware, certificates -------------------------------------------------------------------------------


async def test_a_log_is_really_uploaded(
    central2: Central, station2: SimulatedStation, clock: ManualClock, files: FileServer
) -> None:
    request = {"logType": "DiagnosticsLog", "requestId": 4, "log": {"remoteLocation": f"{files.url}/in/"}}
    answer = await central2.call("GetLog", **request)
    assert answer["status"] == "Accepted"
    await central2.expect("LogStatusNotification", status="Uploading", requestId=4)
    uploaded = asyncio.create_task(central2.expect("LogStatusNotification", status="Uploaded", requestId=4))
    await pass_until(uploaded, clock)
    assert b"DiagnosticsLog of CP-1" in files.stored[f"/in/{answer['filename']}"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [(HTTPStatus.FORBIDDEN, "PermissionDenied"), (HTTPStatus.INTERNAL_SERVER_ERROR, "UploadFailure")],
)
async def test_a_log_that_is_not_taken(
    central2: Central,
    station2: SimulatedStation,
    clock: ManualClock,
    files: FileServer,
    answer: HTTPStatus,
    status: str,
) -> None:
    files.answer = answer
    location = {"remoteLocation": f"{files.url}/log"}
    await central2.call("GetLog", logType="SecurityLog", requestId=4, log=location)
    await central2.expect("LogStatusNotification", status="Uploading")
    refused = asyncio.create_task(central2.expect("LogStatusNotification", status=status, requestId=4))
    await pass_until(refused, clock)


async def test_a_second_log_cancels_the_first_and_ftp_is_not_spoken(
    central2: Central, station2: SimulatedStation, clock: ManualClock
) -> None:
    location = {"remoteLocation": "ftp://127.0.0.1/in"}
    await central2.call("GetLog", logType="DiagnosticsLog", requestId=1, log=location)
    answer = await central2.call("GetLog", logType="DiagnosticsLog", requestId=2, log=location)
    assert answer["status"] == "AcceptedCanceled"
    await central2.expect("LogStatusNotification", status="AcceptedCanceled", requestId=1)
    await central2.expect("LogStatusNotification", status="Uploading", requestId=2)
    done = central2.expect("LogStatusNotification", status="NotSupportedOperation", requestId=2)
    await pass_until(asyncio.create_task(done), clock)


def firmware_statuses(central: Central) -> list[str]:
    return [one.payload["status"] for one in central.received if one.action == "FirmwareStatusNotification"]


async def test_firmware_is_fetched_and_installed(
    central2: Central, station2: SimulatedStation, clock: ManualClock, files: FileServer
) -> None:
    files.stored["/fw.bin"] = b"new firmware"
    firmware = {"location": f"{files.url}/fw.bin", "retrieveDateTime": "2026-03-14T09:00:00Z"}
    assert await central2.call("UpdateFirmware", requestId=1, firmware=firmware) == ACCEPTED
    installed = asyncio.create_task(central2.expect("FirmwareStatusNotification", status="Installed"))
    await pass_until(installed, clock)
    assert firmware_statuses(central2) == ["Downloading", "Downloaded", "Installing", "InstallRebooting", "Installed"]
    boot = await central2.expect("BootNotification", reason="FirmwareUpdate")
    assert boot["chargingStation"]["firmwareVersion"] == "1.8.22"


async def test_signed_firmware_is_checked(
    central2: Central, station2: SimulatedStation, clock: ManualClock, files: FileServer
) -> None:
    signer = certificate_authority("Firmware")
    files.stored["/fw.bin"] = b"new firmware"
    firmware = {
        "location": f"{files.url}/fw.bin",
        "retrieveDateTime": "2026-03-14T09:00:00Z",
        "signingCertificate": signer.pem,
        "signature": signer.sign(b"other firmware"),
    }
    assert await central2.call("UpdateFirmware", requestId=1, firmware=firmware) == ACCEPTED
    await central2.expect("FirmwareStatusNotification", status="InvalidSignature")
    await central2.expect("SecurityEventNotification", type="InvalidFirmwareSignature")
    firmware["signature"] = signer.sign(b"new firmware")
    assert await central2.call("UpdateFirmware", requestId=2, firmware=firmware) == ACCEPTED
    await central2.expect("FirmwareStatusNotification", status="SignatureVerified", requestId=2)
    firmware["signingCertificate"] = "nothing of the kind"
    answer = await central2.call("UpdateFirmware", requestId=3, firmware=firmware)
    assert answer["status"] in ("InvalidCertificate", "Rejected")


async def test_firmware_that_is_not_there(
    central2: Central, station2: SimulatedStation, clock: ManualClock, files: FileServer
) -> None:
    firmware = {"location": f"{files.url}/missing", "retrieveDateTime": "2026-03-14T09:00:00Z"}
    await central2.call("UpdateFirmware", requestId=1, firmware=firmware, retries=1, retryInterval=0)
    await central2.expect("FirmwareStatusNotification", status="DownloadFailed")
    assert firmware_statuses(central2) == ["Downloading", "Downloading", "DownloadFailed"]


async def test_a_station_asks_for_its_certificate_and_takes_only_its_own(
    central2: Central, station2: SimulatedStation
) -> None:
    central2.answers["SignCertificate"] = lambda _: ACCEPTED
    authority = certificate_authority("Root")
    answer = await central2.call("TriggerMessage", requestedMessage="SignChargingStationCertificate")
    assert answer == ACCEPTED
    csr = x509.load_pem_x509_csr((await central2.expect("SignCertificate"))["csr"].encode())
    assert csr.is_signature_valid
    name = csr.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    assert name == station2.hardware.serial_number
    foreign = certificate_authority("Foreign").pem
    assert (await central2.call("CertificateSigned", certificateChain=foreign))["status"] == "Rejected"
    chain = authority.issue(csr)
    assert await central2.call("CertificateSigned", certificateChain=chain) == ACCEPTED
    assert (await central2.call("CertificateSigned", certificateChain=chain))["status"] == "Rejected"


async def test_roots_are_installed_listed_and_deleted(central2: Central, station2: SimulatedStation) -> None:
    root = certificate_authority("Root").pem
    assert await central2.call("GetInstalledCertificateIds") == {"status": "NotFound"}
    install = {"certificateType": "CSMSRootCertificate", "certificate": root}
    assert await central2.call("InstallCertificate", **install) == ACCEPTED
    broken = {"certificateType": "CSMSRootCertificate", "certificate": "no PEM"}
    assert (await central2.call("InstallCertificate", **broken))["status"] == "Rejected"
    listed = await central2.call("GetInstalledCertificateIds", certificateType=["CSMSRootCertificate"])
    (entry,) = listed["certificateHashDataChain"]
    assert entry["certificateType"] == "CSMSRootCertificate"
    hash_data = entry["certificateHashData"]
    assert await central2.call("DeleteCertificate", certificateHashData=hash_data) == ACCEPTED
    assert await central2.call("DeleteCertificate", certificateHashData=hash_data) == {"status": "NotFound"}


# --- messages, customers, costs ---------------------------------------------------------------------------------


async def test_display_messages_are_shown_reported_and_cleared(central2: Central, station2: SimulatedStation) -> None:
    def message(number: int, **more: Any) -> dict[str, Any]:
        text = {"format": "UTF8", "content": "Hello"}
        return {"id": number, "priority": "NormalCycle", "message": text, **more}

    assert await central2.call("SetDisplayMessage", message=message(1)) == ACCEPTED
    html = message(2, message={"format": "HTML", "content": "<b>"})
    assert (await central2.call("SetDisplayMessage", message=html))["status"] == "NotSupportedMessageFormat"
    lost = message(3, transactionId="nothing")
    assert (await central2.call("SetDisplayMessage", message=lost))["status"] == "UnknownTransaction"
    assert await central2.call("GetDisplayMessages", requestId=1) == ACCEPTED
    told = await central2.expect("NotifyDisplayMessages", requestId=1)
    assert told["messageInfo"] == [message(1)]
    assert await central2.call("ClearDisplayMessage", id=1) == ACCEPTED
    assert await central2.call("ClearDisplayMessage", id=1) == {"status": "Unknown"}
    assert await central2.call("GetDisplayMessages", requestId=2) == {"status": "Unknown"}


async def test_customer_information_is_told_and_forgotten(central2: Central, station2: SimulatedStation) -> None:
    await charge(station2)
    card = {"idToken": "04A2C19B", "type": "ISO14443"}
    request = {"requestId": 2, "report": True, "clear": True, "idToken": card}
    assert await central2.call("CustomerInformation", **request) == ACCEPTED
    told = await central2.expect("NotifyCustomerInformation", requestId=2)
    assert told["data"] == "04A2C19B: Accepted"
    assert await central2.call("CustomerInformation", **{**request, "requestId": 3}) == ACCEPTED
    assert (await central2.expect("NotifyCustomerInformation", requestId=3))["data"] == "Nothing is known."
    nobody = {"requestId": 4, "report": True, "clear": False}
    assert await central2.call("CustomerInformation", **nobody) == {"status": "Invalid"}


async def test_a_running_cost_is_taken(central2: Central, station2: SimulatedStation) -> None:
    transaction_id = await charge(station2)
    assert await central2.call("CostUpdated", transactionId=transaction_id, totalCost=1.23) == {}


async def test_network_profiles_may_not_be_less_secure(central2: Central, station2: SimulatedStation) -> None:
    connection = {
        "ocppInterface": "Wired0",
        "ocppTransport": "JSON",
        "messageTimeout": 30,
        "ocppCsmsUrl": "wss://csms.example",
        "securityProfile": 2,
        "ocppVersion": "OCPP20",
    }
    accepted = await central2.call("SetNetworkProfile", configurationSlot=2, connectionData=connection)
    assert accepted == ACCEPTED
    nowhere = await central2.call("SetNetworkProfile", configurationSlot=9, connectionData=connection)
    assert nowhere["status"] == "Rejected"
