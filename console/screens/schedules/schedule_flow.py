"""What the keys of a schedule screen lead to: dialogs, checks, a command, and the proof of what came of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from console.errors import ConsoleError
from console.model import command as c
from console.model.schedule.checks import Cure, Finding, Level
from console.model.schedule.composite import CompositePeriod, Reading
from console.model.schedule.draft import moves_with_daylight_saving, to_draft
from console.model.schedule.fit import in_unit, merged
from console.model.schedule.outlook import electrics, expected, surroundings
from console.model.schedule.prices import cheapest
from console.model.schedule.profile import ChargingProfile, Kind
from console.model.schedule.readings import after, followed, sentences, short
from console.model.schedule.reported import ReportedComposite, differences
from console.screens.frame import words
from console.screens.schedules import schedule_rows as view
from console.screens.schedules.schedule_form import changed, cheapest_fields, fields, wish
from profiles.charging_templates import load_template, save_template, template_names, templates, titles
from widgets.dialog import ConfirmDialog, PromptDialog
from widgets.form import Field

if TYPE_CHECKING:
    from console.screens.schedules.schedule import ScheduleScreen


class ScheduleFlow:
    """Carries out the commands of one schedule screen, from a worker: it waits for dialogs."""

    def __init__(self, screen: ScheduleScreen) -> None:
        self._screen = screen

    # -- sending

    async def send(self) -> None:
        """Check, show what was found, send, and ask the station what it will do."""
        screen, session = self._screen, self._screen.session
        try:
            profile = screen.profile()
        except ConsoleError as error:
            session.say(f"send: {error.message}", "warn", error.hint)
            return
        found = screen.findings(profile)
        refused = next((each for each in found if each.level is Level.REFUSED), None)
        if refused is not None:
            session.say(f"send: {refused.text}", "bad", refused.hint)
            return
        agreed = await self._agree(profile, found)
        if agreed is None:
            session.say("send: left undone")
            return
        outcome = await session.run(self._command(agreed), f"{screen.station_id}: schedule")
        if outcome.ok:
            screen.draft = to_draft(agreed, session.zone)
            await self.ask_station(agreed)

    def _command(self, profile: ChargingProfile) -> c.Command:
        """What sends a profile: a dynamic one that is there already is updated in place (2.1)."""
        screen = self._screen
        held = screen.session.site.schedules_of(screen.station_id).find(profile.profile_id)
        if held is not None and held.kind is profile.kind is Kind.DYNAMIC:
            limit = profile.periods[0].limit
            if profile == msgspec.structs.replace(held, periods=profile.periods):
                return c.UpdateDynamicSchedule(screen.station_id, profile.profile_id, limit)
        return c.SetChargingProfile(screen.station_id, profile)

    async def _agree(self, profile: ChargingProfile, found: tuple[Finding, ...]) -> ChargingProfile | None:
        """Show the checks; return the profile to send, mended if that was wanted, or None."""
        screen, session = self._screen, self._screen.session
        cures = [each.cure for each in found if each.cure is not None]
        where = view.place(profile.evse_id)
        title = f"Send this schedule to {screen.station_id}, {where}?"
        lines = [view.limits(profile, session.zone), ""]
        lines += [f"! {each.text}. {each.hint}".strip() for each in found] or ["Nothing speaks against it."]
        if moves_with_daylight_saving(screen.draft, session.now(), session.zone):
            lines.append("It recurs in UTC: when the clocks change, it is an hour off until it is sent again.")
        lines += ["", "Read as follows:", *(f"- {reading}" for reading in sentences(screen.reading))]
        if not cures:
            typed = screen.station_id if session.backend.production else None
            dialog = ConfirmDialog(title, lines, confirm="Send it", type_to_confirm=typed)
            return profile if await screen.app.push_screen_wait(dialog) else None
        choices = ("mended", "as it is")
        help = f"mended: {' and '.join(cures)}; no limit is raised by that"
        field = Field("how", "send", choices[0], help, choices, required=True)
        values = await screen.app.push_screen_wait(PromptDialog(title, [field], lines=lines[: 2 + len(found)]))
        if values is None:
            return None
        return self._mended(profile, cures) if values["how"] == "mended" else profile

    def _mended(self, profile: ChargingProfile, cures: list[Cure]) -> ChargingProfile:
        screen = self._screen
        station = surroundings(screen.session.site, screen.station_id, screen.settings, screen.session.now())
        can = station.capabilities
        if Cure.CONVERT in cures and can.units:
            profile = in_unit(profile, next(iter(can.units)), station.voltage_v, station.phases)
        if Cure.MERGE in cures and can.max_periods:
            profile = merged(profile, can.max_periods)
        return profile

    async def ask_station(self, sent: ChargingProfile | None = None) -> None:
        """Ask for the composite schedule, and name where it differs from what was computed.

        ``sent`` was accepted just now: word of it may not have come to this console's site yet.
        """
        screen, session = self._screen, self._screen.session
        window = msgspec.structs.replace(screen.window(), start=session.now().replace(microsecond=0))
        command = c.GetCompositeSchedule(screen.station_id, window.evse_id, window.duration_s, window.unit)
        outcome = await session.run(command, f"{screen.station_id}: composite schedule")
        if not outcome.ok or outcome.answer is None:
            return
        told = msgspec.convert(outcome.answer, ReportedComposite)
        window = msgspec.structs.replace(
            window, start=told.start or window.start, duration_s=min(window.duration_s, told.duration_s), unit=told.unit
        )

        def computed(reading: Reading) -> tuple[CompositePeriod, ...]:
            return expected(session.site, screen.station_id, window, sent, reading)

        reading, told_s = screen.reading, window.duration_s
        theirs = await asyncio.to_thread(followed, computed, told, told_s, reading) or reading
        if theirs != reading:
            screen.read_as(theirs)
        found = differences(computed(theirs), told.periods, told_s)
        screen.show_reported(told, window, found)
        text, *more = view.difference_lines(found, window, session.zone)
        if theirs != reading:
            text = f"{text}, read with {short(theirs) or 'the usual rules'}: so it is shown from now on"
        wrong = any(each.disagrees for each in found)
        session.say(text, "warn" if wrong else "ok", "; ".join(more[:3]))

    # -- the rest

    def next_reading(self) -> None:
        """Read the ambiguous parts of schedules in the next way."""
        screen = self._screen
        screen.read_as(after(screen.reading))
        order, conversion, *_ = sentences(screen.reading)
        screen.session.say(f"read so: {order}; {conversion}")

    async def read(self) -> None:
        """Ask which profiles there are; and the settings that say what the station can."""
        screen, session = self._screen, self._screen.session
        await session.run(c.GetChargingProfiles(screen.station_id), f"{screen.station_id}: charging profiles")

    async def clear(self) -> None:
        """Clear the profile under the cursor."""
        screen, session = self._screen, self._screen.session
        profile = screen.selected_profile
        if profile is None:
            return
        what = f"profile {profile.profile_id} ({view.PURPOSE_WORDS[profile.purpose]}, {view.place(profile.evse_id)})"
        typed = screen.station_id if session.backend.production else None
        dialog = ConfirmDialog(
            f"Clear {what} from {screen.station_id}?",
            [view.limits(profile, session.zone), "It is in the editor if you press enter on it first."],
            confirm="Clear it",
            type_to_confirm=typed,
        )
        if await screen.app.push_screen_wait(dialog):
            command = c.ClearChargingProfile(screen.station_id, profile_id=profile.profile_id)
            await session.run(command, f"{screen.station_id}: clear {what}")

    async def form(self) -> None:
        """Change what the schedule is: when it counts, for what, how long it is valid."""
        screen, session = self._screen, self._screen.session
        dialog = PromptDialog("What this schedule is", fields(screen.draft, screen.evse_id, session.zone))
        values = await screen.app.push_screen_wait(dialog)
        if values is None:
            return
        try:
            screen.put(changed(screen.draft, values, session.now(), session.zone))
        except ConsoleError as error:
            session.say(error.message, "warn", error.hint)

    async def template(self) -> None:
        """Begin with a template."""
        screen, session = self._screen, self._screen.session
        found, wrong = await asyncio.to_thread(templates)
        usable = [each for each in found if each.draft is not None]
        choices = [each.name for each in usable]
        field = Field(
            "name", "template", choices[0] if choices else "", "left and right choose", choices, required=True
        )
        lines = titles(usable) + [f"! {error.message}" for error in wrong]
        values = await screen.app.push_screen_wait(PromptDialog("Begin with a template", [field], lines=lines))
        if values is None:
            return
        draft = load_template(values["name"]).draft
        if draft is not None:
            screen.put(draft)
            session.say(f"template {values['name']}: change it as you like, s sends it")

    async def priority(self) -> None:
        """Let the running transaction charge with priority, or no longer (2.1)."""
        screen, session = self._screen, self._screen.session
        running = session.site.running(screen.station_id, screen.evse_id or None)
        if running:
            transaction_id = running[-1].transaction_id
            on = transaction_id not in session.site.schedules_of(screen.station_id).priority
            command = c.UsePriorityCharging(screen.station_id, transaction_id, on)
            await session.run(command, f"{screen.station_id}: priority {'on' if on else 'off'}")

    async def cheapest(self) -> None:
        """Make a schedule of the cheapest hours, to be edited like any other."""
        screen, session = self._screen, self._screen.session
        prices = session.site.prices
        if prices is None:
            return
        values = await screen.app.push_screen_wait(PromptDialog("The cheapest hours", cheapest_fields()))
        if values is None:
            return
        try:
            voltage_v = electrics(session.site, screen.station_id).voltage_v
            asked = wish(values, screen.draft.unit, voltage_v, session.now(), session.zone)
            draft = cheapest(prices, asked, session.now())
        except ConsoleError as error:
            session.say(f"cheap hours: {error.message}", "warn", error.hint)
            return
        screen.put(msgspec.structs.replace(draft, stack_level=screen.draft.stack_level))
        session.say(f"the cheapest hours until {words.moment(asked.before, session.zone)}: change it, s sends it")

    async def save(self) -> None:
        """Keep what is in the editor as a template of one's own."""
        screen, session = self._screen, self._screen.session
        named = Field("name", "name", help="Small letters, digits and dashes", required=True)
        title = Field("title", "title", help="What it does, in a few words", required=True)
        values = await screen.app.push_screen_wait(PromptDialog("Save as a template", [named, title]))
        if values is None:
            return
        name = values["name"].strip().casefold()
        if name in template_names() and not await screen.app.push_screen_wait(
            ConfirmDialog(f"There is a template {name} already.", ["Yours takes its place."], confirm="Replace it")
        ):
            return
        try:
            path = await asyncio.to_thread(save_template, name, values["title"], screen.draft)
            session.say(f"saved as {path}")
        except ConsoleError as error:
            session.say(error.message, "bad", error.hint)
