"""Our compiled checks agree with the reference implementation on all of 1.6's schemas."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.csms.dialects import schemas
from console.csms.dialects.checks import GRAVEST
from tests.unit.csms.payloads import payloads, spoiled

SCHEMAS = sorted(
    [(action, answer) for action in schemas.actions("1.6") for answer in (False, True)],
    key=lambda pair: (pair[0], pair[1]),
)
IDS = [f"{action}{'.conf' if answer else ''}" for action, answer in SCHEMAS]

#: How the reference's keywords map to kinds of fault.
FAULTS = {
    "type": schemas.Fault.TYPE,
    "required": schemas.Fault.OCCURRENCE,
    "minItems": schemas.Fault.OCCURRENCE,
    "maxItems": schemas.Fault.OCCURRENCE,
    "additionalProperties": schemas.Fault.FORM,
}


def reference(schema: dict[str, Any], payload: Any) -> list[jsonschema.ValidationError]:
    """The reference's verdict, with numbers as decimals, as the specification means them."""
    return list(jsonschema.Draft4Validator(_decimal(schema)).iter_errors(_decimal(payload)))


def _decimal(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _decimal(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_decimal(member) for member in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


def test_there_are_all_of_them() -> None:
    assert len(schemas.actions("1.6")) == 39
    assert len(schemas.actions("2.0.1")) == 64
    assert len(schemas.actions("2.1")) >= 90


@pytest.mark.parametrize(("action", "answer"), SCHEMAS, ids=IDS)
@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_it_agrees_with_the_reference(action: str, answer: bool, data: st.DataObject) -> None:
    schema = schemas.schema("1.6", action, answer=answer)
    checker = schemas.checker("1.6", action, answer=answer)
    valid = data.draw(payloads(schema))
    assert reference(schema, valid) == []
    assert checker.accepts(valid)
    spoilt = data.draw(spoiled(schema, copy.deepcopy(valid)))
    errors = reference(schema, spoilt)
    assert checker.accepts(spoilt) == (errors == [])
    if errors and isinstance(spoilt, dict):
        # Words of an enumeration carry an additionalProperties that means nothing; so only the gravest fault compares.
        theirs = {FAULTS.get(str(error.validator), schemas.Fault.VALUE) for error in errors}
        assert gravest({violation.fault for violation in checker.violations(spoilt)}) is gravest(theirs)


def gravest(faults: set[schemas.Fault]) -> schemas.Fault:
    """The fault that names the error."""
    return min(faults, key=GRAVEST.index)


@pytest.mark.parametrize(
    ("limit", "fits"), [(0.1, True), (16.1, True), (22.3, True), (32, True), (16.15, False), (1e300, True)]
)
def test_multiple_of_a_tenth_is_judged_on_decimals(limit: float, fits: bool) -> None:
    profile = {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
            },
        },
    }
    assert schemas.checker("1.6", "SetChargingProfile").accepts(profile) is fits


def test_a_whole_number_written_as_a_fraction_is_no_integer() -> None:
    checker = schemas.checker("1.6", "StatusNotification")
    assert not checker.accepts({"connectorId": 1.0, "errorCode": "NoError", "status": "Available"})


def test_violations_are_told_without_the_value() -> None:
    checker = schemas.checker("1.6", "BootNotification")
    texts = [each.text for each in checker.violations({"chargePointVendor": "secret" * 9, "x": 1})]
    assert sorted(texts) == [
        "chargePointVendor is longer than 20",
        "has no chargePointModel",
        "has x, which OCPP does not know",
    ]


def test_violations_are_bounded() -> None:
    payload = {"connectorId": 1, "meterValue": [{"timestamp": "x", "sampledValue": [{"value": 1}] * 5000}]}
    assert len(schemas.checker("1.6", "MeterValues").violations(payload)) == schemas.MOST_VIOLATIONS
