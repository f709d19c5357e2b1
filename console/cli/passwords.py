"""A station's password as the command line takes it: itself, or where it lies."""

from __future__ import annotations

from console.cli.output import warn
from profiles.secrets import is_reference, parse_secret, resolve


async def password_of(text: str) -> str:
    """The password that was typed, or the one that ``keyring:NAME``, ``env:NAME`` or ``file:/path`` names."""
    if not is_reference(text):
        return text
    found = await resolve(parse_secret(text))
    if found.warning:
        warn(found.warning)
    return found.value
