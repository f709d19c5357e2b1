"""One connection of a 2.x station.

Payloads stay as they are on the wire: the `ocpp` package's change of case loses names, and its dataclasses differ
between 2.0.1 and 2.1 where the messages do not. Also mended here: NotImplemented means that nobody knows the
action, NotSupported that this station does not carry it out (the package swaps them), and 2.1 gets answers too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ocpp.exceptions import (
    FormatViolationError,
    InternalError,
    NotImplementedError,
    NotSupportedError,
    OccurrenceConstraintViolationError,
    OCPPError,
    ProtocolError,
    SecurityError,
)
from ocpp.messages import Call, CallError, validate_payload
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from console.simulator.connection import StationConnection
from console.simulator.types import Registration

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_LOG = logging.getLogger(__name__)

Payload = dict[str, Any]
Handler = Callable[[Payload], Payload]
"""Answers a request; what follows from it is put off with `Face.afterwards`."""

_CALL_RESULT_ERROR = 5
_SEND = 6


@dataclass(frozen=True, slots=True)
class Request:
    """A message of the station, as it is on the wire."""

    action: str
    payload: Payload


class V2ChargePoint(StationConnection):
    """Sends requests, and answers the central system's with the face's handlers."""

    def __init__(self, face: Face, connection: ClientConnection) -> None:
        super().__init__(face, connection)
        self._face = face
        self._ocpp_version = face.version

    async def send(self, request: Request) -> None:
        """Send a message that is never answered (2.1 part 4, SEND)."""
        frame = [_SEND, str(self._unique_id_generator()), request.action, request.payload]
        try:
            await self._send(json.dumps(frame, separators=(",", ":")))  # type: ignore[no-untyped-call]
        except ConnectionClosed:
            _LOG.info("%s: %s lost with its connection", self.id, request.action)

    async def _exchange(self, payload: object) -> Payload:
        if not isinstance(payload, Request):
            raise TypeError(f"not a request: {payload!r}")
        call = Call(str(self._unique_id_generator()), payload.action, payload.payload)  # type: ignore[no-untyped-call]
        if self._check_schemas:
            await validate_payload(call, self._ocpp_version)
        async with self._call_lock:
            await self._send(call.to_json())  # type: ignore[no-untyped-call]
            response = await self._get_specific_response(call.unique_id, self._response_timeout)  # type: ignore[no-untyped-call]
        if isinstance(response, CallError):
            raise response.to_exception()  # type: ignore[no-untyped-call]
        if self._check_schemas:
            response.action = call.action
            try:
                await validate_payload(response, self._ocpp_version)
            except OCPPError as error:
                await self._complain(call.unique_id, error)
                raise
        if not isinstance(response.payload, dict):
            raise TypeError(f"the answer is no object: {response.payload!r}")
        return response.payload

    async def _complain(self, message_id: str, error: OCPPError) -> None:
        """Tell the central system that its answer was wrong, which only 2.1 has a message for."""
        if self._ocpp_version == "2.1":
            code = str(getattr(error, "code", "GenericError"))
            frame: list[object] = [_CALL_RESULT_ERROR, message_id, code, str(error.description)[:255], {}]
            await self._send(json.dumps(frame, separators=(",", ":")))  # type: ignore[no-untyped-call]

    async def _handle_call(self, msg: Call) -> None:
        try:
            answer = await self._answer(msg)
        except ProtocolError as error:
            await self._refuse(msg, OccurrenceConstraintViolationError, str(error.details.get("cause", "")))
        except OCPPError as error:
            await self._refuse(msg, type(error), str(error.description))
        except (KeyError, TypeError, ValueError, AttributeError):
            # Only where schemas are not checked can a payload be other than the handlers expect.
            _LOG.exception("%s: %s could not be answered", self.id, msg.action)
            await self._refuse(msg, InternalError, "The station could not make sense of the request.")
        else:
            await self._send(msg.create_call_result(answer).to_json())  # type: ignore[no-untyped-call]
        self._face.follow_up()

    async def _answer(self, msg: Call) -> Payload:
        if not isinstance(msg.action, str) or msg.action not in known_actions(self._ocpp_version):
            raise NotImplementedError("Nobody knows this action.")  # type: ignore[no-untyped-call]
        if self._face.registration is Registration.REJECTED:
            # 2.x B03.FR.03: a rejected station is left alone until it boots again.
            raise SecurityError("This station is not accepted yet.")  # type: ignore[no-untyped-call]
        handler = self._face.handlers.get(msg.action)
        if handler is None:
            raise NotSupportedError("This station does not support the action.")  # type: ignore[no-untyped-call]
        if not isinstance(msg.payload, dict):
            raise FormatViolationError("The payload is no object.")  # type: ignore[no-untyped-call]
        if self._check_schemas:
            await validate_payload(msg, self._ocpp_version)
        answer = handler(msg.payload)
        if self._check_schemas:
            await validate_payload(msg.create_call_result(answer), self._ocpp_version)  # type: ignore[no-untyped-call]
        return answer


@cache
def known_actions(version: str) -> frozenset[str]:
    """The actions that have a schema in that version."""
    folder = files("ocpp") / f"v{version.replace('.', '')}" / "schemas"
    names = (entry.name for entry in folder.iterdir())
    return frozenset(name.removesuffix("Request.json") for name in names if name.endswith("Request.json"))
