"""What a person types into a field, in words or as JSON, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from console.actions import edits
from console.actions.draft import Raw, blank, from_payload, to_payload
from console.actions.fields import Field, Kind, fields_of
from console.actions.paths import path_text, read_path
from console.actions.secrets import HIDDEN, without_secrets
from console.actions.texts import Reading, WrongError, to_text, to_value
from console.actions.words import read_words
from console.errors import ConsoleError
from tests.unit.actions.test_forms import READING

replace = READING._replace


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        (Field("a", Kind.INTEGER), " 12 ", 12),
        (Field("a", Kind.NUMBER, multiple_of=0.1), "6.3", 6.3),
        (Field("a", Kind.NUMBER), "16", 16),
        (Field("a", Kind.BOOLEAN), "Yes", True),
        (Field("a", Kind.BOOLEAN), "false", False),
        (Field("a", Kind.CHOICE, choices=("Soft", "Hard")), "soft", "Soft"),
        (Field("a", Kind.TIME), "+2h", "2026-11-21T15:02:11Z"),
        (Field("a", Kind.TIME), "22:00", "2026-11-21T21:00:00Z"),
        (Field("a", Kind.TIME), "2026-11-21T14:00:00.5+02:00", "2026-11-21T12:00:00.500Z"),
        (Field("a", Kind.TEXT), " ABB ", "ABB"),
        (Field("a", Kind.TEXT), '""', ""),
        (Field("a", Kind.TEXT), r'"a\nb"', "a\nb"),
        (Field("a", Kind.TEXT), "@root.pem", "<root.pem>"),
        (Field("a", Kind.ANY), "5", 5),
        (Field("a", Kind.ANY), '{"x": null}', {"x": None}),
        (Field("a", Kind.ANY), "free text", "free text"),
    ],
)
def test_what_is_typed_is_understood(field: Field, typed: str, value: Any) -> None:
    assert to_value(field, typed, replace(file=lambda name: f"<{name}>")) == value


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (Field("a", Kind.INTEGER), "6.5", "is no whole number: write for example 1"),
        (Field("a", Kind.INTEGER, minimum=0, maximum=9), "-1", "is less than 0"),
        (Field("a", Kind.INTEGER, minimum=0, maximum=9), "10", "is more than 9"),
        (Field("a", Kind.NUMBER), "6,5", "is no number: write for example 6.5"),
        (Field("a", Kind.NUMBER), "nan", "is no number that can be sent"),
        (Field("a", Kind.NUMBER, multiple_of=0.1), "6.35", "is no multiple of 0.1"),
        (Field("a", Kind.BOOLEAN), "perhaps", "is none of true, false"),
        (Field("a", Kind.CHOICE, choices=("Soft", "Hard")), "Warm", "is none of Soft, Hard"),
        (Field("a", Kind.TIME), "soon", "is not a time. Write for example 2026-12-31"),
        (Field("a", Kind.TIME), "never", "is never: leave the field empty"),
        (Field("a", Kind.TEXT, max_length=3), "four", "is 4 characters long; 3 is the most"),
        (Field("a", Kind.TEXT), '"open', "begins with a quote, but is no text in quotes"),
        (Field("a", Kind.TEXT), "@gone.pem", "gone.pem is gone"),
    ],
)
def test_what_cannot_stand_in_a_field_is_told_with_what_can(field: Field, typed: str, said: str) -> None:
    def gone(name: str) -> str:
        raise ConsoleError(f"{name} is gone")

    with pytest.raises(WrongError, match=said):
        to_value(field, typed, replace(file=gone))


def test_texts_that_would_be_misread_are_shown_in_quotes() -> None:
    field = Field("a", Kind.TEXT)
    assert [to_text(field, text) for text in ("", " a", "@x", '"', "a\nb")] == [
        '""',
        '" a"',
        '"@x"',
        '"\\""',
        '"a\\nb"',
    ]
    assert to_text(Field("a", Kind.ANY), "5") == '"5"'
    assert to_text(Field("a", Kind.INTEGER), "5") is None


SET_VARIABLES = fields_of("2.0.1", "SetVariables")


def test_words_fill_nested_fields_and_mind_no_capitals() -> None:
    words = ["setvariabledata[0].component.name=EVSE", "setVariableData[0].component.evse.id=1"]
    words += ["setVariableData[0].variable.name=Power", "setVariableData[0].attributeValue=11"]
    words.append('setVariableData[1]={"attributeValue":"","component":{"name":"A"},"variable":{"name":"B"}}')
    filled = read_words(SET_VARIABLES, words, READING)
    assert filled.problems == {}
    assert filled.payload == {
        "setVariableData": [
            {"attributeValue": "11", "component": {"evse": {"id": 1}, "name": "EVSE"}, "variable": {"name": "Power"}},
            {"attributeValue": "", "component": {"name": "A"}, "variable": {"name": "B"}},
        ]
    }


def test_words_change_what_they_name_and_nothing_else() -> None:
    form = fields_of("1.6", "RemoteStartTransaction")
    base = {"idTag": "A", "connectorId": 1}
    assert read_words(form, ["connectorId=2"], READING, base).payload == {"idTag": "A", "connectorId": 2}
    assert read_words(form, ["connectorId="], READING, base).payload == {"idTag": "A"}
    assert read_words(form, ['{"idTag":"B"}', "connectorId=3"], READING).payload == {"idTag": "B", "connectorId": 3}


@pytest.mark.parametrize(
    ("word", "said", "hint"),
    [
        ("Soft", "Soft sets no field.", "type=Soft"),
        ("setVariable=1", "SetVariables has no field setVariable.", "Did you mean setVariableData?"),
        ("setVariableData[0].x=1", "setVariableData[0] has no field x.", "It has attributeType, attributeValue"),
        ("setVariableData.component=1", "setVariableData is a list.", "setVariableData[0].component=…"),
        ("setVariableData[0].component[1]=1", "setVariableData[0].component is no list.", ""),
        ("setVariableData[2].attributeValue=1", "setVariableData[2] comes before setVariableData[1].", ""),
        (
            "setVariableData[0].component=EVSE",
            "is not one value: it is an object.",
            "setVariableData[0].component.evse=…",
        ),
        ("setVariableData=EVSE", "is not one value: it is a list.", "setVariableData[0].attributeType=…"),
        ("a..b=1", "a..b is no field.", "Write fields like this"),
        ("{", "This is not JSON", "single quotes"),
        ("[]", "A request is a JSON object.", "single quotes"),
    ],
)
def test_words_that_mean_nothing_are_refused_with_what_would(word: str, said: str, hint: str) -> None:
    with pytest.raises(ConsoleError) as caught:
        read_words(SET_VARIABLES, [word], READING)
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_every_problem_is_told_with_its_place() -> None:
    draft = from_payload(SET_VARIABLES, {"setVariableData": [{"component": {"name": "x" * 51}, "variable": 5}], "y": 1})
    problems = {path_text(path): text for path, text in to_payload(SET_VARIABLES, draft, READING).problems.items()}
    assert problems == {
        "setVariableData[0].attributeValue": "must be filled in",
        "setVariableData[0].component.name": "is 51 characters long; 50 is the most",
        "setVariableData[0].variable": "is JSON, but no object",
        "y": "is no field of this",
    }


def test_custom_data_is_carried_along() -> None:
    payload = {"type": "OnIdle", "customData": {"vendorId": "com.example", "why": [1]}}
    form = fields_of("2.0.1", "Reset")
    draft = from_payload(form, payload)
    assert draft["customData"] == Raw(payload["customData"])
    assert to_payload(form, draft, READING).payload == payload


def test_objects_and_items_are_added_and_removed() -> None:
    form = fields_of("2.0.1", "GetReport")
    draft = blank(form)
    assert draft["componentVariable"] is None
    draft, path = edits.add(form, draft, ("componentVariable",))
    assert path_text(path) == "componentVariable[0]"
    draft, path = edits.add(form, draft, ("componentVariable",))
    assert path_text(path) == "componentVariable[1]"
    draft, path = edits.add(form, draft, (*path, "component", "evse"))
    assert path_text(path) == "componentVariable[1].component.evse"
    assert edits.can_add(form, draft, path) == "componentVariable[1].component.evse is there already"
    assert edits.can_remove(form, draft, (*path[:-1],)) == "componentVariable[1].component is required"
    draft = edits.remove(form, draft, path)
    assert edits.at(draft, path) is None
    draft = edits.remove(form, draft, ("componentVariable", 0))
    draft = edits.remove(form, draft, ("componentVariable", 0))
    assert draft["componentVariable"] is None


def test_a_list_keeps_its_bounds() -> None:
    form = fields_of("2.0.1", "SetVariables")
    assert edits.can_remove(form, blank(form), ("setVariableData", 0)) == "setVariableData must have 1 or more"
    criteria = fields_of("2.0.1", "GetMonitoringReport")
    draft = blank(criteria)
    for _ in range(3):
        draft, _path = edits.add(criteria, draft, ("monitoringCriteria",))
    assert edits.can_add(criteria, draft, ("monitoringCriteria",)) == "monitoringCriteria has 3 at most"


@pytest.mark.parametrize("text", ["type", "evse.id", "key[0]", "a[0].b[12].c"])
def test_a_path_reads_as_it_is_written(text: str) -> None:
    assert path_text(read_path(text)) == text


@pytest.mark.parametrize(
    ("payload", "kept"),
    [
        ({"key": "AuthorizationKey", "value": "s3cret"}, {"key": "AuthorizationKey"}),
        ({"key": "HeartbeatInterval", "value": "5"}, {"key": "HeartbeatInterval", "value": "5"}),
        (
            {"setVariableData": [{"variable": {"name": "BasicAuthPassword"}, "attributeValue": "s3cret"}]},
            {"setVariableData": [{"variable": {"name": "BasicAuthPassword"}}]},
        ),
        (
            {"vpn": {"server": "s", "user": "u", "key": "s3cret", "password": "s3cret"}},
            {"vpn": {"server": "s", "user": "u"}},
        ),
        ({"apn": {"simPin": 1234, "apnPassword": "s3cret"}}, {"apn": {}}),
        ({"location": "ftp://u:s3cret@host/x"}, {"location": "ftp://host/x"}),
        ({"idToken": {"idToken": "1234", "type": "KeyCode"}}, {"idToken": {"type": "KeyCode"}}),
    ],
)
def test_secrets_are_never_kept_nor_shown(payload: dict[str, Any], kept: dict[str, Any]) -> None:
    assert without_secrets(payload) == kept
    assert "s3cret" not in str(without_secrets(payload, HIDDEN))
    assert (HIDDEN in str(without_secrets(payload, HIDDEN))) == (payload != kept)


def test_what_a_field_is_for_is_said_without_markup() -> None:
    message = fields_of("2.0.1", "SetDisplayMessage").named("message")
    assert message is not None
    content = message.named("message")
    assert content is not None
    language = content.named("language")
    assert language is not None
    assert language.help == "Message language identifier. Contains a language code as defined in RFC5646."
    password = next(each for each in fields_of("2.0.1", "SetNetworkProfile").fields if each.name == "connectionData")
    vpn = password.named("vpn")
    assert vpn is not None
    assert {each.name for each in vpn.fields if each.secret} == {"password", "key"}


def test_every_field_of_1_6_has_a_line_of_help() -> None:
    def silent(field: Field) -> list[str]:
        below = [name for member in (*field.fields, *([field.item] if field.item else [])) for name in silent(member)]
        return below if field.help else [field.name, *below]

    for action in ("RemoteStartTransaction", "SendLocalList", "GetLog", "SignedUpdateFirmware", "DeleteCertificate"):
        assert silent(fields_of("1.6", action)) == [action]


def test_reading_files_is_nobody_elses_business() -> None:
    assert to_value(Field("a", Kind.TEXT), "@x", Reading(READING.now)) == "@x"
