"""Security events, which are the same in every version: which of them a person must act on, and which are routine."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any

from console.csms.said.told import Told
from console.model.record import RecordKind, Severity

#: Somebody may be at the station, or between it and us, or it cannot be trusted any longer.
_ACT_ON = frozenset(
    {
        "AttemptedReplayAttacks", "InvalidFirmwareSignature", "InvalidFirmwareSigningCertificate", "MemoryExhaustion",
        "SecurityLogWasCleared", "TamperDetectionActivated",
    }
)  # fmt: skip
#: What stations tell in the course of their work.
_ROUTINE = frozenset({"FirmwareUpdated", "ResetOrReboot", "SettingSystemTime", "StartupOfTheDevice"})


def read_security_event(wire: dict[str, Any], at: datetime | None) -> Told:
    """SecurityEventNotification (1.6 security extension; 2.x A04). Kinds that OCPP does not list are events too."""
    kind, info = str(wire["type"]), str(wire.get("techInfo", ""))
    severity = Severity.BAD if kind in _ACT_ON else Severity.INFO if kind in _ROUTINE else Severity.WARNING
    # An event that is sent again is the same event; two of one kind at one instant differ in what they say.
    key = f"{wire['timestamp']} {kind} {zlib.crc32(info.encode('utf-8', 'replace')):08x}"
    summary = f"{kind} ({info})" if info else kind
    return Told(RecordKind.SECURITY_EVENT, key, summary, wire, at, severity=severity)
