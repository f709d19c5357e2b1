"""A site with a gate for each security profile, and what a station shows there."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization

from console.csms.listener.gate import Gate, TlsFiles
from console.service.authority import SiteAuthority
from tests.support.certificates import STRONG
from tests.support.services import console, running_service
from tests.wire.conformance.site import Bench

#: The gates, by their place in the list: no TLS (profiles 0 and 1), 2, 3, and 2 with every suite that OCPP lists.
OPEN, TLS, CERTIFICATES, SUITES = range(4)


class Keys:
    """The service's certificates, by RSA and by ECDSA, and the authority that has signed them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = trustme.CA()
        self._of = {kind.name: self._issue(kind) for kind in trustme.KeyType}

    def _issue(self, kind: trustme.KeyType) -> tuple[Path, Path]:
        issued = self.ca.issue_cert("127.0.0.1", key_type=kind)
        chain, key = self.folder / f"{kind.name}-chain.pem", self.folder / f"{kind.name}-key.pem"
        issued.private_key_pem.write_to_path(key)
        chain.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        return chain, key

    def files(self, client_ca: Path | None = None, *, rsa_suites: bool = False) -> TlsFiles:
        """Both certificates of the service."""
        chains, keys = zip(*self._of.values(), strict=True)
        return TlsFiles(chains, keys, client_ca, rsa_suites)

    def client(self, chain: str = "") -> ssl.SSLContext:
        """A station that trusts us, and shows a certificate (PEM) of the key STRONG if it has one."""
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        if chain:
            file = self.folder / "station.pem"
            form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            file.write_text(STRONG.private_bytes(serialization.Encoding.PEM, form, plain).decode() + chain)
            context.load_cert_chain(file)
        return context


@contextlib.asynccontextmanager
async def gated(folder: Path, keys: Keys) -> AsyncIterator[Bench]:
    """The site. Certificates of stations are taken if the site's own authority has signed them."""
    data = folder / "data"
    data.mkdir()
    await SiteAuthority(data, "depot").certificate()
    gates = (
        Gate("127.0.0.1", 0),
        Gate("127.0.0.1", 0, 2, keys.files()),
        Gate("127.0.0.1", 0, 3, keys.files(data / "authority.pem")),
        Gate("127.0.0.1", 0, 2, keys.files(rsa_suites=True)),
    )
    async with running_service(data, gates=gates, accept_unknown=False) as service, console(data) as backend:
        bench = Bench(service, backend)
        following = asyncio.create_task(bench.follow())
        try:
            yield bench
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
