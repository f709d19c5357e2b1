"""Logs and firmware in the words of OCPP 1.6 and its security extension (1.6 §6.19, §6.47; security whitepaper)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.csms.dialects.base import Wire
from console.csms.dialects.files import attempts, log_parameters, retrieve_at, signed
from console.csms.dialects.times import write_time
from console.csms.ports import Payload
from console.errors import ConsoleError
from console.model.file_command import FetchLog, UpdateFirmware
from console.model.station_file import FileKind


def _fetch_log(command: FetchLog) -> Wire:
    if command.as_log or command.kind is FileKind.SECURITY:
        return Wire("GetLog", log_parameters(command))
    payload: Payload = {"location": command.location} | attempts(command)
    if command.since is not None:
        payload["startTime"] = write_time(command.since)
    if command.until is not None:
        payload["stopTime"] = write_time(command.until)
    return Wire("GetDiagnostics", payload)


def _update_firmware(command: UpdateFirmware) -> Wire:
    if command.signing_certificate or command.signature:
        return Wire("SignedUpdateFirmware", signed(command))
    if command.install_at is not None:
        raise ConsoleError(
            "OCPP 1.6 knows no date of installation: the station installs when it has the firmware.",
            "Say only when it shall be fetched (at).",
        )
    payload = {"location": command.location, "retrieveDate": write_time(retrieve_at(command))} | attempts(command)
    return Wire("UpdateFirmware", payload)


CALLS: dict[type, Callable[[Any], Wire]] = {FetchLog: _fetch_log, UpdateFirmware: _update_firmware}
