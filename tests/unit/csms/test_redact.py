"""Secrets do not reach the record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.csms.redact import HIDDEN, SECRET_ACTIONS, is_secret_key, redact, redact_payload

SECRET = "7077313233343536"


def redacted(frame: Any, action: str, *, is_answer: bool = False) -> str:
    """A frame's text, redacted."""
    return redact("1.6", action, json.dumps(frame), is_answer)


FRAMES = [
    ("ChangeConfiguration", [2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": SECRET}]),
    ("ChangeConfiguration", [2, "1", "ChangeConfiguration", {"value": SECRET, "key": "authorizationKEY"}]),
    (
        "GetConfiguration",
        [3, "1", {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": SECRET}]}],
    ),
    ("GetConfiguration", [3, "1", {"configurationKey": [{"key": "Acme_WifiPassword", "value": SECRET}]}]),
    (
        "ChangeConfiguration",
        [4, "1", "InternalError", json.dumps({"key": "AuthorizationKey", "value": SECRET}, indent=2), {}],
    ),
    ("ChangeConfiguration", [4, "1", "InternalError", "", {"key": "AuthorizationKey", "value": SECRET}]),
    ("UpdateFirmware", [2, "1", "UpdateFirmware", {"location": f"ftp://acme:{SECRET}@files.example/fw.bin"}]),
    ("GetDiagnostics", [2, "1", "GetDiagnostics", {"location": f"https://{SECRET}@files.example/"}]),
    ("GetLog", [2, "1", "GetLog", {"log": {"remoteLocation": f"ftp://acme:p@{SECRET}@files.example/"}}]),
    ("PublishFirmware", [2, "1", "PublishFirmware", {"location": f"https://u:{SECRET}@files.example/fw"}]),
    (
        "PublishFirmwareStatusNotification",
        [2, "1", "PublishFirmwareStatusNotification", {"location": [f"https://u:{SECRET}@lan/fw"]}],
    ),
    (
        "NotifyEvent",
        [2, "1", "NotifyEvent", {"eventData": [{"variable": {"name": "BasicAuthPassword"}, "actualValue": SECRET}]}],
    ),
    (
        "DataTransfer",
        [2, "1", "DataTransfer", {"vendorId": "Acme", "data": json.dumps({"wifi_password": SECRET})}],
    ),
]


@pytest.mark.parametrize(("action", "frame"), FRAMES)
def test_a_secret_is_hidden_and_the_rest_stays(action: str, frame: Any) -> None:
    text = redacted(frame, action)
    assert action in SECRET_ACTIONS
    assert SECRET not in text
    assert HIDDEN in text
    assert json.loads(text)[:2] == frame[:2]
    assert redact("1.6", action, text, False) == text


def test_an_escaped_name_hides_nothing_from_us() -> None:
    text = json.dumps([2, "1", "ChangeConfiguration", {"key": "@", "value": SECRET}]).replace(
        "@", "Authorization\\u004bey"
    )
    assert SECRET not in redact("1.6", "ChangeConfiguration", text, False)


@pytest.mark.parametrize(
    "text",
    [
        f'[3,"1",{{"configurationKey":[{{"key":"AuthorizationKey","value":"{SECRET}"',
        f'[3,"1",{{"configurationKey":[{{"value":"{SECRET}","key":"AuthorizationKey"}}]}}]]',
        f'[2,"1","UpdateFirmware",{{"location":"ftp://u:{SECRET}@h/"',
        rf'[2,"1","UpdateFirmware",{{"location":"http:\/\/u:{SECRET}@h\/x"',
        rf'[2,"1","UpdateFirmware",{{"location":"http:\u002F\u002fu:{SECRET}\u0040h/x"',
        rf'[2,"1","UpdateFirmware",{{"location":"ftp://u:\"x\\{SECRET}@h/"',
    ],
)
def test_a_broken_frame_loses_its_texts(text: str) -> None:
    assert SECRET not in redact("1.6", "", text, True)


def test_frames_without_secrets_stay_as_they_are_to_the_letter() -> None:
    text = (
        '[3, "1",  {"configurationKey": [{"key":"HeartbeatInterval","value":"10"}],"unknownKey":["AuthorizationKey"]}]'
    )
    assert redact("1.6", "GetConfiguration", text, True) == text


def test_nesting_beyond_reason_is_no_trouble() -> None:
    redact("1.6", "", "[" * 100_000, True)
    redact("1.6", "", '{"a":' * 900 + "1" + "}" * 900, True)


def test_payloads_lose_their_secrets_too() -> None:
    payload = {"configurationKey": [{"key": "AuthorizationKey", "value": SECRET}, {"key": "A", "value": "1"}]}
    assert redact_payload(payload) == {
        "configurationKey": [{"key": "AuthorizationKey", "value": HIDDEN}, {"key": "A", "value": "1"}]
    }


def test_a_network_profile_loses_its_keys_and_pins() -> None:
    vpn = {"server": "s", "user": "u", "password": SECRET, "key": SECRET, "type": "IKEv2"}
    apn = {"apn": "internet", "simPin": 4711, "apnPassword": SECRET}
    text = json.dumps([2, "1", "SetNetworkProfile", {"connectionData": {"vpn": vpn, "apn": apn}}])
    shown = redact("2.0.1", "SetNetworkProfile", text, False)
    assert SECRET not in shown
    assert "4711" not in shown
    assert '"user":"u"' in shown


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("AuthorizationKey", True),
        ("Cst_AuthorizationKey", True),
        ("BasicAuthPassword", True),
        ("Acme_API_Key", True),
        ("AuthorizationCacheEnabled", False),
        ("AuthorizeRemoteTxRequests", False),
        ("WebSocketPingInterval", False),
    ],
)
def test_which_keys_are_secrets(key: str, secret: bool) -> None:
    assert is_secret_key(key) is secret
