"""Secrets by reference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from console.errors import ConsoleError
from profiles.secrets import SERVICE, is_reference, parse_secret, resolve


class Held(KeyringBackend):
    """A keyring that holds one secret."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        if username == "locked":
            raise KeyringLocked("locked")
        return "s3cret" if (service, username) == (SERVICE, "site") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture
def held() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(Held())
    yield
    keyring.set_keyring(before)


@pytest.mark.parametrize("text", ["hunter2", "", "keyring:", "vault:x", "env: ", "Keyring:x"])
def test_a_literal_secret_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConsoleError) as caught:
        parse_secret(text)
    assert "keyring:NAME" in caught.value.hint
    assert not text or text not in caught.value.message


def test_a_reference_has_a_scheme_and_a_name() -> None:
    secret = parse_secret("file:/a:b")
    assert (secret.scheme, secret.name, str(secret)) == ("file", "/a:b", "file:/a:b")
    assert is_reference("env:X")
    assert not is_reference("hunter2")
    assert not is_reference("env")


@pytest.mark.usefixtures("held")
async def test_the_keyring_gives_what_it_holds() -> None:
    found = await resolve(parse_secret("keyring:site"))
    assert (found.value, found.warning) == ("s3cret", "")
    assert "s3cret" not in repr(found)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(("name", "said"), [("other", "holds nothing as other"), ("locked", "does not open")])
async def test_the_keyring_may_not_have_it(name: str, said: str) -> None:
    with pytest.raises(ConsoleError, match=said):
        await resolve(parse_secret(f"keyring:{name}"))


async def test_without_a_keyring_the_other_ways_are_named() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    try:
        with pytest.raises(ConsoleError, match="There is no keyring here") as caught:
            await resolve(parse_secret("keyring:site"))
    finally:
        keyring.set_keyring(before)
    assert "env:NAME" in caught.value.hint


async def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_PASSWORD", "s3cret")
    assert (await resolve(parse_secret("env:SITE_PASSWORD"))).value == "s3cret"
    with pytest.raises(ConsoleError, match="NO_SUCH_THING is not set"):
        await resolve(parse_secret("env:NO_SUCH_THING"))


async def test_a_file_must_be_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("s3cret\n")
    path.chmod(0o640)
    with pytest.raises(ConsoleError, match="Others can read") as caught:
        await resolve(parse_secret(f"file:{path}"))
    assert caught.value.hint == f"Close it: chmod 600 {path}"
    path.chmod(0o600)
    found = await resolve(parse_secret(f"file:{path}"))
    assert found.value == "s3cret"
    assert "plain text" in found.warning


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
async def test_a_file_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.touch(0o600)
        path.write_bytes(content)
    with pytest.raises(ConsoleError):
        await resolve(parse_secret(f"file:{path}"))
