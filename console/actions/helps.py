"""What a field is for: the schema's own words without their markup, and ours for 1.6, whose schemas have none."""

from __future__ import annotations

import html
import re

#: OCPP 1.6, chapters 6 and 7, and the security whitepaper. An action's own word goes before the general one.
_WORDS: dict[str, str] = {
    "certificate": "The certificate as PEM; @FILE takes it from a file",
    "certificateChain": "The chain as PEM, the station's own certificate first; @FILE takes it from a file",
    "certificateHashData": "The certificate, as GetInstalledCertificateIds names it",
    "certificateType": "What the certificate is for",
    "chargingProfile": "Limits for the transaction that is started",
    "chargingProfileId": "Number of this profile; the same number replaces it",
    "chargingProfileKind": "Absolute: from a point in time; Recurring: every day or week; Relative: from the start",
    "chargingProfilePurpose": "What the profile limits: the station, any transaction, or one transaction",
    "chargingRateUnit": "A: amperes per phase; W: watts in all",
    "chargingSchedule": "The limits over time",
    "chargingSchedulePeriod": "The periods of the schedule; the first starts at 0",
    "connectorId": "Number of the connector; 0 is the whole station",
    "csChargingProfiles": "The profile to set",
    "data": "The message itself, in whatever form the vendor wants",
    "duration": "Seconds",
    "expiryDate": "When it ends",
    "firmware": "The firmware, and its signature",
    "hashAlgorithm": "As the station reported it",
    "id": "Number of the profile",
    "idTag": "The tag's id, as the reader sends it",
    "idTagInfo": "Whether the tag may charge; left out in a Differential list, the tag is removed",
    "issuerKeyHash": "As the station reported it",
    "issuerNameHash": "As the station reported it",
    "installDateTime": "When to install it; left out: as soon as it is there",
    "key": "Name of the key",
    "latestTimestamp": "End of the period that is wanted",
    "limit": "The limit, in the unit of the schedule, to one decimal",
    "listVersion": "Version of the list, greater than the one the station has",
    "localAuthorizationList": "The tags of the list",
    "location": "URL to fetch the firmware from",
    "log": "Where to, and of which period",
    "logType": "Which log",
    "messageId": "The vendor's name for this message",
    "minChargingRate": "The lowest rate that the car charges efficiently at",
    "numberPhases": "Number of phases; left out: 3",
    "oldestTimestamp": "Begin of the period that is wanted",
    "parentIdTag": "The group that the tag belongs to",
    "recurrencyKind": "How often a Recurring profile begins again",
    "remoteLocation": "URL of the folder to upload to",
    "requestId": "Number that the station repeats in its notifications",
    "requestedMessage": "The message to send",
    "reservationId": "Number of the reservation",
    "retries": "How often to try again",
    "retrieveDate": "When to fetch it",
    "retrieveDateTime": "When to fetch it",
    "retryInterval": "Seconds between the tries",
    "serialNumber": "As the station reported it",
    "signature": "The firmware's signature, base64",
    "signingCertificate": "The certificate that the firmware was signed with, as PEM; @FILE takes it from a file",
    "stackLevel": "Of profiles for the same purpose the highest level holds; from 0",
    "startPeriod": "Seconds from the start of the schedule",
    "startSchedule": "When the schedule starts (Absolute, Recurring)",
    "startTime": "Begin of the period that is wanted",
    "status": "Whether the tag may charge",
    "stopTime": "End of the period that is wanted",
    "transactionId": "Number of the transaction",
    "updateType": "Full replaces the list; Differential changes it",
    "validFrom": "When the profile begins to hold",
    "validTo": "When the profile ends to hold",
    "value": "The value, as text; lists are separated by commas",
    "vendorId": "Reversed domain name, as in com.example",
}
_OWN_WORDS: dict[tuple[str, str], str] = {
    ("ChangeAvailability", "type"): "Operative: in service; Inoperative: out of service",
    ("GetConfiguration", "key"): "The keys to read; left out: all of them",
    ("GetDiagnostics", "location"): "URL of the folder to upload to",
    ("Reset", "type"): "Soft ends transactions in order; Hard is like cutting the power",
    ("UnlockConnector", "connectorId"): "Number of the connector, from 1",
}

#: "Identified_ Object. MRID. Numeric_ Identifier⏎urn:x-enexis:ecdm:uid:1:569198⏎" before the words that are meant.
_MODEL_NAME = re.compile(r"\A.*\r?\nurn:\S+[ \t]*\r?\n?")
_CROSS_REFERENCE = re.compile(r"<<([^,>]*)(?:,\s*([^>]*))?>>")
_EMPHASIS = re.compile(r"(?<![\w*])[*_+](\S(?:[^*_+]*\S)?)[*_+](?![\w*])")


def field_help(action: str, name: str, told: str) -> str:
    """What a field is for, on one line; ``told`` is what the schema says of it ("" where it says nothing)."""
    return clean(told) or _OWN_WORDS.get((action, name)) or _WORDS.get(name, "")


def clean(told: str) -> str:
    """A schema's description as a line of text: without model names, HTML entities and AsciiDoc."""
    text = html.unescape(_MODEL_NAME.sub("", told))
    text = _CROSS_REFERENCE.sub(lambda match: (match[2] or match[1]).strip("[]"), text)
    return " ".join(_EMPHASIS.sub(r"\1", text).replace("&nbsp;", " ").split())
