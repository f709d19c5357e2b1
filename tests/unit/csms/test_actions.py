"""No action that a station may send, in any version, is without an answer of its own.

The list (``tests/data/ocpp-actions.csv``) was put together from the OCPP 1.6, 2.0.1 and 2.1 specifications: who sends
each action, and what the CSMS has to do.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.csms.dialects import schemas, versions
from console.csms.ports import Refusal
from tests.unit.csms.payloads import payloads
from tests.unit.csms.rig import Rig

_LIST = Path(__file__).parents[2] / "data" / "ocpp-actions.csv"
#: Never answered at all.
SENT = frozenset({"NotifyPeriodicEventStream"})


def listed(*initiators: str) -> list[tuple[str, str]]:
    """(version, action) of every action that these may begin."""
    with _LIST.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["initiator"] in initiators]
    return [(row["version"], row["action"]) for row in rows]


def actions(*initiators: str) -> pytest.MarkDecorator:
    """A test for each action that these may begin."""
    rows = listed(*initiators)
    return pytest.mark.parametrize(("version", "action"), rows, ids=["-".join(row) for row in rows])


def test_the_list_is_whole() -> None:
    every = listed("CS", "CS (SEND)", "both", "CSMS")
    assert {version for version, _ in every} == set(versions())
    for version in versions():
        assert {action for spoken, action in every if spoken == version} == schemas.actions(version)


@actions("CS", "CS (SEND)", "both")
@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_station_may_say_is_answered_by_its_schema(version: str, action: str, data: st.DataObject) -> None:
    charger = Rig(store=False).charger(version=version)
    reply = charger.reply(charger.send(action, data.draw(payloads(schemas.schema(version, action)))))
    if isinstance(reply, Refusal):  # only numbers that no station has: connector -7
        assert reply.code == "PropertyConstraintViolation"
        assert action in ("StatusNotification", "MeterValues")
    else:
        assert action in SENT or schemas.checker(version, action, answer=True).accepts(reply), reply


@actions("CSMS")
def test_what_goes_to_stations_only_is_refused(version: str, action: str) -> None:
    payload: dict[str, Any] = {}
    assert Rig(store=False).charger(version=version).refused(action, payload).code == "NotSupported"
