"""OCPP 1.6: what a station's answer to a request of ours means, in words and with a hint."""

from __future__ import annotations

from typing import Any

from console.csms.dialects.base import Judged
from console.model.outcome import Result
from console.model.text import plain

#: Statuses that mean "done, or will be"; every other word is a refusal.
_YES = frozenset({"Accepted", "Scheduled", "Unlocked", "RebootRequired", "AcceptedCanceled"})

_WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("RemoteStartTransaction", "Accepted"): ("start accepted, waiting for the cable", ""),
    ("RemoteStartTransaction", "Rejected"): (
        "the station refused to start",
        "The connector may be busy, reserved, faulted or out of service, or the station may want to know the tag: "
        "look at its state, and try a tag it has accepted before.",
    ),
    ("RemoteStopTransaction", "Accepted"): ("stop accepted", ""),
    ("RemoteStopTransaction", "Rejected"): (
        "the station refused to stop",
        "It knows no such transaction; it may have ended already. Ask for its state with a trigger.",
    ),
    ("UnlockConnector", "Unlocked"): ("the cable is unlocked", ""),
    ("UnlockConnector", "UnlockFailed"): (
        "the cable could not be unlocked",
        "Ask the driver to unlock the car first, push the plug in, and try again.",
    ),
    ("UnlockConnector", "NotSupported"): (
        "there is nothing to unlock",
        "The cable is fixed to this station, or it has no such connector.",
    ),
    ("ChangeConfiguration", "Accepted"): ("the setting is changed", ""),
    ("ChangeConfiguration", "RebootRequired"): (
        "the setting is stored; it takes effect after a reset",
        "Reset the station when nobody is charging.",
    ),
    ("ChangeConfiguration", "Rejected"): (
        "the station refused the value",
        "The key is known, but it is read-only or the value is out of its range.",
    ),
    ("ChangeConfiguration", "NotSupported"): (
        "the station does not know this key",
        "Read its settings to see the keys it has, and mind their spelling.",
    ),
    ("ChangeAvailability", "Accepted"): ("availability changed", ""),
    ("ChangeAvailability", "Scheduled"): ("scheduled: takes effect when the running transaction ends", ""),
    ("ChangeAvailability", "Rejected"): ("the station refused", "It may have no such connector."),
    ("Reset", "Accepted"): ("reset accepted, the station will come back", ""),
    ("Reset", "Rejected"): ("the station refused to reset", "A hard reset may work where a soft one does not."),
    ("ClearCache", "Accepted"): ("the cache is empty", ""),
    ("ClearCache", "Rejected"): ("the station refused", "It may have no cache."),
    ("TriggerMessage", "Accepted"): ("the message will come", ""),
    ("TriggerMessage", "Rejected"): (
        "the station refused",
        "Some want a connector named, and some never send this message on request.",
    ),
    ("TriggerMessage", "NotImplemented"): ("the station cannot send this message on request", ""),
    ("DataTransfer", "Accepted"): ("the station took the data", ""),
    ("DataTransfer", "Rejected"): ("the station knows the message but refused the data", ""),
    ("DataTransfer", "UnknownVendorId"): (
        "the station knows no such vendor",
        "The vendor id must be written exactly as the manufacturer's manual has it.",
    ),
    ("DataTransfer", "UnknownMessageId"): ("the station knows the vendor, but not this message", ""),
}
_MORE = {
    "NotSupported": "The station does not support this.",
    "NotImplemented": "The station does not support this.",
}


def judge(action: str, payload: dict[str, Any]) -> Judged:
    """Say what an answer means. Statuses that 1.6 does not know are taken as the station meant them."""
    if action == "GetConfiguration":
        return _judge_configuration(payload)
    status = payload.get("status")
    if not isinstance(status, str):
        return Judged(Result.ACCEPTED, f"{action} answered")
    result = Result.ACCEPTED if status in _YES else Result.REJECTED
    text, hint = _WORDS.get((action, status), (f"{action} answered {plain(status)}", _MORE.get(status, "")))
    return Judged(result, text, hint)


def _judge_configuration(payload: dict[str, Any]) -> Judged:
    read = payload.get("configurationKey") or []
    unknown = [plain(str(key)) for key in payload.get("unknownKey") or []]
    settings = "1 setting read" if len(read) == 1 else f"{len(read)} settings read"
    if not unknown:
        return Judged(Result.ACCEPTED, settings)
    text = f"{settings}, unknown: {', '.join(unknown[:5])}"
    return Judged(Result.ACCEPTED if read else Result.REJECTED, text, "The station does not have these keys.")
