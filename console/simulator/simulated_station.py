"""A simulated station, driven by a program: plug in, swipe a card, break something, pull the network cable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType

from console.errors import ConsoleError
from console.simulator.car import Car
from console.simulator.clock import Clock
from console.simulator.connector import NO_ERROR, Connector
from console.simulator.dice import dice
from console.simulator.host import Host
from console.simulator.link import Link
from console.simulator.station import Station
from console.simulator.types import ABB_TERRA_AC, Registration, StationKind, Verdict
from console.simulator.v2.face import Face21, Face201
from console.simulator.v16.face import Face

_FACES: Mapping[str, type[Face | Face201 | Face21]] = MappingProxyType({"1.6": Face, "2.0.1": Face201, "2.1": Face21})

OCPP_VERSIONS = tuple(_FACES)
"""The versions that stations can be simulated in."""


class SimulatedStation:
    """One station that connects to a central system and behaves like a real one.

    Every method that does something returns when it has happened and been answered, or, with no connection, when
    it is kept for later. None of them waits for a fixed time. They raise StationStopped if the station ends.
    `time_scale=60` makes its minutes last a second; a `clock` of one's own goes before it.
    """

    def __init__(
        self,
        url: str,
        station_id: str,
        *,
        password: str | None = None,
        profile: StationKind = ABB_TERRA_AC,
        seed: int = 0,
        time_scale: float = 1.0,
        clock: Clock | None = None,
        ocpp: str = "1.6",
        check_schemas: bool = True,
        answer_timeout_s: float = 30.0,
    ) -> None:
        face = _FACES.get(ocpp)
        if face is None:
            raise ConsoleError(
                f"Stations cannot be simulated in OCPP {ocpp}.", f"Use one of: {', '.join(OCPP_VERSIONS)}."
            )
        self.station_id = station_id
        self.clock = clock or Clock(time_scale)
        self._rng = dice(seed, station_id)
        self.hardware = Station(profile, self.clock, self._rng)
        self._link = Link(url, station_id, face.subprotocol, clock=self.clock, rng=self._rng, password=password)
        self._host = Host(station_id, self.hardware, self._link, self.clock, self._rng)
        self._face = face(self._host, check_schemas=check_schemas, answer_timeout_s=answer_timeout_s)
        self._running: asyncio.Task[None] | None = None

    # --- its life -------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Be a station until cancelled."""
        await self._host.run(self._link.run(self._face.serve, self._host.changed), *self._face.jobs())

    async def start(self) -> None:
        """Switch the station on: it begins to connect."""
        if self._running is None:
            self._running = asyncio.create_task(self.run())
            await asyncio.sleep(0)  # so that whatever is asked of it next finds it running

    async def booted(self) -> None:
        """Wait until the station is accepted and has reported the state of its connectors."""
        await self._host.wait_for(lambda: self._face.announced)

    async def stop(self) -> None:
        """Switch the station off; raises what made it fail, if it did."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.wait({running})
            if not running.cancelled():
                running.result()

    async def wait_for(self, predicate: Callable[[SimulatedStation], bool]) -> None:
        """Wait until `predicate` holds; it is asked after each change."""
        await self._host.wait_for(lambda: predicate(self))

    # --- what one can see -----------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether there is a connection, accepted or not."""
        return self._face.connected

    @property
    def online(self) -> bool:
        """Whether the station is connected and accepted."""
        return self._face.online

    @property
    def registration(self) -> Registration:
        """Where the station stands with its central system."""
        return self._face.registration

    @property
    def refusal(self) -> str:
        """Why the last attempt to connect failed; empty if it did not."""
        return self._link.refusal

    @property
    def queued_messages(self) -> int:
        """How many transaction messages have not been answered."""
        return len(self._face.outbox)

    def connector(self, connector_id: int) -> Connector:
        """A connector with its state, car and meter; those of all EVSEs are counted through, from 1."""
        return self.hardware.connector(connector_id)

    def transaction_id(self, connector_id: int) -> int | str | None:
        """The id of the transaction on that connector, None if there is none or it has no id yet."""
        return self._face.transactions.transaction_id(connector_id)

    # --- what one can do ------------------------------------------------------------------------------------

    async def plug_in(self, connector_id: int, car: Car) -> None:
        """Put a car's cable in."""
        connector = self.connector(connector_id)
        self._face.settle()
        connector.plug_in(car)
        await self._face.transactions.plug_in(connector)

    async def swipe(self, connector_id: int, id_tag: str) -> Verdict:
        """Hold a card to the reader of a connector: it starts, or stops, a transaction."""
        return await self._face.transactions.swipe(self.connector(connector_id), id_tag)

    async def unplug(self, connector_id: int) -> Car:
        """Pull the cable and hand the car back."""
        connector = self.connector(connector_id)
        self._face.settle()
        car = connector.unplug()
        await self._face.transactions.unplug(connector)
        return car

    async def fault(self, connector_id: int, code: str) -> None:
        """Break something: an error code of OCPP 1.6, such as GroundFailure."""
        await self._face.transactions.fault(self.connector(connector_id), code)

    async def recover(self, connector_id: int) -> None:
        """Mend what was broken."""
        await self._face.transactions.fault(self.connector(connector_id), NO_ERROR)

    async def limit_from_outside(self, power_w: float | None) -> None:
        """Have an energy manager limit the whole station; None ends that. 1.6 has no word for it."""
        await self._face.limit_from_outside(power_w)

    async def generate_locally(self, power_w: float | None) -> None:
        """Have the roof yield so much, on top of the station's limit; None is night."""
        await self._face.limit_from_outside(power_w, generated=True)

    async def drop_connection(self, away_s: float = 0.0) -> None:
        """Break the connection off without a word; the station tries again after `away_s`, or a short pause."""
        await self._face.disconnect(abruptly=True, away_s=away_s)
