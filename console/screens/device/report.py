"""One thing that a station reported, with all that it sent: searchable, to copy, kept up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from console.model.change import RecordKept
from console.model.record import StationRecord
from console.model.spec import Place, Spec, Target
from console.screens.device.record_rows import document, target_of
from console.screens.frame import keys, words
from console.screens.frame.frame import SiteScreen
from console.screens.frame.session import News, Session
from console.screens.messages.message import Document
from widgets.filter_bar import FilterBar


class ReportScreen(SiteScreen):
    """The detail of the reports screen, with its keys."""

    PLACE = Place.REPORTS
    AUTO_FOCUS = "Document"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.REPORTS)
    DEFAULT_CSS = "ReportScreen Document { padding: 0 1; }"

    def __init__(self, session: Session, _key: str) -> None:
        super().__init__(session)
        self._record: StationRecord | None = session.record
        self._filter = FilterBar()
        self._document = Document(self._text())
        self.commands = {
            "view.filter": lambda _given: self._filter.open(),
            "view.copy": lambda _given: self._copy(),
        }

    def _text(self) -> str:
        return document(self._record, self.session.now(), self.session.zone) if self._record else ""

    def body(self) -> ComposeResult:
        """What is searched for, and the document."""
        yield self._filter
        yield self._document

    def trail(self) -> Sequence[str]:
        """The station and what it is about."""
        return (self._record.station_id, self._record.kind.words) if self._record else ("reports",)

    def site_changed(self, news: News) -> None:
        """Show the newest of the same thing."""
        for change in news.changes:
            if isinstance(change, RecordKept) and self._record and change.record.id == self._record.id:
                self._record = change.record
                self._document.show_text(self._text())

    def target(self) -> Target:
        """The station."""
        return target_of(self._record)

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """Here there is nothing more to open."""
        return "this is all of it" if spec.id == "view.open" else super().refusal(spec, target)

    @on(FilterBar.Changed)
    def _search(self, event: FilterBar.Changed) -> None:
        found = self._document.find(event.text)
        self._filter.set_summary(f"{words.count(found, 'line')} found, enter goes to the next" if event.text else "")

    def go_back(self) -> None:
        """End the search first."""
        if self._filter.text:
            self._filter.clear()
        else:
            super().go_back()

    def _copy(self) -> None:
        self.app.copy_to_clipboard(self._document.text)
        self.session.say("copied to the terminal's clipboard")
