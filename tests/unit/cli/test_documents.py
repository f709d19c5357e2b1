"""That the command lines in the documents are ones that the program takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from console.cli.main import main

_ROOT = Path(__file__).parents[3]
_DOCUMENTS = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "profiles/connection/standalone.toml")
_QUOTED = re.compile(r"`(ocpp-console [^`]+)`|(ocpp-console profile check)")


def _command_lines() -> list[str]:
    """Every one of them, without what is to be filled in."""
    found: list[str] = []
    for name in _DOCUMENTS:
        text = (_ROOT / name).read_text("utf-8")
        found += [line for line in text.splitlines() if line.startswith("ocpp-console ")]
        found += [" ".join((quoted or plain).split()) for quoted, plain in _QUOTED.findall(text)]
    parts = [part.strip() for line in found for part in re.split(r"&&|\|", line.partition(" #")[0])]
    return sorted({part.partition(" > ")[0] for part in parts if part.startswith("ocpp-console ")})


@pytest.mark.parametrize("line", _command_lines())
def test_a_command_line_of_the_documents_is_taken(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line)[1:]
    for word in words:
        if re.fullmatch(r"[\w.-]+\.(jsonl|bin|csv|pem)|FILE", word):
            Path(word).touch()
    open_ended = "…" in words
    if open_ended:
        words = words[: words.index("…")]
    context = main.make_context("ocpp-console", words)
    command: click.Command | None = main
    rest = [*context._protected_args, *context.args]
    while isinstance(command, click.Group) and rest:
        _name, command, rest = command.resolve_command(context, rest)
    assert command is not None
    if rest and not open_ended and not isinstance(command, click.Group):  # else the verb is only named
        command.make_context("verb", rest)
