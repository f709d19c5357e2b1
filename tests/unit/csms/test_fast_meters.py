"""The quick way of reading MeterValues says exactly what the slow way says."""

from __future__ import annotations

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.csms.dialects import schemas
from console.csms.dialects.ocpp16 import Ocpp16
from console.csms.dialects.ocpp16.fast_meters import FastMeters
from console.csms.dialects.tolerance import BASE, NOTHING
from console.csms.reports import MeterReport
from tests.unit.csms.payloads import payloads, spoiled

SCHEMA = schemas.schema("1.6", "MeterValues")
MANY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(payload=payloads(SCHEMA))
@MANY
def test_what_was_seen_before_is_read_alike(payload: object) -> None:
    dialect = Ocpp16()
    slow, quick = (dialect.read("MeterValues", copy.deepcopy(payload), BASE) for _ in range(2))
    assert slow == quick


@given(data=st.data())
@MANY
def test_what_is_wrong_is_not_overlooked(data: st.DataObject) -> None:
    payload = data.draw(payloads(SCHEMA))
    warm = Ocpp16()
    warm.read("MeterValues", copy.deepcopy(payload), BASE)
    spoilt = data.draw(spoiled(SCHEMA, payload))
    for tolerated in (NOTHING, BASE):
        expected = Ocpp16().read("MeterValues", copy.deepcopy(spoilt), tolerated)
        assert warm.read("MeterValues", copy.deepcopy(spoilt), tolerated) == expected


@pytest.mark.parametrize("value", ["12.5", "0.15001", "abc", "NaN", "1e300", ""])
def test_the_quick_way_is_taken(value: str) -> None:
    payload = {
        "connectorId": 1,
        "transactionId": 7,
        "meterValue": [
            {
                "timestamp": "2026-11-21T12:00:00Z",
                "sampledValue": [
                    {"value": value, "unit": "kWh"},
                    {"value": value, "format": "SignedData"},
                    {"value": value, "measurand": "Power.Active.Import", "unit": "kW", "phase": "L1"},
                ],
            }
        ],
    }
    fast = FastMeters(255)
    assert fast.read(payload) is None
    fast.learn(payload)
    read = fast.read(payload)
    assert read is not None
    assert isinstance(read[0], MeterReport)
    assert read == Ocpp16().read("MeterValues", payload, BASE)
