"""A scripted OCPP 1.6 station on the `websockets` client: frames in, frames out, none of our own link code."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

Payload = dict[str, Any]


class RawStation:
    """A station that says what a test tells it to. Requests of the CSMS are answered from ``answers`` by action."""

    def __init__(self, station_id: str, connection: ClientConnection) -> None:
        self.station_id = station_id
        self.connection = connection
        self.asked: list[tuple[str, Payload]] = []
        self.answers: dict[str, Payload] = {}
        self._number = 0
        self._waiting: dict[str, asyncio.Future[list[Any]]] = {}
        self._heard = asyncio.Condition()

    async def call(self, action: str, **payload: Any) -> Payload:
        """Ask the CSMS and return its answer. Raises AssertionError for a CALLERROR."""
        frame = await self.ask(action, payload)
        assert frame[0] == 3, frame
        answer: Payload = frame[2]
        return answer

    async def ask(self, action: str, payload: Payload, message_id: str = "") -> list[Any]:
        """Ask the CSMS and return the whole frame of its answer."""
        self._number += 1
        message_id = message_id or f"{self.station_id}-{self._number}"
        waiting = self._waiting[message_id] = asyncio.get_running_loop().create_future()
        await self.connection.send(json.dumps([2, message_id, action, payload]))
        return await waiting

    async def boot(self, connectors: int = 1) -> Payload:
        """Boot, and say that the connectors are available."""
        answer = await self.call("BootNotification", chargePointVendor="Raw", chargePointModel="One")
        for connector_id in range(1, connectors + 1):
            await self.call("StatusNotification", connectorId=connector_id, status="Available", errorCode="NoError")
        return answer

    async def start(self, id_tag: str, meter_wh: int = 0, connector_id: int = 1) -> int:
        """Start a transaction and return its id."""
        answer = await self.call(
            "StartTransaction", connectorId=connector_id, idTag=id_tag, meterStart=meter_wh, timestamp=now()
        )
        transaction_id: int = answer["transactionId"]
        return transaction_id

    async def meter(self, transaction_id: int, energy_wh: int, connector_id: int = 1) -> Payload:
        """Report the energy register."""
        sampled = [{"value": str(energy_wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}]
        values = [{"timestamp": now(), "sampledValue": sampled}]
        return await self.call("MeterValues", connectorId=connector_id, transactionId=transaction_id, meterValue=values)

    async def stop(self, transaction_id: int, meter_wh: int) -> Payload:
        """End a transaction."""
        return await self.call("StopTransaction", transactionId=transaction_id, meterStop=meter_wh, timestamp=now())

    async def heard(self, action: str) -> Payload:
        """Wait until the CSMS has asked for something, and return what with."""
        async with self._heard:
            await self._heard.wait_for(lambda: any(asked == action for asked, _ in self.asked))
        return next(payload for asked, payload in reversed(self.asked) if asked == action)

    async def listen(self) -> None:
        """Take frames until the connection ends; who still waits for an answer then hears of that."""
        try:
            async for text in self.connection:
                frame = json.loads(text)
                if frame[0] == 2:
                    await self._answer(frame)
                elif frame[1] in self._waiting:
                    self._waiting.pop(frame[1]).set_result(frame)
        finally:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionResetError("the connection ended before the answer came"))

    async def _answer(self, frame: list[Any]) -> None:
        _, message_id, action, payload = frame
        if action in self.answers:
            await self.connection.send(json.dumps([3, message_id, self.answers[action]]))
        else:
            await self.connection.send(json.dumps([4, message_id, "NotSupported", "", {}]))
        async with self._heard:
            self.asked.append((action, payload))
            self._heard.notify_all()


@contextlib.asynccontextmanager
async def raw_station(
    url: str, station_id: str = "CP-1", *, version: str = "1.6", **options: Any
) -> AsyncIterator[RawStation]:
    """A connected station. ``url`` is the service's, without the identity; ``options`` go to `websockets`."""
    address, protocols = f"{url}{quote(station_id, safe='')}", [Subprotocol(f"ocpp{version}")]
    async with connect(address, subprotocols=protocols, proxy=None, **options) as connection:
        station = RawStation(station_id, connection)
        listening = asyncio.create_task(station.listen())
        try:
            yield station
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def now() -> str:
    """The time as stations write it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
