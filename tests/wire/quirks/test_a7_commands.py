"""A7: transactions that go astray, and requests that stations refuse in their own ways."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from console.model import command as commands
from console.model.make import Tolerance
from console.model.outcome import Result
from console.model.token import CardVerdict
from console.model.transaction import Flag
from tests.support.stations import now
from tests.wire.quirks.conftest import ID, TAG, Odd, Scene


async def booted(scene: Scene, vendor: str = "Acme") -> Odd:
    """A station of a make, with a free connector, that may start with the tag."""
    await scene.know(TAG)
    station = await scene.station()
    await station.boot_as(vendor)
    await station.status("Available")
    await scene.sees(lambda site: site.stations[ID].connectors)
    return station


async def test_quirk_67_a_stop_of_transaction_minus_1(scene: Scene) -> None:
    station = await booted(scene, "EVerest")
    await station.start(TAG, 1000)
    payload = {"transactionId": -1, "meterStop": 3000, "timestamp": now(), "idTag": TAG}
    assert (await station.ask("StopTransaction", payload))[0] == 3
    (held,) = await scene.transactions()
    assert not held.running
    assert Flag.MATCHED_BY_GUESS in held.flags


async def test_quirk_68_meter_values_after_the_end_start_nothing_again(scene: Scene) -> None:
    station = await booted(scene, "EN+")
    transaction_id = await station.start(TAG, 1000)
    await station.stop(transaction_id, 3000)
    assert await station.meter(transaction_id, 4000) == {}
    (held,) = await scene.transactions()
    assert (held.running, held.energy_wh) == (False, 2000)


async def test_quirk_69_what_nobody_here_knows_is_taken_and_flagged(scene: Scene) -> None:
    station = await booted(scene)
    assert await station.meter(4711, 2000) == {}
    assert await station.stop(4711, 3000) == {}
    (held,) = await scene.transactions()
    assert (held.transaction_id, held.flags) == ("4711", (Flag.ORPHAN,))


async def test_quirk_70_the_same_stop_twice_counts_once(scene: Scene) -> None:
    station = await booted(scene)
    transaction_id = await station.start(TAG, 1000)
    payload = {"transactionId": transaction_id, "meterStop": 3000, "timestamp": "2026-01-01T00:00:00Z"}
    assert (await station.ask("StopTransaction", payload))[0] == 3
    again = await scene.station()
    assert (await again.ask("StopTransaction", payload, "another-id"))[0] == 3
    (held,) = await scene.transactions()
    assert held.energy_wh == 2000


async def test_quirk_72_authorize_with_a_connector(scene: Scene) -> None:
    station = await booted(scene)
    payload = {"idTag": TAG, "connectorId": 1}
    assert (await station.ask("Authorize", dict(payload)))[2] == "FormationViolation"
    assert "has connectorId, which OCPP does not know" in await scene.notice("Authorize refused")
    await scene.run(commands.SetTolerance(ID, Tolerance.LENIENT))
    assert (await station.ask("Authorize", dict(payload)))[2]["idTagInfo"]["status"] == "Accepted"
    assert (await scene.message("tolerated: has connectorId")).action == "Authorize"


async def test_quirk_73_hexadecimal_tags_for_alfen(scene: Scene) -> None:
    station = await booted(scene, "Alfen BV")
    station.answers["RemoteStartTransaction"] = {"status": "Accepted"}
    outcome = await scene.run(commands.StartTransaction(ID, 1, "GARAGE"))
    assert outcome.result is Result.NOT_POSSIBLE
    assert "hexadecimal" in outcome.text
    assert station.asked == []
    assert (await scene.run(commands.StartTransaction(ID, 1, TAG))).ok


async def test_quirk_74_charx_is_told_the_connector(scene: Scene) -> None:
    station = await booted(scene, "Phoenix Contact")
    station.answers["RemoteStartTransaction"] = {"status": "Accepted"}
    await scene.run(commands.StartTransaction(ID, 0, TAG))
    assert station.asked == [("RemoteStartTransaction", {"idTag": TAG, "connectorId": 1})]


async def test_quirk_75_abl_is_told_the_connector(scene: Scene) -> None:
    station = await booted(scene, "ABL")
    await station.status("Available", connector=2)
    await scene.sees(lambda site: len(site.stations[ID].connectors) == 2)
    station.answers["TriggerMessage"] = {"status": "Accepted"}
    await scene.run(commands.TriggerMessage(ID, "MeterValues"))
    assert station.asked == [("TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 1})]


async def test_quirk_76_no_trigger_is_no_fault(scene: Scene) -> None:
    station = await booted(scene)
    station.answers["TriggerMessage"] = {"status": "NotImplemented"}
    outcome = await scene.run(commands.TriggerMessage(ID, "Heartbeat"))
    assert outcome.text == "the station cannot send this message on request"
    assert "no fault" in outcome.hint
    assert (await scene.known()).error_code == ""


@pytest.mark.parametrize("answer", [{"configurationKey": []}, {}, {"configurationKey": None}])
async def test_quirk_78_no_keys_are_no_settings(scene: Scene, answer: dict[str, Any]) -> None:
    station = await booted(scene, "EVEC")
    station.answers["GetConfiguration"] = answer
    outcome = await scene.run(commands.ReadSettings(ID))
    assert (outcome.result, outcome.text) == (Result.ACCEPTED, "0 settings read")


@pytest.mark.parametrize(
    ("status", "result", "text"),
    [
        ("RebootRequired", Result.ACCEPTED, "after a reset"),
        ("NotSupported", Result.REJECTED, "does not know this key"),
    ],
)
async def test_quirk_79_a_status_is_told_and_nothing_tried_again(
    scene: Scene, status: str, result: Result, text: str
) -> None:
    station = await booted(scene, "V2C")
    station.answers["ChangeConfiguration"] = {"status": status}
    outcome = await scene.run(commands.ChangeSetting(ID, "MeterValuesSampledData", "Voltage"))
    assert outcome.result is result
    assert text in outcome.text
    assert [action for action, _ in station.asked] == ["ChangeConfiguration"]


async def test_quirk_80_a_refused_profile_is_told_with_what_may_be_wrong(scene: Scene) -> None:
    station = await booted(scene, "Schneider Electric")
    station.answers["SetChargingProfile"] = {"status": "Rejected"}
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10}]}
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": schedule,
    }
    payload = {"connectorId": 1, "csChargingProfiles": profile}
    outcome = await scene.run(commands.CallStation(ID, "SetChargingProfile", payload))
    assert outcome.text == "the station refused the charging profile"
    assert "stack level" in outcome.hint


async def test_quirk_81_a_status_that_ocpp_does_not_know_is_told_as_it_came(scene: Scene) -> None:
    station = await booted(scene, "EM2GO")
    station.answers["ClearCache"] = {"status": "NotImplemented"}
    outcome = await scene.run(commands.ClearCache(ID))
    assert (outcome.result, outcome.text) == (Result.REJECTED, "ClearCache answered NotImplemented")
    assert outcome.hint == "The station does not support this."
    assert "none of the values" in (await scene.message("none of the values")).problem


@pytest.mark.parametrize("version", ["ocpp2.0.1", "ocpp2.1"])
async def test_quirk_83_a_monitoring_report_without_kind_of_event(scene: Scene, version: str) -> None:
    """2.1 wants ``eventNotificationType``; EVerest leaves it out there, and 2.0.1 has none."""
    station = await scene.station(offers=(version,))
    boot = {"reason": "PowerUp", "chargingStation": {"model": "Hybrid", "vendorName": "EVerest"}}
    assert (await station.ask("BootNotification", boot))[2]["status"] == "Accepted"
    monitor = {"id": 1, "transaction": False, "value": 1.0, "type": "UpperThreshold", "severity": 5}
    report = {
        "requestId": 1,
        "seqNo": 0,
        "generatedAt": "2026-01-01T00:00:00Z",
        "monitor": [
            {"component": {"name": "EVSE"}, "variable": {"name": "Power"}, "variableMonitoring": [monitor]},
        ],
    }
    assert (await station.ask("NotifyMonitoringReport", report))[0] == 3


async def test_quirk_84_a_clock_half_an_hour_off_and_random_ids(scene: Scene) -> None:
    await scene.know(TAG)
    station = await scene.station()
    await station.boot_as("StarCharge")
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 0, "timestamp": "2026-01-01T00:30:00+05:30"}
    frame = await station.ask("StartTransaction", start, "aB3_" * 9)
    assert frame[:2] == [3, "aB3_" * 9]
    assert frame[2]["idTagInfo"]["status"] == "Accepted"


async def test_quirk_85_no_trigger_for_connector_0(scene: Scene) -> None:
    station = await booted(scene)
    station.answers["TriggerMessage"] = {"status": "Rejected"}
    outcome = await scene.run(commands.TriggerMessage(ID, "StatusNotification", 0))
    assert "no connector was named" in outcome.text
    assert (await station.ask("Heartbeat", {}, "250311060834-42"))[1] == "250311060834-42"


async def test_quirk_86_answers_wait_for_no_person(scene: Scene) -> None:
    """Nobody knows the card, and an operator watches: everything else is answered while it is waited for."""
    station = await booted(scene)
    async with asyncio.timeout(15):
        transaction_id = await station.start(TAG)
        waiting = asyncio.create_task(station.call("Authorize", idTag="STRANGER"))
        assert await station.meter(transaction_id, 10) == {}
        assert await station.stop(transaction_id, 20) == {}
    await scene.sees(lambda site: site.cards)
    card = next(iter(scene.site.cards))
    await scene.run(commands.SettleCard(card, CardVerdict.REFUSE))
    assert (await waiting)["idTagInfo"]["status"] == "Invalid"
