"""The 1.6 dialect: what is refused and how, what is tolerated, how times are read."""

from __future__ import annotations

from typing import Any

import pytest

from console.csms.dialects import dialect
from console.csms.dialects.times import read_time, write_time
from console.csms.dialects.tolerance import EVERYTHING, NOTHING, Rules
from console.csms.ports import Refusal
from console.csms.said.reports import Boot, MeterReport, StartReport, StatusReport
from tests.unit.csms.rig import START, start

BOOT = {"chargePointVendor": "Acme", "chargePointModel": "One"}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


def read(action: str, payload: Any, tolerated: Rules = EVERYTHING) -> tuple[Any, str]:
    """Read a request, which may be mended in place."""
    return dialect("1.6").read(action, payload, tolerated)


def code(action: str, payload: Any, tolerated: Rules = EVERYTHING) -> str:
    """The error code that a request is refused with."""
    refusal, problem = read(action, payload, tolerated)
    assert isinstance(refusal, Refusal), refusal
    assert problem
    assert len(refusal.description) <= 255
    return refusal.code


@pytest.mark.parametrize(
    "action", ["Foo", "", "heartbeat", "BootNotificationResponse", "../Heartbeat", "CustomOperation"]
)
def test_dx_t17_unknown_action(action: str) -> None:
    assert code(action, {}) == "NotImplemented"


@pytest.mark.parametrize("action", ["Reset", "RemoteStartTransaction", "TriggerMessage", "CertificateSigned", "GetLog"])
def test_dx_t18_known_action_of_the_other_direction(action: str) -> None:
    assert code(action, {}) == "NotSupported"


def test_dx_t19_missing_field() -> None:
    assert code("BootNotification", {"chargePointVendor": "Acme"}) == "OccurenceConstraintViolation"
    assert code("MeterValues", {"connectorId": 1, "meterValue": []}) == "OccurenceConstraintViolation"


def test_dx_t21_wrong_type() -> None:
    assert code("StatusNotification", {**STATUS, "connectorId": "1"}) == "TypeConstraintViolation"
    assert code("StatusNotification", {**STATUS, "connectorId": 1.5}) == "TypeConstraintViolation"
    assert code("StatusNotification", {**STATUS, "connectorId": True}) == "TypeConstraintViolation"


def test_dx_t22_outside_enumeration_or_length() -> None:
    assert code("StatusNotification", {**STATUS, "status": "Foo"}) == "PropertyConstraintViolation"
    assert code("DataTransfer", {"vendorId": "x", "messageId": "m" * 51}) == "PropertyConstraintViolation"
    assert code("StatusNotification", {**STATUS, "connectorId": -1}) == "PropertyConstraintViolation"
    assert code("StatusNotification", {**STATUS, "connectorId": 10**30}) == "PropertyConstraintViolation"


@pytest.mark.parametrize("payload", [[], "text", 7, None, True])
def test_a_payload_that_is_no_object(payload: Any) -> None:
    assert code("Heartbeat", payload) == "FormationViolation"


def test_dx_t23_additional_property() -> None:
    request, problem = read("Authorize", {"idTag": "TAG1", "connectorId": 1})
    assert request.id_token == "TAG1"
    assert problem == "tolerated: has connectorId, which OCPP does not know"
    assert code("Authorize", {"idTag": "TAG1", "connectorId": 1}, NOTHING) == "FormationViolation"


def test_dx_t24_null_for_something_optional() -> None:
    request, problem = read("StartTransaction", {**start(), "reservationId": None})
    assert isinstance(request, StartReport)
    assert problem == "tolerated: reservationId is not of type integer"
    assert code("StartTransaction", {**start(), "reservationId": None}, NOTHING) == "TypeConstraintViolation"
    assert code("StartTransaction", {**start(), "idTag": None}) == "TypeConstraintViolation"


def test_quirk_31_a_tag_one_character_too_long() -> None:
    tag = "X16WG99J2QIEGCC0MCJ5-"
    request, problem = read("StartTransaction", start(tag=tag))
    assert isinstance(request, StartReport)
    assert request.id_token == tag
    assert problem == "tolerated: idTag is longer than 20"
    assert code("StartTransaction", start(tag="X" * 256)) == "PropertyConstraintViolation"
    assert code("StartTransaction", start(tag=tag), NOTHING) == "PropertyConstraintViolation"


def test_quirk_40_a_serial_number_that_is_too_long() -> None:
    request, problem = read("BootNotification", {**BOOT, "chargeBoxSerialNumber": "E" * 34})
    assert isinstance(request, Boot)
    assert request.serial_number == "E" * 34
    assert problem == "tolerated: chargeBoxSerialNumber is longer than 25"


def test_quirk_41_and_42_empty_texts_are_nothing() -> None:
    request, problem = read("BootNotification", {**BOOT, "chargePointVendor": "", "iccid": "", "meterSerialNumber": ""})
    assert (request.vendor, request.iccid, request.meter_serial_number, problem) == ("", "", "", "")


def test_quirk_44_an_error_code_of_its_own() -> None:
    request, problem = read("StatusNotification", {**STATUS, "errorCode": "Error"})
    assert isinstance(request, StatusReport)
    assert request.error_code == "Error"
    assert problem == "tolerated: errorCode is none of the values that OCPP knows"


@pytest.mark.parametrize(
    "sample",
    [
        {"value": "50", "unit": "Hz", "measurand": "Frequency"},
        {"value": "50", "unit": "Herz"},
        {"value": 604.213},
        {"value": "1", "measurand": "Power.Acme"},
        {"value": "1", "context": "Whatever", "phase": "L4", "location": "Roof"},
    ],
)
def test_quirks_45_and_53_odd_samples(sample: dict[str, Any]) -> None:
    payload = {"connectorId": 1, "meterValue": [{"timestamp": "2026-11-21T12:00:00Z", "sampledValue": [dict(sample)]}]}
    request, problem = read("MeterValues", payload)
    assert isinstance(request, MeterReport)
    assert next(iter(request.measurements[0].samples)).value == float(sample["value"])
    assert problem.startswith("tolerated: meterValue[0].sampledValue[0].")


def test_a_stop_with_a_reason_of_its_own_is_no_session_lost() -> None:
    payload = {"transactionId": 1, "meterStop": 1, "timestamp": "2026-11-21T12:00:00Z", "reason": "Timeout"}
    assert read("StopTransaction", payload)[0].reason == "Timeout"


def test_many_deviations_are_told_shortly() -> None:
    payload = {"idTag": "TAG1"} | {f"x{number}": 1 for number in range(10)}
    assert read("Authorize", payload)[1].endswith("and 7 more")


def test_a_fault_beside_a_tolerated_one_is_refused() -> None:
    payload = {**start(), "reservationId": "one", "extra": 1}
    assert code("StartTransaction", payload) == "TypeConstraintViolation"
    assert "extra" in payload  # nothing was mended


def test_refusals_never_repeat_the_payload() -> None:
    refusal, problem = read("Authorize", {"idTag": {"secret": "s3cr3t" * 1000}})
    assert isinstance(refusal, Refusal)
    assert "s3cr3t" not in refusal.description + problem


@pytest.mark.parametrize(
    "payload",
    [
        {"idTag": "\ud800"},
        {"idTag": "TAG1", "\ud800": 1},
        {"idTag": 10**5000},
        {"idTag": float("nan")},
        {"idTag": "TAG1", "deep": [[[[[[[[[[]]]]]]]]]]},
    ],
)
def test_nothing_that_json_can_hold_is_too_much(payload: Any) -> None:
    read("Authorize", payload)


@pytest.mark.parametrize(
    ("text", "seconds", "problem"),
    [
        ("2026-11-21T12:00:02Z", 2.0, ""),
        ("2026-11-21T12:00:02z", 2.0, ""),
        ("2026-11-21T14:00:02+02:00", 2.0, ""),
        ("2026-11-21T14:00:02+0200", 2.0, ""),
        ("2026-11-21T14:00:02+02", 2.0, ""),
        ("2026-11-21T12:00:02.1234567891Z", 2.123456, ""),
        ("2026-11-21T12:00:02.5Z", 2.5, ""),
        ("2026-11-21 12:00:02", 2.0, "time without an offset, taken as UTC"),
    ],
)
def test_dx_t44_times_are_read_in_any_form(text: str, seconds: float, problem: str) -> None:
    moment, said = read_time(text)
    assert moment is not None
    assert (moment - START).total_seconds() == pytest.approx(seconds)
    assert said == problem


@pytest.mark.parametrize(
    "text", ["banana", "", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "\ud800", "9" * 5000]
)
def test_what_is_no_time_is_none(text: str) -> None:
    moment, said = read_time(text)
    assert moment is None
    assert "is not a time" in said
    assert len(said) < 80


def test_dx_t46_times_are_written_in_utc_with_milliseconds() -> None:
    assert write_time(START.replace(microsecond=123_999)) == "2026-11-21T12:00:00.123Z"
    assert write_time(START) == "2026-11-21T12:00:00.000Z"


def test_a_time_that_is_none_is_told_and_tolerated() -> None:
    request, problem = read("StatusNotification", {**STATUS, "timestamp": "banana"})
    assert isinstance(request, StatusReport)
    assert request.at is None
    assert problem == '"banana" is not a time'
