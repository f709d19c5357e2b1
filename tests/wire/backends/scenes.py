"""One story, told by two backends: by the service while a station lives it, and by a recording of just that."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from console.backends import trace
from console.backends.base import Backend, MessageQuery
from console.backends.recording import RecordingBackend
from console.backends.service import ServiceBackend
from console.model.command import PutToken, ReadSettings
from console.model.message import Direction, Message
from console.model.token import Token
from console.service.runtime import Service
from tests.support.services import console, running_service
from tests.support.stations import RawStation, raw_station

STATION, TAG, OTHER_TAG = "CP/1 é", "04A2C19B", "04FFFFFF"
EVENT_AT = "2026-11-21T12:00:00Z"
CONFIGURATION = {
    "configurationKey": [
        {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
        {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
    ]
}


@dataclass
class Scene:
    """A backend after the first part of the story; ``go_on`` tells the second."""

    backend: Backend
    go_on: Callable[[], Awaitable[None]]


async def first_part(station: RawStation, backend: ServiceBackend) -> None:
    """A station comes, charges a car, begins to charge another, and says something that it should not."""
    for tag in (TAG, OTHER_TAG):
        await backend.run(PutToken(Token(tag)))
    station.answers["GetConfiguration"] = CONFIGURATION
    await station.boot(connectors=2)
    await backend.run(ReadSettings(STATION))
    first = await station.start(TAG, 1000, connector_id=1)
    for register in (1250, 1500):
        await station.meter(first, register, connector_id=1)
    await station.stop(first, 2000)
    await station.start(OTHER_TAG, 50, connector_id=2)
    await station.call("SecurityEventNotification", type="TamperDetectionActivated", timestamp=EVENT_AT, techInfo="lid")
    await station.call("LogStatusNotification", status="Uploading", requestId=7)
    await station.ask("NoSuchAction", {})


async def second_part(station: RawStation) -> None:
    """The other car's session goes on, and a connector fails."""
    await station.call("StatusNotification", connectorId=1, status="Faulted", errorCode="GroundFailure")
    await station.call("Heartbeat")


@contextlib.asynccontextmanager
async def lived(data: Path) -> AsyncIterator[tuple[Service, RawStation, ServiceBackend]]:
    """A service, a station on it that has lived the first part, and a console."""
    async with (
        running_service(data) as service,
        console(data, operator="me") as backend,
        raw_station(service.info.listening[0], STATION) as station,
    ):
        await first_part(station, backend)
        await messages_up_to(backend, "NoSuchAction")
        yield service, station, backend


@contextlib.asynccontextmanager
async def service_scene(folder: Path) -> AsyncIterator[Scene]:
    """The story as it is lived."""
    async with lived(folder / "data") as (_service, station, backend):

        async def go_on() -> None:
            await second_part(station)

        yield Scene(backend, go_on)


@contextlib.asynccontextmanager
async def recording_scene(folder: Path) -> AsyncIterator[Scene]:
    """The same frames, recorded and replayed up to the end of the first part."""
    path = folder / "story.jsonl"
    async with lived(folder / "data") as (_service, station, backend):
        first = await messages_up_to(backend, "NoSuchAction")
        await second_part(station)
        messages = await messages_up_to(backend, "Heartbeat")
    path.write_text("".join(trace.write(messages, {STATION: "1.6"})))
    recording = RecordingBackend(path)
    await recording.open()
    for _ in first:
        recording.step()

    async def go_on() -> None:
        await recording.seek_end()

    try:
        yield Scene(recording, go_on)
    finally:
        await recording.close()


async def messages_up_to(backend: Backend, action: str) -> Sequence[Message]:
    """All messages, once the answer to an action is among them: most are answered before they are stored."""
    async with asyncio.timeout(20):
        while True:
            messages = await backend.messages(MessageQuery())
            if messages and (messages[-1].action, messages[-1].direction) == (action, Direction.TO_STATION):
                return messages


SCENES = {"service": service_scene, "recording": recording_scene}
