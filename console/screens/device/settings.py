"""What a station is set to, as a tree: read, filtered, changed in place, watched, compared, applied, taken back."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from console.model.change import MonitorRemoved, MonitorsRead, SettingsRead
from console.model.device import Monitor
from console.model.device_command import SettingChange
from console.model.outcome import Outcome
from console.model.setting_comparison import Difference, changes_to, compare, why_not_written
from console.model.spec import Place, Spec, Target
from console.model.station import Setting
from console.screens.device import settings_rows as view
from console.screens.device.settings_apply import apply
from console.screens.device.settings_sides import Side, ask_for_side
from console.screens.frame import keys, paint, words
from console.screens.frame.frame import Line, SiteScreen
from console.screens.frame.plain_table import PlainTable
from console.screens.frame.session import News, Session
from widgets.dialog import ConfirmDialog
from widgets.filter_bar import FilterBar
from widgets.live_table import LiveTable
from widgets.row_line import Cell


class SettingsScreen(SiteScreen):
    """The tree, or the differences to another state of it."""

    PLACE = Place.SETTINGS
    FOOTER_LINES = 2
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.SETTINGS)
    DEFAULT_CSS = """
    SettingsScreen #compared { display: none; }
    SettingsScreen.-comparing #compared { display: block; }
    SettingsScreen.-comparing #tree { display: none; }
    """

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session)
        self.station_id = station_id
        self._tree = PlainTable(view.COLUMNS, self._cells, id="tree")
        self._compared = PlainTable(view.COMPARED, self._compared_cells, id="compared")
        self._title = Line(id="settings-title")
        self._details = Line(id="details")
        self._filter = FilterBar()
        self._monitors: dict[int, Monitor] = {}
        self._unfolded: set[str] | None = None
        self._other: Side | None = None
        self._differences: dict[str, Difference] = {}
        self._written: dict[str, str] = {}
        self.commands = {
            "view.fold": lambda _given: self._fold(),
            "view.filter": self._open_filter,
            "view.compare": lambda _given: self._start(self._compare()),
            "settings.apply": lambda _given: self._start(self._apply()),
        }

    def body(self) -> ComposeResult:
        """Title, filter, tree or differences, and what there is to say of the selected setting."""
        yield self._title
        yield self._filter
        yield self._tree
        yield self._compared
        yield self._details

    def trail(self) -> Sequence[str]:
        """Below the station."""
        return (self.station_id, "settings", *([f"and {self._other.name}"] if self._other else []))

    # -- what is known

    @property
    def _held(self) -> dict[str, Setting]:
        return self.session.settings.setdefault(self.station_id, {})

    def on_mount(self) -> None:
        """Show what was read last."""
        self._load()

    def site_changed(self, news: News) -> None:
        """Show what is read meanwhile."""
        if news.whole:
            self._load()
        for change in news.changes:
            if isinstance(change, SettingsRead) and change.station_id == self.station_id:
                if change.settings:
                    self._keep(change.settings, complete=change.complete)
                else:
                    self._load()
            elif isinstance(change, MonitorsRead | MonitorRemoved) and change.station_id == self.station_id:
                self._load_monitors()

    def _load(self) -> None:
        self.load(self._fetch, "settings")
        self._load_monitors()

    async def _fetch(self) -> None:
        self._keep(await self.session.backend.settings(self.station_id), complete=True)

    def _load_monitors(self) -> None:
        self.load(self._fetch_monitors, "monitors")

    async def _fetch_monitors(self) -> None:
        found = await self.session.backend.monitors(self.station_id)
        self._monitors = {each.monitor_id: each for each in found}
        self._show()

    def _keep(self, settings: Sequence[Setting], *, complete: bool = False) -> None:
        if complete:
            self._held.clear()
        self._held.update({each.key: each for each in settings})
        if self._unfolded is None and len(self._held) > view.MOST_UNFOLDED:
            self._unfolded = set()
        self._show()

    # -- showing

    def _show(self) -> None:
        held, wanted = self._held, tuple(self._filter.text.casefold().split())
        self._tree.empty_text = (
            "No setting matches the filter.\nesc clears it." if held else "Not read yet: press r to read them."
        )
        self._tree.set_rows(view.rows(held, list(self._monitors.values()), self._unfolded, wanted))
        self._tree.touch(self._tree.visible_keys)
        matching = sum(not key.startswith("\n") for key in self._tree.rows)
        self._filter.set_summary(f"{matching} of {len(held)} settings")
        self._show_differences(wanted)
        self._show_title()
        self._show_details()

    def _show_title(self) -> None:
        if self._other is not None:
            count = len(self._differences)
            differ = f"{words.count(count, 'setting')} {'differs' if count == 1 else 'differ'} from {self._other.name}"
            text = f" {differ}; A writes them here" if count else f" {differ}"
        else:
            age = view.age(self._held.values(), self.session.now(), self.session.zone)
            monitors = f", {words.count(len(self._monitors), 'monitor')}" if self._monitors else ""
            text = f" {words.count(len(self._held), 'setting')}{monitors}, {age}"
        self._title.show([paint.cut_parts([(text, "muted")], self.size.width or 80)])

    def _show_differences(self, wanted: tuple[str, ...]) -> None:
        if self._other is None:
            return
        found = compare(self._other.settings, self._held.values())
        self._differences = {each.key: each for each in found}
        shown = [key for key in (self._differences | self._written) if all(word in key.casefold() for word in wanted)]
        self._compared.empty_text = f"{self.station_id} and {self._other.name} are set alike.\nesc goes back."
        self._compared.set_rows(shown)
        self._compared.touch(self._compared.visible_keys)

    def _show_details(self) -> None:
        setting = self._held.get(self._selected)
        width = self.size.width or 80
        lines = view.details(setting, self.session.zone, self.session.now()) if setting else []
        self._details.show([paint.cut_parts([(f" {line}", "muted")], width) for line in lines])

    def _cells(self, key: str) -> dict[str, Cell]:
        if key.startswith(view.COMPONENT):
            place = key.removeprefix(view.COMPONENT)
            opened = bool(self._filter.text) or self._unfolded is None or place in self._unfolded
            return view.component_cells(place, self._held.values(), opened)
        if key.startswith(view.MONITOR):
            monitor = self._monitors.get(int(key.removeprefix(view.MONITOR)))
            return view.monitor_cells(monitor) if monitor else {}
        setting = self._held.get(key)
        watched = sum(each.key.casefold() == key.casefold() for each in self._monitors.values())
        return view.setting_cells(setting, watched) if setting else {}

    def _compared_cells(self, key: str) -> dict[str, Cell]:
        difference = self._differences.get(key)
        here = difference.right if difference else self._held.get(key)
        there = difference.left if difference else self._held.get(key)
        return view.compared_cells(key, here, there, self._written.get(key, ""))

    # -- the cursor

    @property
    def _selected(self) -> str:
        table = self._compared if self._other is not None else self._tree
        return table.cursor_key or ""

    @on(LiveTable.RowHighlighted)
    def _highlighted(self) -> None:
        self._show_details()
        self.update_frame()

    @on(LiveTable.RowSelected)
    def _row_selected(self, event: LiveTable.RowSelected) -> None:
        if event.row_key.startswith(view.COMPONENT):
            self._fold()
        else:
            self.action_command("settings.change")

    def target(self) -> Target:
        """The station, and the setting or the monitor under the cursor."""
        key = self._selected
        if key.startswith(view.MONITOR):
            number = int(key.removeprefix(view.MONITOR))
            return Target(station_id=self.station_id, setting_key=self._monitors[number].key, monitor_id=number)
        return Target(station_id=self.station_id, setting_key="" if key.startswith("\n") else key)

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """What the setting itself, or the station's version, forbids comes on top."""
        setting = self._held.get(target.setting_key)
        if spec.id == "settings.change" and setting is not None and not setting.writable:
            why = "constant" if setting.constant else "unknown to the station" if setting.unknown else "read only"
            return f"{setting.key} is {why}"
        station = self.session.site.stations.get(self.station_id)
        if spec.id.startswith("monitor.") and station is not None and station.ocpp_version == "1.6":
            return "OCPP 1.6 knows no monitors"
        if spec.id == "view.fold" and not self._foldable:
            return "there is nothing to fold here"
        if spec.id == "settings.apply" and self._other is None:
            return "press c to compare first"
        return super().refusal(spec, target)

    # -- folding and filtering

    @property
    def _foldable(self) -> str:
        """The component that the cursor is on or in, "" where it is in none."""
        key = self._selected
        if self._other is not None or key.startswith(view.MONITOR):
            return ""
        return key.removeprefix(view.COMPONENT) if key.startswith(view.COMPONENT) else view.place_of(key)

    def _fold(self) -> None:
        """Fold the component under the cursor, or unfold it."""
        place = self._foldable
        if self._unfolded is None:
            self._unfolded = {view.place_of(each) for each in self._held}
        self._unfolded ^= {place}
        self._tree.cursor_key = view.COMPONENT + place
        self._show()

    def filter_with(self, text: str) -> None:
        """Show only the settings that match."""
        self._filter.text = text

    def filter_there(self, spec: Spec) -> str | None:
        """From a station's settings one goes to its own messages and transactions."""
        return self.station_id if spec.id in ("go.messages", "go.transactions") else None

    def _open_filter(self, given: Sequence[str]) -> None:
        if given:
            self.filter_with(" ".join(given))
        else:
            self._filter.open()

    @on(FilterBar.Changed)
    def _filter_changed(self) -> None:
        self._show()

    def go_back(self) -> None:
        """Clear the filter, then stop comparing, then leave."""
        if self._filter.text:
            self._filter.clear()
        elif self._other is not None:
            self._compare_with(None)
        else:
            super().go_back()

    # -- comparing

    def _compare_with(self, other: Side | None) -> None:
        self._other = other
        self._written.clear()
        self._differences.clear()
        self.set_class(other is not None, "-comparing")
        self.set_focus(self._tree if other is None else self._compared)
        self._show()
        self.update_frame()

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        """Begin what asks the operator: a worker of the app, for the answer is shown even if this screen is gone."""
        self.app.run_worker(job, group="flow", name="settings", exit_on_error=False)

    async def _compare(self) -> None:
        """Ask with what, and show what differs."""
        side = await ask_for_side(self.app, self.session, self.station_id)
        if side is not None:
            self._compare_with(side)

    async def _apply(self) -> None:
        """Write what the other side has and can be written, after showing what that is."""
        session, differences = self.session, list(self._differences.values())
        changes = changes_to(differences)
        if not changes:
            session.say("apply: nothing of what differs can be written", "warn")
            return
        lines = [f"{each.key} = {each.value}" for each in changes]
        left_out = [f"{each.key}: {why}" for each in differences if (why := why_not_written(each))]
        lines += ["", "Left out:", *left_out] if left_out else []
        title = f"Write {words.count(len(changes), 'setting')} to {self.station_id}?"
        typed = self.station_id if session.backend.production else None
        if await self.app.push_screen_wait(ConfirmDialog(title, lines, confirm="Write", type_to_confirm=typed)):
            await apply(session, self.station_id, changes, self._wrote)
        else:
            session.say("apply: left undone")

    def _wrote(self, change: SettingChange, outcome: Outcome) -> None:
        self._written[change.key] = "written" if outcome.ok else str(outcome.result)
        self._compared.touch([change.key])
