"""The one list of commands holds together: ids, keys, and what the service checks."""

from __future__ import annotations

import typing

import pytest

from console.model.catalogue import BY_ID, CATALOGUE, DANGER, specs_at
from console.model.command import CallStation, Command, ResetStation, command_id, station_of
from console.model.site import Site
from console.model.spec import Danger, Place, Target
from console.model.station import Admission, Connector, ConnectorStatus, Station
from console.model.transaction import Transaction


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(CATALOGUE)


@pytest.mark.parametrize("place", [place for place in Place if place is not Place.EVERYWHERE])
def test_no_key_means_two_things_on_one_screen(place: Place) -> None:
    keys = [spec.key for spec in specs_at(place)]
    assert sorted(keys) == sorted(set(keys))


def test_every_command_that_can_be_sent_has_a_danger() -> None:
    for struct in typing.get_args(Command):
        assert command_id(struct) in DANGER, struct.__name__


def test_what_interrupts_somebody_is_disruptive() -> None:
    disruptive = ("station.reset", "connector.unlock", "station.availability", "station.call", "service.stop")
    assert all(DANGER[name] is Danger.DISRUPTIVE for name in disruptive)


def test_a_command_names_its_station() -> None:
    assert station_of(ResetStation("CP-1")) == "CP-1"
    assert command_id(CallStation("CP-1", "Reset")) == "station.call"


def _site() -> Site:
    station = Station(
        "CP-1",
        admission=Admission.ACCEPTED,
        online=True,
        connectors=(Connector(1, status=ConnectorStatus.AVAILABLE), Connector(2, status=ConnectorStatus.FAULTED)),
    )
    running = Transaction("CP-1", "7", 3)
    return Site(stations={"CP-1": station}, transactions={running.key: running})


@pytest.mark.parametrize(
    ("command", "target", "reason"),
    [
        ("transaction.start", Target("CP-1", 1), None),
        ("transaction.start", Target("CP-1", 2), "connector 2 is faulted"),
        ("transaction.start", Target("CP-1", 3), "connector 3 is charging already"),
        ("transaction.start", Target("CP-9", 1), "no station is selected"),
        ("transaction.stop", Target("CP-1", 3), None),
        ("transaction.stop", Target("CP-1", 1), "nothing is charging here"),
        ("transaction.stop", Target(transaction_key="CP-1\n7"), None),
        ("transaction.stop", Target(transaction_key="CP-1\n8"), "this transaction has ended"),
        ("station.accept", Target("CP-1"), "CP-1 is accepted already"),
        ("connector.unlock", Target("CP-1"), "select a connector first"),
        ("card.once", Target(), "no unknown card was swiped"),
    ],
)
def test_why_not(command: str, target: Target, reason: str | None) -> None:
    assert BY_ID[command].why_not(_site(), target) == reason
