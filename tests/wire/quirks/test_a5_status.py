"""A5: states, errors and units of stations' own."""

from __future__ import annotations

import json

import pytest

from console.model import command as commands
from console.model.change import NoticeKind
from console.model.station import ConnectorStatus
from tests.wire.quirks.conftest import ID, TAG, Scene

ENERGY = {"value": "1000", "measurand": "Energy.Active.Import.Register", "unit": "Wh"}


async def test_quirk_44_an_error_code_of_legrands_own(scene: Scene) -> None:
    station = await scene.station()
    await station.boot_as("Legrand", "GreenUp")
    assert await station.status("Faulted", error="Error") == [3, f"{ID}-2", {}]
    await scene.sees(lambda site: site.stations[ID].connectors[0].error_code == "Error")
    await scene.message("tolerated: errorCode is none of the values")


async def test_quirk_44_of_others_it_is_refused_in_words(scene: Scene) -> None:
    station = await scene.station()
    await station.boot()
    assert (await station.status("Faulted", error="Error"))[2] == "PropertyConstraintViolation"
    assert ":tolerance CP-1 lenient" in await scene.notice("StatusNotification refused")


@pytest.mark.parametrize("unit", ["Hz", "Hertz", "Celcius", "Celsius"])
async def test_quirks_45_and_46_units_of_everybodys_own(scene: Scene, unit: str) -> None:
    """Meter values are taken from everybody: they belong to transactions."""
    station = await scene.station()
    await station.boot()
    measurand = "Temperature" if unit.startswith("Cel") else "Frequency"
    frame = await station.samples({"value": "49.9", "measurand": measurand, "unit": unit}, ENERGY)
    assert frame[0] == 3
    await scene.sees(lambda site: site.reading(ID, 1).energy_wh == 1000)


async def test_quirk_48_no_error_is_no_alarm(scene: Scene) -> None:
    station = await scene.station()
    await station.boot_as("ABB", "Terra AC")
    await station.status("Available", info="null", vendorErrorCode="0x0000")
    await scene.sees(lambda site: site.stations[ID].connectors)
    assert [each for each in scene.site.notices if each.kind is NoticeKind.BAD] == []


async def test_quirk_49_json_as_info_is_text(scene: Scene) -> None:
    info = json.dumps({"a": ["\x1b[31m", 1]})[:50]
    station = await scene.station()
    await station.boot_as("EN+", "AC7000")
    await station.status("Faulted", error="OtherError", info=info, vendorErrorCode="0" * 32)
    await scene.sees(lambda site: site.stations[ID].connectors)
    connector = (await scene.known()).connectors[0]
    assert (connector.info, connector.vendor_error_code) == (info, "0" * 32)
    assert connector.info.isprintable()


async def test_quirk_50_it_charges_where_a_transaction_runs_whatever_the_state_says(scene: Scene) -> None:
    await scene.know(TAG)
    station = await scene.station()
    await station.boot()
    await station.status("Preparing")
    transaction_id = await station.start(TAG)
    await station.samples(
        {"value": "7.4", "measurand": "Power.Active.Import", "unit": "kW"}, transaction_id=transaction_id
    )
    await scene.sees(lambda site: site.reading(ID, 1).power_w == 7400)
    assert [each.transaction_id for each in scene.site.running(ID)] == [str(transaction_id)]


@pytest.mark.parametrize(("vendor", "warns"), [("EN+", True), ("", True), ("Acme", False)])
async def test_quirk_51_a_limit_that_ends_instead_of_pausing_is_told(scene: Scene, vendor: str, warns: bool) -> None:
    station = await scene.station()
    await station.boot_as(vendor, "SmartCharger-22KT-S0")
    station.answers["SetChargingProfile"] = {"status": "Accepted"}
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 0}]}
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": schedule,
    }
    payload = {"connectorId": 1, "csChargingProfiles": profile}
    outcome = await scene.run(commands.CallStation(ID, "SetChargingProfile", payload))
    assert outcome.ok
    assert ("ends the transaction" in outcome.hint) is warns


async def test_quirk_51_a_start_while_finishing_is_sent(scene: Scene) -> None:
    station = await scene.station()
    await station.boot()
    await station.status("Finishing")
    await scene.sees(lambda site: site.stations[ID].connectors[0].status is ConnectorStatus.FINISHING)
    station.answers["RemoteStartTransaction"] = {"status": "Rejected"}
    outcome = await scene.run(commands.StartTransaction(ID, 1, TAG))
    assert [action for action, _ in station.asked] == ["RemoteStartTransaction"]
    assert outcome.text == "the station refused to start: connector 1 is finishing"
    assert "unplug" in outcome.hint
