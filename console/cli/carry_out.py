"""Carrying out a command: asked again where it is dangerous, its outcome shown, its exit code."""

from __future__ import annotations

import re
import sys

import click

from console.actions.table import danger_of
from console.backends.base import Backend
from console.cli.context import Call
from console.cli.exits import Refused, UsageError
from console.cli.output import say, say_json, warn
from console.model.catalogue import BY_ID
from console.model.command import CallStation, Command, TransferData, command_id, station_of
from console.model.outcome import EXIT_CODE, Outcome
from console.model.spec import Danger
from console.model.text import plain

_KEY = re.compile(r" \([A-Za-z]\)(?=[ .,:;]|$)")
yes_option = click.option("--yes", is_flag=True, help="Do not ask, on a production site either.")


def describe(command_id_: str) -> str:
    """What a command does, in the catalogue's words: the help of its verb."""
    return f"{BY_ID[command_id_].help}."


async def carry_out(call: Call, command: Command, *, yes: bool = False) -> int:
    """Have a command carried out, show how it ended, and return the exit code."""
    async with call.backend() as backend:
        return await carry_out_on(call, backend, command, yes=yes)


async def carry_out_on(call: Call, backend: Backend, command: Command, *, yes: bool = False) -> int:
    """As ``carry_out``, over a backend that is open."""
    outcome = await ask(backend, command, yes=yes)
    show_outcome(call, command, outcome)
    return EXIT_CODE[outcome.result]


async def ask(backend: Backend, command: Command, *, yes: bool = False) -> Outcome:
    """Have a command carried out. Raises ConsoleError where this backend never can, or its danger was not accepted."""
    refusal = backend.why_not(command_id(command))
    if refusal is not None:
        raise Refused(f"{sentence(refusal)}.", "")
    if backend.production and danger_of(command) is Danger.DISRUPTIVE and not yes:
        confirm(backend.name, station_of(command) or "yes")
    return await backend.run(command)


def confirm(site: str, word: str) -> None:
    """Have a word typed before something dangerous is done to a production site. Raises ConsoleError if it is not."""
    if not sys.stdin.isatty():
        raise UsageError(f"{site} is a production site.", "Say --yes if this is meant.")
    typed: str = click.prompt(f"{site} is a production site. Type {word} to go on", default="", err=True)
    if typed.strip() != word:
        raise Refused("Nothing was done.", "")


def show_outcome(call: Call, command: Command, outcome: Outcome) -> None:
    """Print how a command ended: the object for scripts, words for people, the answer where that is what was wanted."""
    if call.as_json:
        say_json({"command": command_id(command), "ok": outcome.ok, **_fields(outcome)})
        return
    if outcome.ok:
        after = f" after {outcome.elapsed_s:.1f} s" if outcome.elapsed_s >= 0.05 else ""
        words = f"{sentence(outcome.text)}{after}"
        say(plain(words if words.endswith("…") else f"{words}."))
        if outcome.hint:
            warn(_without_keys(outcome.hint))
    else:
        warn(f"{sentence(outcome.result)}: {outcome.text}", _without_keys(outcome.hint))
    if outcome.answer is not None and isinstance(command, CallStation | TransferData):
        say_json(outcome.answer, indent=True)


def _without_keys(hint: str) -> str:
    """A hint without the screens' keys, as in "Stop it first (t)"."""
    return _KEY.sub("", hint)


def _fields(outcome: Outcome) -> dict[str, object]:
    return {name: getattr(outcome, name) for name in outcome.__struct_fields__}


def sentence(text: str) -> str:
    """A text that begins like a sentence."""
    return text[:1].upper() + text[1:].rstrip(".") if text else ""
