"""Whatever a station sends is answered with the right error, never with an exception, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.csms.dialects import schemas
from console.csms.dialects.ocpp2.read import READERS as READERS_2
from console.csms.dialects.ocpp16.read import READERS as READERS_16
from console.csms.error_codes import Meaning, code_for
from console.csms.ports import Call, Refusal
from console.model.change import Noticed, StationSeen
from console.model.make import Tolerance
from console.model.site import Site
from tests.unit.csms.payloads import objects_within, payloads, resolved, spoiled
from tests.unit.csms.rig import Charger, Rig

READERS = {"1.6": READERS_16, **READERS_2}
ACTIONS = [(version, action) for version, readers in READERS.items() for action in sorted(readers)]
#: Never answered at all, as it is a SEND.
SENT = "NotifyPeriodicEventStream"
each_action = pytest.mark.parametrize(("version", "action"), ACTIONS, ids=["-".join(each) for each in ACTIONS])
MANY = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def strict_charger(version: str) -> Charger:
    """A station at a CSMS that tolerates nothing."""
    return Rig(tolerance=Tolerance.STRICT, store=False).charger(version=version)


def effects(charger: Charger) -> int:
    """How many changes there were, but for when the station was heard, and for the words on what was refused."""
    return sum(type(change) not in (StationSeen, Noticed) for change in charger.rig.journal.changes)


def site_of(charger: Charger) -> Site:
    """The site but for when the station was heard, and for the words on what was refused."""
    changes = [change for change in charger.rig.journal.changes if type(change) not in (StationSeen, Noticed)]
    return Site().apply(changes)


def without_required(schema: dict[str, Any], payload: Any, draw: Callable[..., Any]) -> Meaning:
    """Take away something required."""
    places = [(part, name) for each, part in objects_within(schema, payload) for name in each.get("required", ())]
    part, name = draw(st.sampled_from(places))
    del part[name]
    return Meaning.OCCURRENCE_CONSTRAINT_VIOLATION


def with_another_type(schema: dict[str, Any], payload: Any, draw: Callable[..., Any]) -> Meaning:
    """Put something of another type."""
    places = [
        (part, name)
        for each, part in objects_within(schema, payload)
        for name in part
        if "type" in resolved(each["properties"][name], schema)
    ]
    part, name = draw(st.sampled_from(places))
    wrong = {str: 5, int: "5", float: "5", bool: "5", list: {}, dict: []}[type(part[name])]
    part[name] = wrong
    return Meaning.TYPE_CONSTRAINT_VIOLATION


def with_no_such_word(schema: dict[str, Any], payload: Any, draw: Callable[..., Any]) -> Meaning:
    """Put a word that no enumeration has."""
    places = [
        (part, name)
        for each, part in objects_within(schema, payload)
        for name in part
        if "enum" in resolved(each["properties"][name], schema)
    ]
    part, name = draw(st.sampled_from(places))
    part[name] = "NoSuchWord"
    return Meaning.PROPERTY_CONSTRAINT_VIOLATION


def too_long(schema: dict[str, Any], payload: Any, draw: Callable[..., Any]) -> Meaning:
    """Make a text too long."""
    places = [
        (part, name, each["properties"][name]["maxLength"])
        for each, part in objects_within(schema, payload)
        for name in part
        if "maxLength" in each["properties"][name]
    ]
    part, name, limit = draw(st.sampled_from(places))
    part[name] = "x" * (limit + 1)
    return Meaning.PROPERTY_CONSTRAINT_VIOLATION


def with_something_more(schema: dict[str, Any], payload: Any, draw: Callable[..., Any]) -> Meaning:
    """Add a property."""
    closed = [part for each, part in objects_within(schema, payload) if each.get("additionalProperties") is False]
    part = draw(st.sampled_from(closed))
    part["noSuchProperty"] = 1
    return Meaning.FORMAT_VIOLATION


def no_object(_schema: dict[str, Any], _payload: Any, _draw: Callable[..., Any]) -> Meaning:
    """Send something else than an object (done by the test)."""
    return Meaning.FORMAT_VIOLATION


WAYS = [without_required, with_another_type, with_no_such_word, too_long, with_something_more, no_object]


#: What each way needs to find in a schema, so that there is something to spoil.
NEEDS = {without_required: "required", with_no_such_word: "enum", too_long: "maxLength"}


def can_be_spoilt(version: str, action: str, way: Callable[..., Meaning]) -> bool:
    """Whether the action's payload has something that this way can make wrong."""
    schema = schemas.schema(version, action)
    return bool(schema["properties"]) if way is with_another_type else NEEDS.get(way, "") in json.dumps(schema)


SPOILT = [(*each, way) for each in ACTIONS for way in WAYS if can_be_spoilt(*each, way)]


@pytest.mark.parametrize(
    ("version", "action", "spoil"),
    SPOILT,
    ids=[f"{version}-{action}-{way.__name__}" for version, action, way in SPOILT],
)
@given(data=st.data())
@MANY
def test_one_thing_wrong_gets_its_error_and_changes_nothing(
    version: str, action: str, spoil: Callable[..., Meaning], data: st.DataObject
) -> None:
    schema = schemas.schema(version, action)
    payload: Any = data.draw(payloads(schema, full=True))
    wrong = spoil(schema, payload, data.draw)
    if spoil is no_object:
        payload = data.draw(st.sampled_from([[], [payload], "text", 5, None, True]))
    charger = strict_charger(version)
    before = effects(charger)
    reception = charger.rig.csms.received(charger.session, Call("1", action, payload))
    assert isinstance(reception.reply, Refusal)
    assert reception.reply.code == code_for(version, wrong)
    assert reception.problem
    assert effects(charger) == before


@each_action
@given(data=st.data())
@MANY
def test_whatever_is_wrong_ends_in_an_answer(version: str, action: str, data: st.DataObject) -> None:
    """A lenient CSMS answers or refuses, and never twice; what it refuses changes nothing."""
    schema = schemas.schema(version, action)
    charger = Rig(tolerance=Tolerance.LENIENT, store=False).charger(version=version)
    payload = data.draw(spoiled(schema, data.draw(payloads(schema))))
    payload = data.draw(spoiled(schema, payload)) if isinstance(payload, dict) and data.draw(st.booleans()) else payload
    before = site_of(charger)
    reply = charger.reply(charger.send(action, payload))
    assert reply is not None
    if isinstance(reply, Refusal):
        assert site_of(charger) == before
    elif action != SENT:
        assert schemas.checker(version, action, answer=True).accepts(reply)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("version", READERS)
@given(data=st.data(), payload=JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_at_all_is_answered(version: str, data: st.DataObject, payload: Any) -> None:
    action = data.draw(st.sampled_from([*READERS[version], "Reset", "Foo"]) | st.text())
    charger = strict_charger(version)
    reception = charger.rig.csms.received(charger.session, Call("1", action, payload))
    assert reception.reply is not None
