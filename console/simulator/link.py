"""A station's WebSocket: opened, kept, and opened again when it is lost or refused."""

from __future__ import annotations

import base64
import logging
import random
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from console.simulator.clock import Clock

_LOG = logging.getLogger(__name__)

_FIRST_BACK_OFF_S = 1.0
_LONGEST_BACK_OFF_S = 60.0
_STABLE_AFTER_S = 10.0


class Link:
    """Connects again and again with growing pauses; `refusal` says why the last attempt failed."""

    def __init__(
        self, url: str, station_id: str, subprotocol: str, *, clock: Clock, rng: random.Random, password: str | None
    ) -> None:
        self.station_id = station_id
        self.password: str | bytes | None = password
        self.ping_interval_s = 20.0
        self.refusal = ""
        self._not_before_s = 0.0
        self._uri = f"{url.rstrip('/')}/{quote(station_id, safe='')}"
        self._subprotocol = Subprotocol(subprotocol)
        self._clock = clock
        self._rng = rng
        self._failures = 0

    async def run(self, serve: Callable[[ClientConnection], Awaitable[float]], refused: Callable[[], None]) -> None:
        """Connect for ever. `serve` has the connection until it is lost, and says when that was on the clock.

        `refused` is told of attempts that failed.
        """
        while True:
            connection = await self._connect()
            ended_s = self._clock.elapsed_s
            if connection is None:
                refused()
            else:
                opened_s = self._clock.elapsed_s
                async with connection:
                    ended_s = await serve(connection)
                if ended_s - opened_s >= _STABLE_AFTER_S:
                    self._failures = 0
            # The pause counts from the loss itself: closing in good order may have taken a while.
            await self._clock.sleep_until(max(self._not_before_s, ended_s + self._back_off_s()))

    def stay_away(self, seconds: float) -> None:
        """Do not connect before so many seconds have passed."""
        self._not_before_s = self._clock.elapsed_s + seconds

    async def _connect(self) -> ClientConnection | None:
        try:
            connection = await connect(
                self._uri,
                subprotocols=[self._subprotocol],
                additional_headers=self._authorization(),
                compression=None,
                ping_interval=self.ping_interval_s or None,
                proxy=None,
            )
        except InvalidStatus as error:
            body = (error.response.body or b"").decode(errors="replace").strip()
            self._refused(f"HTTP {error.response.status_code} {body}".strip())
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError, EOFError) as error:
            self._refused(f"{type(error).__name__}: {error}")
        else:
            if connection.subprotocol == self._subprotocol:
                self.refusal = ""
                return connection
            await connection.close(1002, "no common subprotocol")
            self._refused(f"the server does not speak {self._subprotocol}")
        return None

    def _refused(self, reason: str) -> None:
        # A server that is away for an hour is one line in the log, not one a minute.
        level = logging.DEBUG if reason == self.refusal else logging.WARNING
        _LOG.log(level, "%s: no connection to %s: %s", self.station_id, self._uri, reason)
        self.refusal = reason

    def _authorization(self) -> dict[str, str]:
        """Basic authentication with the identity as user (OCPP-J 1.6 section 6.2); a key may be any bytes."""
        if self.password is None:
            return {}
        password = self.password.encode() if isinstance(self.password, str) else self.password
        credentials = base64.b64encode(self.station_id.encode() + b":" + password).decode()
        return {"Authorization": f"Basic {credentials}"}

    def _back_off_s(self) -> float:
        pause_s = min(_LONGEST_BACK_OFF_S, _FIRST_BACK_OFF_S * 2.0**self._failures)
        self._failures = min(self._failures + 1, 10)
        return pause_s * self._rng.uniform(0.8, 1.2)
