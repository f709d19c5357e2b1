"""Any request from the keyboard: the list of actions, the form, the JSON, templates, and the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
from msgspec.structs import replace

from console.actions.draft import blank, from_payload, to_payload
from console.actions.fields import fields_of
from console.actions.schemas import schema as schema_of
from console.actions.table import VERSIONS, actions_of
from console.actions.texts import Reading
from console.model import command as c
from console.model.catalogue import BY_ID
from console.model.outcome import Outcome, Result
from console.model.spec import Place
from console.screens.frame import command_line
from console.screens.frame.frame import Go
from console.screens.requests import actions, request_rows, requests
from tests.support.staged import StagedBackend, only
from tests.ui.driving import Driver, driving
from tests.ui.sites import NOW, ZONE, depot
from tests.unit.actions.made import made
from widgets.json_view import JsonView
from widgets.outline_row import outline_line, value_column


def site_of(version: str) -> StagedBackend:
    """The depot, where CP-01 speaks a version."""
    site = depot()
    return StagedBackend(
        replace(site, stations={**site.stations, "CP-01": replace(site.stations["CP-01"], ocpp_version=version)})
    )


@pytest.fixture
def backend() -> StagedBackend:
    return site_of("2.0.1")


@asynccontextmanager
async def form_of(backend: StagedBackend, action: str) -> AsyncIterator[Driver]:
    """The form of an action of CP-01, chosen from the list."""
    async with driving(backend) as driver:
        await driver.press("enter")
        await driver.sees("CONN")
        await driver.press("C")
        await driver.sees("WHAT IT DOES")
        await driver.type(action)
        await driver.until(lambda: f"> {action}" in driver.line("/ ") or action in driver.text())
        await driver.press("enter")
        await driver.sees("[ Send ]")
        yield driver


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_form_of_every_action_opens_and_renders(version: str) -> None:
    async with driving(site_of(version)) as driver:
        for action in actions_of(version):
            driver.app.screen.post_message(Go(Place.REQUEST, requests.request_key("CP-01", action)))
            first = next((field.name for field in fields_of(version, action).fields), "[ Send ]")
            await driver.sees(f"> {action}", first)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("width", [79, 119])
def test_every_field_of_every_action_has_a_row(version: str, width: int) -> None:
    from textual.style import Style

    palette = dict.fromkeys(("", "cursor", "bad", "muted", "strong"), Style().rich_style)
    for action in actions_of(version):
        form = fields_of(version, action)
        for seed in range(6):
            draft = from_payload(form, made(schema_of(version, action), Random(seed)))
            problems = to_payload(form, blank(form), Reading(NOW, ZONE)).problems
            rows = request_rows.rows(form, draft, problems, frozenset())
            keys = [row.key for row in rows]
            assert len(keys) == len(set(keys))
            assert {field.name for field in form.fields} <= set(keys)
            column = value_column(rows, width)
            for row in rows:
                line = outline_line(row, column, palette, width, marked=True, focused=True)
                assert line.cell_length == width


async def test_an_action_is_found_by_typing_a_part_of_it(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "C")
        await driver.sees("CP-01 > actions of OCPP 2.0.1", "A Security", "CertificateSigned", "enter open  esc back")
        await driver.type("monitor")
        await driver.sees("N Diagnostics", "SetMonitoringBase", "is sent")
        await driver.sees_no("CertificateSigned")
        await driver.press("down", "down")
        await driver.sees("> ", "SetMonitoringBase is sent after a question.")
        await driver.press("escape")
        await driver.sees("M Certificates", "> N Diagnostics        SetMonitoringBase")
        await driver.press("escape")
        await driver.sees("CONN")


async def test_a_slash_before_what_is_typed_is_no_letter(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "C")
        await driver.type("/unlock")
        await driver.sees("> F RemoteControl      UnlockConnector")


async def test_who_comes_back_types_anew(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "C")
        await driver.type("unlock")
        await driver.press("enter")
        await driver.sees("CP-01 > UnlockConnector")
        await driver.press("escape")
        await driver.sees("actions of OCPP 2.0.1", "UnlockConnector")
        await driver.type("clearcache")
        await driver.sees("> C Authorization      ClearCache")


async def test_where_letters_are_typed_no_key_is_offered_that_shows_the_keys(backend: StagedBackend) -> None:
    async with form_of(backend, "SetVariables") as driver:
        await driver.press("question_mark")
        await driver.sees("? is no command here, up and down lead to what can be filled in")


async def test_the_shorter_way_is_named(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "C")
        await driver.type("unlock")
        await driver.sees("UnlockConnector is sent after a question.", "Shorter: u (unlock)")


def test_the_shorter_ways_are_commands_for_actions_that_exist() -> None:
    known = {name for version in VERSIONS for name in actions_of(version)}
    assert set(actions._OWN_COMMANDS) <= known
    assert set(actions._OWN_COMMANDS.values()) <= set(BY_ID)


async def test_a_request_is_filled_in_checked_confirmed_sent_and_its_answer_shown(backend: StagedBackend) -> None:
    answer = {"setVariableResult": [{"attributeStatus": "Accepted", "component": {"name": "EVSE"}}]}
    backend.answer = lambda _command: Outcome(Result.ACCEPTED, "all are set", "", 0.4, answer)
    async with form_of(backend, "SetVariables") as driver:
        await driver.sees("- setVariableData *", "1 item", "attributeType", "< left out: Actual >", "attributeValue *")
        await driver.press("ctrl+s")
        await driver.sees("! must be filled in", "SetVariables: not sent: setVariableData[0].attributeValue must")
        assert backend.commands == []
        await driver.type("11")
        await driver.sees("attributeValue *  11")
        await driver.press("down", "down", "down")
        await driver.sees("Text, up to 50")
        await driver.type("EVSE")
        await driver.press("down", "down", "down")
        await driver.type("Power")
        await driver.press("ctrl+s")
        await driver.sees("CP-01: call SetVariables?", "Request   SetVariables", '"attributeValue": "11"')
        await driver.press("y")
        await driver.sees("CP-01 > answer to SetVariables", "accepted after 0.4 s: all are set", '"attributeStatus"')
        assert isinstance(driver.app.focused, JsonView)
        payload = only(backend.commands).payload  # type: ignore[union-attr]
        assert payload == {
            "setVariableData": [{"attributeValue": "11", "component": {"name": "EVSE"}, "variable": {"name": "Power"}}]
        }
        await driver.press("escape")
        await driver.sees("[ Send ]")
        await driver.until(lambda: driver.app.session.requests.last("2.0.1", "SetVariables") == payload)


async def test_what_only_asks_is_sent_without_a_question(backend: StagedBackend) -> None:
    async with form_of(backend, "GetLocalListVersion") as driver:
        await driver.press("enter")
        await driver.until(lambda: backend.commands == [c.CallStation("CP-01", "GetLocalListVersion", {})])


async def test_groups_are_added_folded_and_removed(backend: StagedBackend) -> None:
    async with form_of(backend, "GetReport") as driver:
        await driver.sees("> + componentVariable", "left out", "ctrl+n adds, ctrl+r removes.")
        await driver.press("enter")
        await driver.sees("- componentVariable", "1 item", ">   - [0]", "name *")
        await driver.press("down", "down", "down")
        await driver.sees(">         name *")
        await driver.type("EVSE")
        await driver.press("ctrl+n")
        await driver.sees("2 items", ">   - [1]")
        await driver.press("minus")
        await driver.sees("1 item")
        await driver.press("left")
        await driver.sees(">   + [0]", "EVSE")
        await driver.press("ctrl+r")
        await driver.sees("+ componentVariable", "left out")


async def test_times_are_typed_as_people_write_them() -> None:
    backend = site_of("1.6")
    async with form_of(backend, "ReserveNow") as driver:
        await driver.sees(">   connectorId *")
        await driver.press("down")
        await driver.type("+2h")
        await driver.sees("= 2026-11-21T15:02:11Z")
        await driver.press("down")
        await driver.type("04A2")
        await driver.press("ctrl+s")
        await driver.until(lambda: bool(backend.commands))
        payload = only(backend.commands).payload  # type: ignore[union-attr]
        assert payload["expiryDate"] == "2026-11-21T15:02:11Z"
        assert (payload["connectorId"], payload["idTag"]) == (1, "04A2")


async def test_a_request_is_changed_as_json_too(backend: StagedBackend) -> None:
    async with form_of(backend, "Reset") as driver:
        await driver.press("i", "ctrl+t")
        await driver.sees("> Reset > JSON", '"type": "Immediate"')
        await driver.press("down", "down", "end", "backspace", "ctrl+s")
        await driver.sees("This is not JSON")
        assert backend.commands == []
        for piece in (',"custom', 'Data":{', '"vendorId"', ':"x"}}'):
            await driver.type(piece)
        await driver.press("ctrl+t")
        await driver.sees("< Immediate >", "customData", "(ctrl+t)")
        await driver.press("ctrl+s")
        await driver.sees("CP-01: call Reset?")
        await driver.press("y")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == c.CallStation(
            "CP-01", "Reset", {"type": "Immediate", "customData": {"vendorId": "x"}}
        )


async def test_a_template_is_saved_offered_loaded_and_deleted(backend: StagedBackend) -> None:
    async with form_of(backend, "Reset") as driver:
        await driver.press("o", "ctrl+o")
        await driver.sees("Templates for Reset, OCPP 2.0.1", "an empty form")
        await driver.press("s")
        await driver.sees("Save Reset as a template")
        await driver.type("gentle")
        await driver.press("enter")
        await driver.sees("gentle", '{"type":"OnIdle"}')
        await driver.press("escape", "i")
        await driver.sees("< Immediate >")
        await driver.press("ctrl+o", "enter")
        await driver.sees("< OnIdle >")
        await driver.press("escape")
        await driver.sees("WHAT IT DOES")
        await driver.press("escape")
        await driver.sees("Templates", "gentle")
        await driver.press("home", "enter")
        await driver.sees("< OnIdle >", "[ Send ]")
        await driver.press("ctrl+o", "x")
        await driver.sees("Delete the template gentle?")
        await driver.press("y")
        await driver.sees_no("gentle")
        assert driver.app.session.requests.templates() == []


async def test_what_is_left_unfinished_is_there_when_one_comes_back(backend: StagedBackend) -> None:
    async with form_of(backend, "Reset") as driver:
        await driver.press("i", "escape")
        await driver.sees("WHAT IT DOES")
        await driver.press("enter")
        await driver.sees("< Immediate >")


async def test_a_read_only_console_sends_nothing() -> None:
    backend = site_of("1.6")
    backend.read_only = True
    async with driving(backend) as driver:
        await driver.press("enter", "C")
        await driver.sees("call: this console is read-only")


async def test_a_typed_line_goes_on_in_the_form_or_sends_what_it_says() -> None:
    backend = site_of("1.6")
    async with driving(backend) as driver:
        await driver.command("call CP-01")
        await driver.sees("CP-01 > actions of OCPP 1.6")
        await driver.press("escape")
        await driver.command("call CP-01 unlockconnector")
        await driver.sees("CP-01 > UnlockConnector")
        await driver.press("escape")
        await driver.command("call CP-01 UnlockConnector connectorId=one")
        await driver.sees("call: connectorId is no whole number")
        await driver.command("call CP-01 Rset type=Soft")
        await driver.sees("OCPP 1.6 has no action Rset", "Did you mean Reset?")
        await driver.command("call CP-01 GetLocalListVersion")
        await driver.until(lambda: backend.commands == [c.CallStation("CP-01", "GetLocalListVersion", {})])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("call CP-01 getloc", "call CP-01 GetLocalListVersion"),
        ("call CP-01 Reset ty", "call CP-01 Reset type=Hard"),
        ("call CP-01 ReserveNow conn", "call CP-01 ReserveNow connectorId="),
    ],
)
def test_a_typed_call_is_completed(text: str, first: str) -> None:
    assert command_line.completions(text, depot(), Place.STATIONS)[0] == first
