"""A site without a service: what the verbs meet in these tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from console.backends.base import MessageQuery, RecordQuery, TransactionQuery, Update
from console.backends.devices import NoHistory
from console.model.change import Notice, NoticeKind
from console.model.command import Command
from console.model.device import Monitor, SettingWrite, Snapshot
from console.model.message import Attempt, Direction, Message, MessageType
from console.model.meter import MeterValue, Reading, Sample
from console.model.outcome import Outcome, Result
from console.model.record import StationRecord
from console.model.site import Seen, Site
from console.model.station import Admission, Connector, ConnectorStatus, Setting, Station
from console.model.token import Card, Token
from console.model.transaction import Transaction

NOW = datetime(2026, 11, 18, 13, 30, tzinfo=UTC)


def ago(**distance: float) -> datetime:
    return NOW - timedelta(**distance)


STATIONS = (
    Station(
        "CP-01", Admission.ACCEPTED, "1.6", online=True, online_changed_at=ago(hours=5), vendor="ABB", model="Terra AC",
        firmware_version="1.8.32",
        connectors=(Connector(1, status=ConnectorStatus.CHARGING), Connector(2, status=ConnectorStatus.AVAILABLE)),
    ),
    Station(
        "CP-03", Admission.ACCEPTED, "1.6", online=True, vendor="KEBA", model="P30",
        connectors=(Connector(1, 1, ConnectorStatus.FAULTED, "GroundFailure", changed_at=ago(minutes=3)),),
    ),
    Station("CP-04", Admission.ACCEPTED, online_changed_at=ago(minutes=14), connectors=(Connector(1),)),
    Station("CP-13", address="10.0.4.17", vendor="Alfen\x1b[31m", model="NG910", reported_at=ago(minutes=1)),
)  # fmt: skip
RUNNING = Transaction("CP-01", "7", 1, id_token="04A2", started_at=ago(minutes=42), energy_wh=5230, meter_start_wh=100)
ENDED = Transaction(
    "CP-03", "6", 1, id_token="BEEF", started_at=ago(hours=9), ended_at=ago(hours=8), energy_wh=12000,
    stop_reason="Local",
)  # fmt: skip
TOKENS = (Token("04A2", label="Åsa"), Token("BEEF", blocked=True, group_id="fleet", expires_at=ago(days=-30)))
CARD = Card("c1", "04FFEE", "CP-01", 2, ago(seconds=6), ago(seconds=-14))
ATTEMPT = Attempt("a1", ago(minutes=2), "10.0.4.9", "/CP-99", "CP-99", 404, "unknown path", "Use /CP-99", 3)
MESSAGES = tuple(
    Message(
        seq, ago(seconds=100 - seq), "CP-01", Direction.FROM_STATION, MessageType.CALL, f"id{seq}", "Heartbeat",
        f'[2,"id{seq}","Heartbeat",{{}}]',
    )
    for seq in range(1, 13)
)  # fmt: skip
METERS = (
    MeterValue("CP-01", 1, ago(minutes=2), (Sample(value=5100.0), Sample("Voltage", 230.0, "V", "L1")), "7"),
    MeterValue("CP-01", 1, ago(minutes=1), (Sample(value=5230.0),), "7"),
)
SETTINGS = (
    Setting("CP-01", "HeartbeatInterval", "300", read_at=ago(minutes=1)),
    Setting("CP-01", "AuthorizationKey", secret=True, read_at=ago(minutes=1)),
    Setting("CP-01", "NumberOfConnectors", "2", read_only=True, reboot_required=True, read_at=ago(minutes=1)),
)
SITE = Site(
    "Åby depot",
    stations={station.station_id: station for station in STATIONS},
    seen={"CP-01": Seen(ago(seconds=3), 42100), "CP-03": Seen(ago(seconds=4))},
    readings={"CP-01\n1": Reading("CP-01", 1, ago(seconds=9), power_w=11040.0)},
    transactions={RUNNING.key: RUNNING},
    tokens={token.key: token for token in TOKENS},
    cards={CARD.card_id: CARD},
    attempts={ATTEMPT.attempt_id: ATTEMPT},
    notices=(Notice(ago(hours=1), "the disk is nearly full", NoticeKind.BAD), Notice(ago(hours=2), "hello")),
)
ACCEPTED = Outcome(Result.ACCEPTED, "accepted", elapsed_s=0.4)


@dataclass
class FakeBackend(NoHistory):
    """A backend over ``SITE``. ``updates`` are what a watcher gets after the site; then nothing more, for ever."""

    name: str = "Åby depot"
    read_only: bool = False
    production: bool = False
    site: Site = SITE
    updates: Sequence[Update] = ()
    batches: Sequence[Sequence[Message]] = ()
    outcome: Outcome = ACCEPTED
    outcomes: dict[type, Outcome] = field(default_factory=dict)
    refusal: str | None = None
    ran: list[Command] = field(default_factory=list)
    closed: int = 0
    ends: bool = True
    held_records: Sequence[StationRecord] = ()
    more_settings: Sequence[Setting] = ()
    held_settings: dict[str, Sequence[Setting]] = field(default_factory=dict)
    held_snapshots: Sequence[Snapshot] = ()
    held_monitors: Sequence[Monitor] = ()
    held_writes: Sequence[SettingWrite] = ()

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        self.closed += 1

    async def watch(self) -> AsyncGenerator[Update, None]:
        yield self.site
        for update in self.updates:
            yield update
        await self._stay()

    async def watch_messages(self, query: MessageQuery) -> AsyncGenerator[Sequence[Message], None]:
        for batch in self.batches:
            yield batch
        await self._stay()

    async def _stay(self) -> None:
        """A watch never ends, but a test does."""
        if not self.ends:
            await asyncio.get_running_loop().create_future()

    async def run(self, command: Command) -> Outcome:
        self.ran.append(command)
        return self.outcomes.get(type(command), self.outcome)

    def why_not(self, command_id: str) -> str | None:
        return self.refusal

    async def transactions(self, query: TransactionQuery) -> Sequence[Transaction]:
        found = [one for one in (RUNNING, ENDED) if query.station.casefold() in one.station_id.casefold()]
        found = [one for one in found if not query.since or (one.started_at and one.started_at >= query.since)]
        found = [one for one in found if not query.before or (one.started_at and one.started_at < query.before)]
        return [one for one in found if query.running in (None, one.running)][: query.limit]

    async def meter_values(self, station_id: str, transaction_id: str) -> Sequence[MeterValue]:
        return [one for one in METERS if (one.station_id, one.transaction_id) == (station_id, transaction_id)]

    async def recent_meter_values(self, station_id: str, evse_id: int, since: datetime) -> Sequence[MeterValue]:
        return []

    async def messages(self, query: MessageQuery) -> Sequence[Message]:
        found = [one for one in MESSAGES if query.station.casefold() in one.station_id.casefold()]
        if query.after_seq is not None:
            return [one for one in found if query.after_seq < one.seq < (query.before_seq or 1 << 60)][: query.limit]
        return found[-query.limit :]

    async def records(self, query: RecordQuery) -> Sequence[StationRecord]:
        return [one for one in self.held_records if query.matches(one)][: query.limit]

    async def settings(self, station_id: str) -> Sequence[Setting]:
        held = self.held_settings.get(station_id, (*SETTINGS, *self.more_settings))
        return [one for one in held if one.station_id == station_id]

    async def monitors(self, station_id: str) -> Sequence[Monitor]:
        return self.held_monitors

    async def snapshots(self, station_id: str = "") -> Sequence[Snapshot]:
        return [one for one in self.held_snapshots if station_id in ("", one.station_id)]

    async def snapshot(self, snapshot_id: str) -> Snapshot | None:
        return next((one for one in self.held_snapshots if one.snapshot_id == snapshot_id), None)

    async def setting_writes(self, station_id: str, limit: int = 200) -> Sequence[SettingWrite]:
        return self.held_writes


def message(seq: int, text: str = '[3,"x",{}]') -> Message:
    """One more frame."""
    return Message(seq, NOW, "CP-01", Direction.TO_STATION, MessageType.CALLRESULT, "x", "Heartbeat", text, 0.004)
