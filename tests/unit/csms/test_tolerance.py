"""What is tolerated can be read: no repaired payload makes a dialect fail, and strict means strict."""

from __future__ import annotations

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.csms.dialects import dialect, schemas
from console.csms.dialects.tolerance import BASE, EVERYTHING, NOTHING, RULES, rules_of
from console.csms.ports import Refusal
from console.model.make import TOLERATION_WORDS, Toleration
from tests.unit.csms.explain.test_every_status import THEIRS
from tests.unit.csms.payloads import payloads, spoiled

CASES = [
    (version, action) for version in ("1.6", "2.0.1", "2.1") for action in sorted(schemas.actions(version) & THEIRS)
]


def test_every_toleration_has_rules_and_words() -> None:
    assert set(RULES) == set(TOLERATION_WORDS) == set(Toleration)
    for each in Toleration:
        assert RULES[each] <= EVERYTHING
        assert rules_of([each]) == BASE | RULES[each]
    assert NOTHING < BASE < EVERYTHING


@pytest.mark.parametrize(("version", "action"), CASES)
@given(data=st.data())
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_repaired_can_be_read(version: str, action: str, data: st.DataObject) -> None:
    schema = schemas.schema(version, action)
    payload = data.draw(payloads(schema))
    for _ in range(data.draw(st.integers(1, 3))):
        if isinstance(payload, dict):
            payload = data.draw(spoiled(schema, payload))
    spoken = dialect(version)
    strict, _ = spoken.read(action, copy.deepcopy(payload), NOTHING)
    base, _ = spoken.read(action, copy.deepcopy(payload), BASE)
    lenient, problem = spoken.read(action, copy.deepcopy(payload), EVERYTHING)
    if not isinstance(strict, Refusal):
        assert not isinstance(base, Refusal)
    if not isinstance(base, Refusal):
        assert not isinstance(lenient, Refusal)
    if isinstance(strict, Refusal) and not isinstance(lenient, Refusal):
        assert "tolerated: " in problem
