"""Trace files: what is written can be read, answers find their questions, mistakes are told with line and cure."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.backends import trace
from console.errors import ConsoleError
from console.model.message import Direction, Message, MessageType

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CALL = Message(1, NOW, "CP/1 é", Direction.FROM_STATION, MessageType.CALL, "a", "Heartbeat", '[2,"a","Heartbeat",{}]')


def _read(tmp_path: Path, text: str) -> list[Message]:
    path = tmp_path / "trace.jsonl"
    path.write_text(text)
    return [line.message for line in trace.read(path)]


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    answer = Message(
        2,
        NOW + timedelta(seconds=0.25),
        CALL.station_id,
        Direction.TO_STATION,
        MessageType.CALLRESULT,
        "a",
        "Heartbeat",
        '[3,"a",{}]',
        0.25,
    )
    broken = Message(
        3, NOW, "CP-2", Direction.FROM_STATION, MessageType.MALFORMED, text='[2,"b', problem="this is no JSON"
    )
    event = Message(
        4, NOW, "CP-2", Direction.EVENT, MessageType.EVENT, action="closed", text='{"code":1006,"reason":""}'
    )
    messages = [CALL, answer, broken, event]
    text = "".join(trace.write(messages, {CALL.station_id: "1.6"}))
    assert _read(tmp_path, text) == messages
    assert json.loads(text.splitlines()[0])["cp"] == "CP%2F1%20%C3%A9"


@given(text=st.text(max_size=30), station_id=st.text(min_size=1, max_size=5).filter(lambda text: text.isprintable()))
def test_any_text_a_station_sent_keeps_to_its_line(text: str, station_id: str) -> None:
    message = Message(1, NOW, station_id, Direction.FROM_STATION, MessageType.MALFORMED, text=text)
    (line,) = trace.write([message], {})
    assert line.count("\n") == 1
    assert line.endswith("\n")
    json.loads(line)


def test_an_answer_has_the_action_of_its_call_and_the_time_between(tmp_path: Path) -> None:
    lines = [
        {"ts": "2026-11-21T12:00:00Z", "cp": "A", "direction": "csms->cs", "frame": [2, "x", "Reset", {}]},
        {"ts": "2026-11-21T12:00:01Z", "cp": "A", "direction": "cs->csms", "frame": [2, "x", "Heartbeat", {}]},
        {"ts": "2026-11-21T12:00:02Z", "cp": "B", "direction": "cs->csms", "frame": [3, "x", {}]},
        {"ts": "2026-11-21T12:00:03Z", "cp": "A", "direction": "cs->csms", "frame": [4, "x", "NotSupported", "", {}]},
    ]
    _, _, stranger, answer = _read(tmp_path, "\n".join(map(json.dumps, lines)))
    assert (stranger.action, stranger.latency_s) == ("", None)
    assert (answer.kind, answer.action, answer.latency_s) == (MessageType.CALLERROR, "Reset", 3.0)


def test_a_handshakes_headers_are_let_go_of(tmp_path: Path) -> None:
    line = {"ts": "2026-11-21T12:00:00Z", "cp": "A", "direction": "event", "event": "handshake", "path": "/A"}
    (message,) = _read(tmp_path, json.dumps(line | {"headers": {"Authorization": "Basic c2VjcmV0"}}))
    assert (message.action, json.loads(message.text)) == ("connected", {"path": "/A"})


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"cp": "A", "direction": "cs->csms", "frame": []}',
        '{"ts": "soon", "cp": "A", "direction": "cs->csms"}',
        '{"ts": "2026-11-21T12:00:00Z", "cp": "A", "direction": "sideways"}',
        pytest.param('{"frame":' + "[" * 100_000, id="deep"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_cure(tmp_path: Path, line: str) -> None:
    good = '{"ts": "2026-11-21T12:00:00Z", "cp": "A", "direction": "cs->csms", "frame": [2, "1", "Heartbeat", {}]}'
    with pytest.raises(ConsoleError, match=r"trace\.jsonl, line 3: ") as caught:
        _read(tmp_path, f"{good}\n\n{line}\n{good}")
    assert "Mend it, or delete it" in caught.value.hint


@pytest.mark.parametrize("frame", ["[]", "[2]", '[{}, "x", "y"]', "[2, 7, 8, 9]", "7"])
def test_a_frame_that_is_none_is_malformed_and_kept(tmp_path: Path, frame: str) -> None:
    line = f'{{"ts": "2026-11-21T12:00:00Z", "cp": "A", "direction": "cs->csms", "frame": {frame}}}'
    (message,) = _read(tmp_path, line)
    assert message.text == frame


def test_files_that_cannot_be_read_or_are_empty_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match="cannot be read"):
        trace.read(tmp_path / "none.jsonl")
    with pytest.raises(ConsoleError, match="holds no frames"):
        _read(tmp_path, "\n")
