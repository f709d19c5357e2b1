"""A recording, held, stepped and played: time is the recording's, and nothing can be asked of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.backends.base import Backend, MessageQuery, Playback, TransactionQuery
from console.backends.recording import RecordingBackend
from console.errors import ConsoleError
from console.model.change import NoticeKind
from console.model.command import ResetStation
from console.model.outcome import Result
from console.model.site import Site

BEGAN = datetime(2024, 11, 21, 12, 0, tzinfo=UTC)


def _lines(*frames: tuple[float, str, list[Any]], version: str = "1.6") -> str:
    """A trace: seconds after its begin, who sent, the frame."""
    return "\n".join(
        json.dumps(
            {
                "ts": (BEGAN + timedelta(seconds=after_s)).isoformat(),
                "cp": "CP-1",
                "ver": version,
                "direction": "cs->csms" if sender == "station" else "csms->cs",
                "frame": frame,
            }
        )
        for after_s, sender, frame in frames
    )


BOOT = [2, "1", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}]
BOOTED = [3, "1", {"status": "Accepted", "currentTime": "2026-11-21T12:00:00Z", "interval": 300}]
START = [2, "2", "StartTransaction", {"connectorId": 1, "idTag": "A", "meterStart": 10, "timestamp": BEGAN.isoformat()}]
STARTED = [3, "2", {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}]
SESSION = _lines(
    (0, "station", BOOT), (0.5, "us", BOOTED), (60, "station", START), (60.1, "us", STARTED),
    (3600, "station", [2, "3", "Heartbeat", {}]),
)  # fmt: skip


@pytest.fixture
async def recording(tmp_path: Path) -> AsyncIterator[RecordingBackend]:
    recording = await _open(tmp_path, SESSION)
    yield recording
    await recording.close()


async def _open(tmp_path: Path, text: str) -> RecordingBackend:
    path = tmp_path / "night.jsonl"
    path.write_text(text)
    recording = RecordingBackend(path, pace_s=0)
    await recording.open()
    return recording


async def _site(recording: RecordingBackend) -> Site:
    site = await anext(recording.watch())
    assert isinstance(site, Site)
    return site


def test_it_is_a_backend_that_can_be_played(tmp_path: Path) -> None:
    recording = RecordingBackend(tmp_path / "x")
    backend: Backend = recording
    assert backend.read_only
    assert isinstance(recording, Playback)


async def test_it_is_held_at_its_beginning(recording: RecordingBackend) -> None:
    position = recording.position()
    assert (position.done, position.total, position.at, position.playing) == (0, 5, None, False)
    assert (await _site(recording)).stations == {}
    assert await recording.messages(MessageQuery()) == []


async def test_a_step_lets_one_frame_through(recording: RecordingBackend) -> None:
    recording.step()
    assert list((await _site(recording)).stations) == ["CP-1"]
    assert recording.position().at == BEGAN
    assert [message.action for message in await recording.messages(MessageQuery())] == ["BootNotification"]
    for _ in range(10):
        recording.step()
    assert recording.position().done == 5


async def test_it_has_the_ids_and_verdicts_that_were_given_then(recording: RecordingBackend) -> None:
    await recording.seek_end()
    (transaction,) = await recording.transactions(TransactionQuery())
    assert (transaction.transaction_id, transaction.flags) == ("7", ())


async def test_it_plays_as_fast_as_it_is_told(recording: RecordingBackend) -> None:
    recording.set_speed(1_000_000)
    recording.play()
    assert recording.position().playing
    await _until_held(recording)
    assert recording.position().done == 5
    recording.play()
    assert not recording.position().playing


async def test_it_waits_for_a_frames_time(recording: RecordingBackend) -> None:
    recording.set_speed(50)
    recording.play()
    while recording.position().done < 2:  # noqa: ASYNC110  # it has no event of its own
        await asyncio.sleep(0.001)
    for _ in range(20):
        await asyncio.sleep(0)
    assert recording.position().done == 2  # the next is more than a second away
    recording.set_speed(1_000_000)
    assert recording.position().playing
    await _until_held(recording)
    assert recording.position().done == 5


async def test_pausing_holds_it(recording: RecordingBackend) -> None:
    recording.play()
    recording.pause()
    assert not recording.position().playing
    recording.set_speed(1_000_000)
    assert not recording.position().playing
    assert recording.position().done == 0


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_what_is_no_speed_is_refused(tmp_path: Path, speed: float) -> None:
    with pytest.raises(ConsoleError, match="no speed"):
        RecordingBackend(tmp_path / "x").set_speed(speed)


async def test_nothing_can_be_asked_of_it(recording: RecordingBackend) -> None:
    outcome = await recording.run(ResetStation("CP-1"))
    assert (outcome.result, outcome.text) == (Result.NOT_POSSIBLE, "this is a recording")
    assert recording.why_not("station.reset") == "this is a recording"
    assert recording.why_not("view.open") is None


async def test_the_last_hour_is_the_recordings_last_hour(tmp_path: Path) -> None:
    values = [
        {"timestamp": (BEGAN + timedelta(minutes=minutes)).isoformat(), "sampledValue": [{"value": str(minutes)}]}
        for minutes in (0, 30, 100)
    ]
    meters = [2, "4", "MeterValues", {"connectorId": 1, "meterValue": values}]
    recording = await _open(tmp_path, _lines((0, "station", BOOT), (0, "us", BOOTED), (6000, "station", meters)))
    await recording.seek_end()
    found = await recording.recent_meter_values("CP-1", 1, datetime.now(UTC) - timedelta(hours=1))
    assert [value.samples[0].value for value in found] == [100]
    found = await recording.recent_meter_values("CP-1", 1, BEGAN + timedelta(minutes=10))
    assert [value.samples[0].value for value in found] == [30, 100]
    await recording.close()


async def test_secrets_of_others_recorders_are_not_shown(tmp_path: Path) -> None:
    change = [2, "9", "ChangeConfiguration", {"key": "AuthorizationKey", "value": "s3cret"}]
    recording = await _open(tmp_path, _lines((0, "us", change)))
    await recording.seek_end()
    (message,) = await recording.messages(MessageQuery())
    assert "AuthorizationKey" in message.text
    assert "s3cret" not in message.text
    await recording.close()


async def test_a_version_that_is_not_understood_is_said_once(tmp_path: Path) -> None:
    frames = [(0.0, "station", [2, str(number), "Heartbeat", {}]) for number in range(3)]
    recording = await _open(tmp_path, _lines(*frames, version="9.9"))
    await recording.seek_end()
    (notice,) = (await _site(recording)).notices
    assert (notice.kind, "OCPP 9.9" in notice.text) == (NoticeKind.WARNING, True)
    assert len(await recording.messages(MessageQuery())) == 3
    await recording.close()


async def test_a_frame_that_breaks_the_replay_is_told_and_passed_over(
    recording: RecordingBackend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recording, "_not_understood", lambda line: 1 / 0 if line.number == 1 else [])
    await recording.seek_end()
    site = await _site(recording)
    assert any(notice.text.startswith("line 1 could not be replayed") for notice in site.notices)
    assert site.running("CP-1")
    assert "could not be replayed" in caplog.text


async def test_closing_leaves_no_task(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    recording = await _open(tmp_path, SESSION)
    recording.play()
    await asyncio.sleep(0)
    await recording.close()
    assert asyncio.all_tasks() == before


async def _until_held(recording: RecordingBackend) -> None:
    async with asyncio.timeout(10):
        while recording.position().playing:  # noqa: ASYNC110  # it has no event of its own
            await asyncio.sleep(0.001)
