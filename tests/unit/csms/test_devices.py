"""What stations report of themselves."""

from __future__ import annotations

from console.csms.stations.devices import MOST_CONNECTORS
from console.model.change import NoticeKind, StationChanged, StationSeen
from console.model.make import Tolerance
from console.model.station import ConnectorStatus
from tests.unit.csms.rig import Charger, Rig


def test_connectors_are_known_by_what_they_report(charger: Charger) -> None:
    charger.status(2, "Charging", at=100)
    charger.status(1, "Available")
    assert [(each.evse_id, each.connector_id, each.status) for each in charger.known.connectors] == [
        (1, 1, ConnectorStatus.AVAILABLE),
        (2, 1, ConnectorStatus.CHARGING),
    ]


def test_connector_0_is_the_station(charger: Charger) -> None:
    charger.status(0, "Unavailable", info="night")
    assert charger.known.status is ConnectorStatus.UNAVAILABLE
    assert charger.known.info == "night"
    assert charger.known.connectors == ()


def test_dx_x20_an_old_state_does_not_replace_a_newer_one(charger: Charger) -> None:
    charger.status(1, "Charging", at=500)
    charger.status(1, "Faulted", at=100)
    assert charger.connector(1).status is ConnectorStatus.CHARGING
    assert "older than the state" in charger.problem
    charger.status(1, "Available", at=501)
    assert charger.connector(1).status is ConnectorStatus.AVAILABLE


def test_a_state_that_is_reported_again_stands_since_it_began(charger: Charger) -> None:
    charger.status(1, "Charging", at=100)
    told = len(charger.rig.journal.of(StationChanged))
    charger.status(1, "Charging", at=300)
    assert charger.connector(1).changed_at == charger.time(100)
    assert len(charger.rig.journal.of(StationChanged)) == told
    charger.status(1, "Available", at=200)
    assert charger.connector(1).status is ConnectorStatus.CHARGING
    assert "older than the state" in charger.problem
    charger.status(1, "Charging", error="HighTemperature", at=400)
    assert charger.connector(1).changed_at == charger.time(400)


def test_a_clock_that_was_ahead_does_not_freeze_the_state(charger: Charger) -> None:
    charger.status(1, "Charging", at=2 * 3600)
    charger.rig.clock.advance(10)
    charger.status(1, "Available", at=1010)
    assert charger.connector(1).status is ConnectorStatus.AVAILABLE


def test_dx_t45_a_clock_of_1970_does_not_hide_a_new_state(charger: Charger) -> None:
    charger.status(1, "Charging", at=500)
    charger.ask(
        "StatusNotification",
        {"connectorId": 1, "status": "Faulted", "errorCode": "NoError", "timestamp": "1970-01-01T00:00:10Z"},
    )
    assert charger.connector(1).status is ConnectorStatus.FAULTED
    assert charger.connector(1).changed_at == charger.rig.clock.now()


def test_a_fault_is_told_when_it_comes_and_when_it_goes(rig: Rig, charger: Charger) -> None:
    charger.status(1, "Available")
    before = len(rig.journal.texts())
    charger.status(1, "Faulted", error="GroundFailure")
    charger.status(1, "Faulted", error="GroundFailure")
    charger.status(1, "Available")
    assert rig.journal.texts()[before:] == [
        "CP1 connector 1: FAULT GroundFailure",
        "CP1 connector 1: FAULT GroundFailure is over",
    ]
    assert [notice.kind for notice in rig.journal.site.notices[before:]] == [NoticeKind.BAD, NoticeKind.GOOD]


def test_tc_024_a_lock_failure_is_a_fault_and_no_session(charger: Charger) -> None:
    charger.ask("Authorize", {"idTag": "TAG1"})
    charger.status(1, "Faulted", error="ConnectorLockFailure")
    assert charger.connector(1).error_code == "ConnectorLockFailure"
    assert charger.running() == []


def test_no_error_raises_no_alarm_whatever_the_vendor_adds(rig: Rig, charger: Charger) -> None:
    before = rig.journal.texts()
    charger.status(1, "Available", vendorErrorCode="0x0000", info="null")
    assert rig.journal.texts() == before
    assert (charger.connector(1).error_code, charger.connector(1).vendor_error_code) == ("", "0x0000")


def test_an_error_code_of_its_own_is_kept_as_it_came() -> None:
    charger = Rig(tolerance=Tolerance.LENIENT).charger()
    charger.status(1, "Faulted", error="Error")
    assert charger.connector(1).error_code == "Error"
    assert charger.problem.startswith("tolerated: errorCode")


def test_connectors_are_bounded(charger: Charger) -> None:
    for number in range(1, MOST_CONNECTORS + 10):
        charger.status(number, "Available")
    assert len(charger.known.connectors) == MOST_CONNECTORS
    assert "left out" in charger.problem
    charger.status(1, "Charging")
    assert charger.connector(1).status is ConnectorStatus.CHARGING


def test_firmware_and_diagnostics_are_followed(rig: Rig, charger: Charger) -> None:
    for action in ("FirmwareStatusNotification", "SignedFirmwareStatusNotification"):
        assert charger.ask(action, {"status": "Downloading"}) == {}
        assert charger.known.firmware_status == "Downloading"
        assert charger.ask(action, {"status": "InstallationFailed"}) == {}
        assert rig.journal.site.notices[-1].kind is NoticeKind.BAD
    assert charger.ask("DiagnosticsStatusNotification", {"status": "Uploaded"}) == {}
    assert charger.known.diagnostics_status == "Uploaded"
    assert charger.ask("LogStatusNotification", {"status": "Uploading", "requestId": 1}) == {}
    assert charger.known.diagnostics_status == "Uploading"


def test_dx_s16_a_security_event_of_an_unknown_kind_is_told(rig: Rig, charger: Charger) -> None:
    event = {"type": "Gremlins", "timestamp": "2026-11-21T12:00:00Z", "techInfo": "[red]\u001b[2J"}
    assert charger.ask("SecurityEventNotification", event) == {}
    assert rig.journal.texts()[-1] == "CP1 security event: Gremlins ([red]�[2J)"


def test_a_certificate_is_not_signed_here(charger: Charger) -> None:
    assert charger.ask("SignCertificate", {"csr": "pem"}) == {"status": "Rejected"}


def test_tc_064_vendor_data_of_a_stranger(charger: Charger) -> None:
    reply = charger.ask("DataTransfer", {"vendorId": "org.example", "messageId": "x", "data": "y" * 100_000})
    assert reply == {"status": "UnknownVendorId"}
    assert "org.example" in charger.problem


def test_being_heard_is_told_once_a_second(rig: Rig, charger: Charger) -> None:
    rig.clock.advance(10)
    before = len(rig.journal.of(StationSeen))
    for _ in range(5):
        charger.ask("Heartbeat", {})
    assert len(rig.journal.of(StationSeen)) == before + 1
    rig.clock.advance(1)
    charger.ask("Heartbeat", {})
    assert rig.journal.site.seen["CP1"].at == rig.clock.now()
