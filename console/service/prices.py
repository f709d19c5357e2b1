"""Fetches the prices of energy from where the profile says, and keeps the last good ones when that fails."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime

import httpx

from console.csms.ports import Journal
from console.errors import ConsoleError
from console.model.change import Notice, Noticed, NoticeKind, PricesChanged
from console.model.schedule.price_files import read_prices
from console.model.schedule.prices import PriceCurve
from console.model.text import plain

_TIMEOUT_S = 30.0
#: A source that fails is asked again sooner.
_AGAIN_S = 15 * 60.0
_MOST_BYTES = 8 * 1024 * 1024


class PriceFeed:
    """Fetches prices every ``every_s`` for as long as ``run`` runs.

    Bad or missing prices change nothing but an alarm: whatever was sent to stations stays as it is.
    """

    def __init__(self, url: str, every_s: float, unit: str, journal: Journal, now: Callable[[], datetime]) -> None:
        self._url = url
        self._every_s = every_s
        self._unit = unit
        self._journal = journal
        self._now = now
        self._failed = ""

    async def run(self) -> None:
        """Fetch for ever."""
        while True:
            good = await self.fetch()
            await asyncio.sleep(self._every_s if good else min(_AGAIN_S, self._every_s))

    async def fetch(self) -> bool:
        """Fetch once; says whether there are good prices. A failure is an alarm once, and so is its end."""
        try:
            curve = await self._read()
        except ConsoleError as error:
            if error.message != self._failed:
                self._failed = error.message
                text = f"prices: {error.message} The last good ones stay, and so does every schedule."
                self._tell(text, NoticeKind.WARNING)
            return False
        changes: list[PricesChanged | Noticed] = [PricesChanged(curve)]
        self._journal.append(changes)
        if self._failed:
            self._failed = ""
            self._tell("prices are there again", NoticeKind.GOOD)
        return True

    def _tell(self, text: str, kind: NoticeKind) -> None:
        self._journal.append([Noticed(Notice(self._now(), plain(text), kind))])

    async def _read(self) -> PriceCurve:
        """Fetch and read. Raises ConsoleError in words that hold no part of the URL but its host."""
        host = httpx.URL(self._url).host
        try:
            content = await asyncio.wait_for(self._get(), _TIMEOUT_S)
        except TimeoutError as error:
            raise ConsoleError(f"{host} has not answered after {_TIMEOUT_S:.0f} s.") from error
        except httpx.HTTPStatusError as error:
            raise ConsoleError(f"{host} answered {error.response.status_code}.") from error
        except httpx.HTTPError as error:
            raise ConsoleError(f"{host} cannot be reached: {type(error).__name__}.") from error
        return read_prices(content, host, self._now(), self._unit)

    async def _get(self) -> bytes:
        body = bytearray()
        async with contextlib.AsyncExitStack() as stack:
            client = await stack.enter_async_context(httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False))
            response = await stack.enter_async_context(client.stream("GET", self._url))
            response.raise_for_status()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _MOST_BYTES:
                    raise ConsoleError("The answer is too long to be prices.")
        return bytes(body)
