"""What the forms of all actions keep: payloads survive them, and what they build is what the schema allows."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.actions.draft import blank, from_payload, to_payload
from console.actions.fields import fields_of
from console.actions.paths import path_text
from console.actions.schemas import schema as schema_of
from console.actions.texts import Reading
from console.csms.dialects import dialect
from console.csms.dialects.schemas import Checker
from console.model.command import CallStation
from tests.unit.actions.made import made, spoiled
from tests.unit.actions.test_table import sendable

_ACTIONS = [(version, action) for version, action, _ in sendable()]
_FEW = settings(max_examples=10, deadline=None)
_SEEDS = st.integers(0, 2**32).map(Random)
READING = Reading(datetime(2026, 11, 21, 13, 2, 11, tzinfo=UTC), ZoneInfo("Europe/Stockholm"))


@pytest.mark.parametrize(("version", "action"), _ACTIONS)
def test_a_payload_survives_its_form(version: str, action: str) -> None:
    schema, form = schema_of(version, action), fields_of(version, action)
    checker = Checker(schema)

    @given(random=_SEEDS)
    @_FEW
    def survives(random: Random) -> None:
        payload = made(schema, random)
        assert checker.accepts(payload)
        filled = to_payload(form, from_payload(form, payload), READING)
        assert filled.problems == {}
        assert filled.payload == payload

    survives()


@pytest.mark.parametrize(("version", "action"), _ACTIONS)
def test_a_payload_that_breaks_the_schema_is_told_where(version: str, action: str) -> None:
    schema, form = schema_of(version, action), fields_of(version, action)
    checker = Checker(schema)

    @given(random=_SEEDS)
    @_FEW
    def told(random: Random) -> None:
        payload = spoiled(schema, made(schema, random), random)
        filled = to_payload(form, from_payload(form, payload), READING)
        assert bool(filled.problems) or checker.accepts(payload), payload
        assert all(path_text(path) for path in filled.problems)

    told()


@pytest.mark.parametrize(("version", "action"), _ACTIONS)
def test_an_empty_form_asks_for_what_is_required_and_sends_nothing_else(version: str, action: str) -> None:
    form = fields_of(version, action)
    filled = to_payload(form, blank(form), READING)
    needed = [field.name for field in form.fields if field.required]
    assert {path[0] for path in filled.problems} <= set(needed)
    assert bool(filled.problems) == bool(needed)
    assert set(filled.payload) <= set(needed)


@pytest.mark.parametrize(("version", "action"), _ACTIONS)
def test_what_a_form_builds_is_sent_as_it_is(version: str, action: str) -> None:
    form, payload = fields_of(version, action), made(schema_of(version, action), Random(1))
    spoken = dialect(version)
    command = CallStation("CP-1", action, to_payload(form, from_payload(form, payload), READING).payload)
    wire = spoken.call(command)
    assert (wire.action, wire.payload) == (action, payload)
    assert spoken.check_call(action, wire.payload) == ""
