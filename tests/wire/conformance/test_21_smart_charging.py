"""OCPP 2.1: what its charging profiles can say beyond 2.0.1's (K), bidirectional power (Q), words for drivers (O)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console.csms.ports import Clock
from console.model.command import (
    CallStation,
    ChangeSetting,
    SetChargingProfile,
    UpdateDynamicSchedule,
    UsePriorityCharging,
)
from console.model.outcome import Outcome, Result
from console.model.schedule.profile import Kind, Period, Purpose, Unit
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import AT
from tests.wire.conformance.profiles import can, charging, profile, ready, relative, typed, written
from tests.wire.conformance.site import Bench, Json, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: What a period of ours never says by itself: only who writes it in OCPP's own words sends it.
ONLY_ASKED_FOR = {"maxOfflineDuration", "invalidAfterOfflineDuration", "limitAtSoC", "randomizedDelay", "useLocalTime"}


def schedule(*periods: Json, unit: str = "W", **more: Any) -> Json:
    return {"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": list(periods), **more}


def tx_profile(transaction_id: str, *periods: Json, kind: str = "Absolute", **more: Any) -> Json:
    """A TxProfile with periods of 2.1."""
    counted = {} if kind == "Dynamic" else {"startSchedule": AT.format(0)}
    made = written("TxProfile", kind, transactionId=transaction_id, **more)
    return made | {"chargingSchedule": [schedule(*periods, **counted)]}


async def sent(
    bench: Bench, station: Station, action: str, payload: Json, answer: Json | None = None, count: int = 1
) -> Outcome:
    """Let an operator ask something in OCPP's own words; what is sent is what was asked."""
    station.answers[action] = answer or {"status": "Accepted"}
    outcome = await bench.run(CallStation(station.station_id, action, payload))
    assert await station.heard(action, count) == payload
    assert outcome.text
    return outcome


async def sets(bench: Bench, station: Station, made: Json) -> None:
    """Let an operator set a profile in OCPP's own words."""
    payload = {"evseId": 1, "chargingProfile": made}
    count = station.times("SetChargingProfile") + 1
    assert (await sent(bench, station, "SetChargingProfile", payload, count=count)).ok


# ---- K: charging profiles


@pytest.mark.conforms("TC_K_100_CSMS", "TC_K_102_CSMS", "TC_K_106_CSMS")
@pytest.mark.parametrize(
    "changed",
    [
        {"maxOfflineDuration": 600, "invalidAfterOfflineDuration": True},
        {"chargingSchedule": [schedule({"startPeriod": 0, "limit": 11000}, limitAtSoC={"soc": 80, "limit": 4000})]},
        {"chargingSchedule": [schedule({"startPeriod": 0, "limit": 11000}, randomizedDelay=120)]},
    ],
    ids=["K100", "K102", "K106"],
)
async def test_what_is_new_is_sent_when_it_was_asked_for(bench: Bench, connect: Connect, changed: Json) -> None:
    station = await ready(connect, bench, "2.1")
    assert (await bench.run(SetChargingProfile(station.station_id, profile()))).ok
    plain = (await station.heard("SetChargingProfile"))["chargingProfile"]
    assert plain == written()
    assert not ONLY_ASKED_FOR & (plain.keys() | plain["chargingSchedule"][0].keys())
    made = written() | changed
    made["chargingSchedule"][0]["startSchedule"] = AT.format(0)
    await sets(bench, station, made)


@pytest.mark.conforms("TC_K_101_CSMS", "TC_Q_107_CSMS", "TC_Q_108_CSMS", "TC_Q_111_CSMS", "TC_Q_112_CSMS")
@pytest.mark.parametrize(
    "period",
    [
        {"operationMode": "CentralSetpoint", "setpoint": -5000},
        {"operationMode": "ExternalSetpoint"},
        {"operationMode": "ExternalLimits", "limit": 11000, "dischargeLimit": -11000},
    ],
    ids=["Q108", "Q111", "Q112"],
)
async def test_the_mode_of_operation_changes(bench: Bench, connect: Connect, period: Json) -> None:
    tag = f"K101-{period['operationMode']}"
    station, transaction_id = await charging(connect, bench, "2.1", tag)
    charging_only = {"startPeriod": 0, "operationMode": "ChargingOnly", "limit": 11000}
    await sets(bench, station, tx_profile(transaction_id, charging_only))
    allowed = {"transactionId": transaction_id, "allowedEnergyTransfer": ["AC_BPT", "AC_three_phase"]}
    assert (await sent(bench, station, "NotifyAllowedEnergyTransfer", allowed)).ok
    await sets(bench, station, tx_profile(transaction_id, {"startPeriod": 0, **period}))
    asked = [action for action, _payload in station.asked]
    assert asked == ["SetChargingProfile", "NotifyAllowedEnergyTransfer", "SetChargingProfile"]


@pytest.mark.conforms("TC_K_104_CSMS", "TC_K_118_CSMS")
@pytest.mark.parametrize(
    ("answer", "result"),
    [("Accepted", Result.ACCEPTED), ("Rejected", Result.REJECTED), ("NoProfile", Result.REJECTED)],
)
async def test_priority_charging(bench: Bench, connect: Connect, answer: str, result: Result) -> None:
    station, transaction_id = await charging(connect, bench, "2.1", f"K104-{answer}")
    wanted = profile(purpose=Purpose.PRIORITY_CHARGING)
    lasting = profile(purpose=Purpose.PRIORITY_CHARGING, duration_s=3600)
    assert (await bench.run(SetChargingProfile(station.station_id, lasting))).result is Result.NOT_POSSIBLE
    assert (await bench.run(SetChargingProfile(station.station_id, wanted))).ok
    # Without an operationMode a period is ChargingOnly.
    assert await station.heard("SetChargingProfile") == {"evseId": 1, "chargingProfile": written("PriorityCharging")}
    station.answers["UsePriorityCharging"] = {"status": answer}
    outcome = await bench.run(UsePriorityCharging(station.station_id, transaction_id))
    assert await station.heard("UsePriorityCharging") == {"transactionId": transaction_id, "activate": True}
    assert (outcome.result, outcome.answer) == (result, {"status": answer})
    told = {"transactionId": transaction_id, "activated": result is Result.ACCEPTED}
    assert await station.call("NotifyPriorityCharging", **told) == {}
    has = (transaction_id,) if told["activated"] else ()
    await bench.until(lambda site: site.schedules_of(station.station_id).priority == has)


@pytest.mark.conforms("TC_K_109_CSMS")
async def test_ids_of_limits_from_outside_are_left_free(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "2.1")
    await can(bench, station, "", "100")
    done = await typed(bench, "set", station.station_id, "1", "--step", "0:00=16A", "--id", "100")
    assert "Nothing was sent: ids up to 100 are for limits from outside" in done.stderr
    assert station.times("SetChargingProfile") == 0
    done = await typed(bench, "set", station.station_id, "1", "--step", "0:00=16A")
    assert done.returncode == 0, done.stderr
    assert (await station.heard("SetChargingProfile"))["chargingProfile"]["id"] == 101


@pytest.mark.conforms("TC_K_121_CSMS", "DX-P18")
async def test_a_dynamic_limit_is_pulled(bench: Bench, connect: Connect) -> None:
    station, transaction_id = await charging(connect, bench, "2.1", "K121")
    dynamic = relative(kind=Kind.DYNAMIC, unit=Unit.W, periods=(Period(0, 11000),), update_interval_s=60)
    assert (await bench.run(SetChargingProfile(station.station_id, dynamic))).ok
    asked = (await station.heard("SetChargingProfile"))["chargingProfile"]
    assert (asked["chargingProfileKind"], asked["dynUpdateInterval"]) == ("Dynamic", 60)
    assert asked["transactionId"] == transaction_id
    pulled = await station.call("PullDynamicScheduleUpdate", chargingProfileId=7)
    assert pulled == {"status": "Accepted", "scheduleUpdate": {"limit": 11000}}
    station.answers["UpdateDynamicSchedule"] = {"status": "Accepted"}
    assert (await bench.run(UpdateDynamicSchedule(station.station_id, 7, 4000))).ok
    pulled = await station.call("PullDynamicScheduleUpdate", chargingProfileId=7)
    assert pulled == {"status": "Accepted", "scheduleUpdate": {"limit": 4000}}
    unknown = await station.call("PullDynamicScheduleUpdate", chargingProfileId=999)
    assert unknown == {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfile"}}


@pytest.mark.conforms("DX-P17")
async def test_a_station_that_has_had_too_many_is_left_alone(
    bench: Bench, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = await ready(connect, bench, "2.1")
    info = {"reasonCode": "RateLimitExceeded", "additionalInfo": "Wait 90 s"}
    station.answers["SetChargingProfile"] = {"status": "Rejected", "statusInfo": info}
    outcome = await bench.run(SetChargingProfile(station.station_id, profile()))
    assert (outcome.result, station.times("SetChargingProfile")) == (Result.REJECTED, 1)
    outcome = await bench.run(SetChargingProfile(station.station_id, profile()))
    assert outcome.result is Result.NOT_POSSIBLE
    assert "the station takes no more charging profiles for" in outcome.text
    assert station.times("SetChargingProfile") == 1
    clock: Clock = bench.service._clock
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=91))
    station.answers["SetChargingProfile"] = {"status": "Accepted"}
    assert (await bench.run(SetChargingProfile(station.station_id, profile()))).ok
    assert station.times("SetChargingProfile") == 2


# ---- Q: bidirectional power


@pytest.mark.conforms("TC_Q_109_CSMS", "TC_Q_110_CSMS", "TC_Q_117_CSMS")
@pytest.mark.parametrize("mode", ["CentralSetpoint", "CentralFrequency"])
async def test_a_set_point_is_pushed_and_pulled(bench: Bench, connect: Connect, mode: str) -> None:
    station, transaction_id = await charging(connect, bench, "2.1", f"Q109-{mode}")
    period = {"startPeriod": 0, "operationMode": mode, "setpoint": 1000}
    await sets(bench, station, tx_profile(transaction_id, period, kind="Dynamic", dynUpdateInterval=10))
    for count, setpoint in enumerate((-2500, 3500.5), 1):
        update = {"chargingProfileId": 7, "scheduleUpdate": {"setpoint": setpoint}}
        assert (await sent(bench, station, "UpdateDynamicSchedule", update, count=count)).ok
        pulled = await station.call("PullDynamicScheduleUpdate", chargingProfileId=7)
        assert pulled == {"status": "Accepted", "scheduleUpdate": {"setpoint": setpoint}}


@pytest.mark.conforms("TC_Q_120_CSMS", "TC_Q_121_CSMS")
async def test_the_station_supports_the_frequency_itself(bench: Bench, connect: Connect) -> None:
    station, transaction_id = await charging(connect, bench, "2.1", "Q120")
    period = {
        "startPeriod": 0,
        "operationMode": "LocalFrequency",
        "v2xBaseline": 0,
        "v2xFreqWattCurve": [{"frequency": 49.8, "power": -11000}, {"frequency": 50.2, "power": 11000}],
        "v2xSignalWattCurve": [{"signal": -1, "power": -5000}, {"signal": 1, "power": 5000}],
    }
    await sets(bench, station, tx_profile(transaction_id, period))
    assert (await sent(bench, station, "AFRRSignal", {"timestamp": AT.format(5), "signal": 1})).ok
    refused = await sent(
        bench, station, "AFRRSignal", {"timestamp": AT.format(6), "signal": 9}, {"status": "Rejected"}, 2
    )
    assert refused.result is Result.REJECTED


@pytest.mark.conforms("TC_Q_124_CSMS")
async def test_the_station_balances_the_load_itself(bench: Bench, connect: Connect) -> None:
    station, transaction_id = await charging(connect, bench, "2.1", "Q124")

    def taken(asked: Json) -> Json:
        kept = [{name: each[name] for name in ("component", "variable")} for each in asked["setVariableData"]]
        return {"setVariableResult": [each | {"attributeStatus": "Accepted"} for each in kept]}

    station.answers["SetVariables"] = taken
    values = {"UpperThreshold": "5000", "LowerThreshold": "-5000", "UpperOffset": "100", "LowerOffset": "100"}
    for name, value in values.items():
        key = f"V2XChargingCtrlr/LocalLoadBalancing#{name}"
        assert (await bench.run(ChangeSetting(station.station_id, key, value))).ok
    told = [payload["setVariableData"][0] for action, payload in station.asked if action == "SetVariables"]
    assert [(each["variable"]["instance"], each["attributeValue"]) for each in told] == list(values.items())
    await sets(bench, station, tx_profile(transaction_id, {"startPeriod": 0, "operationMode": "LocalLoadBalancing"}))


# ---- O: what is shown to drivers


@pytest.mark.conforms("TC_O_100_CSMS", "TC_O_101_CSMS")
@pytest.mark.parametrize(
    ("answer", "result"), [("Accepted", Result.ACCEPTED), ("LanguageNotSupported", Result.REJECTED)]
)
async def test_a_message_in_several_languages(bench: Bench, connect: Connect, answer: str, result: Result) -> None:
    station = await ready(connect, bench, "2.1")
    message = {
        "id": 1,
        "priority": "AlwaysFront",
        "message": {"format": "UTF8", "content": "Hello", "language": "en"},
        "messageExtra": [{"format": "UTF8", "content": "Hallo", "language": "nl"}],
    }
    outcome = await sent(bench, station, "SetDisplayMessage", {"message": message}, {"status": answer})
    assert (outcome.result, outcome.answer) == (result, {"status": answer})
