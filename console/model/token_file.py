"""Tags from a file: CSV as a spreadsheet saves it, or JSON. The one reader for the tags screen and ``tag import``.

Use ``parse(text, now)`` and run one ``PutToken`` for each token that comes back.

CSV: columns id_token, type, group, expires, label, blocked, places, in this order, or in any order under a header
line; separated by comma, semicolon, tab or bar. JSON: a list of objects with the same names, or what ``tags --json``
prints.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from console.errors import ConsoleError
from console.model.text import plain
from console.model.token import Token
from console.model.when import parse_when

#: The token types of OCPP 2.x (2.0.1 IdTokenEnumType and 2.1's additions); 1.6 knows none.
TOKEN_TYPES = (
    "ISO14443", "ISO15693", "KeyCode", "Local", "Central", "eMAID", "MacAddress", "NoAuthorization",
    "DirectPayment", "EVCCID", "VIN",
)  # fmt: skip
#: The longest identifier of OCPP 2.0.1 (1.6 takes 20 characters, which is checked where one is sent).
LONGEST = 36

COLUMNS = ("id_token", "type", "group", "expires", "label", "blocked", "places")
_ALIASES = {
    "idtoken": "id_token", "idtag": "id_token", "tag": "id_token", "token": "id_token", "uid": "id_token",
    "rfid": "id_token", "card": "id_token", "tokentype": "type", "idtokentype": "type", "groupid": "group",
    "groupidtoken": "group", "parentidtag": "group", "expiresat": "expires", "expiry": "expires",
    "expirydate": "expires", "expire": "expires", "validuntil": "expires", "name": "label", "note": "label",
    "description": "label",
} | {name: name for name in COLUMNS}  # fmt: skip
_YES = frozenset({"yes", "y", "true", "1", "x", "blocked"})
_NO = frozenset({"", "no", "n", "false", "0"})
_SHOWN = 5
_NOTHING = "Nothing was imported."

Record = dict[str, str]


def parse(text: str, now: datetime, tz: tzinfo | None = None) -> list[Token]:
    """Read all tokens of a file. Raises ConsoleError that names the line of each mistake; then nothing is imported.

    ``now`` and ``tz`` are for expiries, which may be written as people write them (see ``when.parse_when``).
    """
    text = text.removeprefix("\ufeff")
    records = _json_records(text) if text.lstrip()[:1] in ("[", "{") else _csv_records(text)
    tokens: list[Token] = []
    lines: dict[str, int] = {}
    mistakes: list[str] = []
    for line, record in records:
        try:
            token = make_token(record, now, tz)
            if token.key in lines:
                raise ConsoleError(f"{token.id_token} stands on line {lines[token.key]} already")
            lines[token.key] = line
            tokens.append(token)
        except ConsoleError as error:
            mistakes.append(f"line {line}: {error.message.rstrip('.')}.")
    if mistakes:
        more = f" And {len(mistakes) - _SHOWN} more." if len(mistakes) > _SHOWN else ""
        raise ConsoleError(" ".join(mistakes[:_SHOWN]) + more, f"{_NOTHING} Columns are {', '.join(COLUMNS)}.")
    if not tokens:
        raise ConsoleError("There are no tags in the file.", f"Columns are {', '.join(COLUMNS)}.")
    return tokens


def make_token(record: Record, now: datetime, tz: tzinfo | None = None) -> Token:
    """Check what was written for one token, and make it. Names as in ``COLUMNS``; raises ConsoleError."""
    return Token(
        id_token=check_id(record.get("id_token", "")),
        token_type=_type(record.get("type", "").strip()),
        blocked=_blocked(record.get("blocked", "").strip()),
        group_id=check_id(record["group"], "group") if record.get("group", "").strip() else "",
        expires_at=_expires(record.get("expires", "").strip(), now, tz),
        label=plain(record.get("label", "").strip()),
        places=places_of(record.get("places", "")),
    )


def check_id(text: str, what: str = "tag") -> str:
    """Check an identifier and return it without white space around it. Raises ConsoleError."""
    text = text.strip()
    if not text:
        raise ConsoleError(f"The {what} is empty.", "Write the identifier that the reader sends, such as 04A2C19B.")
    if re.fullmatch(r"\d(?:[.,]\d+)?E\+\d+", text):
        raise ConsoleError(
            f"{text} was a {what} before a spreadsheet made it a number.", "Format that column as text and save again."
        )
    if len(text) > LONGEST:
        raise ConsoleError(f"The {what} {plain(text[:LONGEST])}… is longer than {LONGEST} characters.", "")
    if plain(text) != text:
        raise ConsoleError(f"The {what} {plain(text)} holds control characters.", "")
    return text


def places_of(text: str) -> tuple[str, ...]:
    """Where a token may charge, as people write it: ``CP-01, CP-02/2``; nothing is everywhere."""
    return tuple(filter(None, (plain(place).strip() for place in text.split(","))))


def _type(text: str) -> str:
    for known in TOKEN_TYPES:
        if text.casefold() == known.casefold():
            return known
    if text:
        raise ConsoleError(f"{plain(text)} is no token type.", f"Types are {', '.join(TOKEN_TYPES)}.")
    return TOKEN_TYPES[0]


def _blocked(text: str) -> bool:
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ConsoleError(f'blocked is yes or no, not "{plain(text)}"')


def _expires(text: str, now: datetime, tz: tzinfo | None) -> datetime | None:
    return parse_when(text, now, tz, end_of_day=True) if text else None


def _csv_records(text: str) -> Iterator[tuple[int, Record]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    columns: tuple[str, ...] | None = None
    line = 1
    try:
        for row in reader:
            here, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = _header(row)
                if columns is not None:
                    continue
                columns = COLUMNS
            yield here, dict(zip(columns, row, strict=False))
    except csv.Error as error:
        raise ConsoleError(f"line {line}: {error}.", "Save the file as CSV or JSON in UTF-8.") from error


def _header(row: list[str]) -> tuple[str, ...] | None:
    """The columns that a header line names ("" for those that are none of ours), or None if it is no header."""
    names = tuple(_column(cell) for cell in row)
    return names if "id_token" in names else None


def _column(name: str) -> str:
    """Our name of a column. One that is nearly ours is a mistake, one that is far from it is left alone."""
    word = re.sub(r"[\s_-]", "", name.casefold())
    if word == "idtoken" or word in _ALIASES:
        return _ALIASES[word]
    near = difflib.get_close_matches(word, COLUMNS, n=1, cutoff=0.8)
    if near:
        raise ConsoleError(f'The column "{plain(name)}" is unknown.', f"Did you mean {near[0]}?")
    return ""


def _json_records(text: str) -> Iterator[tuple[int, Record]]:
    for line, value in _json_objects(text):
        if isinstance(value.get("places"), list):
            value["places"] = ", ".join(map(str, value["places"]))
        named = ((_column(name), member) for name, member in value.items())
        yield line, {name: _as_text(member, line) for name, member in named if name}


def _as_text(value: Any, line: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    raise ConsoleError(
        f"line {line}: {json.dumps(value)[:40]} stands where a text is expected.", "Nothing was imported."
    )


def _json_objects(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each object with its line: of a list, of the list in ``{"tags": […]}``, or one after the other."""
    decoder = json.JSONDecoder()
    wrapper = re.match(r'\s*\{\s*"(?:tags|tokens)"\s*:\s*\[|\s*\[', text)
    at = wrapper.end() if wrapper else 0
    while True:
        at = _skip(text, at, " \t\r\n,")
        if text[at : at + 1] == ("]" if wrapper else ""):
            return
        line = text.count("\n", 0, at) + 1
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise ConsoleError(
                f"line {error.lineno}: this is not JSON: {error.msg}.", "Nothing was imported."
            ) from error
        if not isinstance(value, dict):
            raise ConsoleError(f"line {line}: an object is expected here.", 'Write {"id_token": "04A2C19B"}.')
        yield line, value


def _skip(text: str, at: int, characters: str) -> int:
    while at < len(text) and text[at] in characters:
        at += 1
    return at
