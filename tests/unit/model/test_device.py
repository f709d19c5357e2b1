"""Setting keys in their one form, and what is merged and compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.device import ATTRIBUTES, SettingKey, found, merged, read_key
from console.model.station import Setting

NAMES = st.text(min_size=1, max_size=20)
NUMBERS = st.integers(0, 99)
KEYS = st.builds(
    lambda component, instance, place, variable, more, attribute: SettingKey(
        component, variable, instance, *place, more, attribute
    ),
    NAMES,
    st.just("") | NAMES,
    st.just((None, None)) | st.tuples(NUMBERS, st.none() | NUMBERS),
    NAMES,
    st.just("") | NAMES,
    st.sampled_from(ATTRIBUTES),
)


@given(KEYS)
def test_every_key_is_read_back(key: SettingKey) -> None:
    assert read_key(key.text) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("OCPPCommCtrlr/HeartbeatInterval", SettingKey("OCPPCommCtrlr", "HeartbeatInterval")),
        ("EVSE@1/Power:MaxSet", SettingKey("EVSE", "Power", evse_id=1, attribute="MaxSet")),
        ("evse@1/power:maxset", SettingKey("evse", "power", evse_id=1, attribute="MaxSet")),
        ("Connector@1.2/Available", SettingKey("Connector", "Available", evse_id=1, connector_id=2)),
        ("A#one@3/B#two", SettingKey("A", "B", "one", 3, None, "two")),
    ],
)
def test_keys_as_a_person_writes_them(text: str, key: SettingKey) -> None:
    assert read_key(text) == key


@pytest.mark.parametrize("text", ["HeartbeatInterval", "", "/", "A/", "/B", "A/B:Nothing", "A@x/B", "A@1./B", "A/B/C"])
def test_what_is_no_key_of_2x(text: str) -> None:
    assert read_key(text) is None


def test_a_setting_is_found_without_case() -> None:
    held = [Setting("CP-1", "HeartbeatInterval", "1")]
    assert found(held, " heartbeatinterval") is held[0]
    assert found(held, "Heartbeat") is None


def test_an_answer_that_says_less_keeps_what_is_known() -> None:
    known = Setting(
        "CP-1", "A/B", "1", reboot_required=True, data_type="integer", unit="s", max_limit=9.0, persistent=True
    )
    (now,) = merged({"a/b": known}, [Setting("CP-1", "a/b", "2")])
    assert (now.key, now.value, now.unit, now.max_limit, now.reboot_required) == ("A/B", "2", "s", 9.0, True)
    (told,) = merged({"a/b": known}, [Setting("CP-1", "A/B", "2", data_type="string")])
    assert (told.data_type, told.unit, told.reboot_required) == ("string", "", True)


def test_a_key_that_is_gone_awaits_nothing() -> None:
    (now,) = merged({"a": Setting("CP-1", "A", "1", reboot_required=True)}, [Setting("CP-1", "A", unknown=True)])
    assert not now.reboot_required
