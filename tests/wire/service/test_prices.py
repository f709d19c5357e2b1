"""Prices fetched from a server of this computer's own: kept when they are good, an alarm when they are not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from console.model.change import Change, Noticed, PricesChanged
from console.model.schedule.price_files import read_prices
from console.service.prices import PriceFeed
from tests.support.services import console, running_service, site_when

NOW = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
GOOD = b"start,price_eur_mwh\n2026-11-25T18:00:00Z,50\n2026-11-25T19:00:00Z,40\n"


class Source:
    """A server of prices; ``says`` is its answer."""

    def __init__(self) -> None:
        self.status = 200
        self.says = GOOD
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(self.says)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + self.says)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def source() -> AsyncIterator[Source]:
    held = Source()
    server = await asyncio.start_server(held.serve, "127.0.0.1", 0)
    async with server:
        held.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/prices?securityToken=secret"
        yield held


class Kept:
    """A journal that keeps all in memory."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def append(self, changes: object, committed: object = None) -> None:
        self.changes.extend(changes)  # type: ignore[arg-type]  # a list of changes

    @property
    def said(self) -> list[str]:
        return [change.notice.text for change in self.changes if isinstance(change, Noticed)]


async def test_good_prices_stay_while_bad_ones_are_an_alarm_once() -> None:
    async with source() as held:
        journal = Kept()
        feed = PriceFeed(held.url, 3600, "", journal, lambda: NOW)
        assert await feed.fetch()
        (kept,) = (change for change in journal.changes if isinstance(change, PricesChanged))
        assert [slot.price for slot in kept.prices.slots] == [50, 40]
        for status, says in ((200, b"maintenance"), (503, b""), (503, b"")):
            held.status, held.says = status, says
            assert not await feed.fetch()
        assert len(journal.said) == 2
        assert all("The last good ones stay" in text and "secret" not in text for text in journal.said)
        held.status, held.says = 200, GOOD
        assert await feed.fetch()
        assert journal.said[-1] == "prices are there again"


async def test_a_source_that_is_not_there_is_an_alarm() -> None:
    async with source() as held:
        url = held.url
    journal = Kept()
    assert not await PriceFeed(url, 3600, "", journal, lambda: NOW).fetch()
    assert "cannot be reached" in journal.said[0]


async def test_the_service_fetches_them_and_knows_them_after_a_restart(tmp_path: Path) -> None:
    async with source() as held, running_service(tmp_path, prices_url=held.url), console(tmp_path) as backend:
        site = await site_when(backend.watch(), lambda site: site.prices is not None)
    assert site.prices is not None
    assert site.prices.unit == "EUR/MWh"
    async with running_service(tmp_path), console(tmp_path) as backend:
        again = await site_when(backend.watch(), lambda site: site.prices is not None)
    assert again.prices == site.prices
    assert read_prices(GOOD, "x", NOW).slots == site.prices.slots
