"""A whole service, and stations in front of it that say what real ones were seen to say."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from console.backends.service import ServiceBackend
from console.model.command import Command, PutToken
from console.model.message import Message
from console.model.outcome import Outcome
from console.model.query import MessageQuery, TransactionQuery
from console.model.site import Site
from console.model.station import Station
from console.model.token import Token
from console.model.transaction import Transaction
from console.service.runtime import Service
from tests.support.services import console, running_service, until
from tests.support.stations import Payload, RawStation, now

ID = "CP-1"
TAG = "04A2C19B"


class Odd(RawStation):
    """A station that may also send any text at all."""

    async def say(self, text: str, message_id: str) -> list[Any]:
        """Send a frame as it is, and return the answer to this id."""
        waiting = self._waiting[message_id] = asyncio.get_running_loop().create_future()
        await self.connection.send(text)
        return await waiting

    async def tell(self, text: str) -> None:
        """Send a frame as it is, to which nobody waits for an answer."""
        await self.connection.send(text)

    async def boot_as(self, vendor: str, model: str = "One", **more: Any) -> list[Any]:
        """Boot as of a make; return the whole frame of the answer."""
        return await self.ask("BootNotification", {"chargePointVendor": vendor, "chargePointModel": model, **more})

    async def status(self, status: str, connector: int = 1, error: str = "NoError", **more: Any) -> list[Any]:
        """Tell a connector's state."""
        payload = {"connectorId": connector, "status": status, "errorCode": error, **more}
        return await self.ask("StatusNotification", payload)

    async def samples(self, *samples: Payload, transaction_id: int | None = None, at: str = "") -> list[Any]:
        """Send meter values of connector 1."""
        payload: Payload = {"connectorId": 1, "meterValue": [{"timestamp": at or now(), "sampledValue": list(samples)}]}
        if transaction_id is not None:
            payload["transactionId"] = transaction_id
        return await self.ask("MeterValues", payload)


class Scene:
    """The service, the operator's view of it, and its stations."""

    def __init__(self, service: Service, backend: ServiceBackend, stack: contextlib.AsyncExitStack) -> None:
        self.service = service
        self.backend = backend
        self.url = service.info.listening[0]
        self._stack = stack

    async def station(
        self, station_id: str = ID, *, offers: Sequence[str] = ("ocpp1.6",), path: str | None = None, **options: Any
    ) -> Odd:
        """Connect a station."""
        subprotocols = [Subprotocol(name) for name in offers] or None
        address = self.url + (station_id if path is None else path)
        connection = await self._stack.enter_async_context(
            connect(address, subprotocols=subprotocols, proxy=None, **options)
        )
        station = Odd(station_id, connection)
        listening = asyncio.create_task(station.listen())

        async def end() -> None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

        self._stack.push_async_callback(end)
        identity = unquote(address.rstrip("/").rpartition("/")[2])
        await self.sees(lambda site: site.stations[identity].online)
        return station

    async def run(self, command: Command) -> Outcome:
        """What an operator does."""
        return await self.backend.run(command)

    async def know(self, *tags: str) -> None:
        """Add tags."""
        for tag in tags:
            assert (await self.run(PutToken(Token(tag)))).ok

    @property
    def site(self) -> Site:
        """What the operator sees."""
        return self.service.hub.site

    async def known(self, station_id: str = ID) -> Station:
        """What is shown of a station, once all that it said is stored."""
        await self.service._store.writer.flush()
        await asyncio.sleep(0)  # the hub hears of a commit in the loop's next turn
        return self.site.stations[station_id]

    async def sees(self, condition: Callable[[Site], Any]) -> None:
        """Wait until the operator sees something; what is not there yet is not seen."""

        def seen() -> bool:
            try:
                return bool(condition(self.site))
            except (AttributeError, KeyError, IndexError):
                return False

        await until(seen)

    async def notice(self, text: str) -> str:
        """Wait for a line that holds this text; return it whole."""
        await self.sees(lambda site: any(text in each.text for each in site.notices))
        return next(each.text for each in self.site.notices if text in each.text)

    def notices(self, text: str = "") -> list[str]:
        """The lines so far that hold this text."""
        return [each.text for each in self.site.notices if text in each.text]

    async def message(self, problem: str = "", action: str = "") -> Message:
        """Wait for a message on record whose problem holds this text."""
        async with asyncio.timeout(20):
            while True:
                for each in await self.backend.messages(MessageQuery(action=action, limit=5000)):
                    if problem in each.problem and (each.problem or not problem):
                        return each
                await asyncio.sleep(0.01)

    async def transactions(self) -> Sequence[Transaction]:
        """All transactions on record, newest first."""
        return await self.backend.transactions(TransactionQuery())


Start = Callable[..., Any]


@pytest.fixture
async def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Starts a service; keyword arguments are its settings."""
    monkeypatch.setenv("OCPP_CONSOLE_CONFIG", str(tmp_path / "config"))
    async with contextlib.AsyncExitStack() as stack:

        async def start(**settings: Any) -> Scene:
            service = await stack.enter_async_context(running_service(tmp_path / "data", **settings))
            backend = await stack.enter_async_context(console(tmp_path / "data"))
            return Scene(service, backend, stack)

        yield start


@pytest.fixture
async def scene(begin: Start) -> Scene:
    """A service with the usual settings, that sends nothing by itself."""
    started: Scene = await begin()
    return started


def basic(user: str, password: str) -> dict[str, str]:
    """The header of Basic auth."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def pretty(*frame: Any) -> str:
    """A frame on many lines."""
    return json.dumps(frame, indent=2)
