"""That nothing is left to the screens alone, and that the help says the whole of what a verb does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pytest
from click.testing import CliRunner

import console.cli
from console.cli.main import ENTRIES, main
from console.model.command import Command

_SOURCES = [ast.parse(file.read_text("utf-8")) for file in Path(console.cli.__path__[0]).rglob("*.py")]
_USED = {
    node.attr if isinstance(node, ast.Attribute) else node.id
    for source in _SOURCES
    for node in ast.walk(source)
    if isinstance(node, ast.Attribute | ast.Name)
}


def _verbs(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), name)
            assert found is not None
            yield from _verbs(found, (*path, name))


def _every_verb() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(main)
    for name in ENTRIES:
        found = main.get_command(context, name)
        assert found is not None
        yield from _verbs(found, (name,))


EVERY_VERB = dict(_every_verb())


@pytest.mark.parametrize("kind", get_args(Command), ids=lambda kind: kind.__name__)
def test_whatever_an_operator_can_ask_for_has_a_verb(kind: type[Command]) -> None:
    elsewhere = {"StopService": "service stop ends the process itself"}
    assert kind.__name__ in _USED or kind.__name__ in elsewhere


@pytest.mark.parametrize("path", EVERY_VERB, ids=" ".join)
def test_every_verb_explains_itself(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"], terminal_width=80)
    assert result.exit_code == 0
    assert EVERY_VERB[path].get_short_help_str(1000)
    assert "..." not in result.stdout.replace("]...", "").replace("ID...", "").replace("STATION...", "")


@pytest.mark.parametrize("path", [path for path, verb in EVERY_VERB.items() if not isinstance(verb, click.Group)])
def test_every_verb_is_for_scripts_and_for_any_site(path: tuple[str, ...]) -> None:
    names = {name for parameter in EVERY_VERB[path].params for name in parameter.opts}
    assert {"--json", "--profile", "--data"} <= names
