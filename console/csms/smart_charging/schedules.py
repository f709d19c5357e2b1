"""Charging profiles: what is installed where, kept right by what stations accept, report and end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from console.csms.dialects.base import Wire
from console.csms.dialects.charging import (
    Effect,
    PriorityChanged,
    ProfilesCleared,
    ProfileSet,
    TransfersAllowed,
    ValuesUpdated,
)
from console.csms.incoming import Connection, Incoming
from console.csms.ports import Clock, Payload
from console.csms.said.reports import DynamicAnswer, DynamicPull, Noted, PriorityReport
from console.csms.smart_charging.profile_reports import Ask, ProfileReports
from console.csms.smart_charging.rate_limits import RateLimits
from console.csms.state import State
from console.model import command as commands
from console.model.change import Change, SchedulesChanged
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.schedule.checks import Surroundings, refusals, start_refusals
from console.model.schedule.installed import Criteria, StationSchedules, next_profile_id
from console.model.schedule.profile import ChargingProfile, Purpose
from console.model.token import token_key
from console.model.transaction import Transaction

Handler = Callable[[Connection, Any], Awaitable[Outcome]]

#: A profile that went out with a remote start is the next transaction's of that tag, within this time.
_START_LASTS = timedelta(minutes=10)
_NOTED = Noted()


class Schedules:
    """The room for charging profiles. ``ask`` sends a command and says how it ended."""

    def __init__(self, state: State, clock: Clock, ask: Ask) -> None:
        self._state = state
        self._clock = clock
        self._ask = ask
        self._rate_limits = RateLimits(clock)
        self.reports = ProfileReports(state, clock)
        self._starting: dict[tuple[str, str], tuple[ChargingProfile, datetime]] = {}
        state.on_transaction = self._follow
        state.on_removed += [self._forget, self._rate_limits.forget]
        self.commands: dict[type, Handler] = {
            commands.SetChargingProfile: self.set,
            commands.ClearChargingProfile: self._clear,
            commands.UpdateDynamicSchedule: self._update,
            commands.GetCompositeSchedule: self._composite,
            commands.GetChargingProfiles: lambda connection, command: self.reports.read(connection, command, ask),
        }

    # --- commands ---

    async def set(self, connection: Connection, command: commands.SetChargingProfile) -> Outcome:
        """Install a profile, unless the specification forbids it or a station must refuse it."""
        profile = self._completed(connection.station_id, command.profile)
        refused = refusals(profile, self.surroundings(connection))
        if refused:
            return _refused([finding.text for finding in refused], refused[0].hint)
        outcome = await self._limited(connection, msgspec.structs.replace(command, profile=profile))
        return _about(outcome, f"profile {profile.profile_id}")

    def start_problem(self, connection: Connection, command: commands.StartTransaction) -> Outcome | None:
        """Why a remote start may not carry its profile, None if it may."""
        if command.profile is None:
            return None
        refused = start_refusals(command.profile, self.surroundings(connection))
        return _refused([finding.text for finding in refused], refused[0].hint) if refused else None

    def started(self, command: commands.StartTransaction) -> None:
        """A remote start with a profile was accepted: the transaction that begins has it."""
        if command.profile is not None:
            key = (command.station_id, token_key(command.id_token))
            self._starting[key] = (command.profile, self._clock.now())

    def with_id(self, command: commands.StartTransaction) -> commands.StartTransaction:
        """A remote start whose profile has an id."""
        if command.profile is None:
            return command
        profile = self._completed(command.station_id, command.profile)
        return msgspec.structs.replace(command, profile=profile)

    def _completed(self, station_id: str, profile: ChargingProfile) -> ChargingProfile:
        """The profile with an id, and a TxProfile with the transaction that runs where it is to go."""
        if profile.purpose is Purpose.TX and not profile.transaction_id:
            running = self._state.running_on(station_id, profile.evse_id)
            if running is not None:
                profile = msgspec.structs.replace(profile, transaction_id=running.transaction_id)
        if profile.profile_id:
            return profile
        chosen = next_profile_id(profile, self._state.schedules_of(station_id))
        return msgspec.structs.replace(profile, profile_id=chosen)

    async def _clear(self, connection: Connection, command: commands.ClearChargingProfile) -> Outcome:
        """Clear profiles; all of them only where that was said."""
        criteria = Criteria(command.profile_id, command.evse_id, command.purpose, command.stack_level)
        if criteria.empty and not command.everything:
            hint = "Name an id, a connector, a purpose or a stack level, or say that everything shall go."
            return Outcome(Result.NOT_POSSIBLE, "nothing was sent: this would clear every profile", hint)
        if criteria.empty and connection.dialect.charging.clearable:
            return await self._clear_all(connection, command)
        return await self._ask(connection, command)

    async def _clear_all(self, connection: Connection, command: commands.ClearChargingProfile) -> Outcome:
        """Clear everything from a station that wants a criterion: purpose by purpose. Unknown means there was none."""
        purposes = connection.dialect.charging.clearable
        outcomes = [
            await self._ask(connection, msgspec.structs.replace(command, purpose=purpose)) for purpose in purposes
        ]
        elapsed_s = sum(outcome.elapsed_s for outcome in outcomes)
        failed = next((each for each in outcomes if not each.ok and not _unknown(each)), None)
        if failed is not None:
            return msgspec.structs.replace(failed, elapsed_s=elapsed_s)
        cleared = [str(purpose) for purpose, each in zip(purposes, outcomes, strict=True) if each.ok]
        text = f"cleared: {', '.join(cleared)}" if cleared else "the station had no profile"
        return Outcome(Result.ACCEPTED, text, elapsed_s=elapsed_s)

    async def _update(self, connection: Connection, command: commands.UpdateDynamicSchedule) -> Outcome:
        """Update a dynamic profile in place."""
        if command.limit < 0:
            return Outcome(Result.NOT_POSSIBLE, "nothing was sent: a limit is not below 0")
        return await self._limited(connection, command)

    async def _composite(self, connection: Connection, command: commands.GetCompositeSchedule) -> Outcome:
        """Ask for a composite schedule; the outcome's answer is that schedule in our own terms."""
        outcome = await self._ask(connection, command)
        if outcome.answer is None or not outcome.ok:
            return outcome
        asked = connection.dialect.call(command).payload
        told = connection.dialect.charging.composite(asked, outcome.answer)
        return msgspec.structs.replace(outcome, answer=None if told is None else msgspec.to_builtins(told))

    async def _limited(self, connection: Connection, command: Command) -> Outcome:
        """Send a profile, or values, unless the station has had too many of them."""
        problem = self._rate_limits.problem(connection.station_id)
        if problem is not None:
            return problem
        outcome = await self._ask(connection, command)
        self._rate_limits.note(connection.station_id, outcome)
        return outcome

    def surroundings(self, connection: Connection) -> Surroundings:
        """What a profile for this station is judged by, without the station's settings."""
        station_id = connection.station_id
        return Surroundings(
            version=connection.session.ocpp_version,
            schedules=self._state.schedules_of(station_id),
            running=tuple((each.evse_id, each.transaction_id) for each in self._state.running(station_id)),
            now=self._clock.now(),
        )

    def _forget(self, station_id: str) -> None:
        """A station is no more: nothing begins there."""
        for key in [key for key in self._starting if key[0] == station_id]:
            del self._starting[key]

    # --- what stations say ---

    async def noted(self, connection: Connection, _command: Command, asked: Wire, answer: Payload) -> None:
        """Keep what an answer changes in the record; whoever asked, and by whatever command."""
        effect = connection.dialect.charging.effect(asked.action, asked.payload, answer)
        if effect is None:
            return
        held = self._state.schedules_of(connection.station_id)
        after = _after(held, effect, self._clock.now())
        if after != held:
            self._state.emit([SchedulesChanged(after)])

    def on_dynamic_pull(self, incoming: Incoming, report: DynamicPull) -> DynamicAnswer:
        """PullDynamicScheduleUpdate: the values that were set last."""
        values = self._state.schedules_of(incoming.station_id).values_of(report.profile_id)
        if not values:
            incoming.problems.append(f"no dynamic profile {report.profile_id} was set from here")
        return DynamicAnswer(values)

    def on_priority(self, incoming: Incoming, report: PriorityReport) -> Noted:
        """NotifyPriorityCharging: somebody at the station asked for it, or it ended."""
        after = self._state.schedules_of(incoming.station_id).with_priority(report.transaction_id, report.active)
        what = "charges with priority" if report.active else "charges with priority no longer"
        text = f"{incoming.station_id}: transaction {report.transaction_id} {what}"
        self._state.emit([SchedulesChanged(after), self._state.notice(text, station_id=incoming.station_id)])
        return _NOTED

    def _follow(self, transaction: Transaction) -> Sequence[Change]:
        """What follows for the record when a transaction begins or ends."""
        held = self._state.schedules_of(transaction.station_id)
        if transaction.running:
            if not self._starting:
                return ()
            after = self._with_start(held, transaction)
        elif not held.installed and not held.priority and not held.transfers:
            return ()
        else:
            after = held.without_transaction(transaction.transaction_id, transaction.evse_id)
        return () if after == held else (SchedulesChanged(after),)

    def _with_start(self, held: StationSchedules, transaction: Transaction) -> StationSchedules:
        """A transaction that began with a profile from its remote start."""
        key = (transaction.station_id, token_key(transaction.id_token))
        profile, asked_at = self._starting.pop(key, (None, None))
        now = self._clock.now()
        if profile is None or asked_at is None or now - asked_at > _START_LASTS:
            return held
        own = msgspec.structs.replace(profile, evse_id=transaction.evse_id, transaction_id=transaction.transaction_id)
        return held.with_set(own, now)


def _after(held: StationSchedules, effect: Effect, now: datetime) -> StationSchedules:
    match effect:
        case ProfileSet(profile, values):
            return held.with_set(profile, now).with_values(profile.profile_id, values)
        case ProfilesCleared(criteria):
            return held.without(criteria)
        case ValuesUpdated(profile_id, values):
            return held.with_values(profile_id, values)
        case TransfersAllowed(transaction_id, kinds):
            return held.with_transfers(transaction_id, kinds)
        case PriorityChanged(transaction_id, active):
            return held.with_priority(transaction_id, active)


def _refused(texts: Sequence[str], hint: str) -> Outcome:
    return Outcome(Result.NOT_POSSIBLE, f"nothing was sent: {'; '.join(texts)}", hint)


def _unknown(outcome: Outcome) -> bool:
    return outcome.answer is not None and outcome.answer.get("status") == "Unknown"


def _about(outcome: Outcome, what: str) -> Outcome:
    return msgspec.structs.replace(outcome, text=f"{outcome.text} ({what})") if outcome.ok else outcome
