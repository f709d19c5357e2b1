"""Logs fetched and firmware installed: an address in the drop box, the request, and its progress to the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from console.csms.device.known_settings import KnownSettings
from console.csms.device.report_waits import Ask
from console.csms.incoming import Connection
from console.csms.ports import Clock, FileBox
from console.csms.records.progress import Asked, Jobs
from console.errors import ConsoleError
from console.model.file_command import FetchLog, FileProtocol, RemoveLog, UpdateFirmware
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind
from console.model.station_file import FileKind

#: Numbers count seconds from here, so that they never come again after a restart, and fit into 32 bits until 2088.
_EPOCH = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
#: How long a log may take to arrive, and firmware to be fetched and installed once its time has come: many stations
#: wait until nobody charges.
_LOG_LASTS, _FIRMWARE_LASTS = timedelta(hours=1), timedelta(hours=24)
#: What a station says that does not know a request.
_UNKNOWN = ("NotImplemented", "NotSupported")
#: Where a station says which protocols it knows: 1.6, and 2.x.
_PROTOCOLS = ("supportedfiletransferprotocols", "ocppcommctrlr/filetransferprotocols")
_URLS = ("http://", "https://", "ftp://", "ftps://", "sftp://")


class Files:
    """The commands about logs and firmware."""

    def __init__(self, clock: Clock, box: FileBox, jobs: Jobs, ask: Ask, known: KnownSettings) -> None:
        self._clock = clock
        self._box = box
        self._jobs = jobs
        self._ask = ask
        self._known = known
        self._last_id = 0
        self.commands: dict[type, Callable[[Connection, Any], Awaitable[Outcome]]] = {
            FetchLog: self.fetch_log,
            UpdateFirmware: self.update_firmware,
        }

    def _next_id(self) -> int:
        self._last_id = max(self._last_id + 1, int((self._clock.now() - _EPOCH).total_seconds()))
        return self._last_id

    async def fetch_log(self, connection: Connection, command: FetchLog) -> Outcome:
        """GetDiagnostics or GetLog. A 1.6 station that does not know the first is asked with the second."""
        if command.since and command.until and command.since >= command.until:
            return Outcome(Result.NOT_POSSIBLE, "the period ends before it begins")
        command = msgspec.structs.replace(command, request_id=self._next_id())
        until = self._clock.now() + _LOG_LASTS + _retrying(command)
        try:
            ftp = await self._by_ftp(connection, command.protocol)
            location = await self._box.expect(connection.session, command.kind, command.request_id, until, ftp=ftp)
        except ConsoleError as error:
            return Outcome(Result.NOT_POSSIBLE, error.message, error.hint)
        command = msgspec.structs.replace(command, location=location)
        outcome = await self._asked_for_log(connection, command, until)
        if outcome.error_code in _UNKNOWN and _may_be_other(connection, command):
            outcome = await self._asked_for_log(connection, msgspec.structs.replace(command, as_log=True), until)
        if not outcome.ok:
            await self._box.withdraw(location)
        return outcome

    async def _asked_for_log(self, connection: Connection, command: FetchLog, until: datetime) -> Outcome:
        numbered = command.as_log or not _may_be_other(connection, command)
        number = command.request_id if numbered else None
        asked = Asked(command.station_id, RecordKind.LOG, number, f"{command.kind} log", until, here=True)
        self._jobs.begin(asked)
        outcome = await self._ask(connection, command)
        answer = outcome.answer or {}
        if outcome.ok and not numbered and not answer.get("fileName"):
            self._jobs.refused(asked)
            text = "the station has no diagnostics of that period"
            return msgspec.structs.replace(outcome, result=Result.REJECTED, text=text, hint="Ask for another period.")
        return self._begun(asked, outcome, f"the {command.kind} log is on its way")

    async def update_firmware(self, connection: Connection, command: UpdateFirmware) -> Outcome:
        """UpdateFirmware, or SignedUpdateFirmware (1.6). A file of this computer is offered in the drop box."""
        now = self._clock.now()
        at = command.retrieve_at or now
        if command.install_at is not None and command.install_at < at:
            return Outcome(Result.NOT_POSSIBLE, "it cannot be installed before it is fetched")
        command = msgspec.structs.replace(command, request_id=self._next_id(), retrieve_at=at)
        until = max(now, at, command.install_at or now) + _FIRMWARE_LASTS + _retrying(command)
        here = not command.source.casefold().startswith(_URLS)
        try:
            location = command.source
            if here:
                ftp = await self._by_ftp(connection, command.protocol)
                location = await self._box.offer(connection.session, Path(command.source), until, ftp=ftp)
        except ConsoleError as error:
            return Outcome(Result.NOT_POSSIBLE, error.message, error.hint)
        command = msgspec.structs.replace(command, location=location)
        numbered = connection.dialect.numbers_jobs or bool(command.signature)
        name = location.rstrip("/").rpartition("/")[2]
        asked = Asked(
            command.station_id,
            RecordKind.FIRMWARE,
            command.request_id if numbered else None,
            f"update to {name}",
            until,
        )
        self._jobs.begin(asked)
        outcome = self._begun(asked, await self._ask(connection, command), f"it is told to fetch {name}")
        if here and not outcome.ok:
            await self._box.withdraw(location)
        return outcome

    async def remove_log(self, command: RemoveLog) -> Outcome:
        """Delete a file in the drop box; the record of the job stays, and says so."""
        try:
            gone = await self._box.remove(command.file_id, command.station_id)
        except ConsoleError as error:
            return Outcome(Result.NOT_POSSIBLE, error.message, error.hint)
        if not gone:
            text = f"there is no file {command.file_id} of {command.station_id or 'that station'}"
            return Outcome(Result.NOT_POSSIBLE, text, "See: ocpp-console logs list")
        self._jobs.removed(command.station_id, command.file_id)
        return Outcome(Result.ACCEPTED, "the log is deleted")

    async def _by_ftp(self, connection: Connection, protocol: FileProtocol) -> bool:
        """Whether a file goes by FTP. Raises ConsoleError where that is for the operator to decide."""
        if protocol is not FileProtocol.AUTO:
            return protocol is FileProtocol.FTP
        known = await self._known(connection.station_id)
        held = next((known[key] for key in _PROTOCOLS if key in known), None)
        spoken = {each.strip().upper() for each in ((held.value if held else None) or "").split(",")}
        only_ftp = "FTP" in spoken and not spoken & {"HTTP", "HTTPS"}
        if only_ftp and connection.session.security_profile >= 2:
            raise ConsoleError(
                f"{connection.station_id} says that it knows FTP but not HTTP ({held.key if held else ''}), and FTP is "
                "plain text, while it connects by TLS.",
                "Say that it may be FTP all the same (by: ftp, or --protocol ftp), or http to try that.",
            )
        return only_ftp

    def _begun(self, asked: Asked, outcome: Outcome, text: str) -> Outcome:
        """What the answer means for the job."""
        status = (outcome.answer or {}).get("status")
        if outcome.ok and status == "AcceptedCanceled":
            self._jobs.replaced(asked)
            text = f"{text}; what was under way before is cancelled"
        if outcome.ok:
            return msgspec.structs.replace(outcome, text=text, answer={**(outcome.answer or {}), "job": asked.key})
        if outcome.result not in (Result.TIMED_OUT, Result.OFFLINE):  # it may do it all the same
            self._jobs.refused(asked)
        return outcome


def _may_be_other(connection: Connection, command: FetchLog) -> bool:
    """Whether the station's version has two requests for it."""
    return command.kind is FileKind.DIAGNOSTICS and not connection.dialect.numbers_jobs


def _retrying(command: FetchLog | UpdateFirmware) -> timedelta:
    return timedelta(seconds=min((command.retries or 0) * (command.retry_interval_s or 0), 86_400))
