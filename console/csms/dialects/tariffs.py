"""What a station's answers mean for its tariffs, in the terms of the CSMS (OCPP 2.1, I07 to I12). Pure."""

from __future__ import annotations

import msgspec

from console.csms.ports import Payload


class TariffSet(msgspec.Struct, frozen=True):
    """A station took a tariff for an EVSE, 0 for all; ``tariff`` is the TariffType as it was sent."""

    evse_id: int
    tariff: Payload


class TariffsListed(msgspec.Struct, frozen=True):
    """The tariffs that a station has on an EVSE, 0 for all: TariffAssignmentTypes, without their prices."""

    evse_id: int
    assignments: tuple[Payload, ...]


class TariffsCleared(msgspec.Struct, frozen=True):
    """A station has these tariffs no more, on an EVSE or (None) anywhere; no ids: none at all."""

    tariff_ids: tuple[str, ...]
    evse_id: int | None


class TransactionTariff(msgspec.Struct, frozen=True):
    """A running transaction goes on by another tariff."""

    transaction_id: str
    tariff: Payload


class CostTold(msgspec.Struct, frozen=True):
    """A station was told what a transaction has cost so far."""

    transaction_id: str
    total: float


TariffEffect = TariffSet | TariffsListed | TariffsCleared | TransactionTariff | CostTold
