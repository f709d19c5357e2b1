"""A3: frames that are not quite OCPP-J."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from console.model import command as commands
from console.model.message import MessageType
from console.model.outcome import Result
from tests.wire.quirks.conftest import ID, TAG, Odd, Scene, Start


async def alive(station: Odd) -> bool:
    """The connection goes on."""
    return bool((await station.call("Heartbeat"))["currentTime"])


async def test_quirk_28_an_empty_value_is_answered_with_the_id_that_can_be_read(scene: Scene) -> None:
    station = await scene.station()
    text = '[2,"m-1","MeterValues",{"connectorId":1,"transactionId":,"meterValue":[]}]'
    assert (await station.say(text, "m-1"))[:3] == [4, "m-1", "FormationViolation"]
    assert (await scene.message("no JSON")).text == text
    assert await alive(station)


async def test_quirk_29_nul_inside_a_text_is_borne(scene: Scene) -> None:
    station = await scene.station()
    await station.boot_as("Wallbe", "Pro")
    asked = asyncio.create_task(scene.run(commands.ReadSettings(ID, ("Name",))))

    async def answer(frame: list[Any]) -> None:
        await station.connection.send(
            f'[3,"{frame[1]}",{{"configurationKey":[{{"key":"Name","readonly":false,"value":"a\x00b"}}]}}]'
        )

    station._answer = answer  # type: ignore[method-assign]
    assert (await asked).ok
    (held,) = await scene.backend.settings(ID)
    assert held.value is not None
    assert held.value.isprintable()
    await scene.message("control characters in the JSON")


async def test_quirk_31_a_tag_with_one_character_too_many(scene: Scene) -> None:
    tag = "X16WG99J2QIEGCC0MCJ5-"
    station = await scene.station()
    await station.boot_as("Sigen", "EVDC")
    await scene.know(tag)
    assert (await station.call("Authorize", idTag=tag))["idTagInfo"]["status"] == "Accepted"
    await station.start(tag)
    assert (await scene.transactions())[0].id_token == tag
    assert (await scene.message("tolerated: idTag is longer than 20")).action == "Authorize"


async def test_quirk_31_of_others_only_the_transaction_is_taken(scene: Scene) -> None:
    tag = "X16WG99J2QIEGCC0MCJ5-"
    station = await scene.station()
    await station.boot()
    assert (await station.ask("Authorize", {"idTag": tag}))[2] == "PropertyConstraintViolation"
    assert "lenient" in await scene.notice("Authorize refused")
    await station.start(tag)


@pytest.mark.parametrize("message_id", ["28240181849166013077", "250311060834-42", "x" * 36, "{'id': 1}"])
async def test_quirk_32_an_id_is_repeated_as_it_came(scene: Scene, message_id: str) -> None:
    station = await scene.station()
    assert (await station.ask("Heartbeat", {}, message_id))[:2] == [3, message_id]


async def test_quirk_33_message_type_1_is_noted_and_not_answered(scene: Scene) -> None:
    station = await scene.station()
    await station.tell('[1,"6OUou","StartTransaction",{"connectorId":1}]')
    assert await alive(station)
    assert (await scene.message("message type 1 is unknown")).kind is MessageType.MALFORMED
    assert await scene.transactions() == []


async def test_quirk_35_an_error_that_answers_nothing_is_shown(scene: Scene) -> None:
    station = await scene.station()
    await station.tell('[4,"5c2d6e365","FormationViolation","",{}]')
    assert await alive(station)
    assert (await scene.message("answers no request of ours")).kind is MessageType.CALLERROR


async def test_quirk_36_one_id_for_everything_is_answered_every_time(scene: Scene) -> None:
    await scene.know(TAG)
    station = await scene.station()
    await station.boot()
    for _ in range(2):
        assert (await station.ask("Heartbeat", {}, "1"))[0] == 3
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}
    first = await station.ask("StartTransaction", start, "1")
    again = await station.ask("StartTransaction", start, "1")
    other = await station.ask("StartTransaction", {**start, "connectorId": 2}, "1")
    assert first == again
    assert other[2]["transactionId"] != first[2]["transactionId"]
    assert len(await scene.transactions()) == 2


async def test_quirk_37_a_station_that_closes_at_a_request_is_said_to(scene: Scene) -> None:
    station = await scene.station()
    await station.boot()

    async def close(_frame: object) -> None:
        station.connection.transport.abort()

    station._answer = close  # type: ignore[method-assign,assignment]
    entries = [{"idTag": f"TAG{number}", "idTagInfo": {"status": "Accepted"}} for number in range(500)]
    payload = {"listVersion": 1, "updateType": "Full", "localAuthorizationList": entries}
    outcome = await scene.run(commands.CallStation(ID, "SendLocalList", payload))
    assert outcome.result is Result.OFFLINE
    assert outcome.text == f"{ID} disconnected before it answered SendLocalList"


async def test_quirk_38_who_fails_at_all_settings_is_asked_for_some(scene: Scene) -> None:
    station = await scene.station()
    await station.boot()

    async def close(frame: list[Any]) -> None:
        if frame[3].get("key"):
            keys = [{"key": key, "readonly": False, "value": "1"} for key in frame[3]["key"]]
            await station.connection.send(json.dumps([3, frame[1], {"configurationKey": keys}]))
        else:
            station.connection.transport.abort()

    station._answer = close  # type: ignore[method-assign]
    outcome = await scene.run(commands.ReadSettings(ID))
    assert outcome.result is Result.OFFLINE
    assert "name the ones you need" in outcome.hint
    again = await scene.station()
    again._answer = station._answer  # type: ignore[method-assign]
    station.connection = again.connection
    assert (await scene.run(commands.ReadSettings(ID, ("HeartbeatInterval",)))).ok


async def test_quirk_39_no_setting_is_written_unasked(begin: Start) -> None:
    scene: Scene = await begin(quiet=False)
    station = await scene.station()
    station.answers["GetConfiguration"] = {"configurationKey": []}
    await station.boot_as("ABB", "Terra AC")
    await station.status("Available")
    await station.heard("GetConfiguration")
    assert {action for action, _ in station.asked} == {"GetConfiguration"}
