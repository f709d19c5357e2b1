"""What stations say and what they are told, whatever OCPP version they speak. Dialects turn these into wire and back.

Times are UTC; ``at`` is None where the station gave none that can be read (then the time of arrival counts).
Texts are as the station sent them, control characters replaced.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from console.csms.said.meters import Figures, Plan, plan
from console.csms.said.told import Progress, Question, Reply, ReportPart, ReservationUpdate, StreamData, Telling, Told
from console.model.device import Monitor
from console.model.meter import Samples
from console.model.schedule.profile import ChargingProfile
from console.model.station import Admission, ConnectorStatus, Setting
from console.model.token import TokenStatus
from console.model.transaction_limit import TransactionLimit


class Boot(msgspec.Struct, frozen=True):
    """A station started and says what it is."""

    vendor: str
    model: str
    serial_number: str = ""
    firmware_version: str = ""
    iccid: str = ""
    imsi: str = ""
    meter_type: str = ""
    meter_serial_number: str = ""
    reason: str = ""


class Heartbeat(msgspec.Struct, frozen=True):
    """A station is alive and asks for the time."""


class StatusReport(msgspec.Struct, frozen=True):
    """A connector's state; ``evse_id`` 0 is the station as a whole."""

    evse_id: int
    connector_id: int
    status: ConnectorStatus
    error_code: str = ""
    info: str = ""
    vendor_error_code: str = ""
    at: datetime | None = None


class Measurement(msgspec.Struct, frozen=True):
    """Samples taken at one instant, and which of them make the figures."""

    at: datetime | None
    samples: Samples
    plan: Plan

    @property
    def figures(self) -> Figures:
        """What the samples say."""
        return self.plan.figures(self.samples)

    def register(self, context: str) -> int | None:
        """The energy register that was read on an occasion ("Transaction.Begin"), in Wh; None if it was not."""
        if not any(form.context == context for form in self.samples.forms):
            return None
        samples = Samples.of(sample for sample in self.samples if sample.context == context)
        return plan(samples).figures(samples).energy_wh


class MeterReport(msgspec.Struct, frozen=True):
    """Meter values of an EVSE; ``transaction_id`` "" where the station named none."""

    evse_id: int
    transaction_id: str
    measurements: tuple[Measurement, ...]


class Authorize(msgspec.Struct, frozen=True):
    """May this token charge? ``token_type`` is "" in 1.6; ``contract``: a contract certificate is to be checked too."""

    id_token: str
    token_type: str = ""
    contract: bool = False


class StartReport(msgspec.Struct, frozen=True):
    """A transaction began, and the station wants its id (1.6). ``raw_at`` is its time as it wrote it.

    ``meter_start_wh`` is None where the number can be no meter's; ``evse_id`` 0 where there is no such connector.
    """

    evse_id: int
    connector_id: int
    id_token: str
    meter_start_wh: int | None
    at: datetime | None
    raw_at: str
    reservation_id: int = 0


class StopReport(msgspec.Struct, frozen=True):
    """A transaction ended (1.6). ``id_token`` is "" where nobody presented one."""

    transaction_id: str
    id_token: str
    meter_stop_wh: int | None
    at: datetime | None
    raw_at: str
    reason: str
    measurements: tuple[Measurement, ...] = ()


class TransactionEvent(StrEnum):
    """What an event of a transaction says of it."""

    STARTED = "Started"
    UPDATED = "Updated"
    ENDED = "Ended"


class StationCost(msgspec.Struct, frozen=True):
    """What a transaction has cost by the station's own reckoning, with tax where it says so; ``said`` as it came.

    ``tariff_id`` is the tariff that the last of it goes by ("": none), ``failure`` why it could not be reckoned.
    """

    total: float
    currency: str
    said: dict[str, Any]
    tariff_id: str = ""
    failure: str = ""


class TransactionReport(msgspec.Struct, frozen=True):
    """An event of a transaction to which the station gave the id (2.x).

    ``evse_id`` and ``connector_id`` are 0 where the event does not say where. ``token_type`` is "" where no token was
    presented; a token of the type NoAuthorization has no ``id_token``.
    """

    transaction_id: str
    event: TransactionEvent
    seq_no: int
    trigger_reason: str
    at: datetime | None
    offline: bool = False
    evse_id: int = 0
    connector_id: int = 0
    id_token: str = ""
    token_type: str = ""
    charging_state: str = ""
    stopped_reason: str = ""
    remote_start_id: int = 0
    reservation_id: int = 0
    measurements: tuple[Measurement, ...] = ()
    limit: TransactionLimit | None = None
    cost: StationCost | None = None
    tariff_id: str = ""


class VendorData(msgspec.Struct, frozen=True):
    """A vendor's own message."""

    vendor_id: str
    message_id: str = ""


class Events(msgspec.Struct, frozen=True):
    """Events at a station (2.x NotifyEvent), and the states of connectors among them."""

    told: tuple[Told, ...]
    states: tuple[StatusReport, ...] = ()


class CertificateRequest(msgspec.Struct, frozen=True):
    """A station asks for a certificate to be signed; ``use`` is OCPP's certificateType ("": not said)."""

    csr: str
    use: str = ""
    request_id: int | None = None
    said: dict[str, Any] = {}


class ProfilesReport(msgspec.Struct, frozen=True):
    """Charging profiles that a station has (2.x). ``more`` of the same request are to come."""

    request_id: int
    profiles: tuple[ChargingProfile, ...]
    limit_source: str = ""
    more: bool = False


class DynamicPull(msgspec.Struct, frozen=True):
    """A station asks for the limit of a dynamic profile (2.1)."""

    profile_id: int


class PriorityReport(msgspec.Struct, frozen=True):
    """Priority charging of a transaction began or ended at the station (2.1)."""

    transaction_id: str
    active: bool


class SettingsReport(msgspec.Struct, frozen=True):
    """A part of what a station's settings are (2.x); ``more`` parts follow. The settings name no station yet."""

    request_id: int
    seq_no: int
    more: bool
    settings: tuple[Setting, ...]


class MonitorsReport(msgspec.Struct, frozen=True):
    """A part of what a station's monitors are (2.x); ``more`` parts follow. The monitors name no station yet."""

    request_id: int
    seq_no: int
    more: bool
    monitors: tuple[Monitor, ...]


Report = (
    Boot
    | Heartbeat
    | StatusReport
    | MeterReport
    | Authorize
    | StartReport
    | StopReport
    | TransactionReport
    | VendorData
    | Telling
    | Events
    | ReportPart
    | Progress
    | StreamData
    | ReservationUpdate
    | Question
    | CertificateRequest
    | ProfilesReport
    | DynamicPull
    | PriorityReport
    | SettingsReport
    | MonitorsReport
)


_ACCEPTED = TokenStatus.ACCEPTED  # looked up once: members of enumerations are slow to come by


class Verdict(msgspec.Struct, frozen=True):
    """What a station is told about a token. ``evse_ids`` are where alone it may charge; () is everywhere."""

    status: TokenStatus
    group_id: str = ""
    expires_at: datetime | None = None
    evse_ids: tuple[int, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the token may charge."""
        return self.status is _ACCEPTED


class BootAnswer(msgspec.Struct, frozen=True):
    """Whether the station is let in, the time, and when to say something again."""

    admission: Admission
    now: datetime
    interval_s: int


class TimeAnswer(msgspec.Struct, frozen=True):
    """The time."""

    now: datetime


class TokenAnswer(msgspec.Struct, frozen=True):
    """The verdict on a token, and on the contract certificate that came with it ("" if none did)."""

    verdict: Verdict
    certificate_status: str = ""


class StartAnswer(msgspec.Struct, frozen=True):
    """The transaction's id, and the verdict on its token."""

    transaction_id: str
    verdict: Verdict


class StopAnswer(msgspec.Struct, frozen=True):
    """The stop is noted; ``verdict`` where a token was presented."""

    verdict: Verdict | None = None


class EventAnswer(msgspec.Struct, frozen=True):
    """An event of a transaction is noted; ``verdict`` where a token was presented, ``total_cost`` where it is known.

    ``limit`` is told once, to stations that know limits (2.1).
    """

    verdict: Verdict | None = None
    total_cost: float | None = None
    limit: TransactionLimit | None = None


class VendorAnswer(msgspec.Struct, frozen=True):
    """Nobody here knows this vendor's messages."""


class CertificateAnswer(msgspec.Struct, frozen=True):
    """Whether a certificate will be signed, and why not."""

    accepted: bool
    reason: str = ""


class DynamicAnswer(msgspec.Struct, frozen=True):
    """The limits and set-points of a dynamic profile, by OCPP's names; none where there is no such profile."""

    values: dict[str, float]


class Noted(msgspec.Struct, frozen=True):
    """Taken note of; nothing more to say."""


Answer = (
    BootAnswer
    | TimeAnswer
    | TokenAnswer
    | StartAnswer
    | StopAnswer
    | EventAnswer
    | VendorAnswer
    | CertificateAnswer
    | DynamicAnswer
    | Noted
    | Reply
)
