"""Cards, cables and transactions of a 2.x station: when one starts, what it meters, why it stops (2.x E01 to E12)."""

from __future__ import annotations

import logging
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from console.simulator import profiles
from console.simulator.base_face import timestamp
from console.simulator.connector import NO_ERROR, Connector
from console.simulator.outbox import Message, RequestFailed
from console.simulator.types import Verdict
from console.simulator.v2 import samples
from console.simulator.v2.authorization import IdToken, TokenInfo
from console.simulator.v2.charge_point import Payload, Request
from console.simulator.v2.session import Session

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_LOG = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
_REMEMBERED = 50

_FAULT_REASONS = {"GroundFailure": "GroundFault", "OverCurrentFailure": "OvercurrentFault"}


class Transactions:
    """The visits to one station, by connector; a transaction is what the central system sees of one."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._host = face.host
        self.sessions: dict[int, Session] = {}
        self._recent: dict[str, Session] = {}

    # --- what one can see -----------------------------------------------------------------------------------

    @property
    def running(self) -> dict[int, Session]:
        """The sessions whose transaction runs, by connector."""
        return {number: one for number, one in self.sessions.items() if one.running}

    def transaction_id(self, connector_id: int) -> str | None:
        """The id of the transaction on that connector."""
        session = self.sessions.get(connector_id)
        return session.transaction_id if session else None

    def at_evse(self, evse_id: int) -> Session | None:
        """The session at an EVSE."""
        return next((one for one in self.sessions.values() if one.connector.evse_id == evse_id), None)

    def known(self, transaction_id: str) -> Session | None:
        """The session of a transaction that runs, or did not long ago."""
        return self._recent.get(transaction_id)

    # --- what a driver does ---------------------------------------------------------------------------------

    async def plug_in(self, connector: Connector) -> None:
        """A cable was put in: report it, and start if a card was accepted before."""
        session = self.sessions.setdefault(connector.connector_id, Session(connector))
        connector.authorized = False
        self._host.changed()
        await self._face.report_evse(connector.evse_id)
        await self._progress(session, "CablePluggedIn")

    async def swipe(self, connector: Connector, id_tag: str) -> Verdict:
        """A card was held to the reader: it starts or stops a transaction, or is refused."""
        token = IdToken(id_tag)
        session = self.sessions.get(connector.connector_id)
        if session is not None and session.authorized:
            return await self._swipe_to_stop(session, token)
        if not connector.can_start:
            return Verdict.OUT_OF_SERVICE
        info = (await self._face.ask(token)).at(connector.evse_id)
        if info.verdict is not Verdict.ACCEPTED:
            return info.verdict
        if self._face.reservations.refuses(connector.evse_id, token, info.group):
            return Verdict.OUT_OF_SERVICE
        await self.grant(connector, token, "Authorized", group=info.group)
        return Verdict.ACCEPTED

    async def grant(
        self,
        connector: Connector,
        token: IdToken,
        trigger: str,
        *,
        group: str | None = None,
        remote_start_id: int | None = None,
    ) -> None:
        """Let a card charge: at once if a car is in, else when one comes within EVConnectionTimeOut."""
        if not connector.can_start:
            return
        session = self.sessions.setdefault(connector.connector_id, Session(connector))
        session.token, session.group, session.authorized = token, group, True
        session.remote_start_id = remote_start_id
        session.reservation_id = self._face.reservations.use(connector.evse_id)
        if connector.car is None:
            connector.authorize()
            self._host.spawn(self._expire(session, self._host.clock.elapsed_s))
        self._host.changed()
        await self._face.report_evse(connector.evse_id)
        await self._progress(session, trigger)

    async def unplug(self, connector: Connector) -> None:
        """The cable was pulled, which ends the right to charge unless StopTxOnEVSideDisconnect is false."""
        session = self.sessions.get(connector.connector_id)
        if session is not None:
            if connector.in_transaction and self._face.model.flag("TxCtrlr", "StopTxOnEVSideDisconnect"):
                connector.end()
                session.authorized = False
            session.stopped_reason = session.stopped_reason or "EVDisconnected"
            await self._progress(session, "EVCommunicationLost")
            if not session.running and not session.authorized:
                self._forget(session)
        self._host.changed()
        await self._face.report_evse(connector.evse_id)

    async def fault(self, connector: Connector, error_code: str) -> None:
        """Something broke, or with NoError works again; a fault ends the transaction."""
        self._face.settle()
        connector.error_code = error_code
        self._host.changed()
        await self._face.report_evse(connector.evse_id)
        await self._face.monitors.problem(connector)
        session = self.sessions.get(connector.connector_id)
        if error_code != NO_ERROR and session is not None:
            await self.stop(session, "AbnormalCondition", _FAULT_REASONS.get(error_code, "Other"))

    # --- how transactions end -------------------------------------------------------------------------------

    async def stop(self, session: Session, trigger: str, reason: str, token: IdToken | None = None) -> None:
        """Take the right to charge away. Returns when that is answered or kept for later."""
        self._face.settle()
        session.authorized = False
        session.connector.authorized = False
        session.stopped_reason = session.stopped_reason or reason
        if session.connector.in_transaction:
            session.connector.end()
        if session.running:
            await self._progress(session, trigger, token=token)
        if not session.running and session.connector.car is None:
            self._forget(session)
        await self._face.report_evse(session.connector.evse_id)

    async def end(self, session: Session, trigger: str, reason: str) -> None:
        """End a transaction whatever its TxStopPoint is, as a reset or a fault does."""
        await self.stop(session, trigger, reason)
        if session.running:
            await self._end(session, trigger, None)

    def withdraw_grants(self) -> None:
        """Forget accepted cards that have not been used, as a reboot does."""
        for number, session in list(self.sessions.items()):
            session.connector.authorized = False
            if not session.running:
                del self.sessions[number]

    def _forget(self, session: Session) -> None:
        """A visit is over; the next may have begun while its last message was on its way."""
        if self.sessions.get(session.connector.connector_id) is session:
            del self.sessions[session.connector.connector_id]

    async def _swipe_to_stop(self, session: Session, token: IdToken) -> Verdict:
        if session.token is None or not token.is_same(session.token):
            info = await self._face.ask(token)
            if info.verdict is not Verdict.ACCEPTED:
                return info.verdict
            if info.group is None or info.group != session.group:
                return Verdict.INVALID
        await self.stop(session, "StopAuthorized", "Local", token)
        return Verdict.ACCEPTED

    async def _expire(self, session: Session, granted_s: float) -> None:
        timeout_s = self._face.model.number("TxCtrlr", "EVConnectionTimeOut")
        if not timeout_s:
            return
        await self._host.clock.sleep_until(granted_s + timeout_s)
        if session.authorized and session.connector.car is None and session.power_since is None:
            await self.stop(session, "EVConnectTimeout", "Timeout")

    # --- what the central system is told --------------------------------------------------------------------

    async def _progress(self, session: Session, trigger: str, token: IdToken | None = None) -> None:
        """Something about a visit has changed: begin, go on with or end its transaction."""
        self._face.settle()
        connector, model = session.connector, self._face.model
        if session.authorized and connector.car is not None and connector.can_start:
            connector.begin()
            if session.power_since is None:
                session.power_since = self._host.clock.utc()
                self._host.spawn(self._watch(session, self._host.clock.elapsed_s))
        if session.starts(model.listed("TxCtrlr", "TxStartPoint")):
            await self._begin(session, trigger)
        elif session.stops(model.listed("TxCtrlr", "TxStopPoint")):
            await self._end(session, trigger, token)
        elif session.running:
            session.seen |= session.facts
            await self._tell(session, "Updated", trigger, token=token)
        self._host.changed()

    async def _begin(self, session: Session, trigger: str) -> None:
        connector = session.connector
        session.transaction_id = str(uuid.uuid4())  # not of the seed: ids are unique for ever, seeds are not
        session.began = self._host.clock.utc()
        session.begin_energy_wh = connector.meter.energy_wh
        session.seen |= session.facts
        self._recent[session.transaction_id] = session
        if len(self._recent) > _REMEMBERED:
            del self._recent[next(iter(self._recent))]
        self._face.charging.adopt_remote_profile(session)
        self._face.tariffs.adopt(session)
        session.begin_values = self.values(connector, samples.BEGIN, "SampledDataCtrlr", "TxEndedMeasurands")
        started_values = self.values(connector, samples.BEGIN, "SampledDataCtrlr", "TxStartedMeasurands")
        await self._tell(session, "Started", trigger, started_values)
        await self._face.report_evse(connector.evse_id)

    async def _end(self, session: Session, trigger: str, token: IdToken | None) -> None:
        connector = session.connector
        if connector.in_transaction:
            connector.end()
        session.ended, session.authorized = True, False
        end_values = self.values(connector, samples.END, "SampledDataCtrlr", "TxEndedMeasurands")
        self._forget(session)
        self._face.profiles.clear(place=connector.evse_id, purpose=profiles.TX)
        self._face.profiles.prioritised.discard(connector.evse_id)
        await self._tell(session, "Ended", trigger, session.begin_values + end_values, token=token)
        self._face.commands.transaction_over(connector)
        await self._face.report_evse(connector.evse_id)

    async def _tell(
        self,
        session: Session,
        event: str,
        trigger: str,
        values: list[Payload] | None = None,
        *,
        token: IdToken | None = None,
    ) -> None:
        """Send a TransactionEvent; returns when it is answered, or when that will take a while."""
        await self._face.deliver(self._message(session, event, trigger, values, token))

    def _message(
        self, session: Session, event: str, trigger: str, values: list[Payload] | None, token: IdToken | None = None
    ) -> Message:
        request = Request("TransactionEvent", self._event(session, event, trigger, values, token))
        session.unsent += 1
        return Message(lambda: request, partial(self._answered, session))

    def _event(
        self, session: Session, event: str, trigger: str, values: list[Payload] | None, token: IdToken | None
    ) -> Payload:
        payload: Payload = {
            "eventType": event,
            "timestamp": timestamp(self._host.clock.utc()),
            "triggerReason": trigger,
            "seqNo": session.next_seq_no,
            "transactionInfo": self._info(session, event),
        }
        session.next_seq_no += 1
        if not self._face.online:
            payload["offline"] = True
        if session.token is not None and session.token is not session.told_token:
            token = token or session.token
            session.told_token = session.token
        if token is not None:
            payload["idToken"] = token.wire
        if not session.told_evse and session.connector.car is not None:
            payload["evse"] = {"id": session.connector.evse_id, "connectorId": session.connector.number_in_evse}
            session.told_evse = True
        if session.reservation_id is not None and event == "Started":
            payload["reservationId"] = session.reservation_id
        if values:
            payload["meterValue"] = values
        return payload

    def _info(self, session: Session, event: str) -> Payload:
        info: Payload = {"transactionId": session.transaction_id}
        state = session.charging_state
        if state != session.told_state:
            info["chargingState"] = session.told_state = state
        if session.remote_start_id is not None and session.remote_start_id != session.told_remote_start_id:
            info["remoteStartId"] = session.told_remote_start_id = session.remote_start_id
        if event == "Ended":
            info["stoppedReason"] = session.stopped_reason or "Local"
        if session.power_since is not None and event == "Ended":
            info["timeSpentCharging"] = int((self._host.clock.utc() - session.power_since).total_seconds())
        return info | self._face.tariffs.info(session, event)

    def _answered(self, session: Session, answer: Any | None) -> None:
        """Take in the answer to a TransactionEvent, now or long after; None if it was given up."""
        session.unsent -= 1
        if answer is None:
            _LOG.warning("%s: a TransactionEvent was given up", self._host.station_id)
            return
        session.total_cost = answer.get("totalCost", session.total_cost)
        session.limit |= answer.get("transactionLimit", {})
        if "idTokenInfo" not in answer:
            return
        try:
            info = TokenInfo.from_wire(answer["idTokenInfo"])
        except RequestFailed as failure:
            _LOG.warning("%s: TransactionEvent answered with %s", self._host.station_id, failure)
            return
        session.group = info.group or session.group
        if session.token is not None:
            self._face.memory.remember(session.token, info)
        if info.verdict is not Verdict.ACCEPTED and session.running and session.authorized:
            self._host.spawn(self._deauthorize(session))

    async def _deauthorize(self, session: Session) -> None:
        if self._face.model.flag("TxCtrlr", "StopTxOnInvalidId"):
            await self.stop(session, "Deauthorized", "DeAuthorized")
            return
        self._face.settle()
        session.connector.supply_on = False
        self._host.changed()
        await self._tell(session, "Updated", "Deauthorized")

    # --- what is metered ------------------------------------------------------------------------------------

    async def _watch(self, session: Session, started_s: float) -> None:
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
            if session.running and session.charging_state != session.told_state:
                await self._tell(session, "Updated", "ChargingStateChanged")
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
            await self.end(session, "EnergyLimitReached", "EnergyLimitReached")
        elif spent_s >= session.limit.get("maxTime", float("inf")):
            await self.end(session, "TimeLimitReached", "TimeLimitReached")

    async def send_sample(self, evse_id: int) -> None:
        """Send the meter of an EVSE because it was asked for: as part of its transaction, if there is one."""
        self._face.settle()
        session = self.at_evse(evse_id)
        if session is not None and session.running:
            self._queue_sample(session, "Trigger", samples.TRIGGER, "SampledDataCtrlr")
        else:
            await self._send_alone(evse_id, samples.TRIGGER, "SampledDataCtrlr", "TxUpdatedMeasurands")

    async def send_event(self, session: Session) -> None:
        """Send a TransactionEvent because it was asked for."""
        self._face.settle()
        values = self.values(session.connector, samples.TRIGGER, "SampledDataCtrlr", "TxUpdatedMeasurands")
        session.told_state = None
        await self._tell(session, "Updated", "Trigger", values)

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
                session = self.at_evse(evse_id)
                if session is not None and session.running:
                    self._queue_sample(session, "MeterValueClock", samples.CLOCK, "AlignedDataCtrlr")
                elif self._face.online:
                    await self._send_alone(evse_id, samples.CLOCK, "AlignedDataCtrlr", "Measurands")

    def _queue_sample(self, session: Session, trigger: str, context: str, component: str) -> None:
        variable = "TxUpdatedMeasurands" if component == "SampledDataCtrlr" else "Measurands"
        values = self.values(session.connector, context, component, variable)
        if values and session.running:
            self._face.outbox.add_droppable(self._message(session, "Updated", trigger, values))

    async def _send_alone(self, evse_id: int, context: str, component: str, variable: str) -> None:
        connector = next(one for one in self._host.hardware.connectors if one.evse_id == evse_id)
        values = self.values(connector, context, component, variable)
        if values:
            await self._face.tell(Request("MeterValues", {"evseId": evse_id, "meterValue": values}))

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
            offered_a=offered.as_current_a(230.0 * (offered.phases or kind.phases)),
        )
        return [value] if value else []
