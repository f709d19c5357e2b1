"""Requests kept in files: templates under a name, and what was sent last of each action. Never with secrets.

One JSON file each, in a folder of the site's own: people may read, copy and write them.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from console.actions.secrets import without_secrets
from console.actions.table import nearest
from console.errors import ConsoleError

_NAME = re.compile(r"[^\W.][\w .+-]{0,59}")
_LAST = "last"
_TOO_LARGE_B = 1 << 20


class Template(msgspec.Struct, frozen=True):
    """A request to be sent again: of one action of one OCPP version."""

    name: str
    ocpp_version: str
    action: str
    payload: dict[str, Any]


class SavedRequests:
    """The requests of one site. Without a folder they are kept as long as the program runs."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: dict[str, Template] = {}

    def templates(self) -> list[Template]:
        """All templates that can be read, by name."""
        if self._folder is None:
            found = [one for path, one in self._held.items() if not path.startswith(_LAST)]
        else:
            read = (self._read(path.name) for path in self._folder.glob("*.json"))
            found = [one for one in read if one is not None]
        return sorted(found, key=lambda one: one.name.casefold())

    def template(self, name: str) -> Template:
        """A template by its name. Raises ConsoleError that names the nearest."""
        known = {one.name: one for one in self.templates()}
        if name in known:
            return known[name]
        near = nearest(name, list(known))
        there = f"There are: {', '.join(known)}." if known else "Save one from an action's form: C on a station."
        raise ConsoleError(f"There is no template {name}.", f"Did you mean {near}?" if near else there)

    def save(self, template: Template) -> None:
        """Keep a template, in the place of an older one of that name. Raises ConsoleError."""
        problem = name_problem(template.name)
        if problem:
            raise ConsoleError(f'"{template.name}" {problem}.')
        self._write(f"{template.name}.json", template)

    def delete(self, name: str) -> None:
        """Forget a template. Raises ConsoleError."""
        template = self.template(name)
        if self._folder is None:
            del self._held[f"{template.name}.json"]
            return
        try:
            (self._folder / f"{template.name}.json").unlink()
        except OSError as error:
            raise ConsoleError(f"The template {name} cannot be deleted: {error.strerror}.") from error

    def last(self, ocpp_version: str, action: str) -> dict[str, Any] | None:
        """What was sent last of an action, None if nothing was."""
        found = self._read(_last_name(ocpp_version, action))
        return found.payload if found is not None else None

    def remember(self, ocpp_version: str, action: str, payload: dict[str, Any]) -> None:
        """Keep what is sent, for the next time. Raises ConsoleError."""
        self._write(_last_name(ocpp_version, action), Template("", ocpp_version, action, payload))

    def _read(self, name: str) -> Template | None:
        if self._folder is None:
            return self._held.get(name)
        try:
            found = msgspec.json.decode((self._folder / name).read_bytes(), type=Template)
        except (OSError, msgspec.DecodeError):  # not there, or not ours: a person may put anything here
            return None
        # The file's name is the template's, also after somebody has renamed it.
        return found if name.startswith(_LAST) else msgspec.structs.replace(found, name=name.removesuffix(".json"))

    def _write(self, name: str, template: Template) -> None:
        """Write a file whole or not at all, for its owner only."""
        kept = msgspec.structs.replace(template, payload=without_secrets(template.payload))
        if self._folder is None:
            self._held[name] = kept
            return
        path = self._folder / name
        text = json.dumps(msgspec.to_builtins(kept), indent=2, ensure_ascii=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
            Path(temporary).replace(path)
        except OSError as error:
            raise ConsoleError(f"{path} cannot be written: {error.strerror}.", "Mend the folder's rights.") from error


def name_problem(name: str) -> str | None:
    """What is wrong with a template's name, which becomes that of a file, or None."""
    return None if _NAME.fullmatch(name) else "is no name: use letters, digits, blanks, dots and dashes"


def _last_name(ocpp_version: str, action: str) -> str:
    return f"{_LAST}/{ocpp_version} {action}.json"


def read_file(name: str) -> str:
    """The text of a file that an operator named, as of a certificate. Raises ConsoleError."""
    path = Path(name.strip()).expanduser()
    try:
        if path.stat().st_size > _TOO_LARGE_B:
            raise ConsoleError(f"{path} is too large to be sent to a station.")
        return path.read_text("utf-8")
    except OSError as error:
        raise ConsoleError(f"{path} cannot be read: {error.strerror or error}.", "Is it the right path?") from error
    except UnicodeDecodeError as error:
        raise ConsoleError(f"{path} is not UTF-8 text.", "Certificates are sent as PEM, which is text.") from error
