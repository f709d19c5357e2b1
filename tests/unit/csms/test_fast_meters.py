"""The quick way of reading MeterValues says exactly what the slow way says."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.csms.dialects import schemas
from console.csms.dialects.ocpp16 import Ocpp16
from console.csms.dialects.ocpp16.fast_meters import FastMeters
from console.csms.dialects.tolerance import BASE, NOTHING, Rules
from console.csms.link.framing import parse
from console.csms.ports import Call, Refusal
from console.csms.quick_payloads import MeterValues
from console.csms.said.reports import MeterReport, Report
from tests.unit.csms.payloads import payloads, spoiled

SCHEMA = schemas.schema("1.6", "MeterValues")
MANY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


Said = tuple[object, str]


def said(read: tuple[Report | Refusal, str]) -> Said:
    """What was read, whichever way: with each sample read, and the figures put together."""
    report, problem = read
    if not isinstance(report, MeterReport):
        return report, problem
    measured = [(each.at, tuple(each.samples), each.figures) for each in report.measurements]
    return (report.evse_id, report.transaction_id, measured), problem


def read_slowly(payload: object, tolerated: Rules) -> Said:
    """What the general way says of it."""
    dialect = Ocpp16()
    dialect._fast_meters = _Never()
    return said(dialect.read("MeterValues", copy.deepcopy(payload), tolerated))


class _Never(FastMeters):
    """Reads nothing."""

    def __init__(self) -> None:
        super().__init__(255)

    def read(self, payload: object) -> None:
        """Leave all to the general way."""


@given(payload=payloads(SCHEMA))
@MANY
def test_both_ways_read_alike(payload: object) -> None:
    expected = read_slowly(payload, BASE)
    dialect = Ocpp16()
    for _ in range(2):
        assert said(dialect.read("MeterValues", copy.deepcopy(payload), BASE)) == expected


@given(payload=payloads(SCHEMA))
@MANY
def test_a_whole_frame_read_at_once_reads_alike(payload: object) -> None:
    text = json.dumps([2, "1", "MeterValues", payload])
    call, problem = parse(text, "1.6")
    assert isinstance(call, Call)
    assert problem == ""
    assert said(Ocpp16().read("MeterValues", call.payload, BASE)) == read_slowly(payload, BASE)


@given(data=st.data())
@MANY
def test_what_is_wrong_is_not_overlooked(data: st.DataObject) -> None:
    spoilt = data.draw(spoiled(SCHEMA, data.draw(payloads(SCHEMA))))
    call, _ = parse(json.dumps([2, "1", "MeterValues", spoilt]), "1.6")
    assert isinstance(call, Call)
    for tolerated in (NOTHING, BASE):
        expected = read_slowly(spoilt, tolerated)
        assert said(Ocpp16().read("MeterValues", copy.deepcopy(spoilt), tolerated)) == expected
        assert said(Ocpp16().read("MeterValues", copy.deepcopy(call.payload), tolerated)) == expected


@pytest.mark.parametrize("value", ["12.5", "0.15001", "abc", "NaN", "1e300", "", " 7 ", "1_000", "inf"])
def test_the_quick_way_is_taken(value: str) -> None:
    payload = {
        "connectorId": 1,
        "transactionId": 7,
        "meterValue": [
            {
                "timestamp": "2026-11-21T12:00:00Z",
                "sampledValue": [
                    {"value": value, "unit": "kWh"},
                    {"value": "3", "unit": "Wh", "phase": "L1"},
                    {"value": value, "format": "SignedData"},
                    {"value": value, "measurand": "Power.Active.Import", "unit": "kW", "phase": "L1"},
                    {"value": "4", "measurand": "Power.Active.Import", "unit": "kW", "phase": "L2"},
                ],
            }
        ],
    }
    call, _ = parse(json.dumps([2, "1", "MeterValues", payload]), "1.6")
    assert isinstance(call, Call)
    assert type(call.payload) is MeterValues
    for given_as in (payload, call.payload):
        read = FastMeters(255).read(given_as)
        assert read is not None
        assert said(read) == read_slowly(payload, BASE)


@pytest.mark.parametrize(
    "part",
    [
        '"connectorId":1.0',
        '"connectorId":1e0',
        '"connectorId":-0.0',
        '"connectorId":"1"',
        '"connectorId":1,"connectorId":"1"',
        '"connectorId":true',
        '"connectorId":9999999999999999999999999',
        '"connectorId":1,"transactionId":null',
        '"connectorId":1,"transactionId":1.5',
        '"connectorId":1,"transactionId":-9223372036854775808',
    ],
)
def test_numbers_are_as_strict_as_the_schema(part: str) -> None:
    text = f'[2,"1","MeterValues",{{{part},"meterValue":[{{"timestamp":"","sampledValue":[{{"value":"1"}}]}}]}}]'
    call, _ = parse(text, "1.6")
    assert isinstance(call, Call)
    payload = json.loads(text)[3]
    assert said(Ocpp16().read("MeterValues", call.payload, BASE)) == read_slowly(payload, BASE)
