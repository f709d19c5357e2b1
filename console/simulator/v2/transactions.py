"""Cards, cables and transactions of a 2.x station: when one starts, what it meters, why it stops (2.x E01 to E12)."""

from __future__ import annotations

import logging
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from console.simulator import profiles
from console.simulator.connector import NO_ERROR, Connector
from console.simulator.outbox import Message, RequestFailed
from console.simulator.types import Verdict
from console.simulator.v2 import samples
from console.simulator.v2.authorization import IdToken, TokenInfo
from console.simulator.v2.charge_point import Payload, Request
from console.simulator.v2.events import transaction_event
from console.simulator.v2.session import Session

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_LOG = logging.getLogger(__name__)

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
        self._face.tariffs.follow(session)
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
                self._host.spawn(self._face.metering.watch(session, self._host.clock.elapsed_s))
        if session.starts(model.listed("TxCtrlr", "TxStartPoint")):
            await self._begin(session, trigger)
        elif session.stops(model.listed("TxCtrlr", "TxStopPoint")):
            await self._end(session, trigger, token)
        elif session.running:
            session.seen |= session.facts
            await self.tell(session, "Updated", trigger, token=token)
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
        session.begin_values = self._face.metering.values(
            connector, samples.BEGIN, "SampledDataCtrlr", "TxEndedMeasurands"
        )
        started_values = self._face.metering.sampled(connector, samples.BEGIN, "TxStartedMeasurands")
        await self.tell(session, "Started", trigger, started_values)
        await self._face.report_evse(connector.evse_id)

    async def _end(self, session: Session, trigger: str, token: IdToken | None) -> None:
        connector = session.connector
        self._face.tariffs.follow(session)
        if connector.in_transaction:
            connector.end()
        session.ended, session.authorized = True, False
        end_values = self._face.metering.sampled(connector, samples.END, "TxEndedMeasurands")
        self._forget(session)
        self._face.profiles.clear(place=connector.evse_id, purpose=profiles.TX)
        self._face.profiles.prioritised.discard(connector.evse_id)
        await self.tell(session, "Ended", trigger, session.begin_values + end_values, token=token)
        self._face.commands.transaction_over(connector)
        await self._face.report_evse(connector.evse_id)

    async def tell(
        self,
        session: Session,
        event: str,
        trigger: str,
        values: list[Payload] | None = None,
        *,
        token: IdToken | None = None,
    ) -> None:
        """Send a TransactionEvent; returns when it is answered, or when that will take a while."""
        await self._face.deliver(self.message(session, event, trigger, values, token))

    def message(
        self, session: Session, event: str, trigger: str, values: list[Payload] | None, token: IdToken | None = None
    ) -> Message:
        """A TransactionEvent, numbered, on its way into the outbox."""
        request = Request("TransactionEvent", transaction_event(self._face, session, event, trigger, values, token))
        session.unsent += 1
        return Message(lambda: request, partial(self._answered, session))

    def _answered(self, session: Session, answer: Any | None) -> None:
        """Take in the answer to a TransactionEvent, now or long after; None if it was given up."""
        session.unsent -= 1
        if answer is None:
            _LOG.warning("%s: a TransactionEvent was given up", self._host.station_id)
            return
        session.total_cost = answer.get("totalCost", session.total_cost)
        try:
            session.limit |= {name: float(most) for name, most in answer.get("transactionLimit", {}).items()}
            info = TokenInfo.from_wire(answer["idTokenInfo"]) if "idTokenInfo" in answer else None
        except (RequestFailed, AttributeError, TypeError, ValueError) as failure:
            _LOG.warning("%s: TransactionEvent answered with %s", self._host.station_id, failure)
            return
        if info is None:
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
        await self.tell(session, "Updated", "Deauthorized")
