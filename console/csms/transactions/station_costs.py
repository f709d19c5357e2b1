"""What transactions cost: by the site's prices, and by what stations reckon (2.1 costDetails), which is kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from console.csms.incoming import Incoming
from console.csms.records.records import Records
from console.csms.said.reports import StationCost, TransactionReport
from console.csms.said.told import Told
from console.csms.state import State
from console.model.record import RecordKind, Severity, StationRecord
from console.model.tariff import Tariff
from console.model.transaction import Transaction

#: Stations round each part by itself.
_ROUNDING = Decimal("0.02")
_KIND = RecordKind.COST


class StationCosts:
    """Says what a transaction costs by the site's own prices, and keeps what stations say. ``tariff``: those prices."""

    def __init__(self, state: State, records: Records, tariff: Tariff | None) -> None:
        self._state = state
        self._records = records
        self._tariff = tariff

    def by_site(self, transaction: Transaction, at: datetime) -> Decimal | None:
        """What it has cost by the site's prices; None where there are none, or the station goes by another tariff."""
        if self._tariff is None:
            return None
        held = self._held(transaction.station_id, transaction.transaction_id)
        name = held.details.get("tariffId") if held is not None else None
        return self._tariff.cost(transaction, at) if self._tariff.is_called(str(name or "")) else None

    def heard(self, incoming: Incoming, report: TransactionReport, transaction: Transaction) -> None:
        """Keep what an event says of tariff and cost; a cost that is not the site's is to be looked at."""
        if report.tariff_id and report.cost is None:
            self.by_tariff(incoming, report.transaction_id, report.tariff_id)
        if report.cost is None:
            return
        name = report.tariff_id or report.cost.tariff_id
        if name:
            self.by_tariff(incoming, report.transaction_id, name)
        said = report.cost.said | ({"tariffId": name} if name else {})
        severity, summary = self._judged(report.cost, transaction, report.at or incoming.now)
        summary += f", transaction {transaction.transaction_id}"
        told = Told(
            _KIND, transaction.transaction_id, summary, said, report.at, transaction.evse_id, severity,
            quiet=transaction.running, merged=True,
        )  # fmt: skip
        self._records.keep(incoming, [told])

    def _judged(self, cost: StationCost, transaction: Transaction, at: datetime) -> tuple[Severity, str]:
        """What the station reckons, against the site's prices where it goes by them."""
        summary = f"{cost.total:.2f} {cost.currency} by the station"
        if cost.failure:
            return Severity.WARNING, f"{summary}, which failed to reckon it: {cost.failure}"
        ours = self.by_site(transaction, at)
        if ours is None or abs(Decimal(str(cost.total)) - ours) <= _ROUNDING:
            return Severity.INFO, summary
        severity = Severity.INFO if transaction.running else Severity.WARNING
        return severity, f"{summary}, {ours:.2f} by the tariff here"

    def by_tariff(self, incoming: Incoming, transaction_id: str, name: str) -> None:
        """Keep by which tariff a transaction is reckoned."""
        held = self._held(incoming.station_id, transaction_id)
        if held is None or held.details.get("tariffId") != name:
            summary = f"by the tariff {name}, transaction {transaction_id}"
            self._records.keep(incoming, [_told(transaction_id, summary, {"tariffId": name})])

    def told(self, incoming: Incoming, transaction_id: str, total: float) -> None:
        """Keep what a station was told that a transaction has cost."""
        summary = f"{total:.2f} told to the station, transaction {transaction_id}"
        self._records.keep(incoming, [_told(transaction_id, summary, {"told": total})])

    def _held(self, station_id: str, transaction_id: str) -> StationRecord | None:
        return self._state.records(station_id, _KIND).get(transaction_id)


def _told(transaction_id: str, summary: str, said: dict[str, object]) -> Told:
    return Told(_KIND, transaction_id, summary, said, quiet=True, merged=True)
