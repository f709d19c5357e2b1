"""A station's settings: read whole or by name, changed, taken back; in portions as large as the station takes."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from console.csms.device.known_settings import KnownSettings
from console.csms.device.portions import limit, portions
from console.csms.device.report_waits import Ask, ReportWaits
from console.csms.dialects.base import Wire
from console.csms.incoming import Connection
from console.csms.ports import Clock, Payload, Shelf
from console.csms.state import State
from console.errors import ConsoleError
from console.model import command as commands
from console.model import device_command as asked_for
from console.model.change import Change, SettingsRead, SettingWritten, SnapshotRemoved, SnapshotTaken
from console.model.command import Command
from console.model.device import SettingWrite, Snapshot, found, merged, spelled
from console.model.device_command import SettingChange
from console.model.outcome import Outcome, Result
from console.model.station import Setting

#: The requests by which settings are changed.
_WRITES = frozenset({"ChangeConfiguration", "SetVariables"})
_LONGEST_NAME = 80


class DeviceSettings:
    """The commands about settings."""

    def __init__(
        self, state: State, clock: Clock, shelf: Shelf, ask: Ask, waits: ReportWaits, known: KnownSettings
    ) -> None:
        self._state = state
        self._clock = clock
        self._shelf = shelf
        self._ask = ask
        self._waits = waits
        self._known = known
        self.commands: dict[type, Callable[[Connection, Any], Awaitable[Outcome]]] = {
            commands.ReadSettings: self.read,
            commands.ChangeSetting: self.change,
            asked_for.ChangeSettings: self.change_many,
            asked_for.UndoSettings: self.undo,
            asked_for.ReadMonitors: self.read_monitors,
            asked_for.SetMonitor: self.set_monitor,
            asked_for.ClearMonitors: self.clear_monitors,
        }

    async def noted(self, connection: Connection, command: Command, asked: Wire, answer: Payload) -> None:
        """Keep the settings that an answer tells of, and what was changed by it."""
        station_id = connection.station_id
        monitors = connection.dialect.monitors(station_id, asked, answer)
        if monitors:
            await self._state.save(monitors)
        news = connection.dialect.settings(station_id, asked, answer, self._clock.now())
        if not news:
            return
        known = await self._known(station_id)
        now = merged(known, news)
        complete = _is_all(command, asked, known, now)
        changes: list[Change] = [SettingsRead(station_id, now, complete)]
        if asked.action in _WRITES:
            undoes = command.undoes if isinstance(command, commands.ChangeSetting) else ""
            at = self._clock.now()
            changes += [SettingWritten(_write(known.get(each.key.casefold()), each, undoes, at)) for each in now]
        await self._state.save(changes)

    # --- reading ---

    async def read(self, connection: Connection, command: commands.ReadSettings) -> Outcome:
        """Read settings: by name in portions, or all there are, which in 2.x come as a report."""
        if command.keys and not command.criteria:
            return await self._read_keys(connection, command)
        command = msgspec.structs.replace(command, request_id=self._waits.next_id())
        if not connection.dialect.reports_settings:
            return await self._ask(connection, command)
        complete = not command.criteria and command.inventory in ("", "full")
        known = await self._known(connection.station_id)
        return await self._waits.ask(connection, command, known, complete, self._ask)

    async def _read_keys(self, connection: Connection, command: commands.ReadSettings) -> Outcome:
        known = await self._known(connection.station_id)
        keys = [spelled(known, key) for key in command.keys]
        count = connection.dialect.most_settings(known, writing=False)
        most_bytes = limit(known, "devicedatactrlr/bytespermessage#getvariables")

        def asking(portion: Sequence[str]) -> commands.ReadSettings:
            return msgspec.structs.replace(command, keys=tuple(portion))

        outcomes: list[Outcome] = []
        for portion in portions(keys, count, most_bytes, lambda part: _size(connection, asking(part))):
            outcomes.append(await self._ask(connection, asking(portion)))
            if outcomes[-1].result not in (Result.ACCEPTED, Result.REJECTED):
                break
        return together(outcomes, f"{len(keys)} settings asked for")

    async def read_monitors(self, connection: Connection, command: asked_for.ReadMonitors) -> Outcome:
        """Read the monitors on a station's variables, which come as a report."""
        command = msgspec.structs.replace(command, request_id=self._waits.next_id())
        complete = not command.keys and not command.criteria
        return await self._waits.ask(connection, command, {}, complete, self._ask)

    async def set_monitor(self, connection: Connection, command: asked_for.SetMonitor) -> Outcome:
        """Put a monitor on a variable, spelled as the station spells it."""
        known = await self._known(connection.station_id)
        return await self._ask(connection, msgspec.structs.replace(command, key=spelled(known, command.key)))

    async def clear_monitors(self, connection: Connection, command: asked_for.ClearMonitors) -> Outcome:
        """Take monitors away, in portions as large as the station takes (MonitoringCtrlr.ItemsPerMessage)."""
        known = await self._known(connection.station_id)
        count = limit(known, "monitoringctrlr/itemspermessage#clearvariablemonitoring")
        ids = command.monitor_ids
        outcomes = [
            await self._ask(connection, msgspec.structs.replace(command, monitor_ids=tuple(portion)))
            for portion in portions(ids, count, 0, len)
        ]
        return together(outcomes, f"{len(ids)} monitors to clear")

    # --- changing ---

    async def change(self, connection: Connection, command: commands.ChangeSetting) -> Outcome:
        """Change one setting, spelled as the station spells it."""
        known = await self._known(connection.station_id)
        return await self._ask(connection, msgspec.structs.replace(command, key=spelled(known, command.key)))

    async def change_many(self, connection: Connection, command: asked_for.ChangeSettings) -> Outcome:
        """Change several settings; one that is refused does not hold up the others."""
        known = await self._known(connection.station_id)
        changes = [SettingChange(spelled(known, each.key), each.value) for each in command.changes]
        count = connection.dialect.most_settings(known, writing=True)
        most_bytes = limit(known, "devicedatactrlr/bytespermessage#setvariables")

        def changing(portion: Sequence[SettingChange]) -> Command:
            if count == 1:
                return commands.ChangeSetting(command.station_id, portion[0].key, portion[0].value)
            return msgspec.structs.replace(command, changes=tuple(portion))

        outcomes: list[Outcome] = []
        for portion in portions(changes, count, most_bytes, lambda part: _size(connection, changing(part))):
            outcomes.append(await self._ask(connection, changing(portion)))
            if outcomes[-1].result not in (Result.ACCEPTED, Result.REJECTED):
                break
        return together(outcomes, f"{len(changes)} changes asked for")

    async def undo(self, connection: Connection, command: asked_for.UndoSettings) -> Outcome:
        """Take back the newest changes that were not taken back yet, the newest first."""
        writes = await self._shelf.setting_writes(command.station_id)
        undone = {write.undoes for write in writes}
        left = [write for write in writes if not write.undoes and write.write_id not in undone][: command.count]
        if not left:
            return Outcome(Result.NOT_POSSIBLE, "nothing was changed here that could be taken back")
        outcomes: list[Outcome] = []
        for write in left:
            if write.before is None:
                text = f"{write.key} cannot be taken back: what it was before is not known"
                outcomes.append(Outcome(Result.NOT_POSSIBLE, text, "Set it by hand."))
                break
            back = commands.ChangeSetting(command.station_id, write.key, write.before, write.write_id)
            outcome = await self._ask(connection, back)
            told = f"{write.key} = {write.before} again: {outcome.text}"
            outcomes.append(msgspec.structs.replace(outcome, text=told))
            if not outcome.ok:
                break
        return together(outcomes, f"{len(left)} changes to take back")

    # --- snapshots ---

    async def take_snapshot(self, command: asked_for.TakeSnapshot) -> Outcome:
        """Put a station's settings by."""
        station_id = command.station_id
        held = await self._shelf.settings(station_id)
        if not held:
            text = f"no settings of {station_id} are known"
            return Outcome(Result.NOT_POSSIBLE, text, "Read them first.")
        now = self._clock.now()
        snapshot = Snapshot(uuid.uuid4().hex[:8], station_id, now, command.name[:_LONGEST_NAME], len(held), tuple(held))
        if not await self._state.save([SnapshotTaken(snapshot)]):
            return _unsaved()
        text = f"snapshot {snapshot.snapshot_id} of {station_id}: {len(held)} settings"
        return Outcome(Result.ACCEPTED, text, answer={"snapshot_id": snapshot.snapshot_id})

    async def remove_snapshot(self, command: asked_for.RemoveSnapshot) -> Outcome:
        """Throw a snapshot away."""
        if not await self._state.save([SnapshotRemoved(command.snapshot_id)]):
            return _unsaved()
        return Outcome(Result.ACCEPTED, f"snapshot {command.snapshot_id} is gone")


def _unsaved() -> Outcome:
    return Outcome(Result.TIMED_OUT, "it could not be saved yet", "Look at the disk: it is full or very slow.")


def _size(connection: Connection, command: Command) -> int:
    """How many bytes a request's payload has; 0 for what cannot be said in its version, which asking will tell."""
    try:
        return len(msgspec.json.encode(connection.dialect.call(command).payload))
    except ConsoleError:
        return 0


def _is_all(command: Command, asked: Wire, known: dict[str, Setting], now: Sequence[Setting]) -> bool:
    """Whether an answer holds all settings there are (1.6, no key named), and none was held back by a limit."""
    if not isinstance(command, commands.ReadSettings) or asked.action != "GetConfiguration" or asked.payload:
        return False
    most = found((*known.values(), *now), "GetConfigurationMaxKeys")
    limit = int(most.value) if most and most.value and most.value.isascii() and most.value.isdigit() else 0
    return not limit or len(now) != limit


def _write(before: Setting | None, now: Setting, undoes: str, at: datetime) -> SettingWrite:
    """What was changed. A secret's values are never kept, neither the old nor the new."""
    old = None if before is None or now.secret else before.value
    new = None if now.secret else now.value
    return SettingWrite(uuid.uuid4().hex, now.station_id, at, now.key, old, new, now.secret, undoes)


def together(outcomes: Sequence[Outcome], what: str) -> Outcome:
    """Several outcomes as one: it is as good as the worst of them, and tells the first that went wrong."""
    if len(outcomes) == 1:
        return outcomes[0]
    elapsed_s = sum(each.elapsed_s for each in outcomes)
    bad = next((each for each in outcomes if not each.ok), None)
    good = sum(each.ok for each in outcomes)
    if bad is None:
        reboot = next((each.hint for each in outcomes if each.hint), "")
        return Outcome(Result.ACCEPTED, f"{what}: done in {len(outcomes)} requests", reboot, elapsed_s)
    text = f"{what}: {good} of {len(outcomes)} requests went well; {bad.text}"
    return Outcome(bad.result, text, bad.hint, elapsed_s)
