"""TransactionEvents of OCPP 2.x as a test writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.model.transaction import Transaction
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.site import Bench, Station

Json = dict[str, Any]
AT = "2026-11-20T10:{:02}:00Z"


def token(id_token: str, kind: str = "ISO14443") -> Json:
    """An IdTokenType."""
    return {"idToken": id_token, "type": kind}


def energy(wh: float, context: str, minute: int) -> Json:
    """A meter value of the energy register."""
    return {"timestamp": AT.format(minute), "sampledValue": [{"value": wh, "context": context}]}


class Charge:
    """One transaction of a station, and the next thing that it tells of it.

    ``evse`` and ``id_token`` are sent with an event only where it is told to.
    """

    def __init__(self, station: Station, transaction_id: str) -> None:
        self.station = station
        self.transaction_id = transaction_id
        self.seq_no = 0
        self.minute = 0

    async def tell(self, kind: str, trigger: str, info: Mapping[str, Any] = {}, /, **more: Any) -> Json:
        """Send an event with the next sequence number, and return the payload of its answer."""
        payload = self.event(kind, trigger, info, **more)
        return await self.station.call("TransactionEvent", **payload)

    def event(self, kind: str, trigger: str, info: Mapping[str, Any] = {}, /, **more: Any) -> Json:
        """Make an event with the next sequence number."""
        payload = {
            "eventType": kind,
            "timestamp": AT.format(self.minute),
            "triggerReason": trigger,
            "seqNo": self.seq_no,
            "transactionInfo": {"transactionId": self.transaction_id, **info},
            **more,
        }
        self.seq_no += 1
        self.minute += 1
        return payload

    async def started(self, id_token: str = "", trigger: str = "Authorized", **more: Any) -> Json:
        """Started, on EVSE 1, connector 1, with a token if there is one."""
        if id_token:
            more["idToken"] = token(id_token)
        return await self.tell("Started", trigger, evse={"id": 1, "connectorId": 1}, **more)

    async def ended(self, reason: str, trigger: str = "StopAuthorized", **more: Any) -> Json:
        """Ended, for a reason ("" says none)."""
        return await self.tell("Ended", trigger, {"stoppedReason": reason} if reason else {}, **more)

    async def seen(self, bench: Bench, *, running: bool | None = None) -> Transaction:
        """The transaction as the operator sees it, once it runs or has ended as wanted."""
        key = f"{self.station.station_id}\n{self.transaction_id}"

        def wanted(site: Any) -> Any:
            held = site.transactions[key]
            return held if running in (None, held.running) else None

        found: Transaction = await bench.until(wanted)
        return found


async def ready(connect: Connect, bench: Bench, *tags: Any, version: str = "2.0.1") -> Station:
    """A station that has booted, with one EVSE, and tags that may charge."""
    station = await connect(version)
    await bench.add_tags(*tags)
    await station.boot()
    status = {"timestamp": AT.format(0), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    await station.call("StatusNotification", **status)
    return station
