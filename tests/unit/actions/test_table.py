"""No action that a CSMS can send is without a form, a block, a line of help and a danger."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from console.actions.fields import Kind, fields_of
from console.actions.table import VERSIONS, action_of, actions_of, danger_of
from console.errors import ConsoleError
from console.model.command import CallStation, ClearCache, ResetStation
from console.model.spec import Danger

_LIST = Path(__file__).parents[2] / "data" / "actions" / "ocpp-actions.csv"


def sendable() -> list[tuple[str, str, str]]:
    """Version, action and block of every action that a CSMS can send."""
    with _LIST.open(newline="") as file:
        return [
            (row["version"], row["action"], row["block"])
            for row in csv.DictReader(file)
            if row["initiator"] in ("CSMS", "both")
        ]


def test_every_action_of_every_version_is_in_the_table_and_no_other() -> None:
    expected = {(version, action) for version, action, _ in sendable()}
    assert {(version, action) for version in VERSIONS for action in actions_of(version)} == expected
    assert len(expected) == 26 + 40 + 55


@pytest.mark.parametrize(("version", "name", "block"), sendable())
def test_an_action_has_a_form_a_block_a_help_and_a_danger(version: str, name: str, block: str) -> None:
    action = actions_of(version)[name]
    assert block.startswith(action.block)
    assert len(action.help) < 70
    assert action.danger in Danger
    assert danger_of(CallStation("CP-1", name)) is action.danger
    assert fields_of(version, name).kind is Kind.OBJECT


def test_what_can_interrupt_somebody_is_asked_about_and_what_only_asks_is_not() -> None:
    hard = ("Reset", "UpdateFirmware", "InstallCertificate", "SetNetworkProfile", "ChangeConfiguration", "SetVariables")
    assert {danger_of(CallStation("CP-1", name)) for name in hard} == {Danger.DISRUPTIVE}
    reads = {name for version in VERSIONS for name, one in actions_of(version).items() if one.danger is Danger.READ}
    assert all(name.startswith("Get") for name in reads)
    assert danger_of(CallStation("CP-1", "NobodyKnows")) is Danger.DISRUPTIVE
    assert danger_of(ResetStation("CP-1")) is Danger.DISRUPTIVE
    assert danger_of(ClearCache("CP-1")) is Danger.REVERSIBLE


@pytest.mark.parametrize(
    ("version", "typed", "said"),
    [
        ("1.6", "GetConfig", "Did you mean GetConfiguration?"),
        ("1.6", "Rset", "Did you mean Reset?"),
        ("2.0.1", "GetVariable", "Did you mean GetVariables?"),
        ("2.0.1", "Heartbeat", "OCPP 2.0.1 has: CertificateSigned"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_was_meant(version: str, typed: str, said: str) -> None:
    with pytest.raises(ConsoleError, match=f"OCPP {version} has no action {typed}") as caught:
        action_of(version, typed)
    assert said in caught.value.hint
    assert action_of(version, "clearCACHE").name == "ClearCache"
