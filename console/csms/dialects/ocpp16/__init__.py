"""OCPP 1.6J with its security extension. Connector n is EVSE n, connector 1; connector 0 is the station."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from console.csms.dialects.base import Decision, Wire
from console.csms.dialects.charging import ChargingWords
from console.csms.dialects.ocpp import Ocpp
from console.csms.dialects.ocpp16 import configuration
from console.csms.dialects.ocpp16.charging import Charging
from console.csms.dialects.ocpp16.decisions import read_decision
from console.csms.dialects.ocpp16.fast_meters import FastMeters
from console.csms.dialects.ocpp16.read import HIGHEST_CONNECTOR, READERS
from console.csms.dialects.ocpp16.write import write_answer, write_call
from console.csms.dialects.tariffs import TariffEffect
from console.csms.dialects.tolerance import Rules
from console.csms.ports import Payload, Refusal
from console.csms.quick_payloads import MeterValues
from console.csms.said.reports import Answer, Report
from console.model.change import Change
from console.model.command import Command
from console.model.station import Setting


class Ocpp16(Ocpp):
    """The dialect of OCPP 1.6J."""

    reports_settings = False
    numbers_jobs = False
    limits_transactions = sets_tariffs = shows_costs = False

    def __init__(self) -> None:
        super().__init__("1.6", READERS)
        self._fast_meters = FastMeters(HIGHEST_CONNECTOR)
        self.charging: ChargingWords = Charging()

    def read(self, action: str, payload: Any, tolerated: Rules) -> tuple[Report | Refusal, str]:
        """See ``Dialect.read``."""
        if action == "MeterValues":
            quick = self._fast_meters.read(payload)
            if quick is not None:
                return quick
            if type(payload) is MeterValues:
                payload = msgspec.to_builtins(payload)
        return super().read(action, payload, tolerated)

    def write(self, answer: Answer) -> Payload:
        """See ``Dialect.write``."""
        return write_answer(answer)

    def call(self, command: Command) -> Wire:
        """See ``Dialect.call``."""
        return write_call(command)

    def settings(self, station_id: str, asked: Wire, answer: Payload, at: datetime) -> tuple[Setting, ...]:
        """See ``Dialect.settings``."""
        return configuration.settings(station_id, asked, answer, at)

    def most_settings(self, known: Mapping[str, Setting], *, writing: bool) -> int:
        """See ``Dialect.most_settings``."""
        return 1 if writing else configuration.most_keys(known)

    def monitors(self, station_id: str, asked: Wire, answer: Payload) -> list[Change]:
        """See ``Dialect.monitors``: there are none in 1.6."""
        return []

    def tariff_effect(self, asked: Wire, answer: Payload) -> TariffEffect | None:
        """See ``Dialect.tariff_effect``: there are none in 1.6."""
        return None

    def password_set(self, asked: Wire, answer: Payload) -> str:
        """See ``Dialect.password_set``."""
        return configuration.password_set(asked, answer)

    def otherwise(self, boot: Payload) -> str:
        """See ``Dialect.otherwise``: in the words of 2.x it names a charging station."""
        return "2.0.1" if "chargingStation" in boot else ""

    def decision(self, answer: Payload) -> Decision:
        """See ``Dialect.decision``."""
        return read_decision(answer)
