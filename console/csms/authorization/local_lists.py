"""Stations' local authorization lists: their version compared with ours, and brought up to date with the tags here.

A list is sent in portions as large as the station takes: the first replaces what it has (Full), the others add to it.
Every message has a version of its own, one more than the last: 0 and -1 mean no list, and are never sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from console.csms.device.known_settings import KnownSettings
from console.csms.device.portions import limit
from console.csms.device.report_waits import Ask
from console.csms.incoming import Connection
from console.csms.ports import Clock, Shelf
from console.csms.state import State
from console.model.change import LocalListChanged, LocalListSent
from console.model.device_command import ReadLocalList, SendLocalList
from console.model.local_list import ListEntry, LocalList, difference, digest, entries_of
from console.model.outcome import Outcome, Result
from console.model.station import Setting

#: Where a station does not say how many entries a message may have: some close the connection on large ones.
_CAREFUL = 50
_ENTRIES = ("sendlocallistmaxlength", "localauthlistctrlr/itemspermessage")
_BYTES = ("localauthlistctrlr/bytespermessage",)
_NOT_SUPPORTED = -1


class LocalLists:
    """The commands about local lists."""

    def __init__(self, state: State, clock: Clock, shelf: Shelf, known: KnownSettings, ask: Ask) -> None:
        self._state = state
        self._clock = clock
        self._shelf = shelf
        self._known = known
        self._ask = ask
        self.commands: dict[type, Callable[[Connection, Any], Awaitable[Outcome]]] = {
            ReadLocalList: self.read,
            SendLocalList: self.send,
        }

    def _held(self, station_id: str) -> LocalList:
        return self._state.local_lists.get(station_id) or LocalList(station_id)

    async def read(self, connection: Connection, command: ReadLocalList) -> Outcome:
        """GetLocalListVersion, and how it compares with what we sent."""
        outcome = await self._ask(connection, command)
        version = _version(outcome.answer)
        if not outcome.ok or version is None:
            return outcome
        held = msgspec.structs.replace(
            self._held(command.station_id), reported_version=version, asked_at=self._clock.now()
        )
        await self._state.save([LocalListChanged(held)])
        text, hint = _compared(held)
        result = Result.REJECTED if version == _NOT_SUPPORTED else Result.ACCEPTED
        return msgspec.structs.replace(outcome, result=result, text=text, hint=hint)

    async def send(self, connection: Connection, command: SendLocalList) -> Outcome:
        """Send what differs; or all of it, where that is asked for or the station's list is not the one we sent."""
        station_id = command.station_id
        entries = entries_of(self._state.tokens.values(), self._clock.now())
        known = await self._known(station_id)
        room = _room(known)
        if room and len(entries) > room:
            text = f"there are {len(entries)} tags, and the station has room for {room}"
            return Outcome(Result.NOT_POSSIBLE, text, "Remove tags that nobody uses any more.")
        asked = await self.read(connection, ReadLocalList(station_id))
        held = self._held(station_id)
        if held.reported_version == _NOT_SUPPORTED or asked.result in (Result.OFFLINE, Result.TIMED_OUT):
            return asked
        full = command.full or not held.version or held.disagrees
        if full:
            return await self._send_full(connection, known, entries)
        before = {entry.key: entry for entry in await self._shelf.local_list_entries(station_id)}
        put, drop = difference(before, entries)
        if not put and not drop:
            return Outcome(Result.ACCEPTED, f"the list is up to date: version {held.version}, {_tags(held.count)}")
        outcome = await self._send_parts(connection, known, put, drop, before)
        if outcome.answer is not None and outcome.answer.get("status") == "VersionMismatch":
            outcome = await self._send_full(connection, known, entries)
            return msgspec.structs.replace(outcome, text=f"its list was another one, so all was sent: {outcome.text}")
        return outcome

    async def _send_full(
        self, connection: Connection, known: Mapping[str, Setting], entries: Sequence[ListEntry]
    ) -> Outcome:
        return await self._send_parts(connection, known, entries, (), None)

    async def _send_parts(
        self,
        connection: Connection,
        known: Mapping[str, Setting],
        put: Sequence[ListEntry],
        drop: Sequence[ListEntry],
        before: Mapping[str, ListEntry] | None,
    ) -> Outcome:
        """Send entries in portions. ``before`` is what the list holds, None where the first portion replaces it."""
        now_held = dict(before or {})
        waiting = [*((entry, False) for entry in drop), *((entry, True) for entry in put)]
        outcome, sent, messages = Outcome(Result.ACCEPTED, ""), 0, 0
        while waiting or not messages:
            command = self._portion(connection, known, waiting, differential=before is not None or messages > 0)
            outcome = await self._ask(connection, command)
            if not outcome.ok:
                left = f" after {sent} of {sent + len(waiting)} tags" if sent else ""
                return msgspec.structs.replace(outcome, text=f"{outcome.text}{left}")
            taken = len(command.put) + len(command.drop)
            sent, messages, waiting = sent + taken, messages + 1, waiting[taken:]
            now_held |= {entry.key: entry for entry in command.put}
            for entry in command.drop:
                now_held.pop(entry.key, None)
            await self._keep(connection.station_id, command.version, list(now_held.values()))
        held = self._held(connection.station_id)
        parts = f" in {messages} messages" if messages > 1 else ""
        text = f"the list is up to date: version {held.version}, {_tags(held.count)}, {sent} sent{parts}"
        return msgspec.structs.replace(outcome, text=text, hint="")

    def _portion(
        self,
        connection: Connection,
        known: Mapping[str, Setting],
        waiting: Sequence[tuple[ListEntry, bool]],
        *,
        differential: bool,
    ) -> SendLocalList:
        """The next message: as many entries as the station takes in one, by their number and by their bytes."""
        held = self._held(connection.station_id)
        version = max(held.version, held.reported_version or 0, 0) + 1
        count, most_bytes = limit(known, *_ENTRIES) or _CAREFUL, limit(known, *_BYTES)
        while True:
            portion = waiting[:count]
            command = SendLocalList(
                connection.station_id,
                version=version,
                put=tuple(entry for entry, stays in portion if stays),
                drop=tuple(entry for entry, stays in portion if not stays),
                differential=differential,
            )
            size = len(msgspec.json.encode(connection.dialect.call(command).payload)) if most_bytes else 0
            if size <= most_bytes or count <= 1:
                return command
            count = max(1, min(count, len(waiting)) // 2)

    async def _keep(self, station_id: str, version: int, entries: Sequence[ListEntry]) -> None:
        now = self._clock.now()
        held = LocalList(station_id, version, len(entries), digest(entries), now, version, now)
        await self._state.save([LocalListChanged(held), LocalListSent(station_id, tuple(entries))])


def _tags(count: int) -> str:
    return "1 tag" if count == 1 else f"{count} tags"


def _version(answer: Mapping[str, Any] | None) -> int | None:
    """The version in an answer: some 2.x stations call it as 1.6 did."""
    for name in ("versionNumber", "listVersion"):
        version = (answer or {}).get(name)
        if isinstance(version, int) and not isinstance(version, bool):
            return version
    return None


def _compared(held: LocalList) -> tuple[str, str]:
    version = held.reported_version
    if version == _NOT_SUPPORTED:
        return "version -1: the station supports no list of tags", "It asks for every tag instead, while it is online."
    if not version:
        return "the station has no list of tags (version 0)", "Send it one, so that it knows the tags when offline."
    if held.disagrees:
        sent = f"we sent version {held.version}" if held.version else "we sent it none"
        return f"the station's list is version {version}, {sent}", "Sending it again replaces the whole list."
    return f"the station's list is version {version}, as we sent it: {_tags(held.count)}", ""


def _room(known: Mapping[str, Setting]) -> int:
    """How many tags a list can hold in all, 0 where the station does not say: 2.x says it as a variable's limit."""
    held = known.get("localauthlistctrlr/entries")
    if held is not None and held.max_limit is not None:
        return int(held.max_limit)
    return limit(known, "localauthlistmaxlength")
