"""What an operator can ask for, as data. The same structs leave a key press, a command line and a script."""

from __future__ import annotations

from typing import Any

import msgspec

from console.model.certificate import CertificateCommand
from console.model.device_command import DeviceCommand
from console.model.display import DisplayCommand
from console.model.file_command import FileCommand
from console.model.make import Tolerance
from console.model.record import RecordKind
from console.model.schedule.prices import PriceCurve
from console.model.schedule.profile import ChargingProfile, Purpose, Unit
from console.model.station_tariff import TariffCommand
from console.model.token import CardVerdict, Token
from console.model.transaction_limit import TransactionLimit


class _Command(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="command"):
    """Base of the commands; the tag is the id under which ``catalogue`` describes it."""


class AcceptStation(_Command, frozen=True, tag="station.accept"):
    """Let a station in. It is told at its next BootNotification (or is asked for one at once)."""

    station_id: str


class RejectStation(_Command, frozen=True, tag="station.reject"):
    """Turn a station away: its BootNotification is answered Rejected."""

    station_id: str


class AddStation(_Command, frozen=True, tag="station.add"):
    """Admit a station before it connects. ``password`` is kept as a salted hash only (security profile 1)."""

    station_id: str
    password: str = ""
    security_profile: int = 0
    note: str = ""


class SetTolerance(_Command, frozen=True, tag="station.tolerance"):
    """Choose how much of what breaks OCPP is taken from a station."""

    station_id: str
    tolerance: Tolerance


class RemoveStation(_Command, frozen=True, tag="station.remove"):
    """Forget a station; its transactions stay on record."""

    station_id: str


class DisconnectStation(_Command, frozen=True, tag="station.disconnect"):
    """Close a station's connection; it will come back by itself."""

    station_id: str


class SettleCard(_Command, frozen=True, tag="card.settle"):
    """Say whether an unknown card may charge: now, for good, or not."""

    card_id: str
    verdict: CardVerdict


class LearnCard(_Command, frozen=True, tag="token.learn"):
    """Make a token of the next unknown card that is swiped; ``on`` false gives it up."""

    on: bool = True


class PutToken(_Command, frozen=True, tag="token.put"):
    """Add a token, or change one."""

    token: Token


class RemoveToken(_Command, frozen=True, tag="token.remove"):
    """Forget a token; its transactions stay on record."""

    id_token: str


class StartTransaction(_Command, frozen=True, tag="transaction.start"):
    """Ask a station to start charging. ``evse_id`` 0 leaves the choice to it.

    ``profile`` is a TxProfile for the transaction that begins. ``token_type`` and ``remote_start_id`` (2.x) are filled
    in by the service: the type by the token, "" if unknown. ``limit`` (2.1) is told with the first answer to it.
    """

    station_id: str
    evse_id: int
    id_token: str
    profile: ChargingProfile | None = None
    token_type: str = ""
    remote_start_id: int = 0
    limit: TransactionLimit | None = None


class StopTransaction(_Command, frozen=True, tag="transaction.stop"):
    """Ask a station to end a transaction."""

    station_id: str
    transaction_id: str


class ResetStation(_Command, frozen=True, tag="station.reset"):
    """Restart a station, or one EVSE of it (2.x); ``hard`` cuts running transactions short."""

    station_id: str
    hard: bool = False
    evse_id: int = 0


class UnlockConnector(_Command, frozen=True, tag="connector.unlock"):
    """Release a stuck cable; ends the transaction on that connector."""

    station_id: str
    evse_id: int
    connector_id: int = 1


class ChangeAvailability(_Command, frozen=True, tag="station.availability"):
    """Take an EVSE (0: the whole station) out of service, or back; in 2.x, one connector of it (0: all)."""

    station_id: str
    evse_id: int
    operative: bool
    connector_id: int = 0


class ClearCache(_Command, frozen=True, tag="station.clear_cache"):
    """Empty the station's own memory of tokens."""

    station_id: str


class TriggerMessage(_Command, frozen=True, tag="station.trigger"):
    """Ask a station to send a message now; ``evse_id`` None where the message has none.

    ``connector_id`` names one connector of the EVSE (2.x; 0: none in particular).
    """

    station_id: str
    message: str
    evse_id: int | None = None
    connector_id: int = 0


class ReadSettings(_Command, frozen=True, tag="settings.read"):
    """Read a station's settings; no keys means all of them.

    2.x only: ``inventory`` reads less than all (``configuration``, ``summary``), ``criteria`` components in a state
    (ComponentCriterionEnumType), of the components and variables in ``keys``. ``request_id`` is the service's to give.
    """

    station_id: str
    keys: tuple[str, ...] = ()
    inventory: str = ""
    criteria: tuple[str, ...] = ()
    request_id: int = 0


class ChangeSetting(_Command, frozen=True, tag="settings.change"):
    """Set one setting of a station. ``undoes`` is the write that this takes back, the service's to fill in."""

    station_id: str
    key: str
    value: str
    undoes: str = ""


class TransferData(_Command, frozen=True, tag="station.data_transfer"):
    """Send a vendor's own message."""

    station_id: str
    vendor_id: str
    message_id: str = ""
    data: str = ""


class CallStation(_Command, frozen=True, tag="station.call"):
    """Send any request of the station's OCPP version, as JSON."""

    station_id: str
    action: str
    payload: dict[str, Any] = {}


class SetChargingProfile(_Command, frozen=True, tag="schedule.set"):
    """Install a charging profile. Its ``profile_id`` 0 lets the service choose one that replaces what it must."""

    station_id: str
    profile: ChargingProfile


class ClearChargingProfile(_Command, frozen=True, tag="schedule.clear"):
    """Remove profiles: one by its id, or all that fit what is given. ``everything`` must say so if nothing is given."""

    station_id: str
    profile_id: int | None = None
    evse_id: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None
    everything: bool = False


class GetCompositeSchedule(_Command, frozen=True, tag="schedule.composite"):
    """Ask a station what limits it will obey on an EVSE (0: as a whole) from now on."""

    station_id: str
    evse_id: int
    duration_s: int = 86_400
    unit: Unit | None = None


class GetChargingProfiles(_Command, frozen=True, tag="schedule.read"):
    """Ask a station which profiles it has (2.x; 1.6 cannot say). The service numbers its requests itself."""

    station_id: str
    evse_id: int | None = None
    request_id: int = 0


class UpdateDynamicSchedule(_Command, frozen=True, tag="schedule.update"):
    """Give a dynamic profile another limit, in the unit it has (2.1)."""

    station_id: str
    profile_id: int
    limit: float


class PutPrices(_Command, frozen=True, tag="prices.put"):
    """Keep these prices of energy, in place of those before."""

    prices: PriceCurve


class RolloutJob(msgspec.Struct, frozen=True):
    """A station's share of a rollout: the profile made to fit it."""

    station_id: str
    profile: ChargingProfile


class StartRollout(_Command, frozen=True, tag="rollout.start"):
    """Send a schedule to many stations; those that are offline get it when they are back."""

    title: str
    jobs: tuple[RolloutJob, ...]


class GiveUpRollout(_Command, frozen=True, tag="rollout.give_up"):
    """Try no more to send a schedule, to one station or ("") to all that have not got it yet."""

    rollout_id: str
    station_id: str = ""


class UsePriorityCharging(_Command, frozen=True, tag="schedule.priority"):
    """Let a transaction charge with priority, or no longer (2.1)."""

    station_id: str
    transaction_id: str
    on: bool = True


class DismissReport(_Command, frozen=True, tag="report.dismiss"):
    """Say that something a station told needs no attention any more; it stays on record."""

    station_id: str
    kind: RecordKind
    key: str


class LimitTransaction(_Command, frozen=True, tag="transaction.limit"):
    """Let a running transaction end at an energy, a time or a cost (2.1)."""

    station_id: str
    transaction_id: str
    limit: TransactionLimit


class StopService(_Command, frozen=True, tag="service.stop"):
    """End the service; stations are disconnected and come back when it runs again."""


Command = (
    AcceptStation
    | RejectStation
    | AddStation
    | SetTolerance
    | RemoveStation
    | DisconnectStation
    | SettleCard
    | LearnCard
    | PutToken
    | RemoveToken
    | StartTransaction
    | StopTransaction
    | ResetStation
    | UnlockConnector
    | ChangeAvailability
    | ClearCache
    | TriggerMessage
    | ReadSettings
    | ChangeSetting
    | TransferData
    | CallStation
    | SetChargingProfile
    | ClearChargingProfile
    | GetCompositeSchedule
    | GetChargingProfiles
    | UpdateDynamicSchedule
    | UsePriorityCharging
    | PutPrices
    | StartRollout
    | GiveUpRollout
    | DismissReport
    | LimitTransaction
    | StopService
    | DeviceCommand
    | FileCommand
    | CertificateCommand
    | DisplayCommand
    | TariffCommand
)


def command_id(command: Command | type[Command]) -> str:
    """The id under which the catalogue describes this command, or kind of command ("transaction.start")."""
    return str(command.__struct_config__.tag)


def station_of(command: Command) -> str:
    """The station a command is about, "" where it is about none."""
    return str(getattr(command, "station_id", ""))
