"""What stations of every version tell and ask beyond charging: each action is kept, and answered as OCPP has it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from console.csms.dialects import schemas
from console.csms.ports import Refusal
from console.model.change import NoticeKind, RecordKept, ReservationEnded
from console.model.record import RecordKind, Severity, StationRecord
from console.model.station import ConnectorStatus
from console.model.text import plain
from tests.unit.csms.payloads import payloads
from tests.unit.csms.rig import Charger, Rig

K = RecordKind
AT = "2026-11-21T12:00:00Z"
HASH = {"hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "1f"}

#: Which kind of record each action leaves behind.
KINDS_16 = {
    "DiagnosticsStatusNotification": K.LOG,
    "FirmwareStatusNotification": K.FIRMWARE,
    "LogStatusNotification": K.LOG,
    "SecurityEventNotification": K.SECURITY_EVENT,
    "SignedFirmwareStatusNotification": K.FIRMWARE,
}
KINDS_201 = {
    "ClearedChargingLimit": K.CHARGING_LIMIT,
    "FirmwareStatusNotification": K.FIRMWARE,
    "Get15118EVCertificate": K.CONTRACT_CERTIFICATE,
    "GetCertificateStatus": K.CERTIFICATE_STATUS,
    "LogStatusNotification": K.LOG,
    "NotifyChargingLimit": K.CHARGING_LIMIT,
    "NotifyCustomerInformation": K.CUSTOMER_INFORMATION,
    "NotifyDisplayMessages": K.DISPLAY_MESSAGES,
    "NotifyEVChargingNeeds": K.CHARGING_NEEDS,
    "NotifyEVChargingSchedule": K.EV_SCHEDULE,
    "NotifyEvent": K.EVENT,
    "PublishFirmwareStatusNotification": K.FIRMWARE,
    "ReservationStatusUpdate": K.RESERVATION,
    "SecurityEventNotification": K.SECURITY_EVENT,
}
KINDS_21 = KINDS_201 | {
    "BatterySwap": K.BATTERY_SWAP,
    "ClosePeriodicEventStream": K.EVENT_STREAM,
    "GetCertificateChainStatus": K.CERTIFICATE_STATUS,
    "NotifyDERAlarm": K.DER_ALARM,
    "NotifyDERStartStop": K.DER_CONTROL,
    "NotifySettlement": K.SETTLEMENT,
    "OpenPeriodicEventStream": K.EVENT_STREAM,
    "ReportDERControl": K.DER_CONTROL,
    "VatNumberValidation": K.VAT_NUMBER,
}
KINDS = {"1.6": KINDS_16, "2.0.1": KINDS_201, "2.1": KINDS_21}


@pytest.mark.parametrize(
    ("version", "action"), [(version, action) for version, kinds in KINDS.items() for action in kinds]
)
@settings(
    max_examples=4,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data(), full=st.booleans())
def test_every_action_is_kept_and_answered_whatever_it_says(
    version: str, action: str, data: st.DataObject, full: bool
) -> None:
    charger = Rig().charger(version=version)
    payload = data.draw(payloads(schemas.schema(version, action), full=full))
    said = json.loads(json.dumps(payload))
    reply = charger.reply(charger.send(action, payload))
    assert isinstance(reply, dict), reply
    assert schemas.checker(version, action, answer=True).accepts(reply), reply
    kept = [change.record for change in charger.rig.journal.of(RecordKept)]
    empty = said.get("status") == "Idle" or [] in (said.get("eventData"), said.get("batteryData"))
    assert {record.kind for record in kept} == (set() if empty else {KINDS[version][action]})
    assert all(plain(record.summary) == record.summary for record in kept)


def newest(charger: Charger) -> StationRecord:
    record: StationRecord = charger.rig.journal.of(RecordKept)[-1].record
    return record


@pytest.fixture
def modern(rig: Rig) -> Charger:
    return rig.charger(version="2.1")


# --- events ---


def event(**fields: Any) -> dict[str, Any]:
    one = {
        "eventId": 1,
        "timestamp": AT,
        "trigger": "Alerting",
        "actualValue": "85",
        "component": {"name": "Controller", "evse": {"id": 2, "connectorId": 1}},
        "variable": {"name": "Temperature", "instance": "Inner"},
        "eventNotificationType": "CustomMonitor",
        "variableMonitoringId": 7,
    } | fields
    return {"generatedAt": AT, "seqNo": 0, "eventData": [one]}


def test_a_monitor_that_trips_is_an_alarm_until_it_is_cleared(rig: Rig, modern: Charger) -> None:
    modern.ask("NotifyEvent", event(severity=3, techInfo="fan 2"))
    alarm = newest(modern)
    assert (alarm.key, alarm.summary) == (
        "EVSE 2 connector 1 Controller.Temperature[Inner] monitor 7",
        "EVSE 2 connector 1 Controller.Temperature[Inner] = 85 fan 2",
    )
    assert (alarm.severity, alarm.standing, alarm.evse_id) == (Severity.BAD, True, 2)
    assert rig.journal.site.notices[-1].kind is NoticeKind.BAD
    modern.ask("NotifyEvent", event(severity=3, actualValue="40", cleared=True, timestamp="2026-11-21T12:01:00Z"))
    assert (newest(modern).severity, newest(modern).standing) == (Severity.INFO, False)
    assert rig.journal.site.notices[-1].kind is NoticeKind.GOOD
    assert "(cleared)" in rig.journal.texts()[-1]


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"severity": 0}, Severity.BAD),
        ({"severity": 4}, Severity.BAD),
        ({"severity": 5}, Severity.WARNING),
        ({"severity": 8}, Severity.INFO),
        ({}, Severity.WARNING),
        ({"trigger": "Periodic", "severity": 0}, Severity.INFO),
        ({"trigger": "Delta", "variable": {"name": "Problem"}, "actualValue": "true"}, Severity.BAD),
        ({"trigger": "Delta", "variable": {"name": "Problem"}, "actualValue": "false"}, Severity.INFO),
    ],
)
def test_how_bad_an_event_is(modern: Charger, fields: dict[str, Any], severity: Severity) -> None:
    modern.ask("NotifyEvent", event(**fields))
    assert newest(modern).severity is severity


def test_tc_g_20_a_lock_failure_is_an_alarm_that_is_seen(rig: Rig) -> None:
    modern = rig.charger(version="2.0.1")
    lock = {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}}
    modern.ask("NotifyEvent", event(component=lock, variable={"name": "Problem"}, actualValue="true"))
    assert "ConnectorPlugRetentionLock.Problem = true" in rig.journal.texts()[-1]
    assert rig.journal.site.notices[-1].kind is NoticeKind.BAD


def test_a_connectors_state_may_come_as_an_event(modern: Charger) -> None:
    connector = {"name": "Connector", "evse": {"id": 1, "connectorId": 2}}
    said = event(component=connector, variable={"name": "AvailabilityState"}, actualValue="Occupied", trigger="Delta")
    modern.ask("NotifyEvent", said)
    held = modern.known.connector(1, 2)
    assert held is not None
    assert held.status is ConnectorStatus.OCCUPIED
    modern.ask("NotifyEvent", said | {"eventData": [said["eventData"][0] | {"actualValue": "Faulted"}]})
    assert modern.known.alarms == 0  # the fault is shown by the connector, and told once
    assert modern.rig.journal.texts()[-1] == "CP1 connector 1: FAULT"


# --- limits, needs ---


def limit(source: str, evse_id: int | None, amp: float, **more: Any) -> dict[str, Any]:
    periods = [{"startPeriod": 0, "limit": amp}, {"startPeriod": 60, "limit": 32}]
    said: dict[str, Any] = {
        "chargingLimit": {"chargingLimitSource": source, **more},
        "chargingSchedule": [{"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": periods}],
    }
    return said if evse_id is None else said | {"evseId": evse_id}


def test_tc_k_48_50_a_limit_from_outside_stands_until_it_is_released(rig: Rig, modern: Charger) -> None:
    modern.ask("NotifyChargingLimit", limit("EMS", 1, 16))
    assert (newest(modern).summary, newest(modern).standing) == ("EMS EVSE 1: 16 to 32 A", True)
    modern.ask("ClearedChargingLimit", {"chargingLimitSource": "EMS", "evseId": 1})
    assert (newest(modern).summary, newest(modern).standing) == ("EMS EVSE 1: released", False)


def test_a_release_without_an_evse_is_for_all_of_them(rig: Rig, modern: Charger) -> None:
    for evse_id in (1, 2):
        modern.ask("NotifyChargingLimit", limit("EMS", evse_id, 16))
    modern.ask("NotifyChargingLimit", limit("SO", 1, 16, isGridCritical=True))
    assert newest(modern).severity is Severity.WARNING
    modern.ask("ClearedChargingLimit", {"chargingLimitSource": "EMS"})
    held = rig.csms._state.records("CP1", K.CHARGING_LIMIT)
    assert [key for key, record in held.items() if record.standing] == ["SO 1"]


@pytest.mark.parametrize(("version", "status"), [("2.0.1", "Rejected"), ("2.1", "NoChargingProfile")])
def test_an_evs_needs_are_kept_and_no_profile_is_promised(rig: Rig, version: str, status: str) -> None:
    charger = rig.charger(version=version)
    needs = {
        "requestedEnergyTransfer": "AC_three_phase",
        "departureTime": "2026-11-21T18:30:00+01:00",
        "acChargingParameters": {"energyAmount": 22000, "evMinCurrent": 6, "evMaxCurrent": 32, "evMaxVoltage": 400},
    }
    reply = charger.ask("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": needs})
    assert (reply["status"], reply["statusInfo"]["reasonCode"]) == (status, "UnsupportedRequest")
    assert newest(charger).summary == "EVSE 1: AC_three_phase, 22 kWh, up to 32 A, leaves 2026-11-21 17:30 UTC"


def test_tc_h_07_a_reservation_that_expired_is_over(rig: Rig, modern: Charger) -> None:
    assert modern.ask("ReservationStatusUpdate", {"reservationId": 5, "reservationUpdateStatus": "Expired"}) == {}
    assert newest(modern).summary == "reservation 5: expired"
    assert rig.journal.of(ReservationEnded) == [ReservationEnded("CP1", 5)]


# --- reports in parts ---


def test_tc_r_der_controls_and_display_messages_are_put_together(rig: Rig, modern: Charger) -> None:
    for number, more in ((1, True), (2, False)):
        message = {"id": number, "priority": "InFront", "message": {"format": "UTF8", "content": f"Hej {number}"}}
        modern.ask("NotifyDisplayMessages", {"requestId": 3, "tbc": more, "messageInfo": [message]})
    assert (newest(modern).key, newest(modern).summary) == ("request 3", "2 display messages")
    modern.ask("NotifyDisplayMessages", {"requestId": 4})
    assert newest(modern).summary == "no display messages"


# --- 2.1 ---


def test_tc_n_105_a_stream_is_opened_filled_and_closed(rig: Rig, modern: Charger) -> None:
    stream = {"id": 3, "variableMonitoringId": 7, "params": {"interval": 5}}
    assert modern.ask("OpenPeriodicEventStream", {"constantStreamData": stream}) == {"status": "Accepted"}
    assert (newest(modern).summary, newest(modern).standing) == ("open: monitor 7, every 5 s", True)
    data = [{"t": 0.5, "v": "21.5"}]
    modern.send("NotifyPeriodicEventStream", {"id": 3, "pending": 0, "basetime": AT, "data": data})
    assert newest(modern).summary == "monitor 7: newest value 21.5"
    modern.ask("ClosePeriodicEventStream", {"id": 3})
    closed = newest(modern)
    assert (closed.summary, closed.standing) == ("closed", False)
    assert (closed.details["variableMonitoringId"], closed.details["samples"]) == (7, data)


def test_tc_r_108_a_der_alarm_stands_until_it_ends(rig: Rig, modern: Charger) -> None:
    alarm = {"controlType": "VoltVar", "gridEventFault": "OverVoltage", "timestamp": AT}
    modern.ask("NotifyDERAlarm", alarm)
    assert (newest(modern).severity, newest(modern).standing) == (Severity.WARNING, True)
    modern.ask("NotifyDERAlarm", alarm | {"alarmEnded": True})
    assert (newest(modern).summary, newest(modern).standing) == ("VoltVar OverVoltage (over)", False)
    assert len(rig.csms._state.records("CP1", K.DER_ALARM)) == 1


def test_tc_c_119_120_a_settlement_that_failed_is_seen(rig: Rig, modern: Charger) -> None:
    said = {"pspRef": "P1", "status": "Failed", "settlementAmount": 12.5, "settlementTime": AT, "transactionId": "t1"}
    assert modern.ask("NotifySettlement", said) == {}
    assert (newest(modern).summary, newest(modern).severity) == ("Failed: 12.5 for transaction t1", Severity.WARNING)


def test_tc_c_108_a_vat_number_is_not_validated_here(modern: Charger) -> None:
    reply = modern.ask("VatNumberValidation", {"vatNumber": "SE123", "evseId": 2})
    assert (reply["status"], reply["vatNumber"], reply["evseId"]) == ("Rejected", "SE123", 2)
    assert "company" not in reply


def test_tc_s_103_batteries_are_named_one_by_one(rig: Rig, modern: Charger) -> None:
    battery = {"serialNumber": "B1", "soC": 80, "soH": 98.5, "evseId": 2}
    said = {
        "requestId": 9,
        "eventType": "BatteryOut",
        "idToken": {"idToken": "1234", "type": "KeyCode"},
        "batteryData": [battery, battery | {"serialNumber": "B2"}],
    }
    modern.ask("BatterySwap", said)
    held = rig.csms._state.records("CP1", K.BATTERY_SWAP)
    assert list(held) == ["9 BatteryOut B1", "9 BatteryOut B2"]
    assert newest(modern).summary == "battery taken out at slot 2: B2, charge 80 %, health 98.5 %"
    assert "1234" not in str(newest(modern).details)


# --- certificates: nobody is asked at an address that a station names ---


def test_dx_s13_no_responder_is_asked(modern: Charger) -> None:
    asked = {"certificateHashData": HASH, "source": "OCSP", "urls": ["http://169.254.169.254/"]}
    reply = modern.ask("GetCertificateChainStatus", {"certificateStatusRequests": [asked]})
    (status,) = reply["certificateStatus"]
    assert (status["status"], status["certificateHashData"]) == ("Failed", HASH)
    reply = modern.ask("GetCertificateStatus", {"ocspRequestData": HASH | {"responderURL": "http://169.254.169.254/"}})
    assert reply["status"] == "Failed"
    assert "ocspResult" not in reply


def test_there_is_no_contract_pool(modern: Charger) -> None:
    said = {"iso15118SchemaVersion": "urn:iso:15118:2", "action": "Install", "exiRequest": "AA=="}
    reply = modern.ask("Get15118EVCertificate", said)
    assert (reply["status"], reply["exiResponse"]) == ("Failed", "")


def test_an_unknown_action_is_still_unknown(modern: Charger) -> None:
    assert isinstance(modern.reply(modern.send("NotifyWeather", {})), Refusal)
