"""A tariff as stations of OCPP 2.1 reckon by it (TariffType, Part 2 I07), and what an operator may ask about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from console.errors import ConsoleError


class _Wire(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Members are spelled as OCPP spells them, and left out where they say nothing."""


class TaxRate(_Wire, frozen=True):
    """A tax in percent. Taxes of a higher ``stack`` come on top of those below."""

    type: str
    tax: float
    stack: float = 0


class Price(_Wire, frozen=True):
    """An amount, without and with taxes; one of the two may be missing."""

    excl_tax: float | None = None
    incl_tax: float | None = None
    tax_rates: tuple[TaxRate, ...] = ()


class Conditions(_Wire, frozen=True):
    """When a price holds; all of it must be so. Times and days are local to the station, spans in seconds."""

    start_time_of_day: str = ""
    end_time_of_day: str = ""
    day_of_week: tuple[str, ...] = ()
    valid_from_date: str = ""
    valid_to_date: str = ""
    evse_kind: str = ""
    payment_brand: str = ""
    payment_recognition: str = ""
    min_energy_wh: float | None = msgspec.field(default=None, name="minEnergy")
    max_energy_wh: float | None = msgspec.field(default=None, name="maxEnergy")
    min_current_a: float | None = msgspec.field(default=None, name="minCurrent")
    max_current_a: float | None = msgspec.field(default=None, name="maxCurrent")
    min_power_w: float | None = msgspec.field(default=None, name="minPower")
    max_power_w: float | None = msgspec.field(default=None, name="maxPower")
    min_time_s: float | None = msgspec.field(default=None, name="minTime")
    max_time_s: float | None = msgspec.field(default=None, name="maxTime")
    min_charging_time_s: float | None = msgspec.field(default=None, name="minChargingTime")
    max_charging_time_s: float | None = msgspec.field(default=None, name="maxChargingTime")
    min_idle_time_s: float | None = msgspec.field(default=None, name="minIdleTime")
    max_idle_time_s: float | None = msgspec.field(default=None, name="maxIdleTime")


class EnergyPrice(_Wire, frozen=True):
    """For 1 kWh, without taxes."""

    price: float = msgspec.field(name="priceKwh")
    conditions: Conditions = Conditions()


class TimePrice(_Wire, frozen=True):
    """For a minute, without taxes."""

    price: float = msgspec.field(name="priceMinute")
    conditions: Conditions = Conditions()


class FixedPrice(_Wire, frozen=True):
    """Once, without taxes."""

    price: float = msgspec.field(name="priceFixed")
    conditions: Conditions = Conditions()


class EnergyPrices(_Wire, frozen=True):
    """Of these the first whose conditions hold counts."""

    prices: tuple[EnergyPrice, ...]
    tax_rates: tuple[TaxRate, ...] = ()


class TimePrices(_Wire, frozen=True):
    """As ``EnergyPrices``."""

    prices: tuple[TimePrice, ...]
    tax_rates: tuple[TaxRate, ...] = ()


class FixedPrices(_Wire, frozen=True):
    """As ``EnergyPrices``."""

    prices: tuple[FixedPrice, ...]
    tax_rates: tuple[TaxRate, ...] = ()


Prices = EnergyPrices | TimePrices | FixedPrices


class Text(_Wire, frozen=True):
    """A description of the tariff in one language."""

    content: str = ""
    language: str = ""
    format: str = ""


class StationTariff(_Wire, frozen=True):
    """What a station charges by. ``valid_from`` None: from now on."""

    tariff_id: str
    currency: str
    description: tuple[Text, ...] = ()
    valid_from: datetime | None = None
    energy: EnergyPrices | None = None
    charging_time: TimePrices | None = None
    idle_time: TimePrices | None = None
    fixed_fee: FixedPrices | None = None
    reservation_time: TimePrices | None = None
    reservation_fixed: FixedPrices | None = None
    min_cost: Price | None = None
    max_cost: Price | None = None

    @property
    def priced(self) -> Iterator[tuple[str, Prices]]:
        """What is charged for, by OCPP's names."""
        for name, encoded in zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True):
            prices = getattr(self, name)
            if isinstance(prices, Prices):
                yield encoded, prices

    @property
    def most_elements(self) -> int:
        """How many prices stand where there are most (what TariffCostCtrlr.MaxElements counts)."""
        return max((len(each.prices) for _, each in self.priced), default=0)

    @property
    def conditional(self) -> bool:
        """Whether a price holds at some times only (what TariffCostCtrlr.ConditionsSupported is about)."""
        return any(price.conditions != Conditions() for _, each in self.priced for price in each.prices)


def read_tariff(payload: Any) -> StationTariff:
    """Read a TariffType. Raises ConsoleError for what is none."""
    try:
        return msgspec.convert(payload, StationTariff)
    except msgspec.ValidationError as error:
        hint = "It is OCPP's TariffType: `ocpp-console call STATION --describe SetDefaultTariff` explains it."
        raise ConsoleError(f"This is no tariff: {error}.", hint) from error


class PlainPrices(msgspec.Struct, frozen=True):
    """Prices without conditions, without taxes; what is 0 is free. ``tax_percent`` comes on top of all of them."""

    per_kwh: float = 0.0
    per_minute: float = 0.0
    per_idle_minute: float = 0.0
    per_session: float = 0.0
    tax_percent: float = 0.0

    def tariff(self, tariff_id: str, currency: str, valid_from: datetime | None = None) -> StationTariff:
        """The tariff with these prices. Where everything is free, it says so: a tariff must have a price."""
        taxes = (TaxRate("VAT", self.tax_percent),) if self.tax_percent else ()
        free = not (self.per_minute or self.per_idle_minute or self.per_session)
        return StationTariff(
            tariff_id,
            currency,
            valid_from=valid_from,
            energy=EnergyPrices((EnergyPrice(self.per_kwh),), taxes) if self.per_kwh or free else None,
            charging_time=TimePrices((TimePrice(self.per_minute),), taxes) if self.per_minute else None,
            idle_time=TimePrices((TimePrice(self.per_idle_minute),), taxes) if self.per_idle_minute else None,
            fixed_fee=FixedPrices((FixedPrice(self.per_session),), taxes) if self.per_session else None,
        )


def named(now: datetime) -> str:
    """A name for a tariff that nobody has named."""
    return f"tariff-{now:%Y%m%d-%H%M%S}"


def payload_of(tariff: StationTariff) -> dict[str, Any]:
    """The tariff as OCPP writes it."""
    payload: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(tariff))
    return payload


class _Command(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="command"):
    """As the commands of ``command``."""


class SetTariff(_Command, frozen=True, tag="tariff.set"):
    """Let a station charge by a tariff on an EVSE (0: on all) from the next transaction on.

    ``tariff`` is a TariffType as OCPP writes it; None: the site's own prices.
    """

    station_id: str
    tariff: dict[str, Any] | None = None
    evse_id: int = 0


class ReadTariffs(_Command, frozen=True, tag="tariff.read"):
    """Ask a station which tariffs it has, and where."""

    station_id: str


class ClearTariffs(_Command, frozen=True, tag="tariff.clear"):
    """Take tariffs away: those named, those of an EVSE, or all that there are."""

    station_id: str
    tariff_ids: tuple[str, ...] = ()
    evse_id: int | None = None


class ChangeTransactionTariff(_Command, frozen=True, tag="tariff.change"):
    """Let a running transaction go on by another tariff; None: by the site's own prices."""

    station_id: str
    transaction_id: str
    tariff: dict[str, Any] | None = None


TariffCommand = SetTariff | ReadTariffs | ClearTariffs | ChangeTransactionTariff
