"""What a 2.x station says by itself: boot, status, heartbeat, what happened to it."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, ClassVar

from websockets.asyncio.client import ClientConnection

from console.simulator.base_face import DEFAULT_BOOT_RETRY_S, BaseFace, parse_time, timestamp
from console.simulator.connector import Connector
from console.simulator.host import Host
from console.simulator.outbox import RequestFailed, Unreachable
from console.simulator.profiles import EXTERNAL, LOCAL_GENERATION, ProfileStore
from console.simulator.types import ConnectorState, Registration
from console.simulator.v2 import authorization, outside_limits
from console.simulator.v2.authorization import IdToken, TokenInfo, TokenMemory
from console.simulator.v2.certificates import Certificates
from console.simulator.v2.charge_point import Handler, Payload, Request, V2ChargePoint
from console.simulator.v2.commands import Commands
from console.simulator.v2.der import DerControls
from console.simulator.v2.device_model import DeviceModel, Variable
from console.simulator.v2.displays import Displays
from console.simulator.v2.firmware import Firmware
from console.simulator.v2.logs import Logs
from console.simulator.v2.metering import Metering
from console.simulator.v2.monitors import Monitors
from console.simulator.v2.reports import Reports
from console.simulator.v2.reservations import Reservations
from console.simulator.v2.smart_charging import SmartCharging
from console.simulator.v2.streams import Streams
from console.simulator.v2.tariffs import Tariffs
from console.simulator.v2.transactions import Transactions
from console.simulator.v2.variables import standard_variables

_LOG = logging.getLogger(__name__)

_OUT_OF_USE = {ConnectorState.UNAVAILABLE: "Unavailable", ConnectorState.RESERVED: "Reserved"}


class Face(BaseFace):
    """The OCPP 2.x side of one station."""

    version: ClassVar[str]

    def __init__(self, host: Host, *, check_schemas: bool, answer_timeout_s: float) -> None:
        store = ProfileStore(by_1_6=False)
        super().__init__(host, store, check_schemas=check_schemas, answer_timeout_s=answer_timeout_s)
        self.boot_reason = "PowerUp"
        self.model = DeviceModel(standard_variables(self), self._variable_changed)
        self.memory = TokenMemory(self)
        self.reservations = Reservations(self)
        self.transactions = Transactions(self)
        self.metering = Metering(self)
        self.monitors = Monitors(self)
        self.streams = Streams(self)
        self.charging = SmartCharging(self)
        self.firmware = Firmware(self)
        self.logs = Logs(self)
        self.certificates = Certificates(self)
        self.displays = Displays(self)
        self.tariffs = Tariffs(self)
        self.commands = Commands(self)
        self.der_controls = DerControls(self)
        self.handlers: dict[str, Handler] = {}
        rooms = (self.memory, self.reservations, self.monitors, self.streams, self.charging, self.firmware)
        more = (self.logs, self.certificates, self.displays, self.tariffs, self.commands, self.der_controls)
        for room in (*rooms, *more, Reports(self)):
            self.handlers |= room.handlers()

    def open(self, connection: ClientConnection) -> V2ChargePoint:
        """A 2.x connection over a WebSocket."""
        return V2ChargePoint(self, connection)

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on whether there is a connection or not."""
        return [
            *super().jobs(),
            self.metering.send_clock_aligned(),
            self.monitors.watch(),
            self.charging.pull_updates(),
        ]

    # --- boot, status, heartbeat ----------------------------------------------------------------------------

    async def send_boot(self) -> float:
        """Send one BootNotification and take over its answer. Returns when the next one is due, in clock seconds."""
        hardware = self.host.hardware
        station = {
            "model": hardware.kind.model,
            "vendorName": hardware.kind.vendor,
            "serialNumber": hardware.serial_number,
            "firmwareVersion": hardware.firmware_version,
        }
        try:
            answer = await self.request(
                Request("BootNotification", {"reason": self.boot_reason, "chargingStation": station})
            )
            self.registration = Registration(answer["status"])
            self.host.clock.synchronise(parse_time(answer["currentTime"]))
            interval_s = int(answer["interval"])
        except (RequestFailed, KeyError, ValueError, TypeError) as failure:
            _LOG.warning("%s: BootNotification failed: %s", self.host.station_id, failure)
            return self.host.clock.elapsed_s + DEFAULT_BOOT_RETRY_S
        if self.registration is Registration.ACCEPTED and interval_s > 0:
            self.model.put("OCPPCommCtrlr", "HeartbeatInterval", str(interval_s))
        self.pace_changed.set()
        retry_at_s = self.host.clock.elapsed_s + (interval_s or DEFAULT_BOOT_RETRY_S)
        self.host.changed()
        return float(retry_at_s)

    async def announce(self) -> None:
        """Report the state of every connector, and after a boot that there was one.

        After a short absence only what has changed is reported (B04.FR.01 and 02).
        """
        if self.away_s > self.model.number("OCPPCommCtrlr", "OfflineThreshold"):
            self._reported.clear()
        for connector in self.host.hardware.connectors:
            await self.report(connector)
        reason, self.boot_reason = self.boot_reason, ""
        if reason == "PowerUp":
            self.host.spawn(self.security_event("StartupOfTheDevice"))
        elif reason:
            self.host.spawn(self.security_event("ResetOrReboot"))

    async def heartbeat(self) -> None:
        """Send one Heartbeat and set the clock by its answer."""
        try:
            answer = await self.request(Request("Heartbeat", {}))
            self.host.clock.synchronise(parse_time(answer["currentTime"]))
        except (RequestFailed, KeyError, ValueError, TypeError) as failure:
            _LOG.warning("%s: Heartbeat failed: %s", self.host.station_id, failure)

    def status(self, connector: Connector) -> str:
        """The connectorStatus of a connector."""
        if connector.state is ConnectorState.FAULTED:
            return "Faulted"
        if connector.car is not None or connector.in_transaction:
            return "Occupied"
        return _OUT_OF_USE.get(connector.state, "Available")

    def evse_status(self, evse_id: int) -> str:
        """The AvailabilityState of an EVSE: that of the connector in use, else of the first."""
        states = [self.status(one) for one in self.host.hardware.connectors if one.evse_id == evse_id]
        return "Occupied" if "Occupied" in states else states[0]

    async def report_evse(self, evse_id: int, *, again: bool = False) -> None:
        """Report the connectors of an EVSE whose state has changed, or all `again`."""
        for connector in self.host.hardware.connectors:
            if connector.evse_id == evse_id:
                await self.report(connector, again=again)

    async def report(self, connector: Connector, *, again: bool = False) -> None:
        """Send StatusNotification if the state is not what was last reported, or `again` in any case."""
        number, state = connector.connector_id, self.status(connector)
        if not again and (not self.online or self._reported.get(number) == state):
            return
        self._reported[number] = state
        payload = {
            "timestamp": self.now(),
            "connectorStatus": state,
            "evseId": connector.evse_id,
            "connectorId": connector.number_in_evse,
        }
        try:
            await self.request(Request("StatusNotification", payload))
        except Unreachable:
            self._reported.pop(number, None)  # the next connection begins with it
        except RequestFailed as failure:
            _LOG.warning("%s: %s", self.host.station_id, failure)

    async def security_event(self, kind: str, tech_info: str | None = None) -> None:
        """Tell that something happened which matters to security (2.x A04)."""
        payload = {"type": kind, "timestamp": self.now()} | ({"techInfo": tech_info} if tech_info else {})
        await self.tell(Request("SecurityEventNotification", payload))

    # --- for transactions and commands ----------------------------------------------------------------------

    def now(self) -> str:
        """The station's time, as messages have it."""
        return timestamp(self.host.clock.utc())

    def heartbeat_interval_s(self) -> int:
        """Seconds from one heartbeat to the next, 0 for none."""
        return self.model.number("OCPPCommCtrlr", "HeartbeatInterval")

    def attempts(self) -> int:
        """How often a transaction message is sent before it is given up."""
        return self.model.number("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent")

    def interval_s(self) -> float:
        """The wait before a transaction message is sent for the second time."""
        return self.model.number("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent")

    def place(self, connector: Connector) -> int:
        """The EVSE of a connector: that is where charging profiles are."""
        return connector.evse_id

    def tx_started(self, connector: Connector) -> datetime | None:
        """When energy was first offered in the transaction there, if one runs."""
        session = self.transactions.sessions.get(connector.connector_id)
        return session.power_since if session else None

    async def ask(self, token: IdToken) -> TokenInfo:
        """Find out whether a card may charge."""
        return await authorization.ask(token, self)

    async def send(self, request: Request) -> None:
        """Send a message that is never answered; without a connection it is lost."""
        if self.online and isinstance(self._connection, V2ChargePoint):
            await self._connection.send(request)

    async def limit_from_outside(self, power_w: float | None, *, generated: bool = False) -> None:
        """An energy manager limits the station, or the roof yields power; the central system is told."""
        await super().limit_from_outside(power_w, generated=generated)
        purpose = LOCAL_GENERATION if generated else EXTERNAL
        profile = next((one for _, one in self.profiles.installed if one.purpose == purpose), None)
        await outside_limits.tell(self, profile, generated=generated)

    async def tell_in_parts(self, action: str, parts: list[Payload]) -> None:
        """Send a report in its parts, numbered and with tbc on all but the last."""
        for number, part in enumerate(parts):
            more = {"tbc": True} if number < len(parts) - 1 else {}
            numbered = {"seqNo": number, "generatedAt": self.now()}
            if not await self.tell(Request(action, {**numbered, **part, **more})):
                return

    async def reboot(self, *, away_s: float, reason: str) -> None:
        """Close the connection if there is one, forget what is not stored, and boot after so many seconds."""
        self.registration = Registration.UNKNOWN
        self.boot_reason = reason
        self.model.reboot()
        self.host.link.ping_interval_s = float(self.model.number("OCPPCommCtrlr", "WebSocketPingInterval"))
        self.transactions.withdraw_grants()
        for connector in self.host.hardware.connectors:
            connector.reboot()
        await self.disconnect(abruptly=False, away_s=away_s)

    def _variable_changed(self, variable: Variable) -> None:
        """Something was set from afar: what it changes takes effect now."""
        if variable.name == "BasicAuthPassword":
            self.host.link.password = variable.value
            self.afterwards(self._connect_again)
        self.pace_changed.set()
        self.host.changed()

    async def _connect_again(self) -> None:
        await self.disconnect(abruptly=False, away_s=0.0)


class Face201(Face):
    """A station that speaks OCPP 2.0.1."""

    subprotocol = "ocpp2.0.1"
    version = "2.0.1"


class Face21(Face):
    """A station that speaks OCPP 2.1."""

    subprotocol = "ocpp2.1"
    version = "2.1"
