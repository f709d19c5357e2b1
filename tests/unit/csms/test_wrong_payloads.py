"""Whatever a station sends is answered with the right error, never with an exception, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.csms.dialects import schemas
from console.csms.dialects.ocpp16.read import READERS
from console.csms.ports import Call, Refusal
from console.model.change import Noticed, StationSeen
from console.model.make import Tolerance
from console.model.site import Site
from tests.unit.csms.payloads import objects_within, payloads, resolved, spoiled
from tests.unit.csms.rig import Charger, Rig

ACTIONS = sorted(READERS)
MANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def strict_charger() -> Charger:
    """A station at a CSMS that tolerates nothing."""
    return Rig(tolerance=Tolerance.STRICT, store=False).charger()


def site_of(charger: Charger) -> Site:
    """The site but for when the station was heard, and for the words on what was refused."""
    changes = [change for change in charger.rig.journal.changes if type(change) not in (StationSeen, Noticed)]
    return Site().apply(changes)


@pytest.mark.parametrize("action", ACTIONS)
@given(data=st.data())
@MANY
def test_every_valid_request_is_answered_by_its_schema(action: str, data: st.DataObject) -> None:
    charger = Rig(store=False).charger()
    payload = data.draw(payloads(schemas.schema("1.6", action)))
    reply = charger.reply(charger.send(action, payload))
    if isinstance(reply, Refusal):  # only numbers that no station has: connector -7
        assert reply.code == "PropertyConstraintViolation"
        assert action in ("StatusNotification", "MeterValues")
    else:
        assert schemas.checker("1.6", action, answer=True).accepts(reply), reply


def without_required(schema: dict[str, Any], payload: Any, draw: Callable[..., Any]) -> str:
    """Take away something required."""
    places = [(part, name) for each, part in objects_within(schema, payload) for name in each.get("required", ())]
    part, name = draw(st.sampled_from(places))
    del part[name]
    return "OccurenceConstraintViolation"


def with_another_type(schema: dict[str, Any], payload: Any, draw: Callable[..., Any]) -> str:
    """Put something of another type."""
    places = [(part, name) for _, part in objects_within(schema, payload) for name in part]
    part, name = draw(st.sampled_from(places))
    wrong = {str: 5, int: "5", list: {}, dict: []}[type(part[name])]
    part[name] = wrong
    return "TypeConstraintViolation"


def with_no_such_word(schema: dict[str, Any], payload: Any, draw: Callable[..., Any]) -> str:
    """Put a word that no enumeration has."""
    places = [
        (part, name)
        for each, part in objects_within(schema, payload)
        for name in part
        if "enum" in resolved(each["properties"][name], schema)
    ]
    part, name = draw(st.sampled_from(places))
    part[name] = "NoSuchWord"
    return "PropertyConstraintViolation"


def too_long(schema: dict[str, Any], payload: Any, draw: Callable[..., Any]) -> str:
    """Make a text too long."""
    places = [
        (part, name, each["properties"][name]["maxLength"])
        for each, part in objects_within(schema, payload)
        for name in part
        if "maxLength" in each["properties"][name]
    ]
    part, name, limit = draw(st.sampled_from(places))
    part[name] = "x" * (limit + 1)
    return "PropertyConstraintViolation"


def with_something_more(schema: dict[str, Any], payload: Any, draw: Callable[..., Any]) -> str:
    """Add a property."""
    part = draw(st.sampled_from([part for _, part in objects_within(schema, payload)]))
    part["noSuchProperty"] = 1
    return "FormationViolation"


def no_object(_schema: dict[str, Any], _payload: Any, _draw: Callable[..., Any]) -> str:
    """Send something else than an object (done by the test)."""
    return "FormationViolation"


WAYS = [without_required, with_another_type, with_no_such_word, too_long, with_something_more, no_object]


#: What each way needs to find in a schema, so that there is something to spoil.
NEEDS = {without_required: "required", with_no_such_word: "enum", too_long: "maxLength"}


def can_be_spoilt(action: str, way: Callable[..., str]) -> bool:
    """Whether the action's payload has something that this way can make wrong."""
    schema = schemas.schema("1.6", action)
    return bool(schema["properties"]) if way is with_another_type else NEEDS.get(way, "") in json.dumps(schema)


SPOILT = [(action, way) for action in ACTIONS for way in WAYS if can_be_spoilt(action, way)]


@pytest.mark.parametrize(("action", "spoil"), SPOILT, ids=[f"{action}-{way.__name__}" for action, way in SPOILT])
@given(data=st.data())
@MANY
def test_one_thing_wrong_gets_its_error_and_changes_nothing(
    action: str, spoil: Callable[..., str], data: st.DataObject
) -> None:
    schema = schemas.schema("1.6", action)
    payload: Any = data.draw(payloads(schema, full=True))
    code = spoil(schema, payload, data.draw)
    if spoil is no_object:
        payload = data.draw(st.sampled_from([[], [payload], "text", 5, None, True]))
    before = site_of(CHARGER)
    reception = CHARGER.rig.csms.received(CHARGER.session, Call("1", action, payload))
    assert isinstance(reception.reply, Refusal)
    assert reception.reply.code == code
    assert reception.problem
    assert site_of(CHARGER) == before


CHARGER = strict_charger()


@pytest.mark.parametrize("action", ACTIONS)
@given(data=st.data())
@MANY
def test_whatever_is_wrong_ends_in_an_answer(action: str, data: st.DataObject) -> None:
    """A lenient CSMS answers or refuses, and never twice; what it refuses changes nothing."""
    schema = schemas.schema("1.6", action)
    charger = Rig(tolerance=Tolerance.LENIENT, store=False).charger()
    payload = data.draw(spoiled(schema, data.draw(payloads(schema))))
    payload = data.draw(spoiled(schema, payload)) if isinstance(payload, dict) and data.draw(st.booleans()) else payload
    before = site_of(charger)
    reply = charger.reply(charger.send(action, payload))
    assert reply is not None
    if isinstance(reply, Refusal):
        assert site_of(charger) == before
    else:
        assert schemas.checker("1.6", action, answer=True).accepts(reply)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(action=st.sampled_from([*ACTIONS, "Reset", "Foo"]) | st.text(), payload=JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_at_all_is_answered(action: str, payload: Any) -> None:
    reception = CHARGER.rig.csms.received(CHARGER.session, Call("1", action, payload))
    assert reception.reply is not None
