"""The standardized reason codes of statusInfo (2.0.1 and 2.1 Part 2, Appendix 5), in words."""

from __future__ import annotations

from console.csms.explain.words import Words

_NO_MODEL = Words("the station's device model lacks something", "Its settings do not hold what this asks for.")

REASONS: dict[str, Words] = {
    "CSNotAccepted": Words("the station has not been accepted yet", "Accept it (a), and let it boot."),
    "ConflictingProfile": Words("it conflicts with another profile", "Clear the other one, or change the stack level."),
    "DuplicateProfile": Words(
        "another profile has this stack level and purpose", "Choose another stack level, or clear the other one."
    ),
    "DuplicateRequestId": Words("the request id was used before", "Try again: it will have another one."),
    "DuplicateSeqNo": Words("the sequence number was used before", "Try again."),
    "FixedCable": Words("the cable is fixed to the station", "It cannot be unlocked; unplug it at the car."),
    "FwUpdateInProgress": Words("a firmware update is under way", "Wait until it has ended."),
    "InternalError": Words("the station failed inside", "A reset may help; its log may say more."),
    "InvalidCertificate": Words("the certificate is invalid", "Look at its dates, its chain and its key."),
    "InvalidCSR": Words("the certificate request is invalid", "Let the station ask anew (trigger SignCertificate…)."),
    "InvalidIdToken": Words("the station does not accept this tag", "Use another tag, or put it on its local list."),
    "InvalidMessageSeq": Words("the request does not fit what was said before", "Send the requests in their order."),
    "InvalidNetworkConf": Words("the network profile is invalid", "Look at its URL, interface and security profile."),
    "InvalidProfile": Words("the charging profile is invalid", "Look at its purpose, kind and validity."),
    "InvalidProfileId": Words(
        "the profile's id is taken or reserved", "Choose another id, beyond those of the station."
    ),
    "InvalidSchedule": Words("the charging schedule is invalid", "The first period begins at 0, the others ascend."),
    "InvalidStackLevel": Words("the station has no such stack level", "Choose a lower stack level."),
    "InvalidURL": Words("the address is invalid", "Look at its scheme, host and path."),
    "InvalidValue": Words("the value is invalid", "Look at the variable's type and limits in its settings."),
    "MissingDevModelInfo": _NO_MODEL,
    "MissingDeviceModelInfo": _NO_MODEL,
    "MissingParam": Words("a parameter is missing", "Fill in more of the request's fields."),
    "NoCable": Words("there is no cable", "Let the driver plug in first."),
    "NoError": Words("the station names no error", "Look at its state."),
    "NoProfile": Words("there is no such profile", "Set one first."),
    "NoSecurityDowngrade": Words("it would lower the security", "Raise the security profile, never lower it."),
    "NotEnabled": Words("this is switched off at the station", "Switch it on in its settings (…Ctrlr/Enabled)."),
    "NotFound": Words("the station does not find it", "Read anew what it has."),
    "OutOfMemory": Words("the station has no memory left", "Reset it when nobody is charging."),
    "OutOfStorage": Words("the station has no storage left", "Delete or clear what it needs no longer."),
    "PriorityNetworkConf": Words("the network profile is one in use", "Take it out of the priority list first."),
    "RateLimitExceeded": Words("too many requests in too short a time", "Wait, and send fewer."),
    "ReadOnly": Words("it is read-only", "It can be changed at the station itself, if at all."),
    "ReservationMismatch": Words(
        "the connector is reserved for another tag", "Use that tag, or cancel the reservation."
    ),
    "TooLargeElement": Words("a part of the request is too large", "Shorten it."),
    "TooManyElements": Words("the request has too many parts", "Send it in several requests."),
    "TxInProgress": Words("a transaction runs there", "Stop it (t), or wait for its end."),
    "TxNotFound": Words("the station knows no such transaction", "It may have ended already."),
    "TxStarted": Words("a transaction has begun already", "Stop that one (t) instead."),
    "UnknownConnectorId": Words("the station has no such connector", "Look at its connectors, and name another."),
    "UnknownConnectorType": Words("the station has no connector of this type", "Leave the type away, or name another."),
    "UnknownEvse": Words("the station has no such EVSE", "Look at its EVSEs, and name another."),
    "UnknownTxId": Words("the station knows no such transaction", "It may have ended already."),
    "Unspecified": Words("the station gives no reason", "Its log may say more."),
    "UnsupportedParam": Words("the station does not know one of the parameters", "Leave away what is optional."),
    "UnsupportedRateUnit": Words("the station does not take this unit", "Use the other unit: A or W."),
    "UnsupportedRequest": Words("the station does not support this request", "There is nothing to be done about it."),
    "ValueOutOfRange": Words("the value is out of range", "Its limits stand in the station's settings."),
    "ValuePositiveOnly": Words("the value must be positive", "Enter a number above 0."),
    "ValueTooHigh": Words("the value is too high", "Its limits stand in the station's settings."),
    "ValueTooLow": Words("the value is too low", "Its limits stand in the station's settings."),
    "ValueZeroNotAllowed": Words("the value must not be 0", "Enter another number."),
    "WriteOnly": Words("it is write-only", "It can be changed, never read: passwords are so."),
}
