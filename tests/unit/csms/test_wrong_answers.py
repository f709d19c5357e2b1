"""Whatever a station answers to what was asked of it ends the command, is shown, and is called by its name."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.actions.table import VERSIONS, actions_of
from console.csms.dialects import schemas
from console.csms.error_codes import code_for
from console.model.change import Noticed, StationSeen
from console.model.command import CallStation
from console.model.outcome import Result
from tests.unit.actions.made import made
from tests.unit.csms.payloads import payloads
from tests.unit.csms.rig import Rig
from tests.unit.csms.spoilt import NO_OBJECTS, WAYS, Way, can_be_spoilt, no_object, with_something_more

ASKED = [(version, action) for version in VERSIONS for action in sorted(actions_of(version))]
SPOILT = [(*each, way) for each in ASKED for way in WAYS if can_be_spoilt(schemas.schema(*each, answer=True), way)]
FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_every_request_of_ours_may_be_answered_wrongly() -> None:
    assert len(ASKED) == 26 + 40 + 55
    assert {(version, action) for version, action, _ in SPOILT} == set(ASKED)


@pytest.mark.parametrize(
    ("version", "action", "spoil"),
    SPOILT,
    ids=[f"{version}-{action}-{way.__name__}" for version, action, way in SPOILT],
)
@given(data=st.data(), seed=st.integers(0, 2**32))
@FEW
def test_one_thing_wrong_is_named_and_ends_the_command(
    version: str, action: str, spoil: Way, data: st.DataObject, seed: int
) -> None:
    schema = schemas.schema(version, action, answer=True)
    answer: Any = data.draw(payloads(schema, full=True))
    wrong = spoil(schema, answer, lambda places: data.draw(st.sampled_from(places)))
    if spoil is no_object:
        answer = data.draw(st.sampled_from(NO_OBJECTS))
    rig = Rig(store=False)
    charger, bystander = rig.charger("CP1", version), rig.charger("CP2", version)
    fault = rig.csms.answered(charger.session, action, answer)
    assert fault is not None
    assert fault.code == code_for(version, wrong)
    assert 0 < len(fault.description) <= 255
    assert spoil is not with_something_more or "noSuchProperty" in fault.description
    charger.session.says[action] = answer
    of_others = len(changes_of_others(rig))
    request = made(schemas.schema(version, action), Random(seed))
    outcome = asyncio.run(rig.csms.execute(CallStation("CP1", action, request)))
    assert outcome.text
    assert outcome.result is not Result.TIMED_OUT
    assert len(changes_of_others(rig)) == of_others
    assert bystander.session.calls == []


def changes_of_others(rig: Rig) -> list[Any]:
    """What changed of CP2."""
    changes = [each for each in rig.journal.changes if type(each) not in (StationSeen, Noticed)]
    return [each for each in changes if "CP2" in repr(each)]
