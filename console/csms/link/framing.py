"""OCPP-J frames: JSON text to what was meant, and back (1.6-J section 4, 2.0.1 and 2.1 Part 4 section 4). Pure."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

import msgspec

from console.csms.error_codes import Meaning
from console.csms.ports import Call, Payload
from console.csms.quick_payloads import MeterValues
from console.model.text import plain

UNREADABLE_ID = "-1"
MAX_ID_LENGTH = 36
MAX_DESCRIPTION_LENGTH = 255

#: What goes as SEND (2.1).
SENT = frozenset({"NotifyPeriodicEventStream"})

# An id this long is no slip any more, and an answer would have to repeat it.
_LONGEST_ECHOED_ID = 255


class Result(msgspec.Struct, frozen=True):
    """A CALLRESULT."""

    message_id: str
    payload: Any


class Error(msgspec.Struct, frozen=True):
    """A CALLERROR."""

    message_id: str
    code: str
    description: str
    details: Any


class ResultError(msgspec.Struct, frozen=True):
    """A CALLRESULTERROR (2.1): our CALLRESULT was bad."""

    message_id: str
    code: str
    description: str
    details: Any


class Send(msgspec.Struct, frozen=True):
    """A SEND (2.1): never answered."""

    message_id: str
    action: str
    payload: Any


class Malformed(msgspec.Struct, frozen=True):
    """A frame that cannot be carried out.

    ``message_id`` is "-1" where none could be read. ``answer_with`` is what a CALLERROR to it would say (None: it is
    to be ignored, or is itself an answer). ``answers`` is true if it seems to be the answer to a request of ours.
    """

    reason: str
    message_id: str = UNREADABLE_ID
    answer_with: Meaning | None = None
    answers: bool = False


Frame = Call | Result | Error | ResultError | Send | Malformed


class _MeterValuesCall(msgspec.Struct, array_like=True, forbid_unknown_fields=True, gc=False):
    kind: int
    message_id: str
    action: str
    payload: MeterValues


#: Where to look for the action of a CALL, and from what length on it is worth while.
_METER_VALUES = '"MeterValues",'
_HEAD, _LONG = 80, 160

_decode_meter_values = msgspec.json.Decoder(_MeterValuesCall).decode
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def parse(text: str, version: str) -> tuple[Frame, str]:
    """Read one frame; return it with what is wrong with it ("" if nothing is). Never raises."""
    if len(text) > _LONG and version == "1.6" and _METER_VALUES in text[:_HEAD]:
        quick = _read_meter_values(text)
        if quick is not None:
            return quick, ""
    try:
        frame = _decode(text)
    except (ValueError, RecursionError):
        return _read_tolerantly(text, version)
    if type(frame) is list and len(frame) == 4 and frame[0] == 2:
        _, message_id, action, payload = frame
        if type(message_id) is str and type(action) is str and 0 < len(message_id) <= MAX_ID_LENGTH:
            return Call(message_id, action, payload), ""
    return _classify(frame, version, "")


def _read_meter_values(text: str) -> Call | None:
    """Read a whole CALL with meter values at once, which are most of what stations send; None if it is not quite that.

    The payload then has its type, which says that it keeps its schema.
    """
    try:
        frame = _decode_meter_values(text)
    except (ValueError, RecursionError):
        return None
    if frame.kind != 2 or frame.action != "MeterValues" or not 0 < len(frame.message_id) <= MAX_ID_LENGTH:
        return None
    return Call(frame.message_id, frame.action, frame.payload)


def encode_call(message_id: str, action: str, payload: Payload) -> bytes:
    """Write a CALL."""
    return _encode((2, message_id, action, payload))


def encode_result(message_id: str, payload: Payload) -> bytes:
    """Write a CALLRESULT."""
    return _encode((3, message_id, payload))


def encode_error(message_id: str, code: str, description: str) -> bytes:
    """Write a CALLERROR. The description is cut to the 255 characters that the standard allows."""
    return _encode((4, message_id, code, plain(description)[:MAX_DESCRIPTION_LENGTH], {}))


def encode_result_error(message_id: str, code: str, description: str) -> bytes:
    """Write a CALLRESULTERROR (2.1)."""
    return _encode((5, message_id, code, plain(description)[:MAX_DESCRIPTION_LENGTH], {}))


def _read_tolerantly(text: str, version: str) -> tuple[Frame, str]:
    """Read what the strict parser refused: control characters inside strings (Wallbe Pro sends NUL) are forgiven."""
    try:
        frame = json.loads(
            text.replace("\0", "").lstrip("\ufeff"),
            strict=False,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        json.dumps(frame, ensure_ascii=False).encode()
    except RecursionError:
        return _salvage(text, "nested too deeply")
    except UnicodeEncodeError:
        return _salvage(text, "a string with half a surrogate pair")
    except json.JSONDecodeError as error:
        return _salvage(text, f"no JSON: {error.msg} at character {error.pos}")
    except ValueError as error:
        return _salvage(text, f"no JSON: {_first_words(error)}")
    return _classify(frame, version, "control characters in the JSON")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number that is too large")
    return number


def _first_words(error: ValueError) -> str:
    # Python's own message about long integers goes on to advise sys.set_int_max_str_digits.
    return str(error).partition(";")[0].partition(":")[0]


_BEGINNING = re.compile(r'\s*\[\s*(\d{1,3})\s*,\s*"([^"\\\x00-\x1f]{1,36})"')


def _salvage(text: str, reason: str) -> tuple[Frame, str]:
    """Find out whom to answer, from the beginning of a frame that is no JSON."""
    beginning = _BEGINNING.match(text)
    if beginning is None:
        return Malformed(reason, answer_with=Meaning.RPC_FRAMEWORK_ERROR), reason
    kind, message_id = beginning.groups()
    if kind == "2":
        return Malformed(reason, message_id, Meaning.FORMAT_VIOLATION), reason
    return Malformed(reason, message_id, answers=kind in ("3", "4")), reason


def _classify(frame: Any, version: str, problem: str) -> tuple[Frame, str]:
    """Tell by its shape what a JSON value is, in the words of the version."""
    if not isinstance(frame, list) or not frame:
        return _malformed("no JSON array" if frame != [] else "an empty array", UNREADABLE_ID)
    kind = frame[0]
    if type(kind) is not int:
        return _malformed("the message type is no integer", UNREADABLE_ID)
    known = (2, 3, 4, 5, 6) if version == "2.1" else (2, 3, 4)
    message_id, id_problem = _read_id(frame)
    if kind not in known:
        # 1.6-J 4.1.3 and 2.1 Part 4 4.1.3: ignore. 2.0.1 has a code for it (4.3).
        meaning = Meaning.MESSAGE_TYPE_NOT_SUPPORTED if version == "2.0.1" else None
        reason = f"message type {kind if abs(kind) < 1000 else 'out of range'} is unknown in OCPP {version}"
        return Malformed(reason, message_id, meaning), reason
    problem = problem or id_problem
    if kind in (2, 6):
        return _classify_request(frame, message_id, problem)
    return _classify_answer(frame, message_id, problem)


def _read_id(frame: list[Any]) -> tuple[str, str]:
    """Return the message id, "-1" if there is none to repeat, and what is wrong with it."""
    message_id = frame[1] if len(frame) > 1 else None
    if type(message_id) is int:
        return str(message_id)[:_LONGEST_ECHOED_ID], "the message id is a number, not a string"
    if not isinstance(message_id, str) or len(message_id) > _LONGEST_ECHOED_ID:
        return UNREADABLE_ID, "the message id is unreadable"
    if len(message_id) > MAX_ID_LENGTH:
        return message_id, f"the message id has {len(message_id)} characters, {MAX_ID_LENGTH} are allowed"
    return message_id, "" if message_id else "the message id is empty"


def _classify_request(frame: list[Any], message_id: str, problem: str) -> tuple[Frame, str]:
    sent = frame[0] == 6
    if message_id == UNREADABLE_ID and frame[1:2] != [UNREADABLE_ID]:
        return _malformed("the message id is unreadable", UNREADABLE_ID, answered=not sent)
    if len(frame) < 4:
        return _malformed(f"a request of {len(frame)} elements, 4 are needed", message_id, answered=not sent)
    action = frame[2]
    if not isinstance(action, str):
        return _malformed("the action is no string", message_id, answered=not sent)
    if len(frame) > 4:
        problem = problem or f"a request of {len(frame)} elements, 4 are allowed"
    request = Send(message_id, action, frame[3]) if sent else Call(message_id, action, frame[3])
    return request, problem


def _classify_answer(frame: list[Any], message_id: str, problem: str) -> tuple[Frame, str]:
    kind = frame[0]
    if kind == 3:
        if len(frame) != 3:
            problem = problem or f"an answer of {len(frame)} elements, 3 are needed"
        return Result(message_id, frame[2] if len(frame) > 2 else {}), problem
    if len(frame) != 5:
        problem = problem or f"an error of {len(frame)} elements, 5 are needed"
    code, description = ([*frame[2:4], "", ""])[:2]
    error = Error if kind == 4 else ResultError
    return error(message_id, _word(code), _word(description), frame[4] if len(frame) > 4 else {}), problem


def _word(value: Any) -> str:
    return plain(value) if isinstance(value, str) else ""


def _malformed(reason: str, message_id: str, *, answered: bool = True) -> tuple[Frame, str]:
    return Malformed(reason, message_id, Meaning.RPC_FRAMEWORK_ERROR if answered else None), reason
