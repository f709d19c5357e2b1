"""What a 1.6 station says by itself: boot, status, heartbeat."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from ocpp.v16 import call
from ocpp.v16.enums import ChargePointErrorCode, ChargePointStatus
from websockets.asyncio.client import ClientConnection

from console.simulator.base_face import DEFAULT_BOOT_RETRY_S, BaseFace, parse_time, timestamp
from console.simulator.connector import NO_ERROR, Connector
from console.simulator.host import Host
from console.simulator.outbox import RequestFailed, Unreachable
from console.simulator.profiles import ChargingProfile, ProfileStore
from console.simulator.types import NOMINAL_VOLTAGE_V, ConnectorState, Registration
from console.simulator.v16 import authorization, samples
from console.simulator.v16.charge_point import V16ChargePoint
from console.simulator.v16.commands import Commands
from console.simulator.v16.configuration import Configuration
from console.simulator.v16.reservations import Reservations
from console.simulator.v16.security import Security
from console.simulator.v16.transactions import Transaction, Transactions

_LOG = logging.getLogger(__name__)


class Face(BaseFace):
    """The OCPP 1.6 side of one station."""

    subprotocol = "ocpp1.6"

    def __init__(self, host: Host, *, check_schemas: bool, answer_timeout_s: float) -> None:
        super().__init__(host, ProfileStore(), check_schemas=check_schemas, answer_timeout_s=answer_timeout_s)
        self.configuration = Configuration(host.hardware.kind)
        self.memory = authorization.CardMemory(self.configuration)
        self.reservations = Reservations(host, self.report, self.afterwards)
        self.transactions = Transactions(self)
        self.security = Security(self)
        self.commands = Commands(self)
        self.remote_profiles: dict[int, ChargingProfile] = {}

    def open(self, connection: ClientConnection) -> V16ChargePoint:
        """A 1.6 connection over a WebSocket."""
        return V16ChargePoint(self, connection)

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on whether there is a connection or not."""
        return [*super().jobs(), self.transactions.send_clock_aligned()]

    # --- boot, status, heartbeat ----------------------------------------------------------------------------

    async def send_boot(self) -> float:
        """Send one BootNotification and take over its answer. Returns when the next one is due, in clock seconds."""
        hardware = self.host.hardware
        payload = call.BootNotification(
            charge_point_model=hardware.kind.model,
            charge_point_vendor=hardware.kind.vendor,
            charge_point_serial_number=hardware.serial_number,
            firmware_version=hardware.firmware_version,
            meter_serial_number=hardware.meter_serial_number,
        )
        try:
            answer = await self.request(payload)
            self.registration = Registration(answer.status)
            self.host.clock.synchronise(parse_time(answer.current_time))
        except (RequestFailed, ValueError, TypeError) as failure:
            _LOG.warning("%s: BootNotification failed: %s", self.host.station_id, failure)
            return self.host.clock.elapsed_s + DEFAULT_BOOT_RETRY_S
        if self.registration is Registration.ACCEPTED and answer.interval > 0:
            self.configuration.set("HeartbeatInterval", str(answer.interval))
        self.pace_changed.set()
        retry_at_s = self.host.clock.elapsed_s + (answer.interval or DEFAULT_BOOT_RETRY_S)
        self.host.changed()
        return float(retry_at_s)

    async def announce(self) -> None:
        """Report the state of the station and of every connector."""
        for connector_id in range(len(self.host.hardware.connectors) + 1):
            await self.report(connector_id)

    async def heartbeat(self) -> None:
        """Send one Heartbeat and set the clock by its answer."""
        try:
            answer = await self.request(call.Heartbeat())
            self.host.clock.synchronise(parse_time(answer.current_time))
        except (RequestFailed, ValueError, TypeError) as failure:
            _LOG.warning("%s: Heartbeat failed: %s", self.host.station_id, failure)

    async def security_event(self, kind: str, tech_info: str | None = None) -> None:
        """Tell that something happened which matters to security (the security extension's section 3.3)."""
        await self.tell(call.SecurityEventNotification(kind, timestamp(self.host.clock.utc()), tech_info))

    async def report(self, connector_id: int, *, again: bool = False) -> None:
        """Send StatusNotification if the state is not what was last reported, or `again` in any case."""
        state, error_code = self._state(connector_id)
        if not again and (not self.online or self._reported.get(connector_id) == (state, error_code)):
            return
        self._reported[connector_id] = (state, error_code)
        payload = call.StatusNotification(
            connector_id=connector_id,
            error_code=ChargePointErrorCode(error_code),
            status=ChargePointStatus(state.value),
            timestamp=timestamp(self.host.clock.utc()),
        )
        try:
            await self.request(payload)
        except Unreachable:
            self._reported.pop(connector_id, None)  # the next connection begins with it
        except RequestFailed as failure:
            _LOG.warning("%s: %s", self.host.station_id, failure)

    def _state(self, connector_id: int) -> tuple[ConnectorState, str]:
        if connector_id == 0:
            return self.host.hardware.state, NO_ERROR
        connector = self.host.hardware.connector(connector_id)
        return connector.state, connector.error_code

    # --- for transactions and commands ----------------------------------------------------------------------

    def heartbeat_interval_s(self) -> int:
        """Seconds from one heartbeat to the next, 0 for none."""
        return self.configuration.number("HeartbeatInterval")

    def attempts(self) -> int:
        """How often a transaction message is sent before it is given up."""
        return self.configuration.number("TransactionMessageAttempts")

    def interval_s(self) -> float:
        """The wait before a transaction message is sent for the second time."""
        return self.configuration.number("TransactionMessageRetryInterval")

    def place(self, connector: Connector) -> int:
        """A connector's own number: 1.6 knows no EVSEs."""
        return connector.connector_id

    def tx_started(self, connector: Connector) -> datetime | None:
        """When the transaction there began, if one runs."""
        running = self.transactions.running.get(connector.connector_id)
        return running.started if running else None

    async def ask(self, id_tag: str) -> authorization.IdTagInfo:
        """Find out whether a card may charge."""
        return await authorization.ask(
            id_tag,
            host=self.host,
            configuration=self.configuration,
            memory=self.memory,
            request=self.request,
            online=self.online,
        )

    def meter_value(self, connector: Connector, context: str, key: str) -> dict[str, Any]:
        """A MeterValue with the measurands that a configuration key lists."""
        kind = self.host.hardware.kind
        offered_w = min(kind.max_power_w, connector.limit.as_power_w(phases=kind.phases))
        return samples.meter_value(
            connector.read(),
            self.host.clock.utc(),
            context,
            self.configuration.listed(key),
            offered_a=offered_w / (kind.phases * NOMINAL_VOLTAGE_V),
        )

    def adopt_remote_profile(self, transaction: Transaction) -> None:
        """Install the charging profile that came with the RemoteStartTransaction of this transaction."""
        profile = self.remote_profiles.pop(transaction.connector_id, None)
        if profile is not None and transaction.remote:
            self.profiles.install(transaction.connector_id, profile)
        self.settle()

    def apply_scheduled_availability(self, connector: Connector) -> None:
        """Carry out a ChangeAvailability that had to wait for a transaction."""
        self.commands.transaction_over(connector)
        self.host.changed()

    async def reboot(self, *, away_s: float) -> None:
        """Close the connection if there is one, forget what is not stored, and boot after so many seconds."""
        self.registration = Registration.UNKNOWN
        self.configuration.reboot()
        self.host.link.ping_interval_s = float(self.configuration.number("WebSocketPingInterval"))
        self.transactions.withdraw_grants()
        for connector in self.host.hardware.connectors:
            connector.reboot()
        await self.disconnect(abruptly=False, away_s=away_s)
