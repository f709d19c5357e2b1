"""The live hub: one site that follows the stream of changes, and everybody who watches it, each at its own pace.

Pure but for waiting: ``publish`` is called on the event loop and never waits. A watcher that does not take what is
there costs a bounded amount of memory and nothing else; when it comes back it gets what matters now.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from console.backends.base import MessageQuery
from console.model.change import (
    Audited,
    CardGone,
    CardSwiped,
    Change,
    CredentialChanged,
    LocalListSent,
    Measured,
    MessagesSeen,
    MetersSampled,
    Noticed,
    SettingsRead,
    SettingWritten,
    SnapshotRemoved,
    SnapshotTaken,
    StationRemoved,
    StationSeen,
    TransactionChanged,
    TransactionProgressed,
)
from console.model.message import Message
from console.model.site import KEPT_CARDS, KEPT_NOTICES, Draft, Site

#: A watcher gets news at most this often. Four times a second looks live; a terminal needs no more.
PACE_S = 0.25
#: How many messages wait for a message watcher before the oldest are let go of, and counted.
KEPT_MESSAGES = 2000
#: More settings than these at once are not told to watchers: thousands of stations have hundreds each.
MOST_SETTINGS_TOLD = 20
#: How many changes may wait beyond the size of the site itself; then the whole site is the shorter way to say it.
_SPARE = 1000
_NOT_SHOWN = frozenset(
    {MetersSampled, Audited, CredentialChanged, LocalListSent, SettingWritten, SnapshotTaken, SnapshotRemoved}
)
_PREPARED = frozenset({SettingsRead, CardSwiped, TransactionChanged})
#: What comes with every frame. Each replaces the one before where that stands; what makes it needless takes it away.
_FREQUENT = frozenset({StationSeen, Measured, TransactionProgressed})

LiveUpdate = Site | tuple[Change, ...]
Slot = tuple[object, ...]


class Hub:
    """Holds the site as it is now and hands every change to whoever watches."""

    def __init__(self, site: Site, pace_s: float = PACE_S) -> None:
        self._draft = Draft(site)
        self._pace_s = pace_s
        self._watches: set[Watch] = set()
        self._message_watches: set[MessageWatch] = set()

    @property
    def site(self) -> Site:
        """The site as it is now. Its maps change with it: take a ``snapshot`` to keep."""
        return self._draft.site()

    def snapshot(self) -> Site:
        """A copy of the site that stays as it is."""
        site = self._draft.site()
        copies = {name: dict(held) for name in site.__struct_fields__ if isinstance(held := getattr(site, name), dict)}
        return msgspec.structs.replace(site, **copies)

    @property
    def operators_present(self) -> bool:
        """Whether somebody watches who could answer a question (an unknown card, say)."""
        return any(watch.operator for watch in self._watches)

    def publish(self, changes: Sequence[Change]) -> None:
        """Put changes into the site and before the watchers, in order. Never waits."""
        shown: list[Change] = []
        messages: list[Message] = []
        absorb = self._draft.absorb
        for change in changes:
            kind = type(change)
            if kind is MessagesSeen:
                if self._message_watches:
                    messages.extend(change.messages)  # type: ignore[union-attr]  # `is` does not narrow
            elif kind not in _NOT_SHOWN:
                if kind in _PREPARED:
                    change = self._prepared(change, shown)
                absorb(change)
                shown.append(change)
        if shown:
            for watch in self._watches:
                watch.put(shown)
                if watch.pending > watch.allowed:
                    watch.allowed = _SPARE + 2 * _size(self.site)
                    if watch.pending > watch.allowed:
                        watch.start_over()
        if messages:
            for message_watch in self._message_watches:
                message_watch.put(messages)

    def _prepared(self, change: Change, shown: list[Change]) -> Change:
        """The change as it is told. Before one that pushes others out goes what watchers could not find out."""
        if isinstance(change, SettingsRead):
            return _lighter(change)
        if isinstance(change, CardSwiped):
            site = self._draft.site()
            # The site holds so many cards and no more. Watchers hear which one went: with conflation between, they
            # could not tell.
            if change.card.card_id not in site.cards and len(site.cards) >= KEPT_CARDS:
                shown.append(CardGone(next(iter(site.cards))))
        elif isinstance(change, TransactionChanged) and self._watches:
            held = self._draft.transactions.get(change.transaction.key) if change.transaction.running else None
            if held is not None and not held.running:
                # An ended one that runs again may have pushed another out meanwhile. Rare: say it all anew.
                for watch in self._watches:
                    watch.start_over()
        return change

    def watch(self, *, operator: bool = False) -> Watch:
        """Begin to watch: the whole site first, then changes. ``operator``: can answer questions. Close it."""
        watch = Watch(self.snapshot, self._pace_s, operator=operator, leave=self._watches.discard)
        self._watches.add(watch)
        return watch

    def watch_messages(self, query: MessageQuery) -> MessageWatch:
        """Begin to watch the frames that match from now on. Close it."""
        watch = MessageWatch(query, self._pace_s, leave=self._message_watches.discard)
        self._message_watches.add(watch)
        return watch


class _Paced:
    """Waits until there is something, but no more often than once in ``pace_s``."""

    def __init__(self, pace_s: float) -> None:
        self._something = asyncio.Event()
        self._pace_s = pace_s
        self._taken_at = float("-inf")

    async def ready(self) -> None:
        """Wait until there is something to take and enough time has passed since the last was taken."""
        await self._something.wait()
        wait_s = self._taken_at + self._pace_s - asyncio.get_running_loop().time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        self._taken_at = asyncio.get_running_loop().time()


class Watch(_Paced):
    """One watcher's share of the stream: what it has not taken yet, each thing in its newest state only."""

    def __init__(
        self, snapshot: Callable[[], Site], pace_s: float, *, operator: bool, leave: Callable[[Watch], None]
    ) -> None:
        super().__init__(pace_s)
        self.operator = operator
        #: How many changes may wait before it is worth asking whether the whole site is shorter.
        self.allowed = _SPARE
        self._snapshot = snapshot
        self._leave = leave
        self._whole = True
        self._gone: dict[Slot, Change] = {}
        self._newest: dict[Slot, Change] = {}
        self._notices: deque[Noticed] = deque(maxlen=KEPT_NOTICES)
        self._something.set()

    def close(self) -> None:
        """Stop watching."""
        self._leave(self)

    def start_over(self) -> None:
        """Let go of what waits: the whole site will be the next to take."""
        self._whole = True
        self._gone.clear()
        self._newest.clear()
        self._notices.clear()
        self._something.set()

    @property
    def pending(self) -> int:
        """How many changes wait to be taken."""
        return len(self._newest) + len(self._gone)

    def put(self, changes: Sequence[Change]) -> None:
        """Keep changes until they are taken."""
        if self._whole:
            return
        for change in changes:
            self._put(change)
        self._something.set()

    def _put(self, change: Change) -> None:
        kind, key = type(change), change.key
        if kind in _FREQUENT and key is not None:
            self._newest[key] = change
            return
        if isinstance(change, Noticed):
            self._notices.append(change)  # a site keeps as many as this holds
            return
        if isinstance(change, CardGone):
            # Cards that went are told first, so that a site never holds more cards on the way than it may.
            self._newest.pop((CardSwiped, key), None)
            self._gone[kind, key] = change
            return
        if isinstance(change, SettingsRead):
            key = ("settings", change.station_id)
            change = _merged(self._newest.get((kind, key)), change)
        elif isinstance(change, StationRemoved):
            measured = f"{change.station_id}\n"
            for slot in [("seen", change.station_id), *(each for each in self._newest if _begins(each, measured))]:
                self._newest.pop(slot, None)
        elif isinstance(change, TransactionChanged):
            self._newest.pop(("progress", change.transaction.key), None)
        # Kinds stand apart: "removed" must not swallow "changed", nor the other way round. Newest last.
        self._newest.pop((kind, key), None)
        self._newest[kind, key] = change

    async def take(self) -> LiveUpdate:
        """Wait for what is next and take it: a site that stays as it is, or changes to the one taken before."""
        while True:
            await self.ready()
            update = self.take_now()
            if update:
                return update

    def take_now(self) -> LiveUpdate:
        """Take what is there, without waiting; an empty tuple if nothing is."""
        self._something.clear()
        if self._whole:
            self._whole = False
            return self._snapshot()
        changes = (*self._gone.values(), *self._newest.values(), *self._notices)
        self._gone.clear()
        self._newest.clear()
        self._notices.clear()
        return changes


class MessageWatch(_Paced):
    """One message watcher's share: the newest frames that match, and how many were let go of."""

    def __init__(self, query: MessageQuery, pace_s: float, *, leave: Callable[[MessageWatch], None]) -> None:
        super().__init__(pace_s)
        self._leave = leave
        self._station, self._action = query.station.casefold(), query.action.casefold()
        self._problems_only = query.problems_only
        self._kept: deque[Message] = deque(maxlen=KEPT_MESSAGES)
        self._dropped = 0

    def close(self) -> None:
        """Stop watching."""
        self._leave(self)

    def put(self, messages: Sequence[Message]) -> None:
        """Keep those that match until they are taken; count those that there is no room for."""
        matching = [message for message in messages if self._matches(message)]
        if matching:
            room = KEPT_MESSAGES - len(self._kept)
            self._dropped += max(0, len(matching) - room)
            self._kept.extend(matching)
            self._something.set()

    def _matches(self, message: Message) -> bool:
        return (
            self._station in message.station_id.casefold()
            and self._action in message.action.casefold()
            and not (self._problems_only and not message.problem)
        )

    async def take(self) -> tuple[list[Message], int]:
        """Wait for messages and take them, oldest first, with how many before them were let go of."""
        await self.ready()
        self._something.clear()
        messages, dropped = list(self._kept), self._dropped
        self._kept.clear()
        self._dropped = 0
        return messages, dropped


def _begins(slot: Slot, station: str) -> bool:
    """Whether a slot is that of a reading of a station."""
    kind, key = slot
    return kind == "measured" and isinstance(key, str) and key.startswith(station)


def _size(site: Site) -> int:
    held = (site.stations, site.seen, site.readings, site.transactions, site.tokens, site.cards, site.attempts)
    return sum(len(one) for one in held)


def _lighter(change: SettingsRead) -> SettingsRead:
    """News of very many settings goes to the watchers without them: who looks at that station asks for them."""
    return SettingsRead(change.station_id, ()) if len(change.settings) > MOST_SETTINGS_TOLD else change


def _merged(before: Change | None, change: SettingsRead) -> SettingsRead:
    """Both reads of a station's settings as one: each key in its newest state."""
    if not isinstance(before, SettingsRead) or change.complete or not change.settings:
        return change
    if not before.settings:
        return before
    settings = {one.key: one for one in (*before.settings, *change.settings)}
    return _lighter(SettingsRead(change.station_id, tuple(settings.values()), before.complete))
