"""OCPP 2.0.1: display messages (block O), customer information (N), and what vendors send (P)."""

from __future__ import annotations

from typing import Any

import pytest

from console.model.command import CallStation
from console.model.outcome import Outcome, Result
from console.model.query import RecordQuery
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import AT, Charge, ready, token
from tests.wire.conformance.site import Bench, Json, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")

DONE, REFUSED = Result.ACCEPTED, Result.REJECTED
MESSAGE = {"id": 1, "priority": "AlwaysFront", "message": {"format": "UTF8", "content": "Hello"}}


async def asked(bench: Bench, station: Station, action: str, payload: Json, answer: Json) -> Outcome:
    """Let an operator ask something, as a form or the command line does; what is sent is what was asked."""
    station.answers[action] = answer
    outcome = await bench.run(CallStation(station.station_id, action, payload))
    assert await station.heard(action) == payload
    assert outcome.answer == answer
    assert outcome.text
    return outcome


# ---- O: display messages


@pytest.mark.conforms(
    "TC_O_01_CSMS", "TC_O_12_CSMS", "TC_O_13_CSMS", "TC_O_14_CSMS", "TC_O_17_CSMS", "TC_O_18_CSMS", "TC_O_19_CSMS",
    "TC_O_25_CSMS", "TC_O_26_CSMS",
)  # fmt: skip
@pytest.mark.parametrize(
    ("more", "answer", "result"),
    [
        ({"state": "Idle"}, "Accepted", DONE),
        ({"message": {"format": "UTF8", "content": "Replaced"}}, "Accepted", DONE),
        ({"startDateTime": "2026-12-01T10:00:00Z"}, "Accepted", DONE),
        ({"endDateTime": "2026-12-01T10:00:00Z"}, "Accepted", DONE),
        ({"state": "Charging"}, "Accepted", DONE),
        ({}, "NotSupportedPriority", REFUSED),
        ({"state": "Faulted"}, "NotSupportedState", REFUSED),
        ({"message": {"format": "HTML", "content": "<b>"}}, "NotSupportedMessageFormat", REFUSED),
        ({}, "Rejected", REFUSED),
    ],
)
async def test_set_display_message(bench: Bench, connect: Connect, more: Json, answer: str, result: Result) -> None:
    station = await ready(connect, bench)
    payload = {"message": MESSAGE | more}
    outcome = await asked(bench, station, "SetDisplayMessage", payload, {"status": answer})
    assert outcome.result is result
    assert outcome.ok or outcome.hint


@pytest.mark.conforms("TC_O_06_CSMS", "TC_O_10_CSMS", "TC_O_27_CSMS", "TC_O_28_CSMS")
@pytest.mark.parametrize(
    ("more", "answer", "result"),
    [
        ({}, "Accepted", DONE),
        ({}, "UnknownTransaction", REFUSED),
        ({"startDateTime": "2026-12-01T10:00:00Z"}, "Accepted", DONE),
        ({"endDateTime": "2026-12-01T10:00:00Z"}, "Accepted", DONE),
    ],
)
async def test_set_display_message_of_a_transaction(
    bench: Bench, connect: Connect, more: Json, answer: str, result: Result
) -> None:
    tag = f"O06-{answer}-{''.join(more)}"[:36]
    charge = Charge(await ready(connect, bench, tag), "O06")
    await charge.started(tag)
    payload = {"message": MESSAGE | {"transactionId": "O06"} | more}
    outcome = await asked(bench, charge.station, "SetDisplayMessage", payload, {"status": answer})
    assert outcome.result is result


@pytest.mark.conforms("TC_O_02_CSMS", "TC_O_03_CSMS", "TC_O_07_CSMS", "TC_O_08_CSMS", "TC_O_09_CSMS", "TC_O_11_CSMS")
@pytest.mark.parametrize(
    ("only", "answer", "result"),
    [
        ({}, "Accepted", DONE),
        ({}, "Unknown", REFUSED),
        ({"id": [1]}, "Accepted", DONE),
        ({"priority": "AlwaysFront"}, "Accepted", DONE),
        ({"state": "Idle"}, "Accepted", DONE),
        ({"id": [99]}, "Unknown", REFUSED),
    ],
)
async def test_get_display_messages(bench: Bench, connect: Connect, only: Json, answer: str, result: Result) -> None:
    station = await ready(connect, bench)
    payload = {"requestId": 77, **only}
    outcome = await asked(bench, station, "GetDisplayMessages", payload, {"status": answer})
    assert outcome.result is result
    if answer == "Accepted":
        first, second = MESSAGE, MESSAGE | {"id": 2}
        for number, (message, more) in enumerate(((first, True), (second, False))):
            part = {"requestId": 77, "messageInfo": [message], "tbc": more}
            assert await station.call("NotifyDisplayMessages", **part) == {}, number
        await bench.service._store.writer.flush()
        records = await bench.backend.records(RecordQuery(station_id=station.station_id))
        assert [[one["id"] for one in record.details["messageInfo"]] for record in records] == [[1, 2]]
    else:
        assert "no " in outcome.text


async def kept(bench: Bench, station: Station, words: str) -> None:
    """Wait until what the station reported is on record, parts joined."""
    await bench.service._store.writer.flush()
    records = await bench.backend.records(RecordQuery(station_id=station.station_id))
    assert any(words in repr(record) for record in records), records


@pytest.mark.conforms("TC_O_04_CSMS", "TC_O_05_CSMS")
@pytest.mark.parametrize(("answer", "result"), [("Accepted", DONE), ("Unknown", REFUSED)])
async def test_clear_display_message(bench: Bench, connect: Connect, answer: str, result: Result) -> None:
    station = await ready(connect, bench)
    assert (await asked(bench, station, "ClearDisplayMessage", {"id": 1}, {"status": answer})).result is result


# ---- N: customer information

CUSTOMER: tuple[Json, ...] = (
    {"idToken": token("N27")},
    {"customerIdentifier": "Ada"},
    {
        "customerCertificate": {
            "hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "01",
        }
    },
)  # fmt: skip


@pytest.mark.conforms(
    "TC_N_27_CSMS", "TC_N_28_CSMS", "TC_N_30_CSMS", "TC_N_31_CSMS", "TC_N_32_CSMS", "TC_N_62_CSMS", "TC_N_63_CSMS"
)
@pytest.mark.parametrize(
    ("report", "clear", "who", "data"),
    [
        (True, False, CUSTOMER[0], ["Ada ", "Lovelace"]),
        (True, False, CUSTOMER[0], [""]),
        (True, True, CUSTOMER[0], ["Ada ", "Lovelace"]),
        (True, True, CUSTOMER[0], [""]),
        (False, True, CUSTOMER[0], []),
        (True, True, CUSTOMER[1], ["Ada"]),
        (True, True, CUSTOMER[2], ["Ada"]),
    ],
)
async def test_customer_information(
    bench: Bench, connect: Connect, report: bool, clear: bool, who: Json, data: list[str]
) -> None:
    station = await ready(connect, bench)
    payload = {"requestId": 5, "report": report, "clear": clear, **who}
    assert (await asked(bench, station, "CustomerInformation", payload, {"status": "Accepted"})).ok
    for number, text in enumerate(data):
        part: dict[str, Any] = {"data": text, "seqNo": number, "generatedAt": AT.format(0), "requestId": 5}
        if number < len(data) - 1:
            part["tbc"] = True
        assert await station.call("NotifyCustomerInformation", **part) == {}
    if "".join(data):
        await kept(bench, station, "".join(data))


@pytest.mark.conforms("TC_N_29_CSMS")
async def test_customer_information_is_refused(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    payload = {"requestId": 6, "report": True, "clear": False, **CUSTOMER[0]}
    outcome = await asked(bench, station, "CustomerInformation", payload, {"status": "Rejected"})
    assert outcome.result is REFUSED


# ---- P: vendors' own


@pytest.mark.conforms("TC_P_02_CSMS", "DX-D05")
async def test_data_of_a_foreign_vendor(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    answer = await station.call("DataTransfer", vendorId="com.example", messageId="m", data={"a": "x" * 100_000})
    assert answer["status"] in ("UnknownVendorId", "UnknownMessageId", "Rejected")


@pytest.mark.conforms("TC_P_03_CSMS")
async def test_custom_data_changes_nothing(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "P03")
    custom = {"customData": {"vendorId": "com.example", "anything": [1, {"b": None}]}}
    assert (await station.call("Heartbeat", **custom))["currentTime"]
    charge = Charge(station, "P03")
    answer = await charge.tell("Started", "Authorized", idToken=token("P03") | custom, evse={"id": 1}, **custom)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert (await charge.seen(bench)).id_token == "P03"
