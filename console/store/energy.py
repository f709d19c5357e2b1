"""Energy delivered since an instant, from every reading of a register: meter values, and transactions' ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Numeric, and_, cast, func, or_, select, union_all

from console.store.instants import to_us
from console.store.schema import charging_transaction as transaction
from console.store.schema import meter_value

# A reading from shortly before counts as the register at that instant.
_BEFORE = timedelta(hours=1)
# Transactions that began longer ago are looked at only through their meter values.
_LONGEST = timedelta(days=7)
# A step of a register is believed up to 1 kWh, and up to 1 MW (1 Wh is 3600 µs of that) for the time it took. What is
# more is a register that was replaced, or reported nought for a moment.
_STEP_WH = 1000
_US_PER_WH = 3600


def energy_since(connection: Connection, since: datetime) -> dict[str, int]:
    """Return the energy per station in Wh: the sum of what each EVSE's register went up (EVSE 0 is left out).

    A register that falls starts anew. The first reading counts from the newest one of the hour before.
    """
    floor = to_us(since - _BEFORE)
    recent = and_(
        transaction.c.sort_at >= to_us(since - _LONGEST),
        or_(transaction.c.sort_at >= floor, transaction.c.ended_at.is_(None), transaction.c.ended_at >= floor),
    )
    place = (transaction.c.station_id, transaction.c.evse_id)
    readings = union_all(
        select(meter_value.c.station_id, meter_value.c.evse_id, meter_value.c.at, meter_value.c.energy_wh).where(
            meter_value.c.at >= floor, meter_value.c.energy_wh.is_not(None)
        ),
        select(*place, transaction.c.started_at, transaction.c.meter_start_wh).where(
            recent, transaction.c.started_at.is_not(None), transaction.c.meter_start_wh.is_not(None)
        ),
        select(*place, transaction.c.ended_at, transaction.c.meter_stop_wh).where(
            recent, transaction.c.ended_at.is_not(None), transaction.c.meter_stop_wh.is_not(None)
        ),
    ).subquery()
    places, times = (readings.c.station_id, readings.c.evse_id), (readings.c.at, readings.c.energy_wh)
    # As a number without bounds: PostgreSQL refuses the difference of two that no meter has, and a site must start.
    register = cast(readings.c.energy_wh, Numeric(asdecimal=False))
    register_before = func.lag(register).over(partition_by=places, order_by=times)
    time_before = func.lag(readings.c.at).over(partition_by=places, order_by=times)
    steps = (
        select(
            readings.c.station_id,
            readings.c.at,
            (register - register_before).label("step_wh"),
            (readings.c.at - time_before).label("took_us"),
        )
        .where(readings.c.evse_id > 0)
        .subquery()
    )
    delivered = (
        select(steps.c.station_id, func.sum(steps.c.step_wh))
        .where(steps.c.at >= to_us(since), steps.c.step_wh > 0)
        .where(steps.c.step_wh <= _STEP_WH + steps.c.took_us / _US_PER_WH)
        .group_by(steps.c.station_id)
    )
    return {station_id: int(energy_wh) for station_id, energy_wh in connection.execute(delivered)}
