"""Deviations that are met in the field and do no harm: each is listed, repaired, and shown to the operator.

Everything else that breaks a schema is refused. A CSMS that refuses these would not see the station at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from console.csms.dialects.schemas import Violation

#: An over-long text is tolerated up to this length.
LONGEST = 255
ANY = "*"


class Tolerated(NamedTuple):
    """One kind of deviation: in which action ("*": any), at which property ("*": any), against which rule."""

    action: str
    field: str
    keyword: str


# fmt: off
TOLERATED_16 = frozenset(
    {
        # properties that do not exist: Authorize with connectorId, vendors' own
        Tolerated(ANY, ANY, "additionalProperties"),
        # serial numbers and tags one or more characters too long
        Tolerated("BootNotification", "chargePointSerialNumber", "maxLength"),
        Tolerated("BootNotification", "chargeBoxSerialNumber", "maxLength"),
        Tolerated("BootNotification", "meterSerialNumber", "maxLength"),
        Tolerated("BootNotification", "chargePointVendor", "maxLength"),
        Tolerated("BootNotification", "chargePointModel", "maxLength"),
        Tolerated("BootNotification", "firmwareVersion", "maxLength"),
        Tolerated("BootNotification", "meterType", "maxLength"),
        Tolerated("BootNotification", "iccid", "maxLength"),
        Tolerated("BootNotification", "imsi", "maxLength"),
        Tolerated("Authorize", "idTag", "maxLength"),
        Tolerated("StartTransaction", "idTag", "maxLength"),
        Tolerated("StopTransaction", "idTag", "maxLength"),
        # error codes that are no word of OCPP ("Error"), and long vendor texts
        Tolerated("StatusNotification", "errorCode", "enum"),
        Tolerated("StatusNotification", "info", "maxLength"),
        Tolerated("StatusNotification", "vendorErrorCode", "maxLength"),
        # numbers as numbers, "Hertz", measurands and contexts of a vendor's own or of 2.x
        *(
            Tolerated(action, field, keyword)
            for action in ("MeterValues", "StopTransaction")
            for field, keyword in (
                ("value", "type"), ("unit", "enum"), ("measurand", "enum"), ("context", "enum"), ("phase", "enum"),
                ("location", "enum"),
            )
        ),
        # a stop that is refused is a session lost: no reason is odd enough for that
        Tolerated("StopTransaction", "reason", "enum"),
    }
)
TOLERATED_2 = frozenset(
    {
        # properties that do not exist, though there is customData for them
        Tolerated(ANY, ANY, "additionalProperties"),
        # serial numbers, names and tokens one or more characters too long
        *(
            Tolerated("BootNotification", field, "maxLength")
            for field in ("serialNumber", "model", "vendorName", "firmwareVersion", "iccid", "imsi")
        ),
        Tolerated("BootNotification", "reason", "enum"),
        Tolerated("Authorize", "idToken", "maxLength"),
        # an event of a transaction that is refused is a session lost: no word in it is odd enough for that
        *(
            Tolerated("TransactionEvent", field, "enum")
            for field in ("triggerReason", "chargingState", "stoppedReason", "type", "measurand", "context", "phase",
                          "location")
        ),
        *(Tolerated("TransactionEvent", field, "maxLength") for field in ("idToken", "transactionId", "unit")),
        *(Tolerated("MeterValues", field, "enum") for field in ("measurand", "context", "phase", "location")),
    }
)
# fmt: on


def repair(
    tolerated: frozenset[Tolerated], action: str, payload: dict[str, Any], violations: Sequence[Violation]
) -> bool:
    """Take the tolerated deviations out of the payload, in place. False, and nothing done, if it has others as well.

    Properties in excess and nulls go, numbers become the texts that were expected; odd words and long texts stay.
    """
    if not all(_tolerated(tolerated, action, payload, violation) for violation in violations):
        return False
    for violation in violations:
        _mend(payload, violation)
    return True


def _tolerated(tolerated: frozenset[Tolerated], action: str, payload: dict[str, Any], violation: Violation) -> bool:
    keyword, field = violation.keyword, _field(violation)
    if keyword == "type" and _at(payload, violation.path) is None:
        return bool(violation.path) and isinstance(violation.path[-1], str)
    if not {(action, field, keyword), (ANY, ANY, keyword)} & tolerated:
        return False
    value = _at(payload, violation.path)
    if keyword == "maxLength":
        return len(value) <= LONGEST
    if keyword == "type":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return True


def _field(violation: Violation) -> str:
    return str(violation.path[-1]) if violation.path else ""


def _at(payload: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        payload = payload[step]
    return payload


def _mend(payload: dict[str, Any], violation: Violation) -> None:
    if violation.keyword == "additionalProperties":
        _at(payload, violation.path).pop(violation.name, None)
    elif violation.keyword == "type":
        holder, field = _at(payload, violation.path[:-1]), violation.path[-1]
        if holder[field] is None:
            del holder[field]
        else:
            holder[field] = str(holder[field])
