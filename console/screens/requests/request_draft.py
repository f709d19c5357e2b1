"""A request that is being filled in: what is typed, what is folded away, and what is said about it. No Textual here."""

from __future__ import annotations

from collections.abc import Mapping

from console.actions import edits
from console.actions.describe import limits
from console.actions.draft import Draft, Filled, to_payload
from console.actions.fields import LEFT_OUT, Field, Kind
from console.actions.paths import Path, path_text
from console.actions.texts import Reading, WrongError, to_value
from console.errors import ConsoleError
from console.screens.requests import request_rows
from widgets.outline_row import OutlineRow


class RequestDraft:
    """The draft of one request. What changes it returns where the cursor belongs, or raises ConsoleError."""

    def __init__(self, fields: Field, draft: Draft) -> None:
        self.fields = fields
        self.draft = draft
        #: Once it was to be sent, what is not filled in yet is a mistake too.
        self.tried = False
        self._folded: set[str] = set()

    def filled(self, reading: Reading) -> Filled:
        """The payload that it comes to, and everything that is wrong with it."""
        return to_payload(self.fields, self.draft, reading)

    def rows(self, reading: Reading) -> list[OutlineRow]:
        """The rows of the form."""
        problems = self.filled(reading).problems
        if not self.tried:
            problems = {path: text for path, text in problems.items() if edits.at(self.draft, path) not in (None, "")}
        return request_rows.rows(self.fields, self.draft, problems, self._folded)

    # -- changes

    def put(self, path: Path, text: str) -> None:
        """Take what is typed into a field."""
        self.draft = edits.put(self.fields, self.draft, path, text)

    def open(self, path: Path) -> Path:
        """Add what is left out; else close the group if it is open, and open it if it is closed."""
        if edits.at(self.draft, path) in (None, []):
            return self.add(path)
        self._folded ^= {path_text(path)}
        return path

    def unfold(self, path: Path) -> None:
        """Open all groups around a field."""
        self._folded -= {path_text(path[:length]) for length in range(1, len(path))}

    def add(self, path: Path) -> Path:
        """Add to the group at the path, or to the innermost around it that takes one more."""
        groups = [path[: len(path) - up] for up in range(len(path))]
        refusals = [edits.can_add(self.fields, self.draft, group) for group in groups]
        if None not in refusals:
            raise ConsoleError(refusals[0] or "" if refusals else "there is nothing to add here")
        group = groups[refusals.index(None)]
        self.draft, there = edits.add(self.fields, self.draft, group)
        self._folded.discard(path_text(group))
        return there

    def remove(self, path: Path) -> Path:
        """Take away what is at the path. From an item that is gone one comes to the one before, or to its list."""
        refusal = edits.can_remove(self.fields, self.draft, path)
        if refusal is not None:
            raise ConsoleError(refusal)
        self.draft = edits.remove(self.fields, self.draft, path)
        around, last = path[:-1], path[-1]
        return path if isinstance(last, str) else (*around, last - 1) if last else around

    # -- words

    def help(self, path: Path, reading: Reading) -> str:
        """What a field can hold, and what it is for."""
        field = edits.field_at(self.fields, path)
        if field is None:
            own = "A vendor's own data" if path[-1:] == (LEFT_OUT,) else "OCPP knows no such field"
            return f"{own}: change it in the JSON (ctrl+t), or remove it (ctrl+r)"
        holds = limits(field)
        keys_here = " ctrl+n adds, ctrl+r removes." if field.kind in (Kind.OBJECT, Kind.LIST) else ""
        return f"{self._meant(field, path, reading)}{holds[:1].upper()}{holds[1:]}.{keys_here} {field.help}"

    def _meant(self, field: Field, path: Path, reading: Reading) -> str:
        """A time as it will be sent."""
        text = edits.at(self.draft, path)
        if field.kind is not Kind.TIME or not isinstance(text, str) or not text.strip():
            return ""
        try:
            return f"= {to_value(field, text, reading)}  "
        except WrongError:
            return ""


def told(problems: Mapping[Path, str]) -> list[str]:
    """Each problem in a sentence that begins with its place."""
    return [f"{path_text(path)} {text}" for path, text in problems.items()]
