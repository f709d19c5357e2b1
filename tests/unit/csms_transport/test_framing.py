"""OCPP-J frames: what is read, what is forgiven, what is refused, and how it is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.csms.error_codes import Meaning, code_for
from console.csms.link.framing import (
    Error,
    Frame,
    Malformed,
    Result,
    ResultError,
    Send,
    encode_call,
    encode_error,
    encode_result,
    parse,
)
from console.csms.ports import Call

VERSIONS = ["1.6", "2.0.1", "2.1"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('[2,"a","Heartbeat",{}]', Call("a", "Heartbeat", {})),
        (' [ 2 , "a" ,\n "Heartbeat" , { } ] ', Call("a", "Heartbeat", {})),
        ('[2,"28240181849166013077","X",{"k":1.5}]', Call("28240181849166013077", "X", {"k": 1.5})),
        ('[2,"a","X",null]', Call("a", "X", None)),
        ('[3,"a",{"status":"Accepted"}]', Result("a", {"status": "Accepted"})),
        ('[4,"a","GenericError","no",{"d":1}]', Error("a", "GenericError", "no", {"d": 1})),
    ],
)
def test_correct_frames_are_read_without_a_problem(version: str, text: str, frame: Frame) -> None:
    assert parse(text, version) == (frame, "")


def test_the_frames_of_2_1() -> None:
    assert parse('[5,"a","GenericError","no",{}]', "2.1") == (ResultError("a", "GenericError", "no", {}), "")
    assert parse('[6,"a","NotifyPeriodicEventStream",{}]', "2.1") == (Send("a", "NotifyPeriodicEventStream", {}), "")


@pytest.mark.parametrize(
    ("text", "frame", "problem"),
    [
        ('[2,17,"Heartbeat",{}]', Call("17", "Heartbeat", {}), "the message id is a number, not a string"),
        ('[2,"","Heartbeat",{}]', Call("", "Heartbeat", {}), "the message id is empty"),
        (f'[2,"{"x" * 37}","A",{{}}]', Call("x" * 37, "A", {}), "the message id has 37 characters, 36 are allowed"),
        ('[2,"a","Heartbeat",{},1]', Call("a", "Heartbeat", {}), "a request of 5 elements, 4 are allowed"),
        ('[2,"a","X",{"k":"q\0r"}]', Call("a", "X", {"k": "qr"}), "control characters in the JSON"),
        ('[2,"a","X",{"k":"q\nr"}]', Call("a", "X", {"k": "q\nr"}), "control characters in the JSON"),
        ('\ufeff[2,"a","X",{}]', Call("a", "X", {}), "control characters in the JSON"),
        ('[3,"a"]', Result("a", {}), "an answer of 2 elements, 3 are needed"),
        ('[3,"a",{},{}]', Result("a", {}), "an answer of 4 elements, 3 are needed"),
        ('[4,"a","GenericError"]', Error("a", "GenericError", "", {}), "an error of 3 elements, 5 are needed"),
        ('[4,"a"]', Error("a", "", "", {}), "an error of 2 elements, 5 are needed"),
    ],
)
def test_small_mistakes_are_forgiven_and_named(text: str, frame: Frame, problem: str) -> None:
    assert parse(text, "1.6") == (frame, problem)


@pytest.mark.parametrize(
    ("text", "reason", "message_id"),
    [
        ("", "no JSON: Expecting value at character 0", "-1"),
        ("hello", "no JSON: Expecting value at character 0", "-1"),
        ("{}", "no JSON array", "-1"),
        ("null", "no JSON array", "-1"),
        ("[]", "an empty array", "-1"),
        ('["2","a","X",{}]', "the message type is no integer", "-1"),
        ('[true,"a","X",{}]', "the message type is no integer", "-1"),
        ('[2.0,"a",{},{}]', "the message type is no integer", "-1"),
        ("[2]", "the message id is unreadable", "-1"),
        ('[2,null,"X",{}]', "the message id is unreadable", "-1"),
        ('[2,{},"X",{}]', "the message id is unreadable", "-1"),
        (f'[2,"{"x" * 256}","X",{{}}]', "the message id is unreadable", "-1"),
        ('[2,"a"]', "a request of 2 elements, 4 are needed", "a"),
        ('[2,"a","Heartbeat"]', "a request of 3 elements, 4 are needed", "a"),
        ('[2,"1",{},{}]', "the action is no string", "1"),
        ('[2,"1",[],{}]', "the action is no string", "1"),
    ],
)
def test_frames_of_the_wrong_shape_are_refused_with_their_id(text: str, reason: str, message_id: str) -> None:
    frame, problem = parse(text, "1.6")
    assert isinstance(frame, Malformed)
    assert (frame.reason, frame.message_id, frame.answer_with) == (reason, message_id, Meaning.RPC_FRAMEWORK_ERROR)
    assert problem == reason


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('{"transactionId":,"x":1}', "no JSON: Expecting value at character 35"),
        ('{"value":NaN}', "no JSON: NaN is no JSON number"),
        ('{"value":-Infinity}', "no JSON: -Infinity is no JSON number"),
        ('{"value":1e400}', "no JSON: a number that is too large"),
        ('{"value":' + "1" * 5000 + "}", "no JSON: Exceeds the limit (4300 digits) for integer string conversion"),
        ('{"value":"\\ud800"}', "a string with half a surrogate pair"),
        ("[" * 100_000, "nested too deeply"),
        ('{"value":1', "no JSON: Expecting ',' delimiter at character 28"),
    ],
)
def test_the_id_of_a_frame_that_is_no_json_is_salvaged(broken: str, reason: str) -> None:
    frame, problem = parse(f'[2,"cafe","X",{broken}]' if broken.endswith("}") else f'[2,"cafe","X",{broken}', "1.6")
    assert frame == Malformed(problem, "cafe", Meaning.FORMAT_VIOLATION)
    assert problem.partition(" at ")[0] == reason.partition(" at ")[0]


def test_a_broken_answer_is_not_answered_but_tells_whose_it_was() -> None:
    frame, _ = parse('[3,"a",{"status":}]', "1.6")
    assert isinstance(frame, Malformed)
    assert (frame.message_id, frame.answer_with, frame.answers) == ("a", None, True)


@pytest.mark.parametrize(
    ("version", "meaning"), [("1.6", None), ("2.0.1", Meaning.MESSAGE_TYPE_NOT_SUPPORTED), ("2.1", None)]
)
@pytest.mark.parametrize("kind", [1, 7, -5, 10**30])
def test_an_unknown_message_type_is_ignored_except_in_2_0_1(version: str, meaning: Meaning | None, kind: int) -> None:
    frame, _ = parse(f'[{kind},"6OUou","StartTransaction",{{}}]', version)
    assert isinstance(frame, Malformed)
    assert (frame.message_id, frame.answer_with) == ("6OUou", meaning)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize("kind", [5, 6])
def test_the_types_of_2_1_are_unknown_before(version: str, kind: int) -> None:
    assert isinstance(parse(f'[{kind},"a","X",{{}}]', version)[0], Malformed)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.one_of(st.text(), _json.map(json.dumps), st.lists(_json, max_size=6).map(json.dumps)), st.sampled_from(VERSIONS)
)
def test_nothing_that_arrives_raises(text: str, version: str) -> None:
    frame, problem = parse(text, version)
    if isinstance(frame, Malformed):
        assert problem
        assert len(problem) < 100


@given(
    st.sampled_from([2, 3, 4]),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=36),
    st.dictionaries(st.text(max_size=3), st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5), max_size=3),
)
def test_what_is_written_is_read_again(kind: int, message_id: str, payload: dict[str, Any]) -> None:
    written: dict[int, tuple[bytes, Frame]] = {
        2: (encode_call(message_id, "Reset", payload), Call(message_id, "Reset", payload)),
        3: (encode_result(message_id, payload), Result(message_id, payload)),
        4: (encode_error(message_id, "GenericError", "why"), Error(message_id, "GenericError", "why", {})),
    }
    data, frame = written[kind]
    assert parse(data.decode(), "1.6") == (frame, "")


def test_a_description_is_cut_to_255_characters_without_control_characters() -> None:
    frame = json.loads(encode_error("a", "GenericError", "\x1b[31m" + "x" * 300))
    assert len(frame[3]) == 255
    assert frame[3].isprintable()


def test_codes_are_spelled_as_the_version_spells_them() -> None:
    assert code_for("1.6", Meaning.FORMAT_VIOLATION) == "FormationViolation"
    assert code_for("2.0.1", Meaning.FORMAT_VIOLATION) == "FormatViolation"
    assert code_for("1.6", Meaning.OCCURRENCE_CONSTRAINT_VIOLATION) == "OccurenceConstraintViolation"
    assert code_for("2.1", Meaning.OCCURRENCE_CONSTRAINT_VIOLATION) == "OccurrenceConstraintViolation"
    assert code_for("2.0.1", Meaning.RPC_FRAMEWORK_ERROR) == "RpcFrameworkError"


def test_every_code_of_1_6_is_one_of_its_ten() -> None:
    ten = {
        "NotImplemented", "NotSupported", "InternalError", "ProtocolError", "SecurityError", "FormationViolation",
        "PropertyConstraintViolation", "OccurenceConstraintViolation", "TypeConstraintViolation", "GenericError",
    }  # fmt: skip
    assert {code_for("1.6", meaning) for meaning in Meaning} == ten
