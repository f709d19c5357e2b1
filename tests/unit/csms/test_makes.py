"""What is tolerated of whom: by the make's profile, by the operator's choice, and of everybody in transactions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from console.csms.ports import CallLost
from console.csms.stations import manners
from console.model import command as commands
from console.model.make import Behaviour, Difference, Make, Tolerance, Toleration
from console.model.outcome import Result
from tests.unit.csms.rig import Charger, Rig, start, stop

LONG = {"chargePointVendor": "Longnames", "chargePointModel": "One", "chargePointSerialNumber": "S" * 40}
ERROR = {"connectorId": 1, "status": "Faulted", "errorCode": "Error"}
LONGNAMES = Make(
    "Long Names",
    vendor=("Longnames*",),
    differs=(Difference("serial numbers of 40 characters", "seen", (Toleration.LONG_SERIALS,)),),
)


def station(rig: Rig) -> Charger:
    return Charger(rig, "CP1").connect()


def treated(**behaviour: Any) -> Charger:
    """A station of a make that wants to be treated so."""
    return Rig(makes=[Make("Acme", vendor=("Acme",), behaviour=Behaviour(**behaviour))]).charger()


def test_who_is_not_listed_is_taken_at_the_word_of_ocpp() -> None:
    charger = station(Rig(makes=[LONGNAMES]))
    other = {**LONG, "chargePointVendor": "Other"}
    assert charger.refused("BootNotification", other).code == "PropertyConstraintViolation"
    charger.boot()
    assert charger.refused("StatusNotification", dict(ERROR)).code == "PropertyConstraintViolation"


def test_the_first_boot_is_read_by_what_it_says_of_its_make() -> None:
    charger = station(Rig(makes=[LONGNAMES]))
    assert charger.ask("BootNotification", dict(LONG))["status"] == "Accepted"
    assert charger.problem == "tolerated: chargePointSerialNumber is longer than 25"
    assert charger.known.serial_number == "S" * 40
    assert charger.known.profiles == ("Long Names",)
    assert charger.known.tolerated == ("serial numbers and names that are too long",)
    assert charger.refused("StatusNotification", dict(ERROR))  # that is not what this make is known for


def test_a_make_is_known_again_when_it_connects_again() -> None:
    charger = station(Rig(makes=[LONGNAMES]))
    charger.ask("BootNotification", dict(LONG))
    charger.disconnect()
    charger.connect()
    assert charger.known.profiles == ("Long Names",)
    assert charger.ask("BootNotification", {**LONG, "chargePointVendor": "Longnames 2"})


@pytest.mark.parametrize(
    ("action", "payload", "odd"),
    [
        ("StartTransaction", start(tag="T" * 30) | {"reservationId": None, "extra": 1}, "idTag is longer than 20"),
        ("StopTransaction", stop(7, reason="Sudden", extra=1), "reason is none"),
        (
            "MeterValues",
            {
                "connectorId": 1,
                "meterValue": [
                    {"timestamp": "2026-11-21T12:00:00Z", "sampledValue": [{"value": 1.5, "unit": "Hz", "x": 1}]}
                ],
            },
            "is not of type string",
        ),
    ],
)
async def test_no_transaction_is_lost_for_a_word(charger: Charger, action: str, payload: Any, odd: str) -> None:
    message_id = charger.send(action, payload)
    await asyncio.sleep(0)
    assert isinstance(charger.reply(message_id), dict)
    assert odd in charger.problem


async def test_the_operator_may_take_more_or_less(rig: Rig) -> None:
    charger = station(rig)
    charger.boot()
    lenient = await rig.csms.execute(commands.SetTolerance("CP1", Tolerance.LENIENT))
    assert lenient.ok
    assert lenient.text == "tolerated of CP1: whatever can be understood"
    assert charger.ask("StatusNotification", dict(ERROR)) == {}
    assert charger.known.tolerated == ("whatever can be understood",)
    assert (await rig.csms.execute(commands.SetTolerance("CP1", Tolerance.STRICT))).text == "tolerated of CP1: nothing"
    assert charger.refused("StopTransaction", stop(7, reason="Sudden")).code == "PropertyConstraintViolation"
    assert (await rig.csms.execute(commands.SetTolerance("CP1", Tolerance.PROFILE))).ok
    assert charger.ask("StartTransaction", start(tag="T" * 30))
    unknown = await rig.csms.execute(commands.SetTolerance("CP9", Tolerance.STRICT))
    assert unknown.result is Result.NOT_POSSIBLE


async def test_the_choice_outlives_connections_and_restarts(rig: Rig) -> None:
    charger = station(rig)
    charger.boot()
    await rig.csms.execute(commands.SetTolerance("CP1", Tolerance.LENIENT))
    charger.disconnect()
    rig.restart()
    charger.connect()
    assert charger.ask("BootNotification", dict(LONG))["status"] == "Accepted"


def test_a_refusal_tells_how_to_take_it_all_the_same(rig: Rig, charger: Charger) -> None:
    for _ in range(3):
        charger.refused("StatusNotification", dict(ERROR))
    (told,) = [text for text in rig.journal.texts() if "refused" in text]
    assert told.startswith("CP1: StatusNotification refused: errorCode is none of the values that OCPP knows. ")
    assert told.endswith("T on its screen, or :tolerance CP1 lenient")


def test_a_refusal_without_a_cure_promises_none(rig: Rig, charger: Charger) -> None:
    charger.refused("StatusNotification", {"connectorId": "one"})
    charger.refused("CustomOperation", {})
    told = [text for text in rig.journal.texts() if "refused" in text]
    assert len(told) == 1
    assert "lenient" not in told[0]


def test_refusals_without_end_are_not_told_without_end(rig: Rig, charger: Charger) -> None:
    for number in range(200):
        charger.refused("Authorize", {"idTag": "TAG1", f"x{number}": 1})
    assert len([text for text in rig.journal.texts() if "refused" in text]) <= 50


# --- how a make wants to be treated


def test_pings_and_silence_follow_the_profile() -> None:
    assert treated(server_pings=False).session.tuned == (False, 900.0)
    assert treated(idle_timeout_s=3600).session.tuned == (True, 3600.0)
    patient = Rig(heartbeat_interval_s=3600).charger()
    assert patient.session.tuned == (True, 3 * 3600.0)


async def test_hexadecimal_tags_only() -> None:
    charger = treated(hex_tags_only=True)
    charger.session.says["RemoteStartTransaction"] = {"status": "Accepted"}
    outcome = await charger.rig.csms.execute(commands.StartTransaction("CP1", 1, "TAG1"))
    assert outcome.result is Result.NOT_POSSIBLE
    assert outcome.text == "Acme takes only tags of hexadecimal digits, and TAG1 is none."
    assert charger.session.calls == []
    assert (await charger.rig.csms.execute(commands.StartTransaction("CP1", 1, "04aB"))).ok


async def test_the_connector_is_named() -> None:
    charger = treated(name_connector=True)
    charger.session.says["RemoteStartTransaction"] = charger.session.says["TriggerMessage"] = {"status": "Accepted"}
    charger.status(1, "Charging")
    charger.status(2, "Available")
    await charger.rig.csms.execute(commands.StartTransaction("CP1", 0, "TAG1"))
    await charger.rig.csms.execute(commands.TriggerMessage("CP1", "MeterValues"))
    await charger.rig.csms.execute(commands.TriggerMessage("CP1", "Heartbeat"))
    assert [payload.get("connectorId") for _, payload in charger.session.calls] == [2, 1, None]


async def test_all_settings_at_once_are_not_asked_for() -> None:
    charger = treated(read_all_settings=False)
    charger.session.says["GetConfiguration"] = {"configurationKey": []}
    outcome = await charger.rig.csms.execute(commands.ReadSettings("CP1"))
    assert (outcome.result, outcome.hint) == (Result.NOT_POSSIBLE, "Name the ones that you need.")
    assert (await charger.rig.csms.execute(commands.ReadSettings("CP1", ("HeartbeatInterval",)))).ok


async def test_nothing_is_asked_before_the_first_status() -> None:
    charger = treated(wait_for_status=True)
    charger.session.says["ClearCache"] = {"status": "Accepted"}
    asked = asyncio.create_task(charger.rig.csms.execute(commands.ClearCache("CP1")))
    for _ in range(5):
        await asyncio.sleep(0)
    assert charger.session.calls == []
    charger.status(1, "Available")
    assert (await asked).ok


async def test_nothing_is_asked_before_the_boot() -> None:
    charger = treated(wait_for_boot=True)
    charger.disconnect()
    charger.connect()
    charger.session.says["ClearCache"] = {"status": "Accepted"}
    asked = asyncio.create_task(charger.rig.csms.execute(commands.ClearCache("CP1")))
    for _ in range(5):
        await asyncio.sleep(0)
    assert charger.session.calls == []
    charger.boot()
    assert (await asked).ok


async def test_who_keeps_silent_is_asked_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manners, "PATIENCE_S", 0.01)
    charger = treated(wait_for_status=True)
    charger.session.says["ClearCache"] = {"status": "Accepted"}
    assert (await charger.rig.csms.execute(commands.ClearCache("CP1"))).ok


async def test_no_boot_is_triggered_where_that_does_harm() -> None:
    rig = Rig(makes=[Make("Acme", vendor=("Acme",), behaviour=Behaviour(trigger_boot=False))], accept_unknown=False)
    charger = station(rig)
    charger.boot()
    assert (await rig.csms.execute(commands.AcceptStation("CP1"))).ok
    assert charger.session.calls == []


async def test_a_station_that_answers_nothing_is_shown_as_unresponsive(rig: Rig, charger: Charger) -> None:
    for expected in (False, True):
        await rig.csms.execute(commands.ClearCache("CP1"))
        assert charger.known.unresponsive is expected
    charger.ask("Heartbeat", {})
    assert charger.known.unresponsive
    assert charger.session.closed is None
    charger.session.says["ClearCache"] = {"status": "Rejected"}
    await rig.csms.execute(commands.ClearCache("CP1"))
    assert not charger.known.unresponsive


async def test_going_offline_is_not_being_unresponsive(rig: Rig, charger: Charger) -> None:
    charger.session.says["ClearCache"] = CallLost(offline=True, elapsed_s=1.0)
    for _ in range(3):
        await rig.csms.execute(commands.ClearCache("CP1"))
    assert not charger.known.unresponsive
