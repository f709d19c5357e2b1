"""Reservations of OCPP 1.6 and 2.0.1: made, used, expired, cancelled, refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.model.device_command import CancelReservation, ReserveConnector
from console.model.outcome import Result
from console.model.token import Token
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge, token
from tests.wire.conformance.site import Bench, Json, Station, now

pytestmark = pytest.mark.asyncio(loop_scope="module")

both = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


async def ready(connect: Connect, bench: Bench, version: str, *tags: Any) -> Station:
    station = await connect(version)
    await bench.add_tags(*tags)
    await station.boot()
    await status(station, "Available")
    station.answers["ReserveNow"] = {"status": "Accepted"}
    return station


async def status(station: Station, word: str) -> None:
    if station.version == "1.6":
        payload = {"connectorId": 1, "status": word, "errorCode": "NoError", "timestamp": now()}
    else:
        payload = {"evseId": 1, "connectorId": 1, "connectorStatus": word, "timestamp": now()}
    await station.call("StatusNotification", **payload)


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def numbered(station: Station, payload: Json) -> int:
    number: int = payload["reservationId" if station.version == "1.6" else "id"]
    return number


async def kept(bench: Bench, station: Station, number: int, *, there: bool) -> None:
    """Wait until the operator sees the reservation, or sees it gone."""
    key = f"{station.station_id}\n{number}"
    await bench.until(lambda site: (key in site.reservations) is there)


@pytest.mark.conforms("TC_046_CSMS", "TC_H_01_CSMS")
@both
async def test_a_reservation_is_made_and_used(bench: Bench, connect: Connect, version: str) -> None:
    tag = f"R46-{version}"
    station = await ready(connect, bench, version, tag)
    assert (await bench.run(ReserveConnector(station.station_id, 1, tag, in_an_hour()))).ok
    asked = await station.heard("ReserveNow")
    number = numbered(station, asked)
    if version == "1.6":
        assert (asked["connectorId"], asked["idTag"]) == (1, tag)
        assert datetime.fromisoformat(asked["expiryDate"]) > datetime.now(UTC)
    else:
        assert (asked["evseId"], asked["idToken"]) == (1, token(tag))
        assert datetime.fromisoformat(asked["expiryDateTime"]) > datetime.now(UTC)
    await kept(bench, station, number, there=True)
    await status(station, "Reserved")
    if version == "1.6":
        start = {"connectorId": 1, "idTag": tag, "meterStart": 0, "timestamp": now(), "reservationId": number}
        assert (await station.call("StartTransaction", **start))["idTagInfo"]["status"] == "Accepted"
    else:
        answer = await Charge(station, "H01").started(tag, reservationId=number)
        assert answer["idTokenInfo"]["status"] == "Accepted"
    await kept(bench, station, number, there=False)


@pytest.mark.conforms("TC_047_CSMS", "TC_H_07_CSMS")
@both
async def test_a_reservation_expires(bench: Bench, connect: Connect, version: str) -> None:
    station = await ready(connect, bench, version)
    until = datetime.now(UTC) + timedelta(seconds=1)
    assert (await bench.run(ReserveConnector(station.station_id, 1, "R47", until))).ok
    number = numbered(station, await station.heard("ReserveNow"))
    await status(station, "Reserved")
    if version == "2.0.1":
        assert (
            await station.call("ReservationStatusUpdate", reservationId=number, reservationUpdateStatus="Expired") == {}
        )
    await kept(bench, station, number, there=False)
    await status(station, "Available")


@pytest.mark.conforms("TC_048_1_CSMS", "TC_048_2_CSMS", "TC_048_3_CSMS", "TC_048_4_CSMS", "TC_H_22_CSMS")
@both
@pytest.mark.parametrize("answer", ["Faulted", "Occupied", "Unavailable", "Rejected"])
async def test_a_reservation_is_refused(bench: Bench, connect: Connect, version: str, answer: str) -> None:
    station = await ready(connect, bench, version)
    station.answers["ReserveNow"] = {"status": answer}
    outcome = await bench.run(ReserveConnector(station.station_id, 1, "R48", in_an_hour()))
    number = numbered(station, await station.heard("ReserveNow"))
    assert outcome.result is Result.REJECTED
    assert outcome.answer == {"status": answer}
    assert outcome.hint
    await bench.settled()
    assert f"{station.station_id}\n{number}" not in bench.site.reservations


@pytest.mark.conforms("TC_049_CSMS", "TC_H_08_CSMS")
@both
async def test_any_connector_is_reserved(bench: Bench, connect: Connect, version: str) -> None:
    tag = f"R49-{version}"
    station = await ready(connect, bench, version, tag)
    assert (await bench.run(ReserveConnector(station.station_id, 0, tag, in_an_hour()))).ok
    asked = await station.heard("ReserveNow")
    assert asked.get("connectorId") == (0 if version == "1.6" else None)
    assert "evseId" not in asked
    number = numbered(station, asked)
    if version == "1.6":
        start = {"connectorId": 1, "idTag": tag, "meterStart": 0, "timestamp": now(), "reservationId": number}
        assert (await station.call("StartTransaction", **start))["idTagInfo"]["status"] == "Accepted"
        await kept(bench, station, number, there=False)


@pytest.mark.conforms("TC_H_14_CSMS", "TC_H_15_CSMS")
@pytest.mark.parametrize("plug", ["", "cType2"])
async def test_as_many_reservations_as_evses_and_by_their_plug(bench: Bench, connect: Connect, plug: str) -> None:
    station = await ready(connect, bench, "2.0.1")
    for tag in ("H14-a", "H14-b"):
        assert (await bench.run(ReserveConnector(station.station_id, 0, tag, in_an_hour(), connector_type=plug))).ok
    asked = [payload for action, payload in station.asked if action == "ReserveNow"]
    assert len({payload["id"] for payload in asked}) == 2
    assert [payload.get("connectorType", "") for payload in asked] == [plug, plug]
    assert not any("evseId" in payload for payload in asked)
    await bench.settled()
    held = {each.reservation_id for each in bench.site.reservations.values() if each.station_id == station.station_id}
    assert held == {payload["id"] for payload in asked}


@pytest.mark.conforms("TC_051_CSMS", "TC_H_17_CSMS")
@both
async def test_a_reservation_is_cancelled(bench: Bench, connect: Connect, version: str) -> None:
    station = await ready(connect, bench, version)
    station.answers["CancelReservation"] = {"status": "Accepted"}
    assert (await bench.run(ReserveConnector(station.station_id, 1, "R51", in_an_hour()))).ok
    number = numbered(station, await station.heard("ReserveNow"))
    assert (await bench.run(CancelReservation(station.station_id, number))).ok
    assert await station.heard("CancelReservation") == {"reservationId": number}
    await kept(bench, station, number, there=False)
    await status(station, "Available")


@pytest.mark.conforms("TC_052_CSMS")
async def test_a_cancellation_is_refused(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "1.6")
    station.answers["CancelReservation"] = {"status": "Rejected"}
    outcome = await bench.run(CancelReservation(station.station_id, 4711))
    assert await station.heard("CancelReservation") == {"reservationId": 4711}
    assert (outcome.result, outcome.answer) == (Result.REJECTED, {"status": "Rejected"})


@pytest.mark.conforms("TC_053_CSMS", "TC_H_19_CSMS")
@both
async def test_a_reservation_of_a_group(bench: Bench, connect: Connect, version: str) -> None:
    group = f"R53-{version}"
    one, other = f"{group}-a", f"{group}-b"
    station = await ready(connect, bench, version, Token(one, group_id=group), Token(other, group_id=group))
    assert (await bench.run(ReserveConnector(station.station_id, 1, one, in_an_hour()))).ok
    asked = await station.heard("ReserveNow")
    number = numbered(station, asked)
    if version == "1.6":
        assert asked["parentIdTag"] == group
        answer = await station.call("Authorize", idTag=other)
        assert answer["idTagInfo"] == {"status": "Accepted", "parentIdTag": group}
        start = {"connectorId": 1, "idTag": other, "meterStart": 0, "timestamp": now(), "reservationId": number}
        assert (await station.call("StartTransaction", **start))["idTagInfo"]["status"] == "Accepted"
    else:
        assert asked["groupIdToken"]["idToken"] == group
        answer = await station.call("Authorize", idToken=token(other))
        assert answer["idTokenInfo"]["groupIdToken"]["idToken"] == group
        told = await Charge(station, "H19").started(other, reservationId=number)
        assert told["idTokenInfo"]["status"] == "Accepted"
    await kept(bench, station, number, there=False)


@pytest.mark.conforms("TC_H_20_CSMS")
async def test_a_fault_ends_a_reservation(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, "2.0.1")
    assert (await bench.run(ReserveConnector(station.station_id, 1, "H20", in_an_hour()))).ok
    number = numbered(station, await station.heard("ReserveNow"))
    await status(station, "Faulted")
    assert await station.call("ReservationStatusUpdate", reservationId=number, reservationUpdateStatus="Removed") == {}
    await kept(bench, station, number, there=False)


@pytest.mark.conforms("DX-D09")
@both
async def test_a_newer_reservation_takes_the_place_of_the_older(bench: Bench, connect: Connect, version: str) -> None:
    station = await ready(connect, bench, version)
    for tag in ("D09-a", "D09-b"):
        assert (await bench.run(ReserveConnector(station.station_id, 1, tag, in_an_hour()))).ok
    asked = [numbered(station, payload) for action, payload in station.asked if action == "ReserveNow"]
    assert len(set(asked)) == 2
    await kept(bench, station, asked[0], there=False)
    await kept(bench, station, asked[1], there=True)
