"""What a meter said: samples as the station sent them, and the reading an operator wants from them."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Sample(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One sampled value, with OCPP's defaults filled in (1.6 §7.43, 2.0.1 SampledValueType).

    ``value`` is None where the station's text was no number or is signed data; ``raw`` then keeps the text.
    Energy is in Wh and power in W whatever the station's unit was (kWh and kW are converted).
    """

    measurand: str = "Energy.Active.Import.Register"
    value: float | None = None
    unit: str = "Wh"
    phase: str = ""
    context: str = "Sample.Periodic"
    location: str = "Outlet"
    raw: str = ""


class MeterValue(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The samples taken at one instant at one EVSE (``evse_id`` 0 is the station's main meter)."""

    station_id: str
    evse_id: int
    at: datetime
    samples: tuple[Sample, ...]
    transaction_id: str = ""
    received_at: datetime | None = None


class Reading(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The newest of each quantity at one EVSE: phases already put together, None where never measured."""

    station_id: str
    evse_id: int
    at: datetime
    energy_wh: int | None = None
    power_w: float | None = None
    current_a: float | None = None
    voltage_v: float | None = None
    soc_percent: float | None = None
