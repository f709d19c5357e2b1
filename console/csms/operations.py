"""Operators' commands: said to the station in its own OCPP version, and what came of it, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from console.csms.administration import Administration, offline, unknown_station
from console.csms.authorization import Passes
from console.csms.cards import Cards
from console.csms.certificates import Certificates
from console.csms.chores import Chores
from console.csms.device_settings import DeviceSettings
from console.csms.dialects.awaited import awaited
from console.csms.dialects.base import Wire
from console.csms.displays import Displays
from console.csms.explain import Facts, accepted, by_key, explain, explain_error, token_of
from console.csms.files import Files
from console.csms.incoming import Connection
from console.csms.key_codes import KEY_CODE
from console.csms.local_lists import LocalLists
from console.csms.makes import Makes
from console.csms.manners import mannered, until_it_spoke
from console.csms.passwords import hash_password
from console.csms.ports import Authority, CallEnd, CallError, CallLost, Clock, FileBox, Payload, Shelf
from console.csms.progress import Jobs
from console.csms.records import Records
from console.csms.redact import redact_payload
from console.csms.remote_starts import RemoteStarts
from console.csms.report_waits import ReportWaits
from console.csms.reservations import Reservations
from console.csms.rollouts import Rollouts
from console.csms.schedules import Schedules
from console.csms.settings import CsmsSettings
from console.csms.state import State
from console.csms.tariffs import Tariffs
from console.csms.transaction_limits import TransactionLimits
from console.csms.transactions import Transactions
from console.errors import ConsoleError
from console.model import command as commands
from console.model import device_command
from console.model.certificate import ShowAuthority
from console.model.change import Change, CredentialChanged, NoticeKind, PricesChanged, StationChanged
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind
from console.model.station import Admission, Station
from console.model.text import plain
from console.model.token import token_key

#: How long after a remote start the driver may take to plug in.
_REMOTE_START_LASTS = timedelta(minutes=5)
#: A station that leaves so many requests without an answer, one after the other, does not respond.
_IGNORED = 2
#: An answer that a person waits for after something else was done already.
_TRIGGER_TIMEOUT_S = 10.0


class Operations:
    """Carries out commands."""

    def __init__(
        self,
        state: State,
        clock: Clock,
        settings: CsmsSettings,
        connections: dict[str, Connection],
        cards: Cards,
        passes: Passes,
        transactions: Transactions,
        remote_starts: RemoteStarts,
        shelf: Shelf,
        waits: ReportWaits,
        makes: Makes,
        records: Records,
        authority: Authority,
        jobs: Jobs,
        box: FileBox,
        limits: TransactionLimits,
    ) -> None:
        self._state = state
        self._clock = clock
        self._settings = settings
        self._connections = connections
        self._passes = passes
        self._remote_starts = remote_starts
        state.on_removed.append(remote_starts.forget)
        self._busy: Counter[str] = Counter()
        self.reservations = Reservations(state, clock, self._ask)
        self._devices = devices = DeviceSettings(state, clock, shelf, self._ask, waits)
        self._administration = administration = Administration(
            state, clock, connections, cards, transactions, makes, settings.secret
        )
        self._local: dict[type, Callable[[Any], Awaitable[Outcome]]] = {
            commands.AcceptStation: self._accept,
            commands.RejectStation: lambda command: administration.admit(command.station_id, Admission.REJECTED),
            commands.AddStation: administration.add_station,
            commands.SetTolerance: administration.set_tolerance,
            commands.RemoveStation: administration.remove_station,
            commands.DisconnectStation: administration.disconnect,
            commands.SettleCard: administration.settle_card,
            commands.LearnCard: administration.learn_card,
            commands.PutToken: administration.put_token,
            commands.RemoveToken: administration.remove_token,
            commands.PutPrices: lambda command: administration.save(
                [PricesChanged(command.prices)], f"{len(command.prices.slots)} prices are kept"
            ),
            commands.StopService: _not_mine,
            device_command.TakeSnapshot: devices.take_snapshot,
            device_command.RemoveSnapshot: devices.remove_snapshot,
        }
        lists = LocalLists(state, clock, shelf, devices, self._ask)
        self._special: dict[type, Callable[[Connection, Any], Awaitable[Outcome]]] = {
            commands.StartTransaction: self._start,
            commands.GetCompositeSchedule: self._composite,
            commands.ReadSettings: devices.read,
            commands.ChangeSetting: devices.change,
            device_command.ChangeSettings: devices.change_many,
            device_command.UndoSettings: devices.undo,
            device_command.ReadMonitors: devices.read_monitors,
            device_command.SetMonitor: devices.set_monitor,
            device_command.ClearMonitors: devices.clear_monitors,
            device_command.ReserveConnector: self.reservations.reserve,
            device_command.CancelReservation: self.reservations.cancel,
            device_command.ReadLocalList: lists.read,
            device_command.SendLocalList: lists.send,
            commands.LimitTransaction: limits.limit,
        }
        self.schedules = Schedules(state, clock, self._ask)
        self._special |= self.schedules.commands
        self._special |= Files(clock, box, jobs, self._ask).commands
        self.certificates = Certificates(state, clock, records, authority, self._ask, settings.organization)
        self._special |= self.certificates.commands
        self.displays = Displays(state, clock, records, waits.next_id, self._ask)
        self._special |= self.displays.commands
        self._tariffs = Tariffs(state, clock, records, self._ask, devices.known, settings.tariff)
        self._special |= self._tariffs.commands
        self._records = records
        self._local[commands.DismissReport] = self._dismiss
        self._local[ShowAuthority] = self.certificates.show_authority

    def add_rollouts(self, chores: Chores) -> Rollouts:
        """Make the room for rollouts, which sends by way of this one."""
        rollouts = Rollouts(self._state, self._clock, chores, self.execute)
        self._local[commands.StartRollout] = rollouts.start
        self._local[commands.GiveUpRollout] = rollouts.give_up
        return rollouts

    def all_offline(self, now: datetime) -> list[Change]:
        """See ``Administration.all_offline``."""
        return self._administration.all_offline(now)

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command."""
        local = self._local.get(type(command))
        if local is not None:
            return await local(command)
        station_id = commands.station_of(command)
        station = self._state.stations.get(station_id)
        if station is None:
            return unknown_station(station_id)
        if station.admission is Admission.REJECTED:
            return Outcome(Result.NOT_POSSIBLE, f"{station_id} is rejected", "Accept it first.")
        connection = self._connections.get(station_id)
        if connection is None:
            return offline(station_id)
        special = self._special.get(type(command))
        self._busy[station_id] += 1
        try:
            return await special(connection, command) if special else await self._ask(connection, command)
        finally:
            self._busy[station_id] -= 1
            if not self._busy[station_id]:
                del self._busy[station_id]

    def busy(self, station_id: str) -> bool:
        """Whether a command to a station is under way."""
        return station_id in self._busy

    async def _ask(self, connection: Connection, command: Command, timeout_s: float | None = None) -> Outcome:
        """Send a command to a station and say how it ended."""
        try:
            station = self._state.stations.get(connection.station_id) or Station(connection.station_id)
            command = mannered(command, station, connection.behaviour)
            wire = connection.dialect.call(command)
            problem = connection.dialect.check_call(wire.action, wire.payload)
            if problem:
                return Outcome(Result.NOT_POSSIBLE, f"nothing was sent: {problem}", "Mend the request and try again.")
            await until_it_spoke(connection, self._clock.now())
            connection.awaited.add(awaited(wire))
            end = await connection.session.call(wire.action, wire.payload, timeout_s or self._settings.call_timeout_s)
        except ConsoleError as error:
            return Outcome(Result.NOT_POSSIBLE, error.message, error.hint)
        if connection.station_id not in self._state.stations:
            return Outcome(Result.NOT_POSSIBLE, f"{connection.station_id} was removed before it answered {wire.action}")
        self._count_ignored(connection, end)
        if isinstance(end, CallLost):
            everything = isinstance(command, commands.ReadSettings) and not command.keys
            return _lost(connection.station_id, wire.action, end, everything)
        if isinstance(end, CallError):
            facts = await self._facts(connection, wire, known=False)
            judged = explain_error(wire, end.code, redact_payload(end.description), facts)
            return Outcome(judged.result, judged.text, judged.hint, end.elapsed_s, error_code=plain(end.code)[:80])
        answer = end.payload if isinstance(end.payload, dict) else {}
        await self._note(connection, command, wire, answer)
        facts = await self._facts(connection, wire, known=accepted(wire.action, answer))
        judged = explain(connection.dialect.version, wire, answer, facts)
        return Outcome(judged.result, judged.text, judged.hint, end.elapsed_s, redact_payload(answer))

    def _count_ignored(self, connection: Connection, end: CallEnd) -> None:
        """Show a station that speaks but answers nothing as what it is, until it answers or connects anew."""
        ignored = isinstance(end, CallLost) and not end.offline
        connection.ignored = connection.ignored + 1 if ignored else 0
        station = self._state.stations.get(connection.station_id)
        if station is None or self._connections.get(connection.station_id) is not connection:
            return
        unresponsive = connection.ignored >= _IGNORED
        if unresponsive is not station.unresponsive:
            self._state.emit([StationChanged(msgspec.structs.replace(station, unresponsive=unresponsive))])

    async def _facts(self, connection: Connection, asked: Wire, *, known: bool) -> Facts:
        """What is known of a station that answered. Its settings are looked up only where it said no."""
        station_id = connection.station_id
        settings = () if known else (await self._devices.known(station_id)).values()
        return Facts(
            self._state.stations.get(station_id) or Station(station_id),
            self._clock.now(),
            self._state.running(station_id),
            by_key(settings),
            self._state.tokens.get(token_key(token_of(asked.payload))),
            connection.behaviour,
        )

    async def _note(self, connection: Connection, command: Command, asked: Wire, answer: Payload) -> None:
        """Keep what an answer tells of. A new password counts from the moment the station took it."""
        password = connection.dialect.password_set(asked, answer)
        if password:
            # Durable before anything else: a station that took it is not let in with the old one again.
            await self._state.save([CredentialChanged(connection.station_id, hash_password(password))])
        changes = self.schedules.noted(connection, asked, answer)
        if changes:
            self._state.emit(changes)
        self._tariffs.noted(connection, asked, answer)
        await self._devices.noted(connection, command, asked, answer)

    async def _dismiss(self, command: commands.DismissReport) -> Outcome:
        """Take an alarm off the list. A tariff is no alarm: it stands while the station has it."""
        if command.kind is RecordKind.TARIFF:
            return Outcome(Result.NOT_POSSIBLE, "the station has this tariff", "Clear it there: tariff clear.")
        if not self._records.dismiss(command.station_id, command.kind, command.key):
            return Outcome(Result.NOT_POSSIBLE, "it does not stand any more, or was never told")
        return await self._administration.save([], f"{command.station_id}: {command.kind.words} is dismissed")

    # --- commands that are more than a request ---

    async def _accept(self, command: commands.AcceptStation) -> Outcome:
        """Let a station in. One that is connected is asked to boot again, so that it hears of it at once."""
        station = self._state.stations.get(command.station_id)
        outcome = await self._administration.admit(command.station_id, Admission.ACCEPTED)
        connection = self._connections.get(command.station_id)
        if not outcome.ok or connection is None or connection.told_accepted:
            return outcome
        if station is not None and station.admission is Admission.ACCEPTED:
            return outcome
        if not connection.behaviour.trigger_boot:
            return outcome
        if station is not None and station.admission is Admission.REJECTED:  # nothing is asked of it (B03.FR.03)
            soon = f"it hears of it when it boots again, about every {self._settings.rejected_interval_s} s"
            return msgspec.structs.replace(outcome, text=f"{outcome.text}; {soon}")
        trigger = commands.TriggerMessage(command.station_id, "BootNotification")
        asked = await self._ask(connection, trigger, _TRIGGER_TIMEOUT_S)
        soon = f"it hears of it when it boots again, about every {self._settings.pending_interval_s} s"
        news = "it boots again now" if asked.ok else soon
        return msgspec.structs.replace(
            outcome, text=f"{outcome.text}; {news}", elapsed_s=outcome.elapsed_s + asked.elapsed_s
        )

    async def _start(self, connection: Connection, command: commands.StartTransaction) -> Outcome:
        """Start remotely. A tag that nobody knows may charge then, for an operator has named it."""
        token = self._state.tokens.get(token_key(command.id_token))
        if token is not None and token.token_type == KEY_CODE:
            return Outcome(Result.NOT_POSSIBLE, "of a key code only a digest is kept", "Start with another tag.")
        problem = self.schedules.start_problem(connection, command)
        if problem is not None:
            return problem
        command = self.schedules.with_id(command)
        asked_at = self._clock.now()
        self._passes.give(command.station_id, command.id_token, asked_at + _REMOTE_START_LASTS)
        command = msgspec.structs.replace(
            command,
            token_type=command.token_type or (token.token_type if token is not None else ""),
            remote_start_id=self._remote_starts.new(command.station_id, command.id_token),
        )
        outcome = await self._ask(connection, command)
        if outcome.ok:
            self.schedules.started(command)
            wait_s = _REMOTE_START_LASTS.total_seconds()
            self._clock.call_later(wait_s, lambda: self._expire_start(command, asked_at))
        else:
            self._passes.take_back(command.station_id, command.id_token)
        return outcome

    def _expire_start(self, command: commands.StartTransaction, asked_at: datetime) -> None:
        """Say so where nothing came of a remote start."""
        if command.station_id not in self._state.stations:
            return
        begun = self._remote_starts.has_begun(command.station_id, command.remote_start_id)
        if not begun and not self._state.began_since(command.station_id, command.id_token, asked_at):
            text = f"{command.station_id}: nothing came of the remote start with tag {command.id_token}"
            self._state.emit([self._state.notice(text, NoticeKind.WARNING, command.station_id)])

    async def _composite(self, connection: Connection, command: commands.GetCompositeSchedule) -> Outcome:
        """Ask for a composite schedule; the outcome's answer is that schedule in our own terms."""
        outcome = await self._ask(connection, command)
        if outcome.answer is None or not outcome.ok:
            return outcome
        asked = connection.dialect.call(command).payload
        told = connection.dialect.charging.composite(asked, outcome.answer)
        return msgspec.structs.replace(outcome, answer=None if told is None else msgspec.to_builtins(told))


async def _not_mine(_command: Command) -> Outcome:
    return Outcome(Result.NOT_POSSIBLE, "this is for the service, not for its stations")


def _lost(station_id: str, action: str, end: CallLost, everything: bool) -> Outcome:
    if end.offline:
        hint = "It may have done it all the same: look at its state when it is back."
        if everything:
            hint = "Some stations fail when they are asked for all settings at once: name the ones you need."
        return Outcome(Result.OFFLINE, f"{station_id} disconnected before it answered {action}", hint, end.elapsed_s)
    return Outcome(
        Result.TIMED_OUT,
        f"no answer to {action} after {end.elapsed_s:.0f} s",
        "The station is connected but does not answer; it may do so later. A reset or a disconnect may help.",
        end.elapsed_s,
    )
