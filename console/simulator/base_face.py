"""What a station does in every OCPP version: connect, boot, announce itself, send heartbeats, speak in order."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from websockets.asyncio.client import ClientConnection

from console.simulator.connection import StationConnection
from console.simulator.connector import Connector
from console.simulator.host import Host
from console.simulator.outbox import Message, Outbox, RequestFailed, Unreachable
from console.simulator.profiles import EXTERNAL, LOCAL_GENERATION, ChargingProfile, Period, ProfileStore
from console.simulator.types import NO_LIMIT, Registration

_LOG = logging.getLogger(__name__)

DEFAULT_BOOT_RETRY_S = 60.0
_NO_HEARTBEAT_LOOK_S = 3_600.0

Job = Callable[[], Coroutine[Any, Any, None]]


def timestamp(moment: datetime) -> str:
    """UTC with milliseconds and a Z, the one form that every central system reads."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """A date and time off the wire; one without a zone is taken for UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class BaseFace(ABC):
    """The OCPP side of one station; it outlives connections and reboots."""

    subprotocol: ClassVar[str]

    def __init__(self, host: Host, profiles: ProfileStore, *, check_schemas: bool, answer_timeout_s: float) -> None:
        self.host = host
        self.profiles = profiles
        self.check_schemas = check_schemas
        self.answer_timeout_s = answer_timeout_s
        self.registration = Registration.UNKNOWN
        self.announced = False
        self.outbox = Outbox(self, host.clock)
        self.boot_now = asyncio.Event()
        self.pace_changed = asyncio.Event()
        self._connection: StationConnection | None = None
        self._lost_s = self._opened_s = host.clock.elapsed_s
        self._reported: dict[int, object] = {}
        """What the central system was last told of each connector's state."""
        self._afterwards: list[Job] = []

    # --- what each version says in its own words ------------------------------------------------------------

    @abstractmethod
    def open(self, connection: ClientConnection) -> StationConnection:
        """The version's connection over a WebSocket."""

    @abstractmethod
    async def send_boot(self) -> float:
        """Send one BootNotification and take over its answer. Returns when the next one is due, in clock seconds."""

    @abstractmethod
    async def heartbeat(self) -> None:
        """Send one Heartbeat and set the clock by its answer."""

    @abstractmethod
    async def announce(self) -> None:
        """Report the state of everything that has one."""

    @abstractmethod
    async def security_event(self, kind: str, tech_info: str | None = None) -> None:
        """Tell that something happened which matters to security."""

    @abstractmethod
    def heartbeat_interval_s(self) -> int:
        """Seconds from one heartbeat to the next, 0 for none."""

    @abstractmethod
    def attempts(self) -> int:
        """How often a transaction message is sent before it is given up."""

    @abstractmethod
    def interval_s(self) -> float:
        """The wait before a transaction message is sent for the second time."""

    @abstractmethod
    def place(self, connector: Connector) -> int:
        """Where that connector's charging profiles are: its own number, or its EVSE's."""

    @abstractmethod
    def tx_started(self, connector: Connector) -> datetime | None:
        """When energy was first offered in the transaction there, if one runs."""

    # --- being connected ------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether there is a connection, accepted or not."""
        return self._connection is not None

    @property
    def online(self) -> bool:
        """Whether the station may send what it likes: connected and accepted."""
        return self.connected and self.registration is Registration.ACCEPTED

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on whether there is a connection or not."""
        return [self.outbox.run(self.request, self._ready, self.host.changed)]

    async def serve(self, connection: ClientConnection) -> float:
        """Use a connection until it is lost; says when that was, in clock seconds."""
        self._connection = self.open(connection)
        self._opened_s = self.host.clock.elapsed_s
        self.host.changed()
        try:
            async with asyncio.TaskGroup() as tasks:
                attending = tasks.create_task(self._attend())
                await self._connection.listen()
                lost_s = self.host.clock.elapsed_s
                self._disconnected()
                attending.cancel()
        finally:
            self._disconnected()
        return lost_s

    @property
    def away_s(self) -> float:
        """For how long there was no connection before this one."""
        return self._opened_s - self._lost_s

    def _disconnected(self) -> None:
        if self._connection is not None:
            self._lost_s = self.host.clock.elapsed_s
        self._connection = None
        self.announced = False
        self.host.changed()

    async def request(self, payload: object) -> Any:
        """Send a request. Raises Unreachable or RequestFailed."""
        if self._connection is None:
            raise Unreachable("there is no connection")
        return await self._connection.request(payload)

    async def tell(self, payload: object) -> bool:
        """Send a request whose answer says nothing; a failure is logged. Says whether it arrived."""
        try:
            await self.request(payload)
        except (Unreachable, RequestFailed) as failure:
            _LOG.info("%s: %s", self.host.station_id, failure)
            return False
        return True

    def tell_afterwards(self, payload: object) -> None:
        """`tell`, once the answer to the request in hand has left."""

        async def tell() -> None:
            await self.tell(payload)

        self.afterwards(tell)

    async def _ready(self) -> None:
        await self.host.wait_for(lambda: self.online and self.announced)

    async def _attend(self) -> None:
        try:
            while True:
                if self.registration is not Registration.ACCEPTED:
                    await self._boot()
                await self.announce()
                self.announced = True
                self.host.changed()
                await self._heartbeats()
        except Unreachable:
            return  # `listen` sees the same loss, and ends this connection

    # --- boot and heartbeat ---------------------------------------------------------------------------------

    async def _boot(self) -> None:
        """Send BootNotification until accepted (1.6 section 4.2, 2.x B01), at the pace asked for."""
        self._reported.clear()
        while True:
            retry_at_s = await self.send_boot()
            if self.registration is Registration.ACCEPTED:
                return
            self.boot_now.clear()
            await self.host.clock.sleep_until_or(retry_at_s, self.boot_now)

    async def _heartbeats(self) -> None:
        """Send Heartbeat at its interval; returns when the station is no longer accepted."""
        clock = self.host.clock
        last_s = clock.elapsed_s
        while self.registration is Registration.ACCEPTED:
            interval_s = self.heartbeat_interval_s()
            self.pace_changed.clear()
            due_s = last_s + (interval_s or _NO_HEARTBEAT_LOOK_S)
            if await clock.sleep_until_or(due_s, self.pace_changed):
                continue
            last_s = max(due_s, clock.elapsed_s - interval_s)
            if interval_s:
                await self.heartbeat()

    async def boot_again(self) -> None:
        """Do what a trigger of BootNotification asks."""
        if self.registration is not Registration.ACCEPTED:
            self.boot_now.set()
            return
        try:
            await self.send_boot()
        except Unreachable:
            _LOG.info("%s: connection lost during BootNotification", self.host.station_id)

    async def heartbeat_now(self) -> None:
        """Do what a trigger of Heartbeat asks."""
        try:
            await self.heartbeat()
        except Unreachable:
            _LOG.info("%s: connection lost during Heartbeat", self.host.station_id)

    # --- for transactions and commands ----------------------------------------------------------------------

    async def deliver(self, message: Message) -> None:
        """Queue a transaction message; returns when it is settled, or when that will take a while."""
        self.outbox.add(message)
        await self.host.wait_for(lambda: message.settled.done() or message.failures > 0 or not self.online)

    async def limit_from_outside(self, power_w: float | None, *, generated: bool = False) -> None:
        """An energy manager limits the whole station to so many watts, or the roof yields them; None is neither."""
        self.settle()
        purpose, profile_id = (LOCAL_GENERATION, -2) if generated else (EXTERNAL, -1)
        self.profiles.clear(profile_id)
        if power_w is not None:
            period, start = Period(0, power_w, None), self.host.clock.utc()
            self.profiles.install(0, ChargingProfile(profile_id, 0, purpose, "Absolute", "W", (period,), start=start))
        self.settle()
        self.host.changed()

    def settle(self) -> None:
        """Let time pass for the hardware, under the limits of the charging profiles.

        However long that was, each limit holds exactly as long as its profile says.
        """
        hardware, clock = self.host.hardware, self.host.clock
        now, now_s = clock.utc(), clock.elapsed_s
        since = now - timedelta(seconds=now_s - hardware.settled_s)
        started = [begun for connector in hardware.connectors if (begun := self.tx_started(connector)) is not None]
        for moment in self.profiles.changes(since, now, started):
            hardware.settle(now_s - (now - moment).total_seconds())
            self._obey(moment)
        hardware.settle(now_s)
        self._obey(now)

    def _obey(self, moment: datetime) -> None:
        connectors = self.host.hardware.connectors
        # One station in a thousand has a profile; the others need not look for it.
        if not self.profiles:
            for connector in connectors:
                connector.obey(NO_LIMIT)
            return
        share = self.profiles.station_limit(moment).shared_by(max(1, sum(c.takes_energy for c in connectors)))
        for connector in connectors:
            started = self.tx_started(connector) or moment
            own = self.profiles.connector_limit(self.place(connector), moment, started)
            connector.obey(own.also(share))

    def afterwards(self, job: Job) -> None:
        """Do something once the answer to the request in hand has left."""
        self._afterwards.append(job)

    def follow_up(self) -> None:
        """The answer has left: begin what was put off until then."""
        jobs, self._afterwards = self._afterwards, []
        for job in jobs:
            self.host.spawn(job())

    async def disconnect(self, *, abruptly: bool, away_s: float) -> None:
        """Close the connection, or let it break; returns when it is gone."""
        self.host.link.stay_away(away_s)
        connection = self._connection
        if connection is not None:
            await connection.close(abruptly=abruptly)
            await self.host.wait_for(lambda: self._connection is not connection)
