"""The statuses of answers that are about charging: transactions, cables, reservations, tags and messages to drivers."""

from __future__ import annotations

from console.csms.explain.words import Statuses, Table, Words

_START: Statuses = {
    "Accepted": Words("start accepted, waiting for the cable"),
    "Rejected": Words(
        "the station refused to start",
        "The connector may be busy, reserved or out of service, or the tag unknown to the station: look at its state.",
    ),
}
_STOP: Statuses = {
    "Accepted": Words("stop accepted"),
    "Rejected": Words(
        "the station refused to stop",
        "It knows no such transaction; it may have ended already. Ask for its state with a trigger (g).",
    ),
}
_RESERVED_STEP = "Choose another connector, or wait until this one is free."

CHARGING: Table = {
    "RemoteStartTransaction": _START,
    "RequestStartTransaction": _START,
    "RemoteStopTransaction": _STOP,
    "RequestStopTransaction": _STOP,
    "UnlockConnector": {
        "Unlocked": Words("the cable is unlocked"),
        "UnlockFailed": Words(
            "the cable could not be unlocked",
            "Ask the driver to unlock the car first, push the plug in, and try again.",
        ),
        "NotSupported": Words(
            "there is nothing to unlock", "The cable is fixed to this station, or it has no such connector."
        ),
        "OngoingAuthorizedTransaction": Words(
            "not unlocked: an authorized transaction runs there", "Stop the transaction first (t), then unlock."
        ),
        "UnknownConnector": Words("the station has no such connector", "Look at its connectors, and name another."),
    },
    "ReserveNow": {
        "Accepted": Words("reserved"),
        "Faulted": Words("not reserved: the connector has a fault", "Clear the fault, or choose another connector."),
        "Occupied": Words("not reserved: the connector is in use or reserved", _RESERVED_STEP),
        "Rejected": Words(
            "the station makes no reservation", "It may not support them, or not for the station as a whole."
        ),
        "Unavailable": Words(
            "not reserved: the connector is out of service", "Take it back into service (v), or choose another."
        ),
    },
    "CancelReservation": {
        "Accepted": Words("the reservation is cancelled"),
        "Rejected": Words("the station knows no such reservation", "It may have expired, or been used already."),
    },
    "ClearCache": {
        "Accepted": Words("the cache is empty"),
        "Rejected": Words("the station did not empty its cache", "It may have none, or it is switched off."),
    },
    "SendLocalList": {
        "Accepted": Words("the station has taken the list of tags"),
        "Failed": Words(
            "the station could not store the list of tags",
            "The list may be too long for it, or its storage full: send a shorter one, or reset the station.",
        ),
        "NotSupported": Words(
            "the station keeps no list of tags", "It asks for every tag instead, while it is online."
        ),
        "VersionMismatch": Words(
            "the station holds another version of the list", "Send the full list: a differential one fits only its own."
        ),
    },
    "SetDisplayMessage": {
        "Accepted": Words("the station will show the message"),
        "NotSupportedMessageFormat": Words(
            "the station cannot show a text of this format", "Plain text (ASCII or UTF8) is what most can show."
        ),
        "Rejected": Words(
            "the station does not show the message", "It may have no display, or no room for more messages."
        ),
        "NotSupportedPriority": Words("the station knows no such priority", "Try NormalCycle."),
        "NotSupportedState": Words("the station shows no messages in this state", "Leave the state away, or Idle."),
        "UnknownTransaction": Words(
            "the station knows no such transaction", "It may have ended: leave the transaction away."
        ),
        "LanguageNotSupported": Words(
            "the station does not show this language", "Its DisplayMessageCtrlr/Language names those it shows."
        ),
    },
    "GetDisplayMessages": {
        "Accepted": Words("the station will send its messages"),
        "Unknown": Words("the station holds no such message", "Ask without id, priority and state for all."),
    },
    "ClearDisplayMessage": {
        "Accepted": Words("the message is cleared"),
        "Unknown": Words("the station knows no such message", "It may have ended already."),
        "Rejected": Words("the station keeps this message", "It is one of its own, and cannot be cleared."),
    },
    "ChangeTransactionTariff": {
        "Accepted": Words("the tariff of the transaction is changed"),
        "Rejected": Words("the station keeps the old tariff", "It may not know this kind of tariff."),
        "TooManyElements": Words(
            "the tariff has more elements than the station can hold", "Merge prices that differ little."
        ),
        "ConditionNotSupported": Words(
            "the station does not know one of the tariff's conditions",
            "Send it without conditions, or with simpler ones.",
        ),
        "TxNotFound": Words("the station knows no such transaction", "It may have ended already."),
        "NoCurrencyChange": Words(
            "a running transaction cannot change its currency", "Use the currency with which it began."
        ),
    },
    "SetDefaultTariff": {
        "Accepted": Words("the tariff is set"),
        "Rejected": Words("the station did not take the tariff", "It may not know this kind, or no such EVSE."),
        "TooManyElements": Words(
            "the tariff has more elements than the station can hold", "Merge prices that differ little."
        ),
        "ConditionNotSupported": Words(
            "the station does not know one of the tariff's conditions",
            "Send it without conditions, or with simpler ones.",
        ),
        "DuplicateTariffId": Words(
            "the station has another tariff of this id", "Clear that one, or choose another id."
        ),
    },
    "GetTariffs": {
        "Accepted": Words("the station told its tariffs"),
        "Rejected": Words("the station does not tell its tariffs", "It may have no such EVSE."),
        "NoTariff": Words("there is no tariff there"),
    },
    "ClearTariffs": {
        "Accepted": Words("the tariffs are cleared"),
        "Rejected": Words("a tariff was not cleared", "It may be in use by a running transaction."),
        "NoTariff": Words("there was no such tariff"),
    },
    "RequestBatterySwap": {
        "Accepted": Words("battery swap accepted"),
        "Rejected": Words("the station refused the battery swap", "It may have no charged battery, or no free slot."),
    },
}
