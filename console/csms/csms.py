"""The CSMS: what stations say goes to the room that knows what it means here, and what operators want to stations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from console.csms.dialects import dialect
from console.csms.incoming import Connection, Incoming
from console.csms.passwords import Passwords
from console.csms.policy import Policy
from console.csms.ports import (
    Authority,
    Call,
    Clock,
    EmptyShelf,
    FileBox,
    Journal,
    Known,
    NoAuthority,
    NoFileBox,
    Reception,
    Refusal,
    Session,
    Shelf,
)
from console.csms.rooms import Rooms
from console.csms.said.reports import (
    Boot,
    Report,
    StatusReport,
)
from console.csms.settings import CsmsSettings
from console.csms.state import State
from console.csms.stations.refusals import Refusals
from console.csms.transactions.transactions import Lookup
from console.model.change import AttemptSeen, Change, StationSeen
from console.model.command import Command
from console.model.make import Make, Tolerance
from console.model.message import Attempt
from console.model.outcome import Outcome
from console.model.record import StationRecord
from console.model.site import Site
from console.model.station import Admission, Setting
from console.model.station_file import StationFile

_ACCEPTED = Admission.ACCEPTED  # looked up once: members of enumerations are slow to come by
#: A station's being heard is told at most this often.
_SEEN_EVERY = timedelta(seconds=1)


class Csms:
    """Implements ``Peer`` and ``Door`` for the link, and carries out commands.

    ``policy`` decides instead of the site's own rules (recordings). ``lookup_transaction`` finds a transaction in the
    store that is not in memory, ``shelf`` is the rest of the store, as far as it is asked now and then. ``makes``
    are the vendor profiles, ``authority`` signs stations' certificates, ``box`` is for their files. Call
    ``load`` once before any station connects.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        settings: CsmsSettings,
        *,
        policy: Policy | None = None,
        lookup_transaction: Lookup | None = None,
        shelf: Shelf | None = None,
        makes: Sequence[Make] = (),
        authority: Authority | None = None,
        box: FileBox | None = None,
    ) -> None:
        self._clock = clock
        self._state = state = State(journal, clock)
        self._connections: dict[str, Connection] = {}
        self._passwords = Passwords()
        state.on_removed.append(self._passwords.forget)
        self._rooms = rooms = Rooms(
            state,
            clock,
            settings,
            self._connections,
            policy=policy,
            lookup_transaction=lookup_transaction,
            shelf=shelf or EmptyShelf(),
            makes=makes,
            authority=authority or NoAuthority(),
            box=box or NoFileBox(),
        )
        self._refusals = Refusals(state, rooms.makes)
        self._first_reading = rooms.first_reading
        # Looked up for every frame.
        self._take = rooms.reports()
        self._today, self._rollouts = rooms.today, rooms.rollouts

    def load(
        self,
        site: Site,
        credentials: Mapping[str, str] | None = None,
        next_ordinal: int = 1,
        records: Sequence[StationRecord] = (),
        awaiting_boot: Sequence[Setting] = (),
    ) -> None:
        """Begin with what the store knows: stations, tokens, all running and the newest ended transactions, records.

        ``credentials`` are the password hashes by station; ``next_ordinal`` is one more than the number of
        transactions that ever were, ``awaiting_boot`` the settings that take effect when their station boots.
        ``site.seen`` gives the energy of today so far. Stations are offline until they connect.
        """
        self._state.load(site, credentials or {}, records, awaiting_boot)
        self._rooms.ids.next_ordinal = max(1, next_ordinal)
        now = self._clock.now()
        for station_id, seen in site.seen.items():
            self._today.add(station_id, seen.energy_today_wh, now)
        self._state.emit(self._rooms.administration.all_offline(now))
        self._rooms.load()

    async def close(self) -> None:
        """Give up what is under way. The listener has closed before."""
        await self._rooms.close()

    async def execute(self, command: Command) -> Outcome:
        """Carry out an operator's command. Never raises for what a station does: that is an outcome."""
        return await self._rooms.operations.execute(command)

    def file_received(self, file: StationFile) -> None:
        """A station has put a file into the drop box."""
        self._rooms.jobs.arrived(file)

    # --- Peer ---

    def opened(self, session: Session) -> None:
        """See ``Peer.opened``."""
        connection = Connection(session, dialect(session.ocpp_version), self._clock.now())
        self._connections[session.station_id] = connection
        self._rooms.boots.opened(connection, self._clock.now())

    def received(self, session: Session, call: Call) -> Reception:
        """See ``Peer.received``."""
        connection = self._connections.get(session.station_id)
        if connection is None or connection.session is not session:
            connection = Connection(session, dialect(session.ocpp_version), self._clock.now())
        now = self._clock.now()
        spoken = connection.dialect
        report, problem = spoken.read(call.action, call.payload, connection.tolerated)
        if isinstance(report, Refusal):
            report, problem = self._refusals.again(connection, call, report, problem)
            spoken = connection.dialect
        if isinstance(report, Refusal):
            return Reception(report, problem)
        station = self._state.stations.get(session.station_id)
        if station is None:
            return Reception(spoken.refusal_before_acceptance(), "this station was removed")
        if station.admission is not _ACCEPTED and not (
            spoken.may_precede_acceptance(report) or call.action in connection.awaited
        ):
            return Reception(spoken.refusal_before_acceptance(), f"the station is {station.admission}")
        incoming = Incoming(connection, call.message_id, now)
        if self._state.reservations:
            self._rooms.reservations.heard(session.station_id, report)
        answer = self._take[type(report)](incoming, report)
        if self._first_reading is not None:
            self._may_be_read(connection, report)
        self._seen(connection, now)
        if incoming.problems:
            problem = "; ".join([problem, *incoming.problems] if problem else incoming.problems)
        return Reception(None if answer is None else spoken.write(answer), problem)

    def _may_be_read(self, connection: Connection, report: Report) -> None:
        """Let the settings of a station be read when it has said what it has to say first."""
        assert self._first_reading is not None  # noqa: S101  # only called where it is not
        if type(report) is Boot and connection.told_accepted:
            self._first_reading.booted(connection)
        elif type(report) is StatusReport:
            self._first_reading.told_state(connection)

    def _seen(self, connection: Connection, now: datetime) -> None:
        """Tell that a station was heard, not for every frame."""
        if connection.heard_at is not None and now - connection.heard_at < _SEEN_EVERY:
            return
        connection.heard_at = now
        station_id = connection.station_id
        self._state.emit([StationSeen(station_id, now, self._today.of(station_id, now))])
        if station_id in self._rollouts.waits_for:
            station = self._state.stations.get(station_id)
            if station is not None and station.admission is _ACCEPTED:
                self._rollouts.heard(station_id)

    def answered(self, session: Session, action: str, payload: Any) -> Refusal | None:
        """See ``Peer.answered``."""
        connection = self._connections.get(session.station_id)
        if connection is None or connection.session is not session:
            return None
        if session.station_id in self._state.stations:
            self._seen(connection, self._clock.now())
        return connection.dialect.check_answer(action, payload)

    def closed(self, session: Session, code: int, reason: str) -> None:
        """See ``Peer.closed``."""
        connection = self._connections.get(session.station_id)
        if connection is not None and connection.session is session:
            del self._connections[session.station_id]
            self._rooms.closed(connection)
            self._rooms.boots.closed(connection, self._clock.now(), code, reason)

    def emit(self, changes: Sequence[Change]) -> None:
        """See ``Peer.emit``."""
        self._state.emit(changes)

    # --- Door ---

    def knows(self, station_id: str) -> bool:
        """See ``Door.knows``. Strangers may come in, to be shown to the operator, while not too many wait."""
        return self._rooms.boots.has_room(station_id)

    def known(self, station_id: str) -> Known:
        """See ``Door.known``."""
        station = self._state.stations.get(station_id)
        admitted = station is not None and station.admission is _ACCEPTED
        lowest = station.security_profile if station is not None and admitted else 0
        tolerance = station.tolerance if station is not None else None
        any_name, strict = tolerance is Tolerance.LENIENT, tolerance is Tolerance.STRICT
        return Known(lowest, station_id in self._state.credentials, admitted, any_name, strict)

    def certificate_fits(self, station_id: str, name: str) -> bool:
        """See ``Door.certificate_fits``."""
        return self._rooms.boots.certificate_fits(station_id, name)

    def password_ok(self, station_id: str, password: bytes | None) -> bool:
        """See ``Door.password_ok``."""
        stored = self._state.credentials.get(station_id)
        if stored is None:
            station = self._state.stations.get(station_id)
            return station is None or station.security_profile == 0
        return password is not None and self._passwords.verify(station_id, password, stored)

    def refused(self, attempt: Attempt) -> None:
        """See ``Door.refused``."""
        self._state.emit([AttemptSeen(attempt)])
