"""OCPP 2.0.1 and 2.1: one body of code where the two agree, tables by version where they do not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from console.csms.dialects.base import Decision, Wire
from console.csms.dialects.charging import ChargingWords
from console.csms.dialects.ocpp import Ocpp
from console.csms.dialects.ocpp2 import monitors, tariffs, variables
from console.csms.dialects.ocpp2.charging import Charging
from console.csms.dialects.ocpp2.decisions import read_decision
from console.csms.dialects.ocpp2.read import READERS
from console.csms.dialects.ocpp2.replies import write_reply
from console.csms.dialects.ocpp2.write import write_answer, write_call
from console.csms.dialects.tariffs import TariffEffect
from console.csms.ports import Payload
from console.csms.said.reports import Answer
from console.csms.said.told import Reply
from console.model.change import Change
from console.model.command import Command
from console.model.station import Setting


class Ocpp2(Ocpp):
    """The dialect of OCPP 2.0.1 or 2.1."""

    reports_settings = True
    numbers_jobs = True
    shows_costs = True

    def __init__(self, version: str) -> None:
        super().__init__(version, READERS[version])
        self.charging: ChargingWords = Charging(version)
        self.limits_transactions = self.sets_tariffs = version == "2.1"

    def write(self, answer: Answer) -> Payload:
        """See ``Dialect.write``."""
        return write_reply(self.version, answer) if isinstance(answer, Reply) else write_answer(answer)

    def call(self, command: Command) -> Wire:
        """See ``Dialect.call``."""
        return write_call(command)

    def settings(self, station_id: str, asked: Wire, answer: Payload, at: datetime) -> tuple[Setting, ...]:
        """See ``Dialect.settings``."""
        return variables.settings(station_id, asked, answer, at)

    def most_settings(self, known: Mapping[str, Setting], *, writing: bool) -> int:
        """See ``Dialect.most_settings``."""
        return variables.most_settings(known, "SetVariables" if writing else "GetVariables")

    def monitors(self, station_id: str, asked: Wire, answer: Payload) -> list[Change]:
        """See ``Dialect.monitors``."""
        return monitors.monitors(station_id, asked, answer)

    def tariff_effect(self, asked: Wire, answer: Payload) -> TariffEffect | None:
        """See ``Dialect.tariff_effect``."""
        return tariffs.effect(asked, answer)

    def password_set(self, asked: Wire, answer: Payload) -> str:
        """See ``Dialect.password_set``."""
        return variables.password_set(asked, answer)

    def otherwise(self, boot: Payload) -> str:
        """See ``Dialect.otherwise``."""
        return ""

    def decision(self, answer: Payload) -> Decision:
        """See ``Dialect.decision``."""
        return read_decision(answer)
