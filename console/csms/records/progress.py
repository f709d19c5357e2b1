"""Jobs at a station (a firmware update, the upload of a log) as the station tells of them, to their end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from console.csms.incoming import Incoming
from console.csms.ports import Clock
from console.csms.records.records import Records
from console.csms.said.reports import Noted
from console.csms.said.told import Progress, Told
from console.csms.state import State
from console.model.change import RecordGone, RecordKept, StationChanged
from console.model.record import RecordKind, Severity, StationRecord
from console.model.station_file import StationFile
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
#: What a failure means, and what may be done.
_WHY = {
    "BadMessage": "it does not understand the request",
    "DownloadFailed": "it could not fetch the file from its address; mind its network, and the URL",
    "InstallVerificationFailed": "what it installed does not check; it may run the firmware from before",
    "InstallationFailed": "it may run the firmware from before; is it meant for this model?",
    "InvalidChecksum": "the file was damaged on its way, or is another one; try again",
    "InvalidSignature": "signature, certificate and file do not belong together",
    "NotSupportedOperation": "it cannot do this",
    "PermissionDenied": "it was not let in where the file is",
    "PublishFailed": "it could not fetch the file, or offer it to others",
    "UploadFailed": "it could not put the file at its address; does it know another protocol only (by: ftp)?",
    "UploadFailure": "it could not put the file at its address; does it know another protocol only (by: ftp)?",
}
_NOT_NAMED = "-"
_MOST_STEPS = 30
_FIELDS = {RecordKind.FIRMWARE: "firmware_status", RecordKind.LOG: "diagnostics_status"}
#: What of a job's details is ours: what was asked, and the file that came of it.
_OURS = ("asked", "file")
#: A file that is here without the station's saying so counts as uploaded after so long.
_WORD_TIMEOUT_S = 60.0


class Asked(msgspec.Struct, frozen=True):
    """A job that an operator asked for. ``number`` None: this station's messages name none. ``until``: then it is over.

    ``here``: its file comes to the drop box.
    """

    station_id: str
    kind: RecordKind
    number: int | None
    what: str
    until: datetime
    here: bool = False

    @property
    def key(self) -> str:
        """The key of its record."""
        return _key(self.number)


class _Known(msgspec.Struct):
    """What we know ourselves of a station. Implements ``Hearing``."""

    station_id: str
    now: datetime
    problems: list[str] = []


class Jobs:
    """The room for FirmwareStatusNotification, LogStatusNotification and their like."""

    def __init__(self, state: State, records: Records, clock: Clock) -> None:
        self._state = state
        self._records = records
        self._clock = clock
        self._timers: dict[tuple[str, RecordKind, str], Callable[[], None]] = {}
        state.on_removed.append(self._forget)

    # --- what the station tells ---

    def on_progress(self, incoming: Incoming, report: Progress) -> Noted:
        """The record of a job holds its steps. Idle (the answer to a trigger) says that none is under way."""
        self._show(incoming.station_id, report)
        if report.status == "Idle":
            self._idle(incoming, report.kind)
            return _NOTED
        key = f"{report.job} {_key(report.request_id)}".strip()
        held = self._state.records(incoming.station_id, report.kind).get(key)
        # A numbered job is the same one even if it was thought to be over.
        before = held.details if held and (held.standing or report.request_id is not None) else {}
        steps: list[Any] = list(before.get("steps", ()))
        steps.append({"at": incoming.now.isoformat(timespec="seconds"), "status": report.status})
        ours = {name: before[name] for name in _OURS if name in before}
        over = report.status in _LAST
        summary, missing = _summary(report), report.status == "Uploaded" and _awaits_file(before)
        if missing:
            summary = f"{summary}, but nothing has arrived here"
        told = Told(
            report.kind,
            key,
            _with_file(summary, before),
            _meaning(report) | report.said | ours | {"steps": steps[-_MOST_STEPS:]},
            severity=Severity.BAD if report.status in _FAILED else Severity.WARNING if missing else Severity.INFO,
            standing=not over,
        )
        self._records.keep(incoming, [told])
        if over:
            self._stop_timer(incoming.station_id, report.kind, key)
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

    # --- what we know ourselves ---

    def begin(self, asked: Asked) -> None:
        """A job is being asked for: from now on its progress is told as that of this one."""
        facts = {"what": asked.what, "until": asked.until.isoformat(), "here": asked.here}
        told = Told(asked.kind, asked.key, f"asked: {asked.what}", {"asked": facts}, standing=True, quiet=True)
        self._keep(asked.station_id, told)
        self._arm(asked.station_id, asked.kind, asked.key, asked.until)

    def refused(self, asked: Asked) -> None:
        """Nothing came of it."""
        self._stop_timer(asked.station_id, asked.kind, asked.key)
        self._state.emit([RecordGone(asked.station_id, asked.kind, asked.key)])

    def replaced(self, asked: Asked) -> None:
        """The station gave up what it was doing for this one (AcceptedCanceled)."""
        for held in list(self._state.records(asked.station_id, asked.kind).values()):
            if held.standing and held.key != asked.key and " " not in held.key:
                told = Told(asked.kind, held.key, f"cancelled: request {asked.key} took its place", held.details)
                self._keep(asked.station_id, told)
                self._stop_timer(asked.station_id, asked.kind, held.key)

    def arrived(self, file: StationFile) -> None:
        """The file of a job is here."""
        held = self._of(file)
        facts = {"id": file.file_id, "size_bytes": file.size_bytes, "name": file.name}
        if held is None:
            told = Told(RecordKind.LOG, str(file.request_id), "Uploaded", {"file": facts})
        else:
            over = not held.standing
            summary = "Uploaded" if over else held.summary
            told = Told(RecordKind.LOG, held.key, summary, held.details | {"file": facts}, standing=held.standing)
            if held.standing:
                self._arm_by(file.station_id, RecordKind.LOG, held.key, _WORD_TIMEOUT_S)
        self._keep(file.station_id, msgspec.structs.replace(told, summary=_with_file(told.summary, told.said)))

    def removed(self, station_id: str, file_id: str) -> None:
        """The file of a job was deleted."""
        for held in list(self._state.records(station_id, RecordKind.LOG).values()):
            file = held.details.get("file")
            if isinstance(file, dict) and file.get("id") == file_id:
                said = {name: fact for name, fact in held.details.items() if name != "file"}
                summary = f"{held.summary.partition(' (')[0]} (deleted since)"
                self._state.emit([RecordKept(msgspec.structs.replace(held, summary=summary, details=said))])

    def _of(self, file: StationFile) -> StationRecord | None:
        """The job that a file belongs to: that of its number, or the one without a number."""
        held = self._state.records(file.station_id, RecordKind.LOG)
        return held.get(str(file.request_id)) or held.get(_NOT_NAMED)

    def load(self) -> None:
        """Go on with the jobs that were under way when the service ended."""
        for station_id in self._state.stations:
            for kind in _FIELDS:
                for held in self._state.records(station_id, kind).values():
                    until = held.details.get("asked", {}).get("until") if held.standing else None
                    if until:
                        self._arm(station_id, kind, held.key, datetime.fromisoformat(until))

    # --- their time ---

    def _arm(self, station_id: str, kind: RecordKind, key: str, until: datetime) -> None:
        self._arm_by(station_id, kind, key, max(0.0, (until - self._clock.now()).total_seconds()))

    def _arm_by(self, station_id: str, kind: RecordKind, key: str, left_s: float) -> None:
        self._stop_timer(station_id, kind, key)
        self._timers[station_id, kind, key] = self._clock.call_later(
            left_s, lambda: self._time_over(station_id, kind, key)
        )

    def _stop_timer(self, station_id: str, kind: RecordKind, key: str) -> None:
        cancel = self._timers.pop((station_id, kind, key), None)
        if cancel is not None:
            cancel()

    def _forget(self, station_id: str) -> None:
        """A station is no more: nothing more comes of its jobs."""
        for key in [key for key in self._timers if key[0] == station_id]:
            self._stop_timer(*key)

    def _time_over(self, station_id: str, kind: RecordKind, key: str) -> None:
        """The station has not told how it ended, and will hardly do so."""
        self._timers.pop((station_id, kind, key), None)
        held = self._state.records(station_id, kind).get(key)
        if held is None or not held.standing:
            return
        if "file" in held.details:
            told = Told(kind, key, _with_file("Uploaded", held.details), held.details)
        else:
            text = f"its end was not told in time; the last was: {held.summary}"
            told = Told(kind, key, text, held.details, severity=Severity.WARNING)
        self._keep(station_id, told)

    def _keep(self, station_id: str, told: Told) -> None:
        self._records.keep(_Known(station_id, self._clock.now()), [told])


def _key(number: int | None) -> str:
    return _NOT_NAMED if number is None else str(number)


def _awaits_file(details: dict[str, Any]) -> bool:
    return bool(details.get("asked", {}).get("here")) and "file" not in details


def _with_file(summary: str, details: dict[str, Any]) -> str:
    """The summary, with the size of the file that is here."""
    file = details.get("file")
    head = summary.partition(" (")[0]
    return f"{head} ({file['size_bytes']} bytes are here)" if isinstance(file, dict) else summary


def _meaning(report: Progress) -> dict[str, str]:
    """What a failure means in words, to stand above what the station said."""
    return {"means": _WHY[report.status]} if report.status in _WHY else {}


def _summary(report: Progress) -> str:
    """The status, and what the station adds to it."""
    info = report.said.get("statusInfo")
    words = [report.status]
    if isinstance(info, dict):
        words += [str(info.get("reasonCode", "")), str(info.get("additionalInfo", ""))]
    words += [str(place) for place in report.said.get("location") or ()]
    return plain(" ".join(word for word in words if word))
