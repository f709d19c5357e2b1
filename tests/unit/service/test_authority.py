"""The site's own authority: made when first needed, once, for its owner's eyes only."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from cryptography import x509

from console.errors import ConsoleError
from console.service.authority import SiteAuthority
from tests.support.certificates import request


async def test_it_is_made_when_first_needed_and_stays(tmp_path: Path) -> None:
    authority = SiteAuthority(tmp_path, "Åby depot")
    assert not _modes(tmp_path)
    roots = await asyncio.gather(*(authority.certificate() for _ in range(5)))
    assert len(set(roots)) == 1
    assert await SiteAuthority(tmp_path, "renamed").certificate() == roots[0]
    modes = _modes(tmp_path)
    assert modes["authority-key.pem"] == 0o600
    assert set(modes) == {"authority-key.pem", "authority.pem"}
    root = x509.load_pem_x509_certificate(roots[0].encode())
    assert root.subject.rfc4514_string() == "CN=ocpp-console Åby depot"


async def test_what_it_signs_is_signed_by_it(tmp_path: Path) -> None:
    authority = SiteAuthority(tmp_path, "")
    chain = x509.load_pem_x509_certificates((await authority.sign(request("CP-1"))).encode())
    chain[0].verify_directly_issued_by(chain[1])
    assert not chain[0].extensions.get_extension_for_class(x509.BasicConstraints).value.ca


async def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match=r"authority in .* cannot be used"):
        await SiteAuthority(tmp_path / "gone", "").certificate()


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
