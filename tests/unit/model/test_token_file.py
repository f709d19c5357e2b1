"""Tags from CSV and JSON files."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.model.token import Token
from console.model.token_file import COLUMNS, LONGEST, TOKEN_TYPES, parse

NOW = datetime(2026, 11, 18, 13, 30, tzinfo=UTC)


def read(text: str) -> list[Token]:
    return parse(text, NOW, UTC)


FULL = Token(
    "04A2C19B",
    "ISO15693",
    blocked=True,
    group_id="fleet",
    expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    label="Åsa, van 3",
)


@pytest.mark.parametrize(
    "text",
    [
        '04A2C19B,iso15693,fleet,2026-12-31,"Åsa, van 3",yes\n',
        'id_token,type,group,expires,label,blocked\n04A2C19B,ISO15693,fleet,2026-12-31,"Åsa, van 3",x',
        "04A2C19B;ISO15693;fleet;2026-12-31;Åsa, van 3;1\r\n",
        "Label\tBlocked\tID Tag\tParent Id Tag\tValid until\tType\tColour\n"
        "Åsa, van 3\tTRUE\t04A2C19B\tfleet\t2026-12-31\tISO15693\tred\n",
        "\ufeff04A2C19B | ISO15693 | fleet | 2026-12-31 | Åsa, van 3 | blocked\n",
        '[{"id_token": "04A2C19B", "type": "ISO15693", "group": "fleet", "expires": "2026-12-31", '
        '"label": "Åsa, van 3", "blocked": true}]',
        '{"idTag": "04A2C19B", "tokenType": "ISO15693", "parentIdTag": "fleet", "expiryDate": "2027-01-01T00:00:00Z", '
        '"note": "Åsa, van 3", "blocked": 1, "other": {"not": "ours"}}\n',
    ],
)
def test_one_token_in_many_dresses(text: str) -> None:
    assert read(text) == [FULL]


def test_an_identifier_is_enough() -> None:
    assert read("04A2\n\nBEEF\n") == [Token("04A2"), Token("BEEF")]


@pytest.mark.parametrize(
    "text",
    [
        '04A2,,,,,,"CP-01, CP-02/2"\n',
        "places;tag\nCP-01,CP-02/2;04A2\n",
        '[{"id_token": "04A2", "places": ["CP-01", "CP-02/2"]}]',
    ],
)
def test_a_tag_for_some_places(text: str) -> None:
    (token,) = read(text)
    assert token == Token("04A2", places=("CP-01", "CP-02/2"))
    assert [token.evses_at(name) for name in ("CP-01", "CP-02", "CP-03")] == [(), (2,), None]


def test_our_own_json_reads_back() -> None:
    tokens = [FULL, Token("B", created_at=NOW, last_seen_at=NOW, places=("CP-01", "CP-02/2"))]
    text = msgspec.json.format(msgspec.json.encode({"tags": tokens}), indent=2).decode()
    kept = [FULL, Token("B", places=("CP-01", "CP-02/2"))]
    assert read(text) == kept
    assert read("\n".join(msgspec.json.encode(token).decode() for token in tokens)) == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A\nB,what\n", "line 2: what is no token type."),
        ("A\n\n,Local\n", "line 3: The tag is empty."),
        ("id_token,expires\nA,soon\n", 'line 2: "soon" is not a time.'),
        ("A,,,,,maybe\n", 'line 1: blocked is yes or no, not "maybe".'),
        ("04a2\nB\n04A2\n", "line 3: 04A2 stands on line 1 already."),
        ("4.2E+15\n", "line 1: 4.2E+15 was a tag before a spreadsheet made it a number."),
        ("A" * 37, "longer than 36 characters"),
        ("A\x1b[31m\n", "line 1: The tag A\ufffd[31m holds control characters."),
        ('A,,,,"two\nlines"\nB,x\n', "line 3: x is no token type."),
        ("", "There are no tags in the file."),
        ("id_token,label\n", "There are no tags in the file."),
        ("[]", "There are no tags in the file."),
        ('[\n {"id_token": "A"},\n {"id_token": }\n]', "line 3: this is not JSON"),
        ('[\n {"id_token": "A"}\n', "line 3: this is not JSON"),
        ('[\n "A"\n]', "line 2: an object is expected here."),
        ('[\n {"id_token": ["A"]}\n]', 'line 2: ["A"] stands where a text is expected.'),
        ("id_token,blockd\nA,yes\n", 'The column "blockd" is unknown.'),
    ],
)
def test_mistakes_carry_their_line(text: str, said: str) -> None:
    with pytest.raises(ConsoleError) as caught:
        read(text)
    assert said in caught.value.message


def test_many_mistakes_are_counted() -> None:
    with pytest.raises(ConsoleError, match="And 3 more") as caught:
        read("\n".join(f"A{n},bad" for n in range(8)))
    assert "Nothing was imported" in caught.value.hint


day = datetime.fromisoformat
identifiers = st.text("0123456789abcdefXYZ-_:.*|#@+", min_size=1, max_size=LONGEST).filter(
    lambda text: text.casefold() not in ("idtoken", "idtag", "tag", "token", "uid", "rfid", "card")
)
labels = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=20)
tokens = st.builds(
    Token, id_token=identifiers, token_type=st.sampled_from(TOKEN_TYPES), blocked=st.booleans(),
    group_id=st.one_of(st.just(""), identifiers), label=labels,
    expires_at=st.one_of(st.none(), st.datetimes(day("1970-01-01"), day("2200-01-01"), timezones=st.just(UTC))),
)  # fmt: skip


@given(st.lists(tokens, min_size=1, max_size=5, unique_by=lambda token: token.key))
def test_what_a_spreadsheet_writes_reads_back(held: list[Token]) -> None:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for one in held:
        expires = one.expires_at.isoformat() if one.expires_at else ""
        writer.writerow([one.id_token, one.token_type, one.group_id, expires, one.label, "yes" if one.blocked else ""])
    assert read(file.getvalue()) == held


@given(st.text(max_size=60) | st.text('[]{}",:\n idtokensA1', max_size=60))
def test_any_text_is_tokens_or_an_error(text: str) -> None:
    try:
        tokens_read = read(text)
    except ConsoleError:
        return
    assert tokens_read
