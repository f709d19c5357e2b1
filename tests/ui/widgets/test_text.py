from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.ui.widgets.support import HOSTILE
from widgets.text import cut, fit, plain

ANY_TEXT = st.text(st.characters(), max_size=200) | st.sampled_from(HOSTILE)


@given(ANY_TEXT)
def test_plain_is_printable_and_stays_so(text: str) -> None:
    assert plain(text).isprintable()
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(categories=["L", "N", "P"])))
def test_plain_leaves_printable_text_alone(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "[2J"),
        ("a\u202eb\u2066c\u200f", "abc"),
        ("a\r\n\tb\u2028c\x85d", "a   b c d"),
        ("\x9b31m\x00\x07", "31m"),
        ("\ufeffx\U000e0041", "x"),
        ("\ud800|\ue000", "\ufffd|\ufffd"),
        ("Åby · 12 °C", "Åby · 12 °C"),
    ],
)
def test_plain_by_example(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(ANY_TEXT, st.integers(0, 60), st.sampled_from(["left", "right"]))
def test_fit_takes_exactly_its_width(text: str, width: int, align: str) -> None:
    assert cell_len(fit(text, width, align)) == width
    assert cell_len(cut(text, width)) <= width


def test_what_is_left_out_is_marked() -> None:
    assert cut("GroundFailure", 8) == "GroundF…"
    assert cut("GroundFailure", 13) == "GroundFailure"
    assert fit("11.0", 6, "right") == "  11.0"
    assert cut("x" * 10_000_000, 3) == "xx…"
