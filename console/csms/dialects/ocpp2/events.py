"""OCPP 2.x: events, monitors that tripped, streams of values; and jobs' progress."""

from __future__ import annotations

from console.csms.dialects.ocpp2.common import HIGHEST_EVSE, Json, Problems, at
from console.csms.dialects.security_events import read_security_event
from console.csms.said.reports import Events, StatusReport
from console.csms.said.told import Progress, Question, StreamData, Telling, Told
from console.model.record import RecordKind, Severity
from console.model.station import ConnectorStatus
from console.model.text import plain

#: The severities of monitors (2.x N04): 0 is danger to life, 4 an error, 6 a warning, 9 is for debugging.
_LAST_BAD, _LAST_WARNING = 4, 6
_STATES = {status.value: status for status in ConnectorStatus if status is not ConnectorStatus.UNKNOWN}


def notify_event(wire: Json, problems: Problems) -> Events:
    """NotifyEvent (N07, N08; G01 for the states of connectors). Each event is complete in itself."""
    events: list[Json] = wire["eventData"]
    states = tuple(state for state in (_state(event, problems) for event in events) if state)
    return Events(tuple(_event(event, problems) for event in events), states)


def _event(event: Json, problems: Problems) -> Told:
    component, variable = event["component"], event["variable"]
    name = f"{_named(component)}.{_named(variable)}"
    place = _place(component)
    monitor = f" monitor {event['variableMonitoringId']}" if "variableMonitoringId" in event else ""
    cleared = event.get("cleared") is True or _false_problem(event)
    # The state of a connector is shown as such, and is an alarm of its own where it is a fault.
    known = _state(event, []) is not None
    severity = Severity.INFO if cleared or known else _severity(event)
    words = (
        place,
        f"{name} = {event['actualValue']}",
        event.get("techCode", ""),
        event.get("techInfo", ""),
        "(cleared)" if cleared else "",
    )
    return Told(
        RecordKind.EVENT,
        f"{place} {name}{monitor}".strip(),
        " ".join(word for word in words if word),
        event,
        at(event["timestamp"], problems),
        _evse_id(component),
        severity,
        standing=severity is not Severity.INFO,
        quiet=severity is Severity.INFO and not cleared,
    )


def _severity(event: Json) -> Severity:
    """How bad an event is: as its monitor says (2.1), or by what it says of itself."""
    value = event["actualValue"].casefold()
    variable = event["variable"]["name"]
    if (variable == "Problem" and value == "true") or (variable == "AvailabilityState" and value == "faulted"):
        return Severity.BAD
    if event["trigger"] != "Alerting":
        return Severity.INFO
    level = event.get("severity", _LAST_WARNING)
    return Severity.BAD if level <= _LAST_BAD else Severity.WARNING if level <= _LAST_WARNING else Severity.INFO


def _false_problem(event: Json) -> bool:
    variable: str = event["variable"]["name"]
    value: str = event["actualValue"]
    return variable == "Problem" and value.casefold() == "false"


def _state(event: Json, problems: Problems) -> StatusReport | None:
    """The state of a connector, which 2.x stations may tell by an event instead of StatusNotification."""
    component = event["component"]
    status = _STATES.get(event["actualValue"])
    evse: Json = component.get("evse", {})
    evse_id, connector_id = evse.get("id", 0), evse.get("connectorId", 1)
    if component["name"] != "Connector" or event["variable"]["name"] != "AvailabilityState" or status is None:
        return None
    if not 0 < evse_id <= HIGHEST_EVSE or not 0 < connector_id <= HIGHEST_EVSE:
        return None
    return StatusReport(evse_id, connector_id, status, at=at(event["timestamp"], problems))


def _named(wire: Json) -> str:
    """A component or variable with its instance."""
    instance = f"[{wire['instance']}]" if "instance" in wire else ""
    return plain(f"{wire['name']}{instance}")


def _place(component: Json) -> str:
    evse = component.get("evse")
    if evse is None:
        return ""
    connector = f" connector {evse['connectorId']}" if "connectorId" in evse else ""
    return f"EVSE {evse['id']}{connector}"


def _evse_id(component: Json) -> int:
    number: int = component.get("evse", {}).get("id", 0)
    return number if 0 <= number <= HIGHEST_EVSE else 0


def security_event(wire: Json, problems: Problems) -> Telling:
    """SecurityEventNotification (A04)."""
    return Telling((read_security_event(wire, at(wire["timestamp"], problems)),))


def firmware_status(wire: Json, _problems: Problems) -> Progress:
    """FirmwareStatusNotification (L01)."""
    return Progress(RecordKind.FIRMWARE, wire["status"], wire, wire.get("requestId"))


def publish_status(wire: Json, _problems: Problems) -> Progress:
    """PublishFirmwareStatusNotification (L03): a local controller offers firmware to its stations."""
    return Progress(RecordKind.FIRMWARE, wire["status"], wire, wire.get("requestId"), "publish")


def log_status(wire: Json, _problems: Problems) -> Progress:
    """LogStatusNotification (N01)."""
    return Progress(RecordKind.LOG, wire["status"], wire, wire.get("requestId"))


def open_stream(wire: Json, _problems: Problems) -> Question:
    """OpenPeriodicEventStream (2.1 N11)."""
    stream: Json = wire["constantStreamData"]
    params: Json = stream["params"]
    every = f", every {params['interval']} s" if "interval" in params else ""
    summary = f"open: monitor {stream['variableMonitoringId']}{every}"
    told = Told(RecordKind.EVENT_STREAM, str(stream["id"]), summary, stream, standing=True)
    return Question("OpenPeriodicEventStream", told)


def close_stream(wire: Json, _problems: Problems) -> Telling:
    """ClosePeriodicEventStream (2.1 N12)."""
    return Telling((Told(RecordKind.EVENT_STREAM, str(wire["id"]), "closed", wire, merged=True),))


def stream_data(wire: Json, problems: Problems) -> StreamData:
    """NotifyPeriodicEventStream (2.1 N13), which is never answered."""
    return StreamData(wire["id"], wire, at(wire["basetime"], problems))
