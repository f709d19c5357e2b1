"""The statuses of answers that are about the station itself: its state, settings, reports and monitors."""

from __future__ import annotations

from console.csms.explain.words import Statuses, Table, Words

_TRIGGER: Statuses = {
    "Accepted": Words("the message will come"),
    "Rejected": Words(
        "the station does not send this message now",
        "Some want a connector named, and some never send this message on request.",
    ),
    "NotImplemented": Words(
        "the station cannot send this message on request", "This is no fault: wait until it sends one by itself."
    ),
}
_NO_COMPONENT = Words("the station has no such component", "Read its settings (r), and mind instance and EVSE.")
_NO_VARIABLE = Words("the component has no such variable", "Read its settings (r), and mind the spelling.")
_NO_ATTRIBUTE = Words(
    "the variable has no such attribute", "Most have Actual only; Target, MinSet and MaxSet are rare."
)


def _report(what: str) -> Statuses:
    return {
        "Accepted": Words(f"the station will send {what}"),
        "Rejected": Words(
            f"the station does not send {what} now", "It may be busy with another report: wait, then try again."
        ),
        "NotSupported": Words(f"the station cannot send {what}", "Ask for another report, or for single variables."),
        "EmptyResultSet": Words("there is nothing to report", "Nothing matches: ask for more components or criteria."),
    }


DEVICE: Table = {
    "ChangeAvailability": {
        "Accepted": Words("availability changed"),
        "Scheduled": Words("scheduled: takes effect when the running transaction ends"),
        "Rejected": Words("the station keeps its availability", "It may have no such connector."),
    },
    "Reset": {
        "Accepted": Words("reset accepted, the station will come back"),
        "Rejected": Words(
            "the station refused to reset", "A hard (immediate) reset may work where a soft one does not."
        ),
        "Scheduled": Words("reset scheduled: the station resets when its transactions have ended"),
    },
    "TriggerMessage": _TRIGGER,
    "ExtendedTriggerMessage": _TRIGGER,
    "DataTransfer": {
        "Accepted": Words("the station took the data"),
        "Rejected": Words(
            "the station knows the message but refused the data", "Look in the manufacturer's manual for its form."
        ),
        "UnknownVendorId": Words(
            "the station knows no such vendor", "The vendor id must be written exactly as the manual has it."
        ),
        "UnknownMessageId": Words(
            "the station knows the vendor, but not this message", "Its firmware may be older than the manual."
        ),
    },
    "ChangeConfiguration": {
        "Accepted": Words("the setting is changed"),
        "RebootRequired": Words(
            "the setting is stored; it takes effect after a reset", "Reset the station (R) when nobody is charging."
        ),
        "Rejected": Words(
            "the station refused the value", "The key is known, but it is read-only or the value is out of its range."
        ),
        "NotSupported": Words(
            "the station does not know this key", "Read its settings (r) to see its keys, and mind their spelling."
        ),
    },
    "SetVariables": {
        "Accepted": Words("the setting is changed"),
        "Rejected": Words("the station refused the value", "The variable may be read-only, or the value out of range."),
        "UnknownComponent": _NO_COMPONENT,
        "UnknownVariable": _NO_VARIABLE,
        "NotSupportedAttributeType": _NO_ATTRIBUTE,
        "RebootRequired": Words(
            "the setting is stored; it takes effect after a reset", "Reset the station (R) when nobody is charging."
        ),
    },
    "GetVariables": {
        "Accepted": Words("the setting is read"),
        "Rejected": Words("the station does not tell this value", "It may be write-only, as passwords are."),
        "UnknownComponent": _NO_COMPONENT,
        "UnknownVariable": _NO_VARIABLE,
        "NotSupportedAttributeType": _NO_ATTRIBUTE,
    },
    "GetBaseReport": _report("the report"),
    "GetReport": _report("the report"),
    "GetMonitoringReport": _report("its monitors"),
    "SetMonitoringBase": {
        "Accepted": Words("the set of monitors is chosen"),
        "Rejected": Words("the station keeps its monitors", "Try again when it is idle."),
        "NotSupported": Words("the station does not know this set of monitors", "Try FactoryDefault or All."),
        "EmptyResultSet": Words("the station has no monitors in this set", "Set monitors of your own."),
    },
    "SetMonitoringLevel": {
        "Accepted": Words("the level is set: only events this severe are sent"),
        "Rejected": Words("the station keeps its level", "Levels go from 0 (danger) to 9 (debug)."),
    },
    "SetVariableMonitoring": {
        "Accepted": Words("the monitor is set"),
        "UnknownComponent": _NO_COMPONENT,
        "UnknownVariable": _NO_VARIABLE,
        "UnsupportedMonitorType": Words(
            "the variable cannot be monitored in this way", "Thresholds and deltas need numbers; try Periodic or Delta."
        ),
        "Rejected": Words(
            "the station refused the monitor", "Its value may lie outside the variable's limits, or there are too many."
        ),
        "Duplicate": Words(
            "there is such a monitor already", "One of this type and severity exists: clear or change that one."
        ),
    },
    "ClearVariableMonitoring": {
        "Accepted": Words("the monitor is cleared"),
        "Rejected": Words("the station keeps the monitor", "It is built in, and cannot be cleared."),
        "NotFound": Words("the station has no such monitor", "Ask for its monitors to see their ids."),
    },
    "CustomerInformation": {
        "Accepted": Words("the station will send, or clear, what it knows of the customer"),
        "Rejected": Words("the station does not do this now", "It may be busy: try again later."),
        "Invalid": Words(
            "the station cannot do this with this customer",
            "Name the customer by one of: tag, certificate, identifier.",
        ),
    },
    "AdjustPeriodicEventStream": {
        "Accepted": Words("the stream is adjusted"),
        "Rejected": Words("the station keeps the stream as it is", "It may have no stream of this id, or not so fast."),
    },
}
