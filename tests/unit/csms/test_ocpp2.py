"""OCPP 2.0.1 and 2.1: what both say alike, read and written; and what may be said before a station is let in."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from console.csms.dialects import dialect, schemas
from console.csms.dialects.ocpp2.meters import meter_values
from console.csms.ports import Payload
from console.csms.redact import SECRET_ACTIONS, redact
from console.model import command as commands
from console.model.command import Command
from console.model.outcome import Result
from console.model.station import ConnectorStatus
from console.model.token import CardVerdict, Token
from tests.unit.csms.rig import START, Charger, Rig, stamp

BOTH = pytest.mark.parametrize("version", ["2.0.1", "2.1"])
STATUS = {"timestamp": stamp(), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}


@pytest.fixture(params=["2.0.1", "2.1"])
def charger(request: pytest.FixtureRequest) -> Charger:
    return Rig(store=False).charger(version=request.param)


# --- what stations say ---


def test_a_station_says_what_it_is(charger: Charger) -> None:
    reply = charger.boot(serialNumber="S1", firmwareVersion="1.0", modem={"iccid": "89", "imsi": "26"})
    assert (reply["status"], reply["interval"]) == ("Accepted", 300)
    known = charger.known
    assert (known.vendor, known.model, known.serial_number, known.firmware_version) == ("Acme", "One", "S1", "1.0")
    assert (known.iccid, known.imsi, known.boot_reason) == ("89", "26", "PowerUp")
    assert known.ocpp_version == charger.version


def test_an_evse_has_connectors(charger: Charger) -> None:
    for evse_id, connector_id, status in ((1, 1, "Occupied"), (1, 2, "Available"), (2, 1, "Faulted")):
        place = {"evseId": evse_id, "connectorId": connector_id, "connectorStatus": status}
        charger.ask("StatusNotification", STATUS | place)
    told = [(each.evse_id, each.connector_id, each.status) for each in charger.known.connectors]
    assert told == [
        (1, 1, ConnectorStatus.OCCUPIED),
        (1, 2, ConnectorStatus.AVAILABLE),
        (2, 1, ConnectorStatus.FAULTED),
    ]


def test_connector_0_of_an_evse_is_its_first(charger: Charger) -> None:
    charger.ask("StatusNotification", STATUS | {"connectorId": 0})
    assert charger.problem == "connectorId 0: taken for 1"
    assert charger.connector(1).connector_id == 1


@BOTH
@pytest.mark.parametrize(
    ("unit", "value", "read"),
    [
        ({"unit": "kWh"}, 1.5, 1500.0),
        ({"unit": "Wh", "multiplier": 3}, 1.5, 1500.0),
        ({"multiplier": -1}, 15, 1.5),
        ({"multiplier": 400}, 15, None),
        ({}, 15, 15.0),
    ],
)
def test_units_and_multipliers(version: str, unit: dict[str, Any], value: float, read: float | None) -> None:
    sample = {"value": value, "unitOfMeasure": unit}
    wire = {"evseId": 1, "meterValue": [{"timestamp": stamp(), "sampledValue": [sample]}]}
    assert schemas.checker(version, "MeterValues").accepts(wire)
    (measurement,) = meter_values(wire, []).measurements
    assert next(iter(measurement.samples)).value == read


def test_signed_values_keep_what_was_signed(charger: Charger) -> None:
    signed = {"signedMeterData": "QUJD", "signingMethod": "", "encodingMethod": "OCMF", "publicKey": ""}
    sample = {"value": 7, "signedMeterValue": signed}
    charger.ask("MeterValues", {"evseId": 1, "meterValue": [{"timestamp": stamp(), "sampledValue": [sample]}]})
    (value,) = charger.values()
    assert [(each.value, each.raw) for each in value.samples] == [(7.0, "QUJD")]


def test_tokens_and_their_groups(charger: Charger) -> None:
    reply = charger.ask("Authorize", {"idToken": {"idToken": "tag1", "type": "ISO14443"}})
    assert reply["idTokenInfo"] == {"status": "Accepted", "groupIdToken": {"idToken": "FLEET", "type": "Central"}}
    reply = charger.ask("Authorize", {"idToken": {"idToken": "NOBODY", "type": "ISO14443"}})
    assert reply["idTokenInfo"] == {"status": "Invalid"}


def test_an_expiry_is_when_a_cached_verdict_ends(charger: Charger) -> None:
    token = Token("SOON", expires_at=charger.rig.clock.now() + timedelta(hours=1))
    charger.rig.journal.site = charger.rig.journal.site.apply([])
    charger.rig.csms._state.tokens[token.key] = token
    reply = charger.ask("Authorize", {"idToken": {"idToken": "SOON", "type": "ISO14443"}})
    assert datetime.fromisoformat(reply["idTokenInfo"]["cacheExpiryDateTime"]) == token.expires_at


def test_no_contract_is_accepted_unchecked(charger: Charger) -> None:
    asked = {"idToken": {"idToken": "TAG1", "type": "eMAID"}, "certificate": "MII"}
    reply = charger.ask("Authorize", asked)
    assert reply == {"idTokenInfo": {"status": "Invalid"}, "certificateStatus": "NoCertificateAvailable"}
    assert any("contract" in text for text in charger.rig.journal.texts())


# --- before acceptance ---


@BOTH
@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("Heartbeat", {}),
        ("StatusNotification", STATUS),
        ("Authorize", {"idToken": {"idToken": "TAG1", "type": "ISO14443"}}),
        ("NotifyReport", {"requestId": 1, "generatedAt": stamp(), "seqNo": 0}),
    ],
)
def test_a_waiting_station_may_only_boot(version: str, action: str, payload: Payload) -> None:
    charger = Rig(store=False, accept_unknown=False).charger(version=version)
    assert charger.refused(action, payload).code == "SecurityError"
    assert charger.known.connectors == ()


@BOTH
@pytest.mark.parametrize(
    ("command", "payload"),
    [
        (commands.TriggerMessage("CP1", "StatusNotification", 1, 1), STATUS),
        (
            commands.CallStation("CP1", "GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}),
            {"requestId": 1, "generatedAt": stamp(), "seqNo": 0},
        ),
    ],
)
async def test_b02_fr_09_what_was_asked_for_may_be_said(version: str, command: Command, payload: Payload) -> None:
    rig = Rig(accept_unknown=False)
    charger = rig.charger(version=version)
    action = "StatusNotification" if isinstance(command, commands.TriggerMessage) else "NotifyReport"
    charger.session.says |= {"TriggerMessage": {"status": "Accepted"}, "GetBaseReport": {"status": "Accepted"}}
    assert (await rig.csms.execute(command)).ok
    assert charger.ask(action, payload) == {}
    assert charger.refused("Heartbeat", {}).code == "SecurityError"
    charger.connect()
    assert charger.refused(action, payload).code == "SecurityError"


@BOTH
async def test_b03_fr_03_nothing_is_asked_of_a_rejected_station(version: str) -> None:
    rig = Rig(accept_unknown=False)
    charger = rig.charger(version=version)
    await rig.csms.execute(commands.RejectStation("CP1"))
    charger.connect()
    assert charger.boot()["status"] == "Rejected"
    outcome = await rig.csms.execute(commands.ResetStation("CP1"))
    assert outcome.result is Result.NOT_POSSIBLE
    outcome = await rig.csms.execute(commands.AcceptStation("CP1"))
    assert "about every 300 s" in outcome.text
    assert charger.session.calls == []
    assert charger.boot()["status"] == "Accepted"


# --- what we ask ---


@BOTH
@pytest.mark.parametrize(
    ("command", "action", "payload"),
    [
        (commands.StopTransaction("CP1", "T1"), "RequestStopTransaction", {"transactionId": "T1"}),
        (commands.ResetStation("CP1"), "Reset", {"type": "OnIdle"}),
        (commands.ResetStation("CP1", True, 2), "Reset", {"type": "Immediate", "evseId": 2}),
        (commands.UnlockConnector("CP1", 1, 2), "UnlockConnector", {"evseId": 1, "connectorId": 2}),
        (commands.ChangeAvailability("CP1", 0, False), "ChangeAvailability", {"operationalStatus": "Inoperative"}),
        (
            commands.ChangeAvailability("CP1", 1, True),
            "ChangeAvailability",
            {"operationalStatus": "Operative", "evse": {"id": 1}},
        ),
        (
            commands.ChangeAvailability("CP1", 1, True, 2),
            "ChangeAvailability",
            {"operationalStatus": "Operative", "evse": {"id": 1, "connectorId": 2}},
        ),
        (commands.ClearCache("CP1"), "ClearCache", {}),
        (commands.TriggerMessage("CP1", "Heartbeat"), "TriggerMessage", {"requestedMessage": "Heartbeat"}),
        (
            commands.TriggerMessage("CP1", "DiagnosticsStatusNotification"),
            "TriggerMessage",
            {"requestedMessage": "LogStatusNotification"},
        ),
        (
            commands.TriggerMessage("CP1", "StatusNotification", 1),
            "TriggerMessage",
            {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}},
        ),
        (
            commands.TransferData("CP1", "V", "M", "D"),
            "DataTransfer",
            {"vendorId": "V", "messageId": "M", "data": "D"},
        ),
    ],
)
async def test_commands_in_words_of_2(version: str, command: Command, action: str, payload: Payload) -> None:
    wire = dialect(version).call(command)
    assert (wire.action, wire.payload) == (action, payload)
    assert dialect(version).check_call(wire.action, wire.payload) == ""


@BOTH
@pytest.mark.parametrize(
    ("tag", "kind"),
    [("TAG1", "ISO14443"), ("04A2C19B", "ISO14443"), ("04A2C19B772D80", "ISO14443"), ("visitor", "Central")],
)
async def test_a_remote_start_says_what_its_token_is(version: str, tag: str, kind: str) -> None:
    rig = Rig()
    charger = rig.charger(version=version)
    charger.session.says["RequestStartTransaction"] = {"status": "Accepted"}
    assert (await rig.csms.execute(commands.StartTransaction("CP1", 1, tag))).ok
    ((_, asked),) = charger.session.calls
    assert asked["idToken"] == {"idToken": tag, "type": kind}
    assert dialect(version).check_call("RequestStartTransaction", asked) == ""


def test_times_are_utc(charger: Charger) -> None:
    assert charger.ask("Heartbeat", {})["currentTime"] == "2026-11-21T12:16:40.000Z"
    assert START.tzinfo is not None


# --- key codes ---


async def test_c04_a_key_code_is_known_and_never_kept(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(operators_present=lambda: True)
    charger = rig.charger(version="2.0.1")
    code = {"idToken": "48151", "type": "KeyCode"}
    asked = charger.send("Authorize", {"idToken": code})
    (card,) = rig.journal.site.cards.values()
    await rig.csms.execute(commands.SettleCard(card.card_id, CardVerdict.ALWAYS))
    reply = charger.reply(asked)
    assert isinstance(reply, dict)
    assert reply["idTokenInfo"]["status"] == "Accepted"
    begun = {
        "eventType": "Started",
        "seqNo": 0,
        "timestamp": stamp(),
        "triggerReason": "Authorized",
        "transactionInfo": {"transactionId": "T1"},
        "idToken": code,
    }
    assert charger.ask("TransactionEvent", begun)["idTokenInfo"]["status"] == "Accepted"
    assert charger.transaction("T1").id_token == card.id_token
    assert rig.journal.site.tokens[card.id_token.casefold()].token_type == "KeyCode"
    await rig.csms.execute(commands.PutToken(Token("162342", "KeyCode", label="the back door")))
    assert charger.ask("Authorize", {"idToken": {"idToken": "162342", "type": "KeyCode"}})["idTokenInfo"] == {
        "status": "Accepted"
    }
    kept = msgspec.json.encode(rig.journal.changes).decode() + caplog.text
    assert "48151" not in kept
    assert "162342" not in kept


@pytest.mark.parametrize("kind", ["KeyCode", "ISO14443"])
async def test_the_digest_of_a_key_code_is_worth_nothing(kind: str) -> None:
    rig = Rig()
    charger = rig.charger(version="2.0.1")
    await rig.csms.execute(commands.PutToken(Token("162342", "KeyCode")))
    (digest,) = (token.id_token for token in rig.journal.site.tokens.values() if token.token_type == "KeyCode")
    shown = {"idToken": {"idToken": digest, "type": kind}}
    assert charger.ask("Authorize", shown)["idTokenInfo"]["status"] == "Invalid"
    older = rig.charger("CP2")
    assert older.ask("Authorize", {"idTag": digest})["idTagInfo"]["status"] == "Invalid"
    assert older.start(tag=digest)["idTagInfo"]["status"] == "Invalid"


async def test_a_key_code_is_edited_as_it_is_known() -> None:
    rig = Rig()
    await rig.csms.execute(commands.PutToken(Token("162342", "KeyCode")))
    (held,) = (token for token in rig.journal.site.tokens.values() if token.token_type == "KeyCode")
    await rig.csms.execute(commands.PutToken(msgspec.structs.replace(held, label="the back door")))
    (held,) = (token for token in rig.journal.site.tokens.values() if token.token_type == "KeyCode")
    assert held.label == "the back door"
    rig.charger(version="2.1")
    outcome = await rig.csms.execute(commands.StartTransaction("CP1", 1, held.id_token))
    assert outcome.result is Result.NOT_POSSIBLE


@pytest.mark.parametrize("action", ["Authorize", "TransactionEvent", "RequestStartTransaction"])
def test_key_codes_are_taken_out_of_frames(action: str) -> None:
    assert action in SECRET_ACTIONS
    frame = [2, "1", action, {"idToken": {"idToken": "48151", "type": "KeyCode"}}]
    assert "48151" not in redact("2.1", action, json.dumps(frame), is_answer=False)
    tag = json.dumps([2, "1", action, {"idToken": {"idToken": "TAG1", "type": "ISO14443"}}])
    assert redact("2.1", action, tag, is_answer=False) == tag
