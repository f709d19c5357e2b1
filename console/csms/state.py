"""What the CSMS knows, in memory. It changes only by the changes that are emitted, so the stream tells all of it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from console.csms.ports import Clock, Journal
from console.model.change import (
    CardGone,
    CardSwiped,
    Change,
    CredentialChanged,
    Learning,
    LocalListChanged,
    Measured,
    Notice,
    Noticed,
    NoticeKind,
    RecordGone,
    RecordKept,
    ReservationChanged,
    ReservationEnded,
    RolloutChanged,
    SchedulesChanged,
    SettingsRead,
    StationChanged,
    StationRemoved,
    TokenChanged,
    TokenRemoved,
    TransactionChanged,
    TransactionProgressed,
)
from console.model.local_list import LocalList
from console.model.meter import Reading
from console.model.record import RecordKind, StationRecord
from console.model.reservation import Reservation
from console.model.schedule.installed import StationSchedules
from console.model.schedule.rollout import Rollout
from console.model.site import KEPT_CARDS, KEPT_ROLLOUTS, Site
from console.model.station import Setting, Station
from console.model.token import Card, Token, token_key
from console.model.transaction import Flag, Transaction

#: How many ended transactions are kept at hand, for what arrives late. Older ones are looked up in the store.
KEPT_ENDED = 5000
#: More transactions than these do not run at one station at once, whatever it says.
MOST_RUNNING = 100
#: An operator does not wait longer than this for the disk.
SAVE_TIMEOUT_S = 15.0


class State:
    """The stations, running transactions, tokens and cards of a site, and the one way to change them: ``emit``."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self.stations: dict[str, Station] = {}
        self.readings: dict[tuple[str, int], Reading] = {}
        self.tokens: dict[str, Token] = {}
        self.cards: dict[str, Card] = {}
        self.credentials: dict[str, str] = {}
        self.schedules: dict[str, StationSchedules] = {}
        self.rollouts: dict[str, Rollout] = {}
        #: What follows when a transaction begins, changes or ends, at once and in the same breath.
        self.on_transaction: Callable[[Transaction], Sequence[Change]] = lambda _transaction: ()
        self._following: list[Change] = []
        #: Who holds anything of a station lets go of it when the station is removed. Nothing is emitted by that.
        self.on_removed: list[Callable[[str], None]] = []
        self.reservations: dict[str, Reservation] = {}
        self.local_lists: dict[str, LocalList] = {}
        self.awaiting_boot: dict[str, dict[str, Setting]] = {}  # by station and key in lower case
        self.learning_until: datetime | None = None
        self._records: dict[str, dict[RecordKind, dict[str, StationRecord]]] = {}
        self._running: dict[str, dict[str, Transaction]] = {}
        self._ended: OrderedDict[str, Transaction] = OrderedDict()  # plain ones are slow to find their oldest
        self._by_token: dict[str, dict[str, Transaction]] = {}  # running ones, by the token's key and their own

    def load(
        self,
        site: Site,
        credentials: Mapping[str, str],
        records: Iterable[StationRecord] = (),
        awaiting_boot: Iterable[Setting] = (),
    ) -> None:
        """Take over what the store knows. Nothing of it is emitted."""
        self.stations.update(site.stations)
        self.tokens.update(site.tokens)
        self.schedules.update(site.schedules)
        self.rollouts.update(site.rollouts)
        self.reservations.update(site.reservations)
        self.local_lists.update(site.local_lists)
        self.credentials.update(credentials)
        for setting in awaiting_boot:
            self.awaiting_boot.setdefault(setting.station_id, {})[setting.key.casefold()] = setting
        for transaction in site.transactions.values():
            self._keep_transaction(transaction)
        for record in records:
            self._put_record(record)

    def emit(self, changes: Sequence[Change], committed: Callable[[], None] | None = None) -> None:
        """Let things change, here and in the journal; ``committed`` is called once that is durable."""
        self._absorb(changes)
        if self._following:
            following, self._following = self._following, []
            self._absorb(following)
            changes = [*changes, *following]
        self._journal.append(changes, committed)

    def _absorb(self, changes: Sequence[Change]) -> None:
        for change in changes:
            absorb = _ABSORB.get(type(change))
            if absorb is not None:
                absorb(self, change)

    async def save(self, changes: Sequence[Change]) -> bool:
        """Let things change, and wait until that is durable; False if the disk does not take it in time."""
        saved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.emit(changes, lambda: None if saved.done() else saved.set_result(None))
        try:
            await asyncio.wait_for(saved, SAVE_TIMEOUT_S)
        except TimeoutError:
            return False
        return True

    def notice(self, text: str, kind: NoticeKind = NoticeKind.INFO, station_id: str = "") -> Noticed:
        """Make a line for people to read."""
        return Noticed(Notice(self._clock.now(), text, kind, station_id))

    # --- transactions ---

    def transaction(self, station_id: str, transaction_id: str) -> Transaction | None:
        """A transaction of a station, running or ended lately. Another station's is never found."""
        running = self._running.get(station_id)
        found = running.get(transaction_id) if running else None
        return found or self._ended.get(f"{station_id}\n{transaction_id}")

    def of_any_station(self, transaction_id: str) -> Transaction | None:
        """The transaction that began under this id, at whichever station. Looks at all of them: for mistakes only."""
        for held in self._running.values():
            if transaction_id in held:
                return held[transaction_id]
        return next(
            (
                ended
                for ended in self._ended.values()
                if ended.transaction_id == transaction_id and Flag.ORPHAN not in ended.flags
            ),
            None,
        )

    def running(self, station_id: str) -> tuple[Transaction, ...]:
        """The running transactions of a station, in the order in which they came."""
        held = self._running.get(station_id)
        return tuple(held.values()) if held else ()

    def running_on(self, station_id: str, evse_id: int) -> Transaction | None:
        """The newest running transaction on an EVSE."""
        held = self._running.get(station_id)
        if held:
            for transaction in reversed(held.values()):
                if transaction.evse_id == evse_id:
                    return transaction
        return None

    def running_with(self, id_token: str) -> Iterable[Transaction]:
        """The running transactions of the site that began with a token."""
        return self._by_token.get(token_key(id_token), {}).values()

    def began_since(self, station_id: str, id_token: str, since: datetime) -> bool:
        """Whether a station has told of a transaction with this token since an instant."""
        key = token_key(id_token)
        ended = (each for each in reversed(self._ended.values()) if each.station_id == station_id)
        return any(
            token_key(each.id_token) == key and each.updated_at is not None and each.updated_at >= since
            for each in (*self.running(station_id), *ended)
        )

    def many_running(self, station_id: str) -> bool:
        """Whether a station runs more transactions than any station has connectors."""
        return len(self._running.get(station_id, ())) >= MOST_RUNNING

    def records(self, station_id: str, kind: RecordKind) -> Mapping[str, StationRecord]:
        """What a station told of one kind, by key, the longest untouched first."""
        return self._records.get(station_id, {}).get(kind, {})

    def standing_alarms(self, station_id: str) -> int:
        """How many things a station told that are to be looked at and still are so."""
        kinds = self._records.get(station_id, {}).values()
        return sum(record.standing and record.alarm for held in kinds for record in held.values())

    # --- how changes alter it ---

    def _keep_station(self, change: StationChanged) -> None:
        self.stations[change.station.station_id] = change.station

    def _drop_station(self, change: StationRemoved) -> None:
        self.stations.pop(change.station_id, None)
        self.credentials.pop(change.station_id, None)
        self.schedules.pop(change.station_id, None)
        self._records.pop(change.station_id, None)
        self.awaiting_boot.pop(change.station_id, None)
        self.local_lists.pop(change.station_id, None)
        for held in [held for held in self.reservations.values() if held.station_id == change.station_id]:
            del self.reservations[held.key]
        for key in [key for key in self.readings if key[0] == change.station_id]:
            del self.readings[key]
        for card in [card for card in self.cards.values() if card.station_id == change.station_id]:
            del self.cards[card.card_id]
        for forget in self.on_removed:
            forget(change.station_id)

    def _keep_reading(self, change: Measured) -> None:
        self.readings[change.reading.station_id, change.reading.evse_id] = change.reading

    def _change_transaction(self, change: TransactionChanged) -> None:
        self._keep_transaction(change.transaction)
        self._following.extend(self.on_transaction(change.transaction))

    def _keep_rollout(self, change: RolloutChanged) -> None:
        self.rollouts.pop(change.rollout.rollout_id, None)
        self.rollouts[change.rollout.rollout_id] = change.rollout
        while len(self.rollouts) > KEPT_ROLLOUTS:
            del self.rollouts[next(iter(self.rollouts))]

    def _keep_schedules(self, change: SchedulesChanged) -> None:
        self.schedules[change.schedules.station_id] = change.schedules

    def schedules_of(self, station_id: str) -> StationSchedules:
        """The charging profiles of a station, as far as they are known."""
        return self.schedules.get(station_id) or StationSchedules(station_id)

    def _keep_transaction(self, transaction: Transaction) -> None:
        if transaction.running:
            self._ended.pop(transaction.key, None)
            self._put_running(transaction)
            return
        running = self._running.get(transaction.station_id, {})
        was = running.pop(transaction.transaction_id, None)
        if was is not None:
            self._forget_token(was)
            if not running:
                del self._running[transaction.station_id]
        self._ended[transaction.key] = transaction
        while len(self._ended) > KEPT_ENDED:
            self._ended.popitem(last=False)

    def _put_running(self, transaction: Transaction) -> None:
        self._running.setdefault(transaction.station_id, {})[transaction.transaction_id] = transaction
        self._by_token.setdefault(token_key(transaction.id_token), {})[transaction.key] = transaction

    def _forget_token(self, transaction: Transaction) -> None:
        key = token_key(transaction.id_token)
        held = self._by_token.get(key, {})
        held.pop(transaction.key, None)
        if not held:
            self._by_token.pop(key, None)

    def _progress(self, change: TransactionProgressed) -> None:
        transaction = self._running.get(change.station_id, {}).get(change.transaction_id)
        if transaction is not None:
            self._put_running(msgspec.structs.replace(transaction, energy_wh=change.energy_wh, updated_at=change.at))

    def _keep_token(self, change: TokenChanged) -> None:
        self.tokens[change.token.key] = change.token

    def _drop_token(self, change: TokenRemoved) -> None:
        self.tokens.pop(change.token, None)

    def _keep_card(self, change: CardSwiped) -> None:
        self.cards.pop(change.card.card_id, None)
        self.cards[change.card.card_id] = change.card
        while len(self.cards) > KEPT_CARDS:
            del self.cards[next(iter(self.cards))]

    def _drop_card(self, change: CardGone) -> None:
        self.cards.pop(change.card_id, None)

    def _keep_credential(self, change: CredentialChanged) -> None:
        if change.password_hash:
            self.credentials[change.station_id] = change.password_hash
        else:
            self.credentials.pop(change.station_id, None)

    def _keep_record(self, change: RecordKept) -> None:
        self._put_record(change.record)

    def _put_record(self, record: StationRecord) -> None:
        held = self._records.setdefault(record.station_id, {}).setdefault(record.kind, {})
        held.pop(record.key, None)
        held[record.key] = record

    def _drop_record(self, change: RecordGone) -> None:
        self._records.get(change.station_id, {}).get(change.kind, {}).pop(change.record_key, None)

    def _keep_settings(self, change: SettingsRead) -> None:
        """Remember what takes effect when its station boots; nothing else of settings is held in memory."""
        held = {} if change.complete else self.awaiting_boot.get(change.station_id, {})
        for setting in change.settings:
            if setting.reboot_required:
                held[setting.key.casefold()] = setting
            else:
                held.pop(setting.key.casefold(), None)
        if held:
            self.awaiting_boot[change.station_id] = held
        else:
            self.awaiting_boot.pop(change.station_id, None)

    def _keep_reservation(self, change: ReservationChanged) -> None:
        self.reservations[change.reservation.key] = change.reservation

    def _drop_reservation(self, change: ReservationEnded) -> None:
        self.reservations.pop(change.key[1], None)

    def _keep_list(self, change: LocalListChanged) -> None:
        self.local_lists[change.local_list.station_id] = change.local_list

    def _learn(self, change: Learning) -> None:
        self.learning_until = change.until


_ABSORB: dict[type, Callable[[State, Any], None]] = {
    StationChanged: State._keep_station,
    StationRemoved: State._drop_station,
    Measured: State._keep_reading,
    TransactionChanged: State._change_transaction,
    SchedulesChanged: State._keep_schedules,
    RolloutChanged: State._keep_rollout,
    TransactionProgressed: State._progress,
    TokenChanged: State._keep_token,
    TokenRemoved: State._drop_token,
    CardSwiped: State._keep_card,
    CardGone: State._drop_card,
    CredentialChanged: State._keep_credential,
    Learning: State._learn,
    RecordKept: State._keep_record,
    RecordGone: State._drop_record,
    SettingsRead: State._keep_settings,
    ReservationChanged: State._keep_reservation,
    ReservationEnded: State._drop_reservation,
    LocalListChanged: State._keep_list,
}
