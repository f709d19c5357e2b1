"""What a station charges by: read, set, cleared and changed from its screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.model.record import StationRecord
from console.model.site import Site
from console.model.station import Setting
from console.model.station_tariff import ChangeTransactionTariff, ClearTariffs, ReadTariffs, SetTariff
from console.screens.transactions.cost_rows import cost_lines
from tests.support.staged import StagedBackend, only
from tests.ui.driving import driving
from tests.ui.sites import NOW, SITE_PRICES, cost, depot, newest, tariffs


def staged(version: str = "2.1", *, priced: bool = True) -> StagedBackend:
    site = depot()
    stations = site.stations | {"CP-01": replace(site.stations["CP-01"], ocpp_version=version)}
    backend = StagedBackend(replace(site, stations=stations, tariff=SITE_PRICES if priced else None))
    backend.held_records = {each.id: each for each in tariffs()}
    return backend


def setting(key: str, value: str) -> Setting:
    return Setting("CP-01", f"TariffCostCtrlr/{key}", value)


async def test_tariffs_are_listed_in_words_read_and_cleared() -> None:
    backend = staged()
    backend.held_settings["CP-01"] = [setting("Currency", "EUR"), setting("MaxElements#Tariff", "10")]
    async with driving(backend) as driver:
        await driver.press("enter", "p")
        await driver.sees("day-and-night", "default", "at most 10 prices of a kind", "0.30 to 0.50 EUR/kWh")
        await driver.sees("08:00 to 20:00", "VAT 21 % on top")
        await driver.press("enter", "delete")
        await driver.sees("clear it there")
        await driver.press("escape", "down")
        await driver.sees("not what they say")
        await driver.press("r")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == ReadTariffs("CP-01")
        await driver.press("delete")
        await driver.until(lambda: len(backend.commands) == 2)
        assert backend.commands[-1] == ClearTariffs("CP-01", ("guest",))
        await driver.press("C")
        await driver.sees("It charges by no tariff")
        await driver.press("tab", "enter")
        await driver.until(lambda: len(backend.commands) == 3)
        assert backend.commands[-1] == ClearTariffs("CP-01")


async def test_the_sites_prices_are_offered_and_can_be_changed() -> None:
    backend = staged()
    async with driving(backend) as driver:
        await driver.press("enter", "p", "a")
        await driver.sees("0.39", "0.02", "EUR")
        await driver.press("enter", *("enter",) * 9)
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == SetTariff("CP-01")
        await driver.press("a", "tab")
        await driver.sees("The site's own")
        await driver.press("end", *("backspace",) * 4)
        await driver.type("0.45")
        await driver.press("ctrl+s")
        await driver.until(lambda: len(backend.commands) == 2)
        sent = backend.commands[-1]
        assert isinstance(sent, SetTariff)
        assert sent.tariff is not None
        assert sent.tariff["energy"] == {"prices": [{"priceKwh": 0.45}]}
        assert sent.tariff["currency"] == "EUR"


async def test_a_tariff_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"tariffId": "X", "currency": "EUR", "energy": {"prices": [{"priceKwh": 0.3}]}}
    monkeypatch.chdir(tmp_path)  # a long path would break the sentence on the screen anywhere
    path = tmp_path / "x.json"
    path.write_text(json.dumps(made))
    backend = staged(priced=False)
    async with driving(backend) as driver:
        await driver.press("enter", "p")
        await driver.command("set CP-01 x.json")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == SetTariff("CP-01", made)
        await driver.command("tariff CP-01 x.json")
        await driver.until(lambda: len(backend.commands) == 2)
        assert backend.commands[-1] == ChangeTransactionTariff("CP-01", "814", made)
        path.write_text("{}")
        await driver.command("set CP-01 x.json")
        await driver.sees("This is no tariff")
        assert len(backend.commands) == 2


async def test_prices_need_a_currency() -> None:
    backend = staged(priced=False)
    async with driving(backend) as driver:
        await driver.press("enter", "p", "a", "tab")
        await driver.type("0.3")
        await driver.press("ctrl+s")
        await driver.sees("No currency was given")
        assert backend.commands == []


async def test_stations_that_know_none_say_so() -> None:
    async with driving(staged("2.0.1")) as driver:
        await driver.press("enter", "p")
        await driver.sees("OCPP 2.0.1 knows no tariffs")
    off = staged()
    off.held_settings["CP-01"] = [setting("Enabled#Tariff", "false")]
    async with driving(off) as driver:
        await driver.press("enter", "p")
        await driver.sees("TariffCostCtrlr/Enabled#Tariff of the station is false")
        await driver.press("a")
        await driver.sees("set: TariffCostCtrlr/Enabled#Tariff of the station is false")
    without = staged()
    without.held_settings["CP-01"] = [Setting("CP-01", "DeviceDataCtrlr/ItemsPerMessage#GetVariables", "4")]
    async with driving(without) as driver:
        await driver.press("enter", "p")
        await driver.sees("no TariffCostCtrlr in its settings")


async def test_a_tariff_from_a_station_is_text() -> None:
    backend = staged()
    held = next(iter(backend.held_records.values()))
    assert isinstance(held, StationRecord)
    evil = replace(held, key="[red]x[/]", details=held.details | {"tariffKind": "[b]y"})
    backend.held_records = {evil.id: evil}
    async with driving(backend) as driver:
        await driver.press("enter", "p")
        await driver.sees("[red]x[/]", "[b]y")


def said_of(site: Site, *records: StationRecord, energy_wh: int | None = 10_000) -> list[str]:
    one = replace(site.transactions["CP-01\n814"], energy_wh=energy_wh)
    return ["".join(text for text, _ in line) for line in cost_lines(site, one, records, NOW)]


def test_what_a_transaction_costs_is_told_by_whom() -> None:
    site, theirs, (by_day, _) = newest(), cost(), tariffs()
    assert said_of(depot()) == []
    assert said_of(site, energy_wh=None) == []
    assert said_of(site) == [" Cost     5.68 EUR by our prices"]
    assert said_of(site, theirs) == [
        " Cost     8.44 EUR by the station (fee 1.00, energy 7.44)", " Tariff   day-and-night",
    ]  # fmt: skip
    prices = "0.30 to 0.50 EUR/kWh, 0.10 EUR/min idle, 1.00 EUR fee"
    assert said_of(site, theirs, by_day)[1] == f" Tariff   day-and-night: {prices}"
    own = replace(theirs, details=theirs.details | {"tariffId": SITE_PRICES.tariff_id, "told": 5.5})
    assert said_of(site, own)[0].endswith("energy 7.44); 5.68 by ours; 5.50 told to the station")
    capped = theirs.details["totalCost"] | {"typeOfCost": "MaxCost", "total": {"exclTax": 5}}
    assert (
        "5.00 EUR by the station (the most it can be, fee"
        in said_of(site, replace(theirs, details={"totalCost": capped}))[0]
    )


@pytest.mark.parametrize(
    "details", [{"totalCost": 7}, {"totalCost": {"total": {"exclTax": "x"}}}, {"told": "much"}, {}]
)
def test_a_cost_that_cannot_be_read_is_left_out(details: dict[str, object]) -> None:
    assert said_of(depot(), replace(cost(), details=details)) == []
