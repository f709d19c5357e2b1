"""The console's session over a backend: the newest site, what was said last, what is being asked. No Textual here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from time import monotonic
from typing import Literal

from console.actions.draft import Draft
from console.actions.saved import SavedRequests
from console.backends.base import Backend, Link, Playback, Update
from console.errors import ConsoleError
from console.model.change import Change, Noticed, NoticeKind
from console.model.command import Command
from console.model.message import Message
from console.model.outcome import Outcome, Result
from console.model.record import StationRecord
from console.model.site import Site
from console.model.spec import Danger, Spec, Target
from console.model.station import Setting
from console.model.station_file import StationFile
from console.model.transaction import Transaction
from console.screens.frame import words
from console.screens.frame.overview import Overview

Kind = Literal["ok", "warn", "bad", "busy"]

_NOTICE_KINDS: dict[NoticeKind, Kind] = {NoticeKind.WARNING: "warn", NoticeKind.BAD: "bad"}
RESULT_KINDS: dict[Result, Kind] = {Result.ACCEPTED: "ok", Result.REJECTED: "warn", Result.NOT_POSSIBLE: "warn"}

#: How long the answer to an operator's own command stands before news of the site may take its line.
_ANSWER_STANDS_S = 6.0
_RETRY_S = 2.0

#: The kinds of command that a catalogue entry sends where that is not its own id.
_SENDS = {
    "card.once": "card.settle",
    "card.always": "card.settle",
    "card.refuse": "card.settle",
    "token.add": "token.put",
    "token.edit": "token.put",
    "token.block": "token.put",
    "token.expire": "token.put",
    "token.import": "token.put",
    "settings.apply": "settings.change",
    "local_list.full": "local_list.send",
    "tariff.clear_all": "tariff.clear",
}
_LOCAL = ("view.", "form.", "go.", "app.", "playback.")


@dataclass(frozen=True, slots=True)
class Said:
    """What the status line says; ``hint`` is what to do about it."""

    at: datetime
    text: str
    kind: Kind = "ok"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What a screen is told: whether the site is another one as a whole, and else what changed."""

    whole: bool
    changes: tuple[Change, ...] = ()


@dataclass(slots=True)
class _Asked:
    """A command under way."""

    text: str
    since_s: float = field(default_factory=monotonic)


def utc_now() -> datetime:
    """The time, as the screens see it."""
    return datetime.now(UTC)


class Session:
    """Follows a backend for the screens. Everything here belongs to one event loop.

    ``wake`` is called whenever there is something to show: new updates to ``take``, or another ``said``.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        now: Callable[[], datetime] = utc_now,
        zone: tzinfo | None = None,
        colour: str = "",
        requests: SavedRequests | None = None,
    ) -> None:
        self.backend = backend
        self.now = now
        self.zone = zone
        self.colour = colour
        self.site = Site()
        self.link = Link(connected=False, text="connecting")
        self.overview = Overview()
        self.settings: dict[str, dict[str, Setting]] = {}
        self.past: dict[str, Transaction] = {}
        self.exchange: list[Message] = []
        self.requests = requests or SavedRequests()
        self.drafts: dict[str, Draft] = {}
        self.called_from: Target = Target()
        self.record: StationRecord | None = None
        self.file: StationFile | None = None
        self.said = Said(now(), "connecting", "busy")
        self.wake: Callable[[], None] = lambda: None
        self._whole = False
        self._waiting: list[Change] = []
        self._asked: list[_Asked] = []
        self._answered_s = float("-inf")

    # -- following the site

    async def follow(self) -> None:
        """Take in what the backend tells, for ever; a break is shown and tried again."""
        while True:
            try:
                async for update in self.backend.watch():
                    self._receive(update)
            except ConsoleError as error:
                self._receive(Link(connected=False, text=str(error), stale_since=self.link.stale_since or self.now()))
            await asyncio.sleep(_RETRY_S)

    def _receive(self, update: Update) -> None:
        if isinstance(update, Link):
            self.link = update
        elif isinstance(update, Site):
            self.site, self._whole = update, True
            self._waiting.clear()
            if not self.link.connected:
                self.link = Link(connected=True)
            if self.said.text == "connecting":
                self.said = Said(self.now(), f"connected to {self.backend.name}")
        else:
            self._waiting.extend(update)
        self.wake()

    def take(self) -> News:
        """Put what came since the last time into the site, and say what it was."""
        changes, whole = tuple(self._waiting), self._whole
        self._waiting, self._whole = [], False
        self.site = self.site.apply(changes)
        if whole:
            self.overview.reset(self.site)
        else:
            self.overview.absorb(changes, self.site)
        self._hear_notices(changes)
        return News(whole, changes)

    def _hear_notices(self, changes: tuple[Change, ...]) -> None:
        notices = [change.notice for change in changes if isinstance(change, Noticed)]
        if notices and not self._asked and monotonic() - self._answered_s > _ANSWER_STANDS_S:
            newest = notices[-1]
            self.said = Said(newest.at, newest.text, _NOTICE_KINDS.get(newest.kind, "ok"))

    def transaction(self, key: str) -> Transaction | None:
        """A transaction of the site, or one that was looked up before."""
        return self.site.transactions.get(key) or self.past.get(key)

    # -- saying and asking

    def say(self, text: str, kind: Kind = "ok", hint: str = "") -> None:
        """Let the status line say this."""
        self._answered_s = monotonic()
        self.said = Said(self.now(), text, kind, hint)
        self.wake()

    def say_failure(self, job: str, error: BaseException | None) -> None:
        """Let the status line say that a job failed: expected errors with their cure, others by their kind."""
        if isinstance(error, ConsoleError):
            self.say(f"{job}: {error.message}", "bad", error.hint)
        else:
            self.say(f"{job} failed: {type(error).__name__}: {error}", "bad", "This is a mistake in the program.")

    @property
    def asking(self) -> bool:
        """Whether a command is under way."""
        return bool(self._asked)

    def tick(self) -> None:
        """Let the seconds of what is being asked run on."""
        if self._asked:
            newest = self._asked[-1]
            others = f" (and {len(self._asked) - 1} more)" if len(self._asked) > 1 else ""
            waited = words.duration(monotonic() - newest.since_s)
            self.said = Said(self.now(), f"asking: {newest.text}, {waited}{others}", "busy")

    async def run(self, command: Command, text: str) -> Outcome:
        """Carry out a command; the status line says that it is asked, and how it ended."""
        asked = _Asked(text)
        self._asked.append(asked)
        self.said = Said(self.now(), f"asking: {text}", "busy")
        self.wake()
        try:
            outcome = await self.backend.run(command)
        except ConsoleError as error:
            outcome = Outcome(Result.ERROR, error.message, error.hint, monotonic() - asked.since_s)
        finally:
            self._asked.remove(asked)
        after = f" after {words.elapsed(outcome.elapsed_s)}" if outcome.elapsed_s >= 0.05 else ""
        # The service often names what it is about itself: then that is not said twice.
        told = outcome.text if text.partition(":")[0] in outcome.text else f"{text}: {outcome.text}"
        self.say(f"{told}{after}", RESULT_KINDS.get(outcome.result, "bad"), outcome.hint)
        return outcome

    # -- what is possible

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """Why a command is not possible now, or None if it is."""
        if spec.id.startswith("playback.") and not isinstance(self.backend, Playback):
            return "this is not a recording"
        if spec.id == "app.detach" and isinstance(self.backend, Playback):
            return "there is no service behind a recording; q leaves it"
        if not spec.id.startswith(_LOCAL):
            unable = self.backend.why_not(_SENDS.get(spec.id, spec.id))
            if unable is not None:
                return unable
        if spec.danger > Danger.READ and self.backend.read_only:
            return "this console is read-only"
        return spec.why_not(self.site, target)
