"""What a station has told of itself beyond its state and its transactions: alarms, limits, progress, requests."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class RecordKind(StrEnum):
    """What a record is about, in the terms of OCPP 2.1; the word a person types to filter by."""

    EVENT = "event"
    SECURITY_EVENT = "security-event"
    FIRMWARE = "firmware"
    LOG = "log"
    CHARGING_LIMIT = "charging-limit"
    CHARGING_NEEDS = "charging-needs"
    EV_SCHEDULE = "ev-schedule"
    DISPLAY_MESSAGES = "display-messages"
    DISPLAY_MESSAGE = "display-message"
    CUSTOMER_INFORMATION = "customer-information"
    RESERVATION = "reservation"
    EVENT_STREAM = "event-stream"
    BATTERY_SWAP = "battery-swap"
    DER_ALARM = "der-alarm"
    DER_CONTROL = "der-control"
    SETTLEMENT = "settlement"
    VAT_NUMBER = "vat-number"
    CERTIFICATE = "certificate"
    CERTIFICATE_REQUEST = "certificate-request"
    CERTIFICATE_STATUS = "certificate-status"
    CONTRACT_CERTIFICATE = "contract-certificate"
    TRANSACTION_LIMIT = "transaction-limit"
    COST = "cost"
    TARIFF = "tariff"

    @property
    def words(self) -> str:
        """The kind as a person reads it."""
        return self.value.replace("-", " ")


class Severity(StrEnum):
    """How much a person should care: INFO is to read, WARNING to look at, BAD to act on."""

    INFO = "info"
    WARNING = "warning"
    BAD = "bad"


class StationRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that a station told; a newer report of the same (station, kind, key) takes its place.

    ``summary`` is the line to read. ``details`` are what the station sent, as JSON: secrets taken out, control
    characters replaced, bounded in size. ``at`` is the station's time where that can be right, else that of arrival.
    ``evse_id`` 0 is the station as a whole. ``standing``: it is still so (an alarm not cleared, a limit in force, an
    upload under way).
    """

    station_id: str
    kind: RecordKind
    key: str
    at: datetime
    summary: str
    details: dict[str, Any] = {}
    evse_id: int = 0
    severity: Severity = Severity.INFO
    standing: bool = False

    @property
    def id(self) -> str:
        """What no other record of the site has."""
        return f"{self.station_id}\n{self.kind.value}\n{self.key}"

    @property
    def alarm(self) -> bool:
        """Whether it is there to be looked at."""
        return self.severity is not Severity.INFO
