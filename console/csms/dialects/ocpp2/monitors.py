"""OCPP 2.x: monitors on variables: reported, set and taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.csms.dialects.base import Wire
from console.csms.dialects.ocpp2.common import Json, Problems
from console.csms.dialects.ocpp2.variables import is_named, key_of, named, place, results
from console.csms.ports import Payload
from console.csms.said.reports import MonitorsReport
from console.model import device_command as asked_for
from console.model.change import Change, MonitorRemoved, MonitorsRead
from console.model.device import Monitor
from console.model.text import plain


def monitors_report(wire: Json, problems: Problems) -> MonitorsReport:
    """NotifyMonitoringReport (N02). ``eventNotificationType`` is of 2.1 only, and not every 2.1 station sends it."""
    monitors = [
        Monitor(
            "",
            each["id"],
            key_of(data).text,
            each["type"],
            each["value"],
            each["severity"],
            each["transaction"],
            plain(each.get("eventNotificationType", "")),
        )
        for data in wire.get("monitor") or ()
        for each in data["variableMonitoring"]
    ]
    return MonitorsReport(wire["requestId"], wire["seqNo"], wire.get("tbc") is True, tuple(monitors))


def _read_monitors(command: asked_for.ReadMonitors) -> Wire:
    payload: Payload = {"requestId": command.request_id}
    if command.criteria:
        payload["monitoringCriteria"] = list(command.criteria)
    if command.keys:
        payload["componentVariable"] = [place(key) for key in command.keys]
    return Wire("GetMonitoringReport", payload)


def _set_monitor(command: asked_for.SetMonitor) -> Wire:
    data: Json = {
        "value": command.value,
        "type": command.kind,
        "severity": command.severity,
        **named(command.key),
    }
    if command.monitor_id is not None:
        data["id"] = command.monitor_id
    if command.transaction:
        data["transaction"] = True
    return Wire("SetVariableMonitoring", {"setMonitoringData": [data]})


#: How the commands about monitors are written.
CALLS: dict[type, Callable[[Any], Wire]] = {
    asked_for.ReadMonitors: _read_monitors,
    asked_for.SetMonitor: _set_monitor,
    asked_for.ClearMonitors: lambda command: Wire("ClearVariableMonitoring", {"id": list(command.monitor_ids)}),
    asked_for.SetMonitoringBase: lambda command: Wire("SetMonitoringBase", {"monitoringBase": command.base}),
    asked_for.SetMonitoringLevel: lambda command: Wire("SetMonitoringLevel", {"severity": command.severity}),
}


def monitors(station_id: str, asked: Wire, answer: Payload) -> list[Change]:
    """The monitors that were set or taken away."""
    if asked.action == "ClearVariableMonitoring":
        cleared = answer.get("clearMonitoringResult")
        return [
            MonitorRemoved(station_id, each["id"])
            for each in (cleared if isinstance(cleared, list) else ())
            if isinstance(each, dict)
            and isinstance(each.get("id"), int)
            and each.get("status") in ("Accepted", "NotFound")
        ]
    if asked.action != "SetVariableMonitoring":
        return []
    data = asked.payload.get("setMonitoringData")
    wanted = {
        (key_of(each).text.casefold(), str(each.get("type"))): each
        for each in (data if isinstance(data, list) else ())
        if isinstance(each, dict) and is_named(each)
    }
    made = []
    for result in results(answer, "setMonitoringResult"):
        each, number = wanted.get((key_of(result).text.casefold(), str(result.get("type")))), result.get("id")
        if each is not None and isinstance(number, int) and result.get("status") == "Accepted":
            severity, transaction = int(each["severity"]), each.get("transaction") is True
            key = key_of(each).text
            made.append(Monitor(station_id, number, key, each["type"], each["value"], severity, transaction))
    return [MonitorsRead(station_id, tuple(made))] if made else []
