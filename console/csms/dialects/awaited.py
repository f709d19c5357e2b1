"""What a station sends because we asked for it: that much it may say before it is let in (2.0.1 B02.FR.09)."""

from __future__ import annotations

from console.csms.dialects.base import Wire

_REPORTS = {"GetBaseReport": "NotifyReport", "GetReport": "NotifyReport"}


def awaited(asked: Wire) -> str:
    """The action that comes of a request of ours ("" if none does)."""
    if asked.action in ("TriggerMessage", "ExtendedTriggerMessage"):
        requested = str(asked.payload.get("requestedMessage", ""))
        return "SignCertificate" if requested.startswith("Sign") else requested
    return _REPORTS.get(asked.action, "")
