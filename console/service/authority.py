"""The site's own certificate authority: a key and a root certificate in the data folder, made when first needed."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

from console.csms import x509
from console.errors import ConsoleError

_KEY, _ROOT = "authority-key.pem", "authority.pem"
#: How long a station's certificate is good: stations renew theirs by themselves a month before its end.
_DAYS = 397


class SiteAuthority:
    """Implements ``Authority``. Its key never leaves the folder, which only the owner of the service can read."""

    def __init__(self, data: Path, name: str) -> None:
        self._data = data
        self._name = name
        self._lock = asyncio.Lock()

    async def certificate(self) -> str:
        """See ``Authority.certificate``."""
        async with self._lock:
            return (await asyncio.to_thread(self._open))[1]

    async def sign(self, request: str) -> str:
        """See ``Authority.sign``."""
        async with self._lock:
            key, root = await asyncio.to_thread(self._open)
            return await asyncio.to_thread(x509.sign, key, root, request, datetime.now(UTC), _DAYS)

    def _open(self) -> tuple[str, str]:
        """The key and the root certificate."""
        key, root = self._data / _KEY, self._data / _ROOT
        try:
            if not key.exists():
                made_key, made_root = x509.make_authority(f"ocpp-console {self._name}".strip(), datetime.now(UTC))
                _write(root, made_root, 0o644)
                _write(key, made_key, 0o600)  # last: with it the authority is there
            return key.read_text(), root.read_text()
        except OSError as error:
            raise ConsoleError(
                f"The site's authority in {self._data} cannot be used: {error.strerror or error}.",
                "Mend the folder, or bring a chain that another authority has signed.",
            ) from error


def _write(path: Path, text: str, mode: int) -> None:
    """Write a file whole or not at all, for these eyes only from its first byte."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
