"""One station's logs: how the fetching goes, and the files that came, to read and to save."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from console.backends.base import Files, RecordQuery
from console.errors import ConsoleError
from console.model.change import RecordGone, RecordKept
from console.model.log_content import log_text
from console.model.record import RecordKind, StationRecord
from console.model.spec import Place, Spec, Target
from console.model.station_file import StationFile
from console.screens.asking.flow import Flow
from console.screens.device.record_rows import mark, style
from console.screens.frame import keys, paint, saving, words
from console.screens.frame.document import DocumentScreen
from console.screens.frame.frame import Go, Line, SiteScreen
from console.screens.frame.session import News, Session
from widgets.columns import Column
from widgets.live_table import LiveTable
from widgets.row_line import Cell, Part

COLUMNS = (
    Column("at", "RECEIVED", 11),
    Column("kind", "LOG", 11),
    Column("size", "SIZE", 9, "right"),
    Column("name", "CALLED BY THE STATION", 30, flex=True),
)
#: More of a file is not looked at on a screen: it can be saved.
_MOST_READ_BYTES = 64 << 20
#: So many jobs are told above the list.
_MOST_JOBS = 3


class LogsScreen(SiteScreen):
    """Jobs above, files below. A log that was asked for here opens when it arrives."""

    PLACE = Place.LOGS
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.LOGS)
    DEFAULT_CSS = "LogsScreen #jobs { margin: 0 0 1 0; }"

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session)
        self.station_id = station_id
        self.table = self._table = LiveTable(COLUMNS, self._cells, empty_text="Looking…")
        self._jobs_line = Line(id="jobs")
        self._files: dict[str, StationFile] = {}
        self._jobs: dict[str, StationRecord] = {}
        self._opens_next = False
        self.commands = {
            "view.open": lambda _given: self._open(self._table.cursor_key),
            "view.save": lambda _given: saving.start(self.app, self._save),
        }

    def body(self) -> ComposeResult:
        """The jobs, and the table."""
        yield self._jobs_line
        yield self._table

    def trail(self) -> Sequence[str]:
        """Below the station."""
        return (self.station_id, "logs")

    # -- what is held

    def site_changed(self, news: News) -> None:
        """Put in what is new; a file that came is listed, and opened if it was asked for here."""
        if news.whole:
            self.load(self._fetch, "logs")
            return
        for change in news.changes:
            if isinstance(change, RecordKept) and self._is_mine(change.record):
                before = self._jobs.get(change.record.id)
                self._jobs[change.record.id] = change.record
                if _file_id(change.record) and _file_id(change.record) != _file_id(before):
                    self._arrived(_file_id(change.record))
            elif isinstance(change, RecordGone):
                self._jobs.pop(change.key[1], None)
        self._show_jobs()

    def _is_mine(self, record: StationRecord) -> bool:
        return record.station_id == self.station_id and record.kind is RecordKind.LOG

    def _arrived(self, file_id: str) -> None:
        opens, self._opens_next = self._opens_next and self.is_current, False

        async def fetch() -> None:
            await self._fetch()
            if opens:
                self._open(file_id)

        self.load(fetch, "logs")

    async def _fetch(self) -> None:
        found = await box_of(self.session).files(self.station_id)
        jobs = await self.session.backend.records(RecordQuery(station_id=self.station_id, kind=RecordKind.LOG))
        self._files = {each.file_id: each for each in found}
        self._jobs = {each.id: each for each in jobs}
        self._table.empty_text = "No log of this station is here.\nf fetches one."
        self._table.set_rows(tuple(self._files))
        self._table.touch(self._table.visible_keys)
        self._show_jobs()
        self.update_frame()

    def _show_jobs(self) -> None:
        """What is under way, or the newest that has ended."""
        newest = sorted(self._jobs.values(), key=lambda each: (not each.standing, -each.at.timestamp()))
        lines = [self._job_line(each) for each in newest[:_MOST_JOBS] if each.standing or each is newest[0]]
        self._jobs_line.show([paint.cut_parts(line, self.size.width) for line in lines])

    def _job_line(self, record: StationRecord) -> list[Part]:
        at = words.day_and_time(record.at, self.session.zone, self.session.now())
        return [(f" {at} ", "muted"), (f"{mark(record) or ' '} {_in_words(record)}", style(record) or "busy")]

    def _cells(self, key: str) -> dict[str, Cell]:
        file = self._files.get(key)
        if file is None:
            return {}
        return {
            "at": (words.day_and_time(file.received_at, self.session.zone, self.session.now()), "muted"),
            "kind": (str(file.kind), "strong"),
            "size": size(file.size_bytes),
            "name": file.name or words.NOTHING,
        }

    @property
    def _selected(self) -> StationFile | None:
        return self._files.get(self._table.cursor_key or "")

    # -- commands

    def target(self) -> Target:
        """The station, and the file that the cursor is on."""
        return Target(station_id=self.station_id, file_id=self._selected.file_id if self._selected else "")

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """Only a file can be saved."""
        if spec.id == "view.save" and self._selected is None:
            return "nothing is selected"
        return super().refusal(spec, target)

    def start(self, spec: Spec, target: Target, given: Sequence[str] = ()) -> None:
        """What is asked for here opens here."""
        self._opens_next = self._opens_next or spec.id == "log.fetch"
        if spec.id == "log.remove":
            self.app.run_worker(self._remove(spec, target), group="flow", exit_on_error=False, name=spec.id)
            return
        super().start(spec, target, given)

    async def _remove(self, spec: Spec, target: Target) -> None:
        await Flow(self.app, self.session).run(spec, target)
        self.load(self._fetch, "logs")

    def _open(self, key: str | None) -> None:
        if key and key in self._files:
            self.session.file = self._files[key]
            self.post_message(Go(Place.LOG, key))

    async def _save(self) -> None:
        await save(self, self._selected)

    @on(LiveTable.RowSelected)
    def _row_selected(self, event: LiveTable.RowSelected) -> None:
        self._open(event.row_key)

    @on(LiveTable.RowHighlighted)
    def _row_highlighted(self) -> None:
        self.update_frame()


class LogScreen(DocumentScreen):
    """One file to read: unpacked as far as it is text, searchable, to save as it is."""

    PLACE = Place.LOG
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.LOG)

    def __init__(self, session: Session, _key: str) -> None:
        super().__init__(session, "Reading…")
        self._file = session.file
        self._read = False
        self.commands = {**self.commands, "view.save": lambda _given: saving.start(self.app, self._save)}

    def trail(self) -> Sequence[str]:
        """The station and its file."""
        if self._file is None:
            return ("logs",)
        return (self._file.station_id, words.join(str(self._file.kind), size(self._file.size_bytes), by=" "))

    def site_changed(self, _news: News) -> None:
        """What has been received never changes: it is read once."""
        if not self._read:
            self._read = True
            self.load(self._show, "log")

    async def _show(self) -> None:
        if self._file is None:
            return
        content = bytearray()
        async for piece in box_of(self.session).file_content(self._file.file_id):
            content += piece
            if len(content) > _MOST_READ_BYTES:
                break
        self._document.show_text(await asyncio.to_thread(log_text, bytes(content), self._file.name))

    def target(self) -> Target:
        """The station."""
        return Target(station_id=self._file.station_id) if self._file else Target()

    async def _save(self) -> None:
        await save(self, self._file)


def box_of(session: Session) -> Files:
    """Where the files are. Raises ConsoleError where there are none."""
    if not isinstance(session.backend, Files):
        raise ConsoleError("there are no files of stations here", "They are in a service's drop box.")
    return session.backend


async def save(screen: SiteScreen, file: StationFile | None) -> None:
    """Ask where to, and write the file there as it came."""
    if file is None:
        return
    safe = "".join(each if each.isalnum() else "_" for each in file.station_id)
    ending = "".join(each for each in file.name.rpartition(".")[2][:8] if each.isalnum()) if "." in file.name else "log"
    path = await saving.ask_path(
        screen.app, f"Save the {file.kind} log", f"{safe}-{file.kind}.{ending or 'log'}", "As it came, not unpacked"
    )
    if path is None:
        return
    try:
        with await asyncio.to_thread(path.open, "xb") as writing:
            async for piece in box_of(screen.session).file_content(file.file_id):
                await asyncio.to_thread(writing.write, piece)
    except OSError as error:
        screen.session.say(f"cannot write {path}: {error.strerror or error}", "bad", "Choose another folder.")
    else:
        screen.session.say(f"wrote {size(file.size_bytes)} to {path}")


def _in_words(record: StationRecord) -> str:
    means = record.details.get("means")
    return f"{record.summary}: {means}" if isinstance(means, str) else record.summary


def _file_id(record: StationRecord | None) -> str:
    file = record.details.get("file") if record else None
    return str(file.get("id", "")) if isinstance(file, dict) else ""


def size(number: int) -> str:
    """A size as a person reads it."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} B"
