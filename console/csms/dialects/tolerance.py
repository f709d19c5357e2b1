"""Deviations that are met in the field and can be understood: each has a name, is repaired, and shown to the operator.

Which of them count for a station is for its make's profile and its operator to say (``csms.makes``). ``BASE`` holds for
all: a transaction's messages must not be lost for a word. OCPP says so itself: whatever a CSMS finds wrong in them, not
to answer makes the station only send them again (1.6 §4.7, §4.8, §4.10; 2.x Part 2, E and J: TransactionEvent is
always answered).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from console.csms.dialects.schemas import Violation
from console.model.make import Toleration

#: An over-long text is tolerated up to this length.
LONGEST = 255
ANY = "*"


class Tolerated(NamedTuple):
    """One kind of deviation: in which action ("*": any), at which property ("*": any), against which rule."""

    action: str
    field: str
    keyword: str


Rules = frozenset[Tolerated]


def _rules(actions: str, fields: str, keyword: str) -> Rules:
    return frozenset(Tolerated(action, field, keyword) for action in actions.split() for field in fields.split())


#: Where a null stands for a property that may be left out.
NULL = "null"
_IDENTITY_16 = (
    "chargePointSerialNumber chargeBoxSerialNumber meterSerialNumber chargePointVendor chargePointModel "
    "firmwareVersion meterType iccid imsi"
)
_IDENTITY_2 = "serialNumber model vendorName firmwareVersion iccid imsi"
_SAMPLE = "unit measurand context phase location"

RULES: dict[Toleration, Rules] = {
    Toleration.UNKNOWN_PROPERTIES: _rules(ANY, ANY, "additionalProperties"),
    Toleration.NULLS: _rules(ANY, ANY, NULL),
    Toleration.LONG_SERIALS: _rules("BootNotification", f"{_IDENTITY_16} {_IDENTITY_2}", "maxLength"),
    Toleration.LONG_TEXTS: _rules("StatusNotification", "info vendorErrorCode vendorId", "maxLength")
    | _rules("SecurityEventNotification", "techInfo type", "maxLength"),
    Toleration.LONG_TAGS: _rules("Authorize StartTransaction StopTransaction", "idTag", "maxLength")
    | _rules("Authorize TransactionEvent", "idToken", "maxLength"),
    Toleration.ODD_ERRORS: _rules("StatusNotification", "errorCode", "enum"),
    Toleration.ODD_REASONS: _rules("StopTransaction BootNotification", "reason", "enum")
    | _rules("TransactionEvent", "stoppedReason", "enum"),
    Toleration.ODD_SAMPLES: _rules("MeterValues StopTransaction TransactionEvent", _SAMPLE, "enum"),
    Toleration.ODD_EVENTS: _rules("TransactionEvent", "triggerReason chargingState type", "enum")
    | _rules("TransactionEvent", "transactionId unit", "maxLength"),
    Toleration.NUMBERS_AS_VALUES: _rules("MeterValues StopTransaction", "value", "type"),
    Toleration.EMPTY_LISTS: _rules("NotifyReport NotifyMonitoringReport", "reportData monitor", "minItems"),
    Toleration.MISSING_TIMES: _rules("StatusNotification", "timestamp", "required"),
    Toleration.MISSING_EVENT_TYPE: _rules("NotifyMonitoringReport NotifyEvent", "eventNotificationType", "required"),
}
#: The messages of a transaction.
_TRANSACTIONS = "StartTransaction StopTransaction MeterValues TransactionEvent"
#: What is tolerated of everybody.
BASE: Rules = (
    _rules(_TRANSACTIONS, ANY, "additionalProperties")
    | _rules(_TRANSACTIONS, ANY, NULL)
    | frozenset(rule for rules in RULES.values() for rule in rules if rule.action in _TRANSACTIONS.split())
)
NOTHING: Rules = frozenset()
#: All that can be understood.
EVERYTHING: Rules = BASE | frozenset(rule for rules in RULES.values() for rule in rules)
#: What stands in for something that is missing and must not be. The times are those of arrival ("" is none).
_STAND_INS: dict[str, Any] = {"timestamp": "", "eventNotificationType": "CustomMonitor"}


def rules_of(tolerated: Iterable[Toleration]) -> Rules:
    """The rules of some kinds of deviation, and those that hold for all."""
    return BASE.union(*(RULES[each] for each in tolerated))


def repair(tolerated: Rules, action: str, payload: dict[str, Any], violations: Sequence[Violation]) -> bool:
    """Take the tolerated deviations out of the payload, in place. False, and nothing done, if it has others as well.

    Properties in excess, nulls and empty lists go, numbers become the texts that were expected, something stands in for
    what is missing; odd words and long texts stay.
    """
    if not all(_tolerated(tolerated, action, payload, violation) for violation in violations):
        return False
    for violation in violations:
        _mend(payload, violation)
    return True


def _tolerated(tolerated: Rules, action: str, payload: dict[str, Any], violation: Violation) -> bool:
    keyword, field = violation.keyword, _field(violation)
    value: Any = None if keyword == "required" else _at(payload, violation.path)
    if keyword == "type" and value is None:
        keyword = NULL
    if not {(action, field, keyword), (action, ANY, keyword), (ANY, ANY, keyword)} & tolerated:
        return False
    if keyword == NULL:
        return bool(violation.path) and isinstance(violation.path[-1], str)
    if keyword == "maxLength":
        return len(value) <= LONGEST
    if keyword == "type":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return True


def _field(violation: Violation) -> str:
    if violation.keyword == "required":
        return violation.name
    return str(violation.path[-1]) if violation.path else ""


def _at(payload: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        payload = payload[step]
    return payload


def _mend(payload: dict[str, Any], violation: Violation) -> None:
    if violation.keyword == "additionalProperties":
        _at(payload, violation.path).pop(violation.name, None)
    elif violation.keyword == "required":
        _at(payload, violation.path)[violation.name] = _STAND_INS[violation.name]
    elif violation.keyword in ("type", "minItems"):
        holder, field = _at(payload, violation.path[:-1]), violation.path[-1]
        if not holder[field] and not isinstance(holder[field], int | float):
            del holder[field]
        else:
            holder[field] = str(holder[field])
