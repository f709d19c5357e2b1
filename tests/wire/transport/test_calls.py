"""Requests and answers, both ways: exactly one answer each, one outstanding at a time, no second effect."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, cast

import pytest

from console.csms.link.link import Link
from console.csms.ports import Call, CallError, CallLost, CallResult, Reception, Refusal, Session
from console.errors import ConsoleError
from console.model.message import Message
from tests.wire.transport.conftest import LIMIT_S, FakeCsms, Site, Start

START = {"connectorId": 1, "idTag": "TAG", "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}


async def recorded(csms: FakeCsms, problem: str) -> Message:
    """The first recorded message with this problem, once there is one."""
    await csms.until(lambda: any(problem in message.problem for message in csms.messages))
    return next(message for message in csms.messages if problem in message.problem)


# ---- the station asks


async def test_a_call_is_answered(site: Site) -> None:
    site.csms.answers["Heartbeat"] = lambda session, call: Reception({"currentTime": "now"})
    station = await site.station()
    assert await station.ask(2, "a", "Heartbeat", {}) == [3, "a", {"currentTime": "now"}]
    assert site.csms.calls == [Call("a", "Heartbeat", {})]


async def test_a_refusal_is_a_callerror(site: Site) -> None:
    site.csms.answers["Foo"] = lambda session, call: Reception(Refusal("NotImplemented", "No such action."), "unknown")
    station = await site.station()
    assert await station.ask(2, "a", "Foo", {}) == [4, "a", "NotImplemented", "No such action.", {}]
    assert (await recorded(site.csms, "unknown")).action == "Foo"


async def test_pipelined_calls_are_answered_in_their_order(site: Site) -> None:
    station = await site.station()
    for number in range(50):
        await station.send(2, str(number), "Heartbeat", {})
    assert [(await station.read())[1] for _ in range(50)] == [str(number) for number in range(50)]


async def test_an_answer_may_come_later(site: Site) -> None:
    site.csms.later("Authorize")
    station = await site.station()
    await station.send(2, "a", "Authorize", {"idTag": "TAG"})
    await site.csms.until(lambda: site.csms.calls)
    assert await station.ask(2, "b", "Heartbeat", {}) == [3, "b", {}]
    site.session.answer("a", {"idTagInfo": {"status": "Accepted"}})
    assert await station.read() == [3, "a", {"idTagInfo": {"status": "Accepted"}}]
    site.session.answer("a", {"again": 1})
    site.session.answer("unknown", {})
    assert await station.ask(2, "c", "Heartbeat", {}) == [3, "c", {}]


async def test_an_answer_given_before_the_handler_returns_counts(site: Site) -> None:
    def at_once(session: Session, call: Call) -> Reception:
        session.answer(call.message_id, {"early": True})
        return Reception(None)

    site.csms.answers["StartTransaction"] = site.csms.answers["Authorize"] = at_once
    station = await site.station()
    assert await station.ask(2, "a", "Authorize", {}) == [3, "a", {"early": True}]
    assert await station.ask(2, "b", "StartTransaction", START) == [3, "b", {"early": True}]


@pytest.mark.parametrize("action", ["Heartbeat", "StopTransaction"])
async def test_a_bug_of_ours_is_answered_and_shown_and_disturbs_nobody(
    site: Site, caplog: pytest.LogCaptureFixture, action: str
) -> None:
    def broken(session: Session, call: Call) -> Reception:
        raise KeyError("oh")

    site.csms.answers[action] = broken
    station, other = await site.station("CP-1"), await site.station("CP-2")
    answer = await station.ask(2, "a", action, {})
    assert answer[:3] == [4, "a", "InternalError"]
    assert "oh" not in str(answer)
    assert await station.ask(2, "b", "Authorize", {}) == [3, "b", {}]
    assert await other.ask(2, "c", "Authorize", {}) == [3, "c", {}]
    assert any(action in notice for notice in site.csms.notices)
    assert "KeyError" in caplog.text


async def test_an_answer_that_is_no_json_becomes_an_internal_error(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.csms.answers["Heartbeat"] = lambda session, call: Reception({"no": object()})
    station = await site.station()
    assert (await station.ask(2, "a", "Heartbeat", {}))[:3] == [4, "a", "InternalError"]
    assert "no JSON" in caplog.text


async def test_what_nobody_answers_is_answered_in_the_end(start: Start) -> None:
    site = await start(ping_interval_s=0.05, answer_timeout_s=0.1)
    site.csms.later("StartTransaction")
    station = await site.station()
    assert (await station.ask(2, "a", "StartTransaction", START))[:3] == [4, "a", "InternalError"]
    site.session.answer("a", {"too": "late"})
    # What got no answer worth repeating is asked anew.
    site.csms.answers["StartTransaction"] = lambda session, call: Reception({"transactionId": 1})
    assert await station.ask(2, "a", "StartTransaction", START) == [3, "a", {"transactionId": 1}]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("nonsense", [4, "-1", "FormationViolation"]),
        ('[2,"m","MeterValues",{"transactionId":,"x":1}]', [4, "m", "FormationViolation"]),
        ("[" * 100_000, [4, "-1", "FormationViolation"]),
        ('[2,"1",{},{}]', [4, "1", "FormationViolation"]),
        ('[2,"1","X",{"limit":NaN}]', [4, "1", "FormationViolation"]),
        (f'[2,"1","X",{{"n":{"1" * 5000}}}]', [4, "1", "FormationViolation"]),
        ("[2]", [4, "-1", "FormationViolation"]),
        (f'[2,"1","X",{{"secret":"{"s" * 50_000}"]', [4, "1", "FormationViolation"]),
    ],
)
async def test_bad_input_gets_its_callerror_and_the_connection_stays(site: Site, text: str, answer: list[Any]) -> None:
    station = await site.station()
    await station.socket.send(text)
    error = await station.read()
    assert error[:3] == answer
    assert len(error[3]) <= 255
    assert "sss" not in error[3]
    assert await station.ask(2, "after", "Heartbeat", {}) == [3, "after", {}]
    bad = next(message for message in site.csms.messages if message.kind == "MALFORMED")
    assert bad.problem
    assert bad.text == text[: 1 << 16]


@pytest.mark.parametrize("text", ['[1,"6OUou","StartTransaction",{}]', '[3,"x",{', '[4,"x"]', '[6,"x","Y",{}]'])
async def test_what_is_to_be_ignored_is_recorded_and_not_answered(site: Site, text: str) -> None:
    station = await site.station()
    await station.socket.send(text)
    assert await station.ask(2, "after", "Heartbeat", {}) == [3, "after", {}]
    first = next(message for message in site.csms.messages if message.direction == "cs->csms")
    assert first.problem


async def test_nul_bytes_inside_a_string_are_forgiven(site: Site) -> None:
    station = await site.station()
    await station.socket.send('[2,"a","DataTransfer",{"data":"A\0B"}]')
    assert await station.read() == [3, "a", {}]
    assert site.csms.calls[0].payload == {"data": "AB"}
    assert site.csms.messages[1].problem == "control characters in the JSON"


async def test_a_send_of_2_1_is_heard_and_not_answered(start: Start) -> None:
    site = await start(supported=("ocpp2.1",))
    station = await site.station("CP-1", ("ocpp2.1",))
    await station.send(6, "s", "NotifyPeriodicEventStream", {"id": 1})
    assert await station.ask(2, "a", "Heartbeat", {}) == [3, "a", {}]
    assert site.csms.calls[0] == Call("s", "NotifyPeriodicEventStream", {"id": 1})


# ---- retries


async def test_a_retry_gets_the_same_answer_and_has_no_second_effect(site: Site) -> None:
    ids = iter(range(1, 10))
    site.csms.answers["StartTransaction"] = lambda session, call: Reception({"transactionId": next(ids)})
    station = await site.station()
    first = await station.ask(2, "a", "StartTransaction", START)
    assert await station.ask(2, "a", "StartTransaction", START) == first
    again = await site.station()  # the same identity, over a new connection
    assert await again.ask(2, "a", "StartTransaction", START) == first
    assert len(site.csms.calls) == 1
    assert (await recorded(site.csms, "a repeated request")).message_id == "a"


async def test_a_retry_while_the_answer_is_pending_is_answered_too_when_it_is_ready(site: Site) -> None:
    site.csms.later("StartTransaction")
    station = await site.station()
    await station.send(2, "a", "StartTransaction", START)
    await station.send(2, "a", "StartTransaction", START)
    assert await station.ask(2, "h", "Heartbeat", {}) == [3, "h", {}]
    site.session.answer("a", {"transactionId": 7})
    assert await station.read() == await station.read() == [3, "a", {"transactionId": 7}]
    assert [call.action for call in site.csms.calls] == ["StartTransaction", "Heartbeat"]


async def test_a_retry_over_a_new_connection_gets_the_answer_the_old_one_waits_for(site: Site) -> None:
    site.csms.later("StopTransaction")
    first = await site.station()
    await first.send(2, "a", "StopTransaction", {"transactionId": 1})
    await site.csms.until(lambda: site.csms.calls)
    old_session = site.session
    second = await site.station()
    await second.send(2, "a", "StopTransaction", {"transactionId": 1})
    assert await second.ask(2, "h", "Heartbeat", {}) == [3, "h", {}]
    old_session.answer("a", {"idTagInfo": {"status": "Accepted"}})
    assert await second.read() == [3, "a", {"idTagInfo": {"status": "Accepted"}}]
    assert [call.action for call in site.csms.calls] == ["StopTransaction", "Heartbeat"]
    cast(Link, site.session).answer_overdue(0)
    assert await second.ask(2, "i", "Heartbeat", {}) == [3, "i", {}]
    assert site.csms.notices == []


@pytest.mark.parametrize("meters", [(0,), range(20)], ids=["the same again and again", "an id for everything"])
async def test_requests_under_one_id_are_bounded_and_each_is_answered(site: Site, meters: Sequence[int]) -> None:
    site.csms.later("StartTransaction")
    station = await site.station()
    for number in range(20):
        await station.send(2, "a", "StartTransaction", {**START, "meterStart": meters[number % len(meters)]})
    refused = [await station.read() for _ in range(12)]
    assert {(kind, message_id, code) for kind, message_id, code, *_ in refused} == {(4, "a", "GenericError")}
    await recorded(site.csms, "too many requests")
    for _ in meters[:8]:
        site.session.answer("a", {"transactionId": 7})
    assert [await station.read() for _ in range(8)] == [[3, "a", {"transactionId": 7}]] * 8
    assert await station.ask(2, "h", "Heartbeat", {}) == [3, "h", {}]
    assert len(site.csms.calls) == len(meters[:8]) + 1


async def test_an_id_used_again_for_something_else_is_a_new_request(site: Site) -> None:
    station = await site.station()
    for meter in (0, 100):
        assert await station.ask(2, "1", "StartTransaction", {**START, "meterStart": meter}) == [3, "1", {}]
    assert [call.payload["meterStart"] for call in site.csms.calls] == [0, 100]


@pytest.mark.parametrize("action", ["BootNotification", "Heartbeat", "StatusNotification", "Authorize"])
async def test_what_may_be_done_twice_is_done_again_for_its_answer_would_be_out_of_date(
    site: Site, action: str
) -> None:
    station = await site.station()
    await station.ask(2, "1", action, {})
    await station.ask(2, "1", action, {})
    assert len(site.csms.calls) == 2


async def test_a_refused_request_is_tried_anew(site: Site) -> None:
    site.csms.answers["StartTransaction"] = lambda session, call: Reception(Refusal("InternalError", "no"))
    station = await site.station()
    await station.ask(2, "a", "StartTransaction", START)
    await station.ask(2, "a", "StartTransaction", START)
    assert len(site.csms.calls) == 2


# ---- we ask


async def test_a_request_of_ours_is_answered(site: Site) -> None:
    station = await site.station()
    call = asyncio.create_task(site.session.call("Reset", {"type": "Soft"}, 10))
    kind, message_id, action, payload = await station.read()
    assert (kind, action, payload) == (2, "Reset", {"type": "Soft"})
    assert len(message_id) == 36
    await station.send(3, message_id, {"status": "Accepted"})
    end = await call
    assert isinstance(end, CallResult)
    assert end.payload == {"status": "Accepted"}
    answer = next(message for message in site.csms.messages if message.kind == "CALLRESULT")
    assert (answer.action, answer.message_id, answer.direction) == ("Reset", message_id, "cs->csms")
    assert answer.latency_s is not None


async def test_a_callerror_ends_a_request_of_ours(site: Site) -> None:
    station = await site.station()
    call = asyncio.create_task(site.session.call("Reset", {}, 10))
    message_id = (await station.read())[1]
    await station.send(4, message_id, "NotSupported", "not here", {"why": 1})
    end = await call
    assert isinstance(end, CallError)
    assert (end.code, end.description, end.details) == ("NotSupported", "not here", {"why": 1})


async def test_an_unreadable_answer_ends_a_request_of_ours_at_once(site: Site) -> None:
    station = await site.station()
    call = asyncio.create_task(site.session.call("GetConfiguration", {}, 10))
    message_id = (await station.read())[1]
    await station.socket.send(f'[3,"{message_id}",{{"configurationKey":[}}]')
    end = await call
    assert isinstance(end, CallError)
    assert "cannot be read" in end.description


async def test_one_request_of_ours_is_outstanding_the_others_wait(site: Site) -> None:
    station = await site.station()
    calls = [asyncio.create_task(site.session.call("Reset", {"n": n}, 10)) for n in range(3)]
    for n in range(3):
        message = await station.read()
        assert message[3] == {"n": n}
        assert await station.ask(2, "h", "Heartbeat", {}) == [3, "h", {}]  # and nothing between
        await station.send(3, message[1], {})
    assert all(isinstance(end, CallResult) for end in await asyncio.gather(*calls))


async def test_calls_may_cross(site: Site) -> None:
    site.csms.later("Authorize")
    station = await site.station()
    await station.send(2, "a", "Authorize", {})
    await site.csms.until(lambda: site.csms.calls)
    call = asyncio.create_task(site.session.call("Reset", {}, 10))
    asked = await station.read()
    site.session.answer("a", {})
    assert await station.read() == [3, "a", {}]
    await station.send(3, asked[1], {"status": "Accepted"})
    assert isinstance(await call, CallResult)


@pytest.mark.conforms("DX-T27", "DX-T34")
async def test_a_late_answer_is_recorded_and_has_no_effect(site: Site) -> None:
    station = await site.station()
    end = await site.session.call("GetConfiguration", {}, 0.05)
    assert isinstance(end, CallLost)
    assert not end.offline
    message_id = (await station.read())[1]
    await station.send(3, message_id, {})
    assert (await recorded(site.csms, "too late")).action == "GetConfiguration"
    await station.send(3, message_id, {})
    assert (await recorded(site.csms, "answers no request of ours")).message_id == message_id
    call = asyncio.create_task(site.session.call("Reset", {}, 10))
    await station.send(3, (await station.read())[1], {})
    assert isinstance(await call, CallResult)


async def test_answers_to_nothing_are_recorded(site: Site) -> None:
    station = await site.station()
    await station.send(3, "what", {})
    await station.send(4, "which", "GenericError", "", {})
    assert await station.ask(2, "h", "Heartbeat", {}) == [3, "h", {}]
    orphans = [message for message in site.csms.messages if message.problem == "answers no request of ours"]
    assert [(message.kind, message.message_id) for message in orphans] == [
        ("CALLRESULT", "what"),
        ("CALLERROR", "which"),
    ]


async def test_what_is_wrong_with_an_answer_is_recorded(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    station = await site.station()
    for problem, shown in (("no status", "no status"), ("raise", "an error of our own in checking it")):
        site.csms.problem = problem
        call = asyncio.create_task(site.session.call("Reset", {}, 10))
        await station.send(3, (await station.read())[1], {})
        assert isinstance(await call, CallResult)
        await recorded(site.csms, shown)
    assert "RuntimeError" in caplog.text


async def test_the_end_of_the_connection_ends_our_requests_as_offline(site: Site) -> None:
    station = await site.station()
    session = site.session
    calls = [asyncio.create_task(session.call("Reset", {}, 10)) for _ in range(2)]
    await station.read()
    await station.socket.close()
    async with asyncio.timeout(LIMIT_S):
        ends = await asyncio.gather(*calls)
    assert [isinstance(end, CallLost) and end.offline for end in ends] == [True, True]
    assert await session.call("Reset", {}, 10) == CallLost(True, 0.0)
    session.answer("a", {})
    session.close(1000, "")


async def test_requests_that_wait_are_bounded(site: Site) -> None:
    station = await site.station()
    calls = [asyncio.create_task(site.session.call("Reset", {}, 10)) for _ in range(101)]
    await station.read()
    with pytest.raises(ConsoleError, match="CP-1"):
        await site.session.call("Reset", {}, 10)
    await station.socket.close()
    await asyncio.gather(*calls)


async def test_a_deadline_counts_from_the_asking_and_what_was_not_sent_is_not_sent_later(site: Site) -> None:
    station = await site.station()
    first = asyncio.create_task(site.session.call("Reset", {}, 10))
    message_id = (await station.read())[1]
    end = await site.session.call("Unsent", {}, 0.05)
    assert isinstance(end, CallLost)
    await station.send(3, message_id, {})
    await first
    third = asyncio.create_task(site.session.call("Third", {}, 10))
    message = await station.read()
    assert message[2] == "Third"
    await station.send(3, message[1], {})
    await third


async def test_who_gives_up_waiting_gives_up_its_turn(site: Site) -> None:
    station = await site.station()
    first = asyncio.create_task(site.session.call("First", {}, 10))
    message = await station.read()
    waiting = asyncio.create_task(site.session.call("GivenUp", {}, 10))
    await asyncio.sleep(0)
    waiting.cancel()
    first.cancel()
    await asyncio.gather(waiting, first, return_exceptions=True)
    third = asyncio.create_task(site.session.call("Third", {}, 10))
    await station.send(3, message[1], {})  # only now may another be asked
    assert (await station.read())[2] == "Third"
    third.cancel()
    await asyncio.gather(third, return_exceptions=True)


async def test_a_request_that_is_no_json_fails_to_the_caller_and_blocks_nothing(site: Site) -> None:
    station = await site.station()
    with pytest.raises(TypeError):
        await site.session.call("Reset", {"no": object()}, 10)
    call = asyncio.create_task(site.session.call("Reset", {}, 10))
    await station.send(3, json.loads(await station.socket.recv())[1], {})
    assert isinstance(await call, CallResult)
