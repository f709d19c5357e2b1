"""Reservations: what is asked, what is kept, and all that ends one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console.model.device_command import CancelReservation, ReserveConnector
from console.model.outcome import Outcome, Result
from console.model.reservation import Reservation
from tests.unit.csms.rig import START, Charger, Rig, start

UNTIL = START + timedelta(hours=2)


def held(rig: Rig) -> list[Reservation]:
    return list(rig.journal.site.reservations.values())


async def reserve(rig: Rig, evse_id: int = 1, tag: str = "TAG1", **more: Any) -> Outcome:
    return await rig.csms.execute(ReserveConnector("CP1", evse_id, tag, UNTIL, **more))


def asked(charger: Charger) -> dict[str, Any]:
    return charger.session.calls[-1][1]


@pytest.fixture
def charger(rig: Rig) -> Charger:
    charger = rig.charger()
    charger.session.says = {"ReserveNow": {"status": "Accepted"}, "CancelReservation": {"status": "Accepted"}}
    charger.status(1, "Available")
    return charger


@pytest.fixture
def modern(rig: Rig) -> Charger:
    charger = rig.charger(version="2.0.1")
    charger.session.says = {"ReserveNow": {"status": "Accepted"}, "CancelReservation": {"status": "Accepted"}}
    return charger


async def test_what_is_asked_of_a_16_station_and_kept(rig: Rig, charger: Charger) -> None:
    assert (await reserve(rig)).ok
    (reservation,) = held(rig)
    assert asked(charger) == {
        "connectorId": 1,
        "expiryDate": "2026-11-21T14:00:00.000Z",
        "idTag": "TAG1",
        "parentIdTag": "FLEET",
        "reservationId": reservation.reservation_id,
    }
    assert (reservation.evse_id, reservation.id_token, reservation.until) == (1, "TAG1", UNTIL)
    assert 0 < reservation.reservation_id < 2**31


async def test_what_is_asked_of_a_2x_station(rig: Rig, modern: Charger) -> None:
    assert (await reserve(rig, 0, connector_type="cCCS2")).ok
    (reservation,) = held(rig)
    assert asked(modern) == {
        "id": reservation.reservation_id,
        "expiryDateTime": "2026-11-21T14:00:00.000Z",
        "idToken": {"idToken": "TAG1", "type": "ISO14443"},
        "connectorType": "cCCS2",
        "groupIdToken": {"idToken": "FLEET", "type": "Central"},
    }


@pytest.mark.parametrize("status", ["Faulted", "Occupied", "Rejected", "Unavailable"])
async def test_what_the_station_refuses_is_no_reservation(rig: Rig, charger: Charger, status: str) -> None:
    charger.session.says["ReserveNow"] = {"status": status}
    assert (await reserve(rig)).result is Result.REJECTED
    assert held(rig) == []


async def test_numbers_are_never_the_same_also_after_a_restart(rig: Rig, charger: Charger) -> None:
    for _ in range(3):
        await reserve(rig, 0)
    rig.restart()
    charger.connect().session.says = {"ReserveNow": {"status": "Accepted"}}
    charger.boot()
    await reserve(rig, 0)
    numbers = [each.reservation_id for each in held(rig)]
    assert len(set(numbers)) == 4


@pytest.mark.parametrize("until", [START, START + timedelta(days=500)])
async def test_a_time_that_makes_no_sense_is_not_asked_for(rig: Rig, charger: Charger, until: Any) -> None:
    before = len(charger.session.calls)
    outcome = await rig.csms.execute(ReserveConnector("CP1", 1, "TAG1", until))
    assert (outcome.result, len(charger.session.calls)) == (Result.NOT_POSSIBLE, before)


async def test_a_newer_one_takes_the_older_ones_place(rig: Rig, charger: Charger) -> None:
    await reserve(rig)
    await reserve(rig, tag="TAG2")
    assert [each.id_token for each in held(rig)] == ["TAG2"]


async def test_it_expires(rig: Rig, charger: Charger) -> None:
    await reserve(rig)
    rig.clock.advance(2 * 3600 - 1001)
    assert len(held(rig)) == 1
    rig.clock.advance(2)
    assert held(rig) == []
    assert any("has expired" in text for text in rig.journal.texts())


async def test_it_expires_also_where_the_service_did_not_run_then(rig: Rig, charger: Charger) -> None:
    await reserve(rig)
    rig.clock._now += timedelta(hours=3)
    rig.restart()
    rig.clock.advance(0)
    assert held(rig) == []


@pytest.mark.parametrize("status", ["Available", "Faulted", "Unavailable"])
async def test_a_connector_that_is_reserved_no_longer_ends_it(rig: Rig, charger: Charger, status: str) -> None:
    await reserve(rig)
    charger.status(1, "Available")
    assert len(held(rig)) == 1, "it was not reserved yet"
    charger.status(1, "Reserved")
    charger.status(2, "Available")
    assert len(held(rig)) == 1
    charger.status(1, status)
    assert held(rig) == []


@pytest.mark.parametrize(
    ("evse_id", "more", "ends"),
    [
        (1, {}, True),
        (0, {"reservationId": None}, True),
        (2, {}, False),
        (0, {}, False),
    ],
)
async def test_a_start_uses_it_up(rig: Rig, charger: Charger, evse_id: int, more: dict[str, Any], ends: bool) -> None:
    await reserve(rig, evse_id)
    number = held(rig)[0].reservation_id
    payload = start(1, "tag1") | {name: number for name in more}
    charger.ask("StartTransaction", payload)
    assert (held(rig) == []) is ends


async def test_a_stranger_on_the_connector_does_not_use_it_up(rig: Rig, charger: Charger) -> None:
    await reserve(rig)
    charger.ask("StartTransaction", start(1, "TAG4"))
    assert len(held(rig)) == 1


async def test_a_2x_transaction_uses_it_up(rig: Rig, modern: Charger) -> None:
    await reserve(rig, 0)
    number = held(rig)[0].reservation_id
    event = {
        "eventType": "Started",
        "timestamp": "2026-11-21T12:20:00Z",
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "T1"},
        "reservationId": number,
    }
    modern.ask("TransactionEvent", event)
    assert held(rig) == []


@pytest.mark.parametrize("status", ["Expired", "Removed"])
async def test_a_2x_station_says_that_it_is_over(rig: Rig, modern: Charger, status: str) -> None:
    await reserve(rig)
    number = held(rig)[0].reservation_id
    assert modern.ask("ReservationStatusUpdate", {"reservationId": number, "reservationUpdateStatus": status}) == {}
    assert held(rig) == []


@pytest.mark.parametrize(("status", "result"), [("Accepted", Result.ACCEPTED), ("Rejected", Result.REJECTED)])
async def test_it_is_cancelled_and_one_the_station_does_not_know_is_none(
    rig: Rig, charger: Charger, status: str, result: Result
) -> None:
    await reserve(rig)
    number = held(rig)[0].reservation_id
    charger.session.says["CancelReservation"] = {"status": status}
    outcome = await rig.csms.execute(CancelReservation("CP1", number))
    assert (outcome.result, asked(charger)) == (result, {"reservationId": number})
    assert held(rig) == []
    assert rig.clock.timers == 0


async def test_a_tag_that_16_cannot_carry(rig: Rig, charger: Charger) -> None:
    outcome = await reserve(rig, tag="X" * 21)
    assert (outcome.result, "cannot carry it" in outcome.hint) == (Result.NOT_POSSIBLE, True)
