"""The service is killed again and again under load: what it acknowledged is there, and stations go on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import WebSocketException

from console.backends.base import TransactionQuery
from console.backends.service import ServiceBackend
from console.errors import ConsoleError
from console.model.command import PutToken, RemoveToken
from console.model.token import Token, token_key
from console.model.transaction import Flag
from tests.support.processes import Services, kill
from tests.support.services import console, site_when, until
from tests.support.stations import RawStation, now, raw_station

KILLS = 5
CHARGERS = 8
TAG = "04A2C19B"


@pytest.fixture
def services() -> Iterator[Services]:
    services = Services()
    yield services
    services.end()


class Charger:
    """A station that charges one car after another, and asks again what was not answered."""

    version = "1.6"

    def __init__(self, number: int) -> None:
        self.station_id = f"CP-{number}"
        self.started: dict[int, int] = {}  # meterStart -> the id it was given
        self.stopped: dict[int, int] = {}  # meterStart -> meterStop
        self._meter_wh = 0
        self._meter_start = 0
        self._transaction_id: int | None = None
        self._metered = 0
        self._pending: tuple[str, dict[str, Any]] | None = None

    async def live(self, url: str) -> None:
        """Charge until the connection ends."""
        try:
            async with raw_station(url, self.station_id, version=self.version) as station:
                await self.boot(station)
                while True:
                    await self._go_on(station)
        except (OSError, WebSocketException, EOFError):
            return

    async def boot(self, station: RawStation) -> None:
        """Say what it is."""
        await station.boot()

    async def _go_on(self, station: RawStation) -> None:
        if self._pending is None:
            self._pending = self._next()
        action, payload = self._pending
        answer = await station.call(action, **payload)
        self._pending = None
        if action == "StartTransaction":
            assert answer["idTagInfo"]["status"] == "Accepted"
            self._transaction_id = self.started[self._meter_start] = answer["transactionId"]
        elif action == "StopTransaction":
            self.stopped[self._meter_start] = payload["meterStop"]
            self._transaction_id = None

    def _next(self) -> tuple[str, dict[str, Any]]:
        self._meter_wh += 7
        if self._transaction_id is None:
            self._meter_start, self._metered = self._meter_wh, 0
            payload = {"connectorId": 1, "idTag": TAG, "meterStart": self._meter_wh, "timestamp": now()}
            return "StartTransaction", payload
        if self._metered < 2:
            self._metered += 1
            value = {"timestamp": now(), "sampledValue": [{"value": str(self._meter_wh)}]}
            return "MeterValues", {"connectorId": 1, "transactionId": self._transaction_id, "meterValue": [value]}
        stop = {"transactionId": self._transaction_id, "meterStop": self._meter_wh, "timestamp": now()}
        return "StopTransaction", stop


class Charger2(Charger):
    """The same in OCPP 2.0.1: it gives its transactions their ids itself, by the reading they begin at."""

    version = "2.0.1"

    async def boot(self, station: RawStation) -> None:
        """Say what it is."""
        await station.call("BootNotification", reason="PowerUp", chargingStation={"vendorName": "Raw", "model": "Two"})
        await station.call("StatusNotification", timestamp=now(), evseId=1, connectorId=1, connectorStatus="Available")

    async def _go_on(self, station: RawStation) -> None:
        if self._pending is None:
            self._pending = self._next()
        action, event = self._pending
        answer = await station.call(action, **event)
        self._pending = None
        if event["eventType"] == "Started":
            assert answer["idTokenInfo"]["status"] == "Accepted"
            self._transaction_id = self.started[self._meter_start] = self._meter_start
        elif event["eventType"] == "Ended":
            self.stopped[self._meter_start] = self._meter_wh
            self._transaction_id = None

    def _next(self) -> tuple[str, dict[str, Any]]:
        self._meter_wh += 7
        if self._transaction_id is None:
            self._meter_start, self._metered = self._meter_wh, 0
            token = {"idToken": TAG, "type": "ISO14443"}
            return self._event("Started", "Transaction.Begin", evse={"id": 1, "connectorId": 1}, idToken=token)
        self._metered += 1
        return self._event("Updated") if self._metered < 3 else self._event("Ended", "Transaction.End")

    def _event(self, kind: str, context: str = "Sample.Periodic", **more: Any) -> tuple[str, dict[str, Any]]:
        value = {"timestamp": now(), "sampledValue": [{"value": self._meter_wh, "context": context}]}
        event = {
            "eventType": kind,
            "seqNo": self._metered,
            "timestamp": now(),
            "triggerReason": "MeterValuePeriodic",
            "transactionInfo": {"transactionId": str(self._meter_start)},
            "meterValue": [value],
        }
        return "TransactionEvent", event | more


class Operator:
    """Somebody who adds one tag after another, and takes every second one away again."""

    def __init__(self) -> None:
        self.added: set[str] = set()
        self.removed: set[str] = set()
        self._number = 0

    async def live(self, data: Path) -> None:
        """Work until the service ends."""
        with suppress(ConsoleError):
            async with console(data, operator="me") as backend:
                while True:
                    await self._go_on(backend)

    async def _go_on(self, backend: ServiceBackend) -> None:
        self._number += 1
        tag = f"OPERATOR{self._number}"
        assert (await backend.run(PutToken(Token(tag)))).ok
        if self._number % 2:
            self.added.add(tag)
        else:
            assert (await backend.run(RemoveToken(tag))).ok
            self.removed.add(tag)


async def test_nothing_that_was_acknowledged_is_lost(services: Services, tmp_path: Path) -> None:
    data = tmp_path / "data"
    chargers = [(Charger, Charger2)[number % 2](number) for number in range(CHARGERS)]
    operator = Operator()
    chance = random.Random(7)
    acknowledged = 0
    for _ in range(KILLS):
        pid, url = await _start(services, data)
        living = [asyncio.create_task(charger.live(url)) for charger in chargers]
        living.append(asyncio.create_task(operator.live(data)))
        wanted = acknowledged + chance.randrange(10, 60)
        await until(lambda wanted=wanted: _acknowledged(chargers) >= wanted)  # type: ignore[misc]
        await asyncio.to_thread(kill, pid)
        await asyncio.gather(*living)
        acknowledged = _acknowledged(chargers)
    await _start(services, data)
    await _check(chargers, data)
    async with console(data) as backend:
        tags = set((await site_when(backend.watch(), lambda site: bool(site.tokens))).tokens)
    assert len(operator.added) > KILLS
    assert {token_key(tag) for tag in operator.added} <= tags
    assert not {token_key(tag) for tag in operator.removed} & tags


def _acknowledged(chargers: list[Charger]) -> int:
    return sum(len(charger.started) + len(charger.stopped) for charger in chargers)


async def _start(services: Services, data: Path) -> tuple[int, str]:
    running = await asyncio.to_thread(services.start, data)
    async with console(data, operator="me") as backend:
        assert (await backend.run(PutToken(Token(TAG)))).ok
        return running.pid, backend.station_urls()[0]


async def _check(chargers: list[Charger], data: Path) -> None:
    """Everything that was acknowledged is there, once, under the id it was given."""
    async with console(data) as backend:
        transactions = await backend.transactions(TransactionQuery(limit=10_000))
    given = [one.transaction_id for one in transactions if not one.seq_nos]
    assert len(given) == len(set(given))
    for charger in chargers:
        mine = {one.meter_start_wh: one for one in transactions if one.station_id == charger.station_id}
        assert len(mine) == sum(one.station_id == charger.station_id for one in transactions), "one was kept twice"
        for meter_start, transaction_id in charger.started.items():
            assert mine[meter_start].transaction_id == str(transaction_id)
        for meter_start, meter_stop in charger.stopped.items():
            assert mine[meter_start].energy_wh == meter_stop - meter_start
            assert not mine[meter_start].running
            assert not {Flag.ABANDONED, Flag.GAP} & set(mine[meter_start].flags)
        # What is there beyond that is at most the one request that was not answered any more.
        assert len(mine) <= len(charger.started) + 1
        assert sum(not one.running for one in mine.values()) <= len(charger.stopped) + 1
    assert {one.id_token for one in transactions} == {TAG}
