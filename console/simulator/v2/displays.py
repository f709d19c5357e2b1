"""Display messages (O01 to O06) and what a station knows of customers (N09, N10)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.simulator.v2.authorization import IdToken
from console.simulator.v2.charge_point import Handler, Payload, Request
from console.simulator.v2.reports import in_parts
from console.simulator.v2.variables import DISPLAY_MESSAGES

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_PART = 5
_TEXT_PART = 512


class Displays:
    """The messages that a station shows, by id."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._messages: dict[int, Payload] = {}

    def __len__(self) -> int:
        return len(self._messages)

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        return {
            "SetDisplayMessage": self._set,
            "GetDisplayMessages": self._get,
            "ClearDisplayMessage": self._clear,
            "CustomerInformation": self._customer_information,
        }

    def _set(self, request: Payload) -> Payload:
        message = request["message"]
        if message["message"]["format"] not in self._face.model.listed("DisplayMessageCtrlr", "SupportedFormats"):
            return {"status": "NotSupportedMessageFormat"}
        if message["priority"] not in self._face.model.listed("DisplayMessageCtrlr", "SupportedPriorities"):
            return {"status": "NotSupportedPriority"}
        transaction_id = message.get("transactionId")
        if transaction_id is not None:
            session = self._face.transactions.known(transaction_id)
            if session is None or not session.running:
                return {"status": "UnknownTransaction"}
        if message["id"] not in self._messages and len(self._messages) >= DISPLAY_MESSAGES:
            return {"status": "Rejected", "statusInfo": {"reasonCode": "TooManyMessages"}}
        if message["priority"] == "AlwaysFront":
            # O01.FR.14: there is one that is always in front.
            self._messages = {key: one for key, one in self._messages.items() if one["priority"] != "AlwaysFront"}
        self._messages[message["id"]] = message
        return {"status": "Accepted"}

    def _get(self, request: Payload) -> Payload:
        self._drop_over()
        found = [
            one
            for one in self._messages.values()
            if one["id"] in request.get("id", (one["id"],))
            and request.get("priority") in (None, one["priority"])
            and request.get("state") in (None, one.get("state"))
        ]
        if not found:
            return {"status": "Unknown"}
        parts = [{"requestId": request["requestId"], "messageInfo": part} for part in in_parts(found, _PART)]
        self._face.afterwards(partial(self._notify, parts))
        return {"status": "Accepted"}

    async def _notify(self, parts: list[Payload]) -> None:
        for number, part in enumerate(parts):
            more = {"tbc": True} if number < len(parts) - 1 else {}
            if not await self._face.tell(Request("NotifyDisplayMessages", {**part, **more})):
                return

    def _clear(self, request: Payload) -> Payload:
        return {"status": "Accepted" if self._messages.pop(request["id"], None) else "Unknown"}

    def _drop_over(self) -> None:
        """Forget messages whose time, or transaction, is over (O01.FR.10, O02.FR.05)."""
        now, transactions = self._face.now(), self._face.transactions
        for key, one in list(self._messages.items()):
            session = transactions.known(one.get("transactionId", ""))
            over = "transactionId" in one and (session is None or not session.running)
            if over or ("endDateTime" in one and one["endDateTime"] <= now):
                del self._messages[key]

    def _customer_information(self, request: Payload) -> Payload:
        """Tell what is known of a card or customer, forget it, or both."""
        if not any(name in request for name in ("idToken", "customerIdentifier", "customerCertificate")):
            return {"status": "Invalid"}
        lines = []
        if "idToken" in request:
            token = IdToken.from_wire(request["idToken"])
            info = self._face.memory.recall(token)
            if info is not None:
                lines.append(f"{token.text}: {info.verdict}")
            if request["clear"]:
                self._face.memory.forget(token)
        if request["report"]:
            text = "\n".join(lines) or "Nothing is known."
            parts = [
                {"requestId": request["requestId"], "data": text[start : start + _TEXT_PART]}
                for start in range(0, len(text), _TEXT_PART)
            ]
            self._face.afterwards(partial(self._face.tell_in_parts, "NotifyCustomerInformation", parts))
        return {"status": "Accepted"}
