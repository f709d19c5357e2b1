"""Bodies of uploads: raw and multipart, in any pieces, within their bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.service.dropbox import upload
from console.service.dropbox.folder import Draft, Folder
from console.service.dropbox.upload import FailedError, receive

FORM = {"content-type": "multipart/form-data; boundary=XX"}
CONTENT = bytes(range(256)) * 3


def form(headers: str, content: bytes = CONTENT) -> bytes:
    return b"--XX\r\n" + headers.encode() + b"\r\n\r\n" + content + b"\r\n--XX--\r\n"


FILE = form('Content-Disposition: form-data; name="log"; filename="../../etc/passwd"')


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[Draft]:
    draft = begin(tmp_path)
    yield draft
    draft.close()


def begin(path: Path) -> Draft:
    folder = Folder(path)
    folder.prepare()
    return folder.draft(datetime.now(UTC))


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 200))
async def test_a_form_in_any_pieces_is_its_file(tmp_path: Path, size: int) -> None:
    draft = begin(tmp_path)
    name = await receive(pieces(FILE, size), FORM, draft)
    draft.close()
    assert name == "../../etc/passwd"  # to be shown, never opened
    assert draft.path.read_bytes() == CONTENT


async def test_a_raw_body_is_the_file(draft: Draft) -> None:
    assert await receive(pieces(CONTENT, 100), {}, draft) == ""
    draft.close()
    assert draft.path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (FILE[:-20], FORM, 400),
        (b"no form at all", FORM, 400),
        (form('Content-Disposition: form-data; name="text"'), FORM, 400),
        (form("X: " + "y" * 20_000), FORM, 400),
    ],
)
async def test_what_is_no_upload_is_refused(draft: Draft, body: bytes, headers: dict[str, str], status: int) -> None:
    with pytest.raises(FailedError) as refused:
        await receive(pieces(body, 500), headers, draft)
    assert (refused.value.status, bool(refused.value.cure)) == (status, True)


@pytest.mark.parametrize("headers", [{}, FORM])
async def test_a_body_is_bounded_whatever_is_in_it(
    draft: Draft, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "MOST_UPLOAD_BYTES", 5000)
    part = b"--XX\r\nContent-Disposition: form-data; name=text\r\n\r\n" + b"z" * 900 + b"\r\n"
    with pytest.raises(FailedError) as refused:
        await receive(pieces(part * 20, 700), headers, draft)
    assert refused.value.status == 413
