"""``call``: words and JSON become requests, and what does not fit is refused before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import msgspec
import pytest

from console.actions.saved import SavedRequests, Template
from console.actions.schemas import schema
from console.model.command import CallStation
from console.model.outcome import Outcome, Result
from tests.unit.actions.made import made
from tests.unit.actions.test_table import sendable
from tests.unit.cli.conftest import Run, runner
from tests.unit.cli.fake import SITE, STATIONS, FakeBackend

replace = msgspec.structs.replace


@pytest.fixture
def saved(tmp_path: Path) -> SavedRequests:
    return SavedRequests(tmp_path / "config" / "requests" / "default")


def speaking(version: str) -> FakeBackend:
    """A site whose CP-01 speaks a version."""
    stations = {**SITE.stations, "CP-01": replace(STATIONS[0], ocpp_version=version)}
    return FakeBackend(site=replace(SITE, stations=stations))


@pytest.mark.parametrize(
    ("words", "payload"),
    [
        (["Reset", "type=soft"], {"type": "Soft"}),
        (["reset", '{"type": "Hard"}'], {"type": "Hard"}),
        (["Reset", '{"type": "Hard"}', "type=Soft"], {"type": "Soft"}),
        (["Reset", "-"], {"type": "Soft"}),
        (["ReserveNow", "connectorId=1", "idTag=A", "reservationId=7", "expiryDate=+2h"],
         {"connectorId": 1, "expiryDate": "2026-11-18T15:30:00Z", "idTag": "A", "reservationId": 7}),
        (["GetConfiguration", "key[0]=A", "key[1]=B"], {"key": ["A", "B"]}),
        (["GetConfiguration"], {}),
    ],
)  # fmt: skip
def test_words_become_a_request(run: Run, backend: FakeBackend, words: list[str], payload: dict[str, object]) -> None:
    result = run("call", "CP-01", *words, text='{"type":"Soft"}')
    assert result.exit_code == 0, result.output
    assert [one.payload for one in backend.ran if isinstance(one, CallStation)] == [payload]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("call CP-01 Rset", 2, "OCPP 1.6 has no action Rset that can be sent to a station.\nDid you mean Reset?"),
        ("call CP-01 SetVariables", 2, "OCPP 1.6 has no action SetVariables"),
        ("call CP-01 Reset", 2, "type must be chosen.\nSee: ocpp-console call CP-01 --describe Reset"),
        ("call CP-01 Reset type=Warm", 2, "type is none of Hard, Soft."),
        ("call CP-01 Reset typ=Soft", 2, "Reset has no field typ.\nDid you mean type?"),
        ("call CP-01 Reset {", 2, "This is not JSON"),
        ("call CP-01 UnlockConnector connectorId=one", 2, "connectorId is no whole number: write for example 1."),
        ("call CP-01", 2, "Which action?\nSee: ocpp-console call CP-01 --list"),
        ("call CP-01 Reset @/nowhere.json", 2, "/nowhere.json cannot be read: No such file"),
        ("call CP-01 --template none", 2, "There is no template none."),
        ("call CP-01 --describe Rset", 2, "Did you mean Reset?"),
        ("call CP-02 Reset type=Soft", 1, "There is no station CP-02."),
        ("call CP-04 --list", 1, "CP-04 has not connected yet"),
    ],
)
def test_what_does_not_fit_is_refused(run: Run, backend: FakeBackend, words: str, code: int, said: str) -> None:
    result = run(*words.split())
    assert (result.exit_code, backend.ran) == (code, [])
    assert said in result.stderr


def test_a_station_that_never_connected_is_offline(run: Run, backend: FakeBackend) -> None:
    backend.outcome = Outcome(Result.OFFLINE, "CP-04 is offline")
    assert run("call", "CP-04", "Reset", '{"type":"Soft"}').exit_code == 4


@pytest.mark.parametrize(("version", "action", "block"), sendable())
def test_every_action_is_described_and_sent(version: str, action: str, block: str) -> None:
    backend = speaking(version)
    run = runner(backend)
    described = run("call", "CP-01", "--describe", action)
    assert described.exit_code == 0, described.output
    assert described.stdout.startswith(f"{action}, {block.partition(' (')[0]}: ")
    payload = made(schema(version, action), Random(2))
    sent = run("call", "CP-01", action, json.dumps(payload))
    assert sent.exit_code == 0, sent.output
    assert backend.ran == [CallStation("CP-01", action, payload)]


def test_the_actions_of_a_station_are_listed(run: Run, saved: SavedRequests) -> None:
    saved.save(Template("nightly", "1.6", "Reset", {"type": "Soft"}))
    lines = run("call", "CP-01", "--list").stdout.splitlines()
    assert lines[0].split() == ["BLOCK", "ACTION", "WHAT", "IT", "DOES"]
    assert any(line.split()[1] == "Reset" and "asked again  Restart the station" in line for line in lines)
    assert lines[-1].split() == ["nightly", "Reset"]
    told = json.loads(run("call", "CP-01", "--list", "--json").stdout)
    assert (told["ocpp_version"], len(told["actions"])) == ("1.6", 26)


def test_a_template_is_sent_with_changes(run: Run, backend: FakeBackend, saved: SavedRequests) -> None:
    saved.save(Template("nightly", "1.6", "Reset", {"type": "Soft"}))
    assert run("call", "CP-01", "--template", "nightly").exit_code == 0
    assert run("call", "CP-01", "--template", "nightly", "type=Hard").exit_code == 0
    assert run("call", "CP-01", "UnlockConnector", "--template", "nightly").exit_code == 2
    assert backend.ran == [CallStation("CP-01", "Reset", {"type": kind}) for kind in ("Soft", "Hard")]


def test_what_was_sent_is_remembered_without_its_secrets(run: Run, saved: SavedRequests) -> None:
    assert run("call", "CP-01", "ChangeConfiguration", "key=AuthorizationKey", "value=s3cret").exit_code == 0
    assert saved.last("1.6", "ChangeConfiguration") == {"key": "AuthorizationKey"}


def test_on_a_production_site_only_what_can_hurt_wants_yes(run: Run, backend: FakeBackend) -> None:
    backend.production = True
    assert run("call", "CP-01", "GetConfiguration").exit_code == 0
    assert run("call", "CP-01", "Reset", "type=Soft").exit_code == 2
    assert run("call", "CP-01", "Reset", "type=Soft", "--yes").exit_code == 0
    assert len(backend.ran) == 2
