"""Answers that hold a result for each thing asked: settings, monitors, tariffs. One Judged for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from console.csms.explain.facts import Facts
from console.csms.explain.words import Words
from console.model.device import ACTUAL, SettingKey
from console.model.station import Setting
from console.model.text import plain

Payload = dict[str, Any]


class Item(NamedTuple):
    """One result: what it is about, its status, and the station's reason code ("" if none)."""

    name: str
    status: str
    reason: str
    more: str


class Listed(NamedTuple):
    """Where the results of an action stand, and how a status is called there."""

    field: str
    status: str
    name: Callable[[Payload], str]
    noun: str
    done: str


def variable_name(result: Payload) -> str:
    """The key of the variable that a result is about, in its one form."""
    component, variable = _object(result, "component"), _object(result, "variable")
    evse = _object(component, "evse")
    return SettingKey(
        component=_text(component, "name"),
        variable=_text(variable, "name"),
        component_instance=_text(component, "instance"),
        evse_id=_number(evse, "id"),
        connector_id=_number(evse, "connectorId"),
        variable_instance=_text(variable, "instance"),
        attribute=_text(result, "attributeType") or ACTUAL,
    ).text


def _number(holder: Payload, field: str) -> int | None:
    found = holder.get(field)
    return found if isinstance(found, int) else None


def _object(holder: Payload, field: str) -> Payload:
    found = holder.get(field)
    return found if isinstance(found, dict) else {}


def _text(holder: Payload, field: str) -> str:
    found = holder.get(field)
    return plain(found)[:50] if isinstance(found, str) else ""


LISTED: dict[str, Listed] = {
    "SetVariables": Listed("setVariableResult", "attributeStatus", variable_name, "setting", "changed"),
    "GetVariables": Listed("getVariableResult", "attributeStatus", variable_name, "setting", "read"),
    "SetVariableMonitoring": Listed("setMonitoringResult", "status", variable_name, "monitor", "set"),
    "ClearVariableMonitoring": Listed(
        "clearMonitoringResult", "status", lambda result: f"monitor {result.get('id')}", "monitor", "cleared"
    ),
    "ClearTariffs": Listed(
        "clearTariffsResult", "status", lambda result: _text(result, "tariffId") or "tariff", "tariff", "cleared"
    ),
}


def items(action: str, answer: Payload) -> list[Item] | None:
    """The results in an answer; None where this action has no such list, or the answer does not hold one."""
    listed = LISTED.get(action)
    if listed is None or not isinstance(answer.get(listed.field), list):
        return None
    return [_item(listed, result) for result in answer[listed.field] if isinstance(result, dict)]


def _item(listed: Listed, result: Payload) -> Item:
    info = _object(result, "attributeStatusInfo") or _object(result, "statusInfo")
    return Item(
        listed.name(result), _text(result, listed.status), _text(info, "reasonCode"), _text(info, "additionalInfo")
    )


def count(action: str, held: Iterable[Item], yes: frozenset[str]) -> str:
    """How many went well: "2 of 3 settings changed"."""
    listed, results = LISTED[action], list(held)
    good = sum(item.status in yes for item in results)
    noun = listed.noun if len(results) == 1 else f"{listed.noun}s"
    return f"{good} {noun} {listed.done}" if good == len(results) else f"{good} of {len(results)} {noun} {listed.done}"


def changing(request: Payload, status: str, facts: Facts) -> Words | None:
    """ChangeConfiguration, and each of SetVariables: what the setting itself says."""
    key = plain(str(request.get("key", "")))[:50]
    cause = setting_cause(key, str(request.get("value", "")), status, facts)
    return cause and Words(f"{key} {cause.text}", cause.step)


def setting_cause(key: str, value: str, status: str, facts: Facts) -> Words | None:
    """Why a setting was not changed, by what was last read of it: words that follow its name."""
    held = facts.setting(key)
    if status == "NotSupported" and held is None:
        near = next((each.key for each in facts.settings.values() if key.casefold() in each.key.casefold()), "")
        return Words("is not among its settings", f"It has {near[:50]}.") if near and key else None
    if status != "Rejected" or held is None:
        return None
    if not held.writable:
        return Words("is read-only", "It can be changed at the station itself, if at all.")
    return _limits(held, value) or _kind_of_value(held.value or "", value)


def _limits(held: Setting, value: str) -> Words | None:
    """A value outside of what the station says that it takes."""
    unit = f" {held.unit}" if held.unit else ""
    number = _as_number(value)
    if number is not None and held.max_limit is not None and number > held.max_limit:
        return Words(f"takes at most {held.max_limit:g}{unit}", "Enter a smaller number.")
    if number is not None and held.min_limit is not None and number < held.min_limit:
        return Words(f"takes at least {held.min_limit:g}{unit}", "Enter a larger number.")
    if held.choices and not {word.strip() for word in value.split(",")} <= set(held.choices):
        return Words("does not take this word", f"It takes: {', '.join(held.choices)}.")
    return None


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _kind_of_value(was: str, value: str) -> Words | None:
    """A value of another kind than the one that stands there."""
    if was.casefold() in ("true", "false") and value.casefold() not in ("true", "false"):
        return Words("is true or false", "Write one of the two.")
    if was.lstrip("-").isdecimal() and not value.lstrip("-").replace(".", "", 1).isdecimal():
        return Words(f"is a number ({was[:20]})", "Write a number.")
    return None
