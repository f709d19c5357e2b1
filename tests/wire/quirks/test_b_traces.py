"""B: what was seen in the recorded traces, said again to a whole service."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from console.model import command as commands
from console.model.message import MessageType
from console.model.outcome import Result
from console.model.query import MessageQuery
from console.model.station import ConnectorStatus
from console.model.transaction import Flag
from tests.support.stations import now
from tests.wire.quirks.conftest import ID, TAG, Odd, Scene, pretty

V2 = ("ocpp2.0.1",)


async def booted(scene: Scene, vendor: str = "Acme") -> Odd:
    """A 1.6 station of a make that may start with the tag."""
    await scene.know(TAG)
    station = await scene.station()
    await station.boot_as(vendor)
    return station


async def booted_2x(scene: Scene, vendor: str = "Acme", offers: tuple[str, ...] = V2) -> Odd:
    """A 2.x station of a make that may start with the tag."""
    await scene.know(TAG)
    station = await scene.station(offers=offers)
    boot = {"reason": "PowerUp", "chargingStation": {"model": "One", "vendorName": vendor}}
    assert (await station.ask("BootNotification", boot))[2]["status"] == "Accepted"
    return station


def event(kind: str, seq_no: int, **more: Any) -> dict[str, Any]:
    """A TransactionEvent of the transaction T."""
    reasons = {"Started": "CablePluggedIn", "Updated": "MeterValuePeriodic", "Ended": "EVDeparted"}
    return {
        "eventType": kind,
        "seqNo": seq_no,
        "timestamp": now(),
        "triggerReason": reasons[kind],
        "transactionInfo": {"transactionId": "T"},
        **more,
    }


def energy(wh: float) -> list[dict[str, Any]]:
    return [{"timestamp": now(), "sampledValue": [{"value": wh}]}]


async def test_quirk_b1_an_action_of_nobodys(scene: Scene) -> None:
    station = await booted(scene, "MicroOcpp")
    before = await scene.known()
    assert (await station.ask("CustomOperation", {}))[2] == "NotImplemented"
    assert (await scene.known()) == before
    assert scene.notices("refused") == []
    assert (await scene.message("unknown action")).action == "CustomOperation"


async def test_quirk_b2_a_2x_station_that_answers_in_the_words_of_1_6(scene: Scene) -> None:
    station = await booted_2x(scene, "MicroOcpp")
    station.answers["GetLocalListVersion"] = {"listVersion": 3}
    outcome = await scene.run(commands.CallStation(ID, "GetLocalListVersion", {}))
    assert outcome.answer == {"listVersion": 3}
    assert "versionNumber" in (await scene.message("has no versionNumber")).problem

    async def refuse(frame: list[Any]) -> None:
        await station.connection.send(json.dumps([4, frame[1], "FormationViolation", "", {}]))

    station._answer = refuse  # type: ignore[method-assign]
    outcome = await scene.run(commands.CallStation(ID, "ClearCache", {}))
    assert (outcome.result, outcome.text) == (Result.ERROR, "the station answered FormationViolation")
    assert "does not understand" in outcome.hint


async def test_quirk_b2_a_transaction_of_its_two_ends_alone(scene: Scene) -> None:
    station = await booted_2x(scene, "MicroOcpp")
    token = {"idToken": TAG, "type": "ISO14443"}
    await station.ask("TransactionEvent", event("Started", 0, idToken=token, evse={"id": 1, "connectorId": 1}))
    await station.ask("TransactionEvent", event("Ended", 1))
    (held,) = await scene.transactions()
    assert (held.running, Flag.GAP in held.flags, held.id_token) == (False, False, TAG)


async def test_quirk_b3_a_key_that_a_station_gives_away_is_not_kept(scene: Scene) -> None:
    station = await booted(scene, "MicroOcpp")
    secret = "6d79736563726574"
    key = {"key": "AuthorizationKey", "readonly": False, "value": secret}
    station.answers["GetConfiguration"] = {"configurationKey": [key]}
    outcome = await scene.run(commands.ReadSettings(ID))
    (held,) = await scene.backend.settings(ID)
    assert (held.secret, held.value) == (True, None)
    assert secret not in str(outcome.answer)
    answer = await scene.message(action="GetConfiguration")
    assert secret not in answer.text
    assert all(secret not in each.text for each in await scene.backend.messages(MessageQuery(limit=5000)))


async def test_quirk_b3_a_reset_that_cuts_the_connection(scene: Scene) -> None:
    station = await booted(scene, "MicroOcpp")
    station.answers["Reset"] = {"status": "Accepted"}
    assert (await scene.run(commands.ResetStation(ID))).ok
    station.connection.transport.abort()
    assert "1006" in await scene.notice("disconnected (")
    assert (await (await scene.station()).boot())["status"] == "Accepted"


async def test_quirk_b10_requests_before_the_answer_to_boot(scene: Scene) -> None:
    station = await scene.station()
    boot = {"chargePointVendor": "Solidstudio", "chargePointModel": "VCP"}
    status = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}
    frames = [[2, "1", "BootNotification", boot], [2, "2", "StatusNotification", status]]
    answers = await asyncio.gather(*(station.say(json.dumps(frame), str(frame[1])) for frame in frames))
    assert [each[0] for each in answers] == [3, 3]


async def test_quirk_b10_answers_that_fit_no_question(scene: Scene) -> None:
    station = await booted(scene, "Solidstudio")
    keys = [{"key": key, "readonly": False, "value": "1"} for key in ("A", "B", "C", "D")]
    station.answers["GetConfiguration"] = {"configurationKey": keys, "unknownKey": []}
    station.answers["GetCompositeSchedule"] = {"status": "Accepted"}
    station.answers["ChangeConfiguration"] = {"status": "Accepted"}
    assert (await scene.run(commands.ReadSettings(ID, ("Other",)))).ok
    assert {each.key for each in await scene.backend.settings(ID) if not each.unknown} == {"A", "B", "C", "D"}
    outcome = await scene.run(commands.CallStation(ID, "GetCompositeSchedule", {"connectorId": 1, "duration": 60}))
    assert outcome.ok
    assert (await scene.run(commands.ChangeSetting(ID, "NoSuchKey", "1"))).ok


async def test_quirk_b11_a_sequence_that_is_always_0(scene: Scene) -> None:
    station = await booted_2x(scene, "Solidstudio")
    token = {"idToken": TAG, "type": "ISO14443"}
    where = {"id": 1, "connectorId": 1}
    for kind, more in (("Started", {"idToken": token, "evse": where}), ("Updated", {}), ("Ended", {})):
        assert (await station.ask("TransactionEvent", event(kind, 0, **more)))[0] == 3
    (held,) = await scene.transactions()
    assert not held.running


async def test_quirk_b11_an_empty_report_is_borne_of_this_make_alone(scene: Scene) -> None:
    station = await booted_2x(scene, "Solidstudio")
    report = {"requestId": 1, "seqNo": 0, "generatedAt": now(), "reportData": []}
    assert (await station.ask("NotifyReport", dict(report)))[0] == 3
    await scene.message("tolerated: reportData")
    await station.connection.close()
    await scene.sees(lambda site: not site.stations[ID].online)
    other = await booted_2x(scene, "Acme")
    assert (await other.ask("NotifyReport", dict(report)))[2] == "OccurrenceConstraintViolation"


async def test_quirk_b11_a_value_that_is_accepted_and_not_told(scene: Scene) -> None:
    station = await booted_2x(scene, "Solidstudio")
    place = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
    station.answers["GetVariables"] = {"getVariableResult": [{**place, "attributeStatus": "Accepted"}]}
    outcome = await scene.run(commands.CallStation(ID, "GetVariables", {"getVariableData": [place]}))
    assert outcome.ok


async def test_quirk_b12_energy_of_five_digits_and_a_document_in_a_sample(scene: Scene) -> None:
    station = await booted(scene, "Solidstudio")
    transaction_id = await station.start(TAG)
    await station.samples({"value": "0.15001", "unit": "kWh"}, transaction_id=transaction_id)
    await scene.sees(lambda site: site.reading(ID, 1).energy_wh == 150)
    document = json.dumps({"signedMeterData": "T0NNRnw" * 200})
    values = [{"timestamp": now(), "sampledValue": [{"value": document, "format": "SignedData"}]}]
    payload = {"transactionId": transaction_id, "meterStop": 150, "timestamp": now(), "transactionData": values}
    assert (await station.ask("StopTransaction", payload))[0] == 3
    samples = [s for value in await scene.backend.meter_values(ID, str(transaction_id)) for s in value.samples]
    assert [each.raw for each in samples if each.value is None] == [document]


async def test_quirk_b14_serial_numbers_of_42_characters(scene: Scene) -> None:
    station = await scene.station()
    serial = "EV.2S22P44D001E65D675DD6713BF4AD8EAFA4B103"
    frame = await station.boot_as("Schneider Electric", chargeBoxSerialNumber=serial)
    assert (len(serial), frame[2]["status"]) == (42, "Accepted")
    await scene.sees(lambda site: site.stations[ID].serial_number == serial)


async def test_quirk_b15_an_error_that_repeats_the_request_on_many_lines(scene: Scene) -> None:
    station = await booted(scene)

    async def refuse(frame: list[Any]) -> None:
        described = pretty(*frame) + " " * 400 + "end"
        await station.connection.send(json.dumps([4, frame[1], "InternalError", described, {"request": frame}]))

    station._answer = refuse  # type: ignore[method-assign]
    outcome = await scene.run(commands.ClearCache(ID))
    assert outcome.result is Result.ERROR
    assert outcome.text.startswith("the station answered InternalError: ")
    assert "\n" not in outcome.text
    assert len(outcome.text) < 300


async def test_quirk_b16_values_of_the_end_after_the_end(scene: Scene) -> None:
    station = await booted(scene, "ChargeX GmbH")
    transaction_id = await station.start(TAG, 1000)
    begin = {"value": "1000", "context": "Transaction.Begin"}
    end = {"value": "3000", "context": "Transaction.End"}
    assert (await station.samples(begin, transaction_id=transaction_id))[0] == 3
    await station.status("Charging")
    await station.stop(transaction_id, 3000)
    assert (await station.samples(end, transaction_id=transaction_id))[0] == 3
    (held,) = await scene.transactions()
    assert (held.running, held.energy_wh, held.flags) == (False, 2000, ())
    assert len(await scene.backend.meter_values(ID, str(transaction_id))) == 2


async def test_quirk_b17_a_fault_without_an_error(scene: Scene) -> None:
    station = await booted(scene)
    for _ in range(2):  # and again after a reset
        await station.status("Preparing", connector=2)
        await station.status("Faulted", connector=3)
    await scene.sees(lambda site: site.stations[ID].connector(3).status is ConnectorStatus.FAULTED)
    assert len(scene.notices("FAULT")) == 1


async def test_quirk_b18_no_connector_0_no_times_and_an_empty_close(scene: Scene) -> None:
    station = await booted(scene)
    assert (await station.status("Available"))[0] == 3
    await scene.sees(lambda site: site.stations[ID].connectors[0].changed_at)
    assert (await scene.known()).status is ConnectorStatus.UNKNOWN
    protocol = station.connection.protocol
    protocol.send_close()
    for data in protocol.data_to_send():
        station.connection.transport.write(data)
    assert "1005" in await scene.notice("disconnected (")


async def test_quirk_b18_a_report_of_20_kilobytes(scene: Scene) -> None:
    station = await booted_2x(scene)
    entry = {
        "component": {"name": "OCPPCommCtrlr"},
        "variableAttribute": [{"value": "v" * 500}],
    }
    entries = [{**entry, "variable": {"name": f"V{number}"}} for number in range(40)]
    report = {"requestId": 1, "seqNo": 0, "generatedAt": now(), "reportData": entries}
    assert len(json.dumps(report)) > 20_000
    assert (await station.ask("NotifyReport", report))[0] == 3


async def test_quirk_b19_null_where_nothing_belongs(scene: Scene) -> None:
    station = await booted_2x(scene)
    station.answers["Reset"] = {"status": "Accepted", "statusInfo": None}
    assert (await scene.run(commands.ResetStation(ID))).ok
    await scene.message("statusInfo is not of type object")


async def test_quirk_b19_connector_0_no_evse_and_a_number_of_64_bits(scene: Scene) -> None:
    station = await booted_2x(scene)
    token = {"idToken": TAG, "type": "ISO14443"}
    started = event("Started", 0, idToken=token, evse={"id": 1, "connectorId": 0}, meterValue=energy(1000))
    assert (await station.ask("TransactionEvent", started))[0] == 3
    assert (await station.ask("TransactionEvent", event("Updated", 1, meterValue=energy(1500))))[0] == 3
    log = {"status": "Uploading", "requestId": 2338498362660772719}
    assert (await station.ask("LogStatusNotification", log))[0] == 3
    assert (await station.ask("TransactionEvent", event("Ended", 2, meterValue=energy(3000))))[0] == 3
    (held,) = await scene.transactions()
    assert (held.evse_id, held.energy_wh) == (1, 2000)


@pytest.mark.parametrize("code", ["OccurenceConstraintViolation", "OccurrenceConstraintViolation"])
async def test_quirk_b19_error_codes_in_both_spellings(scene: Scene, code: str) -> None:
    station = await booted_2x(scene)

    async def refuse(frame: list[Any]) -> None:
        await station.connection.send(json.dumps([4, frame[1], code, "", {}]))

    station._answer = refuse  # type: ignore[method-assign]
    outcome = await scene.run(commands.ClearCache(ID))
    assert "misses a field" in outcome.hint


async def test_quirk_b19_the_same_ids_after_every_restart(scene: Scene) -> None:
    for _ in range(2):
        station = await scene.station()
        assert (await station.ask("Heartbeat", {}, "1"))[0] == 3
        await station.connection.close()


async def test_quirk_b20_a_reset_of_which_nothing_comes(scene: Scene) -> None:
    station = await booted(scene, "vendor1")
    station.answers["Reset"] = {"status": "Accepted"}
    station.answers["RemoteStartTransaction"] = {"status": "Rejected"}
    assert (await scene.run(commands.ResetStation(ID))).text == "reset accepted, the station will come back"
    assert (await scene.run(commands.StartTransaction(ID, 1, TAG))).result is Result.REJECTED
    assert (await scene.known()).online


async def test_quirk_b23_an_identity_with_slash_blank_and_accent(scene: Scene) -> None:
    await scene.station(path="ocpp/RPC%2F1%20%C3%A9", station_id="RPC/1 é")
    assert (await scene.known("RPC/1 é")).online


@pytest.mark.parametrize("offers", [("ocpp1.6",), V2])
async def test_quirk_b25_compression_is_offered_and_does_no_harm(scene: Scene, offers: tuple[str, ...]) -> None:
    station = await scene.station(offers=offers, compression="deflate")
    agreed = station.connection.response.headers.get("Sec-WebSocket-Extensions", "")  # type: ignore[union-attr]
    assert bool(agreed) is (offers == V2)
    assert (await station.ask("Heartbeat", {}))[0] in (3, 4)  # a 2.x station that has not booted may not ask
    assert (await scene.message(action="Heartbeat")).kind is MessageType.CALL
