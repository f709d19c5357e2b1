"""The rooms of the CSMS: each made once with what it needs, and who takes which report and which command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from console.csms.administration import Administration
from console.csms.asking import Asking
from console.csms.authorization.authorization import LivePolicy
from console.csms.authorization.cards import Cards
from console.csms.authorization.local_lists import LocalLists
from console.csms.authorization.reservations import Reservations
from console.csms.authorization.tokens import Tokens
from console.csms.authorization.transaction_ids import TransactionIds
from console.csms.chores import Chores
from console.csms.device.device_settings import DeviceSettings
from console.csms.device.first_reading import FirstReading
from console.csms.device.known_settings import KnownSettings
from console.csms.device.report_waits import ReportWaits
from console.csms.incoming import Connection, Incoming
from console.csms.operations import Operations
from console.csms.policy import Policy
from console.csms.ports import (
    Authority,
    Clock,
    FileBox,
    Shelf,
)
from console.csms.records.certificates import Certificates
from console.csms.records.displays import Displays
from console.csms.records.files import Files
from console.csms.records.progress import Jobs
from console.csms.records.records import Records
from console.csms.said.reports import (
    Answer,
    Authorize,
    Boot,
    CertificateRequest,
    DynamicPull,
    Events,
    Heartbeat,
    MeterReport,
    MonitorsReport,
    PriorityReport,
    ProfilesReport,
    SettingsReport,
    StartReport,
    StatusReport,
    StopReport,
    TransactionReport,
    VendorData,
)
from console.csms.said.told import Progress, Question, ReportPart, ReservationUpdate, StreamData, Telling
from console.csms.settings import CsmsSettings
from console.csms.smart_charging.ev_schedules import EvSchedules
from console.csms.smart_charging.resumed import ResumedTransactions
from console.csms.smart_charging.rollouts import Rollouts
from console.csms.smart_charging.schedules import Schedules
from console.csms.state import State
from console.csms.stations.boot import Boots
from console.csms.stations.devices import Devices
from console.csms.stations.makes import Makes
from console.csms.stations.questions import Questions
from console.csms.transactions.daily import EnergyToday
from console.csms.transactions.gap_questions import GapQuestions
from console.csms.transactions.metering import Metering
from console.csms.transactions.remote_starts import RemoteStarts
from console.csms.transactions.station_costs import StationCosts
from console.csms.transactions.tariffs import Tariffs
from console.csms.transactions.transaction_events import TransactionEvents
from console.csms.transactions.transaction_limits import TransactionLimits
from console.csms.transactions.transactions import Lookup, Transactions
from console.model import command as commands
from console.model import device_command
from console.model.certificate import ShowAuthority
from console.model.command import Command
from console.model.file_command import RemoveLog
from console.model.make import Make
from console.model.outcome import Outcome, Result


class Rooms:
    """All of them. Made before anything is known; ``load`` lets them go on with what was under way.

    The arguments are those of ``Csms``.
    """

    def __init__(
        self,
        state: State,
        clock: Clock,
        settings: CsmsSettings,
        connections: dict[str, Connection],
        *,
        policy: Policy | None,
        lookup_transaction: Lookup | None,
        shelf: Shelf,
        makes: Sequence[Make],
        authority: Authority,
        box: FileBox,
    ) -> None:
        # What others use.
        self.chores = Chores()
        # Apart from what waits for stations: one that leaves questions unanswered must not keep others' look-ups out.
        self.look_ups = Chores(1000)
        self.makes = Makes(makes, settings.tolerance)
        self.ids = TransactionIds(settings.secret)
        live = LivePolicy(state, self.ids, settings.accept_unknown)
        decide: Policy = policy or live
        known = KnownSettings(state, shelf)
        ask = Asking(state, clock, settings, connections, known)

        # What stations say of themselves, and what is asked of them.
        self.boots = Boots(state, decide, settings, self.makes)
        self.devices = Devices(state)
        self.records = Records(state, self.devices.on_status)
        self.waits = ReportWaits(state, clock)
        self.device_settings = DeviceSettings(state, clock, shelf, ask, self.waits, known)
        self.local_lists = LocalLists(state, clock, shelf, known, ask)
        self.jobs = Jobs(state, self.records, clock)
        self.files = Files(clock, box, self.jobs, ask, known)
        self.certificates = Certificates(state, clock, self.records, authority, ask, settings.organization)
        self.displays = Displays(state, clock, self.records, self.waits.next_id, ask)
        self.tariffs = Tariffs(state, clock, self.records, ask, known, settings.tariff)
        self.schedules = Schedules(state, clock, ask)
        self.reservations = Reservations(state, clock, ask)
        ask.noting += [self.schedules.noted, self.tariffs.noted, self.device_settings.noted]

        # Charging.
        cards = Cards(state, clock, settings, live.passes)
        self.today = EnergyToday()
        state.on_removed.append(self.today.forget)
        self.tokens = Tokens(state, decide, cards, settings.secret)
        self.metering = Metering(state, self.today)
        self.transactions = Transactions(
            state, decide, cards, self.tokens, self.metering, self.look_ups, lookup_transaction
        )
        self.limits = TransactionLimits(state, self.records)
        self.remote_starts = RemoteStarts(state, clock, live.passes, self.schedules, self.limits, ask)
        self.events = TransactionEvents(
            state, decide, cards, self.tokens, self.metering, self.look_ups, self.remote_starts, lookup_transaction,
            self.transactions.abandon, GapQuestions(state, self.chores, settings).ask, self.limits,
            StationCosts(state, self.records, settings.tariff),
        )  # fmt: skip

        # What operators want, and what sends something by itself.
        self.administration = Administration(
            state, clock, connections, cards, self.transactions, self.makes, self.records, settings, ask
        )
        self.operations = operations = Operations(state, connections, ask, self._here(), self._there())
        self.rollouts = Rollouts(state, clock, self.chores, operations.execute)
        operations.here |= self.rollouts.commands
        self.cars = EvSchedules(state, self.chores, self.schedules)
        self.resumed = ResumedTransactions(state, self.chores, operations.execute, self.events.on_event)
        self.first_reading = None
        if not settings.quiet:
            self.first_reading = FirstReading(
                state, clock, connections, self.chores, operations.execute, operations.busy
            )

    def load(self) -> None:
        """Go on with what was under way when the service ended."""
        self.reservations.load()
        self.rollouts.load()
        self.jobs.load()

    def closed(self, connection: Connection) -> None:
        """A station's connection ended: what it began to tell will not go on."""
        self.waits.closed(connection.station_id)
        self.displays.closed(connection.station_id)
        if self.first_reading is not None:
            self.first_reading.closed(connection)

    async def close(self) -> None:
        """Give up what is under way."""
        await self.chores.close()
        await self.look_ups.close()

    def reports(self) -> dict[type, Callable[[Incoming, Any], Answer | None]]:
        """Which room takes what a station says."""
        questions = Questions(
            self.records, {"NotifyEVChargingNeeds": self.cars.on_needs, "NotifyEVChargingSchedule": self.cars.on_plan}
        )
        return {
            Authorize: self.tokens.on_authorize,
            Boot: self.boots.on_boot,
            CertificateRequest: self.certificates.on_request,
            Events: self.records.on_events,
            Heartbeat: self.boots.on_heartbeat,
            DynamicPull: self.schedules.on_dynamic_pull,
            MeterReport: self.metering.on_meter_values,
            Progress: self.jobs.on_progress,
            Question: questions.on_question,
            ReportPart: self.displays.on_part,
            ReservationUpdate: self.records.on_reservation,
            PriorityReport: self.schedules.on_priority,
            ProfilesReport: self.schedules.reports.on_report,
            StartReport: self.transactions.on_start,
            StatusReport: self.devices.on_status,
            StopReport: self.transactions.on_stop,
            StreamData: self.records.on_stream_data,
            Telling: self.records.on_telling,
            TransactionReport: self.resumed.on_event,
            VendorData: self.devices.on_vendor_data,
            SettingsReport: self.waits.on_settings,
            MonitorsReport: self.waits.on_monitors,
        }

    def _here(self) -> dict[type, Callable[[Any], Awaitable[Outcome]]]:
        """The commands that need no station to be there, or say themselves which."""
        return {
            commands.StopService: _not_mine,
            device_command.TakeSnapshot: self.device_settings.take_snapshot,
            device_command.RemoveSnapshot: self.device_settings.remove_snapshot,
            ShowAuthority: self.certificates.show_authority,
            RemoveLog: self.files.remove_log,
            **self.administration.commands,
        }

    def _there(self) -> dict[type, Callable[[Connection, Any], Awaitable[Outcome]]]:
        """The commands that are more than one request of a station."""
        return {
            commands.StartTransaction: self.remote_starts.start,
            commands.LimitTransaction: self.limits.limit,
            **self.device_settings.commands,
            **self.local_lists.commands,
            **self.files.commands,
            **self.certificates.commands,
            **self.displays.commands,
            **self.tariffs.commands,
            **self.schedules.commands,
            **self.reservations.commands,
        }


async def _not_mine(_command: Command) -> Outcome:
    return Outcome(Result.NOT_POSSIBLE, "this is for the service, not for its stations")
