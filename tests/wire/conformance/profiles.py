"""Charging profiles as an operator makes them, and as they must look on the wire."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec

from console.model.command import ReadSettings
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Unit
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge
from tests.wire.conformance.events import ready as ready_2
from tests.wire.conformance.site import Bench, Json, Station, now

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
START_TEXT = "2026-11-20T10:00:00.000Z"


def profile(**changed: Any) -> ChargingProfile:
    """16 A for all transactions at EVSE 1, and 10 A after an hour; with changes."""
    periods = (Period(0, 16.0), Period(3600, 10.0))
    usual = ChargingProfile(7, 1, 1, Purpose.TX_DEFAULT, Kind.ABSOLUTE, Unit.A, periods, start=START)
    return msgspec.structs.replace(usual, **changed)


def relative(**changed: Any) -> ChargingProfile:
    """A TxProfile that counts from the transaction's start; with changes."""
    return profile(**({"purpose": Purpose.TX, "kind": Kind.RELATIVE, "start": None} | changed))


#: The periods of ``profile``.
PERIODS = [{"startPeriod": 0, "limit": 16.0}, {"startPeriod": 3600, "limit": 10.0}]


def written(purpose: str = "TxDefaultProfile", kind: str = "Absolute", **more: Any) -> Json:
    """A ChargingProfileType of 2.x, with the schedule of ``profile``; ``schedule`` changes that."""
    schedule: Json = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": PERIODS}
    if kind != "Relative":
        schedule["startSchedule"] = START_TEXT
    schedule |= more.pop("schedule", {})
    return {
        "id": 7,
        "stackLevel": 1,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [schedule],
        **more,
    }


async def ready(connect: Connect, bench: Bench, version: str) -> Station:
    """A station of any version that has booted, with one EVSE, and takes every profile."""
    if version == "1.6":
        station = await connect()
        await station.boot()
        await station.call("StatusNotification", connectorId=1, status="Available", errorCode="NoError")
    else:
        station = await ready_2(connect, bench, version=version)
    for action in ("SetChargingProfile", "ClearChargingProfile", "GetChargingProfiles"):
        station.answers[action] = {"status": "Accepted"}
    return station


async def charging(connect: Connect, bench: Bench, version: str, tag: str) -> tuple[Station, str]:
    """Such a station with a transaction at EVSE 1, and the transaction's id."""
    station = await ready(connect, bench, version)
    await bench.add_tags(tag)
    if version == "1.6":
        told = await station.call("StartTransaction", connectorId=1, idTag=tag, meterStart=0, timestamp=now())
        transaction_id = str(told["transactionId"])
    else:
        transaction_id = tag
        await Charge(station, transaction_id).started(tag)
    await bench.until(lambda site: site.running(station.station_id, 1))
    return station, transaction_id


#: What a station can, by the names of 1.6, and the variable of SmartChargingCtrlr that says it in 2.x.
CAPABILITIES = {
    "ChargeProfileMaxStackLevel": "ProfileStackLevel",
    "ChargingScheduleAllowedChargingRateUnit": "RateUnit",
    "ChargingScheduleMaxPeriods": "PeriodsPerSchedule",
    "": "MaxExternalConstraintsId",  # 2.1 only
}


async def can(bench: Bench, station: Station, key: str, value: str) -> None:
    """Let the station say what it can, when an operator reads its settings."""
    if station.version == "1.6":
        entry = {"key": key, "readonly": True, "value": value}
        station.answers["GetConfiguration"] = {"configurationKey": [entry]}
        keys: tuple[str, ...] = (key,)
    else:
        keys = (f"SmartChargingCtrlr/{CAPABILITIES[key]}",)
        station.answers["GetVariables"] = lambda asked: {
            "getVariableResult": [
                {**each, "attributeStatus": "Accepted", "attributeValue": value} for each in asked["getVariableData"]
            ]
        }
    assert (await bench.run(ReadSettings(station.station_id, keys))).ok


async def typed(bench: Bench, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``ocpp-console schedule …`` as an operator types it."""
    environ = {**os.environ, "OCPP_CONSOLE_DATA": str(bench.service.settings.data)}
    command = [sys.executable, "-m", "console", "schedule", *words]
    return await asyncio.to_thread(
        subprocess.run, command, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
