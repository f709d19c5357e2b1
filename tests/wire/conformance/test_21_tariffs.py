"""OCPP 2.1, blocks C and I: tariffs, payments at the station and at kiosks, and what charging has cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio

from console.model.command import CallStation, StartTransaction
from console.model.outcome import Result
from console.model.query import RecordQuery
from console.model.record import RecordKind
from console.model.tariff import Tariff
from console.model.token import Token
from tests.support.services import console, running_service
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge, energy, ready, token
from tests.wire.conformance.site import Bench, Json, now
from tests.wire.conformance.test_201_messages import asked

pytestmark = pytest.mark.asyncio(loop_scope="module")

DONE, REFUSED = Result.ACCEPTED, Result.REJECTED
ACCEPTED = {"status": "Accepted"}
EVSE = {"id": 1, "connectorId": 1}
BY_DAY = {"startTimeOfDay": "08:00", "endTimeOfDay": "20:00"}
TARIFF_HERE = Tariff(per_kwh=Decimal("0.50"), per_session=Decimal(1))
TARIFF: Json = {
    "tariffId": "day-and-night",
    "currency": "EUR",
    "energy": {
        "prices": [{"priceKwh": 0.5, "conditions": BY_DAY}, {"priceKwh": 0.3}],
        "taxRates": [{"type": "VAT", "tax": 21.0}],
    },
    "idleTime": {"prices": [{"priceMinute": 0.1}]},
    "fixedFee": {"prices": [{"priceFixed": 1.0}]},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """A site where a kWh costs 0.50 and a session 1.00."""
    data = tmp_path_factory.mktemp("tariffs") / "data"
    async with running_service(data, tariff=TARIFF_HERE) as service, console(data) as backend:
        bench = Bench(service, backend)
        following = asyncio.create_task(bench.follow())
        yield bench
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


# ---- I: tariffs


@pytest.mark.conforms("TC_I_101_CSMS", "TC_I_102_CSMS", "TC_I_105_CSMS", "TC_I_106_CSMS")
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("Accepted", DONE),
        ("TooManyElements", REFUSED),
        ("ConditionNotSupported", REFUSED),
        ("DuplicateTariffId", REFUSED),
        ("Rejected", REFUSED),
    ],
)
async def test_a_default_tariff(bench: Bench, connect: Connect, answer: str, result: Result) -> None:
    station = await ready(connect, bench, version="2.1")
    payload = {"evseId": 0, "tariff": TARIFF}
    outcome = await asked(bench, station, "SetDefaultTariff", payload, {"status": answer})
    assert outcome.result is result
    if result is REFUSED:
        assert outcome.hint or answer in outcome.text


@pytest.mark.conforms("TC_I_106_CSMS")
@pytest.mark.parametrize(
    "wrong",
    [{"tariffId": "x" * 61}, {"currency": "EURO"}, {"energy": {"prices": []}}, {"energy": {"prices": [{}]}}],
    ids=["id", "currency", "no prices", "no price"],
)
async def test_a_tariff_that_is_none_is_not_sent(bench: Bench, connect: Connect, wrong: Json) -> None:
    station = await ready(connect, bench, version="2.1")
    call = CallStation(station.station_id, "SetDefaultTariff", {"evseId": 0, "tariff": TARIFF | wrong})
    outcome = await bench.run(call)
    assert outcome.result is Result.NOT_POSSIBLE
    assert next(iter(wrong)) in outcome.text
    assert station.asked == []


@pytest.mark.conforms("TC_I_110_CSMS")
@pytest.mark.parametrize(
    ("payload", "statuses", "result"),
    [
        ({}, ("Accepted",), DONE),
        ({"tariffIds": ["day-and-night"], "evseId": 1}, ("Accepted",), DONE),
        ({"tariffIds": ["day-and-night", "none"]}, ("Accepted", "NoTariff"), REFUSED),
    ],
)
async def test_tariffs_are_cleared(
    bench: Bench, connect: Connect, payload: Json, statuses: tuple[str, ...], result: Result
) -> None:
    station = await ready(connect, bench, version="2.1")
    ids = payload.get("tariffIds", ["day-and-night"])
    results = [{"tariffId": each, "status": status} for each, status in zip(ids, statuses, strict=True)]
    outcome = await asked(bench, station, "ClearTariffs", payload, {"clearTariffsResult": results})
    assert outcome.result is result


@pytest.mark.conforms("TC_I_113_CSMS", "TC_I_114_CSMS", "TC_I_115_CSMS")
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("TooManyElements", REFUSED),
        ("ConditionNotSupported", REFUSED),
        ("Accepted", DONE),
        ("TxNotFound", REFUSED),
        ("NoCurrencyChange", REFUSED),
    ],
)
async def test_the_tariff_of_a_transaction(bench: Bench, connect: Connect, answer: str, result: Result) -> None:
    tag = f"I113-{answer}"[:20]
    charge = Charge(await ready(connect, bench, tag, version="2.1"), tag)
    await charge.started(tag)
    payload = {"transactionId": tag, "tariff": TARIFF | {"tariffId": "for-this-one"}}
    outcome = await asked(bench, charge.station, "ChangeTransactionTariff", payload, {"status": answer})
    assert outcome.result is result


# ---- C: payments


@pytest.mark.conforms("TC_C_113_CSMS")
async def test_a_payment_is_cancelled_before_anything_was_charged(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, version="2.1"), "C113")
    await bench.add_tags(Token("PSP-113", token_type="DirectPayment"))
    paid = token("PSP-113", "DirectPayment")
    started = await charge.tell("Started", "Authorized", evse=EVSE, idToken=paid, meterValue=[begin(0)])
    assert started["idTokenInfo"]["status"] == "Accepted"
    ended = await charge.tell("Ended", "StopAuthorized", {"stoppedReason": "Local"}, meterValue=[end(0)])
    assert ended == {"totalCost": 0}
    said: Json = {"pspRef": "113", "transactionId": "C113", "status": "Canceled", "settlementAmount": 0}
    assert await charge.station.call("NotifySettlement", **said, settlementTime=now()) == {}
    await bench.service._store.writer.flush()
    query = RecordQuery(station_id=charge.station.station_id, kind=RecordKind.SETTLEMENT)
    (held,) = await bench.backend.records(query)
    assert "Canceled" in held.summary


def begin(wh: float) -> Json:
    return energy(wh, "Transaction.Begin", 0)


def end(wh: float) -> Json:
    return energy(wh, "Transaction.End", 30)


@pytest.mark.conforms("TC_C_125_CSMS")
async def test_a_kiosk_was_paid(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, version="2.1")
    station.answers["RequestStartTransaction"] = ACCEPTED
    paid = StartTransaction(station.station_id, 1, "PSP-125", token_type="DirectPayment")
    assert (await bench.run(paid)).ok
    sent = await station.heard("RequestStartTransaction")
    assert sent.pop("remoteStartId") > 0
    assert sent == {"evseId": 1, "idToken": token("PSP-125", "DirectPayment")}
    charge = Charge(station, "C125")
    started = await charge.tell(
        "Started", "RemoteStart", evse=EVSE, idToken=token("PSP-125", "DirectPayment"), meterValue=[begin(0)]
    )
    assert started["idTokenInfo"]["status"] == "Accepted"
    values = [energy(3000, "Sample.Periodic", 10)]
    assert await charge.tell("Updated", "MeterValuePeriodic", meterValue=values) == {"totalCost": 2.5}
    pushed = {"totalCost": 2.5, "transactionId": "C125"}
    assert (await asked(bench, station, "CostUpdated", pushed, {})).ok
