"""Finding the line of a key."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.toml_lines import line_of

TEXT = '''\
# port = 1
name = "x"
note = """
port = 2
[listen]
"""
[listen]          # port
host = "::"
"port" = 4
[ admission ]
wait . card = 3
inline = { port = 5 }
[[stations]]
id = "A"
[a.b]
c = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("listen",), 7),
        (("listen", "port"), 9),
        (("listen", "prot"), 7),
        (("admission", "wait", "card"), 11),
        (("admission", "inline", "port"), 12),
        (("stations", "id"), 14),
        (("a", "b", "c"), 16),
        (("nowhere",), 1),
        ((), 1),
    ],
)
def test_a_key_is_found(path: tuple[str, ...], line: int) -> None:
    tomllib.loads(TEXT)
    assert line_of(TEXT, path) == line


@given(st.text(max_size=200), st.lists(st.text(max_size=5), max_size=3))
def test_any_text_has_an_answer(text: str, path: list[str]) -> None:
    assert 1 <= line_of(text, tuple(path)) <= max(1, len(text.splitlines()))
