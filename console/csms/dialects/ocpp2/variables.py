"""OCPP 2.x: the device model on the wire: reports of variables, reading and writing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from console.csms.dialects.base import Wire
from console.csms.dialects.ocpp2.common import Json, Problems
from console.csms.ports import Payload
from console.csms.redact import is_secret_key
from console.csms.said.reports import SettingsReport
from console.errors import ConsoleError
from console.model import command as commands
from console.model import device_command as asked_for
from console.model.device import ACTUAL, SettingKey, read_key
from console.model.device_command import SettingChange
from console.model.station import Setting
from console.model.text import plain

#: The variable that holds the station's Basic auth password (2.0.1 A01), and where it is.
PASSWORD = "basicauthpassword"
_PASSWORD_OWNERS = ("securityctrlr", "networkconfiguration")
_TAKEN = ("Accepted", "RebootRequired")
_UNKNOWN = ("UnknownComponent", "UnknownVariable", "NotSupportedAttributeType")
_BASES = {"": "FullInventory", "full": "FullInventory", "configuration": "ConfigurationInventory",
          "summary": "SummaryInventory"}  # fmt: skip
#: What stands in a value list is separated by commas (2.0.1 Part 1 §4.2).
_LISTS = ("OptionList", "SequenceList", "MemberList")


# --- names ---


def key_of(wire: Json) -> SettingKey:
    """The key of whatever names a component and a variable; a missing variable is every one of them."""
    component, variable = wire["component"], wire.get("variable") or {}
    evse = component.get("evse") or {}
    return SettingKey(
        plain(component["name"]),
        plain(variable.get("name", "")),
        plain(component.get("instance", "")),
        evse.get("id"),
        evse.get("connectorId"),
        plain(variable.get("instance", "")),
        wire.get("attributeType") or ACTUAL,
    )


def named(key: str) -> Json:
    """A key as ComponentType and VariableType. Raises ConsoleError for what is none of 2.x."""
    parsed = read_key(key)
    if parsed is None:
        raise ConsoleError(
            f"{key} is no setting of OCPP 2.x.", "Write COMPONENT/VARIABLE, as in OCPPCommCtrlr/HeartbeatInterval."
        )
    component: Json = {"name": parsed.component}
    if parsed.component_instance:
        component["instance"] = parsed.component_instance
    if parsed.evse_id is not None:
        component["evse"] = {"id": parsed.evse_id}
        if parsed.connector_id is not None:
            component["evse"]["connectorId"] = parsed.connector_id
    variable: Json = {"name": parsed.variable}
    if parsed.variable_instance:
        variable["instance"] = parsed.variable_instance
    return {"component": component, "variable": variable}


def _attributed(key: str) -> Json:
    """The same with the attribute, where that is not the actual value."""
    wire, parsed = named(key), read_key(key)
    if parsed is not None and parsed.attribute != ACTUAL:
        wire["attributeType"] = parsed.attribute
    return wire


def place(text: str) -> Json:
    """A component, with or without a variable, for a report: ``EVSE@1`` or ``EVSE@1/Power``."""
    if "/" in text:
        return named(text)
    return {"component": named(f"{text}/x")["component"]}


# --- what stations report ---


def settings_report(wire: Json, problems: Problems) -> SettingsReport:
    """NotifyReport (B07, B08)."""
    settings = [setting for data in wire.get("reportData") or () for setting in _reported(data)]
    return SettingsReport(wire["requestId"], wire["seqNo"], wire.get("tbc") is True, tuple(settings))


def _reported(data: Json) -> Iterable[Setting]:
    traits: Json = data.get("variableCharacteristics") or {}
    kind = traits.get("dataType", "")
    values = traits.get("valuesList", "")
    choices = tuple(plain(value).strip() for value in values.split(",") if value.strip()) if kind in _LISTS else ()
    for attribute in data["variableAttribute"]:
        key = key_of(data | {"attributeType": attribute.get("type")}).text
        secret = is_secret_key(key)
        mutability = attribute.get("mutability", "ReadWrite")
        value = attribute.get("value")
        yield Setting(
            "",
            key,
            None if secret or value is None else plain(value),
            read_only=mutability == "ReadOnly",
            secret=secret,
            data_type=kind,
            unit=plain(traits.get("unit", "")),
            min_limit=traits.get("minLimit"),
            max_limit=traits.get("maxLimit"),
            choices=choices,
            write_only=mutability == "WriteOnly",
            constant=attribute.get("constant") is True,
            persistent=attribute.get("persistent") is True,
            monitorable=traits.get("supportsMonitoring") is True,
        )


# --- what we ask ---


def _read(command: commands.ReadSettings) -> Wire:
    if command.criteria:
        payload: Payload = {"requestId": command.request_id, "componentCriteria": list(command.criteria)}
        if command.keys:
            payload["componentVariable"] = [place(key) for key in command.keys]
        return Wire("GetReport", payload)
    if command.keys:
        return Wire("GetVariables", {"getVariableData": [_attributed(key) for key in command.keys]})
    base = _BASES.get(command.inventory.casefold())
    if base is None:
        raise ConsoleError(f"There is no inventory {command.inventory}.", "Choose full, configuration or summary.")
    return Wire("GetBaseReport", {"requestId": command.request_id, "reportBase": base})


def _write(changes: Iterable[SettingChange]) -> Wire:
    data = [{**_attributed(each.key), "attributeValue": each.value} for each in changes]
    return Wire("SetVariables", {"setVariableData": data})


#: How the commands about the device model are written.
CALLS: dict[type, Callable[[Any], Wire]] = {
    commands.ReadSettings: _read,
    commands.ChangeSetting: lambda command: _write([SettingChange(command.key, command.value)]),
    asked_for.ChangeSettings: lambda command: _write(command.changes),
}


def most_settings(known: Mapping[str, Setting], action: str) -> int:
    """How many variables one request may hold (DeviceDataCtrlr.ItemsPerMessage of the action), 0 for no limit."""
    held = known.get(f"devicedatactrlr/itemspermessage#{action.casefold()}")
    value = (held.value or "").strip() if held else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0


# --- what their answers tell ---


def settings(station_id: str, asked: Wire, answer: Payload, at: datetime) -> tuple[Setting, ...]:
    """The settings in an answer to GetVariables, or those that SetVariables has changed."""
    if asked.action == "GetVariables":
        return tuple(_answered(station_id, result, at) for result in results(answer, "getVariableResult"))
    if asked.action == "SetVariables":
        return tuple(_changed(station_id, data, status, at) for data, status in _paired(asked, answer))
    return ()


def results(answer: Payload, field: str) -> list[Json]:
    """The results of an answer that can be read: its own problems are told elsewhere."""
    found = answer.get(field)
    return [each for each in (found if isinstance(found, list) else ()) if isinstance(each, dict) and is_named(each)]


def is_named(each: Json) -> bool:
    """Whether something names a component and a variable in such a way that its key can be told."""
    component, variable = each.get("component"), each.get("variable")
    if not (isinstance(component, dict) and isinstance(variable, dict)):
        return False
    evse = component.get("evse")
    place = evse if isinstance(evse, dict) else {}
    numbers = (place.get("id"), place.get("connectorId"))
    texts = (component.get("instance", ""), variable.get("instance", ""), each.get("attributeType") or "")
    return (
        isinstance(component.get("name"), str)
        and isinstance(variable.get("name"), str)
        and (evse is None or isinstance(place.get("id"), int))
        and all(isinstance(text, str) for text in texts)
        and all(number is None or isinstance(number, int) for number in numbers)
    )


def _answered(station_id: str, result: Json, at: datetime) -> Setting:
    status, value = result.get("attributeStatus"), result.get("attributeValue")
    key = key_of(result).text
    secret = is_secret_key(key)
    return Setting(
        station_id,
        key,
        plain(value) if isinstance(value, str) and status == "Accepted" and not secret else None,
        secret=secret,
        read_at=at,
        write_only=status == "Rejected",
        unknown=status in _UNKNOWN,
    )


def _paired(asked: Wire, answer: Payload) -> list[tuple[Json, str]]:
    """Each variable that was asked to change and was, with its status: by its name, whatever the order."""
    data = asked.payload.get("setVariableData")
    wanted = {key_of(each).text.casefold(): each for each in (data if isinstance(data, list) else ()) if is_named(each)}
    found = []
    for result in results(answer, "setVariableResult"):
        each = wanted.get(key_of(result).text.casefold())
        status = result.get("attributeStatus")
        if each is not None and status in _TAKEN:
            found.append((each, str(status)))
    return found


def _changed(station_id: str, data: Json, status: str, at: datetime) -> Setting:
    key = key_of(data).text
    secret = is_secret_key(key)
    value = None if secret else plain(str(data.get("attributeValue", "")))
    return Setting(station_id, key, value, secret=secret, reboot_required=status == "RebootRequired", read_at=at)


def password_set(asked: Wire, answer: Payload) -> str:
    """The Basic auth password that a station has taken ("" if none)."""
    if asked.action != "SetVariables":
        return ""
    for data, _ in _paired(asked, answer):
        key = key_of(data)
        owner, variable = key.component.casefold(), key.variable.casefold()
        if owner == _PASSWORD_OWNERS[0] and variable == PASSWORD and key.attribute == ACTUAL:
            return str(data["attributeValue"])
    return ""
