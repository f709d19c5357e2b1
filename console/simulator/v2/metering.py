"""The meters of a 2.x station: sampled while a car charges, at round times, and when asked (2.x J01 to J03)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.simulator.connector import Connector
from console.simulator.types import NOMINAL_VOLTAGE_V
from console.simulator.v2 import samples
from console.simulator.v2.charge_point import Payload, Request
from console.simulator.v2.session import Session

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_LOOK_EVERY_S = 1.0


class Metering:
    """Reads meters, and sends what they say."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._host = face.host

    async def watch(self, session: Session, started_s: float) -> None:
        """Follow a charging car to its end: tell what it does, sample the meter, keep the limits of its driver."""
        clock, model = self._host.clock, self._face.model
        connector = session.connector
        looked_s = sampled_s = started_s
        while session.running or connector.in_transaction:
            interval_s = model.number("SampledDataCtrlr", "TxUpdatedInterval")
            look_s = looked_s + _LOOK_EVERY_S
            await clock.sleep_until(min(look_s, sampled_s + interval_s) if interval_s else look_s)
            # Late looks are not made up for: a clock that ran far ahead gets one look, and one sample.
            looked_s = max(min(look_s, clock.elapsed_s), clock.elapsed_s - _LOOK_EVERY_S)
            if session.ended:
                return
            self._face.settle()
            self._face.tariffs.follow(session)
            if session.running and session.charging_state != session.told_state:
                await self._face.transactions.tell(session, "Updated", "ChargingStateChanged")
            if interval_s and clock.elapsed_s >= sampled_s + interval_s:
                sampled_s = max(sampled_s + interval_s, clock.elapsed_s - interval_s)
                self._queue_sample(session, "MeterValuePeriodic", samples.PERIODIC, "SampledDataCtrlr")
            self._host.changed()
            await self._keep_limit(session)

    async def _keep_limit(self, session: Session) -> None:
        """End a transaction that has reached what its driver paid for (2.1 E16)."""
        energy_wh = session.connector.meter.energy_wh - session.begin_energy_wh
        if session.began is None or not session.running:
            return
        spent_s = (self._host.clock.utc() - session.began).total_seconds()
        if energy_wh >= session.limit.get("maxEnergy", float("inf")):
            await self._face.transactions.end(session, "EnergyLimitReached", "EnergyLimitReached")
        elif spent_s >= session.limit.get("maxTime", float("inf")):
            await self._face.transactions.end(session, "TimeLimitReached", "TimeLimitReached")

    async def send_sample(self, evse_id: int) -> None:
        """Send the meter of an EVSE because it was asked for: as part of its transaction, if there is one."""
        self._face.settle()
        session = self._face.transactions.at_evse(evse_id)
        if session is not None and session.running:
            self._queue_sample(session, "Trigger", samples.TRIGGER, "SampledDataCtrlr")
        else:
            await self._send_alone(evse_id, samples.TRIGGER, "SampledDataCtrlr", "TxUpdatedMeasurands")

    async def send_event(self, session: Session) -> None:
        """Send a TransactionEvent because it was asked for."""
        self._face.settle()
        values = self.values(session.connector, samples.TRIGGER, "SampledDataCtrlr", "TxUpdatedMeasurands")
        session.told_state = None
        await self._face.transactions.tell(session, "Updated", "Trigger", values)

    async def send_clock_aligned(self) -> None:
        """Send every EVSE's meter at each Interval of the day, for ever."""
        clock, model = self._host.clock, self._face.model
        while True:
            await self._host.wait_for(lambda: model.number("AlignedDataCtrlr", "Interval") > 0)
            interval_s = model.number("AlignedDataCtrlr", "Interval")
            now = clock.utc()
            since_midnight = now - now.replace(hour=0, minute=0, second=0, microsecond=0)
            await clock.sleep(interval_s - since_midnight.total_seconds() % interval_s)
            self._face.settle()
            for evse_id in range(1, self._host.hardware.kind.evses + 1):
                session = self._face.transactions.at_evse(evse_id)
                if session is not None and session.running:
                    self._queue_sample(session, "MeterValueClock", samples.CLOCK, "AlignedDataCtrlr")
                elif self._face.online:
                    await self._send_alone(evse_id, samples.CLOCK, "AlignedDataCtrlr", "Measurands")

    def _queue_sample(self, session: Session, trigger: str, context: str, component: str) -> None:
        variable = "TxUpdatedMeasurands" if component == "SampledDataCtrlr" else "Measurands"
        values = self.values(session.connector, context, component, variable)
        if values and session.running:
            self._face.outbox.add_droppable(self._face.transactions.message(session, "Updated", trigger, values))

    async def _send_alone(self, evse_id: int, context: str, component: str, variable: str) -> None:
        connector = next(one for one in self._host.hardware.connectors if one.evse_id == evse_id)
        values = self.values(connector, context, component, variable)
        if values:
            await self._face.tell(Request("MeterValues", {"evseId": evse_id, "meterValue": values}))

    def sampled(self, connector: Connector, context: str, variable: str) -> list[Payload]:
        """A MeterValue with the measurands that a variable of SampledDataCtrlr lists, or none."""
        return self.values(connector, context, "SampledDataCtrlr", variable)

    def values(self, connector: Connector, context: str, component: str, variable: str) -> list[Payload]:
        """A MeterValue with the measurands that a variable lists, or none."""
        model = self._face.model
        if not model.flag(component, "Enabled"):
            return []
        kind = self._host.hardware.kind
        offered = connector.limit.also(kind.most).in_all(kind.phases)
        value = samples.meter_value(
            connector.read(),
            self._host.clock.utc(),
            context,
            model.listed(component, variable),
            offered_a=offered.as_current_a(NOMINAL_VOLTAGE_V * (offered.phases or kind.phases)),
        )
        return [value] if value else []
