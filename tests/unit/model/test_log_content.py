"""Logs as they are read on the screen: unpacked, bounded, harmless."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.model.log_content import MOST_SHOWN_BYTES, log_text

TEXT = "13:00 boot\n13:01 lock failed: ü\n"


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def test_text_is_shown_as_it_is() -> None:
    assert log_text(TEXT.encode()) == "13:00 boot\n13:01 lock failed: ü"
    assert log_text(TEXT.encode("utf-16")) == log_text(TEXT.encode())
    assert log_text(b"") == "(empty)"


@pytest.mark.parametrize("packed", [
    gzip.compress(TEXT.encode()),
    gzip.compress(TEXT.encode()[:8]) + gzip.compress(TEXT.encode()[8:]),
], ids=["one", "two"])  # fmt: skip
def test_gzip_is_unpacked(packed: bytes) -> None:
    assert log_text(packed) == log_text(TEXT.encode())


@pytest.mark.parametrize("packed", [
    zipped({"a/log.txt": TEXT.encode()}),
    tarred({"a/log.txt": TEXT.encode()}),
    gzip.compress(tarred({"a/log.txt": TEXT.encode()})),
], ids=["zip", "tar", "tar.gz"])  # fmt: skip
def test_archives_are_unpacked(packed: bytes) -> None:
    size = len(TEXT.encode())
    assert log_text(packed) == f"== a/log.txt ({size} bytes) ==\n13:00 boot\n13:01 lock failed: ü\n"


def test_an_archive_in_an_archive_is_looked_into() -> None:
    told = log_text(zipped({"inner.gz": gzip.compress(TEXT.encode())}))
    assert "13:00 boot" in told


@pytest.mark.parametrize("bomb", [
    gzip.compress(bytes([65]) * (50 << 20)),
    zipped({"big": bytes([65]) * (50 << 20)}),
    zipped({f"{number}": bytes([65]) * (1 << 20) for number in range(60)}),
    zipped({"z": zipped({"z": gzip.compress(gzip.compress(bytes([65]) * (50 << 20)))})}),
], ids=["gzip", "zip", "many", "nested"])  # fmt: skip
def test_bombs_go_off_in_a_bounded_room(bomb: bytes) -> None:
    told = log_text(bomb)
    assert len(told) < MOST_SHOWN_BYTES + 100_000
    assert "the rest is left out" in told or "no text" in told


def test_many_entries_are_cut_off() -> None:
    told = log_text(zipped({f"{number}.log": b"x" for number in range(300)}))
    assert told.count("==") == 200
    assert "the rest is left out" in told


def test_what_is_no_text_is_told_as_such() -> None:
    told = log_text(bytes(range(256)) * 8)
    assert told.startswith("(no text: 2048 bytes; the first 1024)")
    assert "0123456789" in told


def test_terminals_are_told_nothing() -> None:
    told = log_text(b"a\x1b[2Jb\n" + zipped({}) + "c\u202ed\n".encode())
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "\x1b" not in log_text(zipped({"\x1b]52;c;x\x07": b"text"}))


def test_broken_archives_are_told_as_such() -> None:
    for packed in (gzip.compress(TEXT.encode())[:20], zipped({"a": TEXT.encode()})[:40], b"\x1f\x8bnot gzip"):
        assert log_text(packed)
    assert "cannot be unpacked" in log_text(b"PK\x03\x04 no zip at all")


@example(b"\xd7\xb5", b"")  # a character that Unicode has not assigned
@given(st.binary(max_size=2000), st.sampled_from([b"", b"\x1f\x8b", b"PK\x03\x04", b"\0" * 257 + b"ustar"]))
def test_whatever_comes_is_told(content: bytes, head: bytes) -> None:
    told = log_text(head + content)
    assert all(character == "\n" or character.isprintable() or character == "�" for character in told)
