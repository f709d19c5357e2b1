"""What can change at a site. One stream of these runs from the CSMS through the store to every screen."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from console.model.device import Monitor, SettingWrite, Snapshot
from console.model.local_list import ListEntry, LocalList
from console.model.message import Attempt, Message
from console.model.meter import MeterValue, Reading, Samples
from console.model.record import RecordKind, StationRecord
from console.model.reservation import Reservation
from console.model.schedule.installed import StationSchedules
from console.model.schedule.prices import PriceCurve
from console.model.schedule.rollout import Rollout
from console.model.station import Setting, Station
from console.model.token import Card, Token
from console.model.transaction import Transaction


class _Change(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="change", gc=False):
    """Base of the changes. ``key`` says which other change this one makes needless (None: none).

    Values that can be part of no cycle, so the garbage collector need not look at them (``gc=False``).
    """

    @property
    def key(self) -> tuple[str, str] | None:
        return None


class StationChanged(_Change, frozen=True, tag="station"):
    """A station is new or another than before."""

    station: Station

    @property
    def key(self) -> tuple[str, str]:
        return ("station", self.station.station_id)


class StationRemoved(_Change, frozen=True, tag="station_removed"):
    """The operator took a station away."""

    station_id: str

    @property
    def key(self) -> tuple[str, str]:
        return ("station", self.station_id)


class StationSeen(_Change, frozen=True, tag="seen"):
    """A frame arrived from a station. Not stored. ``energy_today_wh`` counts from local midnight."""

    station_id: str
    at: datetime
    energy_today_wh: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return ("seen", self.station_id)


class Measured(_Change, frozen=True, tag="measured"):
    """An EVSE's newest reading. Not stored (the meter values it came from are)."""

    reading: Reading

    @property
    def key(self) -> tuple[str, str]:
        return ("measured", f"{self.reading.station_id}\n{self.reading.evse_id}")


class MetersSampled(_Change, frozen=True, tag="sampled"):
    """Meter values to keep, of one instant at one EVSE. Stored; a screen asks for them when it shows a chart.

    ``energy_wh`` is the energy register after these samples and ``power_w`` the power, where they were measured.
    """

    station_id: str
    evse_id: int
    at: datetime
    samples: Samples
    transaction_id: str = ""
    received_at: datetime | None = None
    energy_wh: int | None = None
    power_w: float | None = None

    @property
    def meter_value(self) -> MeterValue:
        """The same with its samples read."""
        read = tuple(self.samples)
        return MeterValue(self.station_id, self.evse_id, self.at, read, self.transaction_id, self.received_at)


class TransactionChanged(_Change, frozen=True, tag="transaction"):
    """A transaction began, ended, or was corrected. Stored."""

    transaction: Transaction

    @property
    def key(self) -> tuple[str, str]:
        return ("transaction", self.transaction.key)


class TransactionProgressed(_Change, frozen=True, tag="progress"):
    """A running transaction's energy grew. Not stored (the meter values are)."""

    station_id: str
    transaction_id: str
    at: datetime
    energy_wh: int

    @property
    def key(self) -> tuple[str, str]:
        return ("progress", f"{self.station_id}\n{self.transaction_id}")


class TokenChanged(_Change, frozen=True, tag="token"):
    """A token is new or another than before. Stored."""

    token: Token

    @property
    def key(self) -> tuple[str, str]:
        return ("token", self.token.key)


class TokenRemoved(_Change, frozen=True, tag="token_removed"):
    """The operator took a token away. ``token`` is its key."""

    token: str

    @property
    def key(self) -> tuple[str, str]:
        return ("token", self.token)


class CardSwiped(_Change, frozen=True, tag="card"):
    """An unknown card was swiped, or the question about it is no longer open (``waiting`` false)."""

    card: Card

    @property
    def key(self) -> tuple[str, str]:
        return ("card", self.card.card_id)


class CardGone(_Change, frozen=True, tag="card_gone"):
    """A card needs no verdict any more."""

    card_id: str

    @property
    def key(self) -> tuple[str, str]:
        return ("card", self.card_id)


class AttemptSeen(_Change, frozen=True, tag="attempt"):
    """A connection was refused. Stored."""

    attempt: Attempt

    @property
    def key(self) -> tuple[str, str]:
        return ("attempt", self.attempt.attempt_id)


class SettingsRead(_Change, frozen=True, tag="settings"):
    """A station's settings were read or one was changed. Stored. Upserts the given keys.

    ``complete``: these are all that the station has, so others go. A watcher that gets none asks for them: they are
    many.
    """

    station_id: str
    settings: tuple[Setting, ...]
    complete: bool = False


class MonitorsRead(_Change, frozen=True, tag="monitors"):
    """The monitors of a station's variables, as they are now. Stored; a screen asks for them. ``complete``: all."""

    station_id: str
    monitors: tuple[Monitor, ...]
    complete: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return ("monitors", self.station_id)


class MonitorRemoved(_Change, frozen=True, tag="monitor_removed"):
    """A monitor was taken away. Stored."""

    station_id: str
    monitor_id: int

    @property
    def key(self) -> tuple[str, str]:
        return ("monitor_removed", f"{self.station_id}\n{self.monitor_id}")


class SnapshotTaken(_Change, frozen=True, tag="snapshot"):
    """A station's settings were put by as they are. Stored, not shown."""

    snapshot: Snapshot


class SnapshotRemoved(_Change, frozen=True, tag="snapshot_removed"):
    """A snapshot was thrown away. Stored, not shown."""

    snapshot_id: str


class SettingWritten(_Change, frozen=True, tag="setting_written"):
    """A station took a new value, and what the old one was. Stored, not shown: for taking it back."""

    write: SettingWrite


class ReservationChanged(_Change, frozen=True, tag="reservation"):
    """A reservation was made, or is another than before. Stored."""

    reservation: Reservation

    @property
    def key(self) -> tuple[str, str]:
        return ("reservation", self.reservation.key)


class ReservationEnded(_Change, frozen=True, tag="reservation_ended"):
    """A reservation was used, cancelled, or its time is over."""

    station_id: str
    reservation_id: int

    @property
    def key(self) -> tuple[str, str]:
        return ("reservation", f"{self.station_id}\n{self.reservation_id}")


class LocalListChanged(_Change, frozen=True, tag="local_list"):
    """What is known of a station's local authorization list. Stored."""

    local_list: LocalList

    @property
    def key(self) -> tuple[str, str]:
        return ("local_list", self.local_list.station_id)


class LocalListSent(_Change, frozen=True, tag="local_list_sent"):
    """The entries that a station's list has now, all of them. Stored, not shown."""

    station_id: str
    entries: tuple[ListEntry, ...]


class PricesChanged(_Change, frozen=True, tag="prices"):
    """Newer prices of energy. Stored."""

    prices: PriceCurve

    @property
    def key(self) -> tuple[str, str]:
        return ("prices", "")


class RolloutChanged(_Change, frozen=True, tag="rollout"):
    """A schedule is on its way to many stations, or is further on it. Stored."""

    rollout: Rollout

    @property
    def key(self) -> tuple[str, str]:
        return ("rollout", self.rollout.rollout_id)


class SchedulesChanged(_Change, frozen=True, tag="schedules"):
    """Another set of charging profiles is installed at a station. Stored."""

    schedules: StationSchedules

    @property
    def key(self) -> tuple[str, str]:
        return ("schedules", self.schedules.station_id)


class RecordKept(_Change, frozen=True, tag="record"):
    """A station told something of itself, anew or for the first time. Stored; a screen asks for the others."""

    record: StationRecord

    @property
    def key(self) -> tuple[str, str]:
        return ("record", self.record.id)


class RecordGone(_Change, frozen=True, tag="record_gone"):
    """Something that a station told is kept no more. ``record_key`` is the record's own key."""

    station_id: str
    kind: RecordKind
    record_key: str

    @property
    def key(self) -> tuple[str, str]:
        return ("record", f"{self.station_id}\n{self.kind.value}\n{self.record_key}")


class MessagesSeen(_Change, frozen=True, tag="messages"):
    """Frames crossed the wire, in this order. Stored; sent only to who watches messages."""

    messages: tuple[Message, ...]


class NoticeKind(StrEnum):
    """How a notice is meant."""

    INFO = "info"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Notice(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of "what just happened"."""

    at: datetime
    text: str
    kind: NoticeKind = NoticeKind.INFO
    station_id: str = ""


class Noticed(_Change, frozen=True, tag="notice"):
    """Something happened that a person may want to read in a line. Stored for the alarms list if bad."""

    notice: Notice


class Audited(_Change, frozen=True, tag="audit"):
    """An operator's command and how it ended. Stored: who asked what of which station, when, with what outcome."""

    at: datetime
    operator: str
    command: str
    station_id: str
    detail: str
    result: str
    text: str


class CredentialChanged(_Change, frozen=True, tag="credential"):
    """A station's Basic auth password was set, or taken away (""). Stored, never sent to anybody: it is a hash."""

    station_id: str
    password_hash: str

    @property
    def key(self) -> tuple[str, str]:
        return ("credential", self.station_id)


class Learning(_Change, frozen=True, tag="learning"):
    """Whether the next unknown card is learned as a token, and until when."""

    until: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        return ("learning", "")


Change = (
    StationChanged
    | StationRemoved
    | StationSeen
    | Measured
    | MetersSampled
    | TransactionChanged
    | TransactionProgressed
    | TokenChanged
    | TokenRemoved
    | CardSwiped
    | CardGone
    | AttemptSeen
    | SettingsRead
    | MonitorsRead
    | MonitorRemoved
    | SnapshotTaken
    | SnapshotRemoved
    | SettingWritten
    | ReservationChanged
    | ReservationEnded
    | LocalListChanged
    | LocalListSent
    | SchedulesChanged
    | PricesChanged
    | RolloutChanged
    | RecordKept
    | RecordGone
    | MessagesSeen
    | Noticed
    | Audited
    | CredentialChanged
    | Learning
)
