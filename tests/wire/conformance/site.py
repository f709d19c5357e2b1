"""A site under test: the real service, an operator at its link, and stations that say what a test tells them to."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from console.backends.service import ServiceBackend
from console.csms.dialects import schemas
from console.model.command import AddStation, Command, PutToken, RemoveToken
from console.model.message import Message
from console.model.outcome import Outcome
from console.model.query import MessageQuery
from console.model.site import Site
from console.model.token import Token
from console.service.runtime import Service
from tests.support.stations import now as now

Json = dict[str, Any]
Answer = Json | Callable[[Json], Json | list[Any] | None]


class Station:
    """One station of any version, on the plain `websockets` client. It answers our requests from ``answers``.

    An answer is a payload, or a function of the request's payload; a list from that is ``[code, description]`` of a
    CALLERROR, and None is silence. What is not in ``answers`` is answered NotSupported. Every request of ours and every
    answer to it is checked against its schema: ``faults`` must be empty at the end, which ``Bench.station`` asserts.
    """

    def __init__(self, station_id: str, version: str, connection: ClientConnection) -> None:
        self.station_id = station_id
        self.version = version
        self.connection = connection
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, Json]] = []
        self.frames: list[list[Any]] = []
        self.faults: list[str] = []
        self._number = 0
        self._waiting: dict[str, tuple[str, asyncio.Future[list[Any]]]] = {}
        self._heard = asyncio.Condition()

    # ---- what the station says

    async def call(self, action: str, /, **payload: Any) -> Json:
        """Ask, and return the payload of the answer, which must be a CALLRESULT that keeps its schema."""
        frame = await self.ask(action, payload)
        assert frame[0] == 3, f"{action} was answered {frame}"
        answer: Json = frame[2]
        return answer

    async def refused(self, action: str, /, **payload: Any) -> str:
        """Ask, and return the code of the CALLERROR that it must be answered with."""
        frame = await self.ask(action, payload)
        assert frame[0] == 4, f"{action} was answered {frame}"
        return str(frame[2])

    async def ask(self, action: str, payload: Any, message_id: str = "") -> list[Any]:
        """Ask, and return the whole frame of the answer. Several may be under way."""
        self._number += 1
        message_id = message_id or f"{self.station_id}-{self._number}"[-36:]
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = action, waiting
        await self.say([2, message_id, action, payload])
        async with asyncio.timeout(30):
            return await waiting

    async def say(self, frame: Any) -> None:
        """Send a frame, or any text."""
        await self.connection.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def boot(self, **more: Any) -> Json:
        """BootNotification of this version."""
        if self.version == "1.6":
            return await self.call("BootNotification", chargePointVendor="Raw", chargePointModel="One", **more)
        station = {"vendorName": "Raw", "model": "Two"} | more.pop("chargingStation", {})
        return await self.call(
            "BootNotification", chargingStation=station, reason=more.pop("reason", "PowerUp"), **more
        )

    # ---- what the station hears

    async def heard(self, action: str, count: int = 1) -> Json:
        """Wait until the CSMS has asked for something so many times; return what the last time."""
        async with asyncio.timeout(30), self._heard:
            await self._heard.wait_for(lambda: sum(asked == action for asked, _ in self.asked) >= count)
        return [payload for asked, payload in self.asked if asked == action][count - 1]

    def times(self, action: str) -> int:
        """How often the CSMS has asked for something."""
        return sum(asked == action for asked, _ in self.asked)

    async def until_frame(self, matches: Callable[[list[Any]], bool]) -> list[Any]:
        """Wait for a frame of any kind."""
        async with asyncio.timeout(30), self._heard:
            await self._heard.wait_for(lambda: any(matches(frame) for frame in self.frames))
        return next(frame for frame in self.frames if matches(frame))

    async def listen(self) -> None:
        """Take frames until the connection ends."""
        try:
            async for text in self.connection:
                frame = json.loads(text)
                if frame[0] == 2:
                    await self._answer(frame)
                elif frame[0] in (3, 4) and frame[1] in self._waiting:
                    action, waiting = self._waiting.pop(frame[1])
                    self._check(action, frame[2] if frame[0] == 3 else None, answer=True)
                    if not waiting.done():
                        waiting.set_result(frame)
                async with self._heard:
                    self.frames.append(frame)
                    self._heard.notify_all()
        finally:
            for _, waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionResetError("the connection ended before the answer came"))

    async def _answer(self, frame: list[Any]) -> None:
        _, message_id, action, payload = frame
        self._check(action, payload, answer=False)
        answer = self.answers.get(action, lambda _payload: ["NotSupported", ""])
        said = answer(payload) if callable(answer) else answer
        reply = [4, message_id, *said, {}] if isinstance(said, list) else [3, message_id, said]
        async with self._heard:
            self.asked.append((action, payload))
            self._heard.notify_all()
        if said is not None:
            await self.connection.send(json.dumps(reply))

    def _check(self, action: str, payload: Any, *, answer: bool) -> None:
        if payload is None or action not in schemas.actions(self.version):
            return
        checker = schemas.checker(self.version, action, answer=answer)
        if not checker.accepts(payload):
            what = "answer to" if answer else "request"
            self.faults.append(f"our {what} {action} breaks its schema: {checker.violations(payload)}")


class Bench:
    """The service, the operator, and the site as the operator sees it."""

    def __init__(self, service: Service, backend: ServiceBackend) -> None:
        self.service = service
        self.backend = backend
        self.site = Site()
        self._changed = asyncio.Condition()

    @property
    def url(self) -> str:
        """Where stations connect, without their identity."""
        return self.service.info.listening[0]

    async def follow(self) -> None:
        """Keep ``site`` up to date until cancelled."""
        async for update in self.backend.watch():
            async with self._changed:
                if isinstance(update, Site):
                    self.site = update
                elif isinstance(update, tuple):
                    self.site = self.site.apply(update)
                self._changed.notify_all()

    async def until(self, condition: Callable[[Site], Any]) -> Any:
        """Wait until the operator sees something; return what the condition gave. Look-ups that fail are waited for."""

        def seen() -> Any:
            try:
                return condition(self.site)
            except (KeyError, AttributeError, StopIteration):
                return None

        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(seen)
        return condition(self.site)

    async def settled(self) -> None:
        """Wait until the operator sees all that has happened so far: what is not seen then, did not happen."""
        last = Token("the last that happened")
        assert (await self.run(PutToken(last))).ok
        await self.until(lambda site: last.key in site.tokens)
        assert (await self.run(RemoveToken(last.id_token))).ok
        await self.until(lambda site: last.key not in site.tokens)

    async def run(self, command: Command) -> Outcome:
        """Carry out an operator's command."""
        return await self.backend.run(command)

    async def add_tags(self, *tags: str | Token) -> None:
        """Let these tags charge."""
        for tag in tags:
            assert (await self.run(PutToken(Token(tag) if isinstance(tag, str) else tag))).ok

    async def messages(self, station_id: str) -> list[Message]:
        """The frames on record of a station, up to now."""
        await self.service._store.writer.flush()
        return list(await self.backend.messages(MessageQuery(station=station_id)))

    @contextlib.asynccontextmanager
    async def station(
        self, station_id: str, version: str = "1.6", *, accepted: bool = True, **options: Any
    ) -> AsyncIterator[Station]:
        """A connected station; accepted beforehand unless it is to wait. ``options`` go to `websockets`.

        The option ``gate`` says which of the service's gates it comes in by.
        """
        if accepted:
            assert (await self.run(AddStation(station_id))).ok
        address = f"{self.service.info.listening[options.pop('gate', 0)]}{quote(station_id, safe='')}"
        subprotocols = options.pop("subprotocols", [Subprotocol(f"ocpp{version}")])
        async with connect(address, subprotocols=subprotocols, proxy=None, **options) as connection:
            station = Station(station_id, version, connection)
            listening = asyncio.create_task(station.listen())
            try:
                yield station
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            assert not station.faults, station.faults
