"""Whatever a station answers is explained, never with an exception, and in words that have room."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.csms.dialects import schemas
from console.csms.dialects.base import Wire
from console.csms.explain import Facts, accepted, by_key, explain, explain_error
from console.csms.explain.explain import LONGEST
from console.csms.explain.items import LISTED
from console.model.outcome import Result
from console.model.station import Connector, ConnectorStatus, Setting, Station
from console.model.text import plain
from console.model.transaction import Transaction
from tests.unit.csms.explain.test_every_status import THEIRS
from tests.unit.csms.payloads import payloads, spoiled
from tests.unit.csms.rig import START

CASES = [
    (version, action) for version in ("1.6", "2.0.1", "2.1") for action in sorted(schemas.actions(version) - THEIRS)
]
FACTS = Facts(
    Station("CP1", connectors=(Connector(1, 1, ConnectorStatus.RESERVED), Connector(2, 1, ConnectorStatus.FAULTED))),
    START,
    (Transaction("CP1", "7" * 300, 1),),
    by_key([Setting("CP1", f"K{number}", str(number)) for number in range(20)]),
)
FEW = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["status", "statusInfo", "configurationKey", "unknownKey", *(each.field for each in LISTED.values())]


def told(version: str, action: str, request: object, answer: object) -> None:
    """Explain it, and look at the words."""
    assert isinstance(request, dict)
    assert isinstance(answer, dict)
    judged = explain(version, Wire(action, request), answer, FACTS)
    assert judged.text
    assert len(judged.text) <= LONGEST + 80  # a status of nobody's is told whole
    assert len(judged.hint) <= LONGEST
    assert judged.text == plain(judged.text)
    if judged.result is Result.ACCEPTED:
        assert accepted(action, answer)


@pytest.mark.parametrize(("version", "action"), CASES)
@given(data=st.data())
@FEW
def test_every_answer_to_every_request(version: str, action: str, data: st.DataObject) -> None:
    request = data.draw(payloads(schemas.schema(version, action)))
    schema = schemas.schema(version, action, answer=True)
    answer = data.draw(payloads(schema))
    told(version, action, request, answer)
    odd = data.draw(spoiled(schema, answer))
    if isinstance(odd, dict):
        told(version, action, request, odd)


@given(
    case=st.sampled_from(CASES),
    answer=st.dictionaries(st.sampled_from(FIELDS) | st.text(), JSON, max_size=4),
    request=st.dictionaries(st.text(), JSON, max_size=3),
)
@settings(max_examples=200, deadline=None)
def test_any_json_at_all(case: tuple[str, str], answer: dict[str, object], request: dict[str, object]) -> None:
    told(*case, request, answer)


@given(code=st.text(), description=st.text(), case=st.sampled_from(CASES))
def test_any_error(code: str, description: str, case: tuple[str, str]) -> None:
    judged = explain_error(Wire(case[1], {}), code, description, FACTS)
    assert judged.result is Result.ERROR
    assert judged.text
    assert judged.hint
