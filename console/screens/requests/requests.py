"""Requests of any action: which screen fills one in, and what it begins with. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime

from console.actions.describe import all_fields
from console.actions.draft import Draft
from console.actions.edits import put
from console.actions.fields import Field, Kind, fields_of
from console.actions.paths import path_text
from console.actions.table import action_of, actions_of
from console.actions.texts import Reading
from console.actions.words import read_words
from console.errors import ConsoleError
from console.model.command import CallStation
from console.model.site import Site
from console.model.spec import Place, Target

#: Numbers that a station repeats in what it sends later: each request wants one of its own.
_NUMBERED = {"requestId", "remoteStartId"}
_EVSE = ("connectorId", "evseId")
_LARGEST = 2**31 - 1


def request_key(station_id: str, action: str, template: str = "") -> str:
    """What a request's screen is about, in one text."""
    return "\n".join((station_id, action, template)).rstrip("\n")


def screen_for_call(site: Site, target: Target, given: Sequence[str]) -> tuple[Place, str] | None:
    """The screen that goes on where a typed ``call`` ends; None if it says all there is to say.

    ``given`` are the words after the command's name, the station among them.
    """
    station_id, *rest = given or (target.station_id,)
    station = site.stations.get(station_id)
    if station is None or station.ocpp_version == "" or len(rest) > 1:
        return None
    if not rest:
        return Place.ACTIONS, station_id
    try:
        action = action_of(station.ocpp_version, rest[0]).name
    except ConsoleError:
        return None  # the flow says what is wrong with it
    fields = fields_of(station.ocpp_version, action).fields
    return (Place.REQUEST, request_key(station_id, action)) if any(field.required for field in fields) else None


def action_names(site: Site, station_id: str) -> Sequence[str]:
    """The actions that a station can be asked."""
    station = site.stations.get(station_id)
    return list(actions_of(station.ocpp_version)) if station else []


def field_words(site: Site, station_id: str, action: str) -> Sequence[str]:
    """What the words of a request can begin with: ``type=``, ``evse.id=``; with the choices where there are some."""
    fields = all_fields(fields_of(site.stations[station_id].ocpp_version, action))
    single = [(path_text(path), field) for path, field in fields if field.kind not in (Kind.OBJECT, Kind.LIST)]
    return [f"{name}={choice}" for name, field in single for choice in field.choices or ("",)]


def read_call(site: Site, station_id: str, text: str, reading: Reading) -> CallStation:
    """The request that a typed line means: an action, then fields or JSON. Raises ConsoleError."""
    name, _, rest = text.strip().partition(" ")
    version = site.stations[station_id].ocpp_version
    action = action_of(version, name).name
    try:
        words = [rest] if rest.lstrip().startswith("{") else shlex.split(rest)
    except ValueError as error:
        raise ConsoleError(f"{rest} cannot be read: {error}", "Put a text with blanks in quotes.") from error
    filled = read_words(fields_of(version, action), words, reading)
    if filled.problems:
        path, problem = next(iter(filled.problems.items()))
        raise ConsoleError(f"{path_text(path)} {problem}", f"Type call {station_id} {action} for its form.")
    return CallStation(station_id, action, filled.payload)


def prefilled(form: Field, draft: Draft, target: Target, now: datetime) -> Draft:
    """The draft with what need not be typed: a fresh number for the request, and the connector under the cursor."""
    number = str(int(now.timestamp()) & _LARGEST)
    for field in form.fields:
        if field.name in _NUMBERED or (form.name == "ReserveNow" and field.name in ("reservationId", "id")):
            draft = put(form, draft, (field.name,), number)
        elif field.name in _EVSE and field.required and target.evse_id and not draft.get(field.name):
            draft = put(form, draft, (field.name,), str(target.evse_id))
    return draft
