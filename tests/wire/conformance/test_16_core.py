"""OCPP 1.6 Core, case by case, by a station on the plain `websockets` client."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.model.command import (
    ChangeSetting,
    ClearCache,
    ReadSettings,
    ResetStation,
    SettleCard,
    StartTransaction,
    StopTransaction,
    TriggerMessage,
    UnlockConnector,
)
from console.model.outcome import Result
from console.model.station import ConnectorStatus
from console.model.token import CardVerdict, Token
from console.model.transaction import Transaction
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.site import Bench, Station, now

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ready(connect: Connect, bench: Bench, *tags: str) -> Station:
    """A station that has booted, with one connector, and tags that may charge."""
    station = await connect()
    await bench.add_tags(*tags)
    await station.boot()
    await status(station, "Available")
    return station


async def status(station: Station, word: str, error: str = "NoError", connector_id: int = 1) -> None:
    payload = {"connectorId": connector_id, "status": word, "errorCode": error, "timestamp": now()}
    assert await station.call("StatusNotification", **payload) == {}


async def start(station: Station, tag: str, at: str = "", meter_wh: int = 1000) -> dict[str, Any]:
    return await station.call("StartTransaction", connectorId=1, idTag=tag, meterStart=meter_wh, timestamp=at or now())


async def stop(station: Station, transaction_id: int, reason: str, **more: Any) -> dict[str, Any]:
    return await station.call(
        "StopTransaction", transactionId=transaction_id, meterStop=3000, timestamp=now(), reason=reason, **more
    )


async def ended(bench: Bench, station: Station, transaction_id: int) -> Transaction:
    """Wait until the operator sees that a transaction is over."""
    key = f"{station.station_id}\n{transaction_id}"

    def over(site: Any) -> Any:
        held = site.transactions.get(key)
        return held if held is not None and not held.running else None

    found: Transaction = await bench.until(over)
    return found


@pytest.mark.conforms("TC_001_CSMS")
async def test_cold_boot(bench: Bench, connect: Connect) -> None:
    station = await connect()
    answer = await station.boot()
    assert answer["status"] == "Accepted"
    assert answer["currentTime"].endswith("Z")
    assert answer["interval"] > 0
    for connector_id in (0, 1, 2):
        await status(station, "Available", connector_id=connector_id)
    assert (await station.call("Heartbeat"))["currentTime"].endswith("Z")
    known = await bench.until(lambda site: site.stations.get(station.station_id))
    assert [each.evse_id for each in known.connectors] == [1, 2]


@pytest.mark.conforms("TC_003_CSMS")
async def test_regular_session_plug_in_first(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "003")
    await status(station, "Preparing")
    assert (await station.call("Authorize", idTag="003"))["idTagInfo"]["status"] == "Accepted"
    started = await start(station, "003")
    assert started["idTagInfo"]["status"] == "Accepted"
    await status(station, "Charging")
    assert (await station.call("Authorize", idTag="003"))["idTagInfo"]["status"] == "Accepted"
    assert (await stop(station, started["transactionId"], "Local", idTag="003"))["idTagInfo"]["status"] == "Accepted"
    await status(station, "Finishing")
    await status(station, "Available")
    transaction = await ended(bench, station, started["transactionId"])
    assert (transaction.energy_wh, transaction.stop_reason, transaction.id_token) == (2000, "Local", "003")


@pytest.mark.conforms("TC_004_1_CSMS")
async def test_regular_session_identification_first(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "0041")
    assert (await station.call("Authorize", idTag="0041"))["idTagInfo"]["status"] == "Accepted"
    await status(station, "Preparing")
    started = await start(station, "0041")
    assert started["idTagInfo"]["status"] == "Accepted"
    assert started["transactionId"] > 0
    await status(station, "Charging")
    assert await bench.until(lambda site: site.running(station.station_id, 1))


@pytest.mark.conforms("TC_004_2_CSMS")
async def test_identification_and_no_car(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "0042")
    assert (await station.call("Authorize", idTag="0042"))["idTagInfo"]["status"] == "Accepted"
    await status(station, "Preparing")
    await status(station, "Available")
    await bench.settled()
    assert bench.site.stations[station.station_id].connector(1).status == "Available"
    assert not bench.site.running(station.station_id)


@pytest.mark.conforms("TC_005_1_CSMS")
async def test_the_car_is_unplugged(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "0051")
    started = await start(station, "0051")
    await status(station, "SuspendedEV")
    assert await stop(station, started["transactionId"], "EVDisconnected") == {}
    await status(station, "Finishing")
    assert (await ended(bench, station, started["transactionId"])).stop_reason == "EVDisconnected"


@pytest.mark.conforms("TC_007_CSMS")
async def test_a_cached_tag_is_judged_again_at_the_start(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "007")
    await bench.add_tags(Token("007-blocked", blocked=True))
    accepted = await start(station, "007")
    assert accepted["idTagInfo"]["status"] == "Accepted"
    await stop(station, accepted["transactionId"], "Local")
    blocked = await start(station, "007-blocked")
    assert blocked["idTagInfo"]["status"] == "Blocked"
    assert blocked["transactionId"] not in (0, accepted["transactionId"])


@pytest.mark.conforms("TC_010_CSMS")
async def test_remote_start_cable_first(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "010")
    await status(station, "Preparing")
    station.answers["RemoteStartTransaction"] = {"status": "Accepted"}
    assert (await bench.run(StartTransaction(station.station_id, 1, "010"))).ok
    assert await station.heard("RemoteStartTransaction") == {"connectorId": 1, "idTag": "010"}
    assert (await station.call("Authorize", idTag="010"))["idTagInfo"]["status"] == "Accepted"
    assert (await start(station, "010"))["idTagInfo"]["status"] == "Accepted"
    await status(station, "Charging")


@pytest.mark.conforms("TC_011_1_CSMS")
async def test_remote_start_first(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "0111")
    station.answers["RemoteStartTransaction"] = {"status": "Accepted"}
    assert (await bench.run(StartTransaction(station.station_id, 1, "0111"))).ok
    assert await station.heard("RemoteStartTransaction") == {"connectorId": 1, "idTag": "0111"}
    await status(station, "Preparing")
    started = await start(station, "0111")
    assert started["idTagInfo"]["status"] == "Accepted"
    (transaction,) = await bench.until(lambda site: site.running(station.station_id, 1))
    assert transaction.transaction_id == str(started["transactionId"])


@pytest.mark.conforms("TC_011_2_CSMS")
async def test_remote_start_and_no_car(bench: Bench, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.csms.transactions.remote_starts._LASTS", timedelta(milliseconds=50))
    station = await ready(connect, bench, "0112")
    station.answers["RemoteStartTransaction"] = {"status": "Accepted"}
    assert (await bench.run(StartTransaction(station.station_id, 1, "0112"))).ok
    assert await station.heard("RemoteStartTransaction") == {"connectorId": 1, "idTag": "0112"}
    expected = f"{station.station_id}: nothing came of the remote start with tag 0112"
    await bench.until(lambda site: any(expected in notice.text for notice in site.notices))
    await status(station, "Available")
    await bench.settled()
    assert not bench.site.running(station.station_id)


@pytest.mark.conforms("TC_012_CSMS")
async def test_remote_stop(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "012")
    started = await start(station, "012")
    station.answers["RemoteStopTransaction"] = {"status": "Accepted"}
    assert (await bench.run(StopTransaction(station.station_id, str(started["transactionId"])))).ok
    assert await station.heard("RemoteStopTransaction") == {"transactionId": started["transactionId"]}
    assert await stop(station, started["transactionId"], "Remote") == {}
    assert (await ended(bench, station, started["transactionId"])).stop_reason == "Remote"


@pytest.mark.conforms("TC_013_CSMS", "TC_014_CSMS")
@pytest.mark.parametrize(("hard", "kind"), [(True, "Hard"), (False, "Soft")])
async def test_reset(bench: Bench, connect: Connect, hard: bool, kind: str) -> None:
    station = await ready(connect, bench)
    station.answers["Reset"] = {"status": "Accepted"}
    assert (await bench.run(ResetStation(station.station_id, hard=hard))).ok
    assert await station.heard("Reset") == {"type": kind}
    again = await connect(station_id=station.station_id)
    assert (await again.boot())["status"] == "Accepted"


@pytest.mark.conforms("TC_017_1_CSMS", "TC_017_2_CSMS", "TC_030_CSMS", "TC_031_CSMS")
@pytest.mark.parametrize(
    ("connector_id", "answer", "result"),
    [
        (1, "Unlocked", Result.ACCEPTED),
        (1, "NotSupported", Result.REJECTED),
        (1, "UnlockFailed", Result.REJECTED),
        (9, "NotSupported", Result.REJECTED),
    ],
)
async def test_unlock(bench: Bench, connect: Connect, connector_id: int, answer: str, result: Result) -> None:
    station = await ready(connect, bench)
    station.answers["UnlockConnector"] = {"status": answer}
    outcome = await bench.run(UnlockConnector(station.station_id, connector_id))
    assert await station.heard("UnlockConnector") == {"connectorId": connector_id}
    assert outcome.result is result
    assert outcome.answer == {"status": answer}
    assert outcome.text
    assert outcome.ok or outcome.hint


@pytest.mark.conforms("TC_018_1_CSMS")
async def test_unlock_during_a_session(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "0181")
    started = await start(station, "0181")
    station.answers["UnlockConnector"] = {"status": "Unlocked"}
    assert (await bench.run(UnlockConnector(station.station_id, 1))).ok
    assert await station.heard("UnlockConnector") == {"connectorId": 1}
    assert await stop(station, started["transactionId"], "UnlockCommand") == {}
    assert (await ended(bench, station, started["transactionId"])).stop_reason == "UnlockCommand"


@pytest.mark.conforms("TC_019_1_CSMS", "TC_019_2_CSMS")
@pytest.mark.parametrize("keys", [(), ("SupportedFeatureProfiles",)])
async def test_get_configuration(bench: Bench, connect: Connect, keys: tuple[str, ...]) -> None:
    station = await ready(connect, bench)
    entry = {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core,SmartCharging"}
    station.answers["GetConfiguration"] = {"configurationKey": [entry]}
    assert (await bench.run(ReadSettings(station.station_id, keys))).ok
    assert await station.heard("GetConfiguration") == ({"key": list(keys)} if keys else {})
    (setting,) = await bench.backend.settings(station.station_id)
    assert (setting.key, setting.value, setting.read_only) == ("SupportedFeatureProfiles", "Core,SmartCharging", True)


@pytest.mark.conforms("TC_021_CSMS", "TC_040_1_CSMS", "TC_040_2_CSMS")
@pytest.mark.parametrize(
    ("key", "value", "answer", "result"),
    [
        ("MeterValueSampleInterval", "60", "Accepted", Result.ACCEPTED),
        ("NoSuchKey", "1", "NotSupported", Result.REJECTED),
        ("MeterValueSampleInterval", "-1", "Rejected", Result.REJECTED),
    ],
)
async def test_change_configuration(
    bench: Bench, connect: Connect, key: str, value: str, answer: str, result: Result
) -> None:
    station = await ready(connect, bench)
    station.answers["ChangeConfiguration"] = {"status": answer}
    outcome = await bench.run(ChangeSetting(station.station_id, key, value))
    assert await station.heard("ChangeConfiguration") == {"key": key, "value": value}
    assert (outcome.result, outcome.answer) == (result, {"status": answer})
    assert outcome.ok or outcome.hint
    await station.call("Heartbeat")  # whatever was asked without being wanted has come by now
    assert [action for action, _ in station.asked] == ["ChangeConfiguration"]


@pytest.mark.conforms("TC_023_1_CSMS", "TC_023_2_CSMS", "TC_023_3_CSMS")
async def test_tags_that_may_not_charge(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    past = datetime.now(UTC) - timedelta(days=1)
    await bench.add_tags(Token("023-expired", expires_at=past), Token("023-blocked", blocked=True))
    for tag, verdict in (("023-expired", "Expired"), ("023-blocked", "Blocked")):
        assert (await station.call("Authorize", idTag=tag))["idTagInfo"]["status"] == verdict
    # Of a tag that nobody knows the operator is asked; this one says no.
    asked = asyncio.create_task(station.call("Authorize", idTag="023-unknown"))
    card = await bench.until(lambda site: next(card for card in site.cards.values() if card.id_token == "023-unknown"))
    assert (await bench.run(SettleCard(card.card_id, CardVerdict.REFUSE))).ok
    assert (await asked)["idTagInfo"]["status"] == "Invalid"


@pytest.mark.conforms("TC_024_CSMS")
async def test_lock_failure(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "024")
    assert (await station.call("Authorize", idTag="024"))["idTagInfo"]["status"] == "Accepted"
    await status(station, "Faulted", "ConnectorLockFailure")
    connector = await bench.until(
        lambda site: (held := site.stations[station.station_id].connector(1)).status == "Faulted" and held
    )
    assert (connector.status, connector.error_code) == (ConnectorStatus.FAULTED, "ConnectorLockFailure")
    await bench.settled()
    assert not bench.site.running(station.station_id)


@pytest.mark.conforms("TC_026_CSMS")
async def test_remote_start_rejected(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "026")
    station.answers["RemoteStartTransaction"] = {"status": "Rejected"}
    outcome = await bench.run(StartTransaction(station.station_id, 1, "026"))
    assert await station.heard("RemoteStartTransaction") == {"connectorId": 1, "idTag": "026"}
    assert (outcome.result, outcome.answer) == (Result.REJECTED, {"status": "Rejected"})
    assert outcome.hint
    await bench.settled()
    assert not bench.site.running(station.station_id)
    assert not any("remote start" in notice.text for notice in bench.site.notices if station.station_id in notice.text)


@pytest.mark.conforms("TC_028_CSMS")
async def test_remote_stop_rejected(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "028")
    started = await start(station, "028")
    station.answers["RemoteStopTransaction"] = {"status": "Rejected"}
    outcome = await bench.run(StopTransaction(station.station_id, str(started["transactionId"])))
    assert await station.heard("RemoteStopTransaction") == {"transactionId": started["transactionId"]}
    assert (outcome.result, outcome.answer) == (Result.REJECTED, {"status": "Rejected"})
    assert outcome.hint
    await bench.settled()
    (transaction,) = bench.site.running(station.station_id, 1)
    assert (transaction.transaction_id, transaction.stop_reason) == (str(started["transactionId"]), "")


@pytest.mark.conforms("TC_032_1_CSMS")
async def test_power_failure(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "0321")
    started = await start(station, "0321")
    await station.connection.close(1001)
    again = await connect(station_id=station.station_id)
    assert (await again.boot())["status"] == "Accepted"
    assert await stop(again, started["transactionId"], "PowerLoss") == {}
    await status(again, "Available")
    transaction = await ended(bench, again, started["transactionId"])
    assert (transaction.stop_reason, transaction.energy_wh) == ("PowerLoss", 2000)


@pytest.mark.conforms("TC_037_1_CSMS")
async def test_offline_start_counts_from_the_stations_time(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "0371")
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    started = await start(station, "0371", at=at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert started["idTagInfo"]["status"] == "Accepted"
    (transaction,) = await bench.until(lambda site: site.running(station.station_id, 1))
    assert (transaction.transaction_id, transaction.started_at) == (str(started["transactionId"]), at)


@pytest.mark.conforms("TC_037_3_CSMS")
@pytest.mark.parametrize("verdict", ["Invalid", "Blocked"])
async def test_offline_start_with_a_tag_that_may_not_charge(bench: Bench, connect: Connect, verdict: str) -> None:
    tag = f"0373-{verdict}"
    station = await ready(connect, bench)
    if verdict == "Blocked":
        await bench.add_tags(Token(tag, blocked=True))
    starting = asyncio.create_task(start(station, tag, at="2026-11-20T10:00:00Z"))
    if verdict == "Invalid":  # nobody knows it, and the operator who is asked says no
        card = await bench.until(lambda site: next(card for card in site.cards.values() if card.id_token == tag))
        assert (await bench.run(SettleCard(card.card_id, CardVerdict.REFUSE))).ok
    started = await starting
    assert started["idTagInfo"]["status"] == verdict
    assert started["transactionId"] > 0
    assert await stop(station, started["transactionId"], "DeAuthorized") == {}
    assert (await ended(bench, station, started["transactionId"])).stop_reason == "DeAuthorized"


@pytest.mark.conforms("TC_039_CSMS")
async def test_a_whole_transaction_offline(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "039")
    started = await start(station, "039", at="2026-11-20T10:00:00Z")
    sample = {"timestamp": "2026-11-20T10:30:00Z", "sampledValue": [{"value": "2000"}]}
    values = {"connectorId": 1, "transactionId": started["transactionId"], "meterValue": [sample]}
    assert await station.call("MeterValues", **values) == {}
    stopped = {"transactionId": started["transactionId"], "meterStop": 3000, "timestamp": "2026-11-20T11:00:00Z"}
    assert await station.call("StopTransaction", **stopped) == {}
    transaction = await ended(bench, station, started["transactionId"])
    assert (transaction.energy_wh, transaction.ended_at) == (2000, datetime(2026, 11, 20, 11, tzinfo=UTC))
    kept = await bench.backend.meter_values(station.station_id, str(started["transactionId"]))
    assert datetime(2026, 11, 20, 10, 30, tzinfo=UTC) in [value.at for value in kept]


@pytest.mark.conforms("TC_061_CSMS")
@pytest.mark.parametrize(("answer", "result"), [("Accepted", Result.ACCEPTED), ("Rejected", Result.REJECTED)])
async def test_clear_cache(bench: Bench, connect: Connect, answer: str, result: Result) -> None:
    station = await ready(connect, bench)
    station.answers["ClearCache"] = {"status": answer}
    assert (await bench.run(ClearCache(station.station_id))).result is result
    assert await station.heard("ClearCache") == {}


@pytest.mark.conforms("TC_064_CSMS")
async def test_data_transfer_of_a_foreign_vendor(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    answer = await station.call("DataTransfer", vendorId="com.example.unknown", messageId="x", data="y")
    assert answer["status"] in ("Rejected", "UnknownMessageId", "UnknownVendorId")


@pytest.mark.conforms("TC_054_CSMS")
@pytest.mark.parametrize(
    ("message", "evse_id"),
    [
        ("MeterValues", 1),
        ("Heartbeat", None),
        ("StatusNotification", 1),
        ("DiagnosticsStatusNotification", None),
        ("FirmwareStatusNotification", None),
        ("BootNotification", None),
    ],
)
async def test_trigger_message(bench: Bench, connect: Connect, message: str, evse_id: int | None) -> None:
    station = await ready(connect, bench)
    station.answers["TriggerMessage"] = {"status": "Accepted"}
    assert (await bench.run(TriggerMessage(station.station_id, message, evse_id))).ok
    wanted = {"requestedMessage": message} | ({"connectorId": evse_id} if evse_id else {})
    assert await station.heard("TriggerMessage") == wanted
    triggered: dict[str, dict[str, Any]] = {
        "MeterValues": {"connectorId": 1, "meterValue": [{"timestamp": now(), "sampledValue": [{"value": "1"}]}]},
        "Heartbeat": {},
        "StatusNotification": {"connectorId": 1, "status": "Available", "errorCode": "NoError"},
        "DiagnosticsStatusNotification": {"status": "Idle"},
        "FirmwareStatusNotification": {"status": "Idle"},
        "BootNotification": {"chargePointVendor": "Raw", "chargePointModel": "One"},
    }
    await station.call(message, **triggered[message])


@pytest.mark.conforms("TC_055_CSMS")
async def test_trigger_message_rejected(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    station.answers["TriggerMessage"] = {"status": "Rejected"}
    outcome = await bench.run(TriggerMessage(station.station_id, "Heartbeat"))
    assert await station.heard("TriggerMessage") == {"requestedMessage": "Heartbeat"}
    assert (outcome.result, outcome.answer) == (Result.REJECTED, {"status": "Rejected"})
