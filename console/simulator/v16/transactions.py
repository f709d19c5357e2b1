"""Cards, cables and transactions of a 1.6 station: when one starts, what it meters, why it stops."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ocpp.v16 import call
from ocpp.v16.enums import Reason

from console.simulator import profiles
from console.simulator.base_face import timestamp
from console.simulator.connector import NO_ERROR, Connector
from console.simulator.outbox import Message, RequestFailed
from console.simulator.types import StopReason, Verdict
from console.simulator.v16 import samples
from console.simulator.v16.authorization import IdTagInfo

if TYPE_CHECKING:
    from console.simulator.v16.face import Face

_LOG = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0

UNDELIVERABLE = -1
"""The transactionId of messages whose StartTransaction was given up (1.6 errata 3.18)."""


@dataclass(eq=False, slots=True)
class Transaction:
    """A transaction as the station knows it. `transaction_id` is None until the central system gave one."""

    connector_id: int
    id_tag: str
    started: datetime
    meter_start_wh: int
    reservation_id: int | None
    transaction_id: int | None = None
    parent_id_tag: str | None = None
    remote: bool = False
    begin_values: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, eq=False, slots=True)
class _Grant:
    """A card was accepted and the cable is awaited."""

    id_tag: str
    remote: bool


class Transactions:
    """The transactions that run on one station, by connector."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._host = face.host
        self.running: dict[int, Transaction] = {}
        self._granted: dict[int, _Grant] = {}

    def transaction_id(self, connector_id: int) -> int | None:
        """The id of the transaction on that connector, None if there is none or it has no id yet."""
        running = self.running.get(connector_id)
        return running.transaction_id if running else None

    async def plug_in(self, connector: Connector) -> None:
        """A cable was put in: report it, and start if a card was accepted before."""
        self._host.changed()
        await self._face.report(connector.connector_id)
        grant = self._granted.pop(connector.connector_id, None)
        connector.authorized = False
        if grant is not None and connector.can_start and connector.car is not None:
            await self._start(connector, grant)

    async def swipe(self, connector: Connector, id_tag: str) -> Verdict:
        """A card was held to the reader: it starts or stops a transaction, or is refused."""
        running = self.running.get(connector.connector_id)
        if running is not None:
            return await self._swipe_to_stop(running, id_tag)
        if not connector.can_start:
            return Verdict.OUT_OF_SERVICE
        info = await self._face.ask(id_tag)
        if info.verdict is not Verdict.ACCEPTED:
            return info.verdict
        if self._face.reservations.refuses(connector.connector_id, id_tag, info.parent_id_tag):
            return Verdict.OUT_OF_SERVICE
        await self.grant(connector, id_tag)
        return Verdict.ACCEPTED

    async def grant(self, connector: Connector, id_tag: str, *, remote: bool = False) -> None:
        """Let a card charge: at once if a car is in, else when one comes within ConnectionTimeOut."""
        grant = _Grant(id_tag, remote)
        if not connector.can_start:
            return
        if connector.car is not None:
            await self._start(connector, grant)
            return
        connector.authorize()
        self._granted[connector.connector_id] = grant
        self._host.spawn(self._expire(connector, grant, self._host.clock.elapsed_s))
        self._host.changed()
        await self._face.report(connector.connector_id)

    async def unplug(self, connector: Connector) -> None:
        """The cable was pulled, which ends a transaction unless StopTransactionOnEVSideDisconnect is false."""
        connector_id = connector.connector_id
        if connector_id in self.running and self._face.configuration.flag("StopTransactionOnEVSideDisconnect"):
            await self.stop(connector_id, StopReason.EV_DISCONNECTED)
        self._host.changed()
        await self._face.report(connector_id)

    async def stop(self, connector_id: int, reason: StopReason, id_tag: str | None = None) -> None:
        """End the transaction on that connector, if there is one. Returns when it is answered or kept for later."""
        transaction = self.running.get(connector_id)
        if transaction is None:
            return
        self._face.settle()
        connector = self._host.hardware.connector(connector_id)
        data = transaction.begin_values + self._values(connector, samples.END, "StopTxnSampledData")
        stop = call.StopTransaction(
            meter_stop=connector.meter.energy_wh,
            timestamp=timestamp(self._host.clock.utc()),
            transaction_id=UNDELIVERABLE,
            reason=Reason(reason.value),
            id_tag=id_tag,
            transaction_data=data or None,
        )

        def build() -> call.StopTransaction:
            stop.transaction_id = _wire_id(transaction)
            return stop

        connector.end()
        del self.running[connector_id]
        self._face.profiles.clear(place=connector_id, purpose=profiles.TX)
        await self._face.deliver(Message(build))
        self._face.apply_scheduled_availability(connector)
        await self._face.report(connector_id)

    async def fault(self, connector: Connector, error_code: str) -> None:
        """Something broke, or with NoError works again; a fault ends the transaction."""
        self._face.settle()
        connector.error_code = error_code
        self._host.changed()
        await self._face.report(connector.connector_id)
        if error_code != NO_ERROR:
            await self.stop(connector.connector_id, StopReason.OTHER)

    def withdraw_grants(self) -> None:
        """Forget accepted cards that have not been used, as a reboot does."""
        self._granted.clear()
        for connector in self._host.hardware.connectors:
            connector.authorized = False

    async def _swipe_to_stop(self, running: Transaction, id_tag: str) -> Verdict:
        if id_tag.lower() != running.id_tag.lower():
            info = await self._face.ask(id_tag)
            if info.verdict is not Verdict.ACCEPTED:
                return info.verdict
            if info.parent_id_tag is None or info.parent_id_tag != running.parent_id_tag:
                return Verdict.INVALID
        await self.stop(running.connector_id, StopReason.LOCAL, id_tag)
        return Verdict.ACCEPTED

    async def _expire(self, connector: Connector, grant: _Grant, granted_s: float) -> None:
        timeout_s = self._face.configuration.number("ConnectionTimeOut")
        if not timeout_s:
            return
        await self._host.clock.sleep_until(granted_s + timeout_s)
        if self._granted.get(connector.connector_id) is grant:
            del self._granted[connector.connector_id]
            connector.authorized = False
            self._host.changed()
            await self._face.report(connector.connector_id)

    async def _start(self, connector: Connector, grant: _Grant) -> None:
        self._face.settle()
        transaction = Transaction(
            connector_id=connector.connector_id,
            id_tag=grant.id_tag,
            started=self._host.clock.utc(),
            meter_start_wh=connector.meter.energy_wh,
            reservation_id=self._face.reservations.use(connector.connector_id),
            remote=grant.remote,
        )
        started_s = self._host.clock.elapsed_s
        connector.begin()
        self.running[connector.connector_id] = transaction
        self._face.adopt_remote_profile(transaction)
        transaction.begin_values = self._values(connector, samples.BEGIN, "StopTxnSampledData")
        start = call.StartTransaction(
            connector_id=transaction.connector_id,
            id_tag=transaction.id_tag,
            meter_start=transaction.meter_start_wh,
            timestamp=timestamp(transaction.started),
            reservation_id=transaction.reservation_id,
        )
        self._host.changed()
        await self._face.deliver(Message(lambda: start, lambda answer: self._started(transaction, answer)))
        if self.running.get(transaction.connector_id) is transaction:
            self._host.spawn(self._meter(connector, transaction, started_s))
            await self._face.report(transaction.connector_id)

    def _started(self, transaction: Transaction, answer: Any | None) -> None:
        """Take in StartTransaction.conf, now or long after the transaction has ended."""
        if answer is None or not isinstance(answer.transaction_id, int):
            _LOG.warning("%s: no transactionId for the start on %d", self._host.station_id, transaction.connector_id)
            transaction.transaction_id = UNDELIVERABLE
            return
        transaction.transaction_id = answer.transaction_id
        try:
            info = IdTagInfo.from_wire(answer.id_tag_info)
        except RequestFailed as failure:
            _LOG.warning("%s: StartTransaction answered with %s", self._host.station_id, failure)
            return
        transaction.parent_id_tag = info.parent_id_tag
        self._face.memory.remember(transaction.id_tag, info)
        if info.verdict is not Verdict.ACCEPTED and self.running.get(transaction.connector_id) is transaction:
            self._host.spawn(self._deauthorize(transaction))

    async def _deauthorize(self, transaction: Transaction) -> None:
        if self._face.configuration.flag("StopTransactionOnInvalidId"):
            await self.stop(transaction.connector_id, StopReason.DE_AUTHORIZED)
            return
        self._face.settle()
        self._host.hardware.connector(transaction.connector_id).supply_on = False
        self._host.changed()
        await self._face.report(transaction.connector_id)

    async def _meter(self, connector: Connector, transaction: Transaction, started_s: float) -> None:
        """Follow a transaction to its end: report what the car does, sample the meter."""
        clock, configuration = self._host.clock, self._face.configuration
        looked_s = sampled_s = started_s
        while self.running.get(transaction.connector_id) is transaction:
            interval_s = configuration.number("MeterValueSampleInterval")
            look_s = looked_s + _LOOK_EVERY_S
            await clock.sleep_until(min(look_s, sampled_s + interval_s) if interval_s else look_s)
            # Late looks are not made up for: a clock that ran far ahead gets one look, and one sample.
            looked_s = max(min(look_s, clock.elapsed_s), clock.elapsed_s - _LOOK_EVERY_S)
            if self.running.get(transaction.connector_id) is not transaction:
                return
            self._face.settle()
            if interval_s and clock.elapsed_s >= sampled_s + interval_s:
                sampled_s = max(sampled_s + interval_s, clock.elapsed_s - interval_s)
                values = self._values(connector, samples.PERIODIC, "MeterValuesSampledData")
                if values:
                    self._queue_sample(transaction, values)
            self._host.changed()
            await self._face.report(transaction.connector_id)

    async def send_sample(self, connector_id: int, context: str, key: str) -> None:
        """Send the meter of one connector: as part of its transaction, or at once if there is none."""
        self._face.settle()
        connector = self._host.hardware.connector(connector_id)
        values = self._values(connector, context, key)
        if not values:
            return
        transaction = self.running.get(connector_id)
        if transaction is None:
            await self._face.tell(call.MeterValues(connector_id, values))
        else:
            self._queue_sample(transaction, values)

    async def send_clock_aligned(self) -> None:
        """Send every connector's meter at each ClockAlignedDataInterval of the day, for ever."""
        clock, configuration = self._host.clock, self._face.configuration
        while True:
            await self._host.wait_for(lambda: configuration.number("ClockAlignedDataInterval") > 0)
            interval_s = configuration.number("ClockAlignedDataInterval")
            now = clock.utc()
            since_midnight = now - now.replace(hour=0, minute=0, second=0, microsecond=0)
            await clock.sleep(interval_s - since_midnight.total_seconds() % interval_s)
            for connector in self._host.hardware.connectors if self._face.online else ():
                await self.send_sample(connector.connector_id, samples.CLOCK, "MeterValuesAlignedData")

    def _queue_sample(self, transaction: Transaction, values: list[dict[str, Any]]) -> None:
        connector_id = transaction.connector_id
        message = Message(lambda: call.MeterValues(connector_id, values, _wire_id(transaction)))
        self._face.outbox.add_droppable(message)

    def _values(self, connector: Connector, context: str, key: str) -> list[dict[str, Any]]:
        value = self._face.meter_value(connector, context, key)
        return [value] if value["sampledValue"] else []


def _wire_id(transaction: Transaction) -> int:
    return UNDELIVERABLE if transaction.transaction_id is None else transaction.transaction_id
