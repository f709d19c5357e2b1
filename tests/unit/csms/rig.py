"""A CSMS with everything around it made of memory: a clock that is turned by hand, a journal that can hold back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from console.csms.csms import Csms
from console.csms.ports import Authority, Call, CallEnd, CallError, CallLost, CallResult, FileBox, Payload, Refusal
from console.csms.settings import CsmsSettings
from console.model.change import (
    Change,
    LocalListSent,
    MetersSampled,
    SettingsRead,
    SettingWritten,
    TransactionChanged,
)
from console.model.device import SettingWrite
from console.model.local_list import ListEntry
from console.model.make import Make
from console.model.meter import MeterValue
from console.model.site import Site
from console.model.station import Connector, Setting, Station
from console.model.token import Token
from console.model.transaction import Transaction

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = b"0123456789abcdef"


def stamp(seconds: float = 0) -> str:
    """A time as stations write it, so many seconds after the rig's beginning."""
    return (START + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


class Clock:
    """Implements ``ports.Clock``; time passes only by ``advance``."""

    def __init__(self) -> None:
        self._now = START
        self._due: list[tuple[datetime, Callable[[], None]]] = []

    def now(self) -> datetime:
        return self._now

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Callable[[], None]:
        entry = (self._now + timedelta(seconds=delay_s), callback)
        self._due.append(entry)
        return lambda: self._due.remove(entry) if entry in self._due else None

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        for entry in [entry for entry in self._due if entry[0] <= self._now]:
            self._due.remove(entry)
            entry[1]()

    @property
    def timers(self) -> int:
        return len(self._due)


class Journal:
    """Implements ``ports.Journal``. While ``holding``, nothing is durable until ``commit``."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.site = Site()
        self.holding = False
        self._waiting: list[Callable[[], None]] = []

    def append(self, changes: Sequence[Change], committed: Callable[[], None] | None = None) -> None:
        self.changes.extend(changes)
        self.site = self.site.apply(changes)
        if committed is not None:
            self._waiting.append(committed)
        if not self.holding:
            self.commit()

    def commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        for committed in waiting:
            committed()

    def of(self, kind: type) -> list[Any]:
        return [change for change in self.changes if type(change) is kind]

    def texts(self) -> list[str]:
        return [notice.text for notice in self.site.notices]


class Shelf:
    """Implements ``ports.Shelf`` over what the journal was given."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def settings(self, station_id: str) -> list[Setting]:
        held: dict[str, Setting] = {}
        for change in self._journal.of(SettingsRead):
            if change.station_id == station_id:
                held = {} if change.complete else held
                held |= {each.key: each for each in change.settings}
        return sorted(held.values(), key=lambda each: each.key)

    async def setting_writes(self, station_id: str, limit: int = 200) -> list[SettingWrite]:
        writes = [change.write for change in self._journal.of(SettingWritten)]
        return [write for write in reversed(writes) if write.station_id == station_id][:limit]

    async def local_list_entries(self, station_id: str) -> list[ListEntry]:
        sent = [change.entries for change in self._journal.of(LocalListSent) if change.station_id == station_id]
        return list(sent[-1]) if sent else []


class Session:
    """Implements ``ports.Session``: what the station was told, and what it says to our requests (``says``)."""

    def __init__(self, station_id: str, version: str = "1.6") -> None:
        self.station_id = station_id
        self.ocpp_version = version
        self.address = "192.0.2.7"
        self.local_address = "192.0.2.1"
        self.security_profile = 0
        self.certificate_name = ""
        self.new_password = b""
        self.answers: dict[str, Payload | Refusal] = {}
        self.calls: list[tuple[str, Payload]] = []
        self.says: dict[str, Payload | CallEnd] = {}
        self.closed: tuple[int, str] | None = None
        self.tuned = (True, 0.0)

    def answer(self, message_id: str, reply: Payload | Refusal) -> None:
        assert message_id not in self.answers, "answered twice"
        self.answers[message_id] = reply

    async def call(self, action: str, payload: Payload, timeout_s: float) -> CallEnd:
        self.calls.append((action, payload))
        await asyncio.sleep(0)
        said = self.says.get(action, CallLost(offline=False, elapsed_s=timeout_s))
        return said if isinstance(said, CallResult | CallError | CallLost) else CallResult(said, 0.4)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def speak(self, ocpp_version: str) -> bool:
        return False

    def tune(self, pings: bool, silence_s: float) -> None:
        self.tuned = (pings, silence_s)


class Charger:
    """A station at the rig, and what it may say."""

    def __init__(self, rig: Rig, station_id: str, version: str = "1.6") -> None:
        self.rig = rig
        self.id = station_id
        self.version = version
        self.session = Session(station_id, version)
        self.problem = ""
        self._next_id = 0

    def connect(self) -> Charger:
        self.session = Session(self.id, self.version)
        self.rig.csms.opened(self.session)
        return self

    def disconnect(self) -> None:
        self.rig.csms.closed(self.session, 1006, "")

    def send(self, action: str, payload: Any) -> str:
        """Send a request; return its id. ``reply`` has the answer when there is one."""
        self._next_id += 1
        message_id = f"{self.id}-{self._next_id}"
        reception = self.rig.csms.received(self.session, Call(message_id, action, payload))
        self.problem = reception.problem
        if reception.reply is not None:
            self.session.answer(message_id, reception.reply)
        return message_id

    def reply(self, message_id: str) -> Payload | Refusal | None:
        return self.session.answers.get(message_id)

    def ask(self, action: str, payload: Any) -> Payload:
        reply = self.reply(self.send(action, payload))
        assert isinstance(reply, dict), f"{action} was answered {reply}"
        return reply

    def refused(self, action: str, payload: Any) -> Refusal:
        reply = self.reply(self.send(action, payload))
        assert isinstance(reply, Refusal), f"{action} was answered {reply}"
        return reply

    # --- what it says ---

    def boot(self, **more: str) -> Payload:
        if self.version == "1.6":
            return self.ask("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One", **more})
        station = {"vendorName": "Acme", "model": "One", **more}
        return self.ask("BootNotification", {"reason": "PowerUp", "chargingStation": station})

    def status(self, connector: int, status: str, error: str = "NoError", at: float | None = None, **more: str) -> None:
        payload: dict[str, Any] = {"connectorId": connector, "status": status, "errorCode": error, **more}
        self.ask("StatusNotification", payload if at is None else payload | {"timestamp": stamp(at)})

    def start(self, connector: int = 1, tag: str = "TAG1", meter: int = 1000, at: float = 0) -> Payload:
        return self.ask("StartTransaction", start(connector, tag, meter, at))

    def stop(self, transaction_id: int, meter: int = 3000, at: float = 600, **more: Any) -> Payload:
        return self.ask("StopTransaction", stop(transaction_id, meter, at, **more))

    def meter(self, *samples: dict[str, Any], connector: int = 1, at: float = 60, tx: int | None = None) -> Payload:
        payload: dict[str, Any] = {
            "connectorId": connector,
            "meterValue": [{"timestamp": stamp(at), "sampledValue": list(samples)}],
        }
        return self.ask("MeterValues", payload if tx is None else payload | {"transactionId": tx})

    # --- what is known of it ---

    @staticmethod
    def time(seconds: float) -> datetime:
        """So many seconds after the rig's beginning."""
        return START + timedelta(seconds=seconds)

    @property
    def known(self) -> Station:
        return self.rig.journal.site.stations[self.id]

    def connector(self, evse_id: int) -> Connector:
        found = self.known.connector(evse_id)
        assert found is not None
        return found

    def transaction(self, transaction_id: int | str) -> Transaction:
        return self.rig.journal.site.transactions[f"{self.id}\n{transaction_id}"]

    def running(self) -> list[Transaction]:
        return self.rig.journal.site.running(self.id)

    def values(self) -> list[MeterValue]:
        sampled: list[MetersSampled] = self.rig.journal.of(MetersSampled)
        return [change.meter_value for change in sampled if change.meter_value.station_id == self.id]


def start(connector: int = 1, tag: str = "TAG1", meter: int = 1000, at: float = 0) -> dict[str, Any]:
    """A StartTransaction."""
    return {"connectorId": connector, "idTag": tag, "meterStart": meter, "timestamp": stamp(at)}


def stop(transaction_id: int, meter: int = 3000, at: float = 600, **more: Any) -> dict[str, Any]:
    """A StopTransaction."""
    return {"transactionId": transaction_id, "meterStop": meter, "timestamp": stamp(at), **more}


class Rig:
    """The CSMS and its surroundings. TAG1 and TAG3 are of the group FLEET, TAG4 of STAFF, TAG2 of none.

    ``store`` false: there is no store to look older transactions up in, so nothing needs an event loop.
    """

    TOKENS = (
        Token("TAG1", group_id="FLEET"),
        Token("TAG2"),
        Token("TAG3", group_id="FLEET"),
        Token("TAG4", group_id="STAFF"),
    )

    def __init__(
        self,
        *,
        store: bool = True,
        makes: Sequence[Make] = (),
        authority: Authority | None = None,
        box: FileBox | None = None,
        **settings: Any,
    ) -> None:
        self.makes = makes
        self.authority = authority
        self.box = box
        self.store = store
        self.clock = Clock()
        self.journal = Journal()
        self.settings = CsmsSettings(**{"secret": SECRET, "accept_unknown": True, **settings})
        self.stored: dict[tuple[str, str], Transaction] = {}
        self.lookups = 0
        self.csms = self._make()
        self.csms.load(self._with_tokens(Site()))
        self.clock.advance(1000)

    def _make(self) -> Csms:
        return Csms(
            self.journal,
            self.clock,
            self.settings,
            lookup_transaction=self._lookup if self.store else None,
            shelf=Shelf(self.journal) if self.store else None,
            makes=self.makes,
            authority=self.authority,
            box=self.box,
        )

    def _with_tokens(self, site: Site) -> Site:
        self.journal.site = msgspec.structs.replace(site, tokens={token.key: token for token in self.TOKENS})
        return self.journal.site

    async def _lookup(self, station_id: str, transaction_id: str) -> Transaction | None:
        self.lookups += 1
        return self.stored.get((station_id, transaction_id))

    def restart(self) -> None:
        """Lose everything but what was durable, as after kill -9."""
        ordinals = len({change.transaction.key for change in self.journal.of(TransactionChanged)})
        self.csms = self._make()
        self.csms.load(self.journal.site, next_ordinal=ordinals + 1)

    def charger(self, station_id: str = "CP1", version: str = "1.6") -> Charger:
        """A station that is connected and accepted."""
        charger = Charger(self, station_id, version).connect()
        charger.boot()
        return charger
