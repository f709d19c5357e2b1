"""What stations say that a transaction has cost (2.1 costDetails): kept, and held against the tariff of the site."""

from __future__ import annotations

from decimal import Decimal

from console.csms.incoming import Incoming
from console.csms.records import Records
from console.csms.reports import TransactionReport
from console.csms.told import Told
from console.model.record import RecordKind, Severity
from console.model.tariff import Tariff
from console.model.transaction import Transaction

#: Stations round each part by itself.
_ROUNDING = Decimal("0.02")


class StationCosts:
    """Keeps the costs that stations work out."""

    def __init__(self, records: Records, tariff: Tariff | None) -> None:
        self._records = records
        self._tariff = tariff

    def heard(self, incoming: Incoming, report: TransactionReport, transaction: Transaction) -> None:
        """Keep what an event says of the cost; a cost that is not the tariff's is to be looked at."""
        if report.cost is None:
            return
        theirs = report.cost.total
        ours = self._tariff.cost(transaction, report.at or incoming.now) if self._tariff else None
        summary = f"{transaction.transaction_id}: {theirs:.2f} {report.cost.currency} by the station"
        severity = Severity.INFO
        if ours is not None and abs(Decimal(str(theirs)) - ours) > _ROUNDING:
            summary += f", {ours:.2f} by the tariff here"
            severity = Severity.WARNING if not transaction.running else Severity.INFO
        told = Told(
            RecordKind.COST, transaction.transaction_id, summary, report.cost.said, report.at, transaction.evse_id,
            severity, quiet=transaction.running,
        )  # fmt: skip
        self._records.keep(incoming, [told])
