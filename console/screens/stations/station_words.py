"""What a station's state is called: one phrase a station, one letter a connector."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from console.model.station import STATUS_LETTER, STATUS_WORDS, Admission, Connector, ConnectorStatus, Station
from console.screens.frame import words
from widgets.row_line import CellStyle

S = ConnectorStatus

#: From what an operator wants to know first to what goes without saying.
_RANK = (
    S.FAULTED,
    S.CHARGING,
    S.SUSPENDED_EVSE,
    S.SUSPENDED_EV,
    S.OCCUPIED,
    S.PREPARING,
    S.FINISHING,
    S.RESERVED,
    S.UNAVAILABLE,
    S.AVAILABLE,
    S.UNKNOWN,
)

STATUS_STYLE: dict[ConnectorStatus, CellStyle] = {
    S.FAULTED: "bad",
    S.CHARGING: "busy",
    S.SUSPENDED_EV: "busy",
    S.SUSPENDED_EVSE: "warn",
    S.AVAILABLE: "ok",
    S.UNAVAILABLE: "warn",
    S.UNKNOWN: "muted",
}


def fault_words(error_code: str, info: str = "", vendor_error_code: str = "") -> str:
    """A fault as the station named it, as in ``FAULT GroundFailure``."""
    code = "" if error_code == "NoError" else error_code
    own = vendor_error_code if code in ("", "OtherError") else ""
    return words.join("FAULT", code or own or info, own if code else "", by=" ")


def connector_words(connector: Connector, online: bool = True) -> str:
    """One connector's state."""
    if not online:
        return "offline"
    if connector.status is S.FAULTED:
        return fault_words(connector.error_code, connector.info, connector.vendor_error_code)
    return STATUS_WORDS[connector.status]


def connector_letters(station: Station, width: int = 4) -> str:
    """A letter for each connector: with spaces where there is room, ``+`` where there are more."""
    if not station.connectors:
        return "-"
    letters = [STATUS_LETTER[each.status] if station.online else "-" for each in station.connectors]
    if len(letters) * 2 - 1 <= width:
        return " ".join(letters)
    return "".join(letters) if len(letters) <= width else "".join(letters[: width - 1]) + "+"


def state(station: Station, now: datetime) -> tuple[str, CellStyle]:
    """The one phrase for a station, and how it is meant."""
    if station.admission is Admission.PENDING:
        return "NEW, let it in?", "warn"
    if station.admission is Admission.REJECTED:
        return "rejected", "muted"
    if not station.online:
        since = station.online_changed_at
        return (f"offline {words.span(since, now)}" if since else "never connected"), "warn" if since else "muted"
    if station.status is S.FAULTED:
        return fault_words(station.error_code, station.info), "bad"
    if station.unresponsive:
        return "online, unresponsive", "warn"
    text, style = _by_connectors(station)
    if station.alarms and style != "bad":
        return f"{text}, {words.count(station.alarms, 'alarm')}", "warn"
    return text, style


def _by_connectors(station: Station) -> tuple[str, CellStyle]:
    tally = Counter(connector.status for connector in station.connectors)
    status = next((status for status in _RANK if tally[status]), station.status)
    style = STATUS_STYLE.get(status, "")
    if status is S.FAULTED:
        faulted = next(each for each in station.connectors if each.status is S.FAULTED)
        return connector_words(faulted), style
    text = STATUS_WORDS[status]
    if tally[status] > 1 and status in (S.CHARGING, S.PREPARING):
        text = f"{tally[status]} {text}"
    return text, style


def state_rank(station: Station) -> int:
    """Where a station's state stands in the order of what to look at first."""
    if station.admission is Admission.PENDING:
        return 0
    if station.admission is Admission.REJECTED:
        return 100
    if not station.online:
        return 2
    if station.alarms:
        return 1
    statuses = {connector.status for connector in station.connectors} | {station.status}
    rank = next((rank for rank, status in enumerate(_RANK) if status in statuses), len(_RANK))
    return 1 if rank == 0 else rank + 2
