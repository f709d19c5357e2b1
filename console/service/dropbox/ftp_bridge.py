"""From pyftpdlib's thread to the service's event loop, where all belongs that is not the bytes of a file."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from console.service.dropbox.folder import Draft
from console.service.dropbox.reception import FailedError, Host, Reception
from console.service.dropbox.slots import Slot

#: How long a transfer waits for the event loop.
_PATIENCE_S = 60.0
_T = TypeVar("_T")


class Bridge:
    """What an FTP session asks of the box. Made on the event loop."""

    def __init__(self, host: Host) -> None:
        self._reception = Reception(host)
        self._loop = asyncio.get_running_loop()

    # --- called from pyftpdlib's thread; whatever returns something waits for the event loop ---

    def enter(self, token: str) -> Slot:
        """The address that a user's name stands for. Raises FailedError."""
        return self._ask(self._enter(token))

    def begin(self, slot: Slot) -> Draft:
        """Begin an upload, which ends with ``release``. Raises FailedError."""
        return self._ask(self._begin(slot))

    def keep(self, slot: Slot, draft: Draft, name: str, address: str) -> None:
        """See ``Reception.keep``."""
        self._ask(self._reception.keep(slot, draft, name, address))

    def release(self, slot: Slot) -> None:
        """An upload has ended."""
        self._loop.call_soon_threadsafe(self._reception.release, slot)

    def offered(self, slot: Slot) -> Path:
        """The file to fetch. Raises FailedError."""
        return self._ask(self._offered(slot))

    def tell(self, address: str, request: str, slot: Slot | None, failure: FailedError) -> None:
        """Say that somebody was turned away."""
        self._loop.call_soon_threadsafe(self._reception.refused, address, request, slot, failure)

    def _ask(self, work: Coroutine[Any, Any, _T]) -> _T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(_PATIENCE_S)
        except TimeoutError as error:
            future.cancel()
            raise FailedError(503, "the service is too busy", "The station may try again.") from error

    # --- on the event loop ---

    async def _enter(self, token: str) -> Slot:
        slot = self._reception.slot(f"/{token}")
        self._reception.check(slot)
        return slot

    async def _begin(self, slot: Slot) -> Draft:
        if slot.offered:
            raise FailedError(405, "STOR at an address for RETR", "The station was asked to fetch a file.")
        self._reception.claim(slot)
        try:
            return await self._reception.begin()
        except BaseException:
            self._reception.release(slot)
            raise

    async def _offered(self, slot: Slot) -> Path:
        if not slot.offered:
            raise FailedError(405, "RETR at an address for STOR", "The station was asked to send a file.")
        return self._reception.offered(await self._enter(slot.token))
