"""CALLERROR codes of every version (1.6-J table 7, 2.x Part 4 table 8), in words."""

from __future__ import annotations

from console.csms.explain.words import Words

_MALFORMED = Words(
    "the station does not understand the request", "Its firmware may be old or read OCPP otherwise: see Messages (m)."
)
_OCCURRENCE = Words(
    "the station misses a field, or finds one too many",
    "Fill in more of the optional fields, or fewer: see Messages (m).",
)

ERRORS: dict[str, Words] = {
    "NotImplemented": Words(
        "the station does not know this request", "Its firmware lacks it. This is no fault of yours."
    ),
    "NotSupported": Words(
        "the station knows this request but does not support it", "It may be switched off in the station's settings."
    ),
    "InternalError": Words("the station failed inside", "Try again; a reset may help, and its log may say more."),
    "ProtocolError": Words("the station finds the request incomplete", "Look at it in Messages (m)."),
    "SecurityError": Words(
        "the station does not allow this for reasons of security", "Look at its security settings and profile."
    ),
    "FormationViolation": _MALFORMED,
    "FormatViolation": _MALFORMED,
    "PropertyConstraintViolation": Words(
        "the station finds a value that it cannot take", "It may be too long, or not known to it: see Messages (m)."
    ),
    "OccurenceConstraintViolation": _OCCURRENCE,
    "OccurrenceConstraintViolation": _OCCURRENCE,
    "TypeConstraintViolation": Words(
        "the station expects a value of another type", "A number for a text, or the reverse: see Messages (m)."
    ),
    "GenericError": Words("the station failed and says no more", "Try again; its log may say more."),
    "MessageTypeNotSupported": Words("the station does not know this type of message", "Its OCPP version is older."),
    "RpcFrameworkError": Words(
        "the station could not read the frame at all", "A proxy in between may alter frames: see Messages (m)."
    ),
}
