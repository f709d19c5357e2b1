"""The clock, the configuration keys and the words for meter readings."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from console.simulator.clock import Clock, ManualClock
from console.simulator.dice import dice
from console.simulator.meter import Reading
from console.simulator.types import ABB_TERRA_54, ABB_TERRA_AC, KINDS
from console.simulator.v16 import samples
from console.simulator.v16.configuration import Configuration


async def test_a_scaled_clock_sleeps_shorter_and_counts_longer() -> None:
    clock = Clock(time_scale=10_000.0)
    before_s, before = clock.elapsed_s, clock.utc()
    await clock.sleep(100.0)
    assert clock.elapsed_s >= before_s + 100.0
    assert clock.utc() - before >= timedelta(seconds=100)


async def test_a_clock_corrects_large_differences_only_and_only_in_real_time() -> None:
    there = datetime(2031, 1, 1, tzinfo=UTC)
    real, fast = Clock(), Clock(time_scale=60.0)
    for clock in (real, fast):
        clock.synchronise(there)
    assert abs(real.utc() - there) < timedelta(seconds=1)
    assert fast.utc().year != 2031
    now = real.utc()
    real.synchronise(now - timedelta(seconds=1))
    assert real.utc() >= now


async def test_a_manual_clock_wakes_sleepers_in_order_when_it_is_moved() -> None:
    clock = ManualClock()
    woken: list[float] = []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    sleepers = [asyncio.create_task(sleep(seconds)) for seconds in (30.0, 10.0, 20.0)]
    await asyncio.sleep(0)
    clock.advance(5)
    await asyncio.sleep(0)
    assert woken == []
    clock.advance(20)
    await asyncio.wait(sleepers, return_when=asyncio.FIRST_COMPLETED)
    assert woken == [10.0, 20.0]
    clock.advance(5)
    await asyncio.gather(*sleepers)
    assert woken == [10.0, 20.0, 30.0]


async def test_a_sleep_ends_early_with_its_event() -> None:
    clock, event = ManualClock(), asyncio.Event()
    sleeping = asyncio.create_task(clock.sleep_until_or(60.0, event))
    await asyncio.sleep(0)
    event.set()
    assert await sleeping is True
    event.clear()
    sleeping = asyncio.create_task(clock.sleep_until_or(60.0, event))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.advance(60)
    assert await sleeping is False


def test_a_clock_cannot_stand_still() -> None:
    with pytest.raises(ValueError, match="time_scale"):
        Clock(time_scale=0)


def test_dice_fall_the_same_way_for_the_same_name() -> None:
    assert dice(1, "a").random() == dice(1, "a").random() != dice(1, "b").random()


def test_required_core_keys_are_there() -> None:
    required = [
        "AuthorizeRemoteTxRequests",
        "ClockAlignedDataInterval",
        "ConnectionTimeOut",
        "ConnectorPhaseRotation",
        "GetConfigurationMaxKeys",
        "HeartbeatInterval",
        "LocalAuthorizeOffline",
        "LocalPreAuthorize",
        "MeterValuesAlignedData",
        "MeterValuesSampledData",
        "MeterValueSampleInterval",
        "NumberOfConnectors",
        "ResetRetries",
        "StopTransactionOnEVSideDisconnect",
        "StopTransactionOnInvalidId",
        "StopTxnAlignedData",
        "StopTxnSampledData",
        "SupportedFeatureProfiles",
        "TransactionMessageAttempts",
        "TransactionMessageRetryInterval",
        "UnlockConnectorOnEVSideDisconnect",
    ]
    found, unknown = Configuration(ABB_TERRA_AC).report(required)
    assert [entry["key"] for entry in found] == required
    assert unknown == []


def test_only_a_direct_current_station_measures_the_state_of_charge() -> None:
    assert "SoC" in Configuration(ABB_TERRA_54).listed("MeterValuesSampledData")
    assert Configuration(ABB_TERRA_AC).change("MeterValuesSampledData", "SoC") == "Rejected"


def test_a_key_that_needs_a_reboot_keeps_its_value_until_then() -> None:
    configuration = Configuration(ABB_TERRA_AC)
    assert configuration.change("websocketpinginterval", "45") == "RebootRequired"
    assert configuration.number("WebSocketPingInterval") == 20
    configuration.reboot()
    assert configuration.number("WebSocketPingInterval") == 45


def test_times_are_utc_with_milliseconds_and_z() -> None:
    moment = datetime(2026, 3, 14, 10, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=1)))
    assert samples.timestamp(moment) == "2026-03-14T09:00:00.123Z"


def test_measurands_that_a_meter_does_not_have_are_left_out() -> None:
    reading = Reading(1_234, 3_450.0, (15.0,), (230.1,), None)
    wanted = ["SoC", "Voltage", "Current.Offered", "Energy.Active.Import.Register", "Frequency"]
    value = samples.meter_value(reading, datetime(2026, 1, 1, tzinfo=UTC), "Trigger", wanted, offered_a=16)
    assert [(one["measurand"], one["value"]) for one in value["sampledValue"]] == [
        ("Voltage", "230.1"),
        ("Current.Offered", "16.0"),
        ("Energy.Active.Import.Register", "1234"),
    ]
    assert all("phase" not in one for one in value["sampledValue"])


def test_every_make_says_of_itself_what_fits_into_a_boot_notification() -> None:
    for kind in KINDS:
        assert len(kind.vendor) <= 20
        assert len(kind.model) <= 20
        assert kind.max_power_w > 3_000
