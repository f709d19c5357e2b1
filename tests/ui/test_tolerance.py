"""How much of what breaks OCPP is taken from a station: shown at the station, and chosen there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from console.model import command as c
from console.model.change import StationChanged
from console.model.make import BEHAVIOUR_WORDS, Behaviour, Tolerance, behaviour_words
from console.model.station import Admission, Connector, ConnectorStatus, Station
from console.screens.asking import describe
from console.screens.stations import station_view, station_words
from tests.support.staged import StagedBackend
from tests.ui.driving import driving
from tests.ui.sites import depot

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LONG = "serial numbers and names that are too long"


@pytest.mark.parametrize(
    ("station", "told"),
    [
        (Station("CP"), ""),
        (Station("CP", profiles=("ABL",)), ""),
        (Station("CP", profiles=("Schneider EVlink",), tolerated=(LONG,)), f"tolerated: {LONG} (Schneider EVlink)"),
        (Station("CP", tolerance=Tolerance.STRICT, profiles=("ABL",)), "tolerated: nothing"),
        (
            Station("CP", tolerance=Tolerance.LENIENT, profiles=("ABL",), tolerated=("whatever can be understood",)),
            "tolerated: whatever can be understood",
        ),
    ],
)
def test_what_is_tolerated_is_told(station: Station, told: str) -> None:
    assert station_view.tolerated(station) == told


def test_what_is_done_otherwise_for_a_make_is_told() -> None:
    hexadecimal = behaviour_words(Behaviour(hex_tags_only=True))
    station = Station("CP", profiles=("Alfen",), treated=hexadecimal)
    assert station_view.treated(station) == "for Alfen: it is sent hexadecimal tags only"
    assert station_view.treated(Station("CP", profiles=("ABB Terra",))) == ""


def test_every_behaviour_of_a_make_has_words() -> None:
    assert set(BEHAVIOUR_WORDS) == set(Behaviour.__struct_fields__)
    assert behaviour_words(Behaviour()) == ()


def test_who_answers_nothing_is_told_apart_from_who_is_well() -> None:
    well = Station("CP", online=True, connectors=(Connector(1, 1, ConnectorStatus.AVAILABLE),))
    well = replace(well, admission=Admission.ACCEPTED)
    assert station_words.state(replace(well, unresponsive=True), NOW) == ("online, unresponsive", "warn")
    assert station_words.state(well, NOW)[0] == "available"
    assert station_words.state(replace(well, unresponsive=True, online=False), NOW)[0] != "online, unresponsive"


def test_the_choice_has_words_of_its_own() -> None:
    assert describe.describe(c.SetTolerance("CP-1", Tolerance.LENIENT), depot()) == "CP-1: tolerance lenient"


async def test_the_choice_is_made_at_the_station() -> None:
    backend = StagedBackend(depot())
    async with driving(backend) as driver:
        station = backend.site.stations["CP-01"]
        backend.push(StationChanged(replace(station, profiles=("Schneider EVlink",), tolerated=(LONG,))))
        await driver.press("enter")
        await driver.sees(f"tolerated: {LONG} (Schneider EVlink)")
        await driver.press("T")
        await driver.sees("strict: nothing", "profile")
        await driver.press("escape")
        await driver.command("tolerance CP-01 lenient")
        await driver.until(lambda: backend.commands == [c.SetTolerance("CP-01", Tolerance.LENIENT)])
        await driver.sees("CP-01: tolerance lenient")
