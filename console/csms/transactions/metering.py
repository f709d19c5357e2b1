"""Meter values come in: all are kept, and the running transaction and the EVSE's reading move on with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from console.csms.incoming import Incoming
from console.csms.records.clocks import plausible
from console.csms.said.meters import Figures, Progress, at_rest, updated
from console.csms.said.reports import Measurement, MeterReport, Noted
from console.csms.state import State
from console.csms.stations.connectors import connector_on, with_connector
from console.csms.transactions.daily import EnergyToday
from console.model.change import Change, Measured, MetersSampled, TransactionChanged, TransactionProgressed
from console.model.meter import Reading
from console.model.transaction import Flag, Transaction

_NOTED = Noted()
#: What a station sends in place of an id it never learned (1.6 errata 3.18), or holds none to be.
NO_IDS = frozenset({"-1", "0"})


class Metering:
    """The room for MeterValues."""

    def __init__(self, state: State, today: EnergyToday) -> None:
        self._state = state
        self._today = today
        self._progress: dict[str, Progress] = {}  # by transaction, while it runs

    def on_meter_values(self, incoming: Incoming, report: MeterReport) -> None:
        """MeterValues: answered once they are durable, whatever transaction they name."""
        changes: list[Change] = []
        transaction = self._belongs_to(incoming, report, changes)
        transaction_id = transaction.transaction_id if transaction else report.transaction_id
        if transaction_id in NO_IDS:
            transaction_id = ""
        if (incoming.station_id, report.evse_id) not in self._state.readings:
            station = self._state.stations.get(incoming.station_id)
            changes += with_connector(station, report.evse_id, connector_on(station, report.evse_id))
        counts = transaction is not None and transaction.running and transaction.evse_id == report.evse_id
        for measurement in report.measurements:
            at = _time(measurement, incoming.now)
            said = measurement.figures
            changes.append(
                MetersSampled(
                    incoming.station_id, report.evse_id, at, measurement.samples, transaction_id, incoming.now,
                    said.energy_wh, said.power_w,
                )
            )  # fmt: skip
            # A clock that is ahead must not hold back what follows.
            live_at = at if at <= incoming.now else incoming.now
            if transaction is None or counts:
                self._read(incoming.station_id, report.evse_id, live_at, said, changes)
            if counts and transaction is not None and said.energy_wh is not None:
                transaction = self._advance(transaction, said.energy_wh, live_at, incoming.now, changes)
        self._state.emit(changes, incoming.answering(_NOTED))

    def follow(
        self, transaction: Transaction, measurements: Sequence[Measurement], now: datetime, changes: list[Change]
    ) -> Transaction:
        """Meter values that came with a transaction itself (2.x): keep them, and return it moved on by them."""
        station_id, evse_id, transaction_id = transaction.station_id, transaction.evse_id, transaction.transaction_id
        for measurement in measurements:
            at, said = _time(measurement, now), measurement.figures
            samples = measurement.samples
            changes.append(
                MetersSampled(station_id, evse_id, at, samples, transaction_id, now, said.energy_wh, said.power_w)
            )
            if transaction.ended_at is not None:
                continue
            ahead, at = at > now, min(at, now)
            if evse_id:
                self._read(station_id, evse_id, at, said, changes)
            if said.energy_wh is not None and not (ahead and self._repeats_the_first(transaction, measurement)):
                transaction = self._advance(transaction, said.energy_wh, at, now, changes)
        return transaction

    def _repeats_the_first(self, transaction: Transaction, measurement: Measurement) -> bool:
        """Whether the register's first reading comes again: by a clock that is ahead it would seem the newest one."""
        counted = self.register_of(transaction)
        return counted is not None and measurement.register("Transaction.Begin") == measurement.figures.energy_wh

    def begun_at(self, transaction: Transaction, meter_start_wh: int, now: datetime) -> Transaction:
        """The transaction when its first register reading is known, be it late: its energy counts from there."""
        progress = self._progress.get(transaction.key)
        register_wh = transaction.meter_stop_wh if progress is None else progress.register_wh
        if progress is not None:
            progress.begun_at(meter_start_wh)
        energy_wh = 0 if register_wh is None else register_wh - meter_start_wh
        flags = transaction.flags
        if energy_wh < 0:
            energy_wh = transaction.energy_wh or 0
            flags = tuple(dict.fromkeys((*flags, Flag.METER_INVALID)))
        if transaction.running:
            self._today.add(transaction.station_id, energy_wh - (transaction.energy_wh or 0), now)
        return msgspec.structs.replace(transaction, meter_start_wh=meter_start_wh, energy_wh=energy_wh, flags=flags)

    def register_of(self, transaction: Transaction) -> int | None:
        """The newest register reading of a running transaction."""
        progress = self._progress.get(transaction.key)
        return None if progress is None else progress.register_wh

    def _belongs_to(self, incoming: Incoming, report: MeterReport, changes: list[Change]) -> Transaction | None:
        """The transaction that the values are about: the one named, else the one that runs on the connector."""
        named = report.transaction_id
        if named and named not in NO_IDS:
            transaction = self._state.transaction(incoming.station_id, named)
            if transaction is None:
                incoming.problems.append(f"no transaction {named} is known at this station")
            elif transaction.evse_id != report.evse_id:
                incoming.problems.append(f"transaction {named} is on connector {transaction.evse_id}")
                return self._flag(transaction, Flag.CONNECTOR_CONFLICT, changes)
            return transaction
        transaction = self._state.running_on(incoming.station_id, report.evse_id)
        if transaction is None or not named:
            return transaction
        incoming.problems.append(f"transaction id {named}: taken for {transaction.transaction_id}, which runs there")
        return self._flag(transaction, Flag.MATCHED_BY_GUESS, changes)

    @staticmethod
    def _flag(transaction: Transaction, flag: Flag, changes: list[Change]) -> Transaction:
        if flag in transaction.flags:
            return transaction
        flagged = msgspec.structs.replace(transaction, flags=(*transaction.flags, flag))
        changes.append(TransactionChanged(flagged))
        return flagged

    def _read(self, station_id: str, evse_id: int, at: datetime, said: Figures, changes: list[Change]) -> None:
        """Move the EVSE's reading on; values from a queue do not replace newer ones."""
        reading = self._newest(station_id, evse_id, changes)
        if reading is None or at >= reading.at:
            changes.append(Measured(updated(reading, station_id, evse_id, at, said)))

    def _newest(self, station_id: str, evse_id: int, changes: list[Change]) -> Reading | None:
        for change in reversed(changes):
            if type(change) is Measured:
                return change.reading
        return self._state.readings.get((station_id, evse_id))

    def _advance(
        self, transaction: Transaction, register_wh: int, at: datetime, now: datetime, changes: list[Change]
    ) -> Transaction:
        """Count a register reading; return the transaction as it then is."""
        progress = self._progress.get(transaction.key)
        if progress is None:
            progress = Progress(transaction.meter_start_wh, transaction.energy_wh)
            self._progress[transaction.key] = progress
        energy_wh = progress.read(register_wh, at)
        doubtful = progress.suspect and Flag.METER_INVALID not in transaction.flags
        if energy_wh is None or (energy_wh == transaction.energy_wh and not doubtful):
            return transaction
        self._today.add(transaction.station_id, energy_wh - (transaction.energy_wh or 0), now)
        moved = msgspec.structs.replace(transaction, energy_wh=energy_wh, updated_at=now)
        if doubtful:
            return self._flag(moved, Flag.METER_INVALID, changes)
        changes.append(TransactionProgressed(transaction.station_id, transaction.transaction_id, now, energy_wh))
        return moved

    # --- for the end of a transaction ---

    def keep(self, transaction: Transaction, measurements: Sequence[Measurement], now: datetime) -> list[MetersSampled]:
        """The meter values that came with a transaction, or its end."""
        return [
            MetersSampled(
                transaction.station_id,
                transaction.evse_id,
                _time(measurement, now),
                measurement.samples,
                transaction.transaction_id,
                now,
                *_energy_and_power(measurement),
            )
            for measurement in measurements
        ]

    def finish(self, before: Transaction, after: Transaction, now: datetime) -> list[Change]:
        """Settle the day's energy by what a transaction delivered in the end, and put its EVSE's reading to rest."""
        self._progress.pop(before.key, None)
        if after.energy_wh is not None:
            self._today.add(after.station_id, after.energy_wh - (before.energy_wh or 0), now)
        reading = self._state.readings.get((after.station_id, after.evse_id))
        newest = self._state.running_on(after.station_id, after.evse_id)
        if reading is None or (newest is not None and newest.key != after.key):
            return []
        return [Measured(at_rest(reading, now, after.meter_stop_wh))]


def _energy_and_power(measurement: Measurement) -> tuple[int | None, float | None]:
    said = measurement.figures
    return said.energy_wh, said.power_w


def _time(measurement: Measurement, now: datetime) -> datetime:
    """When it was measured; the time of arrival where the station's clock cannot be right."""
    return measurement.at if measurement.at is not None and plausible(measurement.at, now) else now
