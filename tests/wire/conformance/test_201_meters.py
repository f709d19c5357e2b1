"""OCPP 2.0.1, block J: meter values, within transactions and without."""

from __future__ import annotations

from typing import Any

import pytest

from console.model.meter import Sample
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import AT, Charge, ready, token
from tests.wire.conformance.site import Bench, Json, now

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIGNED = {"signedMeterData": "T0NNRnx7fQ==", "signingMethod": "ECDSA", "encodingMethod": "OCMF", "publicKey": "QUI="}


def value(context: str, wh: float = 1500, at: str = AT.format(5), **more: Any) -> list[Json]:
    return [{"timestamp": at, "sampledValue": [{"value": wh, "context": context, **more}]}]


async def samples(bench: Bench, charge: Charge) -> list[Sample]:
    """What is on record of a transaction."""
    await charge.seen(bench)
    kept = await bench.backend.meter_values(charge.station.station_id, charge.transaction_id)
    return [sample for each in kept for sample in each.samples]


@pytest.mark.conforms("TC_J_01_CSMS")
async def test_clock_aligned_values_without_a_transaction(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    at = now()
    assert await station.call("MeterValues", evseId=1, meterValue=value("Sample.Clock", 4321, at)) == {}
    reading = await bench.until(lambda site: site.reading(station.station_id, 1))
    assert reading.energy_wh == 4321
    kept = await bench.backend.recent_meter_values(station.station_id, 1, reading.at)
    assert [(each.samples[0].context, each.samples[0].value) for each in kept] == [("Sample.Clock", 4321.0)]


@pytest.mark.conforms("TC_J_02_CSMS", "TC_J_09_CSMS")
@pytest.mark.parametrize(
    ("trigger", "context"), [("MeterValueClock", "Sample.Clock"), ("MeterValuePeriodic", "Sample.Periodic")]
)
async def test_values_while_it_runs(bench: Bench, connect: Connect, trigger: str, context: str) -> None:
    tag = f"J02-{context[-5:]}"
    charge = Charge(await ready(connect, bench, tag), tag)
    await charge.started(tag)
    assert await charge.tell("Updated", trigger, meterValue=value(context)) == {}
    assert [(each.context, each.value) for each in await samples(bench, charge)] == [(context, 1500.0)]


@pytest.mark.conforms("TC_J_03_CSMS", "TC_J_10_CSMS")
@pytest.mark.parametrize("context", ["Sample.Clock", "Sample.Periodic"])
async def test_values_of_the_end(bench: Bench, connect: Connect, context: str) -> None:
    tag = f"J03-{context[-5:]}"
    charge = Charge(await ready(connect, bench, tag), tag)
    await charge.started(tag, meterValue=value("Transaction.Begin", 1000, AT.format(0)))
    values = [*value(context, 1900), *value("Transaction.End", 2000, AT.format(6))]
    assert await charge.ended("Local", meterValue=values) == {}
    assert (await charge.seen(bench, running=False)).energy_wh == 1000
    assert [each.context for each in await samples(bench, charge)] == ["Transaction.Begin", context, "Transaction.End"]


@pytest.mark.conforms("TC_J_04_CSMS", "TC_J_11_CSMS")
@pytest.mark.parametrize("context", ["Sample.Clock", "Sample.Periodic"])
async def test_signed_values_are_kept_as_they_are(bench: Bench, connect: Connect, context: str) -> None:
    tag = f"J04-{context[-5:]}"
    charge = Charge(await ready(connect, bench, tag), tag)
    await charge.started(tag)
    signed = value(context, 1500, signedMeterValue=SIGNED)
    assert await charge.tell("Updated", "MeterValuePeriodic", meterValue=signed) == {}
    (kept,) = await samples(bench, charge)
    assert kept.value == 1500
    assert SIGNED["signedMeterData"] in kept.raw


@pytest.mark.conforms("TC_J_07_CSMS", "TC_J_08_CSMS")
@pytest.mark.parametrize("evse_known", [True, False])
async def test_values_of_the_beginning(bench: Bench, connect: Connect, evse_known: bool) -> None:
    tag = f"J07-{evse_known}"
    charge = Charge(await ready(connect, bench, tag), tag)
    begin = value("Transaction.Begin", 1000, AT.format(0))
    more: Json = {"evse": {"id": 1, "connectorId": 1}} if evse_known else {}
    await charge.tell("Started", "Authorized", idToken=token(tag), meterValue=begin, **more)
    await charge.tell("Updated", "CablePluggedIn", evse={"id": 1, "connectorId": 1})
    assert (await charge.seen(bench)).meter_start_wh == 1000
    assert [(each.context, each.value) for each in await samples(bench, charge)] == [("Transaction.Begin", 1000.0)]
