"""Operators' commands: what goes out, and what is said of what came back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from console.csms.dialects import schemas
from console.csms.ports import CallEnd, CallError, CallLost, CallResult
from console.errors import ConsoleError
from console.model import command as commands
from console.model.change import CredentialChanged, SettingsRead, TokenChanged
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.station import Admission, Setting
from console.model.token import Token
from console.model.transaction import Flag
from tests.unit.csms.rig import Charger, Rig

#: Each command that goes to a station: what is sent, then what each answer means.
ASKED: list[tuple[Command, str, dict[str, Any], dict[str, Result]]] = [
    (
        commands.StartTransaction("CP1", 2, "TAG1"),
        "RemoteStartTransaction",
        {"idTag": "TAG1", "connectorId": 2},
        {"Accepted": Result.ACCEPTED, "Rejected": Result.REJECTED},
    ),
    (
        commands.StartTransaction("CP1", 0, "UNKNOWN"),
        "RemoteStartTransaction",
        {"idTag": "UNKNOWN"},
        {"Accepted": Result.ACCEPTED, "Rejected": Result.REJECTED},
    ),
    (
        commands.StopTransaction("CP1", "656"),
        "RemoteStopTransaction",
        {"transactionId": 656},
        {"Accepted": Result.ACCEPTED, "Rejected": Result.REJECTED},
    ),
    (
        commands.ResetStation("CP1"),
        "Reset",
        {"type": "Soft"},
        {"Accepted": Result.ACCEPTED, "Rejected": Result.REJECTED},
    ),
    (
        commands.ResetStation("CP1", hard=True),
        "Reset",
        {"type": "Hard"},
        {"Accepted": Result.ACCEPTED, "Rejected": Result.REJECTED},
    ),
    (
        commands.UnlockConnector("CP1", 1),
        "UnlockConnector",
        {"connectorId": 1},
        {"Unlocked": Result.ACCEPTED, "UnlockFailed": Result.REJECTED, "NotSupported": Result.REJECTED},
    ),
    (
        commands.ChangeAvailability("CP1", 0, operative=False),
        "ChangeAvailability",
        {"connectorId": 0, "type": "Inoperative"},
        {"Accepted": Result.ACCEPTED, "Scheduled": Result.ACCEPTED, "Rejected": Result.REJECTED},
    ),
    (
        commands.ChangeAvailability("CP1", 2, operative=True),
        "ChangeAvailability",
        {"connectorId": 2, "type": "Operative"},
        {"Accepted": Result.ACCEPTED},
    ),
    (
        commands.ClearCache("CP1"),
        "ClearCache",
        {},
        {"Accepted": Result.ACCEPTED, "Rejected": Result.REJECTED},
    ),
    (
        commands.TriggerMessage("CP1", "Heartbeat"),
        "TriggerMessage",
        {"requestedMessage": "Heartbeat"},
        {"Accepted": Result.ACCEPTED, "Rejected": Result.REJECTED, "NotImplemented": Result.REJECTED},
    ),
    (
        commands.TriggerMessage("CP1", "StatusNotification", 0),
        "TriggerMessage",
        {"requestedMessage": "StatusNotification", "connectorId": 0},
        {"Accepted": Result.ACCEPTED},
    ),
    (
        commands.ChangeSetting("CP1", "HeartbeatInterval", "60"),
        "ChangeConfiguration",
        {"key": "HeartbeatInterval", "value": "60"},
        {
            "Accepted": Result.ACCEPTED,
            "RebootRequired": Result.ACCEPTED,
            "Rejected": Result.REJECTED,
            "NotSupported": Result.REJECTED,
        },
    ),
    (
        commands.TransferData("CP1", "org.example", "hello", "{}"),
        "DataTransfer",
        {"vendorId": "org.example", "messageId": "hello", "data": "{}"},
        {
            "Accepted": Result.ACCEPTED,
            "Rejected": Result.REJECTED,
            "UnknownMessageId": Result.REJECTED,
            "UnknownVendorId": Result.REJECTED,
        },
    ),
    (
        commands.TransferData("CP1", "org.example"),
        "DataTransfer",
        {"vendorId": "org.example"},
        {"Accepted": Result.ACCEPTED},
    ),
    (
        commands.CallStation("CP1", "ClearChargingProfile", {"id": 1}),
        "ClearChargingProfile",
        {"id": 1},
        {"Accepted": Result.ACCEPTED, "Unknown": Result.REJECTED},
    ),
]
CASES = [
    (command, action, payload, status, result)
    for command, action, payload, ends in ASKED
    for status, result in ends.items()
]


@pytest.mark.parametrize(
    ("command", "action", "payload", "status", "result"),
    CASES,
    ids=[f"{action}-{number}-{status}" for number, (_, action, _, status, _) in enumerate(CASES)],
)
async def test_a_command_and_what_the_station_says_to_it(
    charger: Charger, command: Command, action: str, payload: dict[str, Any], status: str, result: Result
) -> None:
    charger.session.says[action] = {"status": status}
    outcome = await charger.rig.csms.execute(command)
    assert charger.session.calls == [(action, payload)]
    assert schemas.checker("1.6", action).accepts(payload)
    assert outcome.result is result
    assert outcome.text
    assert outcome.answer == {"status": status}
    assert outcome.elapsed_s == 0.4
    if result is not Result.ACCEPTED:
        assert status in outcome.text or not outcome.text.startswith(action)


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("RemoteStartTransaction", "Rejected"),
        ("UnlockConnector", "UnlockFailed"),
        ("UnlockConnector", "NotSupported"),
        ("ChangeConfiguration", "RebootRequired"),
        ("ChangeConfiguration", "NotSupported"),
        ("TriggerMessage", "Rejected"),
    ],
)
async def test_a_refusal_comes_with_a_hint(charger: Charger, action: str, status: str) -> None:
    command = next(command for command, asked, *_ in ASKED if asked == action)
    charger.session.says[action] = {"status": status}
    assert (await charger.rig.csms.execute(command)).hint


ENDS: list[tuple[CallEnd, Result, str]] = [
    (CallLost(offline=False, elapsed_s=30.0), Result.TIMED_OUT, "no answer to ClearCache after 30 s"),
    (CallLost(offline=True, elapsed_s=2.0), Result.OFFLINE, "CP1 disconnected before it answered ClearCache"),
    (CallError("NotImplemented", "", {}, 0.1), Result.ERROR, "the station answered NotImplemented"),
    (CallError("Odd\u001b[2J", "because", {}, 0.1), Result.ERROR, "the station answered Odd�[2J: because"),
    (CallResult({}, 0.1), Result.ERROR, "the answer to ClearCache has no status"),
    (CallResult({"status": 7}, 0.1), Result.ERROR, "the answer to ClearCache has no status"),
    (CallResult([1], 0.1), Result.ERROR, "the answer to ClearCache has no status"),
    (CallResult({"status": "Sometimes"}, 0.1), Result.REJECTED, "ClearCache answered Sometimes"),
]


@pytest.mark.parametrize(("end", "result", "text"), ENDS)
async def test_every_end_is_told(charger: Charger, end: CallEnd, result: Result, text: str) -> None:
    charger.session.says["ClearCache"] = end
    outcome = await charger.rig.csms.execute(commands.ClearCache("CP1"))
    assert (outcome.result, outcome.text, outcome.elapsed_s) == (result, text, end.elapsed_s)


async def test_a_status_that_ocpp_does_not_know_is_told_as_it_came(charger: Charger) -> None:
    charger.session.says["UnlockConnector"] = {"status": "NotImplemented"}
    outcome = await charger.rig.csms.execute(commands.UnlockConnector("CP1", 1))
    assert (outcome.result, outcome.text) == (Result.REJECTED, "UnlockConnector answered NotImplemented")
    assert outcome.hint == "The station does not support this."


async def test_nothing_is_sent_to_who_is_not_there(rig: Rig, charger: Charger) -> None:
    charger.disconnect()
    assert (await rig.csms.execute(commands.ClearCache("CP1"))).result is Result.OFFLINE
    assert (await rig.csms.execute(commands.ClearCache("NOBODY"))).result is Result.NOT_POSSIBLE
    await rig.csms.execute(commands.RejectStation("CP1"))
    charger.connect()
    outcome = await rig.csms.execute(commands.ClearCache("CP1"))
    assert (outcome.result, outcome.hint) == (Result.NOT_POSSIBLE, "Accept it first.")
    assert charger.session.calls == []


async def test_a_full_queue_is_an_outcome(charger: Charger, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> CallEnd:
        raise ConsoleError("Too many requests wait.", "Try again later.")

    monkeypatch.setattr(charger.session, "call", full)
    outcome = await charger.rig.csms.execute(commands.ClearCache("CP1"))
    assert outcome == Outcome(Result.NOT_POSSIBLE, "Too many requests wait.", "Try again later.")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (commands.CallStation("CP1", "Rset", {"type": "Soft"}), "did you mean Reset?"),
        (commands.CallStation("CP1", "Heartbeat", {}), "goes from stations to the CSMS only"),
        (commands.CallStation("CP1", "Reset", {"type": "Warm"}), "type is none of the values"),
        (commands.CallStation("CP1", "Reset", {}), "has no type"),
        (commands.StartTransaction("CP1", 1, "X" * 21), "longer than 20"),
        (commands.StopTransaction("CP1", "-1 2026"), "never learned an id"),
        (commands.ChangeSetting("CP1", "K" * 51, "1"), "key is longer than 50"),
    ],
)
async def test_what_cannot_be_said_is_not_sent(charger: Charger, command: Command, words: str) -> None:
    outcome = await charger.rig.csms.execute(command)
    assert outcome.result is Result.NOT_POSSIBLE
    assert words in outcome.text
    assert charger.session.calls == []


async def test_quirk_75_the_only_connector_is_named_in_a_trigger_for_meter_values(charger: Charger) -> None:
    charger.session.says["TriggerMessage"] = {"status": "Accepted"}
    charger.status(1, "Available")
    await charger.rig.csms.execute(commands.TriggerMessage("CP1", "MeterValues"))
    charger.status(2, "Available")
    await charger.rig.csms.execute(commands.TriggerMessage("CP1", "MeterValues"))
    assert [payload.get("connectorId") for _, payload in charger.session.calls] == [1, None]


@pytest.mark.parametrize(("plugged_in", "told"), [(False, True), (True, False)])
async def test_tc_011_2_a_remote_start_that_came_to_nothing_is_told(
    rig: Rig, charger: Charger, plugged_in: bool, told: bool
) -> None:
    charger.session.says["RemoteStartTransaction"] = {"status": "Accepted"}
    await rig.csms.execute(commands.StartTransaction("CP1", 1, "tag2"))
    if plugged_in:
        charger.stop(charger.start(tag="TAG2", at=1100)["transactionId"])
    rig.clock.advance(300)
    assert any("nothing came of the remote start with tag tag2" in text for text in rig.journal.texts()) is told
    assert charger.running() == []


async def test_quirk_38_a_station_that_fails_at_all_settings_gets_a_hint(charger: Charger) -> None:
    charger.session.says["GetConfiguration"] = CallLost(offline=True, elapsed_s=1.0)
    assert "name the ones" in (await charger.rig.csms.execute(commands.ReadSettings("CP1"))).hint
    assert "name the ones" not in (await charger.rig.csms.execute(commands.ReadSettings("CP1", ("A",)))).hint


# --- settings ---


async def test_settings_are_read_and_kept(rig: Rig, charger: Charger) -> None:
    charger.session.says["GetConfiguration"] = {
        "configurationKey": [
            {"key": "HeartbeatInterval", "readonly": False, "value": "10"},
            {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
            {"key": "AuthorizationKey", "readonly": False, "value": "7077313233343536"},
            {"key": "NoValue", "readonly": False},
        ]
    }
    outcome = await rig.csms.execute(commands.ReadSettings("CP1"))
    assert charger.session.calls == [("GetConfiguration", {})]
    assert (outcome.result, outcome.text) == (Result.ACCEPTED, "4 settings read")
    (read,) = rig.journal.of(SettingsRead)
    now = rig.clock.now()
    assert read.settings == (
        Setting("CP1", "HeartbeatInterval", "10", read_at=now),
        Setting("CP1", "NumberOfConnectors", "2", read_only=True, read_at=now),
        Setting("CP1", "AuthorizationKey", None, secret=True, read_at=now),
        Setting("CP1", "NoValue", None, read_at=now),
    )
    assert "7077313233343536" not in str(outcome.answer)


@pytest.mark.parametrize("answer", [{}, {"configurationKey": []}, {"configurationKey": None}])
async def test_quirk_78_no_settings_are_no_error(charger: Charger, answer: dict[str, Any]) -> None:
    charger.session.says["GetConfiguration"] = answer
    outcome = await charger.rig.csms.execute(commands.ReadSettings("CP1"))
    assert (outcome.result, outcome.text) == (Result.ACCEPTED, "0 settings read")


async def test_tc_019_2_unknown_keys_are_named(charger: Charger) -> None:
    charger.session.says["GetConfiguration"] = {"configurationKey": [], "unknownKey": ["Nope"]}
    outcome = await charger.rig.csms.execute(commands.ReadSettings("CP1", ("Nope",)))
    assert charger.session.calls == [("GetConfiguration", {"key": ["Nope"]})]
    assert (outcome.result, outcome.text) == (Result.REJECTED, "0 settings read, unknown: Nope")


@pytest.mark.parametrize(("status", "reboot"), [("Accepted", False), ("RebootRequired", True)])
async def test_a_changed_setting_is_kept(rig: Rig, charger: Charger, status: str, reboot: bool) -> None:
    charger.session.says["ChangeConfiguration"] = {"status": status}
    await rig.csms.execute(commands.ChangeSetting("CP1", "HeartbeatInterval", "60"))
    (read,) = rig.journal.of(SettingsRead)
    assert read.settings == (
        Setting("CP1", "HeartbeatInterval", "60", reboot_required=reboot, read_at=rig.clock.now()),
    )


@pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
async def test_a_setting_that_was_refused_is_not_kept(rig: Rig, charger: Charger, status: str) -> None:
    charger.session.says["ChangeConfiguration"] = {"status": status}
    await rig.csms.execute(commands.ChangeSetting("CP1", "HeartbeatInterval", "60"))
    assert rig.journal.of(SettingsRead) == []


async def test_tc_073_a_new_password_is_set_as_hexadecimal_and_then_counts(rig: Rig, charger: Charger) -> None:
    await rig.csms.execute(commands.AddStation("CP1", password="old-password-1234"))
    charger.session.says["ChangeConfiguration"] = {"status": "Rejected"}
    change = commands.ChangeSetting("CP1", "AuthorizationKey", "new-password-5678")
    await rig.csms.execute(change)
    assert rig.csms.password_ok("CP1", b"old-password-1234")
    charger.session.says["ChangeConfiguration"] = {"status": "Accepted"}
    await rig.csms.execute(change)
    value = charger.session.calls[-1][1]["value"]
    assert value == b"new-password-5678".hex()
    assert len(value) <= 40
    assert not rig.csms.password_ok("CP1", b"old-password-1234")
    assert rig.csms.password_ok("CP1", b"new-password-5678")
    assert rig.csms.password_ok("CP1", value.encode())
    assert "new-password" not in str(rig.journal.changes)


# --- stations, tokens ---


async def test_a_station_is_added_before_it_connects(rig: Rig) -> None:
    outcome = await rig.csms.execute(commands.AddStation("CP7", password="s3cret-s3cret-1", note="by the gate"))
    assert outcome.ok
    known = rig.journal.site.stations["CP7"]
    assert (known.admission, known.security_profile, known.note) == (Admission.ACCEPTED, 1, "by the gate")
    assert rig.csms.password_ok("CP7", b"s3cret-s3cret-1")
    assert not rig.csms.password_ok("CP7", b"other")
    assert not rig.csms.password_ok("CP7", None)
    (kept,) = rig.journal.of(CredentialChanged)
    assert kept.password_hash.startswith("scrypt$")


async def test_profile_0_needs_no_password(rig: Rig) -> None:
    assert (await rig.csms.execute(commands.AddStation("CP7"))).ok
    assert rig.csms.password_ok("CP7", None)
    assert rig.csms.password_ok("CP7", b"whatever")
    assert rig.csms.password_ok("STRANGER", None)


async def test_profile_1_without_a_password_is_refused(rig: Rig) -> None:
    assert (await rig.csms.execute(commands.AddStation("CP7", security_profile=1))).result is Result.NOT_POSSIBLE
    assert "CP7" not in rig.journal.site.stations


@pytest.mark.parametrize("station_id", ["", "x" * 256, "a\u001bb"])
async def test_an_impossible_identity_is_refused(rig: Rig, station_id: str) -> None:
    assert (await rig.csms.execute(commands.AddStation(station_id))).result is Result.NOT_POSSIBLE


async def test_a_station_is_removed_and_its_transactions_stay(rig: Rig, charger: Charger) -> None:
    await rig.csms.execute(commands.AddStation("CP1", password="s3cret-s3cret-1"))
    transaction_id = charger.start()["transactionId"]
    assert (await rig.csms.execute(commands.RemoveStation("CP1"))).ok
    assert "CP1" not in rig.journal.site.stations
    assert charger.transaction(transaction_id).flags == (Flag.ABANDONED,)
    assert charger.session.closed == (1008, "removed by the operator")
    assert charger.refused("Heartbeat", {}).code == "SecurityError"
    assert rig.csms.password_ok("CP1", None)
    assert (await rig.csms.execute(commands.RemoveStation("CP1"))).result is Result.NOT_POSSIBLE


async def test_a_station_is_disconnected(rig: Rig, charger: Charger) -> None:
    assert (await rig.csms.execute(commands.DisconnectStation("CP1"))).ok
    assert charger.session.closed is not None
    charger.disconnect()
    assert (await rig.csms.execute(commands.DisconnectStation("CP1"))).result is Result.OFFLINE


async def test_a_token_keeps_what_only_we_know_of_it(rig: Rig, charger: Charger) -> None:
    charger.ask("Authorize", {"idTag": "TAG2"})
    seen = rig.journal.site.tokens["tag2"].last_seen_at
    assert seen == rig.clock.now()
    rig.clock.advance(5)
    assert (await rig.csms.execute(commands.PutToken(Token("TAG2", blocked=True, label="Ann")))).ok
    assert rig.journal.site.tokens["tag2"].last_seen_at == seen
    assert charger.ask("Authorize", {"idTag": "TAG2"})["idTagInfo"]["status"] == "Blocked"
    assert (await rig.csms.execute(commands.RemoveToken("tag2"))).ok
    assert charger.ask("Authorize", {"idTag": "TAG2"})["idTagInfo"]["status"] == "Invalid"
    assert (await rig.csms.execute(commands.RemoveToken("tag2"))).result is Result.NOT_POSSIBLE


async def test_an_outcome_waits_until_it_is_durable(rig: Rig) -> None:
    rig.journal.holding = True
    task = asyncio.ensure_future(rig.csms.execute(commands.PutToken(Token("NEW"))))
    await asyncio.sleep(0)
    assert rig.journal.of(TokenChanged)
    assert not task.done()
    rig.journal.commit()
    assert (await task).ok


async def test_a_disk_that_refuses_is_told(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.csms.state.SAVE_TIMEOUT_S", 0.01)
    rig.journal.holding = True
    outcome = await rig.csms.execute(commands.PutToken(Token("NEW")))
    assert outcome.result is Result.TIMED_OUT
    assert "disk" in outcome.hint


async def test_stopping_the_service_is_not_for_the_csms(rig: Rig) -> None:
    assert (await rig.csms.execute(commands.StopService())).result is Result.NOT_POSSIBLE
