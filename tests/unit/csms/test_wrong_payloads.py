"""Whatever a station sends is answered with the right error, never with an exception, and changes nothing."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.csms.dialects import schemas
from console.csms.dialects.ocpp2.read import READERS as READERS_2
from console.csms.dialects.ocpp16.read import READERS as READERS_16
from console.csms.error_codes import code_for
from console.csms.ports import Call, Refusal
from console.model.change import Noticed, StationSeen
from console.model.make import Tolerance
from console.model.site import Site
from tests.unit.csms.payloads import payloads, spoiled
from tests.unit.csms.rig import Charger, Rig
from tests.unit.csms.spoilt import NO_OBJECTS, WAYS, Way, can_be_spoilt, no_object, with_something_more

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


SPOILT = [(*each, way) for each in ACTIONS for way in WAYS if can_be_spoilt(schemas.schema(*each), way)]


@pytest.mark.parametrize(
    ("version", "action", "spoil"),
    SPOILT,
    ids=[f"{version}-{action}-{way.__name__}" for version, action, way in SPOILT],
)
@given(data=st.data())
@MANY
def test_one_thing_wrong_gets_its_error_and_changes_nothing(
    version: str, action: str, spoil: Way, data: st.DataObject
) -> None:
    schema = schemas.schema(version, action)
    payload: Any = data.draw(payloads(schema, full=True))
    wrong = spoil(schema, payload, lambda places: data.draw(st.sampled_from(places)))
    if spoil is no_object:
        payload = data.draw(st.sampled_from(NO_OBJECTS))
    charger = strict_charger(version)
    before = effects(charger)
    reception = charger.rig.csms.received(charger.session, Call("1", action, payload))
    assert isinstance(reception.reply, Refusal)
    assert reception.reply.code == code_for(version, wrong)
    assert reception.problem
    assert 0 < len(reception.reply.description) <= 255
    assert spoil is not with_something_more or "noSuchProperty" in reception.reply.description
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
