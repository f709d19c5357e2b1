"""What a 1.6 station does when the central system asks for it."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from ocpp.v16 import call_result
from ocpp.v16.enums import GetCompositeScheduleStatus

from console.simulator import profiles
from console.simulator.base_face import timestamp
from console.simulator.connector import Connector
from console.simulator.profiles import ChargingProfile, composite_value
from console.simulator.types import Registration, StopReason, Verdict
from console.simulator.v16 import samples
from console.simulator.v16.profiles import read_profile

if TYPE_CHECKING:
    from console.simulator.v16.face import Face

_LOG = logging.getLogger(__name__)

_REBOOT_S = 15.0


class Commands:
    """Each method answers with a status at once; what follows is done after the answer has left."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._host = face.host
        self._inoperative_later: set[int] = set()

    # --- core -----------------------------------------------------------------------------------------------

    def change_availability(self, connector_id: int, availability: str) -> str:
        """Take connectors in or out of service; a running transaction is waited for."""
        if not 0 <= connector_id <= len(self._host.hardware.connectors):
            return "Rejected"
        operative = availability == "Operative"
        if connector_id == 0:
            self._host.hardware.operative = operative
            self._face.afterwards(partial(self._face.report, 0))
        chosen = [c for c in self._host.hardware.connectors if connector_id in (0, c.connector_id)]
        scheduled = False
        for connector in chosen:
            if connector.in_transaction and not operative:
                self._inoperative_later.add(connector.connector_id)
                scheduled = True
                continue
            self._inoperative_later.discard(connector.connector_id)
            connector.operative = operative
            self._face.afterwards(partial(self._face.report, connector.connector_id))
        self._host.changed()
        return "Scheduled" if scheduled else "Accepted"

    def transaction_over(self, connector: Connector) -> None:
        """Carry out a scheduled ChangeAvailability."""
        if connector.connector_id in self._inoperative_later:
            self._inoperative_later.discard(connector.connector_id)
            connector.operative = False

    def change_configuration(self, key: str, value: str) -> str:
        """Set a key; a new password takes effect with a new connection, a new interval at once."""
        status = self._face.configuration.change(key, value)
        if status == "Accepted" and key.lower() == "authorizationkey":
            self._host.link.password = bytes.fromhex(value)
            self._face.afterwards(partial(self._face.disconnect, abruptly=False, away_s=0.0))
        if status == "Accepted":
            self._face.pace_changed.set()
            self._host.changed()
        return status

    def data_transfer(self, vendor_id: str) -> str:
        """Vendors only understand their own messages, and these simulated ones have none."""
        return "UnknownMessageId" if vendor_id == self._host.hardware.kind.vendor else "UnknownVendorId"

    def remote_start(self, id_tag: str, connector_id: int | None, profile: dict[str, Any] | None) -> str:
        """Start for a card; without a connector on the best one: with a car in it, else a free one."""
        connector = self._connector_to_start(connector_id)
        if connector is None or self._face.registration is not Registration.ACCEPTED:
            return "Rejected"
        if profile is not None:
            charging_profile = _read(profile)
            if charging_profile is None or charging_profile.purpose != profiles.TX:
                return "Rejected"
            self._face.remote_profiles[connector.connector_id] = charging_profile
        self._face.afterwards(partial(self._remote_start, connector, id_tag))
        return "Accepted"

    def remote_stop(self, transaction_id: int) -> str:
        """Stop a transaction that runs here."""
        for transaction in self._face.transactions.running.values():
            if transaction.transaction_id == transaction_id:
                stop = partial(self._face.transactions.stop, transaction.connector_id, StopReason.REMOTE)
                self._face.afterwards(stop)
                return "Accepted"
        return "Rejected"

    def reset(self, kind: str) -> str:
        """Stop everything, lose the connection, boot again."""
        self._face.afterwards(partial(self._reset, hard=kind == "Hard"))
        return "Accepted"

    def unlock(self, connector_id: int) -> str:
        """Free a cable; a running transaction is stopped. Fixed cables have no lock."""
        fixed = self._host.hardware.kind.is_dc
        if fixed or not 1 <= connector_id <= len(self._host.hardware.connectors):
            return "NotSupported"
        self._face.afterwards(partial(self._face.transactions.stop, connector_id, StopReason.UNLOCK_COMMAND))
        return "Unlocked"

    def _connector_to_start(self, connector_id: int | None) -> Connector | None:
        ready = [
            connector
            for connector in self._host.hardware.connectors
            if connector.can_start and connector_id in (None, connector.connector_id)
        ]
        return min(ready, key=lambda connector: (connector.car is None, connector.connector_id), default=None)

    async def _remote_start(self, connector: Connector, id_tag: str) -> None:
        parent_id_tag = None
        if self._face.configuration.flag("AuthorizeRemoteTxRequests"):
            info = await self._face.ask(id_tag)
            if info.verdict is not Verdict.ACCEPTED:
                return
            parent_id_tag = info.parent_id_tag
        if not self._face.reservations.refuses(connector.connector_id, id_tag, parent_id_tag):
            await self._face.transactions.grant(connector, id_tag, remote=True)

    async def _reset(self, *, hard: bool) -> None:
        if hard:
            # Power is cut first: the stops are kept, and sent after the station has booted again.
            await self._face.disconnect(abruptly=True, away_s=_REBOOT_S)
        for connector_id in list(self._face.transactions.running):
            reason = StopReason.HARD_RESET if hard else StopReason.SOFT_RESET
            await self._face.transactions.stop(connector_id, reason)
        await self._face.reboot(away_s=_REBOOT_S)

    # --- remote trigger -------------------------------------------------------------------------------------

    def trigger(self, message: str, connector_id: int | None) -> str:
        """Send a message now; this is answered while Pending, too."""
        connectors = range(1, len(self._host.hardware.connectors) + 1)
        if connector_id is not None and connector_id not in (0, *connectors):
            return "Rejected"
        match message:
            case "BootNotification":
                self._face.afterwards(self._face.boot_again)
            case "Heartbeat":
                self._face.afterwards(self._face.heartbeat_now)
            case "StatusNotification":
                for one in [connector_id] if connector_id is not None else [0, *connectors]:
                    self._face.afterwards(partial(self._face.report, one, again=True))
            case "MeterValues":
                for one in [connector_id] if connector_id else connectors:
                    send = self._face.transactions.send_sample
                    self._face.afterwards(partial(send, one, samples.TRIGGER, "MeterValuesSampledData"))
            case "DiagnosticsStatusNotification":
                self._face.tell_afterwards(self._face.security.diagnostics.notification())
            case "FirmwareStatusNotification":
                self._face.tell_afterwards(self._face.security.firmware.notification())
            case _:
                return "NotImplemented"
        return "Accepted"

    # --- smart charging -------------------------------------------------------------------------------------

    def set_charging_profile(self, connector_id: int, wire: dict[str, Any]) -> str:
        """Install a profile, if it makes sense where it is meant to be (1.6 section 5.16)."""
        profile = _read(wire)
        if profile is None or not 0 <= connector_id <= len(self._host.hardware.connectors):
            return "Rejected"
        self._face.settle()
        if not self._fits(connector_id, profile) or not self._face.profiles.install(connector_id, profile):
            return "Rejected"
        self._face.settle()
        self._host.changed()
        return "Accepted"

    def clear_charging_profile(
        self, profile_id: int | None, connector_id: int | None, purpose: str | None, stack_level: int | None
    ) -> str:
        """Remove profiles; without any criterion all of them."""
        self._face.settle()
        cleared = self._face.profiles.clear(profile_id, connector_id, purpose, stack_level)
        self._face.settle()
        self._host.changed()
        return "Accepted" if cleared else "Unknown"

    def composite_schedule(self, connector_id: int, duration_s: int, unit: str) -> call_result.GetCompositeSchedule:
        """All limits put together from now on, the hardware's included."""
        hardware = self._host.hardware
        if not 0 <= connector_id <= len(hardware.connectors):
            return call_result.GetCompositeSchedule(status=GetCompositeScheduleStatus.rejected)
        now = self._host.clock.utc()
        chosen = [one for one in hardware.connectors if connector_id in (0, one.connector_id)]
        steps = self._face.profiles.composite(
            [one.connector_id for one in chosen],
            now,
            duration_s,
            hardware=hardware.kind.most,
            phases=hardware.kind.phases,
            tx_started=[self._face.tx_started(one) or now for one in chosen],
        )
        periods = [
            {"start_period": start_s, "limit": composite_value(limit, unit), "number_phases": limit.phases}
            for start_s, limit in steps
        ]
        return call_result.GetCompositeSchedule(
            status=GetCompositeScheduleStatus.accepted,
            connector_id=connector_id,
            schedule_start=timestamp(now),
            charging_schedule={
                "duration": duration_s,
                "charging_rate_unit": unit,
                "charging_schedule_period": periods,
            },
        )

    def _fits(self, connector_id: int, profile: ChargingProfile) -> bool:
        if profile.purpose in profiles.STATION_MAX:
            return connector_id == 0 and profile.kind != "Relative"
        if profile.purpose != profiles.TX:
            return True
        running = self._face.transactions.running.get(connector_id)
        return running is not None and profile.transaction_id in (None, running.transaction_id)


def _read(wire: dict[str, Any]) -> ChargingProfile | None:
    """The profile, or None if it makes no sense or is more than this station takes."""
    try:
        profile = read_profile(wire)
    except (KeyError, ValueError, TypeError) as error:
        _LOG.info("charging profile refused: %r", error)
        return None
    too_much = profile.stack_level > profiles.MAX_STACK_LEVEL or len(profile.periods) > profiles.MAX_PERIODS
    return None if too_much else profile
