"""Changes for the store's tests, and a store that is open for as long as a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.model.change import Change, MessagesSeen, MetersSampled, StationChanged, TransactionChanged
from console.model.message import Direction, Message, MessageType
from console.model.meter import MeterValue, Sample, Samples
from console.model.station import Station
from console.model.transaction import Transaction
from console.store import Store

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """An instant so many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[Store]:
    """A store that writes."""
    store = Store.open(path)
    store.start()
    try:
        yield store
    finally:
        await store.close()


def seen(seq: int, station_id: str = "CP-1", action: str = "Heartbeat", **more: object) -> MessagesSeen:
    """A frame from a station."""
    fields = {
        "seq": seq,
        "at": at(seq),
        "station_id": station_id,
        "direction": Direction.FROM_STATION,
        "kind": MessageType.CALL,
        "message_id": f"m{seq}",
        "action": action,
        "text": f'[2,"m{seq}","{action}",{{}}]',
    }
    return MessagesSeen((Message(**(fields | more)),))  # type: ignore[arg-type]


def began(transaction_id: str, station_id: str = "CP-1", **more: object) -> TransactionChanged:
    """A transaction that runs."""
    fields = {"evse_id": 1, "id_token": "04A2C19B", "started_at": NOON, "meter_start_wh": 1000}
    return TransactionChanged(Transaction(station_id, transaction_id, **(fields | more)))  # type: ignore[arg-type]


def ended(transaction_id: str, station_id: str = "CP-1", **more: object) -> TransactionChanged:
    """A transaction that has ended."""
    return began(transaction_id, station_id, **({"ended_at": at(60), "meter_stop_wh": 12_000} | more))


def metered(
    energy_wh: int | None, when: datetime, station_id: str = "CP-1", transaction_id: str = "", evse_id: int = 1
) -> MetersSampled:
    """A meter value with its register."""
    sample = Sample(value=None if energy_wh is None else float(energy_wh))
    return sampled(MeterValue(station_id, evse_id, when, (sample,), transaction_id, when), energy_wh, 11_000.0)


def sampled(value: MeterValue, energy_wh: int | None = None, power_w: float | None = None) -> MetersSampled:
    """A meter value to be kept."""
    samples = Samples.of(value.samples)
    place = value.station_id, value.evse_id, value.at
    return MetersSampled(*place, samples, value.transaction_id, value.received_at, energy_wh, power_w)


def station(station_id: str = "CP-1", **more: object) -> StationChanged:
    """A station as it is now."""
    return StationChanged(Station(station_id, **more))  # type: ignore[arg-type]


async def keep(store: Store, *changes: Change) -> None:
    """Store changes and wait until they are durable."""
    store.writer.append(changes)
    await store.writer.flush()
