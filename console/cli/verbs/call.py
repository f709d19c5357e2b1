"""``call``: any request of a station's OCPP version, in words or as JSON, checked before it is sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from console.actions.describe import all_fields, limits
from console.actions.draft import Filled
from console.actions.fields import fields_of
from console.actions.paths import path_text
from console.actions.saved import SavedRequests, Template, read_file
from console.actions.table import VERSIONS, Action, action_of, actions_of, nearest
from console.actions.texts import Reading
from console.actions.words import json_object, read_words
from console.backends.base import Backend
from console.cli.carry_out import carry_out_on, yes_option
from console.cli.context import Call, first_site, verb
from console.cli.exits import Refused, UsageError
from console.cli.output import Table, cut, say, say_json, warn
from console.cli.requests import saved_requests
from console.errors import ConsoleError
from console.model.command import CallStation
from console.model.spec import Danger

_DANGER_WORDS = {Danger.READ: "asks only", Danger.REVERSIBLE: "", Danger.DISRUPTIVE: "asked again"}


@click.command("call")
@click.argument("station_id", metavar="STATION")
@click.argument("words", nargs=-1, metavar="[ACTION] [FIELD=VALUE | JSON]...")
@click.option("--list", "listing", is_flag=True, help="The actions of the station's OCPP version, and the templates.")
@click.option("--describe", metavar="ACTION", help="The fields of an action.")
@click.option("--template", metavar="NAME", help="Begin with a template, saved from the action's form.")
@yes_option
@verb
async def call_(
    call: Call,
    station_id: str,
    words: tuple[str, ...],
    listing: bool,
    describe: str | None,
    template: str | None,
    yes: bool,
) -> int:
    """Send any request of the station's OCPP version and print the answer.

    Fields: type=Soft, evse.id=1, key[0]=HeartbeatInterval, expiryDate=+2h, certificate=@root.pem; empty ones are left
    out. JSON: one word, @FILE, or - for standard input.
    """
    saved = saved_requests(call)
    async with call.backend() as backend:
        version = await _version(backend, station_id)
        with _wrong_usage():
            if listing:
                _show_actions(call, _known(version, station_id), saved)
                return 0
            if describe is not None:
                _show_fields(call, _known(version, station_id), describe)
                return 0
            command = _command(call, station_id, version, list(words), saved.template(template) if template else None)
        code = await carry_out_on(call, backend, command, yes=yes)
        if version:
            _remember(saved, version, command)
        return code


def _remember(saved: SavedRequests, version: str, command: CallStation) -> None:
    """Keep the request for the console's form. What was sent is sent, also where that fails."""
    try:
        saved.remember(version, command.action, command.payload)
    except ConsoleError as error:
        warn(error.message, error.hint)


@contextmanager
def _wrong_usage() -> Iterator[None]:
    """What goes wrong in reading the words is their writer's to mend."""
    try:
        yield
    except ConsoleError as error:
        raise error if hasattr(error, "exit_code") else UsageError(error.message, error.hint) from error


async def _version(backend: Backend, station_id: str) -> str:
    """The OCPP version that a station speaks, "" if it has never said. Raises Refused if there is no such station."""
    stations = (await first_site(backend)).stations
    if station_id not in stations:
        near = nearest(station_id, list(stations))
        raise Refused(f"There is no station {station_id}.", f"Did you mean {near}?" if near else "Mind capitals.")
    version = stations[station_id].ocpp_version
    return version if version in VERSIONS else ""


def _known(version: str, station_id: str) -> str:
    if not version:
        raise Refused(f"{station_id} has not connected yet, so its OCPP version is not known.", "It decides what fits.")
    return version


def _command(call: Call, station_id: str, version: str, words: list[str], template: Template | None) -> CallStation:
    name = template.action if template else ""
    if words and not _is_content(words[0]):
        name = words.pop(0)
    if not name:
        raise UsageError("Which action?", f"See: {call.again(f'call {station_id} --list')}")
    if template and name.casefold() != template.action.casefold():
        raise UsageError(f"The template {template.name} is for {template.action}.", "Leave the action out.")
    words = [_fetched(word) for word in words]
    if not version:  # it is offline, which the service says better
        return CallStation(station_id, name, json_object(words[0]) if words else {})
    action = action_of(version, name).name
    form = fields_of(version, action)
    filled = read_words(form, words, Reading(call.now(), file=read_file), template.payload if template else None)
    _check(call, station_id, action, filled)
    return CallStation(station_id, action, filled.payload)


def _is_content(word: str) -> bool:
    return word == "-" or "=" in word or word.startswith(("{", "[", "@"))


def _fetched(word: str) -> str:
    """The request itself where a word says where it lies."""
    if word == "-":
        return sys.stdin.read()
    return read_file(word[1:]) if word.startswith("@") else word


def _check(call: Call, station_id: str, action: str, filled: Filled) -> None:
    """Raises UsageError with everything that is wrong."""
    if filled.problems:
        told = "; ".join(f"{path_text(path)} {text}" for path, text in filled.problems.items())
        raise UsageError(f"{told}.", f"See: {call.again(f'call {station_id} --describe {action}')}")


def _show_actions(call: Call, version: str, saved: SavedRequests) -> None:
    actions, templates = actions_of(version).values(), saved.templates()
    mine = [one for one in templates if one.ocpp_version == version]
    if call.as_json:
        say_json({"ocpp_version": version, "actions": [_action(one) for one in actions], "templates": mine})
        return
    rows = [(one.block, one.name, _DANGER_WORDS[one.danger], one.help) for one in actions]
    _print(Table("BLOCK", "ACTION", "", "WHAT IT DOES"), rows)
    if mine:
        say("")
        _print(Table("TEMPLATE", "ACTION"), [(one.name, one.action) for one in mine])


def _action(action: Action) -> dict[str, Any]:
    return action._asdict() | {"danger": action.danger.name.lower()}


def _show_fields(call: Call, version: str, name: str) -> None:
    action = action_of(version, name)
    fields = list(all_fields(fields_of(version, action.name)))
    if call.as_json:
        told = [{"field": path_text(path), "holds": limits(one), **_plain_facts(one)} for path, one in fields]
        say_json({"ocpp_version": version, **_action(action), "fields": told})
        return
    say(f"{action.name}, {action.block}: {action.help}.")
    if not fields:
        say("It has no fields.")
        return
    rows = [("*" if one.required else "", path_text(path), limits(one), one.help) for path, one in fields]
    _print(Table("", "FIELD (* required)", "HOLDS", "WHAT FOR"), rows)


def _plain_facts(field: Any) -> dict[str, Any]:
    return {"kind": field.kind, "required": field.required, "choices": field.choices, "help": field.help}


def _print(table: Table, rows: Sequence[Sequence[str]]) -> None:
    for line in table.lines(rows):
        say(cut(line))
