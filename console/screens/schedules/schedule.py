"""The charging schedules of a station or one connector: what is installed, an editor, and what comes of it.

The area is what is being written, the line what the station will do with all its profiles together, as it is computed
here; after asking, circles are what the station itself says, and points what was measured.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from console.errors import ConsoleError
from console.model.change import Measured, SchedulesChanged, SettingsRead, TransactionChanged
from console.model.schedule.capabilities import capabilities
from console.model.schedule.checks import Finding, check
from console.model.schedule.composite import Reading
from console.model.schedule.draft import Draft, Step, to_draft, to_profile
from console.model.schedule.installed import Installed
from console.model.schedule.outlook import Window, completed, electrics, surroundings
from console.model.schedule.profile import ChargingProfile, Purpose
from console.model.schedule.readings import short
from console.model.schedule.reported import Difference, ReportedComposite
from console.model.spec import Place, Spec, Target
from console.model.station import Setting
from console.screens.frame import keys, paint
from console.screens.frame.frame import Line, SiteScreen
from console.screens.frame.plain_table import PlainTable
from console.screens.frame.session import News, Session
from console.screens.schedules import schedule_rows as view
from console.screens.schedules.schedule_flow import ScheduleFlow
from console.screens.schedules.schedule_layers import Layers
from console.screens.schedules.schedule_plan import draft_of, plan_of, window_of
from widgets.live_table import LiveTable
from widgets.row_line import Cell
from widgets.schedule_editor import ScheduleEditor
from widgets.schedule_limits import Supply

#: What an editor begins with where nothing is installed.
FIRST_DRAFT = Draft((Step(0, 16.0),))
_MOST_ROWS = 4


class ScheduleScreen(SiteScreen):
    """Installed profiles above, the editor below. The screen's key is ``station_id`` and EVSE, by a line break."""

    PLACE = Place.SCHEDULE
    AUTO_FOCUS = "ScheduleEditor"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.SCHEDULE)
    DEFAULT_CSS = """
    ScheduleScreen #profiles { height: auto; }
    ScheduleScreen ScheduleEditor { margin: 0 1; }
    """

    def __init__(self, session: Session, key: str) -> None:
        super().__init__(session)
        self.station_id, _, evse = key.partition("\n")
        self.evse_id = int(evse or 0)
        self.draft = FIRST_DRAFT
        self._settings: dict[str, Setting] = {}
        supply = Supply(voltage_v=electrics(session.site, self.station_id).voltage_v)
        zone = session.now().astimezone(session.zone).tzname() or ""
        self.editor = ScheduleEditor(plan_of(self.draft), supply=supply, zone=zone)
        self._layers = Layers(self.station_id, self.evse_id, self.editor)
        self.profiles = PlainTable(view.COLUMNS, self._cells, id="profiles")
        self._about, self._told = Line(id="about"), Line(id="told")
        self._flow = ScheduleFlow(self)
        self.commands = {
            "schedule.set": lambda _given: self._run(self._flow.send()),
            "schedule.clear": lambda _given: self._run(self._flow.clear()),
            "schedule.composite": lambda _given: self._run(self._flow.ask_station()),
            "schedule.read": lambda _given: self._run(self._flow.read()),
            "schedule.form": lambda _given: self._run(self._flow.form()),
            "schedule.template": lambda _given: self._run(self._flow.template()),
            "schedule.priority": lambda _given: self._run(self._flow.priority()),
            "schedule.cheapest": lambda _given: self._run(self._flow.cheapest()),
            "schedule.reading": lambda _given: self._flow.next_reading(),
            "schedule.save": lambda _given: self._run(self._flow.save()),
            "view.open": lambda _given: self._edit(self.selected_profile),
        }

    def body(self) -> ComposeResult:
        """Profiles, what is being edited, the editor."""
        yield self.profiles
        yield self._about
        yield self._told
        yield self.editor

    def trail(self) -> Sequence[str]:
        """Station, and what of it."""
        where = f"connector {self.evse_id}" if self.evse_id else "whole station"
        return (self.station_id, "schedules", where)

    def target(self) -> Target:
        """The station and the EVSE."""
        return Target(station_id=self.station_id, evse_id=self.evse_id or None)

    def _run(self, job: Coroutine[Any, Any, None]) -> None:
        # A worker of the app: its dialogs are answered, and what came of it is said, even if this screen is gone.
        self.app.run_worker(job, name="schedule", group="flow", exit_on_error=False)

    # -- what is known

    @property
    def installed(self) -> list[Installed]:
        """The profiles that count here: the connector's own, and the station's."""
        held = self.session.site.schedules_of(self.station_id).installed
        return [each for each in held if not self.evse_id or each.profile.evse_id in (0, self.evse_id)]

    @property
    def selected_profile(self) -> ChargingProfile | None:
        """The profile under the table's cursor."""
        return next(
            (each.profile for each in self.installed if str(each.profile.profile_id) == self.profiles.cursor_key), None
        )

    @property
    def settings(self) -> list[Setting]:
        """The station's settings as last read."""
        return list(self._settings.values())

    def selected(self) -> bool:
        """Whether the cursor is on a profile."""
        return self.selected_profile is not None

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """What there is nothing to do with comes on top."""
        if spec.id == "schedule.cheapest" and self.session.site.prices is None:
            return "no prices are known (the profile's [prices], or: ocpp-console schedule prices FILE)"
        if spec.id == "schedule.clear" and not self.selected():
            return "no profile is known here"
        return super().refusal(spec, target)

    def place_of(self, draft: Draft) -> int:
        """The EVSE that a draft is for: a maximum of the station is never for one of them."""
        return 0 if draft.purpose is Purpose.STATION_MAX else self.evse_id

    def profile(self) -> ChargingProfile:
        """What is in the editor, as it would be sent. Raises ConsoleError for what cannot be said."""
        session = self.session
        made = to_profile(self.draft, self.place_of(self.draft), session.now(), session.zone)
        return completed(session.site, self.station_id, made, capabilities(self.settings).above)

    def findings(self, profile: ChargingProfile) -> tuple[Finding, ...]:
        """What there is to say about a profile for this station."""
        session = self.session
        return check(profile, surroundings(session.site, self.station_id, self.settings, session.now(), self.reading))

    def window(self) -> Window:
        """What the chart shows; of a schedule for all connectors, the first one."""
        evse_id = self.evse_id or (0 if self.draft.purpose is Purpose.STATION_MAX else 1)
        return window_of(self.draft, evse_id, self.session.now(), self.session.zone)

    # -- showing

    def on_mount(self) -> None:
        """Edit what is installed here already, and ask for what is not in the site."""
        own = next((each.profile for each in self.installed if each.profile.evse_id == self.evse_id), None)
        self._edit(own)
        self.load(self._fetch, "schedule")

    async def _fetch(self) -> None:
        backend = self.session.backend
        self._settings = {each.key: each for each in await backend.settings(self.station_id)}
        if self.evse_id:
            since = self.window().start
            self._layers.measure(await backend.recent_meter_values(self.station_id, self.evse_id, since))
        self.show_all()

    def site_changed(self, news: News) -> None:
        """Show what is new of this station."""
        for change in news.changes:
            match change:
                case SettingsRead(station_id, ()) if station_id == self.station_id:
                    self.load(self._fetch, "schedule")
                case SettingsRead(station_id, settings) if station_id == self.station_id:
                    self._settings.update({each.key: each for each in settings})
                case Measured():
                    self._layers.measured(change)
                case SchedulesChanged() | TransactionChanged():
                    self._layers.forget_reported()
                case _:
                    pass
        self.show_all()

    @property
    def reading(self) -> Reading:
        """How the ambiguous parts of schedules are read here."""
        return self._layers.reading

    def read_as(self, reading: Reading) -> None:
        """Read the ambiguous parts otherwise, and show what comes of it."""
        self._layers.reading = reading
        self._layers.forget_reported()
        self.show_all()

    def show_all(self) -> None:
        """Show the profiles, what is edited, and the layers of the chart."""
        if not self.is_mounted:
            return
        held = self.installed
        self.profiles.set_rows([str(each.profile.profile_id) for each in held])
        self.profiles.touch(self.profiles.rows)
        self.profiles.empty_text = "No charging profiles are known here."
        self.profiles.styles.height = min(max(len(held), 1), _MOST_ROWS) + 1
        self._show_layers()
        self.update_frame()

    def _cells(self, key: str) -> dict[str, Cell]:
        held = next((each for each in self.installed if str(each.profile.profile_id) == key), None)
        return view.cells(held, self.session.zone) if held else {}

    def _show_layers(self) -> None:
        window, zone, site = self.window(), self.session.zone, self.session.site
        problem, found = "", tuple[Finding, ...]()
        more: ChargingProfile | None = None
        try:
            more = self.profile()
            found = self.findings(more)
        except ConsoleError as error:
            problem = error.message
        self._layers.draw(site, window, more)
        told = view.about(self.draft, self.place_of(self.draft), zone, short(self.reading))
        self._about.show([paint.cut_parts(told, self.size.width)])
        lines = [view.findings_line(found, problem)]
        above, reported = self._layers.disobeyed(site, window), self._layers.reported
        if above is not None:
            lines.append(view.disobeyed_line(above, window, zone))
        elif reported is not None:
            lines.append(view.reported_line(self._layers.differences, reported[1], zone))
        self._told.show([paint.cut_parts(line, self.size.width) for line in lines])

    def show_reported(self, told: ReportedComposite, window: Window, found: tuple[Difference, ...]) -> None:
        """Draw what the station said over what was computed."""
        self._layers.report(told, window, found, self.window(), self.draft)
        self.show_all()

    # -- editing

    def put(self, draft: Draft) -> None:
        """Edit another draft; undo brings back the steps of the one before, unless it has another span."""
        fresh = plan_of(draft)
        self.draft = draft
        self._layers.forget_reported()
        self.editor.set_reported(())
        if fresh.span != self.editor.plan.span or (fresh.length_minutes != self.editor.plan.length_minutes):
            self.editor.load(fresh)
        else:
            self.editor.plan = fresh
        self.show_all()

    def _edit(self, profile: ChargingProfile | None) -> None:
        if profile is not None:
            self.draft = to_draft(profile, self.session.zone)
            self.editor.load(plan_of(self.draft))
            self.put(self.draft)
        self.set_focus(self.editor)

    @on(ScheduleEditor.Changed)
    def _plan_changed(self, event: ScheduleEditor.Changed) -> None:
        self.draft = draft_of(event.plan, self.draft)
        self._show_layers()

    @on(LiveTable.RowSelected)
    def _row_selected(self) -> None:
        self._edit(self.selected_profile)
