"""One connection of a 1.6 station.

What is mended here of the `ocpp` package: an unknown action is answered NotImplemented (it says NotSupported), and
error codes have their 1.6 spelling.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ocpp.exceptions import FormationViolationError, FormatViolationError, NotImplementedError, OCPPError
from ocpp.messages import Call
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.enums import (
    Action,
    AvailabilityStatus,
    CancelReservationStatus,
    CertificateSignedStatus,
    CertificateStatus,
    ChargingProfileStatus,
    ClearCacheStatus,
    ClearChargingProfileStatus,
    ConfigurationStatus,
    DataTransferStatus,
    DeleteCertificateStatus,
    GetInstalledCertificateStatus,
    LogStatus,
    RemoteStartStopStatus,
    ReservationStatus,
    ResetStatus,
    TriggerMessageStatus,
    UnlockStatus,
    UpdateFirmwareStatus,
    UpdateStatus,
)
from websockets.asyncio.client import ClientConnection

from console.simulator.connection import StationConnection
from console.simulator.logs import LogOrder
from console.simulator.types import Registration

if TYPE_CHECKING:
    from console.simulator.v16.face import Face

_LOG = logging.getLogger(__name__)
_Handler = TypeVar("_Handler", bound=Callable[..., object])


def answers(action: Action) -> Callable[[_Handler], _Handler]:
    """Mark a method as the one that answers `action`."""
    return cast("Callable[[_Handler], _Handler]", on(action))  # type: ignore[no-untyped-call]


class V16ChargePoint(StationConnection, ChargePoint):
    """Sends requests, and answers the central system's by asking the station what to do."""

    def __init__(self, face: Face, connection: ClientConnection) -> None:
        super().__init__(face, connection)
        self._face = face
        self._commands = face.commands
        if not face.check_schemas:
            for route in self.route_map.values():
                route["_skip_schema_validation"] = True

    def _exchange(self, payload: object) -> Coroutine[Any, Any, Any]:
        skip = not self._check_schemas
        return self.call(payload, suppress=False, skip_schema_validation=skip)  # type: ignore[no-untyped-call]

    async def _handle_call(self, msg: Call) -> None:
        if self._face.registration is Registration.REJECTED:
            # 1.6 section 4.2: a rejected station does not respond to the central system.
            _LOG.info("%s: %s ignored while rejected", self.id, msg.action)
            return
        if not isinstance(msg.action, str) or msg.action not in self.route_map:
            await self._refuse(msg, NotImplementedError, "This station does not know the action.")
            return
        try:
            await super()._handle_call(msg)  # type: ignore[no-untyped-call]
        except FormatViolationError as error:
            await self._refuse(msg, FormationViolationError, str(error.description))
        except OCPPError as error:
            await self._refuse(msg, type(error), str(error.description))
        self._face.follow_up()

    @answers(Action.change_availability)
    def on_change_availability(self, connector_id: int, type: str, **_: object) -> object:
        return call_result.ChangeAvailability(
            AvailabilityStatus(self._commands.change_availability(connector_id, type))
        )

    @answers(Action.change_configuration)
    def on_change_configuration(self, key: str, value: str, **_: object) -> object:
        return call_result.ChangeConfiguration(ConfigurationStatus(self._commands.change_configuration(key, value)))

    @answers(Action.clear_cache)
    def on_clear_cache(self, **_: object) -> object:
        return call_result.ClearCache(ClearCacheStatus(self._face.memory.clear_cache()))

    @answers(Action.data_transfer)
    def on_data_transfer(self, vendor_id: str, **_: object) -> object:
        return call_result.DataTransfer(DataTransferStatus(self._commands.data_transfer(vendor_id)))

    @answers(Action.get_configuration)
    def on_get_configuration(self, key: list[str] | None = None, **_: object) -> object:
        known, unknown = self._face.configuration.report(key)
        return call_result.GetConfiguration(known or None, unknown or None)

    @answers(Action.remote_start_transaction)
    def on_remote_start_transaction(
        self,
        id_tag: str,
        connector_id: int | None = None,
        charging_profile: dict[str, Any] | None = None,
        **_: object,
    ) -> object:
        status = self._commands.remote_start(id_tag, connector_id, charging_profile)
        return call_result.RemoteStartTransaction(RemoteStartStopStatus(status))

    @answers(Action.remote_stop_transaction)
    def on_remote_stop_transaction(self, transaction_id: int, **_: object) -> object:
        return call_result.RemoteStopTransaction(RemoteStartStopStatus(self._commands.remote_stop(transaction_id)))

    @answers(Action.reset)
    def on_reset(self, type: str, **_: object) -> object:
        return call_result.Reset(ResetStatus(self._commands.reset(type)))

    @answers(Action.unlock_connector)
    def on_unlock_connector(self, connector_id: int, **_: object) -> object:
        return call_result.UnlockConnector(UnlockStatus(self._commands.unlock(connector_id)))

    @answers(Action.trigger_message)
    def on_trigger_message(self, requested_message: str, connector_id: int | None = None, **_: object) -> object:
        return call_result.TriggerMessage(TriggerMessageStatus(self._commands.trigger(requested_message, connector_id)))

    @answers(Action.set_charging_profile)
    def on_set_charging_profile(self, connector_id: int, cs_charging_profiles: dict[str, Any], **_: object) -> object:
        status = self._commands.set_charging_profile(connector_id, cs_charging_profiles)
        return call_result.SetChargingProfile(ChargingProfileStatus(status))

    @answers(Action.clear_charging_profile)
    def on_clear_charging_profile(
        self,
        id: int | None = None,
        connector_id: int | None = None,
        charging_profile_purpose: str | None = None,
        stack_level: int | None = None,
        **_: object,
    ) -> object:
        status = self._commands.clear_charging_profile(id, connector_id, charging_profile_purpose, stack_level)
        return call_result.ClearChargingProfile(ClearChargingProfileStatus(status))

    @answers(Action.get_composite_schedule)
    def on_get_composite_schedule(
        self, connector_id: int, duration: int, charging_rate_unit: str | None = None, **_: object
    ) -> object:
        return self._commands.composite_schedule(connector_id, duration, charging_rate_unit or "A")

    @answers(Action.get_local_list_version)
    def on_get_local_list_version(self, **_: object) -> object:
        return call_result.GetLocalListVersion(self._face.memory.list_version)

    @answers(Action.send_local_list)
    def on_send_local_list(
        self,
        list_version: int,
        update_type: str,
        local_authorization_list: list[dict[str, Any]] | None = None,
        **_: object,
    ) -> object:
        entries = local_authorization_list or []
        return call_result.SendLocalList(
            UpdateStatus(self._face.memory.update_list(list_version, update_type, entries))
        )

    @answers(Action.reserve_now)
    def on_reserve_now(
        self,
        connector_id: int,
        expiry_date: str,
        id_tag: str,
        reservation_id: int,
        parent_id_tag: str | None = None,
        **_: object,
    ) -> object:
        reservations = self._face.reservations
        status = reservations.reserve(connector_id, reservation_id, id_tag, expiry_date, parent_id_tag)
        return call_result.ReserveNow(ReservationStatus(status))

    @answers(Action.cancel_reservation)
    def on_cancel_reservation(self, reservation_id: int, **_: object) -> object:
        return call_result.CancelReservation(CancelReservationStatus(self._face.reservations.cancel(reservation_id)))

    # --- files and certificates -----------------------------------------------------------------------------

    @answers(Action.get_diagnostics)
    def on_get_diagnostics(
        self, location: str, retries: int | None = None, retry_interval: int | None = None, **_: object
    ) -> object:
        name = self._face.security.get_diagnostics(location, retries or 0, retry_interval or 0)
        return call_result.GetDiagnostics(name)

    @answers(Action.update_firmware)
    def on_update_firmware(
        self,
        location: str,
        retrieve_date: str,
        retries: int | None = None,
        retry_interval: int | None = None,
        **_: object,
    ) -> object:
        self._face.security.update_firmware(location, retrieve_date, retries or 0, retry_interval or 0)
        return call_result.UpdateFirmware()

    @answers(Action.get_log)
    def on_get_log(
        self,
        log: dict[str, Any],
        log_type: str,
        request_id: int,
        retries: int | None = None,
        retry_interval: int | None = None,
        **_: object,
    ) -> object:
        order = LogOrder(request_id, log_type, log["remote_location"], retries or 0, retry_interval or 0)
        status, name = self._face.security.get_log(order)
        return call_result.GetLog(LogStatus(status), name)

    @answers(Action.signed_update_firmware)
    def on_signed_update_firmware(
        self,
        request_id: int,
        firmware: dict[str, Any],
        retries: int | None = None,
        retry_interval: int | None = None,
        **_: object,
    ) -> object:
        status = self._face.security.signed_update_firmware(request_id, firmware, retries or 0, retry_interval or 0)
        return call_result.SignedUpdateFirmware(UpdateFirmwareStatus(status))

    @answers(Action.extended_trigger_message)
    def on_extended_trigger_message(
        self, requested_message: str, connector_id: int | None = None, **_: object
    ) -> object:
        status = self._face.security.extended_trigger(requested_message, connector_id)
        return call_result.ExtendedTriggerMessage(TriggerMessageStatus(status))

    @answers(Action.certificate_signed)
    def on_certificate_signed(self, certificate_chain: str, **_: object) -> object:
        status = self._face.security.certificate_signed(certificate_chain)
        return call_result.CertificateSigned(CertificateSignedStatus(status))

    @answers(Action.install_certificate)
    def on_install_certificate(self, certificate_type: str, certificate: str, **_: object) -> object:
        status = self._face.security.certificates.install(certificate_type, certificate)
        return call_result.InstallCertificate(CertificateStatus(status))

    @answers(Action.get_installed_certificate_ids)
    def on_get_installed_certificate_ids(self, certificate_type: str, **_: object) -> object:
        found = self._face.security.installed(certificate_type)
        status = GetInstalledCertificateStatus("Accepted" if found else "NotFound")
        return call_result.GetInstalledCertificateIds(status, found or None)

    @answers(Action.delete_certificate)
    def on_delete_certificate(self, certificate_hash_data: dict[str, Any], **_: object) -> object:
        algorithm = certificate_hash_data["hash_algorithm"]
        status = self._face.security.certificates.delete(certificate_hash_data, algorithm)
        return call_result.DeleteCertificate(DeleteCertificateStatus(status))
