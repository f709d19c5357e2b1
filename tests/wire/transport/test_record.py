"""What the operator can read afterwards: every frame, in order, without secrets."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from tests.wire.transport.conftest import Site, Start


async def test_each_frame_is_recorded_both_ways_in_order(start: Start) -> None:
    site = await start(listener={"seq": itertools.count(41)})
    station = await site.station()
    await station.ask(2, "a", "Heartbeat", {})
    call = asyncio.create_task(site.session.call("Reset", {"type": "Soft"}, 10))
    asked = (await station.read())[1]
    await station.send(3, asked, {"status": "Accepted"})
    await call
    await site.csms.until(lambda: len(site.csms.messages) == 5)
    shown = [(m.seq, m.direction, m.kind, m.message_id, m.action, m.text) for m in site.csms.messages[1:]]
    assert shown == [
        (42, "cs->csms", "CALL", "a", "Heartbeat", '[2, "a", "Heartbeat", {}]'),
        (43, "csms->cs", "CALLRESULT", "a", "Heartbeat", '[3,"a",{}]'),
        (44, "csms->cs", "CALL", asked, "Reset", f'[2,"{asked}","Reset",{{"type":"Soft"}}]'),
        (45, "cs->csms", "CALLRESULT", asked, "Reset", f'[3, "{asked}", {{"status": "Accepted"}}]'),
    ]
    assert [message.latency_s is not None for message in site.csms.messages[1:]] == [False, True, False, True]


async def test_secrets_are_taken_out_before_anybody_sees_them(start: Start) -> None:
    asked: list[tuple[str, str, bool]] = []

    def redact(version: str, action: str, text: str, is_answer: bool) -> str:
        asked.append((version, action, is_answer))
        return text.replace("hunter2", "***")

    secret = frozenset({"ChangeConfiguration"})
    site = await start(listener={"redact": redact, "secret_actions": secret})
    station = await site.station()
    call = asyncio.create_task(site.session.call("ChangeConfiguration", {"value": "hunter2"}, 10))
    message_id = (await station.read())[1]
    await station.send(3, message_id, {"echo": "hunter2"})
    await call
    await station.send(3, message_id, {"echo": "hunter2"})
    await station.socket.send('{"broken": "hunter2"')
    await station.read()
    await station.ask(2, "h", "Heartbeat", {})
    assert "hunter2" not in str(site.csms.messages)
    assert asked[:4] == [
        ("1.6", "ChangeConfiguration", False),
        ("1.6", "ChangeConfiguration", True),
        ("1.6", "", True),
        ("1.6", "", True),
    ]
    assert not any(action == "Heartbeat" for _, action, _ in asked)


async def test_a_text_that_cannot_be_redacted_is_not_kept(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    def redact(version: str, action: str, text: str, is_answer: bool) -> str:
        raise ValueError("oh")

    site = await start(listener={"redact": redact, "secret_actions": frozenset({"ChangeConfiguration"})})
    station = await site.station()
    assert await station.ask(2, "a", "ChangeConfiguration", {"value": "hunter2"}) == [3, "a", {}]
    received = site.csms.messages[1]
    assert (received.text, received.problem) == ("", "its text could not be redacted")
    assert "ValueError" in caplog.text


async def test_a_huge_frame_is_recorded_in_part(site: Site) -> None:
    station = await site.station()
    await station.ask(2, "a", "DataTransfer", {"data": "x" * 100_000})
    received = site.csms.messages[1]
    assert len(received.text) == 1 << 16
    assert received.problem.startswith("recorded in part, 1000")


async def test_a_record_that_fails_stops_no_answer(site: Site) -> None:
    def fail(changes: object) -> None:
        raise RuntimeError("full")

    station = await site.station()
    site.csms.emit = fail  # type: ignore[method-assign]
    assert await station.ask(2, "a", "Heartbeat", {}) == [3, "a", {}]
    assert await station.ask(2, "b", "Heartbeat", {}) == [3, "b", {}]
    del site.csms.emit
