"""Commands about the device model, local lists and reservations in words, and the requests they lead to. Pure."""

from __future__ import annotations

from typing import Any

from console.model import command as c
from console.model import device_command as d
from console.model.device import ACTUAL, read_key
from console.screens.frame import words


def asked(command: c.Command) -> str | None:  # noqa: C901  # one line a command, nothing nested
    """What is asked of a station, in a few words; None for other commands."""
    match command:
        case d.ChangeSettings(_, changes):
            return f"change {words.count(len(changes), 'setting')}"
        case d.UndoSettings(_, count):
            return "take the last change back" if count == 1 else f"take {count} changes back"
        case d.TakeSnapshot():
            return "snapshot"
        case d.ReadMonitors():
            return "read monitors"
        case d.SetMonitor(_, key, kind, value):
            return f"monitor {key}: {kind} {value:g}"
        case d.ClearMonitors(_, ids):
            return f"clear monitor {', '.join(map(str, ids))}"
        case d.SetMonitoringBase(_, base):
            return f"monitors as in {base}"
        case d.SetMonitoringLevel(_, severity):
            return f"events up to severity {severity}"
        case d.ReadLocalList():
            return "ask for the version of its tag list"
        case d.SendLocalList(_, full):
            return "send the whole tag list" if full else "bring its tag list up to date"
        case d.ReserveConnector(_, _, id_token):
            return f"reserve for {id_token}"
        case d.CancelReservation(_, reservation_id):
            return f"cancel reservation {reservation_id}"
        case _:
            return None


def request(command: c.Command, version: str) -> tuple[str, dict[str, Any]] | None:
    """The request that a command leads to, where it is one of these; None for other commands."""
    old = version in ("", "1.6")
    match command:
        case c.ReadSettings(_, keys) if not old:
            if keys:
                return "GetVariables", {"getVariableData": [_named(key) for key in keys]}
            return "GetBaseReport", {"reportBase": "FullInventory"}
        case c.ChangeSetting(_, key, value) if not old:
            return "SetVariables", {"setVariableData": [{"attributeValue": value} | _named(key)]}
        case d.UndoSettings(_, count):
            action = "ChangeConfiguration" if old else "SetVariables"
            said = "the last change" if count == 1 else f"the last {count} changes"
            return action, {"configurationKey" if old else "setVariableData": f"as it was before {said}"}
        case d.ClearMonitors(_, ids):
            return "ClearVariableMonitoring", {"id": list(ids)}
        case d.SetMonitoringBase(_, base):
            return "SetMonitoringBase", {"monitoringBase": base}
        case d.CancelReservation(_, reservation_id):
            return "CancelReservation", {"reservationId": reservation_id}
        case _:
            return None


def _named(key: str) -> dict[str, Any]:
    """What a 2.x key names, as the request has it."""
    parsed = read_key(key)
    if parsed is None:
        return {"variable": {"name": key}}
    component: dict[str, Any] = {"name": parsed.component}
    if parsed.component_instance:
        component["instance"] = parsed.component_instance
    if parsed.evse_id is not None:
        component["evse"] = {"id": parsed.evse_id}
        if parsed.connector_id is not None:
            component["evse"]["connectorId"] = parsed.connector_id
    variable = {"name": parsed.variable} | ({"instance": parsed.variable_instance} if parsed.variable_instance else {})
    attribute = {} if parsed.attribute == ACTUAL else {"attributeType": parsed.attribute}
    return attribute | {"component": component, "variable": variable}
