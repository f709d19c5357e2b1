"""Schedules for many: the templates, what is on its way to many stations, and what came of it at each."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Static

from console.errors import ConsoleError
from console.model import command as c
from console.model.schedule.checks import Surroundings
from console.model.schedule.draft import to_profile
from console.model.schedule.many import Fitted, fit_all, stations_meant
from console.model.schedule.outlook import surroundings
from console.model.schedule.profile import Purpose
from console.model.schedule.rollout import JobState, Rollout
from console.model.spec import Place, Spec, Target
from console.screens.frame import keys, paint, words
from console.screens.frame.frame import SiteScreen
from console.screens.frame.plain_table import PlainTable
from console.screens.frame.session import News, Session
from profiles.charging_templates import Template, templates
from widgets.columns import Column
from widgets.dialog import ConfirmDialog, PromptDialog
from widgets.form import Field
from widgets.live_table import LiveTable
from widgets.row_line import Cell, CellStyle

_TEMPLATES = (Column("name", "TEMPLATE", 16), Column("own", "", 4), Column("about", "WHAT IT DOES", 30, flex=True))
_ROLLOUTS = (
    Column("at", "SINCE", 11),
    Column("title", "SENT TO MANY", 12),
    Column("state", "HOW FAR IT IS", 30, flex=True),
)
_JOBS = (Column("station", "STATION", 16), Column("state", "STATE", 22), Column("text", "", 24, flex=True))
_STYLES: dict[JobState, CellStyle] = {
    JobState.DONE: "ok",
    JobState.REFUSED: "bad",
    JobState.WAITING: "warn",
    JobState.SENDING: "busy",
    JobState.GIVEN_UP: "muted",
}
_MOST_TEMPLATES, _MOST_ROLLOUTS, _MOST_WARNINGS = 7, 4, 8


class SchedulesScreen(SiteScreen):
    """Three tables below one another; tab goes from one to the next."""

    PLACE = Place.SCHEDULES
    AUTO_FOCUS = "#templates"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.SCHEDULES)
    DEFAULT_CSS = """
    SchedulesScreen #rollouts { margin: 1 0 0 0; }
    SchedulesScreen #jobs { margin: 1 0 0 0; height: 1fr; }
    SchedulesScreen #wrong { height: auto; max-height: 3; color: $text-warning; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._found: dict[str, Template] = {}
        self._templates = PlainTable(_TEMPLATES, self._template_cells, id="templates")
        self._rollouts = PlainTable(_ROLLOUTS, self._rollout_cells, id="rollouts")
        self._jobs = PlainTable(_JOBS, self._job_cells, id="jobs")
        self._wrong = Static("", markup=False, id="wrong")
        self._templates.empty_text = "There are no templates."
        self._rollouts.empty_text = "Nothing was sent to many stations yet: s sends the selected template."
        self.commands = {
            "rollout.start": lambda _given: self._run(self._send()),
            "rollout.give_up": lambda _given: self._run(self._give_up()),
        }

    def body(self) -> ComposeResult:
        """Templates, rollouts, and the stations of the selected one."""
        yield self._templates
        yield self._wrong
        yield self._rollouts
        yield self._jobs

    def trail(self) -> Sequence[str]:
        """Where one is."""
        return ("schedules",)

    def on_mount(self) -> None:
        """Read the templates."""
        self.load(self._read, "templates")

    async def _read(self) -> None:
        found, wrong = await asyncio.to_thread(templates)
        self._found = {each.name: each for each in found}
        self._templates.set_rows(list(self._found))
        self._templates.styles.height = min(max(len(found), 1), _MOST_TEMPLATES) + 1
        self._wrong.update(paint.content([(f"! {error.message}", "warn") for error in wrong[:1]]))
        self._templates.touch(self._found)

    def site_changed(self, news: News) -> None:
        """Show how far everything is."""
        newest = list(self.session.site.rollouts)[::-1]
        self._rollouts.set_rows(newest)
        self._rollouts.touch(newest)
        self._rollouts.styles.height = min(len(newest), _MOST_ROLLOUTS) + 1 if newest else 4
        self._show_jobs()

    def _show_jobs(self) -> None:
        rollout = self.rollout
        rows = [job.station_id for job in rollout.jobs] if rollout else []
        self._jobs.set_rows(rows)
        self._jobs.touch(self._jobs.visible_keys)

    @on(LiveTable.RowHighlighted, "#rollouts")
    def _rollout_highlighted(self) -> None:
        self._show_jobs()
        self.update_frame()

    @property
    def rollout(self) -> Rollout | None:
        """The rollout under its table's cursor."""
        return self.session.site.rollouts.get(self._rollouts.cursor_key or "")

    @property
    def template(self) -> Template | None:
        """The template under its table's cursor."""
        return self._found.get(self._templates.cursor_key or "")

    def _template_cells(self, key: str) -> dict[str, Cell]:
        held = self._found.get(key)
        if held is None:
            return {}
        return {"name": (key, "strong"), "own": "" if held.shipped else "own", "about": held.about or held.title}

    def _rollout_cells(self, key: str) -> dict[str, Cell]:
        held = self.session.site.rollouts.get(key)
        if held is None:
            return {}
        at = words.moment(held.started_at, self.session.zone, self.session.now())[-11:]
        style: CellStyle = "busy" if held.open else "bad" if held.count(JobState.REFUSED) else "ok"
        return {"at": at, "title": held.title, "state": (held.summary(), style)}

    def _job_cells(self, key: str) -> dict[str, Cell]:
        held = self.rollout
        job = next((each for each in held.jobs if each.station_id == key), None) if held else None
        if job is None:
            return {}
        return {"station": key, "state": (str(job.state), _STYLES[job.state]), "text": (job.text, "muted")}

    # -- commands

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """What there is nothing to do with comes on top."""
        if spec.id == "rollout.start":
            held = self.template
            if held is None:
                return "no template is selected"
            if held.draft is None:
                return f"{held.name} is made of prices: P at a station, then h"
        if spec.id == "rollout.give_up" and (self.rollout is None or not self.rollout.open):
            return "nothing is on its way"
        return super().refusal(spec, target)

    def _run(self, job: Coroutine[Any, Any, None]) -> None:
        self.app.run_worker(job, name="rollout", group="flow", exit_on_error=False)

    async def _send(self) -> None:
        """Ask which stations, check each of them, and begin."""
        session, held = self.session, self.template
        if held is None or held.draft is None:
            return
        most = held.draft.purpose is Purpose.STATION_MAX
        fields = [
            Field("stations", "stations", "*", "Names or patterns, as in CP-0* GARAGE-1; * is all", required=True),
            Field("mend", "mend", "yes", "Convert the unit, merge periods, where one needs it", ("yes", "no"), True),
        ]
        if not most:
            fields.insert(1, Field("evse", "connector", "0", "0: all connectors of each", required=True))
        values = await self.app.push_screen_wait(PromptDialog(f"Send {held.name} to many stations", fields))
        if values is None:
            return
        try:
            evse_id = _number(values.get("evse", "0"))
            profile = to_profile(held.draft, evse_id, session.now(), session.zone)
        except ConsoleError as error:
            session.say(error.message, "warn", error.hint)
            return
        meant = stations_meant(session.site, values["stations"].split())
        if not meant:
            session.say(f"no accepted station is meant by {values['stations']!r}", "warn", "* stands for anything.")
            return
        shares = fit_all(profile, await self._known(meant), mend=values["mend"] == "yes")
        jobs = tuple(c.RolloutJob(each.station_id, each.profile) for each in shares if each.profile is not None)
        if not jobs or not await self._agreed(held.name, shares, len(jobs)):
            session.say(f"{held.name}: left undone")
            return
        await session.run(c.StartRollout(held.name, jobs), f"{held.name}: send to {words.count(len(jobs), 'station')}")

    async def _known(self, station_ids: Sequence[str]) -> dict[str, Surroundings]:
        session = self.session
        return {
            each: surroundings(session.site, each, await session.backend.settings(each), session.now())
            for each in station_ids
        }

    async def _agreed(self, name: str, shares: Sequence[Fitted], count: int) -> bool:
        """Show what was found at which station, and ask."""
        session = self.session
        said = [f"! {each.station_id}: {finding.text}" for each in shares for finding in each.findings]
        offline = sum(not session.site.stations[each.station_id].online for each in shares)
        lines = said[:_MOST_WARNINGS] + (
            [f"and {len(said) - _MOST_WARNINGS} more"] if len(said) > _MOST_WARNINGS else []
        )
        lines += (
            [f"{words.count(offline, 'station')} offline: sent when back, until you give it up."] if offline else []
        )
        typed = (session.site.name or session.backend.name) if session.backend.production else None
        dialog: Screen[bool] = ConfirmDialog(
            f"Send {name} to {words.count(count, 'station')}?", lines, confirm="Send it", type_to_confirm=typed
        )
        return await self.app.push_screen_wait(dialog) is True

    async def _give_up(self) -> None:
        held = self.rollout
        if held is None:
            return
        waiting = held.count(JobState.WAITING, JobState.SENDING)
        dialog = ConfirmDialog(
            f"Give up sending {held.title} to {words.count(waiting, 'station')}?",
            ["What was accepted stays."],
            confirm="Give it up",
        )
        if await self.app.push_screen_wait(dialog):
            await self.session.run(c.GiveUpRollout(held.rollout_id), f"{held.title}: give up")


def _number(text: str) -> int:
    if not text.strip().isdecimal():
        raise ConsoleError(f"{text!r} is no connector.", "Write 0 for all of them.")
    return int(text)
