"""Commands about logs and firmware in words, and the requests they lead to. Pure."""

from __future__ import annotations

from typing import Any

from console.model import command as c
from console.model.file_command import FetchLog, RemoveLog, UpdateFirmware
from console.model.when import write_when


def asked(command: c.Command) -> str | None:
    """What is asked of a station, in a few words; None for other commands."""
    match command:
        case FetchLog(_, kind):
            return f"send its {kind} log"
        case UpdateFirmware(_, source):
            return f"install {_name(source)}"
        case RemoveLog(_, file_id):
            return f"delete the log {file_id}"
        case _:
            return None


def request(command: c.Command, version: str) -> tuple[str, dict[str, Any]] | None:
    """The request that a command leads to, as far as it is known before an address is made; None for others."""
    if not isinstance(command, UpdateFirmware):
        return None
    fetched = write_when(command.retrieve_at) if command.retrieve_at else "now"
    old = version in ("", "1.6")
    if old and not command.signature:
        return "UpdateFirmware", {"location": _name(command.source), "retrieveDate": fetched} | _attempts(command)
    firmware: dict[str, Any] = {"location": _name(command.source), "retrieveDateTime": fetched}
    if command.install_at:
        firmware["installDateTime"] = write_when(command.install_at)
    if command.signature:
        firmware["signature"] = "(signed)"
    return ("SignedUpdateFirmware" if old else "UpdateFirmware"), {"firmware": firmware} | _attempts(command)


def _attempts(command: UpdateFirmware) -> dict[str, int]:
    said = {"retries": command.retries, "retryInterval": command.retry_interval_s}
    return {name: number for name, number in said.items() if number is not None}


def _name(source: str) -> str:
    """A URL as it is; of a path, the file: its address is made when the station is asked."""
    return source if "://" in source else source.rpartition("/")[2]
