"""What a 2.x station does when the central system asks for it: start, stop, reset, availability, locks, triggers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.simulator import profiles
from console.simulator.connector import Connector
from console.simulator.profiles import ChargingProfile
from console.simulator.types import Registration, Verdict
from console.simulator.v2.authorization import IdToken
from console.simulator.v2.charge_point import Handler, Payload
from console.simulator.v2.profiles import read_profile_or_none

if TYPE_CHECKING:
    from console.simulator.v2.face import Face

REBOOT_S = 15.0

ACCEPTED: Payload = {"status": "Accepted"}
REJECTED: Payload = {"status": "Rejected"}


def rejected(reason_code: str) -> Payload:
    """Rejected, and why."""
    return {"status": "Rejected", "statusInfo": {"reasonCode": reason_code}}


class Commands:
    """Each handler answers at once; what follows is done after the answer has left."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._host = face.host
        self._inoperative_later: set[int] = set()

    def handlers(self) -> dict[str, Handler]:
        """What the central system can ask for."""
        return {
            "RequestStartTransaction": self._request_start,
            "RequestStopTransaction": self._request_stop,
            "GetTransactionStatus": self._transaction_status,
            "Reset": self._reset,
            "ChangeAvailability": self._change_availability,
            "UnlockConnector": self._unlock,
            "TriggerMessage": self._trigger,
            "DataTransfer": self._data_transfer,
            "SetNetworkProfile": self._set_network_profile,
        }

    def transaction_over(self, connector: Connector) -> None:
        """Carry out a scheduled ChangeAvailability."""
        if connector.connector_id in self._inoperative_later:
            self._inoperative_later.discard(connector.connector_id)
            connector.operative = False
        self._host.changed()

    # --- start and stop -------------------------------------------------------------------------------------

    def _request_start(self, request: Payload) -> Payload:
        """Start for a card; without an EVSE on the best one: with a car in it, else a free one (F01, F02)."""
        connector = self._connector_to_start(request.get("evseId"))
        if self._face.registration is not Registration.ACCEPTED:
            return rejected("CSNotAccepted")
        if connector is None:
            return rejected(self._why_no_start(request.get("evseId")))
        profile = None
        if "chargingProfile" in request:
            profile = read_profile_or_none(request["chargingProfile"], self._host.clock.utc())
            if profile is None or profile.purpose != profiles.TX or profile.transaction_id is not None:
                return rejected("InvalidProfile")
        self._face.afterwards(partial(self._start, connector, request, profile))
        session = self._face.transactions.sessions.get(connector.connector_id)
        if session is not None and session.transaction_id is not None:
            return {**ACCEPTED, "transactionId": session.transaction_id}
        return ACCEPTED

    def _connector_to_start(self, evse_id: int | None) -> Connector | None:
        ready = [
            connector
            for connector in self._host.hardware.connectors
            if connector.can_start and evse_id in (None, connector.evse_id)
        ]
        return min(ready, key=lambda connector: (connector.car is None, connector.connector_id), default=None)

    def _why_no_start(self, evse_id: int | None) -> str:
        """The reason code, where nothing can start on an EVSE (or on any)."""
        connectors = [one for one in self._host.hardware.connectors if evse_id in (None, one.evse_id)]
        if not connectors:
            return "UnknownEvse"
        return "TxInProgress" if any(one.in_transaction for one in connectors) else "Unspecified"

    async def _start(self, connector: Connector, request: Payload, profile: ChargingProfile | None) -> None:
        token = IdToken.from_wire(request["idToken"])
        group = request.get("groupIdToken", {}).get("idToken")
        if self._face.model.flag("AuthCtrlr", "AuthorizeRemoteStart"):
            info = (await self._face.ask(token)).at(connector.evse_id)
            if info.verdict is not Verdict.ACCEPTED:
                return
            group = info.group or group
        if self._face.reservations.refuses(connector.evse_id, token, group):
            return
        if profile is not None:
            self._face.charging.remote_profiles[connector.evse_id] = (profile, request["chargingProfile"])
        remote_start_id = request["remoteStartId"]
        grant = self._face.transactions.grant
        await grant(connector, token, "RemoteStart", group=group, remote_start_id=remote_start_id)

    def _request_stop(self, request: Payload) -> Payload:
        session = self._face.transactions.known(request["transactionId"])
        if session is None or not session.running:
            return rejected("TxNotFound")
        self._face.afterwards(partial(self._face.transactions.stop, session, "RemoteStop", "Remote"))
        return ACCEPTED

    def _transaction_status(self, request: Payload) -> Payload:
        if "transactionId" not in request:
            return {"messagesInQueue": len(self._face.outbox) > 0}
        session = self._face.transactions.known(request["transactionId"])
        if session is None:
            return {"ongoingIndicator": False, "messagesInQueue": False}
        return {"ongoingIndicator": session.running, "messagesInQueue": session.unsent > 0}

    # --- reset, availability, locks -------------------------------------------------------------------------

    def _reset(self, request: Payload) -> Payload:
        """Reset the station, or one EVSE, now or when nobody charges (B11, B12)."""
        evse_id = request.get("evseId")
        if request["type"] not in ("Immediate", "OnIdle"):
            return rejected("UnsupportedParam")
        if evse_id is not None and not 1 <= evse_id <= self._host.hardware.kind.evses:
            return rejected("UnknownEvse")
        busy = any(evse_id in (None, one.connector.evse_id) for one in self._face.transactions.running.values())
        waits = busy and request["type"] == "OnIdle"
        self._face.afterwards(partial(self._carry_out_reset, evse_id, waits=waits))
        return {"status": "Scheduled"} if waits else ACCEPTED

    async def _carry_out_reset(self, evse_id: int | None, *, waits: bool) -> None:
        transactions = self._face.transactions

        def concerned() -> list[int]:
            return [number for number, one in transactions.running.items() if evse_id in (None, one.connector.evse_id)]

        if waits:
            await self._host.wait_for(lambda: not concerned())
        for number in concerned():
            await transactions.end(transactions.sessions[number], "ResetCommand", "ImmediateReset")
        if evse_id is None:
            await self._face.reboot(away_s=REBOOT_S, reason="ScheduledReset" if waits else "RemoteReset")
            return
        for connector in self._host.hardware.connectors:
            if connector.evse_id == evse_id:
                connector.reboot()
        await self._face.report_evse(evse_id, again=True)

    def _change_availability(self, request: Payload) -> Payload:
        """Take the station, an EVSE or a connector in or out of service; transactions are waited for (G03, G04)."""
        evse = request.get("evse", {})
        hardware = self._host.hardware
        chosen = [
            one
            for one in hardware.connectors
            if evse.get("id") in (None, one.evse_id) and evse.get("connectorId") in (None, one.number_in_evse)
        ]
        if not chosen:
            return rejected("UnknownEvse")
        operative = request["operationalStatus"] == "Operative"
        if not evse:
            hardware.operative = operative
        running = self._face.transactions.running
        scheduled = False
        for connector in chosen:
            if connector.connector_id in running and not operative:
                self._inoperative_later.add(connector.connector_id)
                scheduled = True
                continue
            self._inoperative_later.discard(connector.connector_id)
            connector.operative = operative
            self._face.afterwards(partial(self._face.report, connector))
        self._host.changed()
        return {"status": "Scheduled"} if scheduled else ACCEPTED

    def _unlock(self, request: Payload) -> Payload:
        """Free a cable unless somebody charges with it (F05). Fixed cables have no lock."""
        place = (request["evseId"], request["connectorId"])
        connector = next((one for one in self._host.hardware.connectors if _place(one) == place), None)
        if connector is None:
            return {"status": "UnknownConnector"}
        session = self._face.transactions.sessions.get(connector.connector_id)
        if session is not None and session.authorized:
            return {"status": "OngoingAuthorizedTransaction"}
        if connector.kind.is_dc:
            return {"status": "UnlockFailed", "statusInfo": {"reasonCode": "FixedCable"}}
        return {"status": "Unlocked"}

    # --- triggers and the rest ------------------------------------------------------------------------------

    def _trigger(self, request: Payload) -> Payload:
        """Send a message now (F06); this is answered while Pending, too."""
        face, evse_id = self._face, request.get("evse", {}).get("id")
        evse_ids = range(1, self._host.hardware.kind.evses + 1)
        if evse_id is not None and evse_id not in evse_ids:
            return rejected("UnknownEvse")
        chosen = evse_ids if evse_id is None else [evse_id]
        match request["requestedMessage"]:
            case "BootNotification":
                if face.registration is Registration.ACCEPTED:
                    return rejected("NotEnabled")
                face.boot_reason = "Triggered"
                face.afterwards(face.boot_again)
            case "Heartbeat":
                face.afterwards(face.heartbeat_now)
            case "StatusNotification":
                for one in chosen:
                    face.afterwards(partial(face.report_evse, one, again=True))
            case "MeterValues":
                for one in chosen:
                    face.afterwards(partial(face.metering.send_sample, one))
            case "TransactionEvent":
                return self._trigger_events(list(chosen))
            case other:
                return self._trigger_report(other)
        return ACCEPTED

    def _trigger_report(self, message: str) -> Payload:
        match message:
            case "LogStatusNotification":
                self._face.tell_afterwards(self._face.logs.upload.notification())
            case "FirmwareStatusNotification":
                self._face.tell_afterwards(self._face.firmware.update.notification())
            case "SignChargingStationCertificate" | "SignV2GCertificate" | "SignCombinedCertificate":
                self._face.afterwards(partial(self._face.certificates.sign, message))
            case _:
                return {"status": "NotImplemented"}
        return ACCEPTED

    def _trigger_events(self, evse_ids: list[int]) -> Payload:
        running = [one for one in self._face.transactions.running.values() if one.connector.evse_id in evse_ids]
        for session in running:
            self._face.afterwards(partial(self._face.metering.send_event, session))
        return ACCEPTED if running else rejected("NoTransaction")

    def _data_transfer(self, request: Payload) -> Payload:
        """Vendors only understand their own messages, and these simulated ones have none."""
        mine = request["vendorId"] == self._host.hardware.kind.vendor
        return {"status": "UnknownMessageId" if mine else "UnknownVendorId"}

    def _set_network_profile(self, request: Payload) -> Payload:
        """Remember where else to connect to; slot 1 is in use (B09)."""
        if request["configurationSlot"] not in (1, 2):
            return rejected("InvalidConfSlot")
        connection = request["connectionData"]
        now = self._face.model.number("SecurityCtrlr", "SecurityProfile")
        return ACCEPTED if connection["securityProfile"] >= now else rejected("NoSecurityDowngrade")


def _place(connector: Connector) -> tuple[int, int]:
    return connector.evse_id, connector.number_in_evse
