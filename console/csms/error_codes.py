"""CALLERROR codes, spelled as each OCPP version spells them."""

from __future__ import annotations

from enum import Enum


class Meaning(Enum):
    """What is wrong with a CALL. The values are the spellings of OCPP 2.x (2.0.1 Part 4, table 8)."""

    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    INTERNAL_ERROR = "InternalError"
    PROTOCOL_ERROR = "ProtocolError"
    SECURITY_ERROR = "SecurityError"
    FORMAT_VIOLATION = "FormatViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurrenceConstraintViolation"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"
    GENERIC_ERROR = "GenericError"
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"
    RPC_FRAMEWORK_ERROR = "RpcFrameworkError"


# 1.6-J, table 7: two spellings of its own (one a misprint that was frozen), and no word for the last two.
_SPELLED_IN_16 = {
    Meaning.FORMAT_VIOLATION: "FormationViolation",
    Meaning.OCCURRENCE_CONSTRAINT_VIOLATION: "OccurenceConstraintViolation",
    Meaning.MESSAGE_TYPE_NOT_SUPPORTED: "GenericError",
    Meaning.RPC_FRAMEWORK_ERROR: "FormationViolation",
}


def code_for(version: str, meaning: Meaning) -> str:
    """Return the error code that says this in ``version`` ("1.6", "2.0.1" or "2.1")."""
    if version == "1.6":
        return _SPELLED_IN_16.get(meaning, meaning.value)
    return meaning.value
