"""Monitors on variables: set, reported, cleared, and what is told when one trips (2.x N02 to N08)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from console.simulator.connector import NO_ERROR, Connector
from console.simulator.v2.charge_point import Handler, Payload, Request
from console.simulator.v2.device_model import Variable
from console.simulator.v2.reports import in_parts

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

_LOOK_EVERY_S = 1.0
_MOST_MONITORS = 50
_NUMBERS = ("integer", "decimal")
_CRITERIA = {
    "UpperThreshold": "ThresholdMonitoring",
    "LowerThreshold": "ThresholdMonitoring",
    "Delta": "DeltaMonitoring",
    "Periodic": "PeriodicMonitoring",
    "PeriodicClockAligned": "PeriodicMonitoring",
}


@dataclass(eq=False, slots=True)
class Monitor:
    """One monitor. `since` is the value of the last report, or the station second of it."""

    monitor_id: int
    variable: Variable
    kind: str
    value: float
    severity: int
    transaction: bool
    since: float
    tripped: bool = False

    def wire(self, version: str) -> Payload:
        """Its variableMonitoring."""
        told = {"eventNotificationType": "CustomMonitor"} if version == "2.1" else {}
        return told | {
            "id": self.monitor_id,
            "transaction": self.transaction,
            "value": self.value,
            "type": self.kind,
            "severity": self.severity,
        }


class Monitors:
    """A station's monitors. All of them are custom ones; problems of connectors are told without being asked."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._monitors: dict[int, Monitor] = {}
        self._event_ids = itertools.count(1)
        self.base = "All"
        self.level = 9

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        return {
            "SetVariableMonitoring": self._set,
            "ClearVariableMonitoring": self._clear,
            "GetMonitoringReport": self._report,
            "SetMonitoringBase": self._set_base,
            "SetMonitoringLevel": self._set_level,
        }

    async def problem(self, connector: Connector) -> None:
        """Tell that a connector is broken, or mended."""
        place = {"id": connector.evse_id, "connectorId": connector.number_in_evse}
        broken = connector.error_code != NO_ERROR
        event = {
            "trigger": "Alerting",
            "actualValue": "true" if broken else "false",
            "cleared": not broken,
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": "Connector", "evse": place},
            "variable": {"name": "Problem"},
        }
        await self._tell(event | ({"techCode": connector.error_code} if broken else {}))

    async def watch(self) -> None:
        """Look at the monitored variables each second of the station, for ever."""
        clock = self._face.host.clock
        while True:
            await self._face.host.wait_for(lambda: bool(self._monitors))
            await clock.sleep(_LOOK_EVERY_S)
            self._face.settle()
            for monitor in list(self._monitors.values()):
                event = self._look(monitor)
                if event is None or await self._face.streams.take(monitor.monitor_id, event["actualValue"]):
                    continue
                if monitor.severity <= self.level:
                    await self._tell(event)

    def _look(self, monitor: Monitor) -> Payload | None:
        """The event that a monitor has to tell now."""
        actual = monitor.variable.actual
        now_s = self._face.host.clock.elapsed_s
        if monitor.kind in ("Periodic", "PeriodicClockAligned"):
            if now_s < monitor.since + monitor.value:
                return None
            monitor.since = max(monitor.since + monitor.value, now_s - monitor.value)
            return self._event(monitor, "Periodic", actual)
        number = _number(actual)
        if monitor.kind == "Delta":
            if abs(number - monitor.since) < max(monitor.value, 1e-9):
                return None
            monitor.since = number
            return self._event(monitor, "Delta", actual)
        over = number > monitor.value if monitor.kind == "UpperThreshold" else number < monitor.value
        if over == monitor.tripped:
            return None
        monitor.tripped = over
        return self._event(monitor, "Alerting", actual) | ({} if over else {"cleared": True})

    def _event(self, monitor: Monitor, trigger: str, actual: str) -> Payload:
        return {
            "trigger": trigger,
            "actualValue": actual,
            "variableMonitoringId": monitor.monitor_id,
            "eventNotificationType": "CustomMonitor",
            **monitor.variable.names(),
        }

    async def _tell(self, event: Payload) -> None:
        now = self._face.now()
        data = {"eventId": next(self._event_ids), "timestamp": now, **event}
        if self._face.version == "2.1" and "variableMonitoringId" in event:
            data["severity"] = self._monitors[event["variableMonitoringId"]].severity
        await self._face.tell(Request("NotifyEvent", {"generatedAt": now, "seqNo": 0, "eventData": [data]}))

    # --- what the central system asks for -------------------------------------------------------------------

    def _set(self, request: Payload) -> Payload:
        results = [self._set_one(entry) for entry in request["setMonitoringData"]]
        self._face.host.changed()
        return {"setMonitoringResult": results}

    def _set_one(self, entry: Payload) -> Payload:
        told = {name: entry[name] for name in ("type", "severity", "component", "variable")}
        variable = self._face.model.find(entry)
        if isinstance(variable, str):
            return {**told, "status": variable}
        wanted_id = entry.get("id")
        status = self._refusal(entry, variable)
        if status:
            return {**told, "status": status} | ({"id": wanted_id} if wanted_id is not None else {})
        monitor_id = wanted_id or max(self._monitors, default=0) + 1
        self._face.streams.close(monitor_id)
        if "periodicEventStream" in entry:
            self._face.streams.open(monitor_id, entry["periodicEventStream"])
        periodic = entry["type"].startswith("Periodic")
        since = self._face.host.clock.elapsed_s if periodic else _number(variable.actual)
        self._monitors[monitor_id] = Monitor(
            monitor_id,
            variable,
            entry["type"],
            entry["value"],
            entry["severity"],
            entry.get("transaction", False),
            since,
        )
        return {**told, "status": "Accepted", "id": monitor_id}

    def _refusal(self, entry: Payload, variable: Variable) -> str:
        kind, wanted_id = entry["type"], entry.get("id")
        threshold = kind in ("UpperThreshold", "LowerThreshold")
        if not variable.monitored or kind not in _CRITERIA or (threshold and variable.data_type not in _NUMBERS):
            return "UnsupportedMonitorType"
        if threshold and variable.most is not None and entry["value"] > variable.most:
            return "Rejected"
        if (wanted_id is not None and wanted_id not in self._monitors) or len(self._monitors) >= _MOST_MONITORS:
            return "Rejected"
        same = (one for one in self._monitors.values() if one.variable is variable and one.kind == kind)
        return (
            "Duplicate" if any(one.severity == entry["severity"] for one in same if one.monitor_id != wanted_id) else ""
        )

    def _clear(self, request: Payload) -> Payload:
        results = []
        for one in request["id"]:
            self._face.streams.close(one)
            results.append({"id": one, "status": "Accepted" if self._monitors.pop(one, None) else "NotFound"})
        return {"clearMonitoringResult": results}

    def _report(self, request: Payload) -> Payload:
        criteria, wanted = request.get("monitoringCriteria", []), request.get("componentVariable", [])
        chosen = {one.key for one in self._face.model.select([], wanted)}
        by_variable: dict[Any, list[Monitor]] = {}
        for monitor in self._monitors.values():
            if monitor.variable.key in chosen and (not criteria or _CRITERIA[monitor.kind] in criteria):
                by_variable.setdefault(monitor.variable.key, []).append(monitor)
        if not by_variable:
            return {"status": "EmptyResultSet"}
        entries = [
            {**found[0].variable.names(), "variableMonitoring": [one.wire(self._face.version) for one in found]}
            for found in by_variable.values()
        ]
        parts = [{"requestId": request["requestId"], "monitor": part} for part in in_parts(entries)]
        self._face.afterwards(partial(self._face.tell_in_parts, "NotifyMonitoringReport", parts))
        return {"status": "Accepted"}

    def _set_base(self, request: Payload) -> Payload:
        self.base = request["monitoringBase"]
        if self.base != "All":
            self._monitors.clear()
        return {"status": "Accepted"}

    def _set_level(self, request: Payload) -> Payload:
        if not 0 <= request["severity"] <= 9:
            return {"status": "Rejected"}
        self.level = request["severity"]
        return {"status": "Accepted"}


def _number(actual: str) -> float:
    try:
        return float(actual)
    except ValueError:
        return float(hash(actual) % 1_000_003)  # any change of a word is a change of at least one
