"""What a 1.6 station says by itself: boot, status, heartbeat, and the order in which it speaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from ocpp.v16 import call
from ocpp.v16.enums import ChargePointErrorCode, ChargePointStatus
from websockets.asyncio.client import ClientConnection

from console.simulator.connector import NO_ERROR, Connector
from console.simulator.host import Host
from console.simulator.outbox import Message, Outbox, RequestFailed, Unreachable
from console.simulator.types import NOMINAL_VOLTAGE_V, ConnectorState, Registration
from console.simulator.v16 import authorization, samples
from console.simulator.v16.charge_point import V16ChargePoint
from console.simulator.v16.commands import Commands
from console.simulator.v16.configuration import Configuration
from console.simulator.v16.profiles import ChargingProfile, ProfileStore, parse_time
from console.simulator.v16.reservations import Reservations
from console.simulator.v16.transactions import Transaction, Transactions

_LOG = logging.getLogger(__name__)

_DEFAULT_BOOT_RETRY_S = 60.0
_NO_HEARTBEAT_LOOK_S = 3_600.0


class Face:
    """The OCPP 1.6 side of one station; it outlives connections and reboots."""

    subprotocol = "ocpp1.6"

    def __init__(self, host: Host, *, check_schemas: bool, answer_timeout_s: float) -> None:
        self.host = host
        self.registration = Registration.UNKNOWN
        self.configuration = Configuration(host.hardware.kind)
        self.profiles = ProfileStore()
        self.memory = authorization.CardMemory(self.configuration)
        self.outbox = Outbox(self, host.clock)
        self.reservations = Reservations(host, self.report, self.afterwards)
        self.transactions = Transactions(self)
        self.commands = Commands(self)
        self.announced = False
        self.remote_profiles: dict[int, ChargingProfile] = {}
        self._check_schemas = check_schemas
        self._answer_timeout_s = answer_timeout_s
        self._charge_point: V16ChargePoint | None = None
        self._reported: dict[int, tuple[ConnectorState, str]] = {}
        self.boot_now = asyncio.Event()
        self.pace_changed = asyncio.Event()
        self._afterwards: list[Callable[[], Coroutine[Any, Any, None]]] = []

    # --- being connected ------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether there is a connection, accepted or not."""
        return self._charge_point is not None

    @property
    def online(self) -> bool:
        """Whether the station may send what it likes: connected and accepted."""
        return self.connected and self.registration is Registration.ACCEPTED

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on whether there is a connection or not."""
        return [
            self.outbox.run(self.request, self._ready, self.host.changed),
            self.transactions.send_clock_aligned(),
        ]

    async def serve(self, connection: ClientConnection) -> float:
        """Use a connection until it is lost; says when that was, in clock seconds."""
        self._charge_point = V16ChargePoint(
            self, connection, timeout_s=self._answer_timeout_s, check_schemas=self._check_schemas
        )
        self.host.changed()
        try:
            async with asyncio.TaskGroup() as tasks:
                attending = tasks.create_task(self._attend())
                await self._charge_point.listen()
                lost_s = self.host.clock.elapsed_s
                self._disconnected()
                attending.cancel()
        finally:
            self._disconnected()
        return lost_s

    def _disconnected(self) -> None:
        self._charge_point = None
        self.announced = False
        self.host.changed()

    async def request(self, payload: object) -> Any:
        """Send a request. Raises Unreachable or RequestFailed."""
        if self._charge_point is None:
            raise Unreachable("there is no connection")
        return await self._charge_point.request(payload)

    async def tell(self, payload: object) -> bool:
        """Send a request whose answer says nothing; a failure is logged. Says whether it arrived."""
        try:
            await self.request(payload)
        except (Unreachable, RequestFailed) as failure:
            _LOG.info("%s: %s: %s", self.host.station_id, type(payload).__name__, failure)
            return False
        return True

    async def _ready(self) -> None:
        await self.host.wait_for(lambda: self.online and self.announced)

    async def _attend(self) -> None:
        try:
            while True:
                if self.registration is not Registration.ACCEPTED:
                    await self._boot()
                await self._announce()
                await self._heartbeats()
        except Unreachable:
            return  # `listen` sees the same loss, and ends this connection

    # --- boot, status, heartbeat ----------------------------------------------------------------------------

    async def _boot(self) -> None:
        """Send BootNotification until accepted (1.6 section 4.2), at the pace the central system asks for."""
        self._reported.clear()
        while True:
            retry_at_s = await self.send_boot()
            if self.registration is Registration.ACCEPTED:
                return
            self.boot_now.clear()
            await self.host.clock.sleep_until_or(retry_at_s, self.boot_now)

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
            return self.host.clock.elapsed_s + _DEFAULT_BOOT_RETRY_S
        if self.registration is Registration.ACCEPTED and answer.interval > 0:
            self.configuration.set("HeartbeatInterval", str(answer.interval))
        self.pace_changed.set()
        retry_at_s = self.host.clock.elapsed_s + (answer.interval or _DEFAULT_BOOT_RETRY_S)
        self.host.changed()
        return float(retry_at_s)

    async def _announce(self) -> None:
        for connector_id in range(len(self.host.hardware.connectors) + 1):
            await self.report(connector_id)
        self.announced = True
        self.host.changed()

    async def _heartbeats(self) -> None:
        """Send Heartbeat at its interval; returns when the station is no longer accepted."""
        clock = self.host.clock
        last_s = clock.elapsed_s
        while self.registration is Registration.ACCEPTED:
            interval_s = self.configuration.number("HeartbeatInterval")
            self.pace_changed.clear()
            due_s = last_s + (interval_s or _NO_HEARTBEAT_LOOK_S)
            if await clock.sleep_until_or(due_s, self.pace_changed):
                continue
            last_s = max(due_s, clock.elapsed_s - interval_s)
            if interval_s:
                await self.heartbeat()

    async def heartbeat(self) -> None:
        """Send one Heartbeat and set the clock by its answer."""
        try:
            answer = await self.request(call.Heartbeat())
            self.host.clock.synchronise(parse_time(answer.current_time))
        except (RequestFailed, ValueError, TypeError) as failure:
            _LOG.warning("%s: Heartbeat failed: %s", self.host.station_id, failure)

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
            timestamp=samples.timestamp(self.host.clock.utc()),
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

    def attempts(self) -> int:
        """How often a transaction message is sent before it is given up."""
        return self.configuration.number("TransactionMessageAttempts")

    def interval_s(self) -> float:
        """The wait before a transaction message is sent for the second time."""
        return self.configuration.number("TransactionMessageRetryInterval")

    async def deliver(self, message: Message) -> None:
        """Queue a transaction message; returns when it is settled, or when that will take a while."""
        self.outbox.add(message)
        await self.host.wait_for(lambda: message.settled.done() or message.failures > 0 or not self.online)

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

    def settle(self) -> None:
        """Let time pass for the hardware, under the limits of the charging profiles."""
        hardware = self.host.hardware
        hardware.settle()
        now = self.host.clock.utc()
        share = self.profiles.station_limit(now).shared_by(max(1, sum(c.takes_energy for c in hardware.connectors)))
        for connector in hardware.connectors:
            running = self.transactions.running.get(connector.connector_id)
            started = running.started if running else now
            own = self.profiles.connector_limit(connector.connector_id, now, started)
            connector.obey(own.also(share))

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

    def afterwards(self, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something once the answer to the request in hand has left."""
        self._afterwards.append(job)

    def follow_up(self) -> None:
        """The answer has left: begin what was put off until then."""
        jobs, self._afterwards = self._afterwards, []
        for job in jobs:
            self.host.spawn(job())

    async def reboot(self, *, away_s: float) -> None:
        """Close the connection if there is one, forget what is not stored, and boot after so many seconds."""
        self.registration = Registration.UNKNOWN
        self.configuration.reboot()
        self.host.link.ping_interval_s = float(self.configuration.number("WebSocketPingInterval"))
        self.transactions.withdraw_grants()
        for connector in self.host.hardware.connectors:
            connector.reboot()
        await self.disconnect(abruptly=False, away_s=away_s)

    async def disconnect(self, *, abruptly: bool, away_s: float) -> None:
        """Close the connection, or let it break; returns when it is gone."""
        self.host.link.stay_away(away_s)
        charge_point = self._charge_point
        if charge_point is not None:
            await charge_point.close(abruptly=abruptly)
            await self.host.wait_for(lambda: self._charge_point is not charge_point)
