"""One thing that a station reported, with all that it sent: searchable, to copy, kept up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from console.model.change import RecordKept
from console.model.record import StationRecord
from console.model.spec import Place, Spec, Target
from console.screens.device.record_rows import document, target_of
from console.screens.frame import keys
from console.screens.frame.document import DocumentScreen
from console.screens.frame.session import News, Session


class ReportScreen(DocumentScreen):
    """The detail of the reports screen, with its keys."""

    PLACE = Place.REPORTS
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.REPORTS)

    def __init__(self, session: Session, _key: str) -> None:
        self._record: StationRecord | None = session.record
        super().__init__(session, _text(self._record, session))
        self.commands = {**self.commands, "view.copy": lambda _given: self.copy()}

    def trail(self) -> Sequence[str]:
        """The station and what it is about."""
        return (self._record.station_id, self._record.kind.words) if self._record else ("reports",)

    def site_changed(self, news: News) -> None:
        """Show the newest of the same thing."""
        for change in news.changes:
            if isinstance(change, RecordKept) and self._record and change.record.id == self._record.id:
                self._record = change.record
                self._document.show_text(_text(self._record, self.session))

    def target(self) -> Target:
        """The station."""
        return target_of(self._record)

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """Here there is nothing more to open."""
        return "this is all of it" if spec.id == "view.open" else super().refusal(spec, target)


def _text(record: StationRecord | None, session: Session) -> str:
    return document(record, session.now(), session.zone) if record else ""
