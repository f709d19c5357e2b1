"""One frame and the one it belongs to, as a document: indented, searchable, to copy and to save."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from console.model.spec import Place, Spec, Target
from console.screens.frame import keys, saving, words
from console.screens.frame.document import DocumentScreen
from console.screens.frame.session import Session
from console.screens.messages.message_rows import document
from console.screens.messages.messages import save_trace


class MessageScreen(DocumentScreen):
    """The detail of the messages screen, with its keys."""

    PLACE = Place.MESSAGES
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.MESSAGES)

    def __init__(self, session: Session, _key: str) -> None:
        self._exchange = list(session.exchange)
        super().__init__(session, document(self._exchange, session.zone))
        self.commands = {
            **self.commands,
            "view.copy": lambda _given: self.copy("If that stays empty, press w to save to a file."),
            "view.save": lambda _given: saving.start(self.app, self._save),
        }

    def trail(self) -> Sequence[str]:
        """The station and the action."""
        first = self._exchange[0] if self._exchange else None
        return ("messages", words.join(first.station_id, first.action, by=" ") if first else "")

    def target(self) -> Target:
        """The station of the frame."""
        return Target(station_id=self._exchange[0].station_id) if self._exchange else Target()

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """Here there is nothing to open or to pause."""
        if spec.id in ("view.open", "view.pause"):
            return "this is the whole message"
        return super().refusal(spec, target)

    async def _save(self) -> None:
        name = self._exchange[0].action if self._exchange else "message"
        safe = "".join(each if each.isalnum() else "_" for each in name)
        await save_trace(self, self._exchange, f"{safe}.jsonl")
