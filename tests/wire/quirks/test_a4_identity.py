"""A4: what stations say of themselves."""

from __future__ import annotations

import pytest

from tests.wire.quirks.conftest import ID, TAG, Scene

LONG = "EVB1A22P2RI3N182341200100350795E5"


async def test_quirk_40_serial_numbers_of_evlink(scene: Scene) -> None:
    station = await scene.station()
    frame = await station.boot_as("Schneider Electric", "EVlink", chargeBoxSerialNumber=LONG)
    assert frame[2]["status"] == "Accepted"
    await scene.sees(lambda site: site.stations[ID].serial_number == LONG)
    assert (await scene.known()).tolerated == ("serial numbers and names that are too long",)
    await scene.message("tolerated: chargeBoxSerialNumber is longer than 25")


async def test_quirk_40_of_others_it_is_refused_and_said_how_to_take_it(scene: Scene) -> None:
    station = await scene.station()
    frame = await station.boot_as("Acme", chargeBoxSerialNumber=LONG)
    assert frame[2] == "PropertyConstraintViolation"
    line = await scene.notice("BootNotification refused")
    assert "chargeBoxSerialNumber is longer than 25" in line
    assert ":tolerance CP-1 lenient" in line


async def test_quirk_41_no_vendor_is_a_vendor_too(scene: Scene) -> None:
    station = await scene.station()
    assert (await station.boot_as("", "SmartCharger-22KT-S0"))[2]["status"] == "Accepted"
    await scene.sees(lambda site: site.stations[ID].model == "SmartCharger-22KT-S0")
    assert (await scene.known()).vendor == ""


async def test_quirk_42_empty_texts_and_signal_strength_as_iccid(scene: Scene) -> None:
    station = await scene.station()
    more = {"iccid": "-67", "imsi": "", "meterSerialNumber": "", "meterType": ""}
    assert (await station.boot_as("United Chargers", "Grizzl-E", **more))[2]["status"] == "Accepted"
    await scene.sees(lambda site: site.stations[ID].model == "Grizzl-E")
    known = await scene.known()
    assert (known.iccid, known.imsi, known.meter_serial_number) == ("-67", "", "")


async def test_quirk_43_boots_without_end_change_nothing(scene: Scene) -> None:
    await scene.know(TAG)
    station = await scene.station()
    await station.boot_as("Metron", "ME3")
    transaction_id = await station.start(TAG, 1000)
    lines = len(scene.notices())
    payload = {"chargePointVendor": "Metron", "chargePointModel": "ME3"}
    for _ in range(20):
        assert (await station.ask("BootNotification", payload, "1000001"))[2]["status"] == "Accepted"
    assert await station.stop(transaction_id, 3000) == {}
    (held,) = await scene.transactions()
    assert (held.energy_wh, held.flags) == (2000, ())
    assert len(scene.notices()) - lines <= 2  # of the transaction, not of the boots


@pytest.mark.parametrize("vendor", ["Schneider Electric", "SCHNEIDER", "schneider electric"])
async def test_makes_are_known_whatever_their_capitals(scene: Scene, vendor: str) -> None:
    station = await scene.station()
    await station.boot_as(vendor)
    await scene.sees(lambda site: site.stations[ID].profiles == ("Schneider EVlink",))


async def test_quirk_40_the_same_in_2x(scene: Scene) -> None:
    station = await scene.station(offers=("ocpp2.0.1",))
    who = {"vendorName": "Schneider Electric", "model": "EVlink", "serialNumber": LONG}
    assert (await station.ask("BootNotification", {"reason": "PowerUp", "chargingStation": who}))[0] == 3
    await scene.sees(lambda site: site.stations[ID].serial_number == LONG)
    other = await scene.station("CP-2", offers=("ocpp2.0.1",))
    who["vendorName"] = "Acme"
    frame = await other.ask("BootNotification", {"reason": "PowerUp", "chargingStation": who})
    assert frame[2] == "PropertyConstraintViolation"
