"""Every status of every action of every OCPP version has words of its own, and they fit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

from console.csms.dialects import schemas
from console.csms.dialects.base import Wire
from console.csms.error_codes import Meaning, code_for
from console.csms.explain import Facts, explain, explain_error
from console.csms.explain.explain import WORDS, YES
from console.csms.explain.reasons import REASONS
from console.model.outcome import Result
from console.model.station import Station
from tests.unit.csms.rig import START

VERSIONS = ("1.6", "2.0.1", "2.1")
#: Beside the time, on a screen of 80 columns.
ROOM = 64
ASKED = Wire("ClearCache", {})
FACTS = Facts(Station("CP1"), START)
#: What a station asks of us: its answers are ours.
THEIRS = {
    "Authorize", "BatterySwap", "BootNotification", "ClearedChargingLimit", "ClosePeriodicEventStream",
    "DiagnosticsStatusNotification", "FirmwareStatusNotification", "Get15118EVCertificate", "GetCertificateChainStatus",
    "GetCertificateStatus", "Heartbeat", "LogStatusNotification", "MeterValues", "NotifyChargingLimit",
    "NotifyCustomerInformation", "NotifyDERAlarm", "NotifyDERStartStop", "NotifyDisplayMessages",
    "NotifyEVChargingNeeds", "NotifyEVChargingSchedule", "NotifyEvent", "NotifyMonitoringReport",
    "NotifyPeriodicEventStream", "NotifyPriorityCharging", "NotifyReport", "NotifySettlement",
    "NotifyWebPaymentStarted", "OpenPeriodicEventStream",
    "PublishFirmwareStatusNotification", "PullDynamicScheduleUpdate", "ReportChargingProfiles", "ReportDERControl",
    "ReservationStatusUpdate", "SecurityEventNotification", "SignCertificate", "SignedFirmwareStatusNotification",
    "StartTransaction", "StatusNotification", "StopTransaction", "TransactionEvent", "VatNumberValidation",
}  # fmt: skip


def fields(version: str, action: str) -> Iterator[tuple[str, list[str], dict[str, Any]]]:
    """Every field of an answer that is called a status, its words, and an answer that holds the first of these."""
    schema = schemas.schema(version, action, answer=True)
    definitions = schema.get("definitions", {})

    def resolved(node: dict[str, Any]) -> dict[str, Any]:
        return definitions[node["$ref"].rpartition("/")[2]] if "$ref" in node else node

    for name, node in schema.get("properties", {}).items():
        found = resolved(node)
        if name == "status" and "enum" in found:
            yield name, found["enum"], {}
        if found.get("type") == "array":
            for inner, part in resolved(found["items"]).get("properties", {}).items():
                if inner in ("status", "attributeStatus"):
                    yield inner, resolved(part)["enum"], {"list": name}


CASES = [
    (version, action, field, status, extra.get("list", ""))
    for version in VERSIONS
    for action in sorted(schemas.actions(version) - THEIRS)
    for field, statuses, extra in fields(version, action)
    for status in statuses
]


def fits(text: str, lines: int = 2) -> bool:
    """Whether a text has room."""
    return len(textwrap.wrap(text, ROOM)) <= lines


def test_the_schemas_are_looked_through() -> None:
    assert len(CASES) > 200
    assert {version for version, *_ in CASES} == set(VERSIONS)
    assert ("2.0.1", "SetVariables", "attributeStatus", "RebootRequired", "setVariableResult") in CASES


@pytest.mark.parametrize(("version", "action", "field", "status", "listed"), CASES)
def test_a_status_has_words_of_its_own(version: str, action: str, field: str, status: str, listed: str) -> None:
    result = {field: status}
    if listed:
        result |= {"component": {"name": "ClockCtrlr"}, "variable": {"name": "Time"}, "id": 7, "tariffId": "T1"}
    judged = explain(version, Wire(action, {}), {listed: [result]} if listed else result, FACTS)
    assert f"{action} answered" not in judged.text
    assert status in WORDS[action]
    assert judged.result is (Result.ACCEPTED if status in YES else Result.REJECTED)
    assert judged.text
    assert fits(judged.text)
    assert fits(judged.hint)


def test_no_words_are_for_what_does_not_exist() -> None:
    statuses = {(action, status) for _, action, _, status, _ in CASES}
    assert {(action, status) for action, held in WORDS.items() for status in held} == statuses


def test_what_is_no_yes_says_what_to_do_next() -> None:
    silent = {
        (action, status)
        for action, held in WORDS.items()
        for status, words in held.items()
        if status not in YES and not words.step
    }
    # There is nothing to be done where there is nothing.
    assert {status for _, status in silent} <= {"NoProfiles", "NoTariff", "NotFound"}


@pytest.mark.parametrize("code", sorted({code_for(version, each) for version in VERSIONS for each in Meaning}))
def test_an_error_code_has_words(code: str) -> None:
    judged = explain_error(ASKED, code, "", FACTS)
    assert judged.result is Result.ERROR
    assert code in judged.text
    assert judged.hint
    assert "OCPP knows no such code" not in judged.hint
    assert fits(judged.hint)


def test_an_error_code_of_nobody_is_told_as_it_came() -> None:
    judged = explain_error(ASKED, "Odd\x1b[2J" + "x" * 200, "y\n" * 400, FACTS)
    assert "\x1b" not in judged.text
    assert len(judged.text) < 300
    assert "OCPP knows no such code" in judged.hint


def test_every_standard_reason_has_words() -> None:
    enums = pytest.importorskip("ocpp.v201.enums")
    assert {each.value for each in enums.StatusInfoReasonType} <= set(REASONS)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_reason_is_told_with_the_next_step(code: str) -> None:
    answer = {"status": "Rejected", "statusInfo": {"reasonCode": code, "additionalInfo": "because"}}
    for action in ("RequestStartTransaction", "SetChargingProfile", "InstallCertificate"):
        judged = explain("2.1", Wire(action, {}), answer, FACTS)
        assert REASONS[code].text in judged.text
        assert "because" in judged.text
        assert judged.hint == REASONS[code].step
        assert fits(judged.text)
        assert fits(judged.hint)
