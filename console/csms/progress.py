"""Jobs at a station (a firmware update, the upload of a log) as the station tells of them, to their end."""

from __future__ import annotations

from typing import Any

import msgspec

from console.csms.incoming import Incoming
from console.csms.records import Records
from console.csms.reports import Noted
from console.csms.state import State
from console.csms.told import Progress, Told
from console.model.change import StationChanged
from console.model.record import RecordKind, Severity
from console.model.text import plain

_NOTED = Noted()
#: Statuses after which nothing more comes.
_LAST = frozenset(
    {
        "AcceptedCanceled", "BadMessage", "DownloadFailed", "Idle", "InstallVerificationFailed", "InstallationFailed",
        "Installed", "InvalidChecksum", "InvalidSignature", "NotSupportedOperation", "PermissionDenied",
        "PublishFailed", "Published", "UploadFailed", "UploadFailure", "Uploaded",
    }
)  # fmt: skip
_FAILED = _LAST - {"AcceptedCanceled", "Idle", "Installed", "Published", "Uploaded"}
_NOT_NAMED = "-"
_MOST_STEPS = 30
_FIELDS = {RecordKind.FIRMWARE: "firmware_status", RecordKind.LOG: "diagnostics_status"}


class Jobs:
    """The room for FirmwareStatusNotification, LogStatusNotification and their like."""

    def __init__(self, state: State, records: Records) -> None:
        self._state = state
        self._records = records

    def on_progress(self, incoming: Incoming, report: Progress) -> Noted:
        """The record of a job holds its steps. Idle (the answer to a trigger) says that none is under way."""
        self._show(incoming.station_id, report)
        if report.status == "Idle":
            self._idle(incoming, report.kind)
            return _NOTED
        number = _NOT_NAMED if report.request_id is None else str(report.request_id)
        key = f"{report.job} {number}".strip()
        held = self._state.records(incoming.station_id, report.kind).get(key)
        steps: list[Any] = list(held.details.get("steps", ())) if held and held.standing else []
        steps.append({"at": incoming.now.isoformat(timespec="seconds"), "status": report.status})
        told = Told(
            report.kind,
            key,
            _summary(report),
            report.said | {"steps": steps[-_MOST_STEPS:]},
            severity=Severity.BAD if report.status in _FAILED else Severity.INFO,
            standing=report.status not in _LAST,
        )
        self._records.keep(incoming, [told])
        return _NOTED

    def _idle(self, incoming: Incoming, kind: RecordKind) -> None:
        """Whatever was thought to be under way is not: the station forgot it, or it ended unheard."""
        for held in list(self._state.records(incoming.station_id, kind).values()):
            if held.standing:
                told = Told(kind, held.key, f"{held.summary}, then idle: its end was not told", held.details)
                self._records.keep(incoming, [told])

    def _show(self, station_id: str, report: Progress) -> None:
        field = _FIELDS[report.kind]
        station = self._state.stations[station_id]
        if getattr(station, field) != report.status:
            self._state.emit([StationChanged(msgspec.structs.replace(station, **{field: report.status}))])


def _summary(report: Progress) -> str:
    """The status, and what the station adds to it."""
    info = report.said.get("statusInfo")
    words = [report.status]
    if isinstance(info, dict):
        words += [str(info.get("reasonCode", "")), str(info.get("additionalInfo", ""))]
    words += [str(place) for place in report.said.get("location") or ()]
    return plain(" ".join(word for word in words if word))
