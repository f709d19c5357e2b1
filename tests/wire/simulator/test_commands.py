"""What a station does when the central system asks: Core, Remote Trigger and the small profiles."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from console.simulator.car import Car
from console.simulator.clock import ManualClock
from console.simulator.simulated_station import SimulatedStation
from console.simulator.types import ABB_TERRA_54, ALFEN_NG910, ConnectorState, Verdict
from tests.wire.simulator.central import SILENCE, Central, Refusal
from tests.wire.simulator.conftest import MakeStation

ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}


@pytest.fixture
async def double(make_station: MakeStation) -> SimulatedStation:
    """A booted station with two connectors."""
    station = make_station("CP-2", profile=ALFEN_NG910)
    await station.start()
    await station.booted()
    return station


async def charge(station: SimulatedStation, connector_id: int = 1) -> int:
    """Have a car charge; the transaction's id."""
    await station.plug_in(connector_id, Car())
    await station.swipe(connector_id, "04A2C19B")
    transaction_id = station.transaction_id(connector_id)
    assert transaction_id is not None
    return transaction_id


# --- start and stop from afar -----------------------------------------------------------------------------------


async def test_remote_start_needs_no_authorize_unless_configured(central: Central, station: SimulatedStation) -> None:
    await station.plug_in(1, Car())
    assert await central.call("RemoteStartTransaction", idTag="APP", connectorId=1) == ACCEPTED
    assert (await central.expect("StartTransaction"))["idTag"] == "APP"
    assert "Authorize" not in central.actions()


async def test_remote_start_asks_first_when_configured(central: Central, station: SimulatedStation) -> None:
    await central.call("ChangeConfiguration", key="AuthorizeRemoteTxRequests", value="true")
    central.answers["Authorize"] = lambda _: {"idTagInfo": {"status": "Blocked"}}
    await station.plug_in(1, Car())
    assert await central.call("RemoteStartTransaction", idTag="APP", connectorId=1) == ACCEPTED
    assert (await central.expect("Authorize"))["idTag"] == "APP"
    await central.call("TriggerMessage", requestedMessage="Heartbeat")
    await central.expect("Heartbeat")
    assert "StartTransaction" not in central.actions()
    central.answers["Authorize"] = lambda _: {"idTagInfo": ACCEPTED}
    await central.call("RemoteStartTransaction", idTag="APP", connectorId=1)
    await central.expect("StartTransaction")


async def test_remote_start_without_a_car_waits_for_the_cable(central: Central, station: SimulatedStation) -> None:
    assert await central.call("RemoteStartTransaction", idTag="APP") == ACCEPTED
    await central.expect("StatusNotification", connectorId=1, status="Preparing")
    assert "StartTransaction" not in central.actions()
    await station.plug_in(1, Car())
    await central.expect("StartTransaction", idTag="APP")


async def test_remote_start_without_connector_prefers_the_one_with_a_car(
    central: Central, double: SimulatedStation
) -> None:
    await double.plug_in(2, Car())
    await central.call("RemoteStartTransaction", idTag="APP")
    assert (await central.expect("StartTransaction"))["connectorId"] == 2


@pytest.mark.parametrize("connector_id", [0, 1, 5])
async def test_remote_start_is_rejected_where_nothing_can_start(
    central: Central, station: SimulatedStation, connector_id: int
) -> None:
    await charge(station)
    assert await central.call("RemoteStartTransaction", idTag="APP", connectorId=connector_id) == REJECTED


async def test_remote_stop_of_a_known_transaction_only(central: Central, station: SimulatedStation) -> None:
    transaction_id = await charge(station)
    assert await central.call("RemoteStopTransaction", transactionId=transaction_id + 1) == REJECTED
    assert await central.call("RemoteStopTransaction", transactionId=transaction_id) == ACCEPTED
    stop = await central.expect("StopTransaction")
    assert stop["reason"] == "Remote"
    assert stop["transactionId"] == transaction_id
    await central.expect("StatusNotification", status="Finishing")


# --- reset ------------------------------------------------------------------------------------------------------


async def test_soft_reset_stops_first_then_disconnects_and_boots_again(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    await charge(station)
    assert await central.call("Reset", type="Soft") == ACCEPTED
    assert (await central.expect("StopTransaction"))["reason"] == "SoftReset"
    await station.wait_for(lambda s: not s.connected)
    clock.advance(14)
    await asyncio.sleep(0)
    assert central.connections == 1
    clock.advance(1)
    await station.booted()
    assert central.connections == 2
    second = [one.action for one in central.received if one.connection == 2]
    assert second == ["BootNotification", "StatusNotification", "StatusNotification"]
    assert central.received[-1].payload["status"] == "Preparing"


async def test_hard_reset_cuts_the_power_and_delivers_the_stop_after_the_boot(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    transaction_id = await charge(station)
    assert await central.call("Reset", type="Hard") == ACCEPTED
    await station.wait_for(lambda s: not s.connected and not s.hardware.in_transaction)
    assert "StopTransaction" not in central.actions()
    clock.advance(15)
    stop = await central.expect("StopTransaction")
    assert stop["reason"] == "HardReset"
    assert stop["transactionId"] == transaction_id
    second = [one.action for one in central.received if one.connection == 2]
    assert second == ["BootNotification", "StatusNotification", "StatusNotification", "StopTransaction"]


# --- availability and locks -------------------------------------------------------------------------------------


async def test_availability_of_one_connector(central: Central, double: SimulatedStation) -> None:
    assert await central.call("ChangeAvailability", connectorId=2, type="Inoperative") == ACCEPTED
    await central.expect("StatusNotification", connectorId=2, status="Unavailable")
    assert double.connector(1).state is ConnectorState.AVAILABLE
    assert await double.swipe(2, "04A2C19B") is Verdict.OUT_OF_SERVICE
    assert await central.call("ChangeAvailability", connectorId=3, type="Inoperative") == REJECTED
    assert await central.call("ChangeAvailability", connectorId=2, type="Operative") == ACCEPTED
    await central.expect("StatusNotification", connectorId=2, status="Available")


async def test_availability_waits_for_a_running_transaction(central: Central, double: SimulatedStation) -> None:
    await charge(double, 1)
    assert await central.call("ChangeAvailability", connectorId=0, type="Inoperative") == {"status": "Scheduled"}
    await central.expect("StatusNotification", connectorId=2, status="Unavailable")
    await central.expect("StatusNotification", connectorId=0, status="Unavailable")
    assert double.connector(1).state is ConnectorState.CHARGING
    await double.swipe(1, "04A2C19B")
    await double.unplug(1)
    await central.expect("StatusNotification", connectorId=1, status="Unavailable")


async def test_availability_survives_a_reset(central: Central, station: SimulatedStation, clock: ManualClock) -> None:
    await central.call("ChangeAvailability", connectorId=1, type="Inoperative")
    await central.call("Reset", type="Soft")
    await station.wait_for(lambda s: not s.connected)
    clock.advance(15)
    await station.booted()
    assert central.received[-1].payload["status"] == "Unavailable"


async def test_unlock_stops_the_transaction(central: Central, station: SimulatedStation) -> None:
    await charge(station)
    assert await central.call("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
    assert (await central.expect("StopTransaction"))["reason"] == "UnlockCommand"
    assert await central.call("UnlockConnector", connectorId=9) == {"status": "NotSupported"}


async def test_a_fixed_cable_cannot_be_unlocked(central: Central, make_station: MakeStation) -> None:
    station = make_station(profile=ABB_TERRA_54)
    await station.start()
    await station.booted()
    assert await central.call("UnlockConnector", connectorId=1) == {"status": "NotSupported"}


# --- configuration ----------------------------------------------------------------------------------------------


async def test_get_configuration_of_some_keys_in_any_case(central: Central, station: SimulatedStation) -> None:
    answer = await central.call("GetConfiguration", key=["heartbeatinterval", "NoSuchKey", "NumberOfConnectors"])
    assert answer == {
        "configurationKey": [
            {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
            {"key": "NumberOfConnectors", "readonly": True, "value": "1"},
        ],
        "unknownKey": ["NoSuchKey"],
    }


async def test_get_configuration_of_all_keys_hides_the_password(central: Central, station: SimulatedStation) -> None:
    answer = await central.call("GetConfiguration")
    keys = {entry["key"]: entry for entry in answer["configurationKey"]}
    assert len(keys) > 25
    assert "unknownKey" not in answer
    assert "value" not in keys["AuthorizationKey"]


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("HeartbeatInterval", "60", "Accepted"),
        ("HeartbeatInterval", "often", "Rejected"),
        ("HeartbeatInterval", "-1", "Rejected"),
        ("LocalPreAuthorize", "TRUE", "Accepted"),
        ("LocalPreAuthorize", "yes", "Rejected"),
        ("NumberOfConnectors", "4", "Rejected"),
        ("MeterValuesSampledData", "Voltage,Power.Active.Import", "Accepted"),
        ("MeterValuesSampledData", "Frequency", "Rejected"),
        ("WebSocketPingInterval", "30", "RebootRequired"),
        ("AuthorizationKey", "1234", "Rejected"),
        ("NoSuchKey", "1", "NotSupported"),
    ],
)
async def test_change_configuration(
    central: Central, station: SimulatedStation, key: str, value: str, status: str
) -> None:
    assert await central.call("ChangeConfiguration", key=key, value=value) == {"status": status}


async def test_reboot_required_takes_effect_with_the_reboot(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    async def value() -> str:
        answer = await central.call("GetConfiguration", key=["WebSocketPingInterval"])
        return str(answer["configurationKey"][0]["value"])

    await central.call("ChangeConfiguration", key="WebSocketPingInterval", value="30")
    assert await value() == "20"
    await central.call("Reset", type="Soft")
    await station.wait_for(lambda s: not s.connected)
    clock.advance(15)
    await station.booted()
    assert await value() == "30"


async def test_a_new_password_is_used_for_a_new_connection_at_once(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    key = bytes(range(200, 216))
    assert await central.call("ChangeConfiguration", key="AuthorizationKey", value=key.hex()) == ACCEPTED
    await station.wait_for(lambda s: not s.connected)
    clock.advance(2)
    await station.booted()
    header = central.requests[-1].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(header) == b"CP-1:" + key


# --- authorization memory ---------------------------------------------------------------------------------------


async def test_pre_authorization_uses_the_cache_until_it_is_cleared(
    central: Central, station: SimulatedStation
) -> None:
    await central.call("ChangeConfiguration", key="LocalPreAuthorize", value="true")
    await charge(station)
    await station.swipe(1, "04A2C19B")
    await station.unplug(1)
    await charge(station)
    assert central.actions("Authorize") == ["Authorize"]
    await station.unplug(1)
    assert await central.call("ClearCache") == ACCEPTED
    # The answer to each StartTransaction fills the cache again; only what came before was cleared.
    await charge(station)
    assert central.actions("Authorize") == ["Authorize"] * 2


async def test_the_local_list_decides_offline(central: Central, station: SimulatedStation) -> None:
    listed = [{"idTag": "LISTED", "idTagInfo": ACCEPTED}, {"idTag": "BAD", "idTagInfo": {"status": "Blocked"}}]
    sent = await central.call("SendLocalList", listVersion=3, updateType="Full", localAuthorizationList=listed)
    assert sent == ACCEPTED
    assert await central.call("GetLocalListVersion") == {"listVersion": 3}
    old = await central.call("SendLocalList", listVersion=2, updateType="Differential")
    assert old == {"status": "VersionMismatch"}
    gone = [{"idTag": "GONE"}]
    await central.call("SendLocalList", listVersion=4, updateType="Differential", localAuthorizationList=gone)
    await station.drop_connection(away_s=60)
    assert await station.swipe(1, "BAD") is Verdict.BLOCKED
    assert await station.swipe(1, "listed") is Verdict.ACCEPTED


async def test_a_reservation_keeps_the_connector_for_one_card(central: Central, station: SimulatedStation) -> None:
    request = {"connectorId": 1, "idTag": "GUEST", "reservationId": 8, "expiryDate": "2026-03-14T10:00:00Z"}
    assert await central.call("ReserveNow", **request) == ACCEPTED
    await central.expect("StatusNotification", status="Reserved")
    assert await station.swipe(1, "OTHER") is Verdict.OUT_OF_SERVICE
    assert await central.call("ReserveNow", **{**request, "reservationId": 9}) == {"status": "Occupied"}
    await station.plug_in(1, Car())
    await station.swipe(1, "GUEST")
    assert (await central.expect("StartTransaction"))["reservationId"] == 8
    assert await central.call("CancelReservation", reservationId=8) == REJECTED


async def test_a_reservation_ends_when_cancelled_or_expired(
    central: Central, station: SimulatedStation, clock: ManualClock
) -> None:
    request = {"connectorId": 1, "idTag": "GUEST", "reservationId": 8, "expiryDate": "2026-03-14T10:00:00Z"}
    await central.call("ReserveNow", **request)
    assert await central.call("CancelReservation", reservationId=8) == ACCEPTED
    await station.wait_for(lambda s: s.connector(1).state is ConnectorState.AVAILABLE)
    await central.call("ReserveNow", **request)
    clock.advance(3600)
    await central.expect("StatusNotification", status="Reserved")
    await central.expect("StatusNotification", status="Reserved")
    await station.wait_for(lambda s: s.connector(1).state is ConnectorState.AVAILABLE)


# --- trigger, data transfer, firmware ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    [
        "BootNotification",
        "Heartbeat",
        "StatusNotification",
        "MeterValues",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
    ],
)
async def test_trigger_sends_every_message(central: Central, station: SimulatedStation, action: str) -> None:
    before = len(central.actions(action))
    assert await central.call("TriggerMessage", requestedMessage=action) == ACCEPTED
    for _ in range(before + 1):
        await central.expect(action)


async def test_triggered_meter_values_belong_to_the_transaction(central: Central, station: SimulatedStation) -> None:
    transaction_id = await charge(station)
    await central.call("TriggerMessage", requestedMessage="MeterValues", connectorId=1)
    sample = await central.expect("MeterValues")
    assert sample["transactionId"] == transaction_id
    assert sample["meterValue"][0]["sampledValue"][0]["context"] == "Trigger"
    assert await central.call("TriggerMessage", requestedMessage="MeterValues", connectorId=4) == REJECTED


async def test_data_transfer_is_refused_politely(central: Central, station: SimulatedStation) -> None:
    assert await central.call("DataTransfer", vendorId="com.example") == {"status": "UnknownVendorId"}
    assert await central.call("DataTransfer", vendorId="ABB", messageId="x") == {"status": "UnknownMessageId"}


# --- bad requests -----------------------------------------------------------------------------------------------


async def test_unknown_and_broken_requests_get_the_right_error(central: Central, station: SimulatedStation) -> None:
    unknown = await central.call("MakeCoffee")
    assert isinstance(unknown, Refusal)
    assert unknown.code == "NotImplemented"
    extra = await central.call("ClearCache", please=True)
    assert isinstance(extra, Refusal)
    assert extra.code == "FormationViolation"
    wrong_type = await central.call("UnlockConnector", connectorId="one")
    assert isinstance(wrong_type, Refusal)
    assert wrong_type.code == "TypeConstraintViolation"


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "[]",
        "{}",
        "[9]",
        "null",
        '[2,"x"]',
        "[" * 100_000,
        f"[{'9' * 5_000}]",
        '[3,"nobody asked",{}]',
        '[2,"1",{},{}]',
    ],
    ids=["half", "empty", "object", "type", "null", "short", "deep", "long number", "answer", "no action"],
)
async def test_unreadable_frames_do_not_disturb(central: Central, station: SimulatedStation, frame: str) -> None:
    if frame.startswith("[2,") and frame.endswith("{}]"):
        central._pending["1"] = asyncio.get_running_loop().create_future()
    await central.send_raw(frame)
    assert await central.call("GetLocalListVersion") == {"listVersion": 0}
    assert central.connections == 1


async def test_requests_are_answered_while_one_of_ones_own_is_unanswered(
    central: Central, station: SimulatedStation
) -> None:
    central.answers["Authorize"] = lambda _: SILENCE
    swiping = asyncio.create_task(station.swipe(1, "04A2C19B"))
    await central.expect("Authorize")
    answer: Any = await central.call("GetConfiguration", key=["HeartbeatInterval"])
    assert answer["configurationKey"]
    await station.drop_connection()
    assert await swiping is Verdict.INVALID
