"""One connection of a station: the `ocpp` package's ChargePoint, made fit to be a peer one can rely on.

What is mended here: a call ends when the connection does, not 30 s later; a frame that cannot be read at all
disturbs nothing; what a request sets off begins after its answer has left.
"""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from ocpp.charge_point import ChargePoint
from ocpp.exceptions import OCPPError, UnknownCallErrorCodeError
from ocpp.exceptions import ValidationError as UnknownSchemaError
from ocpp.messages import Call
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from console.simulator.host import FRAME_LOG
from console.simulator.outbox import RequestFailed, Unreachable

if TYPE_CHECKING:
    from console.simulator.base_face import BaseFace

_LOG = logging.getLogger(__name__)


class StationConnection(ChargePoint):
    """Sends requests, and has the central system's answered; each OCPP version says how."""

    def __init__(self, face: BaseFace, connection: ClientConnection) -> None:
        super().__init__(face.host.station_id, connection, face.answer_timeout_s, FRAME_LOG)  # type: ignore[no-untyped-call]
        self._check_schemas = face.check_schemas
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def listen(self) -> None:
        """Read until the connection is gone."""
        try:
            await self.start()  # type: ignore[no-untyped-call]
        except ConnectionClosed as closed:
            _LOG.info("%s: connection closed: %s", self.id, closed)
        finally:
            self._lost.set_result(None)

    async def close(self, *, abruptly: bool) -> None:
        """Close the connection in good order, or break it off as a power cut does."""
        if abruptly:
            self._connection.transport.abort()
        else:
            await self._connection.close(1001, "station reboots")

    async def request(self, payload: object) -> Any:
        """Send a request and return the answer. Raises Unreachable or RequestFailed."""
        calling = asyncio.ensure_future(self._exchange(payload))
        try:
            await asyncio.wait({calling, self._lost}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not calling.done():
                calling.cancel()
        if not calling.done() or calling.cancelled():
            raise Unreachable("the connection was lost")
        try:
            return calling.result()
        except ConnectionClosed as error:
            raise Unreachable("the connection was lost") from error
        except (
            OCPPError,
            UnknownCallErrorCodeError,
            UnknownSchemaError,
            TimeoutError,
            TypeError,
            AttributeError,
        ) as error:
            # TypeError and AttributeError: an answer that is no object, or has fields the package does not know.
            raise RequestFailed(f"{type(payload).__name__}: {error}") from error

    async def route_message(self, raw_msg: str | bytes) -> None:
        """Take in one frame; one that cannot be read at all is logged and left unanswered."""
        try:
            await super().route_message(raw_msg)  # type: ignore[no-untyped-call]
        except (RecursionError, ValueError) as error:
            _LOG.warning("%s: unreadable frame of %d characters: %s", self.id, len(raw_msg), error)

    @abstractmethod
    def _exchange(self, payload: object) -> Coroutine[Any, Any, Any]:
        """Send one request and wait for its answer, as the version does it."""

    async def _refuse(self, msg: Call, kind: type[OCPPError], description: str) -> None:
        _LOG.warning("%s: %s refused: %s %s", self.id, msg.action, kind.__name__, description)
        error = kind(description)
        await self._send(msg.create_call_error(error).to_json())  # type: ignore[no-untyped-call]
