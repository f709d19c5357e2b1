"""Secrets by reference: a profile names where a password lies, and never holds it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import msgspec

from console.errors import ConsoleError

#: The name under which our secrets stand in a keyring.
SERVICE = "ocpp-console"
SCHEMES = ("keyring", "env", "file")
_REFERENCES = '"keyring:NAME", "env:NAME" or "file:/path"'


class Secret(str):
    """Where a secret lies, as a profile writes it: ``scheme:name``. Made by ``parse_secret``."""

    __slots__ = ()

    @property
    def scheme(self) -> str:
        """One of ``SCHEMES``."""
        return self.partition(":")[0]

    @property
    def name(self) -> str:
        """Under what name (or path) the secret lies there."""
        return self.partition(":")[2]


class Resolved(msgspec.Struct, frozen=True):
    """A secret itself, and what its owner should know about where it lies ("" if nothing)."""

    value: str
    warning: str = ""

    def __repr__(self) -> str:
        return "Resolved(…)"


def parse_secret(text: str) -> Secret:
    """Read a reference. Raises ConsoleError for anything else, without repeating it: it may be a password."""
    scheme, colon, name = text.partition(":")
    if scheme not in SCHEMES or not colon or not name.strip():
        raise ConsoleError(
            "A secret does not stand in this file itself.",
            f"Keep it elsewhere and write {_REFERENCES}. Into the keyring: keyring set {SERVICE} NAME",
        )
    return Secret(f"{scheme}:{name.strip()}")


def is_reference(text: str) -> bool:
    """Whether a text names a secret rather than being one."""
    return text.partition(":")[0] in SCHEMES and ":" in text


async def resolve(secret: Secret) -> Resolved:
    """As ``fetch``, without holding up what else goes on."""
    return await asyncio.to_thread(fetch, secret)


def fetch(secret: Secret) -> Resolved:
    """Fetch a secret; a keyring may ask somebody first. Raises ConsoleError with the cure where it is not to be had."""
    if secret.scheme == "keyring":
        return _from_keyring(secret.name)
    if secret.scheme == "env":
        return _from_environment(secret.name)
    return _from_file(secret.name)


def _from_keyring(name: str) -> Resolved:
    # Here, not above: finding a keyring's back end takes longer than most commands.
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        value = keyring.get_password(SERVICE, name)
    except NoKeyringError as error:
        raise ConsoleError(
            f"There is no keyring here for keyring:{name} (there is none without a desktop session).",
            'Write "env:NAME" for an environment variable, or "file:/path" for a file with chmod 600, instead.',
        ) from error
    except KeyringError as error:
        raise ConsoleError(f"The keyring does not open: {error}.", "Unlock it, then try again.") from error
    if value is None:
        raise ConsoleError(f"The keyring holds nothing as {name}.", f"Put it there: keyring set {SERVICE} {name}")
    return Resolved(value)


def _from_environment(name: str) -> Resolved:
    value = os.environ.get(name)
    if not value:
        raise ConsoleError(f"The environment variable {name} is not set.", f"Set it: export {name}=…")
    return Resolved(value)


def _from_file(name: str) -> Resolved:
    path = Path(name).expanduser()
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and mode & 0o077:
            raise ConsoleError(f"Others can read the secret in {path}.", f"Close it: chmod 600 {path}")
        value = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConsoleError(
            f"The secret in {path} cannot be read: {error}.", "Put one line of text there and chmod 600 the file."
        ) from error
    if not value:
        raise ConsoleError(f"The file {path} is empty.", "Write the secret into it, on one line.")
    return Resolved(value, f"The secret in {path} lies there in plain text; a keyring would be safer.")
